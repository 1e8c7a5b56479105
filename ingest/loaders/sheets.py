"""A sheet of any spreadsheet as tables and lines: merged cells filled, tables told apart, what is hidden left out.

Hidden sheets, rows and columns are left out and listed: nobody who looks at the sheet sees them (old rates, purchase
prices, lists for menus), and an answer quoted from them would be wrong. Rows that a filter or a folded group hides are
read, for that is how the sheet was last looked at, not what it says.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from openpyxl.utils import get_column_letter

from ingest.loaders import tables
from ingest.loaders.assembly import Assembly
from ingest.loaders.tables import Cell

Cells = dict[int, dict[int, Cell]]  # row -> column -> cell, counted from 0, only those that say something
Area = tuple[int, int, int, int]  # top, left, bottom, right: inclusive

MAX_CELLS = 1_000_000  # in one workbook; a whole shop's price list has some 100,000
MAX_FILLED = 200_000  # places that merged areas of one sheet are written into
MAX_LENGTH = 200  # rows or columns of a merged area that are filled although nothing else stands in them
MAX_NAMED = 20  # rows or cells named one by one
_DEFAULT_NAME = re.compile(
    r"(?:sheet|工作表|feuil|hoja|tabelle|foglio|planilha|シート|시트)\s*\d*|표\s*\d+", re.IGNORECASE
)
_DEFAULT_TABLE = re.compile(r"(?:table|表|テーブル|표|tabla|tableau)_?\d+", re.IGNORECASE)
_REMARK = re.compile(
    r"(?:[（(【\[]?\s*(?:备注|附注|注意?|说明|温馨提示|補足|備考|註|注記|note|remark)s?\s*\d*\s*[】\])）]?\s*[：:、.．\d]|[*※＊])",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[。；！？.!?][）)”」]?$")


@dataclass(frozen=True, slots=True)
class Table:
    """A table that the file itself delimits."""

    name: str
    area: Area
    headers: int = 1  # rows


@dataclass(slots=True)
class Sheet:
    """What a reader of a format found in one sheet."""

    name: str
    cells: Cells = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    folded_rows: set[int] = field(default_factory=set)  # hidden by a filter or a folded group
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first and last
    tables: list[Table] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)  # text boxes

    @property
    def place(self) -> str:
        return f"sheet “{self.name}”"


@dataclass(frozen=True, slots=True)
class _Block:
    cells: Cells
    table: Table | None = None


def add(sheets: Sequence[Sheet], assembly: Assembly) -> None:
    """Adds the sheets of a workbook, each under its name."""
    shown = [sheet for sheet in sheets if not sheet.hidden and (sheet.cells or any(sheet.asides))]
    for sheet in sheets:
        if sheet.hidden:
            _leave_out_sheet(sheet, assembly)
        elif sheet.cells or any(sheet.asides):
            _add(sheet, assembly, named=len(shown) > 1 or not _DEFAULT_NAME.fullmatch(sheet.name.strip()))


def _leave_out_sheet(sheet: Sheet, assembly: Assembly) -> None:
    if not sheet.cells:
        return
    lines = [" | ".join(row[c].text for c in sorted(row)) for _, row in sorted(sheet.cells.items())]
    assembly.leave_out("\n".join([*lines, *sheet.asides]), "hidden sheet", sheet.place)
    assembly.notes.append(f"{sheet.place} is hidden: it was left out; show it in the file to bring it in")


def _add(sheet: Sheet, assembly: Assembly, *, named: bool) -> None:
    if named:
        assembly.heading(sheet.name, 1)
    _fill_merged(sheet, assembly)
    _leave_out_hidden(sheet, assembly)
    if folded := sorted(sheet.folded_rows & sheet.cells.keys()):
        assembly.notes.append(f"{sheet.place}: rows that a filter or a folded group hides were read: {_rows(folded)}")
    name = sheet.name if named else ""
    for block in _blocks(_closed_up(sheet), _closed_up_tables(sheet)):
        _add_block(block, name, assembly)
    for aside in sheet.asides:
        assembly.line(aside)


def _fill_merged(sheet: Sheet, assembly: Assembly) -> None:
    """Gives every place of a merged area its text, as far down and right as the sheet goes."""
    if not sheet.cells:
        return
    used_rows = sorted(sheet.cells)
    used_columns = sorted({c for row in sheet.cells.values() for c in row})
    filled = 0
    for top, left, last_row, last_column in sheet.merged:
        first = sheet.cells.get(top, {}).get(left)
        if first is None:
            continue
        rows, columns = _places(used_rows, top, last_row), _places(used_columns, left, last_column)
        if (filled := filled + len(rows) * len(columns)) > MAX_FILLED:
            assembly.notes.append(f"{sheet.place}: merged cells cover too many places; not all of them were filled")
            return
        for r in rows:
            for c in columns:
                if (r, c) != (top, left):
                    sheet.cells.setdefault(r, {})[c] = replace(first, across=c > left, down=r > top)


def _places(used: Sequence[int], first: int, last: int) -> Sequence[int]:
    """The rows (or columns) of a merged area as far as the sheet goes; of a very long one only those in use."""
    last = min(last, used[-1])
    if last - first < MAX_LENGTH:
        return range(first, last + 1)
    return used[bisect_left(used, first) : bisect_right(used, last)]


def _leave_out_hidden(sheet: Sheet, assembly: Assembly) -> None:
    rows = sorted(sheet.hidden_rows & sheet.cells.keys())
    for r in rows:
        row = sheet.cells.pop(r)
        assembly.leave_out(
            " | ".join(row[c].own for c in sorted(row)).strip(" |"), "hidden row", f"{sheet.place}, row {r + 1}"
        )
        for c, cell in row.items():  # a merged area that begins in a hidden row is still seen below it
            below = sheet.cells.get(r + 1, {}).get(c)
            if not cell.down and below is not None and below.down and below.text == cell.text:
                sheet.cells[r + 1][c] = replace(below, down=False)
    if rows:
        assembly.notes.append(f"{sheet.place}: hidden rows were left out: {_rows(rows)}")
    gone: set[int] = set()
    used = {c for row in sheet.cells.values() for c in row}
    for first, last in sheet.hidden_columns:
        gone |= {c for c in used if first <= c <= last}
    for c in sorted(gone):
        column = [sheet.cells[r].pop(c) for r in sorted(sheet.cells) if c in sheet.cells[r]]
        words = [cell.own for cell in column if cell.own]
        assembly.leave_out("\n".join(words), "hidden column", f"{sheet.place}, column {get_column_letter(c + 1)}")
        for row in sheet.cells.values():
            right = row.get(c + 1)
            if right is not None and right.across and c + 1 not in gone:
                row[c + 1] = replace(right, across=False)
    if gone:
        letters = ", ".join(get_column_letter(c + 1) for c in sorted(gone)[:MAX_NAMED])
        assembly.notes.append(f"{sheet.place}: hidden columns were left out: {letters}")
    for r in [r for r, row in sheet.cells.items() if not any(cell.text for cell in row.values())]:
        del sheet.cells[r]


def _closed_up(sheet: Sheet) -> Cells:
    """Rows and columns counted without the hidden ones, which part nothing."""
    gone = sorted(sheet.hidden_rows)
    ranges = sorted(sheet.hidden_columns)
    return {
        r - bisect_left(gone, r): {_column(c, ranges): cell for c, cell in sheet.cells[r].items()}
        for r in sorted(sheet.cells)
    }


def _closed_up_tables(sheet: Sheet) -> list[Table]:
    gone, ranges = sorted(sheet.hidden_rows), sorted(sheet.hidden_columns)
    moved: list[Table] = []
    for table in sheet.tables:
        top, left, bottom, right = table.area
        area = (
            top - bisect_left(gone, top),
            _column(left, ranges),
            bottom - bisect_left(gone, bottom),
            _column(right, ranges),
        )
        moved.append(replace(table, area=area))
    return moved


def _column(c: int, hidden: Sequence[tuple[int, int]]) -> int:
    return c - sum(min(c, last + 1) - first for first, last in hidden if first < c)


# --- tables ----------------------------------------------------------------------------------------------------


def _blocks(cells: Cells, stated: Sequence[Table]) -> Iterator[_Block]:
    """The tables and texts of a sheet, from the top down: those that the file delimits, and what blank lines part."""
    found: list[_Block] = []
    rest = {r: dict(row) for r, row in cells.items()}
    for table in stated:
        top, left, bottom, right = table.area
        inside: Cells = {}
        for r in [r for r in rest if top <= r <= bottom]:
            taken = {c: rest[r].pop(c) for c in [c for c in rest[r] if left <= c <= right]}
            if taken:
                inside[r] = taken
            if not rest[r]:
                del rest[r]
        if inside:
            found.append(_Block(inside, table))
    found += [_Block(part) for part in _parted(rest)]
    return iter(sorted(found, key=lambda b: (min(b.cells), min(min(row) for row in b.cells.values()))))


def _parted(cells: Cells) -> Iterator[Cells]:
    """Parts that blank rows, or blank columns between tables that stand side by side, keep apart."""
    for band in _bands(cells):
        columns = sorted({c for row in band.values() for c in row})
        parts = [
            {r: inside for r, row in band.items() if (inside := {c: row[c] for c in row if first <= c <= last})}
            for first, last in _runs(columns)
        ]
        if len(parts) > 1 and _stand_apart(parts):
            for part in parts:
                yield from _parted(part)
        else:
            yield band


def _bands(cells: Cells) -> Iterator[Cells]:
    for first, last in _runs(sorted(cells)):
        yield {r: cells[r] for r in range(first, last + 1)}


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of the unbroken runs of numbers."""
    start = 0
    for i in range(1, len(numbers) + 1):
        if i == len(numbers) or numbers[i] != numbers[i - 1] + 1:
            yield numbers[start], numbers[i - 1]
            start = i


