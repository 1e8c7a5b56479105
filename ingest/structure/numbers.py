"""Which numbers at lines' starts are real: not a cross-reference, an amount, a date or a stray letter."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.numbering import HEADINGS, Mark, Style, follows
from ingest.structure.lines import Line
from ingest.structure.shapes import ANSWER, ENDED, MAX_HEADING_CHARS, NO_TEXT, QUESTION, ended

_REFERENCE = re.compile(  # what follows a number in a cross-reference: 第十二条规定的, 第三条、第四条所称
    r"[、，,；;。”》〉）)]|(?:之?规定|所(?:称|述|列|指|规定|涉)|的|至第|到第|或者?第|和第|及第|与第|以及第|第[一二三四五六七八九十\d]+[款项]|"
    r"前款|中(?![华国])|修改为|规则|に(?:規定|定める|基づ)|の(?:規定|定め)|及び第|から第)"
)
_REFERENCE_EN = re.compile(
    r"(?:of|and|or|to|above|below|shall|may|does|applies|is|are|will|hereof|,|;|\))\b|[,;)]", re.IGNORECASE
)

_UNIT = re.compile(  # 3.5元, 1.5倍, 2.0版
    "元(?!数)|[倍折%％‰°℃￥$版]|[万亿千百]|个|天|日|小时|分钟|秒|公斤|千克|克|斤|吨|公里|千米|米|厘米|毫米|升|毫升|人|件|次|岁|級|级|号"
)

LEVEL = {Style.ANNEX: 10, Style.PART: 11, Style.SUBPART: 12, Style.CHAPTER: 13, Style.DIVISION: 14, Style.HAN: 20}
LEVEL |= {Style.HAN_PAREN: 21, Style.ARABIC: 31, Style.ARABIC_PAREN: 40}
LEVEL |= {Style.FORMAL: 17, Style.STEM: 18, Style.ROMAN_UPPER: 19, Style.UPPER: 22, Style.BRACKETED: 23}
# one of these alone is a letter, an initial or a footnote's mark; beside its neighbour it is a number
_NEED_NEIGHBOUR = frozenset(
    {Style.FORMAL, Style.STEM, Style.ROMAN_UPPER, Style.UPPER, Style.BRACKETED, Style.KANA, Style.HANGUL}
)
_OPEN_REFERENCE = re.compile(  # the line before breaks off in the middle of 依照本规则 | 第十二条
    r"(?:依照|按照|根据|依据|违反|适用|参照|符合|遵守|详见|参见|依據|根據|違反|適用|參照|按|依|见|見)[^。；！？：:\n]{0,20}$"
    r"|[与和及或、]$|\b(?:under|see|with|of|in|to|and|or|by|per|según|de la|del|el|la)$",
    re.IGNORECASE,
)
NUMBERED = frozenset({Style.ARTICLE, Style.NAMED, Style.CODE, Style.DECIMAL})


def judge_numbers(lines: list[Line]) -> None:
    """Takes away the marks that are not what they look like: cross-references, amounts, stray letters."""
    live = [line for line in lines if not line.silent and line.row is None and line.note is None]
    _settle_letters(live)
    _judge_items(live)
    series: dict[tuple[Style, str], list[tuple[Line, Mark]]] = {}
    last_article: tuple[int, ...] | None = None
    fresh = True  # a heading stands between the last article and here
    before: Line | None = None
    for line in live:
        mark = line.mark
        closed = before is None or before.level is not None or ended(before.mark.rest if before.mark else before.text)
        if mark is None:
            pass
        elif mark.style in HEADINGS:
            if not is_heading(line):
                line.mark = None
            elif mark.style in (Style.PART, Style.ANNEX):
                fresh = True
        elif mark.style is Style.ARTICLE:
            opening = last_article is None and mark.number == (1,)
            if line.level is None and not opening and _breaks_off(before, line):
                line.mark = None
            elif _is_article(mark, line, last_article, fresh, closed):
                last_article, fresh = mark.number, False
            else:
                line.mark = None
        elif mark.style is Style.NAMED:
            titled = (
                not mark.rest or mark.rest[0].isupper() or mark.rest[0] in ".:：—–-(（" or not mark.rest[0].isascii()
            )
            refers = _REFERENCE_EN.match(mark.rest) or _REFERENCE.match(mark.rest)
            if line.level is None and (
                refers or not (titled and (closed or line.after_blank)) or _breaks_off(before, line)
            ):
                line.mark = None
            elif _is_spelt(mark):
                series.setdefault((mark.style, "spelt"), []).append((line, mark))
        elif mark.style is Style.CODE and _is_talk(line, before):
            line.mark = None
        elif mark.style in (Style.CODE, Style.DECIMAL):
            amount = not mark.apart and (mark.rest[:1].isascii() or _UNIT.match(mark.rest))
            if amount or (line.level is None and not closed and not line.after_blank):
                line.mark = None
            else:
                series.setdefault((mark.style, mark.prefix), []).append((line, mark))
        if not (line.mark is None and NO_TEXT.match(line.text)):
            before = line
    _judge_series(series)


def _breaks_off(before: Line | None, line: Line) -> bool:
    """Whether the printed line before waits for this very number: a reference that a page's width has broken."""
    if before is None or line.after_blank or line.start - before.end > 8:  # a table stands between
        return False
    return bool(_OPEN_REFERENCE.search(before.text[-40:]))


