"""Whether of answers given 0.9 nine in ten are right."""

from __future__ import annotations

import numpy as np

from eval.metrics.table import Measure, Table, mean

BINS = 10
SURE = 0.9


def _bins(table: Table) -> np.ndarray:
    """(n, BINS): in which tenth of confidence a case is; nowhere if nothing was found."""
    number = np.clip((table.confidence * BINS).astype(int), 0, BINS - 1)
    return (np.eye(BINS)[number]) * table.found[:, None]


def _error(table: Table, weights: np.ndarray) -> np.ndarray:
    """Expected calibration error: Σ share of cases in the bin · |mean confidence - share right|, ten equal bins."""
    bins = _bins(table)
    gap = (table.confidence - (table.first & table.answerable))[:, None] * bins
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(weights @ gap).sum(1) / (weights @ bins).sum(1)


CALIBRATION: dict[str, Measure] = {
    "calibration_error": Measure(lambda t: t.found, _error),
    # of the answers given with a confidence of 0.9 or more: with a right clause
    "right_of_sure": mean(lambda t: t.answered & (t.confidence >= SURE), lambda t: t.right & t.answerable),
}


def reliability(table: Table) -> list[list[float]]:
    """[mean confidence, share whose best clause is right, cases] of each tenth of confidence that has cases."""
    bins = _bins(table)
    rows = []
    for n in range(BINS):
        inside = bins[:, n] > 0
        if inside.any():
            right = (table.first & table.answerable)[inside].mean()
            rows.append([round(float(table.confidence[inside].mean()), 4), round(float(right), 4), int(inside.sum())])
    return rows
