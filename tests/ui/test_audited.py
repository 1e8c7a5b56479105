"""Every answer is in the log, masked, and comes back from there byte for byte."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from assistant.types import Request, Rewrite, Turn
from kb.audit import Audit
from kb.decisions import Decisions, Ruling, RulingKind, Subject
from kb.errors import KbError, NotFound, StateError
from kb.state import FILE
from tests.support import RETURNS, SHIPPING, Base, at, front_matter
from ui import audited
from ui.audited import AuditedAssistant, digest, replay
from ui.publishing import Checks, decisions_of, publish_anew
from ui.types import Feedback, Verdict

PHONE, ORDER = "13812345678", "202611220001234"

QUESTIONS = [
    Request("无理由退货的运费由谁承担？"),
    Request(f"我手机号{PHONE}，订单{ORDER}，退货运费谁出？"),
    Request(f"客户：我叫王小明，电话{PHONE}\n客服：您好\n客户：七天内能退货吗？\n客服：稍等"),
    Request(f"张三 10:02:11\n签收后几天能退？我的邮箱是 zhang@example.com\n客服小李 10:02:30\n稍等\n张三 10:03:00\n{PHONE}"),
    Request("那运费呢？", history=(Turn("customer", f"{PHONE} 想退货"), Turn("agent", "可以"))),
    Request("去年双十一买的，现在还能退吗？"),
    Request("几天能退？", as_of=date(2025, 3, 1), language="en", top=1),
    Request("退货运费谁出？", agent_language="en"),
    Request("在吗"),
]  # fmt: skip


@pytest.fixture
def replaying(shop: Base, monkeypatch: pytest.MonkeyPatch) -> Base:
    monkeypatch.setattr(audited, "embedder_of", lambda identity, settings: shop.embedder)
    return shop


def asking(base: Base) -> AuditedAssistant:
    from assistant import Assistant

    return AuditedAssistant(Assistant.open(base.home, embedder=base.embedder), base.home, "cli")


@pytest.mark.parametrize("request_", QUESTIONS, ids=range(len(QUESTIONS)))
def test_a_logged_answer_comes_back_byte_for_byte_after_the_base_has_changed(replaying: Base, request_) -> None:
    given = asking(replaying).ask(request_)
    replaying.write("shipping.md", SHIPPING.replace("。", "，另行约定的除外。"))
    assert replaying.ingest().published
    again = replay(replaying.home, given.id)
    assert again.same and again.answer.snapshot == given.snapshot != replaying.home.require_current()
    assert digest(again.answer) == digest(given)


def test_no_personal_data_reaches_the_log(replaying: Base) -> None:
    assistant = asking(replaying)
    for request in QUESTIONS:
        assistant.ask(request)
    assistant.record_feedback(Feedback("a-1", "s-1", Verdict.WRONG, f"客户电话 {PHONE}"))
    written = b"".join(file.read_bytes() for file in replaying.path.glob(f"{FILE}*"))
    for private in (PHONE, ORDER, "zhang@example.com"):
        assert private.encode() not in written
    [feedback] = Audit(replaying.home).entries(kind="feedback")
    assert feedback.body == {"verdict": "wrong", "note": "客户电话 [手机号]", "question": None, "clause": None}


def test_feedback_is_kept_with_the_question_and_the_clause_that_it_is_about(replaying: Base) -> None:
    assistant = asking(replaying)
    given, _ = (assistant.ask(request) for request in QUESTIONS[:2])
    assistant.record_feedback(Feedback(given.id, given.snapshot, Verdict.WRONG))
    [feedback] = Audit(replaying.home).entries(kind="feedback")
    assert (feedback.subject, feedback.body["question"]) == (given.id, given.question)
    assert feedback.body["clause"] == (given.citation.clause.id if given.citation else None)


def test_a_replay_answers_with_the_settings_of_that_time(replaying: Base) -> None:
    settings = replaying.path / "settings.toml"
    settings.write_text("[assistant]\nline = 0.99\nescalate_to = '二线'\n")
    given = asking(replaying).ask(Request("今天天气怎么样，适合出门吗？"))
    settings.write_text("[assistant]\nline = 0.01\n")
    again = replay(replaying.home, given.id)
    assert again.same and again.answer.escalate is not None and again.answer.escalate.to == "二线"


def test_the_settings_are_logged_once_for_each_set_of_them(replaying: Base) -> None:
    for line in ("0.2", "0.2", "0.3"):
        (replaying.path / "settings.toml").write_text(f"[assistant]\nline = {line}\n")
        assistant = asking(replaying)
        for request in QUESTIONS[:2]:
            assistant.ask(request)
    assert [entry.body["assistant"]["line"] for entry in Audit(replaying.home).entries(kind="settings")] == [0.3, 0.2]


def test_an_answer_that_differs_now_is_said_to_differ(replaying: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    given = asking(replaying).ask(QUESTIONS[0])
    monkeypatch.setattr("assistant.engine._POOL", 1)  # another program than the one that answered
    assert replay(replaying.home, given.id).same is False


def test_an_answer_that_cannot_be_logged_is_not_given(replaying: Base) -> None:
    assistant = asking(replaying)
    (replaying.path / FILE).unlink(missing_ok=True)
    (replaying.path / FILE).mkdir()
    with pytest.raises(StateError, match=FILE):
        assistant.ask(QUESTIONS[0])


def test_what_cannot_be_replayed_says_why(replaying: Base) -> None:
    with pytest.raises(NotFound, match="kb audit"):
        replay(replaying.home, "a-unknown")
    given = asking(replaying).ask(QUESTIONS[0])
    (replaying.home.folder_of(given.snapshot) / "manifest.json").unlink()
    with pytest.raises(KbError, match=given.snapshot):
        replay(replaying.home, given.id)


@pytest.mark.parametrize(
    "request_", [QUESTIONS[0], QUESTIONS[5], Request("几天能退？", as_of=date(2026, 12, 1))], ids=range(3)
)
def test_an_answer_comes_back_as_it_was_though_the_rule_has_turned_since(replaying: Base, request_) -> None:
    replaying.write("returns.md", front_matter(RETURNS, effective_to="2026-11-30"))
    later = front_matter(RETURNS.replace("买家", "卖家"), effective_from="2026-12-01", supersedes="returns.md")
    replaying.write("returns-new.md", later)
    replaying.ingest()
    turn, instant = at("2026-12-01"), timedelta(microseconds=1)
    assistant = asking(replaying)
    given = [assistant.ask(request_, now) for now in (turn - instant, turn, turn + instant, turn + timedelta(days=400))]
    if request_.as_of is None:
        assert given[0].id != given[1].id, "the turn makes it another answer"
    replaying.write("returns-new.md", front_matter(RETURNS, effective_from="2027-01-01", supersedes="returns.md"))
    replaying.ingest()
    for answer in given:
        again = replay(replaying.home, answer.id)
        assert again.same and digest(again.answer) == digest(answer)


def test_an_answer_comes_back_as_it_was_though_decisions_have_changed_since(replaying: Base) -> None:
    def publish(*rulings: Ruling) -> str:
        decisions, check = Decisions(rulings=rulings), Checks(replaying.home, replaying.embedder)
        return publish_anew(replaying.home, replaying.embedder, decisions, check).snapshot

    question = Request("无理由退货的运费由谁承担")
    other = next(c for c in replaying.snapshot().clauses if "三日内发货" in c.text)
    means = Ruling(
        "r-1", RulingKind.MEANS, (Subject(other.id, other.sha256),), question.question, "x", "小周", "2026-11-22"
    )
    plain = asking(replaying).ask(question)
    ruled_in = publish(means)
    ruled = asking(replaying).ask(question)
    assert ruled.snapshot == ruled_in and ruled.citation is not None and ruled.citation.clause.id == other.id
    assert publish() == plain.snapshot
    for answer in (plain, ruled):
        assert replay(replaying.home, answer.id).same
    assert asking(replaying).ask(question).id == plain.id


def test_an_answer_helped_by_a_rewrite_comes_back_without_the_model(replaying: Base) -> None:
    from assistant import Assistant

    engine = Assistant(
        replaying.snapshot(),
        replaying.embedder,
        replaying.home.settings,
        rewriter=lambda question, history: Rewrite("电池的保修期"),
    )
    given = AuditedAssistant(engine, replaying.home, "cli").ask(Request("坏了能修吗"))
    assert given.rewrite == Rewrite("电池的保修期")
    again = replay(replaying.home, given.id)
    assert again.answer.rewrite == given.rewrite and digest(again.answer) == digest(given)


def test_an_answer_is_replayed_with_the_lexicon_of_its_time(replaying: Base) -> None:
    file = replaying.path / "lexicon.csv"
    file.write_text("said,means\n打水漂,退款\n", encoding="utf-8")
    publish_anew(
        replaying.home, replaying.embedder, decisions_of(replaying.home), Checks(replaying.home, replaying.embedder)
    )
    given = asking(replaying).ask(Request("钱打水漂了"))
    file.write_text("said,means\n打水漂,发货\n", encoding="utf-8")
    publish_anew(
        replaying.home, replaying.embedder, decisions_of(replaying.home), Checks(replaying.home, replaying.embedder)
    )
    assert replaying.snapshot().id != given.snapshot
    assert digest(replay(replaying.home, given.id).answer) == digest(given)
