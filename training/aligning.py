"""What `kb.alignment` computes, for many pairs of texts at once, to learn from."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import functional

from kb import alignment, bundled


class Aligning(nn.Module):
    def __init__(self, width: int, layers: int, dropout: float) -> None:
        super().__init__()
        dimension = bundled.DIMENSION
        self.sharpness = nn.Parameter(torch.tensor(15.0).log())
        self.compare, self.compared = nn.Linear(4 * dimension + 2, width), nn.LayerNorm(width)
        self.layers = nn.ModuleList([_Layer(width, dropout) for _ in range(layers)])
        self.weigh = nn.Linear(width, 1)
        self.drop = nn.Dropout(dropout)

    def seen(
        self, asked: torch.Tensor, share: torch.Tensor, said: torch.Tensor, there: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(pairs,) how well the tokens are met, and (pairs, 2 · width + 1) what is seen. `asked` (pairs, tokens,
        dimension) and `said` (pairs, vectors, dimension) unit vectors, `share` (pairs, tokens), 0 where there is no
        token; `there` (pairs, vectors) bool."""
        with torch.autocast("cpu", enabled=False):  # in bfloat16 similarities have steps of 1/256
            similar = (asked @ said.transpose(1, 2)).masked_fill(~there[:, None], -4)
            best, at = similar.max(2)
            nearest = said.gather(1, at[:, :, None].expand(-1, -1, said.shape[2]))
            around = torch.softmax(similar * self.sharpness.exp(), 2) @ said
        compared = [asked * 4, around * 4, (asked - nearest) * 4, asked * nearest * 60, best[..., None]]
        compared.append(share[..., None] * 5)
        x = self.compared(functional.gelu(self.compare(self.drop(torch.cat(compared, 2)))))
        real = share > 0
        for layer in self.layers:
            x = layer(x, real, said, there)
        with torch.autocast("cpu", enabled=False):
            x = x.float()
            weight = torch.softmax(self.weigh(x).squeeze(-1).masked_fill(~real, -1e4), 1)
            met = (best * share).sum(1)
            highest = x.masked_fill(~real[..., None], -1e4).amax(1)
            return met, torch.cat([(x * weight[..., None]).sum(1), highest, met[:, None]], 1)


class _Layer(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.before_self, self.before_cross, self.before_inner = (nn.LayerNorm(width) for _ in range(3))
        self.self_in, self.self_out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.cross_question, self.cross_clause = nn.Linear(width, width), nn.Linear(bundled.DIMENSION, 2 * width)
        self.cross_out = nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.drop = nn.Dropout(dropout)

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


def filled(rows: Iterable[torch.Tensor]) -> torch.Tensor:
    """Rows of several lengths as one tensor, with zeros behind the short ones."""
    return nn.utils.rnn.pad_sequence(list(rows), batch_first=True)


def groups(lengths: list[int], count: int) -> list[list[int]]:
    """Numbers in so many groups by length: padding all to the longest would double the work."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    size = -(-len(order) // count)
    return [order[start : start + size] for start in range(0, len(order), size)]


def optimiser_of(model: nn.Module, decay: float) -> torch.optim.AdamW:
    """Biases and norms do not decay."""
    parameters = list(model.parameters())
    return torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
    )


def set_rate(optimiser: torch.optim.Optimizer, rate: float, number: int, warm_up: int, steps: int) -> None:
    """Of step `number`: rising at first, then falling to a twentieth."""
    for group in optimiser.param_groups:
        group["lr"] = rate * min(1, (number + 1) / warm_up) * max(0.05, 1 - number / steps)
