"""What a document says of another one and the base does not do is told."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.notices import not_yet_amended, still_in_force, without_authority
from kb.types import Status
from tests.support import RETURNS, SHIPPING, Base, at, front_matter, make_content
from ui.listing import report_to_json

OLD = "# 旧退货规则\n\n第一条 三日内可以退货。\n\n第二条 运费由买家承担。\n"
NEW = RETURNS.rstrip() + "\n\n第九条 本规则自2025年1月1日起施行。《旧退货规则》同时废止。\n"
NOW = at("2026-06-01")


def versions(newer: dict | None = None, older: dict | None = None):
    facts = {"facts": {"repeals": "旧退货规则"}, "effective_from": date(2025, 1, 1), "title": "退货规则"}
    new = make_content("new.md", **(facts | (newer or {}))).version
    old = make_content("old.md", ["第一条 三日内可以退货。"], **({"title": "旧退货规则"} | (older or {}))).version
    return [new, old]


def doubts(base: Base) -> dict[str, list[str]]:
    return report_to_json(base.ingest())["doubts"]


def test_what_is_repealed_and_goes_on_is_told_with_what_to_do(base: Base) -> None:
    base.write("rules/旧.md", OLD)
    base.write("rules/新.md", NEW)
    (doubt,) = doubts(base)["rules/新.md"]
    assert "repeals 《旧退货规则》" in doubt and "answering from it: rules/旧.md" in doubt
    assert "《旧退货规则》同时废止" in doubt and "--set 'supersedes=rules/旧.md'" in doubt
    base.write("rules/新.md", front_matter(NEW, supersedes="rules/旧.md"))
    assert "rules/新.md" not in doubts(base)


def test_it_is_told_with_whichever_of_the_two_comes_later(base: Base) -> None:
    base.write("新.md", NEW)
    assert doubts(base) == {}
    (base.sources / "新.md").rename(base.sources.parent / "新.md")
    base.ingest(base.sources.parent / "新.md")
    base.write("旧.md", OLD)
    (doubt,) = doubts(base)["旧.md"]
    assert doubt.startswith("新.md: It says that it repeals")


def test_two_repealed_documents_are_named_beside_what_it_replaces_already() -> None:
    new, old = versions({"facts": {"repeals": "旧退货规则; 《发货规则》"}, "supersedes": ("x.md",)})
    shipping = make_content("s.md", [SHIPPING], title="发货规则（2020年1月1日）").version
    other = make_content("o.md", ["第一条 别的。"], title="发货规则说明").version
    ((names, sentence),) = still_in_force([new, old, shipping, other], NOW).values()
    assert names == ("old.md", "s.md") and "'supersedes=x.md; old.md; s.md'" in sentence


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"supersedes": ("old.md",)}, {}),
        ({"supersedes": ("旧退货规则",)}, {}),
        ({"status": Status.DRAFT}, {}),
        ({"facts": {}}, {}),
        ({"facts": {"repeals": "旧退货规则（试行）"}}, {}),
        ({}, {"status": Status.RETIRED}),
        ({}, {"effective_to": date(2024, 12, 31)}),
        ({"effective_from": None}, {"effective_to": date(2026, 5, 31)}),  # over by now
        ({}, {"effective_to": date(2026, 12, 31), "evidence": {"effective_to": "--set"}}),
        ({}, {"effective_from": date(2025, 7, 1)}),  # issued anew
        ({"series": "r"}, {"series": "r"}),
    ],
)
def test_what_has_ended_or_was_issued_anew_is_not_told(newer: dict, older: dict) -> None:
    assert still_in_force(versions(newer, older), NOW) == {}


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({}, {}),
        ({"effective_from": None}, {}),
        ({"facts": {"repeals": "中华人民共和国 旧退货规则"}}, {}),
        ({}, {"effective_from": date(2020, 1, 1)}),
        ({}, {"effective_to": date(2029, 12, 31)}),
        ({"effective_from": date(2027, 1, 1)}, {}),  # it will go on
    ],
)
def test_what_goes_on_is_told(newer: dict, older: dict) -> None:
    assert list(still_in_force(versions(newer, older), NOW)) == ["new.md"]


def test_an_amending_notice_names_what_the_base_holds_of_it(base: Base) -> None:
    notice = "# 关于修改《退货规则》的通知\n\n第一条修改为：十五日内可以退货。\n\n本通知自2025年7月1日起施行。\n"
    base.write("通知.md", notice)
    (alone,) = doubts(base)["通知.md"]
    assert "amends 《退货规则》" in alone
    base.write("rules/退货.md", "# 退货规则\n\n第一条 七日内可以退货。\n\n第二条 本规则自2024年1月1日起施行。\n")
    _, named = doubts(base)["通知.md"]
    assert named == "The base holds what it amends, as before the amendment: rules/退货.md."
    base.write("通知.md", notice.rpartition("本通知")[0])
    assert any("From which day on is not stated" in doubt for doubt in doubts(base)["通知.md"])


@pytest.mark.parametrize(
    ("amended", "told"),
    [
        ({}, True),
        ({"title": "桐里公司关于退货规则"}, False),
        ({"effective_from": date(2020, 1, 1)}, True),
        ({"effective_from": date(2025, 1, 1)}, False),  # the amended text
        ({"effective_to": date(2025, 12, 31)}, False),
        ({"status": Status.DRAFT}, False),
    ],
)
def test_what_is_amended_already_or_answers_no_more_is_not_named(amended: dict, told: bool) -> None:
    fields = {"facts": {"amends": "退货规则"}, "effective_from": date(2025, 1, 1)}
    notice = make_content("notice.md", title="关于修改《退货规则》的通知", **fields).version
    rules = make_content("rules.md", ["第一条 七日内。"], **({"title": "退货规则"} | amended)).version
    assert bool(not_yet_amended([notice, rules], NOW)) is told


def test_a_title_is_known_with_and_without_its_issuer() -> None:
    notice = make_content("n.md", title="通知", facts={"amends": "关于办理退货案件的解释"}).version
    full = "最高人民法院、最高人民检察院关于办理退货案件的解释"
    rules = make_content("r.md", ["第一条 七日内。"], title=full).version
    assert "r.md" in not_yet_amended([notice, rules], NOW)["n.md"]


def test_a_document_without_authority_among_those_that_have_one_is_told(base: Base) -> None:
    for name in ("a", "b"):
        base.write(f"{name}.md", front_matter(f"# 规则{name}\n\n第一条 七日内可以退货。\n", authority="platform_rule"))
    base.write("c.txt", "发货规则\n\n第一条 付款后三日内发货。\n")
    told = doubts(base)
    assert set(told) == {"c.txt"} and "ranks last (script)" in told["c.txt"][-1]
    none = [make_content(f"{n}.md", title=f"规则{n}").version for n in range(3)]
    assert not without_authority(none)  # where none has one, none ranks behind the others
