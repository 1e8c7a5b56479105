"""Dates in a question: the past moment of a purchase, and nothing else."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.timewords import TimeWords, find
from kb import moments
from tests.support import ZONE, at, on

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
        ("去年11月3日买的", "2025-11-03"),
        ("去年618买的", "2025-06-18"),
        ("双十一买的", "2026-11-11"),
        ("上个618买的", "2026-06-18"),
        ("去年黑五买的", "2025-11-28"),
        ("I bought it last Black Friday", "2025-11-28"),
        ("I bought it on Black Friday 2024", "2024-11-29"),
        ("bought on Cyber Monday 2024", "2024-12-02"),
        ("前年圣诞节买的", "2024-12-25"),
        ("去年春节买的", "2025-02-05"),
        ("昨天收到的", "2026-11-21"),
        ("前天下的单", "2026-11-20"),
        ("大前天签收", "2026-11-19"),
        ("上周签收的", "2026-11-12"),
        ("上上周买的", "2026-11-05"),
        ("上周三签收的", "2026-11-11"),
        ("本周一下的单", "2026-11-16"),
        ("received it last Friday", "2026-11-20"),
        ("ordered last week", "2026-11-12"),
        ("bought yesterday", "2026-11-21"),
        ("上个月买的", "2026-10-15"),
        ("上个月5号买的", "2026-10-05"),
        ("上個月底下的單", "2026-10-28"),
        ("这个月3号付款的", "2026-11-03"),
        ("3月8日买的", "2026-03-08"),
        ("12月1日买的", "2025-12-01"),
        ("ordered on November 3", "2026-11-03"),
        ("ordered on 3 March 2025", "2025-03-03"),
        ("半年前买的", "2026-05-24"),
        ("ordered two weeks ago", "2026-11-08"),
        ("2025年双十一的满减怎么算", "2025-11-11"),
        ("去年双11保价吗", "2025-11-11"),
        ("上个618的满减", "2026-06-18"),
        ("Double 11 last year: what discount", "2025-11-11"),
        ("2026年3月1日之前买的", "2026-02-28"),
        ("3月1号以前下的单", "2026-02-28"),
        ("2025年6月前买的", "2025-05-31"),
        ("ordered before March 1, 2026", "2026-02-28"),
        ("12月10号买的", "2025-12-10"),
        ("去年这时候买的", "2025-11-22"),
        ("10月底下的单", "2026-10-28"),
        ("九月初买的", "2026-09-05"),
        ("上半年买的", "2026-04-15"),
        ("年初买的", "2026-01-15"),
        ("一个多月前买的", "2026-10-23"),
        ("十来天前买的", "2026-11-12"),
        ("几天前收到的", "2026-11-19"),
        ("买了两年了，还保修吗", "2024-11-22"),
        ("20250305下单", "2025-03-05"),
        ("我3/5买的", "2026-03-05"),
        ("周一签收的", "2026-11-16"),
        ("礼拜三收到的", "2026-11-18"),
        ("十一期间下单的", "2026-10-01"),
        ("十一月十一号买的", "2026-11-11"),
        ("六月十八买的", "2026-06-18"),
        ("618买的", "2026-06-18"),
        ("女神节买的", "2026-03-08"),
        ("中秋买的", "2026-09-22"),
        ("bought on Nov 11", "2026-11-11"),
        ("bought it in March", "2026-03-15"),
        ("bought it last spring", "2026-04-15"),
        ("received a few days ago", "2026-11-19"),
        ("去年の11月に買いました", "2025-11-15"),
        ("3週間前に買った", "2026-11-01"),
        ("작년 블랙프라이데이에 샀어요", "2025-11-28"),
        ("3주 전에 주문했어요", "2026-11-01"),
        ("lo compré hace dos semanas", "2026-11-08"),
        ("compré el mes pasado", "2026-10-15"),
        ("lo compré el 5 de octubre", "2026-10-05"),
        ("last year's Double 11 discount", "2025-11-11"),
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
        "今年双十二怎么满减",
        "双十一保价吗",
        "今年买的",
        "明年双十一买",
        "黑五买的",  # the last one is a year ago: the next may be meant
        "5号电池买的能退吗",
        "买了3件几点发货",
        "下单后几天前能取消",
        "今天下午6点下单",
        "花了2024元买的",
        "付了¥2024买的",
        "I paid 2024 yuan for my order",
        "12月10号下单还有券吗",  # to come
        "等双12再买可以吗",
        "2026年买的",  # this year's rules are today's
        "买了3年会员",
        "保修12个月，买的时候要登记吗",
        "周一到周五下单几点发",
        "每周三下单",
        "买3/4盒",
        "订单号202511110001",
        "一周内下单",
        "买三十一件有优惠吗",
        "双十一件件买",
        "",
    ],
)
def test_other_numbers_future_dates_and_bare_dates_are_none(text: str) -> None:
    assert find(text, TODAY) is None


@pytest.mark.parametrize(
    "text, minute",
    [
        ("昨晚八点下单", "2026-11-21T20:00"),
        ("昨天晚上20:30下的单", "2026-11-21T20:30"),
        ("昨天下午三点半付款的", "2026-11-21T15:30"),
        ("今早八点下单", "2026-11-22T08:00"),
        ("2025-11-11 20:00下单的", "2025-11-11T20:00"),
        ("2025年11月10日晚上8点一刻下的单", "2025-11-10T20:15"),
        ("去年双十一零点下的单", "2025-11-11"),
        ("昨天中午12点下单", "2026-11-21T12:00"),
        ("昨天凌晨12点半下单", "2026-11-21T00:30"),
        ("昨晚两点下单", "2026-11-22T02:00"),
        ("ordered yesterday at 8 pm", "2026-11-21T20:00"),
    ],
)
def test_an_hour_beside_the_day_makes_it_a_minute(text: str, minute: str) -> None:
    found = find(text, datetime.fromisoformat("2026-11-22T15:00").replace(tzinfo=ZONE))
    assert found is not None and found.on == moments.parse(minute)


def test_an_hour_of_today_counts_once_it_is_past() -> None:
    early, late = (datetime(2026, 11, 22, hour, tzinfo=ZONE) for hour in (9, 11))
    assert find("今天上午10点下单", early) is None
    assert find("今天上午10点下单", late) == TimeWords(datetime(2026, 11, 22, 10), "今天上午10点")


@given(st.text(alphabet="去年前今昨上周个12月日天号年前晚点半买的双十一-/:. 二〇", max_size=30))
def test_whatever_is_written_the_moment_lies_before_today(text: str) -> None:
    found = find(text, at("2026-11-22"))
    assert found is None or moments.begin(found.on, ZONE) < at("2026-11-22")
