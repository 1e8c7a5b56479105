"""The reader: does this clause answer this question?

Search says what a clause is about; the reader looks at the few best clauses again, each beside the question, token by
token (`kb.alignment`): as the encoder understands the tokens, and as mere words, which tell a phone from a tablet where
the encoder finds both the same. What comes out is one number, the higher the surer that the clause answers.
`training/reader.py` teaches it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kb.alignment import Alignment, centred

CLAUSES = 5  # the best by search, which are read: with eight as many right ones come first (0.746 of both)
TOKENS = 64  # the last of a question: more than all but long pasted chats have


class Reader(Alignment):
    def __init__(self, weights: Mapping[str, np.ndarray], id: str = "") -> None:
        super().__init__(weights, id)
        # It was taught to compare words by [(asked - nearest) · 4, asked · 4, best].
        less, own = np.split(self._weights["words.weight"][:, :-1] * 4, 2, axis=1)
        self._of_word, self._of_nearest = (less + own).T.copy(), -less.T.copy()

    def read(
        self,
        question: np.ndarray,
        as_words: np.ndarray,
        clauses: Sequence[np.ndarray],
        words: Sequence[np.ndarray],
        before: int = 0,
    ) -> np.ndarray:
        """(len(clauses),) float64, rounded so that nothing hangs on the last bit: log odds that each clause answers.

        `question`: (tokens, dimension), unit vectors times their share of what is asked; `as_words`: (tokens,
        dimension), the same as words; `clauses`: (vectors, dimension) each, of which only the directions count;
        `words`: (words, dimension) each, the clauses' own. Words are as `kb.embedding.Embedder.words` gives them.
        `before`: how many of the question's tokens stand before its last line; of a chat they only lead to what is asked.
        """
        share = np.linalg.norm(question, axis=1)
        kept = np.flatnonzero(share)
        kept = kept[kept >= len(question) - TOKENS]
        asked, as_words, share = question[kept], as_words[kept], share[kept]
        centre = self._weights["centre"]
        also = self._words_beside(centred(as_words, centre), [centred(some, centre) for some in words])
        also = also + np.outer(kept < before, self._weights["leading"])
        met, seen = self._met_and_pooled(asked / share[:, None], share / share.sum(), clauses, also)
        by_sum, bias = self._weights["met"]
        value = self._linear("out", seen)[:, 0] + by_sum * (met - 0.75) * 4 + bias
        return np.round(value.astype(np.float64), 3)

    def _words_beside(self, asked: np.ndarray, said: Sequence[np.ndarray]) -> np.ndarray:
        """(clauses, tokens, width): what each token is beside the clause's nearest word."""
        own = asked @ self._of_word + self._weights["words.bias"]
        beside = []
        for some in said:
            similar = asked @ some.T
            best = similar.max(axis=1)
            nearest = some[similar.argmax(axis=1)]
            beside.append(own + nearest @ self._of_nearest + best[:, None] * self._weights["words.weight"][:, -1])
        return np.stack(beside)
