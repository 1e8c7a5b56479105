"""Characters on a page to lines in reading order. Pure geometry: it knows neither PDF nor text recognition.

A *piece* is a stretch of a line without a wide gap. Columns are told from a table's cells and from aligned words
by how full they are and by the order in which the file prints them: a column is printed whole, a table row by row.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ingest.loaders.pdf_pages import SLANTED, Glyph

# In em, the type's size. Measured on the PDFs of parsers' own test suites: spaces between words are 0.2 to 0.45 em
# wide (in tight type 0.15) and stretch to 0.8 in justified text; the gutters of two-column pages begin at 1 em.
WORD_GAP = 0.13
PIECE_GAP = 0.9
CJK_GAP = 0.75  # between hanzi, justified text has gaps that are no spaces
MIXED_GAP = 0.5  # word processors set figures and hanzi a quarter of an em apart
WIDE_COLUMN = 13  # hanzi in a line; the cells of a table without rules are narrower or not full
MAX_PIECES = 6000  # more than this is no page of text; columns are not looked for
MAX_RUN = 8  # hanzi in one box

_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Run(NamedTuple):
    """About a word of a line, and where it stands on the page."""

    start: int  # of the line's text
    end: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line. The measures are those of the reading direction: turned text lies as if upright."""

    text: str
    runs: tuple[Run, ...]
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float
    bold: bool
    left: float  # of its column
    right: float
    column: int  # 0: the page's full width; else a number of its own for every column
    turn: int = 0
    marks: tuple[str, ...] = ()  # raised figures and signs: they may refer to notes
    spread: bool = False  # it has gaps wider than a space: cells of a table without rules
    cells: tuple[tuple[float, float, int, int], ...] = ()  # of a spread line: x0, x1, and the span of its text


@dataclass(frozen=True, slots=True)
class Block:
    """Something that keeps its place among the lines and is no text itself: a table with rules."""

    x0: float
    y0: float
    x1: float
    y1: float
    index: int


@dataclass(slots=True)
class _Piece:
    glyphs: list[Glyph]
    x0: float
    y0: float
    x1: float
    y1: float
    base: float
    size: float
    turn: int
    first: int  # place of its first character in the file
    block: Block | None = None

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class _Column:
    pieces: list[_Piece]
    left: float
    right: float
    number: int = 0


@dataclass(slots=True)
class _Numbers:
    last: int = field(default=0)

    def next(self) -> int:
        self.last += 1
        return self.last


def lines(
    glyphs: Sequence[Glyph],
    page: int,
    width: float,
    height: float,
    blocks: Sequence[Block] = (),
    in_order: bool = True,
    columns: bool = True,
) -> list[Line | Block]:
    """All text of a page in reading order. `in_order`: the glyphs come in the order in which the file prints them.

    Text that runs in another direction than most of the page stands behind the rest.
    """
    turns: dict[int, list[tuple[int, Glyph]]] = {}
    for i, glyph in enumerate(glyphs):
        turns.setdefault(glyph.turn, []).append((i, glyph))
    out: list[Line | Block] = []
    numbers = _Numbers()
    main = max(turns, key=lambda t: (len(turns[t]), t != SLANTED), default=0)
    for turn in sorted(turns, key=lambda t: (t != main, t)):
        own = turns[turn]
        upright = [(i, _upright(g, turn, width, height)) for i, g in own]
        far = turn in (90, 270)
        extent = (height, width) if far else (width, height)
        vertical = turn == 0 and _is_vertical([g for _, g in upright])
        if vertical:
            upright = [(i, _laid_down(g, width)) for i, g in upright]
            extent = (height, width)
        here = [b for b in blocks if turn == main and turn == 0 and not vertical]
        pieces = _pieces(upright) + [_Piece([], b.x0, b.y0, b.x1, b.y1, b.y1, 0.0, 0, -1, b) for b in here]
        if turn == SLANTED:
            out += [replace(_line([piece], page), turn=turn, right=extent[0]) for piece in _slanted(own)]
            continue
        if columns and len(pieces) <= MAX_PIECES:
            found = _cut(pieces, in_order, numbers, 0)
        else:
            found = [_Column(pieces, 0.0, extent[0])]
        for column in found:
            out += _column_lines(column, page, turn)
    shown = {item.index for item in out if isinstance(item, Block)}
    return out + [b for b in blocks if b.index not in shown]


