"""The package of Office files since 2007: parts in a ZIP archive, their relations, and properties.

python-docx and openpyxl refuse or misread what a shop has: the strict form, templates, macro files, parts under other
names, workbooks with a million formatted empty rows. So parts are read here, and nothing outside the archive ever is:
no entity is resolved, no linked template or picture fetched.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

from lxml import etree

from ingest.errors import UnreadableFile
from ingest.settings import PLAIN, Reading

Element: TypeAlias = etree._Element

_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_TREE_SHARE = 4  # an XML tree takes several times its text: one part may have a quarter of what a package may unpack to
_BROKEN = (zipfile.BadZipFile, zlib.error, etree.LxmlError, EOFError, OSError, ValueError, NotImplementedError)
_NO_TITLE = re.compile(
    r"(?:word|excel|powerpoint)?\s*(?:document|文档|文件|工作表|演示文稿|簡報|presentation|slide\s*\d*|标题|无标题|untitled.*|"
    r"microsoft\s+(?:office\s+)?(?:word|excel|powerpoint).*|.*\.(?:docx?|dotx?|xlsx?|pptx?|wps|rtf))|幻灯片\s*\d+|文档\d*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part says it is connected with."""

    kind: str  # last part of the relation's type: "footnotes", "header", "image"
    target: str  # name of the part, or the address when `outside`
    outside: bool


class Package:
    """An open package. Every method raises UnreadableFile for what is broken or too large."""

    def __init__(self, data: bytes, name: str, what: str, reading: Reading = PLAIN) -> None:
        self.name, self.what = name, what
        self.limit = reading.settings.unpacked_mb * 1024 * 1024
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._members = {info.filename.lstrip("/"): info for info in self._zip.infolist()}
        except _BROKEN as error:
            raise self.broken(error) from error
        if (size := sum(info.file_size for info in self._members.values())) > self.limit:
            raise UnreadableFile(
                name, f"it unpacks to {size:,} bytes, more than the {self.limit:,} allowed. Split the document."
            )

    def broken(self, error: BaseException) -> UnreadableFile:
        return UnreadableFile(
            self.name,
            f"the {self.what} file is broken ({type(error).__name__}). Open it in an office program and save it again.",
        )

    def only_pictures(self, count: int) -> UnreadableFile:
        return UnreadableFile(
            self.name,
            f"the {self.what} file holds {count} picture{'s' * (count > 1)} and no text. "
            "Save it as PDF, whose pages can be read by text recognition, or bring in what it was made from.",
        )

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._members)

    def has(self, part: str) -> bool:
        return part in self._members

    def content(self, part: str) -> bytes:
        """The part in the transitional form: strict namespaces are the same words under another address."""
        info = self._members.get(part)
        if info is None:
            raise UnreadableFile(
                self.name, f"the {self.what} file is broken: its part {part} is missing. Get it again from its source."
            )
        try:
            return _transitional(self._zip.read(info))
        except (*_BROKEN, RuntimeError) as error:  # RuntimeError: a member locked with a password
            raise self.broken(error) from error

    def tree(self, part: str) -> Element:
        if (size := self._members[part].file_size if part in self._members else 0) > self.limit // _TREE_SHARE:
            raise UnreadableFile(
                self.name,
                f"its part {part} has {size:,} bytes, more than the {self.limit // _TREE_SHARE:,} allowed. "
                "Split the document.",
            )
        try:
            root = etree.fromstring(self.content(part), _parser())
        except etree.LxmlError as error:
            raise self.broken(error) from error
        if root.getroottree().docinfo.doctype:
            raise UnreadableFile(
                self.name, f"its part {part} declares entities, which no office program does. It was not opened."
            )
        return root

    def elements(self, part: str, tags: tuple[str, ...], drop: Sequence[re.Pattern[bytes]] = ()) -> Iterator[Element]:
        """The part's elements with these tags as each ends, without building the tree; use one, then `forget` it.

        `drop`: markup that is taken out beforehand, one pattern after the other.
        """
        data = self.content(part)
        for pattern in drop:
            data = pattern.sub(b"", data)
        stream = io.BytesIO(data)
        if b"<!DOCTYPE" in data[:4096]:
            raise UnreadableFile(self.name, f"its part {part} declares entities. It was not opened.")
        try:
            for _, node in etree.iterparse(
                stream, events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False
            ):
                yield node
        except etree.LxmlError as error:
            raise self.broken(error) from error

    def relations(self, part: str = "") -> Mapping[str, Relation]:
        """By id. `part`: whose; "" for the package's own."""
        folder, file = posixpath.split(part)
        where = posixpath.join(folder, "_rels", f"{file}.rels")
        if not self.has(where):
            return {}
        found: dict[str, Relation] = {}
        for node in self.tree(where).iter(_RELATIONS):
            target, outside = node.get("Target", ""), node.get("TargetMode") == "External"
            if not outside:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[node.get("Id", "")] = Relation(node.get("Type", "").rsplit("/", 1)[-1], target, outside)
        return found

    def related(self, part: str, kind: str) -> list[str]:
        """Names of the parts of one kind that are there."""
        return [r.target for r in self.relations(part).values() if r.kind == kind and self.has(r.target)]

    @cached_property
    def main(self) -> str:
        """The part that the package is about: word/document.xml under whatever name."""
        usual = {"Word": "word/document.xml", "Excel": "xl/workbook.xml"}.get(self.what, "ppt/presentation.xml")
        return next(iter(self.related("", "officeDocument")), usual)

    @cached_property
    def properties(self) -> Mapping[str, str]:
        """title, author, created and modified (days in ISO form), where the file states something sensible."""
        said: dict[str, str] = {}
        names = {"title": "title", "creator": "author", "created": "created", "modified": "modified"}
        for part in self.related("", "core-properties"):
            try:
                root = self.tree(part)
            except UnreadableFile:  # a document is worth reading without its properties
                continue
            for node in root:
                key = names.get(etree.QName(node).localname) if isinstance(node.tag, str) else None
                if key and (value := stated(key, node.text or "")):
                    said.setdefault(key, value)
        return said


