"""What is left of a pasted text when what nobody asked is taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.denoise import denoise


@pytest.mark.parametrize(
    "text, left",
    [
        ("你好，在吗？请问运费谁出", "运费谁出"),
        ("亲亲亲～请问一下 能退吗？？？", "能退吗？"),
        ("退款退款退款退款", "退款退款退款退款"),
        ("运费谁出啊啊啊啊！！！！", "运费谁出啊！"),
        ("能退吗😭😭🙏", "能退吗"),
        ("能退吗[流泪][流泪]", "能退吗"),
        ("[图片]\n这个能退吗\n已读", "这个能退吗"),
        ("2026-11-03 10:32:11\n能退吗\n10:33", "能退吗"),
        ("订单号：[单号]\n什么时候发货", "什么时候发货"),
        ("https://item.example.com/1?x=2 这个保修多久", "这个保修多久"),
        ("@客服小美 发票怎么开", "发票怎么开"),
        ("Hello, is the shipping freeeee??? thanks!", "is the shipping fre?"),
        ("hi there can I return it please", "there can I return it"),
        ("急急急 快递丢了 谢谢", "急 快递丢了"),
        ("客服，能加急吗", "能加急吗"),
        ("快递丢了，急急急，谢谢！", "快递丢了"),
        ("安녕", "安녕"),
        ("안녕하세요 환불 되나요ㅠㅠㅠㅠ", "환불 되나요ㅠ"),
        ("三天内1000000元", "三天内1000000元"),
        ("M1000 和 T-3 都保修吗", "M1000 和 T-3 都保修吗"),
        ("这是什么意思——「七天无理由」", "这是什么意思—「七天无理由」"),
    ],
)
def test_what_is_asked_is_what_is_left(text: str, left: str) -> None:
    assert denoise(text) == left


@pytest.mark.parametrize("text", ["在吗", "你好！", "🙏🙏", "？？？？", "谢谢", "hello", "10:32", "[图片]", ""])
def test_a_text_of_nothing_else_stays_as_it_is(text: str) -> None:
    assert denoise(text) in (text, denoise(text)) and bool(denoise(text)) == bool(text)


def test_clean_questions_are_left_alone() -> None:
    for text in (
        "无理由退货的运费由谁承担？",
        "How long is the warranty on a battery?",
        "三包期内能换几次？",
        "¿Quién paga el envío?",
    ):
        assert denoise(text) == text


@given(st.text(max_size=60))
def test_nothing_becomes_empty_and_twice_is_as_once(text: str) -> None:
    once = denoise(text)
    assert bool(once.strip()) == bool(text.strip()) or not any(c.isalnum() for c in text)


@given(st.text("退货运费 ？！～\n", max_size=30))
def test_hanzi_that_are_asked_about_stay(text: str) -> None:
    assert set("退货运费") & set(text) == set("退货运费") & set(denoise(text))
