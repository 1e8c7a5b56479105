"""Word: paragraphs and tables in document order, with the numbers that Word shows but does not store as text."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from lxml import etree

from ingest.errors import UnreadableFile
from ingest.loaders.assembly import Assembly
from ingest.loaders.tables import Cell
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

_HAN = "零一二三四五六七八九"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """Raises UnreadableFile when the package or its XML is broken."""
    try:
        document = docx.Document(io.BytesIO(data))
        assembly = Assembly()
        _body(document, assembly)
    except Exception as error:  # python-docx and lxml raise many kinds on damaged packages
        raise UnreadableFile(
            name,
            f"the Word file is broken ({type(error).__name__}). Save it again as .docx in a word processor.",
        ) from error
    _note_what_is_left_out(document, assembly)
    return assembly.extract(title=_title(document, assembly))


def _body(document: Document, assembly: Assembly) -> None:
    numbering = _Numbering(document)
    for element in _blocks(document.element.body):
        if element.tag == qn("w:tbl"):
            _table(Table(element, document), assembly, numbering)
            continue
        paragraph = Paragraph(element, document)
        text = _text(element).strip()
        number = numbering.next(paragraph) if text else ""
        text = f"{number} {text}" if number and not text.startswith(number) else text
        level = _level(paragraph)
        if level is not None and text:
            assembly.heading(text, level)
        else:
            assembly.line(text)


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables, also those inside content controls."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:smartTag"), qn("w:customXml")):
            yield from _blocks(child)


def _text(paragraph: etree._Element) -> str:
    """The text as it stands once tracked changes are accepted; text boxes are not part of it."""
    parts: list[str] = []
    for node in paragraph.iter(qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:noBreakHyphen")):
        if any(a.tag in (qn("w:txbxContent"), qn("w:del"), qn("w:moveFrom")) for a in node.iterancestors()):
            continue
        if node.tag == qn("w:t"):
            parts.append(node.text or "")
        elif node.getparent().tag == qn("w:r"):
            parts.append({qn("w:tab"): " ", qn("w:noBreakHyphen"): "-"}.get(node.tag, "\n"))
    return "".join(parts)


def _level(paragraph: Paragraph) -> int | None:
    style = paragraph.style
    outline = paragraph._p.find(f".//{qn('w:outlineLvl')}")
    while style is not None:
        label = style.name or ""
        if match := re.match(r"(?:heading|标题|標題|見出し)\s*(\d)", label, re.IGNORECASE):
            return int(match[1])
        if label.lower() in ("title", "标题", "標題", "表題"):
            return 1
        style = style.base_style
    if outline is not None and (value := outline.get(qn("w:val"), "9")).isdecimal() and int(value) < 9:
        return int(value) + 1
    return None


def _table(table: Table, assembly: Assembly, numbering: _Numbering) -> None:
    grid: list[list[Cell]] = []
    stated, above = 0, ()
    for r, row in enumerate(table.rows):
        cells = row.cells
        line: list[Cell] = []
        for i, cell in enumerate(cells):
            if i and cell._tc is cells[i - 1]._tc:
                line.append(replace(line[-1], across=True))
            elif i < len(above) and cell._tc is above[i]._tc:
                line.append(replace(grid[-1][i], across=False, down=True))
            else:
                line.append(Cell(_cell(cell, numbering), strong=_is_bold(cell)))
        grid.append(line)
        above = cells
        stated += stated == r and row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    if len(grid) > 1 and any(sum(not cell.across for cell in line) > 1 for line in grid):
        assembly.table(grid, stated=stated)
        return
    for line in grid:  # a frame around text, not a table
        for place in line:
            assembly.line(place.own)


def _is_bold(cell: _Cell) -> bool:
    runs = [run for paragraph in cell.paragraphs for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _distinct(cells: tuple[_Cell, ...]) -> list[_Cell]:
    """A cell merged across columns once; one merged down is repeated in every row it covers."""
    return [cell for i, cell in enumerate(cells) if i == 0 or cell._tc is not cells[i - 1]._tc]


def _cell(cell: _Cell, numbering: _Numbering) -> str:
    parts: list[str] = []
    for element in _blocks(cell._tc):
        if element.tag == qn("w:tbl"):
            inner = Table(element, cell)
            parts += ["，".join(_cell(c, numbering) for c in _distinct(row.cells)) for row in inner.rows]
        elif text := _text(element).strip():
            number = numbering.next(Paragraph(element, cell))
            parts.append(f"{number} {text}" if number else text)
    return "\n".join(parts)


def _title(document: Document, assembly: Assembly) -> str | None:
    for paragraph in document.paragraphs[:20]:
        if (
            paragraph.style is not None
            and (paragraph.style.name or "").lower() in ("title", "标题")
            and paragraph.text.strip()
        ):
            return paragraph.text.strip()
    stated = (document.core_properties.title or "").strip()
    return stated if stated and stated.lower() not in ("word document", "文档") and not assembly.headings else None


def _note_what_is_left_out(document: Document, assembly: Assembly) -> None:
    body = document.element.body
    if body.find(f".//{qn('w:del')}") is not None or body.find(f".//{qn('w:ins')}") is not None:
        assembly.notes.append("tracked changes: read as if all were accepted")
    boxes = ["".join(t.text or "" for t in box.iter(qn("w:t"))) for box in body.iter(qn("w:txbxContent"))]
    for box in dict.fromkeys(filter(str.strip, boxes)):
        assembly.unread.append(f"text box: “{box.strip()[:40]}” was not read; move its text into the document")
    kinds = {str(rel.reltype).rsplit("/", 1)[-1] for rel in document.part.rels.values()}
    if "footnotes" in kinds and body.find(f".//{qn('w:footnoteReference')}") is not None:
        assembly.unread.append("footnotes: not read; move their text into the document")


class _Numbering:
    """Counts Word's automatic numbers the way Word does: per list, per level, deeper levels starting anew."""

    def __init__(self, document: Document) -> None:
        self.levels: dict[str, dict[int, tuple[str, str, int]]] = {}  # numId -> level -> (format, text, start)
        self.lists: dict[str, str] = {}  # numId -> the list it counts in
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        abstract = {a.get(qn("w:abstractNumId")): a for a in root.iter(qn("w:abstractNum"))}
        for num in root.iter(qn("w:num")):
            number_id, link = num.get(qn("w:numId")), num.find(qn("w:abstractNumId"))
            base = abstract.get(link.get(qn("w:val"))) if link is not None else None
            if base is None:
                continue
            levels = {int(x.get(qn("w:ilvl"))): _describe(x) for x in base.iter(qn("w:lvl"))}
            overridden = False
            for change in num.iter(qn("w:lvlOverride")):
                depth = int(change.get(qn("w:ilvl")))
                start, level = change.find(qn("w:startOverride")), change.find(qn("w:lvl"))
                if level is not None:
                    levels[depth] = _describe(level)
                if start is not None and depth in levels:
                    levels[depth] = (*levels[depth][:2], int(start.get(qn("w:val"))))
                    overridden = True
            self.levels[number_id] = levels
            self.lists[number_id] = number_id if overridden else f"abstract {link.get(qn('w:val'))}"

    def next(self, paragraph: Paragraph) -> str:
        """The number Word prints before this paragraph; empty for none, and for bullets."""
        number_id, depth = _reference(paragraph)
        levels = self.levels.get(number_id or "", {})
        if depth not in levels:
            return ""
        counts = self.counts[self.lists[number_id or ""]]
        form, pattern, start = levels[depth]
        counts[depth] = counts.get(depth, start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        if form in ("bullet", "none"):
            return ""
        return re.sub(r"%(\d)", lambda m: self._part(levels, counts, int(m[1]) - 1, pattern), pattern).strip()

    @staticmethod
    def _part(levels: dict[int, tuple[str, str, int]], counts: dict[int, int], depth: int, pattern: str) -> str:
        form, _, start = levels.get(depth, ("decimal", "", 1))
        # Word writes an outer hanzi number in digits inside a compound such as 3.2
        compound = len(re.findall(r"%\d", pattern)) > 1
        return _format(counts.get(depth, start), "decimal" if compound and "hinese" in form else form)


def _describe(level: etree._Element) -> tuple[str, str, int]:
    def value(tag: str, default: str) -> str:
        found = level.find(qn(tag))
        return found.get(qn("w:val"), default) if found is not None else default

    return value("w:numFmt", "decimal"), value("w:lvlText", ""), int(value("w:start", "1"))


def _reference(paragraph: Paragraph) -> tuple[str | None, int]:
    """The list and level of a paragraph, stated by itself or by its style."""
    places = [paragraph._p.pPr]
    style = paragraph.style
    while style is not None:
        places.append(style.element.find(qn("w:pPr")))
        style = style.base_style
    depth: int | None = None
    for place in places:
        numbers = place.find(qn("w:numPr")) if place is not None else None
        if numbers is None:
            continue
        level, number_id = numbers.find(qn("w:ilvl")), numbers.find(qn("w:numId"))
        if depth is None and level is not None:
            depth = int(level.get(qn("w:val")))
        if number_id is not None:
            return number_id.get(qn("w:val")), depth or 0
    return None, 0


def _format(n: int, form: str) -> str:
    if "hinese" in form or form in (
        "japaneseCounting",
        "ideographDigital",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    ):
        return _hanzi(n)
    if form in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (n - 1) % 26) * ((n - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman"):
        return _roman(n).lower() if form == "lowerRoman" else _roman(n)
    if form.startswith("decimalEnclosedCircle") and 1 <= n <= 20:
        return chr(ord("①") + n - 1)
    return str(n)


def _hanzi(n: int) -> str:
    if not 0 < n < 10_000:
        return str(n)
    parts, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, n = divmod(n, unit)
        if digit:
            parts += ("零" if zero and parts else "") + _HAN[digit] + name
        zero = not digit
    return parts[1:] if parts.startswith("一十") else parts


def _roman(n: int) -> str:
    out = ""
    for value, sign in _ROMAN:
        out += sign * (n // value)
        n %= value
    return out
