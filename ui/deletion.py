"""`kb verify --deleted DOCUMENT`: place by place, that nothing of a retired document is left in what is live.

Live is everything but past snapshots: the current snapshot, the caches, the database of decisions, what a killed process
left. Past snapshots keep the document until the audit log needs them no more: they are listed with the day. So is
the log itself, which is kept because of the law, and names clauses by their ids alone.

What is looked for comes from the past snapshots that still hold the document: its sentences, its vectors and their keys,
the ids of its clauses and versions, as far as nothing live has the same. Beside what each place says of itself, the
bytes of every live file are searched for them.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import shlex
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import sqlalchemy as sa
import typer

from kb.audit import Audit
from kb.decision_log import DecisionLog
from kb.decisions import subjects
from kb.errors import KbError, NotFound
from kb.home import Home
from kb.retention import Stay, clear_caches, documents_in, retired_documents, stays
from kb.snapshot import Snapshot
from kb.state import FILE as STATE_FILE
from kb.state import State
from kb.text import sentences, tokens
from kb.types import Version
from kb.units import lexical_texts
from ui.needles import Needles
from ui.plain import visible

_MIN_RUN = 18  # bytes, six hanzi: a shorter piece ("但是：") says nothing about where it came from
_MAX_RUN = 40  # characters of a piece that are looked for
_PIECES = re.compile(
    r'["\\\t，,：:、（）()]'
)  # a quotation may begin within a sentence; JSON writes some of these otherwise
_VECTOR_BYTES = 256  # of a vector: longer rows of the cache are continued on another page of its file
_SHOWN = 5  # traces that are shown of a place; the JSON has all
_ID = re.compile(r"\b[cv]-[0-9a-f]{12}\b")
_UNASKED_TABLES = frozenset({"audit_head", "alembic_version"})  # numbers and seals
_DECISIONS = {"rulings": "ruling", "asked_as": "wording", "replies": "reply"}  # table -> what a row of it is


class Place(StrEnum):
    """Where a trace can be, in the order in which they are shown."""

    VERSIONS = "versions"  # of the current snapshot, as are the next four
    TEXTS = "texts"
    VECTORS = "vectors"
    LEXICAL = "lexical"
    DECISIONS = "decisions"
    VECTOR_CACHE = "vector_cache"
    OTHER_CACHES = "other_caches"
    STATE = "state"
    LEFTOVERS = "leftovers"  # folders that a killed process did not finish
    OTHER_FILES = "other_files"


@dataclass(frozen=True, slots=True)
class Looked:
    """One place: what was looked through, and what of the document was found."""

    place: Place
    through: str
    traces: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A snapshot that still holds the document, and when it goes."""

    stay: Stay
    documents: tuple[str, ...]
    damaged: str = ""  # why it could not be read: then what it holds was not looked for


@dataclass(frozen=True, slots=True)
class Record:
    """What the audit log, which is kept, says of the document's clauses."""

    entries: int = 0
    until: date | None = None  # the day (UTC) after which the last of them is deleted


@dataclass(frozen=True, slots=True)
class Deletion:
    """What looking for a document came to."""

    named: str
    documents: tuple[str, ...]  # its keys
    live: Mapping[str, str]  # key -> status of its newest version, where it is still in the base
    retired: Mapping[str, str]  # key -> when it was taken out, as far as the log knows
    waiting: Mapping[str, str] = field(default_factory=dict)  # key -> the draft it is in, if it never was published
    places: tuple[Looked, ...] = ()
    past: tuple[Past, ...] = ()
    record: Record = Record()
    notes: tuple[str, ...] = ()

    @property
    def deleted(self) -> bool:
        return not self.live and not self.waiting and not any(looked.traces for looked in self.places)


@dataclass(slots=True)
class _Sought:
    """What the document consists of, as far as nothing live has the same."""

    versions: set[str] = field(default_factory=set)  # ids
    clauses: set[str] = field(default_factory=set)  # ids
    runs: set[str] = field(default_factory=set)  # beginnings of its sentences and lines
    words: set[str] = field(default_factory=set)  # tokens of the lexical index
    keys: set[bytes] = field(default_factory=set)
    vectors: set[bytes] = field(default_factory=set)  # their first bytes, as they are stored
    sources: set[str] = field(default_factory=set)  # files it was read from


