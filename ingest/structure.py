"""Cuts a document's text into clauses where the document itself divides it. Pure: same text, same clauses.

Lines are read from top to bottom. A heading changes where we are (`path`); an article number, a question or a
table row opens a unit; other lines belong to the unit that is open. Over-long units are then cut at their own
items or paragraphs: never inside a sentence, never at a fixed length.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingest.numbering import HEADINGS, ITEMS, SPACE, Mark, Style, follows, read
from ingest.types import Cut, Draft, Extract, Gap, GapReason, Row
from kb.types import ClauseKind

MAX_UNIT_CHARS = 600  # beyond this, cut at numbered items: about what the embedding model reads at once (512 tokens)
MAX_PLAIN_CHARS = 1200  # beyond this, cut a unit without items at its paragraphs: they read less well alone
MAX_HEADING_CHARS = 60  # 99 in 100 chapter and section headings of Chinese laws have fewer than 30
MAX_CONTENTS_LINES = 400  # the longest printed list of contents we have met has 260 entries

_BLANK = "".join(
    (
        " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680",
        *map(chr, range(0x2000, 0x200E)),
        "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff",
    )
)
_SENTENCE = re.compile(r"[。！？；!?;]|[.．](?=\s|$|[”\"')])")
_ENDED = re.compile(r"[。！？；：…!?;:.．][”’」』\"')）】]*$")
_YEAR, _PART = "(?:[0-9]{4}|[一二三四五六七八九〇○零]{4})", "[0-9一二三四五六七八九十]{1,3}"
_DATE = rf"{_YEAR}\s*[年./-]\s*{_PART}\s*[月./-]\s*(?:{_PART}\s*日?)?"
_BARE_DATE = re.compile(rf"[（(]?\s*{_DATE}[）)]?$")
_DATE_LINE = re.compile(
    rf"[（(]?\s*(?:自|自从)?\s*{_DATE}.*(?:通过|公布|发布|施行|修订|修正|批准|生效|印发|公告|令第|施行）|の施行|制定|改定)"
)
_ENGLISH_DATE = r"[A-Z][a-z]{2,8}\.? [0-9]{1,2},? [0-9]{4}"
_DATE_FIELD = re.compile(  # 【施行日期】2025-07-04, Last updated: April 20, 2023
    rf"[*_【\s]*[^：:。】]{{2,24}}[：:】]\s*[*_]*\s*(?:{_DATE}|{_ENGLISH_DATE})[*_.)）\s]*$"
)
_ISSUE_LINE = re.compile(rf"[^。；]{{0,40}}?{_DATE}[^。；]{{0,40}}(?:公布|发布|施行|实施|生效|修订|印发)[）)]?$")
_STAMP = re.compile(  # 最近更新：2025年12月18日 10:30　来源：客服部; Last updated on April 20, 2023
    r"(?:(?:本[文页]|本?页面)?(?:最近|最后|最後|上次)?(?:一次)?(?:更新|修改|编辑|发布)(?:日期|时间|于)?"
    r"|(?:page )?last (?:updated|modified|reviewed|edited)(?: on)?)"
    rf"\s*[：:]?\s*(?:{_DATE}|{_ENGLISH_DATE})(?:\s*[0-9]{{1,2}}[:：][0-9]{{2}}(?:[:：][0-9]{{2}})?)?"
    r"(?:\s+[^：:\s]{2,8}[：:]\s?[^\s。；]{1,20})*[。.]?$",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(r"(?:<!--.*?-->|[-=*_~—–·.#|+:\s]+|!\[[^\]]*\]\([^)]*\))$", re.DOTALL)
_CONTENTS = re.compile(rf"(?:目[{SPACE}]*[录錄次]|contents|table of contents)[:：]?$", re.IGNORECASE)
_PAGE_LINK = re.compile(r"[-*+•\d.\s]*\[[^\]]+\]\(#[^)]*\)$")  # a web page's list of its own headings
_DOTTED = re.compile(r"[.．·…‥]{2,}\s*(?:[0-9]{1,4}|[ivxl]{1,5})$")
_LEADER = re.compile(r"(?:[.．·…‥_\-]{3,}|\t|\s{3,})\s*(?:[0-9]{1,4}|[ivxl]{1,5})$")
_REFERENCE = re.compile(  # what follows a number in a cross-reference: 第十二条规定的, 第三条、第四条所称
    r"[、，,；;。”》〉）)]|(?:之?规定|所(?:称|述|列|指|规定|涉)|的|至第|到第|或者?第|和第|及第|与第|以及第|第[一二三四五六七八九十\d]+[款项]|"
    r"前款|中(?![华国])|修改为|规则|に(?:規定|定める|基づ)|の(?:規定|定め)|及び第|から第)"
)
_REFERENCE_EN = re.compile(
    r"(?:of|and|or|to|above|below|shall|may|does|applies|is|are|will|hereof|,|;|\))\b|[,;)]", re.IGNORECASE
)
_QUESTION = re.compile(
    r"(?:\*\*)?(?:【?问(?:题)?[0-9一二三四五六七八九十]{0,3}】?[：:.、]|Q[0-9]{0,3}[：:.、．]"
    r"|Question[ ]?[0-9]{0,3}[：:.])[\s*]*",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:\*\*)?(?:【?答(?:案|复)?[0-9]{0,3}】?[：:]|A[0-9]{0,3}[：:.]|Answer[ ]?[0-9]{0,3}[：:])", re.IGNORECASE
)
_BULLET = re.compile(r"(?:[-*+•·●○▪◆■※]|\d+\))\s")
_BARE_HEADING = re.compile(rf"(?:总[{SPACE}]*则|附[{SPACE}]*则|附[{SPACE}]*[录件]|附表)$|附[{SPACE}]*[件录表]?[：:]")
_BRACKET_HEADING = re.compile(r"【[^】]{1,40}】$")

_LEVEL = {Style.ANNEX: 10, Style.PART: 11, Style.SUBPART: 12, Style.CHAPTER: 13, Style.DIVISION: 14, Style.HAN: 20}
_LEVEL |= {Style.HAN_PAREN: 21, Style.ARABIC: 31, Style.ARABIC_PAREN: 40}
_NUMBERED = frozenset({Style.ARTICLE, Style.NAMED, Style.CODE, Style.DECIMAL})


def cut(extract: Extract, boilerplate: frozenset[str] = frozenset()) -> Cut:
    """The clauses in document order, trimmed, never overlapping; and every other span of text, with its reason.

    `boilerplate`: lines (trimmed) that many documents share at their edges; they are kept out of the clauses.
    """
    lines = _lines(extract)
    units = list(_units(lines, extract)) or list(_whole(lines))
    drafts = tuple(draft for unit in units for draft in _split(unit, extract.text))
    return Cut(drafts, tuple(_gaps(extract, drafts)))


def _gaps(extract: Extract, drafts: Sequence[Draft]) -> Iterator[Gap]:
    at = 0
    for start, end in [*((d.start, d.end) for d in drafts), (len(extract.text), len(extract.text))]:
        first, last = _trim(extract.text, at, start)
        if first < last:
            yield Gap(first, last, GapReason.HEADING)
        at = end


def _whole(lines: Sequence[_Line]) -> Iterator[_Unit]:
    """A text without a single sentence (a notice of three words) is one clause rather than none."""
    live = [line for line in lines if not line.silent and not _BARE_DATE.match(line.text)]
    if live:
        yield _Unit(ClauseKind.PARAGRAPH, "", (), lines=live)


# --- lines -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Line:
    """A line that is not blank, trimmed, with what its own shape says about it."""

    start: int
    end: int
    text: str
    after_blank: bool
    level: int | None = None  # of a heading marked by the format
    row: int | None = None  # index into Extract.rows
    mark: Mark | None = None
    silent: bool = False  # contents list, comment, rule, page's date, table header: never part of a clause
    heads: bool = False  # a numbered short line that is a heading by what follows it


@dataclass(slots=True)
class _Unit:
    """A clause in the making: the lines that belong together."""

    kind: ClauseKind
    label: str
    path: tuple[str, ...]
    context: str = ""
    number: tuple[int, ...] = ()
    level: int | None = None
    outside: bool = False  # of every heading: titles and dates may stand among its lines
    lines: list[_Line] = field(default_factory=list)

    @property
    def span(self) -> tuple[int, int]:
        return self.lines[0].start, self.lines[-1].end


def _lines(extract: Extract) -> list[_Line]:
    text = extract.text
    headings = sorted(extract.headings, key=lambda h: h.start)
    heading_starts = [h.start for h in headings]
    row_ends = [r.end for r in extract.rows]
    lines: list[_Line] = []
    at, blank, comment = 0, True, False
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        start, end = _trim(text, at, stop)
        if start < end:
            line = _Line(start, end, text[start:end], blank)
            h = bisect_left(heading_starts, at)
            if h < len(headings) and headings[h].start < stop:
                line.level = headings[h].level
                line.start, line.end = _trim(text, headings[h].start, min(headings[h].end, stop))
                line.text = text[line.start : line.end]
            r = bisect_right(row_ends, start)
            if r < len(extract.rows) and extract.rows[r].start < end:
                line.row = r
            comment = comment or line.text.startswith("<!--")
            line.silent = comment or (line.row is None and bool(_NO_TEXT.match(line.text) or _STAMP.match(line.text)))
            comment = comment and "-->" not in line.text
            if line.row is None and not line.silent and line.start < line.end:
                line.mark = read(line.text)
            if line.start < line.end:
                lines.append(line)
            blank = False
        else:
            blank = True
        at = stop + 1
    _silence_contents(lines)
    _silence_table_heads(lines, extract)
    _judge_numbers(lines)
    return lines


def _silence_contents(lines: list[_Line]) -> None:
    """Marks lists of contents: dotted leaders with page numbers, and runs of headings that come again below."""
    names = [_name(line.text) for line in lines]
    later = Counter(names)
    for i, line in enumerate(lines):
        later[names[i]] -= 1
        if line.silent:
            continue
        if (line.row is None and _DOTTED.search(line.text[-80:])) or _PAGE_LINK.match(line.text[:300]):
            line.silent = True
        elif _CONTENTS.match(line.text):
            line.silent, line.level = True, None
            _silence_run(lines, names, i + 1)
        elif _entry(line) and later[names[i]] and (i == 0 or not lines[i - 1].silent):
            run = _run(lines, i)
            if run - i >= 3 and all(later[names[j]] for j in range(i, run)):
                for j in range(i, run):
                    lines[j].silent = True


def _silence_run(lines: list[_Line], names: list[str], start: int) -> None:
    """Silences the entries under the word "contents", up to where the first of them is printed again."""
    if start >= len(lines):
        return
    first, stop = names[start], start
    while stop < len(lines) and stop - start < MAX_CONTENTS_LINES:
        line = lines[stop]
        if (stop > start and names[stop] == first) or len(line.text) > MAX_HEADING_CHARS or line.level is not None:
            break
        if _ENDED.search(line.text[-12:]) and not _LEADER.search(line.text[-80:]):
            break
        stop += 1
    again = stop < len(lines) and names[stop] == first
    if again or all(_entry(line) for line in lines[start:stop]):
        # with no second printing, keep the last entry: it may be the first real heading
        for line in lines[start : stop if again or stop == len(lines) or lines[stop].level is not None else stop - 1]:
            line.silent = True


def _entry(line: _Line) -> bool:
    return (
        line.row is None
        and line.mark is not None
        and line.mark.style in (*HEADINGS, Style.ARTICLE, Style.DECIMAL, Style.HAN)
        and len(line.text) <= MAX_HEADING_CHARS
        and not _ENDED.search(line.text[-12:])
    )


def _run(lines: list[_Line], start: int) -> int:
    stop = start
    while stop < len(lines) and stop - start < MAX_CONTENTS_LINES and _entry(lines[stop]) and not lines[stop].silent:
        stop += 1
    return stop


def _name(text: str) -> str:
    return re.sub(rf"[{SPACE}.．·…‥_]|[0-9]+$", "", _LEADER.sub("", text[-200:]))


def _silence_table_heads(lines: list[_Line], extract: Extract) -> None:
    """Marks the header lines above a table's first row, and the table's name: each row's context, no clauses."""
    for i, line in enumerate(lines):
        if line.row is None or (i and lines[i - 1].row is not None):
            continue
        row = extract.rows[line.row]
        for above in reversed(lines[:i]):
            if above.silent and above.level is None:  # Markdown prints a rule below the header
                continue
            if above.row is not None or above.level is not None or not is_table_head(above.text, row):
                break
            above.silent = True


