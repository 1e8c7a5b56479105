"""Moments at which rules begin and end: days of the base's time zone, or minutes that a rule states.

A rule is in force from its first moment (included) until another one (excluded). People write the last day
("until 31 May", included); `parse_until` and `show_until` are the only places that know the difference.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

EVER = datetime.min.replace(tzinfo=UTC)
"""Before every moment; stands for an unknown beginning where moments are compared."""

_DAY = timedelta(days=1)
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?")
_DAY_AS_SAID = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?!\d)")


def parse(text: str) -> date | datetime:
    """2025-06-01 (or 2025年6月1日, 2025/6/1) is a day, 2025-06-01T20:00 (or with a space, or a zone: +09:00, Z) a
    minute. Raises ValueError."""
    text = unicodedata.normalize("NFKC", text).strip()
    if (day := _DAY_AS_SAID.match(text)) is not None:
        text = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}{text[day.end() :]}"
    if not _WRITTEN.fullmatch(text):
        raise ValueError(f"expected a date such as 2025-06-01 or a minute such as 2025-06-01T20:00, found {text!r}")
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def parse_from(text: str, zone: tzinfo) -> datetime:
    """The first moment in force of a rule that begins on `text`, in `zone`. Raises ValueError."""
    written = parse(text)
    return _within(begin(written, zone), zone) if isinstance(written, datetime) else begin(written, zone)


def parse_until(text: str, zone: tzinfo) -> datetime:
    """The first moment out of force of a rule whose last day, or last moment, is `text`, in `zone`. Raises ValueError."""
    written = parse(text)
    return _within(end(written, zone), zone) if isinstance(written, datetime) else end(written, zone)


def begin(moment: date | datetime, zone: tzinfo) -> datetime:
    """A day's first moment, as 00:00 also where clocks pass over it; a minute is itself, in `zone` where it states
    none."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment if moment.tzinfo else _fixed(moment.replace(tzinfo=zone))


def end(moment: date | datetime, zone: tzinfo) -> datetime:
    """The first moment after a day; a minute is itself."""
    if isinstance(moment, datetime) or moment == date.max:
        return begin(moment, zone)
    return begin(moment + _DAY, zone)


def instant(asked: date | datetime | None, now: datetime) -> datetime:
    """The moment that a request means: today is now, another day is meant as at its end.

    At its end, because a rule that begins in the course of a day is that day's rule from then on.
    `now` knows the time zone.
    """
    if asked is None or asked == now.date():
        return now
    if isinstance(asked, datetime) or asked == date.max:
        return begin(asked, now.tzinfo or UTC)
    return end(asked, now.tzinfo or UTC) - timedelta(microseconds=1)


def show_from(moment: datetime | None) -> str | None:
    """The day, or the minute where it is not a day's first; None stays None."""
    if moment is None:
        return None
    return moment.date().isoformat() if _is_midnight(moment) else moment.isoformat(timespec="minutes")


def show_until(moment: datetime | None) -> str | None:
    """The last day in force; of a rule that ends in the course of a day, the minute."""
    if moment is None:
        return None
    return (moment - _DAY).date().isoformat() if _is_midnight(moment) else moment.isoformat(timespec="minutes")


def last_day(until: datetime) -> date:
    """The last day of which some part is in force."""
    return (until - timedelta(microseconds=1)).date()


def _within(moment: datetime, zone: tzinfo) -> datetime:
    """The same moment as the base's clocks show it, so that a day shown is a day there. Not for days: where clocks are
    put forward at midnight, no clock shows a day's first moment as 00:00."""
    try:
        return _fixed(moment.astimezone(zone))
    except OverflowError:
        raise ValueError(f"expected a moment between the years 1 and 9999, found {moment}") from None


def _fixed(moment: datetime) -> datetime:
    """With the offset instead of the zone: where clocks are put forward or back, Python has a moment of one zone never
    equal the same moment of another, nor therefore itself read back from a file."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta(0)))


def _is_midnight(moment: datetime) -> bool:
    return moment.timetz().replace(tzinfo=None) == time()
