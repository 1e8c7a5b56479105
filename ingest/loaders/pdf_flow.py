"""Lines of pages to one text: paragraphs mended, running lines out, notes behind, tables as rows, headings marked.

Whether a printed line goes on the one before it is told by the page (indent, gap, size, whether the next word would
have fitted) and only where the page does not say by the words.
"""

from __future__ import annotations

import bisect
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest import cleaning, numbering
from ingest.loaders import tables
from ingest.loaders.pdf_layout import Line, Run, is_wide
from ingest.loaders.pdf_pages import Bookmark, Rule
from ingest.loaders.pdf_tables import Placed, Table
from ingest.types import Footnote, Heading, Removed, Row
from kb.types import Box

EDGE = 0.12  # of the page's height: where running headers and footers stand
SAME_PLACE = 6.0  # points: a running line does not move more from page to page
NOTE_SIZE = 0.93  # of the body's type, and smaller
HEADING_SIZE = 1.12  # of the body's type, and larger
MAX_HEADING_CHARS = 90
MAX_HEADING_SHARE = 0.2  # of all letters: a document of which more is "heading" is set in large type here and there

_PAGE_NUMBER = re.compile(
    r"(?:[-–—·~•\s]*\d{1,4}[-–—·~•\s]*|第\s*\d{1,4}\s*[页頁](?:\s*[/，,]?\s*共\s*\d{1,4}\s*[页頁])?"
    r"|(?:[Pp]age|[Pp]ágina|ページ)\s*\d{1,4}(?:\s*(?:of|de|/)\s*\d{1,4})?|\d{1,4}\s*(?:/|of)\s*\d{1,4}|[ivxl]{1,6})$"
)
_TERMINAL = re.compile(r"[。！？；：!?;:.][”’」』\"'）)】》\]]*$")
_OPEN_END = re.compile(r"[，、,（(《“「『‘/]$")
_OPEN_START = re.compile(r"[，。；：、）)》”」』,;:.!?！？…’]")
_BULLET = re.compile(r"[•·●○▪◆■※□☐◻❑➢→✓✔❖–—*-](?:\s|$)")
_NOTE_MARK = re.compile(
    r"(?:[\[（(〔]\s*(?P<a>\d{1,3}|[a-z]|[*†‡]+)\s*[\]）)〕]|(?P<b>[①-⑳⁰¹²³⁴-⁹]+|[*＊†‡§※]+|\d{1,3}|[a-z](?=\s)|注\s*\d*))[.．、:：]?\s*"
)
_NO_TITLE = re.compile(
    r"(?i)^(?:microsoft (?:word|powerpoint|excel)\b|untitled|无标题|未命名|powerpoint 演示文稿|document\d*$|doc\d*$|slide 1)"
    r"|\.(?:docx?|pdf|indd|qxd|wpd|xlsx?|pptx?|odt|rtf|html?|tex|dvi|ps|tmp)$|^[\x21-\x7e]*[_\d][\x21-\x7e]*$|[\\/]"
)
_CONTENTS = re.compile(r"(?i)\s*(?:目\s*[录錄次]|(?:table of )?contents|index|índice|차례|목차)\s*$")


@dataclass(frozen=True, slots=True)
class PageText:
    number: int
    width: float
    height: float
    items: tuple[Line | Table, ...]  # in reading order
    rules: tuple[Rule, ...] = ()  # those that run across
    recognised: bool = False  # read from its picture: sizes are rough


@dataclass(frozen=True, slots=True)
class Flow:
    text: str
    page_starts: tuple[int, ...]
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[Footnote, ...]
    removed: tuple[Removed, ...]
    boxes: tuple[Box, ...]
    title: str | None


