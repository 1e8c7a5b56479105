"""Whether two clauses, understood as statements, contradict or repeat each other. Pure.

Two statements contradict if they are about the same thing in much the same words and differ in one value of one role: a
number, who bears it, whether it is allowed, from when it counts. Two values that differ at once ("满100减10", "满200减30")
are two cases of a rule, no contradiction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from assistant.contradictions import words as table
from assistant.contradictions.sameness import features, score, weight, weight_of
from assistant.contradictions.statements import NAMED_UNIT, Reading, Slot, Statement, read
from assistant.contradictions.types import Difference, Finding, Likeness, Point, Span
from kb.quantities import Measure
from kb.types import Clause, Version

Side = tuple[Clause, Version]

Nearness = Callable[[], np.ndarray]
"""How near each statement of the first clause is to each of the second by vectors, as `closeness` has it."""

# Shares of what two clauses are about that they must have in common. Chosen on the development half of
# eval/contradictions and on the alarms in real folders.
SAME_WORDS = 0.72  # of all words of both, to be two editions of one text, which can be laid side by side
SAME_SENTENCE = 0.15  # of a sentence's words in the other clause or above it, to be compared at all
_SAME_STATEMENT = 0.4  # of them in one sentence of the other clause, or above it
_SAME_FOR_DUTY = 0.75
SHORT = 4  # sentences of a clause that words another one anew; what is longer has more than one point
_NEAR_WORDS = 0.5  # of the words beside a number, to be a number of the same thing
_ONE_ORDER = 15  # times: departments disagree about 7 and 15 days, not about 30 minutes and a year
_SAME_FOR_POLARITY = 0.95  # a negation more or less is said more easily than a number
_SAME_ACROSS = 0.5  # of the concepts, between two languages
_TRANSLATED = 2.8  # standard deviations above strangers (`closeness`), to be a translation with another number in it
_LIST = 3  # numbers in a row that stand in the same order in a translation
_ENOUGH = 2.0  # weight of the words that two statements share, at least
_PLENTY = 3.0  # the same, to be certain


@dataclass(frozen=True, slots=True)
class _Verdict:
    differences: tuple[Difference, ...]
    certain: bool


def compare(one: Side, other: Side) -> Finding | None:
    """What two clauses are to each other, or None. Symmetric. Scope and time in force are not looked at.

    By their words alone: `compare_readings` also takes what the vectors of their sentences say.
    """
    first, second = sorted((one, other), key=lambda side: (side[0].id, side[0].version))
    return compare_readings(first, second, read(*first), read(*second))


def compare_readings(
    first: Side, second: Side, a: Reading, b: Reading, nearness: Nearness | None = None
) -> Finding | None:
    """`compare` for clauses that are read already; `first` stands before `second` by (clause id, version id)."""
    same_document = first[0].version == second[0].version
    if different_subjects(a, b, same_document):
        return None
    if not same_document and not (a.statements and b.statements):
        return None  # when a document begins or ends is about that document alone
    if a.text and a.text == b.text:
        return Finding(first[0], second[0], Likeness.DUPLICATE, (), True)
    if a.language != b.language:
        verdict = _across(a, b, nearness)
    elif _one_text(a, b):
        edited = align(a, b)
        if edited.other_thing:
            return None
        verdict = _edited(edited, a, b, same_document)
        if verdict is None and edited.same:
            return Finding(first[0], second[0], Likeness.DUPLICATE, (), edited.exact)
        if verdict is None and edited.kinds == {"number"} and edited.numbers == 1:
            verdict = _reworded(a, b, same_document, nearness)  # too much besides it to be one text
    else:
        verdict = _reworded(a, b, same_document, nearness)
    if verdict is None:
        return None
    return Finding(first[0], second[0], Likeness.CONTRADICTION, verdict.differences, verdict.certain)


def _one_text(a: Reading, b: Reading) -> bool:
    """Whether they are two editions of one text. The moment that a time counts from may be the difference."""
    one, other = a.words - EVENTS, b.words - EVENTS
    shared = weight_of(one & other) + _EVENT * bool(a.words & EVENTS and b.words & EVENTS)
    return shared >= SAME_WORDS * (text_weight(a.words | b.words))


def text_weight(words: frozenset[str]) -> float:
    """What the words weigh where two texts are asked whether they are one: all moments as much as one of them."""
    return weight_of(words - EVENTS) + _EVENT * bool(words & EVENTS)


EVENTS = frozenset(table.EVENTS)
_EVENT = 1.0


# --- what it is about ---


def different_subjects(a: Reading, b: Reading, same_document: bool, by_titles: bool = True) -> bool:
    """Whether titles, headings or paths name two different things: products, platforms, offences, forms. `by_titles`:
    also where titles are alike but for a name in each, whatever kinds of documents they are titles of."""
    about_a, about_b = a.words | a.above, b.words | b.above
    if a.editions and b.editions and not a.editions & b.editions:
        return True
    if same_document:
        return a.heading != b.heading or bool(a.place - about_b) and bool(b.place - about_a)
    if a.series and b.series and a.series != b.series:
        return True
    if a.spoken - about_b and b.spoken - about_a:
        return True
    if (by_titles or a.kind == b.kind) and _parallel(a.names, b.names, about_a, about_b):
        return True
    return _parallel(a.key, b.key, about_a, about_b)


def _parallel(
    one: frozenset[str], other: frozenset[str], about_one: frozenset[str], about_other: frozenset[str]
) -> bool:
    """Names that are alike but for a part of each: "Gold Account fees", "Silver Account fees"."""
    own, others = one - other - about_other, other - one - about_one
    return bool(own and others) and 2 * len(one & other) >= max(len(own), len(others))


# --- two editions of one text ---

_Part = tuple[str, str, Span]  # kind, name, where


@dataclass(frozen=True, slots=True)
class _Edit:
    """Two texts laid side by side: what differs where the rest is the same."""

    differences: tuple[Difference, ...]
    kinds: frozenset[str]  # of what differs: "number", "party", "bearer", "deny", "lack", "side", "event", "mode"
    numbers: int  # how many numbers differ
    flips: int  # how many denials stand on one side only
    extra: float  # weight of what only one of them says
    shared: float
    other_thing: bool  # a word of one stands where a word of the other does: they speak of two things

    @property
    def exact(self) -> bool:
        return not self.differences and not self.extra

    @property
    def same(self) -> bool:
        return not self.kinds and self.extra <= 0.15 * self.shared


def align(a: Reading, b: Reading) -> _Edit:
    parts_a = [part for s in a.statements for part in s.sequence]
    parts_b = [part for s in b.statements for part in s.sequence]
    matcher = SequenceMatcher(None, [_symbol(p) for p in parts_a], [_symbol(p) for p in parts_b], autojunk=False)
    collected = _Collected(a.words, b.words)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            for one, other in zip(parts_a[i:j], parts_b[k:m], strict=True):
                collected.aligned(one, other)
        else:
            collected.apart(parts_a[i:j], parts_b[k:m])
    return collected.edit(weight_of(a.words & b.words), _bearers(a), _bearers(b))


def _symbol(part: _Part) -> str:
    """What two parts must have in common to stand side by side: of a value its kind."""
    kind, name, _ = part
    return name if kind in ("word", "event") else f"side {name[:-1]}" if kind == "side" else kind


def _bearers(reading: Reading) -> frozenset[Span]:
    return frozenset(span for s in reading.statements for _, span in s.bearers)


class _Collected:
    """Collects what differs between two aligned texts."""

    def __init__(self, words_a: frozenset[str], words_b: frozenset[str]) -> None:
        self._words = words_a, words_b
        self._found: list[tuple[str, Point, tuple[Span, ...], tuple[Span, ...]]] = []
        self._extra = 0.0
        self._other_thing = False

    def aligned(self, one: _Part, other: _Part) -> None:
        kind, name, span = one
        if name == other[1] or kind in ("word", "event", "may", "must", "deny", "bears"):
            return
        if kind.startswith("="):
            self._found.append(("number", _KIND_POINTS[kind], (span,), (other[2],)))
        elif kind == "party":
            self._found.append(("party", Point.DUTY, (span,), (other[2],)))
        elif kind == "side":
            self._found.append(("side", Point.PERMISSION, (span,), (other[2],)))

    def apart(self, ones: Sequence[_Part], others: Sequence[_Part]) -> None:
        own = [p for p in ones if p[0] in ("word", "event") and p[1] not in self._words[1]]
        others_own = [p for p in others if p[0] in ("word", "event") and p[1] not in self._words[0]]
        for kind in sorted({p[0] for p in (*ones, *others)}):
            x, y = [p for p in ones if p[0] == kind], [p for p in others if p[0] == kind]
            if kind.startswith("=") or kind == "party":
                for one, other in zip(x, y, strict=False):
                    self.aligned(one, other)
                if len(x) != len(y) and kind != "party":
                    self._extra += abs(len(x) - len(y))
            elif kind == "deny" and len(x) != len(y):
                near = tuple(p[2] for p in ones) or _beside(own), tuple(p[2] for p in others) or _beside(others_own)
                for _ in range(abs(len(x) - len(y))):
                    self._found.append(("deny", Point.PERMISSION, *near))
        modes = {p[0] for p in ones} & {"may", "must"}, {p[0] for p in others} & {"may", "must"}
        if modes[0] and modes[1] and modes[0] != modes[1]:
            self._found.append(("mode", Point.PERMISSION, tuple(p[2] for p in ones), tuple(p[2] for p in others)))
        if len(own) == len(others_own) == 1 and own[0][0] == others_own[0][0] == "event":
            self._found.append(("event", Point.CONDITION, (own[0][2],), (others_own[0][2],)))
        elif own and others_own and not _alike(own, others_own):
            self._other_thing = True
        else:
            self._extra += weight_of(p[1] for p in own) + weight_of(p[1] for p in others_own)

    def edit(self, shared: float, bearers_a: frozenset[Span], bearers_b: frozenset[Span]) -> _Edit:
        kinds = {kind for kind, *_ in self._found}
        if any(k == "party" and (x[0] in bearers_a or y[0] in bearers_b) for k, _, x, y in self._found):
            kinds = (kinds - {"party"}) | {"bearer"}
        return _Edit(
            tuple(Difference(point, x, y) for _, point, x, y in self._found),
            frozenset(kinds),
            sum(kind == "number" for kind, *_ in self._found),
            sum(kind == "deny" for kind, *_ in self._found),
            self._extra,
            shared,
            self._other_thing,
        )


def _beside(parts: Sequence[_Part]) -> tuple[Span, ...]:
    return tuple(p[2] for p in parts)


def _alike(ones: Sequence[_Part], others: Sequence[_Part]) -> bool:
    """取件 and 取货 may be one thing said in two ways: they share a letter."""
    han = [{c for _, word, _ in parts for c in word if "\u3400" <= c <= "\u9fff"} for parts in (ones, others)]
    return 2 * len(han[0] & han[1]) >= min(len(han[0]), len(han[1])) > 0


_KIND_POINTS = {
    "=time": Point.TIME,
    "=clock": Point.TIME,
    "=money": Point.MONEY,
    "=share": Point.SHARE,
    "=date": Point.DATE,
    "=count": Point.COUNT,
}


def _edited(edit: _Edit, a: Reading, b: Reading, same_document: bool) -> _Verdict | None:
    if not edit.differences or edit.shared < _ENOUGH or edit.extra > 0.25 * edit.shared:
        return None
    if same_document and (edit.numbers > 1 or edit.extra):
        return None  # cases of one rule
    if edit.flips % 2 == 0 and edit.flips or edit.flips and edit.numbers:
        return None  # "未拆封的可以…", "拆封的不得…": the opposite case
    if edit.flips and a.item != b.item:
        return None  # whether an item is forbidden stands above it
    if "party" in edit.kinds and (len(edit.kinds) > 1 or edit.extra):
        return None  # one for buyers, one for sellers
    about_a, about_b = a.words | a.above, b.words | b.above
    certain = (
        not edit.extra
        and len(edit.kinds) == 1
        and edit.kinds <= {"number", "bearer", "deny", "side"}
        and (edit.numbers <= 1 or a.names == b.names)
        and not (a.names - about_b and b.names - about_a)
        and edit.shared >= _PLENTY
        and not (a.spoken - about_b or b.spoken - about_a)
        and not (a.topics - about_b or b.topics - about_a)
    )
    return _Verdict(edit.differences, certain)


# --- the same thing in other words ---


@dataclass(frozen=True, slots=True)
class _Pair:
    """A sentence of the shorter clause, and the sentence of the longer one that it comes nearest to."""

    short: Statement
    long: Statement
    known: float  # how much of what the short one is about the longer clause speaks of, 0 to 1
    weight: float


def _reworded(a: Reading, b: Reading, same_document: bool, nearness: Nearness | None) -> _Verdict | None:
    if same_document:
        return None  # articles of one document that are worded differently are about different things
    if not _short_enough(a, b):
        return None
    short, long = _by_length(a, b)
    swapped = short is a
    numbers = list(numbers_apart(short, long))
    if numbers:
        near = _unknown(short, long) if nearness is None else nearness() if swapped else nearness().T
        likely = max(numbers, key=lambda n: score(n.values, near[n.at]))
        if score(likely.values, near[likely.at]) > 0:
            apart = Difference(POINTS[likely.one.measure], likely.one.spans, likely.other.spans)
            return _Verdict(_swapped((apart,), not swapped), False)
    for statement in short.statements:
        if not statement.says or not statement.words:
            continue
        pair = _nearest(statement, short, long)
        if pair is None:
            continue
        if points := _points(pair, short, long):
            return _Verdict(_swapped(points, not swapped), False)
    return None


def _by_length(a: Reading, b: Reading) -> tuple[Reading, Reading]:
    return (a, b) if weight_of(a.words) < weight_of(b.words) else (b, a)


def _short_enough(a: Reading, b: Reading) -> bool:
    return len(_by_length(a, b)[0].statements) <= SHORT and not (a.legal and b.legal)


def numbers_of_two(a: Reading, b: Reading) -> list[tuple[float, ...]]:
    """What `sameness` is asked of two clauses of two documents, and learns from."""
    if different_subjects(a, b, False) or a.language != b.language or not (a.statements and b.statements):
        return []
    if _one_text(a, b) or not _short_enough(a, b):
        return []
    return [numbers.values for numbers in numbers_apart(*_by_length(a, b))]


def _swapped(differences: Iterable[Difference], swap: bool) -> tuple[Difference, ...]:
    return tuple(Difference(d.point, d.second, d.first) if swap else d for d in differences)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A number of the shorter clause that the longer one does not have, and such a one of the longer clause."""

    values: tuple[float, ...]  # what speaks for their being of one thing: `sameness.features`
    at: tuple[int, int]  # the sentences that they stand in
    one: Slot
    other: Slot


