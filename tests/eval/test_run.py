"""A run over a small base: every case asked, measured, kept and read again."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.analysis import Analysis
from assistant.types import Request
from eval.ingredients import alone, ingredients, without
from eval.remembering import Remembering
from eval.run import evaluate, under_noise, with_baselines
from eval.suites import load
from eval.types import CaseResult, EvalError, Run, result_of
from kb.search import Weights
from tests.support import Base, TinyEmbedder, calibration, on

CASES = [
    {"id": "1", "intent": "postage", "style": "plain", "question": "无理由退货的运费由谁承担",
     "gold": [{"document": "returns.md", "label": "第二条"}]},
    {"id": "2", "intent": "postage", "style": "plain", "question": "退货运费由买家承担吗",
     "gold": [{"document": "returns.md", "label": "第二条"}]},
    {"id": "3", "question": "商家多久发货", "gold": [{"document": "returns.md", "label": "第三条"}]},
    {"id": "4", "question": "火星上的氧气怎么收费", "answerable": False},
]  # fmt: skip


def quiet(done: int, total: int) -> None:
    pass


@pytest.fixture
def cases(tmp_path: Path) -> list:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case, ensure_ascii=False) for case in CASES))
    return load([str(file)])


def test_a_run_measures_what_was_answered(shop: Base, cases: list) -> None:
    ticks: list[tuple[int, int]] = []
    run = evaluate(shop.assistant(), cases, lambda done, total: ticks.append((done, total)))
    summary, measures = run.summary, run.summary["measures"]
    assert (summary["answerable"], summary["unanswerable"], summary["intents"]) == (3, 1, 1)
    assert measures["right"]["value"] == round(2 / 3, 4)  # the third case's gold is wrong on purpose
    assert measures["wrong_answers"]["value"] == 0.0 and measures["same_clause"]["value"] == 1.0
    assert measures["quote_fidelity"] == {"value": 1.0, "low": 0.025, "high": 1.0, "n": 2}  # one intent's
    assert measures["in_ten"]["value"] == 1.0  # five clauses: the gold one is among them
    assert ticks == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert summary["snapshot"] == shop.home.require_current() and summary["settings"]["line"] == 0.4
    assert set(summary["latency"]) >= {"understand", "embed", "decide", "total", "rest / embedding"}


def test_a_run_is_kept_and_read_again_as_it_was(shop: Base, cases: list, tmp_path: Path) -> None:
    dated = replace(cases[0], id="5", request=Request("退货运费", as_of=on("2025-01-02"), scope={"platform": "京东"}))
    run = evaluate(shop.assistant(), [*cases, dated], quiet)
    run = with_baselines(run, {"echo": run.cases})
    run.write(tmp_path / "out")
    again = Run.load(tmp_path / "out")
    assert again.summary == json.loads(json.dumps(run.summary))
    assert again.rows() == run.rows() and [row["id"] for row in run.rows()] == ["1", "2", "3", "4", "5"]
    assert [r.case.request for r in again.cases] == [r.case.request for r in run.cases]
    assert [(b.case.id, b.rank, b.best) for b in again.baselines["echo"]] == [
        (r.case.id, r.rank, r.best) for r in run.cases
    ]
    assert run.summary["baselines"]["echo"]["measures"]["first"]["difference"]["difference"] == 0.0


def test_personal_data_are_masked_in_what_is_kept(shop: Base, cases: list) -> None:
    called = replace(cases[0], request=Request("退货运费谁出？我的电话是13812345678"))
    (row,) = evaluate(shop.assistant(), [called], quiet).rows()
    assert "13812345678" not in json.dumps(row, ensure_ascii=False) and "退货运费谁出" in row["question"]


@pytest.mark.parametrize("damage", ["", "{", '{"format": 0}', '{"format": 1}'])
def test_a_folder_without_a_run_is_refused(damage: str, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(damage)
    with pytest.raises(EvalError, match="holds no run that can be read|has format 0; expected 1"):
        Run.load(tmp_path)


def test_a_run_that_was_cut_off_while_it_was_written_is_none(
    shop: Base, cases: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = evaluate(shop.assistant(), cases, quiet)
    run.write(tmp_path)
    replaced = os.replace
    for cut in (1, 2):
        steps: list[Path] = []

        def until_cut(part: Path, whole: Path, steps: list[Path] = steps, cut: int = cut) -> None:
            steps.append(whole)
            if len(steps) == cut:
                raise OSError("no space left")
            replaced(part, whole)

        with monkeypatch.context() as patch, pytest.raises(OSError, match="no space left"):
            patch.setattr("eval.types.os.replace", until_cut)
            run.write(tmp_path)
        with pytest.raises(EvalError, match="holds no run"):
            Run.load(tmp_path)
    run.write(tmp_path)
    assert Run.load(tmp_path).rows() == run.rows()


def test_without_a_case_nothing_is_measured(shop: Base) -> None:
    with pytest.raises(EvalError, match="no case to ask"):
        evaluate(shop.assistant(), [], quiet)


def test_an_abstention_is_scored_by_its_nearest_clause_as_well(shop: Base, cases: list) -> None:
    refused = shop.assistant(line=1.1).ask(cases[0].request)
    scored = result_of(cases[0], refused)
    assert (scored.answered, scored.right, scored.first, scored.clause) == (False, False, True, None)
    assert scored.best is not None and scored.best.label == "第二条"


def test_the_right_clause_is_named_also_where_it_was_not_first(shop: Base, cases: list) -> None:
    run = evaluate(shop.assistant(), cases, quiet)
    third = run.cases[2]
    assert third.rank is not None and third.rank > 1 and third.lost_because
    assert third.gold_clause is not None and third.gold_clause.text.startswith("第三条 商家应当在收到退货后")
    assert run.cases[3].gold_clause is None and run.cases[3].rank is None


def test_a_question_that_many_cases_ask_is_embedded_once_and_where_time_is_measured_again(
    shop: Base, cases: list
) -> None:
    asked: list[str] = []

    class Counting(TinyEmbedder):
        def embed_question(self, text: str):
            asked.append(text)
            return super().embed_question(text)

    memory = Remembering(Counting())
    assistant = Assistant(shop.snapshot(), memory, shop.home.settings, calibration=calibration())
    same = [replace(cases[0], id=str(n)) for n in range(3)]
    run = evaluate(assistant, same, quiet, memory=memory)
    words = cases[0].request.question
    assert asked.count(words) == 1 + 3  # once in the run, three times for the latency
    assert all(result.timings_ms["embed"] >= 0 for result in run.cases)


def test_noise_is_measured_against_the_answers_without_it(shop: Base, cases: list) -> None:
    run = evaluate(shop.assistant(), cases, quiet)
    other = replace(cases[0], request=Request("商家应当在付款后几日内发货"))
    one, two = run.cases[:2]
    noised = {"none": [(one, cases[0]), (two, cases[1])], "other words": [(one, other), (two, cases[1])]}
    figures = under_noise(shop.assistant(), run, noised, quiet)
    assert figures["none"]["same_first"]["value"] == figures["none"]["same_clause"]["value"] == 1.0
    assert figures["other words"]["same_first"]["value"] == 1 / 2
    assert figures["other words"]["first"]["value"] == 1 / 2 and figures["other words"]["first_without"]["value"] == 1.0


def test_leaving_an_ingredient_out_is_measured_against_the_whole_ranking(shop: Base, cases: list) -> None:
    ticks: list[tuple[int, int]] = []
    steps: list[Analysis] = []

    def analysing(analysis: Analysis) -> Assistant:
        steps.append(analysis)
        return Assistant(
            shop.snapshot(), shop.embedder, shop.home.settings, calibration=calibration(), analysis=analysis
        )

    found = ingredients(shop.assistant(), cases, lambda done, total: ticks.append((done, total)), analysing)
    assert set(found["without"]) == set(without(Weights())) and set(found["alone"]) == set(alone())
    assert without(Weights())["sentence"] == replace(Weights(), sentence=0.0)
    assert without(Weights())["analysis: lexicon"] == Analysis(lexicon=False)
    assert found["full"]["first"] == {"value": round(2 / 3, 4), "low": 0.0, "high": 1.0, "n": 3}
    # with five clauses and shared words the language and the headings decide nothing
    assert found["without"]["language"]["first"]["difference"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert (
        steps == [step for step in without(Weights()).values() if isinstance(step, Analysis)]
        and Analysis() not in steps
    )
    assert ticks[-1] == ((1 + len(without(Weights())) + len(alone())) * 3,) * 2


def test_a_case_that_says_what_day_it_is_is_asked_on_that_day(base: Base) -> None:
    base.write("a.md", "---\neffective_from: 2025-01-01\neffective_to: 2025-12-31\n---\n第一条 七日内可以退货。\n")
    base.ingest()
    row = {"id": "1", "question": "几日内可以退货", "gold": [{"document": "a.md", "label": "第一条"}]}
    file = base.sources.parent / "q.jsonl"
    file.write_text(json.dumps(row))
    (case,) = load([str(file)])
    asked: dict[bool, CaseResult] = {}
    for within in (True, False):
        day = on("2025-06-01" if within else "2026-06-01")
        (asked[within],) = evaluate(base.assistant(), [replace(case, asked_on=day)], quiet).cases
    assert asked[True].right and not asked[False].answered
