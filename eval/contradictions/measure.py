"""What the finder says of each pair, and what that comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant import contradictions
from assistant.contradictions import Finding, Likeness
from assistant.contradictions.closeness import Closeness
from assistant.contradictions.comparing import compare_readings
from assistant.contradictions.judging import can_be_doubted, can_be_judged, impossible, judged, near_enough, verdicts
from assistant.contradictions.statements import read
from eval.contradictions import cases
from eval.contradictions.cases import Pair
from kb.embedding import Embedder
from kb.home import Home
from kb.moments import EVER
from kb.snapshot import Snapshot, build
from kb.text import fold, to_simplified
from kb.types import Content, Version
from kb.units import units
from kb.validity import validities

Compare = Callable[[cases.Side, cases.Side], Finding | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with what was found; `None`: nothing, or they can never be about one question at one time."""

    pair: Pair
    finding: Finding | None

    @property
    def reported(self) -> bool:
        return self.finding is not None and self.finding.likeness is Likeness.CONTRADICTION

    @property
    def duplicate(self) -> bool:
        return self.finding is not None and self.finding.likeness is Likeness.DUPLICATE

    @property
    def certain(self) -> bool:
        return self.finding is not None and self.reported and self.finding.certain

    @property
    def right(self) -> bool:
        return self.reported == self.pair.contradiction

    @property
    def point_named(self) -> bool:
        """Whether a difference is of the point that was changed."""
        return self.finding is not None and any(d.point in self.pair.points for d in self.finding.differences)

    @property
    def words_marked(self) -> bool:
        """Whether some of the changed words are marked on both sides, where it is known which they are."""
        if self.finding is None or self.pair.words is None:
            return False
        of_a = {cases.sides(self.pair)[0][0].id: 0}
        marked = []
        for clause, spans in (
            (self.finding.first, [s for d in self.finding.differences for s in d.first]),
            (self.finding.second, [s for d in self.finding.differences for s in d.second]),
        ):
            words = self.pair.words[of_a.get(clause.id, 1)]
            marked.append(not words or any(_overlap(clause.text, word, spans) for word in words))
        return all(marked)


def judge(pairs: Iterable[Pair], compare: Compare | None = None) -> list[Judged]:
    """Each pair compared by itself; whether one can be found among thousands of clauses is `judge_in_base`'s."""
    compare = compare or contradictions.compare
    judged = []
    for pair in pairs:
        first, second = cases.sides(pair)
        judged.append(Judged(pair, compare(first, second) if can_meet(first[1], second[1]) else None))
    return judged


def by_vectors(pairs: Sequence[Pair], snapshot: Snapshot, embedder: Embedder) -> Compare:
    """Comparing as `find` does, with the vectors of each pair's sentences, and the embedder's judge if it has one; the
    snapshot's sentences are the strangers."""
    judge = embedder.judge
    shown = {
        (clause.text[s.start : s.end], version.language): ""
        for pair in pairs
        for clause, version in cases.sides(pair)
        for s in read(clause, version).statements
    }
    texts = [to_simplified(text) if language == "zh-Hant" else text for text, language in shown]
    vectors = dict(zip(shown, embedder.embed_passages(texts).astype(np.float64), strict=True))
    closeness = Closeness(snapshot, range(len(snapshot.clauses)))
    texts = [units(0, *side)[0].text for pair in pairs for side in cases.sides(pair)] if judge else []
    tokens = dict(zip(texts, embedder.read_passages(texts)[1] if texts else (), strict=True))

    def compare(one: cases.Side, other: cases.Side) -> Finding | None:
        first, second = sorted((one, other), key=lambda side: (side[0].id, side[0].version))
        a, b = read(*first), read(*second)

        def nearness() -> np.ndarray:
            (x, x_language), (y, y_language) = (
                ([vectors[clause.text[s.start : s.end], version.language] for s in r.statements], version.language)
                for (clause, version), r in ((first, a), (second, b))
            )
            return closeness.of_vectors(np.array(x), x_language, np.array(y), y_language)

        found = compare_readings(first, second, a, b, nearness)
        doubted = found is not None and can_be_doubted(found)
        able = found is None and can_be_judged(first, second, a, b) and near_enough(near := nearness())
        if judge is None or not (doubted or able):
            return found
        wholes = [units(0, *side)[0].text for side in (first, second)]
        said = [tokens[text].astype(np.float32) for text in wholes]
        ((_, odds, point),) = verdicts(
            judge,
            [(0, 1)],
            lambda n: len(said[n]),
            lambda ns: [said[n] for n in ns],
            lambda n: embedder.words(wholes[n]),
        )
        if doubted:
            return None if impossible(odds) else found
        return judged(first, second, a, b, near, odds, point)

    return compare


