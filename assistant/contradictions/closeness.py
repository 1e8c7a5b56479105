"""How near two sentences are by their vectors, on a scale that is the same for every encoder.

One encoder puts strangers at a cosine of 0.8, another at 0.5, and each puts a language nearer to itself than to others.
So a cosine is measured against those that either sentence has with the base's sentences in the language of the other:
by how many of their standard deviations it exceeds their mean, the mean of what both sides say (as the mining of
translations measures against neighbourhoods: Artetxe and Schwenk 2019, arXiv:1811.01136). Mean and deviation of a
sentence's cosines with many follow from the mean and the second moments of the many: asking costs little in any base.

The sentences of a small base are no strangers: two documents on one shop's returns speak of one thing throughout, and
what contradicts a sentence weighs in what it is measured against. So a language of which a base has few sentences is
filled up with those of the sample corpus, whose vectors are kept for the bundled encoder (`strangers.safetensors`, which
`python -m eval.contradictions.strangers` writes); the thresholds were set against them. For another encoder, or another
language, the base's own must do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from assistant.contradictions.statements import Reading
from kb.snapshot import Snapshot

UNKNOWN = -np.inf
STRANGERS = "strangers.safetensors"  # beside this file: "EMBEDDER LANGUAGE" -> (n, dimension) int8, of any length
FEW = 16  # sentences of a language tell what strangers look like; fewer do not
_ENOUGH = 512  # need nobody else's beside them
_MANY = 4096  # of them are as good as all
_NO_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class Crowd:
    """What the cosines of any vector with many others come to."""

    mean: np.ndarray  # (dimension,)
    moments: np.ndarray  # (dimension, dimension): the mean of each vector's product with itself

    @classmethod
    def of(cls, vectors: np.ndarray) -> Crowd:
        return cls(vectors.mean(axis=0), vectors.T @ vectors / len(vectors))

    def filled_up(self, others: Crowd, own: float) -> Crowd:
        """So much of these, a share from 0 to 1, and of others the rest."""
        mean = own * self.mean + (1 - own) * others.mean
        return Crowd(mean, own * self.moments + (1 - own) * others.moments)

    def of_each(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the cosines of each row."""
        means = vectors @ self.mean
        variances = ((vectors @ self.moments) * vectors).sum(axis=1) - means * means
        return means, np.sqrt(np.maximum(variances, _NO_SPREAD))


def above_strangers(
    one: np.ndarray, other: np.ndarray, strangers_of_one: Crowd | None, strangers_of_other: Crowd | None
) -> np.ndarray:
    """(len(one), len(other)) standard deviations above strangers; UNKNOWN where there are too few of them."""
    cosines = one @ other.T
    said = []
    if strangers_of_one is not None:
        mean, deviation = strangers_of_one.of_each(one)
        said.append((cosines - mean[:, None]) / deviation[:, None])
    if strangers_of_other is not None:
        mean, deviation = strangers_of_other.of_each(other)
        said.append((cosines - mean) / deviation)
    return sum(said) / len(said) if said else np.full(cosines.shape, UNKNOWN)


class Closeness:
    """Asked of two clauses of a snapshot; reads what it needs of a language when it is first asked."""

    def __init__(self, snapshot: Snapshot, rows: Sequence[int]) -> None:
        """`rows`: the clauses that can speak."""
        self._snapshot = snapshot
        self._first = np.searchsorted(snapshot.unit_row, np.arange(len(snapshot.clauses) + 1))
        self._able = np.zeros(len(snapshot.clauses), dtype=bool)
        self._able[list(rows)] = True
        self._languages = np.array([_language(version.language) for version in snapshot.versions])
        self._crowds: dict[str, Crowd | None] = {}

    def between(self, one: int, a: Reading, other: int, b: Reading) -> np.ndarray:
        """Of each statement of one clause and each of another; UNKNOWN where a statement has no vector of its own."""
        languages = [str(self._languages[self._snapshot.clause_group[row]]) for row in (one, other)]
        of_a, of_b = self._units(one, a), self._units(other, b)
        near = self.of_vectors(self._vectors(of_a), languages[0], self._vectors(of_b), languages[1])
        near[of_a < 0, :] = UNKNOWN
        near[:, of_b < 0] = UNKNOWN
        return near

    def of_vectors(self, one: np.ndarray, language: str, other: np.ndarray, other_language: str) -> np.ndarray:
        """The same of any sentences' vectors, with the snapshot's sentences for strangers."""
        return above_strangers(one, other, self._crowd(_language(other_language)), self._crowd(_language(language)))

    def _units(self, row: int, reading: Reading) -> np.ndarray:
        """Which of the clause's pieces each statement is; -1: too short to have been embedded."""
        pieces = range(int(self._first[row]) + 1, int(self._first[row + 1]))
        by_end = {int(self._snapshot.units[n, 2]): n for n in reversed(pieces)}
        by_end.pop(0, None)  # a wording that the clause is asked with
        return np.array([by_end.get(s.end, -1) for s in reading.statements], dtype=np.int64)

    def _vectors(self, units: np.ndarray) -> np.ndarray:
        return self._snapshot.index.vectors(np.maximum(units, 0)).astype(np.float64)

    def sentences(self, language: str, most: int = _MANY) -> np.ndarray:
        """(n, dimension) float64: those of a language, evenly picked where there are more."""
        rows = self._snapshot.unit_row
        own = self._able[rows] & (self._languages[self._snapshot.clause_group[rows]] == language)
        own &= self._snapshot.units[:, 2] > 0
        own[self._first[:-1]] = False  # whole clauses
        units = np.flatnonzero(own)
        return self._vectors(units[:: -(-len(units) // most) or 1])

    def _crowd(self, language: str) -> Crowd | None:
        if language not in self._crowds:
            self._crowds[language] = _crowd(self.sentences(language), self._snapshot.embedder, language)
        return self._crowds[language]


def _crowd(own: np.ndarray, embedder: str, language: str) -> Crowd | None:
    """What a base's sentences of one language and, where they are few, the strangers kept for it come to."""
    if len(own) < _ENOUGH and (strangers := strangers_of(embedder).get(language)) is not None:
        others = Crowd.of(strangers)
        return Crowd.of(own).filled_up(others, len(own) / _ENOUGH) if len(own) else others
    return Crowd.of(own) if len(own) >= FEW else None


def strangers_of(embedder: str) -> Mapping[str, np.ndarray]:
    """By language the vectors of sentences that have nothing to do with a base, as an encoder embeds them, (n, dimension)
    float64, unit length; none if they are not kept for it."""
    return _kept().get(embedder, {})


@cache
def _kept() -> Mapping[str, Mapping[str, np.ndarray]]:
    from safetensors.numpy import load

    kept: dict[str, dict[str, np.ndarray]] = {}
    for name, rows in load(resources.files(__package__).joinpath(STRANGERS).read_bytes()).items():
        embedder, language = name.rsplit(maxsplit=1)
        vectors = rows.astype(np.float64)
        kept.setdefault(embedder, {})[language] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return kept


def _language(language: str) -> str:
    """Both Chinese scripts are embedded as one."""
    return language.split("-")[0]
