"""How long answers take, stage by stage."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eval.types import CaseResult


def latency(results: Sequence[CaseResult]) -> dict[str, dict[str, float]]:
    """Stage -> {"p50", "p95"} in milliseconds over the cases asked whole, nearest-rank percentiles.

    "rest" is all but the embedding of the question; "rest / embedding" is no time but a case's ratio of the two.
    """
    stages: dict[str, list[float]] = {}
    for result in results:
        timings = dict(result.timings_ms)
        if "total" in timings and timings.get("embed"):
            timings["rest"] = timings["total"] - timings["embed"]
            timings["rest / embedding"] = timings["rest"] / timings["embed"]
        for stage, ms in timings.items():
            stages.setdefault(stage, []).append(ms)
    return {
        stage: {"p50": round(_percentile(sorted(ms), 50), 3), "p95": round(_percentile(sorted(ms), 95), 3)}
        for stage, ms in stages.items()
    }


def _percentile(ordered: Sequence[float], percent: float) -> float:
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
