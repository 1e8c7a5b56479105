"""Vectors of all examples, and near misses: the passages that the encoder takes for a question's answer and that are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb import bundled
from training.encoder import Encoder
from training.examples import Collection, Examples, Question, shelf_of
from training.store import Store

NEAREST = 12

Vectors = Mapping[str, np.ndarray]
"""Text, with its prefix -> (dimension,) of unit length."""


@dataclass(frozen=True, slots=True)
class Read:
    """What an encoder makes of texts, each with its prefix."""

    vectors: Vectors
    tokens: Vectors  # (tokens, dimension)
    importance: Vectors  # (tokens,)


def embed(
    encoder: Encoder, lower: Store, texts: Sequence[str], tick: Callable[[int, int], None] = lambda *_: None
) -> Read:
    """`texts` as the encoder now reads them."""
    found = encoder.embed([lower[text] for text in texts], tick)
    columns = (found.vectors, found.tokens, found.importance)
    return Read(*(dict(zip(texts, column, strict=True)) for column in columns))


def plain_vectors(
    folder: Path, encoder: Encoder, lower: Store, texts: Sequence[str], tick: Callable[[int, int], None]
) -> Vectors:
    """Vectors of `texts` by an encoder that was not taught. Shared by all runs."""
    store = Store(folder, f"plain-{bundled.wheel()}", bundled.DIMENSION, np.float32)
    store.add(texts, lambda some: encoder.embed([lower[text] for text in some]).vectors[:, None], tick)
    return {text: store[text][0] for text in texts}


class Shelf:
    """The passages of one part in order, with their vectors: where a question's answer is looked for."""

    def __init__(self, examples: Examples, part: str, vectors: Vectors, tokens: Vectors | None = None) -> None:
        self.passages = [p for p in examples.passages.values() if p.part == shelf_of(part)]
        self.keys = [p.key for p in self.passages]
        self.whole = np.stack([vectors["passage: " + p.whole] for p in self.passages])
        self._sentences = [
            np.stack([vectors["passage: " + s] for s in p.sentences]) if p.sentences else None for p in self.passages
        ]
        self._row = {key: n for n, key in enumerate(self.keys)}
        self._tokens = [tokens["passage: " + p.whole].astype(np.float32) for p in self.passages] if tokens else []

    def met(self, tokens: np.ndarray, importance: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """(rows,): how well one question's tokens are met by each of these passages."""
        near = [self._tokens[row] for row in rows]
        starts = np.cumsum([0, *map(len, near[:-1])])
        best = np.maximum.reduceat(tokens.astype(np.float32) @ np.concatenate(near).T, starts, axis=1)
        return importance @ best / importance.sum()

    def similar(self, asked: np.ndarray, sentence_weight: float = 0.0) -> np.ndarray:
        """(questions, passages): of whole passages, and of each one's best sentence with that weight."""
        whole = asked @ self.whole.T
        if not sentence_weight:
            return whole
        best = np.stack([whole[:, n] if s is None else (asked @ s.T).max(1) for n, s in enumerate(self._sentences)], 1)
        return (1 - sentence_weight) * whole + sentence_weight * best

    def best_sentence(self, key: str, asked: np.ndarray) -> int:
        """Which sentence of a passage is nearest to one question."""
        sentences = self._sentences[self._row[key]]
        return int(np.argmax(sentences @ asked)) if sentences is not None else 0


def beside(collection: Collection, vectors: Vectors) -> dict[str, tuple[str, ...]]:
    """To every question of a collection the passages nearest to it, nearest first, but for its own words."""
    passages = np.stack([vectors[text] for text in collection.passages])
    found = {}
    for question in collection.questions:
        nearest = np.argsort(-(passages @ vectors[question]), kind="stable")[: NEAREST + 1]
        texts = [collection.passages[n] for n in nearest]
        own = question.removeprefix("query: ")
        found[question] = tuple(text for text in texts if text.removeprefix("passage: ") != own)[:NEAREST]
    return found


@dataclass(frozen=True, slots=True)
class Mined:
    """What was found for one question."""

    near_misses: tuple[str, ...]  # keys, nearest first
    best_sentence: dict[str, int]  # of each of its golds


def mine(examples: Examples, parts: Sequence[str], vectors: Vectors) -> dict[Question, Mined]:
    """For every question of `parts`, also the unanswerable ones."""
    found = {}
    for part in parts:
        shelf = Shelf(examples, part, vectors)
        questions = [q for q in [*examples.questions, *examples.unanswerable] if q.part == part]
        for start in range(0, len(questions), 256):
            some = questions[start : start + 256]
            asked = np.stack([vectors["query: " + q.text] for q in some])
            nearest = np.argsort(-shelf.similar(asked), axis=1, kind="stable")[:, : NEAREST + 8]
            for question, vector, rows in zip(some, asked, nearest, strict=True):
                misses = [key for key in (shelf.keys[n] for n in rows) if key not in question.golds]
                best = {gold: shelf.best_sentence(gold, vector) for gold in sorted(question.golds)}
                found[question] = Mined(tuple(misses[:NEAREST]), best)
    return found