def is_table_head(text: str, row: Row) -> bool:
    """Whether a line above a table's row is (one line of) its header, or the table's name."""
    columns = iter(_cells(row.header))
    # the words of each header line stand in the header's columns, from left to right
    return text == row.table or ("|" in text and all(any(cell in name for name in columns) for cell in _cells(text)))


def _cells(text: str) -> list[str]:
    return [c.strip() for c in re.split(r"(?<!\\)\|", text) if c.strip()]


# --- which numbers are real ------------------------------------------------------------------------------------


def _judge_numbers(lines: list[_Line]) -> None:
    """Takes away the marks that are not what they look like: cross-references, amounts, stray letters."""
    live = [line for line in lines if not line.silent and line.row is None]
    series: dict[tuple[Style, str], list[tuple[_Line, Mark]]] = {}
    last_article: tuple[int, ...] | None = None
    fresh = True  # a heading stands between the last article and here
    before: _Line | None = None
    for line in live:
        mark = line.mark
        ended = before is None or before.level is not None or _ended(before.mark.rest if before.mark else before.text)
        if mark is None:
            pass
        elif mark.style in HEADINGS:
            if not _is_heading(line):
                line.mark = None
            elif mark.style in (Style.PART, Style.ANNEX):
                fresh = True
        elif mark.style is Style.ARTICLE:
            if _is_article(mark, line, last_article, fresh, ended):
                last_article, fresh = mark.number, False
            else:
                line.mark = None
        elif mark.style is Style.NAMED:
            titled = (
                not mark.rest or mark.rest[0].isupper() or mark.rest[0] in ".:：—–-(（" or not mark.rest[0].isascii()
            )
            refers = _REFERENCE_EN.match(mark.rest) or _REFERENCE.match(mark.rest)
            if refers or (line.level is None and not (titled and ended)):
                line.mark = None
        elif mark.style is Style.CODE and _is_talk(line, before):
            line.mark = None
        elif mark.style in (Style.CODE, Style.DECIMAL):
            if (line.level is None and not ended and not line.after_blank) or (
                not mark.apart and mark.rest[:1].isascii()
            ):
                line.mark = None
            else:
                series.setdefault((mark.style, mark.prefix), []).append((line, mark))
        if not (line.mark is None and _NO_TEXT.match(line.text)):
            before = line
    _judge_series(series)


