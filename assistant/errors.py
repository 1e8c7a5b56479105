"""What can go wrong while answering.

AssistantError
└── BadRequest       the request cannot be meant as it stands: mend it
"""

from __future__ import annotations


class AssistantError(Exception):
    """A known fault; its message says what was found, what was expected and what to do next."""


class BadRequest(AssistantError):
    pass
