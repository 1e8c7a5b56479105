"""Walks the lines from top to bottom: headings say where we are, numbers and questions open units, text fills them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.numbering import HEADINGS, ITEMS, Mark, Style
from ingest.structure.contents import cells
from ingest.structure.lines import Line, Unit
from ingest.structure.numbers import LEVEL, NUMBERED
from ingest.structure.shapes import (
    ANSWER,
    BARE_DATE,
    BARE_HEADING,
    BRACKET_HEADING,
    BULLET,
    CLOSING,
    ENDED,
    FIELD_NAME,
    MAX_HEADING_CHARS,
    PARTY_FIELD,
    QUESTION,
    SENTENCE,
    STARS,
    clean,
    is_cjk,
    is_notice,
    leads_in,
    says_something,
    trim,
)
from ingest.structure.split import MAX_UNIT_CHARS, belongs
from ingest.structure.talk import find_questions, find_terms
from ingest.types import Extract, GapReason
from kb.types import ClauseKind


class _Cutter:
    """Walks the lines, keeping the enclosing headings and the open unit."""

    def __init__(self, lines: list[Line], extract: Extract) -> None:
        self.lines = [line for line in lines if not line.silent and line.note is None]
        self.extract = extract
        self.stack: list[tuple[int, str]] = []
        self.heading_numbers: dict[Style, int] = {}  # the last 一、 that was a heading: 二、 after it is one too
        self.open: Unit | None = None
        self.units: list[Unit] = []
        self.words_above: set[str] = set()  # "section" where clauses stand below sections
        self.title = extract.title or ""  # labels the text that stands before everything else
        for line in self.lines:
            if (
                line.level is not None
                and line.text == self.title.strip()
                and line.mark
                and line.mark.style is Style.CODE
            ):
                line.mark = None  # the title begins with a model's number: AF5 空气炸锅使用说明书
        self.has_articles = any(line.mark and line.mark.style in NUMBERED for line in self.lines)
        _find_numbered_headings(self.lines)
        find_questions(self.lines, self.title or (self.lines[0].text[:80] if self.lines else ""))
        find_terms(self.lines)
        self.simple = _continuing(self.lines)
        self.sections = frozenset() if self.has_articles else _sections_in_sentences(self.lines)
        self.title_rows = _rows_of_the_title_page(self.lines) if self.has_articles else frozenset()

    def walk(self) -> list[Unit]:
        title = self._title_line()
        for i, line in enumerate(self.lines):
            if i == title:
                self._close()
                self.title = line.text
                line.fate = GapReason.TITLE
            elif line.row is not None:
                self._row(line)
            elif line.level is not None:
                self._heading(line)
            elif not self._defines(line) and not self._numbered(line) and not self._question(line):
                self._text(line)
        self._close()
        return self.units

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.stack)

    def _title_line(self) -> int | None:
        """The first line, if it is a title: the only heading of the outermost level, or a bare short first line, below a
        document's number and date."""
        levels = [line.level for line in self.lines if line.level is not None]
        first = next((i for i, line in enumerate(self.lines) if not is_notice(line.text)), 0)
        for i, line in enumerate(self.lines):
            if line.level is not None:
                alone = line.level == min(levels) and levels.count(line.level) == 1
                alone = alone or line.text == (self.extract.title or "").strip()
                numbered = line.mark is not None and (line.mark.style in HEADINGS or line.mark.style in NUMBERED)
                return i if alone and not numbered and (i == 0 or not self._substance(self.lines[:i])) else None
            if i == first and not levels and len(self.lines) > i + 1 and _looks_like_title(line):
                return i
        return None

    @staticmethod
    def _substance(lines: Iterable[Line]) -> bool:
        return any(says_something(line.text) for line in lines)

    def _close(self) -> None:
        if self.open is not None and self.open.lines:
            self.units.append(self.open)
        self.open = None

    def _enter(self, level: int, name: str) -> None:
        self._close()
        while self.stack and self.stack[-1][0] >= level:
            self.stack.pop()
        self.stack.append((level, clean(name)))

    def _start(
        self, kind: ClauseKind, label: str, path: tuple[str, ...], *lines: Line, number: tuple[int, ...] = ()
    ) -> Unit:
        self._close()
        self.open = Unit(kind, label, path, number=number, lines=list(lines))
        return self.open

    def _heading(self, line: Line) -> None:
        mark, level = line.mark, line.level or 1
        self._enter(level, line.text)
        name = self.path[-1]
        if mark and mark.style in NUMBERED and not (mark.style is Style.CODE and not mark.apart):
            short = mark.style in (Style.ARTICLE, Style.NAMED, Style.CODE)
            path = (*self.path[:-1], mark.label if short else name)
            self._start(ClauseKind.ARTICLE, mark.label, path, line, number=mark.number).level = level
        elif name.endswith(("?", "？")):
            self._start(ClauseKind.PAIR, name, self.path, line).level = level
        else:
            label = mark.label if mark and mark.style is Style.ARABIC and not is_cjk(line.text) else name
            self._start(ClauseKind.SECTION, label, self.path)

    def _numbered(self, line: Line) -> bool:
        """Handles a line that a number (or a bare word like 附则) makes a heading or an article."""
        mark = line.mark
        if mark is None:
            if BRACKET_HEADING.match(line.text) or (
                BARE_HEADING.match(line.text) and len(line.text) <= 30 and not SENTENCE.search(line.text)
            ):
                preamble = line.text.startswith(("前文", "前言"))  # over as soon as an article comes
                self._enter(45 if preamble else 10 if line.text.startswith("附") else 13, line.text)
                self._start(ClauseKind.SECTION, self.path[-1], self.path)
                return True
            if line.heads:
                self._enter(15, line.text.lstrip(STARS))
                self._start(ClauseKind.SECTION, self.path[-1], self.path)
            return line.heads
        if mark.style in HEADINGS:
            self._enter(LEVEL[mark.style], line.text)
            self._start(ClauseKind.SECTION, self.path[-1], self.path)
            return True
        if mark.style in NUMBERED:
            self._article(line, mark, mark.label)
            return True
        if line.start in self.sections:
            while self.stack and self.stack[-1][0] >= LEVEL[mark.style]:
                self.stack.pop()
            self.heading_numbers[mark.style] = mark.number[0]
            self._start(ClauseKind.ARTICLE, mark.label, (*self.path, mark.label), line, number=mark.number)
            return True
        if self._is_item_of_open_article(line, mark):
            return False
        if line.heads:
            self.heading_numbers[mark.style] = mark.number[0]
            self._enter(LEVEL[mark.style], line.text)
            if line.text.endswith(("?", "？")):
                self._start(ClauseKind.PAIR, mark.rest, self.path, line)
            else:
                self._start(ClauseKind.SECTION, self.path[-1], self.path)
            return True
        if mark.style in self.simple or self._next_of_decimals(mark):
            self._article(line, mark, mark.label)
            return True
        return False

    def _is_item_of_open_article(self, line: Line, mark: Mark) -> bool:
        opened = self.open
        if opened is None or opened.kind is not ClauseKind.ARTICLE:
            return False
        first = opened.lines[0].mark if opened.lines else None
        if first is None:
            return True
        next_heading = line.heads and self.heading_numbers.get(mark.style) == mark.number[0] - 1
        return first.style not in self.simple and not next_heading and not self._next_of_decimals(mark)

    def _next_of_decimals(self, mark: Mark) -> bool:
        """Whether a plain number goes on above decimals: "2. Returns" after 1.8."""
        first = self.open.lines[0].mark if self.open and self.open.lines else None
        decimal = first is not None and first.style is Style.DECIMAL and mark.style is Style.ARABIC
        return decimal and first is not None and mark.number[0] == first.number[0] + 1

    def _article(self, line: Line, mark: Mark, label: str) -> None:
        opened = self.open
        if opened and opened.kind is ClauseKind.ARTICLE and len(opened.lines) == 1 and opened.level is None:
            parent = opened.lines[0]
            deeper = len(mark.number) > len(opened.number) and mark.number[: len(opened.number)] == opened.number
            if deeper and opened.number and _is_titled(parent):
                self.open = None
                self._enter(30 + len(opened.number), parent.text)
            elif self._stands_above(parent, mark):
                self.open = None
                self._enter(WORD_LEVEL, parent.text)
                self.words_above.add(_word(parent))
        if mark.style is Style.NAMED and mark.label.split()[0].lower() in self.words_above:
            while self.stack and self.stack[-1][0] >= WORD_LEVEL:
                self.stack.pop()
        if mark.style is Style.DECIMAL:
            while self.stack and self.stack[-1][0] >= 30 + len(mark.number):
                self.stack.pop()
        while self.stack and self.stack[-1][0] >= 40:
            self.stack.pop()
        self._start(ClauseKind.ARTICLE, label, (*self.path, label), line, number=mark.number)

    def _stands_above(self, parent: Line, mark: Mark) -> bool:
        """SECTION II – OBLIGATIONS with Clause 8 on the next line: the section is a heading."""
        if parent.mark is None or parent.mark.style is not Style.NAMED or mark.style is not Style.NAMED:
            return False
        return _word(parent) != mark.label.split()[0].lower() and _is_titled(parent)

    def _defines(self, line: Line) -> bool:
        """A line of a glossary is a clause under its term."""
        inside = self.open is not None and self.open.kind is ClauseKind.ARTICLE
        if not line.term or inside:
            return False
        lead = self.open if self.open and self.open.lines and not self.open.lines[0].term else None
        context = lead.lines[-1].text if lead and leads_in(lead.lines[-1].text) else ""
        self._start(ClauseKind.SECTION, line.term, (*self.path, line.term), line).context = context
        return True

    def _question(self, line: Line) -> bool:
        if self.open is not None and self.open.kind is ClauseKind.ARTICLE:
            return False
        if line.asks:
            label = clean(line.text.strip("*_ "))
            self._start(ClauseKind.PAIR, label, (*self.path, label), line)
            return True
        if (match := QUESTION.match(line.text)) is None or not self._asks(line):
            return False
        label = clean(line.text[match.end() :]) or clean(line.text)
        if (answer := re.search(r"\s*(?:答|A)[：:]", label)) is not None and answer.start() > 0:
            label = label[: answer.start()]
        self._start(ClauseKind.PAIR, label, (*self.path, label), line)
        return True

    def _asks(self, line: Line) -> bool:
        return line.text.rstrip("*").endswith(("?", "？")) or any(
            ANSWER.search(other.text) for other in self._near(line)
        )

    def _near(self, line: Line) -> Sequence[Line]:
        i = bisect_left(self.lines, line.start, key=lambda one: one.start)
        return self.lines[i : i + 4]

    def _row(self, line: Line) -> None:
        row = self.extract.rows[line.row or 0]
        if line.row in self.title_rows:
            line.fate = GapReason.FIELD
            return
        opened = self.open
        within = opened.label if opened and opened.label else (self.path[-1] if self.path else row.table or self.title)
        path = (
            opened.path
            if opened and opened.path
            else (*self.path, *((row.table,) if row.table and row.table not in self.path else ()))
        )
        key = next(iter(cells(line.text)), "")[:40]
        self._close()
        context = " ".join(x for x in (row.table, row.header) if x)
        unit = Unit(ClauseKind.ROW, within, (*path, key), context, lines=[line])
        _, last = trim(self.extract.text, line.start, row.end)
        if line.end < last:  # a cell of several lines
            unit.lines = [replace(line, end=last, text=self.extract.text[line.start : last])]
        if not (self.units and self.units[-1].kind is ClauseKind.ROW and self.units[-1].span[1] >= row.end):
            self.units.append(unit)
        if opened is not None:  # text after the table goes on under the same label
            self.open = Unit(opened.kind, opened.label, opened.path, opened.context, opened.number, opened.level)

    def _text(self, line: Line) -> None:
        if self.open is not None:
            self.open.lines.append(line)
            return
        if self.stack:
            self._start(ClauseKind.SECTION, self.path[-1], self.path, line)
            return
        label = clean(self.title)
        if self.units and self.units[-1].kind is ClauseKind.ROW:
            label = self.units[-1].label
        kind = ClauseKind.SECTION if label and not self.has_articles and not self.units else ClauseKind.PARAGRAPH
        self._start(kind, label, (label,) if label else (), line).outside = True


