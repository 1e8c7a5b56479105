"""Moments in a question: "去年双十一买的", "上周三签收的", "昨晚八点下单", "my November 2023 order".

A lunar festival stands for the middle of the days that it can fall on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kb.text import fold, numeral


@dataclass(frozen=True, slots=True)
class TimeWords:
    """A moment that a question names. `on` is the middle of what was named when it is longer than a day, and a minute
    (without a zone: the base's) where an hour is named."""

    on: date | datetime
    words: str


_BOUGHT = re.compile(
    r"买|购|下的?单|下了单|收的|到手|拿到|订单|拍的|付款|签收|收到|到货|发货|出票|开票|办的|充的|签的|入手|当时|那会|那时|旧|老规|原来的|版"
    r"|order|bought|purchas|ordered|receiv|issued|paid|signed|old rule|edition|version|in force"
    r"|注文|購入|買っ|受け取|旧|当時|주문|구매|샀|받은|당시|pedido|compr|recib"
)
_YEAR_DIGITS = r"(?:(?P<year>(?:19|20)\d{2})|(?<!\d)(?P<short>[12]\d))"
# Days of the year that sales and gifts hang on. None: computed.
_FESTIVALS: dict[str, tuple[int, int] | None] = {
    "双11": (11, 11),
    "双十一": (11, 11),
    "双12": (12, 12),
    "双十二": (12, 12),
    "618": (6, 18),
    "六一八": (6, 18),
    "818": (8, 18),
    "元旦": (1, 1),
    "情人节": (2, 14),
    "三八节": (3, 8),
    "妇女节": (3, 8),
    "五一": (5, 1),
    "劳动节": (5, 1),
    "六一": (6, 1),
    "儿童节": (6, 1),
    "教师节": (9, 10),
    "国庆节": (10, 1),
    "国庆": (10, 1),
    "圣诞节": (12, 25),
    "圣诞": (12, 25),
    "春节": (2, 5),  # 21 January to 20 February
    "过年": (2, 5),
    "端午": (6, 9),  # 25 May to 25 June
    "七夕": (8, 15),  # 31 July to 30 August
    "中秋": (9, 22),  # 8 September to 8 October
    "黑色星期五": None,
    "黑五": None,
    "black friday": None,
    "cyber monday": None,
    "singles day": (11, 11),
    "singles' day": (11, 11),
    "double 11": (11, 11),
    "double eleven": (11, 11),
    "double 12": (12, 12),
    "christmas": (12, 25),
}
_FESTIVAL = "|".join(sorted(map(re.escape, _FESTIVALS), key=len, reverse=True))
_NAMED = re.compile(rf"(?<![\d一二三四五六七八九十百])(?:{_FESTIVAL})(?![\d一二三四五六七八九十元块件])")
_ONE_NAME = {"黑色星期五": "black friday", "黑五": "black friday"}
_FESTIVAL_BEFORE = re.compile(rf"(?P<festival>{_FESTIVAL})(?:\s+(?:of|in))?,?\s*$")
_AFTER_BLACK_FRIDAY = {"cyber monday": 3}
_NOT_PAST = re.compile(r"(?:明年|后年|今年|去年|前年|下个?|next|this|coming)\s*(?:的)?$")
_RECENT_DAYS = 60  # a festival without a year is the last one if it is no longer ago; else the next may be meant
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
    rf"(?:{_YEAR_DIGITS}\s*(?:年|년))\s*(?:(?P<month>\d{{1,2}})\s*(?:月|월)(?:(?P<day>\d{{1,2}})[日号])?|(?P<festival>{_FESTIVAL})|(?P<season>春|夏|秋|冬|底|末|初))?"
)
_RELATIVE = re.compile(
    rf"(?P<rel>大前年|{'|'.join(k for k in _RELATIVE_YEAR if k != '大前年')})\s*"
    rf"(?:的|'s\s)?(?:(?P<month>\d{{1,2}})月(?:(?P<day>\d{{1,2}})[日号])?|(?P<festival>{_FESTIVAL})|(?P<season>春|夏|秋|冬|底|末|初|年底|年末|年初))?"
)
_ENGLISH = re.compile(
    rf"(?:(?P<month>{'|'.join(_MONTHS + _SPANISH_MONTHS)})\s+(?:de\s+|of\s+)?)?"
    # a sum of money or a quantity is no year
    r"(?<![\d.¥￥$€])(?P<year>20\d{2})(?![\d.,]\d|\d|\s*(?:元|块|件|个|台|斤|克|米|毫|円|원|yuan|rmb|usd|dollar|euro))"
)
_AGO = re.compile(
    r"(?P<n>\d{1,3})\s*(?P<unit>天|日|个?月|年|周|个?星期|个?礼拜)(?:多)?(?:之|以)?前"
    r"|(?P<half>半)(?P<halfunit>个?月|年)(?:多)?(?:之|以)?前"
    r"|(?P<en>\d{1,3}|an?|one|two|three|four|five|six)\s+(?P<enunit>day|week|month|year)s?\s+ago"
)
_DAYS = {
    "天": 1,
    "日": 1,
    "周": 7,
    "星期": 7,
    "礼拜": 7,
    "月": 30,
    "年": 365,
    "day": 1,
    "week": 7,
    "month": 30,
    "year": 365,
}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六")} | {"日": 6, "天": 6} | {str(n + 1): n for n in range(6)}
_ENGLISH_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_DAY_NAMES = {
    "大前天": 3, "前天": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "昨儿": 1, "前晚": 2, "前日": 2,
    "the day before yesterday": 2, "yesterday": 1, "last night": 1, "一昨日": 2, "어제": 1, "그저께": 2, "ayer": 1,
    "今天": 0, "今早": 0, "今晨": 0, "this morning": 0,
}  # fmt: skip
_DAY_NAME = re.compile("|".join(sorted(map(re.escape, _DAY_NAMES), key=len, reverse=True)))
_WEEK = re.compile(
    r"(?P<back>上+)个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天1-6])?|(?:这|本)(?:周|个?星期|个?礼拜)(?P<this>[一二三四五六日天1-6])"
    rf"|last (?:(?P<enday>{'|'.join(_ENGLISH_WEEKDAYS)})|(?P<week>week))\b|先週|지난주"
)
_MONTH = re.compile(
    r"(?P<back>上+)个?月(?:的)?(?:(?P<day>\d{1,2})[号日]|(?P<part>初|中旬?|底|末|下旬|上旬))?"
    r"|(?:这个?|本|当)月(?P<this>\d{1,2})[号日]|last month|先月|지난달"
)
_PARTS = {"初": 5, "上旬": 5, "中": 15, "中旬": 15, "下旬": 25, "底": 28, "末": 28}
_MONTH_DAY = re.compile(r"(?<![\d年.\-/])(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?(?!\d)")
_ENGLISH_MONTH_DAY = re.compile(
    rf"\b(?P<month>{'|'.join(_MONTHS)})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y>20\d{{2}}))?\b(?!\s*(?:items|pieces))"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{'|'.join(_MONTHS)})(?:,?\s+(?P<y2>20\d{{2}}))?\b"
)
_LAST_FESTIVAL = re.compile(rf"(?P<last>上(?:一个|个|次)|last\s+)?(?P<festival>{_FESTIVAL})(?!\d)")
_HOUR_DIGITS = r"(?:\d{1,2}|十[一二]?|[一二两三四五六七八九])"
_HOUR = re.compile(
    rf"(?P<part>凌晨|清晨|早上|早晨|今早|上午|中午|下午|傍晚|晚上|昨晚|前晚|昨夜|夜里|晚)?\s*(?P<h>{_HOUR_DIGITS})(?:点|时(?!候|间))"
    r"(?:钟|整)?(?:(?P<half>半)|(?P<quarter>[一三13])刻|(?P<min>[0-5]?\d)分?)?"
    r"|(?P<part2>凌晨|早上|上午|中午|下午|晚上|昨晚)?\s*(?<!\d)(?P<h2>[01]?\d|2[0-3])[:：](?P<min2>[0-5]\d)(?!\d)\s*(?P<pm2>am|pm)?"
    r"|\b(?P<h3>1[0-2]|[1-9])\s*(?P<pm3>am|pm)\b"
)
_AFTERNOON = ("下午", "傍晚", "晚上", "昨晚", "前晚", "昨夜", "夜里", "晚", "夜", "中午", "pm")


