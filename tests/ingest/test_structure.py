"""How text is cut: what is a clause, what it is called, what is left out."""

from __future__ import annotations

import cProfile
from io import BytesIO

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.loaders import load
from ingest.structure import MAX_PLAIN_CHARS, MAX_UNIT_CHARS, cut
from ingest.structure.shapes import BLANK
from ingest.types import Draft, Extract, Footnote, GapReason
from kb.types import ClauseKind


def clauses(text: str, name: str = "rules.md") -> list[tuple[Draft, str]]:
    extract = load(text.encode(), name)
    return [(draft, extract.text[draft.start : draft.end]) for draft in cut(extract).drafts]


def plain(text: str, **stated: object) -> list[tuple[ClauseKind, tuple[str, ...], str]]:
    """Kind, path and text of the clauses of a text without a format."""
    extract = Extract(text=text, **stated)  # type: ignore[arg-type]
    return [(d.kind, d.path, text[d.start : d.end]) for d in cut(extract).drafts]


def gaps(text: str, shared: frozenset[str] = frozenset(), **stated: object) -> list[tuple[GapReason, str]]:
    extract = Extract(text=text, **stated)  # type: ignore[arg-type]
    return [(g.reason, text[g.start : g.end]) for g in cut(extract, shared).gaps]


def labels(text: str, name: str = "rules.md") -> list[str]:
    return [draft.label for draft, _ in clauses(text, name)]


def paths(text: str, name: str = "rules.md") -> list[tuple[str, ...]]:
    return [draft.path for draft, _ in clauses(text, name)]


# --- Chinese rules ---------------------------------------------------------------------------------------------


def test_articles_carry_their_chapter_in_the_path() -> None:
    text = (
        "# 退货规则\n\n## 第一章 总则\n\n第一条 为了公平。\n\n## 第二章 退货\n\n### 第一节 时限\n\n第二条 七日内可退。"
    )
    assert paths(text) == [("第一章 总则", "第一条"), ("第二章 退货", "第一节 时限", "第二条")]


def test_chapters_in_plain_text_are_headings_too() -> None:
    text = "退货规则\n第一章 总则\n第一条 为了公平。\n第二章　退货\n第二条 七日内可以退货。\n附则\n第三条 由平台解释。"
    assert paths(text, "a.txt") == [("第一章 总则", "第一条"), ("第二章 退货", "第二条"), ("附则", "第三条")]


@pytest.mark.parametrize("line", ["自2026年4月1日起施行", "（2026年4月1日发布）", "2026年4月1日", "沪商规〔2026〕12号"])
def test_a_date_or_number_below_the_title_is_the_heading_of_nothing(line: str) -> None:
    text = f"# 生鲜售后规则\n\n{line}\n\n第一条 坏果当日可以退款。\n\n第二条 冷链配送。"
    assert paths(text) == [("第一条",), ("第二条",)]


def test_a_number_above_the_title_is_not_the_title() -> None:
    text = "云帆〔2026〕12号\n\n关于调整包邮门槛的通知\n\n各店铺：现将有关事项通知如下。\n\n一、满59元包邮。\n\n二、金卡不限金额。"
    assert paths(text, "a.txt")[0] == ("关于调整包邮门槛的通知",)


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("第四十一条 买家", "第四十一条"),
        ("第41条 买家", "第41条"),
        ("第４１条　买家", "第４１条"),
        ("第一百二十条之一 买家", "第一百二十条之一"),
        ("第一百二十条之一买家", "第一百二十条之一"),
        ("第 四十一 条 买家", "第四十一条"),
        ("第四十一条（定义）买家", "第四十一条"),
        ("第四十一条【定义】买家", "第四十一条"),
        ("\u200b第四十一条\u3000买家", "第四十一条"),
        ("**第四十一条** 买家", "第四十一条"),
        ("第5.1条 买家", "第5.1条"),
        ("第9條　買家", "第9條"),
        ("第3条（返品）お客様", "第3条"),
        ("제6조(신선 식품) 신선식품은", "제6조"),
    ],
)
def test_article_numbers_are_labels_as_printed(printed: str, label: str) -> None:
    assert labels(f"某规则\n\n{printed}可以退货。") == [label]


def test_a_cross_reference_at_a_line_start_is_no_article() -> None:
    text = (
        "第十一条 买家应当付款。\n\n第十二条 商家应当发货，\n第十一条规定的情形除外。\n\n"
        "第三条、第四条所称商品，是指现货。\n\n第十三条 其他。"
    )
    assert labels(text) == ["第十一条", "第十二条", "第十三条"]


def test_articles_may_skip_numbers_and_start_again_in_an_annex() -> None:
    text = "第一条 甲应当付款。\n\n第五条 乙应当发货。\n\n附件1 收费办法\n\n第一条 收费一元。\n\n第二条 不另收费。"
    assert labels(text) == ["第一条", "第五条", "第一条", "第二条"]
    assert paths(text)[2] == ("附件1 收费办法", "第一条")


