"""Excel: one line of text a row, sheet by sheet, with merged cells filled and what is hidden named."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from ingest.errors import UnreadableFile
from ingest.loaders.assembly import Assembly
from ingest.loaders.tables import Cell
from ingest.settings import PLAIN, Reading
from ingest.types import Extract

_EMPTY = Cell()  # one for all: sheets are mostly empty
MAX_CELLS = 5_000_000  # a sheet said to be larger is mostly formatted emptiness, and would fill the memory


def read(data: bytes, name: str, reading: Reading = PLAIN) -> Extract:
    """Values as last calculated; hidden sheets and rows are read and named. Raises UnreadableFile when broken."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of every extension that it does not draw
            values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(data), data_only=False)
        assembly = Assembly()
        for sheet in values.worksheets:
            _sheet(sheet, formulas[sheet.title], assembly)
        for chart in values.chartsheets:
            assembly.unread.append(f"sheet “{chart.title}”: a chart, no text")
    except Exception as error:  # openpyxl raises many kinds on damaged workbooks
        raise UnreadableFile(
            name,
            f"the Excel file is broken or not fully supported ({type(error).__name__}). "
            "Open it in a spreadsheet program and save it again as .xlsx.",
        ) from error
    return assembly.extract(title=(values.properties.title or "").strip() or None)


def _sheet(sheet: Worksheet, formulas: Worksheet, assembly: Assembly) -> None:
    if (sheet.max_row or 0) * (sheet.max_column or 0) > MAX_CELLS:
        assembly.unread.append(
            f"sheet “{sheet.title}”: {sheet.max_row} × {sheet.max_column} cells, more than {MAX_CELLS:,}; split it"
        )
        return
    grid = [[_cell(cell) for cell in row] for row in sheet.iter_rows()]
    if not any(map(_says_something, grid)):
        return
    if sheet.sheet_state != "visible":
        assembly.notes.append(f"sheet “{sheet.title}” is hidden; it was read")
    hidden = [
        str(i)
        for i, row in sheet.row_dimensions.items()
        if row.hidden and i <= len(grid) and _says_something(grid[i - 1])
    ]
    if hidden:
        assembly.notes.append(f"sheet “{sheet.title}”: hidden rows were read: {', '.join(hidden[:20])}")
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f" and sheet[cell.coordinate].value is None:
                assembly.unread.append(
                    f"sheet “{sheet.title}”, cell {cell.coordinate}: a formula without a stored value; "
                    "open the file in a spreadsheet program and save it"
                )
    _fill_merged(sheet, grid)
    assembly.heading(sheet.title, 1)
    for block in _blocks(grid):
        if sum(any(row[i].text for row in block) for i in range(len(block[0]))) > 1:
            assembly.table(block, sheet.title)
        else:  # a single column is text
            for row in block:
                assembly.line("".join(cell.own for cell in row))


def _fill_merged(sheet: Worksheet, grid: list[list[Cell]]) -> None:
    """Gives every place of a merged area its text."""
    for area in sheet.merged_cells.ranges:
        top, left = area.min_row - 1, area.min_col - 1
        if top >= len(grid) or left >= len(grid[top]):
            continue
        first = grid[top][left]
        for r in range(top, min(area.max_row, len(grid))):
            for c in range(left, min(area.max_col, len(grid[r]))):
                grid[r][c] = replace(first, across=c > left, down=r > top)


def _blocks(grid: list[list[Cell]]) -> list[list[list[Cell]]]:
    """The tables of a sheet: blank rows part them."""
    blocks: list[list[list[Cell]]] = [[]]
    for row in grid:
        if _says_something(row):
            blocks[-1].append(row)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _says_something(row: list[Cell]) -> bool:
    return any(cell.text for cell in row)


def _cell(cell: Any) -> Cell:
    text = _show(cell)
    return Cell(text, strong=bool(cell.font and cell.font.b)) if text else _EMPTY


def _show(cell: Any) -> str:
    """A value much as a reader of the sheet sees it: dates in ISO form, whole numbers whole, percentages as such."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        form = cell.number_format or ""
        if "%" in form:
            return f"{value * 100:.10g}%"
        return str(value) if isinstance(value, int) else f"{value:.15g}"
    return str(value).strip()
