"""Token vectors: what is met is what brute force finds, and a snapshot holds the same however it was built."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from kb.embedding import Embedded
from kb.errors import DamagedSnapshot
from kb.home import Home
from kb.search import Searcher, Weights
from kb.snapshot import Snapshot, build
from kb.tokens import SHARED, TokenIndex, condense
from kb.types import Content
from kb.units import units
from tests.support import TokenEmbedder, flip_byte, make_content

EMBEDDER = TokenEmbedder()
SHOP = make_content(
    "shop.md", ("第一条 收到商品七日内可以退货。", "第二条 运费由买家承担。", "第三条 退款一日内到账。")
)
FRESH = make_content("fresh.md", ("第一条 生鲜不支持退货。",))


def publish(home: Home, contents: Sequence[Content], before: Snapshot | None = None) -> Snapshot:
    with home.writing():
        return build(home, contents, EMBEDDER, {}, before=before).snapshot


def opened(base) -> tuple[Snapshot, TokenIndex, np.ndarray]:
    """A snapshot, its token vectors, and a question's."""
    snapshot, asked = publish(base.home, [SHOP]), EMBEDDER.embed_question("退款").tokens
    assert snapshot.tokens is not None and asked is not None
    return snapshot, snapshot.tokens, asked


def test_near_tokens_share_a_vector_and_far_ones_do_not() -> None:
    rng = np.random.default_rng(1)
    things = rng.standard_normal((4, 16))
    states = np.repeat(things, SHARED, axis=0) + rng.standard_normal((4 * SHARED, 16)) * 0.01
    found = condense(states[rng.permutation(len(states))])
    assert found.shape == (4, 16) and found.dtype == np.int8
    near = unit(found) @ unit(things).T
    assert near.max(axis=0).min() > 0.99 and sorted(near.argmax(axis=1)) == [0, 1, 2, 3]


