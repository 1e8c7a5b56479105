"""Filtered search: the clauses in force at a date and compatible with a scope, with every stage's score."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

import numpy as np

from kb.embedding import Embedded, Embedder
from kb.reader import CLAUSES
from kb.snapshot import Snapshot
from kb.text import fold
from kb.types import Hit, Scope, Version, VersionState
from kb.units import whole

_LEAN_POOL = 80
_LEAN_ON = 3


@dataclass(frozen=True, slots=True)
class Filter:
    """Which versions may answer."""

    at: datetime | None  # None: whenever
    scope: Scope = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Weights:
    """score = clause · dense + sentence · best sentence + tokens · how well tokens are met + lexical · BM25 / ln(clauses),
    and for the first ones by that + reader · log odds that the clause answers; the others count as the unlikeliest.

    BM25 grows with the rarity a base can express, ln(clauses) at most, and with the length of the
    question; dividing by the first makes small and large bases alike, keeping the second lets long
    questions lean on their words.

    Chosen on lay questions about statutes and on desk questions of eight families of documents; see
    `eval/README.md` for the figures of each stage alone and of neighbouring weights.
    """

    clause: float = 0.6
    sentence: float = 0.4
    lexical: float = 0.0065
    language: float = 1.0  # how much of the encoder's liking for texts in the question's language is taken back
    document: float = 0.4  # of the document's three best clauses beside the clause's own score
    heading: float = 0.3  # of a heading's words against the text's own, inside BM25
    # Of how much nearer a wording is to the question than any clause and any other wording. Questions are near each
    # other as such: counted like sentences (the nearest of both), wordings of half the clauses took 16 of 100 right
    # first places from questions about the other half. So, of 1,085 sample questions with one wording at every
    # other intent: that wording 0.40 -> 0.84 first, its intent's other questions 0.43 -> 0.48, all others 0.49 -> 0.48.
    asked_as: float = 2.0
    tokens: float = 0.0  # of how well the clause meets the question token by token, where the encoder reads so
    reader: float = 0.0  # of the reader's log odds that the clause answers, where there is a reader


@dataclass(frozen=True, slots=True)
class Candidates:
    """Clauses that either index brought up, by position in the snapshot, rising; an array a kind of score."""

    rows: np.ndarray
    best_unit: np.ndarray  # the nearest sentence's position among the units
    clause: np.ndarray  # similarity of the whole clause
    sentence: np.ndarray  # of its nearest sentence
    asked_as: np.ndarray  # of its nearest wording; -1.0 where it has none
    lexical: np.ndarray  # BM25
    tokens: np.ndarray  # how well its tokens meet the question's; 0.0 where the encoder does not read so
    tilt: np.ndarray  # how near the question is to the clause's language as such


class Searcher:
    """Searches one snapshot. Thread-safe: everything it holds is read-only."""

    POOL = 200  # pieces and clauses taken from each index before they are fused

    def __init__(self, snapshot: Snapshot, embedder: Embedder | None = None) -> None:
        """`embedder`: that the snapshot was built with, whose reader looks at the first clauses; None: nobody does."""
        self.snapshot, self._embedder = snapshot, embedder
        clauses = len(snapshot.clauses)
        self._rarity = math.log(max(clauses, 3))
        # units are stored clause by clause, the whole clause first: where each clause's run begins
        self._first_unit = np.searchsorted(snapshot.unit_row, np.arange(clauses + 1))
        self._is_wording = snapshot.units[:, 2] == 0
        self._wordings_of_row = np.bincount(snapshot.unit_row[self._is_wording], minlength=clauses)
        self._versions = tuple(snapshot.versions)
        self._folded_scope = [{k: fold(v) for k, v in version.scope.items()} for version in self._versions]
        self._clause_ids = np.array([c.id for c in snapshot.clauses])
        self._languages = sorted({version.language for version in self._versions})
        self._language = np.array([self._languages.index(v.language) for v in self._versions], dtype=np.int64)
        self._language_of_row = self._language[snapshot.clause_group] if clauses else np.empty(0, np.int64)
        self._tilt = self._language_tilts()
        self._allowed = lru_cache(maxsize=64)(self._masks)

    def groups(self, where: Filter) -> tuple[int, ...]:
        """Positions of the versions that may answer."""
        wanted = {key: fold(value) for key, value in where.scope.items()}
        found = []
        for n, version in enumerate(self._versions):
            state = self.snapshot.validity[version.id].state(where.at) if where.at else VersionState.IN_FORCE
            if state is not VersionState.IN_FORCE:
                continue
            stated = self._folded_scope[n]
            if all(stated.get(key, value) == value for key, value in wanted.items()):
                found.append(n)
        return tuple(found)

    def search(
        self,
        query: str | Mapping[str, float],
        question: Embedded,
        groups: tuple[int, ...],
        top: int,
        weights: Weights = Weights(),
        timings: dict[str, float] | None = None,
    ) -> list[Hit]:
        """The best `top` clauses of the versions at `groups`, by score, then by clause id.

        `query` is what the lexical index looks for, `question` the same question embedded.
        """
        timings = {} if timings is None else timings
        found = self.candidates(query, question, groups, timings, weights.heading)
        began = time.perf_counter()
        score = self.fuse(found, weights)
        order = self.order(found, score)
        timings["fuse"] = timings.get("fuse", 0.0) + (time.perf_counter() - began) * 1000
        began = time.perf_counter()
        odds = self._odds(question, found, order[:CLAUSES])
        if len(odds):
            timings["read"] = (time.perf_counter() - began) * 1000
        return reordered(self._hits(found, score, order[: max(top, len(odds))], odds), weights.reader)[:top]

    def candidates(
        self,
        query: str | Mapping[str, float],
        question: Embedded,
        groups: tuple[int, ...],
        timings: dict[str, float] | None = None,
        heading: float = Weights().heading,
    ) -> Candidates:
        """What either index brings up, each clause with all of its scores, also those that its own stage did not see."""
        snapshot, vector = self.snapshot, question.vector
        clock = time.perf_counter()

        def lap(stage: str) -> None:
            nonlocal clock
            now = time.perf_counter()
            if timings is not None:
                timings[stage] = (now - clock) * 1000
            clock = now

        everything = len(groups) == len(self._versions)
        # One search a language, and one of wordings: otherwise the question's own language, or wordings, which are
        # questions as it is, would fill the pool.
        units = np.concatenate(
            [snapshot.index.search(vector, self.POOL, mask)[0] for mask in self._allowed(groups)]
            or [np.empty(0, np.int64)]
        )
        lap("dense")
        lexical_rows, bm25 = snapshot.lexical.search(query, self.POOL, None if everything else groups, heading)
        lap("lexical")
        rows = np.union1d(snapshot.unit_row[units], lexical_rows)
        starts, ends = self._first_unit[rows], self._first_unit[rows + 1]
        lengths = ends - starts
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        pieces = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
        similarity = snapshot.index.similarities(vector, pieces)
        sentences_end = offsets[1:] - self._wordings_of_row[rows]
        best = np.array(
            [a + 1 + int(similarity[a + 1 : b].argmax()) for a, b in zip(offsets, sentences_end, strict=False)], int
        )
        asked = np.array(
            [similarity[a:b].max(initial=-1.0) for a, b in zip(sentences_end, offsets[1:], strict=False)], np.float32
        )
        lexical = np.zeros(len(rows), np.float32)
        if len(lexical_rows):
            lexical[np.searchsorted(rows, lexical_rows)] = bm25
        found = Candidates(
            rows=rows,
            best_unit=pieces[best],
            clause=similarity[offsets[:-1]],
            sentence=similarity[best],
            asked_as=asked,
            lexical=lexical,
            tokens=self._met(question, rows),
            tilt=(self._tilt @ vector)[self._language_of_row[rows]],
        )
        lap("fuse")
        return found

    def _met(self, question: Embedded, rows: np.ndarray) -> np.ndarray:
        if question.tokens is None or self.snapshot.tokens is None:
            return np.zeros(len(rows), np.float32)
        return self.snapshot.tokens.met(question.tokens, rows)

    def _odds(self, question: Embedded, found: Candidates, at: np.ndarray) -> np.ndarray:
        """(at,) log odds that each of these candidates answers; none without a reader. Of a clause whose wording is
        nearest of all a maintainer has said that it answers such words: it is no less likely than the likeliest."""
        embedder, stored, rows = self._embedder, self.snapshot.tokens, found.rows[at]
        if embedder is None or embedder.reader is None or stored is None or not len(rows):
            return np.empty(0)
        if question.tokens is None or question.words is None:
            return np.empty(0)
        clauses = [self.snapshot.clauses[row] for row in rows]
        words = [embedder.words(whole(clause, self.snapshot.version_of[clause.version])) for clause in clauses]
        odds = embedder.reader.read(question.tokens, question.words, stored.some(rows), words, question.before)
        return np.where(_nearer_than_all_else(found.asked_as, found.clause)[at] > 0, odds.max(), odds)

    def fuse(self, found: Candidates, weights: Weights) -> np.ndarray:
        """(len(found.rows),): scores, rounded before they order anything, so that the order never hangs on the last
        bit."""
        if not len(found.rows):
            return np.empty(0)
        score = weights.clause * found.clause + weights.sentence * found.sentence
        score = score + weights.lexical * found.lexical / self._rarity + weights.tokens * found.tokens
        score = score + weights.asked_as * _nearer_than_all_else(found.asked_as, found.clause)
        score = score - weights.language * found.tilt
        return np.round(self._lean_on_documents(score.astype(np.float64), found.rows, weights.document), 6)

    def order(self, found: Candidates, score: np.ndarray) -> np.ndarray:
        """Positions in `found`, best first; equal scores by clause id."""
        return np.lexsort((self._clause_ids[found.rows], -score))

    def _hits(self, found: Candidates, score: np.ndarray, order: np.ndarray, odds: np.ndarray) -> list[Hit]:
        """Those at `order`, of which the first ones were read and found to answer with these log `odds`."""
        snapshot = self.snapshot
        hits = []
        for n, i in enumerate(order):
            row = found.rows[i]
            clause = snapshot.clauses[row]
            _, start, end = snapshot.units[found.best_unit[i]]
            stages = {
                "dense": round(float(found.clause[i]), 6),
                "sentence": round(float(found.sentence[i]), 6),
                "lexical": round(float(found.lexical[i]), 4),
            }
            if snapshot.tokens is not None:
                stages["tokens"] = round(float(found.tokens[i]), 6)
            if n < len(odds):
                stages["reader"] = float(odds[n])
            if self._wordings_of_row[row]:
                stages["asked_as"] = round(float(found.asked_as[i]), 6)
            hits.append(
                Hit(clause, snapshot.version_of[clause.version], float(score[i]), stages, (int(start), int(end)))
            )
        return hits

    def _lean_on_documents(self, score: np.ndarray, rows: np.ndarray, weight: float) -> np.ndarray:
        """Scores moved towards their document's: the mean of its three best among the best eighty clauses,
        where a missing one counts as the eightieth. A law of which much is near is what the question is about."""
        best = np.lexsort((self._clause_ids[rows], -score))[:_LEAN_POOL]
        floor = float(score[best[-1]])
        groups = self.snapshot.clause_group[rows]
        leaders: dict[int, list[float]] = {}
        for i in best:
            found = leaders.setdefault(int(groups[i]), [])
            if len(found) < _LEAN_ON:
                found.append(float(score[i]))
        means = {g: (sum(found) + floor * (_LEAN_ON - len(found))) / _LEAN_ON for g, found in leaders.items()}
        document = np.array([means.get(int(g), floor) for g in groups])
        return (score + weight * document) / (1 + weight)

    def nearest_sentence(self, row: int, vector: np.ndarray) -> tuple[int, int]:
        """The span, in its clause's text, of the sentence of the clause at `row` that is nearest to a question."""
        first, last = int(self._first_unit[row]) + 1, int(self._first_unit[row + 1] - self._wordings_of_row[row])
        nearest = first + int(self.snapshot.index.similarities(vector, np.arange(first, last)).argmax())
        _, start, end = self.snapshot.units[nearest]
        return int(start), int(end)

    def similarity_between(self, rows: np.ndarray) -> np.ndarray:
        """(n, n) similarities of whole clauses, given as positions in the snapshot."""
        vectors = self.snapshot.index.vectors(self._first_unit[rows])
        return vectors @ vectors.T

    def _masks(self, groups: tuple[int, ...]) -> tuple[np.ndarray | None, ...]:
        """A mask over the units for each language that the versions at `groups` have, and one for wordings; None
        allows all."""
        wordings = self._is_wording
        if len(groups) == len(self._versions) and len(self._languages) == 1 and not wordings.any():
            return (None,)
        allowed = np.zeros(len(self._versions), bool)
        allowed[list(groups)] = True
        masks = [
            (allowed & (self._language == n))[self.snapshot.clause_group[self.snapshot.unit_row]] & ~wordings
            for n in range(len(self._languages))
        ]
        masks.append(allowed[self.snapshot.clause_group[self.snapshot.unit_row]] & wordings)
        return tuple(mask for mask in masks if mask.any())

    def _language_tilts(self) -> np.ndarray:
        """(languages, dimension): the mean of each language's clauses less the mean of all languages' means.

        The encoder puts texts of one language near each other whatever they say; a question's similarity
        to a language as such, `tilt @ question`, says nothing about its clauses.
        """
        means = np.zeros((len(self._languages), self.snapshot.index.dimension), np.float32)
        for n in range(len(self._languages)):
            rows = np.flatnonzero(self._language_of_row == n)
            if len(rows):
                means[n] = self.snapshot.index.vectors(self._first_unit[rows]).mean(axis=0)
        return means - means.mean(axis=0) if len(means) else means


