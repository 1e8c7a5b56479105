"""The dated questions are well formed, and measuring them tells a wrong version from a wrong clause."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assistant.types import Request
from eval.dated.cases import Dated, When, load, shipped, within
from eval.dated.measure import Verdict, ask, figures, judge, not_exactly_one
from eval.types import Case, EvalError, Gold
from tests.support import ZONE, Base, front_matter

NOW = datetime(2026, 1, 15, 12, tzinfo=ZONE)
DATA = Path(__file__).parent.parent.parent.parent / "shared" / "data"
SOURCES = (DATA / "basecamp_policies" / "history", DATA / "consumer_laws")


@pytest.fixture(scope="module")
def cases() -> list[Dated]:
    return load(shipped())


def test_there_are_enough_of_them_before_at_and_after_each_change(cases: list[Dated]) -> None:
    assert len(cases) >= 160 and len({dated.case.id for dated in cases}) == len(cases)
    of_when = defaultdict(int)
    for dated in cases:
        of_when[dated.when] += 1
    assert min(of_when[when] for when in (When.BEFORE, When.AT, When.AFTER)) >= 50 and of_when[When.NOT_IN_FORCE] >= 5
    assert len({dated.family for dated in cases}) >= 12


def test_the_questions_of_a_change_have_the_same_words_and_follow_each_other(cases: list[Dated]) -> None:
    order = {When.NOT_IN_FORCE: 0, When.BEFORE: 0, When.AT: 1, When.AFTER: 2}
    transitions = defaultdict(list)
    for dated in cases:
        transitions[dated.transition].append(dated)
    for name, dated in transitions.items():
        dated.sort(key=lambda d: order[d.when])
        days = [str(d.case.request.as_of) for d in dated]
        assert len({d.case.request.question for d in dated}) == 1, name
        assert days == sorted(set(days)) and len({d.when for d in dated}) == len(dated), name
        older = {g.document for d in dated if d.when is When.BEFORE for g in d.case.gold}
        newer = {g.document for d in dated if d.when is not When.BEFORE for g in d.case.gold}
        assert not older & newer, name


def test_no_question_is_copied_out_of_its_answer(cases: list[Dated]) -> None:
    for dated in cases:
        question = dated.case.request.question.rstrip("?？").casefold()
        assert all(question not in (gold.quote or "").casefold() for gold in dated.case.gold), dated.case.id


@pytest.mark.skipif(not all(source.is_dir() for source in SOURCES), reason="the documents are not here")
def test_each_quotation_stands_in_its_document(cases: list[Dated]) -> None:
    texts: dict[str, str] = {}
    for gold in (gold for dated in cases for gold in dated.case.gold):
        if gold.document not in texts:
            (file,) = [source / gold.document for source in SOURCES if (source / gold.document).is_file()]
            texts[gold.document] = file.read_text(encoding="utf-8")
        assert gold.quote and gold.quote in texts[gold.document], gold


def test_rows_that_are_no_dated_questions_are_named(tmp_path: Path) -> None:
    good = {"id": "a", "question": "?", "as_of": "2024-01-01", "gold": [{"document": "a.md"}]}
    good |= {"transition": "t", "family": "f", "when": "at"}
    for changes in ({"as_of": None}, {"when": "later"}, {"when": "not_in_force"}, {"transition": None, "family": 1}):
        row = {key: value for key, value in (good | changes).items() if value is not None}
        file = tmp_path / "rows.jsonl"
        file.write_text(json.dumps(good) + "\n" + json.dumps(row), encoding="utf-8")
        if changes.get("family"):
            row.pop("family")
        with pytest.raises(EvalError, match=r"rows\.jsonl, row 2"):
            load([file])


# --- measuring ---------------------------------------------------------------------------------------------------

FEE = "# 服务费规则\n\n第一条 每件商品收取服务费{fee}元。\n\n第二条 服务费按月从货款中扣除。\n"


@pytest.fixture
def fees(base: Base) -> Base:
    base.write("fees_2024-01-01.md", FEE.format(fee="三"))
    base.write("fees_2025-01-01.md", FEE.format(fee="五"))
    base.write(
        "other.md", front_matter("# 仓储规则\n\n第一条 商品入仓满三十日收取仓储费。\n", effective_from="2023-01-01")
    )
    base.ingest()
    return base


def dated(
    day: str, document: str, quote: str, question: str = "每件商品的服务费是多少元", when: When = When.AT
) -> Dated:
    gold = (Gold(document, quote=quote),) if when is not When.NOT_IN_FORCE else ()
    case = Case(f"c-{day}", Request(question, as_of=datetime.fromisoformat(day).date()), gold, bool(gold), "test")
    return Dated(case, "t", "fees", when, frozenset({document}))


def verdicts(base: Base, *asked: Dated) -> list[Verdict]:
    return [judged.verdict for judged in ask(base.assistant(), base.snapshot(), asked, NOW)]


def test_each_day_is_answered_by_its_version(fees: Base) -> None:
    assert not_exactly_one(fees.snapshot()) == []
    asked = [
        dated("2023-12-31", "fees_2024-01-01.md", "", when=When.NOT_IN_FORCE),
        dated("2024-12-31", "fees_2024-01-01.md", "服务费三元", when=When.BEFORE),
        dated("2025-01-01", "fees_2025-01-01.md", "服务费五元"),
        dated("2025-06-01", "fees_2025-01-01.md", "服务费五元", when=When.AFTER),
    ]
    judged = ask(fees.assistant(), fees.snapshot(), asked, NOW)
    assert [row.verdict for row in judged[1:]] == [Verdict.RIGHT] * 3
    assert judged[0].verdict in (Verdict.RIGHTLY_NONE, Verdict.NOT_YET)
    assert figures(judged[1:]) | {"right_version": 1.0, "right_clause": 1.0, "best_clause": 1.0} == figures(judged[1:])


def test_a_wrong_version_is_told_from_a_wrong_clause(fees: Base) -> None:
    assert verdicts(
        fees,
        dated("2024-06-01", "fees_2025-01-01.md", "服务费五元"),
        dated("2024-06-01", "fees_2024-01-01.md", "按月从货款中扣除"),
        dated("2024-06-01", "other.md", "仓储费"),
        dated("2024-06-01", "fees_2024-01-01.md", "服务费三元", question="今天天气怎么样"),
    ) == [Verdict.OTHER_VERSION, Verdict.OTHER_CLAUSE, Verdict.OTHER_DOCUMENT, Verdict.NO_ANSWER]


def test_an_answer_before_anything_was_in_force_is_one_too_many(fees: Base) -> None:
    early = dated("2023-06-01", "other.md", "", question="商品入仓满三十日收取仓储费", when=When.NOT_IN_FORCE)
    answer = fees.assistant().ask(early.case.request, NOW)
    assert judge(early, answer, fees.snapshot(), NOW).verdict is Verdict.NOT_YET


def test_a_base_is_asked_only_about_what_it_holds(cases: list[Dated]) -> None:
    document = next(iter(cases[0].documents))
    held = within(cases, {document})
    assert held and all(dated.documents == {document} for dated in held)


def test_two_in_force_at_once_or_a_gap_between_versions_is_found(base: Base) -> None:
    base.write("a_2024-01-01.md", front_matter(FEE.format(fee="三"), effective_to="2024-06-30"))
    base.write("a_2025-01-01.md", FEE.format(fee="五"))
    base.ingest()
    (gap,) = not_exactly_one(base.snapshot())
    assert gap.in_force == () and gap.at.startswith("2024-07-01")
    after = datetime.fromisoformat(gap.at) + timedelta(days=184)
    snapshot = base.snapshot()
    assert sum(v.state(after).value == "in_force" for v in snapshot.validity.values()) == 1
