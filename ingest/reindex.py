"""Bringing the base in step with its sources: plan, then apply."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest import duplicates, series
from ingest.boilerplate import shared_lines
from ingest.containers import is_container
from ingest.errors import SourceError, UnreadableFile
from ingest.jobs import READ, UNPACK, ReadJob, UnpackJob
from ingest.settings import PLAIN, ReadingSettings
from ingest.sources import Collected, Source, collect, place_of, printable, read_bytes
from ingest.sources import member as member_of
from ingest.terms import check_fields, fingerprint
from ingest.types import Failure, GapReason, IngestReport, LeftOut, Plan, Read, Review, Skipped
from ingest.workers import Cause, Lost, Pool, Task
from kb.audit import record_change
from kb.decisions import NOTHING, Decisions
from kb.embedding import Embedder
from kb.errors import DamagedSnapshot, NotFound
from kb.home import Home
from kb.moments import EVER
from kb.retention import tidy
from kb.settings import BaseSettings, section
from kb.snapshot import Snapshot, build, stated_roots
from kb.types import Content

Progress = Callable[[str, int, int, str], None]
"""Called with the stage ("unpack", "read", "cut" or "embed"), how many are done, of how many, and what is under way:
"rules/returns.pdf: page 3 of 40"."""

Check = Callable[[Snapshot, Snapshot | None], Review]
"""Called with the snapshot that was built and the one that is current, under the base's lock."""


def ingest(
    home: Home,
    paths: Sequence[Path],
    embedder: Embedder,
    *,
    given: Mapping[str, str] | None = None,
    prefix: str = "",
    draft: bool = False,
    full: bool = False,
    force: str | None = None,
    progress: Progress | None = None,
    check: Check | None = None,
    decisions: Decisions = NOTHING,
    readers: Pool | None = None,
) -> IngestReport:
    """Reads what changed below `paths`, builds the next snapshot and publishes it.

    It is not published with `draft`, nor when a check refuses it, unless `force` says why it must be.
    `check` is asked about the snapshot that was built, before it is published; `decisions` are frozen into it.
    `readers`: a pool with the settings of `home`, where one was started ahead.
    Interrupted at any point, it leaves the base as it was; vectors computed so far are kept.
    """
    began = time.monotonic()
    check_fields(given or {}, dict.fromkeys(given or {}, "--set"), home.settings)
    reading = section(ReadingSettings, home.tables.get("ingest", {}), "ingest")
    found = collect(paths, prefix, leave_out=home.path)
    with home.writing():
        before = _current(home, full, found.roots)
        plan = make_plan(home, found, before, given or {}, full, reading, progress, readers)
        old = {(c.id, c.sha256) for c in before.clauses} if before else set()
        new = {(c.id, c.sha256) for content in plan.contents for c in content.clauses}
        if before is not None and not plan.differs and before.built_as_now(embedder, decisions):
            return _report(plan, old, new, 0, before.id, True, (), began, Review())
        if before is None and not plan.contents:
            return _report(plan, old, new, 0, None, False, ("No file gave any text.",), began, Review())

        def embedding(done: int, total: int) -> None:
            if progress:
                progress("embed", done, total, "")

        built = build(home, plan.contents, embedder, plan.roots, embedding, decisions, before)
        review = check(built.snapshot, before) if check else Review()
        reasons = (*_refusals(plan), *review.refused_because)
        published = not draft and (not reasons or force is not None)
        if published:
            # Logged before it is done: a full disk then stops the publish, not its record.
            record_change(home, "publish", built.id, forced=force if reasons else None, overruled=reasons)
            home.publish(built.id)
            tidy(home)
        return _report(plan, old, new, built.embedded, built.id, published, reasons, began, review)


