"""A public set: how its base and its cases are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eval.types import Case
from kb.types import Content


@dataclass(frozen=True, slots=True)
class Loaded:
    contents: list[Content]
    cases: list[Case]  # all that may be asked


@dataclass(frozen=True, slots=True)
class PublicSet:
    name: str
    what: str  # its base and its questions, in a few words
    load: Callable[[Path], Loaded]  # from the folder of development data; the same every time
    limit: int  # questions with an answer that are asked unless another number is given
    spread: bool = False  # some questions of every intent; else whole intents
    learned: bool = False  # the shipped encoder or its calibration has learnt from these very questions