def _is_talk(line: _Line, before: _Line | None) -> bool:
    """Q1. Can I …? and its answer A1. …: a question list, not a house's own numbering."""
    if _QUESTION.match(line.text) and line.text.endswith(("?", "？")):
        return True
    return bool(_ANSWER.match(line.text)) and before is not None and before.text.endswith(("?", "？"))


def _is_article(mark: Mark, line: _Line, last: tuple[int, ...] | None, fresh: bool, ended: bool) -> bool:
    """Whether 第N条 at a line's start opens an article, by its order and by what follows it."""
    next_one = mark.number[0] <= 1 if last is None else follows(last, mark.number)
    restarts = mark.number[0] == 1 and (fresh or ended)
    if line.level is not None:
        return True
    if re.match(r"[、，,；;。”》〉]", mark.rest):
        return False
    if mark.apart and mark.rest[:1] not in "：:":
        return next_one or ended or line.after_blank
    if _REFERENCE.match(mark.rest):
        return False
    rises = last is None or last < mark.number
    return next_one or restarts or (rises and (ended or line.after_blank))


def _judge_series(series: dict[tuple[Style, str], list[tuple[_Line, Mark]]]) -> None:
    """Keeps a code or decimal number only beside its neighbour: 3.2 before 3.3, 甲1 before 甲2."""
    kept: set[Style] = set()
    for (style, _), found in series.items():
        numbers = [mark.number for _, mark in found]
        for i, (line, _mark) in enumerate(found):
            step = 10 if style is Style.CODE else 2  # error codes rise by tens: E10, E20
            near = (i > 0 and follows(numbers[i - 1], numbers[i], step)) or (
                i + 1 < len(found) and follows(numbers[i], numbers[i + 1], step)
            )
            if near:
                kept.add(style)
            elif line.level is None and numbers[i][-1] != 1:
                line.mark = None
    for (style, _), found in series.items():
        if style not in kept:
            for line, _mark in found:
                if line.level is None:
                    line.mark = None


