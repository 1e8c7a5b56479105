"""`python -m training.judge DATA --out RUN --encoder LAYERS`: teach the judge, which looks whether two clauses contradict.

It learns from clauses with texts beside them that contradict them in one point, say the same or neither
(`data/FAMILY.against.jsonl`: `{clause: "doc#label", relation, point?, text}`), and from clauses that stand near each other
in one base, which are taken to do neither. With `--left-out` families are validated on.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from eval import desk
from eval.metrics.abstention import area
from kb import bundled
from kb.judge import POINTS, SAME, VECTORS, WORDS
from kb.text import language, to_simplified
from kb.tokens import condense
from kb.units import units
from training.aligning import Aligning, filled, go_on, groups, teach
from training.command import command, counter, recipe_of, say
from training.encoder import Encoder, lower_outputs
from training.fit import Stream
from training.mining import embed
from training.weights import export_beside

_WRITTEN = Path(__file__).with_name("data")
_NEIGHBOURS = 8  # of a clause, under the same scope, from which those are drawn that it is laid beside
_ALARMS = 0.05  # of the texts that do not contradict: where the recall is counted
_AGREES, _NEITHER = len(POINTS), len(POINTS) + 1


@dataclass(frozen=True, slots=True)
class Recipe:
    steps: int = 600
    pairs: int = 48  # in a batch, of a clause and a text that was written beside it
    neighbours: int = 32  # and of two clauses of one base, or of a text and a neighbour of its clause
    titled: float = 0.5  # share of the texts that are read under a title, as clauses are
    turned: float = 0.15  # share of the pairs whose longer text is laid beside the shorter one
    width: int = 256
    layers: int = 2
    dropout: float = 0.1
    decay: float = 0.02
    rate: float = 4e-4
    warm_up: int = 50
    seed: int = 7


class Model(Aligning):
    """What `kb.judge.Judge` computes, for many pairs at once."""

    centre: torch.Tensor  # (dimension,): the mean of all words' vectors

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe.width, recipe.layers, recipe.dropout)
        self.mine, self.theirs = (nn.Linear(2 * bundled.DIMENSION + 1, recipe.width) for _ in range(2))
        self.out = nn.Linear(2 * recipe.width + 1, len(POINTS) + 2)
        self.register_buffer("centre", torch.zeros(bundled.DIMENSION))
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(
        self,
        asked: torch.Tensor,
        share: torch.Tensor,
        said: torch.Tensor,
        there: torch.Tensor,
        words: torch.Tensor,
        their_words: torch.Tensor,
    ) -> torch.Tensor:
        """(pairs, outputs), of what `seen` is given and of the words of both, (pairs, words, dimension) each; unit
        vectors, and zeros where there is none."""
        with torch.autocast("cpu", enabled=False):
            mine, theirs = _least_alike(words, their_words), _least_alike(their_words, words)
        apart = torch.cat([self.mine(self.drop(mine[0])), self.theirs(self.drop(theirs[0]))], 1)
        _, seen = self.seen(asked, share, said, there, more=(apart, torch.cat([mine[1], theirs[1]], 1)))
        with torch.autocast("cpu", enabled=False):
            return self.out(self.drop(seen))


def _least_alike(some: torch.Tensor, others: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(pairs, n, 2 · dimension + 1) what `kb.judge` computes of words, and (pairs, n) where there is one."""
    similar = (some @ others.transpose(1, 2)).masked_fill(~others.any(2)[:, None], -4)
    best, at = similar.max(2)
    least, rows = best.masked_fill(~some.any(2), 4).topk(min(WORDS, some.shape[1]), largest=False)
    wide = (-1, -1, some.shape[2])
    words = some.gather(1, rows[..., None].expand(*wide))
    nearest = others.gather(1, at.gather(1, rows)[..., None].expand(*wide))
    return torch.cat([(words - nearest) * 4, words * 4, least[..., None]], 2), least < SAME


@dataclass(frozen=True, slots=True)
class Beside:
    """A text that was written beside a clause."""

    clause: str  # key
    text: str
    titled: str  # the same under the title of the clause's document
    output: int  # the point in which it contradicts, _AGREES or _NEITHER


@dataclass(frozen=True, slots=True)
class Family:
    clauses: dict[str, str]  # key -> as it is embedded
    scopes: dict[str, Any]  # key -> of its document
    beside: tuple[Beside, ...]

    def texts(self) -> Iterable[str]:
        yield from self.clauses.values()
        for text in self.beside:
            yield from (text.text, text.titled)


def load(data: Path) -> dict[str, Family]:
    """The families that texts were written beside."""
    found = {}
    for folder in (data / "desk_train", _WRITTEN):
        for name in desk.families(folder):
            file = _WRITTEN / f"{name}.against.jsonl"
            if file.is_file():
                found[name] = _family(folder, name, file)
    return found