def test_a_markdown_heading_may_be_an_article() -> None:
    found = clauses("# 规则\n\n## 退货\n\n### 第五条 退货期限\n\n七日。\n\n### 第六条 运费\n\n买家承担。")
    assert [d.path for d, _ in found] == [("退货", "第五条"), ("退货", "第六条")]
    assert found[0][1] == "第五条 退货期限\n\n七日。"


def test_a_short_article_stays_whole_with_its_paragraphs_and_items() -> None:
    text = (
        "第一条 有下列情形之一的，可以退货：\n（一）破损；\n（二）错发。\n\n前款情形由商家承担运费。\n\n第二条 其他。"
    )
    first = clauses(text)[0]
    assert first[0].kind is ClauseKind.ARTICLE
    assert first[1].endswith("前款情形由商家承担运费。")


def test_an_overlong_article_splits_at_its_items_and_keeps_its_label() -> None:
    items = "\n".join(f"（{n}）{'商品存在质量问题的，' * 30}可以退货；" for n in "一二三")
    lead, first, *_, tail = clauses(f"第七条 有下列情形之一的，买家可以退货：\n{items}\n商家应当承担运费。")
    assert {d.label for d, _ in (lead, first, tail)} == {"第七条"}
    assert lead[1] == "第七条 有下列情形之一的，买家可以退货："
    assert (first[0].kind, first[0].path) == (ClauseKind.ITEM, ("第七条", "（一）"))
    assert first[0].context == lead[1]
    assert (tail[0].kind, tail[1]) == (ClauseKind.ARTICLE, "商家应当承担运费。")


def test_an_overlong_article_without_items_splits_between_paragraphs_only() -> None:
    paragraph = "平台可以根据交易情况调整服务费率，并提前公示。" * 12
    body = "\n\n".join([paragraph] * 6)
    found = clauses(f"第七条 {body}")
    assert len(f"第七条 {body}") > MAX_PLAIN_CHARS > MAX_UNIT_CHARS
    assert len(found) == 6
    assert all(text.endswith("。") for _, text in found)


def test_numbered_points_of_an_official_reply_are_clauses() -> None:
    text = (
        "# 批复\n\n经研究，批复如下。\n\n一、平台应当删除链接。\n\n二、商家可以申诉。\n\n三、本批复自公布之日起施行。"
    )
    assert labels(text) == ["批复", "一", "二", "三"]


def test_short_numbered_lines_with_text_below_are_headings() -> None:
    text = "客服规范\n一、岗位职责\n（一）响应\n三分钟内响应。\n（二）记录\n都要记录。\n二、考核\n每月考核一次。"
    assert paths(text, "a.txt") == [("一、岗位职责", "（一）响应"), ("一、岗位职责", "（二）记录"), ("二、考核",)]


def test_a_houses_own_codes_number_its_clauses() -> None:
    text = (
        "# 细则\n\n## 甲、退货\n\n甲1 七日内可退。\n\n甲2 拆封不退。\n\n## 乙、运费\n\n乙1 买家承担。\n\n乙2 商家承担。"
    )
    assert labels(text) == ["甲1", "甲2", "乙1", "乙2"]


# --- headings, sections, numbers -------------------------------------------------------------------------------


def test_a_section_of_one_sentence_stands_beside_the_headings_that_it_is_numbered_with() -> None:
    text = "退货说明\n\n一、要求：爱护商品。\n二、流程\n1. 在App里申请。\n2. 等客服审核。\n三、运费：质量问题我们出。\n四、退款：三天。"
    assert paths(text, "a.txt") == [("一",), ("二、流程", "1"), ("二、流程", "2"), ("三",), ("四",)]
    assert clauses(text, "a.txt")[2][1] == "2. 等客服审核。"


def test_a_list_below_a_heading_does_not_go_on_with_the_headings() -> None:
    text = "# 说明\n\n一、退货\n可以退。\n\n二、不退的\n\n以下不退：\n一、生鲜。\n二、内衣。\n\n三、退款\n三天。"
    assert paths(text) == [("一、退货",), ("二、不退的",), ("三、退款",)]


def test_numbers_in_brackets_that_are_the_only_ones_number_the_clauses() -> None:
    items = "(1) 开箱请录像，没有录像的破损不赔。\n(2) 定制款付款后两小时内可以取消。\n(3) 旧机要能开机。"
    assert labels(items, "a.txt") == ["(1)", "(2)", "(3)"]
    assert len(clauses(f"须知\n\n下列商品不退：\n{items}", "a.txt")) == 1
    assert len(clauses(f"须知\n\n一、签收\n{items}\n二、退货\n七天。", "a.txt")) == 2


