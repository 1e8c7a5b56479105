"""Bringing the base in step with its sources: plan, then apply."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ingest.errors import InvalidMetadata, SourceError, UnreadableFile
from ingest.pipeline import check_fields, fingerprint, read
from ingest.sources import Source, collect
from ingest.types import Failure, IngestReport, Plan
from kb.audit import record_change
from kb.embedding import Embedder
from kb.errors import DamagedSnapshot, NotFound
from kb.home import Home
from kb.retention import tidy
from kb.snapshot import Snapshot, build, stated_roots
from kb.types import Content

Progress = Callable[[str, int, int, str], None]
"""Called with the stage ("read" or "embed"), how many are done, of how many, and the name of the latest."""


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
) -> IngestReport:
    """Reads what changed below `paths`, builds the next snapshot and publishes it.

    It is not published with `draft`, nor when a check refuses it, unless `force` says why it must be.
    Interrupted at any point, it leaves the base as it was; vectors computed so far are kept.
    """
    began = time.monotonic()
    check_fields(given or {}, dict.fromkeys(given or {}, "--set"), home.settings)
    sources, roots = collect(paths, prefix)
    with home.writing():
        before = _current(home, full, roots)
        plan = make_plan(home, sources, roots, before, given or {}, full, progress)
        old = {(c.id, c.sha256) for c in before.clauses} if before else set()
        new = {(c.id, c.sha256) for content in plan.contents for c in content.clauses}
        nothing_new = before is not None and not (plan.added or plan.updated or plan.retired or plan.moved)
        if before is not None and nothing_new and before.built_as_now(embedder):
            return _report(plan, old, new, 0, before.id, True, (), began)
        if before is None and not plan.contents:
            return _report(plan, old, new, 0, None, False, ("No file gave any text.",), began)

        def embedding(done: int, total: int) -> None:
            if progress:
                progress("embed", done, total, "")

        built = build(home, plan.contents, embedder, plan.roots, embedding)
        reasons = tuple(_refusals(plan))
        published = not draft and (not reasons or force is not None)
        if published:
            # Logged before it is done: a full disk then stops the publish, not its record.
            record_change(home, "publish", built.id, forced=force if reasons else None, overruled=reasons)
            home.publish(built.id)
            tidy(home)
        return _report(plan, old, new, built.embedded, built.id, published, reasons, began)


def make_plan(
    home: Home,
    sources: Sequence[Source],
    roots: Sequence[str],
    before: Snapshot | None,
    given: Mapping[str, str],
    full: bool,
    progress: Progress | None = None,
) -> Plan:
    """Reads changed sources; writes nothing. `full` reads the unchanged ones again as well."""
    known: dict[str, list[Content]] = {}
    for content in before.contents() if before else ():
        known.setdefault(content.version.document, []).append(content)
    old_roots = dict(before.roots) if before else {}
    moved = _moved(sources, old_roots, known)

    added, updated, unchanged, failed = [], [], [], []
    contents: dict[str, list[Content]] = {}
    for number, source in enumerate(sources):
        name = _printable(source.key)
        if progress:
            progress("read", number, len(sources), name)
        if name != source.key or not _is_unicode(str(source.file)):
            failed.append(Failure(name, "its name is not Unicode, so that it could not be cited; rename it."))
            continue
        earlier = known.get(source.key, [])
        remembered = dict(earlier[-1].version.given) if earlier else {}
        settings = {key: value for key, value in {**remembered, **given}.items() if value}
        try:
            data = source.file.read_bytes()
            same_bytes = any(c.version.source_sha256 == hashlib.sha256(data).hexdigest() for c in earlier)
            same_reading = any(c.version.read_as == fingerprint(source, settings, home.settings) for c in earlier)
            if same_bytes and same_reading and not full:
                unchanged.append(source.key)
                contents[source.key] = earlier
                continue
            done = read(source, data, settings, home.settings)
            content, unread = done.content, done.unread
        except (UnreadableFile, InvalidMetadata, OSError) as error:
            failed.append(Failure(source.key, _reason(error, bool(earlier))))
            if earlier:  # a file that broke does not take its document's answers away
                contents[source.key] = earlier
            continue
        failed.extend(Failure(source.key, f"not read whole: {what}") for what in unread)
        contents[source.key] = [content]
        if not earlier:
            added.append(source.key)
        elif [c.version.id for c in earlier] == [content.version.id] and earlier[0].clauses == content.clauses:
            unchanged.append(source.key)
        else:
            updated.append(source.key)
    if progress and sources:
        progress("read", len(sources), len(sources), "")

    present = {source.key for source in sources}
    retired = [d for d, root in sorted(old_roots.items()) if root in roots and d not in present]
    for document, earlier in known.items():
        if document not in contents and document not in retired:
            contents[document] = earlier
    new_roots = {d: root for d, root in old_roots.items() if d in contents}
    # A file ingested by itself out of a folder that is kept in step stays that folder's.
    new_roots |= {s.key: s.root for s in sources if s.key in contents and not _within(s, old_roots.get(s.key))}
    return Plan(
        added=tuple(added),
        updated=tuple(updated),
        unchanged=tuple(unchanged),
        retired=tuple(retired),
        failed=tuple(failed),
        moved=tuple(moved),
        contents=tuple(c for document in sorted(contents) for c in contents[document]),
        roots=new_roots,
    )


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
        old_file = Path(known[source.key][-1].version.source)
        if old_file != source.file and old_file.exists():
            raise SourceError(
                f"The document {source.key!r} already comes from {old_file}; {source.file} would take its place. "
                "Set them apart with --as PREFIX, or remove the one that is no longer meant."
            )
        moved.append(source.key)
    return moved


def _within(source: Source, root: str | None) -> bool:
    """Whether the source is a single file below a folder that its document was ingested with."""
    return root is not None and source.root == str(source.file) and source.file.is_relative_to(root)


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
                f"The damaged snapshot also held documents from {', '.join(elsewhere)}. Name those in the same "
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
    )


def _is_unicode(name: str) -> bool:
    """Whether a name has no bytes that Python could only keep as lone surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def _reason(error: Exception, kept: bool) -> str:
    reason = error.reason if isinstance(error, UnreadableFile) else str(error)
    if isinstance(error, OSError):
        reason = f"the file could not be opened ({error.strerror or error}); check its permissions and try again."
    return reason + (" Its last good version stays in the base." if kept else "")
