"""Case results made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.types import Request
from eval.types import Case, CaseResult, ClauseRef, Gold, Run

GOLD = Gold("a.md", "right")


def clause(name: str) -> ClauseRef:
    """`right` is what the cases below want."""
    return ClauseRef(f"c-{name}", "a.md", name, f"Text of {name}.")


def result(
    best: str | None = "right",
    *,
    answered: bool = True,
    answerable: bool = True,
    rank: int | None = None,
    intent: str | None = None,
    confidence: float = 0.5,
    faithful: bool = True,
    timings: Mapping[str, float] | None = None,
    near: Gold | None = None,
    reason: str | None = None,
    **case: Any,
) -> CaseResult:
    """`best` is the best clause's label; a rank is only needed where the right clause is found, but not first."""
    gold = (GOLD,) if answerable else ()
    fields = {"id": "q", "suite": "suite", "style": None} | case
    request = Request(
        fields.pop("question", "七天能退吗"), **{k: fields.pop(k) for k in ("scope", "as_of") if k in fields}
    )
    made = Case(request=request, gold=gold, answerable=answerable, intent=intent, near=near, **fields)
    found = clause(best) if best else None
    answered = answered and found is not None
    rank = (1 if made.is_gold(found) else rank) if answerable else None
    return CaseResult(
        case=made,
        answered=answered,
        right=answered and rank == 1 if answerable else not answered,
        rank=rank,
        clause=found if answered else None,
        best=found,
        confidence=confidence,
        reason=reason,
        quote_faithful=faithful,
        timings_ms=timings or {},
        gold_clause=clause("right") if answerable else None,
        gold_language="zh-Hans" if answerable else None,
    )


def run(*results: CaseResult, **summary: Any) -> Run:
    """Only what readers of a run rely on; `when` is far away, so that nobody takes it for a real one."""
    fields = {"format": 1, "when": "2000-01-01T00:00:00+00:00", "version": "0", "snapshot": "s-1", "embedder": "tiny@1",
              "settings": {"line": 0.4}, "seed": 1, "suites": ["suite"]}  # fmt: skip
    return Run({**fields, **summary}, results)
