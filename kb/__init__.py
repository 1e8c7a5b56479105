"""The knowledge base: documents, versions and clauses, their vectors, and immutable snapshots of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kb.errors import KbError
from kb.types import Clause, Content, Hit, Version

if TYPE_CHECKING:
    from kb.embedding import Embedder, open_embedder
    from kb.home import Home
    from kb.snapshot import Snapshot

__all__ = ["Clause", "Content", "Embedder", "Hit", "Home", "KbError", "Snapshot", "Version", "open_embedder"]

# Opened when first asked for: the processes that read files need the records only.
_ROOMS = {"Embedder": "kb.embedding", "open_embedder": "kb.embedding", "Home": "kb.home", "Snapshot": "kb.snapshot"}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
