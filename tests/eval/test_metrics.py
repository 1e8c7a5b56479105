"""The measures, with the arithmetic written out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.measures import MEASURES, by_group, curves, measured, points
from eval.metrics.abstention import area
from eval.metrics.consistency import worst_intents
from eval.metrics.latency import latency
from eval.metrics.table import table
from eval.types import Gold
from tests.eval.made import result
from tests.support import on


def test_accuracy_counts_answerable_cases_only() -> None:
    found = points(
        [
            result(),
            result("other", rank=3),
            result("right", answered=False),
            result("other", answered=False, rank=7),
            result(None, answerable=False),
        ]
    )
    assert found["right"] == 1 / 4
    assert found["first"] == 2 / 4
    assert found["in_five"] == 3 / 4
    assert found["in_ten"] == 4 / 4
    assert found["reciprocal_rank"] == round((1 + 1 / 3 + 1 + 1 / 7) / 4, 4)
    assert found["coverage"] == 2 / 4


def test_an_answer_to_an_unanswerable_question_is_a_wrong_answer() -> None:
    found = points([result(), result(), result("other", answerable=False), result("other")])
    assert found["right_of_answered"] == 2 / 4
    assert found["wrong_answers"] == 1.0


def test_quote_fidelity_is_over_answered_cases() -> None:
    results = [result(), result(), result(faithful=False), result(answered=False)]
    assert points(results)["quote_fidelity"] == round(2 / 3, 4)


def test_a_measure_with_nothing_to_count_is_left_out() -> None:
    found = measured([result(None, answerable=False)])
    assert set(found) == {"wrong_answers"}
    assert measured([]) == {}


def test_consistency_is_the_share_of_pairs_with_one_clause_by_intent() -> None:
    results = [
        result("right", intent="a"), result("right", intent="a"), result("other", intent="a"),
        result("third", intent="b"), result("third", intent="b", answered=False),
        result("right", intent="alone"), result("right", id="by itself"),
    ]  # fmt: skip
    found = measured(results)
    # a: of the pairs (1,2) (1,3) (2,3) one agrees; b: its only pair has one best clause, but only one answer
    assert found["same_clause"]["value"] == round((1 / 3 + 0) / 2, 4)
    assert found["same_first"]["value"] == round((1 / 3 + 1) / 2, 4)
    assert found["all_right"]["value"] == 0.0
    assert found["same_clause"]["n"] == 2


def test_two_abstentions_are_not_the_same_clause() -> None:
    pair = [result(None, intent="a"), result(None, intent="a")]
    assert points(pair)["same_clause"] == 0.0 == points(pair)["same_first"]


def test_one_name_in_two_suites_is_two_intents_and_in_two_parts_of_a_suite_one() -> None:
    apart = [result("right", intent="a", suite="x"), result("other", intent="a", suite="y")]
    assert "same_clause" not in points(apart)
    together = [result("right", intent="a", suite="x.rules"), result("other", intent="a", suite="x.chats")]
    assert points(together)["same_clause"] == 0.0


def test_the_worst_intents_are_those_with_the_fewest_wordings_right() -> None:
    results = [
        result("right", intent="good"), result("right", intent="good"),
        result("right", intent="half"), result("other", intent="half"),
        result("other", intent="bad"), result("third", intent="bad"),
        result("other", intent="single"),
    ]  # fmt: skip
    assert worst_intents(results, 5) == ["bad", "half"]
    assert worst_intents(results, 1) == ["bad"]


def test_abstention_is_the_share_of_unanswerable_cases_answered_and_the_area() -> None:
    results = [
        result("other", answerable=False, confidence=0.6),
        result("other", answered=False, answerable=False, confidence=0.1),
        result(confidence=0.9),
        result("other", confidence=0.6),
    ]
    found = points(results)
    assert found["wrong_answers"] == 1 / 2
    # pairs (answerable, unanswerable): 0.9>0.6, 0.9>0.1, 0.6=0.6 (half), 0.6>0.1
    assert found["area"] == (1 + 1 + 0.5 + 1) / 4
    # the only right one is the surest of four
    assert found["area_right"] == 1.0


def test_wrong_answers_at_a_coverage_are_counted_at_the_highest_line_that_reaches_it() -> None:
    able = [result(confidence=c / 100) for c in range(100, 0, -5)]  # 1.00, 0.95 … 0.05: twenty of them
    unable = [result("other", answerable=False, confidence=c) for c in (0.21, 0.2, 0.16, 0.14, 0.02)]
    found = points([*able, *unable])
    # 85 % are 17 of 20: down to 0.20, with 0.21 and 0.20; 90 % are 18: down to 0.15, with 0.16 as well
    assert found["wrong_at_85"] == 2 / 5
    assert found["wrong_at_90"] == 3 / 5


def test_a_question_for_which_nothing_was_found_is_never_answered() -> None:
    results = [result(confidence=0.1), result(None, answerable=False, confidence=0.9)]
    assert points(results)["wrong_at_85"] == 0.0 and points(results)["area"] == 1.0


def test_being_misled_is_being_answered_with_the_very_clause_that_only_comes_near() -> None:
    near = Gold("a.md", "other")
    results = [
        result("other", answerable=False, near=near),
        result("third", answerable=False, near=near),
        result("other", answered=False, answerable=False, near=near),
        result("other", answerable=False),
    ]
    found = measured(results)["misled"]
    assert (found["value"], found["n"]) == (round(1 / 3, 4), 3)


VALUES = st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.9]), min_size=1, max_size=12)


@given(VALUES, VALUES)
def test_the_area_is_the_chance_over_all_pairs(positives: list[float], negatives: list[float]) -> None:
    wins = sum((p > n) + (p == n) / 2 for p in positives for n in negatives)
    assert area(positives, negatives) == pytest.approx(wins / (len(positives) * len(negatives)))


def test_calibration_error_is_the_gap_between_confidence_and_share_right_by_tenths() -> None:
    results = [
        result(confidence=0.95), result("other", confidence=0.91),  # mean 0.93, right 1/2
        result(confidence=0.34), result(confidence=0.38),  # mean 0.36, right 2/2
        result("other", answerable=False, confidence=0.3),  # … so 3 in this tenth: mean 0.34, right 2/3
    ]  # fmt: skip
    found = points(results)
    expected = 2 / 5 * abs(0.93 - 1 / 2) + 3 / 5 * abs((0.34 + 0.38 + 0.3) / 3 - 2 / 3)
    assert found["calibration_error"] == round(expected, 4)
    assert found["right_of_sure"] == 1 / 2
    assert curves(results)["reliability"] == [[0.34, round(2 / 3, 4), 3], [0.93, 0.5, 2]]


def test_the_risk_coverage_curve_goes_from_the_surest_answer_to_the_last() -> None:
    results = [
        result(confidence=0.9),
        result("other", answerable=False, confidence=0.8),
        result("other", confidence=0.7),
        result(confidence=0.2),
    ]
    drawn = curves(results)
    # three answerable; given so far 1, 2, 3, 4, of which wrong 0, 1, 2, 2; 0.8 answers no further answerable one
    assert drawn["risk_coverage"] == [[0.3333, 0.5, 0.8], [0.6667, 0.6667, 0.7], [1.0, 0.5, 0.2]]
    assert drawn["wrong_coverage"][-1] == [1.0, 1.0, 0.2]
    # risk at the three answerable cases: 0, 2/3, 2/4
    assert points(results)["risk_area"] == round((0 + 2 / 3 + 2 / 4) / 3, 4)


def test_percentiles_are_by_nearest_rank() -> None:
    found = latency([result(timings={"total": float(ms), "embed": ms / 4}) for ms in range(1, 21)])
    assert found["total"] == {"p50": 10.0, "p95": 19.0}  # ranks ⌈20 · 0.50⌉ = 10 and ⌈20 · 0.95⌉ = 19
    assert found["rest"]["p50"] == 10 * 3 / 4
    assert found["rest / embedding"]["p50"] == 3.0


def test_cases_that_were_not_timed_are_left_out_of_the_latency() -> None:
    assert latency([result(), result()]) == {}


def test_measures_are_given_by_group_where_there_is_more_than_one() -> None:
    groups = by_group(
        [
            result(style="noisy", language="en", scope={"platform": "京东"}),
            result("other", style="standard", language="zh-Hant"),
            result("other", style="noisy", language="zh-Hans", as_of=on("2026-01-01")),
            result(None, answerable=False, style="noisy", language="zh-Hans", reason="no_policy"),
        ]
    )
    assert {name: group["right"]["value"] for name, group in groups["style"].items()} == {"noisy": 1 / 2, "standard": 0}
    assert {name: group["right"]["n"] for name, group in groups["style"].items()} == {"noisy": 2, "standard": 1}
    assert set(groups["needs"]) == {"another language", "scope", "as_of", "nothing"}
    assert groups["needs"]["another language"]["right"]["value"] == 1.0  # an English question on a Chinese document
    assert groups["languages"]["en → zh-Hans"]["right"]["n"] == 1
    assert groups["reason"]["no_policy"]["wrong_answers"]["value"] == 0.0
    assert set(groups["suite"]) == {"suite"} and "family" not in groups and "document" not in groups


def test_a_weight_is_a_count() -> None:
    """What resampling relies on: every measure of intents drawn once, twice or never is what it is when they are there
    so often."""
    rng = np.random.default_rng(1)
    results = [
        result(
            str(rng.choice(["right", "other", "third"])), answered=bool(rng.random() < 0.8), id=str(n),
            answerable=bool(rng.random() < 0.7), confidence=float(rng.integers(0, 20)) / 20, intent=f"i{n // 3}",
        )
        for n in range(60)
    ]  # fmt: skip
    once = table(results)
    drawn = rng.integers(0, 20, 20)
    times = np.bincount(drawn, minlength=20)
    copies = [
        replace(one, case=replace(one.case, intent=f"{one.case.intent} {copy}"))
        for n, one in enumerate(results)
        for copy in range(times[n // 3])
    ]
    for name, measure in MEASURES.items():
        weighted = measure.value(once, times[once.cluster].astype(float)[None])[0]
        repeated = measure.value(table(copies), np.ones((1, len(copies))))[0]
        assert weighted == pytest.approx(repeated, nan_ok=True), name
