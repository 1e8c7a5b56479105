"""What can go wrong while documents are brought in.

IngestError
├── UnreadableFile      the file gave no text that can be trusted: replace or convert it
├── InvalidMetadata     a field holds a value that cannot be meant: correct it
└── SourceError         what was named to be ingested does not exist or clashes: name it otherwise
"""

from __future__ import annotations


class IngestError(Exception):
    """Root of all errors of this package; its message is fit to be shown as it is."""


class UnreadableFile(IngestError):
    """A file that gave no text. `reason` says what was found, what was expected and what to do next."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class InvalidMetadata(IngestError):
    """A metadata field whose value cannot be used."""

    def __init__(self, field: str, found: str, expected: str, remedy: str) -> None:
        super().__init__(f"{field}: found {found!r}, expected {expected}. {remedy}")
        self.field = field
        self.found = found


class SourceError(IngestError):
    """A path that is not there, or two sources that would be one document."""
