"""What converters do to text, undone."""

from __future__ import annotations

import unicodedata

import pytest

from ingest import cleaning


def test_radicals_become_the_hanzi_they_look_like() -> None:
    assert cleaning.fold_radicals("⽇⾦⻝⻔⻓") == "日金食门长"
    supplement = [chr(c) for c in range(0x2E80, 0x2EF4) if unicodedata.category(chr(c)) == "So"]
    folded = [cleaning.fold_radicals(c) for c in supplement]
    assert sum(not "\u2e80" <= c <= "\u2fdf" for c in folded) >= 0.9 * len(supplement)


def test_text_without_radicals_is_left_alone() -> None:
    assert cleaning.fold_radicals("ﬁ ２ 日") == "ﬁ ２ 日"


@pytest.mark.parametrize(
    ("lines", "paragraphs"),
    [
        (["七日内可以申请无理", "由退货。"], ["七日内可以申请无理由退货。"]),
        (
            ["We refund every unopened item that you", "return to us."],
            ["We refund every unopened item that you return to us."],
        ),
        (["Please keep the ship-", "ping label."], ["Please keep the shipping label."]),
        (["买家可以申请退货。", "第二条 商家退款。"], ["买家可以申请退货。", "第二条 商家退款。"]),
        (
            ["有下列情形的可以：", "（一）破损；", "（二）错发。"],
            ["有下列情形的可以：", "（一）破损；", "（二）错发。"],
        ),
        (
            ["第一章 总则", "第一条 为了保护买家的合法权益，制定本规则。"],
            ["第一章 总则", "第一条 为了保护买家的合法权益，制定本规则。"],
        ),
        (
            ["依照本规则的规定办理退款的，应当遵守本规则", "第十二条规定的时限。"],
            ["依照本规则的规定办理退款的，应当遵守本规则第十二条规定的时限。"],
        ),
    ],
)
def test_lines_are_joined_where_a_page_broke_them(lines: list[str], paragraphs: list[str]) -> None:
    assert cleaning.join_lines(lines) == paragraphs


def test_headers_go_only_where_they_repeat() -> None:
    pages = [["云店规则", "第一条 甲。", "1"], ["云店规则", "第二条 乙。", "2"], ["云店规则", "第三条 丙。", "3"]]
    assert cleaning.repeated_edges(pages) == [["第一条 甲。"], ["第二条 乙。"], ["第三条 丙。"]]
    assert cleaning.repeated_edges([["云店规则", "第一条 甲。"]]) == [["云店规则", "第一条 甲。"]]


def test_damage_is_the_share_of_letters_lost() -> None:
    assert cleaning.damage("退货规则") == 0
    assert cleaning.damage("退\ufffd规\ue001") == 2 / 4
