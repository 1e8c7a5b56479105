"""All measures over case results, with intervals; over everything and by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from eval import intervals
from eval.intervals import Difference
from eval.metrics.abstention import ABSTENTION, risk_coverage, wrong_coverage
from eval.metrics.accuracy import ACCURACY
from eval.metrics.calibration import CALIBRATION, reliability
from eval.metrics.chats import CHATS
from eval.metrics.consistency import CONSISTENCY
from eval.metrics.table import Measure, mean, table
from eval.types import CaseResult

MEASURES: dict[str, Measure] = {**ACCURACY, **CONSISTENCY, **CHATS, **ABSTENTION, **CALIBRATION}
# what can be said of a system that ranks clauses by a score that is no confidence, and answers always
RANKING = (
    "first", "in_five", "in_ten", "reciprocal_rank", "same_first", "all_first", "area", "area_right", "wrong_at_85",
    "wrong_at_90",
)  # fmt: skip
# documents have few questions each: of those only what a handful of cases can tell
_OF_A_DOCUMENT = ("right", "first", "in_five", "reciprocal_rank", "coverage", "same_clause", "same_first")
_BY_CASE = {"right": lambda t: t.right, "first": lambda t: t.first}  # with which McNemar's test goes


def measured(
    results: Sequence[CaseResult], names: Collection[str] | None = None, seed: int = 1, times: int = intervals.TIMES
) -> dict[str, dict[str, Any]]:
    """{NAME: {"value", "low", "high", "n"}}; a measure with nothing to count is left out."""
    if not results:
        return {}
    chosen = {name: measure for name, measure in MEASURES.items() if names is None or name in names}
    return intervals.estimates(table(results), chosen, seed, times)


def share(results: Sequence[CaseResult], flags: Sequence[bool], seed: int = 1) -> dict[str, Any] | None:
    """Share of cases for which something holds, with its interval; None of no case."""
    if not results:
        return None
    holds = np.array(flags, bool)
    measure = mean(lambda t: np.ones(len(holds), bool), lambda t: holds)
    return intervals.estimates(table(results), {"share": measure}, seed)["share"]


def points(results: Sequence[CaseResult], names: Collection[str] | None = None) -> dict[str, float]:
    """The values alone."""
    return {name: figure["value"] for name, figure in measured(results, names, times=0).items()}


def differences(
    before: Sequence[CaseResult],
    after: Sequence[CaseResult],
    names: Collection[str] | None = None,
    seed: int = 1,
    times: int = intervals.TIMES,
) -> dict[str, Difference]:
    """Of each measure. Both are the same cases in the same order."""
    if not before:
        return {}
    old, new = table(before), table(after)
    found = {}
    for name, measure in MEASURES.items():
        if names is not None and name not in names:
            continue
        if one := intervals.difference(old, new, measure, seed, times):
            if by_case := _BY_CASE.get(name):
                able = old.answerable
                p = round(intervals.mcnemar(by_case(old)[able], by_case(new)[able]), 4)
                one = Difference(**{**one.to_json(), "mcnemar": p})
            found[name] = one
    return found


def curves(results: Sequence[CaseResult]) -> dict[str, list[list[float]]]:
    columns = table(results)
    found = {"risk_coverage": risk_coverage(columns), "reliability": reliability(columns)}
    if not columns.answerable.all():
        found["wrong_coverage"] = wrong_coverage(columns)
    return found


def by_group(results: Sequence[CaseResult], seed: int = 1) -> dict[str, dict[str, dict[str, Any]]]:
    """Axis -> group -> measures; an axis with nothing to tell apart is left out."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for axis, groups_of in AXES.items():
        groups = grouped(results, groups_of)
        if len(groups) > 1 or (axis == "suite" and groups):
            names = _OF_A_DOCUMENT if axis == "document" else None
            found[axis] = {name: measured(group, names, seed) for name, group in sorted(groups.items())}
    return found


def grouped(
    results: Sequence[CaseResult], groups_of: Callable[[CaseResult], Iterable[str]]
) -> Mapping[str, list[CaseResult]]:
    groups: dict[str, list[CaseResult]] = defaultdict(list)
    for result in results:
        for name in groups_of(result):
            groups[name].append(result)
    return groups


def needs(result: CaseResult) -> list[str]:
    """What a case cannot be answered without, beside its question's own words."""
    request = result.case.request
    found = []
    if request.history:
        found.append("history")
    if request.as_of is not None:
        found.append("as_of")
    if request.scope:
        found.append("scope")
    if result.gold_language and not _same_language(result.case.asked_in, result.gold_language):
        found.append("another language")
    return found or ["nothing"]


def _same_language(a: str, b: str) -> bool:
    """zh-Hans and zh-Hant are one; what is in no language ("7?") is in all."""
    return "und" in (a, b) or a.partition("-")[0] == b.partition("-")[0]


AXES: dict[str, Callable[[CaseResult], Iterable[str]]] = {
    "suite": lambda r: (r.case.suite,),
    "family": lambda r: (r.case.family,) if r.case.family else (),
    "style": lambda r: (r.case.style,) if r.case.style else (),
    "language": lambda r: (r.case.asked_in,),
    "languages": lambda r: (f"{r.case.asked_in} → {r.gold_language}",) if r.gold_language else (),
    "needs": needs,
    "document": lambda r: sorted({gold.document for gold in r.case.gold}),
    "reason": lambda r: (r.reason or ("answered" if r.answered else "no reason"),),
}
