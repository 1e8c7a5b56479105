"""The reader: does this clause answer this question?

Search says what a clause is about; the reader looks at the few best clauses again, each beside the question. Every token
of the question is laid beside what it meets in the clause, its nearest vector and a mean of the near ones; two layers
let these comparisons speak with each other and look at the whole clause; what comes out is one number, the higher the
surer that the clause answers. (Comparing aligned texts goes back to Parikh et al. 2016 and Chen et al. 2017.)

It reads the vectors that the snapshot holds anyway (`kb.tokens`), so it costs no pass of the encoder over a clause, and
it belongs to the encoder whose vectors it learnt to read. `training/reader.py` teaches it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.special import erf

CLAUSES = 5  # the best by search, which are read: with eight as many right ones come first (0.746 of both)
TOKENS = 64  # the last of a question: more than all but long pasted chats have
HEADS = 4
_EPS = 1e-5


class Reader:
    """Thread-safe: everything it holds is read-only."""

    def __init__(self, weights: Mapping[str, np.ndarray], id: str = "") -> None:
        """`weights` by the names of `training.reader.Model`'s parameters; matrices are (outputs, inputs). `id`: what a
        calibration knows it by."""
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
    def load(cls, file: Path, id: str) -> Reader:
        from safetensors.numpy import load_file

        return cls(load_file(file), id)

    def read(self, question: np.ndarray, clauses: Sequence[np.ndarray]) -> np.ndarray:
        """(len(clauses),) float64, rounded so that nothing hangs on the last bit: log odds that each clause answers.

        `question`: (tokens, dimension), unit vectors times their share of what is asked; `clauses`: (vectors,
        dimension) each, of which only the directions count.
        """
        asked = question[-TOKENS:]
        share = np.linalg.norm(asked, axis=1)
        asked, share = asked[share > 0], share[share > 0]
        asked, share = asked / share[:, None], share / share.sum()
        rows, place, there = _beside_each_other(clauses)
        said = rows[place]
        similar = np.where(
            there[:, None], asked @ said.transpose(0, 2, 1), np.float32(-4)
        )  # (clauses, tokens, vectors)
        best = similar.max(axis=2)
        nearest = np.take_along_axis(said, similar.argmax(axis=2)[:, :, None], 1)
        around = _softmax(similar * np.exp(self._weights["sharpness"])) @ said
        x = self._norm("compared", _gelu(self._compare(asked, share, around, nearest, best)))
        for n in range(self._layers):
            x = self._layer(f"layers.{n}", x, rows, place, there)
        met = best @ share
        weight = _softmax(self._linear("weigh", x)[..., 0])
        pooled = np.concatenate([np.einsum("kt,ktd->kd", weight, x), x.max(axis=1), met[:, None]], axis=1)
        by_sum, bias = self._weights["met"]
        value = self._linear("out", pooled)[:, 0] + by_sum * (met - 0.75) * 4 + bias
        return np.round(value.astype(np.float64), 3)

    def _compare(
        self, asked: np.ndarray, share: np.ndarray, around: np.ndarray, nearest: np.ndarray, best: np.ndarray
    ) -> np.ndarray:
        """(clauses, tokens, width)"""
        of_question = asked @ self._of_question + share[:, None] * self._of_share + self._weights["compare.bias"]
        both = np.concatenate([around, nearest, asked * nearest], axis=2)
        of_both = (both.reshape(-1, both.shape[2]) @ self._of_both).reshape(*best.shape, -1)
        return of_both + of_question + best[..., None] * self._of_best

    def _layer(self, name: str, x: np.ndarray, rows: np.ndarray, place: np.ndarray, there: np.ndarray) -> np.ndarray:
        q, k, v = np.split(self._linear(f"{name}.self_in", self._norm(f"{name}.before_self", x)), 3, axis=2)
        x = x + self._linear(f"{name}.self_out", _attention(q, k, v, None))
        q = self._linear(f"{name}.cross_question", self._norm(f"{name}.before_cross", x))
        k, v = np.split(self._linear(f"{name}.cross_clause", rows * 4)[place], 2, axis=2)
        x = x + self._linear(f"{name}.cross_out", _attention(q, k, v, there))
        inner = _gelu(self._linear(f"{name}.inner", self._norm(f"{name}.before_inner", x)))
        return x + self._linear(f"{name}.outer", inner)

    def _linear(self, name: str, x: np.ndarray) -> np.ndarray:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return (x.reshape(-1, x.shape[-1]) @ weight.T + bias).reshape(*x.shape[:-1], -1)

    def _norm(self, name: str, x: np.ndarray) -> np.ndarray:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(_EPS))
        return x * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


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
        near = np.where(there[:, None, None], near, np.float32(-1e4))
    return (_softmax(near) @ heads(v)).transpose(0, 2, 1, 3).reshape(q.shape)


def _softmax(x: np.ndarray) -> np.ndarray:
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


def _gelu(x: np.ndarray) -> np.ndarray:
    return x * (np.float32(0.5) * (1 + erf(x * np.float32(0.5**0.5))))
