"""Whether questions that no clause covers are left unanswered."""

from __future__ import annotations

from collections.abc import Sequence

from eval.types import CaseResult


def abstention(results: Sequence[CaseResult]) -> dict[str, float]:
    """`wrong_answers` = share of unanswerable cases that were answered; `area` = chance that a random
    answerable case has a higher confidence than a random unanswerable one (area under the ROC curve)."""
    unanswerable = [r for r in results if not r.case.answerable]
    answerable = [r for r in results if r.case.answerable]
    if not unanswerable:
        return {"unanswerable": 0}
    measures: dict[str, float] = {
        "unanswerable": len(unanswerable),
        "wrong_answers": round(sum(r.answered for r in unanswerable) / len(unanswerable), 4),
    }
    if answerable:
        measures["area"] = round(area([r.confidence for r in answerable], [r.confidence for r in unanswerable]), 4)
    return measures


def area(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Area under the ROC curve; ties count half."""
    ranked = sorted([(value, 1) for value in positives] + [(value, 0) for value in negatives])
    wins, below, i = 0.0, 0, 0
    while i < len(ranked):
        j = i
        while j < len(ranked) and ranked[j][0] == ranked[i][0]:
            j += 1
        ups = sum(flag for _, flag in ranked[i:j])
        downs = j - i - ups
        wins += ups * (below + downs / 2)
        below += downs
        i = j
    return wins / (len(positives) * len(negatives))
