"""Snapshots: the whole base at one moment, immutable and checksummed.

    snapshots/<id>/
        manifest.json    what it was built with, counts, the checksum of every other file, and its own
        versions.jsonl   one version a line, with where its stored text lies in texts.bin
        clauses.jsonl    one clause a line, in the order of the versions
        texts.bin        stored texts, UTF-8, one after the other
        boxes.jsonl      one version a line: where runs of its text stand on them
        decisions.json   the rulings, wordings and replies that hold
        units.npy        (n, 3) int32: clause row, start, end of every embedded piece; 0, 0 for a wording
        keys.npy         (n, 16) uint8: the cache key of every embedded piece's text
        index.faiss      its vectors, in the same order
        tokens.bin       token vectors of every clause, and
        tokens.npy       where each clause's begin (see `kb.tokens`); neither, if the embedder gives none
        words.bin        one version after the other: the words that are indexed of it
        words.npy        (versions + 1,) int64: where each version's begin
        lexical/         tantivy's files

The id is a hash of the content (versions, clauses, embedder, revisions): building the same content
again, incrementally or from nothing, gives the same id. Opening never writes.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson

from kb.decisions import NOTHING, ApprovedReply, AskedAs, Decisions, Ruling, RulingKind, Subject
from kb.embedding import Embedder
from kb.errors import DamagedSnapshot, EmbedderMismatch, HomeError, KbError, NotFound
from kb.home import Home, sync_folder, translated_disk_errors
from kb.index import METRIC, VectorIndex
from kb.lexical import LexicalIndex
from kb.moments import EVER
from kb.parts import Part, carry, recipe
from kb.sayings import Saying
from kb.tokens import TokenIndex
from kb.types import Box, Clause, ClauseKind, Content, Reference, Status, Version
from kb.units import REVISION
from kb.validity import Validity, validities
from kb.vectors import VectorCache

FORMAT = 4
_TANTIVY_LOCKS = ".tantivy-*.lock"


@dataclass(frozen=True, slots=True)
class Built:
    """What building a snapshot came to."""

    id: str
    embedded: int  # texts that were not in the vector cache
    reused: bool  # the snapshot was already on disk
    snapshot: Snapshot  # as it was read again from the disk


def build(
    home: Home,
    contents: Iterable[Content],
    embedder: Embedder,
    roots: Mapping[str, str],
    progress: Callable[[int, int], None] | None = None,
    decisions: Decisions = NOTHING,
    before: Snapshot | None = None,
) -> Built:
    """Writes the snapshot of `contents` aside, checks it and puts it in its place; publishes nothing.

    `roots`: document -> the folder (or file) it was ingested from. Of `decisions` those are frozen into it that hold
    for its texts. What `before` has of versions that stay is not computed again: the snapshot is the same without it,
    but takes longer. The caller holds the home's lock.
    Raises KbError for contents that contradict themselves; the base is then as it was.
    """
    contents = sorted(contents, key=lambda c: (c.version.document, c.version.id))
    _check(contents)
    versions_file, clauses_file, texts = _serialise(contents)
    boxes_file = b"\n".join(orjson.dumps([c.version.id, *map(_box_row, c.boxes)]) for c in contents)
    decisions = decisions.holding(clause for content in contents for clause in content.clauses)
    decisions_file = orjson.dumps(decisions)
    identity = {
        "format": FORMAT,
        "units": REVISION,
        "embedder": embedder.id,
        "metric": METRIC,
        "roots": dict(sorted(roots.items())),
        "versions": _sha256(versions_file),
        "clauses": _sha256(clauses_file),
        "boxes": _sha256(boxes_file),
        "decisions": _sha256(decisions_file),
    }
    snapshot_id = "s-" + _sha256(orjson.dumps(identity))[:12]
    if (home.snapshots_folder / snapshot_id / "manifest.json").is_file():
        try:
            return Built(snapshot_id, 0, reused=True, snapshot=Snapshot.open(home, snapshot_id))
        except DamagedSnapshot:
            shutil.rmtree(home.snapshots_folder / snapshot_id)  # the same content, whole again, takes its place

    parts = carry(contents, decisions, embedder, before)
    with translated_disk_errors(home.path), ThreadPoolExecutor(1) as beside:
        aside = Path(tempfile.mkdtemp(prefix=".building-", dir=home.snapshots_folder))
        try:
            (aside / "lexical").mkdir()
            # Tantivy works in threads of its own: the rest is done meanwhile.
            lexical = beside.submit(LexicalIndex.build, aside / "lexical", _rows(parts))
            vectors, tokens, embedded = _vectors(home, parts, embedder, progress)
            (aside / "versions.jsonl").write_bytes(versions_file)
            (aside / "clauses.jsonl").write_bytes(clauses_file)
            (aside / "texts.bin").write_bytes(texts)
            (aside / "boxes.jsonl").write_bytes(boxes_file)
            (aside / "decisions.json").write_bytes(decisions_file)
            np.save(aside / "units.npy", _spans(contents, parts))
            np.save(aside / "keys.npy", np.concatenate([np.empty((0, 16), np.uint8), *(part.keys for part in parts)]))
            VectorIndex.build(vectors).write(aside / "index.faiss")
            if embedder.reads_tokens:
                TokenIndex.write(aside, tokens)
            (aside / "words.bin").write_bytes(b"".join(part.words for part in parts))
            np.save(aside / "words.npy", np.cumsum([0, *(len(part.words) for part in parts)]))
            lexical.result()
            manifest = {
                **identity,
                "id": snapshot_id,
                "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "words": recipe(),
                "dimension": vectors.shape[1],
                "counts": {
                    "documents": len({c.version.document for c in contents}),
                    "versions": len(contents),
                    "clauses": sum(len(content.clauses) for content in contents),
                    "units": len(vectors),
                },
                "files": _written(aside, identity),
            }
            manifest["checksum"] = _manifest_checksum(manifest)
            (aside / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            written = Snapshot(aside, snapshot_id, proved=True, like=before)
            for lock in (aside / "lexical").glob(_TANTIVY_LOCKS):
                lock.unlink()
            for name in [*_files(aside), "manifest.json"]:
                with open(aside / name, "rb") as handle:
                    os.fsync(handle.fileno())
            sync_folder(aside / "lexical")
            sync_folder(aside)
            aside.chmod(0o755)
            written.folder = home.snapshots_folder / snapshot_id
            os.rename(aside, written.folder)
            sync_folder(home.snapshots_folder)
        finally:
            beside.shutdown(cancel_futures=True)
            shutil.rmtree(aside, ignore_errors=True)
    return Built(snapshot_id, embedded, reused=False, snapshot=written)


class Snapshot:
    """An opened snapshot. Reading it raises DamagedSnapshot where a checksum, count or reference is off."""

    def __init__(self, folder: Path, snapshot_id: str, proved: bool = False, like: Snapshot | None = None) -> None:
        """`proved`: its files were read for their checksums just now. `like`: an open one that it shares much with."""
        self.folder = folder
        self.id = snapshot_id
        self.manifest = _read_manifest(folder, snapshot_id)
        if not proved:
            _check_files(folder, self.manifest["files"])
        # Kept open: a snapshot that is deleted while it is being read from stays readable.
        self._texts = open(folder / "texts.bin", "rb")  # noqa: SIM115
        self._words = open(folder / "words.bin", "rb")  # noqa: SIM115
        self._word_places = np.load(folder / "words.npy")
        self.versions, self._places = _read_versions(folder / "versions.jsonl", self._read_span)
        by_id = {version.id: version for version in self.versions}
        self.clauses = _read_clauses(folder / "clauses.jsonl", by_id, _clauses_by_line(like, by_id) if like else {})
        self.decisions = _read_decisions(folder / "decisions.json")
        counts = self.manifest["counts"]
        self.units = np.load(folder / "units.npy")
        self.index = VectorIndex.read(folder / "index.faiss", self.manifest["dimension"], counts["units"])
        self.tokens = TokenIndex.read(folder, self.manifest["dimension"], counts["clauses"])
        self.lexical = LexicalIndex.read(folder / "lexical", counts["clauses"])
        if (len(self.versions), len(self.clauses), len(self.units)) != (
            counts["versions"],
            counts["clauses"],
            counts["units"],
        ):
            raise _damaged(folder, f"holds {len(self.clauses)} clauses, the manifest says {counts['clauses']}")
        self.version_of: Mapping[str, Version] = MappingProxyType(by_id)
        self.validity: Mapping[str, Validity] = MappingProxyType(validities(self.versions))
        group = {version.id: n for n, version in enumerate(self.versions)}
        self.clause_group = np.array([group[c.version] for c in self.clauses], dtype=np.int64)
        self.unit_row = self.units[:, 0].astype(np.int64)

    @classmethod
    def open(cls, home: Home, snapshot_id: str | None = None) -> Snapshot:
        """The named snapshot, or the current one."""
        while True:
            wanted = snapshot_id or home.require_current()
            try:
                return cls(home.folder_of(wanted), wanted)
            except (KbError, OSError):
                # Published over and cleared away while it was being read: then another one is current.
                if snapshot_id or home.require_current() == wanted:
                    raise

    @property
    def roots(self) -> Mapping[str, str]:
        return self.manifest["roots"]

    @property
    def embedder(self) -> str:
        return self.manifest["embedder"]

    def built_as_now(self, embedder: Embedder, decisions: Decisions = NOTHING) -> bool:
        """Whether building the same contents today, with `embedder` and `decisions`, would give this snapshot again."""
        same_recipe = (self.manifest["embedder"], self.manifest["units"]) == (embedder.id, REVISION)
        return same_recipe and self.decisions == decisions.holding(self.clauses)

    def require(self, embedder: Embedder) -> None:
        """Raises EmbedderMismatch unless the snapshot's vectors come from `embedder`, made as they are made now."""
        if self.manifest["units"] != REVISION:
            raise EmbedderMismatch(
                f"Snapshot {self.id} was built by another version of Koujing (texts embedded by recipe "
                f"{self.manifest['units']}, now {REVISION}). Rebuild it with `kb ingest PATH`: what is unchanged is kept."
            )
        if embedder.id != self.embedder:
            raise EmbedderMismatch(
                f"Snapshot {self.id} was built with the embedder {self.embedder}; the settings name {embedder.id}. "
                "Embed its documents anew with `kb publish`, or set embedding.model back."
            )

    def document_of(self, version_id: str | None) -> str | None:
        """The key of a version's document; None for None."""
        return None if version_id is None else self.version_of[version_id].document

    def era(self, at: datetime) -> datetime:
        """Since when the same versions have been in force as at `at`; EVER where nothing changed before."""
        turns = (t for v in self.validity.values() for t in (v.first, v.until) if t is not None and t <= at)
        return max(turns, default=EVER)

    def contents(self) -> Iterator[Content]:
        boxes = self.boxes()
        for version, clauses in itertools.groupby(self.clauses, key=lambda c: c.version):
            yield Content(self.version_of[version], tuple(clauses), boxes.get(version, ()))
        with_clauses = {c.version for c in self.clauses}
        for version in self.versions:
            if version.id not in with_clauses:
                yield Content(version, (), boxes.get(version.id, ()))

    def boxes(self) -> dict[str, tuple[Box, ...]]:
        """Version id -> where its text stands on its pages. Read anew each time: answering does not need it."""
        rows = (orjson.loads(line) for line in (self.folder / "boxes.jsonl").read_bytes().splitlines())
        return {version: tuple(Box(*row) for row in boxes) for version, *boxes in rows}

    def vocabulary(self) -> set[str]:
        """Every distinct word that is indexed. Read anew each time: some 50 ms for a thousand clauses."""
        found: set[str] = set()
        for start, end in itertools.pairwise(map(int, self._word_places)):
            words = zlib.decompress(os.pread(self._words.fileno(), end - start, start))
            found.update(words.decode().split())
        return found

    def check_quote(self, clause: Clause) -> None:
        """Reads the clause's version from the disk again and proves that the clause stands in it verbatim."""
        try:
            stored = self._read_span(*self._places[clause.version])
        except (OSError, UnicodeDecodeError) as error:
            raise _damaged(self.folder, f"cannot be read again ({error})") from error
        if _sha256(stored.encode()) != self.version_of[clause.version].text_sha256:
            raise _damaged(self.folder, f"has a changed text of {clause.document}")
        quoted = stored[clause.start : clause.end]
        if quoted != clause.text or _sha256(quoted.encode()) != clause.sha256:
            raise _damaged(self.folder, f"does not hold clause {clause.id} of {clause.document} verbatim")

    def verify(self) -> dict[str, int]:
        """Checks every quotation and cross-reference beyond what opening checks; returns the counts."""
        for clause in self.clauses:
            self.check_quote(clause)
        if len(self.units) and (self.unit_row.max() >= len(self.clauses) or self.unit_row.min() < 0):
            raise _damaged(self.folder, "has vectors of clauses that are not there")
        asked_as = self.decisions.wordings()
        wordings = Counter[int]()
        for row, start, end in self.units:
            if start == end == 0:
                wordings[int(row)] += 1
            elif not 0 <= start < end <= len(self.clauses[row].text):
                raise _damaged(self.folder, f"has a vector for a span outside clause {self.clauses[row].id}")
        for row, clause in enumerate(self.clauses):
            if wordings[row] != len(asked_as.get(Subject(clause.id, clause.sha256), ())):
                raise _damaged(self.folder, f"has other wordings than vectors of wordings for clause {clause.id}")
        return dict(self.manifest["counts"])

    def _read_span(self, offset: int, length: int) -> str:
        return os.pread(self._texts.fileno(), length, offset).decode("utf-8")


