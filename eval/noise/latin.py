"""Slips in Latin letters, kana and hangul: the wrong key, a letter lost or doubled, spelled by ear."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from random import Random

from eval.noise.keeping import free
from eval.noise.words import SLIPS, pairs

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD = re.compile(r"(?<![\w@/.\-])[A-Za-zÀ-ÿ]{5,}(?![\w@/])")


def keyboard(text: str, random: Random) -> str | None:
    """One letter of a word replaced by the key beside it; two in a long text."""
    words = [match.span() for match in _WORD.finditer(text) if free(text, *match.span())]
    random.shuffle(words)
    changed = 0
    for start, end in words:
        places = [at for at in range(start + 1, end) if text[at].lower() in _neighbours()]
        if places and changed < (2 if len(text) > 60 else 1):
            at = random.choice(places)
            wrong = random.choice(_neighbours()[text[at].lower()])
            text = text[:at] + (wrong.upper() if text[at].isupper() else wrong) + text[at + 1 :]
            changed += 1
    return text if changed else None


@cache
def _neighbours() -> dict[str, str]:
    beside = {}
    for y, row in enumerate(_ROWS):
        for x, key in enumerate(row):
            places = ((y, x - 1), (y, x + 1), (y - 1, x), (y - 1, x + 1), (y + 1, x - 1), (y + 1, x))
            beside[key] = "".join(_ROWS[b][a] for b, a in places if 0 <= b < 3 and 0 <= a < len(_ROWS[b]))
    return beside


def letters(text: str, random: Random) -> str | None:
    """A letter of a word dropped, doubled, or changed with the one after it."""
    words = [match.span() for match in _WORD.finditer(text) if free(text, *match.span())]
    if not words:
        return None
    start, end = random.choice(words)
    at = random.randrange(start + 1, end - 1)
    a, b = text[at], text[at + 1]
    how = random.choice(["drop", "double", "swap"] if a != b else ["drop", "double"])
    return text[:at] + {"drop": b, "double": a + a + b, "swap": b + a}[how] + text[at + 2 :]


def misspelt(text: str, language: str, random: Random) -> str | None:
    """A word as people who write by ear spell it; Spanish without its accents, Korean with the shift key forgotten."""
    if language not in ("en", "es", "ja", "ko"):
        return None
    found = []
    for word, wrongs in pairs(SLIPS[language]).items():
        pattern = rf"(?<!\w){re.escape(word)}(?!\w)" if language in ("en", "es") else re.escape(word)
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if free(text, *match.span()):
                wrong = random.choice(wrongs)
                cased = wrong[:1].upper() + wrong[1:] if match.group()[:1].isupper() else wrong
                found.append((*match.span(), cased))
    if language == "es" and (not found or random.random() < 0.4):
        return _without_accents(text)
    if language == "ko" and (not found or random.random() < 0.4):
        return _without_shift(text, random)
    if not found:
        return None
    random.shuffle(found)
    chosen: list[tuple[int, int, str]] = []
    for edit in found:
        if len(chosen) < 1 + (len(text) > 50) and all(edit[1] <= a or b <= edit[0] for a, b, _ in chosen):
            chosen.append(edit)
    for start, end, wrong in sorted(chosen, reverse=True):
        text = text[:start] + wrong + text[end:]
    return text


def _without_accents(text: str) -> str | None:
    """México, qué: without accents and inverted marks; ñ stays, its loss makes other words."""
    bare = "".join(
        letter if letter in "ñÑ" else unicodedata.normalize("NFD", letter)[0] for letter in text if letter not in "¿¡"
    )
    return bare if bare != text else None


_SS, _S = 20, 19  # final consonants ㅆ and ㅅ, in the order in which Unicode composes hangul


def _without_shift(text: str, random: Random) -> str | None:
    """있나요 as 잇나요: the double consonant needs the shift key."""
    places = [at for at, letter in enumerate(text) if "가" <= letter <= "힣" and (ord(letter) - 0xAC00) % 28 == _SS]
    if not places:
        return None
    at = random.choice(places)
    return text[:at] + chr(ord(text[at]) + _S - _SS) + text[at + 1 :]


def casing(text: str, random: Random) -> str | None:
    """Without capitals, or with nothing else."""
    small, large = text.lower(), text.upper()
    if small == text:
        return large if random.random() < 0.3 and large != text else None
    return large if random.random() < 0.25 else small
