"""Folding, tokens, sentences, language: for matching only, and never losing a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text import fold, language, numeral, sentences, tokens


@pytest.mark.parametrize(
    "written, folded",
    [
        ("十五日", "15日"),
        ("一百零二天", "102天"),
        ("三个月", "3个月"),
        ("兩年", "2年"),
        ("三万元", "30000元"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("運費由買家承擔", "运费由买家承担"),
        ("一般情况", "一般情况"),
        ("万一丢了", "万一丢了"),
        ("统一处理", "统一处理"),
        ("第三方", "第三方"),
    ],
)
def test_writings_of_one_thing_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once_for_tokens(text: str) -> None:
    assert tokens(text) == tokens(text)


@pytest.mark.parametrize(
    "text, value",
    [("十", 10), ("十五", 15), ("二十", 20), ("一百零二", 102), ("三万", 30000), ("二〇二五", 2025), ("两", 2),
     ("一万零五十", 10050), ("", None), ("十年", None)],
)  # fmt: skip
def test_numerals_have_their_value(text: str, value: int | None) -> None:
    assert numeral(text) == value


@given(st.text(alphabet="甲乙。；！？\n a.)”", max_size=60))
def test_sentences_are_trimmed_ordered_and_leave_out_only_blanks(text: str) -> None:
    spans = sentences(text)
    assert all(a < b and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(first[1] <= second[0] for first, second in zip(spans, spans[1:], strict=False))
    outside = set(range(len(text))) - {i for a, b in spans for i in range(a, b)}
    assert all(text[i].isspace() for i in outside)


def test_a_decimal_point_ends_no_sentence() -> None:
    assert len(sentences("The fee is 2.5 percent. It is paid at once.")) == 2


@pytest.mark.parametrize(
    "text, tag",
    [("运费由买家承担，七日内退款。", "zh-Hans"), ("運費由買家承擔，七日內退款。", "zh-Hant"), ("返品は七日以内です", "ja"),
     ("환불은 언제 되나요", "ko"), ("¿Cuándo me devuelven el dinero?", "es"), ("When do I get my refund?", "en"),
     ("12345", "und"), ("", "und")],
)  # fmt: skip
def test_the_language_is_told_by_script_and_words(text: str, tag: str) -> None:
    assert language(text) == tag
