"""What a reply may say: every number, date, amount and deadline in it stands in its clause, and no permission, duty or
bearer of cost is turned round.

Numbers are compared by value, whatever their script and unit ("七日", "7天", "一周"). Turned meaning is looked for only
where both texts put it plainly, in the same words; what cannot be told is let through, to whoever approves the reply.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from kb.quantities import Measure, Quantity, quantities
from kb.text import HAN, fold, numeral, to_simplified
from kb.types import Clause

SLOT = re.compile(r"\{([^{}\n]{1,30})\}")
"""`{订单号}`: filled in by the agent."""

_HAN_NUMERAL = "零〇一二两三四五六七八九十百千万亿"
_NUMBER = re.compile(
    rf"\d+(?:,\d{{3}})*(?:\.\d+)?\s?(?P<times>[百千万亿]+|[kw](?![a-z]))?"
    rf"|(?<![{_HAN_NUMERAL}])[{_HAN_NUMERAL}]{{2,}}"
    rf"|(?<=[满赔减送罚超达返抵扣付收退加])[{_HAN_NUMERAL}](?![般起定切旦律共直样同并体致些概])"
    r"|[廿卅俩仨]"
)
_TIMES = {"百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000, "k": 1_000, "w": 10_000}
_NO_NUMBERS = re.compile(
    r"万一|千万(?=别|不|要|注意|记|请|勿)|万千|千百|一一(?=[对回解说为给])|三三两两|不三不四|十万火急|千方百计|万万|百分百"
)
_WORD = re.compile(r"[a-z]+[\-]?\d[a-z0-9\-]*|\d+[a-z]+[a-z0-9\-]*")  # names of things: t3, iphone15, 3d
# What is a time or a share without a numeral; words in one row say the same.
_WITHOUT_NUMERAL = (
    ("次日", "隔日", "隔天", "明天", "明日", "第二天", "翌日", "次一日"),
    ("当日", "当天", "今天", "今日", "即日"),
    ("后天", "后日"),
    ("半价", "一半", "减半", "对半", "五折"),
    *((f"周{d}", f"星期{d}", f"礼拜{d}") for d in "一二三四五六"),
    ("周日", "周天", "星期日", "星期天", "礼拜天", "礼拜日"),
    ("周末", "双休日"),
    ("月底", "月末"),
    ("年底", "年末"),
    ("tomorrow", "next day"),
    ("today", "same day", "same-day"),
    ("half price", "half-price"),
)


def slots(text: str) -> tuple[str, ...]:
    """The names of a reply's slots, each once, in order."""
    return tuple(dict.fromkeys(SLOT.findall(text)))


def objections(reply: str, clause: Clause) -> tuple[str, ...]:
    """What is wrong with a reply for this clause, one line each, with the words in question; empty: nothing found."""
    found = [f"{SLOT.sub('', reply)!r}: a slot is written {{订单号}}, and a brace stands alone here"] if re.search(
        r"[{}]", SLOT.sub("", reply)
    ) else []  # fmt: skip
    found += [f"the slot {{{slot}}}: a quantity is no name" for slot in slots(reply) if quantities(slot)]
    said = SLOT.sub("\u3001", reply)
    source = f"{clause.context}\n{clause.text}"
    found += _unsaid(said, source, clause)
    found += _turned(said, clause.text)
    return tuple(dict.fromkeys(found))


# --- numbers ---


def _unsaid(said: str, source: str, clause: Clause) -> Iterator[str]:
    known = quantities(source)
    numbers = {value for _, value in _numbers(_normal(source))}
    bare = {value for _, value in _numbers(_normal(_without(source, known)))}
    stated = quantities(said)
    for quantity in stated:
        # 打2折 is no 20 %: what is paid and what is taken off, or on, are told apart by how they are written.
        off = "折" in said[quantity.start : quantity.end]
        calendar = _by_calendar(quantity, said)
        comparable = tuple(
            q for q in known if ("折" in source[q.start : q.end]) is off and _by_calendar(q, source) is calendar
        )
        if not _stands(quantity, comparable, bare):
            yield f"{said[quantity.start : quantity.end]!r}: no such quantity stands in the clause"
    rest = _normal(_without(said, stated))
    names = set(_WORD.findall(_normal("\n".join((source, clause.label, *clause.path)))))
    for name in _WORD.findall(rest):
        if name not in names:
            yield f"{name!r}: it does not stand in the clause"
    for words, value in _numbers(_WORD.sub(" ", rest)):
        if value not in numbers:
            yield f"{words!r}: no such number stands in the clause"
    said_folded, source_folded = _normal(said), _normal(source)
    for alike in _WITHOUT_NUMERAL:
        word = next((w for w in alike if w in said_folded), None)
        if word and not any(w in source_folded for w in alike):
            yield f"{word!r}: it does not stand in the clause"


