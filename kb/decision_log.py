"""Where decisions are kept: proposed, approved, confirmed again, withdrawn, every step in the audit log.

What is in the database is what holds from the next publishing on; what answers is what the published snapshot was
built with. A step and its audit entry are one transaction. Callers mask personal data before they hand texts over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
import sqlalchemy as sa

from kb.audit import Audit, Note
from kb.decisions import (
    ApprovedReply,
    AskedAs,
    Decision,
    Decisions,
    Ruling,
    RulingKind,
    Subject,
    overriding,
    subjects,
    wording_key,
)
from kb.home import Home
from kb.moments import EVER
from kb.replies import objections
from kb.snapshot import Snapshot
from kb.state import State, metadata
from kb.text import fold
from kb.types import Clause, VersionState

_SINCE = "0002"  # the migration that made the tables
_CHUNK = 500  # ids in one statement: databases bound how many values one may have

_SIGNED = ("state", "signed_by", "signed_at")
_ABOUT = ("clause", "sha256", "place")
_OTHER = ("other_clause", "other_sha256", "other_place")


def _table(name: str, *columns: str) -> sa.Table:
    return sa.Table(
        name, metadata, sa.Column("id", sa.Text, primary_key=True), *(sa.Column(c, sa.Text) for c in columns)
    )


_rulings = _table("rulings", "kind", *_ABOUT, *_OTHER, "question", "because", *_SIGNED)
_asked_as = _table("asked_as", *_ABOUT, "text", *_SIGNED)
_replies = _table("replies", *_ABOUT, "text", "language", "tone", *_SIGNED)
_TABLES = {Ruling: _rulings, AskedAs: _asked_as, ApprovedReply: _replies}
_KINDS = {Ruling: "ruling", AskedAs: "wording", ApprovedReply: "reply"}  # of audit entries


class Standing(StrEnum):
    """Where a decision stands against the texts of a snapshot."""

    PROPOSED = "proposed"  # nobody has approved it
    APPROVED = "approved"
    SUSPENDED = "suspended"  # approved, and then its clause's text changed: someone is to confirm it
    WITHDRAWN = "withdrawn"
    GONE = "clause_gone"  # approved or proposed for a clause that is no longer there


class Change(StrEnum):
    """What became of a decision that was to be added, approved, confirmed or withdrawn."""

    ADDED = "added"
    APPROVED = "approved"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    decision: Decision
    standing: Standing
    places: tuple[str, ...]  # document and label of each subject, as they were when it was decided


@dataclass(frozen=True, slots=True)
class Outcome:
    id: str
    change: Change
    reason: str = ""  # of a refusal, or why there was nothing to do


def new_ruling(
    kind: RulingKind, about: Sequence[Subject], because: str, by: str, question: str | None = None
) -> Ruling:
    if kind is RulingKind.NO_CONFLICT:
        about = sorted(about, key=lambda s: s.clause)
    asked = wording_key(question) if question is not None else None
    return Ruling(_id("r", kind, [s.clause for s in about], asked), kind, tuple(about), question, because, by, _now())


def new_wording(subject: Subject, text: str, by: str) -> AskedAs:
    return AskedAs(_id("w", subject.clause, wording_key(text)), subject, text, by, _now())


def new_reply(subject: Subject, text: str, language: str, tone: str, by: str) -> ApprovedReply:
    return ApprovedReply(_id("p", subject.clause, text, language, tone), subject, text, language, tone, by, _now())


class DecisionLog:
    """One base's decisions. Every method may be called from several processes at once: writers wait for each other."""

    def __init__(self, home: Home) -> None:
        self._state = State(home)
        self._audit = Audit(home, self._state)

    def close(self) -> None:
        self._state.close()

    def decisions(self) -> Decisions:
        """All that are approved, whether or not their clauses still say the same."""
        with self._state.reading(_SINCE) as connection:
            rows = [] if connection is None else [row for row in _rows(connection) if row["state"] == Standing.APPROVED]
        found = sorted((_decision(row) for row in rows), key=lambda decision: decision.id)
        return Decisions(
            tuple(d for d in found if isinstance(d, Ruling)),
            tuple(d for d in found if isinstance(d, AskedAs)),
            tuple(d for d in found if isinstance(d, ApprovedReply)),
        )

    def entries(self, snapshot: Snapshot | None = None) -> list[Entry]:
        """All there ever were, in the order in which they were signed. Without a snapshot nothing is suspended."""
        with self._state.reading(_SINCE) as connection:
            rows = [] if connection is None else list(_rows(connection))
        texts: dict[str, set[str]] | None = None
        if snapshot is not None:
            texts = {}
            for clause in snapshot.clauses:
                texts.setdefault(clause.id, set()).add(clause.sha256)
        found = [Entry(_decision(row), _standing(row, texts), _places(row)) for row in rows]
        return sorted(found, key=lambda entry: (entry.decision.at, entry.decision.id))

    def add(self, decisions: Sequence[Decision], snapshot: Snapshot, approved: bool) -> list[Outcome]:
        """Adds decisions about clauses of `snapshot`, those that can be taken in one transaction; one outcome each.

        What is there already is left as it is, but approved if that is asked for; what was withdrawn comes back.
        """

        def step(stored: dict[str, dict[str, Any]], check: _Check) -> Iterable[_Step]:
            for decision in decisions:
                row = stored.get(decision.id)
                refused = check.text(decision) or (check.approval(decision) if approved else None)
                if row is not None and row["state"] != Standing.WITHDRAWN:
                    if _decision_subjects(row) != subjects(decision):
                        yield _Step(decision.id, Change.UNCHANGED, "it is there already, made on another text of the "
                                    f"clause: look at it and `kb {_KINDS[type(decision)]} confirm {decision.id}`")  # fmt: skip
                    elif row["state"] == Standing.APPROVED or not approved:
                        yield _Step(decision.id, Change.UNCHANGED, f"it is there already, {row['state']}")
                    elif refused:
                        yield _Step(decision.id, Change.REFUSED, refused)
                    else:
                        yield _Step(decision.id, Change.APPROVED, "", _signed(row, decision))
                        check.remember(decision)
                elif refused:
                    yield _Step(decision.id, Change.REFUSED, refused)
                else:
                    state = Standing.APPROVED if approved else Standing.PROPOSED
                    yield _Step(decision.id, Change.ADDED, "", _row(decision, state, check.places(decision)))
                    if approved:
                        check.remember(decision)

        return self._change(step, snapshot)

    def approve(self, ids: Sequence[str], snapshot: Snapshot, by: str) -> list[Outcome]:
        """Approves proposed decisions; one outcome for each id. Whose text has changed is refused: see `confirm`."""

        def step(stored: dict[str, dict[str, Any]], check: _Check) -> Iterable[_Step]:
            for id_ in ids:
                row = stored.get(id_)
                if row is None:
                    yield _unknown(id_)
                elif row["state"] != Standing.PROPOSED:
                    yield _Step(id_, Change.UNCHANGED, f"it is {row['state']}")
                else:
                    decision = replace(_decision(row), by=by, at=_now())
                    if refused := check.text(decision) or check.approval(decision):
                        yield _Step(id_, Change.REFUSED, refused)
                    else:
                        yield _Step(id_, Change.APPROVED, "", _signed(row, decision))
                        check.remember(decision)

        return self._change(step, snapshot)

    def confirm(self, ids: Sequence[str], snapshot: Snapshot, by: str, now: datetime) -> list[Outcome]:
        """Approves decisions for the text that their clauses have now (in force at `now`, else the latest)."""

        def step(stored: dict[str, dict[str, Any]], check: _Check) -> Iterable[_Step]:
            for id_ in ids:
                row = stored.get(id_)
                if row is None:
                    yield _unknown(id_)
                    continue
                if row["state"] == Standing.WITHDRAWN:
                    yield _Step(id_, Change.REFUSED, "it is withdrawn: add it again")
                    continue
                found = [standing(snapshot, subject.clause, now) for subject in _decision_subjects(row)]
                present = tuple(Subject(clause.id, clause.sha256) for clause in found if clause is not None)
                decision = _about(replace(_decision(row), by=by, at=_now()), present)
                if len(present) < len(found):
                    yield _Step(id_, Change.REFUSED, f"{' and '.join(_places(row))}: the clause is no longer there")
                elif row["state"] == Standing.APPROVED and present == _decision_subjects(row):
                    yield _Step(id_, Change.UNCHANGED, "its clause says what it said")
                elif refused := check.text(decision) or check.approval(decision):
                    yield _Step(id_, Change.REFUSED, refused)
                else:
                    yield _Step(id_, Change.CONFIRMED, "", _row(decision, Standing.APPROVED, check.places(decision)))
                    check.remember(decision)

        return self._change(step, snapshot)

    def withdraw(self, ids: Sequence[str], by: str, because: str = "") -> list[Outcome]:
        def step(stored: dict[str, dict[str, Any]], check: _Check) -> Iterable[_Step]:
            for id_ in ids:
                row = stored.get(id_)
                if row is None:
                    yield _unknown(id_)
                elif row["state"] == Standing.WITHDRAWN:
                    yield _Step(id_, Change.UNCHANGED, "it is withdrawn already")
                else:
                    signed = {**row, "state": Standing.WITHDRAWN, "signed_by": by, "signed_at": _now()}
                    yield _Step(id_, Change.WITHDRAWN, "", signed)

        return self._change(step, None, because)

    def forget(self, clauses: Iterable[str]) -> int:
        """Deletes every decision about one of `clauses`, whatever its state; returns how many. What was decided is
        then in the audit log alone, for as long as that is kept."""
        wanted = set(clauses)
        with self._state.reading(_SINCE) as connection:
            if connection is None:
                return 0
        with self._state.writing() as connection:
            self._audit.write(connection, [])  # the lock: nobody adds one meanwhile
            about = ((row["table"], row["id"], {row["clause"], row.get("other_clause")}) for row in _rows(connection))
            gone = [(table, id_) for table, id_, of in about if of & wanted]
            for table, id_ in gone:
                connection.execute(table.delete().where(table.c.id == id_))
            self._audit.write(
                connection, [Note(_kind(table), {"change": "forgotten"}, subject=id_) for table, id_ in gone]
            )
        return len(gone)

    def _change(
        self,
        step: Callable[[dict[str, dict[str, Any]], _Check], Iterable[_Step]],
        snapshot: Snapshot | None,
        because: str = "",
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        with self._state.writing() as connection:
            self._audit.write(connection, [])  # the lock: what the checks saw stays true until the end
            stored = {row["id"]: row for row in _rows(connection)}
            before = dict(stored)
            check = _Check([row for row in stored.values() if row["state"] == Standing.APPROVED], snapshot)
            notes: list[Note] = []
            for made in step(stored, check):
                outcomes.append(Outcome(made.id, made.change, made.reason))
                if made.row is None:
                    continue
                notes.append(_note(made, stored.get(made.id), snapshot.id if snapshot else None, because))
                stored[made.id] = made.row
            changed = {id_: row for id_, row in stored.items() if before.get(id_) is not row}
            for table in _TABLES.values():
                rows = [row for row in changed.values() if row["table"] is table]
                ids = [row["id"] for row in rows if row["id"] in before]
                for start in range(0, len(ids), _CHUNK):
                    connection.execute(table.delete().where(table.c.id.in_(ids[start : start + _CHUNK])))
                if rows:
                    connection.execute(table.insert(), [{c.name: row[c.name] for c in table.columns} for row in rows])
            self._audit.write(connection, notes)
        return outcomes


def standing(snapshot: Snapshot, clause_id: str, at: datetime) -> Clause | None:
    """The clause as it is in force at a moment; where none is, the one that comes next, else the last. None: no such."""
    found = [clause for clause in snapshot.clauses if clause.id == clause_id]
    order = (VersionState.IN_FORCE, VersionState.PENDING)
    for state in order:
        fitting = [clause for clause in found if snapshot.validity[clause.version].state(at) is state]
        if fitting:
            return min(fitting, key=lambda c: (snapshot.validity[c.version].first or EVER, c.version))
    return max(found, key=lambda c: (snapshot.validity[c.version].first or EVER, c.version), default=None)


def place(clause: Clause) -> str:
    """Where a clause stands, for people."""
    return " ".join(
        [clause.document, *([clause.path[-1]] if clause.path[-1:] != (clause.label,) else []), clause.label]
    )


@dataclass(frozen=True, slots=True)
class _Step:
    id: str
    change: Change
    reason: str = ""
    row: dict[str, Any] | None = field(default=None, repr=False)  # what is to be written


class _Check:
    """What must hold before a decision is approved, seen from those approved so far."""

    def __init__(self, approved: Iterable[Mapping[str, Any]], snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot
        self._overrides: dict[str, tuple[str, str]] = {}  # ruling -> winner, loser
        self._meant: dict[str, dict[str, str]] = {}  # wording -> decision -> clause
        self._places: dict[str, str] = {}
        self._clauses: dict[Subject, Clause] = {}
        self._versions: dict[str, list[str]] = {}
        for row in approved:
            self._remember(_decision(row))
            self._places.update(zip((s.clause for s in _decision_subjects(row)), _places(row), strict=True))
        for clause in snapshot.clauses if snapshot else ():
            self._clauses.setdefault(Subject(clause.id, clause.sha256), clause)
            self._versions.setdefault(clause.id, []).append(clause.version)

    def places(self, decision: Decision) -> tuple[str, ...]:
        return tuple(place(self._clauses[subject]) for subject in subjects(decision))

    def remember(self, decision: Decision) -> None:
        self._remember(decision)
        for subject, where in zip(subjects(decision), self.places(decision), strict=True):
            self._places[subject.clause] = where

    def text(self, decision: Decision) -> str | None:
        """Why this cannot be kept at all."""
        for subject in subjects(decision):
            if subject not in self._clauses:
                return (
                    f"clause {subject.clause} has another text by now, or is gone: look at it with "
                    f"`kb show {subject.clause}`"
                )
        if isinstance(decision, Ruling) and len({s.clause for s in decision.subjects}) < len(decision.subjects):
            return f"both clauses are {decision.subjects[0].clause}: name two"
        asked = _asked(decision)
        if asked is not None and not wording_key(asked):
            return f"{asked!r} has no words"
        if isinstance(decision, ApprovedReply):
            if not decision.text.strip():
                return "the reply is empty"
            if wrong := objections(decision.text, self._clauses[decision.subject]):
                return f"{place(self._clauses[decision.subject])}: {'; '.join(wrong)}"
        return None

    def approval(self, decision: Decision) -> str | None:
        """Why this cannot be approved beside what is approved already."""
        if isinstance(decision, Ruling) and decision.kind is RulingKind.OVERRIDES:
            winner, loser = (subject.clause for subject in decision.subjects)
            others = [pair for id_, pair in self._overrides.items() if id_ != decision.id]
            if circle := overriding(others, winner, loser):
                names = [self._where(clause, decision) for clause in (winner, *circle)]
                pairs = set(zip(circle, circle[1:], strict=False))
                standing_ones = ", ".join(sorted(id_ for id_, pair in self._overrides.items() if pair in pairs))
                return (
                    f"it would close a circle, in which nobody has the last word: {' over '.join(names)}. Withdraw "
                    f"one of {standing_ones} first"
                )
        if (asked := _asked(decision)) is not None:
            clause = subjects(decision)[0].clause
            for id_, other in self._meant.get(wording_key(asked), {}).items():
                if id_ != decision.id and other != clause and self._together(clause, other):
                    return (
                        f"the same words mean {self._where(other, decision)} already ({id_}), and both clauses can be "
                        f"asked about at once: withdraw {id_}, or do not attach them to {self._where(clause, decision)}"
                    )
        return None

    def _remember(self, decision: Decision) -> None:
        if isinstance(decision, Ruling) and decision.kind is RulingKind.OVERRIDES:
            winner, loser = decision.subjects
            self._overrides[decision.id] = winner.clause, loser.clause
        if (asked := _asked(decision)) is not None:
            self._meant.setdefault(wording_key(asked), {})[decision.id] = subjects(decision)[0].clause

    def _where(self, clause: str, decision: Decision) -> str:
        about = {s.clause: s for s in subjects(decision)}
        found = self._clauses.get(about[clause]) if clause in about else None
        return f"{place(found) if found else self._places.get(clause, '?')} ({clause})"

    def _together(self, one: str, other: str) -> bool:
        """Whether some request at some moment could be answered with either clause."""
        snapshot = self._snapshot
        if snapshot is None:
            return True
        for a in self._versions.get(one, ()):
            for b in self._versions.get(other, ()):
                first, second = snapshot.validity[a], snapshot.validity[b]
                if first.never or second.never:
                    continue
                begins = max(first.first or EVER, second.first or EVER)
                ends = [until for until in (first.until, second.until) if until is not None]
                scope, against = snapshot.version_of[a].scope, snapshot.version_of[b].scope
                same = all(fold(against.get(key, value)) == fold(value) for key, value in scope.items())
                if same and all(begins < until for until in ends):
                    return True
        return False


def _asked(decision: Decision) -> str | None:
    """The customers' words that a decision ties to a clause."""
    if isinstance(decision, AskedAs):
        return decision.text
    return decision.question if isinstance(decision, Ruling) and decision.kind is RulingKind.MEANS else None


def _unknown(id_: str) -> _Step:
    return _Step(id_, Change.REFUSED, "there is none with this id")


def _rows(connection: sa.Connection) -> Iterable[dict[str, Any]]:
    for table in _TABLES.values():
        for row in connection.execute(sa.select(table).order_by(table.c.id)):
            yield {**{str(name): value for name, value in row._mapping.items()}, "table": table}


def _row(decision: Decision, state: Standing, places: Sequence[str]) -> dict[str, Any]:
    first, *rest = zip(subjects(decision), places, strict=True)
    row: dict[str, Any] = {
        "table": _TABLES[type(decision)],
        "id": decision.id,
        "clause": first[0].clause,
        "sha256": first[0].sha256,
        "place": first[1],
        "state": state.value,
        "signed_by": decision.by,
        "signed_at": decision.at,
    }
    if isinstance(decision, Ruling):
        other = rest[0] if rest else None
        row |= {
            "kind": decision.kind.value,
            "other_clause": other[0].clause if other else None,
            "other_sha256": other[0].sha256 if other else None,
            "other_place": other[1] if other else None,
            "question": decision.question,
            "because": decision.because,
        }
    elif isinstance(decision, AskedAs):
        row["text"] = decision.text
    else:
        row |= {"text": decision.text, "language": decision.language, "tone": decision.tone}
    return row


def _signed(row: Mapping[str, Any], decision: Decision) -> dict[str, Any]:
    return {**row, "state": Standing.APPROVED.value, "signed_by": decision.by, "signed_at": decision.at}


def _decision(row: Mapping[str, Any]) -> Decision:
    about = _decision_subjects(row)
    signed = {"by": row["signed_by"], "at": row["signed_at"]}
    if row["table"] is _rulings:
        kind = RulingKind(row["kind"])
        return Ruling(row["id"], kind, about, row["question"], row["because"], **signed)
    if row["table"] is _asked_as:
        return AskedAs(row["id"], about[0], row["text"], **signed)
    return ApprovedReply(row["id"], about[0], row["text"], row["language"], row["tone"], **signed)


def _decision_subjects(row: Mapping[str, Any]) -> tuple[Subject, ...]:
    other = row.get("other_clause")
    return (Subject(row["clause"], row["sha256"]), *([Subject(other, row["other_sha256"])] if other else []))


def _about(decision: Decision, about: tuple[Subject, ...]) -> Decision:
    if isinstance(decision, Ruling):
        return replace(decision, subjects=about)
    return replace(decision, subject=about[0]) if about else decision


def _places(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["place"], *([row["other_place"]] if row.get("other_clause") else []))


def _standing(row: Mapping[str, Any], texts: Mapping[str, set[str]] | None) -> Standing:
    state = Standing(row["state"])
    if state is Standing.WITHDRAWN or texts is None:
        return state
    if any(subject.clause not in texts for subject in _decision_subjects(row)):
        return Standing.GONE
    if any(subject.sha256 not in texts[subject.clause] for subject in _decision_subjects(row)):
        return Standing.SUSPENDED
    return state


def _kind(table: sa.Table) -> str:
    return next(_KINDS[cls] for cls, known in _TABLES.items() if known is table)


def _note(made: _Step, before: Mapping[str, Any] | None, snapshot: str | None, because: str) -> Note:
    assert made.row is not None
    body: dict[str, Any] = {"change": made.change.value, "is": _plain(made.row)}
    if before is not None:
        body["was"] = _plain(before)
    if because:
        body["because"] = because
    return Note(_kind(made.row["table"]), body, snapshot, made.id)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "table" and value is not None}


def _id(prefix: str, *parts: object) -> str:
    """By content: the same decision about the same clause is one, however often it is brought in."""
    return f"{prefix}-{hashlib.sha256(orjson.dumps([prefix, *parts])).hexdigest()[:10]}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
