"""The audit log: what was answered, what was changed, by whom. Append-only; each entry seals the one before it.

An entry's hash covers its own fields and the hash before it, so that a changed, removed or inserted entry breaks
the chain from there on. Whoever can write the whole database can also write a whole new chain: to rule that out,
keep the newest hash (`kb audit --verify` prints it) somewhere else. Callers mask personal data before they append.
"""

from __future__ import annotations

import getpass
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from kb.errors import StateError
from kb.home import Home
from kb.state import State, metadata

_audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("at", "kind", "actor", "snapshot", "subject", "body", "hash")),
)
_head = sa.Table(
    "audit_head",
    metadata,
    *(sa.Column(name, type_) for name, type_ in
      (("first", sa.Integer), ("first_hash", sa.Text), ("last", sa.Integer), ("last_hash", sa.Text))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int  # from 1, without gaps
    at: str  # UTC, ISO 8601
    kind: str  # answer, settings, feedback, publish, rollback, ruling, wording, reply, retired, retention
    actor: str  # who did it: the user of the process
    snapshot: str | None
    subject: str | None  # what it is about: an answer's id
    body: Mapping[str, Any]
    hash: str  # 64 hex digits


@dataclass(frozen=True, slots=True)
class Chain:
    """The state of the log: entries first+1 … last, and the seal of the newest."""

    first: int
    last: int
    hash: str


@dataclass(frozen=True, slots=True)
class Note:
    """What an entry is to say."""

    kind: str
    body: Mapping[str, Any]
    snapshot: str | None = None
    subject: str | None = None


class Audit:
    def __init__(self, home: Home, state: State | None = None) -> None:
        """`state`: the database, where it is open already."""
        self._state = state or State(home)
        self._actor = user()

    def append(
        self, kind: str, body: Mapping[str, Any], *, snapshot: str | None = None, subject: str | None = None
    ) -> Entry:
        """Writes one entry; it is on disk when this returns. Raises StateError."""
        with self._state.writing() as connection:
            return self.write(connection, [Note(kind, body, snapshot, subject)])[0]

    def write(self, connection: sa.Connection, notes: Sequence[Note]) -> list[Entry]:
        """Writes an entry for each note within the caller's transaction: what it changes and that it was changed
        become true together. No other process appends until that transaction has ended."""
        head = connection.execute(sa.select(_head).with_for_update()).one()
        seq, seal = head.last, head.last_hash
        at = _written(datetime.now(UTC))
        entries, rows = [], []
        for note in notes:
            entry = _sealed(seq + 1, at, note.kind, self._actor, note.snapshot, note.subject, note.body, seal)
            row = {name: getattr(entry, name) for name in ("seq", "at", "kind", "actor", "snapshot", "subject", "hash")}
            rows.append({**row, "body": _json(note.body).decode()})
            entries.append(entry)
            seq, seal = entry.seq, entry.hash
        if rows:
            connection.execute(_audit.insert(), rows)
            connection.execute(_head.update().values(last=seq, last_hash=seal))
        return entries

    def entries(
        self,
        *,
        kind: str | None = None,
        subject: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        text: str = "",
        limit: int | None = None,
    ) -> list[Entry]:
        """Entries that fit, newest first. `since` is the first moment, `until` the one after the last; `text` stands
        in the subject, the snapshot or the body as it is."""
        query = sa.select(_audit).order_by(_audit.c.seq.desc())
        if kind:
            query = query.where(_audit.c.kind == kind)
        if subject:
            query = query.where(_audit.c.subject == subject)
        if since:
            query = query.where(_audit.c.at >= _written(since))
        if until:
            query = query.where(_audit.c.at < _written(until))
        if text:
            fields = (_audit.c.body, _audit.c.subject, _audit.c.snapshot)
            query = query.where(sa.or_(*(field.contains(text, autoescape=True) for field in fields)))
        with self._state.reading() as connection:
            rows = connection.execute(query.limit(limit)).all() if connection is not None else []
        return [_entry(row) for row in rows]

    def verify(self) -> Chain:
        """Follows the whole chain. Raises StateError at the first entry that does not fit."""
        with self._state.reading() as connection:
            if connection is None:
                return Chain(0, 0, "")
            head = connection.execute(sa.select(_head)).one()
            seq, seal = head.first, head.first_hash
            rows = connection.execution_options(yield_per=1000).execute(sa.select(_audit).order_by(_audit.c.seq))
            for row in rows:
                expected = _sealed(
                    seq + 1, row.at, row.kind, row.actor, row.snapshot, row.subject, _loads(row), seal
                ).hash
                if row.seq != seq + 1 or row.hash != expected:
                    raise StateError(
                        f"The audit log has been changed: entry {row.seq} of {row.at} does not follow from entry {seq}. "
                        "Keep this database as it is and compare it with a backup."
                    )
                seq, seal = row.seq, row.hash
        if (seq, seal) != (head.last, head.last_hash):
            raise StateError(
                f"The audit log has been cut short: it ends at entry {seq}, expected {head.last}. Keep this database "
                "as it is and compare it with a backup."
            )
        return Chain(head.first, seq, seal)

    def forget_before(self, day: date) -> int:
        """Deletes the entries of earlier days, leaves a note of it, and returns how many went."""
        with self._state.writing() as connection:
            old = sa.select(_audit.c.seq, _audit.c.hash).where(_audit.c.at < day.isoformat())
            last = connection.execute(old.order_by(_audit.c.seq.desc()).limit(1)).first()
            if last is None:
                return 0
            connection.execute(_head.update().values(first=last.seq, first_hash=last.hash))
            gone = connection.execute(_audit.delete().where(_audit.c.seq <= last.seq)).rowcount
            self.write(connection, [Note("retention", {"before": day.isoformat(), "entries": gone, "last": last.hash})])
        return gone

    def snapshots_needed(self) -> set[str]:
        """The snapshots that answers in the log were given from."""
        return set(self.last_answers())

    def last_answers(self) -> dict[str, str]:
        """Snapshot -> when the last answer of the log was given from it (UTC, ISO 8601)."""
        query = (
            sa.select(_audit.c.snapshot, sa.func.max(_audit.c.at))
            .where(_audit.c.kind == "answer", _audit.c.snapshot.is_not(None))
            .group_by(_audit.c.snapshot)
        )
        with self._state.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)} if connection is not None else {}

    def close(self) -> None:
        self._state.close()


