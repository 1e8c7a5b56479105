"""What is marked in a clause and what is quoted from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.citations import highlights, quote
from kb.text import sentences

TEXT = "第一条 七日内可以退货。运费由买家承担。下列情形除外：\n（一）生鲜。"


def span(part: str) -> tuple[int, int]:
    return TEXT.index(part), TEXT.index(part) + len(part)


def test_the_best_sentence_is_marked() -> None:
    assert highlights(TEXT, "运费", span("运费由买家承担。")) == (span("运费由买家承担。"),)


def test_a_lead_in_is_marked_with_what_it_leads_to() -> None:
    assert highlights(TEXT, "除外", span("下列情形除外：")) == (span("下列情形除外："), span("（一）生鲜。"))


def test_a_rule_and_what_it_excepts_are_marked_together() -> None:
    text = "退货运费由商家承担；但无理由退货除外。退款三日到账。"
    both = highlights(text, "运费谁出", (0, 10))
    assert quote(text, both) == "退货运费由商家承担；但无理由退货除外。"
    assert highlights(text, "无理由退货除外吗", (10, 19)) == both
    english = "Returns are free. However, oversized items are not. Refunds take three days."
    assert quote(english, highlights(english, "are returns free", (0, 17))).endswith("items are not.")


def test_words_overrule_meaning_only_when_they_speak_clearly() -> None:
    nearest = span("第一条 七日内可以退货。")
    assert highlights(TEXT, "运费由买家承担吗", nearest) == (span("运费由买家承担。"),)
    assert highlights(TEXT, "能退吗", nearest) == (nearest,)


def test_without_a_best_sentence_the_words_choose() -> None:
    assert highlights(TEXT, "运费由谁承担", None) == (span("运费由买家承担。"),)


@pytest.mark.parametrize("text", ["Q：怎么开专票？\n联系客服。", "12 | 发票 | 怎么开专票？ | 联系客服。"])
def test_of_a_question_and_its_answer_the_answer_is_marked(text: str) -> None:
    start = text.index("联系客服。")
    for best in (None, (0, text.index("？") + 1), (start, len(text))):
        assert highlights(text, "怎么开专票", best) == ((start, len(text)),)
    assert highlights("怎么开专票？", "怎么开专票", None) == ((0, 6),)


@pytest.mark.parametrize("text", ["怎么退？ | |\n在订单页申请。", "| 生鲜 | 1 |\n节假日顺延。", "|\n甲。"])
def test_no_mark_is_empty_whatever_the_row_holds(text: str) -> None:
    for best in (None, (0, 1)):
        assert all(text[a:b].strip() for a, b in highlights(text, "怎么退", best))


def test_a_clause_of_one_sentence_is_marked_whole() -> None:
    assert highlights("运费由买家承担。", "退款", None) == ((0, 8),)


def test_a_quotation_is_a_slice_of_the_clause() -> None:
    assert quote("甲。乙。", ((0, 2), (2, 4))) == "甲。乙。"
    assert quote("甲：\n乙。", ((0, 2), (3, 5))) == "甲：\n乙。"
    assert quote("甲。", ()) == ""


@given(st.text(alphabet="甲乙丙。：；\n ab.", min_size=1, max_size=60), st.text(alphabet="甲乙丙ab", max_size=10))
def test_marks_are_sentences_in_order_and_quoted_verbatim(text: str, question: str) -> None:
    marked = highlights(text, question, None)
    assert list(marked) == sorted(set(marked)) and set(marked) <= set(sentences(text))
    assert all(part in text for part in quote(text, marked).split("…"))


def marked(text: str, question: str, best: str) -> str:
    start = text.index(best)
    return quote(text, highlights(text, question, (start, start + len(best))))


def test_a_heading_is_no_answer() -> None:
    text = "1.1 没拆封的\n三样都在的，签收起7天内可以退。赠品一起退。"
    assert marked(text, "没拆封几天可以退", "1.1 没拆封的") == "三样都在的，签收起7天内可以退。"
    listed = "1. 商品完好\n2. 配件齐全\n3. 有发票"
    assert marked(listed, "商品要完好吗", "1. 商品完好") == "1. 商品完好"


def test_to_how_long_the_sentence_that_says_it_is_quoted_too() -> None:
    text = "第十四条 退款原路返回。微信当天到，信用卡三到七个工作日。手续费由商城承担。"
    assert marked(text, "退款多久到账", "第十四条 退款原路返回。").endswith("信用卡三到七个工作日。")
    assert marked(text, "退款退到哪里", "第十四条 退款原路返回。") == "第十四条 退款原路返回。"
    assert marked(text, "手续费多少", "手续费由商城承担。") == "手续费由商城承担。"


def test_the_parts_of_a_short_sentence_are_quoted_together() -> None:
    text = "智能挡60分钟左右；一直开最大挡只有20分钟。充满要3小时。"
    assert marked(text, "续航多久", "一直开最大挡只有20分钟。") == "智能挡60分钟左右；一直开最大挡只有20分钟。"
    assert marked(text, "续航多久", "智能挡60分钟左右；") == "智能挡60分钟左右；一直开最大挡只有20分钟。"
    listed = "（一）定制的；\n（二）生鲜；\n（三）内衣。"
    assert marked(listed, "生鲜能退吗", "（二）生鲜；") == "（二）生鲜；"
