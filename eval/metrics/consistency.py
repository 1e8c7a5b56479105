"""Whether the wordings of one question get one answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from eval.types import CaseResult


def consistency(results: Sequence[CaseResult]) -> dict[str, float]:
    """Over intents with two wordings or more: `same_clause` = share of pairs of wordings that were both
    answered, with the same clause (mean over intents); `all_right` = share of intents whose every
    wording got a gold clause."""
    intents: dict[str, list[CaseResult]] = defaultdict(list)
    for result in results:
        if result.case.intent is not None and result.case.answerable:
            intents[result.case.intent].append(result)
    groups = [group for group in intents.values() if len(group) > 1]
    if not groups:
        return {"intents": 0}
    return {
        "intents": len(groups),
        "same_clause": round(sum(map(_same, groups)) / len(groups), 4),
        "all_right": round(sum(all(r.right for r in group) for group in groups) / len(groups), 4),
    }


def _same(group: Sequence[CaseResult]) -> float:
    pairs = list(combinations(group, 2))
    return sum(a.clause is not None and a.clause == b.clause for a, b in pairs) / len(pairs)