def _is_spelt(mark: Mark) -> bool:
    """Primera. Segunda.: a word that only its neighbour shows to be a number."""
    return mark.label.isalpha() and " " not in mark.label


def _settle_letters(lines: list[Line]) -> None:
    """Tells (i) the Roman one from (i) the ninth letter, by what stands before and after it."""
    marks = [line for line in lines if line.mark and line.mark.style in _LETTERS]
    last: dict[Style, int] = {}
    for at, line in enumerate(marks):
        mark = line.mark
        assert mark is not None
        letters, roman = _LETTERS[mark.style]
        bare = mark.label.strip("().（）、")
        if len(bare) == 1 and bare.isascii() and bare.lower() in "ivx":
            letter, value = ord(bare.lower()) - ord("a") + 1, {"i": 1, "v": 5, "x": 10}[bare.lower()]
            after = marks[at + 1].mark if at + 1 < len(marks) else None
            goes_on = after is not None and after.style is roman and after.number == (value + 1,)
            is_letter = last.get(letters) == letter - 1 and not goes_on
            is_letter = is_letter or (value > 1 and last.get(roman) != value - 1 and mark.style is letters)
            style, number = (letters, letter) if is_letter else (roman, value)
            line.mark = mark = replace(mark, style=style, number=(number,))
        last[mark.style] = mark.number[0]


_LETTERS = {
    Style.LETTER: (Style.LETTER, Style.ROMAN),
    Style.ROMAN: (Style.LETTER, Style.ROMAN),
    Style.UPPER: (Style.UPPER, Style.ROMAN_UPPER),
    Style.ROMAN_UPPER: (Style.UPPER, Style.ROMAN_UPPER),
}


def _judge_items(lines: list[Line]) -> None:
    """Keeps a number that could be something else only beside its neighbour in the same style."""
    found: dict[tuple[Style, bool], list[Line]] = {}
    for line in lines:
        mark = line.mark
        if mark is None or line.level is not None:
            continue
        spaced = mark.style is Style.HAN and line.text[len(mark.label) :][:1] == "\u3000"
        dotted = mark.style is Style.LETTER and not mark.label.endswith((")", "）"))
        if mark.style in _NEED_NEIGHBOUR or spaced or dotted:
            found.setdefault((mark.style, mark.label[:1] in "(（"), []).append(line)
    for group in found.values():
        numbers = [line.mark.number[0] for line in group if line.mark]
        for i, line in enumerate(group):
            after_one = i > 0 and numbers[i] == numbers[i - 1] + 1
            before_one = i + 1 < len(group) and numbers[i + 1] == numbers[i] + 1
            if not (after_one or before_one):
                line.mark = None


def _is_talk(line: Line, before: Line | None) -> bool:
    """Q1. Can I …? and its answer A1. …: a question list, not a house's own numbering."""
    if QUESTION.match(line.text) and line.text.endswith(("?", "？")):
        return True
    return bool(ANSWER.match(line.text)) and before is not None and before.text.endswith(("?", "？"))


def _is_article(mark: Mark, line: Line, last: tuple[int, ...] | None, fresh: bool, closed: bool) -> bool:
    """Whether 第N条 at a line's start opens an article, by its order and by what follows it."""
    next_one = mark.number[0] <= 1 if last is None else follows(last, mark.number)
    restarts = mark.number[0] == 1 and (fresh or closed)
    if line.level is not None:
        return True
    if re.match(r"[、，,；;。”》〉]", mark.rest):
        return False
    if mark.apart and mark.rest[:1] not in "：:":
        return next_one or closed or line.after_blank
    if _REFERENCE.match(mark.rest):
        return False
    rises = last is None or last < mark.number
    return next_one or restarts or (rises and (closed or line.after_blank))


def _judge_series(series: dict[tuple[Style, str], list[tuple[Line, Mark]]]) -> None:
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


def is_heading(line: Line) -> bool:
    mark = line.mark
    if line.level is not None:
        return True
    if mark is None or len(line.text) > MAX_HEADING_CHARS or ENDED.search(line.text[-12:]):
        return False
    if mark.style is Style.ANNEX or line.text.isascii():
        return len(line.text.split()) <= 12
    return not _REFERENCE.match(mark.rest)
