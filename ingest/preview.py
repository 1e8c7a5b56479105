"""What would become of a file: read as an ingest would read it, and shown instead of kept."""

from __future__ import annotations

import bisect
import contextlib
import hashlib
import io
import os
import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ingest.boilerplate import shared_lines
from ingest.containers import is_container
from ingest.errors import IngestError, SourceError, UnreadableFile
from ingest.jobs import UNPACK, UnpackJob
from ingest.loaders import load
from ingest.pipeline import interpret
from ingest.settings import PLAIN, Reading, ReadingSettings
from ingest.sources import RULES_FILE, Rules, Source, collect, printable, read_bytes
from ingest.sources import member as member_of
from ingest.terms import check_fields
from ingest.types import Extract, Footnote, Found, Gap, Removed
from ingest.workers import Lost, Pool, Task
from kb.errors import KbError
from kb.moments import show_from, show_until
from kb.settings import BaseSettings, section
from kb.types import Box, Content, Version

if TYPE_CHECKING:  # both open the whole base: nothing that a reading process needs
    from kb.home import Home
    from kb.snapshot import Snapshot

FACTS = ("issuer", "number", "adopted", "published", "revised", "first_in_force", "version", "repeals", "amends")
"""The order in which facts are shown; others follow by name."""

_FROM_OUTSIDE = ("--set", "[[files]]", "[defaults]", "front matter", "file name")  # not in the stored text
_SHORTEST = 3  # characters: fewer stand anywhere in a text by chance

PICTURE_SCALE = 1.5  # pixels a point: A4 is 893 wide, twice what it takes beside the text
PICTURE_QUALITY = 55  # WebP: a page of 11-point text stays sharp in about 60 KB
MAX_PICTURE_SIDE = 2500  # pixels: what a poster is shrunk to
MAX_PICTURES_BYTES = 12 * 1024 * 1024  # all pictures of one file together


@dataclass(frozen=True, slots=True)
class Stated:
    """A piece of metadata: what counts, where it was found, and what it overrules."""

    field: str
    value: str
    evidence: str
    span: tuple[int, int] | None  # where the evidence stands in the stored text, word for word
    overruled: tuple[Found, ...] = ()  # other values for the same field, each with where it comes from


