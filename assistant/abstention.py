"""How sure an answer is. One number, the same everywhere: of answers given 0.9, nine in ten are right."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from kb.search import Weights
from kb.text import tokens
from kb.types import Hit

FEATURES = (
    "lead",  # of the best hit's score over the next clause that says something else
    "field",  # … over the mean of the hits behind the first five
    "shared",  # share of the question's tokens that stand in the clause or above it
    "dense_first",  # whether the best hit is also the dense stage's first, and so on
    "sentence_first",
    "lexical_first",
    "length",  # of the question, log of tokens
    "dense",  # similarity of the best hit
    "sentence",
    "dense_gap",  # … over the mean of the five other hits that are nearest by that stage
    "sentence_gap",
    "lexical_gap",  # as a share of the best hit's, because BM25 grows with the base
    "tokens_first",  # of encoders that read token by token; else these three are 0
    "tokens",
    "tokens_gap",
)


def features(question: str, hits: Sequence[Hit], same_text: Sequence[bool]) -> tuple[float, ...]:
    """What the confidence is computed from. `hits` best first, at least one; `same_text[i]` says whether hit i says the
    same as the best one (which makes it no rival)."""
    best = hits[0]
    asked = set(tokens(question))
    around = set(tokens(f"{best.version.title} {' '.join(best.clause.path)} {best.clause.context} {best.clause.text}"))
    rival = next((hit.score for hit, same in zip(hits[1:], same_text[1:], strict=True) if not same), best.score - 0.05)
    behind = [hit.score for hit in hits[5:20]] or [hits[-1].score]
    gap = {stage: best.stages[stage] - _mean_of_nearest(hits, stage) for stage in _STAGES}
    return (
        best.score - rival,
        best.score - sum(behind) / len(behind),
        len(asked & around) / max(len(asked), 1),
        *(float(best.stages[s] >= max(hit.stages[s] for hit in hits)) for s in _STAGES),
        math.log1p(len(asked)),
        best.stages["dense"],
        best.stages["sentence"],
        gap["dense"],
        gap["sentence"],
        gap["lexical"] / max(best.stages["lexical"], 1.0),
        *_by_token(hits),
    )


_STAGES = ("dense", "sentence", "lexical")


def _by_token(hits: Sequence[Hit]) -> tuple[float, float, float]:
    best = hits[0].stages.get("tokens")
    if best is None:
        return 0.0, 0.0, 0.0
    first = best >= max(hit.stages["tokens"] for hit in hits)
    return float(first), best, best - _mean_of_nearest(hits, "tokens")


def _mean_of_nearest(hits: Sequence[Hit], stage: str) -> float:
    others = sorted((hit.stages[stage] for hit in hits[1:]), reverse=True)[:5]
    return sum(others) / len(others) if others else 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the stages are fused; two logistic models over `FEATURES`; a monotone map from what they come to, to the
    share that was right.

    One tells whether any clause answers (`answerable`), the other whether the best one does if any does (`right`):
    what stands out among its neighbours need not answer, and a question that is answered may have close rivals.

    Fitted by `python -m eval.calibrate`; kept per embedder in `calibration.json`, with how it did on documents that it
    was not fitted on.
    """

    weights: Weights
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    right: tuple[float, ...]  # weights, then the bias
    answerable: tuple[float, ...] | None  # likewise; None: fitted before there was one, `right` says it all
    steps: tuple[tuple[float, float], ...]  # (raw value, confidence), rising; linear in between
    line: float  # least confidence to answer with

    def confidence(self, values: Sequence[float]) -> float:
        """0 to 1, rounded to four places so that it never hangs on the last bit."""
        scaled = [(v - m) / s for v, m, s in zip(values, self.mean, self.scale, strict=True)]
        raw = _linear(self.right, scaled)
        if self.answerable is not None:
            raw = both(_linear(self.answerable, scaled), raw)
        return round(_interpolate(raw, self.steps), 4)


def both(a: float, b: float) -> float:
    """The log odds that two independent things hold, from the log odds of each."""
    return float(-np.logaddexp(np.logaddexp(-a, -b), -a - b))


def _linear(model: Sequence[float], values: Sequence[float]) -> float:
    *weights, bias = model
    return bias + sum(w * v for w, v in zip(weights, values, strict=True))


def calibration_for(embedder: str) -> tuple[Calibration, bool]:
    """The calibration of an embedder, and whether it is its own; otherwise the plain bundled model's stands in."""
    table = _calibrations()
    own = embedder in table
    record = table[embedder] if own else next(iter(table.values()))
    return (
        Calibration(
            weights=Weights(**record["weights"]),
            mean=tuple(record["mean"]),
            scale=tuple(record["scale"]),
            right=tuple(record["right"]),
            answerable=tuple(record["answerable"]) if record["answerable"] else None,
            steps=tuple((a, b) for a, b in record["steps"]),
            line=record["line"],
        ),
        own,
    )


@cache
def _calibrations() -> Mapping[str, Mapping]:
    return json.loads(resources.files("assistant").joinpath("calibration.json").read_text("utf-8"))["embedders"]


def _interpolate(x: float, steps: Sequence[tuple[float, float]]) -> float:
    if x <= steps[0][0]:
        return steps[0][1]
    for (x0, y0), (x1, y1) in zip(steps, steps[1:], strict=False):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return steps[-1][1]
