"""Other ways to find a clause, measured beside ours: on the same clauses, with the same encoder.

A baseline hears the question's own words. The chat before it, masking, recognised platforms and dates are what our
engine adds; but the documents are the same, those in force at the date and for the scope that the request states.
Whole clauses are compared by the vectors that the snapshot has (title and label before the text), chunks by vectors of
their own, kept in the home's vector cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from eval.types import PLACES, Case, CaseResult, ClauseRef
from kb import moments
from kb.embedding import Embedder
from kb.errors import HomeError
from kb.home import Home
from kb.search import Filter, Searcher, Weights
from kb.snapshot import Snapshot
from kb.types import Clause
from kb.vectors import VectorCache

SYSTEMS = {
    "llamaindex": "LlamaIndex as it comes: SentenceSplitter and VectorStoreIndex with their defaults, nearest chunk; "
    "its clause is the one that shares most characters with it, of equals the earlier",
    "llamaindex_chunk": "the same search, right if the right clause lies whole anywhere in the chunk",
    "dense": "the nearest whole clause",
    "bm25": "BM25 over our own lexical index, heading weighted as in our search",
    "rrf": "reciprocal-rank fusion of dense and bm25",
}
_RRF_K = 60  # Cormack, Clarke and Buettcher, SIGIR 2009
_FUSED = 100  # of each ranking, how many are fused

Tick = Callable[[int, int], None]
Rows = Sequence[int]  # clauses, as positions in the snapshot


@dataclass(frozen=True, slots=True)
class _Found:
    """One place of a ranking."""

    row: int | None  # the clause that is shown; None: a chunk that holds no part of any
    counts: Rows  # the clauses that count as found there


@dataclass(frozen=True, slots=True)
class _Ranking:
    places: Sequence[_Found]  # best first
    score: float  # of the first

    @classmethod
    def of(cls, rows: Rows, score: float) -> _Ranking:
        return cls([_Found(row, (row,)) for row in rows[:PLACES]], score)


def run(
    home: Home,
    snapshot: Snapshot,
    embedder: Embedder,
    cases: Sequence[Case],
    tick: Tick = lambda done, total: None,
    now: datetime | None = None,
    systems: Iterable[str] = tuple(SYSTEMS),
) -> dict[str, tuple[CaseResult, ...]]:
    """What each system finds for each case, in the order of `cases`.

    None of them abstains: every question has an answer, and `confidence` is the first clause's raw score, of which
    only the order counts. `home`: where vectors are kept. `now`: the moment at which all are asked; None: this one.
    """
    snapshot.require(embedder)
    base = _Base(snapshot)
    wanted = [name for name in SYSTEMS if name in set(systems)]
    chunks = None
    if any(name.startswith("llamaindex") for name in wanted):
        chunks = _LlamaIndex(snapshot, embedder, home.vector_cache_file)
    now = now or datetime.now(home.settings.zone())
    results: dict[str, list[CaseResult]] = {name: [] for name in wanted}
    for done, case in enumerate(cases, 1):
        request = case.request
        groups = base.groups(moments.instant(request.as_of, case.asked_at(now)), request.scope)
        vector = embedder.embed_question(request.question).vector
        dense, similarities = base.dense(vector, groups)
        lexical, scores = base.lexical(request.question, groups)
        fused, sums = fuse(dense, lexical)
        found = {
            "dense": _Ranking.of(dense, _first(similarities)),
            "bm25": _Ranking.of(lexical, _first(scores)),
            "rrf": _Ranking.of(fused, _first(sums)),
        }
        if chunks is not None:
            found["llamaindex"], found["llamaindex_chunk"] = chunks.search(request.question, vector, groups)
        for name in wanted:
            results[name].append(_result(case, found[name], snapshot))
        tick(done, len(cases))
    return {name: tuple(found) for name, found in results.items()}


def fuse(*rankings: Rows) -> tuple[Rows, Sequence[float]]:
    """score(d) = Σ 1 / (k + place of d), over the rankings that have d; best first, of equals the earlier clause."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, row in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1 / (_RRF_K + place)
    scores = {row: round(score, 12) for row, score in scores.items()}
    rows = sorted(scores, key=lambda row: (-scores[row], row))
    return rows, [scores[row] for row in rows]


def clause_of(clauses: Sequence[Clause], start: int, end: int) -> int | None:
    """Position of the clause that shares most characters with [start, end) of the text they are cut from; of equals
    the earlier; None where it shares none. `clauses` in the order of the text."""
    shared = [min(end, clause.end) - max(start, clause.start) for clause in clauses]
    best = max(range(len(shared)), key=lambda n: shared[n], default=None)
    return best if best is not None and shared[best] > 0 else None


