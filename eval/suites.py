"""Reading cases: shipped suites by name, or JSONL files in the contract's format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from assistant.types import Request, Turn
from eval.types import Case, EvalError, Gold
from kb import moments

# Shipped questions that state no day mean this one: their gold would rot whenever a rule of the corpus turns.
_ASKED_ON = {"sample": date(2026, 11, 15)}


def load(suites: Sequence[str]) -> list[Case]:
    """The cases of all `suites`, in order. Raises EvalError naming the file and row that is no case.

    A shipped suite has parts (`sample.dated`), which can be named alone.
    """
    cases: list[Case] = []
    for suite in suites:
        shipped = _shipped(suite)
        for file in shipped or [Path(suite)]:
            asked_on = _ASKED_ON.get(suite.partition(".")[0]) if shipped else None
            cases.extend(replace(case, asked_on=asked_on) for case in _read(file, suite))
    return _told_apart(cases)


def shipped() -> list[str]:
    """Names of the suites that ship, without their parts."""
    return sorted({file.name.partition(".")[0] for file in _folder().glob("*.jsonl")})


def _shipped(name: str) -> list[Path]:
    return sorted(file for file in _folder().glob("*.jsonl") if file.name.startswith(f"{name}."))


def _folder() -> Path:
    return Path(str(resources.files("eval").joinpath("cases")))


def _read(file: Path, suite: str) -> list[Case]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # splitlines() would split inside strings
    except (OSError, UnicodeDecodeError) as error:
        raise EvalError(
            f"The suite {suite!r} cannot be read ({error}); expected a shipped suite ({', '.join(shipped())}), or a "
            "JSONL file."
        ) from error
    return [_case(line, f"{file.name}, row {n}", file.stem) for n, line in enumerate(lines, 1) if line.strip()]


def _told_apart(cases: Sequence[Case]) -> list[Case]:
    """Cases are found again by suite and id: of those that share both, the second gets "#2" after its id."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for case in cases:
        number = seen[case.key] = seen.get(case.key, 0) + 1
        found.append(case if number == 1 else replace(case, id=f"{case.id}#{number}"))
    return found


def _case(line: str, where: str, suite: str) -> Case:
    try:
        row = json.loads(line)
        json.dumps(row, ensure_ascii=False).encode()  # half a character (a lone surrogate) is no text
        gold = tuple(_gold(g) for g in row.get("gold", ()))
        answerable = row.get("answerable", True)
        if answerable and not gold:
            raise ValueError('an answerable case has no "gold"')
        return Case(
            id=str(row["id"]),
            request=_request(row),
            gold=gold,
            answerable=bool(answerable),
            suite=suite,
            intent=row.get("intent"),
            style=row.get("style"),
            language=row.get("language"),
            family=row.get("family"),
            near=_gold(row["near"]) if row.get("near") else None,
        )
    except Exception as error:  # whatever is wrong with a row, the reader needs its place
        raise EvalError(f"{where} is not an evaluation case ({type(error).__name__}: {error}).") from error


def _request(row: Mapping[str, Any]) -> Request:
    return Request(
        question=row["question"],
        history=tuple(Turn(turn["role"], turn["text"]) for turn in row.get("history") or ()),
        as_of=moments.parse(row["as_of"]) if row.get("as_of") else None,
        scope=dict(row.get("scope") or {}),
        language=None,  # a case's language is its question's: the engine finds it out
    )


def _gold(value: Mapping[str, Any]) -> Gold:
    # `file` is what some public sets call the document
    return Gold(value.get("document") or value["file"], value.get("label"), value.get("quote"))