def find(text: str, now: date | datetime) -> TimeWords | None:
    """The past moment at which something was bought, ordered or received, if the text names one.

    A date alone is not enough ("最晚2025年5月退"): a word of buying, or of an old rule, must stand in the text too,
    unless it is a sale of a year that is named ("去年双十一的满减"), whose rules were that year's. Moments in the future are ignored. `now` is a day, or a moment in the zone that the words are meant in.
    """
    folded = _CHINESE_YEAR.sub(lambda m: f"{_chinese_year(m.group('n'))}年", fold(text))
    bought = _BOUGHT.search(folded)
    today = now.date() if isinstance(now, datetime) else now
    for finder in (_full, _year, _relative, _english, _day_name, _week, _month, _ago, _month_day, _festival):
        found = finder(folded, today)
        if found is None or found.day > today or not (bought or found.sale):
            continue
        moment = found.exact and _hour(folded, found)
        if isinstance(moment, TimeWords):
            assert isinstance(moment.on, datetime)
            past = moment.on < (
                now.replace(tzinfo=None) if isinstance(now, datetime) else datetime.combine(now, time())
            )
            if past:
                return moment
        elif found.day < today:
            return TimeWords(found.day, found.words)
    return None


@dataclass(frozen=True, slots=True)
class _Found:
    day: date
    words: str
    end: int  # of the words, in the folded text
    exact: bool = True  # a day was named, not a month or a year
    sale: bool = False  # a festival was named with its year


