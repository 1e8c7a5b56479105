"""Bytes to text: which encoding they are in, and what a wrong decoding before us did to them, undone where it can be.

Every candidate is judged by the text that it gives. `cost` is how improbable a text is, in nats: the sum over its
characters of -log p(character), under the language in which it is likeliest. The right table turns bytes into
letters that people use; a wrong one turns them into rare hanzi, half-width katakana, box drawings.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ingest import letters

LOST = "\ufffd"
MAX_COST = 10.5  # nats a non-ASCII letter: above it no table fits. Short sound texts reach 9, binary data begins at 12
_SAMPLE_BYTES = 60_000
_ENOUGH = 20_000  # characters whose cost is counted
_FAULT = 25.0  # nats for a byte that the table does not know: worse than any character
_DECLARED = 8.0  # nats in favour of what the file says of itself: decides between near equals, no more
_UTF8 = 8.0  # nats in favour of UTF-8: bytes of another encoding are seldom valid in it
_SWITCH = 20.0  # nats against a file in several encodings

# Encoding -> languages it is used for. At equal cost the earlier one is taken.
_TABLES: Mapping[str, tuple[str, ...]] = {
    "utf-8": ("hans", "hant", "ja", "ko", "west", "central", "cyrillic", "greek", "other"),
    "gb18030": ("hans", "hant"),
    "big5hkscs": ("hant",),
    "cp950": ("hant",),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "cp949": ("ko",),
    "cp1252": ("west",),
    "cp1250": ("central",),
    "iso8859_2": ("central",),
    "cp1251": ("cyrillic",),
    "koi8_r": ("cyrillic",),
    "cp1253": ("greek",),
    "cp1254": ("central",),
    "mac_roman": ("west",),
    "cp850": ("west",),
}
_RARE_TABLES = {"cp950": 1.0, "mac_roman": 4.0, "cp850": 8.0, "iso8859_2": 1.0, "cp1254": 2.0}  # nats against them
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_MEANT = {  # what a declaration means in practice: pages use the wider table under the narrower one's name
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "ks_c_5601_1987": "cp949",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_CLASH = 4.0  # nats for two letters side by side that no word has so
_CJK = ("hans", "hant", "ja", "ko")
_CLASHES = {
    # accented letters stand alone in their words, and capitals do not follow small letters
    "west": re.compile(r"[^\x00-\xb6\u2010-\u20ff](?=[^\x00-\xbe\u2010-\u20ff])|[a-z](?=[À-ÞĄĆČĎĐĘĚŁŃŇŐŔŘŚŞŠŢŤŮŰŹŻŽ])"),
    "central": re.compile(
        r"[^\x00-\xb6\u2010-\u20ff](?=[^\x00-\xbe\u2010-\u20ff])|[a-z](?=[À-ÞĄĆČĎĐĘĚŁŃŇŐŔŘŚŞŠŢŤŮŰŹŻŽ])"
    ),
    **dict.fromkeys(_CJK, re.compile(r"[a-z](?=[\u2e80-\uffee][a-z])")),
    "cyrillic": re.compile(r"[A-Za-z](?=[\u0400-\u04ff])|[\u0400-\u04ff](?=[A-Za-z])"),
    "greek": re.compile(r"[A-Za-z](?=[\u0370-\u03ff])|[\u0370-\u03ff](?=[A-Za-z])"),
}
_CJK_MARKS = "，。、；：？！（）《》「」『』“”‘’【】　…—·％＋／～"
_WEST = "áéíóúñüàèçêôâîöäëïûùãõåæøœß¿¡ª"
_CENTRAL = "ąćęłńóśźżáčďéěíňřšťúůýžőűôâîășțşţğıİçöüä"
_WEST_MARKS = "“”‘’–—…•€£©®™°·«»½¼¾×§\u00a0\u00ad"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and in plain words how it was got."""

    text: str
    notes: tuple[str, ...] = ()
    faults: int = 0  # bytes that the encoding does not know, each U+FFFD now


