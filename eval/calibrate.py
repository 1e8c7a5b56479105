"""Fits how an embedder's stages are fused and how sure an answer is: `python -m eval.calibrate FOLDER [--home DIR]`.

FOLDER holds families of clauses with questions (see `eval.desk`). Each family becomes a base of its own; every question
is asked there. The logistic model and the monotone map are judged on families that they were not fitted on (leave one
out), then fitted on all, and written to `assistant/calibration.json`. An encoder that was taught on these families
must not be judged by what it learnt by heart: `--taught LAYERS=FAMILY,FAMILY` observes some families with layers that
were taught without them. `--every N` draws one in N of the questions that a clause answers and of `--more`, and takes all
others: thirty thousand questions take an hour and tell little more than ten thousand.

With a reader beside the encoder's layers, its weight is chosen after the others: it reads only what they put first.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from rich.console import Console

from assistant import Assistant
from assistant.abstention import FEATURES, Calibration, calibrated_as, highest_odds
from eval import desk
from eval.metrics.abstention import area
from eval.remembering import Remembering
from eval.types import Case
from kb import Embedder, Home, Snapshot, open_embedder
from kb.search import Candidates, Searcher, Weights, reordered
from kb.snapshot import build
from kb.types import Hit

# The line is put where this share of the answerable questions is answered: a wrong answer costs more than none.
COVERAGE = 0.8
REACH = 1.0  # standard deviations up to which a feature is heard: more helped families, and not the sample corpus
SPREAD = (
    0.03  # by which the best hit leads those behind the first five, in the median: scores of all encoders are alike
)
_BINS = 12
_WORTH = (
    0.001  # by which a weight must put more right clauses first to be moved: the nearest step that does so is taken
)
# Of a hundred questions at a desk, how many have no clause: the sets have another share, so theirs are weighted.
_UNANSWERABLE_SHARE = 0.2
_STEPS = {
    "sentence": (0.0, 0.2, 0.3, 0.4, 0.5, 0.6),
    "lexical": (0.0, 0.003, 0.0065, 0.01, 0.013, 0.016, 0.02, 0.03),
    # Families are nearly all in one language, and cannot tell it from nothing: questions in another one need it.
    "language": (0.5, 1.0),
    "document": (0.0, 0.1, 0.2, 0.4),
    "tokens": (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0),
}
_READER_STEPS = (0.0, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012, 0.016)
_READER_SAMPLE = (
    2  # its weight is chosen on every so many-th answerable question: on each fifth it was chosen by chance
)
_SCALED = ("clause", "sentence", "lexical", "language", "asked_as", "tokens", "reader")
_POOL = 20  # hits that a spread is taken from, as many as an answer is chosen from


Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a family with everything that was found for it."""

    case: Case
    found: Candidates
    gold: np.ndarray  # bool, of `found.rows`


@dataclass(frozen=True, eq=False)
class Family:
    home: Home
    snapshot: str
    embedder: Embedder
    searcher: Searcher
    asked: tuple[Asked, ...]

    @cache  # noqa: B019, a family lives as long as the fit; leaving out one after another asks the same again
    def first(self, weights: Weights) -> float:
        """Share of the answerable questions whose best clause is right."""
        right = [
            bool(q.gold[self.searcher.order(q.found, self.searcher.fuse(q.found, weights))[0]])
            for q in self.asked
            if q.case.answerable and len(q.found.rows)
        ]
        return float(np.mean(right))

    def spread(self, weights: Weights) -> float:
        leads = []
        for q in self.asked:
            score = np.sort(self.searcher.fuse(q.found, weights))[::-1][:20]
            if q.case.answerable and len(score) > 5:
                leads.append(score[0] - score[5:].mean())
        return float(np.median(leads))


