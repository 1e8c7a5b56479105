"""What goes in and out of the assistant: a Request and the Answer, the object of the public contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from assistant.timewords import TimeWords
from kb.types import Clause, Scope, Version


class AnswerStatus(StrEnum):
    ANSWERED = "answered"
    ABSTAINED = "abstained"
    ERROR = "error"  # the request could not be read; only rows of a batch have it


class Reason(StrEnum):
    """Why there is no answer."""

    NO_POLICY = "no_policy"  # no clause covers it
    AMBIGUOUS = "ambiguous"  # clauses for different scopes fit; `why` asks what separates them
    NOT_IN_FORCE = "not_in_force"  # the clause that covers it is pending or expired at that date
    OUT_OF_SCOPE = "out_of_scope"  # the clause that covers it is for another scope
    NEEDS_HUMAN = "needs_human"
    UNCLEAR_QUESTION = "unclear_question"  # nothing to look up was asked
    UNSAFE = "unsafe"  # the store failed its quote check: nothing it holds may be quoted


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat. `role` is "customer" or "agent"."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    question: str
    history: tuple[Turn, ...] = ()
    as_of: date | datetime | None = None  # None: now; a day is meant as at its end
    scope: Scope = field(default_factory=dict)
    language: str | None = None  # of reply and `why`; None: the question's
    agent_language: str | None = None  # of what the agent is told: `why`, `lost_because`; None: `language`
    top: int = 3  # how many alternatives to give


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause with the version it stands in."""

    clause: Clause
    version: Version
    effective_from: datetime | None  # after supersession
    effective_until: datetime | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What an ambiguous question leaves open: the values of one dimension for which clauses differ."""

    dimension: str
    values: tuple[str, ...]  # sorted


@dataclass(frozen=True, slots=True)
class Alternative:
    citation: Citation
    score: float
    lost_because: str


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    language: str
    template: str  # id of the approved reply
    tone: str = ""
    slots: tuple[str, ...] = ()  # names in braces that the agent fills in


@dataclass(frozen=True, slots=True)
class Basis:
    """What decided that this clause answers, where it was more than its fit."""

    rule: str  # a precedence.Rule, or "means" (a ruling on the question), "asked_as" (a confirmed wording) or "cited" (asked for by its number)
    id: str | None = None  # of the ruling or wording
    by: str | None = None  # who signed it
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """How the clause that answers reads in another version of its document."""

    begins: datetime  # when that reading, or (of an earlier one) the present one, came or comes into force
    version: Version
    clause: Clause | None  # None: it is not in that version


@dataclass(frozen=True, slots=True)
class Escalation:
    reason: str
    to: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Another wording of a question, written by a model."""

    text: str | None
    note: str = ""  # why there is none: timeout, http 500, too long, rubbish, empty, or an error's name


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything but `timings_ms` is the same, byte for byte, for one request on one snapshot."""

    id: str
    question: str  # personal data masked
    status: AnswerStatus
    reason: Reason | None
    citation: Citation | None
    quote: str
    highlights: tuple[tuple[int, int], ...]  # offsets into the clause's text
    confidence: float  # of answers given 0.9, nine in ten are right
    why: str
    alternatives: tuple[Alternative, ...]
    reply: Reply | None
    escalate: Escalation | None
    snapshot: str
    timings_ms: Mapping[str, float]
    as_of: date | datetime  # the day or minute asked about, else today
    scope: Scope  # the scope it was answered for: asked for and recognised
    stated: date | datetime | None = None  # the day or minute that the request stated
    recognised: Scope = field(default_factory=dict)  # the part of `scope` that the question's words named
    time: TimeWords | None = None  # the moment that the question's words named, and it was answered for
    decided: Basis | None = None
    rewrite: Rewrite | None = None  # what was looked for beside the question; None: no model was asked
    replies: tuple[Reply, ...] = ()  # in every tone; the first is `reply`
    earlier: Edition | None = None  # the reading before this one, where it was another
    covered: float = 0.0  # how likely some clause covers the question: below the line it is not answered
    later: Edition | None = None  # the reading that takes this one's place, or has taken it since
    choices: Choices | None = None  # of an ambiguous question
    continued: tuple[Clause, ...] = ()  # the table or list that the clause only leads in: clauses of their own
    agent_language: str = "zh"  # zh or en: what `why` and `lost_because` are written in
