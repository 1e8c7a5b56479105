"""Errors of the faces.

UiError
└── InvalidRequest   what came in cannot be read as a request: fix the input
"""

from __future__ import annotations


class UiError(Exception):
    """Root of what the faces raise on purpose; its message is one clear line."""


class InvalidRequest(UiError):
    """The input is not a request. `too_large` tells a size limit from a wrong shape."""

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


class UsageError(UiError):
    """A command was called with something that cannot be meant: wrong use, exit status 2."""