def look_for(home: Home, document: str, progress: Callable[[int, int], None] | None = None) -> Deletion:
    """Raises NotFound where the base never had the document, as far as it can still tell. Changes nothing."""
    current = Snapshot.open(home)
    held, damaged = _held(home, current)
    retired = _retired(home)
    keys = _keys_of(document, [*held.values(), dict.fromkeys(retired)])
    live = {v.document: v.status.value for v in current.versions if v.document in keys}
    when = {key: retired[key] for key in keys if key in retired}
    past = list(_past(home, held, damaged, keys))
    published = {key for p in past if p.stay.published for key in p.documents} | set(retired)
    waiting = {key: p.stay.snapshot for p in past for key in p.documents if key not in published}
    if live or waiting:
        return Deletion(document, keys, live, when, waiting)
    sought, past = _sought(home, current, past, keys, progress)
    known = any(not p.damaged for p in past)
    places, state = _look(home, current, sought, document, keys, known)
    notes = tuple(_notes(home, current, keys, sought, known, state.withdrawn))
    return Deletion(document, keys, live, when, waiting, places, tuple(past), state.record, notes)


def purge(home: Home, document: str) -> int:
    """Deletes what can be deleted at once: decisions about the document's clauses, what caches hold, leftovers.

    Returns how many decisions went; the audit log says so. Does nothing for a document that is in the base.
    Raises NotFound like `look_for`.
    """
    with home.writing():  # which sweeps leftovers
        found = look_for(home, document)
        if found.live or found.waiting:
            return 0
        current = Snapshot.open(home)
        sought, _ = _sought(home, current, found.past, found.documents, None)
        log = DecisionLog(home)
        try:
            about = {
                subject.clause
                for entry in log.entries()
                for subject, place in zip(subjects(entry.decision), entry.places, strict=True)
                if _placed({"place": place}, found.documents)
            }
            gone = log.forget(sought.clauses | (about - {clause.id for clause in current.clauses}))
        finally:
            log.close()
        audit = Audit(home)
        try:
            clear_caches(home, audit, rewrite=True)
        finally:
            audit.close()
    return gone


# --- what is looked for ------------------------------------------------------------------------------------------


def _held(home: Home, current: Snapshot) -> tuple[dict[str, dict[str, str | None]], dict[str, str]]:
    """Snapshot -> document -> series, and snapshot -> why it cannot be read."""
    held: dict[str, dict[str, str | None]] = {}
    damaged: dict[str, str] = {}
    for snapshot in home.snapshots():
        try:
            held[snapshot] = documents_in(home, snapshot)
        except KbError as error:
            damaged[snapshot] = str(error)
    held[current.id] = {v.document: v.series for v in current.versions}
    return held, damaged


def _retired(home: Home) -> dict[str, str]:
    audit = Audit(home)
    try:
        return retired_documents(audit)
    finally:
        audit.close()


def _keys_of(named: str, held: Iterable[Mapping[str, str | None]]) -> tuple[str, ...]:
    """The documents that a name means: a key, or all of a series. Raises NotFound naming those nearest."""
    documents: dict[str, set[str]] = {}
    for known in held:
        for key, series in known.items():
            documents.setdefault(key, set()).update(filter(None, (series,)))
    if named in documents:
        return (named,)
    if of_series := tuple(sorted(key for key, series in documents.items() if named in series)):
        return of_series
    names = sorted({*documents, *(name for series in documents.values() for name in series)})
    by_file = {name.rpartition("/")[2]: name for name in names}
    near = difflib.get_close_matches(named, names, 3, 0.5)
    near += [by_file[name] for name in difflib.get_close_matches(named.rpartition("/")[2], by_file, 3, 0.5)]
    nearest = ", ".join(dict.fromkeys(near))
    raise NotFound(
        f"No snapshot on disk and no entry of the audit log has a document {named!r}: as far as this base can tell it was "
        "never in it. "
        + (f"The nearest names are: {nearest}." if nearest else "`kb documents` lists those that are in it now.")
    )