@dataclass(frozen=True, slots=True)
class Counts:
    """Where the characters went. White space is not counted."""

    in_clauses: int
    in_gaps: Mapping[str, int]  # by reason
    removed: int

    @property
    def stored(self) -> int:
        return self.in_clauses + sum(self.in_gaps.values())


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as it is displayed."""

    page: int
    width: float  # in points, as boxes are
    height: float
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Preview:
    """One document as it would stand in the base, with everything that was decided on the way."""

    name: str  # the file's own name, fit to be printed
    kind: str  # pdf, docx, …
    size_bytes: int
    content: Content
    metadata: tuple[Stated, ...]
    facts: tuple[Stated, ...]
    gaps: tuple[Gap, ...]
    removed: tuple[Removed, ...]
    footnotes: tuple[Footnote, ...]
    unread: tuple[str, ...]
    page_starts: tuple[int, ...]
    rules_from: str  # the koujing.toml that was applied; "" without one
    pictures: tuple[Picture, ...] = ()  # of some pages, if they were asked for

    @property
    def counts(self) -> Counts:
        text = self.content.version.text
        gaps: dict[str, int] = {}
        for gap in self.gaps:
            gaps[gap.reason.value] = gaps.get(gap.reason.value, 0) + _written(text[gap.start : gap.end])
        clauses = sum(_written(clause.text) for clause in self.content.clauses)
        return Counts(clauses, gaps, sum(_written(removed.text) for removed in self.removed))


@dataclass(frozen=True, slots=True)
class Member:
    """The file that was named, or one of those in an archive or a message: its preview, or why there is none."""

    name: str
    preview: Preview | None
    reason: str = ""
    inside: bool = False  # of an archive or a message


@dataclass(frozen=True, slots=True)
class PreviewJob:
    """What a reading process is asked for."""

    source: Source
    given: Mapping[str, str]
    base: BaseSettings
    reading: ReadingSettings
    extract: Path  # where the extract is kept, so that it can be cut again
    picture_pages: range = range(0)
    boilerplate: frozenset[str] = frozenset()


def look(
    file: Path,
    home: Home,
    given: Mapping[str, str],
    *,
    member: str | None = None,
    picture_pages: range = range(0),
    heard: Callable[[str], None] = lambda sign: None,
) -> tuple[Member, ...]:
    """The file's preview; of an archive or a message every member's, or only that of the one named.

    Files are read in processes of their own, as an ingest reads them. `picture_pages`: the pages whose pictures are
    wanted, as far as there are such pages. `heard` is told what is being read. Raises UnreadableFile for a file that
    is not there or gives no text, SourceError for a member that it does not hold, and InvalidMetadata for rules.
    """
    name = _checked_name(file)
    check_fields(given, dict.fromkeys(given, "--set"), home.settings)
    reading = section(ReadingSettings, home.tables.get("ingest", {}), "ingest")
    source, rules, snapshot = source_of(file, home)
    with (
        TemporaryDirectory(prefix="koujing-preview-", ignore_cleanup_errors=True) as scratch,
        Pool(reading, Path(scratch)) as pool,
    ):
        sources, others = _unpacked(source, rules, reading, pool, Path(scratch), heard)
        if member is not None:
            sources, others = _chosen(sources, member, source), []
        several = member is None and (len(sources) + len(others) > 1 or sources != [source])
        each = picture_pages[: len(picture_pages) // len(sources)] if sources else picture_pages
        known = {version.document: version.given for version in snapshot.versions} if snapshot else {}
        jobs = []
        for number, inside in enumerate(sources):
            said = {key: value for key, value in {**known.get(inside.key, {}), **given}.items() if value}
            jobs.append(PreviewJob(inside, said, home.settings, reading, Path(scratch) / f"{number}.extract", each))
        outcomes = _run(pool, jobs, heard)
        for key, again in _run(pool, _with_shared_lines(jobs, outcomes, snapshot), heard).items():
            first = outcomes[key]
            if isinstance(again, Preview) and isinstance(first, Preview):
                again = replace(again, pictures=first.pictures)
            outcomes[key] = again
    inner = {
        inside.key: inside.key.removeprefix(f"{source.key}/") if inside is not source else name for inside in sources
    }
    found = [
        Member(inner[key], None, outcome.reason, inside=several)
        if isinstance(outcome, Lost)
        else Member(inner[key], outcome, inside=several)
        for key, outcome in ((inside.key, outcomes[inside.key]) for inside in sources)
    ]
    if len(found) == 1 and not others and found[0].preview is None:
        raise UnreadableFile(name, found[0].reason)
    return (*found, *others)


def _checked_name(file: Path) -> str:
    name = printable(file.name)
    if file.is_dir():
        raise UnreadableFile(name, "it is a folder. Name one file in it; kb ingest brings in whole folders.")
    if not file.exists():
        raise UnreadableFile(name, f"there is no such file at {printable(str(file))}. Check the path and its spelling.")
    if not file.is_file():
        raise UnreadableFile(name, "it is no file, but a device, pipe or the like. Name a document.")
    if name != file.name:
        raise UnreadableFile(name, "its name is not Unicode, so that it could not be cited; rename it.")
    return name


def source_of(file: Path, home: Home) -> tuple[Source, Mapping[str, Rules], Snapshot | None]:
    """The file as an ingest would see it, the rules of its folder, and the base that already holds that folder.

    Its folder is the one that the base keeps in step, else the nearest above it with a koujing.toml: its place in it
    is its key. A file that stands in neither is a document of its own.
    """
    from kb.snapshot import Snapshot, stated_roots

    file = Path(os.path.abspath(file.expanduser()))
    roots = [Path(root) for root in stated_roots(home)]
    kept = [root for root in roots if file == root or (root in file.parents and root.is_dir())]
    ruled = [folder for folder in file.parents if (folder / RULES_FILE).is_file()]
    root = max(kept, key=lambda folder: len(folder.parts)) if kept else ruled[0] if ruled else file
    found = collect([root])
    alike = [source for source in found.sources if source.file == file]
    if not alike:  # hidden, or a link: no document of its folder
        found, kept = collect([file]), []
        alike = found.sources
    snapshot = None
    if kept:
        with contextlib.suppress(KbError):  # a preview needs no base
            snapshot = Snapshot.open(home)
    source = alike[0]
    if snapshot is not None:
        held = [key for version in snapshot.versions if (key := _key_of(version, file))]
        source = replace(source, key=held[-1]) if held else source  # it may have been ingested with --as
    return source, found.rules, snapshot


def _key_of(version: Version, file: Path) -> str | None:
    """The key under which the base holds the file, seen from one of its documents."""
    if version.source == str(file):
        return version.document
    outside, _, inner = version.source.partition(f"{file}!/")
    return version.document.removesuffix(f"/{inner}") if inner and not outside else None


def make(job: PreviewJob, tell: Callable[[str], None]) -> Preview:
    """What a reading process does. Raises UnreadableFile, InvalidMetadata, OSError."""
    reading = Reading(job.reading, tell)
    data = read_bytes(job.source.bytes_at, job.source.key, job.reading.file_mb)
    if job.extract.exists():
        extract = pickle.loads(job.extract.read_bytes())  # ours: written below, in a folder of ours
    else:
        extract = load(data, PurePosixPath(job.source.key).name, reading)
        job.extract.write_bytes(pickle.dumps(extract, pickle.HIGHEST_PROTOCOL))
    tell("cutting into clauses")
    found = _preview(job.source, extract, data, job.given, job.base, job.boilerplate)
    wanted = job.picture_pages
    if not wanted or found.kind != "pdf":
        return found
    pages = wanted[: max(0, len(found.page_starts) - wanted.start + 1)]
    return replace(found, pictures=tuple(pictures(data, pages, reading)))


def preview(
    source: Source, data: bytes, given: Mapping[str, str], settings: BaseSettings, reading: Reading = PLAIN
) -> Preview:
    """What an ingest would make of these bytes, read here. Raises UnreadableFile and InvalidMetadata, as it would."""
    extract = load(data, PurePosixPath(source.key).name, reading)
    return _preview(source, extract, data, given, settings, frozenset())


def _preview(
    source: Source,
    extract: Extract,
    data: bytes,
    given: Mapping[str, str],
    settings: BaseSettings,
    boilerplate: frozenset[str],
) -> Preview:
    name = PurePosixPath(source.key).name
    read = interpret(source, extract, hashlib.sha256(data).hexdigest(), given, settings, boilerplate)
    said = _said(source, extract, given, settings)
    version = read.content.version
    return Preview(
        name=name,
        kind="pdf" if b"%PDF-" in data[:1024] else PurePosixPath(name).suffix[1:].lower() or "text",
        size_bytes=len(data),
        content=read.content,
        metadata=tuple(_metadata(version, said)),
        facts=tuple(_facts(version)),
        gaps=read.gaps,
        removed=read.removed,
        footnotes=extract.footnotes,
        unread=read.unread,
        page_starts=extract.page_starts,
        rules_from=str(Path(source.root) / RULES_FILE) if source.rules or source.defaults else "",
    )


def _unpacked(
    source: Source,
    rules: Mapping[str, Rules],
    reading: ReadingSettings,
    pool: Pool,
    scratch: Path,
    heard: Callable[[str], None],
) -> tuple[list[Source], list[Member]]:
    """The documents in the file, itself where it is one, and what in it is none."""
    with source.file.open("rb") as handle:
        head = handle.read(4)
    if not is_container(head, source.file.name):
        return [source], []
    task = Task(source.key, UNPACK, UnpackJob(source, reading, scratch / "unpacked"))
    ((_, outcome),) = pool.run([task], lambda _, sign: heard(sign))
    if outcome is None:  # a document after all
        return [source], []
    if isinstance(outcome, Lost):
        raise UnreadableFile(source.file.name, outcome.reason)
    sources = [source] if outcome.is_document else []
    sources += [member_of(source, inner.inner, inner.stored, rules) for inner in outcome.members]
    name = source.file.name
    others = [Member(failure.path or name, None, failure.reason, inside=True) for failure in outcome.failed]
    others += [Member(printable(skipped.path), None, skipped.reason, inside=True) for skipped in outcome.skipped]
    if outcome.hidden:
        others.append(
            Member(f"{outcome.hidden} more", None, "hidden, or left behind by a system: not looked at.", inside=True)
        )
    if not sources and not others:
        raise UnreadableFile(name, "the archive is empty. Expected documents in it; check where it was copied from.")
    return sources, others


def _chosen(sources: Sequence[Source], member: str, container: Source) -> list[Source]:
    inner = {source.key.removeprefix(f"{container.key}/"): source for source in sources}
    alike = [name for name in inner if member in (name, PurePosixPath(name).name)]
    if member in inner or len(alike) == 1:
        return [inner[member] if member in inner else inner[alike[0]]]
    some = ", ".join([*inner][:10]) + (", …" if len(inner) > 10 else "")
    what = "holds several files of the name" if alike else "does not hold"
    raise SourceError(f"{container.file.name} {what} {member!r}. It holds: {some or 'nothing that can be read'}.")


def _run(pool: Pool, jobs: Sequence[PreviewJob], heard: Callable[[str], None]) -> dict[str, Preview | Lost]:
    tasks = [Task(job.source.key, "ingest.preview:make", job) for job in jobs]
    return {task.name: outcome for task, outcome in pool.run(tasks, lambda task, sign: heard(f"{task.name}: {sign}"))}


def _with_shared_lines(
    jobs: Sequence[PreviewJob], outcomes: Mapping[str, Preview | Lost], snapshot: Snapshot | None
) -> list[PreviewJob]:
    """The documents that hold lines which their folder shares: to be cut again without those."""
    root = jobs[0].source.root if jobs else ""
    texts = (
        {v.document: v.text for v in snapshot.versions if snapshot.roots.get(v.document) == root} if snapshot else {}
    )
    texts |= {key: found.content.version.text for key, found in outcomes.items() if isinstance(found, Preview)}
    lines = shared_lines(texts)
    again = [replace(job, picture_pages=range(0)) for job in jobs if lines.get(job.source.key)]
    return [replace(job, boilerplate=lines[job.source.key]) for job in again]


def pictures(data: bytes, pages: Iterable[int], reading: Reading = PLAIN) -> Iterator[Picture]:
    """Pictures of a PDF's pages. A page that cannot be drawn is passed over: its text is shown all the same."""
    from PIL import Image

    from ingest.loaders.pdf_pages import page_picture

    left = MAX_PICTURES_BYTES
    for page in pages:
        reading.tell(f"picture of page {page}")
        try:
            png = _first_that_opens(partial(page_picture, data, page, PICTURE_SCALE), reading)
        except (UnreadableFile, IndexError):
            continue
        with Image.open(io.BytesIO(png)) as image:
            width, height = image.width / PICTURE_SCALE, image.height / PICTURE_SCALE
            drawn = image.convert("RGB")
        drawn.thumbnail((MAX_PICTURE_SIDE, MAX_PICTURE_SIDE))
        small = io.BytesIO()
        drawn.save(small, "WEBP", quality=PICTURE_QUALITY, method=2)
        picture = Picture(page, width, height, "image/webp", small.getvalue())
        left -= len(picture.data)
        if left < 0:
            return
        yield picture


