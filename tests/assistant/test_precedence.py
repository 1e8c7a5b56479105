"""One winner whatever the order, by rules that can be named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.precedence import Candidate, Rule, deciding_rule, more_specific, resolve
from tests.support import make_content, on

AUTHORITIES = ("law", "platform_rule", "script")
RANKS = {name: n for n, name in enumerate(AUTHORITIES)}


def candidate(
    document: str, authority: str = "law", since: date | None = None, scope: dict[str, str] | None = None
) -> Candidate:
    content = make_content(document, authority=authority, scope=scope or {}, effective_from=since)
    return Candidate(content.clauses[0], content.version, content.version.effective_from, scope or {})


CANDIDATES = st.builds(
    candidate,
    st.sampled_from("abcdef"),
    st.sampled_from([*AUTHORITIES, "unheard of"]),
    st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 4)),
    st.dictionaries(st.sampled_from(["platform", "category"]), st.sampled_from("xy")),
)


def before(a: Candidate, b: Candidate) -> bool:
    return resolve([b, a], AUTHORITIES).winner == a


@given(st.lists(CANDIDATES, min_size=1, max_size=6).flatmap(lambda c: st.tuples(st.just(c), st.permutations(c))))
def test_there_is_one_winner_whatever_the_order(orders: tuple[list[Candidate], list[Candidate]]) -> None:
    one, two = (resolve(order, AUTHORITIES) for order in orders)
    assert one.winner == two.winner
    assert [rule for _, rule in one.lost] == [rule for _, rule in two.lost]


@given(CANDIDATES, CANDIDATES, CANDIDATES)
def test_the_order_is_transitive(a: Candidate, b: Candidate, c: Candidate) -> None:
    if before(a, b) and before(b, c):
        assert before(a, c)


@given(st.lists(CANDIDATES, min_size=2, max_size=6))
def test_the_winner_comes_before_each_of_the_others_by_itself(candidates: list[Candidate]) -> None:
    verdict = resolve(candidates, AUTHORITIES)
    assert all(before(verdict.winner, loser) for loser, _ in verdict.lost)


GENERAL, SPECIFIC = candidate("general"), candidate("specific", "script", None, {"platform": "x"})
LAW, RULE = candidate("law"), candidate("rule", "platform_rule", on("2026-01-01"))
OLD, NEW = candidate("old", since=on("2020-01-01")), candidate("new", since=on("2025-01-01"))


@pytest.mark.parametrize(
    "winner, loser, rule",
    [
        (SPECIFIC, GENERAL, Rule.SCOPE),
        (LAW, RULE, Rule.AUTHORITY),
        (RULE, candidate("odd", "unheard of"), Rule.AUTHORITY),
        (NEW, OLD, Rule.EFFECTIVE_FROM),
        (OLD, candidate("undated"), Rule.EFFECTIVE_FROM),
        (candidate("same", since=on("2025-01-01")), candidate("same", since=on("2020-01-01")), Rule.VERSION),
    ],
)
def test_each_rule_decides_and_is_named(winner: Candidate, loser: Candidate, rule: Rule) -> None:
    verdict = resolve([loser, winner], AUTHORITIES)
    assert verdict.winner == winner and verdict.lost == ((loser, rule),)


def test_what_no_rule_decides_is_ordered_by_id_and_said_to_be_undecided() -> None:
    verdict = resolve([candidate("a"), candidate("b")], AUTHORITIES)
    assert verdict.winner.clause.id == min(candidate(d).clause.id for d in "ab")
    assert verdict.lost[0][1] is Rule.UNDECIDED
    assert deciding_rule(candidate("a"), candidate("b"), RANKS) is Rule.UNDECIDED


def test_a_scope_is_more_specific_only_with_the_same_values_and_more() -> None:
    assert more_specific({"platform": "x", "category": "y"}, {"platform": "x"})
    assert not more_specific({"platform": "z", "category": "y"}, {"platform": "x"})
    assert not more_specific({"platform": "x"}, {"platform": "x"})
