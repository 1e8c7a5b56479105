"""What is drawn for a step, what is taken for a near miss, and what the figures mean: on a base of three passages."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from training.encoder import Tokens
from training.examples import Collection, Examples, Passage, Question
from training.fit import Recipe, _averaged, _Batches, _contrast, _line, _moved
from training.measure import measure
from training.mining import Read, Shelf, beside, mine
from training.store import Store

AXES = {"returns": 0, "freight": 1, "invoices": 2}


def question(text: str, *golds: str, style: str = "standard") -> Question:
    return Question(text, "shop", style, "en", frozenset(golds))


@pytest.fixture
def examples() -> Examples:
    found = Examples()
    for key in AXES:
        found.passages[key] = Passage(key, "shop", f"about {key}", (f"{key} one", f"{key} two"))
    found.questions = [question(f"{key} {n}", key) for key in AXES for n in range(3)]
    found.questions.append(question("either", "returns", "freight"))
    found.unanswerable = [question("freight to the moon")]
    return found


def vectors(examples: Examples, mistaken: str = "") -> dict[str, np.ndarray]:
    """Every text on the axis of what it names; the question `mistaken` a little nearer to invoices."""
    found = {}
    for text in examples.texts():
        vector = np.full(3, 0.1, np.float32)
        for key, axis in AXES.items():
            vector[axis] += 1.0 * (key in text) + 0.1 * ("two" in text)
        if text == f"query: {mistaken}":
            vector[AXES["invoices"]] += 2.0
        found[text] = vector / np.linalg.norm(vector)
    return found


def batches(examples: Examples, seed: int = 1) -> _Batches:
    recipe = Recipe(questions=2, unanswerable=1, general=0, seed=seed)
    found = _Batches(examples, mine(examples, ["shop"], vectors(examples)), ["shop"], recipe)
    found.attach(examples, {})
    return found


def test_what_was_learnt_is_averaged_with_what_it_began_from() -> None:
    before, learnt = {"a": torch.tensor([0.0, 1.0])}, {"a": torch.tensor([1.0, 1.0])}
    assert _averaged(before, learnt, 0.25)["a"].tolist() == [0.25, 1.0]
    assert _averaged(before, learnt, 1.0)["a"].tolist() == [1.0, 1.0]


def test_near_misses_are_the_nearest_that_do_not_answer(examples: Examples) -> None:
    mined = mine(examples, ["shop"], vectors(examples))
    assert set(mined[examples.questions[0]].near_misses) == {"freight", "invoices"}
    assert mined[examples.questions[-1]].near_misses == ("invoices",)
    assert mined[examples.unanswerable[0]].near_misses[0] == "freight"


def test_the_best_sentence_of_a_gold_is_kept(examples: Examples) -> None:
    mined = mine(examples, ["shop"], vectors(examples))
    assert mined[examples.questions[0]].best_sentence == {"returns": 0}


def test_a_seed_gives_the_same_batches_and_a_kept_state_goes_on_with_them(examples: Examples) -> None:
    one, other = batches(examples), batches(examples)
    assert [one.next().questions for _ in range(5)] == [other.next().questions for _ in range(5)]
    resumed = pickle.loads(pickle.dumps(one))
    resumed.attach(examples, {})
    assert [one.next().passages for _ in range(5)] == [resumed.next().passages for _ in range(5)]


def test_an_unanswerable_question_stands_beside_one_of_the_passage_it_nearly_hits(examples: Examples) -> None:
    drawn = batches(examples)
    for _ in range(10):
        batch = drawn.next()
        assert batch.unanswerable == ["query: freight to the moon"]
        assert "freight" in batch.passages[0]


def test_a_passage_that_also_answers_is_marked_as_an_answer(examples: Examples) -> None:
    drawn = batches(examples)
    for _ in range(50):
        batch = drawn.next()
        assert batch.answers.diagonal().all()
        for row, asked in enumerate(batch.questions):
            if asked == "query: either":
                named = ["invoices" not in text for text in batch.passages]
                assert batch.answers[row].tolist() == named


def test_what_is_left_out_is_never_drawn(examples: Examples) -> None:
    examples.questions.append(Question("secret", "other", "standard", "en", frozenset({"returns"})))
    drawn = batches(examples)
    assert all("query: secret" not in drawn.next().questions for _ in range(50))


def test_questions_of_another_field_come_with_what_was_near_them(examples: Examples) -> None:
    names = ("returns 1", "returns 2", "freight 1", "freight 2", "invoices 1", "invoices 2")
    examples.general = [Collection(tuple(f"query: {n}" for n in names), tuple(f"passage: {n}" for n in names))]
    near = beside(examples.general[0], vectors(examples))
    assert near["query: returns 1"][0] == "passage: returns 2"
    assert "passage: returns 1" not in near["query: returns 1"]  # its own words say nothing of what is near it
    drawn = _Batches(examples, mine(examples, ["shop"], vectors(examples)), ["shop"], Recipe(questions=2, general=2))
    drawn.attach(examples, near)
    for _ in range(10):
        batch = drawn.next()
        assert batch.general and len(set(batch.beside)) == len(batch.beside)
        assert all(near[question][0] in batch.beside for question in batch.general)


def test_nothing_has_moved_where_all_that_was_near_is_as_near() -> None:
    was = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0]]).log_softmax(1)
    assert float(_moved(was, was + 5)) == pytest.approx(0, abs=1e-6)
    assert float(_moved(was, was.flip(1))) > float(_moved(was, was * 0.9)) > 0


def test_similarity_of_the_best_sentence_counts_with_its_weight(examples: Examples) -> None:
    found = vectors(examples)
    shelf = Shelf(examples, "shop", found)
    asked = found["query: returns 0"][None]
    whole, best = shelf.similar(asked)[0, 0], (found["passage: returns one"] @ asked[0])
    assert shelf.similar(asked, 0.4)[0, 0] == pytest.approx(0.6 * whole + 0.4 * best)


def test_measures_are_what_they_say(examples: Examples) -> None:
    perfect = measure(examples, ["shop"], Read(vectors(examples), {}, {}))["desk"]
    assert perfect["first"] == perfect["same"] == perfect["all_right"] == 1
    worse = measure(examples, ["shop"], Read(vectors(examples, mistaken="returns 0"), {}, {}))["desk"]
    assert worse["first"] == pytest.approx(0.9)
    assert worse["all_right"] == pytest.approx(2 / 3, abs=1e-4)  # of three passages with several questions
    assert worse["same"] == pytest.approx(7 / 9, abs=1e-4)  # of nine pairs two have the mistaken one


def test_token_by_token_the_passage_that_has_every_word_comes_first(examples: Examples) -> None:
    found, states = vectors(examples), np.eye(3, dtype=np.float32)
    tokens = {
        text: np.stack([states[axis] for key, axis in AXES.items() if key in text] or [states.mean(0)])
        for text in found
    }
    importance = {text: np.ones(len(rows), np.float32) for text, rows in tokens.items()}
    figures = measure(examples, ["shop"], Read(found, tokens, importance))["desk"]
    assert figures["tokens"] == pytest.approx(1.0)
    # an encoder that tells no text from another by its vectors is saved by their tokens
    blind = dict.fromkeys(found, np.ones(3, np.float32) / 3**0.5)
    saved = measure(examples, ["shop"], Read(blind, tokens, importance))["desk"]
    assert saved["first"] < saved["both"]


def texts(*lengths: int, seed: int = 0) -> Tokens:
    random = torch.Generator().manual_seed(seed)
    vectors = torch.nn.functional.normalize(torch.randn(sum(lengths), 8, generator=random), dim=-1)
    return Tokens(vectors, torch.rand(sum(lengths), generator=random) + 0.1, list(lengths))


def test_tokens_are_looked_for_in_every_passage_and_weighed() -> None:
    questions, passages = texts(2, 5, 1), texts(4, 3, seed=1)
    met = questions.found_in(passages)
    for q in range(3):
        own = questions.take(q, q + 1)
        for p in range(2):
            near = (own.vectors @ passages.take(p, p + 1).vectors.T).amax(1)
            assert float(met[q, p]) == pytest.approx(
                float((near * own.importance).sum() / own.importance.sum()), abs=1e-5
            )


def test_the_loss_is_small_where_answers_come_first_and_lie_above_the_line() -> None:
    recipe = Recipe(temperature=0.1)
    answers = torch.tensor([[True, False, True, False], [False, True, False, False]])
    good = torch.tensor([[0.9, 0.1, 0.8, 0.0], [0.1, 0.9, 0.0, 0.1], [0.1, 0.0, 0.1, 0.0]])
    bad = good.flip(1)
    (low, right), (high, wrong) = _contrast(good, answers, recipe), _contrast(bad, answers, recipe)
    assert low < high and float(right) == 1 and float(wrong) == 0
    assert _line(good - 0.5, answers) < _line(bad - 0.5, answers)
    # a passage that answers as well is no mistake
    assert _contrast(good, answers, recipe)[0] < _contrast(good, answers & torch.eye(2, 4, dtype=torch.bool), recipe)[0]


def test_what_one_run_computed_no_other_computes_again(tmp_path: Path) -> None:
    asked: list[str] = []

    def compute(some):
        asked.extend(some)
        return [np.full((len(text), 2), len(text), np.float32) for text in some]

    def store() -> Store:
        return Store(tmp_path, "kept", 2, np.float32)

    store().add(["query: a", "passage: bb"], compute, lambda *_: None)
    with open(tmp_path / "kept.bin", "ab") as torn:
        torn.write(b"half a row of a run that was killed")
    again = store()
    again.add(["passage: bb", "query: a", "query: ccc"], compute, lambda *_: None)
    assert sorted(asked) == ["passage: bb", "query: a", "query: ccc"]
    for text in asked:
        assert store()[text].shape == (len(text), 2) and (store()[text] == len(text)).all()


def test_two_runs_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    def compute(some):
        return [np.full((len(text), 2), len(text), np.float32) for text in some]

    one, other = (Store(tmp_path, "kept", 2, np.float32) for _ in range(2))
    one.add(["query: a", "query: bb"], compute, lambda *_: None)
    other.add(["query: bb", "query: ccc"], compute, lambda *_: None)  # opened before the first had added anything
    for store in (other, Store(tmp_path, "kept", 2, np.float32)):
        for text in ("query: a", "query: bb", "query: ccc"):
            assert (store[text] == len(text)).all() and len(store[text]) == len(text)
