"""Marks, widths, spaces, pictures: what surrounds the words."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from random import Random

from eval.noise.hanzi import in_traditional, words_of
from eval.noise.keeping import free, kept_spans, simplified

_MARK = re.compile(r"[，。？！、；：…—～,?!;:“”\"「」『』（）()¿¡~]+|\.(?=\s|$)")
_TO_HALF = str.maketrans("，。？！；：（）、～", ",.?!;:(),~")
_TO_FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def punctuation(text: str, random: Random) -> str | None:
    """Without its marks; where two letters or numbers would run into each other, with a space."""
    spaced = text.isascii() or random.random() < 0.4

    def without(match: re.Match[str]) -> str:
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if before and after and match.group() in (",", ":", ".") and before.isdigit() and after.isdigit():
            return match.group()  # 2.5, 10:30, 1,000
        runs = (spaced or _runs(before, after)) and before.strip() and after.strip()
        return " " if runs else ""

    bare = _MARK.sub(without, text).strip()
    if random.random() < 0.5:
        bare = re.sub(r"(?<=[a-z])['’](?=[a-z])", "", bare)  # dont
    return bare if bare != text else None


def _runs(before: str, after: str) -> bool:
    """Whether two letters that meet would be read as one word or number."""
    numbers = "零一二两三四五六七八九十百千万半几"
    return (before.isascii() and after.isascii()) or (before in numbers and after in numbers)


def repeats(text: str, random: Random) -> str | None:
    """The last mark several times, the last particle drawn out, or the whole said twice."""
    ways = []
    if match := re.search(r"[?？!！。.]$", text):
        mark = {"。": "！", ".": "!"}.get(match.group(), match.group())
        ways.append(text[:-1] + mark * random.randint(2, 5))
    if match := re.search(r"[啊呀呢吧哦噢嘛喔]([?？!！。~]*)$", text):
        ways.append(text[: match.start()] + match.group()[0] * random.randint(2, 4) + match[1])
    if match := re.search(r"\b(?:please|so|why|help|hola|gracias)\b", text, re.IGNORECASE):
        word = match.group()
        ways.append(text[: match.end()] + word[-1] * random.randint(2, 4) + text[match.end() :])
    if not re.search(r"[\d零〇一二两三四五六七八九十百千万半]", text) and len(text) < 40:
        ways.append(f"{text}\n{text}")
    return random.choice(ways) if ways else None


def width(text: str, random: Random) -> str | None:
    """Letters, digits and marks of the other width, as an input method left in the wrong mode writes them."""
    if not re.search(r"[\u3040-\u30ff\u3400-\u9fff]", text):
        return None
    japanese = re.search(r"[\u3040-\u30ff]", text) is not None
    ways = [
        re.sub(r"[0-9]+", lambda m: m.group().translate(_TO_FULL), text),
        re.sub(r"[0-9A-Za-z%]+", lambda m: m.group().translate(_TO_FULL), text),
        text if japanese else text.translate(_TO_HALF),
        re.sub(r"[\u30a1-\u30fc]+", lambda m: "".join(_half_kana().get(c, c) for c in m.group()), text),
    ]
    changed = sorted({way for way in ways if way != text})
    return random.choice(changed) if changed else None


@cache
def _half_kana() -> dict[str, str]:
    """ア: ｱ, ガ: ｶﾞ. Read back from what NFKC makes of the half-width letters."""
    half = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    marked = {
        unicodedata.normalize("NFKC", h + mark): h + mark
        for h in list(half.values())
        for mark in "\uff9e\uff9f"
        if len(unicodedata.normalize("NFKC", h + mark)) == 1
    }
    return marked | half | {"ー": "ｰ"}


def spacing(text: str, language: str, random: Random) -> str | None:
    """Spaces too many or too few; or the message sent in pieces."""
    pieces = [piece for piece in re.split(r"(?<=[，。？！；,?!;])\s*|(?<=\.)\s+", text) if piece]
    if len(pieces) > 1 and random.random() < 0.4:
        return "\n".join(re.sub(r"[，。；,;]$", "", piece) for piece in pieces)
    if language == "ko":
        gaps = [m.start() for m in re.finditer(" ", text)]
        lost = set(gaps if random.random() < 0.5 else random.sample(gaps, min(len(gaps), 2)))
        return "".join(c for at, c in enumerate(text) if at not in lost) if lost else None
    if language in ("en", "es"):
        gaps = [
            m.start()
            for m in re.finditer(r"(?<=[a-zà-ÿ]{3}) (?=[a-zà-ÿ]{3})", text)
            if free(text, m.start() - 1, m.start() + 2)
        ]
        if not gaps:
            return None
        at = random.choice(gaps)
        if random.random() < 0.5:
            return text[:at] + text[at + 1 :]
        return (
            text[:at] + "  " + text[at + 1 :]
            if random.random() < 0.3
            else text[: at - 1] + " " + text[at - 1] + text[at + 1 :]
        )
    if language == "ja":
        ends = [
            match.end()
            for match in re.finditer(r"(?<=[\u3400-\u9fff\u30a1-\u30fc])(?:は|が|を|では|には)(?=.)|[、。](?=.)", text)
        ]
    else:
        ends = [end for _, end in words_of(simplified(text))[:-1]]
    ends = [
        end
        for end in ends
        if not _inside(text, end) and not re.search(r"\s|[，。？！；、,?!;]", text[end - 1 : end + 1])
    ]
    if not ends:
        return None
    chosen = set(random.sample(ends, min(len(ends), max(1, len(ends) // 4))))
    return "".join(c + (" " if at + 1 in chosen else "") for at, c in enumerate(text))


def _inside(text: str, at: int) -> bool:
    return any(start < at < end for start, end in kept_spans(text))


PICTURES = {
    "zh": "😭|😂|🙏|😡|😅|🥺|😢|[流泪]|[捂脸]|[抱拳]|[尴尬]|[发怒]|[可怜]|[玫瑰]|[裂开]|/(ㄒoㄒ)/~~| orz| QAQ",
    "ja": "😭|💦|🙇|😢|(´；ω；`)|(T_T)|m(_ _)m|(；´Д｀)|🙏|💢",
    "ko": "ㅠㅠ|ㅜㅜ|ㅠㅠㅠ| ㅋㅋ|😭|🙏| ^^|😢",
    "": "😭|😡|🙏|😢|😅| :(|😕|🤔|😩| lol",
}


def emoji(text: str, language: str, random: Random) -> str | None:
    """A picture or a face after a clause, most often after the last."""
    picture = random.choice(PICTURES.get(language[:2], PICTURES[""]).split("|"))
    if (len(picture) == 1 or picture.startswith("[")) and random.random() < 0.4:
        picture *= random.randint(2, 3)
    ends = [m.end() for m in re.finditer(r"[，。？！；,?!;]|\.(?=\s)", text) if m.end() < len(text)]
    if picture.startswith("[") and language == "zh-Hant":
        picture = in_traditional(picture)
    if ends and random.random() < 0.4:
        at = random.choice(ends)
        return f"{text[:at]}{picture}{' ' * picture.startswith(' ')}{text[at:].lstrip()}"
    if random.random() < 0.5:  # instead of the last mark
        text = re.sub(r"[。.]$", "", text)
    return f"{text}{picture}"