_CALENDAR = re.compile(r"月|年|달|개월|month|year|mes|año")


def _by_calendar(quantity: Quantity, text: str) -> bool:
    """Whether a time is counted in months or years, which have no fixed number of days: 三个月 are not 90日."""
    return (
        quantity.measure is Measure.TIME and _CALENDAR.search(_normal(text[quantity.start : quantity.end])) is not None
    )


def _stands(quantity: Quantity, known: tuple[Quantity, ...], bare: set[float | str]) -> bool:
    """Whether the clause has this quantity: the same value, not as the other end of a range; or the number without
    any unit, as tables do."""
    for other in known:
        if quantity.measure is Measure.DATE and other.measure is Measure.DATE and _same_days(quantity, other):
            return True
        if (quantity.measure, quantity.unit) != (other.measure, other.unit):
            continue
        if _within(quantity.low, other.low, other.high) and _within(quantity.high, other.high, other.low):
            turned = (quantity.low is None and other.high is None) or (quantity.high is None and other.low is None)
            if not turned:
                return True
    ends = {end for end in (quantity.low, quantity.high) if end is not None}
    return quantity.measure in (Measure.MONEY, Measure.COUNT) and bool(ends) and ends <= bare


def _within(end: float | None, same: float | None, opposite: float | None) -> bool:
    return end is None or end == same or (same is None and end == opposite)


def _same_days(one: Quantity, other: Quantity) -> bool:
    """11月11日 stands in 2025年11月11日."""
    try:
        ends = [
            [date.fromordinal(int(end)) if end is not None else None for end in (q.low, q.high)] for q in (one, other)
        ]
    except (ValueError, OverflowError):
        return False
    (low, high), (other_low, other_high) = ends
    if low is not None and low.year != 4:
        return False
    pairs = ((low, other_low), (high, other_high))
    return all(a is None or (b is not None and (a.month, a.day) == (b.month, b.day)) for a, b in pairs)


def _numbers(text: str) -> Iterator[tuple[str, float | str]]:
    """Numerals of a normalised text with their values; of one that has no value its letters."""
    for match in _NUMBER.finditer(_NO_NUMBERS.sub(" ", text)):
        words = match.group()
        if words[0] in "廿卅俩仨":
            yield words, {"廿": 20.0, "卅": 30.0, "俩": 2.0, "仨": 3.0}[words]
        elif words[0] in _HAN_NUMERAL:
            value = numeral(words)
            yield words, words if value is None else float(value)
        else:
            times = match["times"] or ""
            value_ = float(words.removesuffix(times).replace(",", ""))
            for unit in times:
                value_ *= _TIMES[unit]
            yield words.strip(), value_


def _without(text: str, found: tuple[Quantity, ...]) -> str:
    """The text with its quantities blanked out."""
    letters = list(text)
    for quantity in found:
        letters[quantity.start : quantity.end] = " " * (quantity.end - quantity.start)
    return "".join(letters)


def _normal(text: str) -> str:
    """NFKC, digits of every script as 0-9, numerals in one form, simplified, lower case."""
    folded = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    folded = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in folded)
    return folded.translate(str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")).replace(
        "\u2044", "/"
    )


# --- meaning turned round ---

# A group says one thing two ways; longer words come first, so that 不可以 is not read as 可以.
_PERMITTED = ("可以", "支持", "允许", "能够", "享受", "有权", "提供", "适用", "能", "可", "予以", "准予")
_FORBIDDEN = ("不可以", "不支持", "不允许", "不能够", "不享受", "无权", "不提供", "不适用", "不能", "不可", "不予", "不得",
              "禁止", "无法", "不准", "谢绝", "不接受", "严禁")  # fmt: skip
