"""Whether two clauses, understood as statements, contradict or repeat each other. Pure.

Two statements contradict if they are about the same thing in much the same words and differ in one value of one role: a
number, who bears it, whether it is allowed, from when it counts. Two values that differ at once ("满100减10", "满200减30")
are two cases of a rule, no contradiction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.contradictions import words as table
from assistant.contradictions.statements import Reading, Slot, Statement, read
from assistant.contradictions.types import Difference, Finding, Likeness, Point, Span
from kb.quantities import Measure
from kb.types import Clause, Version

Side = tuple[Clause, Version]

# Shares of what two statements are about that they must have in common. Chosen on the cases of eval/contradictions and
# on the alarms in real folders; see eval/README.md.
_SAME_THING = 0.62
_SAME_FOR_POLARITY = 0.72  # a negation more or less is said more easily than a number
_SAME_ACROSS = 0.5  # of the concepts, between two languages
_SAME_TEXT = 0.85  # of two clauses, to be one rule said twice
_CONTEXT = 0.4  # of the smaller clause's words, for a sentence that leans on those before it
_VECTORS_NEAR = 0.88  # cosine of the encoder between translations of one sentence; between neighbours it is below
_ENOUGH = 2.0  # weight of the words that two statements share, at least
_PLENTY = 3.0  # the same, to be certain


@dataclass(frozen=True, slots=True)
class _Verdict:
    differences: tuple[Difference, ...]
    certain: bool


def compare(one: Side, other: Side, similarity: float | None = None) -> Finding | None:
    """What two clauses are to each other, or None. Symmetric. Scope and time in force are not looked at.

    `similarity`: cosine of the two clauses' vectors, where known; it lets clauses of two languages be compared.
    """
    first, second = sorted((one, other), key=lambda side: (side[0].id, side[0].version))
    return compare_readings(first, second, read(*first), read(*second), similarity)


def compare_readings(
    first: Side, second: Side, a: Reading, b: Reading, similarity: float | None = None
) -> Finding | None:
    """`compare` for clauses that are read already; `first` stands before `second` by (clause id, version id)."""
    same_document = first[0].version == second[0].version
    if _different_subjects(a, b, same_document):
        return None
    if a.text and a.text == b.text:
        return Finding(first[0], second[0], Likeness.DUPLICATE, (), True)
    if a.language != b.language:
        verdict = _across(a, b, similarity)
        return verdict and Finding(first[0], second[0], Likeness.CONTRADICTION, verdict.differences, False)
    pairs = _matched(a, b)
    context = _containment(a.words | a.above, b.words | b.above, a.words, b.words)
    verdicts = [v for pair in pairs if (v := _verdict(pair, a, b, context, same_document, similarity))]
    if verdicts:
        differences = tuple(d for verdict in verdicts for d in verdict.differences)
        return Finding(
            first[0], second[0], Likeness.CONTRADICTION, differences, any(verdict.certain for verdict in verdicts)
        )
    if _repeats(a, b, pairs):
        return Finding(first[0], second[0], Likeness.DUPLICATE, (), False)
    return None


# --- what it is about ---


def _different_subjects(a: Reading, b: Reading, same_document: bool) -> bool:
    """Whether titles, headings or paths name two different things: products, platforms, offences, forms."""
    about_a, about_b = a.words | a.above, b.words | b.above
    if same_document:
        return bool(a.place - about_b) and bool(b.place - about_a)
    if a.names - about_b and b.names - about_a:
        return True
    own_a, own_b = a.key - b.key - about_b, b.key - a.key - about_a
    return bool(own_a and own_b and 2 * len(a.key & b.key) >= max(len(own_a), len(own_b)))


@lru_cache(maxsize=65536)
def _weight(word: str) -> float:
    """How much a word says of what a statement is about."""
    if word in table.SYNONYMS or word == "=bears":
        return 0.5
    if "\u3400" <= word[0] <= "\u9fff":
        return (0.4, 1.0, 1.2)[min(len(word), 3) - 1]
    return 1.0


def _sum(words: Iterable[str]) -> float:
    return sum(map(_weight, words))


def _containment(all_a: frozenset[str], all_b: frozenset[str], a: frozenset[str], b: frozenset[str]) -> float:
    """How much of the smaller clause the other one speaks of too."""
    smaller, other = (a, all_b) if _sum(a) <= _sum(b) else (b, all_a)
    return _sum(smaller & other) / (_sum(smaller) or 1.0)


@dataclass(frozen=True, slots=True)
class _Pair:
    a: Statement
    b: Statement
    shared: float
    only_a: frozenset[str]
    only_b: frozenset[str]

    @property
    def score(self) -> float:
        return self.shared / (self.shared + _sum(self.only_a) + _sum(self.only_b) or 1.0)


def _pair(a: Statement, b: Statement, above_a: frozenset[str], above_b: frozenset[str]) -> _Pair:
    """What stands above the other statement is known there too, and is nothing that only this one says."""
    shared = a.words & b.words
    only_a, only_b = a.words - b.words, b.words - a.words
    implied = (only_a & above_b) | (only_b & above_a)
    return _Pair(a, b, _sum(shared) + 0.5 * _sum(implied), only_a - above_b, only_b - above_a)


def _matched(a: Reading, b: Reading) -> list[_Pair]:
    """Each statement with the one that is most alike, one to one, the most alike first."""
    pairs = [_pair(s, t, a.above, b.above) for s in a.statements for t in b.statements if s.words & t.words]
    pairs.sort(key=lambda p: (-p.score, p.a.start + p.b.start, p.a.start))
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    found = []
    for pair in pairs:
        if pair.a.start not in taken_a and pair.b.start not in taken_b:
            taken_a.add(pair.a.start)
            taken_b.add(pair.b.start)
            found.append(pair)
    return found


# --- what it says ---


def _verdict(
    pair: _Pair, a: Reading, b: Reading, context: float, same_document: bool, similarity: float | None
) -> _Verdict | None:
    if not (pair.a.says or pair.b.says) or pair.shared < _ENOUGH or context < _CONTEXT:
        return None
    numbers = _number_points(pair)
    if numbers is None:
        return None  # several numbers differ: two cases of one rule
    points = [*numbers, *_bearer_point(pair), *_side_point(pair)]
    flip = _denial_point(pair)
    event = _event_point(pair) if not points and not flip else ()
    only_a, only_b = pair.only_a, pair.only_b
    if event:
        only_a, only_b = only_a - set(table.EVENTS), only_b - set(table.EVENTS)
    if flip and points and points[0].point not in (Point.DUTY,):
        return None  # another number for the opposite case
    points += [*flip, *event]
    exact = not only_a and not only_b
    if not points and exact:
        points = [*_party_point(pair), *_mode_point(pair)]
        return _Verdict(tuple(points), False) if points else None
    if not points:
        return None
    weak = any(d.point in (Point.PERMISSION, Point.CONDITION) for d in points)
    needed = _SAME_FOR_POLARITY if weak else _SAME_THING
    extra = _sum(only_a) + _sum(only_b)
    score = pair.shared / (pair.shared + extra or 1.0)
    if only_a and only_b:
        needed += 0.1  # each speaks of something that the other does not
    if score < needed or (same_document and extra):
        return None
    parties = {p for p, _ in pair.a.parties} ^ {p for p, _ in pair.b.parties}
    if parties and {p for p, _ in pair.a.parties} and {p for p, _ in pair.b.parties}:
        return None  # one for buyers, one for sellers
    certain = (
        exact
        and not parties
        and len(points) == 1
        and pair.shared >= _PLENTY
        and context >= 0.8
        and not (a.place - b.place - b.words - b.above or b.place - a.place - a.words - a.above)
        and not (a.names ^ b.names)
        and not (flip and pair.a.denials and pair.b.denials)
        and all(d.point is not Point.CONDITION for d in points)
    )
    return _Verdict(tuple(points), certain)


_POINTS = {
    Measure.TIME: Point.TIME,
    Measure.WORKING_TIME: Point.TIME,
    Measure.CLOCK: Point.TIME,
    Measure.MONEY: Point.MONEY,
    Measure.SHARE: Point.SHARE,
    Measure.DATE: Point.DATE,
    Measure.COUNT: Point.COUNT,
}


def _value(slot: Slot) -> tuple[Point, str, tuple[float, ...], bool]:
    return _POINTS[slot.measure], slot.unit, tuple(sorted(slot.ends)), slot.measure is Measure.WORKING_TIME


def _number_points(pair: _Pair) -> list[Difference] | None:
    """The one number in which they differ, [] if there is none; None if several differ or one says more of them."""
    left_a, left_b = _left_over(pair.a.slots, pair.b.slots)
    if not left_a and not left_b:
        return []
    if len(left_a) != 1 or len(left_b) != 1:
        return None if left_a and left_b else []
    one, other = left_a[0], left_b[0]
    if _POINTS[one.measure] is not _POINTS[other.measure]:
        return None
    if Measure.CLOCK in (one.measure, other.measure) and one.measure is not other.measure:
        return None
    if one.unit != other.unit and (one.measure is Measure.COUNT and one.unit and other.unit) and pair.score < 0.9:
        return None
    return [Difference(_POINTS[one.measure], one.spans, other.spans)]


def _left_over(a: Sequence[Slot], b: Sequence[Slot]) -> tuple[list[Slot], list[Slot]]:
    """Without the numbers that both have. One number may stand for itself and for its repetition."""
    values_a, values_b = {_value(s) for s in a}, {_value(s) for s in b}
    return [s for s in a if _value(s) not in values_b], [s for s in b if _value(s) not in values_a]


def _bearer_point(pair: _Pair) -> tuple[Difference, ...]:
    one, other = {p for p, _ in pair.a.bearers}, {p for p, _ in pair.b.bearers}
    if not one or not other or one & other:
        return ()
    return (Difference(Point.DUTY, _spans(pair.a.bearers), _spans(pair.b.bearers)),)


def _party_point(pair: _Pair) -> tuple[Difference, ...]:
    one, other = {p for p, _ in pair.a.parties}, {p for p, _ in pair.b.parties}
    if len(one) != 1 or len(other) != 1 or one == other or "must" not in pair.a.modes & pair.b.modes:
        return ()
    return (Difference(Point.DUTY, _spans(pair.a.parties), _spans(pair.b.parties)),)


def _side_point(pair: _Pair) -> tuple[Difference, ...]:
    for name, side, span in pair.a.sides:
        for other_name, other_side, other_span in pair.b.sides:
            if name == other_name and side != other_side:
                return (Difference(Point.PERMISSION, (span,), (other_span,)),)
    return ()


def _denial_point(pair: _Pair) -> tuple[Difference, ...]:
    """One negation more on one side. Denying the condition and the consequence both says the same ("未…的可以")."""
    a, b = pair.a.denials, pair.b.denials
    if abs(len(a) - len(b)) != 1:
        return ()
    more, fewer = (pair.a, pair.b) if len(a) > len(b) else (pair.b, pair.a)
    same = [anchor for anchor, _, _ in fewer.denials]
    for anchor, span, lacks in more.denials:
        if anchor in same:
            same.remove(anchor)
            continue
        if anchor not in fewer.words:
            return ()
        opposite = (fewer.spans[anchor],)
        point = Point.CONDITION if lacks else Point.PERMISSION
        spans = ((span,), opposite) if more is pair.a else (opposite, (span,))
        return (Difference(point, *spans),)
    return ()


def _event_point(pair: _Pair) -> tuple[Difference, ...]:
    """七日 after receipt, 七日 after dispatch: one moment replaced by another."""
    events = set(table.EVENTS)
    one, other = pair.only_a & events, pair.only_b & events
    if len(one) != 1 or len(other) != 1 or not (pair.a.slots or pair.a.modes or pair.a.denials):
        return ()
    (x,), (y,) = one, other
    return (Difference(Point.CONDITION, (pair.a.spans[x],), (pair.b.spans[y],)),)


def _mode_point(pair: _Pair) -> tuple[Difference, ...]:
    if {frozenset(pair.a.modes), frozenset(pair.b.modes)} != {frozenset({"may"}), frozenset({"must"})}:
        return ()
    whole = ((pair.a.start, pair.a.end),), ((pair.b.start, pair.b.end),)
    return (Difference(Point.PERMISSION, *whole),)


def _spans(named: Iterable[tuple[str, Span]]) -> tuple[Span, ...]:
    return tuple(span for _, span in named)


# --- said twice ---


def _repeats(a: Reading, b: Reading, pairs: list[_Pair]) -> bool:
    if not pairs or sum(p.shared for p in pairs) < _ENOUGH:
        return False
    for pair in pairs:
        if any(_left_over(pair.a.slots, pair.b.slots)):
            return False
        if {x for x, _, _ in pair.a.denials} != {x for x, _, _ in pair.b.denials}:
            return False
        if {x for x, _ in pair.a.bearers} != {x for x, _ in pair.b.bearers}:
            return False
        if {x for x, _ in pair.a.parties} != {x for x, _ in pair.b.parties}:
            return False
    shared = _sum(a.words & b.words)
    return shared >= _SAME_TEXT * _sum(a.words | b.words) and len(pairs) == len(a.statements) == len(b.statements)


# --- between two languages ---

_COMMON = frozenset(table.CONCEPTS) | frozenset(table.EVENTS)


def _across(a: Reading, b: Reading, similarity: float | None) -> _Verdict | None:
    """Of two languages only concepts can be compared: they must be the same, and one value differ."""
    best: tuple[float, tuple[Difference, ...]] | None = None
    for s in a.statements:
        for t in b.statements:
            one, other = s.words & _COMMON, t.words & _COMMON
            shared = one & other
            known_a, known_b = (a.above | a.words) & _COMMON, (b.above | b.words) & _COMMON
            only = (one - known_b) | (other - known_a)
            if not shared or (len(shared) < 2 and (similarity or 0.0) < _VECTORS_NEAR):
                continue
            score = len(shared) / len(shared | only)
            if score < _SAME_ACROSS or (best is not None and best[0] >= score):
                continue
            pair = _Pair(s, t, float(len(shared)), one - known_b, other - known_a)
            best = score, _across_points(pair)
    if best is None or not best[1]:
        return None
    return _Verdict(best[1], False)


def _across_points(pair: _Pair) -> tuple[Difference, ...]:
    numbers = _number_points(pair)
    if numbers is None:
        return ()
    if points := [*numbers, *_bearer_point(pair), *_side_point(pair)]:
        return tuple(points)
    a, b = pair.a.denials, pair.b.denials
    if (len(a) - len(b)) % 2 and not any(lacks for _, _, lacks in (*a, *b)) and (pair.a.modes or pair.b.modes):
        whole = ((pair.a.start, pair.a.end),), ((pair.b.start, pair.b.end),)
        return (
            Difference(
                Point.PERMISSION,
                tuple(span for _, span, _ in a) or whole[0],
                tuple(span for _, span, _ in b) or whole[1],
            ),
        )
    return _event_point(pair)
