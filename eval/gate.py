"""Thresholds that a run has to hold: `kb eval --gate`.

A threshold in the file:

    [[threshold]]
    suite = "sample"                  # or a part of it, "sample.dated"; left out: every case of the run
    group = {style = "colloquial"}    # left out: all of the suite; any axis of the summary's groups
    measure = "first"
    min = 0.45                        # or max
    because = "…"                     # for the reader of the file

    [[threshold]]
    suite = "sample"
    measure = "same_first"
    against = "kept/2026-11"          # a folder that `kb eval --out` wrote, from this file's folder
    worse_by = 0.02                   # fails if worse by more than this, and surely so: the interval of the paired
                                      # difference does not reach zero

`measure` is one of `eval.measures.MEASURES`, or "p50_ms", "p95_ms" (the whole answer) or "rest_beside_embedding".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from eval import measures
from eval.metrics.latency import latency
from eval.types import CaseResult, EvalError, Run

SHIPPED = Path(str(resources.files("eval").joinpath("thresholds.toml")))
_TIMES = {"p50_ms": ("total", "p50"), "p95_ms": ("total", "p95"), "rest_beside_embedding": ("rest / embedding", "p50")}
# the smaller, the better
_COSTS = {"wrong_answers", "misled", "wrong_at_85", "wrong_at_90", "risk_area", "calibration_error", *_TIMES}


@dataclass(frozen=True, slots=True)
class Threshold:
    measure: str
    suite: str | None = None
    group: Mapping[str, str] = field(default_factory=dict)
    min: float | None = None
    max: float | None = None
    against: Path | None = None
    worse_by: float | None = None
    because: str = ""

    @property
    def name(self) -> str:
        parts = [self.suite or "all", *(f"{axis} {group}" for axis, group in self.group.items()), self.measure]
        return " · ".join(parts)

    def applies(self, result: CaseResult) -> bool:
        suite = result.case.suite
        if self.suite is not None and suite != self.suite and not suite.startswith(f"{self.suite}."):
            return False
        return all(group in measures.AXES[axis](result) for axis, group in self.group.items())

    def asked_of(self, run: Run) -> bool:
        """Whether the run has its suite at all."""
        return any(Threshold(self.measure, self.suite).applies(result) for result in run.cases)


@dataclass(frozen=True, slots=True)
class Check:
    threshold: Threshold
    ok: bool
    value: float | None
    limit: str
    line: str  # what was found and what was expected

    def to_json(self) -> dict[str, Any]:
        return {"name": self.threshold.name, "value": self.value, "limit": self.limit, "ok": self.ok}


def read(file: Path) -> list[Threshold]:
    """Raises EvalError naming the threshold that is none."""
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EvalError(f"The thresholds in {file} cannot be read ({error}); expected [[threshold]] tables.") from error
    rows = table.get("threshold", [])
    if set(table) - {"threshold"} or not isinstance(rows, list) or not rows:
        raise EvalError(f"{file} has no thresholds; expected [[threshold]] tables and nothing else.")
    return [_threshold(row, f"{file.name}, threshold {n}", file.parent) for n, row in enumerate(rows, 1)]


def _threshold(row: Any, where: str, folder: Path) -> Threshold:
    def refuse(found: str) -> EvalError:
        return EvalError(f"{where}: {found} Mend the file; `eval/gate.py` shows what a threshold is made of.")

    known = {"measure", "suite", "group", "min", "max", "against", "worse_by", "because"}
    if unknown := set(row if isinstance(row, dict) else [str(row)]) - known:
        raise refuse(f"unknown: {', '.join(sorted(unknown))}; expected {', '.join(sorted(known))}.")
    if row.get("measure") not in {*measures.MEASURES, *_TIMES}:
        raise refuse(
            f"the measure {row.get('measure')!r} is unknown; expected one of {', '.join([*measures.MEASURES, *_TIMES])}."
        )
    group = row.get("group", {})
    if not isinstance(group, dict) or (unknown := set(group) - set(measures.AXES)):
        raise refuse(f"the group {group!r} is unknown; expected one of {', '.join(measures.AXES)}.")
    limits = {name for name in ("min", "max", "worse_by") if name in row}
    if not limits or any(isinstance(row[n], bool) or not isinstance(row[n], int | float) for n in limits):
        raise refuse("no limit; expected a number for min, max, or against with worse_by.")
    if ("against" in row) != ("worse_by" in row) or row["measure"] in _TIMES and "against" in row:
        raise refuse("against and worse_by go together, and not with a time: machines differ.")
    against = folder / row["against"] if "against" in row else None
    return Threshold(**{**row, "against": against})


def check(run: Run, thresholds: Sequence[Threshold]) -> tuple[list[Check], list[Threshold]]:
    """What each threshold says of the run, and the thresholds whose suite the run did not ask.

    A threshold whose suite was asked but whose measure has nothing to count fails: a gate that measures nothing holds
    nothing. So does a run to which no threshold applies: EvalError.
    """
    asked = [threshold for threshold in thresholds if threshold.asked_of(run)]
    if not asked:
        suites = sorted({threshold.suite or "all" for threshold in thresholds})
        raise EvalError(
            f"No threshold is about what was asked ({', '.join(run.summary['suites'])}); the file is about "
            f"{', '.join(suites)}. Ask one of these suites, or name another file with --thresholds."
        )
    earlier = {folder: Run.load(folder) for folder in {t.against for t in asked if t.against is not None}}
    checks = [one for threshold in asked for one in _checks(run, threshold, earlier)]
    return checks, [threshold for threshold in thresholds if threshold not in asked]


def _checks(run: Run, threshold: Threshold, earlier: Mapping[Path, Run]) -> list[Check]:
    results = [result for result in run.cases if threshold.applies(result)]
    found = []
    if threshold.min is not None or threshold.max is not None:
        value = _value(results, threshold.measure)
        limit = " and ".join(
            f"{words} {edge:g}"
            for words, edge in (("at least", threshold.min), ("at most", threshold.max))
            if edge is not None
        )
        if value is None:
            found.append(
                Check(threshold, False, None, limit, f"{threshold.name}: nothing to measure; expected {limit}.")
            )
        else:
            ok = (threshold.min is None or value >= threshold.min) and (threshold.max is None or value <= threshold.max)
            found.append(Check(threshold, ok, value, limit, f"{threshold.name}: {value:g}; expected {limit}."))
    if threshold.against is not None:
        found.append(_no_worse(results, threshold, earlier[threshold.against]))
    return found


def _value(results: Sequence[CaseResult], measure: str) -> float | None:
    if measure in _TIMES:
        stage, percentile = _TIMES[measure]
        return latency(results).get(stage, {}).get(percentile)
    return measures.points(results, [measure]).get(measure)


def _no_worse(results: Sequence[CaseResult], threshold: Threshold, earlier: Run) -> Check:
    assert threshold.worse_by is not None and threshold.against is not None
    old = {result.case.key: result for result in earlier.cases}
    pairs = [(old[result.case.key], result) for result in results if result.case.key in old]
    limit = f"no worse than in {threshold.against.name} by more than {threshold.worse_by:g}"
    name = threshold.measure
    one = measures.differences([a for a, _ in pairs], [b for _, b in pairs], [name]).get(name)
    if one is None:
        return Check(threshold, False, None, limit, f"{threshold.name}: no case in common; expected {limit}.")
    worse = one.difference if name in _COSTS else -one.difference
    ok = not (worse > threshold.worse_by and one.significant)
    line = f"{threshold.name}: {one.before:g} → {one.after:g} ({one.low} to {one.high}); expected {limit}."
    return Check(threshold, ok, one.after, limit, line)
