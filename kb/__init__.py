"""The knowledge base: documents, versions and clauses, their vectors, and immutable snapshots of them."""

from kb.embedding import Embedder, open_embedder
from kb.errors import KbError
from kb.home import Home
from kb.snapshot import Snapshot
from kb.types import Clause, Content, Hit, Version

__all__ = ["Clause", "Content", "Embedder", "Hit", "Home", "KbError", "Snapshot", "Version", "open_embedder"]
