"""Excel before 2007 (.xls), binary workbooks (.xlsb) and OpenDocument sheets (.ods): values through calamine.

calamine gives values without their formats, so 5% would read 0.05. For .xls the formats, the hidden rows and columns
and the comments are taken from the file's own records ([MS-XLS] 2.4); for .xlsb and .ods a note says that they are
not known.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import olefile
import python_calamine
from openpyxl.utils import get_column_letter

from ingest.errors import UnreadableFile
from ingest.loaders import sheets
from ingest.loaders.assembly import Assembly
from ingest.loaders.number_formats import code_of, show
from ingest.loaders.ooxml import stated
from ingest.loaders.sheets import MAX_CELLS, Sheet
from ingest.loaders.tables import Cell
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

_FORMULA, _NOTE_OBJECT = (0x0006, 0x0206, 0x0406), 0x19
_SINGLE = frozenset((*_FORMULA, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E, 0x0002, 0x0003, 0x0004))
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_HIDDEN = (python_calamine.SheetVisibleEnum.Hidden, python_calamine.SheetVisibleEnum.VeryHidden)
TELL_EVERY = 2000  # rows


@dataclass(slots=True)
class _Looks:
    """How one sheet's cells look, from its records."""

    form: dict[tuple[int, int], int] = field(default_factory=dict)  # (row, column) -> extended format
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    folded_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False
    asides: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Book:
    """How a whole .xls workbook's cells look."""

    looks: dict[str, _Looks] = field(default_factory=dict)  # by the sheet's name
    codes: list[str] = field(default_factory=list)  # extended format -> number format
    strong: list[bool] = field(default_factory=list)  # extended format -> bold
    mac: bool = False


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """Raises UnreadableFile when the workbook is broken."""
    assembly = Assembly()
    book = _records(data) if olefile.isOleFile(data) else None
    if book is None:
        assembly.notes.append("the formats of the numbers are not known: 0.05 may be shown as 5% in the file")
    sheets.add(_worksheets(data, name, book, assembly, reading), assembly)
    fields = _properties(data) if book is not None else {}
    return assembly.extract(title=fields.pop("title", None), fields=fields)


def worksheets(data: bytes, name: str) -> tuple[list[Sheet], list[str]]:
    """The cells of an .xls themselves, as `xlsx.worksheets` gives them. Raises UnreadableFile."""
    assembly = Assembly()
    return _worksheets(data, name, _records(data), assembly, PLAIN), assembly.unread


def _worksheets(data: bytes, name: str, book: _Book | None, assembly: Assembly, reading: Reading) -> list[Sheet]:
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data), load_tables=False)
    except BaseException as error:
        if not _is_calamines(error):
            raise
        raise _broken(name, error) from error
    found: list[Sheet] = []
    left = MAX_CELLS
    for meta in workbook.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            assembly.unread.append(f"sheet “{meta.name}”: a chart or macros, no text")
            continue
        try:
            sheet = _sheet(workbook, meta, book, assembly, reading, left)
        except BaseException as error:
            if not _is_calamines(error):
                raise
            assembly.unread.append(
                f"sheet “{meta.name}”: broken ({type(error).__name__}); open and save the file again"
            )
            continue
        left -= sum(map(len, sheet.cells.values()))
        found.append(sheet)
    return found


def _is_calamines(error: BaseException) -> bool:
    """An error of the library; a panic of its Rust code is no Exception."""
    known = (python_calamine.CalamineError, OSError, ValueError, OverflowError)
    return isinstance(error, known) or type(error).__name__ == "PanicException"


def _broken(name: str, error: BaseException) -> UnreadableFile:
    return UnreadableFile(
        name,
        f"the workbook is broken or not fully supported ({type(error).__name__}). "
        "Open it in a spreadsheet program and save it again as .xlsx.",
    )


