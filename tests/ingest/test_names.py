"""A key taken apart: the document's name, and the date or number of one of its versions."""

from __future__ import annotations

import time
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.names import natural, read

DAY = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("key", "series", "moment"),
    [
        ("公司法(2023-12-29).md", "公司法.md", date(2023, 12, 29)),
        ("退货规则_20240101.docx", "退货规则.docx", DAY),
        ("退货规则【２０２４－０１－０１】.docx", "退货规则.docx", DAY),
        ("2024年1月1日退货规则.docx", "退货规则.docx", DAY),
        ("2024-01-01 returns.md", "returns.md", DAY),
        ("returns-v20240101.md", "returns.md", DAY),
        ("returns_2024_01_01.md", "returns.md", DAY),
        ("returns 1-jan-2024.md", "returns.md", DAY),
        ("returns-January-1-2024.md", "returns.md", DAY),
        ("abuse__index__2024-01-01_532591e.md", "abuse__index.md", DAY),
        ("abuse__index__2024-01-01_5325912.md", "abuse__index.md", DAY),  # a commit's number without a letter
        ("abuse__index__2024-01-01_014052c.md", "abuse__index.md", DAY),  # no time of day
        ("returns/2024-01-01.md", "returns/*.md", DAY),
        ("2024/01/01/returns.md", "returns.md", DAY),
        ("shop/2024-01-01/returns.md", "shop/returns.md", DAY),
        ("2020-05-05/returns_2024-01-01.md", "returns.md", DAY),  # the file's own date
        ("returns_20240101_123000.md", "returns.md", datetime(2024, 1, 1, 12, 30)),
        ("returns_20240101T1230.md", "returns.md", datetime(2024, 1, 1, 12, 30)),
        ("returns_202401011230.md", "returns.md", datetime(2024, 1, 1, 12, 30)),
    ],
)
def test_a_day_in_a_name_is_the_mark_of_a_version(key: str, series: str, moment: date) -> None:
    name = read(key)
    assert (name.series, name.moment, name.exact, name.marked) == (series, moment, True, True)


@pytest.mark.parametrize(
    ("key", "series", "moment"),
    [
        ("退货规则（2024版）.docx", "退货规则.docx", DAY),
        ("退货规则2024修订版.docx", "退货规则.docx", DAY),
        ("退货规则（2024年修订）.docx", "退货规则.docx", DAY),
        ("2024年退货规则.docx", "退货规则.docx", DAY),
        ("returns-2024.md", "returns.md", DAY),
        ("2024/returns.md", "returns.md", DAY),
        ("2024-03/returns.md", "returns.md", date(2024, 3, 1)),
        ("shop/2024/03/returns.md", "shop/returns.md", date(2024, 3, 1)),
        ("returns (July 2024).md", "returns.md", date(2024, 7, 1)),
        ("退货规则2024年3月.docx", "退货规则.docx", date(2024, 3, 1)),
    ],
)
def test_a_month_or_a_year_stands_for_its_first_day(key: str, series: str, moment: date) -> None:
    name = read(key)
    assert (name.series, name.moment, name.exact) == (series, moment, False)


@pytest.mark.parametrize(
    ("key", "series", "revision"),
    [
        ("returns-v2.md", "returns.md", (2,)),
        ("returns v2.10.docx", "returns.docx", (2, 10)),
        ("Returns Version 3.docx", "Returns.docx", (3,)),
        ("退货规则第二版.docx", "退货规则.docx", (2,)),
        ("退货规则（第3版）.docx", "退货规则.docx", (3,)),
        ("退货规则（修订版）.docx", "退货规则.docx", (1,)),
        ("规则（试行）.md", "规则.md", (-1,)),
        ("v2/returns.md", "returns.md", (2,)),
    ],
)
def test_a_number_or_word_of_a_revision_is_the_mark_of_a_version(
    key: str, series: str, revision: tuple[int, ...]
) -> None:
    name = read(key)
    assert (name.series, name.moment, name.revision) == (series, None, revision)


@pytest.mark.parametrize(
    "key",
    [
        "returns.md",
        "iphone 15.md",
        "model-2020-warranty.md",  # a product of that year
        "2020款保修.md",
        "2024年度报告.docx",
        "2024年第一季度考核.docx",
        "sales-2024Q1.md",
        "双11规则_20240501-20240507.md",
        "双11规则_2024.5.1-5.7.md",
        "奖学金2024-2025.md",
        "returns-20241301.md",  # no date of the calendar
        "order_12345678.md",
        "解释（一）.md",
        "解释（二）.md",
        "退货规则（征求意见稿）.md",
        "returns_old.md",
        "returns (1).md",
        "v2-api-terms.md",
        "doc_accounts_(general)_001.md",
    ],
)
def test_what_is_no_mark_stays_in_the_name(key: str) -> None:
    assert read(key).series == key and not read(key).marked


@given(st.text(alphabet="ab20241_-./()（） v年月日第版修订年至\0", min_size=1, max_size=80))
def test_any_key_can_be_taken_apart(key: str) -> None:
    name = read(key)
    assert name.series and name.series.startswith(name.stem)
    assert name.marked or name.series == key


@pytest.mark.parametrize("piece", ["2024-01-01_", "v1(", "a_", "2024", "第一版", "(2024)", "\0", "20240101-"])
def test_a_very_long_name_takes_no_time(piece: str) -> None:
    began = time.process_time()
    read(piece * 8000)
    assert time.process_time() - began < 2


def test_numbers_are_sorted_as_numbers() -> None:
    assert sorted(["v10", "v9", "v100", "v9a"], key=natural) == ["v9", "v9a", "v10", "v100"]
    commits = ["a_58935fc", "a_984e26f", "a_1234567", "a_f7a8b9c"]
    assert sorted(commits, key=natural) == sorted(commits)
