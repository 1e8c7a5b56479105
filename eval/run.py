"""Asking every case and measuring the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from assistant import Assistant
from eval import suites as reading
from eval.metrics.abstention import abstention
from eval.metrics.accuracy import accuracy
from eval.metrics.consistency import consistency
from eval.metrics.latency import latency
from eval.types import Case, CaseResult, EvalError, Result, result_of

Tick = Callable[[int, int], None]


def evaluate(assistant: Assistant, suites: Sequence[str], tick: Tick, compare_stages: bool = False) -> Result:
    """`compare_stages` also ranks every answerable case with single stages, on the same snapshot."""
    cases = reading.load(suites)
    if not cases:
        raise EvalError(f"There is no case in {', '.join(suites)}.")
    assistant.warm_up()
    results = []
    for done, case in enumerate(cases, 1):
        results.append(result_of(case, assistant.ask(case.request)))
        tick(done, len(cases))
    stages = {}
    if compare_stages:
        from eval.stages import right_first

        stages = right_first(assistant, [case for case in cases if case.answerable], tick)
    return Result(assistant.snapshot, assistant.embedder, tuple(results), measure(results), stages)


def measure(results: Sequence[CaseResult]) -> dict[str, Any]:
    """All measures, over everything and per style and suite."""
    whole = {**accuracy(results), **consistency(results), **abstention(results), **latency(results)}
    return {
        **whole,
        "by_style": _by(results, lambda case: case.style),
        "by_suite": _by(results, lambda case: case.suite),
    }


def _by(results: Sequence[CaseResult], key: Callable[[Case], str | None]) -> dict[str, dict[str, float]]:
    groups: dict[str, list[CaseResult]] = defaultdict(list)
    for result in results:
        if (name := key(result.case)) is not None:
            groups[name].append(result)
    return {name: {**accuracy(group), **abstention(group)} for name, group in sorted(groups.items())}
