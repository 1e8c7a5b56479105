"""Thresholds: read from a file, held against a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval import gate
from eval.types import CaseResult, EvalError, Run
from tests.eval.made import result, run


def thresholds(folder: Path, text: str) -> list[gate.Threshold]:
    file = folder / "thresholds.toml"
    file.write_text(text)
    return gate.read(file)


def one(**values: object) -> str:
    def written(value: object) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f'{key} = "{group}"' for key, group in value.items()) + "}"
        return f'"{value}"' if isinstance(value, str) else str(value)

    return "[[threshold]]\n" + "\n".join(f"{name} = {written(value)}" for name, value in values.items()) + "\n"


def verdicts(made: Run, folder: Path, text: str) -> list[bool]:
    return [check.ok for check in gate.check(made, thresholds(folder, text))[0]]


SOME = run(
    result(id="1", style="plain", suite="sample.rules"),
    result("other", id="2", style="noisy", suite="sample.rules"),
    result(id="3", style="noisy", suite="sample.chats", timings={"total": 30.0, "embed": 20.0}),
    result("other", id="4", answerable=False, suite="sample.chats"),
)


@pytest.mark.parametrize(
    ("threshold", "ok"),
    [
        ({"measure": "right", "min": 0.66}, True),  # two of three
        ({"measure": "right", "min": 0.67}, False),
        ({"measure": "wrong_answers", "max": 0.99}, False),
        ({"measure": "wrong_answers", "max": 1.0}, True),
        ({"measure": "right", "suite": "sample.rules", "min": 0.51}, False),
        ({"measure": "right", "suite": "sample.chats", "min": 1.0}, True),
        ({"measure": "right", "suite": "sample", "group": {"style": "noisy"}, "min": 0.51}, False),
        ({"measure": "right", "suite": "sample", "group": {"style": "plain"}, "min": 1.0}, True),
        ({"measure": "p50_ms", "max": 30.0}, True),
        ({"measure": "rest_beside_embedding", "max": 0.49}, False),  # 10 / 20
    ],
)
def test_a_threshold_holds_or_not(threshold: dict, ok: bool, tmp_path: Path) -> None:
    assert verdicts(SOME, tmp_path, one(**threshold)) == [ok]


def test_a_failure_is_one_plain_line(tmp_path: Path) -> None:
    text = one(measure="right", suite="sample", group={"style": "noisy"}, min=0.9)
    ((check,), _) = gate.check(SOME, thresholds(tmp_path, text))
    assert check.line == "sample · style noisy · right: 0.5; expected at least 0.9."
    assert check.to_json() == {
        "name": "sample · style noisy · right",
        "value": 0.5,
        "limit": "at least 0.9",
        "ok": False,
    }


def test_a_measure_with_nothing_to_count_fails_where_its_suite_was_asked(tmp_path: Path) -> None:
    text = one(measure="right_of_sure", suite="sample", min=0.9) + one(
        measure="right", group={"style": "chat"}, min=0.0
    )
    checks, idle = gate.check(SOME, thresholds(tmp_path, text))
    assert [check.ok for check in checks] == [False, False] and idle == []
    assert checks[0].line == "sample · right_of_sure: nothing to measure; expected at least 0.9."


def test_a_threshold_on_a_suite_that_was_not_asked_is_named_and_not_checked(tmp_path: Path) -> None:
    text = one(measure="right", suite="statutes", min=0.5) + one(measure="right", suite="sample", min=0.5)
    checks, idle = gate.check(SOME, thresholds(tmp_path, text))
    assert [check.threshold.suite for check in checks] == ["sample"] and [t.suite for t in idle] == ["statutes"]


def test_a_gate_that_checks_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=r"No threshold is about what was asked .* about statutes"):
        gate.check(SOME, thresholds(tmp_path, one(measure="right", suite="statutes", min=0.5)))


def many(right: int) -> tuple[CaseResult, ...]:
    return tuple(result("right" if n < right else "other", id=str(n)) for n in range(100))


@pytest.mark.parametrize(
    ("now", "worse_by", "ok"),
    [
        (80, 0.02, True),
        (90, 0.02, True),
        (79, 0.0, True),  # one of a hundred may be chance
        (70, 0.02, False),  # ten are not
        (70, 0.2, True),
    ],
)
def test_a_run_must_be_no_worse_than_a_kept_one_and_surely_so(
    now: int, worse_by: float, ok: bool, tmp_path: Path
) -> None:
    run(*many(80), version="1").write(tmp_path / "kept")
    text = one(measure="right", against="kept", worse_by=worse_by)
    assert verdicts(run(*many(now)), tmp_path, text) == [ok]


def test_of_a_cost_more_is_worse(tmp_path: Path) -> None:
    def refused(fell: int) -> Run:
        return run(*(result("other", answered=n < fell, answerable=False, id=str(n)) for n in range(100)))

    refused(20).write(tmp_path / "kept")
    text = one(measure="wrong_answers", against="kept", worse_by=0.02)
    assert verdicts(refused(40), tmp_path, text) == [False] and verdicts(refused(5), tmp_path, text) == [True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no thresholds"),
        ("[[treshold]]", "has no thresholds"),
        ("[[threshold", "cannot be read"),
        (one(measure="beauty", min=1.0), "threshold 1: the measure 'beauty' is unknown"),
        (one(measure="right"), "threshold 1: no limit"),
        (one(measure="right", min="much"), "threshold 1: no limit"),
        (one(measure="right", min=0.1) + one(measure="right", least=0.5), "threshold 2: unknown: least"),
        (one(measure="right", group={"colour": "red"}, min=1.0), "the group {'colour': 'red'} is unknown"),
        (one(measure="right", worse_by=0.1), "against and worse_by go together"),
        (one(measure="p50_ms", against="kept", worse_by=0.1), "not with a time"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_its_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=said):
        thresholds(tmp_path, text)


def test_the_shipped_thresholds_can_be_read() -> None:
    assert any(threshold.measure == "quote_fidelity" and threshold.min == 1.0 for threshold in gate.read(gate.SHIPPED))
