"""`python -m eval.contradictions`: how many contradictions are found, and what is reported that is none."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.contradictions import alarms, cases
from eval.contradictions.measure import Judged, by_vectors, figures, judge, judge_in_base
from eval.types import EvalError
from ingest.errors import IngestError
from kb.embedding import Embedder, embedder_of, judging, open_embedder
from kb.errors import KbError
from kb.home import Home
from kb.snapshot import Snapshot

_COLUMNS = (
    ("recall", "recall", "{:.1%}"),
    ("contradictions", "of", "{}"),
    ("alarm_rate", "alarms", "{:.1%}"),
    ("others", "of", "{}"),
    ("precision", "precision", "{:.1%}"),
    ("certain_of_found", "certain", "{:.1%}"),
    ("certain_alarms", "certain alarms", "{}"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    args = _arguments(arguments)
    try:
        return _alarms(args) if args.alarms or args.home and not args.base else _pairs(args)
    except (EvalError, KbError, IngestError) as error:
        print(error, file=sys.stderr)
        return 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.contradictions", description=__doc__)
    parser.add_argument("--split", choices=("dev", "held_out", "all"), default="all", help="which pairs (default: all)")
    parser.add_argument("--pairs", type=Path, help="another file of pairs than the shipped one")
    parser.add_argument(
        "--base", action="store_true", help="put all pairs into one base and look for them there (minutes)"
    )
    parser.add_argument(
        "--strangers",
        metavar="HOME",
        type=Path,
        help="also compare by vectors, of the encoder that HOME is built with, against HOME's sentences as strangers",
    )
    parser.add_argument(
        "--misses", action="store_true", help="also print what was missed or raised, of the dev half only"
    )
    parser.add_argument(
        "--alarms",
        metavar="PATH",
        type=Path,
        help="count and list what is found in a folder of documents, a .jsonl of articles (id, title, content) "
        "or a FAMILY.clauses.jsonl",
    )
    parser.add_argument(
        "--home", type=Path, help="the base to use and keep; without --alarms or --base: look into it as it is"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="with --alarms or --base: clauses are near where they share words, not by the embedding model (seconds, not hours)",
    )
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="metadata of the folder, as in kb ingest"
    )
    parser.add_argument(
        "--list", metavar="N", type=int, default=40, help="how many findings to print, blocking ones first"
    )
    parser.add_argument("--duplicates", action="store_true", help="print duplicates in the place of contradictions")
    parser.add_argument("--seed", type=int, default=0, help="which ones, where there are more")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args(arguments)


def _pairs(args: argparse.Namespace) -> int:
    pairs = [pair for pair in cases.load(args.pairs) if args.split in ("all", pair.split)]
    if args.base:
        with tempfile.TemporaryDirectory() as folder:
            home = args.home or Path(folder)
            judged = judge_in_base(pairs, home, _embedder(args, Home(home)), _count)
    elif args.strangers:
        snapshot = Snapshot.open(Home(args.strangers))
        embedder = embedder_of(snapshot.embedder, Home(args.strangers).embedding)
        snapshot.require(embedder)
        judged = judge(pairs, by_vectors(pairs, snapshot, embedder))
    else:
        judged = judge(pairs)
    result = figures(judged)
    if args.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        _print_figures(result)
    if args.misses:
        for one in judged:
            if one.pair.split == "dev" and not one.right:
                print(_miss(one))
    return 0


def _alarms(args: argparse.Namespace) -> int:
    if args.home:
        return _alarms_in(Home(args.home), args)
    with tempfile.TemporaryDirectory() as folder:
        return _alarms_in(Home(Path(folder) / "home"), args)


def _alarms_in(home: Home, args: argparse.Namespace) -> int:
    embedder = _embedder(args, home)
    path: Path | None = args.alarms
    if path is None:
        name, snapshot = home.path.name, Snapshot.open(home)
    elif not path.exists():
        raise EvalError(
            f"There is no {path}. Expected a folder of documents, FAMILY.clauses.jsonl or articles as .jsonl."
        )
    elif path.name.endswith(".clauses.jsonl"):
        name = path.name.removesuffix(".clauses.jsonl")
        snapshot = alarms.read_family(path.parent, name, home, embedder, _progress)
    else:
        from ingest import parse_given

        name = path.name
        with tempfile.TemporaryDirectory() as aside:
            if path.suffix == ".jsonl":
                alarms.write_articles(path, Path(aside))
                path = Path(aside)
            snapshot = alarms.read_base(path, home, embedder, parse_given(args.set), _progress)
    found = alarms.find(
        name, snapshot, home.settings.authorities, _progress, judging(snapshot.embedder, home.embedding)
    )
    if args.json:
        print(json.dumps({name: found.figures()}, ensure_ascii=False, indent=2))
        return 0
    for key, value in found.figures().items():
        print(f"{key:28} {value}")
    listed = found.duplicates if args.duplicates else found.contradictions
    for number, settled in enumerate(alarms.sample(listed, args.list, args.seed), 1):
        print(alarms.side_by_side(settled, number))
    return 0


def _embedder(args: argparse.Namespace, home: Home) -> Embedder:
    return alarms.WordsEmbedder() if args.quick else open_embedder(home.embedding)


def _print_figures(result: dict[str, Any]) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    for name in ("by_split", "by_wording", "by_kind", "by_language"):
        table = Table(box=None, header_style="dim", title_justify="left")
        table.add_column(name.removeprefix("by_"))
        for _, words, _ in _COLUMNS:
            table.add_column(words, justify="right")
        for group, values in {**result[name], **({"all": result} if name == "by_split" else {})}.items():
            cells = ["" if values[key] is None else form.format(values[key]) for key, _, form in _COLUMNS]
            table.add_row(group, *cells)
        console.print(table)
    console.print(
        f"point named {_percent(result['point_named'])}, words marked {_percent(result['words_marked'])}; "
        f"same rule taken for a duplicate {_percent(result['duplicates_of_same'])}, "
        f"contradictions taken for duplicates {result['taken_for_duplicates']}, "
        f"other pairs taken for duplicates {result['false_duplicates']}"
    )


def _miss(one: Judged) -> str:
    pair = one.pair
    what = "missed" if pair.contradiction else "false alarm"
    said = "nothing" if one.finding is None else one.finding.likeness.value
    differences = [] if one.finding is None else [d.point.value for d in one.finding.differences]
    head = f"{pair.id} {what}: {pair.kind}, {pair.wording}, {'+'.join(pair.languages)}; found {said} {differences}"
    if one.certain:
        head += " certain"
    return "\n".join((head, f"  a {pair.a.text!r}", f"  b {pair.b.text!r}"))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _count(done: int, total: int) -> None:
    _progress("", done, total, "")


def _progress(stage: str, done: int, total: int, detail: str) -> None:
    if total and (done == total or sys.stderr.isatty() or done % 500 == 0):
        print(f"{stage} {done} of {total} {detail}".strip(), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