def text_of(glyphs: Sequence[Glyph]) -> str:
    """All characters in the order of the file: for measuring, not for reading."""
    return "".join(" " * g.space + g.char for g in glyphs)


def is_wide(char: str) -> bool:
    return char >= "\u1100" and bool(_WIDE.match(char))


# --- directions --------------------------------------------------------------------------------------------------


def _upright(g: Glyph, turn: int, width: float, height: float) -> Glyph:
    """The glyph with the page turned so that its line runs from left to right."""
    if turn in (90, 180, 270):
        g = g._replace(shown=_shown(g))
    if turn == 90:  # runs downwards
        return g._replace(x0=g.y0, x1=g.y1, y0=width - g.x1, y1=width - g.x0, base=width - g.base)
    if turn == 270:  # runs upwards
        return g._replace(x0=height - g.y1, x1=height - g.y0, y0=g.x0, y1=g.x1, base=g.base)
    if turn == 180:
        x0, x1 = width - g.x1, width - g.x0
        return g._replace(x0=x0, x1=x1, y0=height - g.y1, y1=height - g.y0, base=height - g.base)
    return g


def _is_vertical(glyphs: Sequence[Glyph]) -> bool:
    """Whether upright hanzi follow each other downwards, as in vertical Chinese and Japanese."""
    down = across = 0
    for a, b in zip(glyphs, glyphs[1:], strict=False):
        if not (is_wide(a.char) and is_wide(b.char)):
            continue
        dx = (b.x0 + b.x1 - a.x0 - a.x1) / 2
        dy = (b.y0 + b.y1 - a.y0 - a.y1) / 2
        down += abs(dx) < 0.3 * a.size and 0.6 * a.size < dy < 1.8 * a.size
        across += abs(dy) < 0.3 * a.size and 0.4 * a.size < dx < 1.8 * a.size
    return down >= 4 and down > 3 * across


def _laid_down(g: Glyph, width: float) -> Glyph:
    """A vertical column as a line: downwards becomes rightwards, leftwards becomes downwards."""
    middle = width - (g.x0 + g.x1) / 2
    return g._replace(
        x0=g.y0,
        x1=g.y1,
        y0=middle - g.size / 2,
        y1=middle + g.size / 2,
        base=middle + g.size * 0.3,
        shown=_shown(g),
    )


def _shown(g: Glyph) -> tuple[float, float, float, float]:
    return g.shown or (g.x0, g.y0, g.x1, g.y1)


# --- pieces ------------------------------------------------------------------------------------------------------


def _pieces(glyphs: Sequence[tuple[int, Glyph]]) -> list[_Piece]:
    """Stretches of lines: first as the file prints them, then those that touch put together."""
    strokes: list[_Piece] = []
    last: Glyph | None = None
    for i, g in glyphs:
        if last is not None and _follows(last, g):
            _add(strokes[-1], g)
        else:
            strokes.append(_Piece([g], g.x0, g.y0, g.x1, g.y1, g.base, g.size, g.turn, i))
        last = g
    out: list[_Piece] = []
    for row in _rows(strokes):
        row.sort(key=lambda p: p.x0)
        joined = row[0]
        for piece in row[1:]:
            if piece.x0 - joined.x1 <= PIECE_GAP * max(joined.size, piece.size):
                _merge(joined, piece)
            else:
                out.append(joined)
                joined = piece
        out.append(joined)
    return out


def _slanted(glyphs: Sequence[tuple[int, Glyph]]) -> list[_Piece]:
    """Text that runs aslant, as the file prints it: a watermark, a stamp."""
    pieces: list[_Piece] = []
    last: Glyph | None = None
    for i, g in glyphs:
        near = last is not None and abs(g.x0 - last.x0) < 2 * g.size and abs(g.y0 - last.y0) < 2 * g.size
        if near:
            _add(pieces[-1], g)
        else:
            pieces.append(_Piece([g], g.x0, g.y0, g.x1, g.y1, g.base, g.size, g.turn, i))
        last = g
    return pieces


