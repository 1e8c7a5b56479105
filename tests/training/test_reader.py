"""The reader that is taught is the reader that answers; what is drawn for its steps; what its figures mean."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from kb import bundled
from kb.reader import CLAUSES, TOKENS, Reader
from training.examples import Examples, Passage, Question
from training.reader import Model, Recipe, Texts, _Batches, fit, log_odds, measure
from training.weights import export_beside

RECIPE = Recipe(steps=4, answerable=2, unanswerable=1, clauses=3, width=16, layers=2, warm_up=1)


def unit(rows: int, seed: int) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=(rows, bundled.DIMENSION)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def question(text: str, *golds: str) -> Question:
    return Question(text, "shop", "standard", "en", frozenset(golds))


@pytest.fixture
def examples() -> Examples:
    found = Examples()
    for n in range(5):
        found.passages[f"p{n}"] = Passage(f"p{n}", "shop", f"about {n}", ())
    found.questions = [question(f"asked {n}", f"p{n}") for n in range(5)] + [question("either", "p1", "p2")]
    found.unanswerable = [question("none")]
    return found


def texts(examples: Examples) -> Texts:
    """Every question has the first vectors of its answer; the passage after that one is always nearest."""
    said = {key: torch.from_numpy(unit(3 + n, n)) for n, key in enumerate(examples.passages)}
    asked, near = {}, {}
    keys = list(examples.passages)
    for n, q in enumerate([*examples.questions, *examples.unanswerable]):
        gold = min(q.golds, default="p0")
        vectors = said[gold][:2] if q.golds else torch.from_numpy(unit(2, 100 + n))
        asked[q] = vectors, torch.tensor([0.75, 0.25])
        first = keys.index(gold) + 1
        near[q] = [(keys[(first + i) % 5], 0.9 - i / 100) for i in range(5)]
    encoder = Path("encoder")
    return Texts(
        asked,
        {(encoder, key): vectors for key, vectors in said.items()},
        {"shop": encoder},
        near,
        asked_words={q: torch.tensor([n % 7, 7]) for n, q in enumerate(asked)},
        before={q: n % 2 for n, q in enumerate(asked)},
        said_words={key: torch.tensor([n % 7, 8]) for n, key in enumerate(said)},
        words=torch.from_numpy(unit(9, 50)),
        centre=torch.zeros(bundled.DIMENSION),
    )


def test_what_is_taught_and_what_answers_compute_the_same() -> None:
    torch.manual_seed(1)
    model = Model(Recipe(width=32)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
        model.centre.normal_(std=0.02)
    asked, clauses = unit(7, 1), [unit(4, 2), unit(9, 3), unit(1, 4)]
    as_words, words = unit(7, 5) * 3, [unit(5, 6), unit(2, 7), unit(8, 8)]
    share = np.linspace(1, 2, 7, dtype=np.float32) / np.linspace(1, 2, 7).sum()
    there = torch.tensor([[True] * len(c) + [False] * (9 - len(c)) for c in clauses])
    said = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(c) for c in clauses], batch_first=True)
    with torch.no_grad():
        batch = torch.from_numpy(asked).expand(3, -1, -1), torch.from_numpy(share).float().expand(3, -1)
        centred = [functional.normalize(torch.from_numpy(w) - model.centre, dim=-1) for w in [as_words, *words]]
        beside = centred[0].expand(3, -1, -1), torch.nn.utils.rnn.pad_sequence(centred[1:], batch_first=True)
        leads = torch.tensor([[1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]]).expand(3, -1)
        taught = model(*batch, said, there, *beside, leads).numpy()
    reader = Reader({name: value.numpy() for name, value in model.state_dict().items()})
    stored = [c * np.float32(3) for c in clauses]  # only directions count
    assert reader.read(asked * share[:, None], as_words, stored, words, 3) == pytest.approx(taught, abs=2e-3)
    assert reader.read(asked * share[:, None], as_words, stored, words) != pytest.approx(taught, abs=2e-3)


def test_a_clause_is_read_alike_whatever_stands_beside_it() -> None:
    torch.manual_seed(1)
    reader = Reader({name: value.numpy() for name, value in Model(Recipe(width=32)).state_dict().items()})
    asked, clauses = unit(5, 1) / 5, [unit(4, 2), unit(9, 3)]
    as_words, words = unit(5, 4), [unit(3, 5), unit(6, 6)]
    together = reader.read(asked, as_words, clauses, words)
    assert [reader.read(asked, as_words, [c], [w])[0] for c, w in zip(clauses, words, strict=True)] == pytest.approx(
        together, abs=2e-3
    )


def test_of_a_long_question_the_end_is_read() -> None:
    torch.manual_seed(1)
    reader = Reader({name: value.numpy() for name, value in Model(Recipe(width=32)).state_dict().items()})
    asked, as_words, clause = unit(TOKENS + 30, 1) / 100, unit(TOKENS + 30, 3), ([unit(4, 2)], [unit(5, 4)])
    end = reader.read(asked[30:], as_words[30:], *clause, 10)
    assert reader.read(asked, as_words, *clause, 40) == pytest.approx(end, abs=2e-3)


def test_a_batch_has_the_answer_first_and_no_other_answer(examples: Examples) -> None:
    drawn = _Batches(examples, texts(examples), ["shop"], RECIPE)
    for _ in range(30):
        for q, keys in drawn.next().asked:
            assert len(keys) == RECIPE.clauses == len(set(keys))
            assert {key in q.golds for key in keys[:1]} == {bool(q.golds)}
            assert not q.golds & set(keys[1:])


def test_no_style_tells_whether_there_is_an_answer(examples: Examples) -> None:
    """Nine in ten of the unanswerable ones are chats, one in two of the others."""
    chats = [replace(q, style="chat") for q in examples.questions[:3]]
    examples.questions[:3] = chats
    examples.unanswerable = [question("none")] + [replace(question(f"none {n}"), style="chat") for n in range(9)]
    drawn = _Batches(examples, texts(examples), ["shop"], RECIPE)
    styles = [q.style for _ in range(400) for q, _ in drawn.next().asked if not q.golds]
    assert 0.4 < styles.count("chat") / len(styles) < 0.6


def test_a_killed_run_goes_on_where_it_was(examples: Examples, tmp_path: Path) -> None:
    found = texts(examples)
    first = fit(Model(RECIPE), examples, found, ["shop"], replace(RECIPE, steps=2), tmp_path / "state.pt")
    resumed = fit(Model(RECIPE), examples, found, ["shop"], RECIPE, tmp_path / "state.pt")
    assert resumed[:2] == first and len(resumed) == RECIPE.steps


def test_it_learns_which_clause_answers(examples: Examples, tmp_path: Path) -> None:
    """A question has its answer's own vectors; search always puts another clause first."""
    found = texts(examples)
    recipe = Recipe(steps=60, answerable=6, unanswerable=1, clauses=4, width=16, warm_up=5, rate=3e-3)
    torch.manual_seed(7)
    model = Model(recipe)
    torch.nn.init.zeros_(model.met)  # which alone finds an answer that says the same
    curve = fit(model, examples, found, ["shop"], recipe, tmp_path / "state.pt")
    assert np.mean([loss for loss, _ in curve[-10:]]) < np.mean([loss for loss, _ in curve[:10]]) / 2
    with torch.inference_mode():
        for q in examples.questions:
            odds = log_odds(model, found, [(q, key) for key, _ in found.near[q]], 1)
            assert found.near[q][int(odds.argmax())][0] in q.golds
    figures = measure(model, examples, found, ["shop"])["all"]
    assert figures["first"] < 0.5 < figures["first_read"] <= figures["among"] == 1