def festivals(folded: str) -> frozenset[str]:
    """The festivals that a folded text names, each by one name whatever it is called."""
    days = {name: _FESTIVALS[name] for name in _NAMED.findall(folded)}
    return frozenset(f"{day[0]}-{day[1]}" if day else _ONE_NAME.get(name, name) for name, day in days.items())


def _chinese_year(text: str) -> str:
    digits = "".join(c if c.isdigit() and c.isascii() else str(numeral(c)) for c in text)
    return digits if len(digits) == 4 else "20" + digits


def _full(text: str, today: date) -> _Found | None:
    for match in _FULL.finditer(text):
        day = match.group("d")
        if found := _date(int(match.group("y")), int(match.group("m")), int(day) if day else 15):
            end = match.end() + (text[match.end() : match.end() + 1] in tuple("月日号"))
            return _Found(found, text[match.start() : end].strip(" -/."), end, bool(day))
    return None


def _year(text: str, today: date) -> _Found | None:
    for match in _YEAR_ONLY.finditer(text):
        year = int(match.group("year") or "20" + match.group("short"))
        if found := _within(year, match):
            sale = bool(match.group("festival"))
            return _Found(found, match.group().strip(), match.end(), sale or bool(match.group("day")), sale)
    return None


def _relative(text: str, today: date) -> _Found | None:
    for match in _RELATIVE.finditer(text):
        years = _RELATIVE_YEAR[match.group("rel")]
        before = _FESTIVAL_BEFORE.search(text[: match.start()])  # Double 11 last year
        if before and (found := _festival_of(today.year - years, before.group("festival"))):
            return _Found(found, text[before.start() : match.end()], match.end(), sale=True)
        if not years and not (match.group("month") or match.group("festival") or match.group("season")):
            continue
        if found := _within(today.year - years, match):
            sale = bool(match.group("festival"))
            return _Found(found, match.group().strip(), match.end(), sale or bool(match.group("day")), sale)
    return None


def _within(year: int, match: re.Match[str]) -> date | None:
    if festival := match.group("festival"):
        return _festival_of(year, festival)
    if month := match.group("month"):
        return _date(year, int(month), int(match.group("day") or 15))
    if season := match.group("season"):
        return _date(year, _SEASONS.get(season, _SEASONS.get("年" + season, 7)), 15)
    return _date(year, 7, 1)


def _festival_of(year: int, name: str) -> date | None:
    if (day := _FESTIVALS[name]) is not None:
        return _date(year, *day)
    first = date(year, 11, 1)
    thanksgiving = first + timedelta(days=(3 - first.weekday()) % 7 + 21)  # the fourth Thursday of November
    return thanksgiving + timedelta(days=1 + _AFTER_BLACK_FRIDAY.get(name, 0))


def _festival(text: str, today: date) -> _Found | None:
    """The last one, where it is said to be the last or is not long ago."""
    for match in _LAST_FESTIVAL.finditer(text):
        if _NOT_PAST.search(text[: match.start()]) or text[match.end() : match.end() + 1] in ("前", "后"):
            continue
        days = [_festival_of(year, match.group("festival")) for year in (today.year, today.year - 1)]
        last = next((day for day in days if day is not None and day < today), None)
        if last and (match.group("last") or (today - last).days <= _RECENT_DAYS):
            return _Found(last, match.group().strip(), match.end(), sale=bool(match.group("last")))
    return None


def _english(text: str, today: date) -> _Found | None:
    for match in _ENGLISH_MONTH_DAY.finditer(text):
        month = _MONTHS.index(match.group("month") or match.group("month2")) + 1
        day, year = int(match.group("d") or match.group("d2")), match.group("y") or match.group("y2")
        if found := _date(int(year), month, day) if year else _last(today, month, day):
            return _Found(found, match.group().strip(), match.end())
    for match in _ENGLISH.finditer(text):
        name, year = match.group("month"), int(match.group("year"))
        before = _FESTIVAL_BEFORE.search(text[: match.start()])
        if before and (found := _festival_of(year, before.group("festival"))):
            return _Found(found, text[before.start() : match.end()], match.end(), sale=True)
        months = _MONTHS if name in _MONTHS else _SPANISH_MONTHS
        month, day = (months.index(name) + 1, 15) if name else (7, 1)
        if found := _date(year, month, day):
            return _Found(found, match.group().strip(), match.end(), False)
    return None