@pytest.mark.parametrize("tokens", [1, 2, SHARED, SHARED + 1, 50])
def test_any_number_of_tokens_is_condensed(tokens: int) -> None:
    states = np.random.default_rng(tokens).standard_normal((tokens, 16))
    found = condense(states)
    assert 1 <= len(found) <= -(-tokens // SHARED) and np.abs(found).max(axis=1).tolist() == [127] * len(found)


def test_tokens_that_are_all_alike_are_one_vector() -> None:
    assert len(condense(np.ones((9, 16)))) >= 1


def test_what_is_met_is_what_brute_force_finds(base) -> None:
    snapshot = publish(base.home, [SHOP, FRESH])
    asked = EMBEDDER.embed_question("退货 运费")
    assert asked.tokens is not None and snapshot.tokens is not None
    rows = np.array([2, 0, 3])
    expected = [
        sum(
            max(float(token @ vector) for vector in unit(snapshot.tokens.of(slice(row, row + 1))[0]))
            for token in asked.tokens
        )
        for row in rows
    ]
    assert snapshot.tokens.met(asked.tokens, rows) == pytest.approx(expected, abs=1e-5)
    assert not len(snapshot.tokens.met(asked.tokens, np.empty(0, int)))


def test_a_clause_that_meets_the_question_moves_up_by_its_weight(base) -> None:
    search = Searcher(publish(base.home, [SHOP]))
    asked, groups = EMBEDDER.embed_question("退款 到账"), (0,)
    by_words, without = (search.search("退款", asked, groups, 3, Weights(tokens=weight)) for weight in (1.0, 0.0))
    assert by_words[0].clause.label == "第3条"
    for hit in by_words:
        before = next(h for h in without if h.clause.id == hit.clause.id)
        assert hit.stages["tokens"] == before.stages["tokens"]
    gained = {h.clause.id: h.score for h in by_words}
    assert max(gained.values()) - min(gained.values()) > max(h.score for h in without) - min(h.score for h in without)
    # a question that was not read by token is searched all the same
    assert search.search("退款", Embedded(asked.vector), groups, 3, Weights(tokens=1.0))[0].stages["tokens"] == 0


def test_what_is_carried_over_is_what_would_be_made_anew(base, tmp_path) -> None:
    before = publish(base.home, [SHOP])
    carried = publish(base.home, [FRESH, SHOP], before)
    other = Home(tmp_path / "other")
    anew = publish(other, [FRESH, SHOP])
    assert carried.id == anew.id
    for name in ("tokens.bin", "tokens.npy"):
        assert (carried.folder / name).read_bytes() == (anew.folder / name).read_bytes()


def test_each_clause_has_the_tokens_of_its_own_text_also_where_its_sentence_is_the_same_text(base) -> None:
    bare = make_content("bare.md", ("收到商品七日内可以退货", "运费由买家承担两次"), title="")
    bare = Content(bare.version, tuple(replace(clause, label="", path=()) for clause in bare.clauses))
    snapshot = publish(base.home, [bare, make_content("none.md", ()), SHOP])
    assert snapshot.tokens is not None
    for row, clause in enumerate(snapshot.clauses):
        text = units(row, clause, snapshot.version_of[clause.version])[0].text
        expected = EMBEDDER.read_passages([text])[1][0]
        assert np.array_equal(snapshot.tokens.of(slice(row, row + 1))[0], expected), clause.text


def test_a_base_without_clauses_has_no_token_vectors_and_opens(base) -> None:
    empty = publish(base.home, [])
    assert empty.tokens is not None and not empty.tokens.of(slice(0, 0))


def test_a_file_of_another_length_is_named(base, tmp_path) -> None:
    snapshot = publish(base.home, [SHOP])
    for name in ("tokens.bin", "tokens.npy"):
        (tmp_path / name).write_bytes((snapshot.folder / name).read_bytes())
    (tmp_path / "tokens.bin").write_bytes((tmp_path / "tokens.bin").read_bytes()[:-1])
    with pytest.raises(DamagedSnapshot, match=r"tokens\.bin has .* bytes for 3 clauses"):
        TokenIndex.read(tmp_path, EMBEDDER.dimension, 3)


@pytest.mark.parametrize("left", [b"", b"\x01" * 100])
def test_a_file_that_is_cut_short_while_it_is_open_is_refused(base, left: bytes) -> None:
    snapshot, index, asked = opened(base)
    (snapshot.folder / "tokens.bin").write_bytes(left)
    with pytest.raises(DamagedSnapshot, match="has changed since it was opened"):
        index.met(asked, np.arange(3))


def test_a_vector_that_a_failing_disk_blanks_is_refused(base) -> None:
    snapshot, index, asked = opened(base)
    with open(snapshot.folder / "tokens.bin", "r+b") as file:
        file.write(bytes(EMBEDDER.dimension))
    with pytest.raises(DamagedSnapshot, match="has changed since it was opened"):
        index.met(asked, np.arange(3))


def test_a_snapshot_that_is_cleared_away_goes_on_being_read(base) -> None:
    snapshot, index, asked = opened(base)
    before, of_clauses = index.met(asked, np.arange(3)), index.of(slice(0, 3))
    shutil.rmtree(snapshot.folder)
    assert np.array_equal(index.met(asked, np.arange(3)), before)
    assert all(np.array_equal(*two) for two in zip(index.of(slice(0, 3)), of_clauses, strict=True))


def test_one_changed_byte_is_noticed_when_a_snapshot_is_opened(base) -> None:
    snapshot = publish(base.home, [SHOP])
    flip_byte(snapshot.folder / "tokens.bin")
    with pytest.raises(DamagedSnapshot, match=r"changed tokens\.bin"):
        Snapshot.open(base.home, snapshot.id)


def unit(vectors: np.ndarray) -> np.ndarray:
    wide = vectors.astype(np.float32)
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)
