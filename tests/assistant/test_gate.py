"""Whose answers a publish would change, and which of them stop it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import Assistant
from assistant.changes import Cause
from assistant.gate import Gold, OnceEmbedded, Outcome, Question, Source, replay
from assistant.types import Request
from tests.support import RETURNS, Base, TinyEmbedder, at, calibration, front_matter
from ui.errors import UsageError
from ui.review import read_cases

NOW = at("2026-11-22")
FREIGHT = Request("无理由退货的运费由谁承担")
CHARGED = "运费由买家承担"


def question(request: Request = FREIGHT, source: Source = Source.MUST_NOT_CHANGE, **row) -> Question:
    return Question(request, source, "here", **row)


def gate(base: Base, change, *questions: Question, embedder=None) -> Outcome:
    """Asks before and after `change`."""
    before = base.home.require_current()
    change(base)
    names = before, base.ingest().snapshot
    embedder = embedder or base.embedder
    old, new = (
        Assistant(base.snapshot(name), embedder, base.home.settings, calibration=calibration()) for name in names
    )
    return replay(old, new, questions, NOW)


def edit(base: Base) -> None:
    base.write("returns.md", RETURNS.replace("由买家承担", "由商家承担"))


def typo(base: Base) -> None:
    base.write("returns.md", RETURNS.replace("商品有质量问题的", "商品质量有问题的"))


def aside(base: Base) -> None:
    base.write("returns.md", RETURNS.replace("四十八小时", "二十四小时"))


def retire(base: Base) -> None:
    (base.sources / "returns.md").unlink()


@pytest.mark.parametrize("source", Source)
def test_a_changed_answer_is_shown_and_stops_only_where_it_must_not_change(shop: Base, source: Source) -> None:
    outcome = gate(shop, edit, question(source=source))
    [replayed] = outcome.changed
    assert outcome.asked == 1 and replayed.change.cause is Cause.EDITED
    assert (
        replayed.blocks is (source is Source.MUST_NOT_CHANGE)
        and (outcome.blocking == outcome.changed) is replayed.blocks
    )


def test_an_answer_that_stays_is_asked_and_not_shown(shop: Base) -> None:
    outcome = gate(shop, aside, question())
    assert outcome == Outcome(1, ())


def test_a_retired_clause_stops_the_publish_with_its_cause(shop: Base) -> None:
    [replayed] = gate(shop, retire, question(gold=(Gold("returns.md", "第二条"),))).blocking
    assert replayed.change.cause is Cause.RETIRED  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("change", "gold", "blocks"),
    [
        (typo, Gold("returns.md", "第二条"), True),  # the clause is right, its words are others
        (typo, Gold("returns.md", "第二条", CHARGED), False),  # the words that count still stand
        (edit, Gold("returns.md", "第二条", CHARGED), True),
        (edit, Gold("returns.md", "第二条", "由商家承担。商品有"), False),  # wrong before, right now
    ],
)
def test_gold_says_which_words_must_not_change(shop: Base, change, gold: Gold, blocks: bool) -> None:
    [replayed] = gate(shop, change, question(gold=(gold,))).changed
    assert replayed.blocks is blocks


def test_a_question_without_an_answer_may_lose_one_and_must_not_gain_one(shop: Base) -> None:
    def cover(base: Base) -> None:
        base.write("gift.md", "第一条 礼品卡 礼品卡 的 余额 可以 提现。\n")

    ask = Request("礼品卡 余额 可以 提现")
    gained = gate(shop, cover, question(ask, answerable=False))
    assert [replayed.blocks for replayed in gained.changed] == [True]

    def uncover(base: Base) -> None:
        (base.sources / "gift.md").unlink()

    lost = gate(shop, uncover, question(ask, answerable=False))
    assert [replayed.blocks for replayed in lost.changed] == [False]


def test_a_request_in_several_sets_is_asked_once_for_the_strictest(shop: Base) -> None:
    embedder = TinyEmbedder()
    asked: list[str] = []
    counting = OnceEmbedded(embedder)
    plain = embedder.embed_question
    embedder.embed_question = lambda text: (asked.append(text), plain(text))[1]  # type: ignore[method-assign]
    sets = [question(source=source) for source in reversed(Source)]
    outcome = gate(shop, edit, *sets, question(Request(FREIGHT.question, top=1, language="en")), embedder=counting)
    assert outcome.asked == 1 and [r.question.source for r in outcome.changed] == [Source.MUST_NOT_CHANGE]
    assert len(asked) == 1, "embedded once for both snapshots"


def test_a_question_for_a_scope_that_is_gone_is_named_and_not_passed_over(shop: Base) -> None:
    shop.write("returns.md", front_matter(RETURNS, **{"scope.brand": "云上"}))
    shop.ingest()
    lost = Request(FREIGHT.question, scope={"brand": "云上"})

    def unscope(base: Base) -> None:
        base.write("returns.md", RETURNS)

    outcome = gate(
        shop, unscope, question(lost), question(lost, Source.RECENT), question(Request("x", scope={"no": "1"}))
    )
    assert [(u.question.request.scope, u.blocks) for u in outcome.unasked] == [
        ({"brand": "云上"}, True),
        ({"no": "1"}, False),
    ]
    assert outcome.blocking == (outcome.unasked[0],)


def test_rows_are_requests_or_cases(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(
        '几天能退？\n{"id": "1", "question": "运费呢", "gold": [{"document": "a.md", "label": "第二条"}]}\n'
        '{"question": "能飞吗", "answerable": false}\n'
    )
    cases = read_cases(file, Source.GOLDEN)
    assert [case.request.question for case in cases] == ["几天能退？", "运费呢", "能飞吗"]
    assert [(case.gold, case.answerable) for case in cases] == [
        ((), True), ((Gold("a.md", "第二条"),), True), ((), False),
    ]  # fmt: skip
    assert [case.states_gold for case in cases] == [False, True, True] and cases[1].where == "q.jsonl, line 2"


@pytest.mark.parametrize("row", ['{"question": "a", "gold": ["x"]}', '{"question": "a", "gold": 3}', '{"question": "a", "answerable": "no"}', '{"question": "a", "gold": [{"label": "1"}]}'])  # fmt: skip
def test_a_row_whose_gold_is_none_is_named(tmp_path: Path, row: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(f"x\n{row}\n")
    with pytest.raises(UsageError, match="line 2"):
        read_cases(file, Source.GOLDEN)
