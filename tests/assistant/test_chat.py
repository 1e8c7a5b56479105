"""A pasted chat: the customer's last question, with what came before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.chat import aside, closes, condense, parse, says_nothing
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


@pytest.mark.parametrize(
    "text, question",
    [
        ("tb7712_88  2026-11-03 10:32:11\n衣服能退吗", "衣服能退吗"),
        ("jd_4a5b 10:32:11\n在吗\n蓝天旗舰店:小美 10:33:02\n亲，您好\njd_4a5b 10:33:40\n运费谁出", "运费谁出"),
        ("小鱼:\n我要换货\n\n蓝天官方:\n您好\n\n小鱼:\n要等多久", "要等多久"),
        ("[22/11/2026, 10:32] Ana: can I return it\n[22/11/2026, 10:33] Blue Shop: Hello", "can I return it"),
        ("22/11/2026, 10:32 - Ana: who pays the postage", "who pays the postage"),
        ("10:32\tyuki\t返品できますか", "返品できますか"),
        ("[민지] [오전 10:32] 환불 되나요", "환불 되나요"),
        ("【会员】小某 20:11\n能退吗", "能退吗"),
        ("小林：在吗\n澄风旗舰店：亲在的\n小林：运费谁出", "运费谁出"),
        ("Ana: hi\nBob: hello, how can I help\nAna: can I return it?", "can I return it?"),
        ("客服小美：您好\n客户：能退吗\n客服小美：可以的", "能退吗"),
        ("【客户】在吗\n【客服小美】您好\n【客户】退货运费谁出", "退货运费谁出"),
        ("[客户]：退货运费谁出\n[客服]：稍等", "退货运费谁出"),
        ("<客户> 退货运费谁出\n<客服> 稍等", "退货运费谁出"),
        ("客户：能退吗\n客服：稍等\n客户：好的谢谢", "能退吗"),
        ("客户：能退吗\n客户：？？\n客户：在吗", "能退吗"),
    ],
)
def test_a_chat_is_told_by_its_speakers_whatever_window_it_is_from(text: str, question: str) -> None:
    assert parse(text)[0] == question


@pytest.mark.parametrize(
    "text",
    [
        "下单时间 2026-11-03 10:32\n能退吗",
        "明天上午 10:30\n能送到吗",
        "Delivery slot 18:00\ncan I change it",
        "我要的是大号 10:30\n能换吗",
        "订单号：\n收货地址：\n能改吗",
        "我昨天10:32买的\n能退吗",
        "注意：\n能退吗",
        "订单号：1\n商品：吸尘器\n问题：坏了，能退吗",
        "客服电话：打不通\n怎么办",
        "【会员】怎么升级",
        "退货：寄回\n换货：寄回\n能选吗",
    ],
)
def test_times_and_headings_of_a_question_are_no_speakers(text: str) -> None:
    assert parse(text) == (text, ())


def chat(*said: str) -> tuple[Turn, ...]:
    """Turns of "客户…" and "客服…"."""
    return tuple(Turn("customer" if line[1] == "户" else "agent", line[3:]) for line in said)


@pytest.mark.parametrize(
    "history, question, has, has_not",
    [
        (chat("客户：衣服大了", "客服：您是要退货吗", "客户：嗯"), "那运费呢", ["衣服", "退货", "运费"], ["嗯"]),
        (chat("客户：衣服大了", "客服：您是要退货吗？"), "嗯 那运费呢", ["衣服", "退货"], []),
        (chat("客户：衣服大了", "客服：您是要退货吗"), "不是，我是问换货", ["衣服", "换货"], ["退货"]),
        (chat("客户：衣服大了", "客服：七天内可以退"), "另外问一下，发票怎么开", ["发票"], ["衣服", "七天"]),
        (chat("客户：衣服大了"), "对了 那运费呢", ["衣服", "运费"], []),
        (chat("客户：屏幕碎了", "客户：在吗", "客户：好的"), "保修吗", ["屏幕", "保修"], ["在吗"]),
    ],
)
def test_a_question_brings_what_it_leans_on_and_no_more(
    history: tuple[Turn, ...], question: str, has: list[str], has_not: list[str]
) -> None:
    looked_for = condense(question, history).removesuffix(question) + "\n" + question
    assert all(word in looked_for for word in has)
    assert not any(word in looked_for.removesuffix(question) for word in has_not)


def test_what_the_agent_said_is_an_aside_unless_it_is_a_rule_or_denied() -> None:
    turns = chat("客户：衣服大了", "客服：您好，" + "规则" * 60, "客户：嗯", "客服：您是要退货吗")
    assert aside("那运费呢", turns) == "您是要退货吗"
    assert aside("不是，我要换货", turns) == "" == aside("另外问一下，发票怎么开", turns)
    assert aside("那运费呢", ()) == ""


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


@pytest.mark.parametrize(
    "text",
    [
        "好嘞谢谢，没事了",
        "行吧 就这样",
        "没有了，谢谢！",
        "知道了",
        "ok thanks, bye",
        "わかりました。ありがとうございます",
        "네 감사합니다",
    ],
)
def test_a_farewell_closes_a_chat(text: str) -> None:
    assert closes(text, chat("客户：几天能退", "客服：七天"))


@pytest.mark.parametrize(
    "text", ["好的，那运费呢", "谢谢，发票怎么开", "没有了怎么补发", "就这样退吗", "thanks, and the postage?"]
)
def test_what_asks_on_closes_nothing(text: str) -> None:
    assert not closes(text, chat("客户：几天能退", "客服：七天"))


def test_a_yes_with_thanks_to_what_the_agent_asked_closes_nothing() -> None:
    assert not closes("好的谢谢", chat("客户：衣服小了", "客服：需要帮您换货吗？"))


def test_of_a_pasted_chat_that_ends_with_thanks_the_question_before_is_asked() -> None:
    assert parse("客户：几天能退\n客服：稍等\n客户：好的，知道了，谢谢")[0] == "几天能退"
