"""What was answered, held against the version and the clause of the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from assistant import Assistant
from assistant.types import Answer, AnswerStatus
from eval.dated.cases import Dated
from kb import moments
from kb.snapshot import Snapshot
from kb.types import Version, VersionState
from kb.validity import family_of


class Verdict(StrEnum):
    RIGHT = "right"  # the clause, of the version of the day
    OTHER_CLAUSE = "other_clause"  # of the version of the day: retrieval took another one
    OTHER_DOCUMENT = "other_document"  # in force on the day, but another document
    OTHER_VERSION = "other_version"  # not the one of the day: a defect, whatever the clause says
    NO_ANSWER = "no_answer"  # it abstained, and there was an answer
    RIGHTLY_NONE = "rightly_none"  # it abstained, and nothing was in force
    NOT_YET = "not_yet"  # it answered, though nothing of the document was in force


@dataclass(frozen=True, slots=True)
class Judged:
    dated: Dated
    verdict: Verdict
    document: str | None  # of the answer, or of the nearest clause where there was none
    label: str | None
    confidence: float
    best: bool  # the best clause is the right one, answered or not


@dataclass(frozen=True, slots=True)
class Overlap:
    """A moment at which not exactly one version of a document is in force."""

    family: str
    at: str  # ISO 8601
    in_force: tuple[str, ...]  # keys


def ask(
    assistant: Assistant,
    snapshot: Snapshot,
    cases: Sequence[Dated],
    now: datetime,
    tick: Callable[[int, int], None] | None = None,
) -> list[Judged]:
    """`now` knows the base's time zone."""
    judged = []
    for number, dated in enumerate(cases, 1):
        judged.append(judge(dated, assistant.ask(dated.case.request, now), snapshot, now))
        if tick:
            tick(number, len(cases))
    return judged


def judge(dated: Dated, answer: Answer, snapshot: Snapshot, now: datetime) -> Judged:
    nearest = answer.citation or next((alternative.citation for alternative in answer.alternatives), None)
    return Judged(
        dated,
        _verdict(dated, answer, snapshot, now),
        nearest.clause.document if nearest else None,
        nearest.clause.label if nearest else None,
        answer.confidence,
        nearest is not None and dated.case.is_gold(nearest.clause),
    )


def _verdict(dated: Dated, answer: Answer, snapshot: Snapshot, now: datetime) -> Verdict:
    case = dated.case
    if answer.status is not AnswerStatus.ANSWERED or answer.citation is None:
        return Verdict.NO_ANSWER if case.answerable else Verdict.RIGHTLY_NONE
    if answer.citation is not None and case.is_gold(answer.citation.clause):
        return Verdict.RIGHT
    given = answer.citation.version
    at = moments.instant(case.request.as_of, now)
    families = {family_of(v) for v in snapshot.versions if v.document in dated.documents}
    if family_of(given) in families:
        if not case.answerable:
            return Verdict.NOT_YET
        return Verdict.OTHER_CLAUSE if given.document in dated.documents else Verdict.OTHER_VERSION
    in_force = snapshot.validity[given.id].state(at) is VersionState.IN_FORCE
    if not in_force:
        return Verdict.OTHER_VERSION
    return Verdict.OTHER_DOCUMENT if case.answerable else Verdict.NOT_YET


def not_exactly_one(snapshot: Snapshot) -> list[Overlap]:
    """Where, at the beginning or end of any version, a document has none or two in force, from its first one on.

    A document may end for good: then there is none from that moment on.
    """
    families: dict[str, list[Version]] = {}
    for version in snapshot.versions:
        families.setdefault(family_of(version), []).append(version)
    found = []
    for family, versions in sorted(families.items()):
        validity = [snapshot.validity[version.id] for version in versions]
        begins = {v.first or moments.EVER for v in validity}
        ends = {v.until for v in validity if v.until is not None}
        for at in sorted(begins | ends):
            in_force = [v.document for v in versions if snapshot.validity[v.id].state(at) is VersionState.IN_FORCE]
            over = at >= max(ends, default=moments.EVER) and at > max(begins)
            if len(in_force) != 1 and not (over and not in_force):
                found.append(Overlap(family, at.isoformat(), tuple(in_force)))
    return found


def figures(judged: Iterable[Judged]) -> dict[str, Any]:
    rows = list(judged)
    answerable = [row for row in rows if row.dated.case.answerable]
    answered = [row for row in answerable if row.verdict is not Verdict.NO_ANSWER]
    none = [row for row in rows if not row.dated.case.answerable]
    of_the_day = [row for row in answered if row.verdict is not Verdict.OTHER_VERSION]
    right = [row for row in answered if row.verdict is Verdict.RIGHT]
    return {
        "questions": len(rows),
        "answerable": len(answerable),
        "answered": len(answered),
        "right_version": _share(len(of_the_day), len(answered)),
        "right_clause": _share(len(right), len(answered)),
        "right_clause_of_all": _share(len(right), len(answerable)),
        "best_clause": _share(sum(row.best for row in answerable), len(answerable)),
        "not_in_force": len(none),
        "rightly_none": sum(row.verdict is Verdict.RIGHTLY_NONE for row in none),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
