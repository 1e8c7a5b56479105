"""What maintainers decide beside the documents: rulings, wordings and replies. Records, and what of them holds.

A decision is made about texts, not about places: it names each clause with the hash of the text it was made on, and
is suspended where that text is no longer there, until someone confirms it again. What holds is frozen into each
snapshot, so that an answer can be given again as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from kb.sayings import Saying
from kb.text import fold
from kb.types import Clause

_NO_WORDS = re.compile(r"[\W_]+")


class RulingKind(StrEnum):
    """What a ruling says."""

    MEANS = "means"  # this question means that clause
    OVERRIDES = "overrides"  # the first clause has the last word over the second, where both are on one point
    NO_CONFLICT = "no_conflict"  # the two clauses do not contradict each other


@dataclass(frozen=True, slots=True)
class Subject:
    """A clause as it was when it was decided about."""

    clause: str  # id
    sha256: str  # of its text


@dataclass(frozen=True, slots=True)
class Ruling:
    """Signed and dated. MEANS has one subject and a question; the others have two subjects, the winner first."""

    id: str  # "r-…"
    kind: RulingKind
    subjects: tuple[Subject, ...]
    question: str | None
    because: str
    by: str
    at: str  # UTC, ISO 8601


@dataclass(frozen=True, slots=True)
class AskedAs:
    """A wording of customers that means a clause."""

    id: str  # "w-…"
    subject: Subject
    text: str  # personal data masked
    by: str  # who approved it
    at: str


@dataclass(frozen=True, slots=True)
class ApprovedReply:
    """Words for the customer, bound to a clause's text. `{订单号}` in it is a slot that the agent fills."""

    id: str  # "p-…"
    subject: Subject
    text: str
    language: str  # BCP 47
    tone: str  # "", "formal", "warm", …: the shop's own word
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that a snapshot is published with, each tuple in the order of ids, sayings in their own."""

    rulings: tuple[Ruling, ...] = ()
    asked_as: tuple[AskedAs, ...] = ()
    replies: tuple[ApprovedReply, ...] = ()
    sayings: tuple[Saying, ...] = ()  # the rows of the base's lexicon

    def holding(self, clauses: Iterable[Clause]) -> Decisions:
        """Those whose every subject stands among `clauses` in the same words."""
        texts: dict[str, set[str]] = {}
        for clause in clauses:
            texts.setdefault(clause.id, set()).add(clause.sha256)

        def stands(*subjects: Subject) -> bool:
            return all(s.sha256 in texts.get(s.clause, ()) for s in subjects)

        return replace(
            self,
            rulings=tuple(r for r in self.rulings if stands(*r.subjects)),
            asked_as=tuple(w for w in self.asked_as if stands(w.subject)),
            replies=tuple(r for r in self.replies if stands(r.subject)),
        )

    def wordings(self) -> Mapping[Subject, tuple[str, ...]]:
        """Clause -> what it is asked with, each wording once."""
        found: dict[Subject, dict[str, None]] = {}
        for wording in self.asked_as:
            found.setdefault(wording.subject, {})[wording.text] = None
        return {subject: tuple(texts) for subject, texts in found.items()}


Decision = Ruling | AskedAs | ApprovedReply


def subjects(decision: Decision) -> tuple[Subject, ...]:
    """The clauses that a decision is about."""
    return decision.subjects if isinstance(decision, Ruling) else (decision.subject,)


def wording_key(text: str) -> str:
    """What two wordings have in common when they are the same but for punctuation, spaces, width and script."""
    return _NO_WORDS.sub("", fold(text))


def overriding(overrides: Iterable[tuple[str, str]], winner: str, loser: str) -> tuple[str, ...] | None:
    """The clauses by which `loser` has the last word over `winner` already, from the one to the other: with
    `winner` over `loser` added they would be a circle. None: they would not. `overrides`: (winner, loser)."""
    under: dict[str, list[str]] = {}
    for above, below in overrides:
        under.setdefault(above, []).append(below)
    came_from: dict[str, str | None] = {loser: None}
    queue = [loser]
    for clause in queue:
        if clause == winner:
            path = [clause]
            while (before := came_from[path[-1]]) is not None:
                path.append(before)
            return tuple(reversed(path))
        for below in sorted(under.get(clause, ())):
            if below not in came_from:
                came_from[below] = clause
                queue.append(below)
    return None


NOTHING = Decisions()