def _sheet(
    workbook: python_calamine.CalamineWorkbook,
    meta: python_calamine.SheetMetadata,
    book: _Book | None,
    assembly: Assembly,
    reading: Reading,
    left: int,
) -> Sheet:
    values = workbook.get_sheet_by_name(meta.name)
    looks = book.looks.get(meta.name, _Looks()) if book else _Looks()
    sheet = Sheet(meta.name, hidden=meta.visible in _HIDDEN, asides=list(looks.asides))
    top, first = values.start or (0, 0)
    count = 0
    for r, row in enumerate(values.to_python(skip_empty_area=True), top):
        if r % TELL_EVERY == 0:
            reading.tell(f"{sheet.place}, row {r + 1}")
        line: dict[int, Cell] = {}
        for c, value in enumerate(row, first):
            text = looks.errors.get((r, c), "") if value == "" else ""
            form = looks.form.get((r, c)) if book else None
            known = book is not None and form is not None and form < len(book.codes)
            if value != "" and book and known and form is not None:
                text = show(value, book.codes[form], book.mac)
            elif value != "":
                text = show(value)
            if text:
                line[c] = Cell(text, strong=bool(known and book and form is not None and book.strong[form]))
        if line:
            sheet.cells[r] = line
        count += len(line)
        if count > left:
            assembly.unread.append(
                f"{sheet.place}: not read below row {r + 1}: more than {MAX_CELLS:,} cells; split the workbook"
            )
            break
    for area in values.merged_cell_ranges or ():
        (r0, c0), (r1, c1) = area
        sheet.merged.append((r0, c0, r1, c1))
    hidden = looks.hidden_rows
    sheet.folded_rows = looks.folded_rows | (hidden if looks.filtered else set())
    sheet.hidden_rows = set() if looks.filtered else hidden
    sheet.hidden_columns = looks.hidden_columns
    for comment in looks.comments:
        assembly.leave_out(comment, "comment", sheet.place)
    if looks.errors:
        cells = [f"{_place(r, c)} ({error})" for (r, c), error in list(looks.errors.items())[: sheets.MAX_NAMED]]
        assembly.unread.append(f"{sheet.place}, cells {', '.join(cells)}: the formula gives an error; mend it")
    return sheet


def _place(r: int, c: int) -> str:
    return f"{get_column_letter(c + 1)}{r + 1}"


_SUMMARY = "\x05SummaryInformation"
_PROPERTIES = {2: "title", 4: "author", 12: "created", 13: "modified"}
_MOST_PROPERTIES = 200  # a sound file has about twenty; a damaged one claims thousands of millions


def _properties(data: bytes) -> dict[str, str]:
    """title, author, created and modified, as the package of a newer file would state them."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            if not container.exists(_SUMMARY):
                return {}
            found = dict(_summary(container.openstream(_SUMMARY).read()))
    except (OSError, ValueError, LookupError, TypeError, struct.error, OverflowError):
        return {}
    page = int(found.pop("codepage", 1252))
    coding = "utf-8" if page == 65001 else f"cp{page}"
    values: dict[str, str] = {}
    for key, value in found.items():
        try:
            text = value.decode(coding, "replace").rstrip("\0") if isinstance(value, bytes) else str(value)
        except LookupError:
            continue
        values |= {key: sensible} if (sensible := stated(key, text)) else {}
    return values


def _summary(raw: bytes) -> Iterator[tuple[str, Any]]:
    """The properties we use of a property set ([MS-OLEPS] 2.20): read here because olefile believes any count."""
    (start,) = struct.unpack_from("<I", raw, 44)
    (count,) = struct.unpack_from("<I", raw, start + 4)
    for i in range(min(count, _MOST_PROPERTIES)):
        number, at = struct.unpack_from("<II", raw, start + 8 + 8 * i)
        (kind,) = struct.unpack_from("<I", raw, start + at)
        at += start + 4
        if number == 1 and kind == 0x02:
            yield "codepage", struct.unpack_from("<H", raw, at)[0]
        elif number in _PROPERTIES and kind == 0x1E:
            yield _PROPERTIES[number], raw[at + 4 : at + 4 + struct.unpack_from("<I", raw, at)[0]]
        elif number in _PROPERTIES and kind == 0x40 and (ticks := struct.unpack_from("<Q", raw, at)[0]):
            day = datetime(1601, 1, 1) + timedelta(microseconds=ticks // 10)
            yield _PROPERTIES[number], day.isoformat(timespec="seconds")


# --- records ---------------------------------------------------------------------------------------------------


def _records(data: bytes) -> _Book | None:
    """How the cells look; None where the records cannot be followed, for the values are worth reading without."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            stream = next((s for s in ("Workbook", "Book") if container.exists(s)), None)
            if stream is None:
                return None
            return _read_book(container.openstream(stream).read())
    except (OSError, struct.error, IndexError, ValueError, KeyError):
        return None


