"""What a document says of itself: only what is certain, each value with where it stands, and what contradicts itself."""

from ingest.metadata.finding import Metadata, find
from ingest.metadata.language import language

__all__ = ["Metadata", "find", "language"]
