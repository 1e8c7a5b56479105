"""Quantities in six languages: the same value in whatever script, and the words that say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.quantities import Measure, Quantity, quantities

DAY, WEEK, MONTH, YEAR = 24.0, 168.0, 720.0, 8760.0


def only(text: str) -> Quantity:
    (found,) = quantities(text)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "7天",
        "七日",
        "７日",
        "一周",
        "一週",
        "168小时",
        "168小時",
        "７日間",
        "일주일",
        "7일",
        "7 días",
        "seven (7) days",
    ],
)
def test_seven_days_are_one_time_in_every_script(text):
    assert only(text).value == (Measure.TIME, "", 7 * DAY, 7 * DAY)


@pytest.mark.parametrize(
    ("text", "measure", "unit", "value"),
    [
        ("48小时", Measure.TIME, "", 48.0),
        ("半年", Measure.TIME, "", 6 * MONTH),
        ("12个月", Measure.TIME, "", YEAR),
        ("三年", Measure.TIME, "", 3 * YEAR),
        ("1小时30分钟", Measure.TIME, "", 1.5),
        ("3か月", Measure.TIME, "", 3 * MONTH),
        ("七个工作日", Measure.WORKING_TIME, "", 7.0),
        ("7 business days", Measure.WORKING_TIME, "", 7.0),
        ("7営業日", Measure.WORKING_TIME, "", 7.0),
        ("영업일 7일", Measure.WORKING_TIME, "", 7.0),
        ("7 días hábiles", Measure.WORKING_TIME, "", 7.0),
        ("￥99", Measure.MONEY, "CNY", 99.0),
        ("人民币九十九元", Measure.MONEY, "CNY", 99.0),
        ("1.5万元", Measure.MONEY, "CNY", 15000.0),
        ("$9.99", Measure.MONEY, "USD", 9.99),
        ("1,500 USD", Measure.MONEY, "USD", 1500.0),
        ("1만원", Measure.MONEY, "KRW", 10000.0),
        ("500円", Measure.MONEY, "JPY", 500.0),
        ("２０％", Measure.SHARE, "", 0.2),
        ("百分之二十", Measure.SHARE, "", 0.2),
        ("两成", Measure.SHARE, "", 0.2),
        ("千分之一", Measure.SHARE, "", 0.001),
        ("三分之一", Measure.SHARE, "", round(1 / 3, 6)),
        ("八五折", Measure.SHARE, "", 0.85),
        ("20 percent", Measure.SHARE, "", 0.2),
        ("3件", Measure.COUNT, "件", 3.0),
        ("3個", Measure.COUNT, "件", 3.0),
        ("5公斤", Measure.COUNT, "kg", 5.0),
        ("500克", Measure.COUNT, "kg", 0.5),
        ("十八周岁", Measure.COUNT, "岁", 18.0),
        ("three times", Measure.COUNT, "次", 3.0),
        ("reissued twice.", Measure.COUNT, "次", 2.0),
        ("下午6点前", Measure.CLOCK, "", 18.0),
    ],
)
def test_a_quantity_is_read(text, measure, unit, value):
    assert only(text).value == (measure, unit, value, value)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("七日内", None, 7 * DAY),
        ("不超过7天", None, 7 * DAY),
        ("within 7 days", None, 7 * DAY),
        ("hasta 7 días", None, 7 * DAY),
        ("7일 이내", None, 7 * DAY),
        ("7日以内", None, 7 * DAY),
        ("至少7天", 7 * DAY, None),
        ("不少于七日", 7 * DAY, None),
        ("超过七日", 7 * DAY, None),
        ("at least 7 days", 7 * DAY, None),
        ("7天以上", 7 * DAY, None),
        ("3至5天", 3 * DAY, 5 * DAY),
        ("3-5 days", 3 * DAY, 5 * DAY),
        ("from 3 to 5 days", 3 * DAY, 5 * DAY),
        ("三日至五日", 3 * DAY, 5 * DAY),
        ("两三天", 2 * DAY, 3 * DAY),
    ],
)
def test_comparators_make_ranges(text, low, high):
    found = only(text)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "第四十一条第二款",
        "Article 5",
        "Section 3.2 applies",
        "《民法典（2020年修订）》",
        "国发〔2019〕12号",
        "400-820-8820",
        "2009年8月27日第十一届全国人民代表大会常务委员会第十次会议通过",
        "一般情况统一处理",
        "零件",
        "十分重要",
        "",
    ],
)
def test_numbers_of_articles_documents_and_telephones_are_no_quantities(text):
    assert quantities(text) == ()


def test_a_date_is_one_day_whatever_the_language():
    texts = ("2024年7月1日", "2024-07-01", "July 1, 2024", "1 July 2024", "1 de julio de 2024", "2024년 7월 1일")
    assert len({only(text).value for text in texts}) == 1


def test_spans_are_those_of_the_words_also_where_folding_changes_their_length():
    text = "㎏㎏ 滿２０％，①七日內"
    assert [text[q.start : q.end] for q in quantities(text)] == ["２０％", "七日"]


def _han(n: int) -> str:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(n, 10)
    return digits[n] if n < 10 else ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def _wide(n: int) -> str:
    return str(n).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})


@given(
    st.integers(1, 99),
    st.sampled_from([("天", DAY), ("小时", 1.0), ("年", YEAR)]),
    st.text("退货款的，。 ", max_size=8),
)
def test_every_way_of_writing_a_number_gives_the_same_value(n, unit, around):
    word, hours = unit
    for written in (str(n), _han(n), _wide(n)):
        text = f"{around}，{written}{word}，{around}"
        found = only(text)
        assert (found.low, found.high) == (n * hours, n * hours)
        assert text[found.start : found.end] == f"{written}{word}"


@given(st.text(max_size=60))
def test_any_text_gives_ordered_spans_inside_it(text):
    at = 0
    for found in quantities(text):
        assert at <= found.start < found.end <= len(text)
        at = found.end


@pytest.mark.parametrize("text", ["T+2", "t + 2", "Ｔ＋２", "T+2日", "D+2个工作日"])
def test_settlement_is_counted_in_working_days(text):
    assert only(text).value == only("2个工作日").value


@pytest.mark.parametrize("text", ["AT+2", "T+200", "T+2.5", "10x20 cm", "10 x 20"])
def test_what_only_looks_like_it_is_none(text):
    assert not any(q.measure is Measure.WORKING_TIME or q.unit == "倍" for q in quantities(text))


def test_ten_times_in_letters_and_signs():
    assert only("10x").value == only("十倍").value == only("10-fold").value
