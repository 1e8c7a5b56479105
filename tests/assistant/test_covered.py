"""Whether a question is covered, and how sure the best clause is: two things, where a reader tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from assistant import Answer, AnswerStatus, Assistant, Reason, Request
from assistant.types import Choices
from kb.reader import Reader
from kb.snapshot import Snapshot, build
from tests.support import Base, TokenEmbedder, calibration, make_content

QUESTION = "无理由退货 运费 由谁 承担"
RULES = (
    "第一条 无理由退货的运费由买家承担。",
    "第二条 无理由退货的运费，会员由商家承担。",
    "第三条 发票在七日内开具。",
)


class Says(Reader):
    """The same of every clause."""

    def __init__(self, odds: float) -> None:
        self.id, self.odds = f"says {odds}", odds

    def read(
        self,
        question: np.ndarray,
        as_words: np.ndarray,
        clauses: Sequence[np.ndarray],
        words: Sequence[np.ndarray],
        before: int = 0,
    ) -> np.ndarray:
        return np.full(len(clauses), self.odds)


class ReadingEmbedder(TokenEmbedder):
    def __init__(self, odds: float) -> None:
        super().__init__()
        self._odds = odds

    @property
    def reader(self) -> Reader:
        return Says(self._odds)


def ask(base: Base, odds: float, confidence: float, *documents, **request) -> Answer:
    """By a calibration that is as sure of everything, and takes odds of 1 and over for a question that is covered."""
    embedder = ReadingEmbedder(odds)
    with base.home.writing():
        built = build(base.home, documents or [make_content("a.md", RULES)], embedder, {})
    sure = replace(calibration(0.5), steps=((0.0, confidence), (1.0, confidence)), coverage=((0.0, 0.1), (1.0, 0.9)))
    assistant = Assistant(Snapshot.open(base.home, built.id), embedder, base.home.settings, calibration=sure)
    return assistant.ask(Request(QUESTION, **request))


def test_what_is_covered_is_answered_though_nobody_knows_by_which_clause_best(base: Base) -> None:
    answer = ask(base, 2.0, 0.1)
    assert answer.status is AnswerStatus.ANSWERED
    assert (answer.covered, answer.confidence) == (0.9, 0.1)
    assert "核对" in answer.why


def test_what_is_not_covered_is_not_answered_however_near_a_clause_is(base: Base) -> None:
    answer = ask(base, -2.0, 0.95)
    assert (answer.status, answer.reason) == (AnswerStatus.ABSTAINED, Reason.NO_POLICY)
    assert (answer.covered, answer.confidence) == (0.1, 0.95)


@pytest.mark.parametrize(
    ("confidence", "stated", "answered"), [(0.1, {}, False), (0.1, {"platform": "云岚"}, True), (0.9, {}, True)]
)
def test_a_covered_question_that_two_platforms_answer_alike_is_asked_back_unless_one_is_sure(
    base: Base, confidence: float, stated: dict[str, str], answered: bool
) -> None:
    platforms = [make_content(f"{name}.md", RULES[:1], scope={"platform": name}) for name in ("云岚", "栗子街")]
    answer = ask(base, 2.0, confidence, *platforms, scope=stated)
    assert (answer.status is AnswerStatus.ANSWERED) == answered
    if not answered:
        assert answer.reason is Reason.AMBIGUOUS and "云岚" in answer.why and "栗子街" in answer.why
        assert any("云岚" in other.lost_because for other in answer.alternatives)
    assert answer.choices == (None if answered else Choices("platform", ("云岚", "栗子街")))


def test_a_general_rule_beside_two_products_own_terms_is_asked_back_with_the_products(base: Base) -> None:
    scopes = {"a": {}, "t3": {"product": "T3"}, "k2": {"product": "K2"}}
    documents = [make_content(f"{name}.md", RULES[:1], scope=scope) for name, scope in scopes.items()]
    answer = ask(base, 2.0, 0.1, *documents)
    assert answer.reason is Reason.AMBIGUOUS and "T3" in answer.why and "K2" in answer.why
    assert ask(base, 2.0, 0.1, *documents, scope={"product": "T3"}).status is AnswerStatus.ANSWERED
    assert ask(base, 2.0, 0.1, *documents[:2]).status is AnswerStatus.ANSWERED


def test_what_most_likely_no_clause_covers_is_not_asked_back(base: Base) -> None:
    documents = [make_content(f"{name}.md", RULES[:1], scope={"product": name}) for name in ("T3", "K2")]
    answer = ask(base, -2.0, 0.1, *documents)
    assert answer.reason is Reason.NO_POLICY and answer.choices is None
