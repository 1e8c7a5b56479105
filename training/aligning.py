"""What `kb.alignment` computes, for many pairs of texts at once, to learn from."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from kb import alignment, bundled
from training.command import say
from training.fit import save

_SAVE_EVERY = 50


class Aligning(nn.Module):
    def __init__(self, width: int, layers: int, dropout: float) -> None:
        super().__init__()
        dimension = bundled.DIMENSION
        self.sharpness = nn.Parameter(torch.tensor(15.0).log())
        self.compare, self.compared = nn.Linear(4 * dimension + 2, width), nn.LayerNorm(width)
        self.layers = nn.ModuleList([_Layer(width, dropout) for _ in range(layers)])
        self.weigh = nn.Linear(width, 1)
        self.drop = Drop(dropout)

    def seen(
        self,
        asked: torch.Tensor,
        share: torch.Tensor,
        said: torch.Tensor,
        there: torch.Tensor,
        also: torch.Tensor | float = 0.0,
        more: tuple[torch.Tensor, torch.Tensor] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(pairs,) how well the tokens are met, and (pairs, 2 · width + 1) what is seen. `asked` (pairs, tokens,
        dimension) and `said` (pairs, vectors, dimension) unit vectors, `share` (pairs, tokens), 0 where there is no
        token; `there` (pairs, vectors) bool; `also` (pairs, tokens, width), what else is known of each token; `more` (pairs, n, width)
        and bool (pairs, n), what is looked at beside the tokens."""
        with torch.autocast("cpu", enabled=False):  # in bfloat16 similarities have steps of 1/256
            similar = (asked @ said.transpose(1, 2)).masked_fill(~there[:, None], -4)
            best, at = similar.max(2)
            nearest = said.gather(1, at[:, :, None].expand(-1, -1, said.shape[2]))
            around = torch.softmax(similar * self.sharpness.exp(), 2) @ said
        compared = [asked * 4, around * 4, (asked - nearest) * 4, asked * nearest * 60, best[..., None]]
        compared.append(share[..., None] * 5)
        x, real = self.compare(self.drop(beside(compared))) + also, share > 0
        if more is not None:
            x, real = torch.cat([x, more[0]], 1), torch.cat([real, more[1]], 1)
        x = self.compared(functional.gelu(x))
        for layer in self.layers:
            x = layer(x, real, said, there)
        with torch.autocast("cpu", enabled=False):
            x = x.float()
            weight = torch.softmax(self.weigh(x).squeeze(-1).masked_fill(~real, -1e4), 1)
            met = (best * share).sum(1)
            highest = x.masked_fill(~real[..., None], -1e4).amax(1)
            return met, torch.cat([(x * weight[..., None]).sum(1), highest, met[:, None]], 1)


