"""The lines of a text, each with what its shape and its format say about it, and why it stays out of the clauses."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from ingest.numbering import Mark, read
from ingest.structure.shapes import BARE_DATE, NO_TEXT, STAMP, trim
from ingest.types import Extract, GapReason
from kb.types import ClauseKind


@dataclass(slots=True)
class Line:
    """A line that is not blank, trimmed, with what its own shape says about it."""

    start: int
    end: int
    text: str
    after_blank: bool
    level: int | None = None  # of a heading marked by the format
    row: int | None = None  # index into Extract.rows
    note: int | None = None  # index into Extract.footnotes
    mark: Mark | None = None
    left: GapReason | None = None  # contents list, comment, notice, table header: never part of a clause
    heads: bool = False  # a short line that is a heading by what stands around it
    fate: GapReason | None = None  # what it was, if it ends up in no clause
    asks: bool = False  # a question without a sign of its own, its answer below
    term: str = ""  # what this line of a glossary defines
    after_notice: bool = False  # boilerplate stands between the line before and this one

    @property
    def silent(self) -> bool:
        return self.left is not None


@dataclass(slots=True)
class Unit:
    """A clause in the making: the lines that belong together."""

    kind: ClauseKind
    label: str
    path: tuple[str, ...]
    context: str = ""
    number: tuple[int, ...] = ()
    level: int | None = None
    outside: bool = False  # of every heading: titles and dates may stand among its lines
    lines: list[Line] = field(default_factory=list)

    @property
    def span(self) -> tuple[int, int]:
        return self.lines[0].start, self.lines[-1].end


def split_lines(extract: Extract) -> list[Line]:
    """Every line with text in it, in order; comments, rules and time stamps are already set aside."""
    text = extract.text
    headings = sorted(extract.headings, key=lambda h: h.start)
    heading_starts = [h.start for h in headings]
    row_ends = [r.end for r in extract.rows]
    notes = sorted(range(len(extract.footnotes)), key=lambda n: extract.footnotes[n].start)
    note_ends = [extract.footnotes[n].end for n in notes]
    lines: list[Line] = []
    at, blank, comment = 0, True, False
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        start, end = trim(text, at, stop)
        if start < end:
            line = Line(start, end, text[start:end], blank)
            h = bisect_left(heading_starts, at)
            if h < len(headings) and headings[h].start < stop:
                line.level = headings[h].level
                line.start, line.end = trim(text, headings[h].start, min(headings[h].end, stop))
                line.text = text[line.start : line.end]
            r = bisect_right(row_ends, start)
            if r < len(extract.rows) and extract.rows[r].start < end:
                line.row = r
            n = bisect_right(note_ends, start)
            if n < len(notes) and extract.footnotes[notes[n]].start < end:
                line.note = notes[n]
            comment = comment or line.text.startswith("<!--")
            if comment or (line.row is None and NO_TEXT.match(line.text)):
                line.left = GapReason.COMMENT
            elif line.row is None and STAMP.match(line.text):
                line.left = GapReason.FIELD
            comment = comment and "-->" not in line.text
            if line.row is None and line.note is None and not line.silent and line.start < line.end:
                line.mark = read(line.text)
            if line.start < line.end:
                lines.append(line)
            blank = False
        else:
            blank = True
        at = stop + 1
    return lines


def is_bare(line: Line) -> bool:
    """Whether a line is nothing that could be quoted: set aside, a footnote, or a date."""
    if not line.silent and BARE_DATE.match(line.text):
        line.fate = GapReason.FIELD
        return True
    return line.silent or line.note is not None
