"""Quantities in a text: deadlines, amounts, shares, dates and plain numbers, in one form whatever their script.

"7天", "七日", "一周" and "168小时" are one quantity; so are "￥99", "99元" and "九十九元".
The words are in `kb/quantity_words.py`.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

from kb import quantity_words as words
from kb.text import numeral, to_simplified


class Measure(StrEnum):
    """What a quantity counts, with the unit that its values are in."""

    TIME = "time"  # hours
    WORKING_TIME = "working_time"  # working days: not comparable with TIME
    MONEY = "money"  # of one currency, named in `unit`
    SHARE = "share"  # of one: 20 %, 两成, 八折 is a price of 0.8
    DATE = "date"  # ordinal of the day; a day of every year is counted in the year 4
    CLOCK = "clock"  # hours since midnight
    COUNT = "count"  # of what `unit` says: 件, 次, kg; "" where the text names a thing we have no word for


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value or a range. "七日内" has high 168; "至少3天" has low 72; "3至5天" both; "99元" both, and equal."""

    measure: Measure
    unit: str  # of MONEY the currency's ISO code, of COUNT what is counted, else ""
    low: float | None  # in the measure's unit; None: open
    high: float | None
    start: int  # of the text it was found in, in characters
    end: int

    @property
    def value(self) -> tuple[Measure, str, float | None, float | None]:
        """What two quantities have in common when they are the same."""
        return self.measure, self.unit, self.low, self.high


def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text in the order in which they stand; their spans do not overlap.

    A comparator ("以内", "at least") makes a range and is not part of the span. Strict and inclusive bounds are not told
    apart ("超过7天" is "7天以上"). Numbers of articles, list items, documents, telephones and laws are no quantities.
    """
    folded, offsets = fold_letters(text)
    if not _MAY_COUNT.search(folded):
        return ()
    found = _joined(folded, sorted(_found(folded), key=lambda q: q.start))
    if offsets is None:
        return tuple(found)
    return tuple(replace(q, start=offsets[q.start], end=offsets[q.end - 1] + 1) for q in found)


_MAY_COUNT = re.compile(r"[\d零〇一二两三四五六七八九十百千万半双加\uac00-\ud7afa-z]")


def _found(folded: str) -> Iterator[Quantity]:
    taken = [m.span() for m in _not_quantities().finditer(folded)]
    taken += [m.span() for m in _document_dates().finditer(folded)]
    for reader in (_dates, _clocks, _time_words, _settlements, _count_words, _fractions, _numbers):
        for quantity in reader(folded):
            if not any(start < quantity.end and quantity.start < end for start, end in taken):
                taken.append((quantity.start, quantity.end))
                yield quantity


# --- folding ---


class _Letters(dict[int, str]):
    """One character in folded form. Circled numbers go: before a number they would be read as its first digit."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        folded = " " if unicodedata.category(c) == "No" else unicodedata.normalize("NFKC", c).lower()
        if "\u3400" <= folded <= "\ufaff":
            folded = to_simplified(folded)
        self[code] = folded = {"壹": "一", "贰": "二", "叁": "三", "肆": "四", "伍": "五", "陆": "六", "柒": "七"}.get(
            folded,
            {"捌": "八", "玖": "九", "拾": "十", "佰": "百", "仟": "千", "週": "周", "−": "-"}.get(folded, folded),
        )
        return folded


_LETTERS = _Letters()


def fold_letters(text: str) -> tuple[str, list[int] | None]:
    """The text folded letter by letter, and for each of its characters the place in `text`; None: the same place."""
    folded = text.translate(_LETTERS)
    if len(folded) == len(text):
        return folded, None
    return folded, [at for at, c in enumerate(text) for _ in _LETTERS[ord(c)]]


# --- numbers ---

