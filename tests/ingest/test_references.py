"""Cross-references: what is one, what it points at, and what only looks like one."""

from __future__ import annotations

import cProfile

import pytest

from ingest.loaders import load
from ingest.references import find, link
from ingest.structure import cut
from kb.types import Clause


def found(text: str, label: str = "") -> list[tuple[str, str | None]]:
    references = find(text, 0, len(text), label)
    assert all(text[r.start : r.end].strip() for r in references)
    return [(r.label, r.title) for r in references]


def linked(text: str, title: str | None = None, name: str = "rules.md") -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """Path of a clause -> (label, text of the clause pointed at) of each of its references."""
    extract = load(text.encode(), name)
    clauses = [
        Clause(
            str(i), "d", "v", d.kind, d.label, d.path, d.start, d.end, extract.text[d.start : d.end], "",
            references=d.references,
        )
        for i, d in enumerate(cut(extract).drafts)
    ]  # fmt: skip
    by_id = {clause.id: clause.text for clause in clauses}
    return {
        clause.path: [(r.label, by_id[r.clause] if r.clause else "") for r in clause.references]
        for clause in link(clauses, title)
        if clause.references
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("依照本规则第十二条处理。", [("第十二条", None)]),
        ("依照本规则第 12 条处理。", [("第12条", None)]),
        ("按照第十二条第二款第（三）项赔付。", [("第十二条第二款第（三）项", None)]),
        ("本条第二款第（三）项所称商品。", [("本条第二款第（三）项", None)]),
        ("违反第三条、第五条和第七条的。", [("第三条", None), ("第五条", None), ("第七条", None)]),
        ("依照《退货办法》第五条、第六条处理。", [("第五条", "退货办法"), ("第六条", "退货办法")]),
        ("依照《退货办法》第五条和本规则第六条。", [("第五条", "退货办法"), ("第六条", None)]),
        ("依据消费者权益保护法第二十五条退货。", [("第二十五条", "消费者权益保护法")]),
        ("按照数据安全法第三条处理。", [("第三条", "数据安全法")]),
        ("除前款规定外，由买家承担。", [("前款", None)]),
        ("前两款规定的商品。", [("前两款", None)]),
        ("前款第一项、第二项规定的商品。", [("前款第一项", None), ("第二项", None)]),
        ("按照4.3条约定支付。", [("4.3条", None)]),
        ("收费见附件1。", [("附件1", None)]),
        ("依照本规则第三章的规定。", [("第三章", None)]),
        ("第5条第2項の規定により返金します。", [("第5条第2項", None)]),
        ("前項の場合は返金しません。", [("前項", None)]),
        ("「利用規約」第8条を準用する。", [("第8条", "利用規約")]),
        ("제3조 제2항에 따라 환불한다.", [("제3조제2항", None)]),
        ("「전자상거래법」 제17조에 따른다.", [("제17조", "전자상거래법")]),
        ("전항의 경우에는 제외한다.", [("전항", None)]),
        ("As set out in Section 3.2 above, you pay.", [("Section 3.2", None)]),
        ("See Sections 3, 4 and 5 for fees.", [("Section 3", None), ("Section 4", None), ("Section 5", None)]),
        ("Section 4(a)(ii) of this Agreement applies.", [("Section 4(a)(ii)", None)]),
        ("Article 6 of the Refund Policy applies.", [("Article 6", "Refund Policy")]),
        ("Article IV applies.", [("Article IV", None)]),
        ("según el artículo 5.º de la Ley General de Consumidores.", [("artículo 5.º", "Ley General de Consumidores")]),
        ("conforme a la cláusula tercera.", [("cláusula tercera", None)]),
    ],
)
def test_references_are_found_with_the_document_they_name(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "买家的第一条评价可以修改。",
        "我们的第二款手机支持退货。",
        "第一项目标是快。",
        "依照本条例处理。",
        "本条款自公布之日起生效。",
        "之前条件不变。",
        "提前款项到账。",
        "教育机构必须具备下列基本条件。",
        "请上传附件。",
        "第二节课可以取消。",
        "You have 3 sections of the form to fill in.",
        "Section of the page",
        "Refunds take 5 to 7 days.",
    ],
)
def test_counts_and_words_that_only_look_alike_are_none(text: str) -> None:
    assert found(text) == []


