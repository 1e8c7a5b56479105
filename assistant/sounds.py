"""How words sound: 运废 is 运费 to whoever types by sound. And how Latin words are mistyped by one letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from itertools import product

from kb.text import HAN

_SOUNDS = "lexicon/sounds.txt"
_HAN_WORD = re.compile(f"[{HAN}]{{2,4}}")
_LATIN_WORD = re.compile(r"[a-zà-ÿ]{4,}")
_LEAST_LATIN = 5  # letters of a word that may be mistyped: shorter ones are one letter from too many others
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"))


def syllables(char: str) -> tuple[str, ...]:
    """The readings of a hanzi without tones, in alphabetical order; none for what GB 2312 does not have."""
    return _readings().get(char, ())


def alike(char: str) -> str:
    """The characters that may be read like `char`, itself among them."""
    return "".join(dict.fromkeys("".join(_characters()[syllable] for syllable in syllables(char)))) or char


@cache
def coarse(syllable: str) -> str:
    """What is left of a syllable for those who do not tell zh from z, n- from l-, or -ng from -n."""
    for long, short in _MERGED:
        if syllable.startswith(long):
            syllable = short + syllable[len(long) :]
    if syllable.startswith("n") and len(syllable) > 1:
        syllable = "l" + syllable[1:]
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


def keys(word: str) -> list[str]:
    """The coarse sounds of a word of hanzi, one for each way to read it; none where a character is unknown."""
    return [" ".join(way) for way in product(*(_coarse_readings(char) for char in word))]


class Sounding:
    """The words of a base by their sound. Read-only once it is made."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words`: distinct, folded, whole words (no bigrams)."""
        found: dict[str, list[str]] = {}
        shorter: dict[str, list[str]] = {}
        for word in words:
            if _HAN_WORD.fullmatch(word):
                for key in keys(word):
                    found.setdefault(key, []).append(word)
            elif _LATIN_WORD.fullmatch(word):
                for key in _shortened(word):
                    shorter.setdefault(key, []).append(word)
        self._by_sound = found
        self._by_shortened = shorter

    def same(self, word: str) -> tuple[str, ...]:
        """Words of the base that sound like a word of hanzi: those that share a character with it, if there are none
        those of exactly its sound. People mistype one character more often than two."""
        found = sorted({other for key in keys(word) for other in self._by_sound.get(key, ()) if other != word})
        sharing = [other for other in found if any(a == b for a, b in zip(word, other, strict=True))]
        return tuple(sharing or [other for other in found if _same_sound(word, other)])

    def spelt(self, left: str, syllable: str, right: str) -> tuple[str, ...]:
        """Words of the base that are spelt beside hanzi: 退kuan and tui货, where one of two is given, or 我的tuikuan."""
        if syllable not in _characters():
            ways = (" ".join(map(coarse, cut)) for cut in _cuts(syllable)) if left or right else ()
            return tuple(sorted({word for key in ways for word in self._by_sound.get(key, ())}))
        given = [(left, f"{key} {coarse(syllable)}", 0) for key in _coarse_readings(left)] if left else []
        given += [(right, f"{coarse(syllable)} {key}", 1) for key in _coarse_readings(right)] if right else []
        return tuple(
            sorted(
                word
                for char, key, at in given
                for word in self._by_sound.get(key, ())
                if word[at] == char and syllable in syllables(word[1 - at])
            )
        )

    def near(self, word: str) -> tuple[str, ...]:
        """Words of the base that one letter more, less or else, or two swapped, make of a Latin word; their first
        letter is the same, as it nearly always is."""
        if len(word) < _LEAST_LATIN or not _LATIN_WORD.fullmatch(word):
            return ()
        found = {other for key in _shortened(word) for other in self._by_shortened.get(key, ())}
        return tuple(sorted(other for other in found if other != word and _one_slip(word, other)))


def _cuts(letters: str) -> list[tuple[str, ...]]:
    """The ways to read letters as two to four syllables."""
    found: list[tuple[str, ...]] = []

    def go_on(start: int, cut: tuple[str, ...]) -> None:
        if start == len(letters) and len(cut) > 1:
            found.append(cut)
        for end in range(start + 1, min(start + 6, len(letters)) + 1) if len(cut) < 4 else ():
            if letters[start:end] in _characters():
                go_on(end, (*cut, letters[start:end]))

    go_on(0, ())
    return found


def _shortened(word: str) -> set[str]:
    """The word, and what is left of it without one of its letters but the first: two words that share none of these
    are more than one slip apart."""
    return {word} | {word[:i] + word[i + 1 :] for i in range(1, len(word))}


def _one_slip(a: str, b: str) -> bool:
    """Whether words that share a shortened form are one slip apart: two losses at different places may be two."""
    if len(a) != len(b):
        return True
    differing = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    if len(differing) < 2:
        return True
    i, j = differing[0], differing[-1]
    return len(differing) == 2 and j == i + 1 and (a[i], a[j]) == (b[j], b[i])


def _same_sound(a: str, b: str) -> bool:
    return all(set(syllables(x)) & set(syllables(y)) for x, y in zip(a, b, strict=True))


@cache
def _coarse_readings(char: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(coarse(syllable) for syllable in syllables(char)))


@cache
def _characters() -> Mapping[str, str]:
    """Syllable -> its characters."""
    lines = resources.files("assistant").joinpath(_SOUNDS).read_text("utf-8").splitlines()
    return dict(line.split(" ") for line in lines if line and not line.startswith("#"))


@cache
def _readings() -> Mapping[str, tuple[str, ...]]:
    """Character -> syllables. A character stands under its usual reading and, where it has one, a second."""
    found: dict[str, list[str]] = {}
    for syllable, characters in _characters().items():
        for char in characters:
            found.setdefault(char, []).append(syllable)
    return {char: tuple(sounds) for char, sounds in found.items()}
