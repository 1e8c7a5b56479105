"""Moments in a question: "去年双十一买的", "上周三签收的", "昨晚八点下单", "my November 2023 order"."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from assistant.festivals import NAME as _FESTIVAL
from assistant.festivals import day_of
from kb.text import fold, numeral


@dataclass(frozen=True, slots=True)
class TimeWords:
    """A moment that a question names. `on` is the middle of what was named when it is longer than a day, and a minute
    (without a zone: the base's) where an hour is named."""

    on: date | datetime
    words: str


_BOUGHT = re.compile(
    r"买|购|下的?单|下了单|收的|收了|收货|到手|拿到|订单|预订|拍的|拍下|付款|签收|收到|到货|发货|出票|开票|开通|激活|续费|办的|充的|签的|入手"
    r"|当时|那会|那时|旧|老规|原来的|版"
    r"|order|bought|purchas|ordered|receiv|issued|paid|signed|old rule|edition|version|in force"
    r"|注文|購入|買っ|受け取|旧|当時|주문|구매|샀|받은|당시|pedid|pedí|compr|recib"
)
# Said of what is over: 12月10号买的 on 24 November was last year, 12月10号下单 may be meant to come.
_OVER = re.compile(
    r"[买购订拍付收签办充开入][^，,。;；?？\s\d]{0,3}[的了过]|下[的了过]?单[的了过]|下[的了]单|收到|签收|到手|当时|那会|那时"
    r"|bought|ordered|purchased|received|paid|した|った|샀|했|받은|compré|compró|recibí|recibió|pedí"
)
_SOON = 60  # days within which a day without a year may be meant to come
_NUMERAL = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_YEAR_DIGITS = r"(?:(?P<year>(?:19|20)\d{2})|(?<!\d)(?P<short>[12]\d))"
_FESTIVAL_BEFORE = re.compile(rf"(?P<festival>{_FESTIVAL})(?:\s+(?:of|in))?,?\s*$")
_NOT_PAST = re.compile(r"(?:明年|后年|今年|去年|前年|下个?|next|this|coming)\s*(?:的)?$")
_RELATIVE_YEAR = {
    "今年": 0, "去年": 1, "前年": 2, "大前年": 3, "last year": 1, "去年の": 1, "一昨年": 2, "昨年": 1, "작년": 1, "재작년": 2,
    "el año pasado": 1,
}  # fmt: skip
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december"]  # fmt: skip
_SPANISH_MONTHS = ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
                   "noviembre", "diciembre"]  # fmt: skip
_MONTH_NAMES = {
    **{name: n for n, name in enumerate(_MONTHS, 1)},
    **{name: n for n, name in enumerate(_SPANISH_MONTHS, 1)},
    **{name[:3]: n for n, name in enumerate(_MONTHS, 1)},
    "sept": 9,
}
_MONTH_NAME = "|".join(sorted(_MONTH_NAMES, key=len, reverse=True))
_SEASONS = {
    "春": 4, "夏": 7, "秋": 10, "冬": 12, "年底": 12, "年末": 12, "底": 12, "末": 12, "年初": 1, "初": 1, "年中": 6,
    "上半年": 4, "下半年": 10, "봄": 4, "여름": 7, "가을": 10, "겨울": 12,
    "spring": 4, "summer": 7, "autumn": 10, "fall": 10, "winter": 1,
}  # fmt: skip
_SEASON = "|".join(sorted(_SEASONS, key=len, reverse=True))