def make_plan(
    home: Home,
    found: Collected,
    before: Snapshot | None,
    given: Mapping[str, str],
    full: bool,
    reading: ReadingSettings = PLAIN.settings,
    progress: Progress | None = None,
    readers: Pool | None = None,
) -> Plan:
    """Reads changed sources, in processes of their own; changes nothing. `full` reads the unchanged ones again as well.

    What it comes to does not depend on how many processes read, nor on which of them is done first.
    """
    stored = _by_document(before.contents() if before else ())
    zone = home.settings.zone()
    known = {document: series.in_order(contents, zone) for document, contents in stored.items()}
    old_roots = dict(before.roots) if before else {}
    aside = home.snapshots_folder if home.snapshots_folder.is_dir() else None
    # The name is one that the next writer sweeps away, should we be killed.
    with (
        tempfile.TemporaryDirectory(prefix=".building-read-", dir=aside, ignore_cleanup_errors=True) as scratch,
        readers or Pool(reading) as pool,
    ):
        pool.scratch = Path(scratch)
        step = _Reading(home.settings, reading, pool, Path(scratch), known, given, full, progress)
        sources = step.unpack(found)
        moved = _moved(sources, old_roots, known)
        step.read(sources)
        present = {source.key for source in sources} | step.kept
        retired = [d for d, root in sorted(old_roots.items()) if root in found.roots and d not in present]
        for document, earlier in known.items():
            if document not in retired:
                step.contents.setdefault(document, earlier)
        # A file ingested by itself out of a folder that is kept in step stays that folder's.
        roots = {d: root for d, root in old_roots.items() if d not in retired}
        roots |= {s.key: s.root for s in sources if not _within(s, old_roots.get(s.key))}
        step.cut_again(sources, roots)
    contents = _by_document(series.assign((c for versions in step.contents.values() for c in versions), zone))
    roots = {document: root for document, root in sorted(roots.items()) if document in contents}
    states: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": []}
    for source in sources:
        if source.key not in contents or source.key in step.broken:
            continue
        earlier = stored.get(source.key, [])
        states["unchanged" if _same(earlier, contents[source.key]) else "updated" if earlier else "added"].append(
            source.key
        )
    return Plan(
        added=tuple(states["added"]),
        updated=tuple(states["updated"]),
        unchanged=tuple(states["unchanged"]),
        retired=tuple(retired),
        failed=tuple(sorted(step.failed, key=lambda f: f.path)),
        moved=tuple(moved),
        contents=tuple(c for document in sorted(contents) for c in contents[document]),
        roots=roots,
        differs=contents != stored or roots != old_roots,
        skipped=tuple(sorted([*found.skipped, *step.skipped], key=lambda s: s.path)),
        hidden=found.hidden + step.hidden,
        left_out=tuple(item for key in sorted(step.done) for item in _left_out(step.done[key])),
        duplicates=duplicates.find([c for document in sorted(contents) for c in contents[document]], step.done.keys()),
    )


def _by_document(contents: Iterable[Content]) -> dict[str, list[Content]]:
    """Document -> its versions, what its file says now last."""
    found: dict[str, list[Content]] = {}
    for content in contents:
        found.setdefault(content.version.document, []).append(content)
    for versions in found.values():
        versions.sort(key=lambda c: (c.version.effective_from or EVER, c.version.id))
    return found


