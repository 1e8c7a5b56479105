"""What goes in time, and what goes at once: old entries of the audit log, snapshots that nothing needs, vectors.

The cache of vectors holds those of texts that are published or wait to be: what a publish takes out of the base it
takes out of the cache as well. Past snapshots carry their own vectors, so that going back needs no cache.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import orjson

from kb.audit import Audit
from kb.errors import ClearingFailed, DamagedSnapshot, KbError
from kb.home import Home, surplus
from kb.snapshot import Snapshot
from kb.vectors import VectorCache

RETIRED = "retired"  # the kind of entry that names the documents a publish took out of the base


@dataclass(frozen=True, slots=True)
class Stay:
    """Why a snapshot that is not current is still on disk, and until when."""

    snapshot: str
    published: bool  # it answered once; else it is a draft
    before: bool  # it is what `kb rollback` goes back to
    audit_until: date | None  # the last day (UTC) on which the audit log needs it
    publishes: int  # it goes with this publish from now on (1: the next), once the audit log lets it


def tidy(home: Home) -> list[str]:
    """To be called after every publish; the caller holds the home's lock. Returns the ids of the snapshots that went.

    Raises ClearingFailed: what was published stays so.
    """
    try:
        return _tidy(home)
    except (KbError, OSError, sqlite3.Error) as error:
        raise ClearingFailed(
            f"{home.require_current()} is published, but clearing away what is no longer needed failed ({error}) "
            "Mend that; the next publish clears it."
        ) from error


def _tidy(home: Home) -> list[str]:
    audit = Audit(home)
    try:
        audit.forget_before((datetime.now(UTC) - timedelta(days=home.settings.audit_days)).date())
        gone = home.prune(audit.last_answers())
        retired = _record_retired(home, audit)
        clear_caches(home, audit, rewrite=retired)
    finally:
        audit.close()
    return gone


def forget(home: Home, snapshots: Sequence[str], because: str | None = None) -> list[str]:
    """Deletes past snapshots before their time; the caller holds the home's lock.

    Raises KbError for the current one, and without `because` for one that answers of the audit log were given from:
    those could not be replayed any more. Nothing is deleted then. What goes is logged.
    """
    snapshots = list(dict.fromkeys(snapshots))
    current = home.require_current()
    for snapshot in snapshots:
        home.folder_of(snapshot)
    if current in snapshots:
        raise KbError(
            f"{current} is the snapshot that answers: it cannot be let go. Publish another one first (kb publish ID)."
        )
    audit = Audit(home)
    try:
        last = audit.last_answers()
        needed = [snapshot for snapshot in snapshots if snapshot in last]
        if needed and because is None:
            until = max(_audit_until(last[snapshot], home.settings.audit_days) for snapshot in needed)
            raise KbError(
                f"Answers in the audit log were given from {', '.join(needed)} and could not be replayed any more; the "
                f"log needs it until {until}. If it must go all the same, say why: --because REASON is recorded."
            )
        # Logged before it is done: a full disk then stops the deletion, not its record.
        audit.append("retention", {"snapshots": snapshots, "answers_of": needed, "because": because})
        for snapshot in snapshots:
            home.remove(snapshot)
        clear_caches(home, audit, rewrite=True)
    finally:
        audit.close()
    return snapshots


def published(home: Home) -> set[str]:
    """Every snapshot that has been current: going back leaves some that only the log knows."""
    audit = Audit(home)
    try:
        return _published(home, audit)
    finally:
        audit.close()


def stays(home: Home) -> list[Stay]:
    """Every snapshot on disk but the current one, oldest first."""
    audit = Audit(home)
    try:
        last, published = audit.last_answers(), _published(home, audit)
    finally:
        audit.close()
    current = home.current()
    names = home.snapshots()
    before = next((s for s in current.before if s in names), None) if current else None
    publishes = _publishes(names, current.snapshot if current else None, home.settings.keep_snapshots, last)
    return [
        Stay(
            snapshot=snapshot,
            published=snapshot in published,
            before=snapshot == before,
            audit_until=_audit_until(last[snapshot], home.settings.audit_days) if snapshot in last else None,
            publishes=publishes[snapshot],
        )
        for snapshot in names
        if current is None or snapshot != current.snapshot
    ]


def documents_in(home: Home, snapshot: str) -> dict[str, str | None]:
    """Document -> its series, of a snapshot on disk; without opening all of it. Raises DamagedSnapshot."""
    file = home.folder_of(snapshot) / "versions.jsonl"
    try:
        records = [orjson.loads(line) for line in file.read_bytes().splitlines()]
        return {record["document"]: record.get("series") for record in records}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedSnapshot(f"{file} cannot be read ({error}); `kb verify` says more.") from error


def retired_documents(audit: Audit) -> dict[str, str]:
    """Document -> when (UTC, ISO 8601) a publish took it out of the base last, as far back as the log goes."""
    return {name: entry.at for entry in reversed(audit.entries(kind=RETIRED)) for name in entry.body["documents"]}


def keys_in(home: Home, snapshot: str) -> set[bytes]:
    """The cache keys of what is embedded in a snapshot."""
    keys = np.ascontiguousarray(np.load(home.folder_of(snapshot) / "keys.npy"))
    return set(map(bytes, keys.view(np.dtype((np.void, 16))).ravel().tolist()))


def clear_caches(home: Home, audit: Audit, rewrite: bool) -> None:
    """Leaves in the caches what is published or waits to be, and nothing of the documents that are retired.

    `rewrite`: see `VectorCache.keep_only`. The caller holds the home's lock.
    """
    current = home.require_current()
    on_disk = home.snapshots()
    published = _published(home, audit)
    drafts = [s for s in on_disk if s not in published]
    retired: set[str] = set()
    if drafts:
        once = {d for s in on_disk if s in published for d in _documents_or_none(home, s)}
        retired = (once | set(retired_documents(audit))) - set(documents_in(home, current))
    keys = keys_in(home, current).union(*(_keys_without(home, draft, retired) for draft in drafts))
    if home.vector_cache_file.is_file():
        cache = VectorCache(home.vector_cache_file)
        try:
            cache.keep_only(keys, rewrite)
        finally:
            cache.close()
    # Kept for each snapshot under its name: what the checks before publishing found in it. Another name there is that of
    # a file whose writer was killed.
    kept = {current, *(d for d in drafts if not retired & set(_documents_or_none(home, d)))}
    with contextlib.suppress(FileNotFoundError):
        for file in list(os.scandir(home.path / "cache" / "contradictions")):
            if file.name.partition(".")[0] not in kept:
                os.unlink(file)


def _record_retired(home: Home, audit: Audit) -> bool:
    """Whether the newest publish took documents out of the base. Their names are logged: else no one could ask later."""
    current = home.current()
    if current is None or not current.before or current.before[0] not in home.snapshots():
        return False
    before = _documents_or_none(home, current.before[0])
    retired = sorted(set(before) - set(documents_in(home, current.snapshot)))
    known = audit.entries(kind=RETIRED, limit=1)
    if retired and not (known and known[0].subject == current.before[0] and known[0].snapshot == current.snapshot):
        audit.append(RETIRED, {"documents": retired}, snapshot=current.snapshot, subject=current.before[0])
    return bool(retired)


def _keys_without(home: Home, snapshot: str, documents: set[str]) -> set[bytes]:
    """The cache keys of a snapshot's texts, but for those of `documents`; none of a damaged one."""
    try:
        if not documents & set(documents_in(home, snapshot)):
            return keys_in(home, snapshot)
        opened = Snapshot.open(home, snapshot)
        keys = np.load(opened.folder / "keys.npy")
    except (KbError, OSError, ValueError):
        return set()
    stays = [opened.clauses[row].document not in documents for row in opened.unit_row]
    return {key.tobytes() for key, stay in zip(keys, stays, strict=True) if stay}