def test_of_other_fields_it_says_what_search_says(examples: Examples, tmp_path: Path) -> None:
    found = texts(examples)
    found.general = [question("elsewhere")]
    at = found.general[0]
    found.asked[at], found.asked_words[at], found.before[at] = (
        found.asked[examples.unanswerable[0]],
        torch.tensor([1, 2]),
        0,
    )
    found.near[at] = [("p3", 0.93), ("p1", 0.90), ("p4", 0.88)]
    recipe = replace(RECIPE, steps=80, rate=3e-3, warm_up=5)

    def order(model: Model) -> list[str]:
        with torch.inference_mode():
            odds = log_odds(model, found, [(at, key) for key, _ in found.near[at]], 1)
        return [found.near[at][n][0] for n in odds.argsort(descending=True)]

    torch.manual_seed(7)
    for general, kept in ((0, False), (2, True)):
        model = Model(recipe)
        fit(model, examples, found, ["shop"], replace(recipe, general=general), tmp_path / f"{general}.pt")
        assert (order(model) == ["p3", "p1", "p4"]) is kept


def test_what_is_exported_is_read_again(examples: Examples, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": "x"}), encoding="utf-8")
    torch.manual_seed(1)
    export_beside(Model(Recipe(width=32)), tmp_path, tmp_path, "reader", {"left_out": ["shop"]})
    bundled._manifest.cache_clear()  # another process serves
    reader = bundled.Bundled(tmp_path).reader
    assert reader is not None
    clauses = [unit(4, n) for n in range(CLAUSES)]
    assert np.isfinite(reader.read(unit(3, 1) / 3, unit(3, 2), clauses, clauses)).all()
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["reader"]["left_out"] == ["shop"]


def test_a_damaged_reader_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": "x"}), encoding="utf-8")
    export_beside(Model(Recipe(width=32)), tmp_path, tmp_path, "reader", {})
    with open(tmp_path / bundled.beside("reader"), "r+b") as file:
        file.seek(-8, 2)
        file.write(b"damaged!")
    bundled._manifest.cache_clear()
    with pytest.raises(bundled.ModelError, match="damaged"):
        _ = bundled.Bundled(tmp_path).reader


def test_a_reader_of_another_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": "x"}), encoding="utf-8")
    model = Model(Recipe(width=32))
    del model.words  # as readers were before they read words
    export_beside(model, tmp_path, tmp_path, "reader", {})
    bundled._manifest.cache_clear()
    with pytest.raises(bundled.ModelError, match="no weights 'words.weight'.*training.reader"):
        _ = bundled.Bundled(tmp_path).reader