def flow(pages: Sequence[PageText], bookmarks: Sequence[Bookmark] = (), stated_title: str = "") -> Flow:
    opening = pages[:2]
    running, removed = _running(pages)
    if all(id(item) in running for page in pages for item in page.items):
        running, removed = set(), []  # pages that hold nothing else: it is the text
    pages = [_without(page, running) for page in pages]
    body = _body_size(pages)
    notes: list[_Note] = []
    for page in pages:
        _add_notes(notes, page, body)
    pages = [_without(page, {id(line) for note in notes for line in note.lines}) for page in pages]
    heads = _from_bookmarks(pages, bookmarks) if bookmarks else {}
    marked = len({head.number for head in heads.values()})
    if marked < 2:
        heads = _from_sizes(pages, body)
    writer = _Writer(_Measures(pages), heads)
    for item in _joined_tables(pages, writer):
        if isinstance(item, PageText):
            writer.page(item)
        elif isinstance(item, Line):
            writer.line(item)
        else:
            writer.table(item)
    writer.close()
    for note in notes:
        writer.note(note)
    return Flow(
        "".join(writer.parts).rstrip("\n"),
        writer.starts(len(pages)),
        tuple(writer.headings),
        tuple(writer.rows),
        tuple(writer.footnotes),
        (*removed, *writer.removed()),
        tuple(writer.boxes),
        _title(opening, stated_title, body),
    )


def page_ranges(numbers: Iterable[int]) -> str:
    """ "page 3", "pages 1-4, 7"."""
    found = sorted(set(numbers))
    parts: list[list[int]] = []
    for n in found:
        if parts and n == parts[-1][-1] + 1:
            parts[-1].append(n)
        else:
            parts.append([n])
    said = ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]}-{p[-1]}" for p in parts)
    return f"page{'s' if len(found) > 1 else ''} {said}"


# --- running headers, footers, page numbers ------------------------------------------------------------------------


def _running(pages: Sequence[PageText]) -> tuple[set[int], list[Removed]]:
    """The lines that repeat at the edges of pages, digits aside, and what is told of them."""
    places: dict[tuple[str, str], list[tuple[PageText, Line]]] = defaultdict(list)
    numbers: list[tuple[PageText, Line]] = []
    edges: list[tuple[str, list[list[Line]]]] = []
    full = 0
    for page in pages:
        full += bool(page.items)
        for edge, rows in _edges(page):
            edges.append((edge, rows))
            for line in (line for row in rows for line in row):
                if _PAGE_NUMBER.match(line.text.strip()):
                    numbers.append((page, line))
                else:
                    places[edge, _shape(line.text)].append((page, line))
        for item in page.items:
            if isinstance(item, Line) and item.turn != 0 and not _PAGE_NUMBER.match(item.text):
                places["across", _shape(item.text)].append((page, item))
    groups: list[tuple[str, list[tuple[PageText, Line]]]] = []
    for (edge, _), found in places.items():
        kept = _in_one_place(found, edge)
        if _is_running(kept, edge, full):
            reason = {"top": "running header", "bottom": "running footer"}.get(edge, "watermark or text at the margin")
            groups.append((reason, kept))
    on = {page.number for page, _ in numbers}
    counted = full > 1 and (len(on) * 2 > full or _rises(numbers))
    if numbers and (counted or any(re.search(r"[页頁Pp]", line.text) for _, line in numbers)):
        groups.append(("page number", numbers))
    alike = {id(line) for _, found in groups for _, line in found}
    outer = {id(line) for reason, found in groups for _, line in found if line.turn != 0}
    for _, rows in edges:  # from the page's edge inwards: behind the first line of the text nothing is a header
        for row in rows:
            if not any(id(line) in alike for line in row):
                break
            outer |= {id(line) for line in row if id(line) in alike}
    removed = []
    for reason, found in groups:
        gone = [(page, line) for page, line in found if id(line) in outer]
        if gone:
            said = "\n".join(dict.fromkeys(line.text for _, line in gone))  # digits may differ: each wording once
            removed.append(Removed(said, reason, page_ranges(page.number for page, _ in gone)))
    return outer & alike, removed


