"""Two texts laid beside each other, token by token: the arithmetic that the reader and the judge have in common.

Every token of one text is laid beside what it meets in the other, its nearest vector and a mean of the near ones; two
layers let these comparisons speak with each other and look at the whole of the other. (Comparing aligned texts goes back
to Parikh et al. 2016 and Chen et al. 2017.) What is read are the token vectors that a snapshot holds anyway
(`kb.tokens`), so it costs no pass of the encoder, and what was learnt belongs to the encoder whose vectors it learnt on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from kb.gelu import gelu

HEADS = 4
_EPS = 1e-5
_NOTHING = np.float32(-1e4)  # in place of what is not there


class Alignment:
    """Thread-safe: everything it holds is read-only."""

    def __init__(self, weights: Mapping[str, np.ndarray], id: str = "") -> None:
        """`weights` by the names of the parameters of `training.aligning.Aligning`; matrices are (outputs, inputs). `id`:
        what is made with it is known by."""
        self.id = id
        self._weights = {name: np.asarray(value, np.float32) for name, value in weights.items()}
        self._layers = sum(name.endswith(".self_in.weight") for name in weights)
        # It was taught to compare [asked · 4, around · 4, (asked - nearest) · 4, asked · nearest · 60, best, share · 5].
        # What hangs on the question alone is multiplied once, and not once a clause.
        compare = self._weights["compare.weight"]
        own, mean, less, times = np.split(compare[:, :-2], 4, axis=1)
        self._of_question = ((own + less) * 4).T.copy()
        self._of_both = np.concatenate([mean * 4, less * -4, times * 60], axis=1).T.copy()
        self._of_best, self._of_share = compare[:, -2], compare[:, -1] * 5

    @classmethod
    def load(cls, file: Path, id: str) -> Self:
        from safetensors.numpy import load_file

        return cls(load_file(file), id)

    def _met_and_pooled(
        self,
        asked: np.ndarray,
        share: np.ndarray,
        others: Sequence[np.ndarray],
        also: np.ndarray | float = 0.0,
        more: Sequence[np.ndarray] = (),
    ) -> tuple[np.ndarray, np.ndarray]:
        """(len(others),) how well each meets the tokens, by their share; (len(others), 2 · width + 1) what is seen.

        `asked`: (tokens, dimension) unit vectors; `share`: (tokens,), 1 together; `others`: (vectors, dimension) each,
        of which only the directions count; `also`: (len(others), tokens, width), what else is known of each token;
        `more`: (n, width) for each, what is looked at beside the tokens.
        """
        rows, place, there = _beside_each_other(others)
        said = rows[place]
        # (others, tokens, vectors)
        similar = np.where(there[:, None], asked @ said.transpose(0, 2, 1), np.float32(-4))
        best = similar.max(axis=2)
        nearest = np.take_along_axis(said, similar.argmax(axis=2)[:, :, None], 1)
        around = _softmax(similar * np.exp(self._weights["sharpness"])) @ said
        x = self._compare(asked, share, around, nearest, best) + also
        real = None
        if more:
            x, real = _with_more(x, more)
        x = self._norm("compared", gelu(x))
        for n in range(self._layers):
            x = self._layer(f"layers.{n}", x, real, rows, place, there)
        met = best @ share
        weight, highest = self._linear("weigh", x)[..., 0], x
        if real is not None:
            weight, highest = np.where(real, weight, _NOTHING), np.where(real[..., None], x, _NOTHING)
        pooled = np.einsum("kt,ktd->kd", _softmax(weight), x)
        return met, np.concatenate([pooled, highest.max(axis=1), met[:, None]], axis=1)

    def _compare(
        self, asked: np.ndarray, share: np.ndarray, around: np.ndarray, nearest: np.ndarray, best: np.ndarray
    ) -> np.ndarray:
        """(clauses, tokens, width)"""
        of_question = asked @ self._of_question + share[:, None] * self._of_share + self._weights["compare.bias"]
        both = np.concatenate([around, nearest, asked * nearest], axis=2)
        of_both = (both.reshape(-1, both.shape[2]) @ self._of_both).reshape(*best.shape, -1)
        return of_both + of_question + best[..., None] * self._of_best

    def _layer(
        self,
        name: str,
        x: np.ndarray,
        real: np.ndarray | None,
        rows: np.ndarray,
        place: np.ndarray,
        there: np.ndarray,
    ) -> np.ndarray:
        q, k, v = np.split(self._linear(f"{name}.self_in", self._norm(f"{name}.before_self", x)), 3, axis=2)
        x = x + self._linear(f"{name}.self_out", _attention(q, k, v, real))
        q = self._linear(f"{name}.cross_question", self._norm(f"{name}.before_cross", x))
        k, v = np.split(self._linear(f"{name}.cross_clause", rows * 4)[place], 2, axis=2)
        x = x + self._linear(f"{name}.cross_out", _attention(q, k, v, there))
        inner = gelu(self._linear(f"{name}.inner", self._norm(f"{name}.before_inner", x)))
        return x + self._linear(f"{name}.outer", inner)

    def _linear(self, name: str, x: np.ndarray) -> np.ndarray:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return (x.reshape(-1, x.shape[-1]) @ weight.T + bias).reshape(*x.shape[:-1], -1)

    def _norm(self, name: str, x: np.ndarray) -> np.ndarray:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(_EPS))
        return x * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def centred(words: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Unit vectors: all words' vectors lie on one side of the origin, and `centre` in their middle."""
    found = words - centre
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def _with_more(x: np.ndarray, more: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """`x` (pairs, tokens, width) with `more` of each pair behind it, and where there is something: not all have as
    many."""
    lengths = np.array([len(rows) for rows in more])
    behind = np.arange(lengths.max()) < lengths[:, None]
    filled = np.zeros((*behind.shape, x.shape[2]), np.float32)
    filled[behind] = np.concatenate(more)
    real = np.concatenate([np.ones(x.shape[:2], bool), behind], axis=1)
    return np.concatenate([x, filled], axis=1), real


def _beside_each_other(clauses: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All clauses' unit vectors, (rows, dimension); (clauses, longest) which row stands where, and whether one does."""
    rows = np.concatenate(clauses).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    lengths = np.array([len(vectors) for vectors in clauses])
    there = np.arange(lengths.max()) < lengths[:, None]
    place = np.zeros(there.shape, np.int64)
    place[there] = np.arange(len(rows))
    return rows, place, there


def _attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, there: np.ndarray | None) -> np.ndarray:
    def heads(x: np.ndarray) -> np.ndarray:
        return x.reshape(*x.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)

    near = heads(q) @ heads(k).transpose(0, 1, 3, 2) / np.float32((q.shape[-1] // HEADS) ** 0.5)
    if there is not None:
        near = np.where(there[:, None, None], near, _NOTHING)
    return (_softmax(near) @ heads(v)).transpose(0, 2, 1, 3).reshape(q.shape)


def _softmax(x: np.ndarray) -> np.ndarray:
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)