def _first_that_opens(draw: Callable[[str | None], bytes], reading: Reading) -> bytes:
    for password in (None, *reading.settings.passwords[:-1]):
        try:
            return draw(password)
        except UnreadableFile:
            continue
    return draw(reading.settings.passwords[-1] if reading.settings.passwords else None)


def boxes_between(boxes: Sequence[Box], start: int, end: int) -> list[Box]:
    """Where a span of the text stands on its pages, one box a line at most.

    A box that reaches over the span's edge is cut in proportion to its characters, as if all were equally wide.
    """
    found: list[Box] = []
    for box in boxes[bisect.bisect_right(boxes, start, key=lambda b: b.end) :]:
        if box.start >= end:
            break
        first, last = max(box.start, start), min(box.end, end)
        per_char = (box.x1 - box.x0) / (box.end - box.start)
        x0, x1 = box.x0 + (first - box.start) * per_char, box.x0 + (last - box.start) * per_char
        part = Box(first, last, box.page, x0, box.y0, x1, box.y1)
        if found and _same_line(found[-1], part):
            part = _joined(found.pop(), part)
        found.append(part)
    return found


def _same_line(a: Box, b: Box) -> bool:
    height = min(a.y1 - a.y0, b.y1 - b.y0)
    beside = -height <= b.x0 - a.x1 <= 2 * height  # two columns stand farther apart
    return a.page == b.page and beside and min(a.y1, b.y1) - max(a.y0, b.y0) > height / 2