def stated_roots(home: Home) -> list[str]:
    """Where the current snapshot's documents came from, as far as its manifest can still be read."""
    try:
        manifest = orjson.loads((home.folder_of(home.require_current()) / "manifest.json").read_bytes())
        return sorted(set(manifest["roots"].values()))
    except (NotFound, OSError, ValueError, KeyError, AttributeError, TypeError):
        return []


def _vectors(
    home: Home, parts: Sequence[Part], embedder: Embedder, progress: Callable[[int, int], None] | None
) -> tuple[np.ndarray, list[np.ndarray], int]:
    """Of all pieces, (n, dimension) float16; token vectors of all clauses, if there are any; and how many texts had to
    be embedded for them."""
    fresh = [part for part in parts if part.vectors is None]
    cache = VectorCache(home.vector_cache_file)
    try:
        found = cache.embed(
            [text for part in fresh for text in part.texts],
            embedder,
            progress,
            [whole for part in fresh for whole in part.wholes.tolist()],
        )
    finally:
        cache.close()
    blocks, at = [np.empty((0, found.vectors.shape[1]), np.float16)], 0
    tokens: list[np.ndarray] = []
    read = iter(found.tokens)
    for part in parts:
        if part.vectors is None:
            blocks.append(found.vectors[at : at + len(part.texts)])
            at += len(part.texts)
            tokens.extend(itertools.islice(read, int(part.wholes.sum())))
        else:
            blocks.append(part.vectors)
            tokens.extend(part.tokens)
    return np.concatenate(blocks), tokens, found.embedded