def _is_heading(line: _Line) -> bool:
    mark = line.mark
    if line.level is not None:
        return True
    if mark is None or len(line.text) > MAX_HEADING_CHARS or _ENDED.search(line.text[-12:]):
        return False
    if mark.style is Style.ANNEX or line.text.isascii():
        return len(line.text.split()) <= 12
    return not _REFERENCE.match(mark.rest)


def _ended(text: str) -> bool:
    return (
        bool(_ENDED.search(text[-12:]))
        or bool(_NO_TEXT.match(text))
        or (len(text) < 30 and not re.search(r"[，、,]$", text) and not _SENTENCE.search(text))
    )


# --- units -----------------------------------------------------------------------------------------------------


class _Cutter:
    """Walks the lines, keeping the enclosing headings and the open unit."""

    def __init__(self, lines: list[_Line], extract: Extract) -> None:
        self.lines = [line for line in lines if not line.silent]
        self.extract = extract
        self.stack: list[tuple[int, str]] = []
        self.heading_numbers: dict[Style, int] = {}  # the last 一、 that was a heading: 二、 after it is one too
        self.open: _Unit | None = None
        self.units: list[_Unit] = []
        self.title = extract.title or ""  # labels the text that stands before everything else
        self.has_articles = any(line.mark and line.mark.style in _NUMBERED for line in self.lines)
        _find_numbered_headings(self.lines)
        self.simple = _continuing(self.lines)

    def walk(self) -> list[_Unit]:
        title = self._title_line()
        for i, line in enumerate(self.lines):
            if i == title:
                self._close()
                self.title = line.text
            elif line.row is not None:
                self._row(line)
            elif line.level is not None:
                self._heading(line)
            elif not self._numbered(line) and not self._question(line):
                self._text(line)
        self._close()
        return self.units

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.stack)

    def _title_line(self) -> int | None:
        """The first line, if it is a title: the only heading of the outermost level, or a bare short first line."""
        levels = [line.level for line in self.lines if line.level is not None]
        for i, line in enumerate(self.lines):
            if line.level is not None:
                alone = line.level == min(levels) and levels.count(line.level) == 1
                alone = alone or line.text == (self.extract.title or "").strip()
                numbered = line.mark is not None and (line.mark.style in HEADINGS or line.mark.style in _NUMBERED)
                return i if alone and not numbered and (i == 0 or not self._substance(self.lines[:i])) else None
            if i == 0 and not levels and len(self.lines) > 1 and _looks_like_title(line):
                return 0
        return None

    @staticmethod
    def _substance(lines: Iterable[_Line]) -> bool:
        return any(_says_something(line.text) for line in lines)

    def _close(self) -> None:
        if self.open is not None and self.open.lines:
            self.units.append(self.open)
        self.open = None

    def _enter(self, level: int, name: str) -> None:
        self._close()
        while self.stack and self.stack[-1][0] >= level:
            self.stack.pop()
        self.stack.append((level, _clean(name)))

    def _start(
        self, kind: ClauseKind, label: str, path: tuple[str, ...], *lines: _Line, number: tuple[int, ...] = ()
    ) -> _Unit:
        self._close()
        self.open = _Unit(kind, label, path, number=number, lines=list(lines))
        return self.open

    def _heading(self, line: _Line) -> None:
        mark, level = line.mark, line.level or 1
        self._enter(level, line.text)
        name = self.path[-1]
        if mark and mark.style in _NUMBERED and not (mark.style is Style.CODE and not mark.apart):
            short = mark.style in (Style.ARTICLE, Style.NAMED, Style.CODE)
            path = (*self.path[:-1], mark.label if short else name)
            self._start(ClauseKind.ARTICLE, mark.label, path, line, number=mark.number).level = level
        elif name.endswith(("?", "？")):
            self._start(ClauseKind.PAIR, name, self.path, line).level = level
        else:
            label = mark.label if mark and mark.style is Style.ARABIC and not _is_cjk(line.text) else name
            self._start(ClauseKind.SECTION, label, self.path)

    def _numbered(self, line: _Line) -> bool:
        """Handles a line that a number (or a bare word like 附则) makes a heading or an article."""
        mark = line.mark
        if mark is None:
            if _BRACKET_HEADING.match(line.text) or (
                _BARE_HEADING.match(line.text) and len(line.text) <= 30 and not _SENTENCE.search(line.text)
            ):
                self._enter(10 if line.text.startswith("附") else 13, line.text)
                self._start(ClauseKind.SECTION, self.path[-1], self.path)
                return True
            if line.heads:
                self._enter(15, line.text)
                self._start(ClauseKind.SECTION, self.path[-1], self.path)
            return line.heads
        if mark.style in HEADINGS:
            self._enter(_LEVEL[mark.style], line.text)
            self._start(ClauseKind.SECTION, self.path[-1], self.path)
            return True
        if mark.style in _NUMBERED:
            self._article(line, mark, mark.label)
            return True
        if self._is_item_of_open_article(line, mark):
            return False
        if line.heads:
            self.heading_numbers[mark.style] = mark.number[0]
            self._enter(_LEVEL[mark.style], line.text)
            if line.text.endswith(("?", "？")):
                self._start(ClauseKind.PAIR, mark.rest, self.path, line)
            else:
                self._start(ClauseKind.SECTION, self.path[-1], self.path)
            return True
        if mark.style in self.simple or self._next_of_decimals(mark):
            self._article(line, mark, mark.label)
            return True
        return False

    def _is_item_of_open_article(self, line: _Line, mark: Mark) -> bool:
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

    def _article(self, line: _Line, mark: Mark, label: str) -> None:
        opened = self.open
        if opened and opened.kind is ClauseKind.ARTICLE and len(opened.lines) == 1 and opened.level is None:
            parent = opened.lines[0]
            deeper = len(mark.number) > len(opened.number) and mark.number[: len(opened.number)] == opened.number
            if deeper and opened.number and _is_titled(parent):
                self.open = None
                self._enter(30 + len(opened.number), parent.text)
        if mark.style is Style.DECIMAL:
            while self.stack and self.stack[-1][0] >= 30 + len(mark.number):
                self.stack.pop()
        while self.stack and self.stack[-1][0] >= 40:
            self.stack.pop()
        self._start(ClauseKind.ARTICLE, label, (*self.path, label), line, number=mark.number)

    def _question(self, line: _Line) -> bool:
        if self.open is not None and self.open.kind is ClauseKind.ARTICLE:
            return False
        if (match := _QUESTION.match(line.text)) is None or not self._asks(line):
            return False
        label = _clean(line.text[match.end() :]) or _clean(line.text)
        if (answer := re.search(r"\s*(?:答|A)[：:]", label)) is not None and answer.start() > 0:
            label = label[: answer.start()]
        self._start(ClauseKind.PAIR, label, (*self.path, label), line)
        return True

    def _asks(self, line: _Line) -> bool:
        return line.text.rstrip("*").endswith(("?", "？")) or any(
            _ANSWER.search(other.text) for other in self._near(line)
        )

    def _near(self, line: _Line) -> Sequence[_Line]:
        i = bisect_left(self.lines, line.start, key=lambda one: one.start)
        return self.lines[i : i + 4]

    def _row(self, line: _Line) -> None:
        row = self.extract.rows[line.row or 0]
        opened = self.open
        within = opened.label if opened and opened.label else (self.path[-1] if self.path else row.table or self.title)
        path = (
            opened.path
            if opened and opened.path
            else (*self.path, *((row.table,) if row.table and row.table not in self.path else ()))
        )
        key = next(iter(_cells(line.text)), "")[:40]
        self._close()
        context = " ".join(x for x in (row.table, row.header) if x)
        unit = _Unit(ClauseKind.ROW, within, (*path, key), context, lines=[line])
        if line.end < row.end:  # a cell of several lines
            unit.lines = [replace(line, end=row.end, text=self.extract.text[line.start : row.end])]
        if not (self.units and self.units[-1].kind is ClauseKind.ROW and self.units[-1].span[1] >= row.end):
            self.units.append(unit)
        if opened is not None:  # text after the table goes on under the same label
            self.open = _Unit(opened.kind, opened.label, opened.path, opened.context, opened.number, opened.level)

    def _text(self, line: _Line) -> None:
        if self.open is not None:
            self.open.lines.append(line)
            return
        if self.stack:
            self._start(ClauseKind.SECTION, self.path[-1], self.path, line)
            return
        label = _clean(self.title)
        if self.units and self.units[-1].kind is ClauseKind.ROW:
            label = self.units[-1].label
        kind = ClauseKind.SECTION if label and not self.has_articles and not self.units else ClauseKind.PARAGRAPH
        self._start(kind, label, (label,) if label else (), line).outside = True


