"""Other systems on our clauses: rankings, what counts as found, and who may be found at all."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from assistant.types import Request
from eval import baselines
from eval.types import Case, CaseResult, Gold
from kb.snapshot import Snapshot, build
from kb.types import Content
from tests.support import Base, make_content

RETURNS = ("第一条 七日内可以无理由退货。", "第二条 退货的运费由买家承担。")


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path)


def snapshot_of(base: Base, *contents: Content) -> Snapshot:
    with base.home.writing():
        return build(base.home, contents, base.embedder, {}).snapshot


def case(question: str, *gold: Gold, **request) -> Case:
    return Case(question, Request(question, **request), gold, bool(gold), "made")


def run(base: Base, snapshot: Snapshot, *cases: Case) -> dict[str, tuple[CaseResult, ...]]:
    return baselines.run(base.home, snapshot, base.embedder, cases)


def test_each_system_ranks_the_clause_whose_very_words_are_asked_first(base: Base) -> None:
    # Three documents: each is one chunk for LlamaIndex.
    contents = [make_content(f"{n}.md", [text]) for n, text in enumerate([*RETURNS, "第一条 商家三日内发货。"])]
    found = run(base, snapshot_of(base, *contents), case("退货的运费由买家承担", Gold("1.md")))
    assert set(found) == set(baselines.SYSTEMS)
    for results in found.values():
        assert (results[0].rank, results[0].right, results[0].answered) == (1, True, True)
        assert results[0].best is not None and results[0].best.text == RETURNS[1]


def test_no_baseline_abstains(base: Base) -> None:
    snapshot = snapshot_of(base, make_content("a.md", RETURNS))
    for name, (result,) in run(base, snapshot, case("七日内买家火星")).items():
        assert result.answered and not result.right and result.confidence > 0, name


def test_a_chunk_stands_for_the_clause_it_shares_most_with(base: Base) -> None:
    # One document of two clauses is one chunk: it stands for the longer one, and holds both.
    short, long = "第一条 运费。", "第二条 商家应当在收到退货后四十八小时内退款。"
    snapshot = snapshot_of(base, make_content("a.md", [short, long]))
    found = run(base, snapshot, case("运费", Gold("a.md", "第1条")))
    assert found["llamaindex"][0].best.text == long
    assert [found[name][0].rank for name in ("llamaindex", "llamaindex_chunk", "bm25")] == [None, 1, 1]


def test_a_long_document_is_cut_into_chunks_that_are_found_each_by_itself(base: Base) -> None:
    # A clause has more than 400 tokens, a chunk at most 1,024: no chunk can hold all five.
    words = ["river", "baker", "window", "letter", "garden"]
    texts = [" ".join(f"The {word} is here and it stays a {word} today." for _ in range(40)) for word in words]
    snapshot = snapshot_of(base, make_content("long.md", texts))
    base.embedder.embedded.clear()
    found = run(
        base, snapshot, *(case(f"{word} today?", Gold("long.md", f"第{n}条")) for n, word in enumerate(words, 1))
    )
    assert len(base.embedder.embedded) >= 2
    assert all(len(chunk) < sum(map(len, texts)) for chunk in base.embedder.embedded)
    assert len({result.best.id for result in found["llamaindex"] if result.best}) > 1


def test_the_clause_of_a_span_is_the_one_with_most_characters_in_it_then_the_earlier() -> None:
    clauses = make_content("a.md", ["aaaa", "bbbb", "cccccc"]).clauses  # at 0-4, 5-9, 10-16
    assert baselines.clause_of(clauses, 2, 9) == 1  # 2 of the first, 4 of the second
    assert baselines.clause_of(clauses, 0, 9) == 0  # 4 and 4
    assert baselines.clause_of(clauses, 0, 16) == 2
    assert baselines.clause_of(clauses, 4, 5) is None  # the blank between two
    assert baselines.clause_of([], 0, 9) is None


def test_fusion_adds_reciprocal_ranks() -> None:
    rows, scores = baselines.fuse([7, 8, 9], [9, 7])
    assert list(rows) == [7, 9, 8]
    assert scores == [round(1 / 61 + 1 / 62, 12), round(1 / 63 + 1 / 61, 12), round(1 / 62, 12)]
    assert list(baselines.fuse([4], [3])[0]) == [3, 4]  # level: the earlier clause
    assert baselines.fuse([], []) == ([], [])


def test_only_documents_in_force_and_in_the_stated_scope_are_found(base: Base) -> None:
    old = make_content("old.md", ["第一条 七日内退货。"], effective_to=date(2020, 12, 31))
    new = make_content("new.md", ["第一条 十日内退货。"], effective_from=date(2021, 1, 1))
    other = make_content("other.md", ["第一条 九日内退货。"], scope={"platform": "别家"})
    snapshot = snapshot_of(base, old, new, other)
    then = case("几日内退货", Gold("old.md"), as_of=date(2020, 6, 1), scope={"platform": "本家"})
    now = case("几日内退货 ", Gold("new.md"), scope={"platform": "本家"})
    for name, (past, present) in run(base, snapshot, then, now).items():
        assert (past.rank, present.rank) == (1, 1), name
    nowhere = case("几日内退货", as_of=date(2020, 6, 1), scope={"platform": "别家"})
    only = snapshot_of(base, old, new)
    assert all(r.best and r.best.document == "old.md" for (r,) in run(base, only, nowhere).values())


def test_where_nothing_is_in_force_nothing_is_found(base: Base) -> None:
    snapshot = snapshot_of(base, make_content("a.md", RETURNS, effective_from=date(2999, 1, 1)))
    for name, (result,) in run(base, snapshot, case("退货的运费", Gold("a.md"))).items():
        assert (result.answered, result.rank, result.best) == (False, None, None), name


def test_chunks_are_embedded_once_and_whole_clauses_never_again(base: Base) -> None:
    snapshot = snapshot_of(base, *(make_content(f"{n}.md", RETURNS) for n in range(3)))
    base.embedder.embedded.clear()
    first = run(base, snapshot, case("运费", Gold("1.md")))
    assert len(base.embedder.embedded) == 3  # three documents, three chunks; the clauses' vectors are the snapshot's
    assert run(base, snapshot, case("运费", Gold("1.md"))) == first
    assert len(base.embedder.embedded) == 3


def test_a_cache_that_cannot_be_written_costs_time_only(base: Base) -> None:
    snapshot = snapshot_of(base, make_content("a.md", RETURNS))
    expected = run(base, snapshot, case("运费", Gold("a.md")))
    with closing(sqlite3.connect(base.home.vector_cache_file)) as cache:
        cache.execute("PRAGMA journal_mode = DELETE")
    base.home.vector_cache_file.write_bytes(b"no database" * 100)
    assert run(base, snapshot, case("运费", Gold("a.md"))) == expected


def test_no_baseline_reaches_outside(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was looked up on the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    snapshot = snapshot_of(base, make_content("a.md", RETURNS))
    assert run(base, snapshot, case("运费", Gold("a.md")))["llamaindex_chunk"][0].rank == 1


def test_only_the_systems_asked_for_are_run(base: Base) -> None:
    snapshot = snapshot_of(base, make_content("a.md", RETURNS))
    found = baselines.run(base.home, snapshot, base.embedder, [case("运费", Gold("a.md"))], systems=["bm25"])
    assert list(found) == ["bm25"]
