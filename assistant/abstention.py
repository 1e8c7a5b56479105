"""How sure an answer is: of answers given 0.9, nine in ten are right. And whether there is one: how likely some clause
covers the question at all, which decides whether it is answered."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kb.embedding import Embedder
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
    "reader_first",  # of encoders with a reader; else these three are 0
    "reader",
    "reader_gap",
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
        *_by(hits, "tokens"),
        *_by(hits, "reader"),
    )


_STAGES = ("dense", "sentence", "lexical")


def _by(hits: Sequence[Hit], stage: str) -> tuple[float, float, float]:
    """Whether the best hit is first by a stage that not every encoder has, its value, and how far it stands out."""
    best = hits[0].stages.get(stage)
    if best is None:
        return 0.0, 0.0, 0.0
    first = best >= max(hit.stages[stage] for hit in hits if stage in hit.stages)
    rivals = any(stage in hit.stages for hit in hits[1:])
    return float(first), best, best - _mean_of_nearest(hits, stage) if rivals else 0.0


def _mean_of_nearest(hits: Sequence[Hit], stage: str) -> float:
    others = sorted((hit.stages[stage] for hit in hits[1:] if stage in hit.stages), reverse=True)[:5]
    return sum(others) / len(others) if others else 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the stages are fused; a logistic model over `FEATURES`; a monotone map from its value to the share that was
    right.

    A feature is heard up to `reach` standard deviations from its mean: what lies beyond what was fitted says no more
    than that it is high or low, and another base may lie there.

    Fitted by `python -m eval.calibrate`; kept per embedder in `calibration.json`, with how it did on documents that it
    was not fitted on.
    """

    weights: Weights
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    reach: float
    weight: tuple[float, ...]
    bias: float
    steps: tuple[tuple[float, float], ...]  # (raw value, confidence), rising; linear in between
    line: float  # least chance that the question is covered to answer it
    # (highest log odds of the clauses that were read, how likely one of them answers), rising; none without a reader
    coverage: tuple[tuple[float, float], ...] = ()

    def confidence(self, values: Sequence[float]) -> float:
        """0 to 1, rounded to four places so that it never hangs on the last bit."""
        raw = self.bias + sum(
            w * max(-self.reach, min(self.reach, (v - m) / s))
            for v, m, s, w in zip(values, self.mean, self.scale, self.weight, strict=True)
        )
        return round(_interpolate(raw, self.steps), 4)

    def covered(self, hits: Sequence[Hit], confidence: float) -> float:
        """How likely some clause covers the question, 0 to 1: by what the reader found, whichever clause comes first.
        Where several clauses answer alike it is sure of that, and not of which is best; without a reader what there is
        to go by is the confidence in the best one."""
        highest = highest_odds(hits)
        return round(_interpolate(highest, self.coverage), 4) if highest is not None and self.coverage else confidence


def highest_odds(hits: Sequence[Hit]) -> float | None:
    """Of the clauses that were read; None: none was."""
    return max((hit.stages["reader"] for hit in hits if "reader" in hit.stages), default=None)


def calibrated_as(embedder: Embedder) -> str:
    """What a calibration is kept under: the embedder, and the reader beside it, which the confidence hears."""
    return embedder.id if embedder.reader is None else f"{embedder.id}+{embedder.reader.id}"


def calibration_for(name: str) -> tuple[Calibration, bool]:
    """The calibration under a name, and whether there is one; otherwise the plain bundled model's stands in."""
    table = _calibrations()
    own = name in table
    record = table[name] if own else next(iter(table.values()))
    return (
        Calibration(
            weights=Weights(**record["weights"]),
            mean=tuple(record["mean"]),
            scale=tuple(record["scale"]),
            reach=record["reach"],
            weight=tuple(record["weight"]),
            bias=record["bias"],
            steps=tuple((a, b) for a, b in record["steps"]),
            line=record["line"],
            coverage=tuple((a, b) for a, b in record.get("coverage", ())),
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
