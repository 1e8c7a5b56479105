"""The same number otherwise: 7天, 七天, ７天; 7 days, seven days; $50, 50 dollars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

from kb import quantity_words as words
from kb.text import numeral

_MEASURE = (
    r"个?(?:工作日|自然日|小时|钟头|星期|礼拜|月|分钟)|天|日|周|年|元|块|倍|成|折|次|件|条|项|款|岁|公里|千克|公斤|张|台|份|人|名|笔|层|级|個?(?:小時|鐘頭|星期|禮拜|月|分鐘)"
    r"|塊|張|時間|週間|か月|ヶ月|日間|年間|回|円|点|枚|度|%|％"
)
_ARABIC = re.compile(rf"(?<![\d.,:/\-A-Za-z０-９])(?P<n>[0-9０-９]{{1,4}})(?=\s?(?:{_MEASURE}))")
_HAN = re.compile(
    rf"(?<![零〇一二两三四五六七八九十百千万几多数第半A-Za-z\d])(?P<n>[零〇一二两兩三四五六七八九十百千]+)(?=(?:{_MEASURE})(?![半多]))"
)
_DIGITS = "零一二三四五六七八九"
_PAIRS = (
    ("en", r"\$\s?(?!1\b)(\d+(?:\.\d+)?)(?!\d|,\d|\s?(?:[kmb]\b|hundred|thousand|million))", r"\1 dollars"),
    ("en", r"(?<![$€£¥\d])(\d+) dollars", r"$\1"),
    ("en", r"[¥￥]\s?(\d+)(?![\d.,])", r"\1 yuan"),
    ("en", r"(\d+) yuan", r"¥\1"),
    ("en", r"(\d+)\s?%", r"\1 percent"),
    ("es", r"(\d+)\s?%", r"\1 por ciento"),
    ("zh", r"[¥￥]\s?(\d+(?:\.\d+)?)(?![\d.,])", r"\1元"),
    ("zh", r"(?<![.,\d])(\d+)元", r"\1块"),
    ("zh", r"(?<![.,\d])(\d+)块(?!钱)", r"\1元"),
    ("zh", r"(?<!\d)(\d{1,2})个?小时", r"\1个钟头"),
    ("zh", r"(?<![\d.])(\d{1,2})%", r"百分之\1"),
    ("ko", r"(?<!\d)7일(?= |이|을|은)", "일주일"),
    ("ko", r"일주일", "7일"),
    ("ja", r"(?<!\d)7日間?", "一週間"),
    ("ja", r"一週間", "1週間"),
)


def numerals(text: str, language: str, random: Random) -> str | None:
    """One or all of the numbers before a unit in another form."""
    edits = [*_other_forms(text, language[:2], random)]
    if not edits:
        return None
    chosen = edits if random.random() < 0.5 else [random.choice(edits)]
    taken: list[tuple[int, int, str]] = []
    for edit in chosen:
        if all(edit[1] <= start or end <= edit[0] for start, end, _ in taken):
            taken.append(edit)
    for start, end, form in sorted(taken, reverse=True):
        text = text[:start] + form + text[end:]
    return text


def _other_forms(text: str, language: str, random: Random) -> Iterator[tuple[int, int, str]]:
    if language in ("zh", "ja"):
        for match in _ARABIC.finditer(text):
            value = int(match["n"])  # int() reads full-width digits too
            unit = text[match.end() :].lstrip()[:1]
            forms = [str(value).translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)}), str(value)]
            if value <= 100 or value % 100 == 0:  # larger ones are not written out
                forms.append(in_han(value, unit, language))
            yield (*match.span("n"), random.choice([form for form in forms if form != match["n"]]))
        for match in _HAN.finditer(text):
            found = numeral(match["n"].replace("兩", "两"))
            if found is not None and not _two_digits(match["n"]):
                yield (*match.span("n"), str(found))
    elif language in ("en", "es"):
        yield from _spelt(text, words.ENGLISH if language == "en" else words.SPANISH)
    for code, pattern, form in _PAIRS:
        if code == language:
            for match in re.finditer(pattern, text):
                yield (*match.span(), match.expand(form))


def _two_digits(written: str) -> bool:
    """两三天, 一二〇: neighbouring digits are a range or are read one by one."""
    return len(written) > 1 and not re.search(r"[十百千]", written)


def in_han(value: int, unit: str = "", language: str = "zh") -> str:
    """0 to 9999. 两 before a unit, 二 in 十二 and 二月."""
    if value < 10:
        two = value == 2 and language == "zh" and unit not in "月日号成折%％" and unit != ""
        return "两" if two else _DIGITS[value]
    parts, zero = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, size)
        if digit:
            parts += ("零" if zero else "") + _DIGITS[digit] + name
            zero = False
        elif parts and value:
            zero = True
    return re.sub(r"^一十", "十", parts)


def _spelt(text: str, names: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """7 days as seven days, and back."""
    following = r"(?=[ -][A-Za-zÀ-ÿ]{3,})"
    for match in re.finditer(rf"(?<![\w.,:/$€£¥\-])(\d{{1,2}}){following}", text):
        if 2 <= int(match[1]) < len(names):
            yield (*match.span(), names[int(match[1])])
    known: Callable[[str], int] = [*names].index
    spelt = "|".join(sorted((name for name in names[2:]), key=len, reverse=True))
    for match in re.finditer(rf"(?<![\w\-])({spelt})(?![\w\-]){following}", text):
        yield (*match.span(), str(known(match[1])))
