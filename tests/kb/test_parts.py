"""What is taken over from the snapshot before is what would have been computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.decisions import AskedAs, Decisions, Subject
from kb.home import Home
from kb.snapshot import Snapshot, build
from kb.types import Content
from tests.support import TinyEmbedder, make_content

A = make_content("a.md", ("第一条 七日内可以退货。", "第二条 运费由买家承担。商品有质量问题的除外。"))
B = make_content("b.md", ("第一条 商家三日内发货。",))
C = make_content("c.md", ("第一条 预售商品按页面写明的日期发货。", "第二条 生鲜不退。"))
A2 = make_content("a.md", ("第一条 十五日内可以退货。", "第二条 运费由买家承担。商品有质量问题的除外。"))


def wording(content: Content, text: str) -> AskedAs:
    clause = content.clauses[0]
    return AskedAs("w-1", Subject(clause.id, clause.sha256), text, by="甲", at="2026-01-01T00:00:00")


def build_at(
    folder: Path, contents: Sequence[Content], decisions: Decisions, before: Snapshot | None = None
) -> tuple[Snapshot, int]:
    home = Home(folder)
    with home.writing():
        built = build(home, contents, TinyEmbedder(), {}, decisions=decisions, before=before)
    return built.snapshot, built.embedded


def bytes_of(snapshot: Snapshot) -> dict[str, bytes]:
    """All of it but the lexical index, whose files have names of their own in every build."""
    return {file.name: file.read_bytes() for file in snapshot.folder.iterdir() if file.name != "manifest.json"
            and file.is_file()}  # fmt: skip


@pytest.mark.parametrize(
    "then, now",
    [
        ([A, B], [A2, B]),  # edited
        ([B, C], [A, B, C]),  # a document before the others
        ([A, B, C], [C]),  # only the last stays
        ([A, B], [C]),  # nothing stays
        ([], [A]),
        ([A], []),
    ],
)
@pytest.mark.parametrize("asked", [(), (A,), (B,)])
def test_a_snapshot_built_on_another_is_the_one_built_from_nothing(
    tmp_path: Path, then: list[Content], now: list[Content], asked: tuple[Content, ...]
) -> None:
    before, _ = build_at(tmp_path / "one", then, Decisions())
    decisions = Decisions(asked_as=tuple(wording(content, "能退吗") for content in asked))
    on_it, _ = build_at(tmp_path / "one", now, decisions, before)
    alone, _ = build_at(tmp_path / "two", now, decisions)
    assert on_it.id == alone.id and bytes_of(on_it) == bytes_of(alone)
    assert (on_it.versions, on_it.clauses) == (alone.versions, alone.clauses)
    on_it.verify()
    for question in ("七日内退货", "运费谁承担", "发货"):
        for one, two in zip(on_it.lexical.search(question, 9), alone.lexical.search(question, 9), strict=True):
            assert np.array_equal(one, two)


def test_only_what_is_new_is_cut_into_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, _ = build_at(tmp_path, [A, B, C], Decisions())
    cut: list[str] = []
    monkeypatch.setattr("kb.parts.tokens", lambda text: cut.append(text) or [text])
    build_at(tmp_path, [A2, B, C], Decisions(), before)
    assert len(cut) == 2 * len(A2.clauses)  # text and heading of each


def test_a_version_whose_metadata_changed_is_not_taken_over(tmp_path: Path) -> None:
    before, _ = build_at(tmp_path / "one", [A, B], Decisions())
    renamed = replace(
        A, version=replace(A.version, title="退货办法")
    )  # the title is embedded, the id says nothing of it
    on_it, embedded = build_at(tmp_path / "one", [renamed, B], Decisions(), before)
    alone, _ = build_at(tmp_path / "two", [renamed, B], Decisions())
    assert embedded and bytes_of(on_it) == bytes_of(alone)


def test_vectors_of_another_embedder_are_not_taken_over(tmp_path: Path) -> None:
    before, _ = build_at(tmp_path, [A, B], Decisions())
    other = TinyEmbedder()
    other.id = "other@1"
    with Home(tmp_path).writing():
        assert build(Home(tmp_path), [A, B], other, {}, before=before).embedded == len(other.embedded) > 0
