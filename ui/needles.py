"""Many byte strings looked for in files at once, whatever their format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import numpy as np

_CHUNK = 1 << 23  # bytes read at a time
_WORD = 8


class Needles:
    """Each needle is met by eight of its bytes first, in a table of all of them; only there is it compared whole."""

    def __init__(self, needles: Collection[bytes]) -> None:
        """Raises ValueError for one shorter than eight bytes."""
        self._of_anchor: dict[int, list[tuple[int, bytes]]] = {}
        for needle in needles:
            if len(needle) < _WORD:
                raise ValueError(f"a needle of {len(needle)} bytes, expected {_WORD} or more")
            at = _anchor(needle)
            word = int.from_bytes(needle[at : at + _WORD], "little")
            self._of_anchor.setdefault(word, []).append((at, needle))
        self._anchors = np.array(sorted(self._of_anchor), dtype=np.uint64)
        self._first = np.zeros(1 << 16, dtype=bool)  # the lowest two bytes of the anchors: most words fail here
        self._first[(self._anchors & np.uint64(0xFFFF)).astype(np.int64)] = True
        self._longest = max(map(len, needles), default=0)

    def in_file(self, file: Path) -> dict[bytes, int]:
        """Needle -> in how many places it stands, of those that do. Raises OSError."""
        found: Counter[bytes] = Counter()
        if not len(self._anchors):
            return found
        with open(file, "rb") as handle:
            tail = b""
            while chunk := handle.read(_CHUNK):
                data = tail + chunk
                # A needle that ends in the tail was counted with the chunk before.
                found.update(self._in(data, len(tail)))
                tail = data[-(self._longest - 1) :] if self._longest > 1 else b""
        return dict(found)

    def _in(self, data: bytes, fresh: int) -> Counter[bytes]:
        found: Counter[bytes] = Counter()
        for shift in range(_WORD):
            count = (len(data) - shift) // _WORD
            if count < 1:
                break
            words = np.frombuffer(data, "<u8", count, shift)
            near = np.flatnonzero(self._first[(words & np.uint64(0xFFFF)).astype(np.int64)])
            if not len(near):
                continue
            places = np.searchsorted(self._anchors, words[near]).clip(max=len(self._anchors) - 1)
            for row in near[self._anchors[places] == words[near]]:
                for at, needle in self._of_anchor[int(words[row])]:
                    begin = shift + int(row) * _WORD - at
                    if begin >= 0 and begin + len(needle) > fresh and data.startswith(needle, begin):
                        found[needle] += 1
        return found


def _anchor(needle: bytes) -> int:
    """Where the eight bytes begin that repeat themselves least: runs of zeros are everywhere."""
    return max(range(0, len(needle) - _WORD + 1), key=lambda at: (len(set(needle[at : at + _WORD])), -at))