WORD_LEVEL = 25  # of a numbered word (SECTION II) that stands above another one (Clause 8)


def _word(line: Line) -> str:
    return line.mark.label.split()[0].lower() if line.mark else ""


def _rows_of_the_title_page(lines: Sequence[Line]) -> frozenset[int | None]:
    """The rows of a table of fields (编号 | LY-08, 版本 | V2) that stands above every article and chapter."""
    rows: list[Line] = []
    for line in lines:
        if line.mark is not None and line.mark.style in (*NUMBERED, *HEADINGS):
            break
        if line.row is not None:
            rows.append(line)
    pairs = [cells(line.text) for line in rows]
    named = sum(len(pair) in (2, 4) and bool(FIELD_NAME.match(pair[0])) for pair in pairs)
    sure = named >= 2 and named * 2 > len(pairs) and all(len(pair) <= 4 for pair in pairs)
    return frozenset(line.row for line in rows) if sure else frozenset()


def _looks_like_title(line: Line) -> bool:
    if line.row is not None or line.mark is not None or len(line.text) > MAX_HEADING_CHARS:
        return False
    return not (SENTENCE.search(line.text) or QUESTION.match(line.text) or line.text.endswith(("：", ":")))


def _find_numbered_headings(lines: list[Line]) -> None:
    """Marks numbered short lines (一、总则) that are headings: nothing ends them, text or a deeper number follows."""
    marked = sum(line.level is not None for line in lines)
    for line, after in zip(lines, lines[1:], strict=False):
        mark = line.mark
        if (
            line.row is not None
            or mark is None
            or mark.style not in LEVEL
            or mark.style in HEADINGS
            or line.level is not None
        ):
            continue
        question = line.text.endswith(("?", "？"))
        listed = mark.style in (Style.ARABIC, Style.ARABIC_PAREN)
        closed = ENDED.search(line.text[-12:]) and not question
        if after.level is not None or after.row is not None and listed:
            continue
        if len(line.text) > MAX_HEADING_CHARS or closed or SENTENCE.search(mark.rest[:-1]) or line.text[-1] in "，,、":
            continue
        below = after.mark
        if below is not None and below.style in NUMBERED:
            line.heads = not listed or below.number[:1] == mark.number or below.style is not Style.DECIMAL
        elif below is not None and below.style in LEVEL and LEVEL[below.style] <= LEVEL[mark.style]:
            line.heads = question and listed and below.number == (1,) and mark.number != (0,)
        else:
            line.heads = not listed or marked <= 1 or question
    _take_back_last_items(lines)
    _find_starred_headings(lines)
    for before, line, after in zip([None, *lines], lines, lines[1:], strict=False):
        line.heads = line.heads or _stands_above_articles(before, line, after)


