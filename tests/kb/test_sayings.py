"""The base's lexicon: a file that a maintainer edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import SettingsError
from kb.sayings import Saying, read_sayings


def write(home: Path, text: str | bytes) -> Path:
    file = home / "lexicon.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def test_a_base_without_the_file_has_no_rows(tmp_path: Path) -> None:
    assert read_sayings(tmp_path) == ()


def test_rows_are_read_once_each_in_an_order_of_their_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        "\ufeffsaid,means,language\n砍单,取消订单,\n# 注\n\n钱...退不 回来,退款\n砍单,取消订单,\nghosted,no reply,en\n",
    )
    assert read_sayings(tmp_path) == (
        Saying("ghosted", "no reply", "en"),
        Saying("砍单", "取消订单"),
        Saying("钱…退不 回来", "退款"),
    )


def test_the_order_of_rows_makes_no_difference(tmp_path: Path) -> None:
    write(tmp_path, "said,means\n砍单,取消订单\n某宝,淘宝\n")
    one = read_sayings(tmp_path)
    write(tmp_path, "said,means,language\r\n某宝,淘宝,\r\n砍单,取消订单,\r\n")
    assert read_sayings(tmp_path) == one


@pytest.mark.parametrize(
    "row, problem",
    [
        ("砍单", "1 cells"),
        ("砍单,取消订单,en,more", "4 cells"),
        (",退款", "said is empty"),
        ("退钱,", "means is empty"),
        ("退,退款", "two characters"),
        ("退款,退款", "means itself"),
        ("Refund,refund", "means itself"),
        ("退钱,退款,Chinese", "language is 'Chinese'"),
        ("…退钱,退款", "begins or ends"),
        ("退" * 61 + ",退款", "61 characters"),
    ],
)
def test_a_bad_row_is_named_with_file_and_row(tmp_path: Path, row: str, problem: str) -> None:
    file = write(tmp_path, f"said,means,language\n砍单,取消订单,\n{row}\n")
    with pytest.raises(SettingsError) as error:
        read_sayings(tmp_path)
    assert str(file) in str(error.value) and "row 3: " in str(error.value) and problem in str(error.value)


def test_all_bad_rows_are_counted(tmp_path: Path) -> None:
    write(tmp_path, "said,means\n" + "退,退款\n" * 7)
    with pytest.raises(SettingsError, match=r"row 2: .*row 6: .*; and 2 rows more"):
        read_sayings(tmp_path)


@pytest.mark.parametrize("text", ["词,意思\n砍单,取消订单\n", "砍单,取消订单\n", "said;means\n砍单;取消订单\n"])
def test_a_file_without_its_header_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError, match="expected 'said,means,language'"):
        read_sayings(tmp_path)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "said,means\n砍单,取消订单\n".encode("gb18030"))
    with pytest.raises(SettingsError, match="not UTF-8"):
        read_sayings(tmp_path)


def test_a_quote_that_never_ends_loses_no_row_in_silence(tmp_path: Path) -> None:
    write(tmp_path, 'said,means\n"砍单,取消订单\n某宝,淘宝\n')
    with pytest.raises(SettingsError, match="row 3: 1 cells"):
        read_sayings(tmp_path)
