"""How damaged a text is: what of it is lost for certain, and whether what is left reads like sound text.

Pure functions of the text. Two kinds of damage are told apart. Some shows in the letters: replacement characters,
private-use glyphs, mojibake, question marks inside words. Some shows only in the language: where letters were
dropped or exchanged, words fall apart into pieces that no sound text holds in such numbers.

Calibration (documents; share of sound ones at or above a limit, share of those with 20 and 33 % of the letters taken
out): 504 Chinese laws, rules, manuals and shop terms; 303 English and Spanish policies and articles.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from ingest import encodings, letters
from kb.text import to_simplified

LOST = encodings.LOST
MAX_LOST = 0.02  # above one letter in fifty lost, sentences no longer say what they said

# Share of hanzi that stand alone as words and are not of `letters.ALONE`.
DOUBTFUL_PIECES, BROKEN_PIECES = 0.115, 0.18
# Share of words of up to three small letters that are no words. Sound: at most 0.025.
DOUBTFUL_SHORT, BROKEN_SHORT = 0.04, 0.10
_ENOUGH_HANZI, _ENOUGH_WORDS = 120, 60  # fewer tell nothing for certain
_MAX_LETTERS = 60_000  # of a longer text, as many from evenly spread parts

_HANZI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_KANA = re.compile(r"[\u3041-\u30ff]")
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"[/@_{}<>=#\[\]`]")
_MARKERS = re.compile(r"锟斤|斤拷|烫烫烫|屯屯屯|锘縼?|ï»¿|ï¿½")
_LATIN_JUNK = re.compile(r"[À-ÿ¡-¿\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc‚„…†‡‰‹›€™]{3,}")
_ASKED = re.compile(r"(?<=[\u3400-\u9fff])\?+(?=[\u3400-\u9fff])|\?{4,}|(?<=[a-z])\?(?=[a-z])")
_BOXED = re.compile(r"(?<=[\u3400-\u9fff])[□■◇◆▯\ufffc](?=[\u3400-\u9fff])")
_READING = re.compile(
    r"(?<=[\u3400-\u9fff])[(（]([a-zü]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ][a-zü]{0,4})[)）]",
)
_MANY_READINGS = 10  # a text explains a few rare letters; a converter writes the reading behind every ambiguous one
_WINDOW = 12  # letters that are judged together as mojibake or not
_RARE = 9.0  # nats a letter: of sound text's windows 99.7 in 100 lie below, of text decoded wrongly 98.8 above


class Grade(StrEnum):
    """What may be done with a text."""

    SOUND = "sound"
    DOUBTFUL = "doubtful"  # read, with its doubts named
    UNREADABLE = "unreadable"  # not read: what it says cannot be trusted


@dataclass(frozen=True, slots=True)
class Damage:
    """The measures of a text, each 0…1, and what they come to."""

    grade: Grade
    lost: float  # letters that are lost for certain
    pieces: float  # hanzi left over between the words; 0.0 where the text is not Chinese or too short to tell
    short: float  # words of up to three letters that are none, of all words
    doubts: tuple[str, ...]  # in plain words, each with its measure; for an unreadable text: why


def judge(text: str) -> Damage:
    """The grade of a text with its reasons."""
    missing, broken, words = lost(text), pieces(text), short_words(text)
    reasons: list[str] = []
    if missing > 0:
        reasons.append(
            f"{_percent(missing)} of the letters are lost (replacement characters, unknown glyphs or text that was "
            "decoded wrongly before it was saved)"
        )
    if broken >= DOUBTFUL_PIECES:
        reasons.append(
            f"{_percent(broken)} of the hanzi are left over between words (sound texts: up to 9%): letters seem to be "
            "missing or exchanged"
        )
    if words >= DOUBTFUL_SHORT:
        reasons.append(
            f"{_percent(words)} of the words are fragments (sound texts: up to 2%): letters seem to be missing or "
            "exchanged"
        )
    unreadable = missing > MAX_LOST or broken >= BROKEN_PIECES or words >= BROKEN_SHORT
    reasons.extend(_oddities(text))
    grade = Grade.UNREADABLE if unreadable else Grade.DOUBTFUL if reasons else Grade.SOUND
    return Damage(grade, missing, broken, words, tuple(reasons))


def lost(text: str) -> float:
    """The share of characters that are lost: replacement characters, private-use glyphs, controls, mojibake."""
    counts = Counter(text)
    solid = sum(n for c, n in counts.items() if not c.isspace())
    if not solid:
        return 0.0
    bad = sum(n for c, n in counts.items() if c == LOST or _is_no_letter(c))
    bad += sum(len(match[0]) for match in _MARKERS.finditer(text))
    bad += sum(len(match[0]) for match in _LATIN_JUNK.finditer(text) if not _is_word(match[0]))
    asked = sum(len(match[0]) for match in _ASKED.finditer(text))
    if asked > 4 and asked > solid * MAX_LOST:  # fewer may be questions that are answered in the same line
        bad += asked
    return min(1.0, max(bad / solid, _mojibake(text)))


def pieces(text: str) -> float:
    """The share of a Chinese text's hanzi that no word of the dictionary holds; a cautious estimate for few of them."""
    text = _part(text)
    if len(_KANA.findall(text)) > 0.05 * sum(map(len, _HANZI.findall(text))):
        return 0.0
    cut, alone = _segmenter(), _alone()
    hanzi = left = 0
    for run in _HANZI.findall(to_simplified(text)):
        hanzi += len(run)
        left += sum(len(word) == 1 and word not in alone for word in cut(run, False))
    return _cautious(left, hanzi) if hanzi >= _ENOUGH_HANZI else 0.0