def _looks_like_title(line: _Line) -> bool:
    if line.row is not None or line.mark is not None or len(line.text) > MAX_HEADING_CHARS:
        return False
    return not (_SENTENCE.search(line.text) or _QUESTION.match(line.text) or line.text.endswith(("：", ":")))


def _find_numbered_headings(lines: list[_Line]) -> None:
    """Marks numbered short lines (一、总则) that are headings: nothing ends them, text or a deeper number follows."""
    marked = sum(line.level is not None for line in lines)
    for line, after in zip(lines, lines[1:], strict=False):
        mark = line.mark
        if (
            line.row is not None
            or mark is None
            or mark.style not in _LEVEL
            or mark.style in HEADINGS
            or line.level is not None
        ):
            continue
        question = line.text.endswith(("?", "？"))
        listed = mark.style in (Style.ARABIC, Style.ARABIC_PAREN)
        closed = _ENDED.search(line.text[-12:]) and not question
        if after.level is not None or after.row is not None and listed:
            continue
        if len(line.text) > MAX_HEADING_CHARS or closed or _SENTENCE.search(mark.rest[:-1]) or line.text[-1] in "，,、":
            continue
        below = after.mark
        if below is not None and below.style in _NUMBERED:
            line.heads = not listed or below.number[:1] == mark.number or below.style is not Style.DECIMAL
        elif below is not None and below.style in _LEVEL and _LEVEL[below.style] <= _LEVEL[mark.style]:
            line.heads = False
        else:
            line.heads = not listed or marked <= 1 or question
    for before, line, after in zip([None, *lines], lines, lines[1:], strict=False):
        line.heads = line.heads or _stands_above_articles(before, line, after)


