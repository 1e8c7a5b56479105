"""`python -m eval.noise SUITE…`: the noisy wordings of question sets, as JSONL; or what the analysis makes of them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from random import Random
from typing import Any

from eval import suites
from eval.noise.generator import KINDS, noisy
from eval.types import Case, EvalError
from kb.text import language


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.noise", description=__doc__)
    parser.add_argument("suites", nargs="+", metavar="SUITE", help="a shipped suite (sample) or a JSONL file of cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", help=f"separated by commas; default all: {','.join(KINDS)}")
    parser.add_argument("--each", type=int, default=1, help="wordings of every kind for each case (default 1)")
    parser.add_argument("--originals", action="store_true", help="each case before its wordings")
    parser.add_argument("--cases", type=int, help="only so many cases, drawn by the seed")
    parser.add_argument(
        "--undone", action="store_true", help="how much of it the question analysis takes away, by kind"
    )
    parser.add_argument("--list", action="store_true", help="with --undone: the wordings that keep their noise")
    given = parser.parse_args(arguments)
    try:
        kinds = given.kinds.split(",") if given.kinds else None
        cases = suites.load(given.suites)
        if given.cases is not None and given.cases < len(cases):
            cases = Random(given.seed).sample(cases, given.cases)
        if given.undone:
            return _undone(cases, given.seed, kinds, given.list)
        for case in cases:
            for wording in [*([case] if given.originals else []), *noisy([case], given.seed, kinds, given.each)]:
                sys.stdout.write(json.dumps(as_row(wording), ensure_ascii=False) + "\n")
    except EvalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _undone(cases: Sequence[Case], seed: int, kinds: Sequence[str] | None, listed: bool) -> int:
    from eval.noise.undone import table, undone

    rows = list(undone(cases, seed, kinds))
    print(table(rows))
    for kind, found in rows if listed else ():
        for one in sorted(found, key=lambda one: one.shared):
            if not one.same or one.other_day:
                day = ", another day" if one.other_day else ""
                print(f"\n{kind} {one.shared:.2f}{day}: {one.case.request.question}")
                print(f"  asked   {one.wording.request.question}\n  searched {one.searched}".replace("\n", "\n  "))
    return 0


def as_row(case: Case) -> dict[str, Any]:
    """The case in the contract's format."""
    request = case.request
    row: dict[str, Any] = {"id": case.id, "intent": case.intent, "style": case.style}
    row |= {"language": language(request.question), "question": request.question}
    row["history"] = [{"role": turn.role, "text": turn.text} for turn in request.history]
    row["as_of"] = request.as_of.isoformat() if request.as_of else None
    row["scope"] = dict(request.scope)
    row = {name: value for name, value in row.items() if value}
    row["gold"] = [
        {name: value for name, value in (("document", g.document), ("label", g.label), ("quote", g.quote)) if value}
        for g in case.gold
    ]
    return row if case.answerable else row | {"answerable": False}


if __name__ == "__main__":
    sys.exit(main())
