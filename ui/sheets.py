"""Rows of a spreadsheet as it stands: text of cells with the row's number, merged cells filled. No structure is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from ui.errors import UsageError

MAX_BYTES = 50_000_000
MAX_CELLS = 2_000_000  # a sheet of 20,000 rows of a hundred columns; stray formats far out are no rows
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


@dataclass(frozen=True, slots=True)
class Row:
    sheet: str  # empty where the file has no sheets
    number: int  # as the program that shows it counts: from 1
    cells: tuple[str, ...]

    @property
    def where(self) -> str:
        return f"{self.sheet}, row {self.number}" if self.sheet else f"row {self.number}"

    @property
    def error(self) -> str | None:
        """What a formula that failed left in one of its cells."""
        return next((cell for cell in self.cells if cell in _ERRORS), None)


def read(file: Path) -> list[Row]:
    """The rows of .xlsx, .xlsm, .xlsb, .xls, .ods, .csv and .tsv that hold something, hidden ones too.

    Of formulas the value that was saved with them. Raises UsageError naming what the file is instead.
    """
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise UsageError(
                f"{file} has {size / 1e6:.0f} MB, expected at most {MAX_BYTES / 1e6:.0f}: divide it and import the parts."
            )
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read ({error.strerror or error}); expected an Excel or CSV file."
        ) from error
    rows = list(_workbook(data, file) if data.startswith(_WORKBOOKS) else _text(data, file))
    return [row for row in rows if any(row.cells)]


def _workbook(data: bytes, file: Path) -> Iterator[Row]:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in workbook.sheet_names:
            if (
                workbook.sheets_metadata[workbook.sheet_names.index(name)].typ
                is python_calamine.SheetTypeEnum.WorkSheet
            ):
                yield from _sheet(workbook.get_sheet_by_name(name), name, file)
    except BaseException as error:  # the library's own faults come as panics, which are no Exceptions
        known = (python_calamine.CalamineError, OSError, ValueError, OverflowError)
        if not isinstance(error, known) and type(error).__name__ != "PanicException":
            raise
        raise UsageError(
            f"{file} cannot be read as a workbook ({' '.join(str(error).split())[:120]}): open it, take off its "
            "password if it has one, save it as .xlsx or CSV and import that."
        ) from error


def _sheet(sheet: Any, name: str, file: Path) -> Iterator[Row]:
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        raise UsageError(
            f"{file}, sheet {name} reaches to row {sheet.total_height:,} and column {sheet.total_width:,}, expected at "
            f"most {MAX_CELLS:,} cells: copy the rows that matter into a new file."
        )
    table = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in table[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = table[top][left]
    for number, cells in enumerate(table, 1):
        yield Row(name, number, tuple(cells))


def _text(data: bytes, file: Path) -> Iterator[Row]:
    from ingest.errors import IngestError
    from ingest.loaders.csv import delimiter_of
    from ingest.loaders.text import decode

    if not data.strip():
        raise UsageError(f"{file} is empty; expected a row of headers and rows below it.")
    try:
        text = decode(data, file.name).text
    except IngestError as error:
        raise UsageError(f"{file} is no workbook and no text: {error}") from error
    first = 1
    if text[:4].lower() == "sep=":  # Excel writes it and hides it
        text, first = text.partition("\n")[2], 2
    csv.field_size_limit(10_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    number = first
    try:
        for cells in reader:
            yield Row("", number, tuple(" ".join(cell.split(" ")).strip() for cell in cells))
            number = first + reader.line_num
    except csv.Error as error:
        raise UsageError(
            f"{file} cannot be read as CSV from row {number} on ({error}): save it again as .xlsx."
        ) from error


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date() | time() | timedelta():
            return str(value)
        case _:
            return str(value).strip()
