"""`kb eval` in process with the tiny embedder: tables, files, the gate, and what is said beside the figures."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import Base, TinyEmbedder
from ui import cli

CASES = [
    {"id": "1", "intent": "postage", "style": "plain", "question": "无理由退货的运费由谁承担",
     "gold": [{"document": "returns.md", "label": "第二条"}]},
    {"id": "2", "intent": "postage", "style": "noisy", "question": "退货运费由买家承担吗",
     "gold": [{"document": "returns.md", "label": "第二条"}]},
    {"id": "3", "style": "plain", "question": "火星上的氧气怎么收费", "answerable": False},
]  # fmt: skip

Ran = Callable[..., tuple[int, str, str]]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(case, ensure_ascii=False) for case in CASES))
    return file


@pytest.fixture
def kb_eval(shop: Base, tiny_by_default: TinyEmbedder, monkeypatch: pytest.MonkeyPatch, capsys) -> Ran:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.setattr(sys, "argv", ["kb", "--home", str(shop.path), "eval", *map(str, arguments)])
        capsys.readouterr()
        status = 0
        try:
            cli.main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        return status, *capsys.readouterr()

    return run


def thresholds(folder: Path, least: float) -> Path:
    file = folder / "thresholds.toml"
    file.write_text(f'[[threshold]]\nsuite = "questions"\nmeasure = "right"\nmin = {least}\n')
    return file


def test_the_table_is_short_and_names_the_figures(kb_eval: Ran, suite: Path) -> None:
    status, out, err = kb_eval(suite)
    assert (status, err) == (0, "")
    rows = {line.split("  ")[0].strip(): line for line in out.splitlines()}
    assert "100.0%" in rows["answered with the right clause"] and "2 answerable, 1 unanswerable, 1 intents" in out
    assert "0.0%" in rows["unanswerable, answered all the same"]
    assert any(line.split()[:2] == ["noisy", "1"] for line in out.splitlines())
    assert len(out.splitlines()) < 60


def test_the_json_is_the_summary_and_nothing_else(kb_eval: Ran, suite: Path, tmp_path: Path) -> None:
    status, out, _ = kb_eval(suite, "--json", "--out", tmp_path / "run")
    assert status == 0 and json.loads(out) == json.loads((tmp_path / "run" / "summary.json").read_text())
    figure = json.loads(out)["measures"]["right"]
    assert (figure["value"], figure["n"]) == (1.0, 2) and set(figure) == {"value", "low", "high", "n"}


def test_a_second_run_with_nothing_changed_says_so(kb_eval: Ran, suite: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = kb_eval(suite, "--out", folder)
    assert "Nothing changed" not in first[1] and sorted(file.name for file in folder.iterdir()) == [
        "cases.jsonl", "report.html", "summary.json"
    ]  # fmt: skip
    status, out, err = kb_eval(suite, "--out", folder)
    assert status == 0 and "Nothing changed: 3 cases, the same answers with the same confidence." in out
    assert "report.html" in err
    assert json.loads((folder / "summary.json").read_text())["compared"]["shared"] == 3


def test_a_run_is_compared_with_the_one_that_is_named(kb_eval: Ran, suite: Path, shop: Base, tmp_path: Path) -> None:
    kb_eval(suite, "--out", tmp_path / "before")
    shop.write("returns.md", "# 退货规则\n\n第一条 运费由平台承担。\n")
    shop.ingest()
    status, out, err = kb_eval(suite, "--against", tmp_path / "before")
    assert status == 0 and "2 worse" in out and "snapshot: " in out
    assert "2 answerable cases have no right clause in this base (of returns.md)" in err
    status, _, err = kb_eval(suite, "--against", tmp_path / "nowhere")
    assert status == 1 and "holds no run that can be read" in err


def test_a_damaged_earlier_run_is_told_and_the_new_one_kept(kb_eval: Ran, suite: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "summary.json").write_text("{")
    status, _, err = kb_eval(suite, "--out", folder)
    assert status == 0 and "not compared" in err and json.loads((folder / "summary.json").read_text())["cases"] == 3


def test_the_gate_passes_or_fails_with_a_plain_line(kb_eval: Ran, suite: Path, tmp_path: Path) -> None:
    status, out, _ = kb_eval(suite, "--gate", "--thresholds", thresholds(tmp_path, 0.9))
    assert status == 0 and "Gate: 1 of 1 thresholds held." in out
    status, out, _ = kb_eval(suite, "--gate", "--thresholds", thresholds(tmp_path, 1.1))
    assert status == 1 and "gate questions · right: 1; expected at least 1.1." in out
    status, out, err = kb_eval(suite, "--gate", "--thresholds", thresholds(tmp_path, 1.1), "--json")
    assert status == 1 and json.loads(out)["gate"][0]["ok"] is False and "expected at least 1.1" in err


def test_wrong_thresholds_are_refused_before_anything_is_asked(
    kb_eval: Ran, suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.verb.ask", None)
    status, _, err = kb_eval(suite, "--thresholds", tmp_path / "none.toml")
    assert status == 1 and "cannot be read" in err and len(err.splitlines()) == 1
    (tmp_path / "file").write_text("")
    status, _, err = kb_eval(suite, "--out", tmp_path / "file" / "run")
    assert status == 1 and len(err.splitlines()) == 1


def test_noise_baselines_and_ingredients_stand_beside_the_figures(kb_eval: Ran, suite: Path) -> None:
    status, out, _ = kb_eval(suite, "--noise", 1, "--noise-cases", 2, "--baselines", "--ingredients", "--json")
    summary = json.loads(out)
    assert status == 0
    assert {"dense", "bm25", "rrf", "llamaindex"} <= set(summary["baselines"])
    assert summary["baselines"]["bm25"]["measures"]["first"]["n"] == 2
    assert summary["ingredients"]["questions"]["full"]["first"]["value"] == 1.0
    assert summary["noise"] and all("same_first" in figures for figures in summary["noise"].values())
