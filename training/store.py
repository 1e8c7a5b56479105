"""Arrays by text, in one file that only grows: what one run computed, no other computes again."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from kb.vectors import text_key
from training.command import say

_CHUNK = 1024  # texts that a killed run can lose


class Store:
    """`NAME.bin` holds the rows, `NAME.npz` whose they are. Rows after those that the latter knows were written by a
    run that was killed: they are written over. Of two runs that add, one waits for the other (`NAME.lock`)."""

    def __init__(self, folder: Path, name: str, width: int, dtype: type[np.generic]) -> None:
        self._file, self._index = folder / f"{name}.bin", folder / f"{name}.npz"
        self._lock = folder / f"{name}.lock"
        self._width, self._dtype = width, np.dtype(dtype)
        self._know()

    def _know(self) -> None:
        self._keys, self._starts = np.empty((0, 16), np.uint8), np.zeros(1, np.int64)
        if self._index.is_file():
            with np.load(self._index) as known:
                self._keys, self._starts = known["keys"], known["starts"]
        self._places = {key.tobytes(): n for n, key in enumerate(self._keys)}
        self._rows: Any = None

    def add(
        self,
        texts: Sequence[str],
        compute: Callable[[Sequence[str]], Iterable[np.ndarray]],
        tick: Callable[[int, int], None],
    ) -> None:
        """Computes what is not known of `texts` yet, (rows, width) each. `compute` is given texts of one kind
        ("query: …" or "passage: …") and of one length or so."""
        if all(text_key(text) in self._places for text in texts):
            return
        with self._alone():
            self._know()  # what another run added while this one waited
            self._add(texts, compute, tick)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with open(self._lock, "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"waiting for another run that adds to {self._file} …")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _add(
        self,
        texts: Sequence[str],
        compute: Callable[[Sequence[str]], Iterable[np.ndarray]],
        tick: Callable[[int, int], None],
    ) -> None:
        order = sorted(
            {text for text in texts if text_key(text) not in self._places},
            key=lambda text: (text.partition(":")[0], len(text), text),
        )
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            rows: list[np.ndarray] = []
            for kind in ("passage", "query"):
                of_kind = [text for text in chunk if text.startswith(kind)]
                for n in range(0, len(of_kind), 64):
                    rows.extend(compute(of_kind[n : n + 64]))
            self._write(sorted(chunk, key=lambda text: not text.startswith("passage")), rows)
            tick(min(start + _CHUNK, len(order)), len(order))

    def __getitem__(self, text: str) -> np.ndarray:
        if self._rows is None:
            self._rows = np.memmap(self._file, self._dtype, "r").reshape(-1, self._width)
        n = self._places[text_key(text)]
        return self._rows[self._starts[n] : self._starts[n + 1]]

    def _write(self, texts: Sequence[str], rows: Sequence[np.ndarray]) -> None:
        with open(self._file, "r+b" if self._file.exists() else "w+b") as out:
            out.seek(int(self._starts[-1]) * self._width * self._dtype.itemsize)
            for row in rows:
                out.write(np.ascontiguousarray(row, self._dtype).tobytes())
            out.truncate()
        keys = np.frombuffer(b"".join(map(text_key, texts)), np.uint8).reshape(-1, 16)
        self._places.update({key.tobytes(): len(self._keys) + n for n, key in enumerate(keys)})
        self._keys = np.concatenate([self._keys, keys])
        self._starts = np.concatenate([self._starts, self._starts[-1] + np.cumsum([len(row) for row in rows])])
        aside = self._index.with_suffix(".new.npz")
        np.savez(aside, keys=self._keys, starts=self._starts)
        aside.replace(self._index)  # last: what it names is there
        self._rows = None