def _find_starred_headings(lines: Sequence[Line]) -> None:
    """Marks short lines that begin with the same sign and end with none (★ 客人催发货), where text stands below each."""
    if any(line.level is not None or line.mark is not None for line in lines):
        return
    signs = Counter(line.text[0] for line in lines if line.text[0] in STARS and line.row is None)
    for line, below in zip(lines, lines[1:], strict=False):
        short = len(line.text) <= MAX_HEADING_CHARS // 2 and not SENTENCE.search(line.text) and not leads_in(line.text)
        starred = line.row is None and signs.get(line.text[0], 0) > 1 and short
        line.heads = line.heads or (starred and below.row is None and below.text[0] != line.text[0])
    for line in lines:  # signs that stand before text of their own mark the items of a list
        if line.text[0] in signs and not line.heads:
            for one in lines:
                one.heads = one.heads and one.text[0] != line.text[0]


def _take_back_last_items(lines: list[Line]) -> None:
    """A list's last item is no heading because text follows the list: the item right above it is none."""
    for before, line in zip(lines, lines[1:], strict=False):
        if not (line.heads and line.mark and before.mark) or line.text.endswith(("?", "？")):
            continue
        same = before.mark.style is line.mark.style and before.mark.style in (Style.ARABIC, Style.ARABIC_PAREN)
        if same and not before.heads and before.level is None and line.mark.number[0] == before.mark.number[0] + 1:
            line.heads = False