def test_short_lines_behind_the_same_sign_are_headings() -> None:
    text = "售后话术\n\n★ 客人催发货\n亲，48小时内发出哦～\n\n★ 客人嫌贵\n不议价，满300可以用券。"
    assert paths(text, "a.txt") == [("客人催发货",), ("客人嫌贵",)]
    assert len(clauses("提示\n\n★ 生鲜不退\n★ 内衣不退\n★ 定制不退\n其他都可以退货。", "a.txt")) == 1


def test_what_a_notice_closes_with_is_in_no_clause() -> None:
    text = "# 通知\n\n一、运费改为10元。\n\n二、删去第九条。\n\n特此通知。\n\n岚屿商城\n2026年9月15日"
    assert [words for _, words in clauses(text)] == ["一、运费改为10元。", "二、删去第九条。"]


def test_text_under_a_heading_is_a_section_with_its_list_inside() -> None:
    text = (
        "# Refunds\n\nWe are fair.\n\n## How to ask\n\nDo this:\n\n1. Open it.\n2. Tap it.\n\n### Limits\n\nOne a year."
    )
    found = clauses(text)
    assert [(d.kind, d.label) for d, _ in found] == [
        (ClauseKind.SECTION, "Refunds"),
        (ClauseKind.SECTION, "How to ask"),
        (ClauseKind.SECTION, "Limits"),
    ]
    assert found[2][0].path == ("How to ask", "Limits")
    assert found[1][1] == "Do this:\n\n1. Open it.\n2. Tap it."


def test_english_sections_are_labelled_by_their_number() -> None:
    text = "3 Returns\n\n3.1 Time limit\nYou have 30 days.\n\n3.2 Condition\nUnused only.\n\n3.2.1 Shoes must be boxed."
    assert labels(text, "a.txt") == ["3.1", "3.2", "3.2.1"]
    assert labels("Article 5 Refunds\n\nWe refund.\n\nArticle 6 Shipping\n\nYou pay.", "a.txt") == [
        "Article 5",
        "Article 6",
    ]
    assert labels("# T\n\n## Section 3.2 Refunds\n\nWe refund.\n\n## Section 3.3 Fees\n\nYou pay.") == [
        "Section 3.2",
        "Section 3.3",
    ]


def test_amounts_at_a_line_start_are_no_numbers() -> None:
    assert labels("# Fees\n\nThe charge is\n3.5 percent of the price. It is final.") == ["Fees"]


def test_questions_and_answers_are_pairs() -> None:
    text = "问：可以退货吗？\n答：七日内可以。\n\n问：运费谁付？\n答：买家。"
    found = clauses(text, "faq.txt")
    assert [(d.kind, d.label) for d, _ in found] == [(ClauseKind.PAIR, "可以退货吗？"), (ClauseKind.PAIR, "运费谁付？")]
    assert found[0][1] == "问：可以退货吗？\n答：七日内可以。"
    assert labels("Q1. Can I return it?\nA: Yes.\n\nQ2. Who pays?\nA: You.", "faq.txt") == [
        "Can I return it?",
        "Who pays?",
    ]


def test_a_heading_that_asks_is_a_pair_with_its_answer() -> None:
    ((draft, text),) = clauses("# 帮助\n\n## 怎样退货？\n\n打开订单，点退货。")
    assert (draft.kind, draft.label) == (ClauseKind.PAIR, "怎样退货？")
    assert text == "怎样退货？\n\n打开订单，点退货。"


def test_table_rows_are_clauses_under_their_header() -> None:
    text = "# 规则\n\n## 退货期\n\n如下：\n\n| 品类 | 天数 |\n| --- | --- |\n| 生鲜 | 1 |\n| 服饰 | 7 |\n\n节假日顺延。"
    found = clauses(text)
    rows = [(d.label, d.context, t) for d, t in found if d.kind is ClauseKind.ROW]
    assert rows == [("退货期", "品类 | 天数", "| 生鲜 | 1 |"), ("退货期", "品类 | 天数", "| 服饰 | 7 |")]
    assert [t for d, t in found if d.kind is ClauseKind.SECTION] == ["如下：", "节假日顺延。"]


# --- what is left out ------------------------------------------------------------------------------------------


def test_a_table_of_contents_is_not_taken_for_headings() -> None:
    body = "第一章 总则\n第一条 为了公平。\n第二章 退货\n第二条 七日。\n第三章 附则\n第三条 施行。"
    for contents in (
        "目　录\n第一章 总则\n第二章 退货\n第三章 附则\n",
        "第一章 总则......1\n第二章 退货……2\n第三章 附则……9\n",
    ):
        text = f"某规则\n{contents}{body}"
        assert paths(text, "a.txt") == [("第一章 总则", "第一条"), ("第二章 退货", "第二条"), ("第三章 附则", "第三条")]


def test_a_web_pages_links_to_its_own_headings_are_left_out() -> None:
    text = "# Terms\n\n* [Refunds](#refunds)\n* [Fees](#fees)\n\n## Refunds\n\nWe refund.\n\n## Fees\n\nNone at all."
    assert labels(text) == ["Refunds", "Fees"]


