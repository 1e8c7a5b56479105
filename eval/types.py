"""Cases and their results."""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.types import Answer, AnswerStatus, Citation, Request


class EvalError(Exception):
    """A suite that is not there, or cases that are not cases."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A clause that answers. Without a label, any clause of the document that holds the quote."""

    document: str
    label: str | None = None
    quote: str | None = None

    def matches(self, document: str, label: str, text: str) -> bool:
        return (
            document == self.document
            and (self.label is None or label == self.label)
            and (self.quote is None or self.quote in text)
        )


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    request: Request
    gold: tuple[Gold, ...]
    answerable: bool
    suite: str
    intent: str | None = None
    style: str | None = None

    def is_gold(self, citation: Citation | None) -> bool:
        if citation is None:
            return False
        clause = citation.clause
        return any(gold.matches(clause.document, clause.label, clause.text) for gold in self.gold)


@dataclass(frozen=True, slots=True)
class CaseResult:
    case: Case
    answered: bool
    clause: str | None  # id of the answer's clause
    right: bool  # answered with a gold clause; for an unanswerable case: abstained
    best_right: bool  # the best clause is gold, answered or not
    confidence: float
    reason: str | None
    quote_faithful: bool
    ms: float
    embed_ms: float


def result_of(case: Case, answer: Answer) -> CaseResult:
    answered = answer.status is AnswerStatus.ANSWERED
    best = answer.citation or (answer.alternatives[0].citation if answer.alternatives else None)
    citation = answer.citation
    return CaseResult(
        case=case,
        answered=answered,
        clause=citation.clause.id if citation else None,
        right=case.is_gold(citation) if case.answerable else not answered,
        best_right=case.answerable and case.is_gold(best),
        confidence=answer.confidence,
        reason=answer.reason.value if answer.reason else None,
        quote_faithful=citation is None
        or citation.version.text[citation.clause.start : citation.clause.end] == citation.clause.text,
        ms=answer.timings_ms.get("total", 0.0),
        embed_ms=answer.timings_ms.get("embed", 0.0),
    )


@dataclass(frozen=True, slots=True)
class Result:
    """A run: what was measured, on what, and every case's own result."""

    snapshot: str
    embedder: str
    cases: tuple[CaseResult, ...]
    measures: Mapping[str, Any]
    stages: Mapping[str, float] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        return {
            "snapshot": self.snapshot,
            "embedder": self.embedder,
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "cases": len(self.cases),
            **self.measures,
            **({"stages": dict(self.stages)} if self.stages else {}),
        }

    def write(self, folder: Path) -> None:
        """`summary.json`, and `cases.jsonl` with one result a line."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "summary.json").write_text(json.dumps(self.summary(), ensure_ascii=False, indent=2) + "\n", "utf-8")
        with open(folder / "cases.jsonl", "w", encoding="utf-8") as file:
            for result in self.cases:
                row = {name: getattr(result, name) for name in _RESULT_FIELDS}
                case = result.case
                row |= {"id": case.id, "suite": case.suite, "intent": case.intent, "style": case.style}
                row["question"] = case.request.question
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


_RESULT_FIELDS = [f.name for f in dataclasses.fields(CaseResult) if f.name != "case"]
