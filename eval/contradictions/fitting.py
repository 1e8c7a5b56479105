"""`python -m eval.contradictions.fitting HOME...`: the weights of `assistant.contradictions.sameness`, to be put there.

Fitted on the dev half of the pairs that are worded differently, and on the pairs of clauses in the bases at HOME that
the finder would compare, all of which are taken for numbers of two things. Of each pair the likeliest two numbers count.
Also prints what lies above the line, as fitted and by five-fold cross-validation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from assistant.contradictions.candidates import readings_of_pairs
from assistant.contradictions.comparing import numbers_of_two
from assistant.contradictions.sameness import WEIGHTS
from assistant.contradictions.statements import read
from eval.contradictions import cases
from eval.contradictions.measure import can_meet
from kb.home import Home
from kb.snapshot import Snapshot

_DEV = "dev"
_WEIGHT = {True: 4.0, False: 6.0}  # of a pair of the set, against one of a base: they are few and chosen
_ROUNDS = 4  # of fitting and choosing each pair's likeliest numbers anew
_STRENGTH = 0.03  # C of the regression: best of 0.003 to 0.5 by cross-validation at four alarms in the sample corpus
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Example:
    group: str
    contradiction: bool
    values: np.ndarray  # a row for each two numbers


def examples(homes: Sequence[Path]) -> Iterator[Example]:
    for pair in cases.load():
        sides = sorted(cases.sides(pair), key=lambda side: (side[0].id, side[0].version))
        if pair.split != _DEV or pair.same_document or not can_meet(sides[0][1], sides[1][1]):
            continue
        if found := numbers_of_two(read(*sides[0]), read(*sides[1])):
            yield Example(_DEV, pair.contradiction, np.array(found))
    for home in homes:
        newest = max((home / "snapshots").glob("s-*"), key=lambda folder: folder.stat().st_mtime)
        snapshot = Snapshot.open(Home(home), newest.name)
        for one, other in readings_of_pairs(snapshot, datetime.now(UTC)):
            if found := numbers_of_two(one, other):
                yield Example(home.name, False, np.array(found))


def fit(given: Sequence[Example]) -> LogisticRegression:
    chosen = [example.values[example.values[:, 0].argmax()] for example in given]
    labels = [example.contradiction for example in given]
    weights = [_WEIGHT[e.contradiction] if e.group == _DEV else 1.0 for e in given]
    for _ in range(_ROUNDS):
        model = LogisticRegression(C=_STRENGTH, max_iter=2000).fit(np.array(chosen), labels, weights)
        chosen = [example.values[model.decision_function(example.values).argmax()] for example in given]
    return model


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.contradictions.fitting", description=__doc__)
    parser.add_argument(
        "homes", nargs="+", type=Path, metavar="HOME", help="a base whose snapshots lie in HOME/snapshots"
    )
    given = list(examples(parser.parse_args(arguments).homes))
    scale = StandardScaler().fit(np.concatenate([example.values for example in given]))
    scaled = [Example(e.group, e.contradiction, scale.transform(e.values)) for e in given]
    folds = np.random.default_rng(0).integers(0, _FOLDS, len(scaled))
    apart = np.zeros(len(scaled))
    for fold in range(_FOLDS):
        model = fit([e for n, e in enumerate(scaled) if folds[n] != fold])
        for n in np.flatnonzero(folds == fold):
            apart[n] = model.decision_function(scaled[n].values).max()
    model = fit(scaled)
    together = np.array([model.decision_function(example.values).max() for example in scaled])
    for name, scores in (("as fitted", together), ("cross-validated", apart)):
        for group, right in sorted({(e.group, e.contradiction) for e in given}):
            of = np.array([(e.group, e.contradiction) == (group, right) for e in given])
            said = "contradictions" if right else "others"
            print(f"{name}: {group}, {said}: {int((scores[of] > 0).sum())} of {int(of.sum())} above the line")
    weights = model.coef_[0] / scale.scale_
    for name, weight in zip(WEIGHTS, weights, strict=True):
        print(f'    "{name}": {weight:.3f},')
    print(f"_BIAS = {model.intercept_[0] - float(weights @ scale.mean_):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
