"""The training loop: questions drawn to their passages, away from other questions' passages and from near misses.

Loss of a batch of n questions: InfoNCE over 2n passages (each question's own, and a near miss of each), passages that
also answer a question not being held against it; the same the other way round, where questions that nothing answers
stand beside a passage's own; and two terms that keep texts of other fields where the plain encoder put them, and near
what they were near. Resumable after a kill: what decides the next step is in one file.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from training.encoder import Encoder, Tokens
from training.examples import LAY, Examples, Question
from training.mining import Mined, Vectors, beside, embed, mine
from training.store import Store

_SAVE_EVERY = 25
_BESIDE = 4  # passages drawn to each question of other fields, from those that the plain encoder puts nearest


@dataclass(frozen=True, slots=True)
class Recipe:
    steps: int = 350
    questions: int = 32  # in a batch
    lay_share: float = 0.2  # of these: long questions on statutes
    unanswerable: int = 8  # in a batch, each beside a question of the passage that it nearly hits
    sentence_share: float = 0.3  # of batches that learn from the best sentence in place of the whole passage
    general: int = 5  # questions of another field in a batch, with passages near them, that are to stay where they were
    keep: float = 3.0  # weight of staying
    order: float = 1.0  # weight of staying near what they were near
    back: float = 0.3  # weight of the loss from passages to questions
    tokens: float = 1.0  # weight of the losses token by token
    line: float = 0.1  # of these, of telling answers from non-answers by one line for all questions
    head_rate: float = 1e-3
    rate: float = 8e-5
    warm_up: int = 30
    temperature: float = 0.02
    average: float = 1.0  # share of what was learnt in what comes out, the rest is what a run began from (`_averaged`)
    refresh: int = 0  # steps after which near misses are looked for anew, but for those of the lay questions; 0: never
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    loss: float
    kept: float  # mean cosine of the texts of another field to where they were
    moved: float  # how far what is near their questions is from what was, in nats (Kullback and Leibler)
    right: float  # share of the batch's questions whose own passage came first
    right_by_token: float  # the same token by token


def fit(
    encoder: Encoder,
    lower: Store,
    examples: Examples,
    plain: Vectors,
    left_out: Sequence[str],
    recipe: Recipe,
    state: Path,
    tick: Callable[[Step], None],
    look: Callable[[int], None],
    begun: bool = False,
) -> list[Step]:
    """Teaches `encoder`, leaving the parts `left_out` aside. `plain`: the vectors before. `look` is called whenever near
    misses are looked for anew, with the number of steps done. `begun`: by another run, so its near misses are the first."""
    modules = {"upper": encoder.upper, "head": encoder.head}
    before = {name: copy.deepcopy(module.state_dict()) for name, module in modules.items()}
    parameters = [*encoder.upper.parameters()]
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.01, "share": 1.0},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0, "share": 1.0},
            {"params": [*encoder.head.parameters()], "weight_decay": 0.0, "share": recipe.head_rate / recipe.rate},
        ]
    )
    parameters += encoder.head.parameters()
    done: list[Step] = []
    parts = [part for part in examples.parts() if part not in left_out]
    if state.is_file():
        saved = torch.load(state, weights_only=False)  # our own file: it holds our records
        for name, module in modules.items():
            module.load_state_dict(saved[name])
        optimiser.load_state_dict(saved["optimiser"])
        done, batches = saved["steps"], saved["batches"]
    else:
        batches = _Batches(examples, mine(examples, parts, plain), parts, recipe)
    batches.attach(examples, {q: near for some in examples.general for q, near in beside(some, plain).items()})
    for number in range(len(done), recipe.steps):
        if (begun and not number) or (recipe.refresh and number and number % recipe.refresh == 0):
            if number:
                look(number)
            desk = [part for part in parts if not part.startswith(LAY)]
            texts = examples.texts(desk)
            batches.mined |= mine(examples, desk, embed(encoder, lower, texts).vectors)
        rate = recipe.rate * min(1, (number + 1) / recipe.warm_up) * max(0.05, 1 - number / recipe.steps)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["share"]
        done.append(_step(encoder, lower, batches.next(), plain, recipe, optimiser, parameters, number))
        tick(done[-1])
        if len(done) % _SAVE_EVERY == 0 or len(done) == recipe.steps:
            learnt = {name: module.state_dict() for name, module in modules.items()}
            save(state, {**learnt, "optimiser": optimiser.state_dict(), "steps": done, "batches": batches})
    if begun:
        for name, module in modules.items():
            module.load_state_dict(_averaged(before[name], module.state_dict(), recipe.average))
    return done


def _averaged(
    before: Mapping[str, torch.Tensor], learnt: Mapping[str, torch.Tensor], share: float
) -> dict[str, torch.Tensor]:
    """What is between two states of the same layers keeps more of what either knew than a run that goes on alone
    (Wortsman et al. 2022, arXiv:2109.01903)."""
    return {name: torch.lerp(before[name], value, share) for name, value in learnt.items()}


@dataclass(frozen=True, slots=True)
class _Batch:
    questions: list[str]
    unanswerable: list[str]
    passages: list[str]  # the questions' own, then the near misses
    answers: np.ndarray  # (questions, passages) bool: which passages answer which question
    general: list[str]  # questions of one other field
    beside: list[str]  # passages of that field, some near each of these


class _Batches:
    """Batches in an order that the seed alone decides. No passage is in a batch twice as an answer."""

    def __init__(self, examples: Examples, mined: dict[Question, Mined], parts: Sequence[str], recipe: Recipe) -> None:
        self.mined = mined
        self._recipe, self._random = recipe, random.Random(recipe.seed)
        kept = [n for n, q in enumerate(examples.questions) if q.part in parts]
        asked = examples.questions
        self._lay = Stream([n for n in kept if asked[n].style == LAY], self._random)
        self._desk = Stream(balanced(asked, [n for n in kept if asked[n].style != LAY]), self._random)
        self._general = [Stream(list(range(len(some.questions))), self._random) for some in examples.general]
        unanswerable = [n for n, q in enumerate(examples.unanswerable) if q.part in parts]
        self._unanswerable = Stream(unanswerable, self._random)
        self._of_passage: dict[str, list[int]] = {}
        for n in kept:
            for gold in sorted(asked[n].golds):
                self._of_passage.setdefault(gold, []).append(n)

    def attach(self, examples: Examples, beside: Mapping[str, Sequence[str]]) -> None:
        """`beside`: question of another field -> passages that the plain encoder puts nearest to it, nearest first."""
        self._examples, self._beside = examples, beside

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("_examples", "_beside")}

    def next(self) -> _Batch:
        recipe, examples = self._recipe, self._examples
        by_sentence = self._random.random() < recipe.sentence_share
        chosen: list[tuple[Question, str]] = []
        taken: set[str] = set()

        def take(question: Question, golds: list[str]) -> None:
            chosen.append((question, self._random.choice(golds)))
            taken.update(question.golds)

        unanswerable = []
        for _ in range(recipe.unanswerable if self._unanswerable else 0):
            question = examples.unanswerable[self._unanswerable.next()]
            unanswerable.append("query: " + question.text)
            near = [key for key in self.mined[question].near_misses[:3] if key in self._of_passage and key not in taken]
            if near:
                take(examples.questions[self._random.choice(self._of_passage[near[0]])], near[:1])
        lay = round(recipe.questions * recipe.lay_share) if self._lay else 0
        for stream, wanted in ((self._lay, len(chosen) + lay), (self._desk, recipe.questions)):
            while len(chosen) < wanted:
                question = examples.questions[stream.next()]
                if free := sorted(question.golds - taken):
                    take(question, free)
        keys = [gold for _, gold in chosen]
        texts = []
        for question, gold in chosen:
            passage = examples.passages[gold]
            best = self.mined[question].best_sentence[gold]
            texts.append(passage.sentences[best] if by_sentence else passage.whole)
        for question, _ in chosen:
            misses = self.mined[question].near_misses
            key = misses[min(int(self._random.expovariate(0.35)), len(misses) - 1)]  # the nearest most often
            passage = examples.passages[key]
            keys.append(key)
            cut = by_sentence and passage.sentences
            texts.append(self._random.choice(passage.sentences) if cut else passage.whole)
        return _Batch(
            ["query: " + question.text for question, _ in chosen],
            unanswerable,
            ["passage: " + text for text in texts],
            np.array([[key in question.golds for key in keys] for question, _ in chosen]),
            *self._of_another_field(),
        )

    def _of_another_field(self) -> tuple[list[str], list[str]]:
        if not (self._general and self._recipe.general):
            return [], []
        sizes = [len(some.questions) for some in self._examples.general]
        [field] = self._random.choices(range(len(sizes)), sizes)
        some = self._examples.general[field].questions
        questions = list(dict.fromkeys(some[self._general[field].next()] for _ in range(self._recipe.general)))
        found = dict[str, None]()
        for question in questions:
            first, *rest = self._beside[question]
            found |= dict.fromkeys([first, *self._random.sample(rest, min(_BESIDE - 1, len(rest)))])
        return questions, list(found)


def balanced(questions: Sequence[Question], numbers: list[int]) -> list[int]:
    """Rare styles and languages oftener: a group's share falls with the square root of its size."""
    groups: dict[tuple[str, str], list[int]] = {}
    for n in numbers:
        groups.setdefault((questions[n].style, questions[n].language), []).append(n)
    largest = max(map(len, groups.values()), default=1)
    return [n for group in groups.values() for n in group * max(1, round((largest / len(group)) ** 0.5))]


