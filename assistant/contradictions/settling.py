"""Which contradictions somebody or something decides, and which are left for a maintainer. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.contradictions.types import Finding, Likeness
from assistant.precedence import Candidate, Rule, candidate, decide
from kb.decisions import Ruling, RulingKind, Subject
from kb.snapshot import Snapshot
from kb.types import Clause

Pair = frozenset[Subject]


@dataclass(frozen=True, slots=True)
class Settled:
    """A finding with what decides between its clauses."""

    finding: Finding
    rule: Rule | None  # None: no rule does
    winner: Clause | None  # which of two texts speaks; None: nothing says so, or both may
    ruling: str | None  # id of the ruling, where the rule is RULING

    @property
    def open(self) -> bool:
        """Whether it is a contradiction that nothing decides."""
        contradicts = self.finding.likeness is Likeness.CONTRADICTION
        return contradicts and self.rule is None

    @property
    def blocks(self) -> bool:
        """Whether it must be settled before it is published."""
        return self.open and self.finding.certain


def settle(findings: Iterable[Finding], snapshot: Snapshot, authorities: Sequence[str]) -> tuple[Settled, ...]:
    """Each finding with the ruling of the snapshot that is about it, else the first rule of precedence that decides.

    Of duplicates one text speaks in any case: where no rule chooses it, the order of ids does.
    """
    rulings = _by_pair(snapshot.decisions.rulings)
    return tuple(_settled(finding, snapshot, authorities, rulings) for finding in findings)


def _settled(
    finding: Finding, snapshot: Snapshot, authorities: Sequence[str], rulings: Mapping[Pair, Ruling]
) -> Settled:
    ruling = rulings.get(frozenset((_subject(finding.first), _subject(finding.second))))
    if ruling is not None and ruling.kind is RulingKind.NO_CONFLICT:
        return Settled(finding, Rule.RULING, None, ruling.id)
    first, second = (_candidate(clause, snapshot) for clause in (finding.first, finding.second))
    lost = decide(first, second, authorities, (ruling,) if ruling else ())
    if lost.rule is not Rule.UNDECIDED:
        return Settled(finding, lost.rule, lost.to.clause, lost.ruling.id if lost.ruling else None)
    return Settled(finding, None, lost.to.clause if finding.likeness is Likeness.DUPLICATE else None, None)


def _by_pair(rulings: Iterable[Ruling]) -> dict[Pair, Ruling]:
    """Two texts -> the last ruling about them."""
    about_two = [ruling for ruling in rulings if ruling.kind is not RulingKind.MEANS]
    return {frozenset(ruling.subjects): ruling for ruling in sorted(about_two, key=lambda r: (r.at, r.id))}


def _subject(clause: Clause) -> Subject:
    return Subject(clause.id, clause.sha256)


def _candidate(clause: Clause, snapshot: Snapshot) -> Candidate:
    return candidate(clause, snapshot.version_of[clause.version], snapshot.validity[clause.version].first)