def _past(
    home: Home,
    held: Mapping[str, Mapping[str, str | None]],
    damaged: Mapping[str, str],
    keys: Collection[str],
) -> Iterator[Past]:
    """The snapshots that hold one of `keys`, or may hold it."""
    for stay in stays(home):
        if documents := tuple(sorted(set(held.get(stay.snapshot, ())) & set(keys))):
            yield Past(stay, documents)
        elif stay.snapshot in damaged:
            yield Past(stay, (), damaged[stay.snapshot])


def _sought(
    home: Home,
    current: Snapshot,
    past: Iterable[Past],
    keys: Collection[str],
    progress: Callable[[int, int], None] | None,
) -> tuple[_Sought, list[Past]]:
    """What to look for; and `past`, each with why it could not be read."""
    found = _Sought()
    past = list(past)
    seen: set[tuple[str, ...]] = set()
    for number, one in enumerate(past):
        if progress:
            progress(number, len(past))
        try:
            if one.damaged:
                continue
            snapshot = Snapshot.open(home, one.stay.snapshot)
        except KbError as error:
            past[number] = Past(one.stay, one.documents, str(error))
            continue
        made = (snapshot.embedder, str(snapshot.manifest["units"]))
        new = [v for v in snapshot.versions if v.document in keys and (v.id, v.read_as, *made) not in seen]
        seen.update((v.id, v.read_as, *made) for v in new)
        _add(found, snapshot, new)
    if progress and past:
        progress(len(past), len(past))
    live = "\n".join(_all_text(version) for version in current.versions)
    found.runs = {run for run in found.runs if run not in live}
    found.clauses -= {clause.id for clause in current.clauses}
    found.versions -= {version.id for version in current.versions}
    if found.words:
        for clause in current.clauses:
            for text in lexical_texts(clause, current.version_of[clause.version]):
                found.words.difference_update(tokens(text))
    found.keys -= {row.tobytes() for row in np.load(current.folder / "keys.npy")}
    if found.vectors:
        found.vectors.difference_update(_vector_bytes(current, np.arange(len(current.index))))
        found.vectors.difference_update(_token_bytes(current, range(len(current.clauses))))
    return found, past


def _add(found: _Sought, snapshot: Snapshot, versions: Sequence[Version]) -> None:
    ids = {version.id for version in versions}
    if not ids:
        return
    found.versions |= ids
    for version in versions:
        found.sources.add(version.source)
        found.runs.update(_runs(_all_text(version)))
    for clause in snapshot.clauses:
        if clause.version in ids:
            found.clauses.add(clause.id)
            for text in lexical_texts(clause, snapshot.version_of[clause.version]):
                found.words.update(tokens(text))
    of_document = np.array([clause.version in ids for clause in snapshot.clauses], dtype=bool)
    rows = np.flatnonzero(of_document[snapshot.unit_row]) if len(snapshot.unit_row) else np.empty(0, np.int64)
    keys = np.load(snapshot.folder / "keys.npy")
    found.keys.update(keys[row].tobytes() for row in rows)
    found.vectors.update(_vector_bytes(snapshot, rows))
    found.vectors.update(_token_bytes(snapshot, np.flatnonzero(of_document).tolist()))


def _all_text(version: Version) -> str:
    return f"{version.title}\n{version.text}"


def _runs(text: str) -> Iterator[str]:
    """What a quotation may begin with: sentences, without their numbers, and their parts."""
    for start, end in sentences(text):
        for whole in (text[start:end], text[start:end].partition(" ")[2]):
            for piece in (re.split(r'["\\\t]', whole)[0], *_PIECES.split(whole)):
                if len((run := piece.strip()[:_MAX_RUN]).encode()) >= _MIN_RUN:
                    yield run


def _vector_bytes(snapshot: Snapshot, rows: np.ndarray) -> Iterator[bytes]:
    for begin in range(0, len(rows), 10_000):
        for vector in snapshot.index.vectors(rows[begin : begin + 10_000]).astype(np.float16):
            yield vector.tobytes()[:_VECTOR_BYTES]