def test_titles_dates_comments_and_rules_are_no_clauses() -> None:
    text = (
        "# 某办法\n\n2020年1月1日 公布\n\n2020年3月1日 施行\n\n<!-- X -->\n\n---\n\n第一条 为了公平。\n\n2020年1月1日"
    )
    assert [t for _, t in clauses(text)] == ["第一条 为了公平。"]


@pytest.mark.parametrize(
    "line",
    [
        "最近更新：2025年12月18日",
        "生效日期：2026年1月1日　最近更新：2025年12月18日",
        "更新时间：2025-12-18 10:30　来源：客服部",
        "本文最后更新于2025年12月18日。",
        "Last updated on April 20, 2023",
    ],
)
def test_the_date_of_a_pages_last_update_is_in_no_clause(line: str) -> None:
    found = clauses(f"# 规则\n\n{line}\n\n## 退货\n\n七日内可以退货。")
    assert [text for _, text in found] == ["七日内可以退货。"]


def test_a_title_that_begins_with_a_models_number_is_no_clause() -> None:
    document = docx.Document()
    document.add_heading("AF5 空气炸锅使用说明书", 0)
    for heading, text in (("1 首次使用", "1.1 空烧十分钟。"), ("2 清洁", "2.1 炸篮可以进洗碗机。")):
        document.add_heading(heading, 1)
        document.add_paragraph(text)
    document.save(file := BytesIO())
    extract = load(file.getvalue(), "manual.docx")
    found = [extract.text[draft.start : draft.end] for draft in cut(extract).drafts]
    assert found == ["1.1 空烧十分钟。", "2.1 炸篮可以进洗碗机。"]


def test_a_preamble_that_says_something_is_a_paragraph() -> None:
    text = "# 某解释\n\n2020年1月1日 通过\n\n为正确审理案件，制定本解释。\n\n第一条 买家可以起诉。"
    assert [(d.kind, t) for d, t in clauses(text)][0] == (ClauseKind.PARAGRAPH, "为正确审理案件，制定本解释。")


def test_what_is_in_no_clause_is_listed() -> None:
    extract = load("# 规则\n\n## 第一章 总则\n\n第一条 为了公平。\n".encode(), "a.md")
    assert [(extract.text[g.start : g.end], g.reason) for g in cut(extract).gaps] == [
        ("# 规则", GapReason.TITLE),
        ("## 第一章 总则", GapReason.HEADING),
    ]


@pytest.mark.parametrize(
    "contents",
    [
        "第一章 总则\t1\n第二章 退货\t3\n第三章 附则\t9\n",
        "目录\n第一章 总则（1）\n第二章 退货（3）\n第三章 附则（9）\n",
        "目录\n第一章 总则\n第二章 退货\n第三章 附则\n",
    ],
)
def test_every_form_of_a_table_of_contents_is_a_gap_of_its_own(contents: str) -> None:
    text = f"某规则\n{contents}第一章 总则\n第一条 为了公平。\n第二章 退货\n第二条 七日。\n第三章 附则\n第三条 施行。"
    assert [t for _, _, t in plain(text)] == ["第一条 为了公平。", "第二条 七日。", "第三条 施行。"]
    assert (GapReason.CONTENTS, contents.strip()) in gaps(text)


def test_a_list_of_the_headings_below_is_a_table_of_contents_without_links_too() -> None:
    text = "# 帮助\n\n- 退货\n- 运费\n- 发票\n\n## 退货\n\n七日。\n\n## 运费\n\n买家付。\n\n## 发票\n\n可开。"
    assert labels(text) == ["退货", "运费", "发票"]


def test_gaps_are_divided_where_their_reasons_differ() -> None:
    text = (
        "上一篇：公告\n退货规则\n2024年7月1日\n目录\n第一章 总则\n第一章 总则\n第一条 为了公平。\n\n---\n2024年7月1日"
    )
    assert gaps(text) == [
        (GapReason.BOILERPLATE, "上一篇：公告"),
        (GapReason.TITLE, "退货规则"),
        (GapReason.FIELD, "2024年7月1日"),
        (GapReason.CONTENTS, "目录\n第一章 总则"),
        (GapReason.HEADING, "第一章 总则"),
        (GapReason.COMMENT, "---"),
        (GapReason.FIELD, "2024年7月1日"),
    ]


def test_a_numbered_heading_with_nothing_below_it_is_a_clause_if_it_says_something() -> None:
    assert labels("# 规则\n\n## 第一条 特价商品不得退货\n\n## 第二条 运费\n\n买家承担。") == ["第一条", "第二条"]
    assert (
        paths("# T\n\n## 3 Returns\n\n## 3.1 Time limit\n\nThirty days.\n\n## 3.2 Fees\n\nNone.")[0][-1]
        == "3.1 Time limit"
    )


