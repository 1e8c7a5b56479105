"""What the faces need from the rest, and what they hand over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from assistant.types import Answer, Request
from kb.types import Hit


class Assistant(Protocol):
    """The engine, as the faces see it. Every method may be called from several threads at once."""

    @property
    def snapshot(self) -> str:
        """Id of the snapshot being served; empty while there is none."""
        ...

    def ask(self, request: Request, now: datetime | None = None) -> Answer:
        """`now`: the moment it is asked at; None: this one."""
        ...

    def search(self, request: Request, top: int) -> list[Hit]:
        """The ranked clauses, before anything is decided."""
        ...

    def scopes(self) -> Mapping[str, tuple[str, ...]]:
        """Scope dimensions with the values known in the base."""
        ...

    def summary(self) -> Mapping[str, int]:
        """Counts of the base: at least `documents` and `clauses`."""
        ...

    def now(self) -> datetime:
        """The moment, in the base's time zone: where its rules' days begin and end."""
        ...


class Verdict(StrEnum):
    """What an agent says of an answer."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"  # the rule that should answer is not in the base


@dataclass(frozen=True, slots=True)
class Feedback:
    answer_id: str
    snapshot: str
    verdict: Verdict
    note: str | None = None  # as typed: masking is for whoever stores it


RecordFeedback = Callable[[Feedback], None]
