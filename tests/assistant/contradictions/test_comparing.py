"""Two clauses: whether they contradict each other, repeat each other, or speak of different things."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.contradictions import Likeness, Point, compare
from kb.types import ClauseKind
from tests.support import make_content


def side(text, document="rules/returns.md", title="退货规则", **fields):
    content = make_content(document, (text,), title=title, language=fields.pop("language", "zh-Hans"), **fields)
    return content.clauses[0], content.version


def between(one, other, **second):
    return compare(side(one), side(other, document="help/faq.md", title="客服手册", **second))


def marked(finding):
    (difference,) = finding.differences
    return {
        tuple(clause.text[start:end] for start, end in spans)
        for clause, spans in ((finding.first, difference.first), (finding.second, difference.second))
    }


RETURN = "买家自签收之日起七日内可以申请无理由退货，退回的商品应当完好。"


@pytest.mark.parametrize("other", ["7天", "７日", "一周", "168小时", "168小時"])
def test_one_deadline_written_in_another_way_is_a_duplicate(other):
    finding = between(RETURN, RETURN.replace("七日", other))
    assert finding.likeness is Likeness.DUPLICATE


@pytest.mark.parametrize(
    ("one", "other", "point", "words"),
    [
        (RETURN, RETURN.replace("七日", "15天"), Point.TIME, {("七日",), ("15天",)}),
        (RETURN, RETURN.replace("七日", "七个工作日"), Point.TIME, {("七日",), ("七个工作日",)}),
        (
            "单笔订单满99元免收配送费，优惠券不计入。",
            "單筆訂單滿５９元免收配送費，優惠券不計入。",
            Point.MONEY,
            {("99元",), ("５９元",)},
        ),
        (
            "延迟发货的，商家按实付金额的5%赔偿买家。",
            "延迟发货的，商家按实付金额的百分之十赔偿买家。",
            Point.SHARE,
            {("5%",), ("百分之十",)},
        ),
        ("同一收货地址每个活动限购3件商品。", "同一收货地址每个活动限购五件商品。", Point.COUNT, {("3件",), ("五件",)}),
        (
            "商品无质量问题退货的，运费由买家承担。",
            "商品无质量问题退货的，运费由商家承担。",
            Point.DUTY,
            {("买家",), ("商家",)},
        ),
        (
            "Unopened items may be returned within 30 days of delivery with the original receipt.",
            "Unopened items may be returned within 14 days of delivery with the original receipt.",
            Point.TIME,
            {("30 days",), ("14 days",)},
        ),
    ],
)
def test_another_value_in_the_same_words_is_a_certain_contradiction(one, other, point, words):
    finding = between(one, other)
    assert finding.likeness is Likeness.CONTRADICTION
    assert finding.certain
    assert [d.point for d in finding.differences] == [point]
    assert marked(finding) == words


def test_what_one_supports_and_the_other_does_not_is_a_contradiction():
    finding = between("定制商品支持七天无理由退货，以商品页面为准。", "定制商品不支持七天无理由退货，以商品页面为准。")
    assert [d.point for d in finding.differences] == [Point.PERMISSION]


def test_the_opposite_case_with_the_opposite_answer_is_no_contradiction():
    finding = between("未拆封的化妆品可以无理由退货。", "拆封的化妆品不可以无理由退货。")
    assert finding is None or finding.likeness is not Likeness.CONTRADICTION


def test_another_beginning_of_the_same_deadline_is_a_contradiction():
    finding = between("买家应当在签收后七日内提出换货申请。", "买家应当在发货后七日内提出换货申请。")
    assert [d.point for d in finding.differences] == [Point.CONDITION]
    assert not finding.certain


def test_two_languages_with_two_deadlines_are_an_uncertain_contradiction():
    finding = between(
        "买家签收商品后七日内可以申请无理由退货。",
        "Buyers may return goods for any no-reason return within 15 days of receipt.",
        language="en",
    )
    assert finding.likeness is Likeness.CONTRADICTION
    assert not finding.certain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("团长申请退出的，须提前15日提交，并结清全部订单。", "供货商申请退出的，须提前60日提交，并结清全部订单。"),
        ("电视机整机保修12个月，自签收之日起计算。", "电冰箱整机保修24个月，自签收之日起计算。"),
        ("本规则自2024年7月1日起施行。", "本办法自2025年1月1日起施行。"),
        ("C1 退保（2025版）：生效后15日内全额退款。", "C1 退保（2023版）：生效后7日内全额退款。"),
    ],
)
def test_rules_for_different_things_do_not_contradict(one, other):
    finding = between(one, other)
    assert finding is None or finding.likeness is not Likeness.CONTRADICTION


def test_two_steps_of_one_rule_in_one_document_do_not_contradict():
    content = make_content("rules/a.md", ("实付满100元的订单减10元。", "实付满200元的订单减30元。"), language="zh-Hans")
    one, other = content.clauses
    assert compare((one, content.version), (other, content.version)) is None


def test_articles_of_numbered_series_of_two_products_do_not_contradict():
    fields = {"language": "en", "title": "Fees"}
    one = side("The monthly maintenance fee is $10.00 for each account.", "kb/gold_savings_account_001.md", **fields)
    other = side(
        "The monthly maintenance fee is $25.00 for each account.", "kb/silver_savings_account_001.md", **fields
    )
    assert compare(one, other) is None


def test_identical_texts_are_a_certain_duplicate():
    finding = between(RETURN, RETURN)
    assert (finding.likeness, finding.certain, finding.differences) == (Likeness.DUPLICATE, True, ())


PAIRS = [
    (RETURN, RETURN.replace("七日", "15天")),
    (RETURN, RETURN),
    ("运费由买家承担，退款原路退回。", "运费由平台承担，退款原路退回。"),
    (RETURN, "生鲜商品发现变质的，应当在24小时内提交照片。"),
    ("定制商品支持无理由退货。", "定制商品不支持无理由退货。"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_order_of_the_two_clauses_does_not_matter(one, other):
    a, b = side(one), side(other, document="help/faq.md", title="客服手册")
    assert compare(a, b) == compare(b, a)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_sentence_that_both_have_and_that_is_about_something_else_changes_nothing(one, other):
    more = "客服热线的接听时间以页面公布为准。"
    before, after = between(one, other), between(one + more, other + more)
    assert (before and before.likeness) == (after and after.likeness)


@pytest.mark.parametrize(
    ("first", "second", "one", "other"),
    [
        ("客服手册", "财务手册", "订单完成后30天内可以补开发票。", "订单完成后90天内可以补开发票。"),
        ("仓储部作业指引", "新人培训材料", "仓库应当在付款后24小时内发货。", "仓库应当在付款后48小时内发货。"),
        ("运营口径", "法务部问答", "退货运费由买家承担，退款时扣除。", "退货运费由商家承担，退款时扣除。"),
        (
            "Warehouse handbook",
            "Customer service FAQ",
            "Refunds are issued within 5 business days of receipt of the return.",
            "Refunds are issued within 10 business days of receipt of the return.",
        ),
        (
            "経理マニュアル",
            "カスタマーサポートFAQ",
            "ご注文の確定後30日以内に領収書を発行できます。",
            "ご注文の確定後90日以内に領収書を発行できます。",
        ),
        (
            "고객센터 매뉴얼",
            "재무팀 안내",
            "주문 완료 후 30일 이내에 영수증을 발급할 수 있습니다.",
            "주문 완료 후 90일 이내에 영수증을 발급할 수 있습니다.",
        ),
        (
            "Manual de atención al cliente",
            "Guía de finanzas",
            "La factura se puede solicitar dentro de los 30 días siguientes a la compra del pedido.",
            "La factura se puede solicitar dentro de los 90 días siguientes a la compra del pedido.",
        ),
    ],
)
@pytest.mark.parametrize("heading", ["", "发票"])
def test_departments_that_write_different_things_contradict_each_other_for_certain(first, second, one, other, heading):
    sides = []
    for title, text in ((first, one), (second, other)):
        clause, version = side(text, title=title, document=f"hr/{title}.md", language="und")
        sides.append((replace(clause, path=(heading,) if heading else ()), version))
    found = compare(*sides)
    assert found is not None and found.likeness is Likeness.CONTRADICTION and found.certain


def test_names_in_titles_alone_are_two_things_or_at_least_not_certain_to_be_one():
    found = compare(
        side(
            "The monthly maintenance fee is $50.00 for every account.",
            title="World Blue: avoiding fees",
            document="a.md",
        ),
        side("The monthly maintenance fee is $40.00 for every account.", title="Lime Green: waivers", document="b.md"),
    )
    assert found is None or not found.certain


@pytest.mark.parametrize(
    "other",
    ["本规则自2026年4月1日起施行。", "本办法自2025年9月1日起施行，旧版同时废止。", "本法自2015年9月1日起施行。"],
)
def test_when_two_documents_begin_is_about_each_of_them_alone(other):
    assert between("本规则自2026年4月1日起施行。", other) is None


SHOULD_SHIP = "商家应自买家提交退货申请之时起四十八小时内处理；逾期未处理的，系统自动同意退货。商家拒绝申请的，须写明理由并上传凭证。"


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (
            SHOULD_SHIP,
            "卖家须在买家提交退货申请后 24 小时内处理；逾期未处理的，由系统自动同意。",
            {("四十八小时",), ("24 小时",)},
        ),
        (
            "商家超过10分钟未接单的，系统自动取消订单并全额退款，同时向用户推荐同类商家。",
            "商家超过 20 分钟仍未接单的，订单由系统取消，全额退款。",
            {("10分钟",), ("20 分钟",)},
        ),
        (
            "Each reservation can have at most five passengers.",
            "Up to nine passengers fit on one reservation.",
            {("five",), ("nine",)},
        ),
    ],
)
def test_another_number_in_other_words_is_found_and_never_certain(one, other, words):
    finding = between(one, other)
    assert finding.likeness is Likeness.CONTRADICTION and not finding.certain
    assert {tuple(w.strip() for w in side) for side in marked(finding)} == words


def test_two_texts_in_other_words_are_the_same_to_each_other_in_both_orders():
    first, second = (
        side(SHOULD_SHIP),
        side("卖家须在买家提交退货申请后 24 小时内处理；逾期未处理的，由系统自动同意。", document="b.md"),
    )
    assert compare(first, second) == compare(second, first) is not None


def test_numbers_of_another_matter_in_like_words_are_left_alone():
    assert between(SHOULD_SHIP, "买家应当在签收后七日内寄回开箱视频。") is None
    assert between("七天无理由退货的运费由买家承担。", "商家应当在签收后24小时内处理举证。") is None


def test_whether_an_item_of_a_list_is_forbidden_stands_above_it():
    first, version = side("（四）伪造商品的产地。", title="处罚办法")
    other = side("商家不得伪造商品的产地。", document="b.md", title="质量规则")
    assert compare((replace(first, kind=ClauseKind.ITEM), version), other) is None


@pytest.mark.parametrize(
    ("heading", "certain"), [("第三章 退货", True), ("第三章 生鲜", False), ("第三章 手机", False)]
)
def test_a_chapter_leaves_it_certain_unless_it_names_what_the_other_does_not_speak_of(heading, certain):
    clause, version = side(RETURN, document="help/faq.md", title="客服手册")
    clause = replace(clause, path=(heading, clause.label))
    assert compare(side(RETURN.replace("七日", "15天")), (clause, version)).certain is certain


def test_another_number_in_a_text_that_says_one_thing_more_is_found_and_not_certain():
    """Too much alike for two wordings, and with too much besides for one text."""
    finding = between("本店在收到退货后3个工作日内退款。", "收到退货后7个工作日内退款。")
    assert marked(finding) == {("3个工作日",), ("7个工作日",)} and not finding.certain
    assert between("本店在收到退货后3个工作日内退款。", "收到退货后3个工作日内退款。") is None
