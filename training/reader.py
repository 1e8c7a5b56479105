"""`python -m training.reader DATA --out RUN --encoder LAYERS`: teach the reader, which looks whether a clause answers.

The reader (`kb/reader.py`) reads the token vectors of one encoder. An encoder puts clauses near questions that it was
taught, nearer than new ones: a reader taught on the same would trust that. `--other LAYERS=PART,…` reads some parts
with an encoder that never saw them; with `--left-out` parts are validated on. Loss of a batch of questions, each with
its answer and clauses that search puts near it: which of them answers, and of each whether it does, the best of a
question that nothing answers counting once more. Of texts of other fields nothing says what answers what: there the
reader is to find likely what search finds near.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from eval.metrics.abstention import area
from kb import bundled, reader
from kb.tokens import condense
from training.aligning import Aligning, beside, filled, go_on, groups, teach
from training.command import command, counter, recipe_of, say
from training.encoder import Encoder, lower_outputs
from training.examples import Collection, Examples, Passage, Question, load, shelf_of
from training.fit import Stream, balanced
from training.mining import embed
from training.weights import export_beside

_NEAREST = 12  # clauses that search puts near a question, from which those of a batch are drawn
_DENSE = 0.3  # what whole vectors count for beside tokens in that search
_READ = 100  # clauses nearest by whole vectors to it or to those beside it, in which that search looks
_TOGETHER = 16  # questions looked for at a time
_GENERAL = 400  # questions of each collection of other fields
_SEARCH = 50.0  # what a similarity counts for beside the reader's log odds where both decide, as in the engine
_COVERAGE = 0.85


@dataclass(frozen=True, slots=True)
class Recipe:
    steps: int = 600
    answerable: int = 36  # questions in a batch
    unanswerable: int = 20
    general: int = 6  # of other fields
    clauses: int = 7  # to a question
    width: int = 256
    layers: int = 2
    dropout: float = 0.1
    decay: float = 0.01
    rate: float = 3e-4
    warm_up: int = 50
    seed: int = 7


class Model(Aligning):
    """What `kb.reader.Reader` computes, for many pairs of a question and a clause at once."""

    centre: torch.Tensor  # (dimension,): the mean of all words' vectors

    def __init__(self, recipe: Recipe) -> None:
        super().__init__(recipe.width, recipe.layers, recipe.dropout)
        self.out = nn.Linear(2 * recipe.width + 1, 1)
        self.met = nn.Parameter(torch.tensor([5.0, -3.0]))
        self.words = nn.Linear(2 * bundled.DIMENSION + 1, recipe.width)
        self.leading = nn.Parameter(torch.zeros(recipe.width))
        self.register_buffer("centre", torch.zeros(bundled.DIMENSION))

    def forward(
        self,
        asked: torch.Tensor,
        share: torch.Tensor,
        said: torch.Tensor,
        there: torch.Tensor,
        asked_words: torch.Tensor,
        said_words: torch.Tensor,
        leads: torch.Tensor,
    ) -> torch.Tensor:
        """(pairs,) log odds, of what `seen` is given and of words: (pairs, tokens, dimension) the question's tokens as
        words, (pairs, words, dimension) the clause's; unit vectors, and zeros where there is none. `leads` (pairs,
        tokens): 1 where a token stands before the question's last line, else 0."""
        with torch.autocast("cpu", enabled=False):
            similar = asked_words @ said_words.transpose(1, 2)
            best, at = similar.masked_fill(~said_words.any(2)[:, None], -4).max(2)
            nearest = said_words.gather(1, at[:, :, None].expand(-1, -1, said_words.shape[2]))
        compared = beside([(asked_words - nearest) * 4, asked_words * 4, best[..., None]])
        also = self.words(self.drop(compared)) + leads[..., None] * self.leading
        met, seen = self.seen(asked, share, said, there, also)
        with torch.autocast("cpu", enabled=False):
            return self.out(self.drop(seen)).squeeze(-1) + self.met[0] * (met - 0.75) * 4 + self.met[1]