def test_a_file_of_nothing_but_notices_is_kept() -> None:
    assert len(plain("打印本页\n关闭窗口\n")) == 1


# --- site notices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "notice",
    [
        "本文档由某某网提供下载",
        "浏览次数：1,234",
        "阅读量: 88",
        "上一篇：关于放假的公告",
        "分享到：微信 微博 QQ空间",
        "打印本页 | 关闭窗口",
        "责任编辑：李四",
        "京ICP备12345678号-1",
        "版权所有 © 2024 某某有限公司",
        "© 2024 Example Ltd. All rights reserved.",
        "Skip to content",
        "Was this article helpful?",
        "0 out of 3 found this helpful",
        "Back to top",
        "この記事は役に立ちましたか？",
        "이 문서가 도움이 되었나요?",
        "Todos los derechos reservados",
    ],
)
def test_site_notices_around_a_text_are_kept_out(notice: str) -> None:
    body = "退货规则\n\n第一条 七日内可以退货。\n\n第二条 运费由买家承担。"
    for text in (f"{notice}\n{body}", f"{body}\n\n{notice}"):
        assert [t for _, _, t in plain(text)] == ["第一条 七日内可以退货。", "第二条 运费由买家承担。"]
        assert (GapReason.BOILERPLATE, notice) in gaps(text)


def test_a_document_sites_conditions_are_kept_out_at_the_edge() -> None:
    text = (
        "- 1、本网站文档一经付费，不退款。\n- 2、该文档由网友上传，本站不作保证。\n- 3、成为会员后下载免费。\n"
        "- 4、上传文档可得积分。\n客服规范\n一、响应\n三分钟内响应。\n二、记录\n每次都要记录。\n\n某某文库\n\n文档评论(0)"
    )
    assert [t for _, _, t in plain(text)] == ["三分钟内响应。", "每次都要记录。"]


def test_what_sounds_like_a_notice_stays_where_it_is_a_rule() -> None:
    text = "会员规则\n第一条 下载本文档的会员可以打印。\n第二条 本站资源免费。\n打印本页，即可留存。\n第三条 版权归平台所有。"
    assert [t for _, _, t in plain(text)] == [
        "第一条 下载本文档的会员可以打印。",
        "第二条 本站资源免费。\n打印本页，即可留存。",
        "第三条 版权归平台所有。",
    ]
    alone = "本站资源由用户上传，平台不对其承担责任。"
    assert [t for _, _, t in plain(f"用户协议\n{alone}\n\n第一条 会员应当实名。")][0] == alone


def test_lines_that_many_documents_share_are_kept_out_of_sections_but_not_of_articles() -> None:
    shared = frozenset({"某某平台客户服务部"})
    text = "某某平台客户服务部\n退货说明\n七日内可以退货。\n某某平台客户服务部\n运费由买家承担。"
    assert [t for t in gaps(text, shared) if t[0] is GapReason.BOILERPLATE] == [
        (GapReason.BOILERPLATE, "某某平台客户服务部")
    ] * 2
    article = "第一条 受理部门为：\n某某平台客户服务部\n第二条 七日内受理。"
    assert not gaps(article, shared)


def test_a_contracts_parties_and_signatures_are_fields() -> None:
    text = (
        "供货合同\n合同编号：A-17\n甲方：某某商城\n双方订立本合同。\n一、供货\n每周二供货。\n二、付款\n三十日内付款。\n"
        "甲方（盖章）：　　乙方（盖章）：\n2024年6月18日"
    )
    assert [t for _, _, t in plain(text)] == ["双方订立本合同。", "每周二供货。", "三十日内付款。"]
    assert (GapReason.FIELD, "合同编号：A-17\n甲方：某某商城") in gaps(text)
    assert (GapReason.FIELD, "甲方（盖章）：　　乙方（盖章）：\n2024年6月18日") in gaps(text)


def test_a_table_of_fields_above_the_articles_is_no_clause_but_one_of_rules_is() -> None:
    articles = "第一条 七日内可退。\n\n第二条 运费由买家承担。"
    fields = f"| 编号 | LY-08 |\n| --- | --- |\n| 版本 | V2.1 |\n| 责任部门 | 客服部 |\n\n{articles}"
    assert {d.kind for d, _ in clauses(fields)} == {ClauseKind.ARTICLE}
    rules = f"| 品类 | 天数 |\n| --- | --- |\n| 生鲜 | 1 |\n| 服饰 | 7 |\n\n{articles}"
    assert [d.kind for d, _ in clauses(rules)][:2] == [ClauseKind.ROW, ClauseKind.ROW]