def reordered(hits: Sequence[Hit], weight: float) -> list[Hit]:
    """`hits`, as the indexes order them, with what the reader says of the first ones in their scores. Those that it did
    not read stay behind: they count as the one that it thinks least of."""
    odds = [hit.stages["reader"] for hit in hits if "reader" in hit.stages]
    if not odds:
        return list(hits)
    least = min(odds)
    scored = [replace(hit, score=round(hit.score + weight * hit.stages.get("reader", least), 6)) for hit in hits]
    return sorted(scored, key=lambda hit: (-hit.score, hit.clause.id))


def _nearer_than_all_else(asked: np.ndarray, dense: np.ndarray) -> np.ndarray:
    """By how much the nearest wording is nearer than the nearest clause and the next wording; 0 for the others.
    `asked`: each clause's nearest wording, -1.0 where it has none. One wording of several clauses (for several scopes)
    counts for them all."""
    if asked.max() < 0:
        return np.zeros_like(dense)
    others = asked[asked < asked.max() - 1e-6]
    return np.maximum(0, asked - max(dense.max(), others.max(initial=-1.0)))


def scope_values(versions: tuple[Version, ...] | list[Version]) -> Mapping[str, tuple[str, ...]]:
    """Dimension -> the values that documents of the base have, in order."""
    found: dict[str, set[str]] = {}
    for version in versions:
        for key, value in version.scope.items():
            found.setdefault(key, set()).add(value)
    return {key: tuple(sorted(values)) for key, values in sorted(found.items())}
