"""Requests and answers as the JSON of the public contract; the command line and REST share it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NoReturn

from assistant.types import Alternative, Answer, AnswerStatus, Basis, Choices, Citation, Edition, Reply, Request, Turn
from kb import moments
from kb.moments import show_from, show_until
from ui.errors import InvalidRequest
from ui.types import Feedback, Verdict

MAX_QUESTION_CHARS = 8_000
MAX_HISTORY_TURNS = 200
MAX_HISTORY_CHARS = 40_000
MAX_NOTE_CHARS = 2_000
MAX_SCOPE_CHARS = 200
MAX_TOP = 20
MAX_HITS = 200
DEFAULT_HITS = 10
DEFAULT_TOP = Request(question="").top

SEARCH_FIELDS = ("query", "question", "as_of", "scope", "top")
REQUEST_FIELDS = ("question", "history", "as_of", "scope", "language", "agent_language", "top")
FEEDBACK_FIELDS = ("answer_id", "snapshot", "verdict", "note")
ROLES = ("customer", "agent")


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The contract's object. Key order is fixed, so equal answers serialise to equal bytes."""
    return {
        "id": answer.id,
        "question": answer.question,
        "status": answer.status.value,
        "reason": answer.reason.value if answer.reason else None,
        "clause": clause_to_json(answer.citation) if answer.citation else None,
        "quote": answer.quote,
        "highlights": [list(span) for span in answer.highlights],
        "confidence": answer.confidence,
        "why": answer.why,
        "alternatives": [_alternative_to_json(alternative) for alternative in answer.alternatives],
        "reply": _reply_to_json(answer.reply) if answer.reply else None,
        "escalate": {"reason": answer.escalate.reason, "to": answer.escalate.to} if answer.escalate else None,
        "snapshot": answer.snapshot,
        "timings_ms": dict(answer.timings_ms),
        "understood": _understood_to_json(answer),
        "decided_by": _basis_to_json(answer.decided) if answer.decided else None,
        "replies": [_reply_to_json(reply) for reply in answer.replies],
        "earlier": _edition_to_json(answer.earlier) if answer.earlier else None,
        "later": _edition_to_json(answer.later) if answer.later else None,
        "covered": answer.covered,
        "choices": _choices_to_json(answer.choices) if answer.choices else None,
        "continued": [
            clause_to_json(replace(answer.citation, clause=clause)) for clause in answer.continued if answer.citation
        ],
    }


def clause_to_json(citation: Citation) -> dict[str, Any]:
    clause, version = citation.clause, citation.version
    return {
        "id": clause.id,
        "document": clause.document,
        "title": version.title,
        "label": clause.label,
        "path": list(clause.path),
        "text": clause.text,
        "context": clause.context,
        "start": clause.start,
        "end": clause.end,
        "page": clause.page,
        "sha256": clause.sha256,
        "version": version.id,
        "effective_from": show_from(citation.effective_from),
        "effective_to": show_until(citation.effective_until),
        "authority": version.authority,
        "scope": dict(sorted(version.scope.items())),
        "language": version.language,
    }


def error_to_json(why: str, *, snapshot: str, row: object = None) -> dict[str, Any]:
    """The answer to a row that is not a request: the same keys, `status` "error", and what was wrong."""
    question = row.get("question") if isinstance(row, Mapping) else None
    return {
        "id": "",
        "question": "" if not isinstance(question, str) else question[:MAX_QUESTION_CHARS],
        "status": AnswerStatus.ERROR.value,
        "reason": None,
        "clause": None,
        "quote": "",
        "highlights": [],
        "confidence": 0.0,
        "why": why,
        "alternatives": [],
        "reply": None,
        "escalate": None,
        "snapshot": snapshot,
        "timings_ms": {},
        "understood": None,
        "decided_by": None,
        "replies": [],
        "earlier": None,
        "later": None,
        "covered": 0.0,
        "choices": None,
        "continued": [],
    }