def _token_bytes(snapshot: Snapshot, clauses: Iterable[int]) -> Iterator[bytes]:
    if snapshot.tokens is not None:
        for row in clauses:
            for vector in snapshot.tokens.of(slice(row, row + 1))[0]:
                yield vector.tobytes()[:_VECTOR_BYTES]


# --- where it is looked for --------------------------------------------------------------------------------------


def _look(
    home: Home, current: Snapshot, sought: _Sought, named: str, keys: Collection[str], known: bool
) -> tuple[tuple[Looked, ...], _InState]:
    """`known`: a past snapshot says what the document consisted of."""
    hits = _search_files(home, current, sought)
    state = _state(
        home, sought, keys, {what for place, _, what, _ in hits if place is Place.STATE and what in sought.runs}
    )
    bytes_found: dict[Place, list[str]] = {}
    for place, file, what, count in hits:
        if place is not Place.STATE or what not in state.quoted:
            shown = f"“{what}”" if what in sought.runs else what
            bytes_found.setdefault(place, []).append(f"{file}: {shown}{f' ({count}×)' if count > 1 else ''}")
    rebuild = "rebuild the snapshot: kb ingest --full PATH"
    purging = f"kb verify --deleted {shlex.quote(named)} --purge"
    places = {
        Place.VERSIONS: (
            f"{len(current.versions)} versions and {len(current.clauses)} clauses of {current.id}",
            [
                f"version {v.id} of {v.document}"
                for v in current.versions
                if v.id in sought.versions or v.document in keys
            ]
            + [f"clause {c.id} of {c.document}" for c in current.clauses if c.document in keys]
            + [f"the place that {d} came from" for d in current.roots if d in keys],
            rebuild,
        ),
        Place.TEXTS: (
            f"{sum(len(v.text) for v in current.versions)} characters of stored texts",
            _stray(current),
            rebuild,
        ),
        Place.VECTORS: (
            f"{len(current.units)} vectors, each of a clause that is there",
            [f"vector {row} stands for no clause" for row in _homeless(current)]
            + [f"vector {row} stands for a text of the document" for row in _keyed(current, sought.keys)],
            rebuild,
        ),
        Place.LEXICAL: (
            f"{len(current.lexical)} rows, one for each of {len(current.clauses)} clauses; "
            f"{len(sought.words)} words that only the document had",
            [f"the word {word!r}" for word in sorted(current.lexical.known(sought.words))]
            + (["rows of no clause"] if len(current.lexical) != len(current.clauses) else []),
            rebuild,
        ),
        Place.DECISIONS: (
            f"{_count(current)} rulings, wordings and replies of {current.id}",
            [f"{what} {id_} on clause {clause}" for what, id_, clause in _decided(current) if clause in sought.clauses],
            "publish anew: kb publish",
        ),
        Place.VECTOR_CACHE: (
            "every row and every byte of the vector cache",
            [] if known else _strangers(home, current),
            f"clear it: {purging}; or delete the folder cache, which can be computed again",
        ),
        Place.OTHER_CACHES: (
            "every byte of the other caches",
            [],
            f"clear them: {purging}; or delete the folder cache",
        ),
        Place.STATE: (
            "every row of the database, and every byte of its files where they lie in the base's folder",
            state.traces,
            f"withdraw it (kb ruling withdraw ID, kb wording remove ID, kb reply remove ID); or delete it: {purging}",
        ),
        Place.LEFTOVERS: (
            "folders that a killed process left",
            [],
            f"the next command that changes the base sweeps them away, such as {purging}",
        ),
        Place.OTHER_FILES: ("every other file in the base's folder", [], "delete the file, or take the text out of it"),
    }
    looked = []
    for place, (through, traces, remedy) in places.items():
        all_traces = tuple(dict.fromkeys([*traces, *bytes_found.get(place, ())]))
        looked.append(Looked(place, through, all_traces, remedy if all_traces else ""))
    return tuple(looked), state


def _stray(current: Snapshot) -> list[str]:
    size = (current.folder / "texts.bin").stat().st_size
    stated = sum(len(version.text.encode("utf-8")) for version in current.versions)
    return [f"{size - stated} bytes of texts.bin belong to no version"] if size != stated else []