def _follows(a: Glyph, b: Glyph) -> bool:
    size = max(a.size, b.size)
    gap = a.x0 - b.x1 if _right_to_left(b.char) and _right_to_left(a.char) else b.x0 - a.x1
    same = abs(a.base - b.base) <= 0.3 * min(a.size, b.size)
    raised = min(a.size, b.size) < 0.85 * size and abs(a.base - b.base) <= 0.7 * size
    return (same or raised) and -0.6 * size <= gap <= PIECE_GAP * size


def _right_to_left(char: str) -> bool:
    return char > "\u0590" and unicodedata.bidirectional(char) in ("R", "AL", "AN")


def _add(piece: _Piece, g: Glyph) -> None:
    if g.size > 1.15 * piece.size:
        piece.base, piece.size = g.base, g.size
    piece.glyphs.append(g)
    piece.x0, piece.x1 = min(piece.x0, g.x0), max(piece.x1, g.x1)
    piece.y0, piece.y1 = min(piece.y0, g.y0), max(piece.y1, g.y1)


def _merge(piece: _Piece, other: _Piece) -> None:
    overlap = min(piece.x1, other.x1) - max(piece.x0, other.x0)
    if other.size > 1.15 * piece.size:
        piece.base, piece.size = other.base, other.size
    piece.glyphs += other.glyphs
    if overlap > 0.5 * min(piece.size, other.size):  # printed over each other: by place, not by turn
        piece.glyphs.sort(key=lambda g: g.x0 + g.x1)
    piece.x0, piece.x1 = min(piece.x0, other.x0), max(piece.x1, other.x1)
    piece.y0, piece.y1 = min(piece.y0, other.y0), max(piece.y1, other.y1)
    piece.first = min(piece.first, other.first)


