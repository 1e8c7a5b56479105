from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.types import Escalation, Reason, Request
from kb import moments
from tests.support import ZONE, at
from ui.web import render
from ui.web.handlers import Shown, Trouble
from ui.web.wording import LANGUAGES, words_for

NOW = datetime(2026, 11, 22, 14, 5, 9)
ZH = words_for("zh")
VOID = {"input", "br", "circle", "path"}


class Page(HTMLParser):
    """Tags, attributes and text of a piece of HTML; fails on tags that do not pair."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data) -> None:
        self.text += data

    def copies(self) -> list[str | None]:
        return [attrs["data-copy"] for _, attrs in self.tags if "data-copy" in attrs]


def page(assistant, question: str, /, *, language: str = "zh", feedback: bool = True, **changes) -> Page:
    answer = replace(assistant.ask(Request(question)), **changes)
    return Page(render.shown(Shown(answer, NOW), words_for(language), takes_feedback=feedback))


def test_an_answer_shows_the_clause_and_everything_an_agent_checks(assistant) -> None:
    shown = page(assistant, "羽绒服洗过还能退吗").text
    for part in (
        "《云栖集市七天无理由退货规则》", "第三章　退货条件", "第十二条", "第 7 页", "2026-03-01 起", "平台规则",
        "平台 云栖集市", "rules/returns-2026.pdf", "96%", "客户说衣服洗过", "未采用：只适用于生鲜类目。",
        "知识库版本 s-20261122-0007", "14:05:09 查询", "用时 38 毫秒",
    ):  # fmt: skip
        assert part in shown, part


def test_the_answering_sentence_is_marked(assistant, rules) -> None:
    answer = assistant.ask(Request("羽绒服洗过还能退吗"))
    html = render.shown(Shown(answer, NOW), ZH, takes_feedback=False)
    assert f"<mark>{rules['returns'].clause.text.splitlines()[-1]}</mark>" in html


def test_the_clause_stands_verbatim_in_the_page(assistant, rules) -> None:
    for question, name in [("坏文件", "hostile"), ("保修", "long"), ("faulty", "english")]:
        assert rules[name].clause.text in page(assistant, question).text


def test_markup_in_documents_is_text(assistant) -> None:
    shown = page(assistant, "坏文件")
    assert not {tag for tag, _ in shown.tags} & {"img", "script", "i"}
    assert not [name for _, attrs in shown.tags for name in attrs if name.startswith("on")]
    assert "<img src=x onerror=" in shown.text and "<i>因为</i> & 所以" in shown.text


HOSTILE = "\"'><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", ["运费", "能代收快递吗"])
def test_markup_in_any_field_is_text(assistant, rules, language: str, question: str) -> None:
    found = rules["postage"]
    clause = replace(found.clause, label=HOSTILE, path=(HOSTILE,), text=HOSTILE, document=HOSTILE, context=HOSTILE)
    version = replace(
        found.version, title=HOSTILE, authority=HOSTILE, scope={HOSTILE: HOSTILE}, language=HOSTILE, document=HOSTILE
    )
    hostile = replace(found, clause=clause, version=version)
    answer = assistant.ask(Request(question))
    shown = page(
        assistant,
        question,
        language=language,
        id=HOSTILE,
        question=HOSTILE,
        citation=hostile,
        quote=HOSTILE,
        highlights=((0, 5),),
        why=HOSTILE,
        alternatives=tuple(replace(a, citation=hostile, lost_because=HOSTILE) for a in answer.alternatives),
        reply=replace(assistant.ask(Request("运费")).reply, text=HOSTILE, language=HOSTILE, template=HOSTILE),
        escalate=Escalation(HOSTILE, HOSTILE),
        snapshot=HOSTILE,
        scope={HOSTILE: HOSTILE},
    )
    assert "img" not in {tag for tag, _ in shown.tags}
    assert not [name for _, attrs in shown.tags for name in attrs if name.startswith("on")]


def test_trouble_is_said_in_plain_words_and_escaped() -> None:
    shown = Page(render.shown(Shown(None, NOW, Trouble.DATE, {"value": "<b>去年"}), ZH, takes_feedback=True))
    assert "看不懂日期“<b>去年”" in shown.text
    assert ("article", "error") in [(tag, attrs.get("data-status")) for tag, attrs in shown.tags]
    assert shown.copies() == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason)
def test_an_abstention_says_its_reason_and_offers_no_copy(assistant, language: str, reason: Reason) -> None:
    words = words_for(language)
    nothing = {"alternatives": ()} if reason is Reason.UNCLEAR_QUESTION else {}
    shown = page(assistant, "能代收快递吗", language=language, reason=reason, **nothing)
    assert words.name("reason", reason) in shown.text
    assert shown.copies() == []
    assert (words("nearest") in shown.text) == (reason is not Reason.UNSAFE and not nothing)


def test_a_number_that_several_documents_have_asks_for_the_document(assistant) -> None:
    shown = page(assistant, "第三条怎么说", reason=Reason.UNCLEAR_QUESTION)
    assert "不止一份文件有这个条号" in shown.text and "请在问题里写上文件名" in shown.text
    assert "可能是其中一条" in shown.text and "没有看出客户要问什么" not in shown.text


def test_the_clause_that_is_not_in_force_is_shown_as_no_answer(assistant, rules) -> None:
    shown = page(assistant, "能代收快递吗", reason=Reason.NOT_IN_FORCE, citation=rules["law"], alternatives=())
    assert "最接近的条款，但都不是答案" in shown.text and "消费者权益保护法" in shown.text
    assert shown.copies() == []


def test_an_unsure_answer_does_not_wear_the_colour_of_certainty(assistant) -> None:
    assert "有明确规定" in page(assistant, "运费", confidence=0.5).text
    assert "发送前请核对" in page(assistant, "运费", confidence=0.49).text


def test_the_copied_quote_brings_its_source(assistant) -> None:
    both, quote, reply, _ = page(assistant, "运费谁出").copies()
    assert both == f"“{quote}”\n——《云栖集市七天无理由退货规则》 第四章　运费 第十五条 第 9 页（2026-03-01 起）"
    assert reply is not None and reply.startswith("您好，无理由退货")


def moment(shown: Page) -> dict[str, str | None]:
    [field] = [attrs for tag, attrs in shown.tags if tag == "input" and attrs.get("type", "").startswith("date")]
    return field


def test_the_moment_asked_about_is_a_field_with_the_words_that_named_it(assistant) -> None:
    plain = page(assistant, "运费谁出")
    assert moment(plain)["value"] == "2026-11-22" and "×" not in plain.text
    named = page(assistant, "去年双十一买的，运费谁出")
    assert moment(named)["value"] == "2025-11-11"
    assert "问题里说“去年双十一”" in named.text and "×" in named.text
    minute = page(assistant, "昨晚八点下的单，运费谁出")
    assert (moment(minute)["type"], moment(minute)["value"]) == ("datetime-local", "2026-11-21T20:00")


def test_a_reply_shows_its_slots_and_its_other_tones(assistant) -> None:
    shown = page(assistant, "运费谁出")
    assert "发送前请填写：订单号" in shown.text and "语气：warm" in shown.text
    assert [attrs for tag, attrs in shown.tags if attrs.get("class") == "kj-slot"]
    assert shown.copies()[-1] == "亲，订单{订单号}的退回运费要您承担哦。"


def test_a_change_that_is_coming_or_was_lately_is_shown_with_its_text(assistant) -> None:
    shown = page(assistant, "运费谁出").text
    assert "2027-01-01 起改为……" in shown and "运费由平台承担" in shown
    assert "2026-09-01 之前的规定……" in shown and "运费由商家承担。" in shown
    answer = assistant.ask(Request("运费谁出"))
    late = Page(render.shown(Shown(answer, datetime(2027, 11, 22)), ZH, takes_feedback=False)).text
    assert "之前的规定" not in late


def test_an_english_clause_is_cited_in_english(assistant) -> None:
    both, quote = page(assistant, "faulty", language="en").copies()
    assert both == (
        f"“{quote}”\n— Seller terms for cross-border shops 4 Refunds 4.2 Refunds for faulty goods "
        "(2025-01-01 to 2027-12-31)"
    )


def test_a_table_s_header_is_shown_but_not_copied(assistant, rules) -> None:
    found = rules["postage"]
    with_header = replace(found, clause=replace(found.clause, context="权益 | 普通 | 金卡"))
    shown = page(assistant, "运费", citation=with_header)
    assert "权益 | 普通 | 金卡" in shown.text
    assert not [copy for copy in shown.copies() if copy and "金卡" in copy]


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        (None, None, "未注明日期"),
        (date(2025, 1, 1), None, "2025-01-01 起"),
        (None, date(2025, 12, 31), "至 2025-12-31"),
        (date(2025, 1, 1), date(2025, 12, 31), "2025-01-01 至 2025-12-31"),
    ],
)
def test_dates_in_force_are_those_after_supersession(assistant, rules, starts, ends, said: str) -> None:
    cited = replace(
        rules["law"], effective_from=starts and at(starts), effective_until=ends and moments.end(ends, ZONE)
    )
    assert said in page(assistant, "运费", citation=cited, alternatives=()).text


def test_a_label_that_the_path_lacks_is_added_once(rules) -> None:
    found = rules["law"]
    assert render.place(found) == ("第三章　经营者的义务", "第二十五条")
    assert render.place(replace(found, clause=replace(found.clause, path=("第三章",)))) == ("第三章", "第二十五条")
    item = replace(found.clause, path=("第二十五条", "（二）"))
    assert render.place(replace(found, clause=item)) == ("第二十五条", "（二）")


def test_feedback_is_offered_only_where_it_is_kept(assistant) -> None:
    offered = page(assistant, "运费", feedback=True)
    assert [attrs["data-verdict"] for _, attrs in offered.tags if "data-verdict" in attrs] == [
        "right",
        "wrong",
        "missing",
    ]
    refused = page(assistant, "运费", feedback=False)
    assert not [attrs for _, attrs in refused.tags if "data-verdict" in attrs]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_s_own_words_are_all_in_its_language(assistant, language: str) -> None:
    words = words_for(language)
    for html in (
        render.welcome(words),
        render.header(words, "s-1", assistant.summary()),
        render.question_help(words),
        render.recent(words),
    ):
        chinese = any("\u4e00" <= char <= "\u9fff" for char in Page(html).text)
        assert chinese == (language == "zh") or html == render.question_help(words)


@given(
    text=st.text(alphabet="甲乙<>&\"'\n", max_size=30),
    spans=st.lists(st.tuples(st.integers(-3, 35), st.integers(-3, 35)), max_size=4),
)
def test_marking_never_changes_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    marked = Page(render.marked(text, spans))
    assert marked.text == text
    assert {tag for tag, _ in marked.tags} <= {"mark"}


def test_marks_cover_exactly_the_highlighted_characters() -> None:
    assert render.marked("甲乙<丙", [(1, 3), (2, 4)]) == "甲<mark>乙&lt;</mark><mark>丙</mark>"
    assert render.marked("甲乙", [(2, 2), (5, 9)]) == "甲乙"


LIST = "第六条 下列商品不适用无理由退货：\n（一）定制的商品；\n（二）鲜活易腐的商品。\n其他商品均可退货。"


@pytest.mark.parametrize(
    ("quote", "lead"),
    [
        ("（一）定制的商品；", "第六条 下列商品不适用无理由退货："),
        ("（二）鲜活易腐的商品。", "第六条 下列商品不适用无理由退货："),
        ("其他商品均可退货。", None),
        ("第六条 下列商品不适用无理由退货：", None),
    ],
)
def test_an_item_of_a_list_has_the_words_that_lead_it_in(quote: str, lead: str | None) -> None:
    assert render.lead_in(LIST, LIST.index(quote))[0] == lead


def test_an_item_is_copied_with_its_lead_in_and_what_is_left_out_is_marked(assistant, rules) -> None:
    answer = assistant.ask(Request("运费谁出"))
    citation = rules["fresh"]
    start = LIST.index("（二）")
    quote = "（二）鲜活易腐的商品。"
    clause = replace(citation.clause, text=LIST, end=len(LIST))
    citation = replace(citation, clause=clause)
    answer = replace(answer, citation=citation, quote=quote, highlights=((start, start + len(quote)),))
    assert render.quoted(answer, citation) == f"第六条 下列商品不适用无理由退货：\n……\n{quote}"
    first = replace(answer, quote="（一）定制的商品；", highlights=((start - 10, start - 1),))
    assert render.quoted(first, citation).startswith("第六条 下列商品不适用无理由退货：\n（一）")


@pytest.mark.parametrize(
    ("context", "texts", "head"),
    [
        ("退货原因 | 退回运费", ["| 七天无理由 | 买家 |", "质量问题 | <b>卖家"], True),
        ("运费表 退货原因", ["七天无理由 | 买家", "质量问题 | <b>卖家"], False),
    ],
)
def test_a_table_that_the_clause_leads_in_stands_below_it_and_is_copied(
    assistant, rules, context: str, texts: list[str], head: bool
) -> None:
    clause = rules["law"].clause
    led_in = replace(rules["law"], clause=replace(clause, text="运费按下表执行："))
    rows = tuple(replace(clause, text=text, context=context) for text in texts)
    quote = {"quote": "运费按下表执行：", "highlights": ((0, 8),)}
    shown = page(assistant, "运费谁出", citation=led_in, continued=rows, **quote)
    assert ("th" in {tag for tag, _ in shown.tags}) is head and "<b>卖家" in shown.text
    both, quote_alone = shown.copies()[:2]
    assert quote_alone == "\n".join(["运费按下表执行：", context, *texts]) and both.startswith(quote_alone)
