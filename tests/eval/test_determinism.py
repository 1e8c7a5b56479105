"""The same bytes in other processes, and a difference that is found where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.types import Request
from eval.determinism import WAYS, determinism, digest
from eval.types import Case, EvalError
from tests.support import Base

# The other process with the tiny embedder; `{change}` is where one of them may be made to differ.
PROGRAM = """
import os, sys
sys.path.insert(0, {root!r})
import assistant.abstention, kb.embedding
from eval.determinism import main
from tests.support import TinyEmbedder, calibration_record
kb.embedding.BundledEmbedder = lambda *_: TinyEmbedder()
assistant.abstention._calibrations = lambda: {{TinyEmbedder.id: calibration_record({line})}}
main()
"""
CASES = [Case(str(n), Request(words), (), False, "suite") for n, words in enumerate(
    ["无理由退货的运费由谁承担", "商家多久发货", "预售商品什么时候发货", "退款要几小时", "退货 期限 \U0001f600"]
)]  # fmt: skip


def program(folder: Path, line: str) -> tuple[str, ...]:
    file = folder / "other.py"
    file.write_text(PROGRAM.format(root=str(Path(__file__).parents[2]), line=line))
    return (str(file),)


def test_other_processes_give_the_same_bytes(shop: Base, tiny_by_default: object, tmp_path: Path) -> None:
    assistant = shop.assistant()
    found = determinism(shop.home, assistant, CASES, assistant.now(), program=program(tmp_path, "0.4"))
    assert found["same"] and found["different"] == [] and found["cases"] == 5
    assert found["ways"] == {way.name: {"different": 0, "of": 5} for way in WAYS}


def test_another_answer_is_found_and_named(
    shop: Base, tiny_by_default: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.determinism.WAYS", WAYS[1:2])
    assistant = shop.assistant()
    refusing = program(tmp_path, "2.0")  # answers nothing
    found = determinism(shop.home, assistant, CASES, assistant.now(), program=refusing)
    answered = [case.id for case in CASES if assistant.ask(case.request).citation]
    assert answered and not found["same"] and found["different"] == answered
    assert found["ways"] == {WAYS[1].name: {"different": len(answered), "of": 5}}


def test_a_process_that_fails_is_no_proof(shop: Base, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("import sys; sys.exit('no memory left')")
    with pytest.raises(EvalError, match=r"\(another process\) ended with 1: no memory left"):
        determinism(shop.home, shop.assistant(), CASES, shop.assistant().now(), program=(str(tmp_path / "other.py"),))


def test_a_digest_is_of_everything_but_the_times(shop: Base) -> None:
    from dataclasses import replace

    answer = shop.ask("无理由退货的运费由谁承担")
    assert digest(replace(answer, timings_ms={"total": 1e9})) == digest(answer)
    for other in ({"confidence": 0.1}, {"why": "x"}, {"highlights": ((0, 1),)}, {"alternatives": ()}):
        assert digest(replace(answer, **other)) != digest(answer)