def _homeless(current: Snapshot) -> list[int]:
    return [int(n) for n in np.flatnonzero((current.unit_row < 0) | (current.unit_row >= len(current.clauses)))]


def _keyed(current: Snapshot, keys: Collection[bytes]) -> list[int]:
    rows = np.load(current.folder / "keys.npy")
    return [number for number, row in enumerate(rows) if row.tobytes() in keys]


def _strangers(home: Home, current: Snapshot) -> list[str]:
    """Rows of the vector cache for texts that no snapshot on disk holds: any of them may be the document's."""
    if not home.vector_cache_file.is_file():
        return []
    held = {row.tobytes() for name in home.snapshots() for row in np.load(home.folder_of(name) / "keys.npy")}
    try:
        with contextlib.closing(sqlite3.connect(f"{home.vector_cache_file.as_uri()}?mode=ro", uri=True)) as cache:
            rows = [row for table in _cached_tables(cache) for (row,) in cache.execute(f"SELECT text FROM {table}")]
    except sqlite3.Error as error:
        return [f"the vector cache cannot be read ({error})"]
    strangers = len(set(rows) - held)
    return [f"{strangers} vectors of texts that no snapshot holds: any of them may be of it"] if strangers else []


def _cached_tables(cache: sqlite3.Connection) -> list[str]:
    """Those of the vector cache; one that is older has no tokens."""
    return [name for (name,) in cache.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def _count(current: Snapshot) -> int:
    d = current.decisions
    return len(d.rulings) + len(d.asked_as) + len(d.replies)


def _decided(current: Snapshot) -> Iterator[tuple[str, str, str]]:
    d = current.decisions
    yield from (("ruling", ruling.id, subject.clause) for ruling in d.rulings for subject in ruling.subjects)
    yield from (("wording", wording.id, wording.subject.clause) for wording in d.asked_as)
    yield from (("reply", reply.id, reply.subject.clause) for reply in d.replies)


def _search_files(home: Home, current: Snapshot, sought: _Sought) -> list[tuple[Place, str, str, int]]:
    """Searches the bytes of every live file: place, file, what was found, how often."""
    called = {run.encode("utf-8"): run for run in sought.runs}
    called |= {vector: "a vector" for vector in sought.vectors if any(vector)}
    called |= dict.fromkeys(sought.keys, "the key of a vector")
    # The log names clauses by their ids: in the files of the database they are looked for row by row.
    without_ids = Needles(called)
    called |= {id_.encode(): id_ for id_ in sought.clauses | sought.versions}
    needles = Needles(called)
    found = []
    for place, file in _live_files(home, current):
        name = file.relative_to(home.path).as_posix()
        try:
            hits = (without_ids if place is Place.STATE else needles).in_file(file)
            found += [(place, name, called[needle], count) for needle, count in hits.items()]
        except FileNotFoundError:  # another process was faster
            continue
        except OSError as error:
            found.append((place, name, f"it cannot be read ({error.strerror or error})", 1))
    return found


def _live_files(home: Home, current: Snapshot) -> Iterator[tuple[Place, Path]]:
    snapshots = home.snapshots_folder
    past = {snapshots / name for name in home.snapshots() if name != current.id}
    for folder, folders, names in os.walk(home.path):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if here / name not in past)
        for name in sorted(names):
            file = here / name
            if file.is_file() and not file.is_symlink():
                yield _place_of(home, current, file), file


def _place_of(home: Home, current: Snapshot, file: Path) -> Place:
    parts = file.relative_to(home.path).parts
    if parts[:2] == ("snapshots", current.id):
        return {
            "versions.jsonl": Place.VERSIONS,
            "clauses.jsonl": Place.VERSIONS,
            "index.faiss": Place.VECTORS,
            "keys.npy": Place.VECTORS,
            "units.npy": Place.VECTORS,
            "tokens.bin": Place.VECTORS,
            "tokens.npy": Place.VECTORS,
            "lexical": Place.LEXICAL,
            "decisions.json": Place.DECISIONS,
        }.get(parts[2], Place.TEXTS)
    if parts[0] == "snapshots":
        return Place.LEFTOVERS
    if parts[0] == "cache":
        return Place.VECTOR_CACHE if parts[1].startswith(home.vector_cache_file.name) else Place.OTHER_CACHES
    return Place.STATE if parts[0].startswith(STATE_FILE) else Place.OTHER_FILES


