"""What people see in a terminal is the whole clause."""

from __future__ import annotations

import pytest

from tests.support import Base
from ui.terminal import print_answer


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