def _family(folder: Path, name: str, file: Path) -> Family:
    clauses, scopes, titles = {}, {}, {}
    for content in desk.contents(folder, name):
        for clause in content.clauses:
            key = f"{clause.document}#{clause.label}"
            clauses[key] = units(0, clause, content.version)[0].text
            scopes[key], titles[key] = content.version.scope, content.version.title
    beside = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["clause"] not in clauses:
            sys.exit(f"{file.name}: there is no clause {row['clause']!r} in {name}.")
        output = {"agrees": _AGREES, "neither": _NEITHER}.get(row["relation"])
        output = POINTS.index(row["point"]) if output is None else output
        text, titled = (_shown(t) for t in (row["text"], f"{titles[row['clause']]} {row['text']}"))
        beside.append(Beside(row["clause"], text, titled, output))
    return Family(clauses, scopes, tuple(beside))


def _shown(text: str) -> str:
    """As `kb.units` has it embedded."""
    return to_simplified(text) if language(text) == "zh-Hant" else text


@dataclass(frozen=True, slots=True)
class Read:
    """What an encoder makes of all texts."""

    vectors: dict[str, torch.Tensor]  # text -> (vectors, dimension) unit
    pieces: dict[str, torch.Tensor]  # text -> (pieces,) of the vocabulary, each once
    words: torch.Tensor  # (vocabulary, dimension), as `Encoder.words` gives them
    centre: torch.Tensor  # (dimension,), their mean
    near: dict[str, list[str]]  # clause as it is embedded -> those near it under the same scope

    def as_words(self, text: str) -> torch.Tensor:
        """(words, dimension) unit."""
        return functional.normalize(self.words[self.pieces[text]] - self.centre, dim=-1)


def read(families: dict[str, Family], layers: Path, cache: Path, scratch: Path) -> Read:
    encoder = Encoder(cache, 6)
    encoder.take(bundled.Bundled(layers), cache)
    texts = list(dict.fromkeys("passage: " + text for family in families.values() for text in family.texts()))
    lower = lower_outputs(scratch, encoder, texts, counter("lower half"))
    found = embed(encoder, lower, texts, counter(f"read by {layers}"))
    vectors, pieces, words = {}, {}, encoder.words()
    for text in texts:
        rows = condense(found.tokens[text].astype(np.float32)).astype(np.float32)
        bare = text.removeprefix("passage: ")
        vectors[bare] = torch.from_numpy(rows / np.linalg.norm(rows, axis=1, keepdims=True))
        pieces[bare] = torch.tensor(sorted({*encoder.pieces(text)}))
    near = {}
    for family in families.values():
        keys = list(family.clauses)
        whole = np.stack([found.vectors["passage: " + family.clauses[key]] for key in keys])
        for key, row in zip(keys, np.argsort(-(whole @ whole.T), axis=1, kind="stable"), strict=True):
            others = [keys[n] for n in row if keys[n] != key and family.scopes[keys[n]] == family.scopes[key]]
            near[family.clauses[key]] = [family.clauses[other] for other in others[:_NEIGHBOURS]]
    return Read(vectors, pieces, words, words.mean(0), near)


Pair = tuple[str, str]
"""The text that is laid beside the other, and the other."""


def outputs(model: Model, texts: Read, pairs: Sequence[Pair], count: int) -> torch.Tensor:
    """(pairs, outputs), read in so many groups by the first text's length."""
    found = list[torch.Tensor]()
    order = groups([len(texts.vectors[one]) for one, _ in pairs], count)
    for group in order:
        asked = [texts.vectors[pairs[n][0]][:VECTORS] for n in group]
        said = [texts.vectors[pairs[n][1]] for n in group]
        share = filled([torch.full((len(rows),), 1 / len(rows)) for rows in asked])
        there = filled([torch.ones(len(rows)) for rows in said]).bool()
        words, theirs = (filled([texts.as_words(pairs[n][side]) for n in group]) for side in (0, 1))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found.append(model(filled(asked), share, filled(said), there, words, theirs).float())
    return torch.cat(found)[torch.tensor([n for group in order for n in group]).argsort()]


class _Batches:
    def __init__(self, families: Iterable[Family], texts: Read, recipe: Recipe) -> None:
        self._recipe, self._texts, self._random = recipe, texts, random.Random(recipe.seed)
        self._beside = [(text, family.clauses[text.clause]) for family in families for text in family.beside]
        self._clauses = sorted({clause for _, clause in self._beside if texts.near[clause]})
        self._streams = tuple(Stream(list(range(len(some))), self._random) for some in (self._beside, self._clauses))

    def next(self) -> tuple[list[Pair], list[int]]:
        recipe, (beside, clauses), chosen = self._recipe, self._streams, self._random
        pairs, wanted = [], []
        for _ in range(recipe.pairs):
            text, clause = self._beside[beside.next()]
            pairs.append((self._read(text), clause))
            wanted.append(text.output)
        for n in range(recipe.neighbours):
            clause = self._clauses[clauses.next()]
            one = clause
            if n % 2:  # a text says nothing against the neighbours of its clause
                text, clause = self._beside[beside.next()]
                one = self._read(text)
            if near := self._texts.near[clause]:
                pair = one, chosen.choice(near)
                pairs.append(pair if n % 2 else shorter_first(self._texts, *pair))
                wanted.append(_NEITHER)
        return [pair[::-1] if chosen.random() < recipe.turned else pair for pair in pairs], wanted

    def _read(self, text: Beside) -> str:
        return text.titled if self._random.random() < self._recipe.titled else text.text