def _joined(a: Box, b: Box) -> Box:
    return Box(a.start, b.end, a.page, min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))


def _said(
    source: Source, extract: Extract, given: Mapping[str, str], settings: BaseSettings
) -> list[tuple[str, str, str]]:
    """(field, value, where): everything that any layer says, the nearest to the document last."""
    layers = [
        ("[defaults] of koujing.toml", source.defaults),
        ("[[files]] of koujing.toml", source.rules),
        ("--set", given),
    ]
    said = [(field, value, where) for where, layer in layers for field, value in layer.items()]
    if not said:
        return []
    try:
        own = interpret(replace(source, rules={}, defaults={}), extract, "", {}, settings).content.version
    except IngestError:  # what the text says is no date: some layer overrules it, or nothing could be shown
        return said
    return [*said, *((field, _field(own, field), where) for field, where in own.evidence.items())]


def _metadata(version: Version, said: Sequence[tuple[str, str, str]]) -> Iterator[Stated]:
    names = ["title", "authority", "effective_from", "effective_to", "supersedes", "owner", "review_by", "language"]
    names += ["status"] if "status" in version.evidence else []
    for field in [*names, *(f"scope.{dimension}" for dimension in sorted(version.scope))]:
        value, evidence = _field(version, field), version.evidence.get(field, "")
        others = tuple(
            Found(other, where)
            for name, other, where in reversed(said)
            if name == field and where != evidence and other
        )
        if value or others:
            yield Stated(field, value, evidence, _span(version.text, evidence, value), others)


