"""Dates as people write them in Chinese, Japanese, Korean, English and Spanish documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.numbering import to_int

YEARS = range(1900, 2200)  # a document's date outside of it is a slip, or stands for "never"

_ERAS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}  # year 1 of each
_FIRST_DAYS = {"平成": date(1989, 1, 8), "令和": date(2019, 5, 1)}  # no earlier day has that name
_ROC = 1911  # year 1 of the calendar of the Republic of China is 1912
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPANISH = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "se", "oct", "nov", "dic")
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_MES = "(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)"
_D = "[0-9０-９]"
_N = "[0-9０-９〇○Ｏ零一二三四五六七八九十]"
_DATE = re.compile(
    "|".join(
        (
            rf"(?P<era>{'|'.join(_ERAS)})\s*(?P<y1>元|{_N}{{1,3}})\s*年\s*(?P<m1>{_N}{{1,3}})\s*月\s*(?P<d1>{_N}{{1,3}})\s*日",
            rf"(?P<roc>(?:中[华華])?民[国國])\s*(?P<y2>[0-9０-９〇○零一二三四五六七八九十百]{{1,6}})\s*年"
            rf"\s*(?P<m2>{_N}{{1,3}})\s*月\s*(?P<d2>{_N}{{1,3}})\s*[日号號]",
            rf"(?<!{_N})(?P<y3>{_N}{{4}})\s*年\s*(?P<m3>{_N}{{1,3}})\s*月\s*(?P<d3>{_N}{{1,3}})\s*[日号號]",
            rf"(?<!{_D})(?P<y4>{_D}{{4}})\s*년\s*(?P<m4>{_D}{{1,2}})\s*월\s*(?P<d4>{_D}{{1,2}})\s*일",
            rf"(?<![0-9０-９.\-/])(?P<y5>{_D}{{4}})\s?(?P<s5>[-./－．／])\s?(?P<m5>{_D}{{1,2}})\s?(?P=s5)\s?"
            rf"(?P<d5>{_D}{{1,2}})(?!{_D}|[-/.]\d)",
            rf"\b(?P<n6>{_MONTH})\.?\s+(?P<d6>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y6>\d{{4}})(?!\d)",
            rf"(?<!\d)(?P<d7>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<n7>{_MONTH})\.?,?\s+(?P<y7>\d{{4}})(?!\d)",
            rf"(?<!\d)(?P<d8>\d{{1,2}})[º.°]?\s+(?:de\s+)?(?P<n8>{_MES})\s+(?:del?\s+)?(?P<y8>\d{{4}})(?!\d)",
            r"(?<![\d.\-/])(?P<a>\d{1,2})(?P<s9>[-./])(?P<b>\d{1,2})(?P=s9)(?P<y9>\d{4})(?!\d|[-/.]\d)",
        )
    ),
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?<![0-9A-Za-z.])(?P<y>(?:19|20|21)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![0-9A-Za-z])"
)
_MONTH_ONLY = re.compile(
    rf"(?<!{_N})(?P<y1>{_N}{{4}})\s*年\s*(?P<m1>{_N}{{1,3}})\s*月(?!\s*{_N})|(?<!\d)(?P<y2>\d{{4}})\s*년\s*(?P<m2>\d{{1,2}})\s*월(?!\s*\d)"
    rf"|\b(?P<n3>{_MONTH})\.?,?\s+(?P<y3>\d{{4}})(?!\d)|(?<![\d\-./])(?P<y4>(?:19|20)\d\d)[-./](?P<m4>\d{{1,2}})(?![\d\-./])",
    re.IGNORECASE,
)


_HOUR = "[零〇一二两三四五六七八九十]{1,3}"
CLOCK = (
    r"(?:\s*[（(]?(?:星期|周|週|禮拜|礼拜)[一二三四五六日天][）)]?)?\s*[（(]?\s*(?P<before>北京时间|北京時間)?\s*"
    r"(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上|晚|午前|午後)?\s*T?"
    rf"(?:(?P<h>2[0-4]|[01]?[0-9])\s?[:：]\s?(?P<m>[0-5][0-9])(?:[:：][0-5][0-9])?(?![0-9])"
    rf"|(?P<h2>2[0-4]|[01]?[0-9]|{_HOUR})\s?[时時点點](?:整|(?P<m2>[0-5]?[0-9]|{_HOUR})分|(?P<half>半))?)"
    r"\s*[（(]?(?P<after>北京时间|北京時間|UTC\s?\+\s?0?8(?::00)?|GMT\s?\+\s?0?8(?::00)?)?\s*[）)]?"
)
"""The time of day behind a date: 20:00, 20时30分, 零时, 下午3点（北京时间）. English a.m. and p.m. are not read."""
_CLOCK = re.compile(CLOCK)
_AFTERNOON = ("下午", "傍晚", "晚上", "晚", "午後")


@dataclass(frozen=True, slots=True)
class Day:
    """A date as printed, as a span of the text that was searched."""

    start: int
    end: int
    printed: str
    value: date | None  # None: no calendar has it, or it can be read in two ways
    ambiguous: bool = False  # 01/07/2024

    @property
    def iso(self) -> str:
        return self.value.isoformat() if self.value else ""


def days(text: str, compact: bool = False) -> Iterator[Day]:
    """Every date of the text, in order. `compact`: also 20240701, which in prose may be any number."""
    found = [_day(match) for match in _DATE.finditer(text)]
    if compact:
        found += [_plain_day(match) for match in _COMPACT.finditer(text)]
    return iter(sorted(found, key=lambda day: day.start))


def first_day(text: str, compact: bool = False) -> Day | None:
    return next(days(text, compact), None)


def moment(day: Day, after: str, until: bool = False) -> str:
    """The day as ISO writes it, with the time where `after`, the text behind the date, begins with one; "" for no date.

    A day's first moment is the day, but as an end: until 31 December 24:00 is until 2026-01-01T00:00, excluded.
    """
    match = _CLOCK.match(after)
    if day.value is None or match is None:
        return day.iso
    hour = to_int(match["h"] or match["h2"])
    minute = 30 if match["half"] else to_int(match["m"] or match["m2"] or "0")
    if hour is None or minute is None or not 0 <= minute < 60 or hour > 24 or (hour == 24 and minute):
        return day.iso
    if match["part"] in _AFTERNOON and hour < 12:
        hour += 12
    value = day.value + timedelta(days=hour // 24) if day.value < date.max else day.value
    if not hour % 24 and not minute and not until:
        return value.isoformat()
    zone = "+08:00" if match["before"] or match["after"] else ""
    return f"{value.isoformat()}T{hour % 24:02}:{minute:02}{zone}"


def clock_end(after: str) -> int:
    """How many characters of the text behind a date tell its time of day."""
    match = _CLOCK.match(after)
    return match.end() if match else 0


def month(text: str) -> tuple[str, str] | None:
    """ "2025-12" and how it is printed, where the text has a month without a day."""
    for match in _MONTH_ONLY.finditer(text):
        groups = match.groupdict()
        year = to_int(next(groups[k] for k in ("y1", "y2", "y3", "y4") if groups[k]))
        number = (
            _month(groups["n3"]) if groups["n3"] else to_int(next(groups[k] for k in ("m1", "m2", "m4") if groups[k]))
        )
        if year in YEARS and number in range(1, 13):
            return f"{year:04d}-{number:02d}", match[0]
    return None


def _day(match: re.Match[str]) -> Day:
    groups = match.groupdict()

    def one(letter: str) -> str | None:
        return next((groups[f"{letter}{i}"] for i in range(1, 10) if groups.get(f"{letter}{i}")), None)

    number: int | None
    day: int | None
    year = 1 if groups["y1"] == "元" else to_int(one("y") or "")
    if groups["a"]:
        first, second = int(groups["a"]), int(groups["b"])
        if first <= 12 and second <= 12 and first != second:
            return Day(match.start(), match.end(), match[0], None, ambiguous=True)
        number, day = (first, second) if second > 12 else (second, first)
    else:
        name = one("n")
        number = _month(name) if name else to_int(one("m") or "")
        day = to_int(one("d") or "")
    if year is not None and groups["era"]:
        year += _ERAS[groups["era"]] - 1
    if year is not None and groups["roc"]:
        year += _ROC
    value = _real(year, number, day)
    if value and groups["era"] in _FIRST_DAYS and value < _FIRST_DAYS[groups["era"]]:
        value = None
    return Day(match.start(), match.end(), match[0], value)


def _plain_day(match: re.Match[str]) -> Day:
    return Day(match.start(), match.end(), match[0], _real(int(match["y"]), int(match["m"]), int(match["d"])))


def _month(name: str) -> int | None:
    short = name[:3].lower()
    for months in (_ENGLISH, _SPANISH):
        for number, start in enumerate(months, 1):
            if short.startswith(start):
                return number
    return None


def _real(year: int | None, number: int | None, day: int | None) -> date | None:
    if year is None or number is None or day is None or year not in YEARS:
        return None
    try:
        return date(year, number, day)
    except ValueError:
        return None
