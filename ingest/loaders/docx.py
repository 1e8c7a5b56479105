"""Word: paragraphs and tables in reading order, with the numbers that Word shows but does not store as text.

The text is what a reader sees with all tracked changes accepted. What is left out (deleted and hidden text, comments,
running headers, the table of contents) is listed. A table of contents goes because its lines are copies of headings.

The mark of a note stays in the text as a raised sign (¹), as it is printed, for a clause that a note restricts must not
look unrestricted; only behind a digit it goes, since 30 with a raised 1 would be taken for 301.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from ingest.loaders.assembly import Assembly, one_line
from ingest.loaders.docx_numbers import number
from ingest.loaders.docx_styles import Numbering, Styles, W, on, value, whole
from ingest.loaders.docx_symbols import is_symbol_font, symbols
from ingest.loaders.formulas import one_line_formula
from ingest.loaders.ooxml import Element, Package, children
from ingest.loaders.tables import Cell, Inner
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"
_RAISED = str.maketrans("0123456789+-=()niIvxVX", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱⁱᵛˣᵛˣ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_CONTENTS_TITLE = re.compile(r"目\s*[录錄次]|contents|table of contents|차\s*례|목\s*차|índice", re.IGNORECASE)
_SILENT_FIELDS = frozenset(
    [
        "XE",
        "TC",
        "TA",
        "RD",
        "SET",
        "ASK",
        "PRIVATE",
        "COMMENTS",
        "PAGE",
        "NUMPAGES",
        "HYPERLINK",
        "TOC",
        "INDEX",
        "BIBLIOGRAPHY",
    ]
)
_CHANGED = frozenset(
    W + tag
    for tag in ("rPrChange", "pPrChange", "tblPrChange", "trPrChange", "tcPrChange", "sectPrChange", "tblGridChange")
)
_GONE = frozenset((W + "del", W + "moveFrom"))
_SKIPPED = frozenset(
    W + tag
    for tag in [
        "pPr",
        "rPr",
        "sdtPr",
        "sdtEndPr",
        "proofErr",
        "bookmarkStart",
        "bookmarkEnd",
        "commentRangeStart",
        "commentRangeEnd",
        "permStart",
        "permEnd",
        "instrText",
        "delInstrText",
        "delText",
        "softHyphen",
        "footnoteRef",
        "endnoteRef",
        "annotationRef",
        "separator",
        "continuationSeparator",
        "lastRenderedPageBreak",
        "moveFromRangeStart",
        "moveFromRangeEnd",
        "moveToRangeStart",
        "moveToRangeEnd",
        "sectPr",
        "smartTagPr",
        "customXmlPr",
        "tblPr",
        "tblGrid",
        "trPr",
        "tcPr",
    ]
)
_FORMULAS = frozenset(
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}" + tag for tag in ("oMath", "oMathPara")
)
_WRAPPERS = frozenset(W + tag for tag in ("sdtContent", "ins", "moveTo", "smartTag", "customXml"))
MAX_HEADING_CHARS = 40  # a longer one that ends like a sentence is one
TELL_EVERY = 200  # paragraphs


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """Raises UnreadableFile when the package or its XML is broken."""
    package = Package(data, name, "Word", reading)
    try:
        return _Reader(package, reading).extract()
    except (AttributeError, TypeError, KeyError, IndexError, ValueError, RecursionError) as error:
        raise package.broken(error) from error  # XML that is well formed but no document


class _Sink(Protocol):
    """Where the paragraphs and tables of a part go."""

    def line(self, text: str) -> object: ...
    def heading(self, text: str, level: int) -> None: ...
    def table(self, grid: list[list[Cell]], name: str = "", stated: int = 0) -> None: ...


@dataclass(slots=True)
class _Piece:
    """A cell's or a note's paragraphs as one text, and the tables among them."""

    parts: list[str] = field(default_factory=list)
    inner: list[Inner] = field(default_factory=list)

    def line(self, text: str) -> None:
        if text.strip():
            self.parts.append(text.strip())

    def heading(self, text: str, level: int) -> None:
        self.line(text)

    def table(self, grid: list[list[Cell]], name: str = "", stated: int = 0) -> None:
        self.inner.append(Inner(grid, stated, name))

    @property
    def text(self) -> str:
        """With the tables as lines: for places that hold no table."""
        rows = [" | ".join(cell.shown for cell in row) for inner in self.inner for row in inner.grid]
        return "\n".join([*self.parts, *rows])


@dataclass(slots=True)
class _Paragraph:
    """A paragraph while it is read."""

    properties: Element | None
    parts: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)  # text of drawings, below the paragraph
    comments: list[str] = field(default_factory=list)  # ids
    hidden: list[str] = field(default_factory=list)
    contents: bool = False  # part of a table of contents


@dataclass(slots=True)
class _Field:
    """A field: an instruction, and mostly its last result."""

    begin: Element
    instruction: str = ""
    result: bool = False  # whether its result, not its instruction, is being read

    @property
    def word(self) -> str:
        return self.instruction.split()[0].upper() if self.instruction.split() else ""


@dataclass(slots=True)
class _Notes:
    """Footnotes or endnotes: their elements by id, those referred to in order, and how they are counted."""

    kind: str
    part: str
    elements: dict[str, Element]
    form: str
    start: int
    every_section: bool
    referred: list[tuple[str, Element, bool]] = field(default_factory=list)  # mark, element, its text holds the mark
    count: int = 0


class _Reader:
    def __init__(self, package: Package, reading: Reading) -> None:
        self.package, self.reading = package, reading
        self.part = package.main
        self.root = package.tree(self.part)
        self.relations = package.relations(self.part)
        self.assembly = Assembly()
        self.styles = Styles(self._tree("styles"))
        self.numbering = Numbering(self._tree("numbering"), self.styles)
        self.fields: list[_Field] = []
        self.known_fields = _fields(self.root)
        self.notes = {kind: self._notes(kind) for kind in ("footnote", "endnote")}
        self.changes: dict[tuple[str, str], int] = {}  # (who, day) -> how many
        self.anchors: dict[str, str] = {}  # comment -> the text beside it
        self.contents: list[str] = []
        self.may_head_contents = ""
        self.carried = ""  # text of a paragraph whose mark is deleted: it goes on in the next one
        self.title: str | None = None
        self.paragraphs = self.pictures = 0

    def extract(self) -> Extract:
        body = self.root.find(W + "body")
        if body is None:
            raise self.package.broken(ValueError("no body"))
        self._walk(body, self.assembly)
        self._flush(self.assembly)
        self._add_notes()
        self._list_headers()
        self._list_comments()
        self._remark()
        properties = dict(self.package.properties)
        stated = properties.pop("title", None)
        extract = self.assembly.extract(
            title=self.title or (stated if not self.assembly.headings else None), fields=properties
        )
        if self.pictures and not extract.text:
            raise self.package.only_pictures(self.pictures)
        return extract

    # --- blocks -------------------------------------------------------------------------------------------------

    def _walk(self, parent: Element, sink: _Sink, *, in_cell: bool = False) -> None:
        tables: list[Element] = []
        for element, contents in self._blocks(parent):
            if element.tag == W + "tbl":
                if tables and _columns(tables[0]) != _columns(element):
                    self._table(tables, sink)
                    tables = []
                tables.append(element)  # tables with nothing between them are shown as one
                continue
            if tables:
                self._table(tables, sink)
                tables = []
            self._paragraph(element, sink, contents, in_cell)
        if tables:
            self._table(tables, sink)
        if self.carried:
            sink.line(self.carried)
            self.carried = ""

    def _blocks(self, parent: Element, contents: bool = False) -> Iterator[tuple[Element, bool]]:
        """Paragraphs and tables, also those inside content controls, and whether they are a table of contents."""
        for child in children(parent):
            if child.tag in (W + "p", W + "tbl"):
                yield child, contents
            elif child.tag == W + "sdt":
                gallery = child.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
                listed = gallery is not None and gallery.get(W + "val") in ("Table of Contents", "目录")
                for inner in child.findall(W + "sdtContent"):
                    yield from self._blocks(inner, contents or listed)
            elif child.tag in _WRAPPERS:
                yield from self._blocks(child, contents)
            elif child.tag in (W + "altChunk", W + "subDoc"):
                relation = self.relations.get(child.get(_R + "id", ""))
                target = relation.target if relation else "unknown"
                self.assembly.unread.append(
                    f"an inserted document ({target}) was not read; move its text into this one"
                )

    def _paragraph(self, element: Element, sink: _Sink, contents: bool, in_cell: bool) -> None:
        self.paragraphs += 1
        if self.paragraphs % TELL_EVERY == 0:
            self.reading.tell(f"paragraph {self.paragraphs}")
        properties = element.find(W + "pPr")
        mark = properties.find(W + "rPr") if properties is not None else None
        paragraph = _Paragraph(properties, contents=contents or self.styles.is_contents(properties))
        self._inline(element, paragraph)
        text = self.carried + "".join(paragraph.parts)
        self.carried = ""
        if paragraph.hidden:
            self.assembly.leave_out("".join(paragraph.hidden), "hidden text", _beside(text))
        self.anchors |= dict.fromkeys(paragraph.comments, text)
        joined = mark is not None and (mark.find(W + "del") is not None or mark.find(W + "moveFrom") is not None)
        if joined:
            self._changed(mark.find(W + "del") if mark is not None else None)
        if joined or (mark is not None and on(mark, "specVanish")):  # this paragraph goes on in the next one
            self.carried = text
        elif not (paragraph.hidden and not text.strip()):
            printed = self.numbering.next(properties)
            if text.strip() or in_cell:
                text = f"{printed}{text.strip()}"
            self._emit(text, paragraph, sink)
        for aside in paragraph.asides:
            sink.line(aside)
        for box in paragraph.boxes:
            carried, self.carried = self.carried, ""
            self._walk(box, sink, in_cell=in_cell)
            self.carried = carried
        if properties is not None and properties.find(W + "sectPr") is not None:
            for notes in self.notes.values():
                notes.count = 0 if notes.every_section else notes.count

    def _emit(self, text: str, paragraph: _Paragraph, sink: _Sink) -> None:
        text = text.strip()
        if not text:
            return
        if paragraph.contents:
            self.contents += [self.may_head_contents] * bool(self.may_head_contents) + [text]
            self.may_head_contents = ""
            return
        self._flush(sink)
        if sink is self.assembly and _CONTENTS_TITLE.fullmatch(text):
            self.may_head_contents = text  # goes with the table of contents, if one follows
            return
        level = self.styles.level(paragraph.properties)
        if level is None or _is_prose(text):
            sink.line(text)
            return
        if self.title is None and sink is self.assembly and self.styles.is_title(paragraph.properties):
            self.title = one_line(text)
        sink.heading(text, level)

    def _flush(self, sink: _Sink) -> None:
        if self.contents:
            self.assembly.leave_out("\n".join(self.contents), "table of contents", "as the word processor made it")
            self.contents = []
        if self.may_head_contents:
            sink.line(self.may_head_contents)
            self.may_head_contents = ""

    # --- tables -------------------------------------------------------------------------------------------------

    def _table(self, elements: list[Element], sink: _Sink) -> None:
        self._flush(sink)
        rows = [row for element in elements for row in self._rows(element)]
        cells = [list(_cells(row)) for row in rows]
        if len(rows) < 2 or max(map(len, cells)) < 2:  # a frame around text, not a table
            for cell in (cell for row in cells for cell in row):
                if value(cell.find(W + "tcPr"), "vMerge") not in ("", "continue"):
                    self._walk(cell, sink)
            return
        bold_head = self._has_bold_head(elements[0])
        grid: list[list[Cell]] = []
        above: dict[int, Cell] = {}
        stated = 0
        for r, (row, places) in enumerate(zip(rows, cells, strict=True)):
            properties = row.find(W + "trPr")
            stated += stated == r and bool(on(properties, "tblHeader"))
            line = [Cell()] * whole(value(properties, "gridBefore"))
            for place in places:
                self._cell(place, line, above, strong=bold_head and r == 0)
            above = {i: cell for i, cell in enumerate(line) if not cell.across}
            grid.append(line)
        sink.table(grid, stated=stated)

    def _cell(self, element: Element, line: list[Cell], above: dict[int, Cell], *, strong: bool) -> None:
        properties = element.find(W + "tcPr")
        span = min(max(1, whole(value(properties, "gridSpan"), 1)), 200)
        down = value(properties, "vMerge") in ("", "continue") and len(line) in above
        if value(properties, "hMerge") in ("", "continue") and line:
            line.append(replace(line[-1], across=True))
            return
        piece = _Piece()
        self._walk(element, piece, in_cell=True)
        cell = Cell("\n".join(piece.parts), strong=strong or self._is_bold(element), inner=tuple(piece.inner))
        if down:
            self.assembly.leave_out(piece.text, "hidden under a merged cell", "a table")
            cell = replace(above[len(line)], across=False, down=True)
        if properties is not None and properties.find(W + "cellDel") is not None:
            self._delete(properties.find(W + "cellDel"), piece.text)
            cell = Cell()
        line += [cell, *[replace(cell, across=True)] * (span - 1)]

    def _rows(self, table: Element) -> Iterator[Element]:
        for child in children(table):
            if child.tag in (W + "sdt", W + "sdtContent", W + "customXml", W + "ins"):
                yield from self._rows(child)
            elif child.tag == W + "tr":
                properties = child.find(W + "trPr")
                if properties is not None and properties.find(W + "del") is not None:
                    self._delete(properties.find(W + "del"), _plain(child))
                elif properties is not None and on(properties, "hidden"):
                    self.assembly.leave_out(_plain(child), "hidden text", "a row of a table")
                else:
                    if properties is not None and properties.find(W + "ins") is not None:
                        self._changed(properties.find(W + "ins"))
                    yield child

    def _is_bold(self, cell: Element) -> bool:
        runs = [
            self.styles.switch("b", run.find(W + "rPr"), paragraph.find(W + "pPr"))
            for paragraph in cell.iter(W + "p")
            for run in paragraph.iter(W + "r")
            if any((t.text or "").strip() for t in run.iter(W + "t"))
        ]
        return bool(runs) and all(runs)

    def _has_bold_head(self, table: Element) -> bool:
        properties = table.find(W + "tblPr")
        look = properties.find(W + "tblLook") if properties is not None else None
        if look is None or not (look.get(W + "firstRow") == "1" or int(look.get(W + "val", "0"), 16) & 0x20):
            return False
        for style in self.styles.chain(value(properties, "tblStyle")):
            for part in style.iter(W + "tblStylePr"):
                if part.get(W + "type") == "firstRow" and on(part.find(W + "rPr"), "b"):
                    return True
        return False

    # --- words --------------------------------------------------------------------------------------------------

    def _inline(self, parent: Element, paragraph: _Paragraph) -> None:
        for child in children(parent):
            tag = child.tag
            if tag == W + "r":
                self._run(child, paragraph)
            elif tag in _GONE:
                self._delete(child, _plain(child, deleted=True))
            elif tag in _SKIPPED or tag in _CHANGED:
                continue
            elif tag == W + "sdt" and on(child.find(W + "sdtPr"), "showingPlcHdr"):
                self.assembly.leave_out(_plain(child), "prompt of an empty form field", "a form field")
            elif tag == W + "fldSimple":
                self.fields.append(_Field(child, child.get(W + "instr", ""), result=True))
                self._inline(child, paragraph)
                self.fields.pop()
            elif tag == W + "ruby":
                self._ruby(child, paragraph)
            elif tag in _FORMULAS:
                self._add(one_line_formula(child), paragraph)
            elif tag == W + "subDoc":
                relation = self.relations.get(child.get(_R + "id", ""))
                self.assembly.unread.append(
                    f"a sub-document ({relation.target if relation else 'unknown'}) was not read"
                )
            else:
                if tag in (W + "ins", W + "moveTo"):
                    self._changed(child)
                self._inline(child, paragraph)

    def _run(self, run: Element, paragraph: _Paragraph) -> None:
        properties = run.find(W + "rPr")
        hidden = self.styles.switch("vanish", properties, paragraph.properties)
        fonts = properties.find(W + "rFonts") if properties is not None else None
        font = (fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or "") if fonts is not None else ""
        raised = value(properties, "vertAlign")
        for node in children(run):
            tag = node.tag
            if tag == W + "t":
                text = symbols(node.text or "", font)
                if raised in ("superscript", "subscript") and not is_symbol_font(font):
                    text = _shift(text, raised)
                self._add(text, paragraph, hidden)
            elif tag in (W + "tab", W + "ptab"):
                self._add(" ", paragraph, hidden)
            elif tag in (W + "br", W + "cr"):
                self._add("\n", paragraph, hidden)
            elif tag == W + "noBreakHyphen":
                self._add("-", paragraph, hidden)
            elif tag == W + "sym":
                self._symbol(node.get(W + "char", ""), node.get(W + "font", ""), paragraph, hidden)
            elif tag == W + "fldChar":
                self._field(node, paragraph)
            elif tag in (W + "footnoteReference", W + "endnoteReference"):
                if not hidden:
                    self._refer(node, run, paragraph)
            elif tag == W + "commentReference":
                paragraph.comments.append(node.get(W + "id", ""))
            elif tag == W + "ruby":
                self._ruby(node, paragraph)
            elif tag in (W + "drawing", W + "pict", W + "object"):
                self._drawing(node, paragraph)
            elif tag == W + "contentPart":
                self.assembly.unread.append("handwriting or a drawing by pen was not read")
            elif tag in _FORMULAS:
                self._add(one_line_formula(node), paragraph, hidden)

    def _add(self, text: str, paragraph: _Paragraph, hidden: bool = False) -> None:
        if any(not one.result for one in self.fields):  # inside an instruction
            return
        if hidden:
            paragraph.hidden.append(text)
            return
        paragraph.contents = paragraph.contents or any(one.word == "TOC" for one in self.fields)
        paragraph.parts.append(text)

    def _symbol(self, code: str, font: str, paragraph: _Paragraph, hidden: bool) -> None:
        try:
            sign = chr(int(code, 16))
        except (ValueError, OverflowError):
            return
        shown = symbols(sign, font)
        if "\ue000" <= shown <= "\uf8ff":
            self.assembly.unread.append(
                f"a sign of the font {font or 'unknown'} (code {code}) has no letter; it was left as it is"
            )
        self._add(shown, paragraph, hidden)

    def _field(self, node: Element, paragraph: _Paragraph) -> None:
        kind = node.get(W + "fldCharType")
        if kind == "begin" and node in self.known_fields:
            self.fields.append(_Field(node, self.known_fields[node]))
        elif kind == "separate" and self.fields:
            self.fields[-1].result = True
        elif kind == "end" and self.fields:
            one = self.fields.pop()
            if one.word in ("FORMCHECKBOX", "FORMDROPDOWN") or not one.result:
                self._add(self._without_result(one), paragraph)

    def _without_result(self, one: _Field) -> str:
        """What a field shows whose result is not stored as text."""
        form = one.begin.find(W + "ffData")
        if form is not None and (box := form.find(W + "checkBox")) is not None:
            ticked = on(box, "checked")
            return "☒" if (on(box, "default") if ticked is None else ticked) else "☐"
        if form is not None and (choice := form.find(W + "ddList")) is not None:
            options = [entry.get(W + "val", "") for entry in choice.findall(W + "listEntry")]
            chosen = whole(value(choice, "result"), whole(value(choice, "default")))
            return options[chosen] if 0 <= chosen < len(options) else ""
        if match := re.match(r"\s*MACROBUTTON\s+\S+\s+(.*)", one.instruction, re.IGNORECASE):
            return match[1].strip()
        if match := re.match(r'\s*SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*\\f\s*"?([^"\\]+))?', one.instruction, re.IGNORECASE):
            return symbols(chr(int(match[1], 0) & 0xFFFF), match[2] or "")
        if match := re.match(
            r"\s*EQ\s+\\o\s*(?:\\a\w\s*)?\(\s*([^,;]*)\s*[,;]\s*([^)]*?)\s*\)", one.instruction, re.IGNORECASE
        ):
            # one sign laid over another: mostly a circle around a number
            outer, inner = match[1].strip(), match[2].strip()
            return (
                number(int(inner), "decimalEnclosedCircle") if outer in "○◯〇" and inner.isdecimal() else inner or outer
            )
        if one.word and one.word not in _SILENT_FIELDS:
            self.assembly.unread.append(
                f"a field without a stored result ({one_line(one.instruction)[:60]}); update the fields and save the file"
            )
        return ""

    def _ruby(self, ruby: Element, paragraph: _Paragraph) -> None:
        for base in ruby.findall(W + "rubyBase"):
            self._inline(base, paragraph)
        for reading in ruby.findall(W + "rt"):
            self.assembly.leave_out(_plain(reading), "reading printed above a word", _beside("".join(paragraph.parts)))

    def _drawing(self, parent: Element, paragraph: _Paragraph) -> None:
        for node in children(parent):
            tag = node.tag
            if tag == W + "txbxContent":
                paragraph.boxes.append(node)
                continue
            if tag in (_A + "blip", _V + "imagedata"):
                self.pictures += 1
            elif tag == _V + "textpath":
                paragraph.asides.append(node.get("string", ""))
            elif tag.endswith("}OLEObject"):
                kind = node.get("ProgID", "unknown kind")
                self.assembly.unread.append(
                    f"an embedded object ({kind}) was not read; move its text into the document"
                )
            elif tag.endswith("/chart}chart"):
                self.assembly.unread.append("a chart was not read")
            elif tag.endswith("/diagram}relIds"):
                paragraph.asides += self._diagram(node.get(_R + "dm", ""))
            self._drawing(node, paragraph)

    def _diagram(self, relation: str) -> list[str]:
        """The texts of a SmartArt drawing."""
        found = self.relations.get(relation)
        if found is None or not self.package.has(found.target):
            return []
        paragraphs = self.package.tree(found.target).iter(_A + "p")
        return ["".join(t.text or "" for t in paragraph.iter(_A + "t")) for paragraph in paragraphs]

    # --- what stands apart --------------------------------------------------------------------------------------

    def _notes(self, kind: str) -> _Notes:
        part = next(iter(self.package.related(self.part, f"{kind}s")), "")
        root = self.package.tree(part) if part else None
        elements = {
            note.get(W + "id", ""): note
            for note in (root.iter(W + kind) if root is not None else ())
            if note.get(W + "type", "normal") == "normal"
        }
        settings = self._tree("settings")
        places = [s.find(f"{W}{kind}Pr") for s in self.root.iter(W + "sectPr")]
        places.append(settings.find(f"{W}{kind}Pr") if settings is not None else None)
        said = {
            tag: next((v for p in places if (v := value(p, tag))), None) for tag in ("numFmt", "numStart", "numRestart")
        }
        if said["numRestart"] == "eachPage" and elements:
            self.assembly.notes.append(f"{kind}s are numbered anew on every page; here they are numbered through")
        return _Notes(
            kind,
            part,
            elements,
            form=said["numFmt"] or ("decimal" if kind == "footnote" else "lowerRoman"),
            start=whole(said["numStart"], 1),
            every_section=said["numRestart"] == "eachSect",
        )

    def _refer(self, node: Element, run: Element, paragraph: _Paragraph) -> None:
        notes = self.notes["footnote" if node.tag == W + "footnoteReference" else "endnote"]
        note = notes.elements.get(node.get(W + "id", ""))
        if note is None:
            return
        if (node.get(W + "customMarkFollows") or "0").lower() not in ("0", "false", "off"):
            mark = "".join(t.text or "" for t in run.iter(W + "t", W + "sym")).strip()
            notes.referred.append((mark, note, True))
            return
        notes.count += 1
        mark = number(notes.start + notes.count - 1, notes.form)
        notes.referred.append((mark, note, False))
        if not "".join(paragraph.parts)[-1:].isdigit():
            self._add(mark.translate(_RAISED), paragraph)

    def _add_notes(self) -> None:
        for notes in self.notes.values():
            referred = {id(note) for _, note, _ in notes.referred}
            with self._inside(notes.part):
                for mark, note, holds_mark in notes.referred:
                    text = self._piece(note)
                    self.assembly.footnote(mark, text if holds_mark else f"{mark.translate(_RAISED)} {text}")
                for note in notes.elements.values():
                    if id(note) not in referred:
                        self.assembly.leave_out(
                            self._piece(note), f"{notes.kind} that nothing refers to", f"{notes.kind}s"
                        )

    def _list_headers(self) -> None:
        seen: set[tuple[str, str]] = set()
        for section, place in enumerate(self.root.iter(W + "sectPr"), 1):
            for kind in ("header", "footer"):
                for reference in place.findall(f"{W}{kind}Reference"):
                    relation = self.relations.get(reference.get(_R + "id", ""))
                    if relation is None or not self.package.has(relation.target):
                        continue
                    with self._inside(relation.target):
                        text = self._piece(self.package.tree(relation.target))
                    if (kind, text) not in seen and re.search(r"\w", text):
                        seen.add((kind, text))
                        self.assembly.leave_out(text, f"running {kind}", f"section {section}")

    def _list_comments(self) -> None:
        for part in self.package.related(self.part, "comments"):
            for comment in self.package.tree(part).iter(W + "comment"):
                who = comment.get(W + "author") or "unknown"
                beside = _beside(self.anchors.get(comment.get(W + "id", ""), ""))
                with self._inside(part):
                    self.assembly.leave_out(self._piece(comment), f"comment by {who}", beside)

    @contextmanager
    def _inside(self, part: str) -> Iterator[None]:
        """Another part is read: its relations and fields apply, and its pictures are ornaments."""
        kept = self.relations, self.fields, self.known_fields, self.pictures, len(self.assembly.unread)
        if part:
            self.relations, self.fields = self.package.relations(part), []
        yield
        self.relations, self.fields, self.known_fields, self.pictures, _ = kept

    def _piece(self, element: Element) -> str:
        self.known_fields = _fields(element)
        piece = _Piece()
        self._walk(element, piece, in_cell=True)
        self._flush(piece)
        return piece.text

    # --- remarks ------------------------------------------------------------------------------------------------

    def _changed(self, node: Element | None) -> None:
        if node is not None:
            who = (node.get(W + "author") or "unknown", (node.get(W + "date") or "")[:10])
            self.changes[who] = self.changes.get(who, 0) + 1

    def _delete(self, node: Element | None, text: str) -> None:
        self._changed(node)
        moved = node is not None and node.tag == W + "moveFrom"
        who = (node.get(W + "author") if node is not None else None) or "unknown"
        reason = "moved within the document" if moved else "deleted in the document"
        self.assembly.leave_out(text, f"{reason} (tracked change by {who})", "the document")

    def _remark(self) -> None:
        if self.changes:
            who = ", ".join(sorted({name for name, _ in self.changes}))
            days = sorted({day for _, day in self.changes if day})
            when = f", {days[0]} to {days[-1]}" if len(days) > 1 else f", {days[0]}" if days else ""
            self.assembly.notes.append(
                f"tracked changes: {sum(self.changes.values())} are undecided (by {who}{when}); read as if all were accepted"
            )
        if self.pictures:
            self.assembly.notes.append(f"{self.pictures} picture{'s' * (self.pictures > 1)}: text in them was not read")

    def _tree(self, kind: str) -> Element | None:
        part = next(iter(self.package.related(self.package.main, kind)), None)
        return self.package.tree(part) if part else None


def _fields(root: Element) -> dict[Element, str]:
    """The fields that begin and end as they should, with their instructions: only these hide any text."""
    known: dict[Element, str] = {}
    open_: list[tuple[Element, list[str], list[bool]]] = []
    for node in root.iter(W + "fldChar", W + "instrText"):
        if any(above.tag in _GONE for above in node.iterancestors()):
            continue
        kind = node.get(W + "fldCharType")
        if node.tag == W + "instrText":
            if open_ and not open_[-1][2]:
                open_[-1][1].append(node.text or "")
        elif kind == "begin":
            open_.append((node, [], []))
        elif kind == "separate" and open_:
            open_[-1][2].append(True)
        elif kind == "end" and open_:
            begin, instruction, _ = open_.pop()
            known[begin] = "".join(instruction)
    return known


def _cells(row: Element) -> Iterator[Element]:
    for child in children(row):
        if child.tag == W + "tc":
            yield child
        elif child.tag in (W + "sdt", W + "sdtContent", W + "customXml"):
            yield from _cells(child)


def _columns(table: Element) -> int:
    grid = table.find(W + "tblGrid")
    return len(grid) if grid is not None else 0


def _plain(node: Element, *, deleted: bool = False) -> str:
    """All words below a node, deleted ones or the others, a line for each paragraph."""
    paragraphs = list(node.iter(W + "p")) or [node]
    tags = (W + "t", W + "delText") if deleted else (W + "t",)
    return "\n".join("".join(t.text or "" for t in paragraph.iter(*tags)) for paragraph in paragraphs)


def _beside(text: str) -> str:
    text = one_line(text)
    return f"beside “{text[:40]}”" if text else "the document"


def _is_prose(text: str) -> bool:
    """A paragraph set in a heading's style for its looks: as a heading it would be in the path only, quoted by nobody."""
    return len(text) > MAX_HEADING_CHARS and bool(re.search(r"(?:[。；！]|[a-z]\.)[”」）)\"]?$", text))


def _shift(text: str, how: str) -> str:
    """Raised or lowered figures as such: 10 with a raised 6 is no 106. Other raised text stays as it is."""
    table = _RAISED if how == "superscript" else _LOWERED
    return text.translate(table) if text.strip() and all(c.isspace() or ord(c) in table for c in text) else text