class _Reading:
    """The steps of reading, and what they have come to so far."""

    def __init__(
        self,
        settings: BaseSettings,
        reading: ReadingSettings,
        pool: Pool,
        scratch: Path,
        known: Mapping[str, list[Content]],
        given: Mapping[str, str],
        full: bool,
        progress: Progress | None,
    ) -> None:
        self.settings, self.reading, self.pool, self.scratch = settings, reading, pool, scratch
        self.known, self.given, self.full, self.progress = known, given, full, progress
        self.contents: dict[str, list[Content]] = {}
        self.done: dict[str, Read] = {}  # what was read this time
        self.failed: list[Failure] = []
        self.broken: set[str] = set()  # documents that could not be read at all
        self.kept: set[str] = set()  # documents of archives that could not be read: they stay
        self.skipped: list[Skipped] = []
        self.hidden = 0
        self._number = itertools.count()
        self._extracts: dict[str, Path] = {}

    def unpack(self, found: Collected) -> list[Source]:
        """The sources, with the members of archives and messages in the place of those."""
        suspects = [s for s in found.sources if _is_unicode(s) and _may_hold_members(s)]
        sources = {s.key: s for s in found.sources}
        tasks = [
            Task(s.key, UNPACK, UnpackJob(s, self.reading, self.scratch / f"unpacked-{next(self._number)}"))
            for s in suspects
        ]
        for task, outcome in self._run("unpack", tasks, len(tasks)):
            source = sources[task.name]
            if outcome is None:  # a document after all
                continue
            if isinstance(outcome, Lost):
                self._fail(source.key, outcome.reason, "")
                del sources[source.key]
                continue
            if not outcome.is_document:
                del sources[source.key]
            for inner in outcome.members:
                inside = member_of(source, inner.inner, inner.stored, found.rules)
                sources.setdefault(inside.key, inside)
            for failure in outcome.failed:
                self._fail(source.key, failure.reason, failure.path)
            self.skipped += [replace(s, path=f"{source.key}/{s.path}") for s in outcome.skipped]
            self.hidden += outcome.hidden
        self.kept -= set(sources)
        for key in self.kept:
            self.contents[key] = self.known[key]
        return [sources[key] for key in sorted(sources)]

    def read(self, sources: Sequence[Source]) -> None:
        """Reads what is new or changed; what is not, or cannot be read, stays as it was."""
        at = {source.key: source for source in sources}
        for task, outcome in self._run("read", self._to_read(sources), len(sources)):
            self._take(at[task.name], outcome)

    def cut_again(self, sources: Sequence[Source], roots: Mapping[str, str]) -> None:
        """Cuts documents anew whose share in their folder's boilerplate is not what they were cut with."""
        texts: dict[str, dict[str, str]] = {}
        for document, contents in self.contents.items():
            if root := roots.get(document):
                texts.setdefault(root, {})[document] = contents[-1].version.text
        touched = {roots[source.key] for source in sources if source.key in roots}
        lines: dict[str, frozenset[str]] = {}
        for root in touched:
            lines |= shared_lines(texts.get(root, {}))
        tasks, at = [], {}
        for source in sources:
            if source.key in self.broken or source.key not in self.contents:
                continue
            version = self.contents[source.key][-1].version
            mine = lines.get(source.key, frozenset())
            if version.read_as != fingerprint(source, version.given, self.settings, mine):
                at[source.key] = source
                tasks.append(self._task(source, version.source_sha256, version.given, mine))
        for task, outcome in self._run("cut", tasks, len(tasks)):
            self._take(at[task.name], outcome)

    def _to_read(self, sources: Sequence[Source]) -> Iterator[Task | None]:
        for source in sources:
            if not _is_unicode(source):
                self._fail(printable(source.key), "its name is not Unicode, so that it could not be cited; rename it.")
                yield None
                continue
            earlier = self.known.get(source.key, [])
            remembered = dict(earlier[-1].version.given) if earlier else {}
            given = {key: value for key, value in {**remembered, **self.given}.items() if value}
            try:
                data = read_bytes(source.bytes_at, source.key, self.reading.file_mb)
            except (UnreadableFile, OSError) as error:
                self._fail(source.key, _reason(error))
                yield None
                continue
            digest = hashlib.sha256(data).hexdigest()
            del data
            loaded_as = fingerprint(source, given, self.settings)
            same = [c for c in earlier[-1:] if c.version.source_sha256 == digest]
            if any(c.version.read_as.partition("-")[0] == loaded_as for c in same) and not self.full:
                self.contents[source.key] = earlier
                yield None
                continue
            yield self._task(source, digest, given, frozenset())

    def _task(self, source: Source, sha256: str, given: Mapping[str, str], lines: frozenset[str]) -> Task:
        extract = self._extracts.setdefault(source.key, self.scratch / f"{next(self._number)}.extract")
        return Task(source.key, READ, ReadJob(source, sha256, dict(given), self.settings, self.reading, extract, lines))

    def _take(self, source: Source, outcome: Read | Lost) -> None:
        if isinstance(outcome, Lost):
            self.contents.pop(source.key, None)
            self.done.pop(source.key, None)
            self._fail(source.key, outcome.reason)
            return
        if source.stored is not None:  # from here on its extract will do
            source.stored.unlink(missing_ok=True)
        if source.key not in self.done:
            self.failed += [Failure(source.key, f"not read whole: {what}") for what in outcome.unread]
        earlier = self.known.get(source.key, [])
        self.contents[source.key] = series.with_earlier(earlier, outcome.content, self.settings.zone())
        self.done[source.key] = outcome

    def _fail(self, key: str, reason: str, inner: str | None = None) -> None:
        """Names what failed; a file that broke does not take its documents' answers away.

        `inner`: of an archive that is only broken there; "" for all of it.
        """
        path = f"{key}/{inner}" if inner else key
        below = [d for d in self.known if inner is not None and d.startswith(f"{path}/")]
        stays = [d for d in (path, *below) if d in self.known]
        if inner is None:
            self.broken.add(key)
            self.contents.update({d: self.known[d] for d in stays})
        else:
            self.kept.update(stays)
        if stays:
            reason += " Its last good version stays in the base."
        self.failed.append(Failure(path, reason))

    def _run(self, stage: str, steps: Iterable[Task | None], total: int) -> Iterator[tuple[Task, Any]]:
        """Runs tasks and shows how far it is; a step that is None was done by being drawn."""
        passed = under_way = 0

        def show(detail: str) -> None:
            if self.progress and total:
                self.progress(stage, passed - under_way, total, detail)

        def draw() -> Iterator[Task]:
            nonlocal passed, under_way
            for task in steps:
                passed += 1
                if task is not None:
                    under_way += 1
                    show(task.name)
                    yield task
                elif passed % 20 == 0:
                    show("")

        for task, outcome in self.pool.run(draw(), lambda task, sign: show(f"{task.name}: {sign}")):
            under_way -= 1
            show(task.name)
            if isinstance(outcome, Lost) and outcome.cause is Cause.NO_ROOM:  # for no file there is
                raise OSError(errno.ENOSPC, outcome.reason, str(self.scratch))
            yield task, outcome
        show("")