def request_from_json(value: object, *, also: Collection[str] = ()) -> Request:
    """Reads a request. `also` names fields that the caller deals with itself (a batch row's `id`).

    Raises InvalidRequest, naming the field, what was found and what was expected.
    """
    fields = _object(value, (*REQUEST_FIELDS, *also))
    return Request(
        question=_question(fields),
        history=_history(fields.get("history")),
        as_of=_moment(fields.get("as_of")),
        scope=_scope(fields.get("scope")),
        language=_optional_text(fields, "language", 35),
        agent_language=_optional_text(fields, "agent_language", 35),
        top=_top(fields.get("top")),
    )


def search_from_json(value: object) -> tuple[Request, int]:
    """Reads a search and how many clauses it wants. `question` may stand for `query`. Raises InvalidRequest."""
    fields = dict(_object(value, SEARCH_FIELDS))
    if "query" in fields and "question" in fields:
        _refuse("query and question are both given; expected one of them.")
    top = fields.pop("top", None)
    if top is not None and (not isinstance(top, int) or isinstance(top, bool) or not 1 <= top <= MAX_HITS):
        _refuse(f"top is {_shown(top)}; expected a whole number from 1 to {MAX_HITS}.")
    if "query" in fields:
        fields["question"] = fields.pop("query")
    return request_from_json(fields), DEFAULT_HITS if top is None else top


def ingest_from_json(value: object) -> dict[str, Any]:
    """Reads what an ingest is told: `draft`, `full`, `force` (the reason). Raises InvalidRequest."""
    fields = _object(value, ("draft", "full", "force"))
    for name in ("draft", "full"):
        if not isinstance(fields.get(name, False), bool):
            _refuse(f"{name} is {_shown(fields[name])}; expected true or false.")
    if fields.get("force") is not None:
        _required_text(fields, "force", MAX_NOTE_CHARS)
    return dict(fields)


def feedback_from_json(value: object) -> Feedback:
    """Raises InvalidRequest, like `request_from_json`."""
    fields = _object(value, FEEDBACK_FIELDS)
    verdict = fields.get("verdict")
    if verdict not in tuple(Verdict):
        _refuse(f"verdict is {_shown(verdict)}; expected one of {', '.join(Verdict)}.")
    return Feedback(
        answer_id=_required_text(fields, "answer_id", 200),
        snapshot=_required_text(fields, "snapshot", 200),
        verdict=Verdict(verdict),
        note=_optional_text(fields, "note", MAX_NOTE_CHARS),
    )


def _understood_to_json(answer: Answer) -> dict[str, Any]:
    """The moment and the scope it was answered for, and which of them the question's words named.

    `as_of` is null for "now": an answer is the same object on every day until the rules turn.
    """
    stated = answer.time.on if answer.time else answer.stated
    return {
        "as_of": stated.isoformat() if stated else None,
        "as_of_words": answer.time.words if answer.time else None,
        "scope": dict(sorted(answer.scope.items())),
        "scope_recognised": dict(sorted(answer.recognised.items())),
    }


def _reply_to_json(reply: Reply) -> dict[str, Any]:
    return {
        "text": reply.text,
        "language": reply.language,
        "template": reply.template,
        "tone": reply.tone,
        "slots": list(reply.slots),
    }


def _choices_to_json(choices: Choices) -> dict[str, Any]:
    return {"dimension": choices.dimension, "values": list(choices.values)}


def _basis_to_json(basis: Basis) -> dict[str, Any]:
    return {"rule": basis.rule, "id": basis.id, "by": basis.by, "on": basis.on.isoformat() if basis.on else None}


def _edition_to_json(edition: Edition) -> dict[str, Any]:
    """`clause` is null where that version does not have it."""
    return {
        "from": show_from(edition.begins),
        "document": edition.version.document,
        "title": edition.version.title,
        "version": edition.version.id,
        "text": edition.clause.text if edition.clause else None,
    }


def _alternative_to_json(alternative: Alternative) -> dict[str, Any]:
    return {
        "clause": clause_to_json(alternative.citation),
        "score": alternative.score,
        "lost_because": alternative.lost_because,
    }