def _stands_above_articles(before: _Line | None, line: _Line, after: _Line) -> bool:
    """A short line, closed by nothing, between a finished sentence (or a heading) and a numbered clause."""
    if (
        line.level is not None
        or line.row is not None
        or (line.mark and line.mark.style in (*_NUMBERED, *HEADINGS, *ITEMS))
    ):
        return False
    if after.level is not None or after.mark is None or after.mark.style not in _NUMBERED or len(line.text) > 40:
        return False
    if re.search(r"[。；，：:;,!?！？]|[.．]$", line.text) or _BULLET.match(line.text) or _BARE_DATE.match(line.text):
        return False
    return before is not None and (bool(_ENDED.search(before.text[-12:])) or _heads(before))


def _continuing(lines: list[_Line]) -> frozenset[Style]:
    """The simple styles (一、 1.) whose numbers run on over the whole document, so that they number its clauses.

    A list that begins again under each heading numbers steps, not clauses; so does one inside articles.
    """
    if any(line.mark and line.mark.style in _NUMBERED for line in lines):
        return frozenset()
    headings = sum(_heads(line) for line in lines)
    for style in (Style.HAN, Style.ARABIC):
        numbers = [line.mark.number[0] for line in lines if _counts(line, style)]  # type: ignore[union-attr]
        rising = all(b == a + 1 for a, b in zip(numbers, numbers[1:], strict=False))
        if len(numbers) >= 2 and numbers[0] == 1 and rising and (headings <= 1 or _crosses_heading(lines, style)):
            return frozenset({style})
    return frozenset()