def _documents_or_none(home: Home, snapshot: str) -> Iterable[str]:
    try:
        return documents_in(home, snapshot)
    except KbError:
        return ()


def _published(home: Home, audit: Audit) -> set[str]:
    """Every snapshot that has been current, as far as the pointer and the log know."""
    current = home.current()
    logged = {entry.snapshot for kind in ("publish", "rollback") for entry in audit.entries(kind=kind)}
    pointed = (current.snapshot, *current.before) if current else ()
    return {snapshot for snapshot in (*logged, *pointed) if snapshot}


def _publishes(names: Sequence[str], current: str | None, keep: int, needed: Mapping[str, str]) -> dict[str, int]:
    """Snapshot -> with which publish from now on it goes: the rule of `Home.prune`, played forward.

    One that the log needs goes, once it does not, as if it had been spare all along.
    """
    found: dict[str, int] = {}
    for asked in names:
        held = set(needed) - {asked}
        disk, latest, count = list(names), current, 0
        while asked in disk:
            count += 1
            new = f"publish {count}"
            disk.append(new)
            pinned = {new, latest} if latest else {new}
            gone = surplus(disk, pinned, held - pinned, keep)
            disk = [s for s in disk if s not in gone]
            latest = new
        found[asked] = count
    return found


def _audit_until(last: str, days: int) -> date:
    return datetime.fromisoformat(last).date() + timedelta(days=days)
