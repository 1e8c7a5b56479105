"""What /openapi.json says of bodies that are read by hand, so that their refusals can name what was found."""

from __future__ import annotations

from typing import Any

from ui.json import FEEDBACK_FIELDS, MAX_HITS, MAX_NOTE_CHARS, MAX_QUESTION_CHARS, MAX_TOP, ROLES
from ui.types import Verdict

MAX_LIST = 256

_REQUEST_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["question"],
    "additionalProperties": False,
    "properties": {
        "question": {"type": "string", "maxLength": MAX_QUESTION_CHARS},
        "history": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["role", "text"],
                "additionalProperties": False,
                "properties": {"role": {"enum": list(ROLES)}, "text": {"type": "string"}},
            },
        },
        "as_of": {
            "type": ["string", "null"],
            "examples": ["2026-01-31", "2026-01-31T20:00"],
            "description": "Answer by the rules of this day or minute.",
        },
        "scope": {"type": "object", "additionalProperties": {"type": "string"}},
        "language": {"type": ["string", "null"], "description": "Of the reply and `why`; default: the question's."},
        "agent_language": {
            "type": ["string", "null"],
            "description": "Of what the agent is told, `why` and `lost_because`; default: `language`.",
        },
        "top": {"type": "integer", "minimum": 0, "maximum": MAX_TOP, "description": "How many alternatives to give."},
    },
}
_CLAUSE_SCHEMA = {
    "type": "object",
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("id", "document", "title", "label", "text", "sha256", "version", "authority", "language")
        },
        "context": {
            "type": "string",
            "description": "What the text is to be read with and is no part of it: a table's header, an article's lead-in.",
        },
        "path": {"type": "array", "items": {"type": "string"}},
        "start": {"type": "integer"},
        "end": {"type": "integer"},
        "page": {"type": ["integer", "null"]},
        "effective_from": {
            "type": ["string", "null"],
            "description": "The first day, or the minute where a rule begins in the course of a day.",
        },
        "effective_to": {
            "type": ["string", "null"],
            "description": "The last day, or the minute where it ends in the course of a day.",
        },
        "scope": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_REPLY_SCHEMA = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("text", "language", "template", "tone")},
        "slots": {"type": "array", "items": {"type": "string"}},
    },
}
_EDITION_SCHEMA: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {name: {"type": ["string", "null"]} for name in ("from", "document", "title", "version", "text")},
}
_ANSWER_SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "question": {"type": "string"},
        "status": {"enum": ["answered", "abstained", "error"]},
        "reason": {"type": ["string", "null"]},
        "clause": {"anyOf": [_CLAUSE_SCHEMA, {"type": "null"}]},
        "quote": {"type": "string"},
        "highlights": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        },
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "covered": {"type": "number", "minimum": 0, "maximum": 1},
        "why": {"type": "string"},
        "alternatives": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "clause": _CLAUSE_SCHEMA,
                    "score": {"type": "number"},
                    "lost_because": {"type": "string"},
                },
            },
        },
        "reply": {"anyOf": [_REPLY_SCHEMA, {"type": "null"}]},
        "escalate": {"type": ["object", "null"]},
        "snapshot": {"type": "string"},
        "timings_ms": {"type": "object", "additionalProperties": {"type": "number"}},
        "understood": {
            "type": ["object", "null"],
            "description": "The moment and scope it was answered for; as_of null: now.",
            "properties": {
                "as_of": {"type": ["string", "null"]},
                "as_of_words": {"type": ["string", "null"], "description": "The words that named the moment."},
                "scope": {"type": "object", "additionalProperties": {"type": "string"}},
                "scope_recognised": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
        "decided_by": {
            "type": ["object", "null"],
            "description": "What gave this clause the last word: a ruling, a confirmed wording, or a rule.",
            "properties": {name: {"type": ["string", "null"]} for name in ("rule", "id", "by", "on")},
        },
        "replies": {"type": "array", "items": _REPLY_SCHEMA, "description": "Every approved reply, `reply` first."},
        "earlier": _EDITION_SCHEMA | {"description": "How the clause read before, where that changed lately."},
        "later": _EDITION_SCHEMA | {"description": "How it will read, where a later version waits."},
        "continued": {
            "type": "array",
            "description": "The rows or items that the clause leads in and that are clauses of their own, in order.",
            "items": _CLAUSE_SCHEMA,
        },
        "choices": {
            "type": ["object", "null"],
            "description": "What an ambiguous question leaves open: ask the customer which, and send it as `scope`.",
            "properties": {
                "dimension": {"type": "string"},
                "values": {"type": "array", "items": {"type": "string"}},
            },
        },
    },
}
_PROBLEM = {
    "description": "What was wrong",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}


def _one_or_many(schema: dict[str, Any], limit: int | None = None) -> dict[str, Any]:
    many = {"type": "array", "items": schema} | ({"maxItems": limit} if limit else {})
    return {"application/json": {"schema": {"oneOf": [schema, many]}}}


ASK_DOCUMENTATION: dict[str, Any] = {
    "requestBody": {"required": True, "content": _one_or_many(_REQUEST_SCHEMA, MAX_LIST)},
    "responses": {
        "200": {"description": "The answer, or one answer a request", "content": _one_or_many(_ANSWER_SCHEMA)},
        **dict.fromkeys(("400", "413", "415", "422", "503"), _PROBLEM),
    },
}
FEEDBACK_DOCUMENTATION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": list(FEEDBACK_FIELDS[:3]),
                    "additionalProperties": False,
                    "properties": {
                        "answer_id": {"type": "string"},
                        "snapshot": {"type": "string"},
                        "verdict": {"enum": list(Verdict)},
                        "note": {"type": ["string", "null"], "maxLength": MAX_NOTE_CHARS},
                    },
                }
            }
        },
    },
    "responses": {"204": {"description": "Recorded"}, **dict.fromkeys(("400", "413", "415", "422"), _PROBLEM)},
}

SEARCH_DOCUMENTATION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["query"],
                    "additionalProperties": False,
                    "properties": {
                        "query": {"type": "string", "maxLength": MAX_QUESTION_CHARS},
                        **{name: _REQUEST_SCHEMA["properties"][name] for name in ("as_of", "scope")},
                        "top": {"type": "integer", "minimum": 1, "maximum": MAX_HITS},
                    },
                }
            }
        },
    },
    "responses": {
        "200": {"description": "The ranked clauses"},
        **dict.fromkeys(("400", "413", "415", "422", "503"), _PROBLEM),
    },
}
UPLOAD_DOCUMENTATION: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            }
        },
    },
    "responses": {
        "201": {"description": "Stored; not in the base yet"},
        **dict.fromkeys(("403", "413", "415", "422"), _PROBLEM),
    },
}
INGEST_DOCUMENTATION: dict[str, Any] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "draft": {"type": "boolean"},
                        "full": {"type": "boolean"},
                        "force": {"type": "string", "description": "The reason to publish even if a check refuses."},
                    },
                }
            }
        },
    },
    "responses": {
        "200": {"description": "The report of `kb ingest --json`; 409 with the same report where it was not published"},
        **dict.fromkeys(("400", "403", "409", "415", "422"), _PROBLEM),
    },
}
