"""The set of pairs is what it says it is, and the finder is as good on its dev half as it was."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.contradictions import Difference, Finding, Likeness, Point
from eval.contradictions import alarms, cases
from eval.contradictions.__main__ import main
from eval.contradictions.measure import Judged, by_vectors, can_meet, figures, judge, judge_in_base
from eval.types import EvalError
from kb.home import Home
from kb.snapshot import Snapshot, build
from kb.text import language
from tests.support import TinyEmbedder, make_content

Capture = pytest.CaptureFixture[str]

SOURCES = (
    "desk_train/",  # written for the project; its statutes are public domain
    "consumer_laws/",  # public domain in China
    "corpus/documents/",  # the project's own
    "current/",
    "github_site_policy/",
    "tau_policies/",
)
ATTRIBUTED = {"current/": "CC BY 4.0", "github_site_policy/": "CC0", "tau_policies/": "MIT"}
DIFFER = {"deadline", "unit", "hours", "amount", "share", "threshold", "count", "date"}
DIFFER |= {"duty", "permission", "negation", "condition"}


@cache
def pairs() -> tuple[cases.Pair, ...]:
    return cases.load()


def find_nothing(first: cases.Side, second: cases.Side) -> None:
    return None


def find_always(first: cases.Side, second: cases.Side) -> Finding:
    whole = (0, len(first[0].text)), (0, len(second[0].text))
    differences = (Difference(Point.TIME, whole[:1], whole[1:]),)
    return Finding(first[0], second[0], Likeness.CONTRADICTION, differences, certain=True)


def test_the_set_is_large_enough_and_balanced() -> None:
    counts = Counter((pair.contradiction, pair.split) for pair in pairs())
    assert sum(counts.values()) >= 340
    for contradiction in (True, False):
        dev, held_out = counts[contradiction, "dev"], counts[contradiction, "held_out"]
        assert dev + held_out >= 170
        assert abs(dev - held_out) <= (dev + held_out) / 10
    assert {pair.split for pair in pairs()} == {"dev", "held_out"}


def test_each_kind_and_wording_stands_in_both_halves() -> None:
    halves = defaultdict(Counter)
    for pair in pairs():
        halves[pair.contradiction, pair.kind][pair.split] += 1
    for kind, counts in halves.items():
        assert abs(counts["dev"] - counts["held_out"]) <= max(3, sum(counts.values()) // 4), kind
        assert counts["dev"] and counts["held_out"], kind


def test_every_language_is_there_alone_and_beside_another() -> None:
    alone = {pair.languages[0] for pair in pairs() if len(pair.languages) == 1}
    beside = {language for pair in pairs() if len(pair.languages) == 2 for language in pair.languages}
    assert alone == beside == {"zh-Hans", "zh-Hant", "en", "ja", "ko", "es"}


def test_no_pair_is_there_twice() -> None:
    assert len({pair.id for pair in pairs()}) == len(pairs())
    meant = Counter((frozenset((p.a.text, p.b.text)), frozenset(p.a.scope.items()), p.a.effective_to) for p in pairs())
    assert meant.most_common(1)[0][1] == 1


def test_no_pair_says_the_same_twice_or_nothing() -> None:
    for pair in pairs():
        assert pair.a.text.strip() == pair.a.text and pair.b.text.strip() == pair.b.text, pair.id
        assert pair.a.text != pair.b.text and min(len(pair.a.text), len(pair.b.text)) >= 8, pair.id


def test_a_contradiction_names_its_point_and_other_pairs_none() -> None:
    for pair in pairs():
        assert bool(pair.points) == pair.contradiction, pair.id
        assert (pair.kind in DIFFER) >= pair.contradiction, pair.id


def test_words_that_differ_stand_in_their_own_side_only() -> None:
    known = [pair for pair in pairs() if pair.words is not None]
    assert len(known) >= 80
    for pair in known:
        first, second = pair.words
        assert first or second, pair.id
        assert all(word in pair.a.text for word in first) and all(word in pair.b.text for word in second), pair.id


def test_a_side_is_in_the_language_it_states() -> None:
    for pair in pairs():
        for text in (pair.a, pair.b):
            if text.clause == "row":
                continue  # figures and a name say too little
            found = language(text.text)
            assert found[:2] == text.language[:2] or found == "und", (pair.id, text.language, found)


def test_every_source_may_be_part_of_the_project_and_is_named() -> None:
    for pair in pairs():
        for source in pair.source:
            assert source in ("edited", "written") or source.startswith(SOURCES), (pair.id, source)
            for folder, licence in ATTRIBUTED.items():
                assert licence in source or not source.startswith(folder), (pair.id, source)


def test_clauses_are_slices_of_their_documents() -> None:
    for pair in pairs():
        documents = cases.contents(pair)
        assert len(documents) == (1 if pair.same_document else 2)
        for content in documents:
            for clause in content.clauses:
                assert content.version.text[clause.start : clause.end] == clause.text
        (first, _), (second, _) = cases.sides(pair)
        assert (first.text, second.text) == (pair.a.text, pair.b.text) and first.id != second.id


def test_pairs_that_never_meet_differ_in_scope_or_dates_only_where_the_set_says_so() -> None:
    apart = Counter()
    for pair in pairs():
        (_, first), (_, second) = cases.sides(pair)
        meet = can_meet(first, second)
        assert meet or pair.kind in ("scope_meta", "dates", "versions"), pair.id
        apart[pair.kind] += not meet
    assert min(apart["scope_meta"], apart["dates"], apart["versions"]) >= 8


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ({}, {}, True),
        ({"scope": {"platform": "桐里"}}, {"scope": {"region": "日本"}}, True),
        ({"scope": {"platform": "桐里"}}, {"scope": {"platform": "栗橙"}}, False),
        ({"scope": {"channel": "ＡＰＰ"}}, {"scope": {"channel": "app"}}, True),
    ],
)
def test_scopes_meet_where_no_dimension_keeps_them_apart(first: dict, second: dict, meet: bool) -> None:
    one, other = make_content("a.md", **first).version, make_content("b.md", **second).version
    assert can_meet(one, other) is meet is can_meet(other, one)


def test_a_finder_that_finds_nothing_has_no_recall_and_no_alarms() -> None:
    result = figures(judge(pairs(), find_nothing))
    assert (result["recall"], result["alarms"], result["precision"]) == (0.0, 0, None)


def test_a_finder_that_always_finds_has_all_recall_and_alarms_wherever_two_texts_meet() -> None:
    result = figures(judge(pairs(), find_always))
    assert result["recall"] == 1.0
    met = [pair for pair in pairs() if not pair.contradiction and can_meet(*(v for _, v in cases.sides(pair)))]
    assert result["alarms"] == len(met) == result["certain_alarms"]
    assert result["by_split"]["dev"]["found"] + result["by_split"]["held_out"]["found"] == result["found"]


def test_a_finding_is_judged_by_its_likeness_point_and_words() -> None:
    pair = next(p for p in pairs() if p.words is not None and all(p.words))
    (first, _), (second, _) = cases.sides(pair)
    at_a, at_b = first.text.find(pair.words[0][0]), second.text.find(pair.words[1][0])
    spans = ((at_a, at_a + 1),), ((at_b, at_b + 1),)
    right = Finding(first, second, Likeness.CONTRADICTION, (Difference(pair.points[0], *spans),), certain=False)
    swapped = Finding(second, first, Likeness.CONTRADICTION, (Difference(pair.points[0], *spans[::-1]),), certain=False)
    elsewhere = Finding(first, second, Likeness.DUPLICATE, (), certain=True)
    for finding in (right, swapped):
        assert Judged(pair, finding).reported and Judged(pair, finding).point_named
        assert Judged(pair, finding).words_marked and not Judged(pair, finding).certain
    assert Judged(pair, elsewhere).duplicate and not Judged(pair, elsewhere).reported
    assert not Judged(pair, elsewhere).certain and not Judged(pair, elsewhere).words_marked


def test_marked_words_stand_in_brackets_in_what_is_shown() -> None:
    assert alarms.marked("七日内可以退货。", [(0, 2)], 100) == "【七日】内可以退货。"
    long = "前" * 500 + "七日" + "后" * 500
    assert alarms.marked(long, [(500, 502)], 100) == "…" + "前" * 50 + "【七日】" + "后" * 48 + "…"


def test_a_row_that_is_no_pair_is_named(tmp_path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps({"id": "c1"}) + "\n", encoding="utf-8")
    with pytest.raises(EvalError, match="pairs.jsonl, row 1 is no pair"):
        cases.load(file)
    with pytest.raises(EvalError, match="cannot be read"):
        cases.load(tmp_path / "missing.jsonl")
    assert main(["--pairs", str(file)]) == 1


def two_departments(folder: Path) -> None:
    (folder / "a.md").write_text(
        "# 售后手册\n\n第一条 买家自签收之日起七日内可以申请无理由退货。\n\n第二条 发票遗失不补。\n", "utf-8"
    )
    (folder / "b.md").write_text("# 客服问答\n\n第一条 买家自签收之日起15天内可以申请无理由退货。\n", "utf-8")


def test_alarms_of_a_folder_are_counted_and_shown_side_by_side(tmp_path: Path, capsys: Capture) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    two_departments(documents)
    arguments = ["--alarms", str(documents), "--quick", "--home", str(tmp_path / "home")]
    assert main([*arguments, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["documents"]
    assert (figures["clauses"], figures["contradictions"]) == (3, 1)
    assert figures["per_100_clauses"] == round(100 / 3, 3)
    assert main(["--home", str(tmp_path / "home")]) == 0  # the base that was kept, as it is
    shown = capsys.readouterr().out
    assert "a.md › 第一条" in shown and "b.md › 第一条" in shown
    assert "【七日】内" in shown and "【15天】内" in shown


def test_articles_of_a_knowledge_base_are_read_as_documents(tmp_path: Path, capsys: Capture) -> None:
    articles = tmp_path / "articles.jsonl"
    rows = [{"id": f"doc ({n})", "title": f"Account {n}", "content": "## Fees\n\nNo fee applies."} for n in (1, 2)]
    articles.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    assert main(["--alarms", str(articles), "--quick", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["articles.jsonl"]["clauses"] == 2


@pytest.mark.parametrize("name", ["none", "none.jsonl", "none.clauses.jsonl"])
def test_what_is_not_there_is_one_line_on_stderr(tmp_path: Path, capsys: Capture, name: str) -> None:
    assert main(["--alarms", str(tmp_path / name), "--quick"]) == 1
    assert "none" in capsys.readouterr().err


def test_pairs_are_found_in_a_base_of_all_of_them_as_they_are_one_by_one(tmp_path: Path) -> None:
    some = [pair for pair in pairs() if pair.split == "dev" and pair.wording == "near" and pair.contradiction][:12]
    alone = [judged.reported for judged in judge(some)]
    together = [judged.reported for judged in judge_in_base(some, tmp_path, alarms.WordsEmbedder())]
    assert together == alone and any(together)


@cache
def on_the_dev_half() -> dict[str, Any]:
    return figures(judge([pair for pair in pairs() if pair.split == "dev"]))


def test_clauses_that_differ_in_a_few_words_are_found() -> None:
    near = on_the_dev_half()["by_wording"]["near"]
    assert near["recall"] >= 0.94  # 0.964 measured
    assert near["words_marked"] >= 0.95


def test_recall_over_all_wordings_and_languages_does_not_fall() -> None:
    assert on_the_dev_half()["recall"] >= 0.35  # 0.370 measured: other wordings are mostly missed


def test_pairs_that_agree_are_seldom_reported_and_never_stop_a_publish() -> None:
    assert on_the_dev_half()["alarm_rate"] <= 0.06  # 0.054 measured
    assert on_the_dev_half()["certain_alarms"] <= 1


def test_a_contradiction_is_not_taken_for_a_repetition() -> None:
    assert on_the_dev_half()["taken_for_duplicates"] == 0
    assert on_the_dev_half()["false_duplicates"] <= 1


def test_with_a_base_too_small_to_know_strangers_vectors_change_nothing(tmp_path: Path) -> None:
    home, embedder = Home(tmp_path / "home"), TinyEmbedder()
    with home.writing():
        built = build(home, [make_content()], embedder, {})
    some = [pair for pair in pairs() if pair.wording in ("reworded", "other")][:24]
    compare = by_vectors(some, Snapshot.open(home, built.id), embedder)
    assert judge(some, compare) == judge(some)