def _spans(contents: Sequence[Content], parts: Sequence[Part]) -> np.ndarray:
    """(n, 3) int32: each part's rows counted on from the clauses before it."""
    first = itertools.accumulate((len(content.clauses) for content in contents), initial=0)
    moved = [part.spans + np.array([row, 0, 0], np.int32) for row, part in zip(first, parts, strict=False)]
    return np.concatenate([np.empty((0, 3), np.int32), *moved])


def _rows(parts: Sequence[Part]) -> Iterator[tuple[int, int, str, str]]:
    """What the lexical index holds of each clause: row, group, words of the text and of the heading."""
    row = 0
    for group, part in enumerate(parts):
        for words, heading in part.clause_words():
            yield row, group, words, heading
            row += 1


def _check(contents: Sequence[Content]) -> None:
    for content in contents:
        version = content.version
        seen: set[str] = set()
        end = 0
        for clause in content.clauses:
            if (clause.document, clause.version) != (version.document, version.id):
                raise KbError(f"Clause {clause.id} names {clause.document}, but stands in {version.document}.")
            if clause.id in seen:
                raise KbError(f"{version.document} has two clauses with the id {clause.id}.")
            seen.add(clause.id)
            if clause.start < end or version.text[clause.start : clause.end] != clause.text or not clause.text:
                raise KbError(f"Clause {clause.label!r} of {version.document} is not a slice of the stored text.")
            end = clause.end
        if any(not 0 <= box.start < box.end <= len(version.text) for box in content.boxes):
            raise KbError(f"{version.document} has a place on a page for text that it does not hold.")
        if version.document in version.supersedes:
            raise KbError(f"{version.document} is said to supersede itself: mend its metadata.")


