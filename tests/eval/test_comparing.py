"""Two runs beside each other, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eval.comparing import Kind, compare
from eval.types import CaseResult, Run
from tests.eval.made import result, run


def kinds(before: CaseResult, after: CaseResult) -> list[Kind]:
    return [change.kind for change in compare(run(before), run(after)).changes]


RIGHT, WRONG, OTHER = result(), result("other"), result("third")
HELD, HELD_OTHER = result("right", answered=False), result("other", answered=False)
REFUSED, FELL = result("other", answered=False, answerable=False), result("other", answerable=False)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (WRONG, RIGHT, Kind.BETTER),
        (HELD, RIGHT, Kind.BETTER),
        (WRONG, HELD_OTHER, Kind.BETTER),  # a wrong clause costs more than none
        (FELL, REFUSED, Kind.BETTER),
        (RIGHT, HELD, Kind.WORSE),
        (HELD, WRONG, Kind.WORSE),
        (REFUSED, FELL, Kind.WORSE),
        (WRONG, OTHER, Kind.OTHER),
        (HELD, HELD_OTHER, Kind.OTHER),
        (HELD, replace(HELD, reason="ambiguous"), Kind.OTHER),
    ],
)
def test_a_change_is_judged_by_what_an_agent_would_see(before: CaseResult, after: CaseResult, kind: Kind) -> None:
    assert kinds(before, after) == [kind]


def test_a_second_run_with_nothing_changed_says_so() -> None:
    both = run(*(result("right" if n % 2 else "other", id=str(n)) for n in range(10)))
    compared = compare(both, both)
    assert compared.nothing_changed and compared.changes == ()
    assert compared.said() == ["Nothing changed: 10 cases, the same answers with the same confidence."]


def test_another_confidence_alone_is_no_other_answer() -> None:
    compared = compare(run(result(confidence=0.5)), run(result(confidence=0.6)))
    assert not compared.nothing_changed and compared.changes == () and compared.other_confidence == 1
    assert compared.said()[0] == "No answer changed in 1 cases."


def test_what_got_worse_stands_first_and_all_is_counted() -> None:
    before = run(*(result(name, id=str(n)) for n, name in enumerate(["right", "other", "other", "right"])))
    after = run(*(result(name, id=str(n)) for n, name in enumerate(["other", "right", "third", "right"])))
    compared = compare(before, after)
    assert [(c.kind.value, c.key[1]) for c in compared.changes] == [("worse", "0"), ("better", "1"), ("other", "2")]
    assert compared.said()[0] == "Of 4 cases 1 better, 1 worse, 1 with another clause."
    assert compared.measures["right"].difference == 0.0
    assert compared.to_json()["changes"][0] == {
        "suite": "suite", "id": "0", "kind": "worse", "before": "right", "after": "wrong"
    }  # fmt: skip


def test_only_cases_that_both_runs_asked_are_compared() -> None:
    before = run(result(id="1"), result("other", id="2"), result(id="3", question="旧的问法"))
    after = run(result(id="1"), result(id="4"), result("other", id="3", question="新的问法"))
    compared = compare(before, after)
    assert compared.shared == 1 and compared.changes == ()
    assert compared.only_before == (("suite", "2"), ("suite", "3"))  # an edited question is another case
    assert compared.only_after == (("suite", "4"), ("suite", "3"))
    assert compared.measures["right"].n == 1


def test_without_a_common_case_there_is_nothing_to_compare() -> None:
    compared = compare(run(result(id="1")), run(result(id="2")))
    assert not compared.nothing_changed and compared.measures == {}
    assert compared.said()[0] == "The two runs have no case in common: nothing to compare."


def test_what_was_set_otherwise_is_said() -> None:
    before: Run = run(result(), snapshot="s-1", settings={"line": 0.4, "weights": {"clause": 0.6, "lexical": 0.1}})
    after: Run = run(result(), snapshot="s-2", settings={"line": 0.5, "weights": {"clause": 0.6, "lexical": 0.2}})
    assert list(compare(before, after).settings) == ["snapshot: s-1 → s-2", "line: 0.4 → 0.5", "lexical: 0.1 → 0.2"]


def test_a_moved_clause_with_a_new_id_is_the_same_answer() -> None:
    """Ids belong to a base; a run on a rebuilt one is compared by what the answer says."""
    before = result()
    assert before.clause is not None
    other = replace(before.clause, id="c-other")
    assert kinds(before, replace(before, clause=other, best=other)) == []
