"""The judge: do two clauses contradict each other, and in what?

Rules find what is said in much the same words; a department that words a rule anew says it in others. The judge lays the
shorter clause beside the longer one, token by token (`kb.alignment`), and looks at the words that each of them has and the
other has nothing like: what a clause's few vectors do not keep apart (三天, 五天; must, may). `training/judge.py` teaches it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kb.alignment import Alignment, centred

POINTS = ("time", "money", "share", "count", "date", "duty", "permission", "condition")
"""What two clauses can contradict each other in, in the order of the first outputs; after them: that they say the same,
and neither."""
VECTORS = 96  # of the shorter clause: more than all but long articles have


WORDS = 32  # of each clause, those that are least like any of the other's
SAME = 0.999  # words that are so much alike are one


class Judge(Alignment):
    def judge(
        self,
        clause: np.ndarray,
        others: Sequence[np.ndarray],
        words: np.ndarray,
        words_of_others: Sequence[np.ndarray],
    ) -> tuple[np.ndarray, list[str]]:
        """(len(others),) float64, rounded: log odds that each contradicts the clause; and the likeliest point of each.

        `clause`: (vectors, dimension) of the shorter text; `others`: (vectors, dimension) each. Only directions count.
        `words`, `words_of_others`: (words, dimension) each, as `kb.embedding.Embedder.words` gives them.
        """
        asked = clause[:VECTORS].astype(np.float32)
        asked /= np.linalg.norm(asked, axis=1, keepdims=True)
        centre = self._weights["centre"]
        own = centred(words, centre)
        apart = [self._apart(own, centred(some, centre)) for some in words_of_others]
        share = np.full(len(asked), 1 / len(asked), np.float32)
        _, seen = self._met_and_pooled(asked, share, others, more=apart)
        odds = self._linear("out", seen).astype(np.float64)
        against = odds[:, : len(POINTS)]
        value = np.logaddexp.reduce(against, axis=1) - np.logaddexp.reduce(odds[:, len(POINTS) :], axis=1)
        return np.round(value, 3), [POINTS[n] for n in against.argmax(axis=1)]

    def _apart(self, own: np.ndarray, other: np.ndarray) -> np.ndarray:
        """(words, width): what each of two clauses says with words that the other has nothing like."""
        similar = own @ other.T
        sides = (("mine", own, other, similar), ("theirs", other, own, similar.T))
        return np.concatenate(
            [
                _least_alike(*side) @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
                for name, *side in sides
            ]
        )


def _least_alike(some: np.ndarray, others: np.ndarray, similar: np.ndarray) -> np.ndarray:
    """(words, 2 · dimension + 1): of the words least like any of the others how they differ from the nearest one, what
    they are, and how near that is."""
    best = similar.max(axis=1)
    order = np.argsort(best, kind="stable")[:WORDS]
    order = order[best[order] < SAME]
    nearest = others[similar[order].argmax(axis=1)]
    return np.concatenate([(some[order] - nearest) * 4, some[order] * 4, best[order, None]], axis=1)