Evidence = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Of a family's questions: features (n, f), whether the best clause is right (n,), answerable (n,), and the highest log
odds of the clauses that were read (n,), NaN where none was."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path, help="where bases and vectors are kept between runs")
    parser.add_argument("--taught", action="append", default=[], metavar="LAYERS=FAMILY,FAMILY")
    parser.add_argument("--model", help="the embedder that is calibrated, as embedding.model names it")
    parser.add_argument("--more", type=Path, help="where FAMILY.more.jsonl lie: more questions about these families")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="which of the questions count (default: all)")
    options = parser.parse_args()
    console = Console(stderr=True, highlight=False)
    with TemporaryDirectory() as scratch:
        home = Home(options.home or Path(scratch))
        model = options.model or home.embedding.model
        layers = {
            name: path
            for pair in options.taught
            for path, _, names in [pair.rpartition("=")]
            for name in names.split(",")
        }
        if options.more and not list(options.more.glob("*.more.jsonl")):
            parser.error(f"there is no FAMILY.more.jsonl in {options.more}")
        families = {}
        for name in desk.families(options.folder):
            embedder = open_embedder(replace(home.embedding, model=layers.get(name, model)))
            families[name] = observe(home, options.folder, name, embedder, options.more, options.every)
            console.print(f"{name}: {len(families[name].asked)} questions, by {embedder.id}")
        record = fit_and_judge(families, console)
    file = Path(str(resources.files("assistant").joinpath("calibration.json")))
    table = json.loads(file.read_text("utf-8")) if file.exists() else {"embedders": {}}
    table["features"] = list(FEATURES)
    table["embedders"][calibrated_as(open_embedder(replace(home.embedding, model=model)))] = record
    file.write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    console.print(f"wrote {file.name}")


def observe(
    home: Home, folder: Path, name: str, embedder: Embedder, more: Path | None = None, every: int = 1
) -> Family:
    memory = Remembering(embedder)
    with home.writing():
        built = build(home, desk.contents(folder, name), embedder, {})
    assistant = _assistant(home, built.id, memory, Weights())

    def ask(case: Case) -> tuple[Searcher, Asked]:
        searcher, found = assistant.candidates(case.request)
        clauses = [searcher.snapshot.clauses[row] for row in found.rows]
        gold = np.array([any(g.matches(c.document, c.label, c.text) for g in case.gold) for c in clauses], bool)
        return searcher, Asked(case, found, gold)

    cases = list(desk.cases(folder, name))
    counted = _drawn([case for case in cases if case.answerable], every)
    counted += [case for case in cases if not case.answerable]
    counted += _drawn(list(desk.more_cases(more or folder, name)), every)
    searchers, asked = zip(*_of_each(ask, counted), strict=True)
    return Family(home, built.id, memory, searchers[0], asked)