def _each(stream: bytes, at: int = 0) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _read_book(stream: bytes) -> _Book:
    book = _Book()
    own: dict[int, str] = {}
    fonts: list[bool] = []
    forms: list[tuple[int, int]] = []  # font, number format
    places: list[tuple[str, int]] = []
    wide = stream[4:6] == b"\x00\x06"  # BIFF8; before it texts have one byte a letter
    for kind, body in _each(stream):
        if kind == 0x0031:
            fonts.append(struct.unpack_from("<H", body, 6)[0] >= 600)
        elif kind == 0x041E:
            own[struct.unpack_from("<H", body)[0]] = _text(body, 2, wide, long=wide)
        elif kind == 0x00E0:
            forms.append(struct.unpack_from("<HH", body))
        elif kind == 0x0022:
            book.mac = body[:1] == b"\x01"
        elif kind == 0x0085:
            places.append((_text(body, 6, wide, long=False), struct.unpack_from("<I", body)[0]))
        elif kind == 0x000A:
            break
    book.codes = [code_of(code, own) for _, code in forms]
    # font number 4 does not exist: the fifth in the file has number 5
    book.strong = [fonts[f - (f > 4)] if f - (f > 4) < len(fonts) else False for f, _ in forms]
    book.looks = {name: _read_sheet(stream, at, wide) for name, at in places}
    return book


def _read_sheet(stream: bytes, at: int, wide: bool) -> _Looks:
    looks = _Looks()
    depth, is_note, expects_text = 0, False, 0
    for kind, body in _each(stream, at):
        if kind == 0x0809:
            depth += 1
        elif kind == 0x000A:
            depth -= 1
            if not depth:
                break
        elif depth > 1:  # a chart inside the sheet
            continue
        elif kind in _SINGLE:
            row, column, form = struct.unpack_from("<HHH", body)
            looks.form[row, column] = form
            if kind == 0x0205 and body[7:8] == b"\x01":
                looks.errors[row, column] = _ERRORS.get(body[6], "#ERROR")
            elif kind in _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
                looks.errors[row, column] = _ERRORS.get(body[8], "#ERROR")
        elif kind == 0x00BD:
            row, column = struct.unpack_from("<HH", body)
            for i in range((len(body) - 6) // 6):
                looks.form[row, column + i] = struct.unpack_from("<H", body, 4 + 6 * i)[0]
        elif kind == 0x0208:
            row, flags = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, 12)[0]
            if flags & 0x20:
                (looks.folded_rows if flags & 0x07 else looks.hidden_rows).add(row)
        elif kind == 0x007D:
            first, last, _, _, flags = struct.unpack_from("<HHHHH", body)
            if flags & 0x01 and not flags >> 8 & 0x07:
                looks.hidden_columns.append((first, last))
        elif kind == 0x009B:  # FILTERMODE: some rows are filtered out
            looks.filtered = True
        elif kind == 0x005D:
            is_note = wide and struct.unpack_from("<H", body, 4)[0] == _NOTE_OBJECT
        elif kind == 0x01B6:
            expects_text = struct.unpack_from("<H", body, 10)[0]
        elif kind == 0x003C and expects_text:
            text = body[1 : 1 + expects_text * (2 if body[0] & 1 else 1)].decode(
                "utf-16-le" if body[0] & 1 else "latin-1", "replace"
            )
            (looks.comments if is_note else looks.asides).append(text)
            expects_text = 0
    return looks


def _text(body: bytes, at: int, wide: bool, *, long: bool) -> str:
    count = struct.unpack_from("<H", body, at)[0] if long else body[at]
    at += 2 if long else 1
    if not wide:
        return body[at : at + count].decode("latin-1")
    doubled = body[at] & 1
    return body[at + 1 : at + 1 + count * (1 + doubled)].decode("utf-16-le" if doubled else "latin-1", "replace")
