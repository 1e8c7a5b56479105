"""What a reply may say of its clause: its numbers in any script, nothing else; and nothing turned round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.replies import objections, slots
from kb.types import Clause
from tests.support import make_content


def clause(text: str) -> Clause:
    return make_content("a.md", [text]).clauses[0]


RETURNS = clause("第一条 买家自签收之日起七日内可以申请无理由退货。")
POSTAGE = clause("第二条 满99元包邮，11月11日20:00开始打八折，每人限购3件，逾期按20%收取。")


@pytest.mark.parametrize(
    ("source", "reply"),
    [
        (RETURNS, "您好，7天内可以退货哦"),
        (RETURNS, "亲，一周内都可以申请"),
        (RETURNS, "签收后168小时内可以申请退货"),
        (RETURNS, "You can return it within 7 days."),
        (RETURNS, "订单{订单号}签收７天内可以申请，运费{金额}"),
        (RETURNS, "您好，万一有问题，千万别着急，我们一定第一时间一起处理，十分感谢"),
        (clause("第一条 发票在6个月内申请。"), "半年内可以申请发票"),
        (POSTAGE, "满九十九元包邮"),
        (POSTAGE, "11月11日晚上8点开始"),
        (POSTAGE, "每人最多三件，逾期收百分之二十"),
        (POSTAGE, "８折"),
        (clause("北京 | 8 | 当天"), "北京运费8元，当日送达"),
        (clause("自2025年11月11日起施行。"), "11月11日起施行哦"),
        (clause("能否退货以页面为准。"), "能不能退要看页面"),
    ],
)
def test_what_the_clause_says_may_be_said_in_other_forms(source: Clause, reply: str) -> None:
    assert objections(reply, source) == ()


@pytest.mark.parametrize(
    ("source", "reply", "words"),
    [
        (RETURNS, "15天内可以退", "15天"),
        (RETURNS, "十五天内可以退", "十五天"),
        (RETURNS, "７个工作日内可以退", "７个工作日"),
        (RETURNS, "7天后可以退", "7天"),
        (RETURNS, "半个月内可以退", "半个月"),
        (clause("第一条 发票在90日内申请。"), "三个月内可以申请发票", "三个月"),
        (clause("第一条 保修一年。"), "365 days of warranty", "365 days"),
        (RETURNS, "请拨打12315", "12315"),
        (RETURNS, "明天给您退款", "明天"),
        (RETURNS, "周一退款", "周一"),
        (RETURNS, "运费给您半价", "半价"),
        (RETURNS, "{7天}内可以退", "7天"),
        (RETURNS, "退一赔三", "三"),
        (RETURNS, "Within ten days", "ten days"),
        (POSTAGE, "满59包邮", "59"),
        (POSTAGE, "满五十九包邮", "五十九"),
        (POSTAGE, "满９９０元包邮", "９９０元"),
        (POSTAGE, "11月12日开始", "11月12日"),
        (POSTAGE, "打2折", "2折"),
        (POSTAGE, "运费10元", "10元"),
        (POSTAGE, "T3耳机满99元包邮", "t3"),
        (RETURNS, "您的{订单号", "brace"),
    ],
)
def test_numbers_dates_and_amounts_that_the_clause_does_not_have_are_named(source, reply: str, words: str) -> None:
    found = objections(reply, source)
    assert found and any(words in line for line in found)


@pytest.mark.parametrize(
    ("source", "reply", "words"),
    [
        (RETURNS, "7天内不可以申请无理由退货", "不可以"),
        (clause("生鲜商品不适用七日无理由退货。"), "生鲜支持7天无理由退货", "支持"),
        (clause("定制商品不得退换。"), "定制商品可以退换", "可以退换"),
        (clause("企业用户需要提供发票。"), "不需要提供发票", "不需要"),
        (clause("无理由退货的运费由买家承担。"), "运费由我们承担", "我们承担"),
        (clause("You cannot return opened software."), "You can return opened software", "can return"),
    ],
)
def test_a_meaning_turned_round_is_named(source: Clause, reply: str, words: str) -> None:
    found = objections(reply, source)
    assert len(found) == 1 and words in found[0] and "the clause says" in found[0]


@pytest.mark.parametrize(
    ("source", "reply"),
    [
        (clause("可以退货，但定制商品不得退货。"), "定制商品不能退货"),
        (clause("商家不得拒绝退货。"), "可以退货"),
        (clause("无理由退货的运费由买家承担，有质量问题的由商家承担。"), "质量问题的运费我们承担"),
        (clause("生鲜商品不支持七日无理由退货。"), "生鲜是不支持7天无理由退货的"),
        (RETURNS, "能不能退看签收时间"),
    ],
)
def test_what_is_not_plainly_turned_round_is_let_through(source: Clause, reply: str) -> None:
    assert objections(reply, source) == ()


def test_slots_are_named_once_in_their_order() -> None:
    assert slots("{订单号}于{日期}退{金额}，{订单号}") == ("订单号", "日期", "金额")
    assert slots("{}与{ }") == (" ",)


DIGITS = "零一二三四五六七八九"


def chinese(n: int) -> str:
    """1 to 9999, as it is read out."""
    out, empty = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // unit % 10
        if digit:
            out += ("零" if empty and out else "") + DIGITS[digit] + name
            empty = False
        else:
            empty = True
    return out.removeprefix("一") if out.startswith("一十") else out


FORMS = {
    "digits": str,
    "full width": lambda n: str(n).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "chinese": chinese,
    "banker's": lambda n: chinese(n).translate(str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")),
}
UNITS = ("天", "日", "小时", "个工作日", "周", "个月", "年", "元", "块钱", "%", "件", "次", " days", "分钟")


@given(
    st.integers(1, 9999), st.sampled_from(sorted(FORMS)), st.sampled_from(UNITS), st.sampled_from(["", "您好，", "约"])
)
def test_no_quantity_gets_in_that_the_clause_does_not_have(n: int, form: str, unit: str, before: str) -> None:
    silent = clause("第一条 买家可以按照页面的说明申请退货。")
    assert objections(f"{before}{FORMS[form](n)}{unit}内可以申请退货", silent)


@given(st.integers(10, 9999), st.sampled_from(sorted(FORMS)))
def test_no_plain_number_gets_in_either(n: int, form: str) -> None:
    silent = clause("第一条 买家可以按照页面的说明申请退货。")
    assert objections(f"满{FORMS[form](n)}包邮", silent)


@given(st.integers(1, 9999), st.sampled_from(sorted(FORMS)), st.sampled_from(sorted(FORMS)), st.sampled_from(UNITS))
def test_a_quantity_of_the_clause_is_let_through_in_every_form(n: int, here: str, there: str, unit: str) -> None:
    source = clause(f"第一条 买家可以在{FORMS[here](n)}{unit}内申请退货。")
    assert objections(f"亲，{FORMS[there](n)}{unit}内可以申请退货", source) == ()


@given(st.text(max_size=200), st.text(min_size=1, max_size=200))
def test_any_text_gets_an_answer(reply: str, source: str) -> None:
    assert all(isinstance(line, str) for line in objections(reply, clause(source)))
