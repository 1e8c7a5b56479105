"""How text is cut: what is a clause, what it is called, what is left out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.loaders import load
from ingest.structure import MAX_PLAIN_CHARS, MAX_UNIT_CHARS, cut
from ingest.types import Draft, Extract, GapReason
from kb.types import ClauseKind


def clauses(text: str, name: str = "rules.md") -> list[tuple[Draft, str]]:
    extract = load(text.encode(), name)
    return [(draft, extract.text[draft.start : draft.end]) for draft in cut(extract).drafts]


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


def test_a_preamble_that_says_something_is_a_paragraph() -> None:
    text = "# 某解释\n\n2020年1月1日 通过\n\n为正确审理案件，制定本解释。\n\n第一条 买家可以起诉。"
    assert [(d.kind, t) for d, t in clauses(text)][0] == (ClauseKind.PARAGRAPH, "为正确审理案件，制定本解释。")


def test_what_is_in_no_clause_is_listed() -> None:
    extract = load("# 规则\n\n## 第一章 总则\n\n第一条 为了公平。\n".encode(), "a.md")
    assert [(extract.text[g.start : g.end], g.reason) for g in cut(extract).gaps] == [
        ("# 规则", GapReason.TITLE),
        ("## 第一章 总则", GapReason.HEADING),
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
    covered = [*((d.start, d.end) for d in drafts), *((g.start, g.end) for g in cut(extract).gaps)]
    inside = set().union(*(range(a, b) for a, b in covered))
    assert all(i in inside or not re.search(r"\w", c) for i, c in enumerate(text))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["买家可以退货", "商家应当发货", "运费由买家承担"]), min_size=1, max_size=30))
def test_every_printed_article_is_a_clause(sentences: list[str]) -> None:
    text = "规则\n\n" + "\n\n".join(f"第{i}条 {s}。" for i, s in enumerate(sentences, 1))
    assert labels(text) == [f"第{i}条" for i in range(1, len(sentences) + 1)]
