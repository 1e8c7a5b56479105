"""Tables on a page: those drawn with rules, and rows whose cells stand under each other.

The cells of a ruled table are found by pdfplumber's functions, from the lines that pdfium gives: pdfplumber itself
would read the page a second time, with a parser that is thirty times slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest import cleaning
from ingest.loaders import pdf_layout as layout
from ingest.loaders.pdf_pages import Glyph, Rule
from ingest.loaders.tables import Cell

MAX_CROSSINGS = 300_000  # pairs of rules that are compared; a page-high table of 100 rows and 20 columns has 2,000
MAX_POINTS = 2_500  # their crossings: pdfplumber takes 3 s for so many
MAX_CELL_CHARS = 900  # a cell with more, in a table of few, is a frame around text
MIN_FILLED = 0.25  # of the cells; the grid of a chart holds hardly any text

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Placed(Cell):
    """A cell that knows where its text is printed."""

    runs: tuple[tuple[int, layout.Run], ...] = ()  # page, and a run with offsets in the cell's text
    page: int = 0
    hyphens: int = 0  # at its lines' ends, taken out


@dataclass(frozen=True, slots=True)
class Table:
    grid: tuple[tuple[Placed, ...], ...]
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    columns: tuple[float, ...]  # where its columns begin, and where the last one ends


def ruled(rules: Sequence[Rule], glyphs: Sequence[Glyph], page: int, width: float, height: float) -> list[Table]:
    """Tables from the top down. A frame around text is none, nor is a grid that is all but empty."""
    tables = []
    for cells in _cells(rules):
        if len(cells) < 2:
            continue
        table = _table(cells, glyphs, page, width, height)
        if table is not None:
            tables.append(table)
    return sorted(tables, key=lambda t: (t.y0, t.x0))


def inside(glyph: Glyph, box: Rect) -> bool:
    x, y = (glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _cells(rules: Sequence[Rule]) -> list[list[Rect]]:
    across = [r for r in rules if r.y0 == r.y1]
    upright = [r for r in rules if r.y0 != r.y1]
    if len(across) < 2 or len(upright) < 2:
        return []
    # pdfplumber takes a while to import; most pages have no rules
    from pdfplumber import table as plumber

    edges = [
        {
            "x0": r.x0,
            "x1": r.x1,
            "top": r.y0,
            "bottom": r.y1,
            "doctop": r.y0,
            "width": r.x1 - r.x0,
            "height": r.y1 - r.y0,
            "orientation": "h" if r.y0 == r.y1 else "v",
        }
        for r in {Rule(*(round(v, 1) for v in rule)) for rule in (*across, *upright)}
    ]
    edges.sort(key=lambda e: (e["orientation"], e["top"], e["x0"]))
    merged = plumber.merge_edges(edges, 3, 3, 3, 3)
    counts = [sum(e["orientation"] == o for e in merged) for o in "hv"]
    if counts[0] * counts[1] > MAX_CROSSINGS:
        return []
    points = plumber.edges_to_intersections(merged, 3, 3)
    if len(points) > MAX_POINTS:
        return []
    return plumber.cells_to_tables(plumber.intersections_to_cells(points))


def _table(cells: list[Rect], glyphs: Sequence[Glyph], page: int, width: float, height: float) -> Table | None:
    xs = _edges([x for c in cells for x in (c[0], c[2])])
    ys = _edges([y for c in cells for y in (c[1], c[3])])
    rows, columns = len(ys) - 1, len(xs) - 1
    if columns < 2 or rows < 1:
        return None
    box = (xs[0], ys[0], xs[-1], ys[-1])
    own = [g for g in glyphs if inside(g, box)]
    grid = [[Placed(page=page) for _ in range(columns)] for _ in range(rows)]
    filled = longest = taken = 0
    for cell in cells:
        within = [g for g in own if inside(g, cell)]
        taken += len(within)
        text, runs, hyphens = cell_text(within, page, width, height)
        filled += bool(text)
        longest = max(longest, len(text))
        left, right = _index(xs, cell[0]), _index(xs, cell[2])
        top, bottom = _index(ys, cell[1]), _index(ys, cell[3])
        strong = bool(within) and all(g.bold for g in within)
        for r in range(top, bottom):
            for c in range(left, right):
                grid[r][c] = Placed(text, c > left, r > top, strong, runs=runs, page=page, hyphens=hyphens)
    if filled < 2 or filled < MIN_FILLED * len(cells) or taken < len(own):
        return None  # text that stands in none of the cells would be lost
    if longest > MAX_CELL_CHARS and len(cells) <= 6:
        return None
    return Table(tuple(map(tuple, grid)), page, *box, tuple(xs))


def cell_text(
    glyphs: Sequence[Glyph], page: int, width: float, height: float
) -> tuple[str, tuple[tuple[int, layout.Run], ...], int]:
    """A cell's lines as one, with the place of every run and the number of hyphens that went."""
    text = ""
    hyphens = 0
    runs: list[tuple[int, layout.Run]] = []
    for line in layout.lines(glyphs, page, width, height, columns=False):
        assert isinstance(line, layout.Line)
        before = text
        text = cleaning.glue(text, line.text) if text else line.text
        at = len(text) - len(line.text)
        if at < len(before):  # the hyphen at the end of the line before is gone
            hyphens += 1
            runs = [(p, r._replace(end=min(r.end, at))) for p, r in runs if r.start < at]
        runs += [(page, r._replace(start=r.start + at, end=r.end + at)) for r in line.runs]
    return text, tuple(runs), hyphens


def _edges(values: list[float]) -> list[float]:
    """Distinct positions; those closer than 2 points are one."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > 2:
            out.append(value)
    return out


def _index(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda i: abs(edges[i] - value))
