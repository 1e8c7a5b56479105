"""Measures Koujing beside other systems on public sets.

    python -m eval.public ../shared/data
    python -m eval.public ../shared/data --set clinc150 --set xquad --out DIR
    python -m eval.public ../shared/data --model bundled-plain --model bundled

DATA is the folder of development data. Each set becomes a base of its own, in --home, where vectors are kept between
runs. At the default sizes and on two quiet cores that embed 60 texts a second, a run with an encoder that the home has
vectors of takes about a quarter of an hour; the first one about as long again, and half an hour more for the statutes
(60,000 texts), which `--set` can leave out.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from eval.public import report
from eval.public.measure import Measured, keep, measure
from eval.public.sets import SETS, chosen
from eval.remembering import Remembering
from eval.run import Tick
from eval.types import EvalError
from ingest.errors import IngestError
from kb import Home, open_embedder
from kb.errors import KbError

_SEED = 1
_LINE_S = 15.0  # without a terminal, how often a stage says where it is


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    try:
        measured, seconds = _measure(options)
    except (EvalError, KbError, IngestError, AssistantError) as error:
        sys.exit("eval.public: " + " ".join(str(error).split()))
    except OSError as error:
        sys.exit(f"eval.public: {error.filename or 'a file'} could not be used ({error.strerror or error}).")
    except KeyboardInterrupt:
        sys.exit("eval.public: stopped; what is embedded so far is kept.")
    if options.json:
        print(json.dumps(_to_json(measured, options, seconds), ensure_ascii=False, indent=1))
    else:
        report.print_notes(measured)


def _parser() -> argparse.ArgumentParser:
    names = ", ".join(one.name for one in SETS)
    parser = argparse.ArgumentParser(prog="python -m eval.public", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, metavar="DATA", help="folder of development data")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME",
        help=f"a set, or the beginning of several ({names}; desk-FAMILY); default: all but desk",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=_count, metavar="N", help="questions with an answer a set; 0: all (default: the set's own)"
    )
    parser.add_argument(
        "--home", type=Path, default=Path(".cache/public"), metavar="DIR", help="bases and vectors (.cache/public)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep a run's folder for every set there")
    parser.add_argument(
        "--model", action="append", default=[], metavar="MODEL",
        help="bundled, bundled-plain, or a sentence-transformers name or folder; twice: compared, set by set",
    )  # fmt: skip
    parser.add_argument("--ingredients", action="store_true", help="also the ranking without each of its parts")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser


def _measure(options: argparse.Namespace) -> tuple[list[Measured], float]:
    began = time.monotonic()
    if not options.data.is_dir():
        raise EvalError(f"{options.data} is no folder; expected the one that holds the development data.")
    home = Home(options.home)
    sets = chosen(options.data, options.set)
    models = dict.fromkeys(options.model or [home.embedding.model])
    # One of each for all sets: a question that several sets ask is embedded once.
    embedders = {name: Remembering(open_embedder(replace(home.embedding, model=name))) for name in models}
    measured = []
    for one in sets:
        print(f"{one.name}: {one.what}", file=sys.stderr)
        measured.append(
            measure(one, options.data, home, embedders, _counter, options.limit, _SEED, options.ingredients)
        )
        if options.out is not None:
            keep(measured[-1], options.out)
        if not options.json:
            report.print_set(measured[-1])
    seconds = time.monotonic() - began
    if options.out is not None:
        record = json.dumps(_to_json(measured, options, seconds), ensure_ascii=False, indent=1)
        (options.out / "public.json").write_text(record + "\n", "utf-8")
    return measured, seconds


def _to_json(measured: Sequence[Measured], options: argparse.Namespace, seconds: float) -> dict[str, Any]:
    return {
        "format": 1,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": version("koujing"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "seed": _SEED,
        "limit": options.limit,
        "seconds": round(seconds, 1),
        "sets": {one.set.name: one.to_json() for one in measured},
    }


def _count(text: str) -> int:
    if (number := int(text)) < 0:
        raise argparse.ArgumentTypeError(f"{number} is below zero")
    return number


@contextmanager
def _counter(what: str) -> Iterator[Tick]:
    """`tick(done, total)` on standard error: in place on a terminal, else a line now and then."""
    live, said = sys.stderr.isatty(), time.monotonic()

    def tick(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        if live:
            print(f"\r  {what}: {done} of {total}\x1b[K", end="", file=sys.stderr, flush=True)
        elif now - said >= _LINE_S:
            said = now
            print(f"  {what}: {done} of {total}", file=sys.stderr, flush=True)

    yield tick
    if live:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
