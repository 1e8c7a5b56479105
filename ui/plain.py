"""Text fit for a screen: what it would obey or not show at all is replaced by signs."""

from __future__ import annotations

import re

UNSEEN = re.compile(
    # controls but tab and line feed; marks, embeddings and isolates of direction; line separators; lone surrogates
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with a sign in the place of every character that a screen would obey rather than show; as long."""
    return UNSEEN.sub(lambda match: sign(match[0]), text)


def sign(char: str) -> str:
    code = ord(char)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "�" if code >= 0xD800 else "␦"
