"""What an encoder is worth on parts it was not taught: plain similarity, nothing of the engine around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from eval.metrics.abstention import area
from training.examples import LAY, Examples
from training.mining import Shelf, Vectors, shelf_of

SENTENCE_WEIGHT = 0.4  # as in kb.search.Weights
_COVERAGE = 0.85


def measure(examples: Examples, parts: Sequence[str], vectors: Vectors) -> dict[str, dict[str, float]]:
    """Group ("desk", "lay", "part …", "style …", "language …") -> figures.

    first: right passage first, the best sentence taken into account (lay: whole passages only). whole: without
    sentences. ten: among the first ten. same: of two questions with one gold, how often both get one passage.
    all_right: golds all of whose questions are right. area: chance that an answerable question's best passage leads
    the next ones by more than an unanswerable one's. wrong_at_85: unanswerable questions answered when 85 in 100 of
    the answerable ones are.
    """
    right: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    wordings: dict[str, dict[frozenset[str], list[tuple[str, bool]]]] = defaultdict(lambda: defaultdict(list))
    leads: dict[str, dict[bool, list[float]]] = defaultdict(lambda: {True: [], False: []})
    for part in parts:
        shelf = Shelf(examples, part, vectors)
        whole_name = LAY if shelf_of(part) == LAY else "desk"
        for question in [q for q in [*examples.questions, *examples.unanswerable] if q.part == part]:
            asked = vectors["query: " + question.text][None]
            whole = shelf.similar(asked)[0]
            scores = whole if whole_name == LAY else shelf.similar(asked, SENTENCE_WEIGHT)[0]
            order = np.argsort(-scores, kind="stable")[:20]
            for group in (whole_name, f"part {part}"):
                leads[group][bool(question.golds)].append(
                    float(scores[order[0]] - scores[order[min(5, len(order) - 1) :]].mean())
                )
            if not question.golds:
                continue
            ranked = [shelf.keys[n] in question.golds for n in order]
            first_whole = shelf.keys[int(np.argmax(whole))] in question.golds
            found = (float(ranked[0]), float(first_whole), float(any(ranked[:10])))
            groups = [whole_name, f"part {part}"]
            if whole_name != LAY:
                groups += [f"style {question.style}", f"language {question.language}"]
            for group in groups:
                right[group].append(found)
                wordings[group][question.golds].append((shelf.keys[order[0]], ranked[0]))
    report = {}
    for group, rows in sorted(right.items()):
        figures = dict(zip(("first", "whole", "ten"), np.mean(rows, 0).round(4).tolist(), strict=True))
        figures["questions"] = len(rows)
        several = [asked for asked in wordings[group].values() if len(asked) > 1]
        if several and group != LAY:
            pairs = [a[0] == b[0] for asked in several for a, b in combinations(asked, 2)]
            figures["same"] = round(float(np.mean(pairs)), 4)
            figures["all_right"] = round(float(np.mean([all(ok for _, ok in asked) for asked in several])), 4)
        if leads[group][False]:
            answerable, not_ = leads[group][True], leads[group][False]
            figures["area"] = round(area(answerable, not_), 4)
            line = float(np.quantile(answerable, 1 - _COVERAGE))
            figures["wrong_at_85"] = round(float(np.mean([lead >= line for lead in not_])), 4)
        report[group] = figures
    return report
