"""The vector cache: nothing is embedded twice, nothing damaged is used, nothing finished is lost."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import numpy as np
import pytest

from kb.errors import HomeError
from kb.vectors import VectorCache, text_key
from tests.support import TinyEmbedder, TokenEmbedder


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "cache" / "vectors.sqlite")


def test_a_text_is_embedded_once_however_often_and_wherever_it_stands(cache: VectorCache) -> None:
    embedder = TinyEmbedder()
    first = cache.embed(["甲", "乙", "甲"], embedder)
    assert first.embedded == 2 and sorted(embedder.embedded) == ["乙", "甲"]
    assert np.array_equal(first.vectors[0], first.vectors[2])
    again = cache.embed(["乙", "甲"], embedder)
    assert again.embedded == 0 and len(embedder.embedded) == 2
    assert np.array_equal(again.vectors, first.vectors[[1, 0]])


def test_another_model_has_vectors_of_its_own(cache: VectorCache) -> None:
    other = TinyEmbedder()
    other.id = "other@7"
    assert [cache.embed(["甲"], e).embedded for e in (TinyEmbedder(), other, TinyEmbedder(), other)] == [1, 1, 0, 0]


def test_a_damaged_vector_is_embedded_anew(cache: VectorCache, tmp_path: Path) -> None:
    expected = cache.embed(["甲", "乙"], TinyEmbedder()).vectors
    with sqlite3.connect(tmp_path / "cache" / "vectors.sqlite") as db:
        db.execute("UPDATE vectors SET vector = zeroblob(128) WHERE text = ?", (text_key("甲"),))
    mended = cache.embed(["甲", "乙"], TinyEmbedder())
    assert mended.embedded == 1 and np.array_equal(mended.vectors, expected)


def test_chunks_finished_before_a_failure_are_kept(cache: VectorCache) -> None:
    class Failing(TinyEmbedder):
        def embed_passages(self, texts, progress=None):
            if self.embedded:
                raise RuntimeError("out of memory")
            return super().embed_passages(texts)

    texts = [f"第{n}条" for n in range(700)]  # more than one chunk
    failing = Failing()
    with pytest.raises(RuntimeError):
        cache.embed(texts, failing)
    embedded = cache.embed(texts, TinyEmbedder()).embedded
    assert embedded == 700 - len(failing.embedded) < 700


def test_progress_counts_only_what_is_embedded_and_ends_at_the_total(cache: VectorCache) -> None:
    cache.embed(["甲"], TinyEmbedder())
    seen: list[tuple[int, int]] = []
    cache.embed(["甲", "乙", "丙"], TinyEmbedder(), lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (2, 2)]


def test_nothing_to_embed_gives_no_vectors_of_the_right_dimension(cache: VectorCache) -> None:
    nothing = cache.embed([], TinyEmbedder())
    assert nothing.vectors.shape == (0, TinyEmbedder.dimension) and nothing.embedded == 0


def test_only_what_is_kept_is_known_afterwards(cache: VectorCache) -> None:
    cache.embed(["甲", "乙"], TinyEmbedder())
    assert cache.keep_only({text_key("甲")}) == 1
    assert cache.embed(["甲"], TinyEmbedder()).embedded == 0
    assert cache.embed(["乙"], TinyEmbedder()).embedded == 1


def test_token_vectors_are_kept_for_the_texts_that_ask_for_them(cache: VectorCache) -> None:
    embedder = TokenEmbedder()
    first = cache.embed(["七日内 退货", "运费 买家"], embedder, by_token=[True, False])
    assert [vectors.shape[1] for vectors in first.tokens] == [embedder.dimension]
    again = cache.embed(["运费 买家", "七日内 退货"], embedder, by_token=[False, True])
    assert again.embedded == 0 and np.array_equal(again.tokens[0], first.tokens[0])
    # a text that was known as a vector only is read once more when its tokens are asked for
    assert cache.embed(["运费 买家"], embedder, by_token=[True]).embedded == 1
    assert cache.keep_only({text_key("运费 买家")}) == 1
    assert cache.embed(["七日内 退货"], embedder, by_token=[True]).embedded == 1


def test_a_text_that_is_asked_for_by_token_at_one_place_only_gives_its_tokens_there_only(cache: VectorCache) -> None:
    """A clause without a title and its only sentence are the same text: else the next clause got its tokens."""
    texts, embedder = ["七日内 退货", "七日内 退货", "运费 买家"], TokenEmbedder()
    found = cache.embed(texts, embedder, by_token=[True, False, True])
    alone = [cache.embed([text], embedder, by_token=[True]).tokens[0] for text in texts[1:]]
    assert len(found.tokens) == 2
    assert all(np.array_equal(one, other) for one, other in zip(found.tokens, alone, strict=True))


def test_a_known_vector_stays_as_it_is_when_its_tokens_are_read_later(cache: VectorCache) -> None:
    class Shaky(TokenEmbedder):
        def embed_passages(self, texts, progress=None):  # as a machine's other arithmetic would
            return super().embed_passages(texts) * np.float32(1 + 0.01 * len(self.embedded))

    embedder = Shaky()
    first = cache.embed(["七日内 退货"], embedder).vectors
    later = cache.embed(["七日内 退货"], embedder, by_token=[True])
    assert later.embedded == 1 and np.array_equal(later.vectors, first)
    assert np.array_equal(cache.embed(["七日内 退货"], embedder).vectors, first)


@pytest.mark.parametrize("row", [b"", b"\x01" * 63, b"\x01" * 65])
def test_token_vectors_of_no_whole_rows_are_read_anew(cache: VectorCache, tmp_path: Path, row: bytes) -> None:
    embedder = TokenEmbedder()
    first = cache.embed(["七日内 退货"], embedder, by_token=[True])
    with sqlite3.connect(tmp_path / "cache" / "vectors.sqlite") as db:
        db.execute("UPDATE tokens SET vector = ?, crc = ?", (row, zlib.crc32(row)))
    again = cache.embed(["七日内 退货"], embedder, by_token=[True])
    assert again.embedded == 1 and np.array_equal(again.tokens[0], first.tokens[0])


def test_an_embedder_without_token_vectors_is_not_asked_for_any(cache: VectorCache) -> None:
    assert cache.embed(["七日内 退货"], TinyEmbedder(), by_token=[True]).tokens == []


def test_a_file_that_is_no_cache_is_named_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "vectors.sqlite"
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(HomeError, match="delete it and repeat"):
        VectorCache(file)


def test_a_cache_that_breaks_while_it_is_read_is_named_with_what_to_do(cache: VectorCache, tmp_path: Path) -> None:
    cache.embed([f"第{n}条" for n in range(600)], TinyEmbedder())
    cache.close()
    file = tmp_path / "cache" / "vectors.sqlite"
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(HomeError, match="delete it and repeat"):
        VectorCache(file).embed(["第1条"], TinyEmbedder())


def test_half_a_surrogate_pair_has_a_key() -> None:
    assert text_key("\ud83d") != text_key("\ude00")