def _serialise(contents: Sequence[Content]) -> tuple[bytes, bytes, bytes]:
    texts = bytearray()
    versions: list[bytes] = []
    clauses: list[bytes] = []
    for content in contents:
        v = content.version
        raw = v.text.encode("utf-8")
        record = {
            "id": v.id,
            "document": v.document,
            "title": v.title,
            "offset": len(texts),
            "bytes": len(raw),
            "text_sha256": v.text_sha256,
            "source": v.source,
            "source_sha256": v.source_sha256,
            "authority": v.authority,
            "scope": dict(sorted(v.scope.items())),
            "effective_from": v.effective_from,
            "effective_until": v.effective_until,
            "supersedes": v.supersedes,
            "owner": v.owner,
            "review_by": v.review_by,
            "language": v.language,
            "evidence": dict(sorted(v.evidence.items())),
            "facts": dict(sorted(v.facts.items())),
            "notes": v.notes,
            "doubts": v.doubts,
            "recognised": {str(page): share for page, share in sorted(v.recognised.items())},
            "given": dict(sorted(v.given.items())),
            "read_as": v.read_as,
            "status": v.status,
            "series": v.series,
            "turn": v.turn,
        }
        texts += raw
        versions.append(orjson.dumps(record))
        clauses.extend(
            orjson.dumps(
                [c.id, c.version, c.kind, c.label, c.path, c.start, c.end, c.sha256, c.page, c.context]
                + [[[r.start, r.end, r.label, r.title, r.clause] for r in c.references]]
            )
            for c in content.clauses
        )
    return b"\n".join(versions), b"\n".join(clauses), bytes(texts)


