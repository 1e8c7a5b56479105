"""Dates in a question: the past moment of a purchase, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.timewords import find
from tests.support import on

TODAY = on("2026-11-22")


@pytest.mark.parametrize(
    "text, day",
    [
        ("去年双十一买的", "2025-11-11"),
        ("去年双11买的", "2025-11-11"),
        ("今年618下的单", "2026-06-18"),
        ("前年买的", "2024-07-01"),
        ("2024年5月的订单", "2024-05-15"),
        ("二〇二四年五月买的", "2024-05-15"),
        ("2024年5月3日下的单", "2024-05-03"),
        ("2024-05-03付款的", "2024-05-03"),
        ("24年买的", "2024-07-01"),
        ("三个月前买的", "2026-08-24"),
        ("10天前签收的", "2026-11-12"),
        ("my November 2023 order", "2023-11-15"),
        ("I bought it 2 years ago", "2024-11-22"),
        ("去年11月買的", "2025-11-15"),
    ],
)
def test_a_moment_of_buying_is_found(text: str, day: str) -> None:
    found = find(text, TODAY)
    assert found is not None and found.on == on(day)


@pytest.mark.parametrize(
    "text",
    [
        "几天内可以退货",
        "2030年买的",
        "最晚2025年5月退",
        "明年双十一买",
        "今年买的",
        "花了2024元买的",
        "付了¥2024买的",
        "I paid 2024 yuan for my order",
        "",
    ],
)
def test_other_numbers_future_dates_and_bare_dates_are_none(text: str) -> None:
    assert find(text, TODAY) is None


@given(st.text(alphabet="去年前今12月日天年前买的双十一-/. 二〇", max_size=30))
def test_whatever_is_written_the_moment_lies_before_today(text: str) -> None:
    found = find(text, TODAY)
    assert found is None or found.on < TODAY