class Stream:
    """Numbers without end, shuffled anew each time round."""

    def __init__(self, numbers: list[int], chosen: random.Random) -> None:
        self._numbers, self._random, self._waiting = numbers, chosen, list[int]()

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def next(self) -> int:
        if not self._waiting:
            self._waiting = self._numbers[:]
            self._random.shuffle(self._waiting)
        return self._waiting.pop()


def _step(
    encoder: Encoder,
    lower: Store,
    batch: _Batch,
    plain: Vectors,
    recipe: Recipe,
    optimiser: Any,
    parameters: list[torch.nn.Parameter],
    number: int,
) -> Step:
    parts = (batch.questions + batch.unanswerable, batch.passages, batch.general, batch.beside)
    ends = np.cumsum([0, *map(len, parts)])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        vectors, tokens = _read(encoder, lower, [text for part in parts for text in part])
        at = [tokens.take(start, end) for start, end in pairwise(ends)]
        met = at[0].found_in(at[1])
    asked, found, *now = vectors.split(list(map(len, parts)))
    answers = torch.from_numpy(batch.answers.copy())
    loss, right = _contrast(asked @ found.T, answers, recipe)
    token_loss, right_by_token = _contrast(met, answers, recipe)
    loss = loss + recipe.tokens * (
        token_loss + recipe.line * _line((met - encoder.head.line) / recipe.temperature, answers)
    )
    kept, moved = torch.ones(()), torch.zeros(())
    if batch.general:
        before = [torch.from_numpy(np.stack([plain[text] for text in some])) for some in parts[2:]]
        kept = (torch.cat(now) * torch.cat(before)).sum(1).mean()
        was = (before[0] @ before[1].T / recipe.temperature).log_softmax(1)
        found_now = (now[0] @ now[1].T, at[2].found_in(at[3]))
        moved = torch.stack([_moved(was, similar / recipe.temperature) for similar in found_now]).mean()
    (loss + recipe.keep * (1 - kept) + recipe.order * moved).backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return Step(number, *(round(float(x.detach()), 4) for x in (loss, kept, moved, right, right_by_token)))


