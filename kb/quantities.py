"""Quantities in a text: deadlines, amounts, shares, dates and plain numbers, in one form whatever their script.

"7天", "七日", "一周" and "168小时" are one quantity; so are "￥99", "99元" and "九十九元".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """What a quantity counts, with the unit that its values are in."""

    TIME = "time"  # hours
    WORKING_TIME = "working_time"  # working days: not comparable with TIME
    MONEY = "money"  # of one currency, named in `unit`
    SHARE = "share"  # of one: 20 %, 两成, 八折 is a price of 0.8
    DATE = "date"  # ordinal of the day
    COUNT = "count"  # of what `unit` says: 件, 次, kg


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value or a range. "七日内" has high 168; "至少3天" has low 72; "3至5天" both; "99元" both, and equal."""

    measure: Measure
    unit: str  # of MONEY the currency's ISO code, of COUNT what is counted, else ""
    low: float | None  # in the measure's unit; None: open
    high: float | None
    start: int  # of the text it was found in, in characters
    end: int

    @property
    def value(self) -> tuple[Measure, str, float | None, float | None]:
        """What two quantities have in common when they are the same."""
        return self.measure, self.unit, self.low, self.high
