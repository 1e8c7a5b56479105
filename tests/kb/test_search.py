"""Search: compared with brute force, filtered by date and scope, one order for one question."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kb.home import Home
from kb.search import Filter, Searcher, Weights, scope_values
from kb.snapshot import Snapshot, build
from tests.support import Base, TinyEmbedder, at, make_content, on

EMBEDDER = TinyEmbedder()
TEXTS = (
    "第一条 七日内可以退货，商品应当完好。",
    "第二条 运费由买家承担。",
    "第三条 商家在两天内退款。逾期的应当赔偿。",
)


def searcher(home: Home, *contents) -> Searcher:
    with home.writing():
        return Searcher(Snapshot.open(home, build(home, contents, EMBEDDER, {}).id))


def found(search: Searcher, question: str, where: Filter | None = None, **options) -> list:
    groups = search.groups(where or Filter(None))
    return search.search(question, EMBEDDER.embed_question(question), groups, options.pop("top", 10), **options)


def test_scores_and_order_are_those_of_brute_force(base: Base) -> None:
    search = searcher(base.home, make_content("a.md", TEXTS), make_content("b.md", TEXTS[:2]))
    snapshot, question, weights = search.snapshot, "几天内可以退货", Weights()
    vector = EMBEDDER.embed_question(question).vector
    vectors = snapshot.index.vectors(np.arange(len(snapshot.units)))
    rows, bm25 = snapshot.lexical.search(question, 100, None, weights.heading)
    lexical = dict(zip(rows.tolist(), bm25.tolist(), strict=True))
    expected: dict[str, float] = {}
    leaning: dict[str, float] = {}
    for row, clause in enumerate(snapshot.clauses):
        own = [float(v @ vector) for v, (r, _, _) in zip(vectors, snapshot.units, strict=True) if r == row]
        fused = (
            weights.clause * own[0]
            + weights.sentence * max(own[1:], default=own[0])
            + weights.lexical * lexical.get(row, 0.0) / math.log(max(len(snapshot.clauses), 3))
        )
        expected[clause.id] = fused
    for clause in snapshot.clauses:  # the document's three best clauses lend their mean
        document = sorted((expected[c.id] for c in snapshot.clauses if c.document == clause.document), reverse=True)
        best = (document + [min(expected.values())] * 3)[:3]
        leaning[clause.id] = (expected[clause.id] + weights.document * sum(best) / 3) / (1 + weights.document)
    expected = leaning
    hits = found(search, question)
    assert [h.clause.id for h in hits] == sorted(expected, key=lambda i: (-round(expected[i], 6), i))
    assert [h.score for h in hits] == pytest.approx([expected[h.clause.id] for h in hits], abs=2e-6)


def test_equal_clauses_come_in_the_order_of_their_ids(base: Base) -> None:
    search = searcher(base.home, *(make_content(f"{name}.md", TEXTS[1:2], title="规则") for name in "dcabfe"))
    hits = found(search, "运费由谁承担")
    assert len({hit.score for hit in hits}) == 1
    assert [hit.clause.id for hit in hits] == sorted(hit.clause.id for hit in hits)


def test_the_best_sentence_is_a_span_of_the_clause(base: Base) -> None:
    hit = found(searcher(base.home, make_content("a.md", TEXTS)), "逾期的应当赔偿")[0]
    assert hit.sentence is not None
    assert hit.clause.text[slice(*hit.sentence)] == "逾期的应当赔偿。"


def test_only_versions_in_force_at_the_date_are_found(base: Base) -> None:
    old = make_content("old.md", TEXTS[1:2])
    new = make_content("new.md", TEXTS[1:2], effective_from=on("2025-07-01"), supersedes=("old.md",))
    search = searcher(base.home, old, new)
    for day, document in (("2025-06-30", "old.md"), ("2025-07-01", "new.md"), ("2025-07-02", "new.md")):
        hits = found(search, "运费", Filter(at(day)))
        assert {hit.clause.document for hit in hits} == {document}
    assert {hit.clause.document for hit in found(search, "运费")} == {"old.md", "new.md"}


def test_a_scope_keeps_clauses_of_that_value_and_general_ones(base: Base) -> None:
    search = searcher(
        base.home,
        make_content("general.md", TEXTS[1:2]),
        make_content("fresh.md", TEXTS[1:2], scope={"category": "生鲜"}),
        make_content("books.md", TEXTS[1:2], scope={"category": "图书"}),
    )
    documents = {hit.clause.document for hit in found(search, "运费", Filter(None, {"category": "生鮮"}))}
    assert documents == {"general.md", "fresh.md"}


def test_nothing_in_force_finds_nothing(base: Base) -> None:
    search = searcher(base.home, make_content("a.md", TEXTS, effective_from=on("2030-01-01")))
    assert found(search, "运费", Filter(at("2025-01-01"))) == []


def test_a_base_of_documents_without_clauses_finds_nothing(base: Base) -> None:
    assert found(searcher(base.home, make_content("a.md", ())), "运费") == []


def test_scope_values_are_listed_once_and_in_order() -> None:
    versions = [make_content(d, scope={"platform": v}).version for d, v in (("a", "乙"), ("b", "甲"), ("c", "乙"))]
    assert scope_values(versions) == {"platform": ("乙", "甲")}
