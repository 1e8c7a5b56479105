"""From files to clauses: reading, cutting, metadata, and keeping the base in step with its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import IngestError, InvalidMetadata, SourceError, UnreadableFile
from ingest.sources import parse_given
from ingest.types import IngestReport

if TYPE_CHECKING:
    from ingest.reindex import ingest

__all__ = [
    "IngestError",
    "IngestReport",
    "InvalidMetadata",
    "SourceError",
    "UnreadableFile",
    "ingest",
    "parse_given",
]


def __getattr__(name: str) -> Any:
    # The processes that read files come through this door as well, and need neither index nor embedder.
    if name == "ingest":
        from ingest.reindex import ingest

        return ingest
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
