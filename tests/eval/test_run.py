"""A run over a small base: every case asked, measured and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.run import evaluate
from eval.stages import STAGES
from eval.types import EvalError, result_of
from tests.support import Base

CASES = [
    {"id": "1", "intent": "postage", "style": "plain", "question": "无理由退货的运费由谁承担",
     "gold": [{"document": "returns.md", "label": "第二条"}]},
    {"id": "2", "intent": "postage", "style": "plain", "question": "退货运费由买家承担吗",
     "gold": [{"document": "returns.md", "label": "第二条"}]},
    {"id": "3", "question": "商家多久发货", "gold": [{"document": "returns.md", "label": "第三条"}]},
    {"id": "4", "question": "火星上的氧气怎么收费", "answerable": False},
]  # fmt: skip


@pytest.fixture
def cases(tmp_path: Path) -> str:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case, ensure_ascii=False) for case in CASES))
    return str(file)


def test_a_run_measures_what_was_answered(shop: Base, cases: str) -> None:
    ticks: list[tuple[int, int]] = []
    run = evaluate(shop.assistant(), [cases], lambda done, total: ticks.append((done, total)), compare_stages=True)
    assert (run.measures["answerable"], run.measures["unanswerable"]) == (3, 1)
    assert run.measures["right"] == round(2 / 3, 4)  # the third case's gold is wrong on purpose
    assert run.measures["wrong_answers"] == 0.0 and run.measures["same_clause"] == 1.0
    assert run.measures["quote_fidelity"] == 1.0
    assert ticks[:4] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert set(run.stages) == set(STAGES) >= {"dense alone", "lexical alone", "shipped"}
    assert run.snapshot == shop.home.require_current()


def test_a_run_is_kept_with_every_case_beside_the_means(shop: Base, cases: str, tmp_path: Path) -> None:
    evaluate(shop.assistant(), [cases], lambda done, total: None).write(tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["cases"] == 4 and summary["embedder"] == "tiny@1" and summary["machine"]
    rows = [json.loads(line) for line in (tmp_path / "out" / "cases.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["right"] for row in rows] == [True, True, False, True]


def test_a_suite_without_a_case_is_refused(shop: Base, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(EvalError, match="no case"):
        evaluate(shop.assistant(), [str(tmp_path / "empty.jsonl")], lambda done, total: None)


def test_an_abstention_is_scored_by_its_nearest_clause_as_well(shop: Base, cases: str) -> None:
    from eval.suites import load

    case = load([cases])[0]
    refused = shop.assistant(line=1.1).ask(case.request)
    scored = result_of(case, refused)
    assert (scored.answered, scored.right, scored.best_right) == (False, False, True)