def _edges(page: PageText) -> list[tuple[str, list[list[Line]]]]:
    """The rows at the page's top and at its bottom that may be running ones, each from the edge inwards."""
    upright = [item for item in page.items if isinstance(item, Line) and item.turn == 0]
    rows: list[list[Line]] = []
    for line in sorted(upright, key=lambda line: line.base):
        if rows and line.base - rows[-1][0].base <= 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    bottom = [
        row
        for i, row in enumerate(rows)
        if row[0].base > (1 - EDGE) * page.height
        or (i >= len(rows) - 2 and row[0].base > page.height / 2)
        or i == len(rows) - 1 >= 2
    ]
    lowest = {id(row) for row in bottom}
    top = [row for i, row in enumerate(rows) if id(row) not in lowest and (i < 2 or row[0].base < EDGE * page.height)]
    return [("top", top), ("bottom", bottom[::-1])]


def _in_one_place(found: list[tuple[PageText, Line]], edge: str) -> list[tuple[PageText, Line]]:
    heights = sorted(_height(page, line, edge) for page, line in found)
    sizes = sorted(line.size for _, line in found)
    middle, size = heights[len(heights) // 2], sizes[(len(sizes) - 1) // 2]
    return [
        (p, line)
        for p, line in found
        # a title on the first page has the header's words, in larger type
        if abs(_height(p, line, edge) - middle) <= SAME_PLACE and (p.recognised or line.size <= 1.15 * size)
    ]


def _height(page: PageText, line: Line, edge: str) -> float:
    return page.height - line.base if edge == "bottom" else line.base


def _is_running(found: Sequence[tuple[PageText, Line]], edge: str, full: int) -> bool:
    count = len({page.number for page, _ in found})
    if count < 2:
        return False
    first = found[0][1].text
    if edge != "across" and cleaning.starts_clause(first):
        return False
    if edge == "across":
        return count >= 3 and count * 2 > full
    zone = all(_height(page, line, edge) < EDGE * page.height for page, line in found)
    if full == 2:
        same = len({line.text for _, line in found}) == 1
        return same and (zone or edge == "top") and not re.search(r"[。；;.]$", first)
    return count >= 3 and (count * 2 > full or (zone and (count >= 4 or count * 4 > full)))


def _rises(found: Sequence[tuple[PageText, Line]]) -> bool:
    """Whether the numbers go up as the pages do."""
    offsets = Counter(int(m[0]) - page.number for page, line in found if (m := re.search(r"\d+", line.text)))
    return bool(offsets) and max(offsets.values()) >= 3


def _shape(text: str) -> str:
    return re.sub(r"\d+|\b[ivxlcIVXLC]+\b", "#", re.sub(r"\s+", "", text))


def _without(page: PageText, dropped: set[int]) -> PageText:
    if not dropped:
        return page
    kept = tuple(item for item in page.items if id(item) not in dropped)
    return PageText(page.number, page.width, page.height, kept, page.rules, page.recognised)


# --- footnotes -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Note:
    mark: str
    lines: list[Line] = field(default_factory=list)


def _body_size(pages: Sequence[PageText]) -> float:
    """The size that most letters have."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for item in page.items:
            if isinstance(item, Line):
                sizes[round(item.size * 2) / 2] += len(item.text)
    return max(sizes, key=lambda s: (sizes[s], -s)) if sizes else 10.0


def _add_notes(found: list[_Note], page: PageText, body: float) -> None:
    """Notes at the foot of the page, or of its columns: small type below a short rule, or with a mark from above.

    Small type without a mark below such a rule goes on the note that the page before broke off.
    """
    if page.recognised:
        return
    columns: dict[int, list[Line]] = defaultdict(list)
    for item in page.items:
        if isinstance(item, Line) and item.turn == 0:
            columns[item.column].append(item)
    marks = {
        _plain(mark)
        for lines in columns.values()
        for line in lines
        for mark in line.marks
        if line.size > NOTE_SIZE * body
    }
    before = len(found)
    for lines in columns.values():
        lines = sorted(lines, key=lambda line: line.base)
        first = len(lines)
        while first > 0 and lines[first - 1].size <= NOTE_SIZE * body:
            first -= 1
        # small type that begins higher up than the notes: a table's, a caption's
        while first < len(lines):
            mark = _note_mark(lines[first].text)
            ruled = _below_rule(page, lines, first)
            if mark and (ruled or _plain(mark) in marks):
                break
            if ruled and len(found) == before and before and _breaks_off(found[-1], page):
                break
            first += 1
        if first == 0 and len(lines) > 1 and not _below_rule(page, lines, 0):
            continue
        for line in lines[first:]:
            mark = _note_mark(line.text)
            fresh = mark and (len(found) == before or _plain(mark) in marks or _succeeds(found[-1].mark, mark))
            if fresh or not found:
                found.append(_Note(_plain(mark or ""), [line]))
            else:
                found[-1].lines.append(line)


def _breaks_off(note: _Note, page: PageText) -> bool:
    last = note.lines[-1]
    return last.page == page.number - 1 and not _TERMINAL.search(last.text)


def _note_mark(text: str) -> str | None:
    match = _NOTE_MARK.match(text)
    return (match["a"] or match["b"]) if match and match.end() < len(text) else None


def _plain(mark: str) -> str:
    return unicodedata.normalize("NFKC", mark).strip("()[] \t")


def _succeeds(before: str, mark: str) -> bool:
    mark = _plain(mark)
    return before.isdigit() and mark.isdigit() and int(mark) == int(before) + 1 or set(mark) <= set("*†‡§")


def _below_rule(page: PageText, lines: Sequence[Line], i: int) -> bool:
    top = lines[i].y0
    above = lines[i - 1].base if i else page.height / 2
    return any(
        above - 1 <= rule.y0 <= top + 0.4 * lines[i].size
        and top - rule.y0 < 3 * lines[i].size
        and 20 <= rule.x1 - rule.x0 <= 0.55 * page.width
        for rule in page.rules
    )


# --- headings ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Head:
    number: int  # lines with the same number are one heading
    level: int


def _from_bookmarks(pages: Sequence[PageText], bookmarks: Sequence[Bookmark]) -> dict[int, _Head]:
    """Lines whose words are a bookmark's title, on the page that it leads to (or the next: many lead a bit above)."""
    lines = {page.number: [item for item in page.items if isinstance(item, Line)] for page in pages}
    heads: dict[int, _Head] = {}
    top = min((b.level for b in bookmarks), default=1)
    for n, bookmark in enumerate(bookmarks):
        for number in (bookmark.page, bookmark.page + 1):
            found = _titled(lines.get(number, []), bookmark.title, heads)
            if found:
                for line in found:
                    heads[id(line)] = _Head(n, bookmark.level - top + 1)
                break
    return heads


def _titled(lines: Sequence[Line], title: str, taken: dict[int, _Head]) -> list[Line]:
    wanted = _spellings(title)
    for i in range(len(lines)):
        together = ""
        for j in range(i, min(i + 4, len(lines))):
            if id(lines[j]) in taken:
                break
            together += " " + lines[j].text
            if wanted & _spellings(together):
                return list(lines[i : j + 1])
            if len(_bare(together)) > max(map(len, wanted)) + 12:
                break
    return []


def _spellings(text: str) -> set[str]:
    """The words with and without their number."""
    text = text.strip()
    mark = numbering.read(text)
    found = {_bare(text), _bare(mark.rest) if mark else "", _bare(re.sub(r"^[\d.．、]+\s*", "", text))}
    return {one for one in found if one} or {_bare(text) or text}


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _from_sizes(pages: Sequence[PageText], body: float) -> dict[int, _Head]:
    """Short lines in larger type than the body's. None if so much is large that size says nothing."""
    groups: list[list[Line]] = []
    letters = large = 0
    for page in pages:
        before: Line | None = None
        for item in page.items:
            if isinstance(item, Table):
                before = None
                continue
            letters += len(item.text)
            big = item.turn == 0 and not page.recognised and item.size >= HEADING_SIZE * body
            large += len(item.text) * big
            if big and before is not None and _one_heading(before, item):
                groups[-1].append(item)
            elif big:
                groups.append([item])
            before = item if big else None
    groups = [group for group in groups if _is_heading(" ".join(line.text for line in group))]
    if not groups or large > MAX_HEADING_SHARE * letters or letters < 200:
        return {}
    sizes = _size_levels([group[0].size for group in groups])
    return {id(line): _Head(n, sizes[round(group[0].size, 1)]) for n, group in enumerate(groups) for line in group}


def _one_heading(a: Line, b: Line) -> bool:
    same = abs(a.size - b.size) < 0.3 and a.column == b.column and a.bold == b.bold
    return same and 0 < b.base - a.base < 1.9 * a.size and not cleaning.starts_clause(b.text)


def _is_heading(text: str) -> bool:
    return (
        len(text) <= MAX_HEADING_CHARS and bool(re.search(r"[^\W\d_]", text)) and not re.search(r"[。；;，,：:]$", text)
    )


def _size_levels(sizes: Sequence[float]) -> dict[float, int]:
    levels: dict[float, int] = {}
    last, level = math.inf, 0
    for size in sorted({round(s, 1) for s in sizes}, reverse=True):
        if last - size > 0.4:
            level += 1
        levels[size] = min(level, 6)
        last = size
    return levels


def _title(pages: Sequence[PageText], stated: str, body: float) -> str | None:
    """The file's stated title if its first pages bear it, else the largest line at their top, a running one too."""
    lines = [item for page in pages for item in page.items if isinstance(item, Line) and item.turn == 0]
    stated = re.sub(r"\s+", " ", stated).strip()
    sane = 2 <= len(stated) <= 120 and not _NO_TITLE.search(stated) and cleaning.damage(stated) == 0
    printed = _bare(" ".join(line.text for line in lines[:60]))
    if sane and _bare(stated) and _bare(stated) in printed:
        return stated
    opening = lines[:8]
    largest = max((line.size for line in opening), default=0.0)
    if largest >= HEADING_SIZE * body and not (pages and pages[0].recognised):
        group: list[Line] = []
        for line in opening:
            if abs(line.size - largest) < 0.3 and (not group or _one_heading(group[-1], line)):
                group.append(line)
            elif group:
                break
        said = ""
        for line in group:
            said = cleaning.glue(said, line.text) if said else line.text
        if _is_heading(said) and not _CONTENTS.match(said):
            return said
    first = lines[0].text if lines else ""
    if sane and (len(first) > 60 or re.search(r"[。；，;,.]$", first)):
        return stated
    return None


# --- paragraphs ----------------------------------------------------------------------------------------------------


class _Measures:
    """Margins and distances that hold for more than one line."""

    def __init__(self, pages: Sequence[PageText]) -> None:
        rights: dict[int, list[float]] = defaultdict(list)
        lefts: dict[int, list[float]] = defaultdict(list)
        pitches: dict[float, Counter[float]] = defaultdict(Counter)
        indents = whole = 0
        self._width = {page.number: round(page.width) for page in pages}
        self.recognised = {page.number for page in pages if page.recognised}
        for page in pages:
            before: Line | None = None
            for item in page.items:
                if not isinstance(item, Line):
                    before = None
                    continue
                if item.column == 0 and item.turn == 0:
                    rights[round(page.width)].append(item.x1)
                    lefts[round(page.width)].append(item.x0)
                if before and before.column == item.column and abs(before.size - item.size) < 0.5:
                    pitch = item.base - before.base
                    if 0.8 * item.size < pitch < 4 * item.size:
                        pitches[round(item.size)][round(pitch * 2) / 2] += 1
                    whole += 1
                    indents += 1.2 * item.size < before.x0 - item.x0 < 3.5 * item.size
                before = item
        # a page of short lines only has no margin to be seen: it is taken to lie beyond the middle
        self._right = {width: max(_margin(ends), 0.55 * width) for width, ends in rights.items()}
        self._left = {width: sorted(begins)[int(0.1 * (len(begins) - 1))] for width, begins in lefts.items()}
        self._pitch = {size: _smallest_common(counts) for size, counts in pitches.items()}
        self.indented = whole > 0 and indents >= max(2, 0.04 * whole)  # paragraphs begin with an indent

    def right(self, line: Line) -> float:
        return max(line.right, line.x1) if line.column else max(self._right.get(self._width[line.page], line.x1), 0.0)

    def left(self, line: Line) -> float:
        return line.left if line.column else self._left.get(self._width[line.page], line.x0)

    def pitch(self, line: Line) -> float:
        return self._pitch.get(round(line.size), 1.6 * line.size)


def _margin(ends: Sequence[float]) -> float:
    """Where long lines end; of many, a few may hang over it."""
    return sorted(ends)[math.ceil(0.95 * (len(ends) - 1))]


def _smallest_common(counts: Counter[float]) -> float:
    """The smallest distance that a fifth of all lines have: larger ones lie between paragraphs."""
    enough = 0.2 * sum(counts.values())
    return min(p for p, n in counts.items() if n + counts[p + 0.5] + counts[p - 0.5] >= enough)


def goes_on(paragraph: Sequence[Line], line: Line, measures: _Measures) -> bool:
    """Whether a printed line goes on the paragraph that the lines before it make."""
    last = paragraph[-1]
    rough = last.page in measures.recognised or line.page in measures.recognised
    if last.turn != line.turn or is_tabular(last) or is_tabular(line):
        return False
    if abs(last.size - line.size) > (0.4 if rough else 0.1) * max(last.size, line.size):
        return False
    same_stack = last.page == line.page and last.column == line.column
    if same_stack:
        pitch = line.base - last.base
        if pitch > (1.6 if rough else 1.35) * measures.pitch(line) or pitch < -0.5 * line.size:
            return False
    if _BULLET.match(last.text) and len(last.text) <= 1:
        return True
    size = max(last.size, line.size)
    begins = cleaning.starts_clause(line.text) or bool(_BULLET.match(line.text))
    shift = (line.x0 - measures.left(line)) - (last.x0 - measures.left(last))
    hanging = len(paragraph) == 1 and (cleaning.starts_clause(last.text) or bool(_BULLET.match(last.text)))
    if shift > 0.9 * size and not (hanging and shift < 6 * size) and not rough:
        return False
    if shift < -0.9 * size and len(paragraph) > 1 and same_stack and not rough:
        return False
    wide = is_wide(last.text[-1]) or is_wide(line.text[0])
    room = measures.right(last) - last.x1
    reached = room < (2.3 * size if wide else _first_word(line) + 0.6 * size)
    ended = bool(_TERMINAL.search(last.text))
    if begins:
        # 依照本规则 / 第十二条规定的时限: a number within a sentence that the line's end cut
        return (
            reached and not ended and bool(re.search(r"[\u3400-\u9fff，、,]$", last.text)) and abs(shift) <= 0.9 * size
        )
    if line.text[0].islower() and re.search(r"[a-z]-$", last.text):
        return True
    if reached:
        set_apart = measures.indented and line.x0 - measures.left(line) < 0.9 * size
        return not ended or not wide or set_apart
    if ended:
        return False
    if _OPEN_END.search(last.text) or _OPEN_START.match(line.text):
        return True
    span = measures.right(last) - measures.left(last)
    return wide and room < 0.25 * span and not _centred(last, measures)


def is_tabular(line: Line) -> bool:
    """Whether a line is a row of cells rather than a sentence: gaps far wider than spaces, and not after a number."""
    if not line.spread or len(line.cells) < 2:
        return False
    gaps = [b[0] - a[1] for a, b in zip(line.cells, line.cells[1:], strict=False)]
    if max(gaps) < 2.2 * line.size:
        return False
    head = line.text[line.cells[0][2] : line.cells[0][3]]
    return len(line.cells) > 2 or not (len(head) <= 12 and (numbering.read(head) or _BULLET.match(head)))


def _first_word(line: Line) -> float:
    end = line.text.find(" ")
    end = len(line.text) if end < 0 else end
    inside = [run for run in line.runs if run.start < end]
    if not inside or line.turn:
        return line.size * 3
    return max(r.x1 for r in inside) - min(r.x0 for r in inside)


def _centred(line: Line, measures: _Measures) -> bool:
    left, right = line.x0 - measures.left(line), measures.right(line) - line.x1
    return left > 2 * line.size and abs(left - right) < 2 * line.size


# --- writing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tables:
    """A table with its parts on the pages that follow."""

    rows: tuple[tuple[Placed, ...], ...]


def _joined_tables(pages: Sequence[PageText], writer: _Writer) -> list[PageText | Line | Tables]:
    """All items in order, each page announced; a table that goes on over the page is one."""
    out: list[PageText | Line | Tables] = []
    open_table: Table | None = None
    at = 0
    for page in pages:
        out.append(page)
        for item in page.items:
            if isinstance(item, Line):
                out.append(item)
                open_table = None
                continue
            rows = item.grid
            if open_table is not None and item.page == open_table.page + 1 and _same_columns(open_table, item):
                held = out[at]
                assert isinstance(held, Tables)
                depth = tables.header_depth(tables.trim(held.rows)) or 1
                if _texts(rows[:depth]) == _texts(held.rows[:depth]):
                    writer.left_out(" / ".join(_texts(rows[:depth])), "table header that is repeated", item.page)
                    rows = rows[depth:]
                out[at] = Tables((*held.rows, *rows))
            else:
                at = len(out)
                out.append(Tables(rows))
            open_table = item
    return out


def _same_columns(a: Table, b: Table) -> bool:
    if len(a.columns) != len(b.columns):
        return False
    return all(abs(x - y) <= 8 for x, y in zip(a.columns, b.columns, strict=True))


def _texts(rows: Sequence[Sequence[Placed]]) -> list[str]:
    return [" | ".join(cell.shown for cell in row) for row in rows]


class _Writer:
    """The text so far, and where its runs stand."""

    def __init__(self, measures: _Measures, heads: dict[int, _Head]) -> None:
        self.parts: list[str] = []
        self.headings: list[Heading] = []
        self.rows: list[Row] = []
        self.footnotes: list[Footnote] = []
        self.boxes: list[Box] = []
        self._at = 0
        self._measures = measures
        self._heads = heads
        self._open: list[Line] = []
        self._page_starts: dict[int, int] = {}
        self._fresh: list[int] = []  # pages that have no text yet
        self._loose: list[Line] = []  # rows of cells without rules, not written yet
        self._hyphens: list[int] = []
        self._left_out: dict[tuple[str, str], list[int]] = {}

    def page(self, page: PageText) -> None:
        self._fresh.append(page.number)

    def line(self, line: Line) -> None:
        head = self._heads.get(id(line))
        if self._open:
            before = self._heads.get(id(self._open[-1]))
            together = head == before if head or before else goes_on(self._open, line, self._measures)
            if not together:
                self._close_paragraph()
        if is_tabular(line) and not head:
            self._loose.append(line)
            return
        self._close_loose()
        self._open.append(line)

    def table(self, table: Tables) -> None:
        self.close()
        self._table(table.rows)

    def _table(self, grid: tables.Grid) -> None:
        rows = tables.trim(grid)
        name = ""
        while len(rows) > 1 and tables.is_name(rows[0]):
            first = rows.pop(0)
            name = next(cell.text for cell in first if cell.text)
            self._row(first)
            rows = tables.trim(rows)
        depth = tables.header_depth(rows)
        header = " | ".join(tables.columns(rows, depth)) if depth else ""
        for i, row in enumerate(rows):
            start, end = self._row(row)
            if i >= depth and start < end:
                self.rows.append(Row(start, end, header, name))

    def note(self, note: _Note) -> None:
        start, end = self._paragraph(note.lines)
        self.footnotes.append(Footnote(start, end, note.mark))

    def close(self) -> None:
        self._close_paragraph()
        self._close_loose()

    def left_out(self, text: str, reason: str, page: int) -> None:
        self._left_out.setdefault((text, reason), []).append(page)

    def removed(self) -> list[Removed]:
        said = [Removed(text, why, page_ranges(on)) for (text, why), on in self._left_out.items()]
        if self._hyphens:
            n = len(self._hyphens)
            why = f"hyphen at a line's end, {n} time{'s' if n > 1 else ''}: the word is whole again"
            said.append(Removed("-", why, page_ranges(self._hyphens)))
        return said

    def starts(self, count: int) -> tuple[int, ...]:
        """Where each page begins; one without text begins where the next one does."""
        end = max(0, self._at - 1)
        starts: list[int] = []
        for number in range(count, 0, -1):
            end = self._page_starts.get(number, end)
            starts.append(end)
        return tuple(reversed(starts))

    def _close_paragraph(self) -> None:
        if not self._open:
            return
        lines, self._open = self._open, []
        start, end = self._paragraph(lines)
        head = self._heads.get(id(lines[0]))
        if head:
            self.headings.append(Heading(start, end, head.level))

    def _paragraph(self, lines: Sequence[Line]) -> tuple[int, int]:
        start = self._at
        text = ""
        for line in lines:
            before = text
            text = cleaning.glue(text, line.text) if text else line.text
            at = len(text) - len(line.text)
            if at < len(before):  # a hyphen went
                self._hyphens.append(line.page)
                last = self.boxes.pop()
                if last.end - 1 > last.start:
                    self.boxes.append(_shorter(last))
            self._begin_page(line.page, start + at)
            self._put(line.runs, line.page, start + at)
        self.parts.append(text + "\n")
        self._at += len(text) + 1
        return start, start + len(text)

    def _row(self, row: Sequence[tables.Cell]) -> tuple[int, int]:
        start = self._at
        text = ""
        placed: list[tuple[Placed, int]] = []
        for i, cell in enumerate(row):
            text += " | " * (i > 0)
            if cell.shown:
                if isinstance(cell, Placed):
                    placed.append((cell, len(text)))
                text += cell.shown
        cut = len(text) - len(text.lstrip())
        text = text.strip()
        if not text:
            return start, start
        for cell, at in placed:
            if not cell.down:
                self._begin_page(cell.page, start)
                self._hyphens += [cell.page] * cell.hyphens
            for page, run in cell.runs:
                self._put((run,), page, start + at - cut)
        self.parts.append(text + "\n")
        self._at += len(text) + 1
        return start, start + len(text)

    def _close_loose(self) -> None:
        lines, self._loose = self._loose, []
        if (grid := _aligned(lines)) is not None:
            self._table(grid)
            return
        for line in lines:
            self._paragraph([line])

    def _put(self, runs: Iterable[Run], page: int, offset: int) -> None:
        for r in runs:
            self.boxes.append(
                Box(
                    r.start + offset,
                    r.end + offset,
                    page,
                    round(r.x0, 2),
                    round(r.y0, 2),
                    round(r.x1, 2),
                    round(r.y1, 2),
                )
            )

    def _begin_page(self, page: int, offset: int) -> None:
        self._page_starts.setdefault(page, offset)


def _aligned(lines: Sequence[Line]) -> list[list[Placed]] | None:
    """Lines whose cells stand under each other, as a table; None if they do not."""
    if len({(line.page, line.column, line.turn) for line in lines}) != 1:
        return None
    bands: list[list[float]] = []
    for x0, x1, _, _ in sorted(cell for line in lines for cell in line.cells):
        if bands and x0 < bands[-1][1]:
            bands[-1][1] = max(bands[-1][1], x1)
        else:
            bands.append([x0, x1])
    # two columns of a few lines are as likely a signature or an address
    if len(bands) < 2 or len(lines) < (3 if len(bands) > 2 else 4):
        return None
    grid = []
    for line in lines:
        row = [Placed(page=line.page) for _ in bands]
        for x0, _, start, end in line.cells:
            at = bisect.bisect_right([band[0] for band in bands], x0) - 1
            if row[at].text:
                return None
            runs = tuple(
                (line.page, run._replace(start=run.start - start, end=run.end - start))
                for run in line.runs
                if start <= run.start < end
            )
            row[at] = Placed(line.text[start:end], strong=line.bold, runs=runs, page=line.page)
        grid.append(row)
    return grid


def _shorter(box: Box) -> Box:
    """The box without its last character, a hyphen."""
    share = (box.end - 1 - box.start) / (box.end - box.start)
    return Box(box.start, box.end - 1, box.page, box.x0, box.y0, round(box.x0 + share * (box.x1 - box.x0), 2), box.y1)
