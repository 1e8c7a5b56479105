"""What each ingredient adds or costs: the ranking without one weight or one step of the question's analysis, and its
main stages alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from assistant import Assistant
from assistant.analysis import Analysis
from eval import measures
from eval.types import PLACES, Case, CaseResult, ClauseRef
from kb import Embedder
from kb.search import Weights
from kb.settings import BaseSettings
from kb.types import Hit

Tick = Callable[[int, int], None]

NAMES = ("first", "in_five", "reciprocal_rank", "same_first")
_STAGES = ("clause", "sentence", "lexical", "tokens")  # what can rank alone; the other weights only correct these


def without(shipped: Weights) -> dict[str, Weights | Analysis]:
    """Everything as shipped but for one: a weight at nothing, a step of the analysis left out."""
    weights = {field.name: replace(shipped, **{field.name: 0.0}) for field in fields(Weights)}
    analysis = {f"analysis: {field.name}": replace(Analysis(), **{field.name: False}) for field in fields(Analysis)}
    return {**weights, **analysis}


def alone() -> dict[str, Weights]:
    nothing = {field.name: 0.0 for field in fields(Weights)}
    return {name: Weights(**{**nothing, name: 1.0}) for name in _STAGES}


def ingredients(
    assistant: Assistant, cases: Sequence[Case], tick: Tick, analysing: Callable[[Analysis], Assistant], seed: int = 1
) -> dict[str, Any]:
    """{"full": {NAME: figure}, "without": {INGREDIENT: {NAME: figure}}, "alone": {STAGE: {NAME: figure}}} over the
    answerable `cases`. A figure of the last two has a "difference" to the whole ranking, paired. `analysing` makes the
    assistant with another analysis of the question.

    Only the ranking is measured: nothing is resolved by precedence, and nothing is held back.
    """
    cases = [case for case in cases if case.answerable]
    shipped = assistant.calibration.weights
    variants: dict[tuple[str, str], Weights | Analysis] = {
        **{("without", name): changed for name, changed in without(shipped).items()},
        **{("alone", name): weights for name, weights in alone().items()},
    }
    total = (len(variants) + 1) * len(cases)
    whole = _ranked(assistant, cases, shipped, tick, 0, total)
    found: dict[str, Any] = {"full": measures.measured(whole, NAMES, seed), "without": {}, "alone": {}}
    for number, ((part, name), changed) in enumerate(variants.items(), 1):
        if isinstance(changed, Analysis):
            results = _ranked(analysing(changed), cases, shipped, tick, number * len(cases), total)
        else:
            results = _ranked(assistant, cases, changed, tick, number * len(cases), total)
        found[part][name] = _beside(whole, results, seed)
    return found


def reanalysing(assistant: Assistant, embedder: Embedder, base: BaseSettings) -> Callable[[Analysis], Assistant]:
    """What makes the same assistant with another analysis of the question."""

    def analysing(analysis: Analysis) -> Assistant:
        return Assistant(assistant.source, embedder, base, assistant.settings, assistant.calibration, analysis=analysis)

    return analysing


def _beside(whole: Sequence[CaseResult], results: Sequence[CaseResult], seed: int) -> Mapping[str, Any]:
    figures = measures.measured(results, NAMES, seed)
    for name, one in measures.differences(whole, results, NAMES, seed).items():
        figures[name]["difference"] = {"value": one.difference, "low": one.low, "high": one.high}
    return figures


def _ranked(
    assistant: Assistant, cases: Sequence[Case], weights: Weights, tick: Tick, done: int, total: int
) -> list[CaseResult]:
    results = []
    for number, case in enumerate(cases, done + 1):
        request = case.request
        if request.as_of is None and case.asked_on is not None:
            request = replace(request, as_of=case.asked_on)
        results.append(_result(case, assistant.search(request, PLACES, weights)))
        tick(number, total)
    return results


def _result(case: Case, hits: Sequence[Hit]) -> CaseResult:
    best = ClauseRef.of(hits[0].clause) if hits else None
    rank = next((n for n, hit in enumerate(hits, 1) if case.is_gold(hit.clause)), None)
    score = hits[0].score if hits else 0.0
    return CaseResult(case, best is not None, rank == 1, rank, best, best, score)
