"""What changed the base, when, by whom: one line of JSON each, appended and never rewritten."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from kb.home import Home, translated_disk_errors

FILE = "journal.jsonl"


def record(home: Home, action: str, snapshot: str, *, forced: str | None = None, overruled: Sequence[str] = ()) -> None:
    """Appends a publish or rollback; `forced` is the reason given for overruling the checks `overruled`."""
    entry: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "action": action,
        "snapshot": snapshot,
        "by": _user(),
    }
    if forced is not None:
        entry |= {"forced_because": forced, "overruled": list(overruled)}
    with translated_disk_errors(home.path), open(home.path / FILE, "ab") as file:
        file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process without a name in the password file
        return f"uid {os.getuid()}"
