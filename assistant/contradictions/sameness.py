"""How likely two numbers in two differently worded clauses are the same deadline, amount, share or count.

A logistic regression over what the two sentences share, fitted by `python -m eval.contradictions.fitting` on the dev half
of the pairs worded differently (50 that contradict) and on 650 pairs of clauses of real folders that were proposed, all
taken for numbers of two things. The weights know words only; what the vectors say is added to them where there are any.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from operator import mul

from assistant.contradictions import words as table
from assistant.contradictions.statements import Reading, Slot, Statement
from kb.quantities import Measure

_CONCEPTS = frozenset(table.CONCEPTS)
_EVENTS = frozenset(table.EVENTS)


@lru_cache(maxsize=65536)
def weight(word: str) -> float:
    """How much a word says of what a statement is about."""
    if word in table.SYNONYMS or word == "=bears":
        return 0.5
    if "\u3400" <= word[0] <= "\u9fff":
        return (0.4, 1.0, 1.2)[min(len(word), 3) - 1]
    return 1.0


def weight_of(words: Iterable[str]) -> float:
    return sum(map(weight, words))


def features(
    short: Reading, sentence: Statement, slot: Slot, long: Reading, beside: Statement, other: Slot, known: float
) -> tuple[float, ...]:
    """Of a number of the shorter clause and one of the longer, in the order of WEIGHTS.

    `known`: the share of the sentence that the longer clause speaks of.
    """
    about_short, about_long = short.words | short.above, long.words | long.above
    concepts, others = sentence.words & _CONCEPTS, beside.words & _CONCEPTS
    events, other_events = sentence.words & _EVENTS, beside.words & _EVENTS
    ends = max(slot.ends), max(other.ends)
    return (
        known,
        _share(sentence.words, beside.words | long.above),
        _share(sentence.words, beside.words),
        _share(beside.words, about_short),
        _share(slot.near, other.near),
        _share(other.near, slot.near),
        _share(slot.near, beside.words | long.above),
        _share(other.near, sentence.words | short.above),
        math.log1p(weight_of(sentence.words & beside.words)),
        math.log1p(weight_of(sentence.words)),
        min(weight_of(sentence.words - about_long), weight_of(beside.words - about_short), 4.0),
        float(len(concepts & others)),
        float(len(concepts - about_long)),
        float(len(others - about_short)),
        float(bool(events & other_events)),
        float(bool(events and other_events and not events & other_events)),
        min(abs(math.log(ends[0] / ends[1])), 4.0) if min(ends) > 0 else 4.0,
        math.log(_alike(slot, short)),
        math.log(_alike(other, long)),
        math.log(len(short.statements)),
        math.log(len(long.statements)),
        _letters(short.text if len(short.statements) == 1 else "".join(sorted(sentence.words)), long.text),
        float(slot.measure is other.measure),
        float(slot.unit == other.unit),
        _share(short.names, about_long) if short.names else 0.5,
        float(bool(short.names - about_long) and bool(long.names - about_short)),
        float(slot.measure in (Measure.TIME, Measure.WORKING_TIME)),
        float(slot.measure is Measure.MONEY),
        float(slot.measure is Measure.SHARE),
        float(bool(sentence.denials) != bool(beside.denials)),
        float(short.legal or long.legal),
    )


WEIGHTS: dict[str, float] = {
    "known": 2.924,
    "sentence in the other one or above it": -0.079,
    "sentence in the other one": 1.632,
    "other one in the short clause": 0.631,
    "words by the number in those by the other": 0.140,
    "words by the other in those by the number": -0.161,
    "words by the number in the other sentence or above it": -1.304,
    "words by the other in the sentence or above it": 0.064,
    "weight shared": 0.525,
    "weight of the sentence": 0.096,
    "each has words that the other lacks": -0.224,
    "concepts shared": 0.167,
    "concepts that the long clause lacks": -0.125,
    "concepts that the short clause lacks": 0.060,
    "one moment": 0.622,
    "two moments": -0.410,
    "how many times as much": -0.357,
    "numbers of this kind in the short clause": -0.689,
    "numbers of this kind in the long clause": -0.072,
    "sentences of the short clause": -1.371,
    "sentences of the long clause": -0.156,
    "pairs of letters in the long clause": 0.569,
    "one measure": 0.326,
    "one unit": -0.241,
    "names of the title in the other clause": 0.757,
    "names of both titles lacking in the other": 0.089,
    "time": -0.331,
    "money": -0.555,
    "share": -0.076,
    "one of them denied": -0.200,
    "one of them law": -0.763,
}
_BIAS = -2.872


def score(values: tuple[float, ...], near: float = -math.inf) -> float:
    """Above 0: the same thing. `near`: of the two sentences by their vectors (`closeness`), -inf where unknown."""
    by_words = sum(map(mul, values, _IN_ORDER)) + _BIAS
    return by_words if near == -math.inf else by_words + min(near, _NO_NEARER) - _NEAR


# Beside the weights, by hand: on the dev half and the sample corpus (6 alarms each) the words alone find 35 of 61, the
# vectors alone 37, both 43. One deviation counts one; from 3.5 to 3.9 makes no difference.
_NEAR = 3.7  # standard deviations above strangers that speak neither for nor against
_NO_NEARER = 7.0


_IN_ORDER = tuple(WEIGHTS.values())


def _share(part: frozenset[str], whole: frozenset[str]) -> float:
    return weight_of(part & whole) / max(weight_of(part), 0.5)


def _alike(slot: Slot, reading: Reading) -> int:
    return sum(s.measure is slot.measure for statement in reading.statements for s in statement.slots) or 1


def _letters(piece: str, text: str) -> float:
    """The share of its pairs of letters that the text has."""
    pairs = {piece[n : n + 2] for n in range(len(piece) - 1)}
    return sum(pair in text for pair in pairs) / max(len(pairs), 1)
