"""Reading the dated questions."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path

from eval import suites
from eval.types import Case, EvalError


class When(StrEnum):
    """When a question is asked, seen from the change that it was written for."""

    BEFORE = "before"  # on the day before at the latest
    AT = "at"  # on the first day of the newer version
    AFTER = "after"
    NOT_IN_FORCE = "not_in_force"  # before the first version: nothing answers


@dataclass(frozen=True, slots=True)
class Dated:
    case: Case
    transition: str  # the change; every question of one has the same words
    family: str  # the document that has the versions
    when: When
    documents: frozenset[str]  # keys that must be in the base for it to be asked


def shipped() -> list[Path]:
    folder = Path(str(resources.files("eval.dated")))
    return sorted(folder.glob("*.jsonl"))


def load(files: Sequence[Path]) -> list[Dated]:
    """Raises EvalError naming the file and row that is no dated question."""
    found = []
    for file in files:
        cases = suites.load([str(file)])
        rows = [line for line in file.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        for number, (case, line) in enumerate(zip(cases, rows, strict=True), 1):
            try:
                found.append(_dated(case, json.loads(line)))
            except (KeyError, ValueError) as error:
                raise EvalError(
                    f"{file.name}, row {number} is no dated question ({type(error).__name__}: {error})."
                ) from error
    return found


def within(cases: Sequence[Dated], documents: Collection[str]) -> list[Dated]:
    """Those that a base with these documents can be asked."""
    return [case for case in cases if case.documents <= set(documents)]


def _dated(case: Case, row: dict) -> Dated:
    if case.request.as_of is None:
        raise ValueError('no "as_of"')
    when = When(row["when"])
    if (when is When.NOT_IN_FORCE) is case.answerable:
        raise ValueError(f'"when" is {when.value}, but the case is {"" if case.answerable else "not "}answerable')
    about = [gold.document for gold in case.gold] or [row["about"]]
    return Dated(case, row["transition"], row["family"], when, frozenset(about))
