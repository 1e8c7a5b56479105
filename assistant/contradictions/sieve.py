"""Which of very many pairs of clauses can come to anything, decided for whole arrays at a time.

Every test here is a necessary condition of one in `comparing`: a pair that is sifted out would have come to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from assistant.contradictions.comparing import (
    EVENTS,
    POINTS,
    SAME_SENTENCE,
    SAME_WORDS,
    SHORT,
    text_weight,
)
from assistant.contradictions.sameness import weight, weight_of
from assistant.contradictions.statements import Reading, Statement
from assistant.contradictions.types import Point

if TYPE_CHECKING:
    from scipy import sparse

_SLACK = 1e-6  # sums of the same weights in another order
_BIT = {measure: 1 << list(Point).index(point) for measure, point in POINTS.items()}
_DENIES = 1 << len(Point)
_BEARS = _DENIES << 1
_MOMENT = "@"  # stands for all of EVENTS; weighs as much as any of them
_CHUNK = 1 << 16  # pairs at a time: of each, the rows of two sparse matrices are copied


class Sieve:
    """Knows of each clause, by its row in the snapshot, what decides whether comparing it can come to anything."""

    def __init__(self, readings: Iterable[tuple[int, Reading]], size: int) -> None:
        of_rows = dict(readings)
        self._at = np.zeros(size, dtype=np.int64)
        self._at[list(of_rows)] = np.arange(len(of_rows))
        all_readings = list(of_rows.values())
        texts: dict[str, int] = {}
        languages: dict[str, int] = {}
        # The same number for the same words; a clause without text of its own is like no other.
        self._text = _ints(texts.setdefault(r.text, n) if r.text else -1 - n for n, r in enumerate(all_readings))
        self._language = _ints(languages.setdefault(r.language, n) for n, r in enumerate(all_readings))
        self._weight = np.array([weight_of(r.words) for r in all_readings])
        self._one_text = np.array([text_weight(r.words) for r in all_readings])
        self._legal = np.array([r.legal for r in all_readings], dtype=bool)
        self._sentences = _ints(len(r.statements) for r in all_readings)
        self._first = np.cumsum(self._sentences) - self._sentences  # where its sentences begin among all of them
        # Bits: the points that it has a value of, and how it could be denied.
        self._says = _ints(reduce(or_, map(_bits, r.statements), 0) for r in all_readings)
        statements = [s for r in all_readings for s in r.statements]
        self._statement_says = _ints(_bits(s) if s.words else 0 for s in statements)
        self._statement_weight = np.array([weight_of(s.words) for s in statements])
        words = sorted(set().union(EVENTS, {_MOMENT}, *(r.words | r.above for r in all_readings)))
        vocabulary = {word: n for n, word in enumerate(words)}
        self._texts = _matrix(vocabulary, [_as_one_text(r.words) for r in all_readings])
        self._about = _matrix(vocabulary, [r.words | r.above for r in all_readings])
        self._statements = _matrix(vocabulary, [s.words for s in statements])
        self._weights = np.array([weight(word) for word in vocabulary])

    def keep(self, one: np.ndarray, other: np.ndarray, same_version: np.ndarray) -> np.ndarray:
        """A mask of the pairs of rows that are worth comparing."""
        one, other = self._at[one], self._at[other]
        same_language = self._language[one] == self._language[other]
        differs = self._differ(self._says[one], self._says[other])
        kept = (self._text[one] == self._text[other]) | (~same_language & differs)
        edition = np.flatnonzero(self._near_in_length(one, other) & same_language & ~kept)
        kept[edition] = self._editions(one[edition], other[edition])
        rest = same_language & differs & ~same_version & ~(self._legal[one] & self._legal[other]) & ~kept
        for short, long in ((one, other), (other, one)):
            able = rest & (self._sentences[short] <= SHORT) & (self._weight[short] <= self._weight[long] + _SLACK)
            pairs = np.flatnonzero(able)
            kept[pairs] |= self._reworded(short[pairs], long[pairs])
        return kept

    @staticmethod
    def _differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return (one & other & ~_DENIES != 0) | ((one | other) & _DENIES != 0)

    def _near_in_length(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        a, b = self._one_text[one], self._one_text[other]
        return np.minimum(a, b) + _SLACK >= SAME_WORDS * np.maximum(a, b)

    def _editions(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        shared = self._shared(self._texts, one, self._texts, other)
        return shared + _SLACK >= SAME_WORDS * (self._one_text[one] + self._one_text[other] - shared)

    def _reworded(self, short: np.ndarray, long: np.ndarray) -> np.ndarray:
        """Whether the long one speaks of enough of what a sentence of the short one is about."""
        can = np.zeros(len(short), dtype=bool)
        for n in range(SHORT):
            at = np.flatnonzero(~can & (self._sentences[short] > n))
            sentence = self._first[short[at]] + n
            comparable = self._differ(self._statement_says[sentence], self._says[long[at]])
            at, sentence = at[comparable], sentence[comparable]
            shared = self._shared(self._statements, sentence, self._about, long[at])
            can[at] = shared + _SLACK >= SAME_SENTENCE * self._statement_weight[sentence]
        return can

    def _shared(
        self, left: sparse.csr_array, one: np.ndarray, right: sparse.csr_array, other: np.ndarray
    ) -> np.ndarray:
        """What the words weigh that a row of `left` shares with a row of `right`, for each pair of rows."""
        weights = np.zeros(len(one))
        for start in range(0, len(one), _CHUNK):
            part = slice(start, start + _CHUNK)
            weights[part] = left[one[part]].multiply(right[other[part]]) @ self._weights
        return weights


def _ints(numbers: Iterable[int]) -> np.ndarray:
    return np.fromiter(numbers, dtype=np.int64)


def _bits(statement: Statement) -> int:
    bits = _DENIES * bool(statement.denials) | _BEARS * bool(statement.bearers)
    for slot in statement.slots:
        bits |= _BIT[slot.measure]
    return bits


def _as_one_text(words: frozenset[str]) -> frozenset[str]:
    """All moments as one word, which `text_weight` takes them for."""
    return words - EVENTS | ({_MOMENT} if words & EVENTS else set())


def _matrix(vocabulary: Mapping[str, int], bags: Iterable[Iterable[str]]) -> sparse.csr_array:
    """A row for each bag, 1 in the columns of its words."""
    from scipy import sparse  # 0.17 s to load: only who looks for contradictions waits for it

    columns: list[int] = []
    ends = [0]
    for bag in bags:
        columns += [vocabulary[word] for word in bag]
        ends.append(len(columns))
    return sparse.csr_array((np.ones(len(columns)), columns, ends), shape=(len(ends) - 1, len(vocabulary)))
