"""The vector index against brute force: values, order, ties, filters, and errors with names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import DamagedSnapshot, VectorError
from kb.index import VectorIndex


def unit(seed: int, n: int, dimension: int = 16) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((n, dimension))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), top=st.integers(1, 80))
def test_values_and_order_are_those_of_brute_force(seed: int, n: int, top: int) -> None:
    vectors = unit(seed, n)
    question = unit(seed + 1, 1)[0].astype(np.float32)
    allowed = np.random.default_rng(seed).random(n) < 0.5
    for mask in (None, allowed):
        ids, similarities = VectorIndex.build(vectors).search(question, top, mask)
        candidates = np.arange(n) if mask is None else np.flatnonzero(mask)
        expected = vectors.astype(np.float32)[candidates] @ question
        order = np.lexsort((candidates, -expected))[:top]
        assert ids.tolist() == candidates[order].tolist()
        assert np.allclose(similarities, expected[order], atol=1e-5)


def test_equal_similarities_come_in_the_order_of_their_ids() -> None:
    vectors = np.repeat(unit(1, 1), 9, axis=0)
    ids, _ = VectorIndex.build(vectors).search(vectors[0].astype(np.float32), 9)
    assert ids.tolist() == list(range(9))


def test_short_results_hold_no_id_minus_one() -> None:
    index = VectorIndex.build(unit(1, 5))
    allowed = np.array([False, True, False, False, True])
    ids, similarities = index.search(unit(2, 1)[0], 5, allowed)
    assert sorted(ids.tolist()) == [1, 4] and len(similarities) == 2


def test_nothing_allowed_finds_nothing() -> None:
    ids, similarities = VectorIndex.build(unit(1, 5)).search(unit(2, 1)[0], 5, np.zeros(5, bool))
    assert len(ids) == len(similarities) == 0


def test_an_empty_index_finds_nothing() -> None:
    ids, _ = VectorIndex.build(np.empty((0, 16), np.float16)).search(unit(2, 1)[0], 5)
    assert len(ids) == 0


@pytest.mark.parametrize("shape", [(15,), (17,), (1, 16), ()])
def test_a_wrong_dimension_is_an_error_naming_both(shape: tuple[int, ...]) -> None:
    with pytest.raises(VectorError, match=r"dimension 16.*kb ingest --full"):
        VectorIndex.build(unit(1, 3)).search(np.ones(shape, np.float32), 1)


@pytest.mark.parametrize("vectors", [np.ones(16), np.ones((3, 0)), np.ones((2, 3, 4))])
def test_vectors_of_a_wrong_shape_are_refused(vectors: np.ndarray) -> None:
    with pytest.raises(VectorError, match="shape"):
        VectorIndex.build(vectors)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_no_numbers_are_refused(value: float) -> None:
    vectors = unit(1, 3)
    vectors[1, 2] = value
    with pytest.raises(VectorError, match="not finite"):
        VectorIndex.build(vectors)


def test_written_and_read_it_answers_the_same(tmp_path: Path) -> None:
    index = VectorIndex.build(unit(1, 20))
    index.write(tmp_path / "index")
    question = unit(2, 1)[0]
    for one, two in zip(index.search(question, 7), VectorIndex.read(tmp_path / "index", 16, 20).search(question, 7),
                        strict=True):  # fmt: skip
        assert np.array_equal(one, two)


@pytest.mark.parametrize("dimension, count", [(17, 20), (16, 21)])
def test_a_file_that_does_not_match_the_manifest_is_damaged(tmp_path: Path, dimension: int, count: int) -> None:
    VectorIndex.build(unit(1, 20)).write(tmp_path / "index")
    with pytest.raises(DamagedSnapshot, match="20 vectors of dimension 16"):
        VectorIndex.read(tmp_path / "index", dimension, count)


def test_a_file_that_is_no_index_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"not an index")
    with pytest.raises(DamagedSnapshot, match="cannot be read"):
        VectorIndex.read(tmp_path / "index", 16, 20)


def test_similarities_of_chosen_ids_are_inner_products() -> None:
    vectors, question = unit(1, 6), unit(2, 1)[0].astype(np.float32)
    index = VectorIndex.build(vectors)
    ids = np.array([4, 0])
    assert np.allclose(index.similarities(question, ids), vectors[ids].astype(np.float32) @ question, atol=1e-6)
    assert len(index.similarities(question, np.array([], int))) == 0
