"""The answer, whole: the right clause verbatim, or a refusal with its reason."""

from __future__ import annotations

import pytest

from assistant import AnswerStatus, Assistant, BadRequest, Reason, Request, Turn
from kb.errors import EmbedderMismatch, NotFound, SettingsError
from tests.support import RETURNS, Base, TinyEmbedder, at, comparable, flip_byte, front_matter, on, texts_of

POSTAGE = "无理由退货的运费由谁承担"


def rule(text: str, **fields: str) -> str:
    return front_matter(f"# 规则\n\n第一条 {text}\n", **fields)


def test_an_answer_is_the_clause_verbatim_with_where_it_stands(shop: Base) -> None:
    answer = shop.ask(POSTAGE)
    assert answer.status is AnswerStatus.ANSWERED and answer.citation is not None
    clause, version = answer.citation.clause, answer.citation.version
    assert (clause.document, clause.label) == ("returns.md", "第二条")
    assert version.text[clause.start : clause.end] == clause.text
    assert answer.quote == "".join(clause.text[a:b] for a, b in answer.highlights)
    assert answer.snapshot == shop.home.require_current() and answer.why


def test_alternatives_say_why_they_lost_and_are_as_many_as_asked_for(shop: Base) -> None:
    for top in (0, 1, 3):
        answer = shop.assistant().ask(Request(POSTAGE, top=top))
        assert len(answer.alternatives) == top
        assert all(a.lost_because for a in answer.alternatives)
        assert answer.citation not in [a.citation for a in answer.alternatives]


def test_the_same_question_has_the_same_answer_in_every_assistant(shop: Base) -> None:
    first = comparable(shop.ask(POSTAGE))
    assistant = shop.assistant()
    assistant.ask(Request("多久发货"))
    assert comparable(assistant.ask(Request(POSTAGE))) == comparable(shop.ask(POSTAGE)) == first


def test_threads_get_the_same_answers_as_one_caller(shop: Base) -> None:
    from concurrent.futures import ThreadPoolExecutor

    assistant, questions = shop.assistant(), [POSTAGE, "多久发货", "几天内可以退货", "在吗"] * 6
    expected = [comparable(assistant.ask(Request(q))) for q in questions]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda q: comparable(assistant.ask(Request(q))), questions)) == expected


@pytest.mark.parametrize("at", range(0, 200, 13))
def test_a_byte_changed_in_the_stored_texts_makes_the_answer_refuse(shop: Base, at: int) -> None:
    assistant = shop.assistant()
    sound = assistant.ask(Request(POSTAGE, top=0))
    assert sound.citation is not None
    file = assistant._snapshot.folder / "texts.bin"
    start = file.read_bytes().index(RETURNS.strip().encode()[:12])
    flip_byte(file, start + at)
    refused = assistant.ask(Request(POSTAGE, top=0))
    assert (refused.status, refused.reason) == (AnswerStatus.ABSTAINED, Reason.UNSAFE)
    assert refused.citation is None and refused.quote == "" and refused.confidence == 0.0
    assert refused.alternatives == () and "kb rollback" in refused.why


def test_a_damaged_alternative_refuses_as_well(shop: Base) -> None:
    assistant = shop.assistant()
    (assistant._snapshot.folder / "texts.bin").write_bytes(b"")
    assert assistant.ask(Request(POSTAGE)).reason is Reason.UNSAFE


# --- in force ---------------------------------------------------------------------------------------------------


@pytest.fixture
def editions(base: Base) -> Base:
    """Two editions of one rule, the newer one in force from July 2025; a third from 2100."""
    base.write("2023.md", rule("退货期限为七日。", effective_from="2023-01-01"))
    base.write("2025.md", rule("退货期限为十五日。", effective_from="2025-07-01", supersedes="2023.md"))
    base.write("2100.md", rule("退货期限为三十日。", effective_from="2100-01-01", supersedes="2025.md"))
    base.ingest()
    return base


@pytest.mark.parametrize(
    "day, document",
    [("2023-01-01", "2023.md"), ("2025-06-30", "2023.md"), ("2025-07-01", "2025.md"), ("2099-12-31", "2025.md"),
     ("2100-01-01", "2100.md"), ("2200-01-01", "2100.md")],
)  # fmt: skip
def test_exactly_one_edition_answers_at_before_and_after_each_date(editions: Base, day: str, document: str) -> None:
    answer = editions.ask("退货期限多少日", as_of=on(day))
    assert answer.citation is not None and answer.citation.clause.document == document
    assert all(a.citation.clause.document == document for a in answer.alternatives)
    assert answer.citation.effective_from is not None and answer.citation.effective_from <= at(day)
    assert answer.citation.effective_until is None or at(day) < answer.citation.effective_until


