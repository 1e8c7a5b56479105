"""In force at, before and after every date: exactly one version of what replaces each other."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kb.types import Version, VersionState
from kb.validity import unknown_supersedes, validities
from tests.support import at, make_content, on

DAY = timedelta(days=1)
DATES = st.dates(date(2000, 1, 1), date(2040, 1, 1))


def version(document: str, start: date | None = None, end: date | None = None, *supersedes: str) -> Version:
    return make_content(document, effective_from=start, effective_to=end, supersedes=supersedes).version


def in_force(versions: list[Version], day: date) -> list[str]:
    found = validities(versions)
    return [v.document for v in versions if found[v.id].state(at(day)) is VersionState.IN_FORCE]


@given(st.lists(DATES, min_size=2, max_size=6, unique=True), st.randoms())
def test_of_a_chain_exactly_one_is_in_force_on_every_day_from_the_first(dates: list[date], random) -> None:
    dates = sorted(dates)
    chain = [version(f"v{i}.md", start, None, *([f"v{i - 1}.md"] if i else [])) for i, start in enumerate(dates)]
    random.shuffle(chain)
    for i, start in enumerate(dates):
        assert in_force(chain, start) == [f"v{i}.md"]
        assert in_force(chain, start - DAY) == ([f"v{i - 1}.md"] if i else [])
        assert in_force(chain, start + DAY)[0:] == [f"v{i + 1 if start + DAY in dates else i}.md"]


@given(DATES, DATES, DATES)
def test_first_and_last_day_count_and_no_other_day_outside_them(start: date, end: date, day: date) -> None:
    assert (in_force([version("a.md", start, end)], day) == ["a.md"]) == (start <= day <= end)


@given(DATES)
def test_a_version_without_dates_is_in_force_on_every_day(day: date) -> None:
    assert in_force([version("a.md")], day) == ["a.md"]


def test_a_pending_version_does_not_end_the_old_one_early() -> None:
    versions = [version("old.md", on("2020-01-01")), version("new.md", on("2030-01-01"), None, "old.md")]
    assert in_force(versions, on("2029-12-31")) == ["old.md"]
    assert in_force(versions, on("2030-01-01")) == ["new.md"]


def test_a_successor_that_starts_after_the_end_leaves_a_gap_and_no_overlap() -> None:
    versions = [version("old.md", None, on("2025-03-31")), version("new.md", on("2025-07-01"), None, "old.md")]
    assert in_force(versions, on("2025-03-31")) == ["old.md"]
    assert in_force(versions, on("2025-05-01")) == []
    assert validities(versions)[versions[0].id].replaced_by == versions[1].id


def test_a_successor_without_a_first_day_means_the_old_one_was_never_in_force() -> None:
    versions = [version("old.md", on("2020-01-01")), version("new.md", None, None, "old.md")]
    assert in_force(versions, on("2021-01-01")) == ["new.md"]
    assert validities(versions)[versions[0].id].never


def test_of_two_successors_the_earlier_ends_the_old_one() -> None:
    versions = [
        version("old.md"),
        version("b.md", on("2026-01-01"), None, "old.md"),
        version("a.md", on("2025-01-01"), None, "old.md"),
    ]
    assert in_force(versions, on("2024-12-31")) == ["old.md"]
    assert "old.md" not in in_force(versions, on("2025-01-01"))


def test_an_end_before_the_beginning_is_in_force_on_no_day() -> None:
    versions = [version("a.md", on("2025-06-01"), on("2025-05-01"))]
    assert validities(versions)[versions[0].id].never
    assert in_force(versions, on("2025-05-15")) == []


def test_a_document_can_be_replaced_by_its_title_but_a_key_comes_first() -> None:
    titled = make_content("a.md", title="退货规则").version
    key = make_content("退货规则", title="别的").version
    newer = version("b.md", on("2025-01-01"), None, "退货规则")
    assert in_force([titled, newer], on("2025-01-01")) == ["b.md"]
    assert in_force([titled, key, newer], on("2025-01-01")) == ["a.md", "b.md"]


def test_names_that_replace_nothing_are_reported() -> None:
    assert unknown_supersedes([version("a.md", None, None, "b.md", "gone.md"), version("b.md")]) == {
        "a.md": ("gone.md",)
    }