@dataclass(slots=True)
class _InState:
    """What the database has about the document."""

    traces: list[str] = field(default_factory=list)
    withdrawn: int = 0  # decisions that are withdrawn, and do not repeat its words
    quoted: set[str] = field(default_factory=set)  # words of it that stand in the audit log: in a question, say
    record: Record = Record()


def _state(home: Home, sought: _Sought, keys: Collection[str], runs: Collection[str]) -> _InState:
    """Row by row, whatever database it is. `runs`: those of the document that the database's files hold."""
    found = _InState()
    ids = sought.clauses | sought.versions
    entries, last = 0, ""
    state = State(home)
    try:
        with state.reading() as connection:
            if connection is None:
                return found
            tables = sa.MetaData()
            tables.reflect(connection)
            for name, table in sorted(tables.tables.items()):
                if name in _UNASKED_TABLES:
                    continue
                for row in connection.execution_options(yield_per=1000).execute(sa.select(table)):
                    record = row._mapping
                    text = "\n".join(value for value in record.values() if isinstance(value, str))
                    named = ids.intersection(_ID.findall(text))
                    if name == "audit":
                        quoted = {run for run in runs if run in text}
                        found.quoted |= quoted
                        if named or quoted:
                            entries, last = entries + 1, max(last, record["at"])
                    elif any(run in text for run in sought.runs):
                        found.traces.append(f"{_row(name, record)}, in its words")
                    elif named or _placed(record, keys):
                        if record.get("state") == "withdrawn":
                            found.withdrawn += 1
                        else:
                            found.traces.append(
                                f"{_row(name, record)}, which is about {', '.join(sorted(named)) or 'it'}"
                            )
    finally:
        state.close()
    until = datetime.fromisoformat(last).date() + timedelta(days=home.settings.audit_days) if last else None
    found.record = Record(entries, until)
    return found


def _placed(record: Mapping[Any, Any], keys: Collection[str]) -> bool:
    """Whether a decision was made about a clause of one of `keys`: "rules/a.md 第一条"."""
    places = (record.get("place"), record.get("other_place"))
    return any(place.startswith(f"{key} ") for place in places if isinstance(place, str) for key in keys)


def _row(table: str, record: Mapping[Any, Any]) -> str:
    return f"{_DECISIONS.get(table, table)} {record.get('id', '')}"


def _notes(
    home: Home,
    current: Snapshot,
    keys: Collection[str],
    sought: _Sought,
    known: bool,
    withdrawn: int,
) -> Iterator[str]:
    for version in current.versions:
        if named := sorted(set(version.supersedes) & set(keys)):
            yield f"{version.document} says that it supersedes {', '.join(named)}: the name stands in it, no text."
    for source in sorted(sought.sources):
        if Path(source).is_file():
            yield f"The file {source} is still there: the next ingest of its folder brings it back."
    if home.settings.database and not home.settings.database.startswith("sqlite"):
        yield "The database keeps rows that were deleted until it clears up after itself (PostgreSQL: VACUUM)."
    if withdrawn:
        yield (
            f"{withdrawn} decisions about its clauses are withdrawn; they stay in the database, without its words, until "
            "--purge deletes them."
        )
    if not known:
        yield (
            "No snapshot on disk that can be read holds it any more: its text is not known here, so that places were "
            "looked through by name and for whatever belongs to no live clause."
        )


# --- what is shown -----------------------------------------------------------------------------------------------


