"""Whether questions that no clause covers are left unanswered, at the line in force and at every other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval.metrics.table import Measure, Table, mean


def area(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Chance that a random positive is higher than a random negative (area under the ROC curve); ties count half."""
    values = np.array([*positives, *negatives], np.float64)
    positive = np.arange(len(values)) < len(positives)
    return float(_area(values, positive, np.ones((1, len(values))))[0])


def _area(values: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> np.ndarray:
    above, below = _surest_first(values, weights, positive, ~positive)
    # a negative loses to all positives that come before it, and half to those level with it
    wins = (below * (above.cumsum(1) - above / 2)).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return wins / (above.sum(1) * below.sum(1))


def wrong_at(coverage: float) -> Measure:
    """Of the unanswerable, answered at the highest line at which this share of the answerable is answered."""

    def value(table: Table, weights: np.ndarray) -> np.ndarray:
        able, unable = _surest_first(table.covered, weights, table.answerable, ~table.answerable)
        covered = able.cumsum(1)
        line = (covered >= coverage * covered[:, -1:] - 1e-9).argmax(1)
        wrong = np.take_along_axis(unable.cumsum(1), line[:, None], 1)[:, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(covered[:, -1] > 0, wrong / unable.sum(1), np.nan)

    return Measure(_unanswerable, value)


def _risk_area(table: Table, weights: np.ndarray) -> np.ndarray:
    """Share of wrong answers among those given, averaged over every line at which one more answerable question is."""
    able, given, right = _surest_first(
        table.confidence, weights, table.answerable, table.found, table.first & table.answerable
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        risk = 1 - right.cumsum(1) / given.cumsum(1)
        return (able * np.nan_to_num(risk)).sum(1) / able.sum(1)


def _unanswerable(table: Table) -> np.ndarray:
    return ~table.answerable


def _all(table: Table) -> np.ndarray:
    return np.ones(len(table.answerable), bool)


ABSTENTION: dict[str, Measure] = {
    # of the unanswerable: answered all the same
    "wrong_answers": mean(_unanswerable, lambda t: t.answered),
    # … of those that come near to a clause: answered with just that one
    "misled": mean(lambda t: ~np.isnan(t.misled), lambda t: t.misled),
    "wrong_at_85": wrong_at(0.85),
    "wrong_at_90": wrong_at(0.90),
    # chance that an answerable question is thought likelier to be covered than an unanswerable one
    "area": Measure(_all, lambda t, w: _area(t.covered, t.answerable, w)),
    # … that a question whose best clause is right has a higher confidence than any other question
    "area_right": Measure(_all, lambda t, w: _area(t.confidence, t.first & t.answerable, w)),
    "risk_area": Measure(_all, _risk_area),
}


def risk_coverage(table: Table, points: int = 100) -> list[list[float]]:
    """[share of the answerable that are answered, share of the answers given that are wrong, least confidence], surest
    first.

    An answer to an unanswerable question is wrong. Below the line in force the best clause is taken for the answer.
    """
    one = np.ones((1, len(table.answerable)))
    masks = table.answerable, table.found, table.first & table.answerable
    able, given, right = (sums[0].cumsum() for sums in _surest_first(table.confidence, one, *masks))
    return _thinned(able / max(able[-1], 1), 1 - right / np.maximum(given, 1), _lines(table.confidence), points)


def wrong_coverage(table: Table, points: int = 100) -> list[list[float]]:
    """[share of the answerable that are answered, share of the unanswerable that are, line], likeliest covered
    first."""
    one = np.ones((1, len(table.answerable)))
    sides = _surest_first(table.covered, one, table.answerable, ~table.answerable)
    able, unable = (sums[0].cumsum() for sums in sides)
    return _thinned(able / max(able[-1], 1), unable / max(unable[-1], 1), _lines(table.covered), points)


def _lines(values: np.ndarray) -> np.ndarray:
    return np.unique(values)[::-1]


def _thinned(x: np.ndarray, y: np.ndarray, line: np.ndarray, points: int) -> list[list[float]]:
    """The last point of each hundredth of x, without what could never be answered."""
    keep = np.append(np.floor(x[1:] * points) > np.floor(x[:-1] * points), True) & (line >= 0)
    return [[round(float(v), 4) for v in row] for row in zip(x[keep], y[keep], line[keep], strict=True)]


def _surest_first(values: np.ndarray, weights: np.ndarray, *masks: np.ndarray) -> list[np.ndarray]:
    """For each mask the weights (b, distinct values), highest value first; cases level with each other are added up."""
    order = np.argsort(-values, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(values[order]) != 0))
    return [np.add.reduceat((weights * mask)[:, order], starts, axis=1) for mask in masks]