def _read_versions(
    file: Path, read_span: Callable[[int, int], str]
) -> tuple[list[Version], dict[str, tuple[int, int]]]:
    versions, places = [], {}
    for line in file.read_bytes().splitlines():
        r = orjson.loads(line)
        places[r["id"]] = (r["offset"], r["bytes"])
        versions.append(
            Version(
                id=r["id"],
                document=r["document"],
                title=r["title"],
                text=read_span(r["offset"], r["bytes"]),
                text_sha256=r["text_sha256"],
                source=r["source"],
                source_sha256=r["source_sha256"],
                authority=r["authority"],
                scope=r["scope"],
                effective_from=_moment(r["effective_from"]),
                effective_until=_moment(r["effective_until"]),
                supersedes=tuple(r["supersedes"]),
                owner=r["owner"],
                review_by=_date(r["review_by"]),
                language=r["language"],
                evidence=r["evidence"],
                facts=r["facts"],
                notes=tuple(r["notes"]),
                doubts=tuple(r["doubts"]),
                recognised={int(page): share for page, share in r["recognised"].items()},
                given=r["given"],
                read_as=r["read_as"],
                status=Status(r["status"]),
                series=r["series"],
                turn=r["turn"],
            )
        )
    return versions, places


def _clauses_by_line(snapshot: Snapshot, versions: Mapping[str, Version]) -> dict[bytes, Clause]:
    """Line of its file -> clause, of those that are slices of the same text in `versions`. None of a file that has
    changed since it was opened."""
    data = (snapshot.folder / "clauses.jsonl").read_bytes()
    if _sha256(data) != snapshot.manifest["files"]["clauses.jsonl"]["sha256"]:
        return {}
    same = {v.id for v in snapshot.versions if v.id in versions and _sliced_alike(v, versions[v.id])}
    rows = zip(data.splitlines(), snapshot.clauses, strict=True)
    return {line: clause for line, clause in rows if clause.version in same}


def _sliced_alike(one: Version, other: Version) -> bool:
    return (one.document, one.text) == (other.document, other.text)


