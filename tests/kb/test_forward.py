"""The bundled model in numpy: whatever is asked, by however many threads, a text has the same states."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from kb.bundled import PLAIN
from kb.embedding import BundledEmbedder, _readable
from kb.errors import ModelError
from kb.forward import MAX_TOKENS, Forward, Vocabulary
from kb.pieces import Pieces
from kb.settings import EmbeddingSettings

CACHE = Path(EmbeddingSettings().cache).expanduser()
ODD = (
    "",
    "   ",
    "\n\t\u3000",
    "\x00",
    "a\x00b",
    "\ud800",
    "退\udfff货",
    "\u200b\u200d",
    "<s></s><pad><unk>",
    "👨‍👩‍👧" * 40,
)


@pytest.fixture(scope="module")
def forward() -> Forward:
    return Forward(PLAIN.packed(), Vocabulary(PLAIN.packed(), PLAIN.vocabulary_file(CACHE)))


def test_threads_give_the_bytes_that_one_gives(forward: Forward) -> None:
    texts = [f"query: 第{n}件商品的运费由谁承担" + "，退货时怎么办" * (n % 7) for n in range(24)]
    alone = [forward.states(text).tobytes() for text in texts]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda text: forward.states(text).tobytes(), texts))
    assert together == alone
    # a limit that is taken back when one thread is done would be taken from another one
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder(EmbeddingSettings(), PLAIN)


@pytest.mark.parametrize("text", ODD)
def test_any_text_has_a_vector_as_a_question_and_as_a_passage(embedder: BundledEmbedder, text: str) -> None:
    question, passage = embedder.embed_question(text).vector, embedder.embed_passages([text])[0]
    assert np.isfinite(question).all() and np.linalg.norm(question) == pytest.approx(1, abs=1e-4)
    vectors, (tokens,) = embedder.read_passages([text])
    assert np.array_equal(vectors[0], passage) and len(tokens) and np.abs(tokens).max(axis=1).min() == 127


def test_no_more_is_read_than_the_model_was_made_for(forward: Forward) -> None:
    text = "passage: " + "退货规则" * 2000
    vocabulary = Vocabulary(PLAIN.packed(), PLAIN.vocabulary_file(CACHE))
    assert vocabulary.count(text) == len(vocabulary.words(text)) == len(forward.states(text)) == MAX_TOKENS


@pytest.mark.parametrize(
    "lines", [("退货运费谁出",), ("您好，\u3000请问  收到了吗", "收到了", "坏了，能退吗？"), ("a", "", "b")]
)
def test_where_the_last_line_begins(lines: tuple[str, ...]) -> None:
    vocabulary = Vocabulary(PLAIN.packed(), PLAIN.vocabulary_file(CACHE))
    text = "query: " + "\n".join(lines)
    before = vocabulary.before_last_line(text)
    if len(lines) == 1:
        assert before == 0
    else:
        assert np.array_equal(
            vocabulary.words(text)[before:], vocabulary.words(lines[-1])[1:]
        )  # without the beginning's mark


TEXTS = (
    "query: 签收七天内退货，运费由谁承担？",
    "passage: 满９９元包邮｡①㈱ ﬁne",
    "query: 어제 주문했는데 언제 배송되나요?",
    "query: ¿Cuántos días tengo para devolverlo?",
    "query: a  b\u3000c\nd\te",
    "passage: 𠮷野家👍🏽 ½ x² ™ İstanbul",
    *ODD[:4],
)


@pytest.mark.parametrize("text", TEXTS)
def test_both_tokenizers_cut_a_text_alike(text: str) -> None:
    """Questions are cut by one, many passages by the other; only what looks like a mark is not the same to them."""
    from tokenizers import Tokenizer

    text = "query: " + _readable(text)
    tokenizer = Tokenizer.from_file(str(PLAIN.unpack(CACHE) / "tokenizer.json"))
    pieces = Pieces(PLAIN.packed(), PLAIN.vocabulary_file(CACHE))
    assert pieces(text, MAX_TOKENS) == tokenizer.encode(text).ids


def test_processes_that_write_the_vocabulary_at_once_leave_one(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from kb.bundled import PLAIN; print(PLAIN.vocabulary_file(Path(sys.argv[1])))"
    running = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    (folder,) = tmp_path.iterdir()
    assert folder / "pieces.model" == PLAIN.vocabulary_file(tmp_path)
    assert (folder / "pieces.model").read_bytes() == PLAIN.vocabulary_file(CACHE).read_bytes()


def test_what_a_killed_process_left_behind_goes_after_a_day(tmp_path: Path) -> None:
    old, new = tmp_path / ".unpacking-old", tmp_path / ".unpacking-new"
    for folder in (old, new):
        (folder / "model").mkdir(parents=True)
    os.utime(old, (1e9, 1e9))
    PLAIN.vocabulary_file(tmp_path)
    assert not old.exists() and new.exists()


def test_a_damaged_vocabulary_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "pieces.model").write_text("{")
    with pytest.raises(ModelError, match=r"pieces\.model cannot be read .* Delete the folder"):
        Vocabulary(PLAIN.packed(), tmp_path / "pieces.model")
