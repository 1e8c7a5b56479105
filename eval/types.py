"""Cases, their results, and a run of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from assistant.masking import mask
from assistant.types import Answer, AnswerStatus, Citation, Request, Turn
from kb import moments
from kb.text import language
from kb.types import Clause

FORMAT = 1  # of a run's folder
PLACES = 10  # how far down the right clause is looked for: the best clause and its alternatives


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
class ClauseRef:
    """A clause as a run keeps it: enough to be read without the base it came from."""

    id: str
    document: str
    label: str
    text: str

    @classmethod
    def of(cls, clause: Clause) -> ClauseRef:
        return cls(clause.id, clause.document, clause.label, clause.text)


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    request: Request
    gold: tuple[Gold, ...]
    answerable: bool
    suite: str
    intent: str | None = None  # cases with one intent are wordings of one question
    style: str | None = None
    language: str | None = None  # of the question; None: found out from its words
    family: str | None = None  # of documents that belong together, where a set has several
    near: Gold | None = None  # of an unanswerable one: the clause that looks as if it answered
    asked_on: date | None = None  # the day that is today for it; None: the day of the run

    @property
    def key(self) -> tuple[str, str]:
        """What a case is found again by in another run."""
        return self.suite, self.id

    @property
    def asked_in(self) -> str:
        return self.language or language(self.request.question)

    def asked_at(self, now: datetime) -> datetime:
        """The moment at which it is asked in a run at `now`: noon of the day that is today for it."""
        return now if self.asked_on is None else datetime.combine(self.asked_on, time(12), now.tzinfo)

    def is_gold(self, clause: Clause | ClauseRef | None) -> bool:
        return clause is not None and any(g.matches(clause.document, clause.label, clause.text) for g in self.gold)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case. `rank` is the place of the first gold clause among the best clause and the
    alternatives (1 to PLACES), whether it was answered with or held back; None: it is not among them."""

    case: Case
    answered: bool
    right: bool  # answered with a gold clause; for an unanswerable case: not answered
    rank: int | None
    clause: ClauseRef | None  # the answer's
    best: ClauseRef | None  # the same, or the nearest one of a question that was not answered
    confidence: float
    reason: str | None = None
    why: str = ""
    quote_faithful: bool = True
    timings_ms: Mapping[str, float] = field(default_factory=dict)  # of the cases asked whole for the latency
    gold_clause: ClauseRef | None = None  # the right clause as it stands in the base
    lost_because: str | None = None  # why it was not chosen, where it is among the alternatives
    gold_language: str | None = None  # of the document that answers
    covered: float | None = None  # how likely some clause covers the question; None: the confidence says that too

    @property
    def first(self) -> bool:
        """The right clause is the best one, answered or held back."""
        return self.rank == 1

    def row(self) -> dict[str, Any]:
        """As it stands in `cases.jsonl`. Personal data in the question are masked."""
        case, request = self.case, self.case.request
        return {
            "id": case.id,
            "suite": case.suite,
            "intent": case.intent,
            "style": case.style,
            "language": case.asked_in,
            "family": case.family,
            "question": mask(request.question),
            "history": [{"role": turn.role, "text": mask(turn.text)} for turn in request.history],
            "as_of": request.as_of.isoformat() if request.as_of else None,
            "scope": dict(request.scope),
            "answerable": case.answerable,
            "gold": [asdict(gold) for gold in case.gold],
            "near": asdict(case.near) if case.near else None,
            "asked_on": case.asked_on.isoformat() if case.asked_on else None,
            "gold_language": self.gold_language,
            "answered": self.answered,
            "right": self.right,
            "rank": self.rank,
            "clause": asdict(self.clause) if self.clause else None,
            "best": asdict(self.best) if self.best else None,
            "gold_clause": asdict(self.gold_clause) if self.gold_clause else None,
            "lost_because": self.lost_because,
            "confidence": self.confidence,
            "covered": self.covered,
            "reason": self.reason,
            "why": self.why,
            "quote_faithful": self.quote_faithful,
            "timings_ms": dict(self.timings_ms),
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> CaseResult:
        request = Request(
            row["question"],
            history=tuple(Turn(turn["role"], turn["text"]) for turn in row["history"]),
            as_of=moments.parse(row["as_of"]) if row["as_of"] else None,
            scope=row["scope"],
        )
        gold = tuple(Gold(**value) for value in row["gold"])
        case = Case(
            row["id"], request, gold, row["answerable"], row["suite"], row["intent"], row["style"], row["language"],
            row["family"],
            Gold(**row["near"]) if row["near"] else None,
            date.fromisoformat(row["asked_on"]) if row["asked_on"] else None,
        )  # fmt: skip
        fields: dict[str, Any] = {name: row[name] for name in _PLAIN}
        for name in ("clause", "best", "gold_clause"):
            fields[name] = ClauseRef(**row[name]) if row[name] else None
        return cls(case=case, covered=row.get("covered"), **fields)


_PLAIN = (
    "answered", "right", "rank", "confidence", "reason", "why", "quote_faithful", "timings_ms", "lost_because",
    "gold_language",
)  # fmt: skip


def result_of(case: Case, answer: Answer) -> CaseResult:
    """Ask with `top=PLACES`, or the rank is not known so far down."""
    answered = answer.status is AnswerStatus.ANSWERED
    citation = answer.citation
    found = [(citation, None)] if citation else []
    ranked: list[tuple[Citation, str | None]] = [*found, *((a.citation, a.lost_because) for a in answer.alternatives)]
    ranked = ranked[:PLACES]
    rank = next((n for n, (cited, _) in enumerate(ranked, 1) if case.is_gold(cited.clause)), None)
    gold, lost_because = ranked[rank - 1] if rank else (None, None)
    return CaseResult(
        case=case,
        answered=answered,
        right=citation is not None and rank == 1 if case.answerable else not answered,
        rank=rank,
        clause=ClauseRef.of(citation.clause) if citation else None,
        best=ClauseRef.of(ranked[0][0].clause) if ranked else None,
        confidence=answer.confidence,
        reason=answer.reason.value if answer.reason else None,
        why=answer.why,
        quote_faithful=citation is None
        or citation.version.text[citation.clause.start : citation.clause.end] == citation.clause.text,
        gold_clause=ClauseRef.of(gold.clause) if gold else None,
        lost_because=lost_because,
        gold_language=gold.version.language if gold else None,
        covered=answer.covered,
    )


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured, on what, and every case's own result.

    On the disk it is a folder: `summary.json`, `cases.jsonl`, `baselines/NAME.jsonl`.
    """

    summary: Mapping[str, Any]  # what `summary.json` holds; see eval.run
    cases: tuple[CaseResult, ...]
    # of other systems on the same cases: their first clause, its score as confidence; only the order of scores counts
    baselines: Mapping[str, tuple[CaseResult, ...]] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        return [result.row() for result in self.cases]

    def write(self, folder: Path) -> None:
        """In the place of the run that the folder holds. Killed at any point it leaves the old run, the new one or none
        that can be loaded, never the figures of one with the cases of the other."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.summary, ensure_ascii=False, indent=2, allow_nan=False)
        part = folder / "cases.jsonl.part"
        _write_rows(part, self.rows())
        summary = folder / "summary.json"
        summary.unlink(missing_ok=True)
        for old in (folder / "baselines").glob("*.jsonl"):
            old.unlink()
        for name, cases in self.baselines.items():
            (folder / "baselines").mkdir(exist_ok=True)
            _write_rows(folder / "baselines" / f"{name}.jsonl", map(_baseline_row, cases))
        os.replace(part, folder / "cases.jsonl")
        (folder / "summary.json.part").write_text(text + "\n", "utf-8")
        os.replace(folder / "summary.json.part", summary)

    @classmethod
    def load(cls, folder: Path) -> Run:
        """Raises EvalError where the folder holds no run."""
        try:
            summary = json.loads((folder / "summary.json").read_text("utf-8"))
            if summary["format"] != FORMAT:
                raise EvalError(
                    f"The run in {folder} has format {summary['format']}; expected {FORMAT}. Measure it again."
                )
            cases = tuple(CaseResult.from_row(row) for row in _read_rows(folder / "cases.jsonl"))
            case_of = {result.case.key: result.case for result in cases}
            baselines = {
                file.stem: tuple(_baseline_result(row, case_of) for row in _read_rows(file))
                for file in sorted((folder / "baselines").glob("*.jsonl"))
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EvalError(
                f"{folder} holds no run that can be read ({type(error).__name__}: {error}); expected summary.json and "
                "cases.jsonl as `kb eval --out DIR` writes them."
            ) from error
        return cls(summary, cases, baselines)


def _baseline_row(result: CaseResult) -> dict[str, Any]:
    return {
        "id": result.case.id,
        "suite": result.case.suite,
        "rank": result.rank,
        "clause": asdict(result.best) if result.best else None,
        "score": result.confidence,
    }


def _baseline_result(row: Mapping[str, Any], case_of: Mapping[tuple[str, str], Case]) -> CaseResult:
    case = case_of[row["suite"], row["id"]]
    best = ClauseRef(**row["clause"]) if row["clause"] else None
    right = row["rank"] == 1 if case.answerable else best is None
    return CaseResult(case, best is not None, right, row["rank"], best, best, row["score"])


def _write_rows(file: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with open(file, "w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)


def _read_rows(file: Path) -> Sequence[Any]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
