"""Which of several clauses on one point has the last word. Pure functions; no model, no store.

The rules, in order: ruling, then more specific scope, then higher authority, then later effective_from, then the newer
version, then the clause id, which decides nothing but leaves one winner. Each rule is put to all candidates that the
rules before it have left, and whoever it puts behind another one falls out. So there is one winner whatever the order of
the candidates, also where "before" runs in a circle between pairs: A has the more specific scope, B the higher
authority than C, and C than A.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kb.decisions import Ruling, RulingKind, Subject
from kb.moments import EVER
from kb.text import fold
from kb.types import Clause, Scope, Version
from kb.validity import family_of


class Rule(StrEnum):
    """What decided between two clauses."""

    RULING = "ruling"  # a maintainer has said so
    AMENDED = "amended"  # the winner's words are about the loser: it changes it (`assistant.amendments`)
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
class Lost:
    """`loser` fell by `rule` before `to`: the winner, unless that pair alone would have gone otherwise."""

    loser: Candidate
    rule: Rule
    to: Candidate
    ruling: Ruling | None = None  # the one that decided, where `rule` is RULING


@dataclass(frozen=True, slots=True)
class Verdict:
    winner: Candidate
    lost: tuple[Lost, ...]  # in the order of ids


def candidate(clause: Clause, version: Version, effective_from: datetime | None) -> Candidate:
    """`effective_from`: the version's first moment in force (`snapshot.validity[version.id].first`)."""
    return Candidate(clause, version, effective_from, {key: fold(value) for key, value in version.scope.items()})


def decide(a: Candidate, b: Candidate, authorities: Sequence[str], rulings: Iterable[Ruling] = ()) -> Lost:
    """Of two clauses: which falls, by which rule, before which. UNDECIDED: before the lower id, for no reason.

    Rulings of other kinds than OVERRIDES, and on other clauses or other words of these, are passed over.
    """
    return resolve([a, b], authorities, rulings).lost[0]


def resolve(
    candidates: Sequence[Candidate],
    authorities: Sequence[str],
    rulings: Iterable[Ruling] = (),
    meant: Candidate | None = None,
) -> Verdict:
    """The one that has the last word, whatever the order of `candidates` (at least one, each once).

    `meant`: the one that the question's words are known to mean; it comes first where no rule decides.
    """
    found = sorted(candidates, key=_id)
    ranks = {name: n for n, name in enumerate(authorities)}
    overrides = _overrides(found, rulings)
    fell: dict[tuple[str, str], Lost] = {}
    left = found
    for rule, before in _rules(ranks, overrides):
        staying = []
        for one in left:
            other = next((o for o in left if before(o, one)), None)
            if other is None:
                staying.append(one)
            else:
                fell[_id(one)] = Lost(one, rule, other, overrides.get((_id(other), _id(one))))
        left = staying
    winner = next((one for one in left if meant is not None and _id(one) == _id(meant)), left[0])
    for other in left:
        if other is winner:
            continue
        fell[_id(other)] = Lost(other, Rule.UNDECIDED, winner)
    if len(found) > 2:  # say it of the winner where that is true as well
        for one in found:
            if one is not winner and (pair := resolve([winner, one], authorities, rulings)).winner is winner:
                fell[_id(one)] = pair.lost[0]
    return Verdict(winner, tuple(fell[_id(one)] for one in found if one is not winner))


def more_specific(a: Scope, b: Scope) -> bool:
    """Whether scope `a` is `b` with at least one dimension more."""
    return len(a) > len(b) and all(a.get(key) == value for key, value in b.items())


def _rules(
    ranks: Mapping[str, int], overrides: Mapping[tuple[tuple[str, str], tuple[str, str]], Ruling]
) -> list[tuple[Rule, Callable[[Candidate, Candidate], bool]]]:
    """(rule, whether it puts the first candidate before the second). No rule runs in a circle by itself."""
    last = len(ranks)

    def rank(one: Candidate) -> int:
        return ranks.get(one.version.authority, last)

    return [
        (Rule.RULING, lambda a, b: (_id(a), _id(b)) in overrides),
        (Rule.SCOPE, lambda a, b: more_specific(a.scope, b.scope)),
        (Rule.AUTHORITY, lambda a, b: rank(a) < rank(b)),
        # Versions of one document hand over to each other: that is what is said of them.
        (Rule.VERSION, lambda a, b: _one_family(a, b) and _turn(a) > _turn(b)),
        (Rule.EFFECTIVE_FROM, lambda a, b: (a.effective_from or EVER) > (b.effective_from or EVER)),
    ]


def _overrides(
    candidates: Sequence[Candidate], rulings: Iterable[Ruling]
) -> dict[tuple[tuple[str, str], tuple[str, str]], Ruling]:
    """(winner, loser) -> the ruling that says so, newest first; one that would close a circle is passed over."""
    by_text: dict[Subject, list[tuple[str, str]]] = {}
    for one in candidates:
        by_text.setdefault(Subject(one.clause.id, one.clause.sha256), []).append(_id(one))
    found: dict[tuple[tuple[str, str], tuple[str, str]], Ruling] = {}
    behind: dict[tuple[str, str], set[tuple[str, str]]] = {_id(one): set() for one in candidates}
    for ruling in sorted(rulings, key=lambda r: (r.at, r.id), reverse=True):
        if ruling.kind is not RulingKind.OVERRIDES or len(ruling.subjects) != 2:
            continue
        first, second = (by_text.get(subject, []) for subject in ruling.subjects)
        for winner in first:
            for loser in second:
                if winner == loser or winner in behind[loser]:
                    continue
                found.setdefault((winner, loser), ruling)
                reached = {loser} | behind[loser]
                for name, after in behind.items():
                    if name == winner or winner in after:
                        after |= reached
    return found


def _id(one: Candidate) -> tuple[str, str]:
    return one.clause.id, one.version.id


def _one_family(a: Candidate, b: Candidate) -> bool:
    return family_of(a.version) == family_of(b.version)


def _turn(one: Candidate) -> tuple[datetime, int, str, str]:
    """Where a version stands among those of its document, as `kb.validity` orders them."""
    return one.effective_from or EVER, one.version.turn, one.version.document, one.version.id
