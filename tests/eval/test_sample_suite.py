"""What the shipped questions promise, checked against the sample documents as our readers cut them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from eval.suites import load
from eval.types import Case, Gold
from ingest.pipeline import read
from ingest.sources import collect
from kb import moments
from kb.settings import BaseSettings
from kb.types import Clause, Content

DOCUMENTS = Path(__file__).resolve().parents[2] / "corpus" / "documents"
STYLES = {"standard", "colloquial", "noisy", "shorthand", "zh-Hant", "en", "other", "chat"}
SETTINGS = BaseSettings()
ZONE = SETTINGS.zone()
FOR_EVER = datetime.max.replace(tzinfo=ZONE)


@pytest.fixture(scope="module")
def contents() -> dict[str, Content]:
    return {
        source.key: read(source, source.file.read_bytes(), {}, SETTINGS).content
        for source in collect([DOCUMENTS]).sources
    }


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for case in load(["sample.rules", "sample.service"]) if case.answerable]


def test_at_least_150_questions_are_asked_in_all_eight_styles(cases: list[Case]) -> None:
    styles = defaultdict(set)
    for case in cases:
        styles[case.intent].add(case.style)
    assert sum(found >= STYLES for found in styles.values()) >= 150


def test_every_gold_is_a_clause(cases: list[Case], contents: dict[str, Content]) -> None:
    missing = [(case.id, gold) for case in cases for gold in case.gold if not clauses_of([gold], contents)]
    assert missing == []


def test_gold_clauses_are_in_force_on_the_day_asked_about(cases: list[Case], contents: dict[str, Content]) -> None:
    ends = {key: content.version.effective_until or FOR_EVER for key, content in contents.items()}
    for content in contents.values():
        for replaced in content.version.supersedes:
            ends[replaced] = min(ends[replaced], content.version.effective_from or moments.EVER)
    wrong = []
    for case in cases:
        day = case.request.as_of or case.asked_on
        assert day is not None, f"{case.id} means another day tomorrow"
        moment = moments.begin(day, ZONE)
        for clause in clauses_of(case.gold, contents):
            begin = contents[clause.document].version.effective_from or moments.EVER
            if not begin <= moment < ends[clause.document]:
                wrong.append((case.id, clause.document, clause.label))
    assert wrong == []


def test_colloquial_questions_share_no_five_characters_with_their_clause(
    cases: list[Case], contents: dict[str, Content]
) -> None:
    shared = []
    for case in cases:
        if case.style == "colloquial":
            runs = set(fives(case.request.question))
            shared += [
                (case.id, run)
                for clause in clauses_of(case.gold, contents)
                for run in fives(clause.text)
                if run in runs
            ]
    assert shared == []


def test_chats_have_two_to_four_turns_before_their_last_words(cases: list[Case]) -> None:
    turns = {case.id: len(case.request.history) for case in cases if case.style == "chat"}
    assert {id_: n for id_, n in turns.items() if not 2 <= n <= 4} == {}


def clauses_of(golds: Sequence[Gold], contents: dict[str, Content]) -> list[Clause]:
    return [
        clause
        for document in {gold.document for gold in golds} & contents.keys()
        for clause in contents[document].clauses
        if any(gold.matches(document, clause.label, clause.text) for gold in golds)
    ]


def fives(text: str) -> Iterator[str]:
    """Runs of five characters, punctuation and spaces left out."""
    text = re.sub(r"[\W_]", "", text)
    return (text[i : i + 5] for i in range(len(text) - 4))
