"""Intervals and paired tests, beside what they must be by arithmetic or by a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from eval.intervals import bounds, difference, estimates, mcnemar, resamples
from eval.measures import MEASURES, differences, measured, share
from eval.metrics.table import table
from tests.eval.made import result


def test_every_resample_draws_as_many_intents_as_there_are_and_whole_ones() -> None:
    cluster = np.array([0, 0, 1, 2, 2, 2])
    weights = np.concatenate(list(resamples(cluster, seed=7, times=200)))
    assert weights.shape == (200, 6)
    assert (weights[:, 0] == weights[:, 1]).all() and (weights[:, 3] == weights[:, 5]).all()
    assert (weights[:, [0, 2, 3]].sum(1) == 3).all()


def test_resamples_are_the_same_for_a_seed_however_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = np.arange(9)
    whole = np.concatenate(list(resamples(cluster, seed=1, times=50)))
    monkeypatch.setattr("eval.intervals._CHUNK", 40)
    parts = list(resamples(cluster, seed=1, times=50))
    assert len(parts) > 10 and (np.concatenate(parts) == whole).all()
    assert not (np.concatenate(list(resamples(cluster, seed=2, times=50))) == whole).all()


def test_the_interval_of_a_share_is_what_theory_says() -> None:
    # 400 single questions, half right: standard error √(0.5 · 0.5 / 400) = 0.025
    results = [result("right" if n % 2 else "other", id=str(n)) for n in range(400)]
    figure = measured(results, ["right"])["right"]
    assert (figure["value"], figure["n"]) == (0.5, 400)
    assert figure["low"] == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert figure["high"] == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)


def test_wordings_of_one_intent_count_as_one_draw() -> None:
    # the same 400 cases as 40 intents that are right or wrong as a whole: √(0.25 / 40) = 0.079
    results = [
        result("right" if n % 2 else "other", id=f"{n} {m}", intent=str(n)) for n in range(40) for m in range(10)
    ]
    figure = measured(results, ["right"])["right"]
    assert figure["high"] - figure["low"] == pytest.approx(2 * 1.96 * 0.079, abs=0.04)


def test_where_all_are_alike_the_interval_is_the_exact_one_over_intents() -> None:
    # five intents of two wordings, all right: (1 - p)⁵ = 0.025 at the lower bound
    results = [result(id=f"{n} {m}", intent=str(n)) for n in range(5) for m in range(2)]
    figure = measured(results)
    assert figure["right"] == {"value": 1.0, "low": round(0.025 ** (1 / 5), 4), "high": 1.0, "n": 10}
    wrong = measured([result("other", id=str(n)) for n in range(100)])["right"]
    assert wrong == {"value": 0.0, "low": 0.0, "high": round(1 - 0.025 ** (1 / 100), 4), "n": 100}


def test_one_intent_alone_has_no_interval() -> None:
    assert measured([result(intent="a"), result(intent="a")], ["right"])["right"] == {
        "value": 1.0, "low": None, "high": None, "n": 2
    }  # fmt: skip


def test_the_bounds_leave_out_resamples_that_had_nothing_to_count() -> None:
    values = np.array([np.nan, *np.linspace(0, 1, 201)])
    assert bounds(values) == pytest.approx((0.025, 0.975))
    assert bounds(np.array([np.nan])) is None


def test_the_difference_is_paired() -> None:
    """Two runs that are right on much the same questions: far narrower than two intervals side by side."""
    before = [result("right" if n % 2 else "other", id=str(n)) for n in range(200)]
    after = [result("right" if n % 2 or n < 10 else "other", id=str(n)) for n in range(200)]
    one = differences(before, after, ["right"])["right"]
    assert (one.before, one.after, one.difference, one.n) == (0.5, 0.525, 0.025, 200)
    assert one.low is not None and one.high is not None
    # five of 200 differ: standard error √(0.025 · 0.975 / 200) = 0.011
    assert one.high - one.low == pytest.approx(2 * 1.96 * 0.011, abs=0.012)
    assert one.significant and one.p < 0.02
    assert one.mcnemar == 2 * 0.5**5  # five turned right, none wrong
    assert measured(before, ["right"])["right"]["high"] > 0.525


def test_a_difference_turned_round_is_the_same_with_the_other_sign() -> None:
    a = [result("right" if n % 3 else "other", id=str(n)) for n in range(60)]
    b = [result("right" if n % 4 else "other", id=str(n)) for n in range(60)]
    forth, back = differences(a, b)["first"], differences(b, a)["first"]
    assert (forth.difference, forth.low, forth.high, forth.p) == (-back.difference, -back.high, -back.low, back.p)


def test_runs_that_are_alike_differ_by_nothing_and_surely_so() -> None:
    same = [result("right" if n % 3 else "other", id=str(n), confidence=n / 30) for n in range(30)]
    for name, one in differences(same, same).items():
        assert (one.difference, one.low, one.high, one.p, one.significant) == (0, 0, 0, 1.0, False), name


@pytest.mark.parametrize(
    ("won", "lost", "p"),
    [(0, 0, 1.0), (1, 0, 1.0), (3, 3, 1.0), (6, 0, 2 / 2**6), (1, 7, 2 * (1 + 8) / 2**8)],
)
def test_mcnemar_is_the_two_sided_binomial_of_what_turned(won: int, lost: int, p: float) -> None:
    before = [False] * won + [True] * lost + [True, False]
    after = [True] * won + [False] * lost + [True, False]
    assert mcnemar(before, after) == pytest.approx(p)


def test_a_measure_that_one_run_cannot_have_has_no_difference() -> None:
    answered, held = [result(), result()], [result(answered=False), result(answered=False)]
    found = differences(answered, held)
    assert "right_of_answered" not in found and found["right"].difference == -1.0
    assert difference(table(answered), table(held), MEASURES["quote_fidelity"], 1) is None


def test_the_share_of_flags_has_an_interval_over_intents() -> None:
    results = [result(id=str(n), intent=str(n // 2)) for n in range(40)]
    figure = share(results, [n < 30 for n in range(40)])
    assert figure is not None and (figure["value"], figure["n"]) == (0.75, 40)
    assert 0.5 < figure["low"] < 0.75 < figure["high"] < 1
    assert share([], []) is None


def test_intervals_do_not_hang_on_how_often_they_are_asked_for() -> None:
    results = [result("right" if n % 3 else "other", id=str(n)) for n in range(30)]
    assert estimates(table(results), MEASURES, 5) == estimates(table(results), MEASURES, 5)
