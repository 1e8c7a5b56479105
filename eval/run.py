"""Asking every case and measuring the answers.

`Run.summary`, which is `summary.json` and what `kb eval --json` prints:

    format, when, version, snapshot, embedder, machine, seed, seconds
    settings      the line in force, weights and what else the answers hang on
    suites        their names; cases, answerable, unanswerable, intents: how many
    measures      {NAME: {"value", "low", "high", "n"}}: see eval/README.md for the names
    groups        {AXIS: {GROUP: {NAME: {…}}}}: by suite, family, style, language, languages (question → document),
                  needs, document, reason
    curves        risk_coverage [[share of the answerable answered, share of answers wrong, line], …],
                  wrong_coverage [[the same, share of the unanswerable answered, line], …],
                  reliability [[mean confidence, share right, cases], …]
    latency       {STAGE: {"p50", "p95"}} in ms, over the cases asked whole
    worst_intents ids
    baselines, noise, ingredients, determinism, gate: of the runs that were asked for them
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from assistant import Assistant
from eval import measures
from eval.metrics.consistency import worst_intents
from eval.metrics.latency import latency
from eval.remembering import Remembering
from eval.types import FORMAT, PLACES, Case, CaseResult, ClauseRef, EvalError, Run, result_of
from kb.snapshot import Snapshot
from kb.types import Clause

Tick = Callable[[int, int], None]

TIMED = 100  # cases that are asked whole for the latency
_WORST = 30


def evaluate(
    assistant: Assistant, cases: Sequence[Case], tick: Tick, *, memory: Remembering | None = None, seed: int = 1
) -> Run:
    """Asks and measures. `memory` is the assistant's embedder, if it remembers questions: where time is measured it is
    made to forget."""
    if not cases:
        raise EvalError("There is no case to ask; expected a JSONL file with at least one row.")
    began, when = time.monotonic(), assistant.now()
    assistant.warm_up()
    results = ask_all(assistant, cases, tick, when)
    results = timed(assistant, results, when, memory, seed)
    return summarise(assistant, results, when=when, seconds=time.monotonic() - began, seed=seed)


def ask_all(assistant: Assistant, cases: Sequence[Case], tick: Tick, now: datetime | None = None) -> list[CaseResult]:
    """One result a case, in order. All are asked at one moment: `now`, or the day that the case says is today."""
    now = now or assistant.now()
    golds = Golds(assistant.source)
    results = []
    for done, case in enumerate(cases, 1):
        answer = assistant.ask(replace(case.request, top=PLACES), case.asked_at(now))
        results.append(golds.named(result_of(case, answer)))
        tick(done, len(cases))
    return results


def timed(
    assistant: Assistant,
    results: Sequence[CaseResult],
    now: datetime,
    memory: Remembering | None = None,
    seed: int = 1,
    count: int = TIMED,
) -> list[CaseResult]:
    """`results` with the stages' times of a seeded sample of cases, which are asked again for it as a desk asks them:
    the question embedded anew, the usual number of alternatives. Everything is warm by then."""
    chosen = np.random.default_rng(seed).permutation(len(results))[:count]
    found = list(results)
    with memory.afresh() if memory else nullcontext():
        for n in sorted(int(n) for n in chosen):
            case = found[n].case
            answer = assistant.ask(case.request, case.asked_at(now))
            found[n] = replace(found[n], timings_ms=dict(answer.timings_ms))
    return found


def summarise(
    assistant: Assistant,
    results: Sequence[CaseResult],
    *,
    when: datetime | None = None,
    seconds: float = 0.0,
    seed: int = 1,
) -> Run:
    """Everything that is measured over `results`."""
    calibration, settings = assistant.calibration, assistant.settings
    summary: dict[str, Any] = {
        "format": FORMAT,
        "when": (when or assistant.now()).astimezone(UTC).isoformat(timespec="seconds"),
        "version": version("koujing"),
        "snapshot": assistant.snapshot,
        "embedder": assistant.embedder,
        "settings": {
            "line": settings.line or calibration.line,
            "careful_below": settings.careful_below,
            "calibrated": assistant.calibrated,
            "weights": asdict(calibration.weights),
            "places": PLACES,
        },
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "seed": seed,
        "seconds": round(seconds, 1),
        "suites": sorted({result.case.suite for result in results}),
        "cases": len(results),
        "answerable": sum(result.case.answerable for result in results),
        "unanswerable": sum(not result.case.answerable for result in results),
        "intents": len({(r.case.suite.partition(".")[0], r.case.intent) for r in results if r.case.intent is not None}),
        "measures": measures.measured(results, seed=seed),
        "groups": measures.by_group(results, seed),
        "curves": measures.curves(results),
        "latency": latency(results),
        "worst_intents": worst_intents(results, _WORST),
        "determinism": None,
    }
    return Run(summary, tuple(results))


def with_parts(run: Run, **parts: Any) -> Run:
    """`run` with more in its summary; a part that is None is left out."""
    return replace(run, summary={**run.summary, **{name: part for name, part in parts.items() if part is not None}})


def with_baselines(run: Run, baselines: dict[str, tuple[CaseResult, ...]]) -> Run:
    """`run` with what other systems found for the same cases, in the same order, measured the same way, and how much
    better we are (`difference`: ours less theirs, paired)."""
    seed = run.summary["seed"]
    measured = {}
    for name, results in baselines.items():
        differences = measures.differences(results, run.cases, measures.RANKING, seed)
        figures = measures.measured(results, measures.RANKING, seed)
        for key, found in differences.items():
            figures[key]["difference"] = found.to_json()
        measured[name] = {"measures": figures}
    return replace(run, summary={**run.summary, "baselines": measured}, baselines=baselines)


def under_noise(
    assistant: Assistant, run: Run, noised: Mapping[str, Sequence[tuple[CaseResult, Case]]], tick: Tick
) -> dict[str, Any]:
    """KIND -> measures of what each kind of noise does to answers; this needs no gold clause.

    `noised`: KIND -> results of the run, each with the same case in other words. same_clause: of those answered,
    answered with the same clause under noise; same_first: the best clause is the same; first, first_without: the right
    clause is first, with and without noise.
    """
    now = datetime.fromisoformat(run.summary["when"]).astimezone(assistant.now().tzinfo)
    total, done, found = sum(map(len, noised.values())), 0, {}
    for kind, pairs in sorted(noised.items()):
        if not pairs:  # a kind that changes none of these questions
            continue
        before = [result for result, _ in pairs]
        after = ask_all(assistant, [case for _, case in pairs], _shifted(tick, done, total), now)
        found[kind] = _noise_figures(before, after, run.summary["seed"])
        done += len(pairs)
    return found


def _shifted(tick: Tick, done: int, total: int) -> Tick:
    return lambda more, _: tick(done + more, total)


def _noise_figures(before: Sequence[CaseResult], after: Sequence[CaseResult], seed: int) -> dict[str, Any]:
    pairs = list(zip(before, after, strict=True))
    same = {
        "same_clause": [(a, a.clause == b.clause) for a, b in pairs if a.clause],
        "same_first": [(a, a.best == b.best) for a, b in pairs if a.best],
    }
    figures = {
        name: measures.share([a for a, _ in kept], [flag for _, flag in kept], seed) for name, kept in same.items()
    }
    for name, results in (("first", after), ("first_without", before)):
        figures[name] = measures.measured(results, ["first"], seed).get("first")
    return {name: figure for name, figure in figures.items() if figure}


class Golds:
    """Finds the right clause of a case in the base, also where no search came near it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._clauses: dict[str, list[Clause]] = {}
        for clause in snapshot.clauses:
            self._clauses.setdefault(clause.document, []).append(clause)

    def named(self, result: CaseResult) -> CaseResult:
        """`result` with the right clause and its document's language; without, where the base does not have it."""
        if result.gold_clause is not None:
            return result
        for gold in result.case.gold:
            for clause in reversed(self._clauses.get(gold.document, ())):  # the newest version of it comes last
                if gold.matches(clause.document, clause.label, clause.text):
                    language = self._snapshot.version_of[clause.version].language
                    return replace(result, gold_clause=ClauseRef.of(clause), gold_language=language)
        return result
