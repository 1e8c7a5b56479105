"""What is drawn for a step, what is taken for a near miss, and what the figures mean: on a base of three passages."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from training.examples import Examples, Passage, Question
from training.fit import Recipe, _Batches
from training.measure import measure
from training.mining import Shelf, mine

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
    found.attach(examples)
    return found


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
    resumed.attach(examples)
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


def test_similarity_of_the_best_sentence_counts_with_its_weight(examples: Examples) -> None:
    found = vectors(examples)
    shelf = Shelf(examples, "shop", found)
    asked = found["query: returns 0"][None]
    whole, best = shelf.similar(asked)[0, 0], (found["passage: returns one"] @ asked[0])
    assert shelf.similar(asked, 0.4)[0, 0] == pytest.approx(0.6 * whole + 0.4 * best)


def test_measures_are_what_they_say(examples: Examples) -> None:
    perfect = measure(examples, ["shop"], vectors(examples))["desk"]
    assert perfect["first"] == perfect["same"] == perfect["all_right"] == 1
    worse = measure(examples, ["shop"], vectors(examples, mistaken="returns 0"))["desk"]
    assert worse["first"] == pytest.approx(0.9)
    assert worse["all_right"] == pytest.approx(2 / 3, abs=1e-4)  # of three passages with several questions
    assert worse["same"] == pytest.approx(7 / 9, abs=1e-4)  # of nine pairs two have the mistaken one
