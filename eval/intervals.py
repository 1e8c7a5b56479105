"""How far a figure can be trusted: bootstrap over intents, and paired tests between two runs.

Wordings of one intent are right or wrong together, so whole intents are drawn, with replacement; drawing single
cases would make the intervals too narrow. Where all intents are alike drawing them tells nothing: there the exact
binomial bound over intents stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.metrics.table import Measure, Table

TIMES = 1000
LEVEL = 0.95
_CHUNK = 4_000_000  # weights held at once


def resamples(cluster: np.ndarray, seed: int, times: int = TIMES) -> Iterator[np.ndarray]:
    """Weights (b, n), in chunks of b up to `times`: how often each case is drawn when as many clusters as there are
    are drawn with replacement. The same for the same seed, however they are chunked."""
    rng = np.random.default_rng(seed)
    clusters = int(cluster.max()) + 1
    step = max(1, _CHUNK // len(cluster))
    for start in range(0, times, step):
        drawn = rng.integers(0, clusters, (min(step, times - start), clusters))
        counts = np.zeros_like(drawn)
        np.add.at(counts, (np.arange(len(drawn))[:, None], drawn), 1)
        yield counts[:, cluster].astype(np.float64)


def bounds(values: np.ndarray) -> tuple[float, float] | None:
    """The middle 95 % of resampled values; None if there is none."""
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def _all_alike(value: float, intents: int) -> tuple[float, float]:
    """The Clopper-Pearson interval of none, or all, of so many."""
    bound = ((1 - LEVEL) / 2) ** (1 / intents)
    return (bound, 1.0) if value else (0.0, 1 - bound)


def estimates(table: Table, measures: dict[str, Measure], seed: int, times: int = TIMES) -> dict[str, dict[str, Any]]:
    """{NAME: {"value", "low", "high", "n"}}; a measure with nothing to count is left out. n counts cases, or intents
    where the measure is over intents. From one intent nothing can be drawn: low and high are None."""
    one = np.ones((1, len(table.cluster)))
    values = {name: float(measure.value(table, one)[0]) for name, measure in measures.items()}
    values = {name: value for name, value in values.items() if not np.isnan(value)}
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in values}
    if len(table.cluster) and table.cluster.max() > 0:
        for weights in resamples(table.cluster, seed, times):
            for name in values:
                drawn[name].append(measures[name].value(table, weights))
    found = {}
    for name, value in values.items():
        counted = measures[name].counted(table)
        interval = bounds(np.concatenate(drawn[name])) if drawn[name] else None
        if interval and interval[0] == interval[1] == value in (0.0, 1.0):
            interval = _all_alike(value, len(np.unique(table.cluster[counted])))
        low, high = (round(edge, 4) for edge in interval) if interval else (None, None)
        found[name] = {"value": round(value, 4), "low": low, "high": high, "n": int(counted.sum())}
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one measure between two runs over the same cases."""

    before: float
    after: float
    difference: float
    low: float | None
    high: float | None
    p: float  # two-sided, from the bootstrap
    n: int
    mcnemar: float | None = None  # exact, for what is right or wrong a case; takes cases for independent

    @property
    def significant(self) -> bool:
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def difference(before: Table, after: Table, measure: Measure, seed: int, times: int = TIMES) -> Difference | None:
    """Rows of both tables are the same cases in the same order. None if a run has nothing to count."""
    one = np.ones((1, len(before.cluster)))
    a, b = float(measure.value(before, one)[0]), float(measure.value(after, one)[0])
    if np.isnan(a) or np.isnan(b):
        return None
    low = high = None
    p = 1.0
    if times and before.cluster.max() > 0:
        drawn = np.concatenate(
            [measure.value(after, w) - measure.value(before, w) for w in resamples(before.cluster, seed, times)]
        )
        if interval := bounds(drawn):
            low, high = (round(edge, 4) for edge in interval)
            drawn = drawn[~np.isnan(drawn)]
            tail = min((drawn <= 0).sum(), (drawn >= 0).sum())
            p = min(1.0, 2 * (int(tail) + 1) / (len(drawn) + 1))  # one more on either side: never 0
    n = int(measure.counted(before).sum())
    return Difference(round(a, 4), round(b, 4), round(b - a, 4), low, high, round(p, 4), n)


def mcnemar(before: Sequence[bool] | np.ndarray, after: Sequence[bool] | np.ndarray) -> float:
    """Exact two-sided p: of the cases that are right in one run only, whether the better run's share is chance."""
    from scipy.special import bdtr  # scipy.stats takes a second to load

    before, after = np.asarray(before, bool), np.asarray(after, bool)
    won, lost = int((after & ~before).sum()), int((before & ~after).sum())
    return min(1.0, 2 * float(bdtr(min(won, lost), won + lost, 0.5)))
