"""Reading the sets' files: rows of JSON, and what is wrong with a file in one line."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.types import EvalError


def rows(file: Path, *wanted: str) -> list[Mapping[str, Any]]:
    """The file's rows, each an object that has text under every name in `wanted`."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # splitlines() would split inside strings
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise EvalError(
            f"{file} cannot be read ({reason}); expected rows of JSON. Name the folder that holds the development data."
        ) from error
    found = [_row(line, f"{file}, row {n}", wanted) for n, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise EvalError(f"{file} is empty; expected rows of JSON with {', '.join(wanted)}. Fetch the file again.")
    return found


def _row(line: str, where: str, wanted: Sequence[str]) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise EvalError(f"{where} is not JSON ({error}); expected an object with {', '.join(wanted)}.") from error
    missing = [name for name in wanted if not (isinstance(row, dict) and _is_text(row.get(name)))]
    if missing:
        raise EvalError(f"{where} has no text under {', '.join(missing)}; expected an object with {', '.join(wanted)}.")
    return row


def _is_text(value: object) -> bool:
    """Something to read, and whole characters: a lone half of one is no text that can be stored."""
    return isinstance(value, str) and bool(value.strip()) and not any("\ud800" <= c <= "\udfff" for c in value)


def untouched(row: Mapping[str, Any]) -> bool:
    """Whether a row is in the half that training never sees (it keeps texts of the other half where the plain encoder
    had them): by a hash of the passage's id, or of the text."""
    return zlib.crc32(str(row.get("passage_id", row.get("text"))).encode()) % 2 == 0
