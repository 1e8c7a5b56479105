"""What the judge finds where rules find nothing: who is asked about, what it comes to, that it is kept with its judge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assistant.contradictions import Finding, Likeness, Point, find, judging
from assistant.contradictions.judging import LINE, likeliest, score
from kb.home import Home
from kb.snapshot import Snapshot, build
from kb.units import whole
from tests.support import TinyEmbedder, at, make_content

NOW = at("2026-01-15")
RULE = "拆开看过的耳机一样可以七天无理由退。"
OTHER = "耳塞类产品因卫生缘故，包装打开以后不再接受退回。"
REST = [f"第{n}号仓库的货架编号由{name}登记。" for n, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午", 1)]


class Near(TinyEmbedder):
    """Both sentences point in one direction, and texts have token vectors."""

    id = "near@1"
    reads_tokens = True

    def embed_passages(self, texts, progress=None):
        vectors = super().embed_passages(texts, progress)
        for text, vector in zip(texts, vectors, strict=True):
            if "耳" in text:
                vector[:] = np.eye(self.dimension)[5]
        return vectors

    def read_passages(self, texts, progress=None):
        vectors = self.embed_passages(texts, progress)
        return vectors, [np.full((2, self.dimension), len(text) % 100, np.int8) for text in texts]


class Says:
    """A judge that says the same of every pair, and remembers of which texts."""

    id = "says"

    def __init__(self, odds: float) -> None:
        self.odds = odds
        self.asked: list[tuple[int, int]] = []  # how many words the two texts of each pair had

    def judge(self, clause, others, words, words_of_others):
        assert len(words_of_others) == len(others)
        self.asked += [(len(words), len(other)) for other in words_of_others]
        return np.full(len(others), self.odds), ["permission"] * len(others)


class Judging(Near):
    judge = None  # each has its own

    def __init__(self, odds: float) -> None:
        super().__init__()
        self.judge = Says(odds)

    def words(self, text):
        return np.ones((len(text), self.dimension), np.float32)


def based_on(tmp_path, *documents, embedder=None) -> Snapshot:
    home = Home(tmp_path / "home")
    with home.writing():
        built = build(home, documents, embedder or Near(), {})
    return Snapshot.open(home, built.id)


@pytest.fixture(autouse=True)
def _near(monkeypatch) -> None:
    """In the few dimensions of these vectors nothing is three deviations above strangers."""
    monkeypatch.setattr(judging, "NEAR", 2.0)


@pytest.fixture
def snapshot(tmp_path) -> Snapshot:
    return based_on(
        tmp_path, make_content("a.md", (RULE, *REST), title="退货"), make_content("b.md", (OTHER,), title="耳机")
    )


def contradictions(snapshot: Snapshot, embedder, **more) -> list[Finding]:
    return [f for f in find(snapshot, now=NOW, embedder=embedder, **more) if f.likeness is Likeness.CONTRADICTION]


def test_what_is_said_in_other_words_is_found_and_stops_no_publish(snapshot: Snapshot) -> None:
    assert contradictions(snapshot, None) == []
    (finding,) = contradictions(snapshot, Judging(LINE))
    assert {finding.first.text, finding.second.text} == {RULE, OTHER}
    (difference,) = finding.differences
    assert difference.point is Point.PERMISSION and not finding.certain
    for clause, ((start, end),) in ((finding.first, difference.first), (finding.second, difference.second)):
        assert "耳" in clause.text[start:end]


def test_below_the_line_is_nothing(snapshot: Snapshot) -> None:
    embedder = Judging(-9)
    assert contradictions(snapshot, embedder) == []
    wholes = {clause.text: whole(clause, snapshot.version_of[clause.version]) for clause in snapshot.clauses}
    # of clauses that are near each other alone; their words are those of what is embedded
    assert embedder.judge.asked == [(len(wholes[RULE]), len(wholes[OTHER]))]


def test_the_nearer_two_clauses_are_the_less_sure_the_judge_has_to_be() -> None:
    odds = LINE - 2.8
    assert [score(odds, nearest) >= LINE for nearest in (3.5, 3.9, 4.1, 9.0)] == [False, False, True, True]


def test_of_a_base_the_likeliest_are_shown_and_all_that_rules_found(snapshot: Snapshot) -> None:
    (one,) = contradictions(snapshot, Judging(LINE))
    judged = [replace(one, score=LINE + n) for n in (3, 0, 7, 1, 9, 5, 2)]
    by_rules = [replace(one, score=None)] * 2
    shown = [f.score for f in likeliest([*judged, *by_rules], 100)]
    assert shown == [LINE + n for n in (3, 7, 9, 5, 2)] + [None, None]
    assert len(likeliest([*judged, *by_rules], 800)) == 6 + 2 and len(likeliest(judged, 2000)) == 7


def test_of_a_small_base_more_are_shown(snapshot: Snapshot) -> None:
    (one,) = contradictions(snapshot, Judging(LINE))
    judged = [replace(one, score=LINE + n) for n in range(20)]
    assert [len(likeliest(judged, clauses)) for clauses in (0, 28, 60, 100, 300)] == [20, 500 // 28, 500 // 60, 5, 5]


def test_clauses_of_one_document_and_of_scopes_that_exclude_each_other_are_not_judged(tmp_path) -> None:
    embedder = Judging(9)
    one = based_on(tmp_path / "one", make_content("a.md", (RULE, OTHER, *REST), title="退货"))
    apart = [
        make_content(name, (text, *REST), title=name, scope={"platform": name})
        for name, text in (("a.md", RULE), ("b.md", OTHER))
    ]
    assert contradictions(one, embedder) == contradictions(based_on(tmp_path / "two", *apart), embedder) == []
    assert embedder.judge.asked == []


@pytest.mark.parametrize(
    ("titles", "asked"),
    [
        (("海棠商城退货规则", "海棠商城客服手册"), 1),  # a shop's rules and its handbook
        (("Larimara returns policy", "Larimara en resumen"), 1),
        (("海棠耳机退货规则", "海棠耳塞退货规则"), 0),  # of two products
        (("Fernlight Gold fees (2024)", "Fernlight Silver fees (2025)"), 0),
    ],
)
def test_titles_that_name_two_things_are_of_one_kind(tmp_path, titles: tuple[str, str], asked: int) -> None:
    embedder = Judging(9)
    texts = ((RULE, *REST), (OTHER,))
    documents = [make_content(f"{n}.md", text, title=titles[n]) for n, text in enumerate(texts)]
    assert len(contradictions(based_on(tmp_path, *documents), embedder)) == len(embedder.judge.asked) == asked


def test_what_did_not_change_is_not_judged_again(tmp_path, snapshot: Snapshot) -> None:
    before = find(snapshot, now=NOW, embedder=Judging(9))
    embedder = Judging(9)
    assert find(snapshot, since=snapshot, known=before, now=NOW, embedder=embedder) == before
    assert embedder.judge.asked == []


def test_what_the_rules_are_unsure_of_and_the_judge_thinks_impossible_is_dropped(tmp_path) -> None:
    documents = [
        make_content("a.md", ("退款在收到退货后3天内原路退回，遇法定节假日不顺延。",), title="退款"),
        make_content("b.md", ("退款在收到退货后5天内原路退回，客服不得承诺更早。",), title="退款答疑"),
    ]
    snapshot = based_on(tmp_path, *documents)
    (unsure,) = contradictions(snapshot, None)
    assert not unsure.certain
    assert contradictions(snapshot, Judging(-1.0)) == [unsure]
    assert contradictions(snapshot, Judging(-9.0)) == []
