"""What would become of a file: read as an ingest would read it, and shown instead of kept."""

from __future__ import annotations

import bisect
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ingest.errors import IngestError, UnreadableFile
from ingest.loaders import load
from ingest.pipeline import interpret
from ingest.settings import PLAIN, Reading
from ingest.sources import RULES_FILE, Source, collect
from ingest.types import Extract, Footnote, Found, Gap, Removed
from kb.errors import KbError
from kb.home import Home
from kb.settings import BaseSettings
from kb.types import Box, Content, Version

FACTS = ("issuer", "number", "adopted", "published", "version", "repeals")
"""The order in which facts are shown; others follow by name."""

_FROM_OUTSIDE = ("--set", "[[files]]", "[defaults]")  # evidence that is not in the document
_SHORTEST = 3  # characters: fewer stand anywhere in a text by chance

PICTURE_SCALE = 1.5  # pixels a point: A4 is 893 wide, twice what it takes beside the text
PICTURE_QUALITY = 55  # WebP: a page of 11-point text stays sharp in about 60 KB
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
            gaps[gap.reason] = gaps.get(gap.reason, 0) + _written(text[gap.start : gap.end])
        clauses = sum(_written(clause.text) for clause in self.content.clauses)
        return Counts(clauses, gaps, sum(_written(removed.text) for removed in self.removed))


@dataclass(frozen=True, slots=True)
class Member:
    """A file that was named, or one of those in an archive or a message: its preview, or why there is none."""

    name: str
    preview: Preview | None
    reason: str = ""
    inside: bool = False  # of an archive or a message


def look(
    file: Path,
    home: Home,
    given: Mapping[str, str],
    reading: Reading = PLAIN,
    member: str | None = None,
    picture_pages: range = range(0),
) -> tuple[Member, ...]:
    """The file's preview; of an archive or a message every member's, or only that of the one named.

    `picture_pages`: of which pages pictures are wanted, as far as there are such pages. Raises UnreadableFile for a
    file that is not there or gives no text, InvalidMetadata, and SourceError for a member that it does not hold.
    """
    name = file.name.encode("utf-8", "backslashreplace").decode()
    if file.is_dir():
        raise UnreadableFile(name, "it is a folder. Name one file in it; kb ingest brings in whole folders.")
    if not file.is_file():
        raise UnreadableFile(name, f"there is no such file at {file}. Check the path and its spelling.")
    source, known = source_of(file, home)
    data = file.read_bytes()
    found = preview(source, data, {**known, **given}, home.settings, reading)
    return (Member(name, _with_pictures(found, data, picture_pages, reading)),)


def _with_pictures(found: Preview, data: bytes, wanted: range, reading: Reading) -> Preview:
    if not wanted or found.kind != "pdf":
        return found
    pages = wanted[: max(0, len(found.page_starts) - wanted.start + 1)]
    return replace(found, pictures=tuple(pictures(data, pages, reading)))


def preview(
    source: Source,
    data: bytes,
    given: Mapping[str, str],
    settings: BaseSettings,
    reading: Reading = PLAIN,
) -> Preview:
    """What an ingest would make of these bytes. Raises UnreadableFile and InvalidMetadata, as an ingest would."""
    name = PurePosixPath(source.key).name
    extract = load(data, name, reading)
    read = interpret(source, extract, hashlib.sha256(data).hexdigest(), given, settings)
    said = _said(source, extract, given, settings)
    version = read.content.version
    return Preview(
        name=name,
        kind=PurePosixPath(name).suffix[1:].lower() or "text",
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


def source_of(file: Path, home: Home) -> tuple[Source, dict[str, str]]:
    """The file as an ingest would see it, and what --set said of it earlier.

    Its folder is the one that the base keeps in step, else the nearest above it with a koujing.toml: its place in it
    is its key. A file that stands in neither is a document of its own.
    """
    from kb.snapshot import stated_roots

    file = Path(os.path.abspath(file.expanduser()))
    roots = [Path(root) for root in stated_roots(home)]
    kept = [root for root in roots if file == root or (root in file.parents and root.is_dir())]
    ruled = [folder for folder in file.parents if (folder / RULES_FILE).is_file()]
    root = max(kept, key=lambda folder: len(folder.parts)) if kept else ruled[0] if ruled else file
    if root != file:
        found = [source for source in collect([root])[0] if source.file == file]
        root = root if found else file  # a hidden file is no document of its folder
    source = found[0] if root != file else collect([file])[0][0]
    known = _known(file, home) if kept else None
    return (source, {}) if known is None else (replace(source, key=known.document), dict(known.given))


def _known(file: Path, home: Home) -> Version | None:
    """The version that the current snapshot holds of the file, if the snapshot can be read."""
    from kb.snapshot import Snapshot

    try:
        versions = Snapshot.open(home).versions
    except KbError:
        return None  # a preview needs no base
    return next((version for version in reversed(versions) if version.source == str(file)), None)


def pictures(data: bytes, pages: Iterable[int], reading: Reading = PLAIN) -> Iterator[Picture]:
    """Pictures of a PDF's pages. A page that cannot be drawn is passed over: its text is shown all the same."""
    from PIL import Image

    from ingest.loaders.pdf_pages import page_picture

    left = MAX_PICTURES_BYTES
    for page in pages:
        reading.tell(f"picture of page {page}")
        try:
            png = _first_that_opens(
                lambda password, page=page: page_picture(data, page, PICTURE_SCALE, password), reading
            )
        except (UnreadableFile, IndexError):
            continue
        with Image.open(io.BytesIO(png)) as image:
            small = io.BytesIO()
            image.convert("RGB").save(small, "WEBP", quality=PICTURE_QUALITY, method=2)
            picture = Picture(
                page, image.width / PICTURE_SCALE, image.height / PICTURE_SCALE, "image/webp", small.getvalue()
            )
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
    value = getattr(version, field, None)
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)


def _span(text: str, evidence: str, value: str) -> tuple[int, int] | None:
    """Where the evidence stands in the text: its words, else what it quotes, else, of a title, the value."""
    if evidence.startswith(_FROM_OUTSIDE):
        return None
    quoted = re.findall(r"[“\"「『‘]([^”\"」』’]+)[”\"」』’]|:\s+(.+)$", evidence)
    for words in (evidence, *(part for pair in quoted for part in pair), value):
        if len(words := words.strip()) >= _SHORTEST and (at := text.find(words)) >= 0:
            return at, at + len(words)
    return None


def _written(text: str) -> int:
    return len("".join(text.split()))
