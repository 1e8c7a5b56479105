"""One source to one content: identity, metadata by layers, exact slices."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingest.errors import InvalidMetadata, UnreadableFile
from ingest.pipeline import read
from ingest.sources import Source
from ingest.terms import fingerprint
from kb.moments import show_from, show_until
from kb.settings import BaseSettings
from kb.types import Content, Status, Version
from tests.support import RETURNS, ZONE, at, front_matter


def source(key: str = "rules/a.md", **layers: dict[str, str]) -> Source:
    return Source(key, Path("/somewhere") / key, "/somewhere", layers.get("rules", {}), layers.get("defaults", {}))


def content(
    text: str = RETURNS, key: str = "rules/a.md", given: dict[str, str] | None = None, **layers: dict[str, str]
) -> Content:
    return read(source(key, **layers), text.encode(), given or {}, BaseSettings()).content


def ids(content: Content) -> dict[str, str]:
    return {clause.label: clause.id for clause in content.clauses}


def test_clauses_are_slices_with_ids_of_their_own() -> None:
    found = content()
    assert all(found.version.text[c.start : c.end] == c.text for c in found.clauses)
    assert len(set(ids(found).values())) == len(found.clauses) == 3


def test_an_edited_clause_keeps_its_id_and_gets_another_hash() -> None:
    before, after = content(), content(RETURNS.replace("七日", "十五日"))
    assert ids(before) == ids(after)
    assert before.clauses[0].sha256 != after.clauses[0].sha256
    assert before.clauses[1].sha256 == after.clauses[1].sha256
    assert before.version.id != after.version.id


def test_editing_the_title_makes_no_other_document_and_no_other_clauses_ids() -> None:
    given = content(given={"title": "新标题"})
    assert given.version.document == content().version.document
    assert ids(given) == ids(content())


def test_the_same_text_under_another_key_is_another_document() -> None:
    one, two = content(), content(key="rules/b.md")
    assert not set(ids(one).values()) & set(ids(two).values())


def test_clauses_with_one_path_are_told_apart_by_their_turn() -> None:
    twice = content("第一条 甲方的义务是发货。\n第二条 乙方的义务是付款。\n\n附件\n\n第一条 附件的第一条。\n")
    assert len({c.id for c in twice.clauses}) == len(twice.clauses)


def test_nearer_to_the_document_overrules_farther() -> None:
    layers = {"defaults": {"owner": "defaults", "authority": "law"}, "rules": {"owner": "files"}}
    with_owner = front_matter(RETURNS, owner="front")
    assert content(defaults=layers["defaults"]).version.owner == "defaults"
    assert content(**layers).version.owner == "files"
    assert content(with_owner, **layers).version.owner == "front"
    told = content(with_owner, given={"owner": "set"}, **layers).version
    assert told.owner == "set" and told.authority == "law"
    assert told.evidence["owner"] == "--set" and told.evidence["authority"].startswith("[defaults]")


def test_what_the_text_says_overrules_defaults_but_not_a_block_for_the_file() -> None:
    dated = RETURNS + "\n第四条 本规则自2025年7月1日起施行。\n"
    assert content(dated, defaults={"effective_from": "2020-01-01"}).version.effective_from == at("2025-07-01")
    assert content(dated, rules={"effective_from": "2026-01-01"}).version.effective_from == at("2026-01-01")


def test_several_superseded_documents_and_scopes_are_read() -> None:
    version = content(given={"supersedes": "a.md; b.md", "scope.platform": "桐里", "scope.region": "CN"}).version
    assert version.supersedes == ("a.md", "b.md")
    assert version.scope == {"platform": "桐里", "region": "CN"}


def test_without_a_word_on_it_the_authority_is_the_lowest() -> None:
    assert content().version.authority == "script"


@pytest.mark.parametrize("field", ["effective_from", "effective_to", "review_by"])
@pytest.mark.parametrize("value", ["2025-02-30", "soon", "2025"])
def test_a_date_that_no_calendar_has_is_refused_with_where_it_stands(field: str, value: str) -> None:
    with pytest.raises(InvalidMetadata, match=f"{field}: found '{value}', expected a date.*--set"):
        content(given={field: value})


def test_an_unknown_authority_is_refused_with_where_it_stands_and_what_is_known() -> None:
    with pytest.raises(InvalidMetadata, match=r"found 'king', expected one of law, .*\[defaults\] of koujing.toml"):
        content(defaults={"authority": "king"})


@pytest.mark.parametrize("text", ["", "\n\n", "***\n"])
def test_a_file_without_a_clause_is_unreadable_with_its_reason(text: str) -> None:
    with pytest.raises(UnreadableFile):
        content(text)


DATED = "第一条 可以退货。\n\n第二条 本规则自2025年7月1日起施行。\n"


def test_facts_and_doubts_come_with_the_version() -> None:
    text = "退货规则\n文号：桐里〔2025〕5号\n发布日期：2025-06-25\n" + DATED + "\n第三条 《旧规则》同时废止。\n"
    version = content(text, "rules/退货规则(2024-01-01).txt").version
    assert version.facts == {"published": "2025-06-25", "number": "桐里〔2025〕5号", "repeals": "旧规则"}
    assert version.evidence["published"] == "line 3: 发布日期：2025-06-25"
    assert version.evidence["effective_from"].startswith("article 第二条: ")
    assert [doubt for doubt in version.doubts if "2024-01-01" in doubt]


def test_a_reader_s_facts_are_no_part_of_a_version_s_identity() -> None:
    """A file under another name of the same day says the same; what the reader makes of it is not its content."""
    assert content(RETURNS).version.id == content(RETURNS).version.id
    named = content("发布日期：2025-06-25\n" + DATED, "a.txt"), content("发布日期：2025-06-26\n" + DATED, "a.txt")
    assert named[0].version.id != named[1].version.id  # the text differs


def test_a_day_of_the_text_gives_way_to_a_maintainer_s() -> None:
    text = DATED + "\n第三条 本规则有效期至2025年12月31日。\n"
    assert show_until(content(text).version.effective_until) == "2025-12-31"
    later = content(text, given={"effective_from": "2026-01-01"}).version
    assert later.effective_from == at("2026-01-01") and later.effective_until is None
    assert any("2025-12-31" in doubt and "--set" in doubt for doubt in later.doubts)
    earlier = content(DATED, given={"effective_to": "2025-01-31"}).version
    assert earlier.effective_from is None and show_until(earlier.effective_until) == "2025-01-31"
    assert any("2025-07-01" in doubt for doubt in earlier.doubts)


def test_a_day_that_a_maintainer_gives_settles_the_doubt_that_asks_for_it() -> None:
    sale = "# 国庆\n\n一、活动时间\n\n2026年10月1日至10月8日\n\n二、规则\n\n满300减40。"
    notice = "# 通知\n\n2026年2月10日至2月23日停止发货。"
    assert "time of a sale" in content(sale).version.doubts[0]
    assert "time of a sale" in content(sale, given={"effective_from": "2026-10-01"}).version.doubts[0]
    assert content(sale, given={"effective_to": "2026-10-08"}).version.doubts == ()
    assert "holds for a time" in content(notice).version.doubts[0]
    assert content(notice, rules={"effective_from": "2026-02-01"}).version.doubts == ()


def test_two_words_of_maintainers_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(InvalidMetadata, match="effective_to"):
        content(given={"effective_from": "2026-01-01", "effective_to": "2025-12-31"})


def test_front_matter_in_the_document_s_language_is_a_maintainer_s_word_too() -> None:
    stated = front_matter(RETURNS, 生效日期="2025-01-01")
    assert content(stated, rules={"effective_from": "2026-01-01"}).version.effective_from == at("2025-01-01")


def test_impossible_dates_in_the_text_are_doubts_and_in_a_field_of_a_maintainer_failures() -> None:
    version = content("第一条 可以退货。\n\n第二条 本规则自2025年2月30日起施行。\n").version
    assert version.effective_from is None
    assert any("2025年2月30日" in doubt for doubt in version.doubts)
    with pytest.raises(InvalidMetadata):
        content(front_matter(RETURNS, effective_from="2025-02-30"))


def test_what_was_left_out_and_the_spans_outside_of_clauses_are_told() -> None:
    found = read(source(), RETURNS.encode(), {}, BaseSettings())
    clauses = {i for clause in found.content.clauses for i in range(clause.start, clause.end)}
    gaps = {i for gap in found.gaps for i in range(gap.start, gap.end)}
    text = found.content.version.text
    assert not clauses & gaps
    assert {i for i, char in enumerate(text) if not char.isspace()} <= clauses | gaps
    assert found.doubts == found.content.version.doubts and found.unread == ()


def test_a_folder_s_boilerplate_is_in_no_clause_and_changes_the_fingerprint() -> None:
    notice = "桐里小店的全体伙伴祝您每天购物愉快。"
    text = RETURNS + f"\n\n{notice}\n"
    plain = read(source(), text.encode(), {}, BaseSettings()).content
    told = read(source(), text.encode(), {}, BaseSettings(), boilerplate=frozenset({notice})).content
    assert any(notice in clause.text for clause in plain.clauses)
    assert not any(notice in clause.text for clause in told.clauses) and notice in told.version.text
    assert plain.version.read_as != told.version.read_as
    assert told.version.read_as == fingerprint(source(), {}, BaseSettings(), frozenset({notice}))


def test_a_clause_that_another_one_names_is_linked_to_it() -> None:
    clauses = content("第一条 可以退货。\n\n第二条 依照本规则第一条退货的，运费由买家承担。\n").clauses
    assert [reference.clause for reference in clauses[1].references] == [clauses[0].id]


# --- moments and status -------------------------------------------------------------------------------------------


def version_with(text: str = RETURNS, **layers: dict[str, str]) -> Version:
    return content(text, **layers).version


@pytest.mark.parametrize(
    "written", ["2025-11-11T20:00", "2025-11-11 20:00", "2025-11-11T21:00+09:00", "2025-11-11T12:00Z"]
)
def test_a_minute_may_be_stated_with_its_zone_wherever_metadata_stand(written: str) -> None:
    expected = datetime(2025, 11, 11, 20, 0, tzinfo=ZONE)
    for version in (
        version_with(given={"effective_from": written}),
        version_with(rules={"effective_from": written}),
        version_with(front_matter(RETURNS, effective_from=written)),
    ):
        assert version.effective_from == expected
        assert show_from(version.effective_from) == "2025-11-11T20:00+08:00", "as the base's clocks show it"


def test_moments_are_compared_not_their_letters() -> None:
    fields = {"effective_from": "2025-11-11T20:00", "effective_to": "2025-11-11"}
    assert show_until(version_with(given=fields).effective_until) == "2025-11-11"
    with pytest.raises(InvalidMetadata, match="effective_to"):
        version_with(given={"effective_from": "2025-11-11T20:00", "effective_to": "2025-11-11T20:30+09:00"})


@pytest.mark.parametrize("wrong", ["2025-11-31", "2025-11-11T25:00", "11/11/2025", "9999-12-31T23:59-12:00", "soon"])
def test_a_moment_that_is_none_is_named_with_what_was_expected(wrong: str) -> None:
    with pytest.raises(InvalidMetadata, match=r"effective_from.*2025-06-01T20:00"):
        version_with(given={"effective_from": wrong})


@pytest.mark.parametrize(
    ("written", "status"),
    [("draft", Status.DRAFT), ("草稿", Status.DRAFT), ("已发布", Status.PUBLISHED), ("Retired", Status.RETIRED),
     ("已废止", Status.RETIRED)],
)  # fmt: skip
def test_a_status_may_be_written_in_chinese(written: str, status: Status) -> None:
    assert version_with(given={"status": written}).status is status
    assert version_with(rules={"status": written}).status is status
    assert version_with(front_matter(RETURNS, status=written)).status is status
    assert version_with().status is Status.PUBLISHED


def test_a_status_that_is_none_of_the_three_is_refused() -> None:
    with pytest.raises(InvalidMetadata, match=r"'maybe', expected draft, published or retired .*--set"):
        version_with(given={"status": "maybe"})


def test_a_scope_that_the_settings_do_not_know_is_a_doubt() -> None:
    text = front_matter(RETURNS, **{"scope.平台": "淘宝", "scope.category": "生鲜"})
    (doubt,) = content(text).version.doubts
    assert "names 平台" in doubt and "platform" in doubt
