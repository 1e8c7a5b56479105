"""Reading cases: shipped suites by name, or JSONL files in the contract's format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from assistant.types import Request, Turn
from eval.types import Case, EvalError, Gold
from kb import moments


def load(suites: Sequence[str]) -> list[Case]:
    """The cases of all `suites`, in order. Raises EvalError naming the file and row that is no case."""
    cases = []
    for suite in suites:
        files = _shipped(suite) or [Path(suite)]
        for file in files:
            cases.extend(_read(file, suite))
    return cases


def _shipped(name: str) -> list[Path]:
    folder = Path(str(resources.files("eval").joinpath("cases")))
    return sorted(file for file in folder.glob("*.jsonl") if file.name.startswith(f"{name}."))


def _read(file: Path, suite: str) -> list[Case]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # splitlines() would split inside strings
    except (OSError, UnicodeDecodeError) as error:
        raise EvalError(
            f"The suite {suite!r} cannot be read ({error}); expected a shipped suite such as sample, or a JSONL file."
        ) from error
    return [_case(line, f"{file.name}, row {n}", file.stem) for n, line in enumerate(lines, 1) if line.strip()]


def _case(line: str, where: str, suite: str) -> Case:
    try:
        row = json.loads(line)
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
