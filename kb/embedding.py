"""Turning text into vectors: the `Embedder` seam and the two that ship.

Many passages go through sentence-transformers. The bundled model's questions, and passages where they are few, are
read in numpy (`kb.forward`): the same weights (cosine 0.9999), but it starts in a second where torch and
sentence-transformers need eight, and gives a text the same vector whatever else is going on.
`kb.llama` makes a LlamaIndex `BaseEmbedding` of any `Embedder`, and an `Embedder` of any of those.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kb.bundled import DIMENSION, LAYERS, PLAIN, TAUGHT, Bundled
from kb.errors import ModelError
from kb.forward import Forward, Vocabulary
from kb.judge import Judge
from kb.packed import Packed
from kb.reader import Reader
from kb.settings import EmbeddingSettings
from kb.tokens import condense

Progress = Callable[[int], None]
"""Called with the number of texts done since the last call."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A question as it is searched with."""

    vector: np.ndarray  # (dimension,)
    tokens: np.ndarray | None = None  # (tokens, dimension): unit vectors, each times its share of what is asked
    words: np.ndarray | None = None  # (tokens, dimension): the same tokens before any layer
    before: int = 0  # how many of these tokens stand before the last line of the text: of a chat, what leads to it


class Embedder(Protocol):
    """Vectors are float32 and of unit length; similarity is their inner product."""

    @property
    def id(self) -> str:
        """Model and revision: equal ids promise interchangeable vectors."""

    @property
    def dimension(self) -> int: ...

    @property
    def reads_tokens(self) -> bool:
        """Whether questions are also read against passages token by token (see `kb.tokens`)."""

    @property
    def reader(self) -> Reader | None:
        """What looks whether a clause answers, from the token vectors of both; None: this embedder has none."""

    @property
    def judge(self) -> Judge | None:
        """What looks whether two clauses contradict each other, from the token vectors of both; None as for `reader`."""

    def embed_question(self, text: str) -> Embedded:
        """The same for the same text in every process."""

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """(len(texts), dimension). Which texts are embedded together moves a vector by no more than another machine
        would (cosine 0.9999)."""

    def read_passages(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """As `embed_passages`, and each text's token vectors, one at least, as `kb.tokens.condense` makes them. Only
        where `reads_tokens`."""

    def words(self, text: str) -> np.ndarray:
        """(words, dimension): the words of a passage, each once, before any layer. Only where `reads_tokens`."""


_BUNDLED = {"bundled": TAUGHT, "bundled-plain": PLAIN}


def open_embedder(settings: EmbeddingSettings, ahead: bool = False) -> Embedder:
    """The embedder that the settings name. Loads nothing heavy until a text is embedded, or, if asked to go `ahead`,
    begins with it beside what else is done."""
    if (model := bundled(settings.model)) is None:
        return SentenceTransformerEmbedder(settings)
    embedder = BundledEmbedder(settings, model)
    if ahead:
        threading.Thread(target=embedder.start, daemon=True).start()
    return embedder


def embedder_of(identity: str, settings: EmbeddingSettings, preferred: Embedder | None = None) -> Embedder:
    """The embedder that a snapshot's vectors come from, if it is at hand: `preferred` (None: what the settings name), or
    the bundled model, taught or plain. A base goes on answering with the encoder that it was built with until it is
    built anew. What is not at hand is left to `Snapshot.require`."""
    preferred = preferred or open_embedder(settings)
    if preferred.id != identity:
        for name in _BUNDLED:
            if _BUNDLED[name].identity == identity:
                return open_embedder(replace(settings, model=name))
    return preferred


def judging(identity: str, settings: EmbeddingSettings) -> Embedder | None:
    """The embedder that a snapshot's vectors come from, if it is at hand and has a judge. Raises ModelError if that is
    damaged."""
    embedder = embedder_of(identity, settings)
    return embedder if embedder.id == identity and embedder.judge is not None else None


def bundled(name: str) -> Bundled | None:
    """The model in the wheel, if that is what a name means: as it ships, plain, or with a folder's taught layers."""
    if name in _BUNDLED:
        return _BUNDLED[name]
    folder = Path(name).expanduser()
    return Bundled(folder) if (folder / LAYERS).is_file() else None


_NO_TOKENS = "asked for token vectors where reads_tokens says that there are none"


class WholeTexts:
    """The part of an `Embedder` that gives a text one vector and no more, and has nothing to begin with ahead."""

    def start(self) -> None:
        """Loads what a question waits for. What is wrong with it is said when it is needed."""

    @property
    def reads_tokens(self) -> bool:
        return False

    @property
    def reader(self) -> Reader | None:
        return None

    @property
    def judge(self) -> Judge | None:
        return None

    def read_passages(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        raise NotImplementedError(_NO_TOKENS)

    def words(self, text: str) -> np.ndarray:
        raise NotImplementedError(_NO_TOKENS)


class SentenceTransformerEmbedder(WholeTexts):
    """Any sentence-transformers model, by name or folder."""

    # Every batch is padded to one of these lengths and to a fixed number of tokens: a row's arithmetic
    # then does not depend on its neighbours, so incremental and full builds give the same vectors
    # (in bfloat16, free batching moves them by about 1e-3).
    LENGTHS = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512)
    TOKENS_PER_BATCH = 2048

    def __init__(self, settings: EmbeddingSettings) -> None:
        self._settings = settings
        self._model: Any = None
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        prefixes = f"{self._settings.question_prefix}|{self._settings.passage_prefix}"
        return f"{self._settings.model}#{prefixes}" if prefixes != "|" else self._settings.model

    @property
    def dimension(self) -> int:
        return int(self._loaded().get_embedding_dimension())

    def embed_question(self, text: str) -> Embedded:
        return Embedded(self._encode([self._settings.question_prefix + text], None)[0])

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        return self._encode([self._settings.passage_prefix + text for text in texts], progress)

    def _folder(self) -> str:
        return self._settings.model

    def _encode(
        self, texts: Sequence[str], progress: Progress | None, tokens_of: list[np.ndarray] | None = None
    ) -> np.ndarray:
        """(len(texts), dimension). `tokens_of` is filled with each text's condensed token vectors, in order."""
        import torch

        model = self._loaded()
        tokenizer = model.tokenizer
        limit = min(int(model.max_seq_length or self.LENGTHS[-1]), self.LENGTHS[-1])
        tokens = tokenizer(list(texts), truncation=True, max_length=limit)["input_ids"] if texts else []
        lengths = [next(n for n in self.LENGTHS if n >= min(len(ids), limit)) for ids in tokens]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        if tokens_of is not None:
            tokens_of[:] = [_NONE] * len(texts)
        with self._lock, torch.inference_mode():
            for length in sorted(set(lengths), reverse=True):
                rows = [i for i, n in enumerate(lengths) if n == length]
                for batch in _chunks(rows, self.TOKENS_PER_BATCH // length):
                    filled = [texts[i] for i in batch] + [""] * (self.TOKENS_PER_BATCH // length - len(batch))
                    features = tokenizer(
                        filled, padding="max_length", truncation=True, max_length=length, return_tensors="pt"
                    )
                    read = model(dict(features))
                    out = read["sentence_embedding"][: len(batch)].float().numpy()
                    vectors[batch] = out / np.linalg.norm(out, axis=1, keepdims=True)
                    if tokens_of is not None:
                        for i, states in zip(batch, read["token_embeddings"].float().numpy(), strict=False):
                            tokens_of[i] = condense(states[: min(len(tokens[i]), limit)])
                    if progress:
                        progress(len(batch))
        return vectors

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                self._model = self._load()
        return self._model

    def _load(self) -> Any:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        import transformers
        from sentence_transformers import SentenceTransformer

        transformers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()  # it reports a pooler that mean pooling never uses
        fast = torch.cpu._is_avx512_bf16_supported() if hasattr(torch.cpu, "_is_avx512_bf16_supported") else False
        try:
            return SentenceTransformer(
                self._folder(), device="cpu", model_kwargs={"dtype": torch.bfloat16 if fast else torch.float32}
            ).eval()
        except Exception as error:  # the library raises whatever its backends raise: translated once, here
            raise ModelError(
                f"The embedding model {self._settings.model!r} could not be loaded ({error}). Expected the name of a "
                "sentence-transformers model in the local cache or a folder that holds one: mend embedding.model "
                'in koujing settings, or set it to "bundled".'
            ) from error


_NONE = np.empty((0, 0), np.int8)


class BundledEmbedder(SentenceTransformerEmbedder):
    """The small model that ships, taught or plain; see `kb.bundled`."""

    # Up to so many tokens numpy is done before torch has started: it reads some 2,000 a second on one core and starts
    # in a second, torch starts in eight to ten seconds and reads several times as many.
    FEW_TOKENS = 16000

    def __init__(self, settings: EmbeddingSettings, model: Bundled) -> None:
        super().__init__(settings)
        self._bundled = model
        self._cache = Path(settings.cache).expanduser()
        self._loading = threading.Lock()  # what is loaded once, in whatever thread asks first

    @property
    def id(self) -> str:
        return self._bundled.identity

    @property
    def dimension(self) -> int:
        return DIMENSION

    @property
    def reads_tokens(self) -> bool:
        return self._bundled.importance is not None

    @property
    def reader(self) -> Reader | None:
        return self._bundled.reader

    @property
    def judge(self) -> Judge | None:
        return self._bundled.judge

    def start(self) -> None:
        with suppress(ModelError, OSError):
            _ = self._forward

    def embed_question(self, text: str) -> Embedded:
        text = "query: " + _readable(text)
        states = self._forward.states(text)
        vector = _unit(states.mean(axis=0))
        if self._bundled.importance is None:
            return Embedded(vector)
        weight, bias = self._bundled.importance
        share = np.logaddexp(0, states @ weight + bias)
        tokens = _unit(states) * (share / share.sum())[:, None]
        return Embedded(vector, tokens, self._vocabulary.words(text), self._vocabulary.before_last_line(text))

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        return self._read(texts, progress, None)

    def read_passages(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        tokens: list[np.ndarray] = []
        return self._read(texts, progress, tokens), tokens

    def words(self, text: str) -> np.ndarray:
        return self._vocabulary.words("passage: " + _readable(text), once=True)

    def _read(self, texts: Sequence[str], progress: Progress | None, tokens_of: list[np.ndarray] | None) -> np.ndarray:
        prefixed = ["passage: " + _readable(text) for text in texts]
        if self._model is not None or not self._are_few(prefixed):
            return self._encode(prefixed, progress, tokens_of)
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for n, text in enumerate(prefixed):
            states = self._forward.states(text)
            vectors[n] = _unit(states.mean(axis=0))
            if tokens_of is not None:
                tokens_of.append(condense(states))
            if progress:
                progress(1)
        return vectors

    def _are_few(self, texts: Sequence[str]) -> bool:
        if sum(map(len, texts)) > 8 * self.FEW_TOKENS:  # no language has so many letters a token
            return False
        return sum(map(self._vocabulary.count, texts)) <= self.FEW_TOKENS

    @property
    def _forward(self) -> Forward:
        with self._loading:
            return self._read_layers

    @property
    def _vocabulary(self) -> Vocabulary:
        with self._loading:
            return self._read_vocabulary

    @cached_property
    def _read_layers(self) -> Forward:
        return Forward(self._packed, self._read_vocabulary)

    @cached_property
    def _read_vocabulary(self) -> Vocabulary:
        return Vocabulary(self._packed, self._bundled.vocabulary_file(self._cache))

    @cached_property
    def _packed(self) -> Packed:
        return self._bundled.packed()

    def _folder(self) -> str:
        return str(self._bundled.unpack(self._cache))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _readable(text: str) -> str:
    """Without lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _chunks(rows: Sequence[int], size: int) -> Iterable[list[int]]:
    return (list(rows[i : i + size]) for i in range(0, len(rows), size))
