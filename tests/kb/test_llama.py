"""The seams to LlamaIndex carry the same vectors and the same clauses, verbatim."""

from __future__ import annotations

import numpy as np

from kb.llama import KoujingEmbedding, KoujingRetriever, LlamaIndexEmbedder
from kb.search import Searcher
from tests.support import Base, TinyEmbedder


def test_an_embedder_there_and_back_gives_the_same_vectors() -> None:
    ours = TinyEmbedder()
    back = LlamaIndexEmbedder(KoujingEmbedding(ours))
    assert back.dimension == ours.dimension and ours.id in back.id
    np.testing.assert_allclose(
        back.embed_question("几天能退").vector, ours.embed_question("几天能退").vector, atol=1e-6
    )
    texts = ["七日内可以退货", "运费由买家承担"]
    np.testing.assert_allclose(back.embed_passages(texts), ours.embed_passages(texts), atol=1e-6)


def test_the_retriever_gives_clauses_verbatim_with_where_they_stand(shop: Base) -> None:
    snapshot = shop.snapshot()
    found = KoujingRetriever(Searcher(snapshot), shop.embedder, top=3).retrieve("退货的运费由谁承担")
    assert found
    for hit in found:
        node = hit.node
        version = snapshot.version_of[node.metadata["version"]]
        assert version.text[node.start_char_idx : node.end_char_idx] == node.text
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
