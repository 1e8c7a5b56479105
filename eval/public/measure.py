"""One set measured: its base built, its questions asked, the baselines beside it; several encoders one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import Assistant
from assistant.settings import AssistantSettings
from eval import baselines, measures
from eval.ingredients import ingredients, reanalysing
from eval.public.sets import drawn
from eval.public.types import PublicSet
from eval.remembering import Remembering
from eval.run import Tick, evaluate, with_baselines, with_parts
from eval.types import EvalError, Run
from kb import Home
from kb.settings import section
from kb.snapshot import build

Counter = Callable[[str], AbstractContextManager[Tick]]

_KEPT = ("snapshot", "embedder", "measures", "latency", "baselines", "ingredients")  # of a run's summary

# What two encoders are compared by.
COMPARED = ("right", "first", "in_five", "reciprocal_rank", "coverage", "all_first", "area", "wrong_at_90")


@dataclass(frozen=True, slots=True)
class Measured:
    set: PublicSet
    documents: int
    clauses: int
    runs: Mapping[str, Run]  # by the encoder's name, in the order in which they were named

    def differences(self, seed: int = 1) -> dict[str, dict[str, Any]]:
        """Encoder -> measure -> it less the first encoder, paired."""
        (_, first), *others = self.runs.items()
        return {
            name: {
                key: found.to_json()
                for key, found in measures.differences(first.cases, run.cases, COMPARED, seed).items()
            }
            for name, run in others
        }

    def to_json(self) -> dict[str, Any]:
        summary = next(iter(self.runs.values())).summary
        return {
            "what": self.set.what,
            "learned": self.set.learned,
            "documents": self.documents,
            "clauses": self.clauses,
            **{name: summary[name] for name in ("cases", "answerable", "unanswerable")},
            "models": {
                name: {key: run.summary[key] for key in _KEPT if key in run.summary} for name, run in self.runs.items()
            },
            "differences": self.differences(summary["seed"]),
        }


def measure(
    one: PublicSet,
    data: Path,
    home: Home,
    embedders: Mapping[str, Remembering],
    counter: Counter,
    limit: int | None = None,
    seed: int = 1,
    apart: bool = False,
) -> Measured:
    """`limit`: see `drawn`; None takes the set's own. Vectors are kept in `home`, where nothing is published. `apart`:
    what each ingredient of the ranking adds is measured as well."""
    loaded = one.load(data)
    cases = drawn(loaded.cases, one.limit if limit is None else limit, one.spread, seed)
    if not cases:
        raise EvalError(f"The set {one.name} has no question to ask: its files hold none of the half that is asked.")
    settings = section(AssistantSettings, home.tables.get("assistant", {}), "assistant")
    runs = {}
    for name, embedder in embedders.items():
        with home.writing(), counter(f"{one.name}: embedding ({name})") as tick:
            snapshot = build(home, loaded.contents, embedder, {}, tick).snapshot
        assistant = Assistant(snapshot, embedder, home.settings, settings)
        now = assistant.now()
        with counter(f"{one.name}: questions ({name})") as tick:
            run = evaluate(assistant, cases, tick, memory=embedder, seed=seed)
        with counter(f"{one.name}: baselines ({name})") as tick:
            run = with_baselines(run, baselines.run(home, snapshot, embedder, cases, tick, now))
        if apart:
            with counter(f"{one.name}: ingredients ({name})") as tick:
                found = ingredients(assistant, cases, tick, reanalysing(assistant, embedder, home.settings))
            run = with_parts(run, ingredients={one.name: found})
        runs[name] = run
    clauses = sum(len(content.clauses) for content in loaded.contents)
    return Measured(one, len(loaded.contents), clauses, runs)


def keep(measured: Measured, folder: Path) -> None:
    """A run's folder for the set, or one for each encoder in it; a run that lies there already is what the page
    compares with."""
    from eval import page

    for name, run in measured.runs.items():
        place = folder / measured.set.name
        if len(measured.runs) > 1:
            place /= "".join(char if char.isalnum() or char in "-_." else "_" for char in name).strip(".") or "model"
        earlier = None
        if (place / "summary.json").is_file():
            try:
                earlier = Run.load(place)
            except EvalError:
                earlier = None  # of another format, or not ours: it is measured anew
        run.write(place)
        page.write(run, earlier, place / "report.html")


def columns(measured: Sequence[Measured]) -> list[str]:
    """Names of the measures that anything has a figure for, of those that a table shows."""
    shown = ("first", "in_five", "reciprocal_rank", "all_first", "wrong_at_90", "area")
    figures = [run.summary["measures"] for one in measured for run in one.runs.values()]
    return [name for name in shown if any(name in found for found in figures)]
