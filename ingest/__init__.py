"""From files to clauses: reading, cutting, metadata, and keeping the base in step with its sources."""

from ingest.errors import IngestError, InvalidMetadata, SourceError, UnreadableFile
from ingest.reindex import ingest
from ingest.sources import parse_given
from ingest.types import IngestReport

__all__ = [
    "IngestError",
    "IngestReport",
    "InvalidMetadata",
    "SourceError",
    "UnreadableFile",
    "ingest",
    "parse_given",
]
