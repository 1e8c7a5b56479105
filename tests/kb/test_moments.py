"""Days and minutes as people write them, and the moments that are meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb import moments
from tests.support import ZONE

ZONES = st.sampled_from(
    [ZoneInfo(n) for n in ("Asia/Shanghai", "America/New_York", "America/Havana", "Asia/Beirut", "Pacific/Apia")]
)
DAYS = st.dates(date(1990, 1, 1), date(2037, 1, 1))


def test_a_day_begins_at_midnight_and_its_end_is_the_next_ones_beginning() -> None:
    assert moments.parse_from("2025-06-01", ZONE) == datetime(2025, 6, 1, tzinfo=ZONE)
    assert moments.parse_until("2025-05-31", ZONE) == datetime(2025, 6, 1, tzinfo=ZONE)


@pytest.mark.parametrize(
    "text", ["2025-11-11T20:00", "2025-11-11 20:00", "2025-11-11T21:00+09:00", "2025-11-11T12:00Z"]
)
def test_a_minute_is_itself_at_either_end_and_is_shown_in_the_bases_zone(text: str) -> None:
    expected = datetime(2025, 11, 11, 12, 0, tzinfo=UTC)
    assert moments.parse_from(text, ZONE) == moments.parse_until(text, ZONE) == expected
    assert moments.show_from(moments.parse_from(text, ZONE)) == "2025-11-11T20:00+08:00"


@pytest.mark.parametrize("text", ["2025年6月1日", "2025年6月1号", "2025/6/1", "2025.06.01", "２０２５年６月１日"])
def test_a_day_may_be_written_as_people_write_it(text: str) -> None:
    assert moments.parse(text) == date(2025, 6, 1)
    assert moments.parse(f"{text} 20:00") == datetime(2025, 6, 1, 20)


def test_a_day_of_another_zone_is_no_day_here() -> None:
    assert moments.show_from(moments.parse_from("2025-11-11T00:00+09:00", ZONE)) == "2025-11-10T23:00+08:00"


@pytest.mark.parametrize("text", ["2025-02-30", "2025-11-11T25:00", "20251111", "9999-12-31T23:59-12:00", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        moments.parse_from(text, ZONE)


@given(DAYS, ZONES)
@example(date(1999, 3, 27), ZoneInfo("America/Havana"))  # 28 March began at 01:00
def test_a_day_is_shown_as_it_was_written_also_where_clocks_change_at_midnight(day: date, zone: ZoneInfo) -> None:
    first, until = moments.parse_from(day.isoformat(), zone), moments.parse_until(day.isoformat(), zone)
    assert moments.show_from(first) == moments.show_until(until) == day.isoformat()
    assert timedelta(0) <= until - first <= timedelta(hours=26)
    assert datetime.fromisoformat(first.isoformat()) == first, "it is equal to itself read back from a file"
    assert moments.begin(day + timedelta(days=1), zone) == until