def _stands_above_articles(before: Line | None, line: Line, after: Line) -> bool:
    """A short line, closed by nothing, between a finished sentence (or a heading) and a numbered clause."""
    if (
        line.level is not None
        or line.row is not None
        or (line.mark and line.mark.style in (*NUMBERED, *HEADINGS, *ITEMS))
    ):
        return False
    if after.level is not None or after.mark is None or after.mark.style not in NUMBERED or len(line.text) > 40:
        return False
    if re.search(r"[。；，：:;,!?！？]|[.．]$", line.text) or BULLET.match(line.text) or is_notice(line.text):
        return False
    if before is None or leads_in(before.text):
        return False
    return bool(ENDED.search(before.text[-12:])) or _heads(before)


def _continuing(lines: list[Line]) -> frozenset[Style]:
    """The simple styles (一、 1.) whose numbers run on over the whole document, so that they number its clauses.

    A list that begins again under each heading numbers steps, not clauses; so does one inside articles.
    """
    if any(line.mark and line.mark.style in NUMBERED for line in lines):
        return frozenset()
    if any(line.asks or QUESTION.match(line.text) for line in lines):  # its lists are parts of answers
        return frozenset()
    headings = sum(_heads(line) for line in lines)
    for style in (Style.HAN, Style.ARABIC, Style.HAN_PAREN, Style.ARABIC_PAREN):
        if style in ITEMS_UNLESS_ALONE and _are_items(lines, style):
            continue
        numbers = [line.mark.number[0] for line in lines if _counts(line, style)]  # type: ignore[union-attr]
        rising = all(b == a + 1 for a, b in zip(numbers, numbers[1:], strict=False))
        if len(numbers) >= 2 and numbers[0] == 1 and rising and (headings <= 1 or _crosses_heading(lines, style)):
            return frozenset({style})
    return frozenset()


