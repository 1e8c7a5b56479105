"""From a question to the one clause that answers it, or to an honest refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError, BadRequest
from assistant.types import Answer, AnswerStatus, Reason, Request, Turn

if TYPE_CHECKING:
    from assistant.engine import Assistant

__all__ = ["Answer", "AnswerStatus", "Assistant", "AssistantError", "BadRequest", "Reason", "Request", "Turn"]


def __getattr__(name: str) -> Any:
    # A publish looks for contradictions, and most often asks nothing: the engine with its lexicons takes 0.1 s to load.
    if name == "Assistant":
        from assistant.engine import Assistant

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