def _drawn(cases: list[Case], every: int) -> list[Case]:
    """One in so many, not by their numbers: those with an odd one state a scope."""
    return random.Random(0).sample(cases, len(cases) // every) if every > 1 else cases


def _of_each(function: Callable[[Case], Found], cases: Iterable[Case]) -> Iterator[Found]:
    """In order, on all cores: the arithmetic of a question leaves the others free."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        yield from pool.map(function, cases)


def fit_and_judge(families: Mapping[str, Family], console: Console) -> dict[str, Any]:
    """The record of an embedder. `held_out` is what its confidence is worth on families that it was not fitted on; the
    weights of the fusion, a handful, are fitted on all."""
    weights = with_reader(list(families.values()), fit_weights(list(families.values())))
    console.print("weights", asdict(weights))
    seen = {name: evidence(family, weights) for name, family in families.items()}
    held_out: dict[str, Any] = {}
    pooled: list[tuple[np.ndarray, ...]] = []
    for name, (x, right, answerable, odds) in seen.items():
        model = fit_confidence([found for other, found in seen.items() if other != name])
        confidence = _confidence(model, x)
        covered = _covered(model, odds, confidence)
        pooled.append((confidence, covered, right, answerable))
        held_out[name] = judge(confidence, covered, right, answerable, model["line"])
        console.print(name, held_out[name])
    confidence, covered, right, answerable = (np.concatenate(parts) for parts in zip(*pooled, strict=True))
    record = fit_confidence(list(seen.values()))
    held_out["all"] = judge(confidence, covered, right, answerable, record["line"])
    console.print("all", held_out["all"])
    return {"weights": _fitted(weights), **record, "held_out": held_out}


# -- fusion


def fit_weights(families: Sequence[Family]) -> Weights:
    """The weights that put the right clause first oftenest, in the mean over families: one weight after another is
    moved along its steps until none helps, and all are scaled so that scores have the common spread."""

    def first(weights: Weights) -> float:
        return float(np.mean([family.first(weights) for family in families]))

    best = Weights(tokens=1.0)
    value, moved = first(best), True
    while moved:
        moved = False
        for name, steps in _STEPS.items():
            for step in sorted(steps, key=lambda step: abs(step - getattr(best, name))):
                tried = replace(best, **{name: step} | ({"clause": round(1 - step, 2)} if name == "sentence" else {}))
                if (worth := first(tried)) > value + _WORTH:
                    best, value, moved = tried, worth, True
    return _scaled(best, float(np.mean([family.spread(best) for family in families])))


def _scaled(weights: Weights, spread: float) -> Weights:
    """So that scores that lie this far apart lie `SPREAD` apart."""
    return replace(weights, **{name: round(getattr(weights, name) * SPREAD / spread, 6) for name in _SCALED})


def with_reader(families: Sequence[Family], weights: Weights) -> Weights:
    """`weights`, none of them the reader's, with the one that puts the right clause first oftenest; the same where
    there is no reader."""
    without = sum(family.embedder.reader is None for family in families)
    if without == len(families):
        return weights
    if without:
        raise ValueError(f"{without} of {len(families)} families were read by encoders without a reader; all or none.")
    asked = [list(_first_hits(family, weights)) for family in families]

    def first(weight: float) -> float:
        return float(np.mean([np.mean([q.right(weight) for q in of_family]) for of_family in asked]))

    best = max(_READER_STEPS, key=lambda weight: round(first(weight), 3))
    spread = float(np.mean([np.median([q.spread(best) for q in of_family]) for of_family in asked]))
    return _scaled(replace(weights, reader=best), spread)


@dataclass(frozen=True, slots=True)
class _FirstHits:
    """What search finds for a question, before the reader moves anything."""

    case: Case
    hits: list[Hit]

    def right(self, weight: float) -> bool:
        best = reordered(self.hits, weight)[0].clause
        return any(g.matches(best.document, best.label, best.text) for g in self.case.gold)

    def spread(self, weight: float) -> float:
        hits = reordered(self.hits, weight)
        return hits[0].score - float(np.mean([hit.score for hit in hits[5:]] or [hits[-1].score]))


def _first_hits(family: Family, weights: Weights) -> Iterator[_FirstHits]:
    assistant = _assistant(family.home, family.snapshot, family.embedder, weights)
    cases = [asked.case for asked in family.asked if asked.case.answerable][::_READER_SAMPLE]
    for case, hits in zip(cases, _of_each(lambda case: assistant.search(case.request, _POOL), cases), strict=True):
        if hits:
            yield _FirstHits(case, hits)


def _fitted(weights: Weights) -> dict[str, float]:
    return {
        f.name: getattr(weights, f.name) for f in fields(Weights) if f.name in {*_STEPS, "clause", "asked_as", "reader"}
    }


# -- confidence


@cache
def evidence(family: Family, weights: Weights) -> Evidence:
    assistant = _assistant(family.home, family.snapshot, family.embedder, weights)
    rows, right, answerable, odds = [], [], [], []
    cases = [asked.case for asked in family.asked]
    found = _of_each(lambda case: assistant.evidence(case.request), cases)
    for case, (hits, values) in zip(cases, found, strict=True):
        if not hits:
            continue
        best = hits[0].clause
        rows.append(values)
        right.append(any(g.matches(best.document, best.label, best.text) for g in case.gold))
        answerable.append(case.answerable)
        odds.append(highest_odds(hits))
    return np.array(rows), np.array(right), np.array(answerable), np.array(odds, np.float64)


def fit_confidence(parts: Iterable[Evidence]) -> dict[str, Any]:
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    x, right, answerable, odds = (np.concatenate(p) for p in zip(*parts, strict=True))
    weight = _weight(answerable)
    scale = x.std(0)
    scale[scale < 1e-6] = 1.0  # a feature that never differs
    model: dict[str, Any] = {
        "mean": [round(float(v), 6) for v in x.mean(0)],
        "scale": [round(float(v), 6) for v in scale],
        "reach": REACH,
    }
    logistic = LogisticRegression(C=1.0, max_iter=1000).fit(_heard(model, x), right, weight)
    model["weight"] = [round(float(v), 6) for v in logistic.coef_[0]]
    model["bias"] = round(float(logistic.intercept_[0]), 6)

    def rising(values: np.ndarray, held: np.ndarray) -> list[tuple[float, float]]:
        """(value, share for which it held): monotone, at quantiles of the values."""
        isotonic = IsotonicRegression(y_min=0.01, y_max=0.99, out_of_bounds="clip")
        isotonic.fit(values, held, sample_weight=weight)
        edges = np.quantile(values, np.linspace(0.005, 0.995, _BINS * 2))
        return [(round(float(e), 4), round(float(c), 4)) for e, c in zip(edges, isotonic.predict(edges), strict=True)]

    model["steps"] = rising(_raw(model, x), right)
    if not np.isnan(odds).any():
        model["coverage"] = rising(odds, answerable)
    covered = _covered(model, odds, _confidence(model, x))
    model["line"] = round(float(np.quantile(covered[answerable], 1 - COVERAGE)), 4)
    return model


def _weight(answerable: np.ndarray) -> np.ndarray:
    """What each question counts for, so that as many have no clause as at a desk."""
    up = _UNANSWERABLE_SHARE / (1 - _UNANSWERABLE_SHARE) * answerable.sum() / max((~answerable).sum(), 1)
    return np.where(answerable, 1.0, up)


def _heard(model: dict[str, Any], x: np.ndarray) -> np.ndarray:
    return np.clip((x - np.array(model["mean"])) / np.array(model["scale"]), -model["reach"], model["reach"])


def _raw(model: dict[str, Any], x: np.ndarray) -> np.ndarray:
    """As `Calibration.confidence` computes it, of many at once."""
    return _heard(model, x) @ np.array(model["weight"]) + model["bias"]


def _confidence(model: dict[str, Any], x: np.ndarray) -> np.ndarray:
    at, value = zip(*model["steps"], strict=True)
    return np.round(np.interp(_raw(model, x), at, value), 4)


def _covered(model: dict[str, Any], odds: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """As `Calibration.covered` computes it, of many at once."""
    if "coverage" not in model:
        return confidence
    at, value = zip(*model["coverage"], strict=True)
    return np.round(np.interp(odds, at, value), 4)


def judge(
    confidence: np.ndarray, covered: np.ndarray, right: np.ndarray, answerable: np.ndarray, line: float
) -> dict[str, float]:
    """Of answers, whether they are right: questions count for as much as when the confidence is fitted."""
    weight = _weight(answerable)
    given = covered >= line
    sure = confidence >= 0.9

    def share_right(chosen: np.ndarray) -> float:
        return _round(np.average(right[chosen], weights=weight[chosen])) if chosen.any() else 0.0

    return {
        "questions": len(confidence),
        "right_first": _round(right[answerable].mean()),
        "coverage": _round(given[answerable].mean()),
        "right_of_answered": share_right(given),
        "wrong_answers": _round(given[~answerable].mean()),
        "area_answerable": _round(area(list(covered[answerable]), list(covered[~answerable]))),
        "area_right": _round(area(list(confidence[right]), list(confidence[~right]))),
        "sure": int(sure.sum()),
        "right_of_sure": share_right(sure),
        "calibration_error": _round(_calibration_error(confidence, right, weight)),
    }


def _calibration_error(confidence: np.ndarray, right: np.ndarray, weight: np.ndarray) -> float:
    """Expected calibration error over ten equal bins of confidence."""
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = (weight[bins == b] @ (confidence - right)[bins == b] for b in range(10))
    return float(sum(map(abs, gaps)) / weight.sum())


def _round(value: Any) -> float:
    return round(float(value), 4)


def _assistant(home: Home, snapshot: str, embedder: Embedder, weights: Weights) -> Assistant:
    """One whose confidence is not fitted yet."""
    n = len(FEATURES)
    unfitted = Calibration(weights, (0.0,) * n, (1.0,) * n, REACH, (0.0,) * n, 0.0, ((0.0, 1.0),), 0.0)
    return Assistant(Snapshot.open(home, snapshot), embedder, home.settings, calibration=unfitted)


if __name__ == "__main__":
    main()
