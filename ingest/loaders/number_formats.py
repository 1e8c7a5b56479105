"""Numbers and dates as a spreadsheet shows them: 0.5 in the format 0% is 50%.

A date is shown as its format says where that puts the year first or names its parts (2024年7月1日, 2024/7/1); in any
other format the order of day and month depends on the machine, so it becomes 2024-07-01.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from fractions import Fraction
from functools import lru_cache

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel, to_excel

# ECMA-376, 18.8.30: what these numbers mean in Chinese workbooks
_CHINESE = {
    27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"', 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"', 54: 'm"月"d"日"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_.|\*.|\[\$(?P<sign>[^\]-]*)[^\]]*\]|\[(?P<elapsed>[hms]+)\]|'
    r"\[(?P<condition>[<>=]+-?[\d.]+)\]|\[[^\]]*\]|(?P<general>General|G/通用格式|G/標準|G/표준)|(?P<half>AM/PM|A/P|上午/下午)|"
    r"(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?|a{3,4}|e+)|(?P<digit>[0#?])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_WEEKDAYS = "一二三四五六日"
_MAX_CODE = 300  # characters; Excel allows 255


def code_of(number: int, own: dict[int, str]) -> str:
    """The format with this number. `own`: the workbook's own formats."""
    return own.get(number) or _CHINESE.get(number) or BUILTIN_FORMATS.get(number, "General")