def shorter_first(texts: Read, one: str, other: str) -> Pair:
    return (one, other) if len(texts.vectors[one]) <= len(texts.vectors[other]) else (other, one)


def fit(model: Model, families: Iterable[Family], texts: Read, recipe: Recipe, state: Path) -> list[list[float]]:
    """Teaches the judge; its curve: [loss] a step."""
    batches = _Batches(families, texts, recipe)
    model.centre.copy_(texts.centre)

    def loss_of(batch: tuple[list[Pair], list[int]]) -> tuple[torch.Tensor, list[float]]:
        pairs, wanted = batch
        return functional.cross_entropy(outputs(model, texts, pairs, 4), torch.tensor(wanted)), []

    return teach(model, batches.next, loss_of, recipe, state)


def measure(model: Model, families: dict[str, Family], texts: Read) -> dict[str, dict[str, float]]:
    """Family or "all" -> figures. area: contradictions told from the other texts; recall: of contradictions, above the
    line that one in twenty of the others is above; point: of the contradictions, in which it is the right one;
    neighbours: of the clauses that stand near each other, above that line."""

    def odds(pairs: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
        with torch.inference_mode():
            found = [outputs(model, texts, pairs[n : n + 256], 16) for n in range(0, len(pairs), 256)]
        values = torch.cat(found).numpy()
        against = np.logaddexp.reduce(values[:, : len(POINTS)], axis=1)
        rest = np.logaddexp.reduce(values[:, len(POINTS) :], axis=1)
        return against - rest, values[:, : len(POINTS)].argmax(1)

    seen: dict[str, tuple[np.ndarray, ...]] = {}
    for name, family in families.items():
        value, point = odds([(text.text, family.clauses[text.clause]) for text in family.beside])
        clauses = sorted(set(family.clauses.values()))
        near, _ = odds([shorter_first(texts, clause, other) for clause in clauses for other in texts.near[clause][:3]])
        seen[name] = value, point, np.array([text.output for text in family.beside]), near
    seen["all"] = tuple(np.concatenate(parts) for parts in zip(*seen.values(), strict=True))
    return {name: _figures(*parts) for name, parts in seen.items()}


def _figures(value: np.ndarray, point: np.ndarray, output: np.ndarray, near: np.ndarray) -> dict[str, float]:
    against = output < len(POINTS)
    line = np.quantile(value[~against], 1 - _ALARMS)
    figures = {
        "area": area(list(value[against]), list(value[~against])),
        "recall": float(np.mean(value[against] > line)),
        "point": float(np.mean(point[against] == output[against])),
        "neighbours": float(np.mean(near > line)),
    }
    return {name: round(number, 4) for name, number in figures.items()} | {"texts": len(value)}


def main() -> None:
    parser = command("python -m training.judge", __doc__)
    parser.add_argument(
        "--encoder", type=Path, required=True, help="folder of the taught layers whose vectors it reads"
    )
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    recipe = recipe_of(Recipe(), asked.set)
    asked.out.mkdir(parents=True, exist_ok=True)
    families = load(asked.data)
    left_out = [name for name in asked.left_out.split(",") if name]
    if unknown := sorted({*left_out} - {*families}):
        sys.exit(f"There is no family {unknown[0]!r}; there are {', '.join(families)}.")
    texts = read(families, asked.encoder, asked.cache.expanduser(), asked.out.parent)
    taught = [family for name, family in families.items() if name not in left_out]
    torch.manual_seed(recipe.seed)
    model = Model(recipe)
    begun = go_on(model, asked.begin, "judge") if asked.begin else {}
    curve = fit(model, taught, texts, recipe, asked.out / "state.pt")
    about: dict[str, Any] = {"recipe": asdict(recipe), **begun, "left_out": left_out}
    report: dict[str, Any] = {**about, "curve": curve}
    if left_out:
        report["judged"] = measure(model, {name: families[name] for name in left_out}, texts)
        for name, figures in report["judged"].items():
            say(f"{name:14} " + "  ".join(f"{key} {value:g}" for key, value in figures.items()))
    (asked.out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    if asked.export:
        runs = [json.loads((run / "report.json").read_text(encoding="utf-8")) for run in asked.validated]
        validation = [{"left_out": run["left_out"], **run["judged"]["all"]} for run in runs]
        export_beside(model, asked.encoder, asked.export, "judge", {**about, "validation": validation})


if __name__ == "__main__":
    main()
