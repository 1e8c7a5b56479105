"""A notice that changes single articles of another document has the last word on them from its day on."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant import Answer, Reason, Request
from kb.decisions import Decisions, Ruling, RulingKind, Subject
from tests.support import ZONE, Base, front_matter, on

NOW = datetime(2026, 11, 22, 15, tzinfo=ZONE)
RULES = """# 云栖退货规则

第一条 消费者自签收之日起七日内可以申请无理由退货，退回运费由消费者承担。

第二条 下列商品不支持无理由退货：

（一）鲜活易腐商品；

（二）定制商品；

（三）拆封的贴身衣物。

第三条 商家收到退货后应当在48小时内退款。商家拒收的，平台先行垫付。

第四条 每位消费者每年享受三次免运费退货。

第五条 换货的，商家应当在五日内发出新的商品。

第六条 本规则自2024年1月1日起施行。
"""
NOTICE = """# 关于修改《云栖退货规则》的通知

一、将第一条修改为：“消费者自签收之日起十五日内可以申请无理由退货，依照第五条换货的除外。”

二、第二条第（三）项修改为：“（三）拆封的贴身衣物、食品和化妆品。”

三、第三条中的“48小时”修改为“24小时”。

四、删去第四条。

五、增加一条，作为第六条：“消费者连续三次退回空包的，限制使用退货九十日。”

