"""Chooses a file's reader by what the file is, checked against what its name says."""

from __future__ import annotations

from ingest.loaders import markdown, text
from ingest.types import Extract


def load(data: bytes, name: str) -> Extract:
    """The whole text of a file. Raises UnreadableFile with the reason; never returns text that is known to be damaged."""
    decoded, notes = text.decode(data, name)
    extract = markdown.read(decoded) if name.lower().endswith((".md", ".markdown")) else text.read(decoded)
    return Extract(**{**{f: getattr(extract, f) for f in extract.__slots__}, "notes": (*notes, *extract.notes)})
