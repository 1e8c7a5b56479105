"""Characters of the symbol fonts, which Office files store as private codes, in Unicode."""

from __future__ import annotations

import re

_GREEK_UPPER = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_GREEK_LOWER = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
_SYMBOL = (
    {0x41 + i: c for i, c in enumerate(_GREEK_UPPER)}
    | {0x61 + i: c for i, c in enumerate(_GREEK_LOWER)}
    | {code: chr(code) for code in (*range(0x20, 0x40), 0x5B, 0x5D, 0x5F, 0x7B, 0x7C, 0x7D)}
    | {
        0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "∼", 0xA0: "€",
        0xA2: "′", 0xA3: "≤", 0xA4: "⁄", 0xA5: "∞", 0xA6: "ƒ", 0xA7: "♣", 0xA8: "♦", 0xA9: "♥", 0xAA: "♠", 0xAB: "↔",
        0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝",
        0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC5: "⊕", 0xC6: "∅", 0xC7: "∩",
        0xC8: "∪", 0xCE: "∈", 0xCF: "∉", 0xD0: "∠", 0xD2: "®", 0xD3: "©", 0xD4: "™", 0xD5: "∏", 0xD6: "√", 0xD7: "⋅",
        0xD8: "¬", 0xD9: "∧", 0xDA: "∨", 0xDB: "⇔", 0xDC: "⇐", 0xDD: "⇑", 0xDE: "⇒", 0xDF: "⇓", 0xE2: "®", 0xE3: "©",
        0xE4: "™", 0xE5: "∑", 0xF2: "∫",
    }
)  # fmt: skip
_WINGDINGS = {
    0x20: " ", 0x22: "✂", 0x28: "☎", 0x29: "✆", 0x2A: "✉", 0x3E: "✇", 0x3F: "✍", 0x46: "☞", 0x45: "☜", 0x47: "☝",
    0x4A: "☺", 0x4C: "☹", 0x52: "☼", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "□", 0x70: "□", 0x71: "❑", 0x72: "❒",
    0x73: "⬧", 0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "☒", 0x7B: "❀", 0x80: "⓪", 0x8B: "⓿", 0x9E: "·",
    0x9F: "•", 0xA0: "▪", 0xA1: "○", 0xA4: "◉", 0xA5: "◎", 0xA7: "▪", 0xA8: "◻", 0xAA: "✦", 0xAB: "★", 0xAC: "✶",
    0xB2: "✧", 0xB6: "✰", 0xD5: "⌫", 0xD8: "➢", 0xDC: "➲", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔",
    0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧", 0xF2: "⇩", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
} | {0x81 + i: chr(0x2460 + i) for i in range(10)} | {0x8C + i: chr(0x2776 + i) for i in range(10)}  # fmt: skip
_WINGDINGS_2 = {
    0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x96: "●", 0x97: "●", 0x98: "●", 0x99: "○",
    0xA0: "■", 0xA2: "■", 0xA3: "□", 0xAE: "◆", 0xB2: "◇",
} | {0x6A + i: chr(0x2460 + i) for i in range(10)} | {0x75 + i: chr(0x2776 + i) for i in range(10)}  # fmt: skip
_WINGDINGS_3 = {0x22: "↑", 0x7D: "▶", 0x7C: "◀", 0x70: "▲", 0x71: "▼", 0x84: "⇀", 0x67: "→", 0x66: "←"}
_WEBDINGS = {0x34: "▶", 0x35: "▲", 0x36: "▼", 0x3D: "■", 0x61: "✓", 0x63: "□", 0x6E: "●", 0x72: "✗"}
_FONTS = {
    "symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "wingdings 3": _WINGDINGS_3,
    "webdings": _WEBDINGS,
}  # fmt: skip
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def is_symbol_font(font: str) -> bool:
    return font.strip().lower() in _FONTS


def symbols(text: str, font: str, unknown: str | None = None) -> str:
    """`text` set in `font`, with private codes (U+F0xx) in Unicode. `unknown`: for what is not known, else it stays.

    In a symbol font itself ordinary letters are signs too: an "l" in Wingdings is a ●.
    """
    known = _FONTS.get(font.strip().lower())
    if known is None and not _PRIVATE.search(text):
        return text
    out: list[str] = []
    for c in text:
        code = ord(c)
        if 0xF000 <= code <= 0xF0FF:
            sign = (known or _SYMBOL).get(code - 0xF000)
        elif known is not None and 0x21 <= code <= 0xFF:
            sign = known.get(code)
        else:
            sign = None if _PRIVATE.match(c) else c
        out.append(sign if sign is not None else unknown if unknown is not None else c)
    return "".join(out)