def decode(data: bytes, declared: str | None = None) -> Decoded | None:
    """The text of bytes; None where they are no text. `declared`: the encoding that the file names itself."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            body = data[len(bom) :]
            if encoding != "utf-8":
                return _strictly(body, encoding, f"read as {encoding}")
            data = body  # a mark of UTF-8 is sometimes put before something else: go on as if it declared it
            declared = "utf-8"
            break
    if data.isascii() and b"\x00" not in data and b"\x1b" not in data:
        return Decoded(data.decode("ascii"))
    if re.search(rb"\x1b(?:\$[B@]|\(J|\$\)C)", data[:_SAMPLE_BYTES]) and (shifted := _shifted(data)):
        return shifted
    notes: tuple[str, ...] = ()
    if b"\x00" in data:
        if (wide := _wide(data)) is not None:
            return _strictly(data, wide, f"read as {wide} (no byte order mark)")
        notes = (f"{data.count(0)} NUL characters left out",)
        data = data.replace(b"\x00", b"")
    found = _short_wide(data)
    if found is None and _is_binary(data):
        return None
    found = found or _several(data, declared) or _one(data, declared)
    return Decoded(found.text, (*notes, *found.notes), found.faults) if found else None


def undo(text: str) -> Decoded:
    """Text that was once decoded by a wrong table and saved again, as it was before, wherever that can be proved.

    Proved means: put back into the wrong table's bytes it is valid in another encoding, the way back gives the very
    same letters, and the result is far more probable. What cannot be proved stays as it is.
    """
    if text.isascii():
        return Decoded(text)
    odd = "".join(c for c in set(text) if c > "\x7f" and rarity(c) > _USUAL)
    rare = re.compile(f"[{re.escape(odd)}]") if odd else None
    text, whole = _undo_whole(text, rare)
    text, runs = _undo_runs(text, rare)
    return Decoded(
        text, tuple(f"letters that had been decoded wrongly were restored: {how}" for how in (*whole, *runs))
    )


def cost(text: str, languages: Iterable[str] = _TABLES["utf-8"]) -> float:
    """Nats, under the likeliest of the languages."""
    if len(text) > _ENOUGH:  # the beginning tells it: a line may be millions long
        return cost(text[:_ENOUGH], languages) * (len(text) / _ENOUGH)
    counts = Counter(text)
    least = math.inf
    for language in languages:
        nats = sum(n * _letter(c, language) for c, n in counts.items())
        if nats < least and (pattern := _CLASHES.get(language)):
            nats += _CLASH * len(pattern.findall(text))
        least = min(least, nats)
    return least


def cost_per_letter(text: str) -> float:
    """Nats a letter beyond ASCII; 0.0 where there is none."""
    wide = re.sub(r"[\x00-\x7f]+", "", text)
    return cost(wide) / len(wide) if wide else 0.0


def improbable(text: str, size: int, limit: float) -> int:
    """How many of a text's parts of `size` letters, all beyond ASCII, cost more than `limit` nats a letter."""
    usual = min(_CJK, key=lambda language: cost(text, (language,)))
    costs = [_letter(c, usual) for c in text]
    return sum(
        # what is likely enough in the text's own language need not be looked at in all the others
        sum(costs[at : at + size]) > limit * size and cost_per_letter(text[at : at + size]) > limit
        for at in range(0, len(text) - size + 1, size)
    )


@cache
def rarity(c: str) -> float:
    """Nats of one letter, under the language in which it is likeliest."""
    return min(_letter(c, language) for language in _TABLES["utf-8"])


# --- one encoding, or several ----------------------------------------------------------------------------------


