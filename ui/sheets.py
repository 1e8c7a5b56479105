"""Rows of a spreadsheet as it stands: text of cells with the row's number, merged cells filled. No structure is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ui.errors import UsageError

MAX_BYTES = 50_000_000
_XLSX = b"PK\x03\x04"
_XLS = b"\xd0\xcf\x11\xe0"
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


@dataclass(frozen=True, slots=True)
class Row:
    sheet: str  # empty where the file has no sheets
    number: int  # as the program that shows it counts: from 1
    cells: tuple[str, ...]

    @property
    def error(self) -> str | None:
        """What a formula that failed left in one of its cells."""
        return next((cell for cell in self.cells if cell in _ERRORS), None)


def read(file: Path) -> tuple[list[Row], list[str]]:
    """The rows of an Excel or CSV file that hold something, hidden ones too, and what could not be read.

    Of formulas the value that was saved with them. Raises UsageError naming what the file is instead.
    """
    from ingest.errors import IngestError

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
    unread: list[str] = []
    try:
        if data.startswith((_XLSX, _XLS)):
            rows, unread = _workbook(data, file)
        else:
            rows = list(_text(data, file, unread))
    except IngestError as error:
        raise UsageError(
            f"{file} cannot be read as a workbook or as text ({error}). Save it as .xlsx without a password, or as CSV."
        ) from error
    return [row for row in rows if any(row.cells)], unread


def _workbook(data: bytes, file: Path) -> tuple[list[Row], list[str]]:
    # the readers of documents know the files that would fill the memory
    from ingest.loaders import xls, xlsx
    from ingest.loaders.sheets import MAX_FILLED

    sheets, unread = (xlsx if data.startswith(_XLSX) else xls).worksheets(data, file.name)
    rows = []
    for sheet in sheets:
        table = {at: {c: cell.text for c, cell in row.items()} for at, row in sheet.cells.items()}
        filled = 0
        for top, left, bottom, right in sheet.merged:
            if (text := table.get(top, {}).get(left)) is None:
                continue
            below = [at for at in table if top <= at <= bottom] if bottom - top > 1000 else range(top, bottom + 1)
            if (filled := filled + len(below)) > MAX_FILLED:
                unread.append(f"sheet {sheet.name}: merged cells cover too many rows; not all of them were filled")
                break
            for at in below:
                for c in range(left, min(right, left + 100) + 1):
                    table.setdefault(at, {})[c] = text
        for at, cells in sorted(table.items()):
            width = min(max(cells), 1000) + 1
            rows.append(Row(sheet.name, at + 1, tuple(cells.get(c, "").strip() for c in range(width))))
    return rows, unread


def _text(data: bytes, file: Path, unread: list[str]) -> Iterator[Row]:
    from ingest.loaders.csv import delimiter_of
    from ingest.loaders.text import decode

    if not data.strip():
        raise UsageError(f"{file} is empty; expected a row of headers and rows below it.")
    text = decode(data, file.name).text
    first = 1
    if text[:4].lower() == "sep=":  # Excel writes it and hides it
        text, first = text.partition("\n")[2], 2
    csv.field_size_limit(10_000_000)
    open_quote = text.count('"') % 2 == 1  # it would swallow the rows below it
    if open_quote:
        unread.append("a quotation mark is never closed: quotation marks were read as ordinary characters")
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter_of(text),
        quoting=csv.QUOTE_NONE if open_quote else csv.QUOTE_MINIMAL,
    )
    number = first
    try:
        for cells in reader:
            yield Row("", number, tuple(" ".join(cell.split(" ")).strip() for cell in cells))
            number = first + reader.line_num
    except csv.Error as error:
        raise UsageError(
            f"{file} cannot be read as CSV from row {number} on ({error}): save it again as .xlsx."
        ) from error