_HAN = "零〇一二两三四五六七八九十百千万亿"
_MULTIPLIERS = {"十": 10, "百": 100, "千": 1e3, "万": 1e4, "亿": 1e8, "천": 1e3, "만": 1e4, "억": 1e8}
_MULTIPLIERS |= {"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "k": 1e3, "m": 1e6, "mil": 1e3}
_ARABIC = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_MULTIPLIER = r"\s?(?:[十百千万亿천만억]{1,2}|hundred\b|thousand\b|million\b|billion\b|k\b|mil\b)"


@cache
def _words() -> dict[str, int]:
    """Numbers written out in English, Spanish and Korean."""
    found = {word: n for n, word in enumerate(words.ENGLISH)}
    for ten, word in enumerate(words.ENGLISH_TENS, 2):
        found[word] = ten * 10
        for n, one in enumerate(words.ENGLISH[1:10], 1):
            found[f"{word}-{one}"] = found[f"{word} {one}"] = ten * 10 + n
    found |= {word: n for n, word in enumerate(words.SPANISH)} | words.SPANISH_TENS | words.OTHER_WORDS
    return found


@cache
def _number() -> str:
    spelt = "|".join(sorted(map(re.escape, _words()), key=len, reverse=True))
    korean = "|".join(sorted(words.KOREAN, key=len, reverse=True))
    return (
        rf"(?:(?:{_ARABIC})(?:{_MULTIPLIER})?|[{_HAN}]+(?:点[{_HAN}]+)?|(?<![a-zà-ÿ\-])(?:{spelt})(?![a-zà-ÿ])"
        rf"|(?<![\uac00-\ud7af])(?:{korean})(?=\s?[\uac00-\ud7af]))"
        rf"(?:\s*\(\s*(?:\d+|[{_HAN}]+|(?:{spelt}))\s*\)(?=\s*[^\s\d.,;:。、]))?"
    )


@lru_cache(maxsize=4096)
def _value(written: str) -> float | None:
    """99, 1,500, 2.5万, 十五, 一点五, seven (7), 만: the number, or None."""
    written = re.sub(r"\s*\(.*", "", written).strip()
    if (known := _words().get(written, words.KOREAN.get(written))) is not None:
        return float(known)
    if match := re.fullmatch(rf"({_ARABIC})\s?(\D*)", written):
        value = float(match[1].replace(",", ""))
        unit = match[2].strip()
        for part in [unit] if unit in _MULTIPLIERS else list(unit):
            if part not in _MULTIPLIERS:
                return None
            value *= _MULTIPLIERS[part]
        return round(value, 6)
    whole, _, tail = written.partition("点")
    if tail:
        head, digits = _value(whole), [numeral(c) for c in tail]
        if head is None or any(d is None for d in digits):
            return None
        return head + float("0." + "".join(str(d) for d in digits))
    if "亿" in whole:
        many, _, rest = whole.partition("亿")
        a, b = _value(many) if many else 1, _value(rest) if rest else 0
        return None if a is None or b is None else a * 1e8 + b
    found = numeral(whole)
    return None if found is None else float(found)


def _approximate(written: str) -> tuple[float, float] | None:
    """两三天, 七八成: two neighbouring digits are a range, not thirty-five."""
    if len(written) == 2 and all(c in "一二两三四五六七八九" for c in written):
        a, b = numeral(written[0]), numeral(written[1])
        if a is not None and b is not None and (b == a + 1 or (a, b) == (3, 5)):
            return float(a), float(b)
    return None


# --- units ---


@dataclass(frozen=True, slots=True)
class _Unit:
    measure: Measure
    name: str
    factor: float


@cache
def _units() -> tuple[tuple[re.Pattern[str], _Unit], ...]:
    rows = [(words.WORKING_DAYS, _Unit(Measure.WORKING_TIME, "", 1))]
    rows += [(pattern, _Unit(Measure.TIME, "", factor)) for factor, pattern in words.TIMES]
    rows += [(after, _Unit(Measure.MONEY, currency, 1)) for currency, _, after in words.MONEY]
    rows += [(pattern, _Unit(Measure.SHARE, "", factor)) for factor, pattern in words.SHARES]
    rows += [(pattern, _Unit(Measure.COUNT, name, factor)) for name, factor, pattern in words.COUNTS]
    return tuple((re.compile(rf"(?:{_whole_words(pattern)})"), unit) for pattern, unit in rows)


def _whole_words(pattern: str) -> str:
    """A word in Latin letters must end where it ends: "l" is not the beginning of "level"."""
    return rf"(?:{pattern})(?:(?<![a-zà-ÿ])|(?![a-zà-ÿ]))"


def _unit_at(folded: str, at: int) -> tuple[_Unit, int] | None:
    """The unit that begins at `at` (after a space or hyphen), and where it ends: the longest that fits."""
    begin = at
    while begin < len(folded) and folded[begin] in " -\u00a0" and begin - at < 2:
        begin += 1
    best: tuple[_Unit, int] | None = None
    for pattern, unit in _units_by_letter(folded[begin : begin + 1]):
        match = pattern.match(folded, begin)
        if match and match.end() > begin and (best is None or match.end() > best[1]):
            best = unit, match.end()
    return best


@lru_cache(maxsize=4096)
def _units_by_letter(letter: str) -> tuple[tuple[re.Pattern[str], _Unit], ...]:
    """Those whose words may begin with `letter`: most letters begin none, and nothing is tried there."""
    return tuple(row for row in _units() if letter and (letter in row[0].pattern or not letter.isalpha()))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _numbers(folded: str) -> Iterator[Quantity]:
    prefix = "|".join(f"(?P<{currency}>{before})" for currency, before, _ in words.MONEY)
    number = _number()
    pattern = _compiled(rf"(?:(?:{prefix})\s?)?(?P<n>{number})")
    to = _compiled(rf"\s*(?:{words.TO})\s*(?:(?:{prefix})\s?)?(?P<n>{number})")
    at = 0
    while match := pattern.search(folded, at):
        at = match.end()
        if not _begins_number(folded, match):
            continue
        first = _value(match["n"])
        if match["n"] == "零":
            continue  # 零件, 零食
        pair = _approximate(match["n"])
        if first is None:
            continue
        currency = next((c for c, _, _ in words.MONEY if match[c]), None)
        end, start = match.end(), match.start()
        unit_end = _unit_at(folded, end)
        low, high = pair or (first, first)
        second = to.match(folded, unit_end[1] if unit_end else end)
        value = _value(second["n"]) if second else None
        if second is not None and value is not None:
            currency = currency or next((c for c, _, _ in words.MONEY if second[c]), None)
            after = _unit_at(folded, second.end())
            same = unit_end is None or (after is not None and after[0].measure is unit_end[0].measure)
            if (
                same
                and (after is not None or currency)
                and value > first * (unit_end[0].factor / after[0].factor if unit_end and after else 1)
            ):
                factor = unit_end[0].factor / after[0].factor if unit_end and after else 1
                low, high, end, unit_end = first * factor, value, second.end(), after
        unit = unit_end[0] if unit_end else None
        if currency is not None and (unit is None or unit.measure is not Measure.MONEY):
            unit, unit_end = _Unit(Measure.MONEY, currency, 1), None
            if currency == "CNY" and _kana().search(folded) and "人" not in match.group():
                unit = _Unit(Measure.MONEY, "JPY", 1)
        if unit is None:
            if (percent := _discount(folded, end)) is not None:
                scale = 10 if low < 10 else 100
                yield Quantity(Measure.SHARE, "", round(low / scale, 6), round(high / scale, 6), start, percent)
                at = percent
            elif counted := _english_noun(folded, match):
                yield _ranged(folded, Quantity(Measure.COUNT, "", low, high, start, end), counted)
            continue
        at = end = unit_end[1] if unit_end else end
        if unit.measure is Measure.TIME and unit.factor == words.YEAR and low == high and low >= 1900:
            year = int(low)
            if year <= 2200:
                yield Quantity(
                    Measure.DATE,
                    "",
                    float(date(year, 1, 1).toordinal()),
                    float(date(year, 12, 31).toordinal()),
                    start,
                    end,
                )
            continue
        if unit == _Unit(Measure.TIME, "", words.DAY) and _compiled(words.WORKING_DAYS_BEFORE).search(folded[:start]):
            unit = _Unit(Measure.WORKING_TIME, "", 1)
        quantity = Quantity(unit.measure, unit.name, _scaled(low, unit), _scaled(high, unit), start, end)
        if unit.measure is Measure.TIME and (half := _compiled(r"半(?!数|径|价)").match(folded, end)):
            more = quantity.low + 0.5 * unit.factor if quantity.low is not None else None
            quantity, at = replace(quantity, low=more, high=more, end=half.end()), half.end()
        yield _ranged(folded, quantity, quantity.end)


def _scaled(value: float, unit: _Unit) -> float:
    if unit.measure is Measure.TIME and unit.factor in (words.MONTH, words.YEAR):
        months = value * (12 if unit.factor == words.YEAR else 1)
        years, rest = divmod(months, 12)
        return round(years * words.YEAR + rest * words.MONTH, 6)
    return round(value * unit.factor, 6)


def _begins_number(folded: str, match: re.Match[str]) -> bool:
    before = folded[match.start() - 1 : match.start()]
    if before in ("", " ", "\n"):
        return True
    written = match["n"]
    if written[0].isdigit():
        if before.isascii() and (before.isalnum() or before in "_.#/"):
            return False  # t12, v1.2, 3/4
        if before == "-" and folded[max(0, match.start() - 2) : match.start() - 1].isalnum():
            return False
        return not (before == "," and folded[max(0, match.start() - 2) : match.start() - 1].isdigit())
    if written[0] in _HAN:
        return before not in "第几数若统万唯单同专" + _HAN and not (before.isdigit())
    return True


def _discount(folded: str, at: int) -> int | None:
    """九折, 85折: the price is that share."""
    match = _compiled(r"\s?折(?!叠|断|旧|价|算|合|扣|磨|现|射)").match(folded, at)
    return match.end() if match else None


def _english_noun(folded: str, match: re.Match[str]) -> int | None:
    """ "up to 5 savings accounts": a number before a word counts something, unless it numbers an item or a thing."""
    if len(match["n"].replace(",", "")) > 6 or not match["n"][0].isascii():
        return None
    if match["n"].startswith(("one", "un", "zero", "mil")) and not _bounded(folded, match.start()):
        return None  # "one of the following"
    line = folded.rfind("\n", 0, match.start()) + 1
    if not folded[line : match.start()].strip(" \t-*#("):
        return None
    return match.end() if _compiled(r"[ -][a-zà-ÿ]{3,}").match(folded, match.end()) else None


def _bounded(folded: str, start: int) -> bool:
    return bool(
        _low_before().search(folded[max(0, start - 24) : start])
        or _high_before().search(folded[max(0, start - 24) : start])
    )


def _fractions(folded: str) -> Iterator[Quantity]:
    number = _number()
    for match in _compiled(rf"(?P<whole>[{_HAN}]+|\d+)分之(?P<part>{number})").finditer(folded):
        whole, part = _value(match["whole"]), _value(match["part"])
        if whole and part is not None and part <= whole:
            share = round(part / whole, 6)
            yield _ranged(folded, Quantity(Measure.SHARE, "", share, share, match.start(), match.end()), match.end())


def _time_words(folded: str) -> Iterator[Quantity]:
    if not _compiled("|".join(words.TIME_WORDS)).search(folded):
        return
    for pattern, hours in words.TIME_WORDS.items():
        for match in _compiled(rf"(?<![一二两三四五六七八九十\d个])(?:{pattern})").finditer(folded):
            yield _ranged(folded, Quantity(Measure.TIME, "", hours, hours, match.start(), match.end()), match.end())


def _settlements(folded: str) -> Iterator[Quantity]:
    """T+2, D+1日: so many working days after the transaction."""
    for match in _compiled(words.SETTLEMENT).finditer(folded):
        days = float(match[1])
        yield Quantity(Measure.WORKING_TIME, "", days, days, match.start(), match.end())


def _count_words(folded: str) -> Iterator[Quantity]:
    if not _compiled("|".join(words.COUNT_WORDS)).search(folded):
        return
    for pattern, (unit, number) in words.COUNT_WORDS.items():
        for match in _compiled(pattern).finditer(folded):
            quantity = Quantity(Measure.COUNT, unit, float(number), float(number), match.start(), match.end())
            yield _ranged(folded, quantity, match.end())


# --- ranges ---


@cache
def _low_before() -> re.Pattern[str]:
    return re.compile(rf"(?:{words.LOW_BEFORE})\s*(?:\(含\))?\s*$")


@cache
def _high_before() -> re.Pattern[str]:
    return re.compile(rf"(?:{words.HIGH_BEFORE})\s*(?:\(含\))?\s*(?:the\s+first\s+|los\s+|an?\s+)?$")


def _ranged(folded: str, quantity: Quantity, end: int) -> Quantity:
    """With the end that a comparator before or after it leaves open. A stated range stays as it is."""
    if quantity.low != quantity.high:
        return quantity
    before = folded[max(0, quantity.start - 24) : quantity.start]
    high, low = _high_before().search(before), _low_before().search(before)
    after_low = _compiled(rf"\s*(?:{words.LOW_AFTER})").match(folded, end)
    after_high = _compiled(rf"\s*(?:{words.HIGH_AFTER})").match(folded, end)
    if high and low:  # "不超过" holds "超过": the longer one is meant
        high, low = (high, None) if high.start() <= low.start() else (None, low)
    if low and not after_high:
        return replace(quantity, high=None)
    if high:
        return replace(quantity, low=None)
    if after_high:
        return replace(quantity, low=None)
    return replace(quantity, high=None) if after_low else quantity


def _joined(folded: str, found: list[Quantity]) -> list[Quantity]:
    """ "1小时30分钟" and "1年6个月" are one time."""
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.measure is quantity.measure is Measure.TIME
            and last.low is not None
            and last.low == last.high
            and (amount := quantity.high if quantity.low is None else quantity.low) is not None
            and amount < last.low
            and re.fullmatch(r"零?|\s?(?:and|y)?\s?", folded[last.end : quantity.start])
            and not re.search(r"[天日]$", folded[last.start : last.end])
        ):
            low = None if quantity.low is None else last.low + quantity.low
            high = None if quantity.high is None else last.low + quantity.high
            joined[-1] = replace(last, low=low, high=high, end=quantity.end)
        else:
            joined.append(quantity)
    return joined


