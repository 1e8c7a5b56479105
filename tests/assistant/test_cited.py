"""Questions for an article by its number: looked up, and what is not there is said."""

from __future__ import annotations

import pytest

from assistant import AnswerStatus, Reason, Request, Turn
from assistant.cited import cited, named
from tests.support import Base, front_matter, make_content, on


@pytest.mark.parametrize(
    ("question", "title", "number", "within"),
    [
        ("售后总则第十四条怎么说", "售后总则", "14", ()),
        ("第十四條寫了什麼", "", "14", ()),
        ("第一百二十条之一的原文", "", "120-1", ()),
        ("《退货规则》第3条第二款第（三）项", "《退货规则", "3", (2, 3)),
        ("3.2条规定的是什么", "", "3.2", ()),
        ("会员规则第三条现在还有效吗", "会员规则", "3", ()),
        ("what does section 3.2 say", "", "3.2", ()),
        ("第14条は何と書いてありますか", "", "14", ()),
        ("제14조 내용이 뭐예요", "", "14", ()),
    ],
)
def test_a_place_alone_is_a_citation(question: str, title: str, number: str, within: tuple[int, ...]) -> None:
    found = cited(question)
    assert found is not None
    assert (found.title, found.number, found.within) == (title, number, within)


@pytest.mark.parametrize(
    "question",
    [
        "第七条说的运费谁出",
        "第二条半价吗",
        "第三条评论怎么删",
        "买了两条裤子能退一条吗",
        "满3条减10",
        "14条",
        "第三条和第五条有什么区别",
    ],
)
def test_what_says_more_than_a_place_is_searched_for(question: str) -> None:
    assert cited(question) is None


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("售后总则", ["春风里售后服务总则"]),
        ("帮我看下发货须知", ["发货须知"]),
        ("贵司发货须知", ["发货须知"]),
        ("会员规则2025版", ["会员规则（2025版）"]),
        ("会员规则", ["会员规则（2025版）", "会员规则（2026版）"]),
        ("消法", ["中华人民共和国消费者权益保护法"]),
        ("of the after-sales rules say", ["After-sales Rules"]),
        ("民法典", []),
        ("退", []),
    ],
)
def test_a_title_is_known_by_itself_by_a_part_or_by_its_letters_in_order(words: str, titles: list[str]) -> None:
    known = (
        *("春风里售后服务总则", "发货须知", "收货须知", "会员规则（2025版）", "会员规则（2026版）"),
        *("中华人民共和国消费者权益保护法", "After-sales Rules"),
    )
    assert [v.title for v in named(words, [make_content(title=title).version for title in known])] == titles


def test_an_article_is_looked_up_by_title_and_number(shop: Base) -> None:
    answer = shop.ask("退货规则第二条怎么说")
    assert answer.citation is not None and answer.decided is not None
    assert (answer.citation.clause.document, answer.citation.clause.label) == ("returns.md", "第二条")
    assert answer.quote == answer.citation.clause.text and answer.decided.rule == "cited"


def test_a_number_that_several_documents_have_asks_which(shop: Base) -> None:
    answer = shop.ask("第一条怎么说")
    assert answer.reason is Reason.UNCLEAR_QUESTION
    assert "《退货规则》第一条" in answer.why and "《发货规则》第一条" in answer.why
    assert {a.citation.clause.document for a in answer.alternatives} == {"returns.md", "shipping.md"}
    only = shop.ask("第三条怎么说")
    assert only.citation is not None and only.citation.clause.document == "returns.md"


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("退货规则第九十九条", "《退货规则》里没有第九十九条"),
        ("第九十九条怎么说", "都没有第九十九条"),
        ("请问民法典第五百七十七条", "没有叫“民法典”的文件"),
    ],
)
def test_what_is_not_there_is_said(shop: Base, question: str, says: str) -> None:
    answer = shop.ask(question)
    assert (answer.status, answer.reason) == (AnswerStatus.ABSTAINED, Reason.NO_POLICY)
    assert says in answer.why


def test_the_document_named_before_in_the_chat_is_meant(shop: Base) -> None:
    chat = (Turn("customer", "发货规则第一条怎么说"), Turn("agent", "商家应当在付款后三日内发货。"))
    answer = shop.assistant().ask(Request("那第二条呢", history=chat))
    assert answer.citation is not None
    assert (answer.citation.clause.document, answer.citation.clause.label) == ("shipping.md", "第二条")
    assert shop.assistant().ask(Request("那第二条呢", history=(Turn("customer", "我买了两条裤子"),))).reason is not (
        Reason.UNCLEAR_QUESTION
    )


def test_the_edition_of_the_moment_asked_about_is_quoted_and_one_out_of_force_is_named(base: Base) -> None:
    text = "# 会员规则\n\n第一条 年费{}元。\n"
    base.write("m-2025.md", front_matter(text.format(99), title="会员规则（2025版）", effective_from="2025-01-01"))
    base.write(
        "m-2026.md",
        front_matter(
            text.format(199), title="会员规则（2026版）", effective_from="2026-01-01", supersedes="会员规则（2025版）"
        ),
    )
    base.ingest()
    assert "199" in base.ask("会员规则第一条").quote
    past = base.ask("《会员规则（2025版）》第一条")
    assert "99" in past.quote and "2025" in past.why
    for former in ("旧版会员规则第一条", "以前的会员规则第一条怎么说"):
        old = base.ask(former)
        assert old.reason is Reason.NOT_IN_FORCE and "99" in old.alternatives[0].citation.clause.text
    then = base.ask("2025年版会员规则第一条")
    assert "99元" in then.quote and "199" not in then.quote
    bought = base.ask("去年双十一的会员规则第一条")
    assert "99元" in bought.quote and "199" not in bought.quote
    given = base.ask("《会员规则（2025版）》第一条", as_of=on("2026-08-01"))
    assert given.reason is Reason.NOT_IN_FORCE and "会员规则（2026版）" in given.why


def test_an_article_in_pieces_has_the_others_beside_it(base: Base) -> None:
    items = "\n\n".join(f"（{n}）{'这是一项很长的约定，' * 25}第{n}项到此为止。" for n in "一二三四")
    base.write("a.md", f"# 合作规则\n\n第一条 商家有下列义务：\n\n{items}\n\n第二条 其他。\n")
    base.ingest()
    pieces = [c for c in base.snapshot().clauses if c.label == "第一条"]
    assert len(pieces) > 1
    whole = base.assistant().ask(Request("合作规则第一条", top=10))
    assert whole.citation is not None and whole.citation.clause.id == pieces[0].id
    assert [a.citation.clause.id for a in whole.alternatives] == [c.id for c in pieces[1:]]
    third = base.ask("合作规则第一条第（三）项")
    assert third.citation is not None and "第三项到此为止" in third.citation.clause.text


def test_a_count_in_a_heading_numbers_nothing(base: Base) -> None:
    base.write("a.md", "# 服务规则\n\n## 三条红线\n\n不得辱骂客户。\n\n## 四条底线\n\n不得泄露信息。\n")
    base.ingest()
    assert "里没有第三条" in base.ask("服务规则第三条").why
