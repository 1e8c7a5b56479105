"""Fits the confidence: `python -m eval.calibrate FOLDER [--home DIR]`.

FOLDER holds families of clauses with questions (see `eval.desk`). Each family becomes a base of its
own; every question is asked there. The logistic model and the monotone map are judged on families
that they were not fitted on (leave one out), then fitted on all, and written to
`assistant/calibration.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rich.console import Console

from assistant import Assistant
from assistant.abstention import FEATURES, Calibration
from eval import desk
from eval.metrics.abstention import area
from kb import Embedder, Home, Snapshot, open_embedder
from kb.snapshot import build

COVERAGE = 0.85  # the line is put where this share of the answerable questions is answered
_BINS = 12
# Of a hundred questions at a desk, how many have no clause: the sets have fewer, so they are weighted up.
_UNANSWERABLE_SHARE = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path, help="where bases and vectors are kept between runs")
    options = parser.parse_args()
    console = Console(stderr=True, highlight=False)
    with TemporaryDirectory() as scratch:
        observed = observe(options.folder, options.home or Path(scratch), console)
    embedder = observed.pop("embedder")
    record = fit_and_judge(observed, console)
    file = Path(str(resources.files("assistant").joinpath("calibration.json")))
    table = json.loads(file.read_text("utf-8")) if file.exists() else {"embedders": {}}
    table["features"] = list(FEATURES)
    table["embedders"][embedder] = record
    file.write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    console.print(f"wrote {file.name}")


def observe(folder: Path, home_folder: Path, console: Console, embedder: Embedder | None = None) -> dict[str, Any]:
    """Family -> (features (n, f), right (n,), answerable (n,)); and the embedder's id."""
    observed: dict[str, Any] = {}
    home = Home(home_folder)
    embedder = embedder or open_embedder(home.embedding)
    for family in desk.families(folder):
        with home.writing():
            built = build(home, desk.contents(folder, family), embedder, {})
        assistant = _without_calibration(home, built.id, embedder)
        rows, right, answerable = [], [], []
        for case in desk.cases(folder, family):
            hits, values = assistant.evidence(case.request)
            if not hits:
                continue
            best = hits[0].clause
            rows.append(values)
            right.append(any(g.matches(best.document, best.label, best.text) for g in case.gold))
            answerable.append(case.answerable)
        observed[family] = (np.array(rows), np.array(right), np.array(answerable))
        console.print(f"{family}: {len(rows)} questions, right first {np.mean(np.array(right)[answerable]):.3f}")
    observed["embedder"] = embedder.id
    return observed


def fit_and_judge(observed: dict[str, Any], console: Console) -> dict[str, Any]:
    held_out: dict[str, Any] = {}
    pooled: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for family in observed:
        others = [observed[name] for name in observed if name != family]
        model = _fit(others)
        x, right, answerable = observed[family]
        confidence = _confidence(model, x)
        pooled.append((confidence, right, answerable))
        held_out[family] = _judge(confidence, right, answerable, model["line"])
        console.print(family, held_out[family])
    confidence, right, answerable = (np.concatenate(parts) for parts in zip(*pooled, strict=True))
    record = _fit(list(observed.values()))
    held_out["all"] = _judge(confidence, right, answerable, record["line"])
    console.print("all", held_out["all"])
    return {**record, "held_out": held_out}


def _fit(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> dict[str, Any]:
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    x, right, answerable = (np.concatenate(p) for p in zip(*parts, strict=True))
    up = _UNANSWERABLE_SHARE / (1 - _UNANSWERABLE_SHARE) * answerable.sum() / max((~answerable).sum(), 1)
    weight = np.where(answerable, 1.0, up)
    mean, scale = x.mean(0), x.std(0) + 1e-9
    logistic = LogisticRegression(C=1.0, max_iter=1000).fit((x - mean) / scale, right, weight)
    raw = ((x - mean) / scale) @ logistic.coef_[0] + logistic.intercept_[0]
    isotonic = IsotonicRegression(y_min=0.01, y_max=0.99, out_of_bounds="clip").fit(raw, right, sample_weight=weight)
    edges = np.quantile(raw, np.linspace(0.005, 0.995, _BINS * 2))
    steps = [(round(float(e), 4), round(float(c), 4)) for e, c in zip(edges, isotonic.predict(edges), strict=True)]
    model: dict[str, Any] = {
        "mean": [round(float(v), 6) for v in mean],
        "scale": [round(float(v), 6) for v in scale],
        "weight": [round(float(v), 6) for v in logistic.coef_[0]],
        "bias": round(float(logistic.intercept_[0]), 6),
        "steps": steps,
    }
    model["line"] = round(float(np.quantile(_confidence(model, x)[answerable], 1 - COVERAGE)), 4)
    return model


def _confidence(model: dict[str, Any], x: np.ndarray) -> np.ndarray:
    raw = ((x - np.array(model["mean"])) / np.array(model["scale"])) @ np.array(model["weight"]) + model["bias"]
    at, value = zip(*model["steps"], strict=True)
    return np.round(np.interp(raw, at, value), 4)


def _judge(confidence: np.ndarray, right: np.ndarray, answerable: np.ndarray, line: float) -> dict[str, float]:
    given = confidence >= line
    sure = confidence >= 0.9
    return {
        "questions": len(confidence),
        "right_first": _round(right[answerable].mean()),
        "coverage": _round(given[answerable].mean()),
        "right_of_answered": _round(right[given].mean()) if given.any() else 0.0,
        "wrong_answers": _round(given[~answerable].mean()),
        "area_answerable": _round(area(list(confidence[answerable]), list(confidence[~answerable]))),
        "area_right": _round(area(list(confidence[right]), list(confidence[~right]))),
        "sure": int(sure.sum()),
        "right_of_sure": _round(right[sure].mean()) if sure.any() else 0.0,
        "calibration_error": _round(_calibration_error(confidence, right)),
    }


def _calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over ten equal bins of confidence."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [
        abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def _round(value: Any) -> float:
    return round(float(value), 4)


def _without_calibration(home: Home, snapshot: str, embedder: Embedder) -> Assistant:
    n = len(FEATURES)
    nothing = Calibration((0.0,) * n, (1.0,) * n, (0.0,) * n, 0.0, ((0.0, 1.0),), 0.0)
    return Assistant(Snapshot.open(home, snapshot), embedder, home.settings, calibration=nothing)


if __name__ == "__main__":
    main()
