"""The judge that is taught is the judge that looks; what is drawn for its steps; that it learns."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kb import bundled
from kb.judge import POINTS, Judge
from training.aligning import go_on
from training.judge import _AGREES, _NEITHER, Beside, Family, Model, Read, Recipe, _Batches, fit, measure, outputs
from training.weights import export_beside

RECIPE = Recipe(steps=4, pairs=4, neighbours=2, width=16, warm_up=1)


def unit(rows: int, seed: int) -> torch.Tensor:
    found = torch.from_numpy(np.random.default_rng(seed).normal(size=(rows, bundled.DIMENSION)).astype(np.float32))
    return torch.nn.functional.normalize(found, dim=1)


@pytest.fixture
def family() -> Family:
    """Of each clause a text that contradicts it in time, one that says the same, and one that does neither."""
    keys = [f"c{n}" for n in range(4)]
    outputs_ = {"against": 0, "same": _AGREES, "other": _NEITHER}
    beside = [Beside(key, f"{key} {kind}", f"title {key} {kind}", n) for key in keys for kind, n in outputs_.items()]
    return Family({key: f"clause {key}" for key in keys}, dict.fromkeys(keys, {}), tuple(beside))


@pytest.fixture
def texts(family: Family) -> Read:
    """A text has its clause's vectors; one that contradicts it turned round, one that does neither others."""
    vectors = {}
    for n, (key, clause) in enumerate(family.clauses.items()):
        vectors[clause] = unit(4, n)
        for text in family.beside:
            if text.clause == key:
                own = unit(3, 50 + n) if text.output == _NEITHER else vectors[clause][:3].clone()
                vectors[text.text] = vectors[text.titled] = -own if text.output == 0 else own
    clauses = list(family.clauses.values())
    near = {clause: [other for other in clauses if other != clause] for clause in clauses}
    return Read(vectors, {text: torch.arange(3) for text in vectors}, *table(), near)


def table() -> tuple[torch.Tensor, torch.Tensor]:
    """Words, and their mean."""
    words = unit(40, 9) + 0.5
    return words, words.mean(0)


def test_what_is_taught_and_what_looks_compute_the_same() -> None:
    torch.manual_seed(1)
    model = Model(Recipe(width=32)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    clause, others = unit(5, 1), [unit(4, 2), unit(9, 3), unit(2, 4)]
    words, centre = table()
    model.centre.copy_(centre)
    pieces = [torch.arange(2, 12), torch.arange(38), torch.tensor([3, 30]), torch.arange(2, 12)]  # many, few, the same
    names = ["one", *(f"o{n}" for n in range(3))]
    read = Read(
        dict(zip(names, (clause, *others), strict=True)), dict(zip(names, pieces, strict=True)), words, centre, {}
    )
    with torch.inference_mode():
        taught = outputs(model, read, [("one", name) for name in names[1:]], 1).numpy()
    against = np.logaddexp.reduce(taught[:, : len(POINTS)], axis=1)
    judge = Judge({name: value.numpy() for name, value in model.state_dict().items()})
    said = [words[some].numpy() for some in pieces]
    odds, points = judge.judge(
        clause.numpy() * 3, [rows.numpy() * 2 for rows in others], said[0], said[1:]
    )  # of any length
    assert odds == pytest.approx(against - np.logaddexp(taught[:, -2], taught[:, -1]), abs=0.05)  # bfloat16 in training
    assert points == [POINTS[n] for n in taught[:, : len(POINTS)].argmax(1)]


def test_a_batch_has_texts_beside_their_clause_and_neighbours(family: Family, texts: Read) -> None:
    pairs, wanted = _Batches([family], texts, Recipe(pairs=12, neighbours=4, turned=0.0)).next()
    assert len(pairs) == len(wanted) == 16
    of = {text.text: text for text in family.beside} | {text.titled: text for text in family.beside}
    for (one, other), output in zip(pairs[:12], wanted[:12], strict=True):
        assert family.clauses[of[one].clause] == other and of[one].output == output
    assert set(wanted[12:]) == {_NEITHER}
    assert all(one not in of or family.clauses[of[one].clause] != other for one, other in pairs[12:])


def test_a_killed_run_goes_on_where_it_was(family: Family, texts: Read, tmp_path: Path) -> None:
    half = fit(Model(RECIPE), [family], texts, replace(RECIPE, steps=2), tmp_path / "state.pt")
    resumed = fit(Model(RECIPE), [family], texts, RECIPE, tmp_path / "state.pt")
    assert resumed[:2] == half and len(resumed) == RECIPE.steps


def test_a_run_goes_on_from_what_another_one_exported(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"sha256": "x"}), encoding="utf-8")
    torch.manual_seed(1)
    taught, other = Model(RECIPE), Model(RECIPE)
    export_beside(taught, tmp_path, tmp_path, "judge", {})
    assert (
        go_on(other, tmp_path, "judge")["begun"]
        == json.loads((tmp_path / "manifest.json").read_text())["judge"]["sha256"]
    )
    for one, two in zip(taught.parameters(), other.parameters(), strict=True):
        assert torch.allclose(one, two, atol=1e-3)  # half precision


def test_it_learns_what_contradicts(family: Family, texts: Read, tmp_path: Path) -> None:
    recipe = Recipe(steps=60, pairs=12, neighbours=4, width=16, warm_up=5, rate=3e-3, dropout=0.0)
    torch.manual_seed(7)
    model = Model(recipe)
    curve = fit(model, [family], texts, recipe, tmp_path / "state.pt")
    assert np.mean(curve[-5:]) < 0.5 * np.mean(curve[:5])
    figures = measure(model, {"shop": family}, texts)["all"]
    assert figures["area"] == figures["recall"] == figures["point"] == 1