def short_words(text: str) -> float:
    """The share of words that are fragments, in languages whose short words we know."""
    spaced = (token for token in _part(text, 5 * _MAX_LETTERS).split() if not _CODE.search(token))
    words = _WORD.findall(" ".join(spaced))
    if len(words) < _ENOUGH_WORDS:
        return 0.0
    known, running = _short_words(), _function_words()
    plain = sum(word.isascii() for word in words) > 0.995 * len(words)  # English rather than a language unknown to us
    if sum(word in running for word in words) < (0.025 if plain else 0.05) * len(words):
        return 0.0
    odd = sum(len(word) <= 3 and word.islower() and "a" <= word[0] <= "ÿ" and word not in known for word in words)
    return _cautious(odd, len(words))


def readings(text: str) -> list[re.Match[str]]:
    """Pinyin that a converter wrote behind hanzi, 服務(wù)規(guī)范; none where there are few: people write some."""
    found = list(_READING.finditer(text))
    return found if len(found) >= _MANY_READINGS and len(found) > 0.003 * len(text) else []


def _oddities(text: str) -> Iterator[str]:
    """Doubts that alone refuse no text."""
    hanzi = sum(map(len, _HANZI.findall(text)))
    if found := len(readings(text)):
        yield f"{found} pinyin readings stand inside the text: it went through a converter"
    if hanzi >= _ENOUGH_HANZI:
        boxes = len(_BOXED.findall(text))
        if boxes > 2 and boxes > 0.005 * hanzi:
            yield f"{boxes} boxes stand inside words: letters were lost where no font had them"
        if not _KANA.search(text):
            simplified, traditional = _scripts(text)
            fewer = min(simplified, traditional)
            if fewer >= 30 and fewer > 0.15 * (simplified + traditional):
                yield (
                    f"simplified and traditional characters are mixed ({simplified} and {traditional}): "
                    "it was converted in part"
                )
    opened, closed = (sum(map(text.count, marks)) for marks in ("（《【「", "）》】」"))
    if opened + closed >= 40 and abs(opened - closed) > 0.15 * (opened + closed):
        yield f"brackets do not pair ({opened} open, {closed} close): characters may be missing"


def _scripts(text: str) -> tuple[int, int]:
    """How many characters are of simplified writing only, and of traditional writing only."""
    simplified = traditional = 0
    for c, n in Counter(_part(text)).items():
        if "\u4e00" <= c <= "\u9fff":
            script = _script(c)
            simplified += n * (script < 0)
            traditional += n * (script > 0)
    return simplified, traditional


@cache
def _script(c: str) -> int:
    if to_simplified(c) != c:
        return 1
    # many letters of both ways of writing, 后 and 台, have a traditional form too: they tell nothing
    other = _traditional().convert(c)
    return -1 if other != c and _big5(c) is False else 0


def _big5(c: str) -> bool:
    try:
        c.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


def _mojibake(text: str) -> float:
    """The share of letters beyond ASCII that stand among improbable ones: 鍟嗗搧, not one rare name."""
    text = _part(text)
    wide = re.sub(r"[\x00-\u2e7f\ue000-\uf8ff\ufffd]+", "", text)
    counts = Counter(wide)
    if len(wide) < 2 or sum(n for c, n in counts.items() if encodings.rarity(c) > _RARE) < 0.05 * len(wide):
        return 0.0
    others = sum(c.isalpha() and c <= "\u2e7f" for c in text) / 3  # a foreign name in an English text is no damage
    if len(wide) < _WINDOW:
        return len(wide) / (len(wide) + others) * (encodings.cost_per_letter(wide) > _RARE + 1.5)
    bad = _WINDOW * encodings.improbable(wide, _WINDOW, _RARE)
    share = bad / (_WINDOW * (len(wide) // _WINDOW) + others)
    return share if share > 0.10 else 0.0  # lists of names and foreign words reach 0.07


def _part(text: str, most: int = _MAX_LETTERS) -> str:
    """The text, or evenly spread parts of a very long one."""
    if len(text) <= most:
        return text
    step = len(text) // 20
    return "\n".join(text[at : at + most // 20] for at in range(0, len(text), step))


def _cautious(odd: int, of: int) -> float:
    """The lower end of what the share may be, at about nine to one."""
    return max(0.0, (odd - 1.3 * math.sqrt(odd)) / of)


def _is_word(run: str) -> bool:
    """Whether a run of accented letters and marks can be written on purpose: no marks among the letters."""
    return run.isalpha() and (run.islower() or run.isupper()) and len(run) < 5 or not any(c.isalpha() for c in run)


@cache
def _is_no_letter(c: str) -> bool:
    return unicodedata.category(c) in ("Co", "Cn", "Cc", "Cs") and not c.isspace()


@cache
def _alone() -> frozenset[str]:
    return frozenset(letters.ALONE)


@cache
def _short_words() -> frozenset[str]:
    return frozenset(letters.SHORT_WORDS.split())


@cache
def _function_words() -> frozenset[str]:
    return frozenset(letters.FUNCTION_WORDS.split())


@cache
def _segmenter():
    import rjieba  # its dictionary takes a fifth of a second

    return rjieba.cut


@cache
def _traditional():
    from opencc import OpenCC

    return OpenCC("s2t")


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}" if share >= 0.001 else f"{share:.3%}"