def _moved(
    sources: Sequence[Source], old_roots: Mapping[str, str], known: Mapping[str, Sequence[Content]]
) -> list[str]:
    """Documents that now come from another place because the earlier one is gone.

    Raises SourceError where the earlier one is still there: two sources would be one document.
    """
    moved = []
    for source in sources:
        root = old_roots.get(source.key)
        if root is None or root == source.root or _within(source, root):
            continue
        old_place = place_of(known[source.key][-1].version.source)
        if old_place != source.place and old_place.exists():
            raise SourceError(
                f"The document {source.key!r} already comes from {old_place}; {source.file} would take its place. "
                "Set them apart with --as PREFIX, or remove the one that is no longer meant."
            )
        moved.append(source.key)
    return moved


def _within(source: Source, root: str | None) -> bool:
    """Whether the source is a single file below a folder that its document was ingested with."""
    return root is not None and source.root == str(source.place) and source.place.is_relative_to(root)


def _refusals(plan: Plan) -> list[str]:
    """Why the next snapshot must not be published without a word from a maintainer."""
    reasons = []
    if plan.retired and not (plan.added or plan.updated or plan.unchanged):
        reasons.append(
            f"It would retire all {len(plan.retired)} documents that came from there: the folder holds none of them "
            "now. If that is meant, repeat with --force."
        )
    return reasons


def _current(home: Home, full: bool, roots: Sequence[str]) -> Snapshot | None:
    """The snapshot to go on from. A damaged one is passed over only if all of its sources are read again."""
    if home.current() is None:
        return None
    try:
        return Snapshot.open(home)
    except (DamagedSnapshot, NotFound):
        if not full:
            raise
        elsewhere = sorted(set(stated_roots(home)) - set(roots))
        if elsewhere:
            raise SourceError(
                f"The snapshot that cannot be used also holds documents from {', '.join(elsewhere)}. Name those in the same "
                "command, so that none is lost: kb ingest --full PATH PATH …"
            ) from None
        return None


def _report(
    plan: Plan,
    old: set[tuple[str, str]],
    new: set[tuple[str, str]],
    embedded: int,
    snapshot: str | None,
    published: bool,
    reasons: tuple[str, ...],
    began: float,
    review: Review,
) -> IngestReport:
    return IngestReport(
        plan=plan,
        clauses_added=len(new - old),
        clauses_reused=len(new & old),
        clauses_retired=len(old - new),
        embedded=embedded,
        snapshot=snapshot,
        published=published,
        refused_because=reasons,
        seconds=round(time.monotonic() - began, 3),
        review=review,
    )


def _same(earlier: Sequence[Content], now: Sequence[Content]) -> bool:
    """Whether a document says the same as before, cut in the same way."""
    return [(c.version.id, c.clauses) for c in earlier] == [(c.version.id, c.clauses) for c in now]


_FOUND_ELSEWHERE = frozenset({GapReason.HEADING, GapReason.TITLE, GapReason.TABLE_HEAD, GapReason.LEAD_IN})
"""Gaps whose text is searched with the clauses that stand under it."""


def _left_out(done: Read) -> Iterator[LeftOut]:
    version = done.content.version
    for removed in done.removed:
        yield LeftOut(version.document, removed.text, removed.reason, removed.where)
    for gap in done.gaps:
        if gap.reason not in _FOUND_ELSEWHERE:
            where = f"characters {gap.start}-{gap.end}"
            yield LeftOut(version.document, version.text[gap.start : gap.end], gap.reason.value, where)


def _may_hold_members(source: Source) -> bool:
    try:
        with open(os.open(source.file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as handle:
            return is_container(handle.read(4), source.file.name)
    except OSError:
        return False  # reading it says what is wrong


def _is_unicode(source: Source) -> bool:
    """Whether a name has no bytes that Python could only keep as lone surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in f"{source.key}{source.file}")


def _reason(error: UnreadableFile | OSError) -> str:
    if isinstance(error, UnreadableFile):
        return error.reason
    if isinstance(error, FileNotFoundError):
        return "it was there when the folder was listed and is gone now. Repeat the command."
    return f"the file could not be opened ({error.strerror or error}); check its permissions and try again."
