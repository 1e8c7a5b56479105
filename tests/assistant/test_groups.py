"""A rule for some customers does not answer a question that does not name them."""

from __future__ import annotations

import pytest

from assistant.groups import NEAR, for_a_group, for_everybody_first, names_a_group
from kb.types import Hit
from tests.support import make_content


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("9. 首席会员退货的，退回运费由琴行承担。", True),
        ("第四条 新人券限首次下单的账户使用，每人一张。", True),
        ("第三条 金卡用户享受免费上门取件。", True),
        ("Members get free returns, others pay.", True),
        ("第三条 无理由退货的，退回运费由买家承担；会员另有约定的除外。", False),
        ("第六条 银行卡支付的，原路退回。", False),
    ],
)
def test_a_clause_says_first_whom_it_is_for(text: str, group: bool) -> None:
    assert for_a_group(text) is group


@pytest.mark.parametrize(
    ("said", "names"), [("我是會員，運費誰出", True), ("退货运费谁出", False), ("VIP包邮吗", True)]
)
def test_a_question_may_name_a_group(said: str, names: bool) -> None:
    assert names_a_group(said) is names


def hits(*said: tuple[str, float, float]) -> list[Hit]:
    content = make_content(texts=[text for text, _, _ in said])
    pairs = zip(content.clauses, said, strict=True)
    return [Hit(clause, content.version, score, {"reader": odds}) for clause, (_, score, odds) in pairs]


FOR_SOME, FOR_ALL = "第一条 会员退货的，运费由商家承担。", "第二条 退货的运费由买家承担。"


@pytest.mark.parametrize(
    ("behind", "odds", "first"),
    [
        (NEAR / 2, 1.0, FOR_ALL),
        (NEAR * 2, 1.0, FOR_SOME),  # only the rule for members is about it
        (NEAR / 2, -1.0, FOR_SOME),  # near in words, and no answer
    ],
)
def test_of_two_that_answer_alike_the_one_for_everybody_comes_first(behind: float, odds: float, first: str) -> None:
    found = for_everybody_first(hits((FOR_SOME, 0.15, 2.0), (FOR_ALL, 0.15 - behind, odds)))
    assert found[0].clause.text == first and found[0].score == 0.15 and len(found) == 2


def test_what_is_for_everybody_stays_and_nothing_is_nothing() -> None:
    found = hits((FOR_ALL, 0.15, 2.0), (FOR_SOME, 0.149, 1.0))
    assert for_everybody_first(found) == found and for_everybody_first([]) == []
