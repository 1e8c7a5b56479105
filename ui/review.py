"""What maintainers look through: what a snapshot changes, what nobody could answer, what is overdue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.changes import ChangedAnswer
from assistant.gate import Gold, Outcome, Question, Source
from assistant.types import Answer, Request
from kb.audit import Entry
from kb.decisions import Decisions, Ruling
from kb.diff import Diff
from kb.snapshot import Snapshot
from kb.text import fold
from kb.types import Clause, VersionState
from ui.errors import InvalidRequest, UsageError
from ui.json import REQUEST_FIELDS, request_from_json


def read_questions(file: Path) -> list[Request]:
    """A question a line; a line that is a JSON object is a request, fields of evaluation cases passed over."""
    return [case.request for case in _rows(file, Source.GOLDEN, with_gold=False)]


def read_cases(file: Path, source: Source) -> list[Question]:
    """The same, with the clauses that a row states as right."""
    return list(_rows(file, source, with_gold=True))


def _rows(file: Path, source: Source, *, with_gold: bool) -> Iterator[Question]:
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")  # splitlines() would split inside strings
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read ({error}); expected a UTF-8 file with one question a line.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line) if line.lstrip().startswith("{") else {"question": line.strip()}
            request = request_from_json({name: row[name] for name in REQUEST_FIELDS if name in row})
            gold, answerable = _gold(row) if with_gold else ((), True)
        except (ValueError, RecursionError, InvalidRequest) as error:
            raise UsageError(f"{file}, line {number} is no question: {error}") from error
        yield Question(request, source, f"{file.name}, line {number}", gold, answerable)


def _gold(row: Mapping[str, Any]) -> tuple[tuple[Gold, ...], bool]:
    answerable, listed = row.get("answerable", True), row.get("gold") or []
    if not isinstance(answerable, bool) or not isinstance(listed, list):
        raise ValueError('expected "answerable" to be true or false and "gold" a list of {document, label, quote}')
    gold = []
    for item in listed:
        parts = [item.get(name) for name in ("document", "label", "quote")] if isinstance(item, Mapping) else [None]
        if not isinstance(parts[0], str) or not all(part is None or isinstance(part, str) for part in parts):
            raise ValueError(f'expected "gold" to hold {{document, label, quote}}, found {str(item)[:80]}')
        gold.append(Gold(*parts))
    return tuple(gold), answerable


def recent_questions(entries: Iterable[Entry]) -> list[Request]:
    """The requests of logged answers, each once, in the order of `entries`."""
    found: dict[str, Request] = {}
    for entry in entries:
        asked = entry.body["request"]
        found.setdefault(json.dumps(asked, sort_keys=True), request_from_json(asked))
    return list(found.values())


def diff_to_json(
    old: str,
    new: str,
    diff: Diff,
    answers: Sequence[ChangedAnswer] | None,
    asked: int,
    decisions: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    return {
        "from": old,
        "to": new,
        "embedder": list(diff.embedder) if diff.embedder else None,
        "added": [_clause(clause) for clause in diff.added],
        "changed": [{**_clause(pair.after), "before": pair.before.text} for pair in diff.changed],
        "retired": [_clause(clause) for clause in diff.retired],
        "terms": [{"document": t.document, "before": dict(t.before), "after": dict(t.after)} for t in diff.terms],
        "decisions": list(decisions),
        "questions": asked,
        "answers": None if answers is None else [_changed_answer(change) for change in answers],
    }


def decisions_changed(old: Snapshot, new: Snapshot) -> list[dict[str, Any]]:
    """Rulings, wordings and replies that one of the snapshots was published with and the other was not.

    "suspended": a text that it was made on is not in the newer one any more; "withdrawn": it was taken back.
    """
    rows = []
    for kind in ("rulings", "asked_as", "replies"):
        before, after = ({d.id: d for d in getattr(s.decisions, kind)} for s in (old, new))
        fits = {d.id for d in getattr(Decisions(**{kind: tuple(before.values())}).holding(new.clauses), kind)}
        for id_ in sorted(before.keys() | after.keys()):
            if before.get(id_) == after.get(id_):
                continue
            state = (
                "added"
                if id_ not in before
                else "changed"
                if id_ in after
                else "withdrawn"
                if id_ in fits
                else "suspended"
            )
            decision = after.get(id_) or before[id_]
            subjects = decision.subjects if isinstance(decision, Ruling) else (decision.subject,)
            said = (decision.question or decision.because) if isinstance(decision, Ruling) else decision.text
            rows.append(
                {
                    "id": id_,
                    "kind": decision.kind.value if isinstance(decision, Ruling) else {"asked_as": "wording", "replies": "reply"}[kind],
                    "state": state,
                    "clauses": [subject.clause for subject in subjects],
                    "text": said,
                    "by": decision.by,
                    "at": decision.at,
                }
            )  # fmt: skip
    return rows


def outcome_to_json(outcome: Outcome | None) -> dict[str, Any] | None:
    """What the gate's questions came to; None where none were asked."""
    if outcome is None:
        return None
    return {
        "asked": outcome.asked,
        "changed": [
            {
                **_changed_answer(replayed.change),
                "source": replayed.question.source.value,
                "where": replayed.question.where,
                "blocks": replayed.blocks,
            }
            for replayed in outcome.changed
        ],
        "unasked": [
            {"question": u.question.request.question, "where": u.question.where, "reason": u.reason, "blocks": u.blocks}
            for u in outcome.unasked
        ],
    }


def gaps(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Questions that got no answer, or one that agents called wrong or missing, the most frequent first. Of an answer
    the verdict that was given last counts: an agent may think better of it.

    `entries` are answers and feedback, newest first. Wordings that differ in width, case or script only are one.
    """
    entries = list(entries)
    verdicts: dict[str, str] = {}
    for entry in entries:
        if entry.kind == "feedback" and entry.subject:
            verdicts.setdefault(entry.subject, entry.body["verdict"])
    found: dict[str, dict[str, Any]] = {}
    counted: set[tuple[str, str]] = set()
    for entry in entries:
        if entry.kind != "answer":
            continue
        verdict = verdicts.get(entry.subject or "", "right")
        if entry.body["status"] == "answered" and verdict == "right":
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
            if verdict != "right":
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