def _rows(pieces: Iterable[_Piece]) -> list[list[_Piece]]:
    """Pieces that stand on one line, from the top down. Blocks are rows of their own."""
    ordered = sorted(pieces, key=lambda p: (p.base, p.x0))
    blocks = [[p] for p in ordered if p.block]
    sizes = sorted(p.size for p in ordered if not p.block)
    usual = sizes[len(sizes) // 2] if sizes else 0.0
    rows: list[list[_Piece]] = []
    small: list[_Piece] = []
    for piece in ordered:
        if piece.block:
            continue
        if piece.size < 0.8 * usual and len(piece.glyphs) <= 6:
            small.append(piece)  # perhaps raised or lowered: it belongs to the line it touches
        elif rows and piece.base - rows[-1][0].base <= 0.35 * min(piece.size, rows[-1][0].size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    bases = [row[0].base for row in rows]  # rising, as the pieces are
    reach = 1.5 * max(sizes, default=0.0)
    alone: list[list[_Piece]] = []
    for piece in small:
        near = rows[bisect.bisect_left(bases, piece.base - reach) : bisect.bisect_right(bases, piece.base + reach)]
        home = next((row for row in near if any(_touches(piece, other) for other in row)), None)
        if home is None:
            level = (
                r for r in (*near, *alone[-3:]) if abs(r[0].base - piece.base) <= 0.35 * min(r[0].size, piece.size)
            )
            home = next(level, None)
        if home is None:
            alone.append([piece])
        else:
            home.append(piece)
    rows += alone
    rows += blocks
    rows.sort(key=lambda row: row[0].y0 if row[0].block else max(row, key=lambda p: p.size).base)
    return rows


def _touches(small: _Piece, other: _Piece) -> bool:
    gap = max(small.x0 - other.x1, other.x0 - small.x1)
    inside = other.y0 - 0.3 * other.size <= small.middle <= other.y1 + 0.1 * other.size
    return other.size > small.size and gap <= 0.5 * other.size and inside


# --- columns -----------------------------------------------------------------------------------------------------


def _cut(pieces: list[_Piece], in_order: bool, numbers: _Numbers, depth: int) -> list[_Column]:
    """The page's columns in reading order; what runs across them parts them into what is above and below."""
    if depth < 5:
        for gutter in _gutters(pieces):
            if (parts := _parted(pieces, gutter, in_order)) is None:
                continue
            above, left, right, below = parts
            out = _cut(above, in_order, numbers, depth + 1) if above else []
            for side in (left, right):
                inner = _cut(side, in_order, numbers, depth + 1)
                if len(inner) == 1:
                    inner[0].number = numbers.next()
                out += inner
            return out + (_cut(below, in_order, numbers, depth + 1) if below else [])
    solid = [p for p in pieces if not p.block] or pieces
    return [_Column(pieces, min((p.x0 for p in solid), default=0.0), max((p.x1 for p in solid), default=0.0))]


def _gutters(pieces: Sequence[_Piece]) -> list[float]:
    """Where columns may begin: left edges that at least three pieces share, the most shared first."""
    if len(pieces) < 6:
        return []
    left, right = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    span = right - left
    counts: Counter[int] = Counter()
    for piece in pieces:
        if left + 0.12 * span < piece.x0 < right - 0.12 * span:
            counts[round(piece.x0 / 3)] += 1
    shared = {edge: n + counts[edge + 1] for edge, n in counts.items()}
    best = sorted((e for e, n in shared.items() if n >= 3), key=lambda e: (-shared[e], e))
    return [edge * 3 - 1.5 for edge in best[:8]]


def _parted(
    pieces: Sequence[_Piece], gutter: float, in_order: bool
) -> tuple[list[_Piece], list[_Piece], list[_Piece], list[_Piece]] | None:
    """Above, left, right and below of the best stretch in which `gutter` parts two columns."""
    band: list[_Piece] = []
    bands: list[list[_Piece]] = [band]
    for piece in sorted(pieces, key=lambda p: p.middle):
        if piece.x0 < gutter - 1 and piece.x1 > gutter - 0.5 * piece.size:  # it runs across
            if band:
                band = []
                bands.append(band)
        else:
            band.append(piece)
    for band in sorted(bands, key=len, reverse=True):
        left = [p for p in band if p.x1 <= gutter]
        right = [p for p in band if p.x1 > gutter]
        if not _are_columns(left, right, in_order):
            continue
        top, bottom = min(p.y0 for p in band), max(p.y1 for p in band)
        inside = set(map(id, band))
        rest = [p for p in pieces if id(p) not in inside]
        above = [p for p in rest if p.middle < (top + bottom) / 2]
        below = [p for p in rest if p.middle >= (top + bottom) / 2]
        return above, left, right, below
    return None


def _are_columns(left: list[_Piece], right: list[_Piece], in_order: bool) -> bool:
    """Whether two stacks of pieces are columns of text, each to be read whole, and not the cells of a table."""
    left, right = [p for p in left if not p.block], [p for p in right if not p.block]
    rows_left, rows_right = len(_rows(left)), len(_rows(right))
    if rows_left < 3 or rows_right < 3:
        return False
    top, bottom = max(min(p.y0 for p in s) for s in (left, right)), min(max(p.y1 for p in s) for s in (left, right))
    lower = min(max(p.y1 for p in s) - min(p.y0 for p in s) for s in (left, right))
    if bottom - top < 0.5 * lower:
        return False
    fill = min(_fill(left), _fill(right))
    if not in_order:
        return fill >= 0.6 and min(rows_left, rows_right) >= 4
    turns = [side for _, side in sorted([(p.first, 0) for p in left] + [(p.first, 1) for p in right])]
    changes = sum(a != b for a, b in zip(turns, turns[1:], strict=False))
    if changes <= max(1, 0.2 * min(rows_left, rows_right)):
        return fill >= 0.45
    # printed row by row: full rows that are too wide for cells
    em = sorted(p.size for p in (*left, *right))[(len(left) + len(right)) // 2]
    narrow = min(max(p.x1 for p in s) - min(p.x0 for p in s) for s in (left, right))
    return fill >= 0.75 and min(rows_left, rows_right) >= 4 and narrow >= WIDE_COLUMN * em


def _fill(side: Sequence[_Piece]) -> float:
    """How much of the column's width its rows take up, in the middle of all rows."""
    width = max(p.x1 for p in side) - min(p.x0 for p in side)
    shares = sorted((max(p.x1 for p in row) - min(p.x0 for p in row)) / width for row in _rows(side))
    return shares[len(shares) // 2] if width > 0 else 0.0


# --- lines -------------------------------------------------------------------------------------------------------


def _column_lines(column: _Column, page: int, turn: int) -> Iterable[Line | Block]:
    for row in _rows(column.pieces):
        if row[0].block is not None:
            yield row[0].block
        elif (line := _line(sorted(row, key=lambda p: p.x0), page)).text:
            yield replace(line, left=column.left, right=column.right, column=column.number, turn=turn)


def _line(row: Sequence[_Piece], page: int) -> Line:
    main = max(row, key=lambda p: (len(p.glyphs), p.size))
    sizes: Counter[float] = Counter()
    for piece in row:
        for g in piece.glyphs:
            sizes[round(g.size, 1)] += 1
    size = max(sizes, key=lambda s: (sizes[s], s))
    text: list[str] = []
    runs: list[list[float]] = []
    marks: list[str] = []
    cells: list[tuple[float, float, int, int]] = []
    at = 0
    last: Glyph | None = None
    raised_mark = ""
    for piece in row:
        begin = at
        for g in piece.glyphs:
            char = g.char
            raised = g.size < 0.85 * size and g.base < main.base - 0.15 * size
            if raised:
                char = char.translate(_SUPERSCRIPT)
                raised_mark += g.char
            elif raised_mark:
                marks.append(raised_mark)
                raised_mark = ""
            blank = last is not None and _blank_between(last, g)
            if blank:
                text.append(" ")
                at += 1
                begin += begin == at - 1
            _place(runs, last.char if last else "", g, char, at, new=blank or last is None)
            text.append(char)
            at += len(char)
            last = g
        cells.append((piece.x0, piece.x1, begin, at))
    if raised_mark:
        marks.append(raised_mark)
    letters = sum(len(p.glyphs) for p in row)
    return Line(
        "".join(text),
        tuple(Run(int(r[0]), int(r[1]), *r[2:]) for r in runs),
        page,
        min(p.x0 for p in row),
        min(p.y0 for p in row),
        max(p.x1 for p in row),
        max(p.y1 for p in row),
        main.base,
        size,
        2 * sum(g.bold for p in row for g in p.glyphs) > letters,
        0.0,
        0.0,
        0,
        marks=tuple(marks),
        spread=any(b[0] - a[1] > 1.5 * size for a, b in zip(cells, cells[1:], strict=False)),
        cells=tuple(cells),
    )


def _blank_between(a: Glyph, b: Glyph) -> bool:
    gap = b.x0 - a.x1
    if _right_to_left(a.char) and _right_to_left(b.char):
        gap = a.x0 - b.x1
    size = max(a.size, b.size)
    wide = is_wide(a.char) + is_wide(b.char)
    if wide and not (_HANGUL.match(a.char) or _HANGUL.match(b.char)):
        # a stated space that takes no room is an artefact of the program that printed the page
        return gap > (CJK_GAP if wide == 2 else MIXED_GAP) * size or (b.space and gap > 0.12 * size)
    return b.space or gap > WORD_GAP * size


def _place(runs: list[list[float]], before: str, g: Glyph, char: str, at: int, new: bool) -> None:
    """Puts a character into the last run, or begins another."""
    x0, y0, x1, y1 = g.shown or g[1:5]
    if not new and runs:
        last = runs[-1]
        wide = is_wide(char)
        if wide == is_wide(before) and not (wide and last[1] - last[0] >= MAX_RUN):
            last[1] = at + len(char)
            last[2:] = min(last[2], x0), min(last[3], y0), max(last[4], x1), max(last[5], y1)
            return
    runs.append([at, at + len(char), x0, y0, x1, y1])
