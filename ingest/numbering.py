"""Reads the number a line begins with: 第四十一条, 第一百二十条之一, Section 3.2, 3.2.1, 甲2, 一、, （一）, 1., ①."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

SPACE = " \t\u00a0\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff"  # for use inside [...]: also what has no width
_HAN = "零〇○Ｏ一二三四五六七八九十百千两兩"
_FORMAL = "壹贰貳叁參叄肆伍陆陸柒捌玖拾"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノ"
_HANGUL = "가나다라마바사아자차카타파하"
_ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"
_ORDINALS_ES = (
    *("primera|primero", "segunda|segundo", "tercera|tercero", "cuarta|cuarto", "quinta|quinto", "sexta|sexto"),
    *("s[eé]ptima|s[eé]ptimo", "octava|octavo", "novena|noveno", "d[eé]cima|d[eé]cimo"),
    *("und[eé]cima|decimoprimera", "duod[eé]cima|decimosegunda", "decimotercera", "decimocuarta", "decimoquinta"),
    *("decimosexta", "decimos[eé]ptima", "decimoctava", "decimonovena", "vig[eé]sima"),
)
_ORDINAL_ES = "|".join(_ORDINALS_ES)
_RULE_WORDS = "规则|規則|条款|條款|细则|細則|政策|标准|標準|要求|原则|原則|规范|規範|守则|守則|红线|禁令|准则|準則"
_STEP_WORDS = "步骤|步驟|情形|情况|情況|方式|方法|方案|场景|場景|阶段|階段|类型|類型|示例|案例|选项|選項|ステップ|手順"
_INT = rf"(?:[{_HAN}]+|[0-9０-９]+)"


class Style(StrEnum):
    """How a number is written; the style tells what it may number."""

    PART = "part"  # 第一编, Part II: heading
    SUBPART = "subpart"  # 第一分编: heading
    CHAPTER = "chapter"  # 第三章, Chapter 3: heading
    DIVISION = "division"  # 第二节: heading
    ANNEX = "annex"  # 附件1, Appendix A: heading
    ARTICLE = "article"  # 第四十一条, 第1.4条, 제6조
    NAMED = "named"  # Article 5, Section 3.2, Clause 4
    CODE = "code"  # B6, 甲2, R23-7, 1-12, 1(b): a document's own way of numbering its clauses
    DECIMAL = "decimal"  # 3.2, 3.2.1
    HAN = "han"  # 一、
    HAN_PAREN = "han_paren"  # （一）
    ARABIC = "arabic"  # 1. 1、
    ARABIC_PAREN = "arabic_paren"  # (1) 1)
    LETTER = "letter"  # (a) a)
    ROMAN = "roman"  # (ii)
    CIRCLED = "circled"  # ①
    FORMAL = "formal"  # 壹、
    STEM = "stem"  # 甲、
    ROMAN_UPPER = "roman_upper"  # Ⅰ. IV.
    UPPER = "upper"  # A.
    BRACKETED = "bracketed"  # 【1】
    PARAGRAPH = "paragraph"  # 第一款, 第2項; "２　" in Japanese articles
    POINT = "point"  # 第（一）项, 第3号
    KANA = "kana"  # ア
    HANGUL = "hangul"  # 가.
    STEP = "step"  # 步骤一, 第一步, Step 1


HEADINGS = frozenset({Style.PART, Style.SUBPART, Style.CHAPTER, Style.DIVISION, Style.ANNEX})
ITEMS = (
    Style.HAN,
    Style.HAN_PAREN,
    Style.ARABIC,
    Style.ARABIC_PAREN,
    Style.LETTER,
    Style.ROMAN,
    Style.CIRCLED,
    Style.FORMAL,
    Style.STEM,
    Style.ROMAN_UPPER,
    Style.UPPER,
    Style.BRACKETED,
    Style.PARAGRAPH,
    Style.POINT,
    Style.KANA,
    Style.HANGUL,
    Style.STEP,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A number at the start of a line."""

    style: Style
    number: tuple[int, ...]  # 第一百二十条之一 is (120, 1), 3.2.1 is (3, 2, 1)
    label: str  # as printed, inner white space taken out of Chinese numbers, closing dot dropped
    rest: str  # the line after the number and the white space behind it
    apart: bool  # white space, a bracket, a colon or nothing follows: not the middle of a sentence
    prefix: str = ""  # the letters of a code: its series


