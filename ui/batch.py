"""Many questions from one file to another: one answer a row, in the same order."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import orjson

from assistant import Assistant, AssistantError
from ui.errors import InvalidRequest, UiError, UsageError
from ui.json import REQUEST_FIELDS, answer_to_json, error_to_json, request_from_json
from ui.terminal import counter


def answer_file(assistant: Assistant, source: Path, target: Path) -> dict[str, int]:
    """Answers every row of `source` into `target`; counts rows and errors.

    A row's own `id` takes the place of the answer's. Fields that are not a request's (the gold of an
    evaluation case) are passed over. An invalid row gets status "error" and stops nothing. The target
    appears when it is whole: an interrupted run leaves the earlier one, if any.
    """
    try:
        lines = source.read_text(encoding="utf-8-sig").split("\n")  # splitlines() would split inside strings
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{source} cannot be read ({error}); expected a UTF-8 file with one JSON object a line."
        ) from error
    target = target.resolve()  # a link keeps pointing; what it points to is replaced
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is not a folder; expected one to write {target.name} into.")
    if target.exists() and not target.is_file():  # a folder cannot be replaced, a device must not be
        raise UsageError(f"{target} is not a file; expected the name of a file to write the answers to.")
    rows = [line for line in lines if line.strip()]
    errors = 0
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(handle, "wb") as out, counter("questions") as tick:
            for number, line in enumerate(rows, 1):
                answer = _answer(assistant, line, number)
                errors += answer["status"] == "error"
                out.write(_line(answer))
                tick(number, len(rows))
        os.chmod(aside, 0o644)
        os.replace(aside, target)
    except BaseException as error:
        Path(aside).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(target, error) from error
        raise
    return {"rows": len(rows), "errors": errors}


def _unwritable(target: Path, error: OSError) -> UiError:
    return UiError(
        f"{target} cannot be written ({error.strerror or error}); nothing was changed. Make room, mend the "
        "permissions or choose another place with --out."
    )


def _line(answer: dict) -> bytes:
    try:
        return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a row's id or question may hold what only escapes can spell: half a surrogate pair
        return json.dumps(answer).encode() + b"\n"


def _answer(assistant: Assistant, line: str, number: int) -> dict:
    row: object = None
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise InvalidRequest(f"Row {number} is not a JSON object.")
        asked = {name: row[name] for name in REQUEST_FIELDS if name in row}
        answer = answer_to_json(assistant.ask(request_from_json(asked)))
    except (ValueError, RecursionError) as error:
        answer = error_to_json(f"Row {number} is not valid JSON ({error}).", snapshot=assistant.snapshot)
    except (InvalidRequest, AssistantError) as error:
        answer = error_to_json(str(error), snapshot=assistant.snapshot, row=row)
    if isinstance(row, dict) and "id" in row:
        answer["id"] = row["id"]
    return answer
