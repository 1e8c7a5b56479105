"""Dates in a question: "去年双十一买的", "2024年5月的订单", "my November 2023 order"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from kb.text import fold, numeral


@dataclass(frozen=True, slots=True)
class TimeWords:
    """A moment that a question names. `on` is the middle of what was named when it is not a day."""

    on: date
    words: str


_BOUGHT = re.compile(
    r"买|购|下的?单|收的|订单|拍的|付款|签收|收到|到货|发货|出票|开票|办的|充的|签的|入手|当时|那会|那时|旧|老规|原来的|版"
    r"|order|bought|purchas|ordered|receiv|issued|paid|signed|old rule|edition|version|in force"
    r"|注文|購入|買っ|受け取|旧|当時|주문|구매|샀|받은|당시|pedido|compr|recib"
)
_YEAR_DIGITS = r"(?:(?P<year>(?:19|20)\d{2})|(?<!\d)(?P<short>[12]\d))"
_FESTIVALS = {"双11": (11, 11), "双十一": (11, 11), "双12": (12, 12), "双十二": (12, 12), "618": (6, 18)}
_FESTIVAL = "|".join(_FESTIVALS)
_RELATIVE_YEAR = {
    "今年": 0,
    "去年": 1,
    "前年": 2,
    "大前年": 3,
    "last year": 1,
    "去年の": 1,
    "작년": 1,
    "el año pasado": 1,
}
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_SPANISH_MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
_SEASONS = {"春": 4, "夏": 7, "秋": 10, "冬": 12, "年底": 12, "年末": 12, "年初": 1}

_FULL = re.compile(r"(?P<y>(?:19|20)\d{2})\s*[-/.年년]\s*(?P<m>\d{1,2})(?:\s*[-/.月월]\s*(?P<d>\d{1,2}))?")
_CHINESE_YEAR = re.compile(r"(?P<n>[二2][〇零0][一二三四五六七八九〇零0-9]{2}|[一二][一二三四五六七八九])年")
_YEAR_ONLY = re.compile(
    rf"(?:{_YEAR_DIGITS}\s*(?:年|년))\s*(?:(?P<month>\d{{1,2}})\s*(?:月|월)|(?P<festival>{_FESTIVAL})|(?P<season>春|夏|秋|冬|底|末|初))?"
)
_RELATIVE = re.compile(
    rf"(?P<rel>大前年|{'|'.join(k for k in _RELATIVE_YEAR if k != '大前年')})\s*"
    rf"(?:的)?(?:(?P<month>\d{{1,2}})月|(?P<festival>{_FESTIVAL})|(?P<season>春|夏|秋|冬|底|末|初|年底|年末|年初))?"
)
_ENGLISH = re.compile(
    rf"(?:(?P<month>{'|'.join(_MONTHS + _SPANISH_MONTHS)})\s+(?:de\s+|of\s+)?)?"
    # a sum of money or a quantity is no year
    r"(?<![\d.¥￥$€])(?P<year>20\d{2})(?![\d.,]\d|\d|\s*(?:元|块|件|个|台|斤|克|米|毫|円|원|yuan|rmb|usd|dollar|euro))"
)
_AGO = re.compile(
    r"(?P<n>\d{1,3})\s*(?P<unit>天|个?月|年|周|个?星期)(?:以)?前|(?P<en>\d{1,3})\s*(?P<enunit>day|week|month|year)s?\s+ago"
)
_LAST_MONTH = re.compile(r"上个?月|last month|先月|지난달")
_DAYS = {"天": 1, "周": 7, "星期": 7, "月": 30, "年": 365, "day": 1, "week": 7, "month": 30, "year": 365}


def find(text: str, today: date) -> TimeWords | None:
    """The past moment at which something was bought, ordered or received, if the text names one.

    A date alone is not enough ("最晚2025年5月退"): a word of buying, or of an old rule, must stand in
    the text too. Moments in the future are ignored.
    """
    folded = _CHINESE_YEAR.sub(lambda m: f"{_chinese_year(m.group('n'))}年", fold(text))
    if not _BOUGHT.search(folded):
        return None
    for finder in (_full, _year, _relative, _english, _ago):
        found = finder(folded, today)
        if found is not None and found.on < today:
            return found
    return None


def _chinese_year(text: str) -> str:
    digits = "".join(c if c.isdigit() and c.isascii() else str(numeral(c)) for c in text)
    return digits if len(digits) == 4 else "20" + digits


def _full(text: str, today: date) -> TimeWords | None:
    for match in _FULL.finditer(text):
        day = match.group("d")
        if found := _date(int(match.group("y")), int(match.group("m")), int(day) if day else 15):
            return TimeWords(found, match.group().strip(" -/."))
    return None


def _year(text: str, today: date) -> TimeWords | None:
    for match in _YEAR_ONLY.finditer(text):
        year = int(match.group("year") or "20" + match.group("short"))
        if found := _within(year, match):
            return TimeWords(found, match.group().strip())
    return None


def _relative(text: str, today: date) -> TimeWords | None:
    for match in _RELATIVE.finditer(text):
        years = _RELATIVE_YEAR[match.group("rel")]
        if not years and not (match.group("month") or match.group("festival") or match.group("season")):
            continue
        if found := _within(today.year - years, match):
            return TimeWords(found, match.group().strip())
    return None


def _within(year: int, match: re.Match[str]) -> date | None:
    if festival := match.group("festival"):
        return _date(year, *_FESTIVALS[festival])
    if month := match.group("month"):
        return _date(year, int(month), 15)
    if season := match.group("season"):
        return _date(year, _SEASONS.get(season, _SEASONS.get("年" + season, 7)), 15)
    return _date(year, 7, 1)


def _english(text: str, today: date) -> TimeWords | None:
    for match in _ENGLISH.finditer(text):
        name = match.group("month")
        months = _MONTHS if name in _MONTHS else _SPANISH_MONTHS
        month, day = (months.index(name) + 1, 15) if name else (7, 1)
        if found := _date(int(match.group("year")), month, day):
            return TimeWords(found, match.group().strip())
    return None


def _ago(text: str, today: date) -> TimeWords | None:
    if match := _AGO.search(text):
        count = int(match.group("n") or match.group("en"))
        unit = (match.group("unit") or match.group("enunit")).removeprefix("个")
        return TimeWords(today - timedelta(days=count * _DAYS[unit]), match.group())
    if match := _LAST_MONTH.search(text):
        return TimeWords(today - timedelta(days=30), match.group())
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
