"""Whether the wordings of one question get one answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from eval.metrics.table import Measure, Table, intent_of, mean, same
from eval.types import CaseResult


def _intents(table: Table) -> np.ndarray:
    return ~np.isnan(table.same_clause)


# Over answerable intents with two wordings or more, each counted once.
CONSISTENCY: dict[str, Measure] = {
    # pairs of wordings that were both answered, with the same clause (mean over intents)
    "same_clause": mean(_intents, lambda t: t.same_clause),
    # pairs of wordings whose best clause is the same, answered or held back
    "same_first": mean(_intents, lambda t: t.same_first),
    # intents whose every wording was answered with a right clause
    "all_right": mean(_intents, lambda t: t.all_right),
    # … whose every wording has a right clause as its best
    "all_first": mean(_intents, lambda t: t.all_first),
}


def worst_intents(results: Sequence[CaseResult], count: int) -> list[str]:
    """Ids of the intents with the fewest wordings right; of equal ones those with the fewest pairs alike, then the
    most wordings, then by id."""
    intents: dict[tuple[str, str], list[CaseResult]] = defaultdict(list)
    for result in results:
        if result.case.intent is not None and result.case.answerable:
            intents[intent_of(result)].append(result)
    ranked = sorted(
        (
            sum(r.right for r in group) / len(group),
            same([r.best for r in group]),
            -len(group),
            group[0].case.intent or "",
        )
        for group in intents.values()
        if len(group) > 1
    )
    return [intent for right, *_, intent in ranked if right < 1][:count]
