"""Excel since 2007: sheet by sheet, values as a reader of the sheet sees them.

The sheets' XML is read row by row: openpyxl would need two passes to tell a formula without a value, cannot open the
strict form, and builds every formatted empty cell (a million rows of them take minutes and gigabytes).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from openpyxl.utils import range_boundaries
from openpyxl.utils.escape import unescape

from ingest.loaders import sheets
from ingest.loaders.assembly import Assembly
from ingest.loaders.number_formats import code_of, show
from ingest.loaders.ooxml import Element, Package, forget
from ingest.loaders.sheets import MAX_CELLS, MAX_NAMED, Area, Sheet, Table
from ingest.loaders.tables import Cell
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
# cells and rows that hold a format only, and say where they stand, so that nothing moves without them
_EMPTY = (
    re.compile(rb"""<c\b(?=[^<>]*\sr=")[^<>]*(?:/>|>\s*</c>)"""),
    re.compile(rb"""<row\b(?=[^<>]*\sr=")(?![^<>]*\shidden=)[^<>]*(?:/>|>\s*</row>)"""),
)
_ON = frozenset({"1", "true", "on"})
_HEAD_TAGS = tuple(f"{side}{kind}" for kind in ("Header", "Footer") for side in ("odd", "even", "first"))
TELL_EVERY = 2000  # rows


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """Values as last calculated. Raises UnreadableFile when the package or its XML is broken."""
    package = Package(data, name, "Excel", reading)
    try:
        return _Reader(package, reading).extract()
    except (AttributeError, TypeError, KeyError, IndexError, ValueError, OverflowError) as error:
        raise package.broken(error) from error  # XML that is well formed but no workbook


def worksheets(data: bytes, name: str) -> tuple[list[Sheet], list[str]]:
    """The cells themselves, sheet by sheet, hidden ones too, and what could not be read. Raises UnreadableFile."""
    package = Package(data, name, "Excel", PLAIN)
    try:
        reader = _Reader(package, PLAIN)
        return reader.worksheets(), reader.assembly.unread
    except (AttributeError, TypeError, KeyError, IndexError, ValueError, OverflowError) as error:
        raise package.broken(error) from error


@dataclass(frozen=True, slots=True)
class _Style:
    code: str = "General"
    strong: bool = False


