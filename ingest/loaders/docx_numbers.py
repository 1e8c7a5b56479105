"""Numbers as Word prints them: 第三条, (ii), ㋐ from a count and the name of a number format (ECMA-376, 17.18.59)."""

from __future__ import annotations

import re

_HAN = "零一二三四五六七八九"
_SIMPLIFIED_LEGAL = ("零壹贰叁肆伍陆柒捌玖", "拾佰仟", "万")
_TRADITIONAL_LEGAL = ("零壹貳參肆伍陸柒捌玖", "拾佰仟", "萬")
_JAPANESE_LEGAL = ("零壱弐参四伍六七八九", "拾百阡", "萬")
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
_GANADA = "가나다라마바사아자차카타파하"
_CHOSUNG = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_KOREAN = ("영일이삼사오육칠팔구", "십백천", "만")
_KOREAN_NATIVE = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_KOREAN_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_SIGNS = "*†‡§"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_HAN_FORMS = frozenset(
    ("chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand", "koreanDigital2")
)
_DIGIT_FORMS = {
    "ideographDigital": "〇一二三四五六七八九",
    "japaneseDigitalTenThousand": "〇一二三四五六七八九",
    "taiwaneseDigital": "○一二三四五六七八九",
    "koreanDigital": "영일이삼사오육칠팔구",
    "decimalFullWidth": "０１２３４５６７８９",
    "decimalFullWidth2": "０１２３４５６７８９",
    "hindiNumbers": "०१२३४५६७८९",
    "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙",
}
_ROWS = {  # signs that stand in a row; past their end Word goes on in digits
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟㊱㊲㊳㊴㊵㊶㊷㊸㊹㊺㊻㊼㊽㊾㊿",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
    "ideographEnclosedCircle": "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉",
    "ideographTraditional": _STEMS,
    "ideographZodiac": _BRANCHES,
    "ideographZodiacTraditional": [_STEMS[i % 10] + _BRANCHES[i % 12] for i in range(60)],
    "koreanLegal": [_KOREAN_TENS[i // 10] + _KOREAN_NATIVE[i % 10] for i in range(1, 100)],
}
_ROWS["decimalEnclosedCircleChinese"] = _ROWS["decimalEnclosedCircle"]
_ALPHABETS = {  # signs that begin again at their end
    "aiueo": _AIUEO, "aiueoFullWidth": _AIUEO, "iroha": _IROHA, "irohaFullWidth": _IROHA,
    "ganada": _GANADA, "chosung": _CHOSUNG,
}  # fmt: skip
_REPEATED = {  # signs that are doubled, tripled … at their end: y, z, aa, bb
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz", "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "russianLower": _RUSSIAN, "russianUpper": _RUSSIAN.upper(), "chicago": _SIGNS,
}  # fmt: skip


def number(n: int, form: str) -> str:
    """`form`: a value of w:numFmt, or the sample of a custom one ("001, 002, 003, ..."). Unknown ones count in digits."""
    if form == "none" or n < 0:
        return ""
    if form in _HAN_FORMS:
        return _hanzi(n, _HAN, "十百千", "万", bare_ten=True)
    if form in ("japaneseCounting", "koreanCounting"):
        digits, units, ten_thousand = (_HAN, "十百千", "万") if form == "japaneseCounting" else _KOREAN
        return _hanzi(n, digits, units, ten_thousand, bare_ten=True, ones=False)
    if form in ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"):
        digits, units, ten_thousand = {
            "chineseLegalSimplified": _SIMPLIFIED_LEGAL,
            "ideographLegalTraditional": _TRADITIONAL_LEGAL,
        }.get(form, _JAPANESE_LEGAL)
        return _hanzi(n, digits, units, ten_thousand, bare_ten=False)
    if form in _DIGIT_FORMS:
        return str(n).translate(str.maketrans("0123456789", _DIGIT_FORMS[form]))
    if form in _ROWS:
        row = _ROWS[form]
        return row[n - 1] if 1 <= n <= len(row) else str(n)
    if form in _ALPHABETS:
        signs = _ALPHABETS[form]
        return signs[(n - 1) % len(signs)] if n else ""
    if form in _REPEATED:
        signs = _REPEATED[form]
        return signs[(n - 1) % len(signs)] * min((n - 1) // len(signs) + 1, 20) if n else ""
    return _western(n, form)


def _western(n: int, form: str) -> str:
    if form in ("lowerRoman", "upperRoman"):
        return _roman(n).lower() if form == "lowerRoman" else _roman(n)
    if form == "ordinal":
        return f"{n}{'th' if 10 <= n % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"
    if form in ("cardinalText", "ordinalText"):
        words = _english(n)
        return (words if form == "cardinalText" else _ordinal(words)).capitalize()
    if form == "hex":
        return f"{n:X}"
    if form == "numberInDash":
        return f"- {n} -"
    if form == "decimalZero":
        return f"{n:02d}"
    if sample := re.match(r"0+1\b", form):
        return str(n).zfill(len(sample[0]))
    return str(n)


def _hanzi(n: int, digits: str, units: str, ten_thousand: str, *, bare_ten: bool, ones: bool = True) -> str:
    """`bare_ten`: 10 is 十, not 一十. `ones`: 101 is 一百零一 (Chinese), else 百一 (Japanese, Korean)."""
    if n == 0:
        return digits[0]
    if n >= 100_000_000:
        return str(n)
    if n >= 10_000:
        high, low = divmod(n, 10_000)
        rest = _hanzi(low, digits, units, ten_thousand, bare_ten=False, ones=ones) if low else ""
        gap = digits[0] if ones and 0 < low < 1000 else ""
        return _hanzi(high, digits, units, ten_thousand, bare_ten=bare_ten, ones=ones) + ten_thousand + gap + rest
    parts, zero = "", False
    for power, unit in ((3, units[2]), (2, units[1]), (1, units[0]), (0, "")):
        digit, n = divmod(n, 10**power)
        if digit:
            parts += digits[0] if ones and zero and parts else ""
            parts += ("" if not ones and digit == 1 and power else digits[digit]) + unit
        zero = not digit
    return parts[1:] if bare_ten and parts.startswith(digits[1] + units[0]) else parts


def _roman(n: int) -> str:
    if n > 10_000:  # thousands of M say nothing
        return str(n)
    out = ""
    for value, sign in _ROMAN:
        out += sign * (n // value)
        n %= value
    return out


def _english(n: int) -> str:
    if n < 20:
        return _SMALL[n]
    if n < 100:
        return _TENS[n // 10] + (f"-{_SMALL[n % 10]}" if n % 10 else "")
    if n < 1000:
        return f"{_SMALL[n // 100]} hundred" + (f" {_english(n % 100)}" if n % 100 else "")
    return str(n)


def _ordinal(words: str) -> str:
    head, last = (words[: -len(m[0])], m[0]) if (m := re.search(r"\w+$", words)) else ("", words)
    if last in _IRREGULAR:
        return head + _IRREGULAR[last]
    return f"{head}{last[:-1]}ieth" if last.endswith("y") else f"{words}th"