def _facts(version: Version) -> Iterator[Stated]:
    known = [name for name in FACTS if name in version.facts]
    for name in [*known, *sorted(set(version.facts) - set(known))]:
        value, evidence = version.facts[name], version.evidence.get(name, "")
        yield Stated(name, value, evidence, _span(version.text, evidence, value))


def _field(version: Version, field: str) -> str:
    if field.startswith("scope."):
        return version.scope.get(field.removeprefix("scope."), "")
    if field == "effective_from":
        return show_from(version.effective_from) or ""
    if field == "effective_to":
        return show_until(version.effective_until) or ""
    value = getattr(version, field, None)
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)


def _span(text: str, evidence: str, value: str) -> tuple[int, int] | None:
    """Where the evidence stands in the text, however it is spaced: its words, else what it quotes, else the value."""
    if evidence.startswith(_FROM_OUTSIDE):
        return None
    quoted = re.findall(r"[“\"「『‘]([^”\"」』’]+)[”\"」』’]|:\s+(.+)$", evidence)
    for words in (evidence, *(part for pair in quoted for part in pair), value):
        pattern = r"\s+".join(map(re.escape, words.split()))
        if len(words.strip()) >= _SHORTEST and (match := re.search(pattern, text)):
            return match.span()
    return None


def _written(text: str) -> int:
    return len("".join(text.split()))
