"""Fusion and confidence are fitted per encoder: on two small families, with an encoder that knows words only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from assistant.abstention import FEATURES, Calibration, calibrated_as
from eval.calibrate import (
    SPREAD,
    Family,
    _first_hits,
    evidence,
    fit_and_judge,
    fit_weights,
    judge,
    observe,
    with_reader,
)
from kb.home import Home
from kb.reader import Reader
from kb.search import Weights
from tests.support import TinyEmbedder, TokenEmbedder

THINGS = ("退货", "运费", "发票", "保修", "换货", "积分", "优惠券", "快递", "定金", "会员", "礼品卡", "安装")


def write_family(folder: Path, name: str) -> None:
    rows = [
        {
            "doc": f"{name}.md", "title": name, "lang": "zh-Hans", "authority": "platform_rule", "scope": {},
            "effective_from": "2025-01-01", "path": [f"第{n}条"], "label": f"第{n}条",
            "text": f"{name}的{thing}由客服在{n + 2}日内处理，{thing}须附上凭证。",
            "questions": [{"style": "standard", "q": f"{thing}几日内处理？"}, {"style": "shorthand", "q": f"{thing} 凭证"}],
        }
        for n, thing in enumerate(THINGS, 1)
    ]  # fmt: skip
    missing = [{"style": "standard", "q": f"{thing}能寄到国外吗？"} for thing in THINGS[:4]]
    for kind, lines in (("clauses", rows), ("unanswerable", missing)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}.{kind}.jsonl").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Family]:
    folder = tmp_path_factory.mktemp("families")
    home = Home(folder / "home")
    for name in ("星辰", "海风"):
        write_family(folder, name)
    return {name: observe(home, folder, name, TinyEmbedder()) for name in ("星辰", "海风")}


def test_every_question_is_observed_with_its_right_clauses_marked(families: Mapping[str, Family]) -> None:
    asked = families["星辰"].asked
    assert len(asked) == 2 * len(THINGS) + 4
    assert all(q.gold.any() == q.case.answerable for q in asked)


def test_fitted_weights_are_no_worse_than_those_they_began_with(families: Mapping[str, Family]) -> None:
    both = list(families.values())
    fitted = fit_weights(both)
    assert np.mean([f.first(fitted) for f in both]) >= np.mean([f.first(Weights()) for f in both])


def test_scores_of_every_encoder_have_one_spread(families: Mapping[str, Family]) -> None:
    both = list(families.values())
    assert np.mean([f.spread(fit_weights(both)) for f in both]) == pytest.approx(SPREAD, rel=0.02)


class Meets(Reader):
    """Likes the clause whose vectors meet the question's best."""

    def __init__(self) -> None:
        self.id = "meets"

    def read(
        self,
        question: np.ndarray,
        as_words: np.ndarray,
        clauses: Sequence[np.ndarray],
        words: Sequence[np.ndarray],
        before: int = 0,
    ) -> np.ndarray:
        return np.array([float((question @ vectors.T).max(axis=1).sum()) for vectors in clauses])


class ReadingEmbedder(TokenEmbedder):
    id, reader = "reading@1", Meets()


@pytest.fixture(scope="module")
def read_families(tmp_path_factory: pytest.TempPathFactory) -> list[Family]:
    folder = tmp_path_factory.mktemp("read")
    write_family(folder, "星辰")
    return [observe(Home(folder / "home"), folder, "星辰", ReadingEmbedder())]


def test_the_reader_weighs_what_puts_the_right_clause_first_and_scores_keep_their_spread(
    read_families: list[Family],
) -> None:
    fitted = with_reader(read_families, Weights(tokens=1.0))
    asked = list(_first_hits(read_families[0], replace(fitted, reader=0.0)))
    assert np.mean([q.right(fitted.reader) for q in asked]) >= np.mean([q.right(0.0) for q in asked])
    assert np.median([q.spread(fitted.reader) for q in asked]) == pytest.approx(SPREAD, rel=0.05)


def test_without_a_reader_weights_stay_and_some_without_is_refused(
    families: Mapping[str, Family], read_families: list[Family]
) -> None:
    assert with_reader(list(families.values()), Weights()) == Weights()
    with pytest.raises(ValueError, match="2 of 3"):
        with_reader([*families.values(), *read_families], Weights())


def test_a_calibration_belongs_to_an_encoder_with_its_reader() -> None:
    assert calibrated_as(TinyEmbedder()) == "tiny@1"
    assert calibrated_as(ReadingEmbedder()) == "reading@1+meets"


def test_what_is_fitted_is_a_calibration_and_says_how_it_did_elsewhere(families: Mapping[str, Family]) -> None:
    record = fit_and_judge(families, Console(quiet=True))
    assert set(record.pop("held_out")) == {"星辰", "海风", "all"}
    weights = Weights(**record.pop("weights"))
    found = Calibration(weights, **{name: tuple(v) if isinstance(v, list) else v for name, v in record.items()})
    assert len(found.mean) == len(FEATURES)
    features, _, answerable, _ = evidence(families["星辰"], replace(weights))
    given = [found.confidence(row) >= found.line for row in features[answerable]]
    assert np.mean(given) >= 0.7


def test_a_judgement_counts_answers_at_the_line() -> None:
    confidence = np.array([0.95, 0.95, 0.5, 0.2, 0.9, 0.1])
    right = np.array([True, True, False, True, False, False])
    answerable = np.array([True, True, True, True, False, False])
    found = judge(confidence, confidence, right, answerable, 0.4)
    assert (found["coverage"], found["right_of_answered"], found["wrong_answers"]) == (0.75, 0.5714, 0.5)
    assert (found["sure"], found["right_of_sure"]) == (3, 0.8)  # the two without a clause count half: a fifth of all
