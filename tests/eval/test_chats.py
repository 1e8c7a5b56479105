"""Chats beside their questions asked in full, with the arithmetic written out."""

from __future__ import annotations

import dataclasses
from typing import Any

from assistant.types import Turn
from eval.measures import measured, points
from eval.types import CaseResult
from tests.eval.made import result


def chat(best: str | None, intent: str, **fields: Any) -> CaseResult:
    made = result(best, intent=intent, style="chat", **fields)
    request = dataclasses.replace(made.case.request, history=(Turn("customer", "包裹到了"),))
    return dataclasses.replace(made, case=dataclasses.replace(made.case, request=request))


def full(best: str | None, intent: str, **fields: Any) -> CaseResult:
    return result(best, intent=intent, style="standard", **fields)


def test_a_chat_is_held_against_its_question_in_full() -> None:
    results = [
        full("right", "a"), chat("right", "a"),  # the same answer
        full("right", "b"), chat("other", "b"),  # another
        full("other", "c"), chat("other", "c"),  # the same, wrong both times: consistent all the same
        full("right", "d"), chat("right", "d", answered=False),  # held back in the chat alone
        full("right", "e", answered=False), chat("right", "e"),  # not answered in full: no answer to agree with
    ]  # fmt: skip
    found = measured(results)
    assert (found["chat_same"]["value"], found["chat_same"]["n"]) == (2 / 4, 4)
    assert (found["chat_same_first"]["value"], found["chat_same_first"]["n"]) == (4 / 5, 5)


def test_two_that_find_nothing_do_not_agree() -> None:
    assert points([full(None, "a"), chat(None, "a")])["chat_same_first"] == 0.0


def test_a_chat_is_held_against_the_wording_in_its_own_language() -> None:
    results = [
        full("other", "a", language="zh-Hans"),
        full("right", "a", language="en"),
        chat("right", "a", language="en"),
    ]
    assert points(results)["chat_same"] == 1.0


def test_a_pasted_chat_is_a_chat_without_a_history() -> None:
    pasted = result("other", intent="a", style="chat", question="客户：那运费呢")
    assert points([full("right", "a"), pasted])["chat_same"] == 0.0


def test_chats_that_nothing_answers_or_that_nobody_asked_in_full_are_not_counted() -> None:
    results = [
        full(None, "a", answerable=False),
        chat("x", "a", answerable=False),
        chat("right", "alone"),
        full("right", "b"),
    ]
    assert not {"chat_same", "chat_same_first"} & set(points(results))
