"""What maintainers look through: what a snapshot changes, what nobody could answer, what is overdue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.changes import ChangedAnswer
from assistant.types import Answer, Request
from kb.audit import Entry
from kb.diff import Diff
from kb.snapshot import Snapshot
from kb.text import fold
from kb.types import Clause, VersionState
from ui.errors import InvalidRequest, UsageError
from ui.json import REQUEST_FIELDS, request_from_json


def read_questions(file: Path) -> list[Request]:
    """A question a line; a line that is a JSON object is a request, fields of evaluation cases passed over."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # splitlines() would split inside strings
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read ({error}); expected a UTF-8 file with one question a line.") from error
    requests = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line) if line.lstrip().startswith("{") else {"question": line.strip()}
            requests.append(request_from_json({name: row[name] for name in REQUEST_FIELDS if name in row}))
        except (ValueError, RecursionError, InvalidRequest) as error:
            raise UsageError(f"{file}, line {number} is no question: {error}") from error
    return requests


def recent_questions(entries: Iterable[Entry]) -> list[Request]:
    """The requests of logged answers, each once, in the order of `entries`."""
    found: dict[str, Request] = {}
    for entry in entries:
        asked = entry.body["request"]
        found.setdefault(json.dumps(asked, sort_keys=True), request_from_json(asked))
    return list(found.values())


def diff_to_json(old: str, new: str, diff: Diff, answers: Sequence[ChangedAnswer] | None, asked: int) -> dict[str, Any]:
    return {
        "from": old,
        "to": new,
        "embedder": list(diff.embedder) if diff.embedder else None,
        "added": [_clause(clause) for clause in diff.added],
        "changed": [{**_clause(pair.after), "before": pair.before.text} for pair in diff.changed],
        "retired": [_clause(clause) for clause in diff.retired],
        "terms": [{"document": t.document, "before": dict(t.before), "after": dict(t.after)} for t in diff.terms],
        "questions": asked,
        "answers": None if answers is None else [_changed_answer(change) for change in answers],
    }


def gaps(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Questions that got no answer, or one that agents called wrong or missing, the most frequent first.

    `entries` are answers and feedback, newest first. Wordings that differ in width, case or script only are one.
    """
    entries = list(entries)
    verdicts: dict[str, list[str]] = {}
    for entry in entries:
        if entry.kind == "feedback" and entry.subject:
            verdicts.setdefault(entry.subject, []).append(entry.body["verdict"])
    found: dict[str, dict[str, Any]] = {}
    counted: set[tuple[str, str]] = set()
    for entry in entries:
        if entry.kind != "answer":
            continue
        said = [v for v in verdicts.get(entry.subject or "", []) if v != "right"]
        if entry.body["status"] == "answered" and not said:
            continue
        question = entry.body["request"]["question"]
        key = fold(question).strip()
        row = found.setdefault(
            key, {"question": question, "asked": 0, "reasons": {}, "feedback": {}, "last": entry.at, "answer": entry.subject}
        )  # fmt: skip
        row["asked"] += 1
        if entry.body["reason"]:
            row["reasons"][entry.body["reason"]] = row["reasons"].get(entry.body["reason"], 0) + 1
        if (key, entry.subject or "") not in counted:  # one answer's feedback counts once, however often it was asked
            counted.add((key, entry.subject or ""))
            for verdict in said:
                row["feedback"][verdict] = row["feedback"].get(verdict, 0) + 1
    return sorted(found.values(), key=lambda row: (-row["asked"], row["question"]))


def stale(snapshot: Snapshot, now: datetime) -> list[dict[str, Any]]:
    """Documents in force or pending whose review is overdue, the longest overdue first."""
    today = now.date()
    rows = [
        {
            "document": version.document,
            "title": version.title,
            "owner": version.owner,
            "review_by": version.review_by.isoformat(),
            "days_overdue": (today - version.review_by).days,
        }
        for version in snapshot.versions
        if version.review_by is not None
        and version.review_by < today
        and snapshot.validity[version.id].state(now) in (VersionState.IN_FORCE, VersionState.PENDING)
    ]
    return sorted(rows, key=lambda row: (row["review_by"], row["document"]))


def _changed_answer(change: ChangedAnswer) -> dict[str, Any]:
    return {
        "question": change.before.question,
        "cause": change.cause.value,
        "before": _answer(change.before),
        "after": _answer(change.after),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status.value,
        "reason": answer.reason.value if answer.reason else None,
        "clause": _clause(answer.citation.clause) if answer.citation else None,
        "confidence": answer.confidence,
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {"id": clause.id, "document": clause.document, "label": clause.label, "path": list(clause.path), "text": clause.text}  # fmt: skip
