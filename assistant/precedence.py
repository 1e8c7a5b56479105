"""Which of several clauses on one point has the last word. Pure functions; no model, no store.

The rules, in order: more specific scope, then higher authority, then later effective_from, then the
newer version, then the clause id, which decides nothing but makes the order total. (Rulings, which
come before all of these, arrive with the store of maintainers' decisions.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cmp_to_key

from kb.moments import EVER
from kb.types import Clause, Scope, Version
from kb.validity import family_of


class Rule(StrEnum):
    """What decided between two clauses."""

    SCOPE = "scope"  # the winner's scope is the loser's and more
    AUTHORITY = "authority"
    EFFECTIVE_FROM = "effective_from"
    VERSION = "version"  # the same document's newer version
    UNDECIDED = "undecided"  # no rule decides; the order is by id alone


@dataclass(frozen=True, slots=True)
class Candidate:
    clause: Clause
    version: Version
    effective_from: datetime | None  # after supersession
    scope: Mapping[str, str]  # folded, so that equal means equal


@dataclass(frozen=True, slots=True)
class Verdict:
    """The winner, and for each of the others the rule by which it lost against the winner."""

    winner: Candidate
    lost: tuple[tuple[Candidate, Rule], ...]


def resolve(candidates: Sequence[Candidate], authorities: Sequence[str]) -> Verdict:
    """The one that has the last word, whatever the order of `candidates` (at least one)."""
    ranks = {name: n for n, name in enumerate(authorities)}

    def compare(a: Candidate, b: Candidate) -> int:
        return _compare(a, b, ranks)

    ordered = sorted(candidates, key=cmp_to_key(compare))
    winner = ordered[0]
    return Verdict(winner, tuple((loser, deciding_rule(winner, loser, ranks)) for loser in ordered[1:]))


def deciding_rule(winner: Candidate, loser: Candidate, ranks: Mapping[str, int]) -> Rule:
    """The first rule that puts `winner` before `loser`."""
    for rule, value in _rules(winner, loser, ranks):
        if value:
            return rule
    return Rule.UNDECIDED


def more_specific(a: Scope, b: Scope) -> bool:
    """Whether scope `a` is `b` with at least one dimension more."""
    return len(a) > len(b) and all(a.get(key) == value for key, value in b.items())


def _compare(a: Candidate, b: Candidate, ranks: Mapping[str, int]) -> int:
    for _, value in _rules(a, b, ranks):
        if value:
            return -value
    keys = ((c.clause.id, c.version.id) for c in (a, b))
    first, second = keys
    return (first > second) - (first < second)


def _rules(a: Candidate, b: Candidate, ranks: Mapping[str, int]):
    """(rule, value): positive where `a` goes first, negative where `b` does, 0 where the rule is silent.

    Specificity counts stated dimensions, so that the order is transitive for scopes that do not contain
    each other; those differ in something the question left open, which is asked about, not ranked.
    """
    yield Rule.SCOPE, len(a.scope) - len(b.scope)
    last = len(ranks)
    yield Rule.AUTHORITY, ranks.get(b.version.authority, last) - ranks.get(a.version.authority, last)
    a_from, b_from = a.effective_from or EVER, b.effective_from or EVER
    later = (a_from > b_from) - (a_from < b_from)
    yield (Rule.VERSION if family_of(a.version) == family_of(b.version) else Rule.EFFECTIVE_FROM), later