_PATTERNS: tuple[tuple[Style, re.Pattern[str]], ...] = tuple(
    (style, re.compile(pattern, re.IGNORECASE if style is Style.NAMED else 0))
    for style, pattern in (
        (
            Style.ARTICLE,
            rf"第[{SPACE}]*(?P<n>{_INT}(?:[.．-][0-9０-９]+)*)[{SPACE}]*[条條](?:[之の][{SPACE}]*(?P<m>{_INT}))?",
        ),
        (Style.ARTICLE, r"제\s*(?P<n>\d+)\s*조(?:의\s*(?P<m>\d+))?"),
        (Style.PART, rf"第[{SPACE}]*(?P<n>{_INT})[{SPACE}]*(?:[编編]|部分)"),
        (Style.SUBPART, rf"第[{SPACE}]*(?P<n>{_INT})[{SPACE}]*分[编編]"),
        (Style.CHAPTER, rf"第[{SPACE}]*(?P<n>{_INT})[{SPACE}]*章"),
        (Style.CHAPTER, r"제\s*(?P<n>\d+)\s*장"),
        (Style.PART, r"제\s*(?P<n>\d+)\s*편"),
        (Style.DIVISION, r"제\s*(?P<n>\d+)\s*[절관]"),
        (Style.DIVISION, rf"第[{SPACE}]*(?P<n>{_INT})[{SPACE}]*[节節]"),
        (Style.PART, r"(?:PART|Part)\s+(?P<n>\d+|[IVXLC]+|[A-Z])\b"),
        (Style.CHAPTER, r"(?:CHAPTER|Chapter|CAP[IÍ]TULO|Cap[ií]tulo)\s+(?P<n>\d+|[IVXLC]+)\b"),
        (Style.PART, r"(?:T[IÍ]TULO|T[ií]tulo)\s+(?P<n>\d+|[IVXLC]+)\b"),
        (
            Style.ANNEX,
            rf"附[{SPACE}]*[件表录錄則则][{SPACE}]*(?P<n>{_INT}|[A-Z](?![A-Za-z]))?(?=[{SPACE}：:.、（(《—-]|$)",
        ),
        (Style.ANNEX, rf"別[{SPACE}]*[表紙記](?:第)?[{SPACE}]*(?P<n>{_INT})(?=[{SPACE}：:（(]|$)"),
        (Style.ANNEX, r"(?:별표|별지|부록)\s*(?P<n>\d+)(?=[\s：:.\])]|$)"),
        (
            Style.ANNEX,
            r"(?:ANNEX|Annex|APPENDIX|Appendix|SCHEDULE|Schedule|EXHIBIT|Exhibit|ANEXO|Anexo)\s+(?P<n>\d+|[IVX]+|[A-Z])\b",
        ),
        (
            Style.NAMED,
            r"(?:article|section|clause|sec\.|art\.|§|art[íi]culo|cl[áa]usula|secci[óo]n)\s*"
            r"(?P<n>\d+(?:\.\d+)*(?:\((?:[a-z]|[ivx]{1,4}|\d{1,2})\))*)(?:\.?[ºª°](?:\.|(?!\w))|\b|(?<=\)))",
        ),
        (Style.NAMED, r"(?:article|section|clause|art[íi]culo|cl[áa]usula|secci[óo]n)\s+(?P<n>(?-i:[IVXLC]+))\b"),
        (Style.NAMED, rf"cl[áa]usula\s+(?P<n>{_ORDINAL_ES})\b"),
        (Style.NAMED, rf"(?P<n>{_ORDINAL_ES})(?=\s*(?:\.-|[.:—–]))"),
        (Style.DECIMAL, r"(?P<n>[0-9０-９]{1,3}(?:[.．][0-9０-９]{1,3}){1,4})[.．、]?(?![0-9０-９%％])"),
        (Style.CODE, r"(?P<p>[A-Z]{1,4}(?:\d{1,4}-|[-.])?|[甲乙丙丁戊己庚辛壬癸])(?P<n>\d{1,3}(?:\.\d{1,3})?)\b"),
        (Style.STEP, rf"(?:{_STEP_WORDS})[{SPACE}]*(?P<n>{_INT})(?=[{SPACE}：:、.．])"),
        (Style.STEP, rf"第[{SPACE}]*(?P<n>{_INT})[{SPACE}]*步(?=[{SPACE}：:、.．，,])"),
        (Style.STEP, r"(?:STEP|Step|Paso|PASO|단계)\s*(?P<n>\d{1,2})(?=[\s：:.])"),
        (Style.CODE, rf"(?P<p>{_RULE_WORDS})[{SPACE}]*(?P<n>{_INT})(?=[{SPACE}：:、.．])"),
        (Style.CODE, rf"(?P<p>[\u4e00-\u9fff]{{2,4}})(?P<n>\d{{1,3}})(?=[{SPACE}])"),
        (Style.CODE, rf"(?P<p>[（(][{_HAN}]+[)）])(?P<n>\d{{1,3}})(?=[{SPACE}])"),
        (Style.CODE, r"(?P<p>)(?P<n>\d{1,2}-\d{1,3})(?![-\d])"),
        (Style.CODE, r"(?P<p>\d{1,2})\((?P<n>[a-z])\)"),
        (Style.PARAGRAPH, rf"第[{SPACE}]*(?P<n>{_INT})[{SPACE}]*[款項](?=[{SPACE}：:])"),
        (Style.PARAGRAPH, r"제\s*(?P<n>\d+)\s*항(?=[\s：:.])"),
        (Style.POINT, rf"第[{SPACE}]*[（(]?(?P<n>{_INT})[）)]?[{SPACE}]*[项号號](?=[{SPACE}：:])"),
        (Style.HAN, rf"(?P<n>[{_HAN}]+)[{SPACE}]*[、.．]"),
        (Style.HAN, rf"(?P<n>[{_HAN}]{{1,3}})(?=[\u3000])"),
        (Style.FORMAL, rf"(?P<n>[{_FORMAL}]{{1,3}})[{SPACE}]*[、.．：]"),
        (Style.STEM, rf"(?P<n>[{_STEMS}])[、.．]"),
        (Style.BRACKETED, rf"[【〖\[［](?P<n>{_INT})[】〗\]］]"),
        (Style.HAN_PAREN, rf"[（(〔][{SPACE}]*(?P<n>[{_HAN}]+)[{SPACE}]*[)）〕][、.．]?"),
        (Style.ARABIC, r"(?P<n>[0-9０-９]{1,3})[、.．](?![0-9０-９])"),
        (Style.PARAGRAPH, r"(?P<n>[０-９]{1,2})\u3000"),
        (Style.ARABIC_PAREN, r"[（(]?(?P<n>[0-9０-９]{1,3})[)）][、.．]?"),
        (Style.ROMAN, rf"[（(]?(?P<n>[ivx]{{2,5}})(?:[)）]|[.．](?=[{SPACE}]))"),
        (Style.LETTER, r"[（(]?(?P<n>[a-z])[)）]"),
        (Style.CIRCLED, r"(?P<n>[①-⑳])"),
        (Style.ROMAN_UPPER, rf"(?P<n>[{_ROMAN}])[{SPACE}]*(?:[、.．]|(?=[{SPACE}]))"),
        (Style.ROMAN_UPPER, rf"(?P<n>[IVX]{{1,5}})(?:[.．](?=[{SPACE}])|、)"),
        (Style.UPPER, rf"(?P<n>[A-Z])(?:[.．](?=[{SPACE}\u3400-\u9fff])|、)"),
        (Style.UPPER, r"[（(](?P<n>[A-Z])[)）]"),
        (Style.LETTER, rf"(?P<n>[a-z])(?:[.．](?=[{SPACE}])|、)"),
        (Style.KANA, rf"(?P<n>[{_KANA}])(?=[\u3000 、.．])|[（(](?P<n2>[{_KANA}])[)）]"),
        (Style.HANGUL, rf"(?P<n>[{_HANGUL}])[.．)](?=\s)|[（(](?P<n2>[{_HANGUL}])[)）]"),
    )
)
_FIRST = re.compile(rf"[第제附§0-9０-９（(〔【〖\[［①-⑳A-Za-z{_HAN}\u4e00-\u9fff{_ROMAN}{_KANA}{_HANGUL}별부]")
_DOTTED = frozenset({Style.DECIMAL, Style.ARABIC, Style.HAN, Style.FORMAL, Style.STEM, Style.ROMAN_UPPER, Style.UPPER})
_DOTTED |= {Style.HANGUL, Style.PARAGRAPH, Style.NAMED}
_WIDE = re.compile(r"[\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef]")
_BULLET = re.compile(r"[“\"*_>#\s]*")


