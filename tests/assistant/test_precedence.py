"""One winner whatever the order, by rules that can be named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import precedence
from assistant.precedence import Candidate, Lost, Rule, decide, more_specific, resolve
from kb.decisions import Ruling, RulingKind, Subject
from tests.support import make_content, on

AUTHORITIES = ("law", "platform_rule", "script")


def candidate(
    document: str, authority: str = "law", since: date | None = None, scope: dict[str, str] | None = None
) -> Candidate:
    content = make_content(document, authority=authority, scope=scope or {}, effective_from=since)
    return precedence.candidate(content.clauses[0], content.version, content.version.effective_from)


def subject(one: Candidate) -> Subject:
    return Subject(one.clause.id, one.clause.sha256)


def ruling(winner: Candidate, loser: Candidate, name: str = "r-1", at: str = "2026-03-02T01:00:00+00:00") -> Ruling:
    return Ruling(name, RulingKind.OVERRIDES, (subject(winner), subject(loser)), None, "口径统一", "王敏", at)


SCOPES = st.dictionaries(st.sampled_from(["platform", "category", "channel"]), st.sampled_from("xy"))
CANDIDATES = st.builds(
    candidate,
    st.sampled_from("abcdef"),
    st.sampled_from([*AUTHORITIES, "unheard of"]),
    st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 4)),
    SCOPES,
)
SEVERAL = st.lists(CANDIDATES, min_size=1, max_size=6, unique_by=lambda c: (c.clause.id, c.version.id))


@st.composite
def disputes(draw) -> tuple[list[Candidate], list[Candidate], list[Ruling]]:
    """Candidates, the same in another order, and rulings among them that may run in circles."""
    candidates = draw(SEVERAL)
    pairs = draw(st.lists(st.tuples(st.sampled_from(candidates), st.sampled_from(candidates)), max_size=8))
    days = draw(st.lists(st.integers(1, 4), min_size=len(pairs), max_size=len(pairs)))
    rulings = [
        ruling(a, b, f"r-{n}", f"2026-03-0{day}T00:00:00+00:00")
        for n, ((a, b), day) in enumerate(zip(pairs, days, strict=True))
    ]
    return candidates, draw(st.permutations(candidates)), rulings


@given(disputes(), st.randoms(use_true_random=False))
def test_there_is_one_winner_whatever_the_order_also_where_rulings_run_in_circles(dispute, random) -> None:
    one, other, rulings = dispute
    mixed = random.sample(rulings, len(rulings))
    assert resolve(one, AUTHORITIES, rulings) == resolve(other, AUTHORITIES, mixed)


@given(disputes())
def test_each_of_the_others_lost_once_to_one_that_comes_before_it_by_that_rule(dispute) -> None:
    candidates, _, rulings = dispute
    verdict = resolve(candidates, AUTHORITIES, rulings)
    assert verdict.winner in candidates
    assert sorted([verdict.winner, *(lost.loser for lost in verdict.lost)], key=ids) == sorted(candidates, key=ids)
    for lost in verdict.lost:
        assert (lost.ruling is not None) == (lost.rule is Rule.RULING)
        if lost.rule is not Rule.RULING:  # of rulings in a circle the oldest does not count, of a pair alone it does
            pair = decide(lost.to, lost.loser, AUTHORITIES)
            assert (pair.to, pair.rule) == (lost.to, lost.rule)


@given(disputes())
def test_nobody_whom_a_ruling_puts_behind_another_wins(dispute) -> None:
    candidates, _, rulings = dispute
    place = {subject(one): n for n, one in enumerate(candidates)}
    straight = [r for r in rulings if place[r.subjects[0]] < place[r.subjects[1]]]  # no circle among them
    assert subject(resolve(candidates, AUTHORITIES, straight).winner) not in {r.subjects[1] for r in straight}


@given(SEVERAL)
def test_without_rulings_nobody_has_a_more_specific_scope_than_the_winner(candidates: list[Candidate]) -> None:
    winner = resolve(candidates, AUTHORITIES).winner
    assert not any(more_specific(other.scope, winner.scope) for other in candidates)


def ids(one: Candidate) -> tuple[str, str]:
    return one.clause.id, one.version.id


GENERAL, SPECIFIC = candidate("general"), candidate("specific", "script", None, {"platform": "x"})
LAW, RULE = candidate("law"), candidate("rule", "platform_rule", on("2026-01-01"))
OLD, NEW = candidate("old", since=on("2020-01-01")), candidate("new", since=on("2025-01-01"))


@pytest.mark.parametrize(
    "winner, loser, rule",
    [
        (SPECIFIC, GENERAL, Rule.SCOPE),
        (LAW, RULE, Rule.AUTHORITY),
        (RULE, candidate("odd", "unheard of"), Rule.AUTHORITY),
        (candidate("elsewhere", "script", scope={"platform": "x"}), LAW, Rule.SCOPE),
        (NEW, OLD, Rule.EFFECTIVE_FROM),
        (OLD, candidate("undated"), Rule.EFFECTIVE_FROM),
        (candidate("same", since=on("2025-01-01")), candidate("same", since=on("2020-01-01")), Rule.VERSION),
    ],
)
def test_each_rule_decides_and_is_named(winner: Candidate, loser: Candidate, rule: Rule) -> None:
    assert decide(loser, winner, AUTHORITIES) == Lost(loser, rule, winner)


def test_a_scope_that_is_not_the_other_one_and_more_decides_nothing() -> None:
    here = candidate("here", "platform_rule", scope={"platform": "x"})
    there = candidate("there", "script", scope={"category": "y", "channel": "z"})
    assert decide(here, there, AUTHORITIES) == Lost(there, Rule.AUTHORITY, here)


def test_a_circle_between_pairs_has_a_winner_and_says_before_whom_each_fell() -> None:
    a = candidate("a", "platform_rule", scope={"platform": "x"})
    b = candidate("b", "script", scope={"category": "y", "channel": "x"})
    c = candidate("c", "law", scope={"category": "y"})
    for pair, first in (((a, b), a), ((b, c), b), ((c, a), c)):
        assert decide(*pair, AUTHORITIES).to == first
    verdict = resolve([c, b, a], AUTHORITIES)
    assert verdict.winner == a
    assert {lost.loser.version.document: lost for lost in verdict.lost} == {
        "b": Lost(b, Rule.AUTHORITY, a),
        "c": Lost(c, Rule.SCOPE, b),
    }


def test_a_ruling_comes_before_every_rule_and_is_named() -> None:
    said = ruling(GENERAL, SPECIFIC)
    assert decide(SPECIFIC, GENERAL, AUTHORITIES, [said]) == Lost(SPECIFIC, Rule.RULING, GENERAL, said)


def test_of_two_rulings_that_say_the_opposite_the_later_one_holds() -> None:
    earlier, later = ruling(OLD, NEW), ruling(NEW, OLD, "r-0", "2026-05-01T00:00:00+00:00")
    assert decide(OLD, NEW, AUTHORITIES, [earlier, later]).ruling is later


def test_of_rulings_in_a_circle_the_oldest_does_not_count() -> None:
    a, b, c = (candidate(name) for name in "abc")
    circle = [
        ruling(one, other, f"r-{day}", f"2026-01-0{day}T00:00:00+00:00")
        for day, (one, other) in enumerate([(a, b), (b, c), (c, a)], 1)
    ]
    assert resolve([a, b, c], AUTHORITIES, circle).winner == b


@pytest.mark.parametrize("kind", [RulingKind.NO_CONFLICT, RulingKind.MEANS])
def test_rulings_of_other_kinds_put_nothing_before_anything(kind: RulingKind) -> None:
    said = Ruling("r-1", kind, (subject(OLD), subject(NEW)), "怎么退", "", "王敏", "2026-03-02T01:00:00+00:00")
    assert decide(OLD, NEW, AUTHORITIES, [said]).to is NEW


def test_a_ruling_on_other_words_of_the_clause_puts_nothing_before_anything() -> None:
    said = Ruling(
        "r-1", RulingKind.OVERRIDES, (subject(OLD), Subject(NEW.clause.id, "0" * 64)), None, "", "王敏", "2026"
    )
    assert decide(OLD, NEW, AUTHORITIES, [said]).to is NEW


def test_what_no_rule_decides_is_ordered_by_id_and_said_to_be_undecided() -> None:
    verdict = resolve([candidate("a"), candidate("b")], AUTHORITIES)
    assert verdict.winner.clause.id == min(candidate(d).clause.id for d in "ab")
    assert verdict.lost[0].rule is Rule.UNDECIDED


def test_a_scope_is_more_specific_only_with_the_same_values_and_more() -> None:
    assert more_specific({"platform": "x", "category": "y"}, {"platform": "x"})
    assert not more_specific({"platform": "z", "category": "y"}, {"platform": "x"})
    assert not more_specific({"platform": "x"}, {"platform": "x"})
