"""Whose answers a change alters: the same questions put to two snapshots, and why they part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from assistant.types import Answer, Request
from kb import moments
from kb.types import VersionState

if TYPE_CHECKING:
    from assistant.engine import Assistant


class Cause(StrEnum):
    """Why an answer is another one now. The first that holds is named."""

    MODEL = "model"  # the two snapshots were built with different embedding models
    EDITED = "edited"  # the same clause answers, in other words
    RETIRED = "retired"  # the clause that answered is gone
    OUT_OF_FORCE = "out_of_force"  # it is there, but not in force at the date asked about
    TERMS = "terms"  # its authority or scope is another
    DECISION = "decision"  # a ruling or a wording that was not there, or is there no more, decides
    COMPETITOR = "competitor"  # a clause that was not there, or not in these words, answers instead
    RANKING = "ranking"  # nothing of this: clauses around them changed the scores


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    request: Request
    before: Answer
    after: Answer
    cause: Cause


def changed_answers(
    old: Assistant,
    new: Assistant,
    requests: Iterable[Request],
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> list[ChangedAnswer]:
    """Those of `requests` whose clause, wording or abstention differs, in their order."""
    changed = []
    for done, request in enumerate(requests, 1):
        before, after = old.ask(request, now), new.ask(request, now)
        if _said(before) != _said(after):
            changed.append(ChangedAnswer(request, before, after, _cause(old, new, before, after, now)))
        if progress:
            progress(done)
    return changed


def _said(answer: Answer) -> tuple[str | None, ...]:
    if answer.citation is None:
        return (answer.status, answer.reason)
    return (answer.citation.clause.id, answer.citation.clause.sha256)


def _signed(answer: Answer) -> str | None:
    """The id of the decision that the answer rests on."""
    return answer.decided.id if answer.decided else None


def _cause(old: Assistant, new: Assistant, before: Answer, after: Answer, now: datetime) -> Cause:
    if old.embedder != new.embedder:
        return Cause.MODEL
    was, is_now = before.citation, after.citation
    if was is not None and is_now is not None and was.clause.id == is_now.clause.id:
        return Cause.EDITED
    if was is not None:
        standing = new.standing(was.clause.id, moments.instant(after.as_of, now))
        if standing is None:
            return Cause.RETIRED
        clause, version, state = standing
        if state is not VersionState.IN_FORCE:
            return Cause.OUT_OF_FORCE
        if (version.authority, version.scope) != (was.version.authority, was.version.scope):
            return Cause.TERMS
        if clause.sha256 != was.clause.sha256:
            return Cause.EDITED
    if _signed(before) != _signed(after):
        return Cause.DECISION
    if is_now is not None:
        standing = old.standing(is_now.clause.id, moments.instant(before.as_of, now))
        if standing is None or standing[0].sha256 != is_now.clause.sha256 or standing[2] is not VersionState.IN_FORCE:
            return Cause.COMPETITOR
    return Cause.RANKING
