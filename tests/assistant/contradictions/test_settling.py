"""What settles a contradiction, and what is left to a maintainer."""

from __future__ import annotations

import pytest

from assistant.contradictions import Difference, Finding, Likeness, Point
from assistant.contradictions.settling import Settled, settle
from assistant.precedence import Rule
from kb.decisions import Decisions, Ruling, RulingKind, Subject
from kb.types import Clause
from tests.support import Base, front_matter

SEVEN = "第一条 买家自签收之日起7天内可以退货。\n"
FIFTEEN = "第一条 买家自签收之日起15天内可以退货。\n"


def found(base: Base, likeness: Likeness = Likeness.CONTRADICTION, *, certain: bool = True, **options) -> Settled:
    """What settles the two clauses of the base's two documents, taken for a finding."""
    snapshot = base.snapshot(base.ingest(**options).snapshot)
    first, second = sorted(snapshot.clauses, key=lambda c: (c.id, c.version))
    differences = (Difference(Point.TIME, ((10, 12),), ((10, 13),)),) if likeness is Likeness.CONTRADICTION else ()
    finding = Finding(first, second, likeness, differences, certain)
    [settled] = settle([finding], snapshot, base.home.settings.authorities)
    assert settled.finding is finding
    return settled


def clause(base: Base, document: str) -> Clause:
    return next(c for c in base.snapshot().clauses if c.document == document)


def ruling(kind: RulingKind, *clauses: Clause, id_: str = "r-1", at: str = "2026-11-22T08:00:00+00:00") -> Ruling:
    subjects = tuple(Subject(c.id, c.sha256) for c in clauses)
    return Ruling(id_, kind, subjects, None, "经主管确认", "小周", at)


@pytest.fixture
def two(base: Base) -> Base:
    base.write("a.md", SEVEN)
    base.write("b.md", FIFTEEN)
    base.ingest()
    return base


def test_a_contradiction_that_nothing_decides_is_open_and_blocks_where_it_is_certain(two: Base) -> None:
    settled = found(two)
    assert (settled.rule, settled.winner, settled.ruling) == (None, None, None)
    assert settled.open and settled.blocks
    doubtful = found(two, certain=False)
    assert doubtful.open and not doubtful.blocks


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"authority": "law"}, Rule.AUTHORITY),
        ({"scope.category": "生鲜"}, Rule.SCOPE),
        ({"effective_from": "2025-01-01"}, Rule.EFFECTIVE_FROM),
    ],
)
def test_what_a_rule_decides_does_not_block(two: Base, fields: dict[str, str], rule: Rule) -> None:
    two.write("b.md", front_matter(FIFTEEN, **fields))
    settled = found(two)
    assert settled.rule is rule and settled.winner is not None and settled.winner.document == "b.md"
    assert not settled.open and not settled.blocks


@pytest.mark.parametrize("winner", ["a.md", "b.md"])
def test_a_ruling_that_overrides_says_which_text_speaks(two: Base, winner: str) -> None:
    loser = "b.md" if winner == "a.md" else "a.md"
    ruled = ruling(RulingKind.OVERRIDES, clause(two, winner), clause(two, loser))
    settled = found(two, decisions=Decisions(rulings=(ruled,)))
    assert (settled.rule, settled.ruling) == (Rule.RULING, "r-1")
    assert settled.winner is not None and settled.winner.document == winner and not settled.open


def test_a_ruling_that_there_is_no_conflict_leaves_both(two: Base) -> None:
    ruled = ruling(RulingKind.NO_CONFLICT, clause(two, "b.md"), clause(two, "a.md"))
    settled = found(two, decisions=Decisions(rulings=(ruled,)))
    assert (settled.winner, settled.ruling, settled.open) == (None, "r-1", False)


def test_a_ruling_comes_before_every_rule_and_the_last_one_holds(two: Base) -> None:
    two.write("b.md", front_matter(FIFTEEN, authority="law"))
    two.ingest()
    a, b = clause(two, "a.md"), clause(two, "b.md")
    early = ruling(RulingKind.OVERRIDES, b, a, id_="r-9", at="2026-01-01T00:00:00+00:00")
    late = ruling(RulingKind.OVERRIDES, a, b, id_="r-1", at="2026-02-01T00:00:00+00:00")
    settled = found(two, decisions=Decisions(rulings=(late, early)))
    assert settled.ruling == "r-1" and settled.winner is not None and settled.winner.document == "a.md"
    later = ruling(RulingKind.NO_CONFLICT, a, b, id_="r-0", at="2026-03-01T00:00:00+00:00")
    assert found(two, decisions=Decisions(rulings=(late, early, later))).winner is None


def test_a_ruling_on_other_words_or_about_a_question_settles_nothing(two: Base) -> None:
    a, b = clause(two, "a.md"), clause(two, "b.md")
    means = Ruling("r-1", RulingKind.MEANS, (Subject(a.id, a.sha256),), "几天能退", "", "小周", "2026-01-01")
    earlier = ruling(RulingKind.NO_CONFLICT, a, b, id_="r-2")
    two.write("b.md", FIFTEEN.replace("15", "30"))
    assert found(two, decisions=Decisions(rulings=(means, earlier))).blocks


def test_of_duplicates_one_text_speaks_and_nothing_blocks(two: Base) -> None:
    two.write("b.md", SEVEN)
    settled = found(two, Likeness.DUPLICATE)
    assert settled.winner == settled.finding.first and settled.rule is None and not settled.open
    two.write("b.md", front_matter(SEVEN, authority="law"))
    settled = found(two, Likeness.DUPLICATE)
    assert settled.winner is not None and settled.winner.document == "b.md" and settled.rule is Rule.AUTHORITY
