"""What an encoder is worth on parts it was not taught: similarity alone, nothing of the engine around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from eval.metrics.abstention import area
from training.examples import LAY, Examples
from training.mining import Read, Shelf, shelf_of

SENTENCE_WEIGHT = 0.4  # as in kb.search.Weights
_COVERAGE = 0.85
_NEAR = 100  # passages that are read token by token
_DENSE = 0.3  # what the vectors count for beside the tokens


def measure(examples: Examples, parts: Sequence[str], read: Read) -> dict[str, dict[str, float]]:
    """Group ("desk", "lay", "part …", "style …", "language …") -> figures.

    whole: right passage first by the vectors of whole passages; first: the best sentence taken into account (lay:
    whole passages only); tokens: token by token; both: by their sum, the vectors weighing `_DENSE`. What follows is by the sum, or by
    `first` for an encoder without tokens. ten: among the first ten. same: of two questions with one gold, how often
    both get one passage. all_right: golds all of whose questions are right. area: chance that an answerable question's
    best passage scores above an unanswerable one's. wrong_at_85: unanswerable questions answered when 85 in 100 of the
    answerable ones are.
    """
    right: dict[str, list[dict[str, float]]] = defaultdict(list)
    wordings: dict[str, dict[frozenset[str], list[tuple[str, bool]]]] = defaultdict(lambda: defaultdict(list))
    best: dict[str, dict[bool, list[float]]] = defaultdict(lambda: {True: [], False: []})
    for part in parts:
        shelf = Shelf(examples, part, read.vectors, read.tokens or None)
        whole_name = LAY if shelf_of(part) == LAY else "desk"
        for question in [q for q in [*examples.questions, *examples.unanswerable] if q.part == part]:
            text = "query: " + question.text
            asked = read.vectors[text][None]
            scores = {"whole": shelf.similar(asked)[0]}
            scores["first"] = scores["whole"] if whole_name == LAY else shelf.similar(asked, SENTENCE_WEIGHT)[0]
            if read.tokens:
                near = np.argsort(-scores["first"], kind="stable")[:_NEAR]
                scores["tokens"] = np.full(len(shelf.keys), -1.0)
                scores["tokens"][near] = shelf.met(read.tokens[text], read.importance[text], near)
                scores["both"] = _DENSE * scores["first"] + scores["tokens"]
            final = scores.get("both", scores["first"])
            order = np.argsort(-final, kind="stable")[:10]
            for group in (whole_name, f"part {part}"):
                best[group][bool(question.golds)].append(float(final[order[0]]))
            if not question.golds:
                continue
            found = {name: float(shelf.keys[int(np.argmax(s))] in question.golds) for name, s in scores.items()}
            found["ten"] = float(any(shelf.keys[n] in question.golds for n in order))
            groups = [whole_name, f"part {part}"]
            if whole_name != LAY:
                groups += [f"style {question.style}", f"language {question.language}"]
            first = shelf.keys[order[0]]
            for group in groups:
                right[group].append(found)
                wordings[group][question.golds].append((first, first in question.golds))
    report = {}
    for group, rows in sorted(right.items()):
        figures = {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}
        figures["questions"] = len(rows)
        several = [asked for asked in wordings[group].values() if len(asked) > 1]
        if several and group != LAY:
            pairs = [a[0] == b[0] for asked in several for a, b in combinations(asked, 2)]
            figures["same"] = round(float(np.mean(pairs)), 4)
            figures["all_right"] = round(float(np.mean([all(ok for _, ok in asked) for asked in several])), 4)
        if best[group][False]:
            answerable, not_ = best[group][True], best[group][False]
            figures["area"] = round(area(answerable, not_), 4)
            line = float(np.quantile(answerable, 1 - _COVERAGE))
            figures["wrong_at_85"] = round(float(np.mean([score >= line for score in not_])), 4)
        report[group] = figures
    return report
