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