@dataclass(slots=True)
class Texts:
    """What an encoder makes of the texts of some parts, and the clauses that search puts near each question."""

    asked: dict[Question, tuple[torch.Tensor, torch.Tensor]]  # (tokens, dimension) unit, (tokens,) share
    said: dict[tuple[Path, str], torch.Tensor]  # encoder, passage's key -> (vectors, dimension) unit
    read_by: dict[str, Path]  # part -> encoder that reads its questions, and the passages for them
    near: dict[Question, list[tuple[str, float]]]  # nearest first
    asked_words: dict[Question, torch.Tensor]  # (tokens,) the pieces of the vocabulary that the tokens are
    before: dict[Question, int]  # how many of these stand before the question's last line
    said_words: dict[str, torch.Tensor]  # passage's key -> (pieces,), each once
    words: torch.Tensor  # (vocabulary, dimension), as `Encoder.words` gives them
    centre: torch.Tensor  # (dimension,), their mean
    general: list[Question] = field(default_factory=list)  # of other fields: what answers them nothing says

    @classmethod
    def begin(cls) -> Texts:
        return cls({}, {}, {}, {}, {}, {}, {}, torch.empty(0), torch.empty(0))

    def update(self, other: Texts) -> None:
        self.asked |= other.asked
        self.said |= other.said
        self.read_by |= other.read_by
        self.near |= other.near
        self.asked_words |= other.asked_words
        self.before |= other.before
        self.said_words |= other.said_words
        self.words, self.centre = other.words, other.centre  # of the plain model: the same for all
        self.general += other.general

    def as_words(self, pieces: torch.Tensor) -> torch.Tensor:
        """(pieces, dimension) unit."""
        return functional.normalize(self.words[pieces] - self.centre, dim=-1)


def _begin(layers: Path, cache: Path) -> tuple[Encoder, Texts]:
    encoder, texts = Encoder(cache, 6), Texts.begin()
    encoder.take(bundled.Bundled(layers), cache)
    texts.words = encoder.words()
    texts.centre = texts.words.mean(0)
    return encoder, texts


def read_texts(examples: Examples, parts: Sequence[str], layers: Path, cache: Path, scratch: Path) -> Texts:
    encoder, result = _begin(layers, cache)
    result.read_by = dict.fromkeys(parts, layers)
    questions = [q for q in [*examples.questions, *examples.unanswerable] if q.part in parts]
    tick = counter(f"questions read by {layers}")
    for shelf in sorted({shelf_of(part) for part in parts}):  # one by one: all their tokens would fill the memory
        passages = [p for p in examples.passages.values() if p.part == shelf]
        _read_shelf(result, encoder, scratch, layers, passages, [q for q in questions if shelf_of(q.part) == shelf])
        tick(len(result.near), len(questions))
    return result


def read_general(
    collections: Sequence[Collection], layers: Path, cache: Path, scratch: Path, chosen: random.Random
) -> Texts:
    """Texts of other fields, each collection a part; in `near` of a question is none that says the very same."""
    encoder, result = _begin(layers, cache)
    tick = counter(f"other fields read by {layers}")
    for n, collection in enumerate(collections):
        part = f"general-{n}"
        texts = [text.removeprefix("passage: ") for text in collection.passages]
        some = chosen.sample(collection.questions, min(len(collection.questions), _GENERAL))
        questions = [Question(text.removeprefix("query: "), part, "", "", frozenset()) for text in some]
        passages = [Passage(f"{part}#{text}", part, text, ()) for text in texts]
        result.read_by[part] = layers
        _read_shelf(result, encoder, scratch, layers, passages, questions)
        for question in questions:
            own = f"{part}#{question.text}"
            result.near[question] = [(key, similar) for key, similar in result.near[question] if key != own]
        result.general += questions
        tick(n + 1, len(collections))
    return result