def _object(value: object, known: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        _refuse(f"Expected a JSON object, found {_kind(value)}.")
    unknown = sorted(set(value) - set(known))
    if unknown:
        names = ", ".join(_shown(name) for name in unknown)
        _refuse(f"Unknown field{'s' if len(unknown) > 1 else ''} {names}; known are {', '.join(known)}.")
    return value


def _question(fields: Mapping[str, Any]) -> str:
    question = _required_text(fields, "question", MAX_QUESTION_CHARS)
    if not question.strip():
        _refuse("question is empty; expected what the customer asked.")
    return question


def _history(value: object) -> tuple[Turn, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        _refuse(f"history is {_kind(value)}; expected a list of {{role, text}}.")
    if len(value) > MAX_HISTORY_TURNS:
        _refuse(f"history has {len(value):,} turns; at most {MAX_HISTORY_TURNS:,} are read.", too_large=True)
    turns = tuple(_turn(turn, position) for position, turn in enumerate(value))
    chars = sum(len(turn.text) for turn in turns)
    if chars > MAX_HISTORY_CHARS:
        _refuse(f"history has {chars:,} characters; at most {MAX_HISTORY_CHARS:,} are read.", too_large=True)
    return turns


def _turn(value: object, position: int) -> Turn:
    where = f"history[{position}]"
    if not isinstance(value, Mapping):
        _refuse(f"{where} is {_kind(value)}; expected an object with role and text.")
    unknown = sorted(set(value) - {"role", "text"})
    if unknown:
        _refuse(f"{where} has the unknown field {_shown(unknown[0])}; known are role, text.")
    role, text = value.get("role"), value.get("text")
    if role not in ROLES:
        _refuse(f"{where}.role is {_shown(role)}; expected one of {', '.join(ROLES)}.")
    return Turn(role, _text(text, f"{where}.text", MAX_QUESTION_CHARS))


def _moment(value: object) -> date | datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return moments.parse(value)
        except ValueError:
            pass
    _refuse(f"as_of is {_shown(value)}; expected a date like 2026-01-31 (or …T20:00).")


def _scope(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        _refuse(f'scope is {_kind(value)}; expected an object of strings such as {{"platform": "…"}}.')
    for dimension, chosen in value.items():
        if not isinstance(chosen, str) or not chosen:
            _refuse(f"scope.{str(dimension)[:40]} is {_shown(chosen)}; expected a string that is not empty.")
        _text(chosen, f"scope.{str(dimension)[:40]}", MAX_SCOPE_CHARS)
    return dict(value)


def _top(value: object) -> int:
    if value is None:
        return DEFAULT_TOP
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_TOP:
        _refuse(f"top is {_shown(value)}; expected a whole number from 0 to {MAX_TOP}.")
    return value


def _required_text(fields: Mapping[str, Any], name: str, limit: int) -> str:
    if name not in fields:
        _refuse(f"{name} is missing; expected a string.")
    return _text(fields[name], name, limit)


def _optional_text(fields: Mapping[str, Any], name: str, limit: int) -> str | None:
    value = fields.get(name)
    return None if value is None else _text(value, name, limit)


def _text(value: object, name: str, limit: int) -> str:
    if not isinstance(value, str):
        _refuse(f"{name} is {_kind(value)}; expected a string.")
    if len(value) > limit:
        _refuse(f"{name} has {len(value):,} characters; at most {limit:,} are read.", too_large=True)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:  # JSON can spell half of a surrogate pair; nothing behind us could store it
        _refuse(f"{name} holds half a character (a lone surrogate); expected Unicode text.")
    return value


def _shown(value: object) -> str:
    """A value as it may stand in a message: short, so that a pasted chat never ends up in a log."""
    if value is None or isinstance(value, list | Mapping):
        return _kind(value)
    text = str(value)
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"


def _refuse(message: str, *, too_large: bool = False) -> NoReturn:
    raise InvalidRequest(message, too_large=too_large)
