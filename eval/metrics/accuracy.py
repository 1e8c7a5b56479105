"""How often the answer is the right clause."""

from __future__ import annotations

from collections.abc import Sequence

from eval.types import CaseResult


def accuracy(results: Sequence[CaseResult]) -> dict[str, float]:
    """Over answerable cases: `right` = answered with a gold clause; `first` = the best clause is gold,
    answered or not; `coverage` = answered at all."""
    cases = [r for r in results if r.case.answerable]
    return {
        "answerable": len(cases),
        "right": _share(r.right for r in cases),
        "first": _share(r.best_right for r in cases),
        "coverage": _share(r.answered for r in cases),
        "quote_fidelity": _share(r.quote_faithful for r in cases if r.answered),
    }


def _share(flags) -> float:
    flags = list(flags)
    return round(sum(flags) / len(flags), 4) if flags else float("nan")