def record_change(
    home: Home, kind: str, snapshot: str, *, forced: str | None = None, overruled: Sequence[str] = ()
) -> None:
    """Logs a publish or rollback; `forced` is the reason given for overruling the checks `overruled`."""
    audit = Audit(home)
    try:
        body = {"forced_because": forced, "overruled": list(overruled)} if forced is not None else {}
        audit.append(kind, body, snapshot=snapshot)
    finally:
        audit.close()


def _written(moment: datetime) -> str:
    """As the log has it: moments sort as their texts do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _sealed(
    seq: int,
    at: str,
    kind: str,
    actor: str,
    snapshot: str | None,
    subject: str | None,
    body: Mapping[str, Any],
    before: str,
) -> Entry:
    content = _json([before, seq, at, kind, actor, snapshot, subject, body])
    return Entry(seq, at, kind, actor, snapshot, subject, body, hashlib.sha256(content).hexdigest())


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(row.seq, row.at, row.kind, row.actor, row.snapshot, row.subject, _loads(row), row.hash)


def _loads(row: sa.Row[Any]) -> Mapping[str, Any]:
    try:
        return orjson.loads(row.body)
    except orjson.JSONDecodeError:
        return {"unreadable": row.body}  # the seal will not fit


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def user() -> str:
    """Whose process this is."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process without a name in the password file
        return f"uid {os.getuid()}"