# --- dates ---

_OF_A_DOCUMENT = r"\s*[^\n。]{0,18}?(?:通过|公布|发布|修订|修正|印发|颁布|第[一二三四五六七八九十\d]+次)"


@cache
def _date_patterns() -> tuple[re.Pattern[str], ...]:
    n = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
    year = r"(?:(?:19|20)\d\d|[一二][〇零九一二三四五六七八]{3})"
    month = "|".join(words.MONTHS)
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"(?<!\d)(?P<y>{year})\s?[年년]\s?(?P<m>{n})\s?[月월](?:\s?(?P<d>{n})\s?[日号일])?",
            r"(?<![\d.\-/])(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?![\d\-/])",
            rf"\b(?P<mon>{month})\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y>(?:19|20)\d\d))?(?!\d)",
            rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?:de\s)?(?P<mon>{month})(?:,?\s(?:de\s)?(?P<y>(?:19|20)\d\d))?(?![\da-z])",
            rf"(?<![\d年年])(?P<m>{n})\s?[月월]\s?(?P<d>{n})\s?[日号일](?!内|间)",
        )
    )


def _dates(folded: str) -> Iterator[Quantity]:
    for pattern in _date_patterns():
        for match in pattern.finditer(folded):
            if span := _days(match.groupdict()):
                quantity = Quantity(Measure.DATE, "", span[0], span[1], match.start(), match.end())
                yield _ranged_date(folded, quantity)


