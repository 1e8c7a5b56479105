"""What the desk does, as plain functions: nothing here knows Gradio."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from assistant import chat
from assistant.errors import BadRequest
from assistant.types import Answer, Choices, Request, Turn
from kb import moments
from ui.json import MAX_HISTORY_CHARS, MAX_HISTORY_TURNS, MAX_QUESTION_CHARS
from ui.types import Assistant

log = logging.getLogger(__name__)

ALTERNATIVES_SHOWN = 4


class Trouble(StrEnum):
    """Why a question was not looked up; each is a sentence of the wording, `error_…`."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    DATE = "date"
    REQUEST = "request"  # the assistant refused it
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Sent:
    """What the browser sent. It is kept there as it was sent: by the time it is read, the agent may be typing on."""

    number: int = 0  # counts a page's questions, so that the page knows whose answer has come
    text: str = ""
    as_of: str = ""  # a moment set in the answer; empty: the desk's
    scope: Mapping[str, str] = field(default_factory=dict)  # what was chosen of an answer's choices


@dataclass(frozen=True, slots=True)
class Offered:
    """Choices that a question left open; they stay while it is asked again for one of them."""

    choices: Choices
    chosen: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the right of the desk: an answer, or what went wrong."""

    answer: Answer | None
    at: datetime
    trouble: Trouble | None = None
    details: Mapping[str, object] | None = None  # fills the names in braces of the sentence
    request: Request | None = None  # what was asked, once it could be read
    offered: tuple[Offered, ...] = ()
    number: int = 0  # of the Sent that it answers


def read_sent(text: str | None) -> Sent | None:
    """What the page's script wrote; None where it wrote nothing that can be read."""
    try:
        record = json.loads(text or "")
        scope = {str(name): str(value) for name, value in record["scope"].items()}
        return Sent(int(record["number"]), str(record["text"]), str(record["as_of"]), scope)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def answer(
    assistant: Assistant,
    sent: Sent,
    as_of: str,
    scope: Mapping[str, str | None],
    language: str,
    before: Shown | None,
    now: datetime,
) -> Shown:
    """Looks up what was sent, with the desk's date and scope where it brings none of its own.

    `before`: what the page shows; the choices that it offers stay, if one of them is what is asked for now.
    """
    what = look_up(assistant, sent.text, sent.as_of or as_of, {**scope, **sent.scope}, language, now)
    kept = tuple(
        replace(offer, chosen=sent.scope[offer.choices.dimension])
        for offer in (before.offered if before else ())
        if offer.choices.dimension in sent.scope
    )
    return replace(what, number=sent.number, offered=_with_choices(kept, what.answer))


def _with_choices(kept: tuple[Offered, ...], found: Answer | None) -> tuple[Offered, ...]:
    if found is None or found.choices is None:
        return kept
    return (*(offer for offer in kept if offer.choices.dimension != found.choices.dimension), Offered(found.choices))


def look_up(
    assistant: Assistant, text: str, as_of: str, scope: Mapping[str, str | None], language: str, now: datetime
) -> Shown:
    """Asks the assistant what the customer asked. Every failure becomes a Shown with its trouble.

    `language`: the page's; the agent reads the reasons in it, whatever the customer writes.
    """
    question, history = chat.parse(text or "")
    if not question:
        return Shown(None, now, Trouble.EMPTY)
    if len(question) > MAX_QUESTION_CHARS:
        return Shown(None, now, Trouble.TOO_LONG, {"limit": MAX_QUESTION_CHARS, "found": len(question)})
    try:
        day = parse_day(as_of)
    except ValueError:
        return Shown(None, now, Trouble.DATE, {"value": as_of.strip()[:40]})
    request = Request(
        question=question,
        history=recent_turns(history),
        as_of=day,
        scope={dimension: value for dimension, value in scope.items() if value},
        agent_language=language,
        top=ALTERNATIVES_SHOWN,
    )
    return _ask(assistant, request, now)


def in_language(assistant: Assistant, what: Shown | None, language: str, now: datetime) -> Shown | None:
    """What is shown, asked again with its reasons in another language."""
    if what is None or what.request is None:
        return what
    again = _ask(assistant, replace(what.request, agent_language=language), now)
    return replace(again, offered=what.offered, number=what.number)


def _ask(assistant: Assistant, request: Request, now: datetime) -> Shown:
    try:
        return Shown(assistant.ask(request), now, request=request)
    except BadRequest as refusal:
        return Shown(None, now, Trouble.REQUEST, {"why": str(refusal)}, request)
    except Exception as failure:  # the agent gets a sentence; the traceback would end in a lost page
        # The type alone: a message may quote the question, and logs hold no personal data.
        log.error("The desk could not answer: %s", type(failure).__name__)
        return Shown(None, now, Trouble.INTERNAL, request=request)


def parse_day(text: str) -> date | datetime | None:
    """The day of an ISO date, or the minute if one is stated; None for nothing. Raises ValueError."""
    text = (text or "").strip()
    return moments.parse(text) if text else None


def recent_turns(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """The last turns that fit into what a request may hold."""
    kept: list[Turn] = []
    chars = 0
    for turn in reversed(history[-MAX_HISTORY_TURNS:]):
        chars += len(turn.text)
        if chars > MAX_HISTORY_CHARS:
            break
        kept.append(turn)
    return tuple(reversed(kept))


def read_tab(text: str | None, scopes: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, str], str]:
    """Scope and day that a browser's tab remembered, less what the base no longer knows and what is no day."""
    try:
        record = json.loads(text or "{}")
        chosen, day = dict(record.get("scope") or {}), str(record.get("day") or "")
        parse_day(day)
    except (ValueError, TypeError, AttributeError):
        return {}, ""
    return {name: value for name, value in chosen.items() if value in scopes.get(name, ())}, day