def _unknown(short: Reading, long: Reading) -> np.ndarray:
    return np.full((len(short.statements), len(long.statements)), -np.inf)


def numbers_apart(short: Reading, long: Reading) -> Iterator[_Numbers]:
    said = {_value(s) for statement in long.statements for s in statement.slots}
    own = {_value(s) for statement in short.statements for s in statement.slots}
    about = long.words | long.above
    for n, sentence in enumerate(short.statements):
        new = [s for s in sentence.slots if _value(s) not in said and s.measure is not Measure.DATE]
        whole = weight_of(sentence.words)
        if not new or whole < 1.0 or weight_of(sentence.words & about) < SAME_SENTENCE * whole:
            continue
        known = sum(weight(word) * _found_in(word, long) for word in sentence.words) / whole
        for slot in new:
            for m, beside in enumerate(long.statements):
                if _other_subject(sentence.words, beside.words):
                    continue
                for other in beside.slots:
                    if _value(other) not in own and _one_kind(slot, other):
                        values = features(short, sentence, slot, long, beside, other, known)
                        yield _Numbers(values, (n, m), slot, other)


def _nearest(statement: Statement, short: Reading, long: Reading) -> _Pair | None:
    whole = weight_of(statement.words)
    if whole < _ENOUGH:
        return None
    known = sum(weight(word) * _found_in(word, long) for word in statement.words) / whole
    best = max(long.statements, key=lambda s: (weight_of(s.words & statement.words), -s.start), default=None)
    if best is None or not best.words & statement.words:
        return None
    if _other_subject(statement.words, best.words):
        return None
    if weight_of(statement.words & (best.words | long.above)) < _SAME_STATEMENT * whole:
        return None
    return _Pair(statement, best, known, whole)