_NEEDED = ("需要", "必须", "应当", "应该", "须", "需", "应")
_NOT_NEEDED = ("不需要", "无需", "无须", "不必", "不用", "不需", "毋需", "免于")
_SIDES = {
    **dict.fromkeys(_PERMITTED, ("permission", True)),
    **dict.fromkeys(_FORBIDDEN, ("permission", False)),
    **dict.fromkeys(_NEEDED, ("duty", True)),
    **dict.fromkeys(_NOT_NEEDED, ("duty", False)),
}
_CLAIM = re.compile(rf"(?P<mark>{'|'.join(sorted(_SIDES, key=len, reverse=True))})(?P<rest>[{HAN}0-9]{{2,16}})")
_OPEN = re.compile(
    "能不能|能否|可不可以|可否|是否|会不会|是不是|需不需要|不得不|不能不|尽可能|可能|功能|不可抗力|可靠|可见|性能|职能|能力"
)
_FILLER = re.compile(
    r"^(?:申请|办理|进行|给予|享受|为您|帮您|给您|直接|随时|您|再|予以|享有|您的|办理|支持|提供|适用|要)+"
)
_ENGLISH = re.compile(
    r"\b(?P<no>cannot|can't|can not|may not|must not|will not|won't|not eligible to|not allowed to|not permitted to)\b"
    r"|\b(?P<yes>can|may|will|eligible to|allowed to|permitted to)\b"
)
_PARTIES = {
    "customer": ("买家", "消费者", "顾客", "客户", "用户", "您", "你", "会员", "收货人"),
    "seller": ("商家", "卖家", "经营者", "商户", "店铺", "我们", "我方", "本店", "我司", "本公司", "销售者"),
    "platform": ("平台", "桐里集市平台"),
}
_PARTY = {word: side for side, words in _PARTIES.items() for word in words}
_BEARS = re.compile(
    rf"(?P<party>{'|'.join(sorted(_PARTY, key=len, reverse=True))})"
    r"(?:自行|自己|来|方|全额|全部|先行|需要?|应当?|须){0,2}(?P<bears>承担|负担|支付|出)(?!了解|示|具)"
)


@dataclass(frozen=True, slots=True)
class _Claim:
    side: str
    holds: bool
    about: str
    words: str


def _turned(said: str, source: str) -> Iterator[str]:
    stated, known = list(_claims(said)), list(_claims(source))
    for claim in stated:
        same = [other for other in known if other.side == claim.side and _one_thing(claim.about, other.about)]
        if same and all(other.holds is not claim.holds for other in same):
            yield f"{claim.words!r}: the clause says {same[0].words!r}"
    bearers = {(_PARTY[m["party"]]): m.group() for m in _BEARS.finditer(fold(source))}
    for match in _BEARS.finditer(fold(said)):
        if bearers and _PARTY[match["party"]] not in bearers:
            yield f"{match.group()!r}: the clause says {next(iter(bearers.values()))!r}"


def _claims(text: str) -> Iterator[_Claim]:
    folded = _OPEN.sub("\uff0c", fold(text)).replace("日", "天")
    for match in _CLAIM.finditer(folded):
        side, holds = _SIDES[match["mark"]]
        about = _FILLER.sub("", match["rest"])
        if len(about) >= 2:
            yield _Claim(side, holds, about, match.group())
    marks = list(_ENGLISH.finditer(folded))
    for mark, following in zip(marks, [*marks, None][1:], strict=True):
        rest = folded[mark.end() : following.start() if following else len(folded)]
        about = " ".join(re.findall(r"[a-z]+", re.split(r"[.;,!?\n]", rest)[0])[:3])
        if about.count(" ") >= 1:
            yield _Claim("english", mark["no"] is None, about, f"{mark.group()} {about}")


def _one_thing(one: str, other: str) -> bool:
    """Whether two claims speak of the same, in nearly the same words."""
    short, long = sorted((one, other), key=len)
    if long.startswith(short):
        return True
    pairs = {short[i : i + 2] for i in range(len(short) - 1)}
    shared = sum(long.count(pair) > 0 for pair in pairs)
    return len(pairs) >= 3 and shared >= 0.75 * len(pairs)
