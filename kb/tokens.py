"""Token vectors: by which a question is read against a clause word by word (late interaction).

One vector says what a text is about; whether a clause speaks of each thing that is asked shows token by token. Every
token of the question looks for the nearest one of the clause; how near they are on the whole, each weighing as much
as the encoder thinks is asked for it, is how well the clause answers. (The idea is ColBERT's, Khattab and Zaharia 2020;
that neighbouring tokens may share a vector at little loss, Clavié et al. 2024.)

In a snapshot: `tokens.bin`, the vectors of all clauses one after the other, a byte a value, and `tokens.npy`, (clauses
+ 1,) int64, where each clause's begin.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np

from kb.errors import DamagedSnapshot

REVISION = 1  # part of an embedder's identity: raise when `condense` gives other vectors
SHARED = 3  # tokens to a vector, in the mean: right clause first 0.706 in place of 0.714 with one a token


def condense(states: np.ndarray) -> np.ndarray:
    """(vectors, dimension) int8 of a passage's (tokens, dimension): tokens that are near each other share one.

    Only the direction of a row counts.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    unit = states / np.linalg.norm(states, axis=1, keepdims=True)
    wanted = -(-len(unit) // SHARED)
    if len(unit) > wanted > 1:
        groups = fcluster(linkage(unit, "ward"), wanted, "maxclust")
        unit = np.stack([unit[groups == group].mean(axis=0) for group in range(1, groups.max() + 1)])
    elif wanted == 1:
        unit = unit.mean(axis=0, keepdims=True)
    return np.round(unit * (127 / np.abs(unit).max(axis=1, keepdims=True))).astype(np.int8)


class TokenIndex:
    """The token vectors of a snapshot's clauses, read from the disk as they are asked for."""

    def __init__(self, file: BinaryIO, starts: np.ndarray, dimension: int) -> None:
        self._file, self._starts, self._dimension = file, starts, dimension  # open: a deleted snapshot stays readable

    @classmethod
    def read(cls, folder: Path, dimension: int, clauses: int) -> TokenIndex | None:
        """None: the snapshot's encoder gives no token vectors."""
        if not (folder / "tokens.npy").is_file():
            return None
        starts = np.load(folder / "tokens.npy")
        size = (folder / "tokens.bin").stat().st_size
        if len(starts) != clauses + 1 or int(starts[-1]) * dimension != size:
            raise DamagedSnapshot(
                f"tokens.bin has {size} bytes for {len(starts) - 1} clauses; the manifest says {clauses} clauses, "
                f"{int(starts[-1])} vectors of dimension {dimension}. {_REMEDY}"
            )
        return cls(open(folder / "tokens.bin", "rb"), starts, dimension)

    @staticmethod
    def write(folder: Path, clauses: Sequence[np.ndarray]) -> None:
        with open(folder / "tokens.bin", "wb") as out:
            for vectors in clauses:
                out.write(np.ascontiguousarray(vectors).data)
        np.save(folder / "tokens.npy", np.cumsum([0, *map(len, clauses)], dtype=np.int64))

    def of(self, rows: slice) -> list[np.ndarray]:
        """The vectors of some clauses that follow each other."""
        starts = self._starts[rows.start : rows.stop + 1]
        return [self._mapped[a:b] for a, b in zip(starts, starts[1:], strict=False)]

    def count(self, row: int) -> int:
        """How many vectors a clause has."""
        return int(self._starts[row + 1] - self._starts[row])

    def met(self, question: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(len(rows),) float32, -1 to 1: how well each of these clauses meets a question's tokens, which are unit
        vectors times their share of the question. Raises DamagedSnapshot if the file was cut short or blanked."""
        if not len(rows):
            return np.empty(0, np.float32)
        vectors, norms, offsets = self._read(rows)
        return np.maximum.reduceat(question @ vectors.T / norms, offsets[:-1], axis=1).sum(axis=0)

    def some(self, rows: np.ndarray) -> list[np.ndarray]:
        """The vectors of each of these clauses, (vectors, dimension) float32, not of one length. Raises as `met`
        does."""
        vectors, _, offsets = self._read(rows)
        return np.split(vectors, offsets[1:-1])

    def _read(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of some clauses the vectors, one after the other, their lengths, and (len(rows) + 1,) where each clause's
        begin."""
        if os.fstat(self._file.fileno()).st_size != int(self._starts[-1]) * self._dimension:
            raise self._changed()  # a page that is no longer there ends the process when it is touched
        lengths = self._starts[rows + 1] - self._starts[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        pieces = np.repeat(self._starts[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
        vectors = self._mapped[pieces].astype(np.float32)
        norms = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
        if not norms.all():
            raise self._changed()
        return vectors, norms, offsets

    @cached_property
    def _mapped(self) -> np.ndarray:
        if not self._starts[-1]:  # a file of no bytes cannot be mapped
            return np.empty((0, self._dimension), np.int8)
        mapped = np.memmap(self._file, np.int8, "r").reshape(-1, self._dimension)
        return np.asarray(mapped)  # each slice of a memmap takes ten times as long

    def _changed(self) -> DamagedSnapshot:
        return DamagedSnapshot(f"tokens.bin has changed since it was opened. {_REMEDY}")


_REMEDY = "Go back with `kb rollback` or rebuild with `kb ingest --full`."
