"""How long answers take."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eval.types import CaseResult


def latency(results: Sequence[CaseResult]) -> dict[str, float]:
    """Milliseconds of the whole answer and of embedding the question, and the median of their ratio.

    Nearest-rank percentiles; the assistant was warmed up before the first case.
    """
    total = sorted(r.ms for r in results if r.ms)
    ratio = sorted(r.ms / r.embed_ms for r in results if r.embed_ms)
    if not total or not ratio:
        return {}
    return {
        "p50_ms": round(_percentile(total, 50), 1),
        "p95_ms": round(_percentile(total, 95), 1),
        "embed_p50_ms": round(_percentile(sorted(r.embed_ms for r in results if r.embed_ms), 50), 1),
        "over_embedding_p50": round(_percentile(ratio, 50), 3),
    }


def _percentile(ordered: Sequence[float], percent: float) -> float:
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