class _Base:
    """Whole clauses, by their vectors and by their words."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._searcher = Searcher(snapshot)
        count = len(snapshot.clauses)
        # The pieces of a clause stand together, the whole clause first.
        self._whole = snapshot.index.vectors(np.searchsorted(snapshot.unit_row, np.arange(count))) if count else None

    def groups(self, at: datetime, scope: Mapping[str, str]) -> tuple[int, ...]:
        """Positions of the versions in force then and for that scope."""
        return self._searcher.groups(Filter(at, scope))

    def dense(self, vector: np.ndarray, groups: tuple[int, ...]) -> tuple[Rows, Sequence[float]]:
        if self._whole is None:
            return (), ()
        rows = np.flatnonzero(np.isin(self._snapshot.clause_group, groups))
        similarities = np.round(self._whole[rows] @ vector.astype(np.float32), 6)
        order = np.lexsort((rows, -similarities))[:_FUSED]
        return rows[order].tolist(), similarities[order].tolist()

    def lexical(self, question: str, groups: tuple[int, ...]) -> tuple[Rows, Sequence[float]]:
        allowed = None if len(groups) == len(self._snapshot.versions) else groups
        rows, scores = self._snapshot.lexical.search(question, _FUSED, allowed, Weights().heading)
        return rows.tolist(), scores.tolist()


class _LlamaIndex:
    """LlamaIndex's own pipeline over the stored texts: its splitter, its index in memory, its retriever.

    Each document carries its title as metadata, which LlamaIndex puts before every chunk it embeds: our whole clauses
    have it as well. It needs no language model; the encoder is ours.
    """

    def __init__(self, snapshot: Snapshot, embedder: Embedder, cache: Path) -> None:
        from llama_index.core import Document, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.core.node_parser.text.utils import split_by_sentence_tokenizer_internal
        from llama_index.core.schema import MetadataMode
        from nltk.tokenize import PunktSentenceTokenizer

        from kb.llama import KoujingEmbedding

        documents = [
            Document(id_=version.id, text=version.text, metadata={"title": version.title} if version.title else {})
            for version in snapshot.versions
        ]
        # What it would choose itself, but for two things. Its ids are random, and decide between equal scores. And with
        # the sentence tokenizer it reads a list of stop words that it has no use for here, which NLTK refuses where the
        # installer has hard-linked its files.
        sentences = PunktSentenceTokenizer()
        splitter = SentenceSplitter(
            id_func=lambda n, document: f"{document.id_}-{n:06d}",
            chunking_tokenizer_fn=lambda text: split_by_sentence_tokenizer_internal(text, sentences),
        )
        nodes: list[Any] = splitter.get_nodes_from_documents(documents)
        texts = [node.get_content(metadata_mode=MetadataMode.EMBED) for node in nodes]
        for node, vector in zip(nodes, _kept(cache, texts, embedder), strict=True):
            node.embedding = vector.tolist()
        self._index = VectorStoreIndex(nodes, embed_model=KoujingEmbedding(embedder))
        self._snapshot = snapshot
        self._chunks = _chunk_clauses(snapshot, nodes)
        self._nodes_of: dict[str, list[str]] = {version.id: [] for version in snapshot.versions}
        for node in nodes:
            self._nodes_of[node.ref_doc_id].append(node.node_id)
        self._retrievers: dict[tuple[int, ...], Any] = {}

    def search(self, question: str, vector: np.ndarray, groups: tuple[int, ...]) -> tuple[_Ranking, _Ranking]:
        """By the clause of each chunk; and by every clause that lies in it."""
        from llama_index.core.indices.vector_store.retrievers import VectorIndexRetriever
        from llama_index.core.schema import QueryBundle

        if groups not in self._retrievers:
            allowed = [node for n in groups for node in self._nodes_of[self._snapshot.versions[n].id]]
            self._retrievers[groups] = VectorIndexRetriever(self._index, similarity_top_k=PLACES, node_ids=allowed)
        hits = self._retrievers[groups].retrieve(QueryBundle(question, embedding=vector.tolist()))
        score = float(hits[0].score) if hits else 0.0
        chunks = [self._chunks[hit.node.node_id] for hit in hits]
        distinct = dict.fromkeys(chunk.row for chunk in chunks)
        by_clause = [_Found(row, () if row is None else (row,)) for row in distinct]
        return _Ranking(by_clause, score), _Ranking(chunks, score)


def _chunk_clauses(snapshot: Snapshot, nodes: Iterable[Any]) -> dict[str, _Found]:
    """Chunk -> its clause, and the clauses that lie in it whole."""
    rows_of: dict[str, list[int]] = {version.id: [] for version in snapshot.versions}
    for row, clause in enumerate(snapshot.clauses):
        rows_of[clause.version].append(row)
    found = {}
    for node in nodes:
        start, end = node.start_char_idx, node.end_char_idx
        if start is None:  # LlamaIndex did not find its chunk in the text again
            found[node.node_id] = _Found(None, ())
            continue
        rows = rows_of[node.ref_doc_id]
        clauses = [snapshot.clauses[row] for row in rows]
        at = clause_of(clauses, start, end)
        held = tuple(row for row, c in zip(rows, clauses, strict=True) if start <= c.start and c.end <= end)
        found[node.node_id] = _Found(None if at is None else rows[at], held)
    return found


def _kept(file: Path, texts: Sequence[str], embedder: Embedder) -> np.ndarray:
    """Vectors of `texts`, out of the cache where they are there, and kept there for the next run."""
    try:
        with closing(VectorCache(file)) as cache:
            halves = cache.embed(texts, embedder).vectors
    except (HomeError, OSError):  # a base that may only be read is measured all the same, each time from nothing
        halves = embedder.embed_passages(texts).astype(np.float16)
    return halves.astype(np.float32)


def _first(scores: Sequence[float]) -> float:
    return scores[0] if scores else 0.0


def _result(case: Case, ranking: _Ranking, snapshot: Snapshot) -> CaseResult:
    clauses = snapshot.clauses
    golds = [
        (place, row)
        for place, found in enumerate(ranking.places, 1)
        for row in found.counts
        if case.is_gold(clauses[row])
    ]
    rank, gold = golds[0] if golds else (None, None)
    shown = ranking.places[0].row if ranking.places else None
    best = None if shown is None else ClauseRef.of(clauses[shown])
    answered = bool(ranking.places)
    return CaseResult(
        case=case,
        answered=answered,
        right=rank == 1 if case.answerable else not answered,
        rank=rank,
        clause=best,
        best=best,
        confidence=ranking.score,
        gold_clause=None if gold is None else ClauseRef.of(clauses[gold]),
        gold_language=None if gold is None else snapshot.version_of[clauses[gold].version].language,
    )