def _heads(line: _Line) -> bool:
    return line.level is not None or line.heads or (line.mark is not None and line.mark.style in HEADINGS)


def _counts(line: _Line, style: Style) -> bool:
    return line.mark is not None and line.mark.style is style and not _heads(line)


def _crosses_heading(lines: list[_Line], style: Style) -> bool:
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


def _units(lines: list[_Line], extract: Extract) -> Iterator[_Unit]:
    units = _Cutter(lines, extract).walk()
    for i, unit in enumerate(units):
        if i + 1 == len(units):
            _drop_signature(unit)
        if unit.outside:
            yield from _paragraphs_of_substance(unit)
        elif unit.lines and not _heading_only(unit):
            yield unit


def _is_titled(line: _Line) -> bool:
    """Whether a numbered line is nothing but its number and a title, as in "2.3 Processing of Personal Data."."""
    rest = (line.mark.rest if line.mark else line.text).rstrip(".")
    if len(rest) > MAX_HEADING_CHARS or _SENTENCE.search(rest) or _ENDED.search(rest):
        return False
    words = [word for word in rest.split() if len(word) > 3]
    return _is_cjk(rest) or sum(word[0].isupper() or word[0].isdigit() for word in words) * 2 >= len(words)


def _heading_only(unit: _Unit) -> bool:
    return (
        unit.level is not None
        and len(unit.lines) == 1
        and not _says_something(unit.lines[0].text)
        and unit.kind is ClauseKind.ARTICLE
    )


def _drop_signature(unit: _Unit) -> None:
    """Takes the date and the issuer's name off the end of the last unit."""
    body = unit.lines
    if len(body) > 1 and (_BARE_DATE.match(body[-1].text) or _is_notice(body[-1])):
        body.pop()
        if (
            len(body) > 1
            and len(body[-1].text) <= 30
            and not re.search(r"[。；：，,.;:|]", body[-1].text)
            and body[-1].mark is None
        ):
            body.pop()


def _paragraphs_of_substance(unit: _Unit) -> Iterator[_Unit]:
    """Text outside every heading, paragraph by paragraph; bare titles and date lines are no clauses."""
    group: list[_Line] = []
    for line in [*unit.lines, None]:
        joins = line is not None and group and (_leads_in(group[-1].text) or _belongs(line) or not line.after_blank)
        whole = "".join(one.text for one in group)
        if line is not None and (not group or (joins and len(whole) <= MAX_UNIT_CHARS and not _is_notice(line))):
            if _is_notice(line) and not group:
                continue
            group.append(line)
            continue
        if any(_says_something(one.text) for one in group):
            yield replace(unit, lines=group)
        group = [line] if line is not None and not _is_notice(line) else []


def _is_notice(line: _Line) -> bool:
    if _ISSUE_LINE.match(line.text) or _DATE_FIELD.match(line.text):
        return True
    if all(_DATE_FIELD.match(part) for part in re.split(r"[\s\u3000]+", line.text)):
        return True
    return bool(_BARE_DATE.match(line.text) or _DATE_LINE.match(line.text)) and not _SENTENCE.search(line.text)


