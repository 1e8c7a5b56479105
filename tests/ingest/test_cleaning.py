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
    ("left", "right", "whole"),
    [
        ("可以申请无理", "由退货。", "可以申请无理由退货。"),
        ("items that you", "return to us.", "items that you return to us."),
        ("keep the ship-", "ping label.", "keep the shipping label."),
        ("Pre-", "Approved goods", "Pre- Approved goods"),
        ("for this DPA only,", "“Customer” means", "for this DPA only, “Customer” means"),
        ("本规则所称", "“买家”是指", "本规则所称“买家”是指"),
        ("•", "退货", "• 退货"),
    ],
)
def test_two_halves_of_a_line_are_put_together_as_their_script_wants(left: str, right: str, whole: str) -> None:
    assert cleaning.glue(left, right) == whole


def test_damage_is_the_share_of_letters_lost() -> None:
    assert cleaning.damage("退货规则") == 0
    assert cleaning.damage("退\ufffd规\ue001") == 2 / 4
