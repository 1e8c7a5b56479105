"""The confidence: a known formula, the same everywhere, between nought and one."""

from __future__ import annotations

import json
import math
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.abstention import FEATURES, Calibration, calibration_for, features
from kb.search import Weights
from kb.types import Hit
from tests.support import calibration, calibration_record, make_content


def hit(score: float, text: str = "第一条 运费由买家承担。") -> Hit:
    content = make_content("a.md", (text,), title="规则")
    return Hit(content.clauses[0], content.version, score, {"dense": score, "sentence": score, "lexical": 4.0})


def named(values: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(FEATURES, values, strict=True))


def test_the_confidence_is_the_logistic_value_through_the_steps() -> None:
    n = len(FEATURES)
    model = Calibration(
        weights=Weights(), mean=(1.0,) * n, scale=(2.0,) * n, reach=99.0, weight=(3.0, *(0.0,) * (n - 1)), bias=0.5,
        steps=((0.0, 0.2), (4.0, 0.8)), line=0.5,
    )  # fmt: skip
    # raw = 0.5 + 3 · (2 - 1) / 2 = 2.0, half way between the steps: 0.2 + (0.8 - 0.2) · 2 / 4
    assert model.confidence((2.0, *(9.0,) * (n - 1))) == 0.2 + (0.8 - 0.2) * 2 / 4
    assert model.confidence((-100.0,) * n) == 0.2 and model.confidence((100.0,) * n) == 0.8


def test_a_feature_is_heard_no_further_than_its_reach() -> None:
    n = len(FEATURES)
    model = Calibration(
        Weights(), (1.0,) * n, (2.0,) * n, 1.5, (3.0, *(0.0,) * (n - 1)), 0.0, ((-9.0, 0.0), (9.0, 1.0)), 0.5
    )
    heard = [model.confidence((value, *(0.0,) * (n - 1))) for value in (-50.0, -2.0, 1.0, 3.9, 4.0, 50.0)]
    assert heard == sorted(heard) and heard[0] == heard[1] and heard[2] == 0.5 and heard[3] < heard[4] == heard[5]


@given(st.lists(st.floats(-1e6, 1e6), min_size=len(FEATURES), max_size=len(FEATURES)))
def test_the_confidence_lies_between_nought_and_one(values: list[float]) -> None:
    assert 0.0 <= calibration().confidence(values) <= 1.0


def test_the_lead_is_over_the_next_clause_that_says_something_else() -> None:
    hits = [hit(0.9), hit(0.89), hit(0.7)]
    assert named(features("运费", hits, [True, True, False]))["lead"] == pytest.approx(0.9 - 0.7)
    assert named(features("运费", hits, [True, False, False]))["lead"] == pytest.approx(0.9 - 0.89)


def test_a_single_hit_has_features_too() -> None:
    values = named(features("运费", [hit(0.9)], [True]))
    assert len(values) == len(FEATURES) and all(math.isfinite(v) for v in values.values())
    assert values["shared"] == 1.0


def test_an_embedder_without_a_calibration_borrows_the_first_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.abstention._calibrations", lambda: {"tiny@1": calibration_record(0.3)})
    assert calibration_for("tiny@1") == (calibration(0.3), True)
    assert calibration_for("other@7") == (calibration(0.3), False)


def test_the_shipped_calibration_is_for_the_features_of_today() -> None:
    table = json.loads(resources.files("assistant").joinpath("calibration.json").read_text("utf-8"))
    assert table["features"] == list(FEATURES)
    for record in table["embedders"].values():
        assert len(record["mean"]) == len(record["scale"]) == len(record["weight"]) == len(FEATURES)
        assert [a for a, _ in record["steps"]] == sorted(a for a, _ in record["steps"])
        assert [b for _, b in record["steps"]] == sorted(b for _, b in record["steps"])