def to_json(found: Deletion) -> dict[str, Any]:
    return {
        "document": found.named,
        "documents": list(found.documents),
        "deleted": found.deleted,
        "live": dict(found.live),
        "waiting": dict(found.waiting),
        "retired": dict(found.retired),
        "places": [
            {"place": p.place.value, "looked_through": p.through, "traces": list(p.traces), "remedy": p.remedy or None}
            for p in found.places
        ],
        "snapshots": [
            {
                "snapshot": p.stay.snapshot,
                "documents": list(p.documents),
                "published": p.stay.published,
                "rollback": p.stay.before,
                "audit_until": p.stay.audit_until.isoformat() if p.stay.audit_until else None,
                "publishes": p.stay.publishes,
                "expires": expiry(p.stay),
                "damaged": p.damaged or None,
            }
            for p in found.past
        ],
        "audit": {
            "entries": found.record.entries,
            "until": found.record.until.isoformat() if found.record.until else None,
        },
        "notes": list(found.notes),
    }


def expiry(stay: Stay) -> str:
    """When a past snapshot goes, and why not sooner."""
    turn = "the next publish" if stay.publishes == 1 else f"publish {stay.publishes} from now"
    reasons = []
    if stay.before:
        reasons.append("kb rollback goes back to it")
    if not stay.published:
        reasons.append("it is a draft")
    if stay.audit_until is not None:
        reasons.append(f"answers in the audit log were given from it until {stay.audit_until}")
        when = f"goes with the first publish after {stay.audit_until}"
        return f"{when}{'' if stay.publishes == 1 else f', at the earliest with {turn}'}: {'; '.join(reasons)}"
    return f"goes with {turn}: {'; '.join(reasons) or 'it is among those that stay'}"


def show(found: Deletion) -> None:
    for line in lines(found):
        typer.echo(visible(line))


def lines(found: Deletion) -> Iterator[str]:
    name = ", ".join(found.documents)
    if found.live:
        for key, status in found.live.items():
            yield f"{key} is still in the base ({status}): it is not deleted."
        yield "Remove its file from the folder and ingest the folder again: that retires it."
    for key, draft in found.waiting.items():
        yield f"{key} waits in the draft {draft} and never was published. To let the draft go: kb snapshots --forget {draft}"
    if found.live or found.waiting:
        return
    for p in found.places:
        yield f"{'FOUND' if p.traces else 'clear':5}  {p.place.value}: {p.through}"
        for trace in p.traces[:_SHOWN]:
            yield f"       - {trace}"
        if len(p.traces) > _SHOWN:
            yield f"       - … and {len(p.traces) - _SHOWN} more (--json lists all)"
        if p.remedy:
            yield f"       → {p.remedy}"
    for past in found.past:
        yield f"past   {past.stay.snapshot} {'may hold it' if past.damaged else 'holds it'}; {expiry(past.stay)}"
        if past.damaged:
            yield f"       - {past.damaged}"
    if found.past:
        yield f"       → sooner: kb snapshots --forget {' --forget '.join(p.stay.snapshot for p in found.past)}"
    if found.record.entries:
        yield (
            f"kept   audit log: {found.record.entries} entries name its clauses or quote them; the last goes after "
            f"{found.record.until}"
        )
    for note in found.notes:
        yield f"note   {note}"
    if found.deleted:
        yield f"{name}: no trace is left in what is live."
    else:
        count = sum(len(p.traces) for p in found.places)
        yield f"{name}: {count} trace{'' if count == 1 else 's'} left; see FOUND above."


def forget(home: Home, snapshots: Sequence[str], because: str | None) -> None:
    """Lets go of past snapshots and says so on standard error."""
    from kb.retention import forget as let_go

    with home.writing():
        gone = let_go(home, snapshots, because)
    typer.echo(f"kb: {', '.join(gone)} deleted; the audit log has a note of it.", err=True)


def run(home: Home, document: str, as_json: bool, purging: bool = False) -> int:
    """The exit status: 0 where no trace is left, else 1."""
    from ui.terminal import counter

    if purging and (gone := purge(home, document)):
        typer.echo(f"kb: {gone} decisions deleted; the audit log has a note of it.", err=True)
    with counter("snapshots") as tick:
        found = look_for(home, document, tick)
    if as_json:
        typer.echo(orjson.dumps(to_json(found), option=orjson.OPT_INDENT_2).decode())
    else:
        show(found)
    return 0 if found.deleted else 1