ITEMS_UNLESS_ALONE = frozenset({Style.HAN_PAREN, Style.ARABIC_PAREN})


def _are_items(lines: Sequence[Line], style: Style) -> bool:
    """Whether （一）… are parts of something: led in, or beside another numbering."""
    others = any(line.mark and line.mark.style is not style and line.mark.style in LEVEL for line in lines)
    first = next((i for i, line in enumerate(lines) if _counts(line, style)), 0)
    return others or (first > 0 and leads_in(lines[first - 1].text))


@dataclass(slots=True)
class _Row:
    """Lines that count on from one."""

    lines: list[Line]
    headed: bool  # whether one of them is a heading

    def continues_with(self, line: Line) -> bool:
        last, mark = self.lines[-1].mark, line.mark
        return last is not None and mark is not None and last.number[0] + 1 == mark.number[0]


def _sections_in_sentences(lines: Sequence[Line]) -> frozenset[int]:
    """Where lines begin that are sections of one sentence: 三、运费：… in a row with the heading 二、流程.

    A list (the one of 二、) may stand between a row's numbers. What could go on with either goes on with the list, a
    heading with the row of headings.
    """
    found: set[int] = set()
    for style in (Style.HAN, Style.ARABIC):
        rows: list[_Row] = []
        under_way: list[_Row] = []  # the row of headings, and a list within it
        for line in lines:
            if line.mark is None or line.mark.style is not style or line.level is not None:
                continue
            if line.mark.number[0] == 1:
                rows.append(_Row([line], line.heads))
                under_way = [*(row for row in under_way if row.headed)][-1:] + rows[-1:]
                continue
            fitting = [row for row in under_way if row.continues_with(line)]
            if fitting:
                row = next((row for row in fitting if row.headed and line.heads), fitting[-1])
                row.lines.append(line)
                row.headed = row.headed or line.heads
                under_way = under_way[: under_way.index(row) + 1]
        found |= {line.start for row in rows if row.headed for line in row.lines if not line.heads}
    return frozenset(found)


def _heads(line: Line) -> bool:
    return line.level is not None or line.heads or (line.mark is not None and line.mark.style in HEADINGS)