def _read_shelf(
    result: Texts,
    encoder: Encoder,
    scratch: Path,
    layers: Path,
    passages: Sequence[Passage],
    questions: Sequence[Question],
) -> None:
    texts = list(dict.fromkeys(["passage: " + p.whole for p in passages] + ["query: " + q.text for q in questions]))
    lower = lower_outputs(scratch, encoder, texts, counter("lower half"))
    found = embed(encoder, lower, texts)
    whole = np.stack([found.vectors["passage: " + p.whole] for p in passages])
    said: dict[int, np.ndarray] = {}

    def condensed(n: int) -> np.ndarray:
        """A clause's vectors as a snapshot keeps them: (vectors, dimension) float32, unit."""
        if n not in said:
            vectors = condense(found.tokens["passage: " + passages[n].whole].astype(np.float32)).astype(np.float32)
            said[n] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return said[n]

    for at in range(0, len(questions), _TOGETHER):
        some = questions[at : at + _TOGETHER]
        asked = [found.tokens["query: " + q.text].astype(np.float32) for q in some]
        importance = [found.importance["query: " + q.text] for q in some]
        similar = np.stack([found.vectors["query: " + q.text] for q in some]) @ whole.T
        read = np.unique(np.argsort(-similar, axis=1, kind="stable")[:, :_READ])
        clauses = [condensed(n) for n in read]
        starts = np.cumsum([0, *map(len, clauses[:-1])])
        best = np.maximum.reduceat(np.concatenate(asked) @ np.concatenate(clauses).T, starts, axis=1)
        best *= np.concatenate([i / i.sum() for i in importance])[:, None]
        met = np.add.reduceat(best, np.cumsum([0, *map(len, asked[:-1])]), axis=0)
        for question, row in zip(some, met + _DENSE * similar[:, read], strict=True):
            nearest = np.argsort(-row, kind="stable")[:_NEAREST]
            result.near[question] = [(passages[read[n]].key, float(row[n])) for n in nearest]
        for question, vectors, weights in zip(some, asked, importance, strict=True):
            share = torch.from_numpy(weights[-reader.TOKENS :].copy())
            result.asked[question] = torch.from_numpy(vectors[-reader.TOKENS :]).half(), share / share.sum()
            pieces = encoder.pieces("query: " + question.text)
            lines = question.text.rstrip().rpartition("\n")[0].rstrip()
            result.asked_words[question] = torch.tensor(pieces[-reader.TOKENS :])
            before = len(encoder.pieces("query: " + lines)) - 1 if lines else 0
            result.before[question] = max(0, before - max(0, len(pieces) - reader.TOKENS))
    needed = {key for question in questions for key in (*question.golds, *(key for key, _ in result.near[question]))}
    for n, passage in enumerate(passages):
        if passage.key in needed:
            result.said[layers, passage.key] = torch.from_numpy(condensed(n))
            result.said_words[passage.key] = torch.tensor(sorted({*encoder.pieces("passage: " + passage.whole)}))


Pair = tuple[Question, str]


def log_odds(model: Model, texts: Texts, pairs: Sequence[Pair], count: int) -> torch.Tensor:
    """(pairs,), read in so many groups by the question's length."""
    found = list[torch.Tensor]()
    order = groups([len(texts.asked[question][0]) for question, _ in pairs], count)
    for group in order:
        some = [pairs[n] for n in group]
        asked = filled([texts.asked[question][0].float() for question, _ in some])
        share = filled([texts.asked[question][1] for question, _ in some])
        vectors = [texts.said[texts.read_by[question.part], key] for question, key in some]
        said, there = filled(vectors), filled([torch.ones(len(v)) for v in vectors]).bool()
        asked_words = filled([texts.as_words(texts.asked_words[question]) for question, _ in some])
        said_words = filled([texts.as_words(texts.said_words[key]) for _, key in some])
        leads = filled([torch.arange(len(texts.asked[q][0])) < texts.before[q] for q, _ in some]).float()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found.append(model(asked, share, said, there, asked_words, said_words, leads).float())
    return torch.cat(found)[torch.tensor([n for group in order for n in group]).argsort()]


@dataclass(frozen=True, slots=True)
class _Batch:
    asked: list[tuple[Question, list[str]]]  # with clauses: the one that answers first, if any does
    general: list[
        tuple[Question, list[tuple[str, float]]]
    ]  # of other fields, with passages and how near search has them


