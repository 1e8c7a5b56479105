"""The measures, with the arithmetic written out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.types import Request
from eval.metrics.abstention import abstention, area
from eval.metrics.accuracy import accuracy
from eval.metrics.consistency import consistency
from eval.metrics.latency import latency
from eval.run import measure
from eval.types import Case, CaseResult, Gold


def result(
    clause: str | None = "c-1",
    *,
    right: bool = True,
    best: bool | None = None,
    answerable: bool = True,
    intent: str | None = None,
    confidence: float = 0.5,
    faithful: bool = True,
    ms: float = 0.0,
    embed_ms: float = 0.0,
    style: str | None = None,
) -> CaseResult:
    gold = (Gold("a.md", "第一条"),) if answerable else ()
    case = Case("q", Request("?"), gold, answerable, "suite", intent, style)
    best = right if best is None else best
    return CaseResult(case, clause is not None, clause, right, best, confidence, None, faithful, ms, embed_ms)


def test_accuracy_counts_answerable_cases_only() -> None:
    measures = accuracy(
        [
            result(right=True),
            result(right=False),
            result(None, right=False, best=True),
            result(None, right=False),
            result(None, answerable=False),
        ]
    )
    assert measures["answerable"] == 4
    assert measures["right"] == 1 / 4
    assert measures["first"] == 2 / 4
    assert measures["coverage"] == 2 / 4


def test_quote_fidelity_is_over_answered_cases() -> None:
    results = [result(), result(), result(faithful=False), result(None, right=False)]
    assert accuracy(results)["quote_fidelity"] == round(2 / 3, 4)


def test_without_answerable_cases_there_is_no_share_and_no_zero() -> None:
    measures = accuracy([result(None, answerable=False)])
    assert measures["answerable"] == 0 and math.isnan(measures["right"])


def test_consistency_is_the_share_of_pairs_with_one_clause_by_intent() -> None:
    results = [
        result("c-1", intent="a"), result("c-1", intent="a"), result("c-2", intent="a", right=False),
        result("c-3", intent="b"), result("c-3", intent="b"),
        result("c-4", intent="alone"), result("c-5"),
    ]  # fmt: skip
    measures = consistency(results)
    assert measures["intents"] == 2
    # a: of the pairs (1,2) (1,3) (2,3) one agrees; b: its only pair agrees
    assert measures["same_clause"] == round((1 / 3 + 1 / 1) / 2, 4)
    assert measures["all_right"] == 1 / 2


def test_two_abstentions_are_not_the_same_clause() -> None:
    pair = [result(None, right=False, intent="a"), result(None, right=False, intent="a")]
    assert consistency(pair)["same_clause"] == 0.0


def test_without_two_wordings_consistency_says_so() -> None:
    assert consistency([result(intent="a"), result(intent="b")]) == {"intents": 0}


def test_abstention_is_the_share_of_unanswerable_cases_answered_and_the_area() -> None:
    results = [
        result(answerable=False, right=False, confidence=0.6),
        result(None, answerable=False, confidence=0.1),
        result(confidence=0.9),
        result(confidence=0.6),
    ]
    measures = abstention(results)
    assert measures["wrong_answers"] == 1 / 2
    # pairs (answerable, unanswerable): 0.9>0.6, 0.9>0.1, 0.6=0.6 (half), 0.6>0.1
    assert measures["area"] == (1 + 1 + 0.5 + 1) / 4


VALUES = st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.9]), min_size=1, max_size=12)


@given(VALUES, VALUES)
def test_the_area_is_the_chance_over_all_pairs(positives: list[float], negatives: list[float]) -> None:
    wins = sum((p > n) + (p == n) / 2 for p in positives for n in negatives)
    assert area(positives, negatives) == pytest.approx(wins / (len(positives) * len(negatives)))


def test_percentiles_are_by_nearest_rank() -> None:
    measures = latency([result(ms=float(ms), embed_ms=10.0) for ms in range(1, 21)])
    assert measures["p50_ms"] == 10.0  # rank ⌈20 · 0.50⌉ = 10
    assert measures["p95_ms"] == 19.0  # rank ⌈20 · 0.95⌉ = 19
    assert measures["over_embedding_p50"] == 10.0 / 10.0


def test_answers_without_a_time_are_left_out_of_the_latency() -> None:
    assert latency([result(), result()]) == {}


def test_measures_are_also_given_by_style_and_suite() -> None:
    measures = measure(
        [result(style="noisy"), result(style="standard", right=False), result(style="noisy", right=False)]
    )
    assert {name: group["right"] for name, group in measures["by_style"].items()} == {"noisy": 1 / 2, "standard": 0.0}
    assert measures["by_suite"]["suite"]["right"] == round(1 / 3, 4)
