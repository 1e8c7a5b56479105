"""Findings kept beside the snapshots, so that the next publish compares only what changed. They can be lost."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from assistant import contradictions
from assistant.contradictions.types import Difference, Finding, Likeness, Point, Span
from kb.home import Home
from kb.moments import EVER
from kb.snapshot import Snapshot
from kb.types import Clause

FORMAT = 1


def load(home: Home, snapshot: Snapshot, judge: str) -> tuple[Finding, ...] | None:
    """What was found in `snapshot` with the judge of this id ("": none); None where nothing is kept, or what is kept
    cannot be used."""
    try:
        record = orjson.loads(_file(home, snapshot.id).read_bytes())
        if record["made_by"] != _made_by(judge) or record["sha256"] != _sha256(record["findings"]):
            return None
        clauses = {(clause.id, clause.version): clause for clause in snapshot.clauses}
        return tuple(_finding(row, clauses) for row in record["findings"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save(home: Home, snapshot: Snapshot, findings: Iterable[Finding], judge: str) -> None:
    """Keeps them, ids and spans only; what belongs to no snapshot on disk goes. A full disk is no error here."""
    rows = [_row(finding) for finding in findings]
    record = {"made_by": _made_by(judge), "sha256": _sha256(rows), "findings": rows}
    folder = _folder(home)
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=".", suffix=".new", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(orjson.dumps(record))
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, _file(home, snapshot.id))
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
    forget_gone(home)


def forget_gone(home: Home) -> None:
    """Deletes what was kept for snapshots that are gone."""
    on_disk = {f"{snapshot}.json" for snapshot in home.snapshots()}
    with contextlib.suppress(OSError):
        for entry in os.scandir(_folder(home)):
            if entry.name not in on_disk:
                os.unlink(entry)


def kept(home: Home) -> list[str]:
    """The snapshots on the disk that something is kept for, newest first."""
    return [snapshot for snapshot in reversed(home.snapshots()) if _file(home, snapshot).is_file()]


def together(finding: Finding, snapshot: Snapshot, now: datetime) -> bool:
    """Whether the two clauses are in force together at some moment from `now` on."""
    both = [snapshot.validity[clause.version] for clause in (finding.first, finding.second)]
    if any(validity.never for validity in both):
        return False
    first = max(now, *(validity.first or EVER for validity in both))
    return all(validity.until is None or first < validity.until for validity in both)


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "first": [finding.first.id, finding.first.version],
        "second": [finding.second.id, finding.second.version],
        "likeness": finding.likeness.value,
        "certain": finding.certain,
        "score": finding.score,
        "differences": [[d.point.value, [list(s) for s in d.first], [list(s) for s in d.second]] for d in finding.differences],
    }  # fmt: skip


def _finding(row: Mapping[str, Any], clauses: Mapping[tuple[str, str], Clause]) -> Finding:
    first, second = clauses[tuple(row["first"])], clauses[tuple(row["second"])]
    return Finding(
        first=first,
        second=second,
        likeness=Likeness(row["likeness"]),
        differences=tuple(
            Difference(Point(point), _spans(here, first), _spans(there, second))
            for point, here, there in row["differences"]
        ),
        certain=row["certain"],
        score=row["score"],
    )


def _spans(spans: Iterable[tuple[int, int]], clause: Clause) -> tuple[Span, ...]:
    found = tuple((start, end) for start, end in spans)
    if not all(0 <= start <= end <= len(clause.text) for start, end in found):
        raise ValueError("a span outside its clause")
    return found


def _made_by(judge: str) -> list[Any]:
    return [FORMAT, contradictions.REVISION, judge]


def _sha256(rows: object) -> str:
    return hashlib.sha256(orjson.dumps(rows)).hexdigest()


def _folder(home: Home) -> Path:
    return home.path / "cache" / "contradictions"


def _file(home: Home, snapshot: str) -> Path:
    return _folder(home) / f"{snapshot}.json"