def judge_in_base(
    pairs: Sequence[Pair], folder: Path, embedder: Embedder, progress: Callable[[int, int], None] | None = None
) -> list[Judged]:
    """All pairs put into one base in `folder`, where the finder has to come upon them by itself.

    Each pair has a scope of its own: many are made from one clause, and would be many values of one thing to each other.
    """
    home = Home(folder)
    contents = [_of_its_own(content, pair) for pair in pairs for content in cases.contents(pair)]
    with home.writing():
        built = build(home, contents, embedder, {}, progress)
    snapshot = Snapshot.open(home, built.id)
    found = contradictions.find(snapshot, progress=progress, embedder=embedder)
    by_ids = {frozenset((finding.first.id, finding.second.id)): finding for finding in found}
    return [Judged(pair, by_ids.get(frozenset(clause.id for clause, _ in cases.sides(pair)))) for pair in pairs]


def _of_its_own(content: Content, pair: Pair) -> Content:
    return replace(content, version=replace(content.version, scope={**content.version.scope, "pair": pair.id}))


def can_meet(first: Version, second: Version) -> bool:
    """Whether both are in force at some moment, and no dimension of their scopes keeps them apart."""
    apart = any(fold(second.scope[d]) != fold(value) for d, value in first.scope.items() if d in second.scope)
    spans = validities({v.id: v for v in (first, second)}.values()).values()
    begin = max(span.first or EVER for span in spans)
    ends = [span.until for span in spans if span.until is not None]
    return not apart and not any(span.never for span in spans) and all(begin < end for end in ends)


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """Everything as numbers; shares are None where there is nothing to share."""
    return {
        **_figures(judged),
        "by_split": _by(judged, lambda j: (j.pair.split,)),
        "by_wording": _by(judged, lambda j: (j.pair.wording,)),
        "by_kind": _by(judged, lambda j: (j.pair.kind,)),
        "by_language": _by(judged, lambda j: ("+".join(sorted(j.pair.languages)),)),
        "by_point": _by([j for j in judged if j.pair.contradiction], lambda j: tuple(p.value for p in j.pair.points)),
    }


def _figures(judged: Sequence[Judged]) -> dict[str, Any]:
    contradict = [j for j in judged if j.pair.contradiction]
    agree = [j for j in judged if not j.pair.contradiction]
    found, alarms = [j for j in contradict if j.reported], [j for j in agree if j.reported]
    same = [j for j in agree if j.pair.kind in ("same_rule", "translation")]
    known = [j for j in found if j.pair.words is not None]
    return {
        "contradictions": len(contradict),
        "found": len(found),
        "recall": _share(len(found), len(contradict)),
        "others": len(agree),
        "alarms": len(alarms),
        "alarm_rate": _share(len(alarms), len(agree)),
        "precision": _share(len(found), len(found) + len(alarms)),
        "certain_of_found": _share(sum(j.certain for j in found), len(found)),
        "certain_alarms": sum(j.certain for j in alarms),
        "taken_for_duplicates": sum(j.duplicate for j in contradict),
        "duplicates_of_same": _share(sum(j.duplicate for j in same), len(same)),
        "false_duplicates": sum(j.duplicate for j in agree if j not in same),
        "point_named": _share(sum(j.point_named for j in found), len(found)),
        "words_marked": _share(sum(j.words_marked for j in known), len(known)),
    }


def _by(judged: Sequence[Judged], keys: Callable[[Judged], tuple[str, ...]]) -> Mapping[str, dict[str, Any]]:
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        for key in keys(one):
            groups.setdefault(key, []).append(one)
    return {key: _figures(group) for key, group in sorted(groups.items())}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _overlap(text: str, word: str, spans: Sequence[tuple[int, int]]) -> bool:
    at = text.find(word)
    while at >= 0:
        if any(start < at + len(word) and end > at for start, end in spans):
            return True
        at = text.find(word, at + 1)
    return False
