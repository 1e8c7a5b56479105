"""Finding in a snapshot: which clauses can meet, and what is looked at again after a change."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.contradictions import Likeness, find
from kb.home import Home
from kb.snapshot import Snapshot, build
from kb.types import Status
from tests.support import TinyEmbedder, at, make_content

ONE = "买家自签收之日起七日内可以申请无理由退货，退回的商品应当完好。"
OTHER = "买家自签收之日起15天内可以申请无理由退货，退回的商品应当完好。"
NOW = at("2026-01-15")


@pytest.fixture
def base(tmp_path):
    home = Home(tmp_path / "home")

    def make(*contents):
        with home.writing():
            built = build(home, contents, TinyEmbedder(), {})
        return Snapshot.open(home, built.id)

    return make


def content(document, *texts, **fields):
    return make_content(document, texts, **({"language": "zh-Hans", "title": "退货规则"} | fields))


def contradictions(snapshot, **more):
    return [f for f in find(snapshot, now=NOW, **more) if f.likeness is Likeness.CONTRADICTION]


def test_two_documents_with_two_deadlines_are_found(base):
    (finding,) = contradictions(base(content("a.md", ONE), content("b.md", OTHER)))
    assert {finding.first.document, finding.second.document} == {"a.md", "b.md"}


def test_two_articles_of_one_document_are_found(base):
    assert len(contradictions(base(content("a.md", ONE, OTHER)))) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"scope": {"platform": "甲"}}, {"scope": {"platform": "乙"}}),
        ({"effective_to": date(2025, 12, 31)}, {}),
        ({"effective_to": date(2026, 6, 30)}, {"effective_from": date(2026, 7, 1)}),
        ({}, {"status": Status.DRAFT}),
        ({}, {"supersedes": ("a.md",), "effective_from": date(2026, 7, 1)}),
        ({"series": "returns"}, {"series": "returns", "effective_from": date(2026, 7, 1)}),
        ({"title": "AF3 使用与退货说明"}, {"title": "空气炸锅退货规则（AF5）"}),
        ({"title": "2026年双十一活动规则"}, {"title": "618退货政策"}),
    ],
)
def test_clauses_that_cannot_be_in_force_for_one_customer_together_do_not_meet(base, first, second):
    assert contradictions(base(content("a.md", ONE, **first), content("b.md", OTHER, **second))) == []


def test_a_rule_that_begins_later_meets_the_one_that_stays(base):
    snapshot = base(content("a.md", ONE), content("b.md", OTHER, effective_from=date(2026, 7, 1)))
    assert len(contradictions(snapshot)) == 1


def test_looking_only_at_what_changed_finds_what_looking_at_everything_finds(base):
    filler = [content(f"f{n}.md", f"第{n}号仓库的货架编号由管理员登记。") for n in range(12)]
    old = base(content("a.md", ONE), *filler)
    new = base(content("a.md", ONE), content("b.md", OTHER), *filler)
    assert contradictions(new, since=old, known=find(old, now=NOW)) == contradictions(new)
    assert contradictions(old, since=new, known=find(new, now=NOW)) == []


def test_what_is_known_is_kept_with_the_clauses_of_the_new_snapshot(base):
    pair = content("a.md", ONE), content("b.md", OTHER)
    filler = [content(f"f{n}.md", f"第{n}号仓库的货架编号由管理员登记。") for n in range(12)]
    old = base(*pair, *filler)
    new = base(*pair, *filler, content("c.md", "积分每年清零一次。"))
    (finding,) = contradictions(new, since=old, known=find(old, now=NOW))
    assert any(finding.first is clause for clause in new.clauses)


def test_progress_comes_to_its_end(base):
    seen = []
    find(
        base(content("a.md", ONE), content("b.md", OTHER)),
        progress=lambda done, total: seen.append((done, total)),
        now=NOW,
    )
    assert seen[-1][0] == seen[-1][1]


def test_a_clause_that_an_edited_document_says_again_is_not_looked_at_again(base, monkeypatch):
    filler = [content(f"f{n}.md", f"第{n}号仓库的货架编号由管理员登记。") for n in range(12)]
    old = base(content("a.md", ONE, "积分每年清零一次。"), content("b.md", OTHER), *filler)
    new = base(content("a.md", ONE, "积分每季清零一次。"), content("b.md", OTHER), *filler)
    known = find(old, now=NOW)
    monkeypatch.setattr("assistant.contradictions.candidates.compare_readings", lambda *_: None)
    (finding,) = contradictions(new, since=old, known=known)
    assert finding.first in new.clauses and finding.second in new.clauses


def test_a_document_that_another_one_takes_the_place_of_by_its_metadata_is_looked_at_again(base):
    filler = [content(f"f{n}.md", f"第{n}号仓库的货架编号由管理员登记。") for n in range(12)]
    old = base(
        content("a.md", ONE, scope={"platform": "甲"}), content("b.md", OTHER, scope={"platform": "乙"}), *filler
    )
    new = base(content("a.md", ONE, scope={"platform": "甲"}), content("b.md", OTHER), *filler)
    assert len(contradictions(new, since=old, known=find(old, now=NOW))) == 1


def test_pairs_that_are_sifted_out_would_have_come_to_nothing(base, monkeypatch):
    texts = (
        ONE,
        OTHER,
        "签收后三天之内都可以走无理由退货。",
        "生鲜商品不支持无理由退货。",
        "退货运费由买家承担。",
        "退货运费由商家承担。",
        "Return shipping is paid by the seller.",
        "Buyers may return goods within 7 days of receipt.",
        "Buyers may return goods within 10 days of receipt.",
        "积分每年清零一次。",
        "质量问题的商品自签收之日起15日内可以换货。",
        "质量问题的商品自签收之日起可以换货。",
    )
    snapshot = base(*(content(f"{n}.md", text) for n, text in enumerate(texts)))
    unsifted = find(snapshot, now=NOW)
    monkeypatch.setattr("assistant.contradictions.candidates._FEW", 0)
    assert unsifted and unsifted == find(snapshot, now=NOW)