class Drop(nn.Module):
    """Dropout of (pairs, tokens, values), the same values for all tokens of a pair, or of (pairs, values). To draw them
    token by token takes a quarter of a step."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or not self.share:
            return x
        kept = torch.empty(len(x), *(1,) * (x.ndim - 2), x.shape[-1]).bernoulli_(1 - self.share) / (1 - self.share)
        return x * kept.to(x.dtype)


class _Layer(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.before_self, self.before_cross, self.before_inner = (nn.LayerNorm(width) for _ in range(3))
        self.self_in, self.self_out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.cross_question, self.cross_clause = nn.Linear(width, width), nn.Linear(bundled.DIMENSION, 2 * width)
        self.cross_out = nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.drop = Drop(dropout)

    def forward(self, x: torch.Tensor, real: torch.Tensor, said: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        q, k, v = self.self_in(self.before_self(x)).chunk(3, -1)
        x = x + self.drop(self.self_out(_attention(q, k, v, real)))
        k, v = self.cross_clause(said * 4).chunk(2, -1)
        x = x + self.drop(self.cross_out(_attention(self.cross_question(self.before_cross(x)), k, v, there)))
        return x + self.drop(self.outer(functional.gelu(self.inner(self.before_inner(x)))))


def _attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    def heads(x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(2, (alignment.HEADS, -1)).transpose(1, 2)

    near = (heads(q) @ heads(k).transpose(2, 3) / (q.shape[2] // alignment.HEADS) ** 0.5).float()
    seen = torch.softmax(near.masked_fill(~there[:, None, None], -1e4), -1).to(v.dtype) @ heads(v)
    return seen.transpose(1, 2).flatten(2)


def beside(values: Sequence[torch.Tensor]) -> torch.Tensor:
    """Along the last axis, in the precision in which a layer multiplies them: half the bytes to move."""
    kind = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else values[0].dtype
    return torch.cat([value.to(kind) for value in values], -1)


def filled(rows: Iterable[torch.Tensor]) -> torch.Tensor:
    """Rows of several lengths as one tensor, with zeros behind the short ones."""
    return nn.utils.rnn.pad_sequence(list(rows), batch_first=True)


def groups(lengths: list[int], count: int) -> list[list[int]]:
    """Numbers in so many groups by length: padding all to the longest would double the work."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    size = -(-len(order) // count)
    return [order[start : start + size] for start in range(0, len(order), size)]


class Recipe(Protocol):
    """What `teach` asks of a recipe."""

    @property
    def steps(self) -> int: ...
    @property
    def decay(self) -> float: ...
    @property
    def rate(self) -> float: ...
    @property
    def warm_up(self) -> int: ...


def go_on(model: nn.Module, folder: Path, name: str) -> dict[str, str]:
    """Gives `model` what another run taught, and tells which it is."""
    from safetensors.torch import load_file

    file = folder / bundled.beside(name)
    taught = {key: value.float() for key, value in load_file(file).items()}
    new, strange = model.load_state_dict(taught, strict=False)
    if strange:
        sys.exit(f"{file} has weights {', '.join(strange)}, which the {name} that is taught has not.")
    if new:
        say(f"not in {file}, so they begin as they are: {', '.join(new)}")
    return {"begun": hashlib.sha256(file.read_bytes()).hexdigest()}


Batch = TypeVar("Batch")


def teach(
    model: nn.Module,
    draw: Callable[[], Batch],
    loss_of: Callable[[Batch], tuple[torch.Tensor, list[float]]],
    recipe: Recipe,
    state: Path,
) -> list[list[float]]:
    """Teaches `model` and returns its curve: the loss of each step, and what else `loss_of` says of its batch.

    Goes on from `state` where a run was killed: its batches are drawn again, the random numbers are those it had.
    """
    parameters = list(model.parameters())
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
    )
    done: list[list[float]] = []
    if state.is_file():
        saved = torch.load(state, weights_only=False)  # our own file: it holds our records
        model.load_state_dict(saved["model"])
        torch.set_rng_state(saved["random"])
        optimiser.load_state_dict(saved["optimiser"])
        done = saved["steps"]
        for _ in done:
            draw()
    began = time.monotonic()
    for number in range(len(done), recipe.steps):
        for group in optimiser.param_groups:
            share = min(1, (number + 1) / recipe.warm_up) * max(0.05, 1 - number / recipe.steps)
            group["lr"] = recipe.rate * share
        loss, more = loss_of(draw())
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        done.append([round(value, 4) for value in (float(loss.detach()), *more)])
        if len(done) % 10 == 0:
            recent = "  ".join(f"{value:.3f}" for value in np.mean(done[-10:], axis=0))
            say(f"step {len(done)} of {recipe.steps}: loss {recent}, {time.monotonic() - began:.0f} s")
        if len(done) % _SAVE_EVERY == 0 or len(done) == recipe.steps:
            kept: dict[str, Any] = {"model": model.state_dict(), "optimiser": optimiser.state_dict()}
            save(state, {**kept, "random": torch.get_rng_state(), "steps": done})
    model.eval()
    return done