def _days(parts: dict[str, str | None]) -> tuple[float, float] | None:
    """First and last day, as ordinals; without a year in the year 4, which has a 29th of February."""

    def number(written: str | None) -> int | None:
        value = _value(written) if written else None
        return None if value is None else int(value)

    year = number(parts.get("y")) if parts.get("y") else 4
    month = number(parts.get("m"))
    if month is None and parts.get("mon"):
        month = next(n for pattern, n in words.MONTHS.items() if re.fullmatch(pattern, parts["mon"] or ""))
    day = number(parts.get("d"))
    if year is None or month is None or not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    if day is not None and not 1 <= day <= last:
        return None
    return float(date(year, month, day or 1).toordinal()), float(date(year, month, day or last).toordinal())


def _ranged_date(folded: str, quantity: Quantity) -> Quantity:
    """自…起, from: low; 至…止, 前, until, before: high. The bound named in the text stays in the base's value."""
    before = folded[max(0, quantity.start - 12) : quantity.start]
    if _compiled(r"^\s?(?:起|开始|以后|之后|후|부터|から|onwards?)").match(folded[quantity.end : quantity.end + 10]):
        return replace(quantity, high=None)
    if re.search(r"(?:from|since|after|desde(?:\sel)?|starting(?:\son)?|effective)\s$", before):
        return replace(quantity, high=None)
    if _compiled(r"^\s?(?:止|以?前|之前|截止|까지|まで|이전)").match(folded[quantity.end : quantity.end + 10]):
        return replace(quantity, low=None)
    if re.search(r"(?:until|before|by|through|hasta(?:\sel)?|截至|截止(?:到|至)?)\s?$", before):
        return replace(quantity, low=None)
    return quantity


