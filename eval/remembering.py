"""An embedder that remembers questions: in a run each is embedded once, however many systems are asked it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assistant.gate import OnceEmbedded
from kb.embedding import Embedded


class Remembering(OnceEmbedded):
    """Gives the vectors of the embedder it wraps, bit for bit; afresh where time is measured."""

    _afresh = False

    def embed_question(self, text: str) -> Embedded:
        if self._afresh:
            self._questions.pop(text, None)
        return super().embed_question(text)

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Embeds every question again, as a desk does."""
        self._afresh = True
        try:
            yield
        finally:
            self._afresh = False
