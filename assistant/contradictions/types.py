"""What looking for contradictions comes to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.types import Clause


class Likeness(StrEnum):
    """How two clauses on one point stand to each other."""

    CONTRADICTION = "contradiction"
    DUPLICATE = "duplicate"  # they say the same: one text is to speak


class Point(StrEnum):
    """What two contradicting clauses differ in."""

    TIME = "time"  # 七日 / 15天
    MONEY = "money"  # 满99元 / 满59元
    SHARE = "share"  # 退还80% / 90%
    COUNT = "count"  # 最多3件 / 5件
    DATE = "date"
    DUTY = "duty"  # 运费由买家承担 / 由商家承担
    PERMISSION = "permission"  # 支持 / 不支持, 可以 / 不得
    CONDITION = "condition"  # 未拆封的可以退 / 拆封后也可以退


Span = tuple[int, int]
"""Offsets into a clause's text."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A point on which two clauses part, with the words that say it in each."""

    point: Point
    first: tuple[Span, ...]
    second: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Two clauses of one snapshot; `first` stands before `second` by (clause id, version id)."""

    first: Clause
    second: Clause
    likeness: Likeness
    differences: tuple[Difference, ...]  # empty for duplicates
    certain: bool  # they speak of the same thing in much the same words: nothing but the point differs
    score: float | None = None  # the judge's, the higher the likelier; None: rules found it