def _read_clauses(file: Path, versions: Mapping[str, Version], known: Mapping[bytes, Clause]) -> list[Clause]:
    """`known`: what some of the lines are read as."""
    clauses = []
    for line in file.read_bytes().splitlines():
        if line in known:
            clauses.append(known[line])
            continue
        id_, version_id, kind, label, path, start, end, sha256, page, context, references = orjson.loads(line)
        version = versions.get(version_id)
        if version is None:
            raise _damaged(file.parent, f"has clause {id_} of a version {version_id} that is not there")
        text = version.text[start:end]
        clauses.append(
            Clause(
                id=id_,
                document=version.document,
                version=version_id,
                kind=ClauseKind(kind),
                label=label,
                path=tuple(path),
                start=start,
                end=end,
                text=text,
                sha256=sha256,
                page=page,
                context=context,
                references=tuple(Reference(*reference) for reference in references),
            )
        )
    return clauses


def _read_decisions(file: Path) -> Decisions:
    record = orjson.loads(file.read_bytes())
    return Decisions(
        rulings=tuple(
            Ruling(**{**r, "kind": RulingKind(r["kind"]), "subjects": tuple(Subject(**s) for s in r["subjects"])})
            for r in record["rulings"]
        ),
        asked_as=tuple(AskedAs(**{**w, "subject": Subject(**w["subject"])}) for w in record["asked_as"]),
        replies=tuple(ApprovedReply(**{**p, "subject": Subject(**p["subject"])}) for p in record["replies"]),
        sayings=tuple(Saying(**row) for row in record.get("sayings", ())),  # snapshots from before there were any
    )


def _read_manifest(folder: Path, snapshot_id: str) -> dict[str, Any]:
    try:
        manifest = orjson.loads((folder / "manifest.json").read_bytes())
        stated = manifest.pop("checksum")
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise _damaged(folder, f"has no readable manifest ({error})") from error
    if _manifest_checksum(manifest) != stated or manifest["id"] != snapshot_id:
        raise _damaged(folder, "has a manifest that does not match its own checksum or name")
    if manifest["format"] != FORMAT:
        raise DamagedSnapshot(
            f"Snapshot {snapshot_id} has format {manifest['format']}; this version of Koujing reads {FORMAT}. "
            "Rebuild it from its sources with `kb ingest --full PATH`."
        )
    return manifest


def _written(folder: Path, identity: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The records of a new snapshot's files, read back; those that its id was made from are what was meant."""
    records = {name: _file_record(folder / name) for name in sorted(_files(folder))}
    for name in ("versions.jsonl", "clauses.jsonl", "boxes.jsonl", "decisions.json"):
        if records[name]["sha256"] != identity[name.partition(".")[0]]:
            raise HomeError(
                f"{folder / name} reads otherwise than it was written: the disk is failing. Put the base on another one "
                "(--home), or mend it, then repeat the command. The base is as it was."
            )
    return records


def _check_files(folder: Path, records: Mapping[str, Mapping[str, Any]]) -> None:
    if missing := sorted(set(records) - set(_files(folder))):
        raise _damaged(folder, f"lacks {missing[0]}")
    for name, record in records.items():
        if _file_record(folder / name) != record:
            raise _damaged(folder, f"has a changed {name}")


def _files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.match(_TANTIVY_LOCKS))
    return [path.relative_to(folder).as_posix() for path in found if path.name != "manifest.json"]


def _file_record(file: Path) -> dict[str, Any]:
    with open(file, "rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        return {"sha256": digest, "bytes": handle.tell()}


def _manifest_checksum(manifest: Mapping[str, Any]) -> str:
    return _sha256(orjson.dumps(dict(manifest), option=orjson.OPT_SORT_KEYS))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _box_row(box: Box) -> list[float]:
    return [box.start, box.end, box.page, *(round(at, 1) for at in (box.x0, box.y0, box.x1, box.y1))]


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _damaged(folder: Path, what: str) -> DamagedSnapshot:
    return DamagedSnapshot(
        f"Snapshot {folder.name} {what}: nothing from it may be quoted. Go back with `kb rollback`, or rebuild it "
        "with `kb ingest --full PATH`."
    )
