"""Cases as they are written in files, and every row that is no case refused by its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.types import Turn
from eval.suites import load, shipped
from eval.types import EvalError, Gold
from tests.support import make_content, on

GOLD = [{"document": "a.md", "label": "第一条"}]


def suite(folder: Path, *rows: object) -> str:
    file = folder / "cases.jsonl"
    file.write_text("\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows))
    return str(file)


def test_a_case_is_read_with_all_that_it_states(tmp_path: Path) -> None:
    row: dict[str, Any] = {
        "id": 1, "intent": "i", "style": "noisy", "language": "zh-Hans", "question": "能退吗", "as_of": "2025-01-02",
        "near": {"document": "b.md"}, "family": "returns",
        "scope": {"platform": "桐里"}, "history": [{"role": "customer", "text": "买了外套"}],
        "gold": [{"document": "a.md", "label": "第一条", "quote": "七日"}],
    }  # fmt: skip
    (case,) = load([suite(tmp_path, row)])
    assert (case.id, case.intent, case.style, case.suite, case.answerable) == ("1", "i", "noisy", "cases", True)
    assert case.request.history == (Turn("customer", "买了外套"),)
    assert (case.request.as_of, case.request.scope) == (on("2025-01-02"), {"platform": "桐里"})
    assert case.gold == (Gold("a.md", "第一条", "七日"),) and case.near == Gold("b.md")
    assert (case.language, case.family) == ("zh-Hans", "returns")


def test_an_unanswerable_case_needs_no_gold(tmp_path: Path) -> None:
    (case,) = load([suite(tmp_path, {"id": "1", "question": "?", "answerable": False})])
    assert not case.answerable and case.gold == ()


@pytest.mark.parametrize(
    "row",
    ["not json", "[]", {"question": "?", "gold": GOLD}, {"id": "1", "gold": GOLD}, {"id": "1", "question": "?"},
     '{"id": "1", "question": "\\ud800", "answerable": false}',
     {"id": "1", "question": "?", "gold": [{}]}, {"id": "1", "question": "?", "gold": GOLD, "as_of": "soon"}],
)  # fmt: skip
def test_a_row_that_is_no_case_is_refused_with_file_and_row(tmp_path: Path, row: object) -> None:
    good = {"id": "0", "question": "?", "gold": GOLD}
    with pytest.raises(EvalError, match=r"cases\.jsonl, row 2 is not an evaluation case"):
        load([suite(tmp_path, good, row)])


def test_of_two_cases_with_one_id_the_second_is_told_apart(tmp_path: Path) -> None:
    row = {"id": "1", "question": "?", "answerable": False}
    assert [case.id for case in load([suite(tmp_path, row, {**row, "id": "2"}, row, row)])] == ["1", "2", "1#2", "1#3"]


def test_shipped_questions_are_asked_on_their_own_day_and_others_today(tmp_path: Path) -> None:
    assert {case.asked_on for case in load(["sample"])} == {on("2026-11-15")}
    assert load([suite(tmp_path, {"id": "1", "question": "?", "answerable": False})])[0].asked_on is None


def test_a_part_of_a_shipped_suite_has_a_name_of_its_own() -> None:
    part, whole = load(["sample.rules"]), load(["sample"])
    assert 0 < len(part) < len(whole) and {case.suite for case in part} == {"sample.rules"}
    assert shipped() == ["sample"]


def test_a_suite_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(EvalError, match="'nothing-of-this-name' cannot be read"):
        load(["nothing-of-this-name"])


def test_the_shipped_suite_is_read_by_name_and_its_ids_are_unique() -> None:
    cases = load(["sample"])
    assert len({case.id for case in cases}) == len(cases) > 50
    assert any(not case.answerable for case in cases)


def test_gold_matches_by_document_label_and_quote() -> None:
    clause = make_content("a.md", ("第一条 七日内可以退货。",)).clauses[0]
    for gold, matches in (
        (Gold("a.md", "第1条"), True),
        (Gold("a.md", None, "七日"), True),
        (Gold("a.md"), True),
        (Gold("b.md", "第1条"), False),
        (Gold("a.md", "第2条"), False),
        (Gold("a.md", "第1条", "八日"), False),
    ):
        assert gold.matches(clause.document, clause.label, clause.text) is matches
