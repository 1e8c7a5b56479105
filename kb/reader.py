"""The reader: does this clause answer this question?

Search says what a clause is about; the reader looks at the few best clauses again, each beside the question, token by
token (`kb.alignment`). What comes out is one number, the higher the surer that the clause answers. `training/reader.py`
teaches it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kb.alignment import Alignment

CLAUSES = 5  # the best by search, which are read: with eight as many right ones come first (0.746 of both)
TOKENS = 64  # the last of a question: more than all but long pasted chats have


class Reader(Alignment):
    def read(self, question: np.ndarray, clauses: Sequence[np.ndarray]) -> np.ndarray:
        """(len(clauses),) float64, rounded so that nothing hangs on the last bit: log odds that each clause answers.

        `question`: (tokens, dimension), unit vectors times their share of what is asked; `clauses`: (vectors,
        dimension) each, of which only the directions count.
        """
        asked = question[-TOKENS:]
        share = np.linalg.norm(asked, axis=1)
        asked, share = asked[share > 0], share[share > 0]
        met, seen = self._met_and_pooled(asked / share[:, None], share / share.sum(), clauses)
        by_sum, bias = self._weights["met"]
        value = self._linear("out", seen)[:, 0] + by_sum * (met - 0.75) * 4 + bias
        return np.round(value.astype(np.float64), 3)