class _Batches:
    def __init__(self, examples: Examples, texts: Texts, parts: Sequence[str], recipe: Recipe) -> None:
        self._random, self._recipe, self._texts = random.Random(recipe.seed), recipe, texts
        self._answerable = [q for q in examples.questions if q.part in parts]
        self._stream = Stream(balanced(self._answerable, list(range(len(self._answerable)))), self._random)
        self._unanswerable: dict[str, list[Question]] = {}  # by style
        for question in examples.unanswerable:
            if question.part in parts:
                self._unanswerable.setdefault(question.style, []).append(question)
        self._nothing = {
            style: Stream(list(range(len(some))), self._random) for style, some in self._unanswerable.items()
        }

    def next(self) -> _Batch:
        recipe = self._recipe
        asked = [self._answerable[self._stream.next()] for _ in range(recipe.answerable)]
        # In every style as many as in any other: the way of asking alone is to say nothing of whether there is an answer.
        styles = [question.style for question in asked if question.style in self._nothing]
        drawn = self._random.choices(styles, k=recipe.unanswerable) if styles else []
        asked += [self._unanswerable[style][self._nothing[style].next()] for style in drawn]
        batch = []
        for question in asked:
            answer = [self._random.choice(sorted(question.golds))] if question.golds else []
            wrong = [key for key, _ in self._texts.near[question] if key not in question.golds]
            chosen: list[str] = []
            while len(chosen) < min(recipe.clauses - len(answer), len(wrong)):
                key = wrong[min(int(self._random.expovariate(0.25)), len(wrong) - 1)]  # the nearest most often
                if key not in chosen:
                    chosen.append(key)
            batch.append((question, answer + chosen))
        others = self._random.sample(self._texts.general, min(recipe.general, len(self._texts.general)))
        return _Batch(batch, [(q, self._texts.near[q][: recipe.clauses]) for q in others])


def fit(
    model: Model, examples: Examples, texts: Texts, parts: Sequence[str], recipe: Recipe, state: Path
) -> list[list[float]]:
    """Teaches the reader on `parts`; its curve: [loss, share of questions whose answer came first] a step."""
    batches = _Batches(examples, texts, parts, recipe)
    model.centre.copy_(texts.centre)
    return teach(model, batches.next, lambda batch: _loss(model, texts, batch), recipe, state)


def _loss(model: Model, texts: Texts, batch: _Batch) -> tuple[torch.Tensor, list[float]]:
    pairs = [(question, key) for question, keys in batch.asked for key in keys]
    pairs += [(question, key) for question, near in batch.general for key, _ in near]
    lengths = [*(len(keys) for _, keys in batch.asked), *(len(near) for _, near in batch.general)]
    odds = log_odds(model, texts, pairs, 6).split(lengths)
    # a question with many answers has fewer wrong clauses near it: the rows are filled up with what cannot be taken
    rows = nn.utils.rnn.pad_sequence(list(odds[: len(batch.asked)]), batch_first=True, padding_value=-30.0)
    golds = torch.tensor([bool(question.golds) for question, _ in batch.asked])
    answered, nothing = rows[golds], rows[~golds]
    which = functional.cross_entropy(answered, torch.zeros(len(answered), dtype=torch.long))
    wrong = torch.cat([answered[:, 1:].flatten(), nothing.flatten()])
    whether = functional.softplus(-answered[:, 0]).mean() + 0.5 * functional.softplus(wrong).mean()
    whether = whether + 0.5 * functional.softplus(nothing.amax(1)).mean()
    loss = which + whether + _kept(odds[len(batch.asked) :], batch)
    return loss, [float((answered.argmax(1) == 0).float().mean())]


def _kept(odds: Sequence[torch.Tensor], batch: _Batch) -> torch.Tensor:
    """How far the reader's word on passages of other fields is from what search says of them."""
    apart = [
        functional.kl_div(
            row.log_softmax(0), (_SEARCH * torch.tensor([s for _, s in near])).softmax(0), reduction="sum"
        )
        for row, (_, near) in zip(odds, batch.general, strict=True)
    ]
    return torch.stack(apart).mean() if apart else torch.zeros(())