def _stand_apart(parts: Sequence[Cells]) -> bool:
    """Whether parts side by side are tables of their own, not columns of one table with a gap between them.

    A gap alone says nothing. Tables of their own begin or end in different rows, or name the same columns again, or
    have names of their own, or each begin with a column that tells its rows apart in words; a lone remark beside a
    table is none of its columns either.
    """
    tables_ = [part for part in parts if sum(map(len, part.values())) > 1]
    if any(max(map(len, part.values())) < 2 for part in tables_):
        return False
    if len(tables_) < len(parts):
        return True
    if len({(min(part), max(part)) for part in parts}) > 1:
        return True
    grids = [_grid(part) for part in parts]
    if all(tables.is_name(grid[0]) for grid in grids) or all(_tells_rows_apart(grid) for grid in grids):
        return True
    heads = [{cell.own for cell in grid[0] if cell.own} for grid in grids]
    return bool(set.intersection(*heads))


def _tells_rows_apart(grid: list[list[Cell]]) -> bool:
    keys = [row[0].own for row in grid[1:]]
    return len(keys) > 1 and len(set(keys)) == len(keys) and all(key and not re.search(r"\d", key) for key in keys)


def _grid(cells: Cells) -> list[list[Cell]]:
    columns = sorted({c for row in cells.values() for c in row})
    return [[cells[r].get(c, Cell()) for c in columns] for r in sorted(cells)]