def _says_something(text: str) -> bool:
    """A sentence, not a title, a date or a form of address."""
    bare = re.sub(r"[*_`]", "", text).strip(_BLANK)
    if len(bare) < 4 or _DATE_LINE.match(bare) and not re.search("。", bare):
        return False
    return bool(_SENTENCE.search(bare)) or len(bare) > MAX_HEADING_CHARS or bool(re.search(r"..[:：，,].{6,}", bare))


# --- over-long units -------------------------------------------------------------------------------------------


def _split(unit: _Unit, text: str) -> Iterator[Draft]:
    start, end = unit.span
    if end - start > MAX_UNIT_CHARS and len(unit.lines) > 1 and unit.kind is not ClauseKind.ROW:
        pieces = list(_at_items(unit, text))
        if len(pieces) > 1:
            yield from pieces
            return
        if end - start > MAX_PLAIN_CHARS:
            yield from _at_paragraphs(unit)
            return
    yield Draft(unit.kind, unit.label, unit.path, start, end, unit.context)


def _at_items(unit: _Unit, text: str) -> Iterator[Draft]:
    """The lead-in, then each numbered item with the lead-in as context, then what stands after the last item."""
    style = next((line.mark.style for line in unit.lines[1:] if line.mark and line.mark.style in ITEMS), None)
    groups: list[tuple[str, list[_Line]]] = [("", [])]
    coming = _next_numbers(unit.lines, style)
    number = 0
    for i, line in enumerate(unit.lines):
        mark = line.mark if i and line.mark and line.mark.style is style else None
        in_item, above = bool(groups[-1][0]), groups[-1][1][-1:]
        if mark and mark.number[0] in (1, number + 1):
            number = mark.number[0]
            groups.append((mark.label, [line]))
        elif in_item and coming[i] != number + 1 and _ended(above[0].text) and not _is_nested(line, style):
            groups.append(("", [line]))  # the list is over
        else:
            groups[-1][1].append(line)
    groups = [(label, body) for label, body in groups if body]
    if len(groups) < 2:
        return
    lead = ""
    for label, body in groups:
        part = replace(unit, lines=body)
        if label:
            part = replace(
                part,
                kind=ClauseKind.ITEM,
                path=(*unit.path, label),
                context=" ".join(x for x in (unit.context, lead) if x),
            )
        else:
            lead = text[body[0].start : body[-1].end]
        if label or body is not groups[0][1] or _is_lead_in_worth_quoting(lead, unit):
            yield from _split(part, text)


def _next_numbers(lines: Sequence[_Line], style: Style | None) -> list[int]:
    """For every line the number of the next item of `style` from there on; 0 where none comes."""
    numbers, coming = [], 0
    for line in reversed(lines):
        coming = line.mark.number[0] if line.mark and line.mark.style is style else coming
        numbers.append(coming)
    return numbers[::-1]


def _is_nested(line: _Line, style: Style | None) -> bool:
    return line.mark is not None and line.mark.style in ITEMS and line.mark.style is not style


def _is_lead_in_worth_quoting(lead: str, unit: _Unit) -> bool:
    return unit.kind is ClauseKind.ARTICLE or _says_something(lead) or len(lead) > 12


def _at_paragraphs(unit: _Unit) -> Iterator[Draft]:
    """Paragraph by paragraph; a list stays with the sentence that leads into it unless together they are over-long."""
    groups: list[list[_Line]] = []
    for line in unit.lines:
        size = sum(len(one.text) for one in groups[-1]) if groups else 0
        glued = groups and (
            _leads_in(groups[-1][-1].text) or _belongs(line) or not line.after_blank and not _ended(groups[-1][-1].text)
        )
        if groups and (size < 40 or (glued and size + len(line.text) <= MAX_PLAIN_CHARS)):
            groups[-1].append(line)
        else:
            groups.append([line])
    for body in groups:
        yield Draft(unit.kind, unit.label, unit.path, body[0].start, body[-1].end, unit.context)


def _leads_in(text: str) -> bool:
    return text.rstrip("*_ ").endswith(("：", ":"))


def _belongs(line: _Line) -> bool:
    return bool(_BULLET.match(line.text)) or (line.mark is not None and line.mark.style in ITEMS)


# --- small things ----------------------------------------------------------------------------------------------


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _BLANK:
        start += 1
    while end > start and text[end - 1] in _BLANK:
        end -= 1
    return start, end


def _clean(name: str) -> str:
    name = re.sub(r"^#+\s*|\s*#+$|[*`]{1,2}|[\u200b-\u200d\u2060\ufeff]", "", name)
    return re.sub(rf"[\s{SPACE}]+", " ", name).strip()


def _is_cjk(text: str) -> bool:
    return bool(re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]", text))