def _one(data: bytes, declared: str | None) -> Decoded | None:
    sample = _sample(data)
    ranked = sorted(_candidates(sample, declared), key=lambda pair: pair[0])
    for _, encoding in ranked[:3]:  # a sample may be sound in a table that fails farther on
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or _plausible(sample.decode(encoding, "replace")):  # nothing else is UTF-8 by chance
            return Decoded(text, _said(encoding))
        return None
    text = data.decode(ranked[0][1], "replace")
    if not _plausible(sample.decode(ranked[0][1], "replace").replace(LOST, "")):
        return None
    faults = text.count(LOST)
    return Decoded(text, (f"read as {ranked[0][1]} with damaged characters: {faults} could not be read",), faults)


def _candidates(sample: bytes, declared: str | None) -> Iterator[tuple[float, str]]:
    said = _normal(declared)
    for encoding, languages in _TABLES.items():
        text = sample.decode(encoding, "replace")
        nats = cost(text.replace(LOST, ""), languages) + _FAULT * (text.count(LOST) - sample.count(b"\xef\xbf\xbd"))
        nats += _RARE_TABLES.get(encoding, 0.0) - _DECLARED * (encoding == said) - _UTF8 * (encoding == "utf-8")
        yield nats, encoding


def _several(data: bytes, declared: str | None) -> Decoded | None:
    """A file put together from parts in UTF-8 and in another encoding, each line read as what it is."""
    lines = data.split(b"\n")
    sound: dict[int, str] = {}
    others: list[int] = []
    for i, line in enumerate(lines):
        if line.isascii():
            continue
        try:
            sound[i] = line.decode("utf-8")
        except UnicodeDecodeError:
            others.append(i)
    if not sound or not others:
        return None
    whole = b"\n".join(lines[i] for i in others)
    table = min(_candidates(_sample(whole), None))[1]
    if table == "utf-8":
        return None  # lines in UTF-8 with broken bytes, no other encoding
    # a line of few letters may be valid in UTF-8 by chance
    sound = {i: text for i, text in sound.items() if cost(text) - _UTF8 <= _as(lines[i], table)}
    if not sound:
        return None
    mixed = _SWITCH + _as(_sample(whole), table) + sum(map(cost, _spread(list(sound.values()))))
    single = min(_candidates(_sample(b"\n".join([*_spread(others, lines), *_spread(list(sound), lines)])), declared))
    if single[0] <= mixed:
        return None
    pieces, faults = [], 0
    for i, line in enumerate(lines):
        text = sound[i] if i in sound else line.decode(table, "replace")
        faults += text.count(LOST) if i not in sound else 0
        pieces.append(text)
    note = f"lines in different encodings (utf-8 and {table}), each read as its own"
    return Decoded("\n".join(pieces), (note,), faults) if _plausible("".join(pieces)[:20000]) else None


