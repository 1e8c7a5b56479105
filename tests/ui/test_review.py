"""What maintainers look through: changes and whose answers they alter, gaps, overdue reviews."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.changes import Cause, changed_answers
from assistant.types import Request
from kb.audit import Audit, Entry
from kb.diff import diff
from kb.home import Home
from tests.support import RETURNS, SHIPPING, Base, at, calibration, front_matter
from ui.errors import UsageError
from ui.review import gaps, read_questions, recent_questions, stale

NOW = at("2026-11-22")
FREIGHT = Request("无理由退货的运费由谁承担")


def both(base: Base, change, *, given: tuple[str, ...] = ()) -> tuple[str, str]:
    """The snapshots before and after `change`."""
    before = base.home.require_current()
    change()
    return before, base.ingest(given=given).snapshot or ""


def asked(base: Base, names: tuple[str, str], *requests: Request):
    old, new = (
        Assistant(base.snapshot(name), base.embedder, base.home.settings, calibration=calibration()) for name in names
    )
    return changed_answers(old, new, requests, NOW)


def test_clauses_that_came_changed_and_went_are_told_apart(shop: Base) -> None:
    def change() -> None:
        shop.write("returns.md", RETURNS.replace("七日", "十五日") + "\n第四条 定制商品不适用无理由退货。\n")
        (shop.sources / "shipping.md").unlink()

    old, new = map(shop.snapshot, both(shop, change))
    found = diff(old, new)
    assert [c.label for c in found.added] == ["第四条"]
    assert [(p.before.label, "七日" in p.before.text, "十五日" in p.after.text) for p in found.changed] == [
        ("第一条", True, True)
    ]
    assert {c.document for c in found.retired} == {"shipping.md"} and len(found.retired) == 2
    assert not diff(new, new) and diff(new, old)


def test_new_dates_authority_and_scope_are_changed_terms(shop: Base) -> None:
    change = lambda: shop.write("returns.md", front_matter(RETURNS, effective_from="2027-01-01", authority="law"))  # noqa: E731
    old, new = map(shop.snapshot, both(shop, change))
    [terms] = diff(old, new).terms
    assert terms.document == "returns.md"
    assert terms.after["effective_from"] == "2027-01-01" and terms.after["authority"] == "law"
    assert terms.before["effective_from"] is None and "title" not in terms.before


def edit(base: Base) -> None:
    base.write("returns.md", RETURNS.replace("买家承担", "商家承担"))


def retire(base: Base) -> None:
    (base.sources / "returns.md").unlink()


def end(base: Base) -> None:
    base.write("returns.md", front_matter(RETURNS, effective_to="2026-01-31"))


def outrank(base: Base) -> None:
    base.write("better.md", "# 运费\n\n第一条 无理由退货的运费由谁承担：由谁承担无理由退货的运费。\n")


@pytest.mark.parametrize(
    ("change", "cause"),
    [(edit, Cause.EDITED), (retire, Cause.RETIRED), (end, Cause.OUT_OF_FORCE), (outrank, Cause.COMPETITOR)],
)
def test_a_changed_answer_names_its_cause(shop: Base, change, cause: Cause) -> None:
    names = both(shop, lambda: change(shop))
    [found] = asked(shop, names, FREIGHT)
    assert found.cause is cause and found.before.citation is not None
    assert asked(shop, (names[1], names[1]), FREIGHT) == []


def test_an_answer_that_stays_is_not_listed(shop: Base) -> None:
    names = both(shop, lambda: shop.write("returns.md", RETURNS + "\n第九条 保修期为一年。\n"))
    assert asked(shop, names, FREIGHT) == []


def test_questions_come_from_lines_or_objects(tmp_path: Path) -> None:
    file = tmp_path / "q.txt"
    file.write_text(
        '能退吗？\n\n{"id": 1, "question": "运费呢", "as_of": "2025-01-31", "gold": []}\n', encoding="utf-8-sig"
    )
    assert read_questions(file) == [Request("能退吗？"), Request("运费呢", as_of=date(2025, 1, 31))]
    file.write_text('{"question": 3}\n')
    with pytest.raises(UsageError, match="line 1"):
        read_questions(file)
    with pytest.raises(UsageError, match="none.txt"):
        read_questions(tmp_path / "none.txt")


def logged(question: str, answer: str, reason: str | None) -> Entry:
    body = {
        "request": {"question": question, "history": [], "as_of": None, "scope": {}, "language": None, "top": 3},
        "status": "abstained" if reason else "answered",
        "reason": reason,
    }
    return Entry(1, "2026-11-22T08:00:00+00:00", "answer", "me", "s-1", answer, body, "")


def said(answer: str, verdict: str) -> Entry:
    return Entry(
        1, "2026-11-22T09:00:00+00:00", "feedback", "me", "s-1", answer, {"verdict": verdict, "note": None}, ""
    )


def test_gaps_are_counted_by_question_whatever_its_width_or_script() -> None:
    entries = [
        logged("可以刷ＶＩＳＡ吗？", "a-1", "no_policy"),
        logged("可以刷visa吗？", "a-2", "ambiguous"),
        logged("能退吗？", "a-3", None),
        logged("能退吗？", "a-3", None),
        logged("能换吗？", "a-4", None),
        said("a-3", "wrong"),
        said("a-4", "right"),
    ]
    found = gaps(entries)
    assert [(row["question"], row["asked"]) for row in found] == [("可以刷ＶＩＳＡ吗？", 2), ("能退吗？", 2)]
    assert found[0]["reasons"] == {"no_policy": 1, "ambiguous": 1} and found[1]["feedback"] == {"wrong": 1}


@pytest.mark.parametrize(
    ("newest_first", "counted"), [(["right", "wrong"], {}), (["missing", "wrong", "right"], {"missing": 1})]
)
def test_of_an_answer_s_verdicts_the_last_one_counts(newest_first: list[str], counted: dict[str, int]) -> None:
    found = gaps([*(said("a-1", verdict) for verdict in newest_first), logged("能退吗？", "a-1", None)])
    assert [row["feedback"] for row in found] == ([counted] if counted else [])


def test_recent_questions_are_asked_once_each() -> None:
    entries = [logged("能退吗？", "a-1", None), logged("能换吗？", "a-2", None), logged("能退吗？", "a-1", None)]
    assert [request.question for request in recent_questions(entries)] == ["能退吗？", "能换吗？"]


def test_documents_overdue_for_review_are_listed_unless_they_are_out_of_force(base: Base) -> None:
    base.write("a.md", front_matter(RETURNS, review_by="2026-11-01", owner="小周"))
    base.write("b.md", front_matter(SHIPPING, review_by="2026-11-22"))
    base.write("c.md", front_matter(SHIPPING, review_by="2020-01-01", effective_to="2020-12-31"))
    base.ingest()
    [row] = stale(base.snapshot(), NOW)
    assert (row["document"], row["owner"], row["days_overdue"]) == ("a.md", "小周", 21)


def test_an_empty_log_has_no_gaps(tmp_path: Path) -> None:
    assert gaps(Audit(Home(tmp_path)).entries()) == []
