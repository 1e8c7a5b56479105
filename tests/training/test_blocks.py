"""Four-bit blocks: what training rounds to is what is stored and read back."""

from __future__ import annotations

import numpy as np
import torch

from training.blocks import RoundToBlocks, pack, unpack


def weight(seed: int = 0) -> torch.Tensor:
    return torch.randn(6, 64, generator=torch.Generator().manual_seed(seed)) / 20


def test_what_is_read_back_is_what_training_used() -> None:
    assert np.array_equal(unpack(pack(weight())).reshape(6, 64), RoundToBlocks()(weight()).numpy())


def test_rounding_twice_changes_nothing() -> None:
    once = RoundToBlocks()(weight())
    assert torch.equal(RoundToBlocks()(once), once)


def test_a_value_moves_by_half_a_level_at_most_or_by_one_at_the_far_end() -> None:
    blocks = weight().reshape(-1, 32)
    level = blocks.abs().amax(1, keepdim=True) / 8
    assert ((RoundToBlocks()(weight()).reshape(-1, 32) - blocks).abs() <= level * 1.01).all()


def test_gradients_pass_as_if_nothing_were_rounded() -> None:
    rough = weight().requires_grad_()
    (RoundToBlocks()(rough) * 3).sum().backward()
    assert torch.equal(rough.grad, torch.full_like(rough, 3))


def test_a_block_of_zeros_stays_zeros() -> None:
    assert not unpack(pack(torch.zeros(2, 32))).any()