_FULL = re.compile(
    r"(?P<y>(?:19|20)\d{2})\s*[-/.年년]\s*(?P<m>\d{1,2})(?:\s*[-/.月월]\s*(?P<d>\d{1,2}))?"
    r"|(?<!\d)(?P<y2>20[0-3]\d)(?P<m2>0[1-9]|1[0-2])(?P<d2>[0-2]\d|3[01])(?!\d)"
)
_CHINESE_YEAR = re.compile(r"(?P<n>[二2][〇零0][一二三四五六七八九〇零0-9]{2}|[一二][一二三四五六七八九])年")
_CHINESE_DAY = re.compile(
    r"(?<=\d月)(?P<n>[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?![一二三四五六七八九十个])"
)
_YEAR_ONLY = re.compile(
    rf"(?:{_YEAR_DIGITS}\s*(?:年|년))\s*的?(?:(?P<month>\d{{1,2}})\s*(?:月|월)(?:(?P<day>\d{{1,2}})[日号])?"
    rf"|(?P<festival>{_FESTIVAL})|(?P<season>{_SEASON}))?"
)
_RELATIVE = re.compile(
    rf"(?P<rel>{'|'.join(sorted(_RELATIVE_YEAR, key=len, reverse=True))})\s*"
    rf"(?:的|'s\s)?(?:(?P<month>\d{{1,2}})\s?(?:月|월)(?:(?P<day>\d{{1,2}})[日号])?|(?P<festival>{_FESTIVAL})"
    rf"|(?P<season>{_SEASON})|(?P<now>这个?时候|这会儿?|今天|同期|同一?时[期间]))?"
)
_ENGLISH = re.compile(
    rf"(?:\b(?P<month>{_MONTH_NAME})\.?\s+(?:de\s+|of\s+)?)?"
    # a sum of money or a quantity is no year
    r"(?<![\d.¥￥$€])(?P<year>20\d{2})(?![\d.,]\d|\d|\s*(?:元|块|件|个|台|斤|克|米|毫|円|원|yuan|rmb|usd|dollar|euro))"
)
_SMALL = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "a couple of": 2, "a few": 3,
    "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6,
    "한": 1, "두": 2, "세": 3, "네": 4, "几": 3, "好几": 4,
}  # fmt: skip
_DAYS = {
    "天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365,
    "周间": 7, "日间": 1, "年间": 365, "か月": 30, "ヶ月": 30, "ケ月": 30,
    "일": 1, "주": 7, "주일": 7, "달": 30, "개월": 30, "년": 365,
    "day": 1, "week": 7, "month": 30, "year": 365,
    "día": 1, "semana": 7, "mes": 30, "año": 365,
}  # fmt: skip
_UNIT = r"天|日|(?:个多?)?月|年|周|(?:个多?)?(?:星期|礼拜)"
_AGO = re.compile(
    rf"(?P<n>{_NUMERAL}|好几|几(?=\S{{1,4}}前(?:买|购|下|收|签|拍|付|到)))(?P<more>[来几多]?)(?P<unit>{_UNIT})(?:多|(?P<andhalf>半))?(?:之|以)?前"
    r"|(?P<half>半)(?P<halfunit>(?:个多?)?月|年)(?:多)?(?:之|以)?前"
    rf"|(?P<jan>{_NUMERAL})(?P<jaunit>日|周间|か月|ヶ月|ケ月|年)前"
    r"|(?P<kon>\d{1,3}|[한두세네])\s*(?P<kounit>일|주일?|달|개월|년)\s*전"
    r"|(?P<en>\d{1,3}|an?|one|two|three|four|five|six|a couple of|a few)\s+(?P<enunit>day|week|month|year)s?\s+ago"
    r"|hace\s+(?P<esn>\d{1,3}|una?|dos|tres|cuatro|cinco|seis)\s+(?P<esunit>día|semana|mes|año)(?:e?s)?"
)
# How long something has been owned: 买了两年了, 用了三个月坏了. 买了3年会员 is what was bought.
_SINCE = re.compile(
    rf"(?:买|用|收到|签收|到手|入手|拍)了?(?:都|快|差不多|大概|已经|有|才|刚)*(?P<n>{_NUMERAL}|半)(?P<more>多?)(?P<unit>{_UNIT})"
    r"(?:多|(?P<andhalf>半))?(?=了|[，,。;；?？!！\s]|就?坏|不到|$)"
)
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六")} | {"日": 6, "天": 6} | {str(n + 1): n for n in range(6)}
_ENGLISH_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_DAY_NAMES = {
    "大前天": 3, "前天": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "昨儿": 1, "前晚": 2, "前日": 2,
    "the day before yesterday": 2, "yesterday": 1, "last night": 1, "一昨日": 2, "어제": 1, "그저께": 2, "anteayer": 2,
    "ayer": 1, "今天": 0, "今早": 0, "今晨": 0, "this morning": 0,
}  # fmt: skip
_DAY_NAME = re.compile("|".join(sorted(map(re.escape, _DAY_NAMES), key=len, reverse=True)))
_WEEK = re.compile(
    r"(?P<back>上+)个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天1-6])?|(?:这|本)(?:周|个?星期|个?礼拜)(?P<this>[一二三四五六日天1-6])"
    r"|(?<![上下每隔这本个到至])(?:周|星期|礼拜)(?P<last>[一二三四五六日天])(?![到至~一二三四五六-])(?=\S{0,4}?(?:买|购|下的?单|下了单|收|签|拍|付|到))"
    rf"|last (?:(?P<enday>{'|'.join(_ENGLISH_WEEKDAYS)})|(?P<week>week))\b|先週|先周|지난\s?주|la semana pasada"
)
_PARTS = {
    "初": (1, 10),
    "上旬": (1, 10),
    "中": (11, 20),
    "中旬": (11, 20),
    "下旬": (21, 31),
    "底": (26, 31),
    "末": (26, 31),
}
_PART = r"(?P<part>初|中旬?|底|末|下旬|上旬)"
_MONTH = re.compile(
    rf"(?P<back>上+)个?月(?:的)?(?:(?P<day>\d{{1,2}})[号日]|{_PART})?"
    r"|(?:这个?|本|当)月(?P<this>\d{1,2})[号日]|last month|先月|지난\s?달|el mes pasado"
)
_NAMED_MONTH = re.compile(
    rf"(?<![\d年第个])(?P<m>\d{{1,2}})月(?!\d)份?{_PART}?(?:里|间|之间|的?时候)?(?=我?[刚才就在]?(?:买|购|下的?单|下了单|收|签|拍|付|到|订|入手|办|充|开|底|购))"
    rf"|\b(?:in|since|en|last)\s+(?P<name>{_MONTH_NAME})\b(?!\.?\s*(?:de\s+)?\d)"
    r"|(?<!\d)(?P<ja>\d{1,2})月に|(?<!\d)(?P<ko>\d{1,2})월에"
)
_SEASON_ALONE = re.compile(
    r"(?<!年)(?<!年的)(?P<season>上半年|年初|年中|年底|年末)(?=\S{0,3}?(?:买|购|下的?单|下了单|收|签|拍|付|订|入手|办|充|开))"
    r"|\blast (?P<en>spring|summer|autumn|fall|winter)\b"
)
_MONTH_DAY = re.compile(
    r"(?<![\d年.\-/])(?P<m>\d{1,2})[月월]\s?(?P<d>\d{1,2})[日号일]?(?!\d)"
    r"|(?<![\d/.])(?P<m2>1[0-2]|[1-9])/(?P<d2>[12]\d|3[01]|0?[1-9])(?![\d/%])(?=[号日]?(?:\S{0,3}?)(?:买|购|下的?单|下了单|收|签|拍|付|订))"
    rf"|\bel (?P<d3>\d{{1,2}}) de (?P<es>{'|'.join(_SPANISH_MONTHS)})\b(?! de(?:l)? 20)"
)
_ENGLISH_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_MONTH_NAME})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y>20\d{{2}}))?\b(?!\s*(?:items|pieces))"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+|de\s+)?(?P<month2>{_MONTH_NAME})\b\.?(?:,?\s+(?:de\s+)?(?P<y2>20\d{{2}}))?"
)
_LAST_FESTIVAL = re.compile(rf"(?P<last>上(?:一个|个|次)|last\s+)?(?P<festival>{_FESTIVAL})(?!\d)")
_BEFORE = re.compile(r"\s*[日号]?(?:之前|以前|前)(?!后|付)")
_BEFORE_ENGLISH = re.compile(r"\b(?:before|antes del?)\s+(?:the\s+)?$")
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
    unless it is a sale of a year that is named ("去年双十一的满减"), whose rules were that year's. Moments in the future
    are ignored, and so is this year by itself: its rules are today's. What was bought before a day or a month was so on
    the day before it at the latest. `now` is a day, or a moment in the zone that the words are meant in.
    """
    folded = _CHINESE_YEAR.sub(lambda m: f"{_chinese_year(m.group('n'))}年", fold(text))
    folded = _CHINESE_DAY.sub(lambda m: str(numeral(m.group("n"))), folded)
    bought = _BOUGHT.search(folded)
    today = now.date() if isinstance(now, datetime) else now
    for finder in _FINDERS:
        found = next(finder(folded, today), None)
        if found is None or not (bought or found.sale):
            continue
        found = _said_to_be_before(folded, found)
        if found.day > today:
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
    first: date
    last: date
    words: str
    start: int  # of the words, in the folded text
    end: int
    sale: bool = False  # a festival was named with its year
    exact: bool = True  # counted from a day, not about so long ago
    ago: bool = False  # said as a time before now: 两年前

    @property
    def day(self) -> date:
        return self.first + max(self.last - self.first - timedelta(days=1), timedelta()) // 2


def _chinese_year(text: str) -> str:
    digits = "".join(c if c.isdigit() and c.isascii() else str(numeral(c)) for c in text)
    return digits if len(digits) == 4 else "20" + digits


def _said_to_be_before(text: str, found: _Found) -> _Found:
    if found.ago:
        return found
    behind = _BEFORE.match(text, found.end)
    if behind is None and not _BEFORE_ENGLISH.search(text[: found.start]):
        return found
    end = behind.end() if behind else found.end
    day = found.first - timedelta(days=1)
    return replace(found, first=day, last=day, words=text[found.start : end].strip(), end=end)


def _day(match: re.Match[str], day: date | None, start: int | None = None, **more: bool) -> Iterator[_Found]:
    return _span(match, (day, day) if day else None, start, **more)


def _span(
    match: re.Match[str],
    span: tuple[date, date] | None,
    start: int | None = None,
    *,
    sale: bool = False,
    exact: bool | None = None,
    ago: bool = False,
) -> Iterator[_Found]:
    """What was found, if there is such a day; `start` where the words begin before the match."""
    if span is not None:
        start = match.start() if start is None else start
        raw = match.string[start : match.end()]
        exact = span[0] == span[1] if exact is None else exact
        yield _Found(*span, raw.strip(" -/."), start, start + len(raw.rstrip()), sale, exact, ago)


def _full(text: str, today: date) -> Iterator[_Found]:
    for match in _FULL.finditer(text):
        year, month = int(match["y"] or match["y2"]), int(match["m"] or match["m2"])
        number = match["d"] or match["d2"]
        end = match.end() + (text[match.end() : match.end() + 1] in tuple("月日号"))
        span = (_date(year, month, int(number)),) * 2 if number else _month_of(year, month)
        if span and span[0] and span[1]:
            yield _Found(
                span[0], span[1], text[match.start() : end].strip(" -/."), match.start(), end, exact=bool(number)
            )


def _year(text: str, today: date) -> Iterator[_Found]:
    for match in _YEAR_ONLY.finditer(text):
        year = int(match["year"] or "20" + match["short"])
        if year == today.year and not (match["month"] or match["festival"] or match["season"]) and not _before(match):
            continue
        yield from _span(match, _within(year, match), sale=bool(match["festival"]))


def _relative(text: str, today: date) -> Iterator[_Found]:
    for match in _RELATIVE.finditer(text):
        years = _RELATIVE_YEAR[match["rel"]]
        before = _FESTIVAL_BEFORE.search(text[: match.start()])  # Double 11 last year
        if before:
            yield from _day(match, day_of(before["festival"], today.year - years), before.start(), sale=True)
        if match["now"]:
            yield from _day(match, today - timedelta(days=365 * years), exact=False)
        if years or match["month"] or match["festival"] or match["season"]:
            yield from _span(match, _within(today.year - years, match), sale=bool(match["festival"]))


def _before(match: re.Match[str]) -> bool:
    return bool(_BEFORE.match(match.string, match.end()) or _BEFORE_ENGLISH.search(match.string[: match.start()]))


def _within(year: int, match: re.Match[str]) -> tuple[date, date] | None:
    if festival := match["festival"]:
        return (day_of(festival, year),) * 2
    if month := match["month"]:
        if match["day"]:
            day = _date(year, int(month), int(match["day"]))
            return (day, day) if day else None
        return _month_of(year, int(month))
    if season := match["season"]:
        return (date(year, _SEASONS[season], 15),) * 2
    return date(year, 1, 1), date(year, 12, 31)


def _month_of(year: int, month: int, part: str | None = None) -> tuple[date, date] | None:
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    first, end = _PARTS.get(part or "", (1, last))
    return date(year, month, first), date(year, month, min(end, last))


def _festival(text: str, today: date) -> Iterator[_Found]:
    """The last one, where it is said to be the last, or is not long ago, or something was bought on it and the next one
    is not near."""
    for match in _LAST_FESTIVAL.finditer(text):
        if _NOT_PAST.search(text[: match.start()]) or text[match.end() : match.end() + 1] in ("前", "后"):
            continue
        days = [day_of(match["festival"], year) for year in range(today.year - 2, today.year + 2)]
        last, coming = max(day for day in days if day < today), min(day for day in days if day >= today)
        over = _OVER.search(text, match.end()) and (coming - today).days > _SOON
        if match["last"] or over or (today - last).days <= _SOON:
            yield from _day(match, last, sale=bool(match["last"]))


def _english(text: str, today: date) -> Iterator[_Found]:
    for match in _ENGLISH_MONTH_DAY.finditer(text):
        month = _MONTH_NAMES[match["month"] or match["month2"]]
        day, year = int(match["d"] or match["d2"]), match["y"] or match["y2"]
        yield from _day(match, _date(int(year), month, day) if year else _last(text, today, month, day))
    for match in _ENGLISH.finditer(text):
        name, year = match["month"], int(match["year"])
        if before := _FESTIVAL_BEFORE.search(text[: match.start()]):
            yield from _day(match, day_of(before["festival"], year), before.start(), sale=True)
        elif name:
            yield from _span(match, _month_of(year, _MONTH_NAMES[name]))
        elif year != today.year or _before(match):
            yield from _span(match, (date(year, 1, 1), date(year, 12, 31)))


def _day_name(text: str, today: date) -> Iterator[_Found]:
    for match in _DAY_NAME.finditer(text):
        yield from _day(match, today - timedelta(days=_DAY_NAMES[match.group()]))


def _week(text: str, today: date) -> Iterator[_Found]:
    monday = today - timedelta(days=today.weekday())
    for match in _WEEK.finditer(text):
        if this := match["this"]:
            yield from _day(match, monday + timedelta(days=_WEEKDAYS[this]))
        elif match["last"] or match["enday"]:  # the last one before today
            weekday = _WEEKDAYS[match["last"]] if match["last"] else _ENGLISH_WEEKDAYS.index(match["enday"])
            yield from _day(match, today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1))
        else:
            week = monday - timedelta(days=7 * len(match["back"] or "上"))
            day = match["day"]
            yield from _day(match, week + timedelta(days=_WEEKDAYS[day] if day else 3), exact=bool(day))


def _month(text: str, today: date) -> Iterator[_Found]:
    for match in _MONTH.finditer(text):
        if this := match["this"]:
            yield from _day(match, _date(today.year, today.month, int(this)))
            continue
        month = today.year * 12 + today.month - 1 - len(match["back"] or "上")
        year, month = month // 12, month % 12 + 1
        if number := match["day"]:
            yield from _day(match, _date(year, month, int(number)))
        else:
            yield from _span(match, _month_of(year, month, match["part"]))


def _named_month(text: str, today: date) -> Iterator[_Found]:
    """The last month of that name that has begun, if it is over or something was bought in it."""
    for match in _NAMED_MONTH.finditer(text):
        month = _MONTH_NAMES[match["name"]] if match["name"] else int(match["m"] or match["ja"] or match["ko"])
        for year in (today.year, today.year - 1):
            span = _month_of(year, month, match["part"])
            if span and span[0] < today:
                yield from _span(match, (span[0], min(span[1], today - timedelta(days=1))), exact=False)
                break
            if span and (span[0] - today).days <= _SOON and not _OVER.search(text, match.end()):
                break
    for match in _SEASON_ALONE.finditer(text):
        month = _SEASONS[match["season"] or match["en"]]
        days = (date(year, month, 15) for year in (today.year, today.year - 1))
        yield from _day(match, next(day for day in days if day < today), exact=False)


def _month_day(text: str, today: date) -> Iterator[_Found]:
    for match in _MONTH_DAY.finditer(text):
        month = _MONTH_NAMES[match["es"]] if match["es"] else int(match["m"] or match["m2"])
        yield from _day(match, _last(text, today, month, int(match["d"] or match["d2"] or match["d3"])))


def _last(text: str, today: date, month: int, day: int) -> date | None:
    """The last such day of a year that is not after today; None where the next one may be meant."""
    days = [_date(year, month, day) for year in (today.year, today.year - 1)]
    last = next((found for found in days if found is not None and found <= today), None)
    coming = _date(today.year + (days[0] == last), month, day)
    if coming and 0 < (coming - today).days <= _SOON and not _OVER.search(text):
        return None
    return last


def _ago(text: str, today: date) -> Iterator[_Found]:
    for match in _AGO.finditer(text):
        if match["half"]:
            yield from _back(match, today, 0.5, match["halfunit"])
        else:
            number = next(match[name] for name in ("n", "jan", "kon", "en", "esn") if match[name])
            unit = next(match[name] for name in ("unit", "jaunit", "kounit", "enunit", "esunit") if match[name])
            yield from _back(match, today, _count(number) + (0.5 if match["andhalf"] else 0), unit, match["more"])
    for match in _SINCE.finditer(text):
        number = 0.5 if match["n"] == "半" else _count(match["n"])
        yield from _back(match, today, number + (0.5 if match["andhalf"] else 0), match["unit"], "多")


def _back(match: re.Match[str], today: date, count: float, unit: str, more: str | None = "") -> Iterator[_Found]:
    days = int(count * _DAYS[unit.removeprefix("个").removeprefix("多")])
    if days < 365 * 100:
        yield from _day(match, today - timedelta(days=days), exact=days < 7 and not more, ago=True)


def _count(text: str) -> int:
    return _SMALL.get(text) or (int(text) if text.isascii() else numeral(text)) or 0


_FINDERS = (_full, _year, _relative, _english, _day_name, _week, _month, _ago, _month_day, _named_month, _festival)


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