def _counts(line: Line, style: Style) -> bool:
    return line.mark is not None and line.mark.style is style and not _heads(line)


def _crosses_heading(lines: list[Line], style: Style) -> bool:
    """Whether the numbering goes on after a heading that interrupts it."""
    begun = interrupted = False
    for line in lines:
        if _counts(line, style):
            if interrupted:
                return True
            begun = True
        elif _heads(line):
            interrupted = begun
    return False


def walk(lines: list[Line], extract: Extract) -> Iterator[Unit]:
    units = _Cutter(lines, extract).walk()
    for i, unit in enumerate(units):
        if i + 1 == len(units):
            _drop_signature(unit)
        if unit.outside:
            yield from _paragraphs_of_substance(unit, opening=i == 0 and len(units) > 1)
        elif unit.lines and not (_heading_only(unit) and _stands_over(unit, units[i + 1 : i + 2])):
            yield unit


def _is_titled(line: Line) -> bool:
    """Whether a numbered line is nothing but its number and a title, as in "2.3 Processing of Personal Data."."""
    rest = (line.mark.rest if line.mark else line.text).rstrip(".")
    if len(rest) > MAX_HEADING_CHARS or SENTENCE.search(rest) or ENDED.search(rest):
        return False
    words = [word for word in rest.split() if len(word) > 3]
    return is_cjk(rest) or sum(word[0].isupper() or word[0].isdigit() for word in words) * 2 >= len(words)


def _heading_only(unit: Unit) -> bool:
    return (
        unit.level is not None
        and len(unit.lines) == 1
        and not says_something(unit.lines[0].text)
        and unit.kind is ClauseKind.ARTICLE
    )


def _stands_over(unit: Unit, following: Sequence[Unit]) -> bool:
    """Whether a bare numbered heading has something below it, or says nothing: 第五条 不得退货 alone is a rule."""
    line = unit.lines[0]
    name, depth = clean(line.text), len(unit.path) - 1
    below = any(after.path[depth : depth + 1] == (name,) and len(after.path) > depth for after in following)
    return below or line.mark is None or len(line.mark.rest.strip("#*_ ")) < 4


def _drop_signature(unit: Unit) -> None:
    """Takes the date, the issuer's name and what a letter closes with (特此通知。) off the end of the last unit."""
    body = unit.lines
    dated = BARE_DATE.match(body[-1].text) if body else None
    while dated and len(body) > 2 and PARTY_FIELD.match(body[-2].text):
        body.pop(-2).fate = GapReason.FIELD
    if len(body) > 1 and (BARE_DATE.match(body[-1].text) or is_notice(body[-1].text)):
        body.pop().fate = GapReason.FIELD
        if (
            len(body) > 1
            and len(body[-1].text) <= 30
            and not re.search(r"[。；：，,.;:|]", body[-1].text)
            and body[-1].mark is None
        ):
            body.pop().fate = GapReason.FIELD
    while len(body) > 1 and CLOSING.match(body[-1].text):
        body.pop().fate = GapReason.FIELD


def _paragraphs_of_substance(unit: Unit, opening: bool) -> Iterator[Unit]:
    """Text outside every heading, paragraph by paragraph; date lines are no clauses.

    `opening`: the text stands above the first heading or article, so that bare titles and forms of address are no
    clauses either.
    """
    group: list[Line] = []
    size = 0
    for line in [*unit.lines, None]:
        notice = line is not None and (is_notice(line.text) or (opening and bool(PARTY_FIELD.match(line.text))))
        if line is not None and notice:
            line.fate = GapReason.FIELD
        joins = line is not None and group and (leads_in(group[-1].text) or belongs(line) or not line.after_blank)
        if line is not None and (not group or (joins and size <= MAX_UNIT_CHARS and not notice)):
            if notice:
                continue
            group.append(line)
            size += len(line.text)
            continue
        if any(says_something(one.text) for one in group) or (group and not opening):
            yield replace(unit, lines=group)
        else:
            for one in group:
                one.fate = one.fate or GapReason.TITLE
        group = [line] if line is not None and not notice else []
        size = sum(len(one.text) for one in group)