# --- questions, terms, notes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "常见问题\n怎么退货？\n七天内在订单页申请。\n可以多次申请。\n\n运费谁付？\n买家付。",
        "问题1：怎么退货？\n答：七天内在订单页申请。\n可以多次申请。\n问题2：运费谁付？\n答：买家付。",
        "【问】怎么退货？\n【答】七天内在订单页申请。\n\n可以多次申请。\n【问】运费谁付？\n【答】买家付。",
        "Q1：怎么退货？\nA1：七天内在订单页申请。\n\n可以多次申请。\nQ2：运费谁付？\nA2：买家付。",
        "1. 怎么退货？\n七天内在订单页申请。\n可以多次申请。\n2. 运费谁付？\n买家付。",
        "**怎么退货？**\n\n七天内在订单页申请。\n\n可以多次申请。\n\n**运费谁付？**\n\n买家付。",
    ],
)
def test_questions_are_pairs_in_every_habit(text: str) -> None:
    found = plain(text)
    assert [kind for kind, _, _ in found] == [ClauseKind.PAIR] * 2
    assert "可以多次申请。" in found[0][2] and found[1][2].endswith("买家付。")
    assert [d.label for d in cut(Extract(text=text)).drafts] == ["怎么退货？", "运费谁付？"]


def test_a_list_in_an_answer_belongs_to_the_answer() -> None:
    text = "问：怎样退货？\n答：如下：\n1. 打开订单\n2. 提交申请\n运费由买家承担。\n问：多久？\n答：三天。"
    assert [t.split("\n")[0] for _, _, t in plain(text)] == ["问：怎样退货？", "问：多久？"]


def test_one_rhetorical_question_makes_no_pair() -> None:
    text = "# 说明\n\n我们为什么这样做？\n\n因为公平。\n\n第一条 七日内可退。"
    assert ClauseKind.PAIR not in {draft.kind for draft, _ in clauses(text)}


def test_a_glossary_is_cut_into_its_terms() -> None:
    text = "# 规则\n\n## 第一章 名词解释\n\n会员：指完成注册的用户。\n\n“订单”是指会员提交的购买请求。\n\n## 第二章 退货\n\n第一条 七日。"
    assert [(d.label, d.path) for d, _ in clauses(text)][:2] == [
        ("会员", ("第一章 名词解释", "会员")),
        ("订单", ("第一章 名词解释", "订单")),
    ]
    english = "# Terms\n\n## Definitions\n\n**“Buyer”** means you.\n\n**“Seller”** means us.\n\n## Fees\n\nNone at all."
    assert labels(english) == ["Buyer", "Seller", "Fees"]


def test_footnotes_are_clauses_of_their_own_under_the_clause_that_bears_their_mark() -> None:
    text = "办法\n第一条 买家付款[1]。\n第二条 商家发货，时限另定。\n指工作日。\n不含节假日。\n没有出处的注。"
    one, two = text.index("指工作日"), text.index("没有出处")
    notes = (Footnote(one, two - 1, "1"), Footnote(two, len(text), "2"))
    assert plain(text, footnotes=notes)[1:] == [
        (ClauseKind.ARTICLE, ("第二条",), "第二条 商家发货，时限另定。"),
        (ClauseKind.PARAGRAPH, ("第一条", "注1"), "指工作日。\n不含节假日。"),
        (ClauseKind.PARAGRAPH, ("注2",), "没有出处的注。"),
    ]


# --- habits of numbering ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "服务合同\n壹、总则\n甲方应当付款。\n贰、付款\n一、期限\n三十日。\n叁、附则\n一式两份。",
            [("壹、总则",), ("贰、付款", "一、期限"), ("叁、附则",)],
        ),
        ("規約\n甲、適用範圍\n適用於會員。\n乙、退貨\n七日內可退。", [("甲、適用範圍",), ("乙、退貨",)]),
        (
            "Policy\nI. Scope\nAll of it.\nII. Returns\nA. Time\nThirty days.\nB. State\nUnused.\nIII. Fees\nNone.",
            [("I. Scope",), ("II. Returns", "A. Time"), ("II. Returns", "B. State"), ("III. Fees",)],
        ),
        ("细则\n规则1：不得代收。\n规则2：不得拒退。\n规则3：不得加价。", [("规则1",), ("规则2",), ("规则3",)]),
        (
            "規約\n前文\n会員に適用します。\n第１条（目的）返品を定める。\n２　前項を除く。\n第２条（返金）三日以内。\n附則\n公布の日から。",
            [("前文",), ("第１条",), ("第２条",), ("附則",)],
        ),
        (
            "약관\n제1장 총칙\n제1조(목적) 환불을 정한다.\n① 회원은 환불할 수 있다.\n가. 식품\n나. 의류\n제2조(배송) 삼 일.\n부칙\n오늘부터 시행한다.",
            [("제1장 총칙", "제1조"), ("제1장 총칙", "제2조"), ("부칙",)],
        ),
        (
            "Contrato\nPRIMERA.- Objeto\nEl vendedor entrega.\nSEGUNDA.- Precio\nEl comprador paga.\nAnexo I\nEsta es la lista.",
            [("PRIMERA",), ("SEGUNDA",), ("Anexo I",)],
        ),
        (
            "Agreement\nARTICLE I DEFINITIONS\n\n1.1 “Buyer” means you.\n\n1.2 “Seller” means us.\n\nARTICLE II RETURNS\n\n2.1 You may return goods.",
            [("ARTICLE I DEFINITIONS", "1.1"), ("ARTICLE I DEFINITIONS", "1.2"), ("ARTICLE II RETURNS", "2.1")],
        ),
        (
            "SECTION I – TERMS\nClause 1\nThese apply.\nClause 2\nThose too.\nSECTION II – FEES\nClause 3\nNone at all.",
            [("SECTION I – TERMS", "Clause 1"), ("SECTION I – TERMS", "Clause 2"), ("SECTION II – FEES", "Clause 3")],
        ),
    ],
)
def test_each_countrys_habits_give_its_paths(text: str, expected: list[tuple[str, ...]]) -> None:
    assert [path for _, path, _ in plain(text)] == expected