class _Reader:
    def __init__(self, package: Package, reading: Reading) -> None:
        self.package, self.reading = package, reading
        self.book = package.tree(package.main)
        if self.book.tag != _S + "workbook":
            raise ValueError(f"no workbook but {self.book.tag}")
        self.relations = package.relations(package.main)
        self.styles = self._styles()
        self.strings = self._strings()
        self.assembly = Assembly()
        self.cells = 0
        self.pictures = 0

    def extract(self) -> Extract:
        sheets.add(self.worksheets(), self.assembly)
        if self.pictures:
            self.assembly.notes.append(f"{self.pictures} picture{'s' * (self.pictures > 1)}: text in them was not read")
        stated = dict(self.package.properties)
        return self.assembly.extract(title=stated.pop("title", None), fields=stated)

    def worksheets(self) -> list[Sheet]:
        properties = self.book.find(_S + "workbookPr")
        self.mac = properties is not None and properties.get("date1904") in _ON
        found: list[Sheet] = []
        for node in self.book.iter(_S + "sheet"):
            relation = self.relations.get(node.get(_R + "id", ""))
            title = node.get("name", "")
            if relation is None or not self.package.has(relation.target):
                self.assembly.unread.append(f"sheet “{title}”: it is missing in the file")
            elif relation.kind != "worksheet":
                what = "a chart, no text" if relation.kind == "chartsheet" else "no worksheet"
                self.assembly.unread.append(f"sheet “{title}”: {what}")
            else:
                hidden = node.get("state", "visible") in ("hidden", "veryHidden")
                found.append(self._sheet(relation.target, title, hidden))
        return found

    # --- cells --------------------------------------------------------------------------------------------------

    def _sheet(self, part: str, title: str, hidden: bool) -> Sheet:
        sheet = Sheet(title, hidden=hidden)
        unvalued: list[str] = []
        errors: list[str] = []
        filters: list[Area] = []
        plain_hidden: set[int] = set()
        at = -1
        tags = tuple(_S + tag for tag in ("row", "col", "mergeCell", "autoFilter", "filterColumn", *_HEAD_TAGS))
        for node in self.package.elements(part, tags, drop=_EMPTY):
            tag = node.tag.removeprefix(_S)
            if tag == "row":
                at = int(node.get("r", at + 2)) - 1
                if (at + 1) % TELL_EVERY == 0:
                    self.reading.tell(f"{sheet.place}, row {at + 1}")
                if node.get("hidden") in _ON:
                    folded = int(node.get("outlineLevel", "0")) > 0
                    (sheet.folded_rows if folded else plain_hidden).add(at)
                if len(node) and self.cells < MAX_CELLS:
                    self._row(node, at, sheet, unvalued, errors)
                    if self.cells >= MAX_CELLS:
                        self.assembly.unread.append(
                            f"{sheet.place}: not read below row {at + 1}: more than {MAX_CELLS:,} cells; split the workbook"
                        )
                forget(node)
            elif tag == "col" and node.get("hidden") in _ON and int(node.get("outlineLevel", "0")) == 0:
                sheet.hidden_columns.append((int(node.get("min", "1")) - 1, int(node.get("max", "1")) - 1))
            elif tag == "mergeCell" and (area := _area(node.get("ref", ""))):
                sheet.merged.append(area)
            elif tag == "filterColumn":
                above = node.getparent()
                if above is not None and above.tag == _S + "autoFilter" and (area := _area(above.get("ref", ""))):
                    filters.append(area)
            elif tag in _HEAD_TAGS:
                self._running(node.text or "", tag, sheet)
        self._related(part, sheet, filters)
        filtered = {r for r in plain_hidden if any(top <= r <= bottom for top, _, bottom, _ in filters)}
        sheet.folded_rows |= filtered
        sheet.hidden_rows = plain_hidden - filtered
        self._name_gaps(sheet, unvalued, errors)
        return sheet

    def _row(self, row: Element, at: int, sheet: Sheet, unvalued: list[str], errors: list[str]) -> None:
        column = -1
        line: dict[int, Cell] = {}
        for node in row:
            place = node.get("r")
            column = _column(place.rstrip("0123456789")) if place else column + 1
            if not len(node):
                continue
            value, kind = node.find(_S + "v"), node.get("t", "n")
            said = value.text if value is not None else None
            if kind != "inlineStr" and not said:
                if node.find(_S + "f") is not None and not (kind == "str" and value is not None):
                    unvalued.append(node.get("r", f"row {at + 1}"))
                continue
            style = self._style(node.get("s"))
            text = self._text(node, kind, said or "", style)
            if kind == "e":
                errors.append(f"{node.get('r', '')} ({text})")
            if text.strip():
                line[column] = Cell(text.strip(), strong=style.strong)
        if line:
            sheet.cells.setdefault(at, {}).update(line)
            self.cells += len(line)

    def _text(self, node: Element, kind: str, said: str, style: _Style) -> str:
        if kind == "s":
            i = int(said)
            return self.strings[i] if 0 <= i < len(self.strings) else ""
        if kind == "inlineStr":
            return _string(node.find(_S + "is"))
        if kind == "b":
            return "TRUE" if said.strip() in _ON else "FALSE"
        if kind == "d":
            return said.replace("T00:00:00", "").replace("T", " ")
        if kind in ("str", "e"):
            return unescape(said)
        try:
            number = int(said) if re.fullmatch(r"-?\d{1,15}", said) else float(said)
        except ValueError:
            return said
        return show(number, style.code, self.mac)

    def _style(self, index: str | None) -> _Style:
        i = int(index or 0)
        return self.styles[i] if 0 <= i < len(self.styles) else _Style()

    def _name_gaps(self, sheet: Sheet, unvalued: Sequence[str], errors: Sequence[str]) -> None:
        def named(cells: Sequence[str]) -> str:
            more = f" and {len(cells) - MAX_NAMED} more" if len(cells) > MAX_NAMED else ""
            return f"cell{'s' * (len(cells) > 1)} {', '.join(cells[:MAX_NAMED])}{more}"

        if unvalued:
            self.assembly.unread.append(
                f"{sheet.place}, {named(unvalued)}: a formula without a stored value; "
                "open the file in a spreadsheet program and save it"
            )
        if errors:
            self.assembly.unread.append(f"{sheet.place}, {named(errors)}: the formula gives an error; mend it")

    # --- what belongs to a sheet --------------------------------------------------------------------------------

    def _related(self, part: str, sheet: Sheet, filters: list[Area]) -> None:
        for relation in self.package.relations(part).values():
            if relation.outside or not self.package.has(relation.target):
                continue
            if relation.kind == "comments":
                self._comments(relation.target, sheet)
            elif relation.kind == "table":
                root = self.package.tree(relation.target)
                if area := _area(root.get("ref", "")):
                    headers = int(root.get("headerRowCount", "1"))
                    sheet.tables.append(Table(root.get("displayName", ""), area, headers))
                    if root.find(f"{_S}autoFilter/{_S}filterColumn") is not None:
                        filters.append(area)
            elif relation.kind == "drawing":
                self._drawing(relation.target, sheet)

    def _comments(self, part: str, sheet: Sheet) -> None:
        root = self.package.tree(part)
        authors = [node.text or "" for node in root.iter(_S + "author")]
        for comment in root.iter(_S + "comment"):
            i = int(comment.get("authorId", "0"))
            who = authors[i] if 0 <= i < len(authors) and authors[i] else "unknown"
            text = _string(comment.find(_S + "text"))
            self.assembly.leave_out(text, f"comment by {who}", f"{sheet.place}, cell {comment.get('ref', '')}")

    def _drawing(self, part: str, sheet: Sheet) -> None:
        root = self.package.tree(part)
        for body in root.iter(_XDR + "txBody"):
            lines = ["".join(t.text or "" for t in p.iter(_A + "t")) for p in body.iter(_A + "p")]
            sheet.asides += [line for line in lines if line.strip()]
        self.pictures += sum(1 for _ in root.iter(_A + "blip"))
        if any(node.get("uri", "").endswith("/chart") for node in root.iter(_A + "graphicData")):
            self.assembly.unread.append(f"{sheet.place}: a chart was not read")

    def _running(self, code: str, tag: str, sheet: Sheet) -> None:
        text = re.sub(r'&(?:"[^"]*"|\d+|K[0-9A-F]{6}|[A-Z])', " ", code)
        if re.search(r"\w", text):
            kind = "header" if tag.endswith("Header") else "footer"
            self.assembly.leave_out(re.sub(r"\s+", " ", text), f"running {kind}", sheet.place)

    # --- what sheets share --------------------------------------------------------------------------------------

    def _strings(self) -> list[str]:
        part = next((r.target for r in self.relations.values() if r.kind == "sharedStrings"), "")
        found: list[str] = []
        if not self.package.has(part):
            return found
        for node in self.package.elements(part, (_S + "si",)):
            found.append(_string(node))
            forget(node)
            if len(found) % 50_000 == 0:
                self.reading.tell(f"{len(found)} texts")
        return found

    def _styles(self) -> list[_Style]:
        part = next((r.target for r in self.relations.values() if r.kind == "styles"), "")
        if not self.package.has(part):
            return []
        root = self.package.tree(part)
        own = {int(n.get("numFmtId", "0")): n.get("formatCode", "") for n in root.iter(_S + "numFmt")}
        strong = [_is_strong(font) for font in root.iterfind(f"{_S}fonts/{_S}font")]
        found: list[_Style] = []
        for form in root.iterfind(f"{_S}cellXfs/{_S}xf"):
            font = int(form.get("fontId", "0"))
            code = code_of(int(form.get("numFmtId", "0")), own)
            found.append(_Style(code, 0 <= font < len(strong) and strong[font]))
        return found


def _is_strong(font: Element) -> bool:
    bold = font.find(_S + "b")
    return bold is not None and bold.get("val", "1") in _ON


def _string(node: Element | None) -> str:
    """A text with or without formats; readings printed above it (phonetic runs) are not part of it."""
    if node is None:
        return ""
    runs = [*node.findall(_S + "t"), *node.findall(f"{_S}r/{_S}t")]
    return unescape("".join(t.text or "" for t in runs))


def _area(ref: str) -> Area | None:
    try:
        left, top, right, bottom = range_boundaries(ref)
    except (ValueError, TypeError):
        return None
    if left is None or top is None or right is None or bottom is None:
        return None
    return top - 1, left - 1, bottom - 1, right - 1


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
