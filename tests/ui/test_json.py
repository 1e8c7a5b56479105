from __future__ import annotations

from datetime import date

import orjson
import pytest

from assistant.types import Request, Turn
from ui.errors import InvalidRequest
from ui.json import (
    MAX_HISTORY_CHARS,
    MAX_HISTORY_TURNS,
    MAX_QUESTION_CHARS,
    answer_to_json,
    error_to_json,
    feedback_from_json,
    request_from_json,
)
from ui.types import Feedback, Verdict

CONTRACT_KEYS = [
    "id", "question", "status", "reason", "clause", "quote", "highlights", "confidence", "why", "alternatives",
    "reply", "escalate", "snapshot", "timings_ms", "understood", "decided_by", "replies", "earlier", "later",
    "covered", "choices", "continued",
]  # fmt: skip
CLAUSE_KEYS = [
    "id", "document", "title", "label", "path", "text", "context", "start", "end", "page", "sha256", "version",
    "effective_from", "effective_to", "authority", "scope", "language",
]  # fmt: skip


def test_an_answer_has_the_contract_s_keys_in_its_order(assistant) -> None:
    answer = answer_to_json(assistant.ask(Request("羽绒服洗过还能退吗")))
    assert list(answer) == CONTRACT_KEYS
    assert list(answer["clause"]) == CLAUSE_KEYS
    assert list(answer["alternatives"][0]["clause"]) == CLAUSE_KEYS
    assert answer["clause"]["effective_from"] == "2026-03-01"
    assert answer["clause"]["path"] == ["第三章　退货条件", "第十二条"]


def test_an_abstention_has_a_reason_and_no_clause(assistant) -> None:
    answer = answer_to_json(assistant.ask(Request("能代收快递吗")))
    assert (answer["status"], answer["reason"], answer["clause"]) == ("abstained", "no_policy", None)
    assert answer["reply"] is None and answer["escalate"] is None


def test_highlights_mark_the_quote_in_the_clause_text(assistant) -> None:
    answer = answer_to_json(assistant.ask(Request("羽绒服洗过还能退吗")))
    [[start, end]] = answer["highlights"]
    assert answer["clause"]["text"][start:end] == answer["quote"]


def test_equal_answers_serialise_to_equal_bytes(assistant) -> None:
    first, second = (orjson.dumps(answer_to_json(assistant.ask(Request("运费谁出")))) for _ in range(2))
    assert first == second


def test_an_error_has_the_same_keys_as_an_answer() -> None:
    error = error_to_json("question is missing; expected a string.", snapshot="s-1", row={"question": 7})
    assert list(error) == CONTRACT_KEYS
    assert (error["status"], error["question"], error["snapshot"]) == ("error", "", "s-1")


def test_a_request_reads_every_field() -> None:
    request = request_from_json(
        {
            "question": "那运费呢？",
            "history": [{"role": "customer", "text": "能退吗"}, {"role": "agent", "text": "可以"}],
            "as_of": "2025-11-11",
            "scope": {"platform": "云栖集市"},
            "language": "zh-Hans",
            "agent_language": "en",
            "top": 0,
        }
    )
    assert request == Request(
        question="那运费呢？",
        history=(Turn("customer", "能退吗"), Turn("agent", "可以")),
        as_of=date(2025, 11, 11),
        scope={"platform": "云栖集市"},
        language="zh-Hans",
        agent_language="en",
        top=0,
    )


def test_absent_and_null_fields_take_their_defaults() -> None:
    nulls = {"history": None, "as_of": None, "scope": None, "language": None, "top": None}
    assert request_from_json({"question": "能退吗", **nulls}) == Request("能退吗")


def test_a_field_that_the_caller_reads_itself_is_no_error() -> None:
    assert request_from_json({"id": "row-1", "question": "能退吗"}, also=("id",)) == Request("能退吗")


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("能退吗", "Expected a JSON object, found a string"),
        ({}, "question is missing"),
        ({"question": None}, "question is null"),
        ({"question": " \n"}, "question is empty"),
        ({"question": "x", "asof": "2026-01-01", "tpo": 3}, 'Unknown fields "asof", "tpo"'),
        ({"question": "x", "as_of": "2026-02-30"}, 'as_of is "2026-02-30"; expected a date like'),
        ({"question": "x", "as_of": "20260230"}, "expected a date like"),
        ({"question": "x", "as_of": "2026-W05-6"}, "expected a date like"),
        ({"question": "x", "as_of": 20260101}, "expected a date like"),
        ({"question": "x", "scope": ["platform"]}, "scope is a list"),
        ({"question": "x", "scope": {"platform": 3}}, 'scope.platform is "3"'),
        ({"question": "x", "scope": {"platform": ""}}, "expected a string that is not empty"),
        ({"question": "x", "top": 21}, "from 0 to 20"),
        ({"question": "x", "top": True}, "from 0 to 20"),
        ({"question": "x", "top": -1}, "from 0 to 20"),
        ({"question": "x", "history": "客户：好"}, "history is a string"),
        ({"question": "x", "history": [{"role": "boss", "text": "y"}]}, 'history[0].role is "boss"'),
        ({"question": "x", "history": [{"role": "agent"}]}, "history[0].text is null"),
        ({"question": "x", "history": [{"role": "agent", "text": "y", "at": 1}]}, 'unknown field "at"'),
        ({"question": "\ud800"}, "lone surrogate"),
    ],
)
def test_an_invalid_request_names_what_was_found_and_expected(value: object, named: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        request_from_json(value)
    assert named in str(refused.value)
    assert not refused.value.too_large


@pytest.mark.parametrize(
    "value",
    [
        {"question": "退" * (MAX_QUESTION_CHARS + 1)},
        {"question": "x", "history": [{"role": "agent", "text": ""}] * (MAX_HISTORY_TURNS + 1)},
        {"question": "x", "history": [{"role": "agent", "text": "好" * 8_000}] * (MAX_HISTORY_CHARS // 8_000 + 1)},
    ],
)
def test_what_is_too_large_is_told_apart(value: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        request_from_json(value)
    assert refused.value.too_large
    assert "at most" in str(refused.value)


def test_a_question_of_the_allowed_length_is_read() -> None:
    assert len(request_from_json({"question": "退" * MAX_QUESTION_CHARS}).question) == MAX_QUESTION_CHARS


def test_messages_never_repeat_long_values() -> None:
    with pytest.raises(InvalidRequest) as refused:
        request_from_json({"question": "x", "as_of": "我的电话是13800138000，" * 20})
    assert len(str(refused.value)) < 120


def test_feedback_reads_its_fields() -> None:
    given = {"answer_id": "a-1", "snapshot": "s-1", "verdict": "wrong", "note": "条款过期了"}
    assert feedback_from_json(given) == Feedback("a-1", "s-1", Verdict.WRONG, "条款过期了")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"verdict": "good"}, "expected one of right, wrong, missing"),
        ({"verdict": ["right"]}, "expected one of right, wrong, missing"),
        ({"answer_id": None}, "answer_id is null"),
        ({"note": 3}, "note is a number"),
        ({"stars": 5}, 'Unknown field "stars"'),
    ],
)
def test_invalid_feedback_names_the_field(change: dict, named: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        feedback_from_json({"answer_id": "a-1", "snapshot": "s-1", "verdict": "right", **change})
    assert named in str(refused.value)