def _spread(items: Sequence, lines: Sequence[bytes] | None = None, most: int = 400) -> list:
    step = max(1, len(items) // most)
    return [lines[i] if lines is not None else i for i in items[::step]]


def _as(line: bytes, table: str, languages: Iterable[str] = ()) -> float:
    text = line.decode(table, "replace")
    return cost(text.replace(LOST, ""), languages or _TABLES[table]) + _FAULT * text.count(LOST)


def _strictly(data: bytes, encoding: str, note: str) -> Decoded:
    unit = int(encoding[4:6]) // 8 if encoding.startswith(("utf-16", "utf-32")) else 1
    over = len(data) % unit
    try:
        text, faults = data[: len(data) - over].decode(encoding), int(over > 0)
    except UnicodeDecodeError:
        text = data[: len(data) - over].decode(encoding, "replace")
        faults = text.count(LOST) + (over > 0)
    return Decoded(text, (note + (f" with damaged characters: {faults} could not be read" if faults else ""),), faults)


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: half or three quarters of the bytes of ASCII letters are NUL there."""
    head = data[:8192]
    bare = head.replace(b"\x00", b"")
    best = (min(_candidates(bare, None))[0] + 3.0 * head.count(0), "") if bare else (math.inf, "")
    for encoding in _WIDE:
        unit = int(encoding[4:6]) // 8
        part = head[: len(head) - len(head) % unit]
        text = part.decode(encoding, "replace")
        best = min(best, (cost(text.replace(LOST, "")) + _FAULT * text.count(LOST), encoding))
    return best[1] or None


def _short_wide(data: bytes) -> Decoded | None:
    """A line or two in UTF-16 without a mark and without one letter of ASCII, hence without a NUL."""
    if len(data) > 1000 or len(data) % 2:
        return None
    nats, encoding = min((_as(data, encoding, _TABLES["utf-8"]), encoding) for encoding in _WIDE[:2])
    if nats + _UTF8 >= min(_candidates(data, None))[0]:
        return None
    found = _strictly(data, encoding, f"read as {encoding} (no byte order mark)")
    return found if _plausible(found.text) else None


def _shifted(data: bytes) -> Decoded | None:
    for encoding in ("iso2022_jp_2", "iso2022_kr"):
        try:
            return Decoded(data.decode(encoding), (f"read as {encoding}",))
        except UnicodeDecodeError:
            continue
    return None


def _said(encoding: str) -> tuple[str, ...]:
    return () if encoding == "utf-8" else (f"read as {encoding}",)


def _normal(declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return None
    return _MEANT.get(name, name)


def _plausible(text: str) -> bool:
    return cost_per_letter(text.replace(LOST, "")) <= MAX_COST


def _is_binary(data: bytes) -> bool:
    head = data[:8192]
    controls = sum(b < 9 or 13 < b < 27 or 28 <= b < 32 for b in head)
    return controls > 2 and controls > len(head) * 0.02


def _sample(data: bytes) -> bytes:
    """The lines that have something to tell, from the whole of the data: a page begins with markup in ASCII."""
    if len(data) <= _SAMPLE_BYTES:
        return data
    told = [line[:4000] for line in data.split(b"\n") if not line.isascii()]
    if sum(map(len, told)) < 2000:  # very long lines, or none
        at = next((i for i in range(0, len(data), 4000) if not data[i : i + 4000].isascii()), 0)
        return data[at : at + _SAMPLE_BYTES]
    step = max(1, sum(map(len, told)) // _SAMPLE_BYTES)
    return b"\n".join(told[::step])[: 2 * _SAMPLE_BYTES]


# --- how common a letter is ------------------------------------------------------------------------------------


@cache
def _common(language: str) -> dict[str, float]:
    ranked = {
        "hans": letters.HANS,
        "hant": letters.HANT,
        "ja": letters.JAPANESE,
        "ko": letters.KOREAN,
    }.get(language, "")
    # p(rank) = 0.22 / (rank + 12): Zipf's law, of which the lists' letters have four fifths
    costs = {c: math.log((rank + 12) / 0.22) for rank, c in enumerate(ranked)}
    if ranked:
        return costs | dict.fromkeys(_CJK_MARKS, 4.5)
    if language == "west":
        rare = dict.fromkeys(_WEST_MARKS, 7.5) | dict.fromkeys(_WEST.upper(), 7.5)
        return rare | dict.fromkeys(_WEST, 5.0) | dict.fromkeys("œøåæõªãûùïôâ", 7.0) | dict.fromkeys("’“”–—", 4.5)
    if language == "central":
        return dict.fromkeys(_CENTRAL, 5.5) | dict.fromkeys(_CENTRAL.upper(), 7.5) | dict.fromkeys(_WEST_MARKS, 6.5)
    first, last = {"cyrillic": (0x430, 0x44F), "greek": (0x3AC, 0x3CE)}.get(language, (1, 0))
    small = "".join(map(chr, range(first, last + 1)))
    return dict.fromkeys(small.upper(), 6.0) | dict.fromkeys(small + "ё№", 3.6) | dict.fromkeys(_WEST_MARKS, 6.5)


@cache
def _letter(c: str, language: str) -> float:
    """-log p(c) in a text of that language, in nats, by classes of about the right size and use."""
    if c < "\x80":
        return 3.2 if c >= " " or c in "\n\r\t" else 22.0
    if (known := _common(language).get(c)) is not None:
        return known
    asian = language in ("hans", "hant", "ja", "ko")
    if "\u4e00" <= c <= "\u9fff":
        if not asian:
            return 14.0
        level = _level(c, {"hans": "gb2312", "hant": "big5", "ja": "euc_jp", "ko": "euc_kr"}[language])
        return (10.0, 12.8, 16.0)[level] + (2.0 if language == "ko" else 0.0)
    if "\u3041" <= c <= "\u30fe":
        return 9.0 if language == "ja" else 13.0
    if "\uac00" <= c <= "\ud7a3":
        return 16.0 if language != "ko" else 10.0 if _level(c, "euc_kr") < 2 else 15.0
    if "\uff61" <= c <= "\uff9f":
        return 9.0 if language == "ja" else 16.0
    if "\uff01" <= c <= "\uff60" or "\u2460" <= c <= "\u2473" or c in "→↓①②●○★☆■□◆※㎡℃￥¥〇〔〕〈〉–−•ー々　":
        return 7.5 if asian else 12.0
    if "\u2500" <= c <= "\u257f":
        return 7.5  # tables are drawn with these
    if c == LOST:
        return 0.0  # counted as what it is by those who can tell where it comes from
    kind = unicodedata.category(c)
    if kind in ("Cc", "Cn", "Co", "Cs"):
        return 22.0
    if language == "other" and kind[0] in "LM":
        return 7.0 if c > "\u02ff" else 9.0
    if kind[0] in "LM":
        return 13.0 if asian else 10.0 if c <= "\u024f" else 13.0
    if c >= "\U0001f300" or "\u2600" <= c <= "\u27bf":
        return 9.0  # emoji
    return 11.0


@cache
def _level(c: str, table: str) -> int:
    """0: among the commonest few thousand that the national table puts first; 1: in the table; 2: in none of it."""
    try:
        lead = c.encode(table)[0]
    except UnicodeEncodeError:
        return 2
    last = {"gb2312": 0xD7, "big5": 0xC6, "euc_jp": 0xCF, "euc_kr": 0xC8}[table]
    return 0 if lead <= last else 1


# --- decoded wrongly before it came to us ----------------------------------------------------------------------

_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_USUAL = 7.95  # nats: every letter of the lists of common ones costs less
_WIDE_LETTER = re.compile(r"[^\x00-\x7f]")
_PROOF_LETTERS = 8
_WRONG = ("gb18030", "cp1252", "big5hkscs", "cp932", "cp949", "cp1251")
_RIGHT = ("utf-8", "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")
_HIGH = "".join(sorted({bytes([b]).decode("cp1252", "ignore") for b in range(128, 256)} - {""}))
_LATIN_RUN = re.compile(f"[{re.escape(_HIGH)}\x80-\x9f]{{2,}}")
_LATIN_JUNK = re.compile(f"[{re.escape(_HIGH)}\x80-\x9f]{{3,}}")
_HAN_RUN = re.compile(r"[^\x00-\x7f\n]{2,}")


def _back(text: str, wrong: str) -> bytes | None:
    """The bytes that the wrong table made this text of."""
    if wrong == "cp1252":  # browsers let the five bytes that the table lacks through as controls
        try:
            return b"".join(c.encode("cp1252") if c not in "\x81\x8d\x8f\x90\x9d" else bytes([ord(c)]) for c in text)
        except UnicodeEncodeError:
            return None
    try:
        return text.encode(wrong)
    except UnicodeEncodeError:
        return None


def _forth(data: bytes, wrong: str) -> str:
    if wrong == "cp1252":
        return "".join(chr(b) if b in b"\x81\x8d\x8f\x90\x9d" else bytes([b]).decode(wrong) for b in data)
    return data.decode(wrong)


def _restored(text: str, wrong: str, right: str) -> str | None:
    if _PRIVATE.search(text) or (data := _back(text, wrong)) is None:  # a private glyph is anybody's
        return None
    try:
        found = data.decode(right)
        return found if _forth(found.encode(right), wrong) == text else None
    except UnicodeError:
        return None


def _undo_whole(text: str, rare: re.Pattern[str] | None) -> tuple[str, tuple[str, ...]]:
    """Line by line, by the pair of tables that mends most of a sample of the implausible lines."""
    lines = text.split("\n")
    odd = [i for i, line in enumerate(lines) if not line.isascii() and _suspect(line, rare)]
    if not odd:
        return text, ()
    sample = [lines[i][:2000] for i in _spread(odd, most=60)]
    # Two or three letters are valid in every table of the East; in UTF-8 almost nothing is by chance.
    enough = sum(len(_WIDE_LETTER.findall(line)) for line in sample) >= _PROOF_LETTERS
    gains = []
    for wrong in _WRONG:
        for right in _RIGHT if enough else ("utf-8",):
            if wrong != right:
                pairs = [(line, _restored(line, wrong, right)) for line in sample]
                gains.append((sum(_gain(line, found) for line, found in pairs if found), wrong, right))
    gain, wrong, right = max(gains)
    if gain <= 0:
        return text, ()
    mended = 0
    for i in odd:
        if (found := _restored(lines[i], wrong, right)) and _gain(lines[i], found) > 0:
            lines[i] = found
            mended += 1
    how = f"{right} that was read as {wrong}, {mended} of {len(odd)} lines"
    return "\n".join(lines), (how,)


def _undo_runs(text: str, rare: re.Pattern[str] | None) -> tuple[str, tuple[str, ...]]:
    """Single words inside sound text: "devoluciÃ³n", and what of a line is left where its end was lost."""
    done: Counter[str] = Counter()

    def latin(match: re.Match[str]) -> str:
        run = match[0]
        for wrong in ("cp1252", "latin-1"):
            if (found := _restored(run, wrong, "utf-8")) and cost(found) < cost(run):
                done[f"utf-8 that was read as {wrong}"] += 1
                return found
        if len(run) < 4:
            return run
        pairs = [
            (_gain(run, found), right, found) for right in _RIGHT[1:] if (found := _restored(run, "cp1252", right))
        ]
        gain, right, found = max(pairs, default=(0.0, "", run))
        if gain > 0:
            done[f"{right} that was read as cp1252"] += 1
        return found if gain > 0 else run

    def han(match: re.Match[str]) -> str:
        if not _suspect(match[0], rare):
            return match[0]
        found = _restored(match[0], "gb18030", "utf-8")
        if found and _gain(match[0], found) > 0:
            done["utf-8 that was read as gb18030"] += 1
            return found
        return match[0]

    text = _LATIN_RUN.sub(latin, text)
    text = _HAN_RUN.sub(han, text) if rare is not None else text
    return text, tuple(f"{how}, {n} {'place' if n == 1 else 'places'}" for how, n in done.items())


def _suspect(line: str, rare: re.Pattern[str] | None) -> bool:
    """Whether a line has far more rare letters than any line of sound text (about one in ten), or junk of Latin ones."""
    part = line[:2000]
    if rare is not None and 10 * len(rare.findall(part)) > 3 * len(_WIDE_LETTER.findall(part)):
        return True
    return _LATIN_JUNK.search(part) is not None


def _gain(before: str, after: str) -> float:
    """Nats by which the restored text is more probable, less what chance may give."""
    shorter = max(1, len(after))
    return cost(before) - cost(after) - 6.0 - 0.5 * shorter
