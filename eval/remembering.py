"""An embedder that remembers questions: in a run each is embedded once, however many systems are asked it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from kb.embedding import Embedder, Progress


class Remembering:
    """Gives the vectors of the embedder it wraps, bit for bit."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, np.ndarray] = {}
        self._afresh = False

    @property
    def id(self) -> str:
        return self._embedder.id

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def embed_question(self, text: str) -> np.ndarray:
        if self._afresh or text not in self._vectors:
            self._vectors[text] = self._embedder.embed_question(text)
        return self._vectors[text]

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        return self._embedder.embed_passages(texts, progress)

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Embeds every question again, as a desk does: where time is measured."""
        self._afresh = True
        try:
            yield
        finally:
            self._afresh = False
