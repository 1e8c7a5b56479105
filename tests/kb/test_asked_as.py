"""Wordings as further keys to their clause: they lead to it, are never quoted, and change nothing where there are none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kb.decision_log import new_wording
from kb.decisions import AskedAs, Decisions, Subject
from kb.errors import DamagedSnapshot
from kb.home import Home
from kb.search import Filter, Searcher
from kb.snapshot import Snapshot, build
from kb.types import Content, Hit
from kb.units import units
from tests.support import Base, TinyEmbedder, make_content

EMBEDDER = TinyEmbedder()
SHOP = make_content(
    "shop.md",
    ["第一条 七日内可以退货，商品应当完好。", "第二条 运费由买家承担。质量问题除外。", "第三条 商家在两天内退款。"],
)


def wording(text: str, content: Content = SHOP, number: int = 1) -> AskedAs:
    clause = content.clauses[number - 1]
    return new_wording(Subject(clause.id, clause.sha256), text, "王敏")


def searcher(home: Home, asked_as: Sequence[AskedAs], *contents: Content) -> Searcher:
    with home.writing():
        built = build(home, contents or [SHOP], EMBEDDER, {}, decisions=Decisions(asked_as=tuple(asked_as)))
    snapshot = Snapshot.open(home, built.id)
    snapshot.verify()
    return Searcher(snapshot)


def found(search: Searcher, question: str, where: Filter | None = None) -> list[Hit]:
    asked = EMBEDDER.embed_question(question)
    return search.search(question, asked, search.groups(where or Filter(None)), 10)


def test_a_question_in_the_words_of_a_wording_finds_its_clause(base: Base) -> None:
    question = "啥时候到账呀"
    assert found(searcher(base.home, []), question)[0].clause.label != "第3条"
    best = found(searcher(base.home, [wording(question, number=3)]), question)[0]
    assert best.clause.label == "第3条"
    assert best.stages["asked_as"] == pytest.approx(1.0, abs=1e-3)


def test_the_sentence_that_is_shown_is_one_of_the_clause(base: Base) -> None:
    best = found(searcher(base.home, [wording("邮寄回去的钱谁出", number=2)]), "邮寄回去的钱谁出")[0]
    assert best.sentence is not None
    start, end = best.sentence
    assert best.clause.text[start:end] in ("第二条 运费由买家承担。", "质量问题除外。")


def test_the_words_lead_to_the_clause_but_do_not_stand_in_it(base: Base) -> None:
    search = searcher(base.home, [wording("邮寄回去的钱谁出", number=2)])
    snapshot = search.snapshot
    assert "邮寄" not in "".join(clause.text for clause in snapshot.clauses)
    assert [tuple(row) for row in snapshot.units if row[2] == 0] == [(1, 0, 0)]


def test_questions_that_no_wording_is_near_are_answered_with_the_same_scores(base: Base) -> None:
    plain, keyed = searcher(base.home, []), searcher(base.home, [wording("邮寄回去的钱谁出", number=2)])
    for question in ("几天内可以退货", "商家什么时候退款", "商品应当完好吗"):
        before, after = found(plain, question), found(keyed, question)
        assert [(h.clause, h.score, h.sentence) for h in after] == [(h.clause, h.score, h.sentence) for h in before]
        assert all("asked_as" not in hit.stages for hit in before)


def test_many_wordings_of_one_clause_do_not_crowd_the_others_out(base: Base) -> None:
    many = [wording(f"想问一下{n}号店的东西几天内可以退货呀", number=1) for n in range(300)]
    assert found(searcher(base.home, many), "商家在两天内退款")[0].clause.label == "第3条"
    assert {hit.clause.label for hit in found(searcher(base.home, many), "商家在两天内退款")} == {
        "第1条",
        "第2条",
        "第3条",
    }


def test_a_wording_of_a_clause_for_another_scope_leads_nowhere(base: Base) -> None:
    jd = make_content("jd.md", ["包装费五元。"], scope={"platform": "京东"})
    tb = make_content("tb.md", ["包装费三元。"], scope={"platform": "淘宝"})
    search = searcher(base.home, [wording("盒子要钱不", jd)], jd, tb)
    hits = found(search, "盒子要钱不", Filter(None, {"platform": "淘宝"}))
    assert [hit.clause.document for hit in hits] == ["tb.md"]


def test_one_wording_of_two_scopes_lifts_both_clauses_alike(base: Base) -> None:
    jd = make_content("jd.md", ["包装费五元。"], scope={"platform": "京东"})
    tb = make_content("tb.md", ["包装费三元。"], scope={"platform": "淘宝"})
    search = searcher(base.home, [wording("盒子要钱不", jd), wording("盒子要钱不", tb)], jd, tb, SHOP)
    first, second, third = found(search, "盒子要钱不")[:3]
    assert {first.clause.document, second.clause.document} == {"jd.md", "tb.md"}
    assert first.score - second.score < second.score - third.score


def test_a_wording_for_a_text_that_changed_is_not_built_in(base: Base) -> None:
    edited = make_content("shop.md", ["第一条 十日内可以退货。"])
    assert searcher(base.home, [wording("能退不")], edited).snapshot.decisions == Decisions()


def test_the_order_in_which_wordings_come_makes_no_other_snapshot(base: Base) -> None:
    given = [wording("能退不"), wording("谁出邮费", number=2), wording("几天退", number=1)]
    ids = [w.id for w in sorted(given, key=lambda w: w.id)]
    again = searcher(base.home, sorted(given, key=lambda w: w.id)).snapshot
    assert [w.id for w in again.decisions.asked_as] == ids
    assert [tuple(r) for r in again.units if r[2] == 0] == [(0, 0, 0), (0, 0, 0), (1, 0, 0)]


def test_a_vector_of_a_wording_that_nobody_approved_is_found_out(base: Base) -> None:
    snapshot = searcher(base.home, [wording("能退不")]).snapshot
    snapshot.units = np.array([row if row[2] else (1, 0, 0) for row in snapshot.units], dtype=np.int32)
    with pytest.raises(DamagedSnapshot, match="other wordings than vectors"):
        snapshot.verify()


def test_traditional_wordings_are_embedded_as_traditional_questions_are() -> None:
    texts = [
        unit.text for unit in units(0, SHOP.clauses[0], SHOP.version, ["幾天內可以退貨", "几天退"]) if not unit.end
    ]
    assert texts == ["几天内可以退货", "几天退"]
