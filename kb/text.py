"""Text for matching: folding, tokens, sentences, language. Nothing here is ever shown or quoted."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = re.compile(
    # Only before a measure word is 一 surely a number: "一般", "万一" and "统一" are none.
    r"(?P<n>[零〇一二两三四五六七八九十百千万]+)"
    r"(?=个?(?:工作日|自然日|小时|分钟|星期|礼拜|钟头|日内|日|天|年|月|周|元|块|倍|成|折|次|件|条|项|款|级|岁|公里|千克|公斤|克|斤|%|％))"
)
_WORD = re.compile(rf"[{HAN}]+|[a-z0-9]+(?:[.\-][a-z0-9]+)*|[\u3040-\u30ff]+|[\uac00-\ud7af]+")
_SENTENCE_END = re.compile(r"[。！？!?；;]+[”’」』）)\"']*|\n+|(?<=[a-z0-9)\"'])\.(?=\s+[A-Z“\"(]|\s*$)")


def fold(text: str) -> str:
    """NFKC, lower case, simplified characters, Arabic numerals before measure words."""
    folded = to_simplified(unicodedata.normalize("NFKC", text)).lower()
    return _NUMERAL.sub(_arabic, folded)


def to_simplified(text: str) -> str:
    return _opencc("t2s").convert(text)


def tokens(text: str) -> list[str]:
    """Words of a folded text, and the bigrams of its hanzi, kana and hangul runs, in order, with repeats.

    Words carry meaning; bigrams find what the dictionary cuts differently in question and clause.
    """
    return folded_tokens(fold(text))


def folded_tokens(folded: str) -> list[str]:
    """The tokens of a text that is folded already."""
    found = []
    for match in _WORD.finditer(folded):
        run = match.group()
        if run[0] < "\u3040":
            found.append(run)
            continue
        if run[0] >= "\u3400" and run[0] <= "\u9fff":
            found.extend(word for word in _segmenter()(run) if len(word) > 1 or len(run) == 1)
        if len(run) > 1:
            found.extend("_" + run[i : i + 2] for i in range(len(run) - 1))
    return found


def segments(run: str) -> list[str]:
    """The words that a run of hanzi is cut into; unknown ones are guessed at."""
    return list(_segmenter()(run))


@lru_cache(maxsize=65536)
def is_word(text: str) -> bool:
    """Whether the segmenter's dictionary has it."""
    import rjieba

    return rjieba.cut(text, hmm=False) == [text]


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a clause: they end at full stops, semicolons and line ends."""
    spans, start = [], 0
    for match in [*_SENTENCE_END.finditer(text), None]:
        end = match.end() if match else len(text)
        piece = text[start:end]
        if stripped := piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            spans.append((left, left + len(stripped)))
        start = end
    return spans


@lru_cache(maxsize=4096)
def language(text: str) -> str:
    """BCP 47 tag by script and letters: zh-Hans, zh-Hant, ja, ko, es, en, or und."""
    counts = {
        "han": len(re.findall(f"[{HAN}]", text)),
        "kana": len(re.findall(r"[\u3040-\u30ff]", text)),
        "hangul": len(re.findall(r"[\uac00-\ud7af]", text)),
        "latin": len(re.findall(r"[A-Za-zÀ-ÿ]", text)) / 3,  # a hanzi says about what three letters say
    }
    if not any(counts.values()):
        return "und"
    if counts["kana"] > 0.1 * (counts["han"] + counts["latin"]):
        return "ja"
    if counts["hangul"] > 0.3 * (counts["han"] + counts["latin"]):
        return "ko"
    if counts["han"] >= counts["latin"] or counts["han"] > 8:
        simplified, traditional = to_simplified(text), _opencc("s2t").convert(text)
        # Letters that differ from their simplified form are traditional ones, and the other way round.
        to_hans = sum(a != b for a, b in zip(text, simplified, strict=False))
        to_hant = sum(a != b for a, b in zip(text, traditional, strict=False))
        return "zh-Hant" if to_hans > to_hant else "zh-Hans"
    words = re.findall(r"[a-zà-ÿ]+", text.lower())
    spanish = sum(w in _SPANISH for w in words) + 2 * len(re.findall(r"[¿¡ñ]", text.lower()))
    english = sum(w in _ENGLISH for w in words)
    if not spanish + english and not re.search(r"(?<![\w-])[A-Za-zÀ-ÿ]{3}", text):
        return "und"  # V3, T3 24: a model or a size in any language
    return "es" if spanish > english else "en"


_SPANISH = frozenset(
    [
        "el",
        "la",
        "los",
        "las",
        "de",
        "del",
        "que",
        "en",
        "un",
        "una",
        "por",
        "para",
        "con",
        "se",
        "no",
        "es",
        "mi",
        "lo",
        "como",
        "cuando",
        "si",
        "puedo",
    ]
)
_ENGLISH = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "is",
        "for",
        "my",
        "on",
        "i",
        "it",
        "and",
        "can",
        "do",
        "does",
        "how",
        "what",
        "when",
        "if",
        "you",
        "are",
        "was",
    ]
)


def _arabic(match: re.Match[str]) -> str:
    value = numeral(match.group("n"))
    return match.group() if value is None else str(value)


def numeral(text: str) -> int | None:
    """The value of a Chinese numeral (十五, 一百零二, 三万, 二〇二五), or None where it is not one."""
    if not text or any(c not in _DIGITS and c not in _UNITS and c != "万" for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, section, digit = 0, 0, None
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _UNITS:
            section += (1 if digit is None else digit) * _UNITS[c]
            digit = None
        else:
            total = (total + section + (digit or 0)) * 10000
            section, digit = 0, None
    return total + section + (digit or 0)


@cache
def _opencc(config: str):
    from opencc import OpenCC

    return OpenCC(config)


@cache
def _segmenter():
    import rjieba

    return rjieba.cut