def measure(model: Model, examples: Examples, texts: Texts, parts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Group ("all", "short", a style, a part) -> figures, by search alone and with the reader over its first clauses.

    first: right clause first; among: among those read; area, wrong_at_85: as `training.measure` has them, of the best
    similarity and of the reader's highest log odds.
    """
    asked = [q for q in [*examples.questions, *examples.unanswerable] if q.part in parts]
    found: list[np.ndarray] = []
    with torch.inference_mode():
        for start in range(0, len(asked), 128):
            some = asked[start : start + 128]
            pairs = [(q, key) for q in some for key, _ in texts.near[q][: reader.CLAUSES]]
            odds = log_odds(model, texts, pairs, 16).split([len(texts.near[q][: reader.CLAUSES]) for q in some])
            found.extend(row.numpy() for row in odds)
    groups: dict[str, list[tuple[Question, np.ndarray]]] = {}
    for question, odds in zip(asked, found, strict=True):
        for group in ("all", question.style, shelf_of(question.part), *(["short"] if len(question.text) <= 14 else [])):
            groups.setdefault(group, []).append((question, odds))
    return {group: _figures(texts, rows) for group, rows in sorted(groups.items())}


def _figures(texts: Texts, rows: Sequence[tuple[Question, np.ndarray]]) -> dict[str, float]:
    right: dict[str, list[bool]] = {"first": [], "first_read": [], "among": []}
    best: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for question, odds in rows:
        keys, similar = zip(*texts.near[question][: reader.CLAUSES], strict=True)
        best[bool(question.golds)].append((similar[0], float(odds.max())))
        if question.golds:
            right["first"].append(keys[0] in question.golds)
            right["first_read"].append(keys[int(np.argmax(odds + _SEARCH * np.array(similar)))] in question.golds)
            right["among"].append(any(key in question.golds for key in keys))
    figures = {name: float(np.mean(values)) for name, values in right.items() if values}
    for n, name in enumerate(("", "_read")):
        answerable, nothing = ([pair[n] for pair in best[kind]] for kind in (True, False))
        if answerable and nothing:
            figures["area" + name] = area(answerable, nothing)
            line = np.quantile(answerable, 1 - _COVERAGE)
            figures["wrong_at_85" + name] = float(np.mean(np.array(nothing) >= line))
    return {name: round(value, 4) for name, value in figures.items()} | {"questions": len(rows)}


def main() -> None:
    parser = command("python -m training.reader", __doc__)
    parser.add_argument(
        "--encoder", type=Path, required=True, help="folder of the taught layers whose vectors it reads"
    )
    parser.add_argument(
        "--other", action="append", default=[], metavar="LAYERS=PART,PART", help="what reads some parts instead"
    )
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    recipe = recipe_of(Recipe(), asked.set)
    asked.out.mkdir(parents=True, exist_ok=True)
    examples = load(asked.data, asked.out / "scratch")
    left_out = [part for part in asked.left_out.split(",") if part]
    layers_of = dict.fromkeys(examples.parts(), asked.encoder)
    for option in asked.other:
        layers, _, names = option.rpartition("=")
        layers_of |= {name: Path(layers) for name in names.split(",")}
    if unknown := sorted({*left_out, *layers_of} - set(examples.parts())):
        sys.exit(f"There is no part {unknown[0]!r}; there are {', '.join(examples.parts())}.")
    texts = Texts.begin()
    for layers in dict.fromkeys(layers_of.values()):
        parts = [part for part in examples.parts() if layers_of[part] == layers]
        texts.update(read_texts(examples, parts, layers, asked.cache.expanduser(), asked.out.parent))
    chosen = random.Random(recipe.seed)
    texts.update(read_general(examples.general, asked.encoder, asked.cache.expanduser(), asked.out.parent, chosen))
    torch.manual_seed(recipe.seed)
    model = Model(recipe)
    begun = go_on(model, asked.begin, "reader") if asked.begin else {}
    taught = [part for part in examples.parts() if part not in left_out]
    curve = fit(model, examples, texts, taught, recipe, asked.out / "state.pt")
    about = {"recipe": asdict(recipe), **begun, "left_out": left_out, "data": examples.digest()}
    report: dict[str, Any] = {**about, "curve": curve}
    if left_out:
        report["read"] = measure(model, examples, texts, left_out)
        for group, figures in report["read"].items():
            say(f"{group:14} " + "  ".join(f"{name} {value:g}" for name, value in figures.items()))
    (asked.out / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    if asked.export:
        runs = [json.loads((run / "report.json").read_text(encoding="utf-8")) for run in asked.validated]
        validation = [{"left_out": run["left_out"], **run["read"]["all"]} for run in runs]
        export_beside(model, asked.encoder, asked.export, "reader", {**about, "validation": validation})


if __name__ == "__main__":
    main()