def _other_subject(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether they are one sentence with another subject in it: "电视机保修一年", "冰箱保修三年"."""
    shared, only, others = weight_of(one & other), weight_of(one - other), weight_of(other - one)
    return min(only, others) >= 1.0 and shared >= 0.5 * (shared + only + others)


def _found_in(word: str, reading: Reading) -> float:
    """1 if the clause or its headings speak of it; a part of that if they have letters of it ("冻品", "冷冻")."""
    if word in reading.words or word in reading.above:
        return 1.0
    if "\u3400" <= word[0] <= "\u9fff":
        return 0.6 * sum(c in reading.text for c in word) / len(word)
    return 0.0


POINTS = {
    Measure.TIME: Point.TIME,
    Measure.WORKING_TIME: Point.TIME,
    Measure.CLOCK: Point.TIME,
    Measure.MONEY: Point.MONEY,
    Measure.SHARE: Point.SHARE,
    Measure.DATE: Point.DATE,
    Measure.COUNT: Point.COUNT,
}


def _points(pair: _Pair, short: Reading, long: Reading) -> tuple[Difference, ...]:
    """What the short sentence says otherwise than the long one; of each difference the short one's words first."""
    if pair.known >= _SAME_FOR_DUTY and (duty := _bearer_point(pair)):
        return (duty,)
    if pair.known >= _SAME_FOR_POLARITY and not (short.item or long.item):
        return _denial_point(pair) or _event_point(pair)
    return ()


def _value(slot: Slot) -> tuple[Point, str, tuple[float, ...], bool]:
    unit = "" if slot.unit == NAMED_UNIT else slot.unit
    return POINTS[slot.measure], unit, tuple(sorted(slot.ends)), slot.measure is Measure.WORKING_TIME


def _number_point(pair: _Pair, short: Reading, long: Reading) -> Difference | None:
    """The number that the long clause does not have, beside the one that stands in its place."""
    said = {_value(s) for statement in long.statements for s in statement.slots}
    own = {_value(s) for statement in short.statements for s in statement.slots}
    new = [s for s in pair.short.slots if _value(s) not in said]
    if len(new) != 1:
        return None
    slot = new[0]
    others = [s for s in pair.long.slots if _value(s) not in own and _one_role(slot, s)]
    if not others:
        return None
    other = max(others, key=lambda s: (weight_of(s.near & slot.near), -s.spans[0][0]))
    return Difference(POINTS[slot.measure], slot.spans, other.spans)


def _apart(one: float, other: float) -> bool:
    return min(one, other) > 0 and max(one, other) / min(one, other) > _ONE_ORDER


def _one_kind(one: Slot, other: Slot) -> bool:
    """Whether two numbers can be the same deadline, amount or count: of one kind, one unit and one order."""
    if POINTS[one.measure] is not POINTS[other.measure] or len(one.ends) != len(other.ends):
        return False
    if (one.measure is Measure.CLOCK) != (other.measure is Measure.CLOCK):
        return False
    if one.unit != other.unit:
        # "七天无理由" is the deadline of nothing but returns without a reason.
        named = NAMED_UNIT in (one.unit, other.unit) and "noreason" in (one.near & other.near)
        if not named and (one.unit and other.unit or one.measure is not Measure.COUNT):
            return False
    dates = one.measure is Measure.DATE
    return one.measure is not other.measure or dates or not _apart(max(one.ends), max(other.ends))


def _one_role(one: Slot, other: Slot) -> bool:
    """Whether, besides, they stand beside like words."""
    shared = weight_of(one.near & other.near)
    return (
        _one_kind(one, other)
        and shared >= 1.0
        and shared >= _NEAR_WORDS * min(weight_of(one.near), weight_of(other.near))
    )


def _bearer_point(pair: _Pair) -> Difference | None:
    one, other = {p for p, _ in pair.short.bearers}, {p for p, _ in pair.long.bearers}
    if not one or not other or one & other:
        return None
    return Difference(Point.DUTY, _spans(pair.short.bearers), _spans(pair.long.bearers))


def _denial_point(pair: _Pair) -> tuple[Difference, ...]:
    """What one denies and the other does not, where the other speaks of it too."""
    for one, other, swapped in ((pair.short, pair.long, False), (pair.long, pair.short, True)):
        if len(one.denials) != 1 or other.denials:
            continue
        anchor, span, lacks = one.denials[0]
        if anchor in other.words and not lacks:
            spans = (span,), (other.spans.get(anchor, (other.start, other.end)),)
            return (Difference(Point.PERMISSION, *(spans[::-1] if swapped else spans)),)
    return ()


def _event_point(pair: _Pair) -> tuple[Difference, ...]:
    """七日 after receipt, 七日 after dispatch: one moment replaced by another, the number the same."""
    same = {_value(s) for s in pair.short.slots} & {_value(s) for s in pair.long.slots}
    one, other = dict(pair.short.events), dict(pair.long.events)
    if not same or len(one) != 1 or len(other) != 1 or one.keys() == other.keys():
        return ()
    return (Difference(Point.CONDITION, tuple(one.values()), tuple(other.values())),)


def _spans(named: Iterable[tuple[str, Span]]) -> tuple[Span, ...]:
    return tuple(span for _, span in named)


# --- between two languages ---

_COMMON = frozenset(table.CONCEPTS) | frozenset(table.EVENTS)


def _across(a: Reading, b: Reading, nearness: Nearness | None) -> _Verdict | None:
    """Of two languages only concepts can be compared: they must be the same, and one value differ. Or two sentences
    are so near by their vectors that they are one, but for a number."""
    if nearness is not None and (apart := _translated(a, b, nearness)):
        return _Verdict((apart,), False)
    concepts_a, concepts_b = (a.above | a.words) & _COMMON, (b.above | b.words) & _COMMON
    best: tuple[float, tuple[Difference, ...]] | None = None
    for s in a.statements:
        for t in b.statements:
            one, other = s.words & _COMMON, t.words & _COMMON
            shared = one & other
            only = (one - concepts_b) | (other - concepts_a)
            if len(shared) < 2:
                continue
            score = len(shared) / len(shared | only)
            if score < _SAME_ACROSS or (best is not None and best[0] >= score):
                continue
            if points := _across_points(_Pair(s, t, score, float(len(shared))), a, b):
                best = score, points
    return None if best is None else _Verdict(best[1], False)


def _translated(a: Reading, b: Reading, nearness: Nearness) -> Difference | None:
    """The one number that a sentence and its translation do not share. Each is the other's nearest."""
    if not any(s.slots for s in a.statements) or not any(t.slots for t in b.statements):
        return None
    near = nearness()
    mutual = (near == near.max(axis=0)) & (near == near.max(axis=1, keepdims=True)) & (near >= _TRANSLATED)
    for n, m in np.argwhere(mutual):
        if apart := _one_number_apart(a.statements[n], b.statements[m], a, b):
            return Difference(POINTS[apart[0].measure], apart[0].spans, apart[1].spans)
    return None


def _one_number_apart(s: Statement, t: Statement, a: Reading, b: Reading) -> tuple[Slot, Slot] | None:
    """A number that one text alone has and the one in its place. In two lists of as many the place tells."""
    said, own = _values(b), _values(a)
    for point in dict.fromkeys(POINTS[slot.measure] for slot in s.slots):
        ones, others = ([slot for slot in x.slots if POINTS[slot.measure] is point] for x in (s, t))
        if len(ones) == len(others) >= _LIST:
            apart = [(x, y) for x, y in zip(ones, others, strict=True) if _value(x) != _value(y)]
            if len(apart) == 1 and _one_kind(*apart[0]):
                return apart[0]
        new, gone = [x for x in ones if _value(x) not in said], [y for y in others if _value(y) not in own]
        if 1 in (len(new), len(gone)):
            apart = [(x, y) for x in new for y in gone if _one_kind(x, y)]
            if apart:
                return min(apart, key=lambda pair: abs(ones.index(pair[0]) - others.index(pair[1])))
    return None


def _values(reading: Reading) -> frozenset[tuple[Point, str, tuple[float, ...], bool]]:
    return frozenset(_value(slot) for statement in reading.statements for slot in statement.slots)


def _across_points(pair: _Pair, a: Reading, b: Reading) -> tuple[Difference, ...]:
    if point := _number_point(pair, a, b) or _bearer_point(pair):
        return (point,)
    denied, also = pair.short.denials, pair.long.denials
    if len(denied) + len(also) == 1 and not any(lacks for _, _, lacks in (*denied, *also)):
        whole = ((pair.short.start, pair.short.end),), ((pair.long.start, pair.long.end),)
        spans = tuple(span for _, span, _ in denied) or whole[0], tuple(span for _, span, _ in also) or whole[1]
        return (Difference(Point.PERMISSION, *spans),)
    return ()