def _clocks(folded: str) -> Iterator[Quantity]:
    """18:00, 下午6点, 6 pm, 오후 6시: the hour of the day."""
    for match in _compiled(
        r"(?P<am>上午|凌晨|早上|下午|晚上|晚间|中午|午前|午后|오전|오후)?\s?(?<![\d:])(?P<h>\d{1,2}|[一二两三四五六七八九十]{1,3})"
        r"(?:[:时](?P<min>\d\d)(?![\d:])|点(?:(?P<min2>\d\d)分?|(?P<half>半))?(?!击|数|以上|评)|시(?!간)(?:\s?(?P<min3>\d\d)분)?|时(?![间长限段效候]))"
        r"\s?(?P<pm>[ap]\.?m\b\.?)?|(?<![\d:.])(?P<h2>\d{1,2})\s?(?P<pm2>[ap]\.?m\b\.?)"
    ).finditer(folded):
        hour = _value(match["h"] or match["h2"])
        if hour is None or hour > 24 or (match["h"] and not match["h"].isdigit() and not match["am"]):
            continue
        bare = "点" in match.group() and not (match["am"] or match["half"] or match["min2"])
        if bare and not _compiled(r"\s?(?:前|之前|后|之后|以前|以后|至|到|整|起|-|~)").match(folded, match.end()):
            continue
        minutes = int(match["min"] or match["min2"] or match["min3"] or (30 if match["half"] else 0))
        late = (match["am"] or "") in ("下午", "晚上", "晚间", "午后", "오후") or (
            match["pm"] or match["pm2"] or ""
        ).startswith("p")
        hour = hour + 12 if late and hour < 12 else hour
        value = round(hour + minutes / 60, 6)
        yield Quantity(Measure.CLOCK, "", value, value, match.start(), match.end())


@cache
def _document_dates() -> re.Pattern[str]:
    """2009年8月27日 第十一届…第十次会议通过: when a document was made, not when a rule applies."""
    return re.compile(r"(?:19|20)\d\d\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日" + _OF_A_DOCUMENT)


@cache
def _not_quantities() -> re.Pattern[str]:
    return re.compile("|".join(words.NOT_QUANTITIES))


@cache
def _kana() -> re.Pattern[str]:
    return re.compile(r"[\u3040-\u30ff]")
