"""Chinese written by ear: the input method's wrong pick, a neighbour's accent, letters of the sound instead of hanzi."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from eval.noise.homophones import SYLLABLES
from eval.noise.keeping import free, simplified, telling
from eval.noise.words import SLIPS, pairs

if TYPE_CHECKING:
    from opencc import OpenCC


_NEAR = {"zh": "z", "ch": "c", "sh": "s", "z": "zh", "c": "ch", "s": "sh"}  # said alike in much of the south


@cache
def _syllables() -> dict[str, str]:
    return dict(row.split(":") for row in SYLLABLES.split())


@cache
def _sound() -> dict[str, str]:
    return {letter: sound for sound, letters in _syllables().items() for letter in letters}


def homophones(text: str, random: Random) -> str | None:
    """One to three hanzi as an input method would get them wrong."""
    plain = simplified(text)
    edits = [*_known(plain, random), *_unknown(plain, random)]
    chosen: list[tuple[int, int, str]] = []
    wanted = 1 + (len(text) > 14 and random.random() < 0.5) + (len(text) > 30 and random.random() < 0.5)
    for edit in edits:
        if len(chosen) < wanted and all(edit[1] < start or end < edit[0] for start, end, _ in chosen):
            chosen.append(edit)
    if not chosen:
        return None
    traditional = plain != text
    for start, end, wrong in sorted(chosen, reverse=True):
        text = text[:start] + (in_traditional(wrong) if traditional else wrong) + text[end:]
    return text


def _known(plain: str, random: Random) -> list[tuple[int, int, str]]:
    found = []
    for word, wrongs in pairs(SLIPS["zh"]).items():
        at = plain.find(word)
        if at >= 0:
            wrong = random.choice(wrongs)
            changed = [at + i for i, (a, b) in enumerate(zip(word, wrong, strict=False)) if a != b]
            if len(wrong) != len(word):
                changed = list(range(at, at + len(word)))
            if all(free(plain, i, i + 1) for i in changed):
                found.append((at, at + len(word), wrong))
    random.shuffle(found)
    # The well-known slips come first most of the time, so that what is measured is what is written.
    return found if random.random() < 0.7 else []


def _unknown(plain: str, random: Random) -> list[tuple[int, int, str]]:
    found = []
    for at, letter in enumerate(plain):
        if (sound := _sound().get(letter)) is None or not free(plain, at, at + 1):
            continue
        letters = _syllables()[sound]
        if random.random() < 0.15 and (near := _accent(sound)):
            letters = near
        candidates = [c for c in letters[:8] if c != letter and not telling(c) and not _other_word(plain, at, c)]
        if candidates:
            found.append((at, at + 1, random.choice(candidates[:5])))
    random.shuffle(found)
    # Typed word by word, longer words come out wrong more often than the small ones every sentence has.
    return sorted(found, key=lambda edit: plain[edit[0]] in "的了吗呢啊是在有要就也和")


def _accent(sound: str) -> str | None:
    for before, after in _NEAR.items():
        if sound.startswith(before) and (letters := _syllables().get(after + sound[len(before) :])):
            return letters
    other = sound[:-1] if sound.endswith("ng") else sound + "g" if sound.endswith("n") else None
    return _syllables().get(other) if other else None


def _other_word(plain: str, at: int, letter: str) -> bool:
    """Whether `letter` makes a word of the dictionary with a neighbour: 定金 for 订金 would ask about another thing."""
    from rjieba import has_word

    changed = plain[:at] + letter + plain[at + 1 :]
    return any(has_word(changed[a:b]) for a, b in ((at - 1, at + 1), (at, at + 2)) if a >= 0 and b <= len(changed))


def pinyin(text: str, random: Random) -> str | None:
    """A word typed in letters: 退款什么时候dao到账 does not happen, tuikuan什么时候到账 does."""
    plain = simplified(text)
    words = [
        (start, end)
        for start, end in words_of(plain)
        if 2 <= end - start <= 3
        and all(letter in _sound() for letter in plain[start:end])
        and free(plain, start, end)
        and not any(side.isascii() and side.isalnum() for side in (text[start - 1 : start], text[end : end + 1]))
    ]
    if not words:
        return None
    start, end = random.choice(words)
    return text[:start] + "".join(_sound()[letter] for letter in plain[start:end]) + text[end:]


def slips_of_hand(text: str, random: Random) -> str | None:
    """A hanzi twice, a small word missing, two hanzi of a word the wrong way round."""
    plain = simplified(text)
    edits: list[tuple[int, int, str]] = []
    for start, end in words_of(plain):
        word = text[start:end]
        if not all("\u4e00" <= letter <= "\u9fff" for letter in word) or not free(plain, start, end):
            continue
        if word in ("的", "了", "呢", "吗", "啊", "呀", "吧", "嗎"):
            edits.append((start, end, ""))
        elif len(word) == 2 and word[0] != word[1]:
            at = random.randrange(2)
            edits.append((start, end, word[: at + 1] + word[at:]))
            if not _is_word(plain[start + 1] + plain[start]):
                edits.append((start, end, word[::-1]))
    if not edits:
        return None
    start, end, wrong = random.choice(edits)
    return text[:start] + wrong + text[end:]


def words_of(plain: str) -> list[tuple[int, int]]:
    """Spans of the words of a text in simplified characters."""
    from rjieba import cut

    spans, at = [], 0
    for word in cut(plain):
        at = plain.index(word, at)
        spans.append((at, at + len(word)))
        at += len(word)
    return spans


def _is_word(word: str) -> bool:
    from rjieba import has_word

    return bool(has_word(word))


def in_traditional(text: str) -> str:
    """In the traditional characters of most of its writers."""
    return str(_converter("s2t").convert(text))


@cache
def _converter(name: str) -> OpenCC:
    from opencc import OpenCC

    return OpenCC(name)


def script(text: str, random: Random) -> str | None:
    """In the other script, as Taiwan or Hong Kong or neither writes it. No word is replaced by another region's word."""
    if not re.search(r"[\u4e00-\u9fff]", text) or re.search(r"[\u3040-\u30ff\uac00-\ud7af]", text):
        return None
    plain = simplified(text)
    if plain != text:
        return plain
    # Word by word: in 买家私下 the converter alone finds the furniture of Hong Kong (傢俬).
    converter = _converter(random.choice(["s2tw", "s2hk", "s2t"]))
    return "".join(converter.convert(text[start:end]) for start, end in words_of(text))