def test_without_a_date_today_decides_and_nothing_pending_answers(editions: Base) -> None:
    answer = editions.ask("退货期限多少日")
    assert answer.citation is not None and answer.citation.clause.document == "2025.md"


def test_before_all_editions_the_reason_is_that_nothing_is_in_force(editions: Base) -> None:
    answer = editions.ask("退货期限多少日", as_of=on("2022-12-31"))
    assert answer.status is AnswerStatus.ABSTAINED
    assert answer.reason in (Reason.NOT_IN_FORCE, Reason.NO_POLICY) and answer.citation is None


def test_a_pending_clause_is_named_as_the_reason_when_something_else_is_in_force(base: Base) -> None:
    base.write("other.md", rule("发票随货寄出。"))
    base.write("future.md", rule("锂电池不得空运。", effective_from="2100-01-01"))
    base.ingest()
    answer = base.ask("锂电池不得空运吗")
    assert answer.reason is Reason.NOT_IN_FORCE
    assert "2100年1月1日" in answer.why


def test_a_replaced_clause_is_named_with_what_replaced_it(base: Base) -> None:
    base.write("old.md", rule("锂电池可以空运。", title="旧规则", effective_from="2020-01-01"))
    base.write("new.md", rule("发票随货寄出。", title="新规则", effective_from="2024-01-01", supersedes="old.md"))
    base.ingest()
    answer = base.ask("锂电池可以空运吗")
    assert answer.reason is Reason.NOT_IN_FORCE and "《新规则》" in answer.why


def test_a_matter_that_the_edition_in_force_still_has_is_not_said_to_be_past(base: Base) -> None:
    base.write("old.md", rule("赠品在退货时应当一并寄回。", title="旧规则", effective_from="2020-01-01"))
    new = rule("退货时赠品应当一并寄回，缺少的扣款。", title="新规则", effective_from="2024-01-01", supersedes="old.md")
    base.write("new.md", new)
    base.ingest()
    question = "赠品在退货时寄不寄回"
    then, now = (base.ask(question, as_of=on(day)).covered for day in ("2021-01-01", "2025-01-01"))
    assert now < then
    answer = base.assistant(line=(now + then) / 2).ask(Request(question, as_of=on("2025-01-01")))
    assert answer.reason is Reason.NO_POLICY
    assert answer.alternatives[0].citation.clause.document == "new.md"


def test_words_of_a_past_purchase_bring_the_edition_of_that_day(editions: Base) -> None:
    answer = editions.assistant(line=0.1).ask(Request("2024年5月买的，退货期限多少日"))
    assert answer.citation is not None and answer.citation.clause.document == "2023.md"
    assert "2024" in answer.why


def test_a_stated_date_overrules_the_words(editions: Base) -> None:
    answer = editions.assistant(line=0.1).ask(Request("2024年5月买的，退货期限多少日", as_of=on("2025-08-01")))
    assert answer.citation is not None and answer.citation.clause.document == "2025.md"


# --- scope and precedence ---------------------------------------------------------------------------------------


def postage(who: str, **fields: str) -> str:
    """Rules alike in all but one word: near enough for the embedder to be on one point."""
    return rule(
        f"因商品尺码颜色不合适而申请无理由退货的，寄回商品所产生的快递运费应当由{who}承担支付。", title="规则", **fields
    )


POSTAGE_OF_A_RETURN = "因商品尺码颜色不合适而申请无理由退货的，寄回商品所产生的快递运费应当由谁承担支付"


@pytest.fixture
def scoped(base: Base) -> Base:
    base.write("general.md", postage("买家", authority="platform_rule"))
    base.write("koujing.toml", '[[files]]\nmatch = "fresh.md"\nscope = { category = "生鲜" }\n'
               '[[files]]\nmatch = "books.md"\nscope = { category = "图书" }\n')  # fmt: skip
    base.write("fresh.md", postage("卖家", authority="category_rule"))
    base.write("books.md", postage("平台", authority="category_rule"))
    base.ingest()
    return base


@pytest.mark.parametrize("scope, text", [("生鲜", "卖家"), ("生鮮", "卖家"), ("图书", "平台")])
def test_the_more_specific_scope_wins_when_it_is_stated(scoped: Base, scope: str, text: str) -> None:
    answer = scoped.ask(POSTAGE_OF_A_RETURN, scope={"category": scope})
    assert text in (texts_of(answer) or "")


