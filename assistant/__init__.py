"""From a question to the one clause that answers it, or to an honest refusal."""

from assistant.engine import Assistant
from assistant.errors import AssistantError, BadRequest
from assistant.types import Answer, AnswerStatus, Reason, Request, Turn

__all__ = ["Answer", "AnswerStatus", "Assistant", "AssistantError", "BadRequest", "Reason", "Request", "Turn"]
