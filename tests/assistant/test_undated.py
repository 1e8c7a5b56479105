"""When something was bought says which edition answers: nothing else of the question hangs on it."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant import timewords
from assistant.undated import undated
from tests.support import ZONE

NOW = datetime(2026, 11, 24, 15, tzinfo=ZONE)


def without(text: str) -> str:
    return undated(text, timewords.find(text, NOW), NOW)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("我去年10月买的，沙发拆装费要出吗", "沙发拆装费要出吗"),
        ("客户2026年5月下的单，保修到哪天", "保修到哪天"),
        ("去年双十一收到的货，少了个配件怎么办", "少了个配件怎么办"),
        ("我去年双十一买的沙发，拆装费要出吗", "我买的沙发，拆装费要出吗"),
        ("我双十一买的沙发，拆装费要出吗", "我买的沙发，拆装费要出吗"),  # the last one
        ("沙发是2025年五月份买的，能退吗", "沙发是买的，能退吗"),
        ("my order from November 2025 - can I return it", "my order - can I return it"),
        ("2025年4月に購入した商品の返金は何日ですか", "購入した商品の返金は何日ですか"),
    ],
)
def test_the_day_of_buying_goes(text: str, rest: str) -> None:
    assert without(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "昨天下的单怎么还没发货",  # how long ago is what is asked
        "三个月前买的吹风机坏了，能修吗",
        "I bought a watch three months ago, is it too late",
        "去年双十一的满减力度",  # the sale is what is asked about
        "我去年双十一活动买的沙发能退吗",
        "退货期限是几天",
    ],
)
def test_all_else_stays(text: str) -> None:
    assert without(text) == text
