"""The encoder in two halves: a lower one whose outputs are computed once, and an upper one that learns.

Half of a step's arithmetic is then done before training begins, and only the upper layers have to be shipped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils import parametrize

from kb import bundled
from training.blocks import RoundToBlocks

MAX_TOKENS = {"query": 96, "passage": 224}
"""Longer texts are cut: in the data 99 in 100 are shorter, and a step's time goes with its longest text."""


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
        self.upper = model.encoder.layer[split:]
        for module in self.upper.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0  # drawing what to drop takes a third of a step, and every text is seen twice at most

    def learn_in_blocks(self, seed: int) -> None:
        """From here on the upper matrices are used as they will be stored: in 4-bit blocks."""
        generator = torch.Generator().manual_seed(seed)
        for module in self.upper.modules():
            if isinstance(module, torch.nn.Linear):
                blocks = RoundToBlocks(module.weight)
                with torch.no_grad():
                    module.weight.copy_(blocks.spread(module.weight, generator))
                parametrize.register_parametrization(module, "weight", blocks, unsafe=True)

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

    def vectors(self, rows: Sequence[np.ndarray]) -> torch.Tensor:
        """(len(rows), dimension), unit length, from what `lower` gave. The caller casts to bfloat16: once for several calls."""
        lengths = [len(row) for row in rows]
        hidden = torch.zeros(len(rows), max(lengths), bundled.DIMENSION, dtype=torch.bfloat16)
        mask = torch.zeros(len(rows), max(lengths))
        for n, row in enumerate(rows):
            hidden[n, : len(row)] = torch.from_numpy(row).view(torch.bfloat16)
            mask[n, : len(row)] = 1
        for layer in self.upper:
            hidden = _first(layer(hidden, attention_mask=_additive(mask, torch.bfloat16)))
        kept = mask.unsqueeze(-1)
        return functional.normalize((hidden.float() * kept).sum(1) / kept.sum(1), dim=-1)

    def embed(self, rows: Sequence[np.ndarray], tick: Callable[[int, int], None], batch: int = 64) -> np.ndarray:
        """(len(rows), dimension) float32, without learning."""
        out = np.empty((len(rows), bundled.DIMENSION), np.float32)
        order = sorted(range(len(rows)), key=lambda n: len(rows[n]))
        with torch.inference_mode(), parametrize.cached(), torch.autocast("cpu", dtype=torch.bfloat16):
            for start in range(0, len(order), batch):
                part = order[start : start + batch]
                out[part] = self.vectors([rows[n] for n in part]).numpy()
                tick(min(start + batch, len(order)), len(order))
        return out


class LowerOutputs:
    """What the lower half makes of every text, in one file: computed once, shared by all runs."""

    def __init__(self, folder: Path, encoder: Encoder, texts: Sequence[str], tick: Callable[[int, int], None]) -> None:
        """`texts`, each once, begin with "query: " or "passage: "."""
        self.name = hashlib.sha256("\0".join([bundled.wheel(), str(encoder.split), *texts]).encode()).hexdigest()[:16]
        file, index = folder / f"lower-{self.name}.bin", folder / f"lower-{self.name}.npy"
        if not index.is_file():
            self._write(file, index, encoder, texts, tick)
        starts = np.load(index)
        self._places = {text: (int(a), int(b)) for text, a, b in zip(texts, starts, starts[1:], strict=False)}
        self._rows: Any = np.memmap(file, np.uint16, "r").reshape(-1, bundled.DIMENSION)

    def __getitem__(self, text: str) -> np.ndarray:
        start, end = self._places[text]
        return self._rows[start:end]

    @staticmethod
    def _write(
        file: Path, index: Path, encoder: Encoder, texts: Sequence[str], tick: Callable[[int, int], None]
    ) -> None:
        order = sorted(range(len(texts)), key=lambda n: (texts[n].partition(":")[0], len(texts[n])))
        rows: list[np.ndarray] = [np.empty(0)] * len(texts)
        for start in range(0, len(order), 64):
            for kind in ("passage", "query"):
                part = [n for n in order[start : start + 64] if texts[n].startswith(kind)]
                for n, row in zip(part, encoder.lower([texts[n] for n in part]) if part else [], strict=True):
                    rows[n] = row
            tick(min(start + 64, len(order)), len(order))
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(file, "wb") as out:
            for row in rows:
                out.write(row.tobytes())
        aside = index.with_suffix(".new.npy")
        np.save(aside, np.concatenate([[0], np.cumsum([len(row) for row in rows])]))
        aside.replace(index)  # last: its presence says that all is there


def _additive(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return ((1 - mask.to(torch.float32)) * torch.finfo(dtype).min).to(dtype)[:, None, None, :]


def _first(output: Any) -> torch.Tensor:
    return output[0] if isinstance(output, tuple) else output
