"""`kb eval`: the steps of a whole evaluation in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant import Assistant
from eval import suites as reading
from eval.comparing import Comparison, compare
from eval.gate import SHIPPED, Check, Threshold, check, read
from eval.remembering import Remembering
from eval.run import Tick, under_noise, with_baselines, with_parts
from eval.run import evaluate as ask
from eval.types import Case, CaseResult, EvalError, Run
from kb import Home
from kb.embedding import embedder_of

Counter = Callable[[str], AbstractContextManager[Tick]]


@dataclass(frozen=True, slots=True)
class Wanted:
    suites: Sequence[str]
    gate: bool = False
    thresholds: Path | None = None  # None: the shipped ones
    out: Path | None = None
    against: Path | None = None  # None: the run that is in `out`, if there is one
    noise: int | None = None  # a seed
    noise_cases: int = 100
    baselines: bool = False
    ingredients: bool = False
    determinism: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    run: Run
    comparison: Comparison | None
    checks: tuple[Check, ...]

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]


def evaluate(home: Home, wanted: Wanted, counter: Counter, note: Callable[[str], None]) -> Done:
    """`counter(what)` shows the progress of a stage; `note` is told what the reader should know beside the figures."""
    thresholds = read(wanted.thresholds or SHIPPED) if wanted.gate or wanted.thresholds else []
    cases = reading.load(wanted.suites)
    earlier = _earlier(wanted, note)
    if wanted.out is not None:
        wanted.out.mkdir(parents=True, exist_ok=True)  # one that cannot be made is told before the work, not after
    assistant, memory = _opened(home)
    with counter("questions") as tick:
        run = ask(assistant, cases, tick, memory=memory)
    _note_missing(run, note)
    run = _more(home, assistant, memory, cases, run, wanted, counter)
    comparison = compare(earlier, run) if earlier else None
    checks: list[Check] = []
    if thresholds:
        checks, idle = check(run, thresholds)
        _note_idle(idle, note)
    run = with_parts(run, gate=[one.to_json() for one in checks] if thresholds else None)
    if comparison and earlier:
        run = with_parts(run, compared={"with": earlier.summary["when"], **comparison.to_json()})
    if wanted.out is not None:
        from eval import page

        run.write(wanted.out)
        page.write(run, earlier, wanted.out / "report.html", comparison)
        note(f"report: {wanted.out / 'report.html'}")
    return Done(run, comparison, tuple(checks))


def _opened(home: Home) -> tuple[Assistant, Remembering]:
    """The assistant as a desk opens it, with an embedder that remembers."""
    assistant = Assistant.open(home)
    memory = Remembering(embedder_of(assistant.embedder, home.embedding))
    return Assistant(assistant.source, memory, home.settings, assistant.settings), memory


def _more(
    home: Home,
    assistant: Assistant,
    memory: Remembering,
    cases: Sequence[Case],
    run: Run,
    wanted: Wanted,
    counter: Counter,
) -> Run:
    """What was asked for beside the questions themselves."""
    if wanted.baselines:
        from eval import baselines

        with counter("baselines") as tick:
            run = with_baselines(run, baselines.run(home, assistant.source, memory, cases, tick))
    if wanted.noise is not None:
        with counter("noise") as tick:
            run = with_parts(
                run, noise=under_noise(assistant, run, _noised(run, wanted.noise, wanted.noise_cases), tick)
            )
    if wanted.ingredients:
        from eval.ingredients import ingredients, reanalysing

        analysing = reanalysing(assistant, memory, home.settings)
        found = {}
        for suite in dict.fromkeys(case.suite.partition(".")[0] for case in cases):
            own = [case for case in cases if case.suite.partition(".")[0] == suite and case.answerable]
            if own:
                with counter(f"ingredients, {suite}") as tick:
                    found[suite] = ingredients(assistant, own, tick, analysing)
        run = with_parts(run, ingredients=found)
    if wanted.determinism:
        from eval.determinism import determinism

        with counter("other processes"):
            run = with_parts(run, determinism=determinism(home, assistant, cases, assistant.now()))
    return run


def _noised(run: Run, seed: int, count: int) -> dict[str, list[tuple[CaseResult, Case]]]:
    """KIND -> a seeded sample of the run's results, each with its case under that noise. Cases that a kind of noise
    cannot change are left out."""
    from eval.noise import KINDS, noisy, original

    chosen = np.random.default_rng(seed).permutation(len(run.cases))[:count]
    results = [run.cases[n] for n in sorted(int(n) for n in chosen)]
    plain = {result.case.key: result for result in results}
    return {
        kind: [(plain[case.suite, original(case.id)], case) for case in noisy([r.case for r in results], seed, [kind])]
        for kind in KINDS
    }


def _earlier(wanted: Wanted, note: Callable[[str], None]) -> Run | None:
    """The run to compare with. One that is asked for must be there; one that lies in `out` by chance need not."""
    if wanted.against is not None:
        return Run.load(wanted.against)
    if wanted.out is None or not (wanted.out / "summary.json").exists():
        return None
    try:
        return Run.load(wanted.out)
    except EvalError as error:
        note(f"not compared: {error}")
        return None


def _note_missing(run: Run, note: Callable[[str], None]) -> None:
    """Cases that cannot be right, because the base does not hold their clause: another base is measured than meant."""
    missing = [r for r in run.cases if r.case.answerable and r.gold_clause is None]
    if missing:
        documents = list(dict.fromkeys(gold.document for r in missing for gold in r.case.gold))
        more = f" and {len(documents) - 3} others" if len(documents) > 3 else ""
        note(
            f"{len(missing)} answerable cases have no right clause in this base (of {', '.join(documents[:3])}{more}): "
            "they count as wrong. Is it the base that the suite was written for?"
        )


def _note_idle(idle: Sequence[Threshold], note: Callable[[str], None]) -> None:
    if idle:
        suites = ", ".join(dict.fromkeys(threshold.suite or "all" for threshold in idle))
        note(f"{len(idle)} thresholds are about suites that were not asked ({suites}): not checked.")
