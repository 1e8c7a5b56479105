"""One source to one content: identity, metadata by layers, exact slices."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import InvalidMetadata, UnreadableFile
from ingest.pipeline import read
from ingest.sources import Source
from kb.settings import BaseSettings
from kb.types import Content
from tests.support import RETURNS, front_matter, on


def content(
    text: str = RETURNS, key: str = "rules/a.md", given: dict[str, str] | None = None, **layers: dict[str, str]
) -> Content:
    source = Source(key, Path("/somewhere") / key, "/somewhere", layers.get("rules", {}), layers.get("defaults", {}))
    return read(source, text.encode(), given or {}, BaseSettings()).content


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
    assert content(dated, defaults={"effective_from": "2020-01-01"}).version.effective_from == on("2025-07-01")
    assert content(dated, rules={"effective_from": "2026-01-01"}).version.effective_from == on("2026-01-01")


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
