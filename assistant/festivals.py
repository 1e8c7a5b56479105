"""Festivals that sales, gifts and delays hang on: their names in a text, and their days.

A festival of the moon's calendar stands for the middle of the days that it can fall on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

_Day = Callable[[int], date]


def _on(month: int, day: int) -> _Day:
    return lambda year: date(year, month, day)


def _weekday(month: int, weekday: int, nth: int, later: int = 0) -> _Day:
    """The nth such weekday (0: Monday) of a month, or so many days later."""

    def of(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1) + later)

    return of


# Thanksgiving is the fourth Thursday of November.
_FESTIVALS: dict[str, tuple[_Day, tuple[str, ...]]] = {
    "new year": (_on(1, 1), ("元旦", "new year's day")),
    "new year shopping": (_on(1, 15), ("年货节", "年货大促")),
    "spring festival": (_on(2, 5), ("春节", "过年", "chinese new year", "lunar new year", "설날")),  # 21 Jan to 20 Feb
    "valentine": (_on(2, 14), ("情人节", "valentine's day")),
    "women": (_on(3, 8), ("三八节", "38节", "三八大促", "38大促", "妇女节", "女神节", "女王节")),
    "labour day": (_on(5, 1), ("五一", "劳动节")),
    "mother": (_weekday(5, 6, 2), ("母亲节", "mother's day")),
    "520": (_on(5, 20), ("520", "五二零")),
    "children": (_on(6, 1), ("六一", "儿童节")),
    "dragon boat": (_on(6, 9), ("端午",)),  # 25 May to 25 June
    "618": (_on(6, 18), ("618", "六一八")),
    "father": (_weekday(6, 6, 3), ("父亲节", "father's day")),
    "qixi": (_on(8, 15), ("七夕",)),  # 31 July to 30 August
    "818": (_on(8, 18), ("818",)),
    "99": (_on(9, 9), ("99大促", "99划算节", "九九大促")),
    "teacher": (_on(9, 10), ("教师节",)),
    "mid-autumn": (_on(9, 22), ("中秋", "추석")),  # 8 September to 8 October
    "national day": (_on(10, 1), ("国庆节", "国庆")),
    "double 11": (
        _on(11, 11),
        ("双11", "双十一", "光棍节", "singles day", "singles' day", "double 11", "double eleven", "광군제"),
    ),
    "black friday": (
        _weekday(11, 3, 4, later=1),
        ("黑色星期五", "黑五", "black friday", "ブラックフライデー", "블랙프라이데이"),
    ),
    "cyber monday": (_weekday(11, 3, 4, later=4), ("网络星期一", "cyber monday")),
    "double 12": (_on(12, 12), ("双12", "双十二", "double 12", "double twelve")),
    "christmas": (_on(12, 25), ("圣诞节", "圣诞", "双旦", "christmas", "クリスマス", "크리스마스", "navidad")),
}
_OF_NAME = {name: festival for festival, (_, names) in _FESTIVALS.items() for name in names}
_NUMERAL = "一二三四五六七八九十百零"


def _pattern(name: str) -> str:
    """A name that begins or ends with a number is not part of a longer one: 1618, 六一八十."""
    before = rf"(?<![\d{_NUMERAL}])" if name[0].isdigit() or name[0] in _NUMERAL else ""
    behind = rf"(?![\d{_NUMERAL}元块件分])" if name[0].isdigit() or name[0] in _NUMERAL or name[-1].isdigit() else ""
    return f"{before}{re.escape(name)}{behind}"


_NATIONAL_DAY = (  # 十一 alone is a number
    rf"(?<![{_NUMERAL}双雙第周月年号日\d.])十一(?=期间|假期|长假|黄金周|放假|的?时候|那几天|那会|买的|下的?单|收到)"
)
_OF_NAME["十一"] = "national day"
NAME = "|".join([*map(_pattern, sorted(set(_OF_NAME) - {"十一"}, key=len, reverse=True)), _NATIONAL_DAY])
"""Matches a festival's name in a folded text."""

_NAMED = re.compile(NAME)
_NEAR = 60  # days between a sale and a question that most likely asks about it
_YEAR_BEFORE = re.compile(
    r"(?:(?P<next>明年|next year'?s?)|(?P<this>今年|this year'?s?)|(?P<last>去年|last year'?s?))(?:的|\s)*$"
)
_YEARS_AWAY = {"next": 1, "this": 0, "last": -1}


def festivals(folded: str) -> frozenset[str]:
    """The festivals that a folded text names, each by one name whatever it is called."""
    return frozenset(_OF_NAME[name] for name in _NAMED.findall(folded))


def day_of(name: str, year: int) -> date:
    """The day of a festival by a name that a text has for it (see NAME)."""
    return _FESTIVALS[_OF_NAME[name]][0](year)


def year_meant(folded: str, today: date) -> int | None:
    """The year of the sale that a text without a date asks about on `today`: the one that is said to be this year's or
    next year's, else one that is near."""
    for match in _NAMED.finditer(folded):
        if said := _YEAR_BEFORE.search(folded, 0, match.start()):
            return today.year + _YEARS_AWAY[str(said.lastgroup)]
        days = [day_of(match.group(), year) for year in (today.year - 1, today.year, today.year + 1)]
        nearest = min(days, key=lambda day: abs(day - today))
        if abs(nearest - today).days <= _NEAR:
            return nearest.year
    return None
