"""What the lexical index is asked for beside the question's own words."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from assistant.analysis import Analysis
from assistant.basewords import BaseWords
from assistant.lexicon import Lexicon, shipped
from assistant.sounds import Sounding, alike, coarse, syllables
from kb.sayings import Saying
from kb.text import fold, tokens

RULES = [
    "无理由退货的运费由买家承担，商家应当在四十八小时内退款。",
    "取消订单应当在发货前提出。买到假冒商品的，赔偿三倍价款。发票由商家开具。",
    "The seller refunds the price within five days. The warranty covers shipping.",
]
VOCABULARY = {token for text in RULES for token in tokens(text)}


def known(words: Iterable[str]) -> list[str]:
    return [word for word in words if word in VOCABULARY]


WORDS = BaseWords(known, lambda: VOCABULARY)


@pytest.mark.parametrize(
    "question, term",
    [
        ("运废谁出", "运费"),
        ("推货怎么弄", "退货"),
        ("腿款多久到账", "退款"),
        ("退kuan多久", "退款"),
        ("tui货要几天", "退货"),
        ("我的tuikuan呢", "退款"),
        ("发飘怎么开", "发票"),
        ("are refnds slow", "refunds"),
        ("is shiping covered", "shipping"),
        ("warrenty?", "warranty"),
    ],
)
def test_mistyped_words_are_looked_for_as_what_they_sound_like(question: str, term: str) -> None:
    assert 0 < WORDS.terms(question)[term] < 1
    assert term not in WORDS.terms(question, Analysis(sounds=False, lexicon=False))


@pytest.mark.parametrize("text", RULES)
def test_nothing_is_guessed_for_words_that_the_base_has(text: str) -> None:
    added = set(WORDS.terms(text, Analysis(lexicon=False, denoise=False))) - set(tokens(text))
    assert added == set()


@pytest.mark.parametrize(
    "question, term",
    [
        ("钱什么时候给我退回来", "退款"),
        ("卖家砍我的单", "取消"),
        ("买到山寨的了", "假冒"),
        ("邮费谁掏", "运费"),
        ("邮费谁掏", "承担"),
        ("郵費誰出", "运费"),
        ("who pays the postage", "运费"),
        ("送料は誰が払う", "运费"),
        ("배송비는 누가 내요", "运费"),
        ("quién paga el envío", "承担"),
    ],
)
def test_what_customers_say_is_looked_for_as_what_rules_call_it(question: str, term: str) -> None:
    assert 0 < WORDS.terms(question)[term] < 1
    assert term not in WORDS.terms(question, Analysis(lexicon=False))


def test_only_words_that_the_base_has_are_added() -> None:
    added = set(WORDS.terms("邮费谁掏")) - set(tokens("邮费谁掏"))
    assert added and added <= VOCABULARY


def test_a_bases_own_rows_count_in_their_language_only() -> None:
    own = [Saying("打水漂", "退款"), Saying("ghosted", "退款", "en"), Saying("boom", "退款", "zh-Hans")]
    words = BaseWords(known, lambda: VOCABULARY, own)
    assert "退款" in words.terms("我的钱打水漂了") and "退款" in words.terms("I was ghosted")
    assert "退款" not in words.terms("boom it went")


def test_words_without_a_topic_are_left_out_unless_there_are_no_others() -> None:
    assert "怎么" not in WORDS.terms("怎么退货") and "退货" in WORDS.terms("怎么退货")
    assert WORDS.terms("怎么办") and WORDS.terms("") == {}


def test_with_every_step_off_the_questions_own_tokens_are_left() -> None:
    off = Analysis(denoise=False, lexicon=False, sounds=False)
    assert WORDS.terms("怎么退货，运废谁出", off) == dict.fromkeys(tokens("怎么退货，运废谁出"), 1.0)


def test_the_same_question_gives_the_same_terms_in_the_same_order() -> None:
    again = BaseWords(known, lambda: sorted(VOCABULARY, reverse=True))
    for question in ("推货的运废谁出", "who pays the postge", "买到山寨的了"):
        assert list(again.terms(question).items()) == list(WORDS.terms(question).items())


def test_sounds_are_told_apart_as_far_as_people_do() -> None:
    assert syllables("运") == ("yun",) and set(syllables("还")) == {"hai", "huan"} and syllables("x") == ()
    assert coarse("zhang") == coarse("zan") and coarse("niu") == coarse("liu") and coarse("shi") == coarse("si")
    assert coarse("ma") != coarse("na") and "费" in alike("废")
    assert Sounding(["运费", "发货"]).same("运费") == ()


def test_a_latin_word_is_near_by_one_slip_of_a_letter() -> None:
    near = Sounding(["refund", "return", "shipping"]).near
    assert near("refnd") == near("refundd") == near("refudn") == near("rafund") == ("refund",)
    assert near("rfnd") == near("sefund") == near("refund") == near("retrun x") == ()
    assert near("retrun") == ("return",)


@pytest.mark.parametrize(
    "text, found", [("ghost", ()), ("ghosted me", ("x",)), ("unghosted", ()), ("ghostedly", ("x",))]
)
def test_latin_sayings_are_whole_words_with_a_short_ending(text: str, found: tuple[str, ...]) -> None:
    assert Lexicon([Saying("ghosted", "x")], ()).meant(text) == found


@pytest.mark.parametrize(
    "text, found", [("钱退", ("x",)), ("钱到现在都没退", ("x",)), ("钱。退", ()), ("钱到现在一直都还没有退", ())]
)
def test_a_gap_is_short_and_ends_with_the_sentence(text: str, found: tuple[str, ...]) -> None:
    assert Lexicon([Saying("钱…退", "x")], ()).meant(text) == found


def test_the_shipped_lexicon_is_sound() -> None:
    for concept in shipped():
        assert concept.policy and all(map(str.strip, (*concept.policy, *concept.said))), concept.name
        for words in concept.said:
            meant = Lexicon((), [concept]).meant(fold(words.replace("…", "")))
            assert set(meant) == set(concept.policy), (concept.name, words)