def test_the_number_that_opens_a_clause_is_its_label() -> None:
    assert found("第十二条 依照第三条处理。", "第十二条") == [("第三条", None)]
    assert found("Section 3.2 Fees follow Section 3.1.", "Section 3.2") == [("Section 3.1", None)]


def test_spans_are_those_of_the_stored_text() -> None:
    extract = load("# 规则\n\n第一条 为了公平。\n\n第二条 依照本规则第一条处理。".encode(), "a.md")
    (reference,) = cut(extract).drafts[1].references
    assert extract.text[reference.start : reference.end] == "第一条"


def test_a_reference_is_linked_to_the_clause_it_names() -> None:
    text = "# 规则\n\n第一条 为了公平。\n\n第二条 依照本规则第一条处理，前条除外。\n\n第三条 依照《别的办法》第一条。"
    assert linked(text, "规则") == {
        ("第二条",): [("第一条", "第一条 为了公平。"), ("前条", "第一条 为了公平。")],
        ("第三条",): [("第一条", "")],
    }


def test_a_document_that_names_itself_is_linked() -> None:
    text = "# 退货规则\n\n第一条 为了公平。\n\n第二条 依照《退货规则》第一条处理。"
    assert linked(text, "退货规则") == {("第二条",): [("第一条", "第一条 为了公平。")]}


def test_an_item_is_linked_among_the_pieces_of_its_article() -> None:
    items = "\n".join(f"（{n}）{'商品存在质量问题的，' * 30}可以退货；" for n in "一二三")
    text = f"第七条 有下列情形之一的：\n{items}\n第八条 第七条第（二）项、第（三）项的运费由商家承担。"
    ((two, three),) = linked(text).values()
    assert two[1].startswith("（二）") and three[1].startswith("（三）")


def test_numbers_that_begin_again_in_an_annex_are_linked_within_it() -> None:
    text = (
        "第一条 总规则。\n\n第二条 依照第一条处理。\n\n附件1 收费办法\n\n第一条 收费一元。\n\n第二条 依照第一条收取。"
    )
    assert linked(text) == {
        ("第二条",): [("第一条", "第一条 总规则。")],
        ("附件1 收费办法", "第二条"): [("第一条", "第一条 收费一元。")],
    }


def test_english_sections_are_linked_by_number_with_or_without_their_word() -> None:
    text = "3 Returns\n\n3.1 Time limit\nYou have 30 days.\n\n3.2 Condition\nSee Section 3.1 and Section 9."
    (found,) = linked(text, name="a.txt").values()
    assert found == [("Section 3.1", "3.1 Time limit\nYou have 30 days."), ("Section 9", "")]


def test_lettered_sections_are_linked_with_the_number_below_them() -> None:
    text = (
        "# Terms\n\n## A. Scope\n\nAll of it.\n\n## B. Content\n\n### 1. Yours\n\nIt stays yours.\n\n"
        "### 2. Licence\n\nSection B.1 stays in force; so does Section A."
    )
    assert linked(text) == {
        ("B. Content", "2. Licence"): [("Section B.1", "It stays yours."), ("Section A", "All of it.")]
    }


def test_the_work_grows_with_the_text_and_no_faster() -> None:
    def calls(times: int) -> int:
        text = "依照第一条、第二条和前款处理，见《办法》第三条。" * times
        profile = cProfile.Profile()
        assert len(profile.runcall(find, text, 0, len(text))) == 4 * times
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(400) < 2.2 * calls(200)