def _add_block(block: _Block, sheet_name: str, assembly: Assembly) -> None:
    grid = _grid(block.cells)
    if block.table is not None:
        named = "" if _DEFAULT_TABLE.fullmatch(block.table.name) else block.table.name
        assembly.table(grid, named or sheet_name, stated=block.table.headers)
        return
    if sum(any(row[i].text for row in grid) for i in range(len(grid[0]))) < 2:  # a single column is text
        for row in grid:
            assembly.line("".join(cell.own for cell in row))
        return
    start = 0
    for end in [*_later_titles(grid), len(grid)]:
        _add_table(grid[start:end], sheet_name, assembly)
        start = end


def _add_table(grid: list[list[Cell]], sheet_name: str, assembly: Assembly) -> None:
    remarks: list[str] = []
    while len(grid) > 2 and tables.is_name(grid[-1]):
        text = next(cell.text for cell in grid[-1] if cell.text)
        if not (_REMARK.match(text) or (len(text) > tables.MAX_HEADER_CHARS and _SENTENCE_END.search(text))):
            break
        remarks.insert(0, text)
        grid = grid[:-1]
    assembly.table(grid, sheet_name)
    for remark in remarks:
        assembly.line(remark)


def _later_titles(grid: list[list[Cell]]) -> Iterator[int]:
    """Rows in which another table begins without a blank row before it: its name, then a header that is evident."""
    for i in range(2, len(grid) - 2):
        if not tables.is_name(grid[i]) or tables.is_name(grid[i - 1]):
            continue
        head = next((k for k in range(i + 1, len(grid) - 1) if not tables.is_name(grid[k])), None)
        if head is not None and tables.begins(grid, head):
            yield i


def _rows(rows: Sequence[int]) -> str:
    named = ", ".join(str(r + 1) for r in rows[:MAX_NAMED])
    return f"{named} and {len(rows) - MAX_NAMED} more" if len(rows) > MAX_NAMED else named
