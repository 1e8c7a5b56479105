"""A short run of damaged files, and every one that once broke a reader; the long run is `python -m tests.ingest.fuzz`."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from ingest.types import Cut, Draft, Extract, Gap, GapReason
from kb.types import ClauseKind
from tests.ingest.fuzz.mutate import mutated
from tests.ingest.fuzz.runner import Case, Outcome, broken_promise, cases, run
from tests.ingest.made.build import FILES, built

CORPUS = Path(__file__).parent / "fuzz" / "corpus"
MOST_BYTES = 100_000  # larger ones take seconds each: they are left to the long run
QUICK = [made for made in FILES if not made.needs]


def seeds() -> dict[str, bytes]:
    return {made.name: built(made.name) for made in QUICK}


def test_damaged_files_give_a_text_or_a_known_error_within_time_and_memory() -> None:
    small = [case for case in cases(seeds(), frozenset(), 20, range(180)) if len(case.data) <= MOST_BYTES][:160]
    summary = run(small, workers=min(2, os.cpu_count() or 1), seconds=240)
    assert {kind: outcome.detail for kind, (outcome, _) in summary.findings.items()} == {}
    assert sum(summary.counts.values()) == 160
    # neither trivial nor hopeless, and what damage does to a file is mostly foreseen by its reader
    assert summary.counts["read"] > 30 and summary.counts["refused"] > 30


def test_what_once_broke_a_reader_no_longer_does() -> None:
    files = sorted(path for path in CORPUS.glob("*") if path.name != "README.md")
    kept = [Case(i, f"case{path.suffix}", path.read_bytes(), path.name, True) for i, path in enumerate(files)]
    broken: list[str] = []

    def told(outcome: Outcome, case: Case, new: bool) -> None:
        if outcome.broken:
            broken.append(f"{case.origin}: {outcome.kind}")

    run(kept, workers=min(2, os.cpu_count() or 1), told=told)
    assert broken == []


def test_a_case_is_the_same_bytes_again() -> None:
    few = {name: data for name, data in seeds().items() if name.endswith((".txt", ".html"))}
    first = [(case.name, case.data) for case in cases(few, frozenset(), 5, range(30))]
    assert first == [(case.name, case.data) for case in cases(few, frozenset(), 5, range(30))]
    assert first[12:13] == [(case.name, case.data) for case in cases(few, frozenset(), 5, [12])]
    assert len({data for _, data in first}) > 25


@pytest.mark.parametrize(
    "made", [made for made in QUICK if made.name in ("plain.docx", "radicals.pdf", "questions.txt")]
)
def test_mutations_change_a_file_in_many_ways(made: object) -> None:
    data = built(made.name)  # type: ignore[attr-defined]
    done = [mutated(data, Random(n), built("articles.html")) for n in range(80)]
    assert sum(changed != data for changed, _ in done) > 60
    assert len({name for _, names in done for name in names.split("+")}) > 8


@pytest.mark.parametrize(
    ("spans", "broken"),
    [
        ([(0, 3), (4, 7)], ""),
        ([(0, 3), (2, 7)], "overlaps"),
        ([(0, 3)], "no clause and no gap"),
        ([(4, 7)], "no clause and no gap"),
        ([(0, 3), (4, 8)], "overlaps"),
        ([(0, 3), (3, 3), (4, 7)], "overlaps"),
    ],
)
def test_a_broken_promise_is_seen(spans: list[tuple[int, int]], broken: str) -> None:
    drafts = tuple(Draft(ClauseKind.ARTICLE, "一", ("一",), *span) for span in spans[:1])
    gaps = tuple(Gap(*span, GapReason.HEADING) for span in spans[1:])
    said = broken_promise(Extract("甲乙丙\n丁戊己"), Cut(drafts, gaps))
    assert broken in said and bool(said) == bool(broken)
