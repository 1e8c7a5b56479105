"""Token vectors: by which a question is read against a clause word by word (late interaction).

One vector says what a text is about; whether a clause speaks of each thing that is asked shows token by token. Every
token of the question looks for the nearest one of the clause; how near they are on the whole, each weighing as much
as the encoder thinks is asked for it, is how well the clause answers. (The idea is ColBERT's, Khattab and Zaharia 2020;
that neighbouring tokens may share a vector at little loss, Clavié et al. 2024.)

In a snapshot: `tokens.bin`, the vectors of all clauses one after the other, a byte a value, and `tokens.npy`, (clauses
+ 1,) int64, where each clause's begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kb.errors import DamagedSnapshot

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

    def __init__(self, vectors: np.ndarray, starts: np.ndarray) -> None:
        self._vectors, self._starts = vectors, starts

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
                f"{int(starts[-1])} vectors of dimension {dimension}. Go back with `kb rollback` or rebuild with "
                "`kb ingest --full`."
            )
        vectors = (
            np.memmap(folder / "tokens.bin", np.int8, "r").reshape(-1, dimension)
            if size
            else np.empty((0, dimension), np.int8)
        )
        return cls(vectors, starts)

    @staticmethod
    def write(folder: Path, clauses: Sequence[np.ndarray]) -> None:
        with open(folder / "tokens.bin", "wb") as out:
            for vectors in clauses:
                out.write(np.ascontiguousarray(vectors).data)
        np.save(folder / "tokens.npy", np.cumsum([0, *map(len, clauses)], dtype=np.int64))

    def of(self, rows: slice) -> list[np.ndarray]:
        """The vectors of some clauses that follow each other."""
        starts = self._starts[rows.start : rows.stop + 1]
        return [self._vectors[a:b] for a, b in zip(starts, starts[1:], strict=False)]

    def met(self, question: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(len(rows),) float32, -1 to 1: how well each of these clauses meets a question's tokens, which are unit
        vectors times their share of the question."""
        if not len(rows):
            return np.empty(0, np.float32)
        lengths = self._starts[rows + 1] - self._starts[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        pieces = np.repeat(self._starts[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
        vectors = self._vectors[pieces].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.maximum.reduceat(question @ vectors.T, offsets[:-1], axis=1).sum(axis=0)
