"""Personal data: all of it out, nothing else, and no difference when masked twice."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.masking import PLACEHOLDER, mask, without_placeholders

DIGITS = "0123456789"
MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
IDENTITY = st.builds(
    "{}{:%Y%m%d}{}".format,
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
    st.dates(date(1930, 1, 1), date(2020, 12, 31)),
    st.from_regex(r"[0-9]{3}[0-9Xx]", fullmatch=True),
)
EMAIL = st.from_regex(r"[a-z][a-z0-9]{0,8}@[a-z]{2,8}\.(com|cn|co\.jp)", fullmatch=True)
CARD = st.from_regex(r"6[0-9]{15,18}", fullmatch=True)
ORDER = st.from_regex(r"[A-Z]{0,3}3[0-9]{11,17}", fullmatch=True)
AROUND = st.sampled_from(["", "，", "：", " ", "我的", "号码是", "\n", "（"])


@given(st.one_of(MOBILE, IDENTITY, EMAIL, CARD, ORDER), AROUND, AROUND)
def test_no_digit_of_personal_data_is_left(data: str, left: str, right: str) -> None:
    masked = mask(f"{left}{data}{right}")
    assert not any(c in DIGITS for c in masked) and "@" not in masked
    assert PLACEHOLDER.search(masked)


@given(MOBILE)
def test_a_mobile_number_is_masked_in_every_usual_writing(number: str) -> None:
    wide = number.translate({ord(d): ord("０") + i for i, d in enumerate(DIGITS)})
    writings = (number, wide, f"{number[:3]} {number[3:7]} {number[7:]}", f"{number[:3]}-{number[3:7]}-{number[7:]}")
    for writing in (*writings, f"+86 {number}", f"86{number}"):
        assert mask(f"打{writing}找我") == "打[手机号]找我"


@given(st.text(alphabet="退货abc@.0123456789１２-+ 我叫王小明先生，", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "text, masked",
    [
        ("我叫王小明，想退货", "我叫[姓名]，想退货"),
        ("收件人：李雷，电话010-62345678", "收件人[姓名]，电话[电话]"),
        ("地址：浙江省杭州市西湖区文三路100号3单元501室", "地址：[地址]"),
        ("订单号3301234567890123", "订单号[单号]"),
        ("快递单号SF1234567890123到哪了", "快递单号[单号]到哪了"),
        ("my number is +1 415 555 2671", "my number is [手机号]"),
        ("张先生的订单，帮欧阳娜女士查一下", "[姓名]先生的订单，帮[姓名]女士查一下"),
        ("本人陈建国，要求退款", "本人[姓名]，要求退款"),
        ("My name is John Smith and it is late", "My name is [姓名] and it is late"),
        ("me llamo María de la Cruz, no llega", "me llamo [姓名], no llega"),
        ("田中と申します。返品したい", "[姓名]と申します。返品したい"),
        ("氏名：山田太郎です", "氏名：[姓名]です"),
        ("제 이름은 김민수입니다. 환불 언제 돼요", "제 이름은 [姓名]입니다. 환불 언제 돼요"),
    ],
)
def test_what_was_there_is_said_by_its_kind(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "买了2台，花了1299.50元",
        "20241111下的单",
        "2024-11-11买的",
        "12315投诉",
        "7天无理由",
        "iPhone 15 Pro 256",
        "满300减50",
        "给我叫回来，要花钱不",
        "夏季女士T恤、高端女士包能退吗",
        "户名写谁，名字写错了怎么改",
        "Is my name printed on the parcel? What is the name of the courier?",
        "수령인 이름도 고칠 수 있나요",
        "氏名を間違えました",
    ],
)
def test_what_is_nobody_s_stays(text: str) -> None:
    assert mask(text) == text


def test_placeholders_leave_no_trace_in_what_is_looked_for() -> None:
    assert "手机号" not in without_placeholders(mask("13812345678 什么时候退款"))