def test_a_scope_named_in_the_words_counts_and_is_said(scoped: Base) -> None:
    answer = scoped.ask("生鲜" + POSTAGE_OF_A_RETURN)
    assert "卖家" in (texts_of(answer) or "") and "生鲜" in answer.why
    assert answer.scope == {"category": "生鲜"}


def test_an_unknown_scope_dimension_is_a_bad_request_naming_the_known_ones(shop: Base) -> None:
    with pytest.raises(BadRequest, match=r"'plattform' is unknown; expected one of .*platform"):
        shop.ask(POSTAGE, scope={"plattform": "x"})


def test_of_two_rules_on_one_point_the_higher_authority_answers_and_says_so(base: Base) -> None:
    for authority, who in (("law", "买家"), ("script", "卖家")):
        base.write(f"{authority}.md", postage(who, authority=authority))
    base.ingest()
    answer = base.ask(POSTAGE_OF_A_RETURN)
    assert answer.citation is not None and answer.citation.version.authority == "law"
    assert "法律的效力高于话术" in answer.why and "效力更高" in answer.alternatives[0].lost_because


@pytest.mark.parametrize("what", ["停机", "复机"])
def test_of_equals_that_only_share_their_words_the_nearer_answers(base: Base, what: str) -> None:
    steps = "手机客户端的账号与安全页面里按照提示自助办理"
    for name, does in (("a", "停机"), ("b", "复机")):
        base.write(f"{name}.md", rule(f"会员可以在{steps}{does}，全部步骤大约需要几分钟。"))
    base.ingest()
    answer = base.ask(f"{steps}，{what}要几分钟")
    assert what in (texts_of(answer) or "") and "分不出先后" not in answer.why


def test_of_equals_that_contradict_each_other_one_answers_however_it_is_asked(base: Base) -> None:
    base.write("a.md", postage("买家"))
    base.write("b.md", postage("卖家"))
    base.ingest()
    questions = ["尺码不合适退货快递运费谁承担", "寄回商品所产生的快递运费应当由谁承担支付"]
    nearest = {base.assistant().search(Request(question), 1)[0].clause.document for question in questions}
    assert nearest == {"a.md", "b.md"}
    assert len({texts_of(base.ask(question)) for question in questions}) == 1


def test_clauses_for_another_scope_only_are_out_of_scope(base: Base) -> None:
    base.write("koujing.toml", '[[files]]\nmatch = "jd.md"\nscope = { platform = "京东" }\n')
    base.write("jd.md", rule("锂电池不得空运。"))
    base.write("other.md", rule("发票随货寄出。"))
    base.ingest()
    answer = base.ask("锂电池不得空运吗", scope={"platform": "桐里"})
    assert answer.reason is Reason.OUT_OF_SCOPE and "京东" in answer.why and answer.citation is None


# --- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["在吗", "您好", "？？？", "hello"])
def test_a_greeting_is_an_unclear_question(shop: Base, question: str) -> None:
    answer = shop.ask(question)
    assert answer.reason is Reason.UNCLEAR_QUESTION and answer.alternatives == ()


def test_what_no_clause_covers_is_no_policy_with_the_nearest_clauses(shop: Base) -> None:
    answer = shop.ask("火星上的氧气怎么收费")
    assert answer.reason is Reason.NO_POLICY and answer.citation is None and answer.quote == ""
    assert answer.alternatives


@pytest.mark.parametrize("question", ["", "  ", "\n"])
def test_an_empty_question_is_a_bad_request(shop: Base, question: str) -> None:
    with pytest.raises(BadRequest, match="empty"):
        shop.ask(question)


def test_whom_to_hand_it_to_comes_from_the_settings(shop: Base) -> None:
    from assistant.settings import AssistantSettings
    from tests.support import calibration

    home = shop.home
    assistant = Assistant(
        shop.snapshot(), shop.embedder, home.settings, AssistantSettings(escalate_to="值班主管"), calibration()
    )
    refused = assistant.ask(Request("火星上的氧气怎么收费"))
    assert refused.escalate is not None and refused.escalate.to == "值班主管"
    assert assistant.ask(Request(POSTAGE)).escalate is None


# --- what goes in ------------------------------------------------------------------------------------------------


def test_personal_data_does_not_come_back(shop: Base) -> None:
    answer = shop.ask("我的电话13812345678，无理由退货的运费由谁承担")
    assert answer.question == "我的电话[手机号]，无理由退货的运费由谁承担"
    assert answer.citation is not None


def test_a_chat_pasted_and_a_chat_given_are_read_alike(shop: Base) -> None:
    pasted = shop.ask("客户：我要无理由退货\n客服：好的\n客户：那运费呢，由谁承担")
    given = shop.ask("那运费呢，由谁承担", history=(Turn("customer", "我要无理由退货"), Turn("agent", "好的")))
    assert pasted.citation == given.citation is not None
    assert pasted.id == given.id


