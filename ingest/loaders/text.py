"""Plain text: its encoding found, its lines as they stand."""

from __future__ import annotations

from ingest.loaders import markdown
from ingest.types import Extract


def decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"), ()


def read(text: str) -> Extract:
    """The text with its pipe tables, if it has any; a text file states no other structure."""
    return Extract(text=text, rows=tuple(markdown.tables(text)))
