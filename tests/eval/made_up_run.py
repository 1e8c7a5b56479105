"""Whole runs that nobody measured, for what reads runs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from eval import measures
from eval.types import CaseResult, Run
from tests.eval.made import result, run

STYLES = ("standard", "colloquial", "noisy", "en")
WHEN_BEFORE = "2026-11-20T18:00:00+00:00"


def made_up(intents: int = 8, unanswerable: int = 6, seed: int = 1) -> list[CaseResult]:
    """Seeded outcomes, worse from style to style."""
    draw = random.Random(seed)
    results = []
    for intent in range(intents):
        hard = draw.random()
        for number, style in enumerate(STYLES):
            lot = draw.random()
            best = "right" if lot > hard * (0.4 + 0.25 * number) else f"clause {draw.randrange(20)}"
            results.append(
                result(
                    best,
                    answered=lot > 0.15,
                    confidence=round(lot, 3),
                    reason=None if lot > 0.15 else "no_policy",
                    intent=f"intent {intent}",
                    id=f"{intent}-{number}",
                    style=style,
                    question=f"Can I return it ({intent})?" if style == "en" else f"问题{intent}，{style}：可以退吗？",
                )
            )
    for number in range(unanswerable):
        lot = draw.random()
        results.append(
            result(
                f"clause {number}",
                answerable=False,
                answered=lot > 0.5,
                confidence=round(lot / 2, 3),
                reason=None if lot > 0.5 else "no_policy",
                id=f"none-{number}",
                style=STYLES[number % 4],
                question=f"没有规定的问题{number}？",
            )
        )
    return results


def measured(results: Sequence[CaseResult], **summary: Any) -> Run:
    """What every run has, with few resamples."""
    groups = {
        axis: {name: measures.measured(group, times=9) for name, group in measures.grouped(results, of).items()}
        for axis, of in measures.AXES.items()
    }
    fields = {
        "when": "2026-11-22T09:30:00+00:00",
        "cases": len(results),
        "settings": {"line": 0.5, "weights": {"clause": 1.0}},
        "measures": measures.measured(results, times=9),
        "groups": groups,
        "curves": measures.curves(results),
    }
    return run(*results, **{**fields, **summary})


def figure(value: float, spread: float = 0.03, **more: Any) -> dict[str, Any]:
    return {"value": value, "low": value - spread, "high": value + spread, "n": 200, **more}


def beside(value: float, difference: float) -> dict[str, Any]:
    edges = {"low": round(difference - 0.01, 4), "high": round(difference + 0.01, 4)}
    return figure(value, difference={"value": difference, **edges})


def whole(results: Sequence[CaseResult], **summary: Any) -> Run:
    """A run with every part that a run can have."""

    def system(first: float) -> dict[str, Any]:
        difference = {"difference": 0.04, "low": 0.01, "high": 0.07, "p": 0.002}
        figures = {"first": figure(first, difference=difference), "in_five": figure(first + 0.2)}
        return {"measures": {**figures, "reciprocal_rank": figure(first + 0.1)}}

    stages = {"understand": 1.4, "embed": 31.0, "dense": 2.2, "lexical": 0.9, "decide": 1.1, "rest": 5.6, "total": 36.9}
    parts = {
        "baselines": {"llamaindex": system(0.36), "dense": system(0.41), "bm25": system(0.38)},
        "latency": {
            **{name: {"p50": ms, "p95": ms * 1.7} for name, ms in stages.items()},
            "rest / embedding": {"p50": 0.18, "p95": 0.31},
        },
        "determinism": {
            "same": True,
            "cases": 40,
            "ways": {"another process": {"different": 0, "of": 40}, "shuffled": {"different": 0, "of": 40}},
            "different": [],
        },
        "ingredients": {
            "sample": {
                "full": {"first": figure(0.55)},
                "without": {
                    "sentence": {"first": beside(0.49, -0.06)},
                    "lexical": {"first": beside(0.53, -0.02)},
                    "document": {"first": beside(0.555, 0.005)},
                },
                "alone": {"clause": {"first": beside(0.5, -0.05)}, "lexical": {"first": beside(0.38, -0.17)}},
            },
            "statutes": {
                "full": {"first": figure(0.48)},
                "without": {"sentence": {"first": beside(0.42, -0.06)}},
                "alone": {"clause": {"first": beside(0.36, -0.12)}},
            },
        },
        "noise": {
            kind: {
                "same_clause": figure(same),
                "same_first": figure(same - 0.03),
                "first": figure(0.5),
                "first_without": figure(0.55),
            }
            for kind, same in (("keyboard", 0.8), ("emoji", 0.96))
        },
        "gate": [
            {"name": "sample · first", "value": 0.55, "limit": "at least 0.5", "ok": True},
            {"name": "sample · wrong_answers", "value": 0.6, "limit": "at most 0.4", "ok": False},
        ],
    }
    return measured(results, **{**parts, **summary})