def _day_name(text: str, today: date) -> _Found | None:
    if match := _DAY_NAME.search(text):
        return _Found(today - timedelta(days=_DAY_NAMES[match.group()]), match.group(), match.end())
    return None


def _week(text: str, today: date) -> _Found | None:
    monday = today - timedelta(days=today.weekday())
    if not (match := _WEEK.search(text)):
        return None
    if this := match.group("this"):
        return _Found(monday + timedelta(days=_WEEKDAYS[this]), match.group(), match.end())
    if name := match.group("enday"):  # the last one before today
        back = (today.weekday() - _ENGLISH_WEEKDAYS.index(name) - 1) % 7 + 1
        return _Found(today - timedelta(days=back), match.group(), match.end())
    weeks = len(match.group("back") or "上")
    day = match.group("day")
    found = monday - timedelta(days=7 * weeks) + timedelta(days=_WEEKDAYS[day] if day else 3)
    return _Found(found, match.group(), match.end(), bool(day))


def _month(text: str, today: date) -> _Found | None:
    if not (match := _MONTH.search(text)):
        return None
    if this := match.group("this"):
        day = _date(today.year, today.month, int(this))
        return _Found(day, match.group(), match.end()) if day else None
    month = today.year * 12 + today.month - 1 - len(match.group("back") or "上")
    part = match.group("part")
    day = _date(month // 12, month % 12 + 1, int(match.group("day") or _PARTS.get(part or "中", 15)))
    return _Found(day, match.group(), match.end(), bool(match.group("day"))) if day else None


def _month_day(text: str, today: date) -> _Found | None:
    for match in _MONTH_DAY.finditer(text):
        if found := _last(today, int(match.group("m")), int(match.group("d"))):
            return _Found(found, match.group(), match.end())
    return None


def _last(today: date, month: int, day: int) -> date | None:
    """The last such day of a year that is not after today."""
    days = (_date(year, month, day) for year in (today.year, today.year - 1))
    return next((found for found in days if found is not None and found <= today), None)


def _ago(text: str, today: date) -> _Found | None:
    if not (match := _AGO.search(text)):
        return None
    if match.group("half"):
        days = _DAYS[match.group("halfunit").removeprefix("个")] // 2
        return _Found(today - timedelta(days=days), match.group(), match.end(), False)
    number = match.group("n") or match.group("en")
    unit = (match.group("unit") or match.group("enunit")).removeprefix("个")
    days = (_NUMBERS.get(number) or int(number)) * _DAYS[unit]
    return _Found(today - timedelta(days=days), match.group(), match.end(), days < 7)


def _hour(text: str, found: _Found) -> TimeWords | None:
    """The minute of the day, where an hour stands right behind the day's words, or in them (昨晚八点)."""
    match = _HOUR.match(text, found.end) or _HOUR.match(text.replace("的", " ", 1), found.end)
    behind = re.match(r"\s*(?:的|大概|大约|差不多|at|around)?\s*", text[found.end :])
    if match is None and behind is not None:
        match = _HOUR.match(text, found.end + behind.end())
    if match is None:
        return None
    part = match.group("part") or match.group("part2") or match.group("pm2") or match.group("pm3") or found.words[-1:]
    hour = _number(match.group("h") or match.group("h2") or match.group("h3"))
    minute = (
        30
        if match.group("half")
        else _quarter(match.group("quarter")) or int(match.group("min") or match.group("min2") or 0)
    )
    day = found.day
    if part[-1:] in ("晚", "夜") and (hour < 6 or hour == 12):  # 昨晚两点 is today, before dawn
        day, hour = day + timedelta(days=1), hour % 12
    elif hour < 12 and part in _AFTERNOON and not (part == "中午" and hour >= 11):
        hour += 12
    elif hour == 12 and part in ("凌晨", "am"):
        hour = 0
    if hour > 23:
        return None
    start = text.find(found.words)
    words = text[start : match.end()] if 0 <= start < match.end() else found.words + match.group()
    return TimeWords(datetime.combine(day, time(hour, minute)), words.strip())


def _quarter(text: str | None) -> int:
    return {"一": 15, "1": 15, "三": 45, "3": 45}.get(text or "", 0)


def _number(text: str) -> int:
    return int(text) if text.isascii() else numeral(text) or 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
