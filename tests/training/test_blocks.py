"""Four-bit blocks: what training rounds to is what is stored and read back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kb.bundled import from_blocks
from training.blocks import SIZE, RoundToBlocks


def plain(seed: int = 0) -> torch.Tensor:
    """A matrix that is stored in blocks: levels 0 to 15, the block's largest value at level 0."""
    generator = torch.Generator().manual_seed(seed)
    levels = torch.randint(1, 16, (12, SIZE), generator=generator).float()
    levels[:, 3] = 0
    scales = (torch.rand(12, 1, generator=generator) / 20 + 0.01).half().float()
    return ((levels - 8) * scales).reshape(6, 64)


@pytest.fixture
def blocks() -> RoundToBlocks:
    return RoundToBlocks(plain())


def test_what_is_stored_already_is_not_changed(blocks: RoundToBlocks) -> None:
    assert torch.equal(blocks(plain()), plain())


def test_what_is_read_back_is_what_training_used(blocks: RoundToBlocks) -> None:
    learnt = plain() + torch.randn(6, 64, generator=torch.Generator().manual_seed(1)) / 50
    assert np.array_equal(from_blocks(blocks.pack(learnt)).reshape(6, 64), blocks(learnt).numpy())


def test_spread_out_it_is_the_same_matrix(blocks: RoundToBlocks) -> None:
    spread = blocks.spread(plain(), torch.Generator().manual_seed(2))
    assert not torch.equal(spread, plain())
    assert torch.equal(blocks(spread), plain())


def test_spread_out_a_small_step_changes_its_share_of_the_levels() -> None:
    big = plain().repeat(40, 1)
    blocks = RoundToBlocks(big)
    spread = blocks.spread(big, torch.Generator().manual_seed(3))
    step = (blocks.scale * 0.2).expand(-1, SIZE).reshape(big.shape)
    inner = (blocks.levels(big) > 0) & (blocks.levels(big) < 15)
    changed = (blocks.levels(spread + step) != blocks.levels(big))[inner]
    assert changed.float().mean().item() == pytest.approx(0.2, abs=0.02)
    assert not (blocks.levels(big + step) != blocks.levels(big)).any()


def test_gradients_pass_as_if_nothing_were_rounded(blocks: RoundToBlocks) -> None:
    weight = plain().requires_grad_()
    (blocks(weight) * 3).sum().backward()
    assert torch.equal(weight.grad, torch.full_like(weight, 3))


def test_a_block_of_zeros_stays_zeros() -> None:
    zeros = torch.zeros(2, SIZE)
    assert not from_blocks(RoundToBlocks(zeros).pack(zeros)).any()