def test_steps_and_starred_lines_stay_one_clause() -> None:
    for text in (
        "指引\n步骤一：打开。\n步骤二：点击。\n步骤三：寄回。",
        "通知\n★七天可退；\n★运费卖家付；\n★特价除外。",
    ):
        assert [t for _, _, t in plain(text)] == [text.split("\n", 1)[1]]


def test_repeated_missing_and_disordered_numbers_are_all_kept() -> None:
    text = "办法\n第一条 甲。\n第二条 乙。\n第二条 丙。\n第五条 丁。\n第四条 戊。\n附件一 收费\n第一条 一元。"
    assert [path[-1] for _, path, _ in plain(text)] == ["第一条", "第二条", "第二条", "第五条", "第四条", "第一条"]


def test_a_reference_broken_by_the_width_of_a_page_is_no_article() -> None:
    text = "办法\n第一条 买家应当付款。\n第二条 商家按照本办法\n第三条 规定的时限发货，并遵守\n第一条 的要求。\n第三条 时限为三日。"
    assert [path[-1] for _, path, _ in plain(text)] == ["第一条", "第二条", "第三条"]
    english = "Terms\n\n2.1 Pay.\n\n2.2 As set out in\nSection 2.1 of these terms you pay."
    assert [path[-1] for _, path, _ in plain(english)] == ["2.1", "2.2"]


def test_an_article_after_a_table_is_an_article_whatever_led_into_the_table() -> None:
    text = "第一条 按下表\n\n| 品类 | 天数 |\n| --- | --- |\n| 生鲜 | 1 |\n第二条 其他商品七日。\n\n第三条 计算公式：\n金额＝单价\n第四条 其他。"
    articles = [d.label for d, _ in clauses(text) if d.kind is ClauseKind.ARTICLE]
    assert articles == ["第一条", "第二条", "第三条", "第四条"]


def test_dates_amounts_versions_and_telephones_number_nothing() -> None:
    text = "通知\n2024.07.01起执行。\n3.5元以下订单不退运费。\n3.6元以上退。\n1.5倍赔付。\n1.6倍封顶。\n400-123-4567 是热线。"
    assert len(plain(text)) == 1


def test_roman_and_latin_letters_are_told_apart() -> None:
    long = "the seller shall pay the freight and the cost of every return that it has caused. " * 4
    text = (
        "Terms\n\n2.1 Cases:\n" + "\n".join(f"({m}) {long}" for m in ("i", "ii", "iii", "iv", "v")) + "\n\n2.2 No more."
    )
    assert [path[-1] for _, path, _ in plain(text)] == ["2.1", "(i)", "(ii)", "(iii)", "(iv)", "(v)", "2.2"]
    text = "Terms\n\n2.1 Cases:\n" + "\n".join(f"({m}) {long}" for m in "abcdefghij") + "\n\n2.2 No more."
    assert [path[-1] for _, path, _ in plain(text)] == ["2.1", *(f"({m})" for m in "abcdefghij"), "2.2"]


def test_nested_items_of_a_long_article_keep_every_lead_in_as_context() -> None:
    inner = "\n".join(f"{n}.{'商品存在质量问题的，' * 25}可以退货；" for n in (1, 2, 3))
    text = f"第七条 有下列情形的，买家可以退货：\n（一）质量问题：\n{inner}\n（二）{'描述不符的，' * 30}可以退货。"
    drafts = cut(Extract(text=text)).drafts
    assert [d.path for d in drafts] == [
        ("第七条",),
        *(("第七条", "（一）", "1"), ("第七条", "（一）", "2"), ("第七条", "（一）", "3")),
        ("第七条", "（二）"),
    ]
    assert (GapReason.LEAD_IN, "（一）质量问题：") in gaps(text)
    assert drafts[1].context == "第七条 有下列情形的，买家可以退货： （一）质量问题："


# --- texts whose line breaks were lost -------------------------------------------------------------------------