def read(line: str) -> Mark | None:
    """The number at the start of `line`, past Markdown's own signs; None where there is none."""
    line = line[_BULLET.match(line[:12]).end() :] if line[:1] in "*_>#" else line  # type: ignore[union-attr]
    if not line or not _FIRST.match(line):
        return None
    for style, pattern in _PATTERNS:
        if (match := pattern.match(line)) is None:
            continue
        number = _numbers(match, style)
        if not number and style is not Style.ANNEX:
            continue
        after = line[match.end() :].lstrip("*_")
        rest = after.strip(" \t\u00a0\u200b\u3000")
        printed = match[0].rstrip(".．、：") if style in _DOTTED else match[0]
        label = re.sub(rf"[{SPACE}]+", "" if _WIDE.search(match[0]) else " ", printed)
        apart = not after or after[0] in " \t\u00a0\u200b\u3000（(【[「《：:.．—–、"
        if style is Style.CODE:
            apart = not after or bool(re.match(rf"[{SPACE}.:：、]", after))
        return Mark(style, number, label, rest, apart, match.groupdict().get("p") or "")
    return None


def to_int(text: str) -> int | None:
    """The value of a whole number in hanzi, digits of any width, a Latin letter or Roman digits."""
    text = re.sub(rf"[{SPACE}]", "", text)
    if text.isdecimal():
        return int(text)
    if text and all(c in _HAN for c in text):
        return _han(text)
    if len(text) == 1 and "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    if len(text) == 1 and text in _ROMAN:
        return _ROMAN.index(text) + 1
    if text and all(c in _FORMAL_VALUES for c in text):
        return _han("".join(_FORMAL_VALUES[c] for c in text))
    if text and all(c in "ivxlcIVXLC" for c in text):
        return _roman(text.upper())
    if len(text) == 1 and text.isascii() and text.isalpha():
        return ord(text.lower()) - ord("a") + 1
    return None


