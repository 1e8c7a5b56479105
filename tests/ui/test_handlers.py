from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime

import pytest

from assistant.types import AnswerStatus, Turn
from ui.json import MAX_HISTORY_CHARS, MAX_HISTORY_TURNS, MAX_QUESTION_CHARS
from ui.web.handlers import Offered, Sent, Trouble, answer, in_language, look_up, read_sent, read_tab, recent_turns

NOW = datetime(2026, 11, 22, 14, 5, 9)


def test_a_question_is_answered_for_the_day_and_the_scope(assistant) -> None:
    shown = look_up(
        assistant, "  运费谁出 ", "2025-11-11", {"platform": "云栖集市", "category": "", "region": None}, "zh", NOW
    )
    assert shown.answer is not None and shown.answer.status is AnswerStatus.ANSWERED
    assert shown.at == NOW
    [request] = assistant.requests
    assert request.question == "运费谁出"
    assert (request.as_of, request.scope) == (date(2025, 11, 11), {"platform": "云栖集市"})


def test_a_pasted_chat_becomes_history_and_the_customer_s_last_words(assistant) -> None:
    look_up(assistant, "客户：羽绒服能退吗\n客服：洗过吗\n客户：洗过，那运费呢？", "", {}, "zh", NOW)
    [request] = assistant.requests
    assert request.question == "洗过，那运费呢？"
    assert request.history == (Turn("customer", "羽绒服能退吗"), Turn("agent", "洗过吗"))


def test_the_reasons_are_in_the_page_s_language_and_asked_for_again_when_it_changes(assistant) -> None:
    shown = look_up(assistant, "运费谁出", "2025-11-11", {}, "en", NOW)
    again = in_language(assistant, shown, "zh", NOW)
    first, second = assistant.requests
    assert (first.agent_language, first.language) == ("en", None)
    assert second == replace(first, agent_language="zh") and again.request == second
    for nothing in (None, look_up(assistant, "能退吗", "去年双十一", {}, "en", NOW)):
        assert in_language(assistant, nothing, "zh", NOW) == nothing
    assert len(assistant.requests) == 2


def test_an_abstention_is_an_answer(assistant) -> None:
    shown = look_up(assistant, "能代收快递吗", "", {}, "zh", NOW)
    assert shown.answer is not None and shown.answer.status is AnswerStatus.ABSTAINED


@pytest.mark.parametrize(
    ("text", "day", "trouble"),
    [
        ("", "", Trouble.EMPTY),
        (" \n ", "", Trouble.EMPTY),
        (None, None, Trouble.EMPTY),
        ("退" * (MAX_QUESTION_CHARS + 1), "", Trouble.TOO_LONG),
        ("能退吗", "去年双十一", Trouble.DATE),
        ("能退吗", "2026-02-30", Trouble.DATE),
        ("拒绝", "", Trouble.REQUEST),
        ("崩溃", "", Trouble.INTERNAL),
    ],
)
def test_every_failure_is_shown_as_its_trouble(assistant, text: str, day: str, trouble: Trouble) -> None:
    shown = look_up(assistant, text, day, {}, "zh", NOW)
    assert (shown.answer, shown.trouble) == (None, trouble)


def test_a_failure_is_logged_without_the_question(assistant, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    look_up(assistant, "崩溃 13800138000", "", {}, "zh", NOW)
    assert "RuntimeError" in caplog.text
    assert "13800138000" not in caplog.text


def test_only_the_last_turns_that_fit_are_sent() -> None:
    turns = [Turn("customer", str(number)) for number in range(MAX_HISTORY_TURNS + 5)]
    assert recent_turns(turns) == tuple(turns[5:])
    long = [Turn("agent", "好" * (MAX_HISTORY_CHARS // 2)) for _ in range(3)]
    assert len(recent_turns(long)) == 2
    assert recent_turns([]) == ()


@pytest.mark.parametrize(
    ("text", "scope", "day"),
    [
        ('{"scope": {"platform": "云栖集市"}, "day": "2025-11-11"}', {"platform": "云栖集市"}, "2025-11-11"),
        ('{"scope": {"platform": "已停用", "shop": "甲"}}', {}, ""),
        ('{"scope": null, "day": "gestern"}', {}, ""),
        ('{"scope": 3}', {}, ""),
        ("[1]", {}, ""),
        ("{", {}, ""),
        ("", {}, ""),
        (None, {}, ""),
    ],
)
def test_a_tab_remembers_only_what_the_base_knows(text: str | None, scope: dict[str, str], day: str) -> None:
    assert read_tab(text, {"platform": ("云栖集市",)}) == (scope, day)


def test_what_the_page_sent_is_read_or_nothing() -> None:
    sent = '{"number": 3, "text": "运费\\n呢", "as_of": "", "scope": {"category": "生鲜"}}'
    assert read_sent(sent) == Sent(3, "运费\n呢", "", {"category": "生鲜"})
    for broken in ("", None, "{", "[]", "7", '{"number": 3}', '{"number": "x", "text": "", "as_of": "", "scope": {}}'):
        assert read_sent(broken) is None


def test_the_choices_of_a_question_stay_while_it_is_asked_for_one_of_them(assistant) -> None:
    text = "生鲜还是衣服，多久能到"
    open_ = answer(assistant, Sent(1, text), "", {}, "zh", None, NOW)
    assert open_.answer is not None and open_.answer.choices is not None
    assert (open_.offered, open_.number) == ((Offered(open_.answer.choices),), 1)
    chosen = answer(assistant, Sent(2, text, "", {"category": "生鲜"}), "", {}, "zh", open_, NOW)
    assert chosen.offered == (Offered(open_.answer.choices, "生鲜"),)
    again = answer(assistant, Sent(3, text, "", {"category": "服饰"}), "", {}, "zh", chosen, NOW)
    assert again.offered == (Offered(open_.answer.choices, "服饰"),)
    assert in_language(assistant, again, "en", NOW).offered == again.offered
    assert answer(assistant, Sent(4, "运费谁出"), "", {}, "zh", again, NOW).offered == ()


def test_a_date_set_in_the_answer_goes_before_the_desk_s(assistant) -> None:
    answer(assistant, Sent(1, "运费谁出", "2025-06-18"), "2025-11-11", {"category": "数码"}, "zh", None, NOW)
    answer(
        assistant, Sent(2, "运费谁出", "", {"category": "生鲜"}), "2025-11-11", {"category": "数码"}, "zh", None, NOW
    )
    first, second = assistant.requests
    assert (first.as_of, first.scope) == (date(2025, 6, 18), {"category": "数码"})
    assert (second.as_of, second.scope) == (date(2025, 11, 11), {"category": "生鲜"})
