"""Whether the right clause is found, and whether it is what was answered."""

from __future__ import annotations

import numpy as np

from eval.metrics.table import Measure, Table, mean


def _answerable(table: Table) -> np.ndarray:
    return table.answerable


def _answered(table: Table) -> np.ndarray:
    return table.answered


ACCURACY: dict[str, Measure] = {
    # of the answerable: answered with a right clause
    "right": mean(_answerable, lambda t: t.right),
    # … the best clause is right, answered or held back
    "first": mean(_answerable, lambda t: t.first),
    # … a right clause is among the first five, the first ten
    "in_five": mean(_answerable, lambda t: t.rank <= 5),
    "in_ten": mean(_answerable, lambda t: t.rank <= 10),
    # 1 / place of the first right clause, 0 where it is not among the first ten
    "reciprocal_rank": mean(_answerable, lambda t: 1 / t.rank),
    # of the answerable: answered at all
    "coverage": mean(_answerable, lambda t: t.answered),
    # of all answers that were given, also to unanswerable questions: with a right clause
    "right_of_answered": mean(_answered, lambda t: t.right & t.answerable),
    # … with a quotation that is the stored text's own slice
    "quote_fidelity": mean(_answered, lambda t: t.faithful),
}
