"""Words of the shop in another language: 我的 refund 什么时候到, when does my 退款 arrive."""

from __future__ import annotations

import re
from random import Random

from eval.noise.hanzi import words_of
from eval.noise.keeping import free, simplified
from eval.noise.words import SWITCHED, pairs


def switching(text: str, language: str, random: Random) -> str | None:
    """One shop word in the other language; two in a long text."""
    if language[:2] not in SWITCHED:
        return None
    plain = simplified(text) if language[:2] == "zh" else text
    bounds = dict(words_of(plain)) if language[:2] == "zh" else {}
    found: list[tuple[int, int, str]] = []
    for word, others in pairs(SWITCHED[language[:2]]).items():
        pattern = rf"\b{word}\b" if language in ("en", "es") else word
        for match in re.finditer(pattern, plain, re.IGNORECASE):
            whole = language[:2] != "zh" or bounds.get(match.start()) == match.end()
            if whole and free(text, *match.span()):
                found.append((*match.span(), random.choice(others)))
    random.shuffle(found)
    chosen: list[tuple[int, int, str]] = []
    for edit in found:
        if len(chosen) < 1 + (len(found) > 3) and all(edit[1] <= a or b <= edit[0] for a, b, _ in chosen):
            chosen.append(edit)
    for start, end, other in sorted(chosen, reverse=True):
        text = text[:start] + _set(text, start, end, other, language) + text[end:]
    return text if chosen else None


def _set(text: str, start: int, end: int, word: str, language: str) -> str:
    """`word`, with spaces where letters would touch; in Japanese and Korean its particle follows it directly."""
    left = " " if word.isascii() and text[start - 1 : start].isalnum() else ""
    right = " " if word.isascii() and text[end : end + 1].isalnum() and language not in ("ja", "ko") else ""
    return left + word + right
