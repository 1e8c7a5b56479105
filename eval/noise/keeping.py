"""What noise must not touch: numbers, dates, bounds, negations, questions, names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from kb.quantities import quantities
from kb.text import fold, to_simplified

# Letters whose loss or gain changes what is asked: numerals and units, negations, bounds, opposites, question words.
_TELLING = frozenset(
    "零〇一二两三四五六七八九十百千万亿半双俩几多不没未无非别莫勿免禁否前后内外上下大小少高低早晚快慢新旧长短买卖男女左右"
    "谁哪何年月日天周号时分钟秒点元块角斤克米折倍东西南北我你他她它"
)
_TIME = re.compile(
    r"大?[昨今明前后去本当上下这][个]?(?:天|日|年|月|周|晚|早|季|礼拜|星期)|周末|(?:礼拜|星期)[一二三四五六日天]|双十[一二]|双1[12]|618"
    r"|国庆节?|春节|中秋节?|元旦|五一|十一|端午节?|除夕"
)
_MEANT = re.compile(
    # Words that carry a bound, a date, a negation or a number in Latin letters.
    r"\b(?:no|not|nor|none|never|nobody|nothing|without|cannot|can|before|after|until|till|since|within|by|from|less|more|least|most"
    r"|under|over|above|below|up|first|last|second|third|half|double|twice|once|yesterday|today|tomorrow|tonight|now"
    r"|mon|tues|wednes|thurs|fri|satur|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june"
    r"|july|august|september|october|november|december|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|who|whose|what|when|where|which|why|how"
    r"|nunca|sin|ni|tampoco|nada|antes|despu[eé]s|hasta|desde|menos|m[aá]s|ayer|hoy|ma[nñ]ana|uno?|una|dos|tres|cuatro|cinco|seis"
    r"|siete|ocho|nueve|diez|once|doce|quince|veinte|treinta|medio|media|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado"
    r"|domingo|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|primer[oa]?|segund[oa]"
    r"|tercer[oa]?|\w+n['’]?t)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-/:%]*\d[A-Za-z0-9.\-/:%]*|\d+|[A-Za-z]+[A-Z][A-Za-z]*")
_NAME = re.compile(r"(?<![.?!¿¡\"“'] )(?<!^)(?<!\n)(?<![¿¡\"“'])\b[A-ZÁÉÍÓÚÑ][\w'’]*")
_QUOTED = re.compile(r"[「『“\"《][^「」『』“”\"《》]{1,30}[」』”\"》]")

_NEGATION = re.compile(
    r"[不没沒未无無非勿莫]|别(?!的|人|家|处|样|名|墅)|\b(?:no|not|nor|none|never|without|cannot|nunca|sin|ni|tampoco)\b|n['’]t\b"
    r"|\b(?:do|does|did|is|was|are|were|has|have|had|ca|wo|would|should|could|must|need|ai)nt\b"
    r"|(?:ない|ません|なか|なく|なけ)|안(?=\s)|못|않|없|말(?=고|아|라)"
)


@lru_cache(maxsize=4096)
def kept_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of what must stay as it is, letter for letter. They may overlap."""
    found = [(q.start, q.end) for q in quantities(text)]
    plain = simplified(text)
    found += [(at, at + 1) for at, letter in enumerate(plain) if letter in _TELLING]
    for pattern in (_TIME, _MEANT, _CODE, _NAME, _QUOTED, _NEGATION):
        found += [match.span() for match in pattern.finditer(plain)]
    return tuple(sorted(found))


def free(text: str, start: int, end: int) -> bool:
    """Whether nothing in [start, end) must stay."""
    return not any(a < end and start < b for a, b in kept_spans(text))


def telling(text: str) -> bool:
    """Whether `text` holds a letter that noise must not bring in."""
    return any(letter in _TELLING for letter in simplified(text))


def same_meaning(before: str, after: str) -> bool:
    """Whether every number, date and negation of `before`, and no other, is in `after`."""
    return (
        bool(after.strip())
        and Counter(q.value for q in quantities(before)) == Counter(q.value for q in quantities(after))
        and _numbers(before) == _numbers(after)
        and _negations(before) == _negations(after)
    )


def _numbers(text: str) -> Counter[str]:
    """Numbers of any kind, those of codes and articles too."""
    return Counter(re.findall(r"\d+", fold(_spelt_out(text))))


def _spelt_out(text: str) -> str:
    """Nothing of what `kb.quantities` reads: its numbers are compared by value, however they are written."""
    for quantity in reversed(quantities(text)):
        text = text[: quantity.start] + " " + text[quantity.end :]
    return text


def _negations(text: str) -> int:
    return len(_NEGATION.findall(simplified(unicodedata.normalize("NFKC", text)).lower()))


@lru_cache(maxsize=4096)
def simplified(text: str) -> str:
    """In simplified characters, each in its place."""
    plain = to_simplified(text)
    return plain if len(plain) == len(text) else "".join(_one(letter) for letter in text)


@lru_cache(maxsize=8192)
def _one(letter: str) -> str:
    plain = to_simplified(letter)
    return plain if len(plain) == 1 else letter
