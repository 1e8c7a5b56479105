"""`python -m eval.noise FILE…`: the noisy wordings of question sets, as JSONL."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from eval import suites
from eval.noise.generator import KINDS, noisy
from eval.types import Case, EvalError
from kb.text import language


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.noise", description=__doc__)
    parser.add_argument("suites", nargs="+", metavar="SUITE", help="a shipped suite (sample) or a JSONL file of cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", help=f"separated by commas; default all: {','.join(KINDS)}")
    parser.add_argument("--each", type=int, default=1, help="wordings of every kind for each case (default 1)")
    parser.add_argument("--originals", action="store_true", help="each case before its wordings")
    given = parser.parse_args()
    try:
        kinds = given.kinds.split(",") if given.kinds else None
        for case in suites.load(given.suites):
            for wording in [*([case] if given.originals else []), *noisy([case], given.seed, kinds, given.each)]:
                sys.stdout.write(json.dumps(as_row(wording), ensure_ascii=False) + "\n")
    except EvalError as error:
        print(error, file=sys.stderr)
        return 1
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
