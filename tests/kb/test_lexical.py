"""The lexical index: found in every way of writing, in one order, within its groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kb.errors import DamagedSnapshot
from kb.lexical import LexicalIndex
from kb.text import tokens

ROWS = [
    (0, 0, "买家自签收之日起十五日内可以退货", "退货规则"),
    (1, 0, "运费由买家承担", "退货规则 运费"),
    (2, 1, "Refunds are paid within 5 working days", "Refunds"),
    (3, 2, "返品は七日以内に受け付けます", "返品"),
]


def words(text: str) -> str:
    return " ".join(tokens(text))


def built(folder: Path, rows: Sequence[tuple[int, int, str, str]]) -> LexicalIndex:
    LexicalIndex.build(folder, ((row, group, words(text), words(heading)) for row, group, text, heading in rows))
    return LexicalIndex.read(folder, len(rows))


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    return built(tmp_path, ROWS)


@pytest.mark.parametrize(
    "question, row",
    [
        ("15日内能退货吗", 0),
        ("十五日内能退货吗", 0),
        ("１５日内能退貨嗎", 0),
        ("運費由買家承擔", 1),
        ("运费谁承担", 1),
        ("REFUNDS working days", 2),
        ("返品はできますか", 3),
    ],
)
def test_a_clause_is_found_however_it_is_written(index: LexicalIndex, question: str, row: int) -> None:
    rows, scores = index.search(question, 4)
    assert rows[0] == row and scores[0] > 0


def test_only_the_wanted_groups_answer(index: LexicalIndex) -> None:
    assert index.search("退货 运费 refunds", 4, groups=[1])[0].tolist() == [2]
    assert index.search("退货 运费 refunds", 4, groups=[])[0].tolist() == []


def test_a_filter_does_not_change_the_scores(index: LexicalIndex) -> None:
    everywhere = dict(zip(*map(list, index.search("退货运费", 4)), strict=True))
    assert dict(zip(*map(list, index.search("退货运费", 4, groups=[0])), strict=True)) == everywhere


@pytest.mark.parametrize("question", ["", "？！", "。"])
def test_a_question_without_words_finds_nothing(index: LexicalIndex, question: str) -> None:
    assert len(index.search(question, 4)[0]) == 0


@pytest.mark.parametrize("question", ['text:"退货" AND (', "退货 OR *", "[a TO b]", "a" * 30_000])
def test_a_question_is_never_read_as_a_query_language(index: LexicalIndex, question: str) -> None:
    index.search(question, 4)


def test_equal_scores_come_in_the_order_of_the_rows(tmp_path: Path) -> None:
    index = built(tmp_path, [(n, 0, "运费由买家承担", "规则") for n in range(20)])
    rows, scores = index.search("运费", 20)
    assert len(set(scores.tolist())) == 1 and rows.tolist() == list(range(20))


def test_of_more_equal_scores_than_are_wanted_the_first_rows_are_kept(tmp_path: Path) -> None:
    index = built(tmp_path, [(n, 0, "运费由买家承担", "规则") for n in range(20)])
    assert index.search("运费", 5)[0].tolist() == [0, 1, 2, 3, 4]


def test_read_again_it_answers_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    again = LexicalIndex.read(tmp_path, len(ROWS))
    for question in ("退货运费", "refunds"):
        for one, two in zip(index.search(question, 4), again.search(question, 4), strict=True):
            assert one.tolist() == two.tolist()


def test_another_count_than_the_manifest_says_is_damaged(index: LexicalIndex, tmp_path: Path) -> None:
    with pytest.raises(DamagedSnapshot, match="holds 4 clauses; the manifest says 5"):
        LexicalIndex.read(tmp_path, 5)


def test_a_folder_that_is_no_index_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(DamagedSnapshot, match="cannot be opened"):
        LexicalIndex.read(tmp_path, 1)


def test_what_few_rows_have_tells_more_and_in_a_small_base_nothing_is_rare(tmp_path: Path, index: LexicalIndex) -> None:
    many = tmp_path / "many"
    many.mkdir()
    found = built(many, [(n, 0, f"card number {n}", "") for n in range(300)])
    assert 0 < found.rarity("card") < found.rarity("7") / 4
    assert index.rarity("运费") < 1.2 * index.rarity("买家")  # one row of four has it, and two
