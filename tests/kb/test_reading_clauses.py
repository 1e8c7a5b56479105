"""A reader's word in the search: it sees the first clauses as they are stored, and moves no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from kb.decision_log import new_wording
from kb.decisions import Decisions, Subject
from kb.reader import CLAUSES, Reader
from kb.search import Searcher, Weights, reordered
from kb.snapshot import Snapshot, build
from kb.types import Hit
from tests.support import Base, TinyEmbedder, TokenEmbedder, make_content

TEXTS = tuple(f"第{n}条 退货的第{n}种情形在{n}日内处理。" for n in range(1, CLAUSES + 5))
WEIGHTS = Weights(tokens=1.0, reader=0.5)


class Backwards(Reader):
    """Likes what it is shown last."""

    def __init__(self) -> None:
        self.id, self.shown = "backwards", list[int]()

    def read(
        self,
        question: np.ndarray,
        as_words: np.ndarray,
        clauses: Sequence[np.ndarray],
        words: Sequence[np.ndarray],
        before: int = 0,
    ) -> np.ndarray:
        self.shown.append(len(clauses))
        assert as_words.shape == question.shape and len(words) == len(clauses)
        assert all(rows.ndim == 2 and rows.shape[1] == question.shape[1] for rows in [*clauses, *words])
        return np.arange(len(clauses), dtype=np.float64)


class Reading(TokenEmbedder):
    """With that reader."""

    reader: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.reader = Backwards()


def snapshot(base: Base, embedder: TinyEmbedder, texts: Sequence[str] = TEXTS) -> Snapshot:
    with base.home.writing():
        return Snapshot.open(base.home, build(base.home, [make_content("a.md", texts)], embedder, {}).id)


def search(searcher: Searcher, embedder: TinyEmbedder, top: int, weights: Weights = WEIGHTS) -> list[Hit]:
    asked = embedder.embed_question("退货 第3种 情形")
    return searcher.search("退货 第3种 情形", asked, (0,), top, weights)


def test_what_the_reader_likes_best_comes_first_and_what_it_did_not_read_stays_behind(base: Base) -> None:
    embedder = Reading()
    source = snapshot(base, embedder)
    before, read = search(Searcher(source), embedder, 20), search(Searcher(source, embedder), embedder, 20)
    labels = [hit.clause.label for hit in before]
    assert [hit.clause.label for hit in read] == labels[:CLAUSES][::-1] + labels[CLAUSES:]
    assert embedder.reader.shown == [CLAUSES]
    assert [("reader" in hit.stages) for hit in read] == [True] * CLAUSES + [False] * (len(TEXTS) - CLAUSES)
    for hit in read[CLAUSES:]:
        assert hit.score == next(h.score for h in before if h.clause.id == hit.clause.id)
    assert [hit.score for hit in read] == sorted((hit.score for hit in read), reverse=True)


def test_however_few_are_asked_for_the_same_one_is_first(base: Base) -> None:
    embedder = Reading()
    searcher = Searcher(snapshot(base, embedder), embedder)
    assert search(searcher, embedder, 1) == search(searcher, embedder, 20)[:1]


def test_with_no_weight_it_is_heard_and_moves_nothing(base: Base) -> None:
    embedder = Reading()
    source = snapshot(base, embedder)
    silent = search(Searcher(source, embedder), embedder, 20, Weights(tokens=1.0))
    assert [h.clause.id for h in silent] == [h.clause.id for h in search(Searcher(source), embedder, 20)]
    assert silent[1].stages["reader"] == 1.0
    moved = [(hit.clause.id, hit.score) for hit in reordered(silent, WEIGHTS.reader)]
    heard = search(Searcher(source, embedder), embedder, 20)
    assert moved == [(hit.clause.id, pytest.approx(hit.score, abs=1e-5)) for hit in heard]


@pytest.mark.parametrize("texts", [TEXTS[:1], TEXTS[:3]])
def test_a_base_of_fewer_clauses_is_read_whole(base: Base, texts: Sequence[str]) -> None:
    embedder = Reading()
    assert len(search(Searcher(snapshot(base, embedder, texts), embedder), embedder, 20)) == len(texts)
    assert embedder.reader.shown == [len(texts)]


def test_what_a_maintainer_tied_to_such_words_is_no_less_likely_than_the_likeliest(base: Base) -> None:
    embedder, question, content = Reading(), "啥时候到账呀", make_content("a.md", TEXTS)
    tied = content.clauses[4]
    wording = new_wording(Subject(tied.id, tied.sha256), question, "王敏")
    with base.home.writing():
        built = build(base.home, [content], embedder, {}, decisions=Decisions(asked_as=(wording,)))
    searcher = Searcher(Snapshot.open(base.home, built.id), embedder)
    hits = searcher.search(question, embedder.embed_question(question), (0,), 20, WEIGHTS)
    assert hits[0].clause.id == tied.id
    assert hits[0].stages["reader"] == max(hit.stages.get("reader", 0.0) for hit in hits) == CLAUSES - 1


def test_an_encoder_that_gives_no_token_vectors_is_not_read(base: Base) -> None:
    class Whole(TinyEmbedder):
        reader = Backwards()

    embedder = Whole()
    hits = search(Searcher(snapshot(base, embedder), embedder), embedder, 20)
    assert hits and not embedder.reader.shown and all("reader" not in hit.stages for hit in hits)