def forget(node: Element) -> None:
    """Lets go of an element that `elements` gave, and of those before it."""
    node.clear()
    parent = node.getparent()
    while parent is not None and node.getprevious() is not None:
        del parent[0]


def children(node: Element) -> Iterator[Element]:
    """Child elements, of alternatives only one: the first that is offered, else what stands in for it."""
    for child in node:
        if not isinstance(child.tag, str):  # comments and processing instructions
            continue
        if child.tag != f"{_MC}AlternateContent":
            yield child
            continue
        chosen = next((c for c in child if c.tag == f"{_MC}Choice" and len(c)), None)
        if chosen is None:
            chosen = next((c for c in child if c.tag == f"{_MC}Fallback"), None)
        if chosen is not None:
            yield from children(chosen)


def stated(key: str, value: str) -> str:
    """A property as far as it says anything: not the names that programs give by themselves, no impossible days."""
    value = re.sub(r"\s+", " ", value.replace("\0", " ")).strip()
    if key in ("created", "modified"):
        return _day(value)
    return "" if key == "title" and _NO_TITLE.fullmatch(value) else value


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _transitional(data: bytes) -> bytes:
    if b"purl.oclc.org/ooxml" not in data[:8192]:
        return data

    def usual(match: re.Match[bytes]) -> bytes:
        area, name = match.groups()
        name = re.sub(rb"(?<=[a-z])Properties$", b"-properties", name) if area == b"officeDocument" else name
        return b"http://schemas.openxmlformats.org/%s/2006/%s" % (area, name)

    return _STRICT.sub(usual, data)


def _day(value: str) -> str:
    try:
        day = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return day.date().isoformat() if 1990 <= day.year <= 2100 else ""  # templates carry 1601 and 1980
