"""The activation of the bundled model and of what reads its vectors."""

from __future__ import annotations

import numpy as np


def gelu(x: np.ndarray) -> np.ndarray:
    """Of the same shape; float32 of float32."""
    from scipy.special import erf  # a sixth of a second to load: whoever embeds nothing does without

    return x * (np.float32(0.5) * (1 + erf(x * np.float32(0.5**0.5))))
