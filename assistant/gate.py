"""The gate before publishing: the same questions put to the snapshot that answers now and to the next one.

Three sets are asked: golden questions, which show what a change does to known answers; the recent real ones, which
show whom it reaches; and those whose answers must not change, which stop it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from assistant.changes import ChangedAnswer, changed_answers
from assistant.errors import BadRequest
from assistant.types import Answer, AnswerStatus, Request
from kb.embedding import Embedded, Embedder, Progress
from kb.judge import Judge
from kb.reader import Reader

if TYPE_CHECKING:
    from assistant.engine import Assistant


class Source(StrEnum):
    """Which set a question is from."""

    MUST_NOT_CHANGE = "must_not_change"
    GOLDEN = "golden"
    RECENT = "recent"


@dataclass(frozen=True, slots=True)
class Gold:
    """A clause that answers. Without a label, any clause of the document; with a quote, one that holds it."""

    document: str
    label: str | None = None
    quote: str | None = None

    def fits(self, answer: Answer) -> bool:
        if answer.citation is None:
            return False
        clause = answer.citation.clause
        return (
            clause.document == self.document
            and self.label in (None, clause.label)
            and (self.quote is None or self.quote in clause.text)
        )


@dataclass(frozen=True, slots=True)
class Question:
    request: Request
    source: Source
    where: str  # "must-not-change.jsonl, line 3"
    gold: tuple[Gold, ...] = ()  # any of them is right; empty: unknown, unless the question has no answer
    answerable: bool = True

    @property
    def states_gold(self) -> bool:
        return bool(self.gold) or not self.answerable

    def is_right(self, answer: Answer) -> bool:
        """Whether the answer is what the question's row states."""
        if not self.answerable:
            return answer.status is not AnswerStatus.ANSWERED
        return any(gold.fits(answer) for gold in self.gold)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A question whose answer the next snapshot changes."""

    question: Question
    change: ChangedAnswer

    @property
    def blocks(self) -> bool:
        """Whether it is one that must not change.

        Two changes are none: to an answer that is right now and was not, and around a quote that still stands.
        """
        if self.question.source is not Source.MUST_NOT_CHANGE:
            return False
        if not (self.question.states_gold and self.question.is_right(self.change.after)):
            return True
        was_right = self.question.is_right(self.change.before)
        return was_right and not any(gold.quote and gold.fits(self.change.after) for gold in self.question.gold)


@dataclass(frozen=True, slots=True)
class Unasked:
    """A question that one of the snapshots refuses: it names a scope dimension that this one does not know."""

    question: Question
    reason: str
    blocks: bool  # it must not change, and only the next snapshot refuses it


@dataclass(frozen=True, slots=True)
class Outcome:
    asked: int  # questions, each counted once whichever sets it is in
    changed: tuple[Replayed, ...]  # in the order of the sources, and of the questions in each
    unasked: tuple[Unasked, ...] = ()

    @property
    def blocking(self) -> tuple[Replayed | Unasked, ...]:
        changed = [replayed for replayed in self.changed if replayed.blocks]
        return (*changed, *(unasked for unasked in self.unasked if unasked.blocks))


def replay(
    old: Assistant,
    new: Assistant,
    questions: Iterable[Question],
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Puts `questions` to both. A request that is in several sets is asked once, for the strictest of them."""
    ranks = {source: rank for rank, source in enumerate(Source)}
    once: dict[object, Question] = {}
    for question in sorted(questions, key=lambda q: ranks[q.source]):
        once.setdefault(_asked(question.request), question)
    changed: list[Replayed] = []
    unasked: list[Unasked] = []
    for number, question in enumerate(once.values(), 1):
        try:
            changes = changed_answers(old, new, [question.request], now)
            changed.extend(Replayed(question, change) for change in changes)
        except BadRequest as error:
            strict = question.source is Source.MUST_NOT_CHANGE
            unasked.append(Unasked(question, str(error), strict and _can_ask(old, question.request, now)))
        if progress:
            progress(number, len(once))
    return Outcome(len(once), tuple(changed), tuple(unasked))


def _asked(request: Request) -> object:
    """What makes two requests one question: the language of the reasons and the alternatives do not."""
    return request.question, request.history, request.as_of, tuple(sorted(request.scope.items()))


def _can_ask(assistant: Assistant, request: Request, now: datetime) -> bool:
    try:
        assistant.ask(request, now)
    except BadRequest:
        return False
    return True


class OnceEmbedded:
    """An embedder that embeds each question once, however many snapshots it is put to."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._questions: dict[str, Embedded] = {}

    @property
    def id(self) -> str:
        return self._embedder.id

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    @property
    def reads_tokens(self) -> bool:
        return self._embedder.reads_tokens

    @property
    def reader(self) -> Reader | None:
        return self._embedder.reader

    @property
    def judge(self) -> Judge | None:
        return self._embedder.judge

    def embed_question(self, text: str) -> Embedded:
        if text not in self._questions:
            self._questions[text] = self._embedder.embed_question(text)
        return self._questions[text]

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        return self._embedder.embed_passages(texts, progress)

    def read_passages(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        return self._embedder.read_passages(texts, progress)

    def words(self, text: str) -> np.ndarray:
        return self._embedder.words(text)
