"""The bundled model's vocabulary in the form that sentencepiece reads, and the pieces of a text.

`tokenizers` reads the same vocabulary in two to three times the time, in 300 MB in place of 73, and cuts a text in four
times the time. Of 34,000 texts four were cut otherwise, where two cuts are worth the same (`/bbb`: `b bb`, `bb b`).
The file is a `ModelProto` as sentencepiece/src/sentencepiece_model.proto defines it.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from pathlib import Path

from kb.errors import ModelError
from kb.packed import Packed

_UNIGRAM, _UNKNOWN, _CONTROL = 1, 2, 3  # kinds of models and of pieces
_VARINT, _BYTES, _FLOAT = 0, 2, 5  # kinds of fields
_SPACES = re.compile(" {2,}")


class Pieces:
    """What cuts texts into pieces. Thread-safe."""

    def __init__(self, packed: Packed, file: Path) -> None:
        """`file`: written by `model`."""
        from sentencepiece import SentencePieceProcessor

        try:
            self._processor = SentencePieceProcessor(model_file=str(file))
        except Exception as error:  # the library knows no other kind
            raise ModelError(
                f"The vocabulary {file} cannot be read ({error}). Delete the folder that it is in and repeat the "
                "command: it is written anew."
            ) from error
        self._exceptions = {ord(letter): to for letter, to in packed.exceptions().items()}
        self._begin, self._end = packed.bos, packed.eos

    def __call__(self, text: str, most: int) -> list[int]:
        """The numbers of a text's pieces, at most so many, the marks of beginning and end among them."""
        text = unicodedata.normalize("NFKC", text.translate(self._exceptions))
        ids = self._processor.encode(_SPACES.sub(" ", text))
        return [self._begin, *ids[: most - 2], self._end]


def model(packed: Packed) -> bytes:
    """The vocabulary with its scores. Texts are normalised before, so that all normalisation is in one place."""
    kinds = {packed.unk: _UNKNOWN, **dict.fromkeys((packed.bos, packed.eos, packed.pad), _CONTROL)}
    parts = []
    for n, (piece, score) in enumerate(packed.pieces):
        about = _bytes(1, piece.encode()) + _field(2, _FLOAT) + struct.pack("<f", score)
        parts.append(_bytes(1, about + (_number(3, kinds[n]) if n in kinds else b"")))
    ids = {40: packed.unk, 41: packed.bos, 42: packed.eos, 43: packed.pad}
    parts.append(_bytes(2, _number(3, _UNIGRAM) + b"".join(_number(name, n) for name, n in ids.items())))
    # normalisation: none, but for the mark before the first word and in place of spaces
    parts.append(_bytes(3, _bytes(1, b"identity") + _number(3, 1) + _number(4, 0) + _number(5, 1)))
    return b"".join(parts)


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes([*out, n])


def _field(name: int, kind: int) -> bytes:
    return _varint(name << 3 | kind)


def _number(name: int, n: int) -> bytes:
    return _field(name, _VARINT) + _varint(n)


def _bytes(name: int, data: bytes) -> bytes:
    return _field(name, _BYTES) + _varint(len(data)) + data
