"""What a table is before it becomes lines: cells that know their merged area, and how its header is told.

A wrong "header" swallows a data row, a missed one leaves figures without names; so a second header row needs
evidence: a merged cell above differing sub-headings, a header cell merged down into it, or words above figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_HEADER_CHARS = 40  # a header cell longer than this is content

_FIGURE = re.compile(r"[\d.,%￥¥$\s/-]+$")


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the grid. A merged area has its text in every place that it covers."""

    text: str = ""
    across: bool = False  # the area of the place on the left goes on here
    down: bool = False  # the area of the place above goes on here
    strong: bool = False  # bold, or marked as a heading
    inner: tuple[Inner, ...] = ()  # tables inside the cell, below its text

    @property
    def shown(self) -> str:
        """What a line of text says here: a merged text is repeated down the rows, but said once in each of them."""
        return "" if self.across else self.text

    @property
    def own(self) -> str:
        """The text where it begins, else nothing."""
        return "" if self.across or self.down else self.text

    @property
    def filled(self) -> bool:
        """Whether something of its own stands here."""
        return bool(self.own or (self.inner and not self.across and not self.down))


Grid = Sequence[Sequence[Cell]]


def said(row: Sequence[Cell]) -> list[str]:
    """What a row of data says in each column: a text merged over two columns holds for both (普通、加急: 45元). One merged
    from the first column on names the row, or is a note, and is said once, and so is a long text."""
    named = next((i for i, cell in enumerate(row) if i and not cell.across), len(row))
    return [
        cell.text if i >= named and len(cell.text) <= MAX_HEADER_CHARS else cell.shown for i, cell in enumerate(row)
    ]


@dataclass(frozen=True, slots=True)
class Inner:
    """A table inside a cell."""

    grid: Grid
    stated: int = 0  # how many of its rows the file marks as the header
    name: str = ""


def trim(grid: Grid) -> list[list[Cell]]:
    """Rows of equal length without the rows and columns that say nothing of their own."""
    width = max((len(row) for row in grid), default=0)
    rows = [[*row, *[Cell()] * (width - len(row))] for row in grid if any(cell.filled for cell in row)]
    used = [i for i in range(width) if any(row[i].shown or row[i].filled for row in rows)]
    return [[row[i] for i in used] for row in rows]


def is_name(row: Sequence[Cell]) -> bool:
    """Whether a first row holds nothing but the table's own name.

    A lone cell merged over some of the columns, but not from the first one on, is a group of sub-headings.
    """
    filled = [i for i, cell in enumerate(row) if cell.text]
    alone = sum(bool(cell.shown) for cell in row) == 1 and not any(cell.inner for cell in row)
    return alone and len(row) > 1 and (len(filled) == 1 or filled[0] == 0)


def header_depth(grid: Grid, stated: int = 0) -> int:
    """How many of the first rows name the columns; at least one row is left. `stated`: how many the file marks."""
    marked = 0 < stated < len(grid)
    depth = stated if marked else int(_names_columns(grid))
    while 0 < depth < len(grid) - 1 and (_goes_on(grid, depth) or (marked and _reaches_into(grid[depth]))):
        depth += 1
    # a cell that reaches into a data row stands in a data row itself
    return 0 if depth and not marked and _reaches_into(grid[depth]) else depth


def begins(grid: Grid, k: int) -> bool:
    """Whether row `k` evidently names the columns of the rows below it, though rows stand above it."""
    if not _names_columns(grid[k:]):
        return False
    head = [cell.own for cell in grid[k] if cell.own]
    first = next((row for row in grid if not is_name(row)), grid[0])
    again = sum(text in {cell.own for cell in first} for text in head) * 2 >= len(head)
    strong = all(cell.strong for cell in grid[k] if cell.own)
    return again or (strong and not all(c.strong for c in grid[k + 1] if c.own)) or _stands_above_figures(grid, k)


def columns(grid: Grid, depth: int) -> list[str]:
    """For every column the words of the first `depth` rows, each merged cell once; "" for a column without a name."""
    names = []
    for i in range(len(grid[0]) if grid else 0):
        words: list[str] = []
        for r in range(depth):
            cell = grid[r][i]
            word = "" if cell.down else cell.text or _group(grid, r, i, depth)
            if word and word not in words[-1:]:
                words.append(word)
        names.append(" ".join(words))
    return names


def _group(grid: Grid, r: int, i: int, depth: int) -> str:
    """The heading that an empty, unmerged cell stands under: the nearest on its left, if both have sub-headings."""
    if r + 1 >= depth or not grid[r + 1][i].own:
        return ""
    left = next((j for j in range(i - 1, -1, -1) if grid[r][j].text), None)
    return grid[r][left].text if left is not None and grid[r + 1][left].own else ""


def _names_columns(grid: Grid) -> bool:
    """The first row names its columns: filled, short, all different, no figures, and there are rows below it."""
    if len(grid) < 2 or len(grid[0]) < 2:
        return False
    names = [cell.own for cell in grid[0] if cell.own]
    if sum(bool(cell.text) for cell in grid[0]) < max(2, len(grid[0]) / 2) or len(set(names)) < len(names):
        return False
    return all(_is_short_words(name) for name in names)


def _is_short_words(text: str) -> bool:
    return len(text) <= MAX_HEADER_CHARS and not re.search(r"[。；]$", text) and not _FIGURE.match(text)


def _goes_on(grid: Grid, k: int) -> bool:
    """Whether row `k` goes on the header that the rows above it begin."""
    above, row = grid[k - 1], grid[k]
    own = [i for i, cell in enumerate(row) if cell.own]
    if not all(_is_short_words(row[i].text) for i in own):
        return False
    above_strong, strong = (all(c.strong for c in line if c.own) for line in (above, row))
    told_apart = strong and above_strong and not all(c.strong for line in grid[k + 1 :] for c in line if c.own)
    evident = told_apart or _stands_above_figures(grid, k)
    groups = [group for group in _wide_groups(above) if _differ([row[i].own for i in group if row[i].own])]
    if _reaches_into(row):
        return bool(groups) or evident
    if groups and all(not above[i].text or any(i in group for group in groups) for i in own):
        return strong or not above_strong
    if told_apart and _stands_above_figures(grid, k):
        return True
    fills = any(not above[i].text for i in own)  # names what the row above left open, and leaves open what it named
    leaves = any(above[i].text and not row[i].text for i in range(len(row)))
    return fills and leaves and evident


def _reaches_into(row: Sequence[Cell]) -> bool:
    return any(cell.down for cell in row)


def _differ(texts: Sequence[str]) -> bool:
    return len(texts) > 1 and len(set(texts)) == len(texts)


def _wide_groups(row: Sequence[Cell]) -> Iterator[range]:
    """The columns of each cell that is merged across columns."""
    start = 0
    for i in range(1, len(row) + 1):
        if i == len(row) or not row[i].across:
            if i - start > 1:
                yield range(start, i)
            start = i


def _stands_above_figures(grid: Grid, k: int) -> bool:
    """Whether in some column row `k` has a word without a digit and every filled cell below has one."""
    for i, cell in enumerate(grid[k]):
        below = [row[i].own for row in grid[k + 1 :] if row[i].own]
        if cell.own and below and not re.search(r"\d", cell.own) and all(re.search(r"\d", text) for text in below):
            return True
    return False
