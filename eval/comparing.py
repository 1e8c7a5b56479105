"""Two runs, case by case: what got better, what got worse, what is answered with another clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from eval import measures
from eval.intervals import Difference
from eval.types import CaseResult, Run


class Kind(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"  # as good as before, with another clause: answered, or nearest to what was not


@dataclass(frozen=True, slots=True)
class Change:
    key: tuple[str, str]  # suite and id
    kind: Kind
    before: CaseResult
    after: CaseResult

    def to_json(self) -> dict[str, Any]:
        return {
            "suite": self.key[0],
            "id": self.key[1],
            "kind": self.kind.value,
            "before": outcome(self.before),
            "after": outcome(self.after),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Over the cases that both runs asked."""

    changes: tuple[Change, ...]
    measures: Mapping[str, Difference]
    settings: tuple[str, ...]  # what was set otherwise, a line each
    only_before: tuple[tuple[str, str], ...]
    only_after: tuple[tuple[str, str], ...]
    shared: int
    other_confidence: int  # cases whose answer is the same, with another confidence

    @property
    def nothing_changed(self) -> bool:
        return not (self.changes or self.other_confidence or self.only_before or self.only_after) and self.shared > 0

    def count(self, kind: Kind) -> int:
        return sum(change.kind is kind for change in self.changes)

    def said(self) -> list[str]:
        """Plain lines, the most important first."""
        lines = []
        if not self.shared:
            lines.append("The two runs have no case in common: nothing to compare.")
        elif self.nothing_changed:
            lines.append(f"Nothing changed: {self.shared} cases, the same answers with the same confidence.")
        elif not self.changes:
            lines.append(f"No answer changed in {self.shared} cases.")
        else:
            counts = f"{self.count(Kind.BETTER)} better, {self.count(Kind.WORSE)} worse, {self.count(Kind.OTHER)} with another clause"
            lines.append(f"Of {self.shared} cases {counts}.")
        turned = [(name, self.measures[name]) for name in ("right", "first") if name in self.measures]
        lines.extend(f"{name}: {said(one)}" for name, one in turned if one.difference)
        if self.other_confidence:
            lines.append(f"{self.other_confidence} answers are the same with another confidence.")
        for keys, where in ((self.only_before, "earlier"), (self.only_after, "this")):
            if keys:
                lines.append(f"{len(keys)} cases are in the {where} run only, {keys[0][1]} first.")
        return lines + list(self.settings)

    def to_json(self) -> dict[str, Any]:
        return {
            "shared": self.shared,
            **{kind.value: self.count(kind) for kind in Kind},
            "other_confidence": self.other_confidence,
            "measures": {name: one.to_json() for name, one in self.measures.items()},
            "changes": [change.to_json() for change in self.changes],
            "settings": list(self.settings),
            "only_before": [list(key) for key in self.only_before],
            "only_after": [list(key) for key in self.only_after],
        }


def compare(before: Run, after: Run, seed: int = 1) -> Comparison:
    """Changes are in the order of `after`, the worse ones first."""
    old = {result.case.key: result for result in before.cases}
    new = {result.case.key: result for result in after.cases}
    # A case whose question or gold was edited is another case: its results say nothing about the engine.
    shared = [key for key in new if key in old and _same_case(old[key], new[key])]
    pairs = [(old[key], new[key]) for key in shared]
    changes = [
        Change(key, kind, a, b) for key, (a, b) in zip(shared, pairs, strict=True) if (kind := _kind(a, b)) is not None
    ]
    changed = {change.key for change in changes}
    order = [Kind.WORSE, Kind.BETTER, Kind.OTHER]
    return Comparison(
        changes=tuple(sorted(changes, key=lambda change: order.index(change.kind))),
        measures=measures.differences([a for a, _ in pairs], [b for _, b in pairs], seed=seed),
        settings=tuple(_settings(before.summary, after.summary)),
        only_before=tuple(key for key in old if key not in set(shared)),
        only_after=tuple(key for key in new if key not in set(shared)),
        shared=len(shared),
        other_confidence=sum(a.confidence != b.confidence for a, b in pairs if b.case.key not in changed),
    )


def outcome(result: CaseResult) -> str:
    """right, held back, or wrong: what an agent would see."""
    if result.right:
        return "right"
    return "wrong" if result.answered else "held back"


def said(one: Difference) -> str:
    """0.412 → 0.430 (+0.018, 0.004 to 0.033)."""
    interval = f", {one.low:+.3f} to {one.high:+.3f}" if one.low is not None and one.high is not None else ""
    sure = "" if one.significant else "; may be chance"
    return f"{one.before:.3f} → {one.after:.3f} ({one.difference:+.3f}{interval}{sure})"


def _kind(before: CaseResult, after: CaseResult) -> Kind | None:
    worth = {"wrong": 0, "held back": 1, "right": 2}  # a wrong clause costs more than none
    step = worth[outcome(after)] - worth[outcome(before)]
    if step:
        return Kind.BETTER if step > 0 else Kind.WORSE
    return Kind.OTHER if _shown(before) != _shown(after) else None


def _shown(result: CaseResult) -> tuple[Any, ...]:
    best = result.best
    return result.answered, result.reason, best and (best.document, best.label, best.text)


def _same_case(a: CaseResult, b: CaseResult) -> bool:
    fields = ("question", "history", "as_of", "scope", "gold", "answerable", "asked_on")
    one, other = a.row(), b.row()
    return all(one[name] == other[name] for name in fields)


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    names = ("version", "snapshot", "embedder", "settings")
    old, new = (dict(_flat({name: summary.get(name) for name in names})) for summary in (before, after))
    return [f"{key}: {old.get(key)} → {new.get(key)}" for key in {**old, **new} if old.get(key) != new.get(key)]


def _flat(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield key, value