def show(value: object, code: str = "General", mac: bool = False) -> str:
    """`mac`: the workbook counts days from 1904."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time | timedelta):
        try:
            serial = float(to_excel(value, CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900))
        except (ValueError, OverflowError):
            return str(value)
        return show(serial, code if _is_date(code) else "[h]:mm" if isinstance(value, timedelta) else "yyyy-mm-dd", mac)
    if not isinstance(value, int | float):
        return str(value).strip()
    if code == "General":
        return plain(value)
    try:
        return _number(value, code[:_MAX_CODE], mac)
    except (ValueError, OverflowError, InvalidOperation, ZeroDivisionError):
        return plain(value)


def plain(value: float) -> str:
    """All the digits that count, without an exponent."""
    if isinstance(value, int):
        return str(value)
    text = f"{Decimal(f'{value:.15g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: float, code: str, mac: bool) -> str:
    section, negative = _section(value, code)
    tokens = _tokens(section)
    if _is_date(section):
        return _date(value, tokens, mac)
    if any(t["general"] for t in tokens) or not any(t["digit"] for t in tokens):
        if not any(t["general"] or t["digit"] or t["other"] == "@" for t in tokens):
            return "".join(_literal(t) for t in tokens).strip()  # nothing but words: "停售"
        body = plain(abs(value) if negative else value)
        return "".join(body if t["general"] or t["other"] == "@" else _literal(t) for t in tokens).strip()
    amount = Decimal(repr(abs(value)))
    text = _digits(amount, tokens)
    minus = "-" if value < 0 and not negative and re.search(r"[1-9]", text) else ""
    return (minus + text).strip()


@lru_cache(maxsize=256)
def _tokens(code: str) -> tuple[re.Match[str], ...]:
    return tuple(_TOKEN.finditer(code))


def _section(value: float, code: str) -> tuple[str, bool]:
    """The part of the format for this value, and whether that part says itself that the value is negative."""
    sections = re.findall(r'(?:"[^"]*"|\\.|[^;])+|(?<=;)(?=;|$)', code) or ["General"]
    conditions = [next((t["condition"] for t in _TOKEN.finditer(s) if t["condition"]), None) for s in sections]
    if any(conditions):
        for section, condition in zip(sections, conditions, strict=True):
            if condition is None or _meets(value, condition):
                return section, False
        return sections[-1], False
    if value < 0 and len(sections) > 1:
        return sections[1], True
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


def _meets(value: float, condition: str) -> bool:
    match = re.match(r"([<>=]+)(-?[\d.]+)$", condition)
    if match is None:
        return False
    limit = float(match[2])
    return {
        "<": value < limit, ">": value > limit, "<=": value <= limit, ">=": value >= limit, "=": value == limit,
        "<>": value != limit,
    }.get(match[1], False)  # fmt: skip


def _is_date(code: str) -> bool:
    found = _tokens(code)
    if any(t["general"] or t["exponent"] for t in found):
        return False
    return any(t["date"] or t["elapsed"] for t in found) and not any(t["digit"] for t in found)


def _literal(token: re.Match[str]) -> str:
    for name in ("quoted", "escaped", "sign", "other"):
        if token[name] is not None:
            return token[name]
    return ""


def _digits(amount: Decimal, tokens: Sequence[re.Match[str]]) -> str:
    if any(t["other"] == "/" for t in tokens):
        return _fraction(amount, tokens)
    places = [i for i, t in enumerate(tokens) if t["digit"]]
    point = next((i for i, t in enumerate(tokens) if t["other"] == "."), None)
    whole = [i for i in places if point is None or i < point]
    parts = [i for i in places if point is not None and i > point]
    exponent = next((i for i, t in enumerate(tokens) if t["exponent"]), None)
    if exponent is not None:
        mantissa, power = f"{amount:.{sum(i < exponent for i in parts)}E}".split("E")
        return f"{mantissa}E{power[0]}{power[1:].zfill(sum(i > exponent for i in places))}"
    amount *= Decimal(100) ** sum(t["other"] == "%" for t in tokens)
    scale, i = 0, places[-1] + 1
    while i < len(tokens) and tokens[i]["other"] == ",":
        scale, i = scale + 1, i + 1
    grouped = any(t["other"] == "," and whole and whole[0] < k < whole[-1] for k, t in enumerate(tokens))
    with localcontext() as context:
        context.prec = 400
        amount = (amount / Decimal(1000) ** scale).quantize(Decimal(1).scaleb(-len(parts)), ROUND_HALF_UP)
    digits, _, decimals = f"{amount:f}".partition(".")
    digits = digits.lstrip("0")
    shown: dict[int, str] = {}
    for k, place in enumerate(reversed(whole)):
        rest = digits[: len(digits) - k] if k < len(digits) else ""
        own = rest if k == len(whole) - 1 else rest[-1:]
        shown[place] = own or ("0" if tokens[place]["digit"] == "0" else "")
    if grouped:  # the places are read as one number
        together = "".join(shown[place] for place in whole)
        shown = dict.fromkeys(whole, "") | {whole[0]: f"{int(together):,}" if together else ""}
    for place, digit in zip(parts, decimals, strict=False):
        shown[place] = digit
    for place in reversed(parts):
        if tokens[place]["digit"] == "0" or shown[place] != "0":
            break
        shown[place] = ""
    bare = not any(shown.get(place) for place in parts)
    out: list[str] = []
    for k, token in enumerate(tokens):
        if k in shown:
            out.append(shown[k])
        elif k == point:
            out.append("" if bare else ".")
        elif not (token["other"] == "," and (grouped or scale)):
            out.append(_literal(token))
    return "".join(out)


def _fraction(amount: Decimal, tokens: Sequence[re.Match[str]]) -> str:
    bar = next(i for i, t in enumerate(tokens) if t["other"] == "/")
    below = "".join(t["digit"] or t["other"] or "" for t in tokens[bar + 1 :])
    count = sum(c in "?#0" for c in below)
    fixed = re.match(r"[1-9]\d*", below)
    whole = int(amount)
    rest = Fraction(amount - whole)
    if fixed:
        top, bottom = round(rest * int(fixed[0])), int(fixed[0])
    else:
        near = rest.limit_denominator(10 ** max(1, count) - 1)
        top, bottom = near.numerator, near.denominator
    if top == bottom:
        whole, top = whole + 1, 0
    return " ".join(([str(whole)] if whole or not top else []) + ([f"{top}/{bottom}"] if top else []))


def _date(value: float, tokens: Sequence[re.Match[str]], mac: bool) -> str:
    parts = [(t["elapsed"] or t["date"] or "").lower() for t in tokens]
    kinds = [p[0] for p in parts if p]
    if any(t["elapsed"] for t in tokens):
        return _elapsed(value, tokens)
    if value < 0:
        return plain(value)
    moment = from_excel(value, CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900)
    if isinstance(moment, time):
        moment = datetime.combine(date(1900, 1, 1), moment)
    if not isinstance(moment, datetime):
        return plain(value)
    if moment.microsecond >= 500_000 and not any("." in p for p in parts):
        moment += timedelta(seconds=1)
    named = any("月" in _literal(t) for t in tokens)
    if not (kinds[0] in "ye" and parts[kinds.index(kinds[0])] != "yy") and not named and set(kinds) - set("hms"):
        return f"{moment:%Y-%m-%d %H:%M}" if "h" in kinds else moment.date().isoformat()
    if set(kinds) <= set("m") and not named:  # months alone cannot be told from minutes
        return moment.date().isoformat()
    twelve = any(t["half"] for t in tokens)
    out: list[str] = []
    for i, (token, part) in enumerate(zip(tokens, parts, strict=True)):
        if token["half"]:
            chinese = "上" in token["half"]
            out.append(("上午" if moment.hour < 12 else "下午") if chinese else "AM" if moment.hour < 12 else "PM")
        elif not part:
            out.append(_literal(token))
        else:
            out.append(_date_part(part, moment, _is_minute(parts, i), twelve))
    return "".join(out).strip()


def _is_minute(parts: Sequence[str], i: int) -> bool:
    before = next((p for p in reversed(parts[:i]) if p), "")
    after = next((p for p in parts[i + 1 :] if p), "")
    return parts[i][:1] == "m" and (before[:1] == "h" or after[:1] == "s")


def _date_part(part: str, moment: datetime, minute: bool, twelve: bool) -> str:
    kind, width = part[0], len(part)
    if kind in "ye":
        return f"{moment.year % 100:02d}" if kind == "y" and width <= 2 else str(moment.year)
    if kind == "a":
        return ("星期" if width == 4 else "") + _WEEKDAYS[moment.weekday()]
    if kind == "s":
        seconds, _, fraction = part.partition(".")
        digits = f".{moment.microsecond:06d}"[: len(fraction) + 1] if fraction else ""
        return f"{moment.second:0{min(len(seconds), 2)}d}{digits}"
    if kind == "m" and not minute and width > 2:
        return moment.strftime("%B" if width == 4 else "%b")
    if kind == "d" and width > 2:
        return moment.strftime("%A" if width == 4 else "%a")
    hour = (moment.hour - 1) % 12 + 1 if twelve else moment.hour
    number = {"m": moment.minute if minute else moment.month, "d": moment.day, "h": hour}[kind]
    return f"{number:0{min(width, 2)}d}"


def _elapsed(value: float, tokens: Sequence[re.Match[str]]) -> str:
    seconds = round(abs(value) * 86_400)
    out = ["-" if value < 0 else ""]
    for token in tokens:
        kind = (token["elapsed"] or token["date"] or "").lower()[:1]
        if not kind:
            out.append(_literal(token))
            continue
        unit = {"h": 3600, "m": 60, "s": 1}.get(kind, 1)
        count = seconds // unit if token["elapsed"] else seconds % (unit * 60) // unit
        out.append(str(count).zfill(min(2, len(token["elapsed"] or token["date"]))))
    return "".join(out).strip()
