"""A pasted chat: the customer's last question, with what came before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chat import condense, parse, says_nothing
from assistant.types import Turn

CHAT = """客户：在吗
客服：您好，请问有什么可以帮您？
客户：我昨天收到的外套
有点大
客服：请问需要退货吗？
客户：那运费呢？"""


def test_the_question_is_what_the_customer_said_last() -> None:
    question, history = parse(CHAT)
    assert question == "那运费呢？"
    assert [turn.role for turn in history] == ["customer", "agent", "customer", "agent"]
    assert history[2].text == "我昨天收到的外套\n有点大"


def test_an_agents_last_word_is_not_the_question() -> None:
    question, history = parse("客户：运费谁出\n客服：我查一下")
    assert question == "运费谁出" and history == ()


@pytest.mark.parametrize(
    "line, role",
    [
        ("[10:02] 客户 小王：能退吗", "customer"),
        ("2026-11-22 10:02:33 买家(tb_123)：能退吗", "customer"),
        ("Customer: can I return it", "customer"),
        ("お客様：返品できますか", "customer"),
        ("顾客01:能退吗", "customer"),
    ],
)
def test_a_turn_is_told_by_its_role_in_many_writings(line: str, role: str) -> None:
    question, history = parse(f"客服：您好\n{line}")
    assert history == (Turn("agent", "您好"),) and question in line


@pytest.mark.parametrize("text", ["运费谁出？", "第一行\n第二行", "请问：能退吗", "注意: 今天买的", "客服：您好"])
def test_a_text_without_a_customers_turn_is_a_question_by_itself(text: str) -> None:
    assert parse(text) == (text, ())


@given(st.text(max_size=80))
def test_nothing_the_customer_wrote_is_lost(text: str) -> None:
    question, history = parse(text)
    assert question or not text.strip() or history


def test_a_question_is_read_with_what_the_customer_said_before() -> None:
    question, history = parse(CHAT)
    looked_for = condense(question, history)
    assert "外套" in looked_for and looked_for.endswith("那运费呢？") and "请问需要" not in looked_for


def test_without_a_chat_the_question_is_looked_for_as_it_is() -> None:
    assert condense("运费谁出", ()) == "运费谁出"


@pytest.mark.parametrize("text", ["在吗", "您好", "？？", "hello", "那怎么办呢", ""])
def test_greetings_and_fillers_ask_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["运费呢", "退", "refund?", "返品", "能退吗", "환불"])
def test_one_word_with_a_topic_asks_something(text: str) -> None:
    assert not says_nothing(text)