def _moved(was: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """How far what each question finds is from what it found: `was` (questions, passages) log probabilities."""
    return functional.kl_div(scores.log_softmax(1), was, reduction="batchmean", log_target=True)


def _contrast(similar: torch.Tensor, answers: torch.Tensor, recipe: Recipe) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss from questions to passages and back, and the share of questions whose own passage comes first.

    `similar`: (questions, the unanswerable ones last; passages). `answers`: (answerable questions, passages).
    """
    n = len(answers)
    own = torch.arange(n)
    also = answers.clone()
    also[own, own] = False
    scores = similar / recipe.temperature
    there = scores[:n].masked_fill(also, -1e4)
    # back: a passage against all questions; the columns of passages that own a question
    unanswered = torch.zeros(len(similar) - n, n, dtype=torch.bool)
    back = scores[:, :n].masked_fill(torch.cat([also[:, :n], unanswered]), -1e4).T
    loss = functional.cross_entropy(there, own) + recipe.back * functional.cross_entropy(back, own)
    return loss, (there.argmax(1) == own).float().mean()


def _line(scores: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """How far answers and the nearest non-answers are on the wrong side of 0, one line for all questions."""
    n = len(answers)
    own = scores[:n].diagonal()
    wrong = torch.cat([scores[:n].masked_fill(answers, -1e4), scores[n:]]).amax(1)
    return functional.softplus(-own).mean() + functional.softplus(wrong).mean()


def _read(encoder: Encoder, lower: Store, texts: Sequence[str]) -> tuple[torch.Tensor, Tokens]:
    """In six groups by length: padding all to the longest would double the work."""
    rows = [lower[text] for text in texts]
    order = sorted(range(len(rows)), key=lambda n: len(rows[n]))
    size = -(-len(order) // 6)
    vectors, tokens = zip(
        *(encoder.read([rows[n] for n in order[start : start + size]]) for start in range(0, len(order), size)),
        strict=True,
    )
    place = {n: at for at, n in enumerate(order)}
    lengths = [length for part in tokens for length in part.lengths]
    of_text = torch.cat([part.vectors for part in tokens]).split(lengths)
    importance = torch.cat([part.importance for part in tokens]).split(lengths)
    back = [place[n] for n in range(len(rows))]
    return torch.cat(vectors)[torch.tensor(back)], Tokens(
        torch.cat([of_text[at] for at in back]),
        torch.cat([importance[at] for at in back]),
        [lengths[at] for at in back],
    )


def save(file: Path, state: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_suffix(".new")
    torch.save(state, aside)
    aside.replace(file)
