"""`python -m eval.dated FOLDER…`: whether the version of the day answers, and with the right clause."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant import Assistant
from assistant.errors import AssistantError
from eval.dated.cases import When, load, shipped, within
from eval.dated.measure import Judged, Overlap, Verdict, ask, figures, not_exactly_one
from eval.types import EvalError
from ingest import ingest
from ingest.errors import IngestError
from kb.embedding import open_embedder
from kb.errors import KbError
from kb.home import Home
from kb.snapshot import Snapshot

_PROGRESS_S = 10.0
_WRONG = (Verdict.OTHER_VERSION, Verdict.NOT_YET, Verdict.OTHER_CLAUSE, Verdict.OTHER_DOCUMENT, Verdict.NO_ANSWER)


def main(arguments: Sequence[str] | None = None) -> int:
    """1 where an answer came from a version that was not the day's, or not exactly one is in force at a moment."""
    args = _arguments(arguments)
    try:
        with _home(args.home) as home:
            return _run(home, args)
    except (EvalError, KbError, IngestError, AssistantError) as error:
        print(error, file=sys.stderr)
        return 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m eval.dated", description=__doc__)
    parser.add_argument(
        "folders", metavar="FOLDER", nargs="*", type=Path, help="what is ingested first; none: --home as it is"
    )
    parser.add_argument("--home", type=Path, help="the base to use and keep (default: one that is thrown away)")
    parser.add_argument("--cases", type=Path, action="append", help="another file than the shipped ones; repeatable")
    parser.add_argument("--json", action="store_true", help="print the figures, and each miss, as JSON")
    args = parser.parse_args(arguments)
    if not args.folders and args.home is None:
        parser.error("expected folders to ingest, or --home with a base that is ready")
    return args


@contextlib.contextmanager
def _home(path: Path | None) -> Iterator[Home]:
    if path is not None:
        yield Home(path)
        return
    with tempfile.TemporaryDirectory(prefix="koujing-dated-") as folder:
        yield Home(Path(folder))


def _run(home: Home, args: argparse.Namespace) -> int:
    embedder = open_embedder(home.embedding)
    if args.folders:
        report = ingest(home, args.folders, embedder, progress=_lines())
        if not report.published:
            print(f"Not published: {' '.join(report.refused_because)}", file=sys.stderr)
            return 1
    snapshot = Snapshot.open(home)
    cases = load(args.cases or shipped())
    asked = within(cases, {version.document for version in snapshot.versions})
    if not asked:
        raise EvalError("The base holds none of the documents that the dated questions are about.")
    tick = _lines()
    judged = ask(
        Assistant.open(home, snapshot.id, embedder),
        snapshot,
        asked,
        datetime.now(home.settings.zone()),
        lambda done, total: tick("ask", done, total, ""),
    )
    overlaps = not_exactly_one(snapshot)
    if args.json:
        print(json.dumps(_to_json(snapshot, judged, overlaps, len(cases)), ensure_ascii=False, indent=2))
    else:
        _show(judged, overlaps, len(cases))
    wrong = overlaps or any(row.verdict in (Verdict.OTHER_VERSION, Verdict.NOT_YET) for row in judged)
    return 1 if wrong else 0


def _lines() -> Callable[[str, int, int, str], None]:
    last = time.monotonic()

    def show(stage: str, done: int, total: int, detail: str) -> None:
        nonlocal last
        if time.monotonic() - last > _PROGRESS_S:
            last = time.monotonic()
            print(f"{stage}: {done} of {total} {detail}".rstrip(), file=sys.stderr)

    return show


def _to_json(snapshot: Snapshot, judged: Sequence[Judged], overlaps: Sequence[Overlap], known: int) -> dict[str, Any]:
    return {
        "snapshot": snapshot.id,
        "versions": len(snapshot.versions),
        "left_out": known - len(judged),
        **figures(judged),
        "by_when": {when.value: figures(rows) for when, rows in _groups(judged, lambda row: row.dated.when)},
        "by_family": {family: figures(rows) for family, rows in _groups(judged, lambda row: row.dated.family)},
        "misses": [_miss(row) for row in judged if row.verdict in _WRONG],
        "not_exactly_one": [{"family": o.family, "at": o.at, "in_force": list(o.in_force)} for o in overlaps],
    }


def _groups(judged: Sequence[Judged], key: Callable[[Judged], Any]) -> list[tuple[Any, list[Judged]]]:
    order = {when: n for n, when in enumerate(When)}
    groups: dict[Any, list[Judged]] = {}
    for row in judged:
        groups.setdefault(key(row), []).append(row)
    return sorted(groups.items(), key=lambda group: (order.get(group[0], 0), str(group[0])))


def _miss(row: Judged) -> dict[str, Any]:
    dated = row.dated
    return {
        "id": dated.case.id,
        "question": dated.case.request.question,
        "as_of": str(dated.case.request.as_of),
        "verdict": row.verdict.value,
        "found": row.document,
        "label": row.label,
        "best": row.best,
        "confidence": round(row.confidence, 3),
        "expected": [{"document": gold.document, "quote": gold.quote} for gold in dated.case.gold],
    }


def _show(judged: Sequence[Judged], overlaps: Sequence[Overlap], known: int) -> None:
    console = Console(highlight=False, soft_wrap=True)
    table = Table(
        title=f"{len(judged)} dated questions"
        + (f" ({known - len(judged)} others: not in the base)" if known > len(judged) else "")
    )
    columns = ("", "asked", "answered", "right version", "right clause", "of all", "best clause", "rightly none")
    for column in columns:
        table.add_column(column, justify="left" if not column else "right")
    for name, rows in [
        *_groups(judged, lambda row: row.dated.when),
        *_groups(judged, lambda row: row.dated.family),
        ("all", list(judged)),
    ]:
        f = figures(rows)
        shares = (f[key] for key in ("right_version", "right_clause", "right_clause_of_all", "best_clause"))
        none = f"{f['rightly_none']}/{f['not_in_force']}" if f["not_in_force"] else "–"
        table.add_row(
            str(name),
            str(f["questions"]),
            str(f["answered"]),
            *("–" if share is None else f"{share:.1%}" for share in shares),
            none,
        )
    console.print(table)
    for verdict in _WRONG:
        for row in judged:
            if row.verdict is verdict:
                console.print(_line(row), markup=False)
    for overlap in overlaps:
        console.print(f"NOT EXACTLY ONE {overlap.family} at {overlap.at}: {list(overlap.in_force)}", markup=False)


def _line(row: Judged) -> str:
    dated = row.dated
    expected = " or ".join(f"{gold.document} “{gold.quote}”" for gold in dated.case.gold) or "no answer"
    return (
        f"{row.verdict.value:14} {dated.case.id} ({dated.case.request.as_of}) {dated.case.request.question} "
        f"→ {row.document} {row.label} ({row.confidence:.2f}{', best right' if row.best else ''}); expected {expected}"
    )


if __name__ == "__main__":
    sys.exit(main())
