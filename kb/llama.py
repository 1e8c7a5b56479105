"""The seams to LlamaIndex: our embedder as its embedding, its embedding as ours, our search as its retriever.

LlamaIndex takes more than a second to import, so nothing else in this package imports this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import PrivateAttr

from kb.embedding import Embedded, Embedder, Progress, WholeTexts
from kb.search import Filter, Searcher
from kb.types import Clause, Scope, Version


class KoujingEmbedding(BaseEmbedding):
    """Any of our embedders where LlamaIndex wants a `BaseEmbedding`."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(model_name=embedder.id)
        self._embedder = embedder

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embedder.embed_question(query).vector.tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.embed_passages(texts).tolist()


class LlamaIndexEmbedder(WholeTexts):
    """Any LlamaIndex `BaseEmbedding` as an `Embedder`: vectors are brought to unit length."""

    def __init__(self, embedding: BaseEmbedding) -> None:
        self._embedding = embedding
        self._dimension: int | None = None

    @property
    def id(self) -> str:
        return f"llama-index:{self._embedding.class_name()}:{self._embedding.model_name}"

    @property
    def dimension(self) -> int:
        if self._dimension is None:
            self._dimension = len(self._embedding.get_query_embedding("维度"))
        return self._dimension

    def embed_question(self, text: str) -> Embedded:
        return Embedded(_unit(np.array([self._embedding.get_query_embedding(text)], np.float32))[0])

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        vectors = self._embedding.get_text_embedding_batch(list(texts))
        if progress:
            progress(len(texts))
        return _unit(np.array(vectors, np.float32).reshape(len(texts), -1))


class KoujingRetriever(BaseRetriever):
    """Search in force at a date and within a scope, where LlamaIndex wants a `BaseRetriever`."""

    def __init__(
        self,
        searcher: Searcher,
        embedder: Embedder,
        at: datetime | None = None,
        scope: Scope | None = None,
        top: int = 10,
    ) -> None:
        super().__init__()
        self._searcher, self._embedder, self._top = searcher, embedder, top
        self._groups = searcher.groups(Filter(at, scope or {}))

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        text = query_bundle.query_str
        hits = self._searcher.search(text, self._embedder.embed_question(text), self._groups, self._top)
        return [NodeWithScore(node=text_node(hit.clause, hit.version), score=hit.score) for hit in hits]


def text_node(clause: Clause, version: Version) -> TextNode:
    """A clause as a LlamaIndex node: its id, its text verbatim, and where it stands as metadata."""
    return TextNode(
        id_=clause.id,
        text=clause.text,
        start_char_idx=clause.start,
        end_char_idx=clause.end,
        metadata={
            "document": clause.document,
            "title": version.title,
            "label": clause.label,
            "path": list(clause.path),
            "page": clause.page,
            "version": version.id,
            "authority": version.authority,
            "scope": dict(version.scope),
            "sha256": clause.sha256,
        },
    )


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
