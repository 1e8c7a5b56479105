"""Customer questions by intent (CLINC150, BANKING77) as a base: some wordings of each intent are what is found, others
are asked.

An intent is a document, each indexed wording a clause of it; the intent's name is not told to any system. A question
is answered right by any clause of its intent. Wordings and questions are of the half that no training sees.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.types import Request
from eval.public.documents import document
from eval.public.files import rows, untouched
from eval.public.types import Loaded
from eval.types import Case, EvalError, Gold

WORDINGS = 10  # indexed of each intent, as far as it has so many
_SEED = 1


def clinc150(data: Path) -> Loaded:
    folder = data / "clinc150"
    return _load("clinc150", "intent", folder / "train.jsonl", folder / "test.jsonl", folder / "oos_test.jsonl")


def banking77(data: Path) -> Loaded:
    folder = data / "banking77"
    return _load("banking77", "category", folder / "train.jsonl", folder / "test.jsonl")


def _load(name: str, field: str, indexed: Path, asked: Path, outside: Path | None = None) -> Loaded:
    wordings = defaultdict(list)
    for row in _of_half(rows(indexed, "text", field), indexed):
        wordings[row[field]].append(row["text"].strip())
    chosen = random.Random(_SEED)
    known: dict[str, list[str]] = {}
    for intent in sorted(wordings):
        distinct = sorted(set(wordings[intent]))
        known[intent] = chosen.sample(distinct, min(WORDINGS, len(distinct)))
    asked_rows = _of_half(rows(asked, "text", field), asked)
    if strangers := sorted({row[field] for row in asked_rows} - set(known)):
        raise EvalError(f"{asked} asks about {strangers[0]!r}, of which {indexed} has no wording to index.")
    taken = {_plain(text) for texts in known.values() for text in texts}
    cases = [
        _case(name, n, row["text"], Gold(_key(name, row[field])), row[field])
        for n, row in enumerate(asked_rows, 1)
        if _plain(row["text"]) not in taken
    ]
    if outside is not None:
        strange = _of_half(rows(outside, "text"), outside)
        cases += [_case(f"{name}-outside", n, row["text"], None, None) for n, row in enumerate(strange, 1)]
    return Loaded([document(_key(name, intent), texts, "en") for intent, texts in known.items()], cases)


def _of_half(found: Sequence[Mapping[str, Any]], file: Path) -> list[Mapping[str, Any]]:
    kept = [row for row in found if untouched(row)]
    if not kept:
        raise EvalError(f"{file} has no row in the half that no training sees; expected about every other row.")
    return kept


def _case(name: str, number: int, question: str, gold: Gold | None, intent: str | None) -> Case:
    suite = name.removesuffix("-outside")
    golds = (gold,) if gold else ()
    return Case(f"{name}-{number}", Request(question.strip()), golds, bool(golds), suite, intent, language="en")


def _key(name: str, intent: str) -> str:
    return f"{name}/{intent}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