def test_a_long_line_is_cut_at_its_own_series_of_numbers() -> None:
    text = f"退货须知：1、商品完好的，七日内可退。2、有质量问题的，{'商家承担运费，' * 90}三日到账。3、生鲜不退，3.5元以下的除外。"
    assert [(path[-1], t[:4]) for _, path, t in plain(text)] == [("1", "1、商品"), ("2", "2、有质"), ("3", "3、生鲜")]
    assert gaps(text) == [(GapReason.LEAD_IN, "退货须知：")]


def test_numbers_within_sentences_cut_nothing() -> None:
    text = "运费按重量计算，首重1、续重2、包装3三项合计，" * 40 + "由买家承担。"
    assert len(plain(text)) == 1


def test_articles_glued_into_one_line_are_articles() -> None:
    text = (
        "第一章 总则第一条 买家应当付款。第二条 商家应当发货，第一条规定的情形除外。第三条 平台应当公示规则，听取意见。"
        "第二章 附则第四条 违反第一条、第二条的，由平台处理，并且应当公示处理的结果和理由，以及当事人的申辩意见。"
        "第五条 本规则由平台负责解释，自公布之日起施行，此前的规定同时废止。"
    )
    assert [path for _, path, _ in plain(text)] == [
        *(("第一章 总则", "第一条"), ("第一章 总则", "第二条"), ("第一章 总则", "第三条")),
        *(("第二章 附则", "第四条"), ("第二章 附则", "第五条")),
    ]


# --- for any text ----------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        "第一条 ",
        "第二条",
        "第三条规定的",
        "第一章 总则",
        "# ",
        "## 标题",
        "（一）",
        "1. ",
        "3.2 ",
        "Q: ",
        "答：",
        "|",
        "| a | b |",
        "---",
    ]
    + [
        "\n",
        "\n\n",
        "\u3000",
        "\u200b",
        "。",
        "：",
        "目录",
        "......3",
        "商品可以退货",
        "Section 3.2 ",
        "2020年1月1日",
        "怎么退货？",
        "名词解释",
        "会员：指用户",
        "打印本页",
        "本站所有资源",
        "文档评论(0)",
        "1、",
        "；2、",
        "A. ",
        "II. ",
        "(i) ",
        "\t3",
        "依照本规则",
        "前款",
        "<!--",
        "-->",
        " x",
    ]
)
_TEXTS = st.one_of(st.text(max_size=300), st.lists(_PIECES, max_size=60).map("".join))


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_clauses_are_trimmed_slices_that_never_overlap_and_lose_nothing(text: str) -> None:
    extract = Extract(text=text)
    drafts = cut(extract).drafts
    assert drafts == cut(extract).drafts
    at = 0
    for draft in drafts:
        assert at <= draft.start < draft.end <= len(text)
        assert extract.text[draft.start : draft.end].strip() == extract.text[draft.start : draft.end]
        at = draft.end
    for draft in drafts:
        for reference in draft.references:
            assert draft.start <= reference.start < reference.end <= draft.end
    spans = sorted([*((d.start, d.end) for d in drafts), *((g.start, g.end) for g in cut(extract).gaps)])
    assert all(end <= start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))
    outside = "".join(
        text[a:b] for a, b in zip([0, *(e for _, e in spans)], [*(s for s, _ in spans), None], strict=True)
    )
    assert not outside.strip(BLANK)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["买家可以退货", "商家应当发货", "运费由买家承担"]), min_size=1, max_size=30))
def test_every_printed_article_is_a_clause(sentences: list[str]) -> None:
    text = "规则\n\n" + "\n\n".join(f"第{i}条 {s}。" for i, s in enumerate(sentences, 1))
    assert [path[-1] for _, path, _ in plain(text)] == [f"第{i}条" for i in range(1, len(sentences) + 1)]


@pytest.mark.parametrize(
    "piece",
    [
        "第{n}条 买家依照第一条退货。\n",
        "{n}、打开订单\n",
        "（一）\n",
        "（一）买家可以退货；",
        "1、退货。2、换货。3、维修。",
        "第{n}条 买家可以退货。",
        "怎么退货？\n七天。\n",
        "第一章 总则\n",
        "打印本页\n",
        "a. b\n",
        "上一篇\n\n",
        "\n",
        "<!--\n",
        "- 1、本文档由网友上传。\n",
    ],
)
def test_the_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    def calls(times: int) -> int:
        text = "规则\n" + "".join(piece.format(n=n) for n in range(1, times + 1))
        profile = cProfile.Profile()
        profile.runcall(cut, Extract(text=text))
        return sum(entry.callcount for entry in profile.getstats())

    calls(10)  # libraries are imported and caches filled
    assert calls(600) < 2.3 * calls(300)


def test_a_row_ends_before_a_character_without_width() -> None:
    extract = load("品类\n买家\u200b\n卖家\n".encode(), "a.csv")
    assert all(text == text.strip("\u200b") for text in (extract.text[d.start : d.end] for d in cut(extract).drafts))