@pytest.mark.parametrize("language, word", [("en", "clause"), ("zh-Hans", "条")])
def test_reasons_are_in_the_language_asked_for(shop: Base, language: str, word: str) -> None:
    assert word in shop.ask(POSTAGE, language=language).why


@pytest.mark.parametrize("question", ["\0退货", "a" * 5000, "退" * 3000, "<script>", "%s%n", "{why}", "🙂" * 50])
def test_odd_text_is_answered_or_refused_but_never_breaks(shop: Base, question: str) -> None:
    assert shop.ask(question).status in (AnswerStatus.ANSWERED, AnswerStatus.ABSTAINED)


# --- opening ------------------------------------------------------------------------------------------------------


def test_another_embedder_than_the_snapshots_is_refused_naming_both(shop: Base) -> None:
    other = TinyEmbedder()
    other.id = "other@7"
    with pytest.raises(EmbedderMismatch, match=r"tiny@1.*other@7"):
        Assistant.open(shop.home, embedder=other)


def test_an_empty_home_says_how_to_begin(base: Base) -> None:
    with pytest.raises(NotFound, match="kb ingest PATH"):
        Assistant.open(base.home, embedder=base.embedder)


def test_an_impossible_line_is_a_settings_error(shop: Base) -> None:
    (shop.path / "settings.toml").write_text("[assistant]\nline = 1.5\n")
    with pytest.raises(SettingsError, match=r"assistant\.line is 1\.5"):
        Assistant.open(shop.home, embedder=shop.embedder)


def test_of_a_products_page_the_sentence_that_is_asked_for_is_quoted_not_the_one_that_names_it(base: Base) -> None:
    page = "# 商品页\n\n## 承诺\n\n- 鸣岳 U5 整机保修十年。\n- 三十日内不满意可以退货。\n- 一年内上门调律三次。\n"
    base.write("u5.md", front_matter(page, **{"scope.product": "鸣岳 U5"}))
    base.ingest()
    answer = base.ask("鸣岳 U5 上门调律")
    assert "调律三次" in answer.quote and "整机" not in answer.quote
    assert "保修十年" in base.ask("鸣岳 U5 整机保修").quote


@pytest.mark.parametrize("question", ["V3", "？？？", "返品の送料は誰が負担しますか", "반품 배송비는 누가 내나요"])
def test_reasons_that_have_no_words_in_the_questions_language_are_in_the_bases(shop: Base, question: str) -> None:
    assert shop.ask(question).agent_language == "zh"
    assert shop.ask(question, agent_language="en").agent_language == "en"
    assert shop.ask("who pays for the postage of a return").agent_language == "en"


def test_a_stated_value_that_no_document_is_for_is_said(base: Base) -> None:
    base.write("fresh.md", rule("生鲜商品签收后二十四小时内可以申请退款。", **{"scope.category": "生鲜"}))
    base.write("all.md", rule("无理由退货的运费由买家承担。"))
    base.ingest()
    assert "没有专门针对类目“彩妆”的文件" in base.ask("无理由退货的运费由谁承担", scope={"category": "彩妆"}).why
    assert "没有专门针对" not in base.ask("无理由退货的运费由谁承担", scope={"category": "生鲜"}).why


TABLE = """# 运费规则

第一条 往返运费由哪一方承担，按下表执行：

| 退货原因 | 退回运费 |
| --- | --- |
| 七天无理由 | 买家 |
| 质量问题 | 卖家 |

第二条 运费险由保险公司赔付。
"""


def test_a_clause_that_leads_a_table_in_goes_on_with_its_rows(base: Base) -> None:
    base.write("postage.md", TABLE)
    base.ingest()
    answer = base.ask("往返运费由哪一方承担，按下表执行")
    assert answer.citation is not None and answer.citation.clause.label == "第一条"
    assert [clause.text for clause in answer.continued] == ["| 七天无理由 | 买家 |", "| 质量问题 | 卖家 |"]
    assert base.ask("运费险由保险公司赔付").continued == ()


def test_a_row_that_is_changed_on_disk_is_not_shown_either(base: Base) -> None:
    base.write("postage.md", TABLE)
    base.ingest()
    assistant = base.assistant()
    file = assistant._snapshot.folder / "texts.bin"
    flip_byte(file, file.read_bytes().index("质量问题".encode()))
    assert assistant.ask(Request("往返运费由哪一方承担，按下表执行")).reason is Reason.UNSAFE
