"""The judge: do two clauses contradict each other, and in what?

Rules find what is said in much the same words; a department that words a rule anew says it in others. The judge lays the
shorter clause beside the longer one, token by token (`kb.alignment`). `training/judge.py` teaches it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kb.alignment import Alignment

POINTS = ("time", "money", "share", "count", "date", "duty", "permission", "condition")
"""What two clauses can contradict each other in, in the order of the first outputs; after them: that they say the same,
and neither."""
VECTORS = 96  # of the shorter clause: more than all but long articles have


class Judge(Alignment):
    def judge(self, clause: np.ndarray, others: Sequence[np.ndarray]) -> tuple[np.ndarray, list[str]]:
        """(len(others),) float64, rounded: log odds that each contradicts the clause; and the likeliest point of each.

        `clause`: (vectors, dimension) of the shorter text; `others`: (vectors, dimension) each. Only directions count.
        """
        asked = clause[:VECTORS].astype(np.float32)
        asked /= np.linalg.norm(asked, axis=1, keepdims=True)
        _, seen = self._met_and_pooled(asked, np.full(len(asked), 1 / len(asked), np.float32), others)
        odds = self._linear("out", seen).astype(np.float64)
        against = odds[:, : len(POINTS)]
        value = np.logaddexp.reduce(against, axis=1) - np.logaddexp.reduce(odds[:, len(POINTS) :], axis=1)
        return np.round(value, 3), [POINTS[n] for n in against.argmax(axis=1)]