六、本通知自2025年7月1日起施行。
"""


STRUCK = "每位消费者每年享受几次免运费退货"


@pytest.fixture
def shop(base: Base) -> Base:
    base.write("rules.md", front_matter(RULES, authority="platform_rule"))
    base.write("notice.md", front_matter(NOTICE, authority="platform_rule"))
    base.ingest()
    return base


def ask(base: Base, question: str, **request) -> Answer:
    return base.assistant(line=0.05).ask(Request(question, **request), NOW)


def place(answer: Answer) -> tuple[str, str]:
    assert answer.citation is not None
    return answer.citation.clause.document, answer.citation.clause.label


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("退回运费由消费者承担吗", ("notice.md", "一")),  # the article is worded anew
        ("拆封的贴身衣物支持无理由退货吗", ("notice.md", "二")),  # its item
        ("商家收到退货后应当在几小时内退款", ("notice.md", "三")),  # its words
        ("定制商品支持无理由退货吗", ("rules.md", "第二条")),  # another item of it
        ("商家拒收的，平台先行垫付吗", ("rules.md", "第三条")),  # another sentence of it
        ("换货的，商家几日内发出新的商品", ("rules.md", "第五条")),  # named in what is quoted, not changed
        ("本规则自何时起施行", ("rules.md", "第六条")),  # an article more is not this one changed
    ],
)
def test_what_an_amended_article_would_answer_the_notice_answers(shop: Base, question: str, answers) -> None:
    assert place(ask(shop, question)) == answers


def test_the_answer_says_what_it_amends_and_shows_that_beside_it(shop: Base) -> None:
    answer = ask(shop, "商家收到退货后应当在几小时内退款")
    assert "24小时" in answer.quote and answer.decided is not None and answer.decided.rule == "amended"
    assert "它修改了《云栖退货规则》第三条" in answer.why
    first = answer.alternatives[0]
    assert (first.citation.clause.label, first.lost_because) == (
        "第三条",
        "已由《关于修改《云栖退货规则》的通知》三修改。",
    )


def test_an_article_that_was_struck_out_answers_no_more_and_the_answer_says_so(shop: Base) -> None:
    answer = ask(shop, STRUCK)
    assert answer.citation is None and answer.reason is Reason.NOT_IN_FORCE
    assert answer.why.startswith(
        "《云栖退货规则》第四条说的是这件事，但它已由《关于修改《云栖退货规则》的通知》四删去。"
    )
    assert answer.alternatives[0].citation.clause.label == "第四条"


@pytest.mark.parametrize(
    ("question", "stands", "says"),
    [
        ("云栖退货规则第四条怎么说", None, "已由《关于修改《云栖退货规则》的通知》四删去"),
        ("云栖退货规则第一条怎么说", ("notice.md", "一"), "它修改了《云栖退货规则》第一条"),
        ("云栖退货规则第二条怎么说", ("rules.md", "第二条"), "的一部分已由《关于修改《云栖退货规则》的通知》二修改"),
        ("云栖退货规则第三条怎么说", ("rules.md", "第三条"), "“48小时”已由"),
    ],
)
def test_an_article_asked_for_by_its_number_reads_as_amended(
    shop: Base, question: str, stands: tuple[str, str] | None, says: str
) -> None:
    answer = ask(shop, question)
    assert says in answer.why
    assert (place(answer) if answer.citation else None) == stands


def test_what_another_clause_answers_better_is_not_held_up_by_one_struck_out(shop: Base) -> None:
    assert place(ask(shop, "消费者签收后几日内可以申请无理由退货")) == ("notice.md", "一")


def test_an_answer_beside_an_amended_part_says_so(shop: Base) -> None:
    answer = ask(shop, "定制商品支持无理由退货吗")
    assert "这一条的其他部分已由《关于修改《云栖退货规则》的通知》二修改" in answer.why


@pytest.mark.parametrize("day", ["2025-06-30", "2024-03-01"])
def test_before_its_day_nothing_is_amended(shop: Base, day: str) -> None:
    assert place(ask(shop, STRUCK, as_of=on(day))) == ("rules.md", "第四条")


def test_what_was_bought_before_the_amendment_is_under_the_article(shop: Base) -> None:
    question = "我2025年5月1日买的，商家收到退货后应当在几小时内退款"
    assert place(ask(shop, question)) == ("rules.md", "第三条")
    assert place(ask(shop, question.replace("5月", "8月"))) == ("notice.md", "三")


@pytest.mark.parametrize(
    ("rules", "notice"),
    [
        (RULES.replace("2024年1月1日", "2025年7月1日"), NOTICE),  # the amended text, brought in
        (RULES, NOTICE.replace("六、本通知自2025年7月1日起施行。", "")),  # nobody knows from when on
        (RULES.replace("云栖退货规则", "云栖换货规则"), NOTICE),  # another document
        (RULES, NOTICE.replace("四、删去第四条。", "四、依照第四条，免运费退货三次。")),  # named, not changed
    ],
)
def test_an_article_that_is_not_amended_speaks_itself(base: Base, rules: str, notice: str) -> None:
    base.write("rules.md", front_matter(rules, authority="platform_rule"))
    base.write("notice.md", front_matter(notice, authority="platform_rule"))
    base.ingest()
    assert place(ask(base, STRUCK))[0] == "rules.md"


def test_a_text_of_less_authority_only_tells_of_a_change(base: Base) -> None:
    base.write("rules.md", front_matter(RULES, authority="platform_rule"))
    base.write("notice.md", front_matter(NOTICE, authority="help_article"))
    base.ingest()
    assert place(ask(base, STRUCK)) == ("rules.md", "第四条")


@pytest.mark.parametrize("kind", [RulingKind.OVERRIDES, RulingKind.NO_CONFLICT])
def test_a_ruling_comes_before_an_amendment(shop: Base, kind: RulingKind) -> None:
    clauses = {(c.document, c.label): Subject(c.id, c.sha256) for c in shop.snapshot().clauses}
    subjects = clauses["rules.md", "第四条"], clauses["notice.md", "四"]
    ruling = Ruling("r-1", kind, subjects, None, "", by="王敏", at="2026-03-01T17:00:00+00:00")
    shop.ingest(decisions=Decisions(rulings=(ruling,)))
    assert place(ask(shop, STRUCK)) == ("rules.md", "第四条")


def test_an_item_may_be_named_without_brackets(base: Base) -> None:
    base.write("rules.md", front_matter(RULES, authority="platform_rule"))
    base.write("notice.md", front_matter(NOTICE.replace("第（三）项", "第三项"), authority="platform_rule"))
    base.ingest()
    assert place(ask(base, "拆封的贴身衣物支持无理由退货吗")) == ("notice.md", "二")
    assert place(ask(base, "定制商品支持无理由退货吗")) == ("rules.md", "第二条")


def test_a_change_with_a_later_day_of_its_own_waits_for_it(base: Base) -> None:
    base.write("rules.md", front_matter(RULES, authority="platform_rule"))
    later = NOTICE.replace("修改为“24小时”。", "修改为“24小时”，自2026年12月1日起执行。")
    base.write("notice.md", front_matter(later, authority="platform_rule"))
    base.ingest()
    question = "商家收到退货后应当在几小时内退款"
    today, then = (ask(base, question, as_of=on(day)) for day in ("2026-11-30", "2026-12-01"))
    assert place(today) == ("rules.md", "第三条") and place(then) == ("notice.md", "三")
    assert today.id != then.id


def test_the_old_number_is_not_given_where_the_sentence_found_has_none(base: Base) -> None:
    rules = "# 云栖价保规则\n\n第一条 价保期为付款后15天。同一商品在商城降价的，退差价到原支付渠道。\n\n本规则自2024年1月1日起施行。\n"
    notice = (
        "# 关于修改《云栖价保规则》的通知\n\n一、将第一条中的“15天”修改为“30天”。\n\n二、本通知自2025年7月1日起施行。\n"
    )
    base.write("rules.md", front_matter(rules, authority="platform_rule"))
    base.write("notice.md", front_matter(notice, authority="platform_rule"))
    base.ingest()
    assert place(ask(base, "同一商品在商城降价，几天内能退差价")) == ("notice.md", "一")
    kept = ask(base, "同一商品在商城降价，差价退到哪个支付渠道")
    assert place(kept) == ("rules.md", "第一条") and "“15天”已由《关于修改《云栖价保规则》的通知》一修改" in kept.why
