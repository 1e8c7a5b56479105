"""What people see in a terminal is the whole clause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.types import Reply
from tests.support import Base
from ui.terminal import print_answer, print_snapshots


def test_a_long_clause_is_printed_whole_however_narrow_the_terminal(
    base: Base, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    clause = "第一条 " + "买家签收后七日内可以申请退货且运费由卖家承担，" * 8 + "另有约定的除外。"
    base.write("rules.md", f"# 规则\n\n{clause}\n")
    base.ingest()
    print_answer(base.ask("买家签收后几日内可以申请退货"))
    assert clause in capsys.readouterr().out


@pytest.mark.parametrize(("language", "said", "not_said"), [("zh", "把握 ", "Confidence"), ("en", "In force ", "施行")])
def test_what_stands_around_the_clause_is_in_the_language_of_the_reasons(
    shop: Base, capsys: pytest.CaptureFixture[str], language: str, said: str, not_said: str
) -> None:
    print_answer(shop.ask("无理由退货的运费由谁承担", language=language))
    shown = capsys.readouterr().out
    assert said in shown and not_said not in shown


def test_the_scope_and_the_reason_are_said_in_words(shop: Base, capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(shop.ask("你们老板叫什么名字", language="zh"))
    assert "知识库里没有规定覆盖这个问题" in capsys.readouterr().out


def test_the_approved_reply_is_printed_with_what_is_to_be_filled_in(
    shop: Base, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = Reply("您好，订单{订单号}的运费由您承担。", "zh-Hans", "freight", "warm", ("订单号",))
    answer = shop.ask("无理由退货的运费由谁承担", language="zh")
    print_answer(replace(answer, reply=reply, replies=(reply,)))
    shown = capsys.readouterr().out
    assert reply.text in shown and "话术 freight · 语气：warm" in shown and "请填写：订单号" in shown


def test_the_columns_of_snapshots_stand_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    about = {"created_at": "2026-11-22T09:00:00", "counts": {"documents": 1, "clauses": 2}}
    rows = [{"id": f"s-00000000000{n}", "current": n == 1, "published_before": n == 2, **about} for n in (1, 2, 3)]
    print_snapshots({"snapshots": rows})
    lines = capsys.readouterr().out.splitlines()
    assert len({line.index("2026-11-22") for line in lines}) == 1
