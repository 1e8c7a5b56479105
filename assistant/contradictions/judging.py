"""What the judge (`kb.judge`) says of two clauses: where the rules are unsure, and where they find nothing because the
same matter is freely reworded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np

from assistant.contradictions.closeness import UNKNOWN
from assistant.contradictions.comparing import Side, different_subjects
from assistant.contradictions.statements import Reading
from assistant.contradictions.types import Difference, Finding, Likeness, Point, Span
from kb.judge import Judge

NEAR = 3.5  # standard deviations above strangers that two sentences are near each other, for their clauses to be judged
LINE = 3.1  # log odds and so much of the nearness, together, from which a contradiction is reported
_OF_NEARNESS = 0.7  # the nearer, the likelier
_ONE_IN = 100  # clauses of a base, of which at most one such contradiction is shown, the likeliest ones first
_FEW = 5  # are shown of any base
_IN_SMALL = 500  # so many by its clauses are shown of a base of under a hundred: most of them do contradict there
_IMPOSSIBLE = -4.0  # log odds below which the rules are not believed


def can_be_judged(first: Side, second: Side, a: Reading, b: Reading) -> bool:
    """Articles of one document, and of two laws, that are worded differently are about different things. Those of a
    shop's rules and of its handbook are not, though their titles have no more than the shop's name in common."""
    return (
        first[0].version != second[0].version
        and not (a.legal and b.legal)
        and bool(a.statements and b.statements)
        and a.text != b.text
        and not different_subjects(a, b, False, by_titles=False)
    )


def can_be_doubted(finding: Finding) -> bool:
    """Whether the judge is asked about what the rules found: they are unsure, and it is between two documents."""
    contradiction = finding.likeness is Likeness.CONTRADICTION and not finding.certain
    return contradiction and finding.first.version != finding.second.version


def impossible(odds: float) -> bool:
    return odds < _IMPOSSIBLE


def score(odds: float, nearest: float) -> float:
    return round(odds + _OF_NEARNESS * nearest, 3)


def likeliest(findings: Sequence[Finding], clauses: int) -> tuple[Finding, ...]:
    """What is shown of what was found in a base of so many clauses, in order. A base of articles that tell the same
    again and again has hundreds of pairs above the line, few of which contradict: nobody would read them."""
    by_rules = sum(f.score is None and f.likeness is Likeness.CONTRADICTION for f in findings)
    judged = sorted((f for f in findings if f.score is not None), key=_likeliest_first)
    shown = max(_FEW, _IN_SMALL // max(clauses, 1), clauses // _ONE_IN - by_rules)
    left_out = {id(f) for f in judged[shown:]}
    return tuple(f for f in findings if id(f) not in left_out)


def _likeliest_first(finding: Finding) -> tuple[float, str, str]:
    return -(finding.score or 0.0), finding.first.id, finding.second.id


def judged(
    first: Side, second: Side, a: Reading, b: Reading, near: np.ndarray, odds: float, point: str
) -> Finding | None:
    """What log odds that two clauses contradict each other come to. `near`: of each two sentences of theirs. Marked are
    the two that are nearest."""
    if (likelihood := score(odds, float(near.max()))) < LINE:
        return None
    n, m = divmod(int(near.argmax()), near.shape[1])
    one, other = _span(a, n), _span(b, m)
    difference = Difference(Point(point), (one,), (other,))
    return Finding(first[0], second[0], Likeness.CONTRADICTION, (difference,), certain=False, score=likelihood)


def _span(reading: Reading, n: int) -> Span:
    return reading.statements[n].start, reading.statements[n].end


def near_enough(near: np.ndarray) -> bool:
    return bool(near.size) and float(near.max(initial=UNKNOWN)) >= NEAR


def verdicts(
    judge: Judge,
    pairs: Collection[tuple[int, int]],
    count: Callable[[int], int],
    read: Callable[[Sequence[int]], Sequence[np.ndarray]],
    words: Callable[[int], np.ndarray],
) -> Iterator[tuple[tuple[int, int], float, str]]:
    """Of each pair of rows the log odds and the point. `count`: how many token vectors a row has; `read`: those of some
    rows, (vectors, dimension) each, asked for a clause at a time: those of a whole base would fill the memory; `words`:
    those of a row, as `kb.embedding.Embedder.words` gives them."""
    beside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in sorted(pairs):
        beside[min(pair, key=lambda row: (count(row), row))].append(pair)
    for short, some in sorted(beside.items()):
        rows = [pair[pair[0] == short] for pair in some]
        clause, *others = read([short, *rows])
        odds, points = judge.judge(clause, others, words(short), [words(row) for row in rows])
        yield from zip(some, odds.tolist(), points, strict=True)