def follows(before: tuple[int, ...], number: tuple[int, ...], step: int = 1) -> bool:
    """Whether `number` can be the next one printed after `before`: 3.2 -> 3.3, 3.2.1, 4, 4.1."""
    if number[: len(before)] == before and len(number) > len(before):
        return all(n <= 1 for n in number[len(before) :])
    for i, (a, b) in enumerate(zip(before, number, strict=False)):
        if a != b:
            return 0 < b - a <= step and all(n <= 1 for n in number[i + 1 :])
    return False


def _numbers(match: re.Match[str], style: Style) -> tuple[int, ...]:
    groups = match.groupdict()
    printed = groups.get("n") or groups.get("n2") or ""
    if style is Style.NAMED and printed.isalpha() and not set(printed) <= set("IVXLC"):
        return _ordinal_es(printed)
    pieces = [piece for piece in re.split(r"[.．()-]+", printed) if piece]
    if groups.get("m"):
        pieces.append(groups["m"])
    if not pieces:
        return ()
    if style in (Style.LETTER, Style.UPPER) or (style is Style.CODE and pieces[0].isalpha() and pieces[0].isascii()):
        return (ord(pieces[0].lower()) - ord("a") + 1,)
    if style in _ALPHABETS:
        return (_ALPHABETS[style].index(pieces[0]) + 1,)
    values = [to_int(piece) for piece in pieces]
    return tuple(v for v in values if v is not None) if all(v is not None for v in values) else ()


_ALPHABETS = {Style.KANA: _KANA, Style.HANGUL: _HANGUL, Style.STEM: _STEMS}
_FORMAL_VALUES = dict(zip(_FORMAL, "一二二三三三四五六六七八九十", strict=True))


def _ordinal_es(word: str) -> tuple[int, ...]:
    for number, pattern in enumerate(_ORDINALS_ES, 1):
        if re.fullmatch(pattern, word, re.IGNORECASE):
            return (number,)
    return ()


def _han(text: str) -> int | None:
    digits = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "Ｏ": 0, "两": 2, "兩": 2}
    units = {"十": 10, "百": 100, "千": 1000}
    if not any(c in units for c in text):  # 一二〇: digit by digit
        return int("".join(str(digits[c]) for c in text))
    total = current = 0
    for c in text:
        if c in units:
            total += (current or 1) * units[c]
            current = 0
        else:
            current = digits[c]
    return total + current


def _roman(text: str) -> int:
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
    total = 0
    for here, after in zip(text, [*text[1:], None], strict=True):
        total += -values[here] if after and values[after] > values[here] else values[here]
    return total
