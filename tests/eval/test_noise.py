"""Noise: what each kind makes of a text, and that none of them changes what is asked."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.types import Request, Turn
from eval import suites
from eval.noise import KINDS, noisy, original, vary
from eval.noise.__main__ import main
from eval.noise.keeping import same_meaning
from eval.noise.numerals import in_han
from eval.noise.undone import table, undone
from eval.types import Case, EvalError, Gold
from kb.quantities import quantities
from kb.text import to_simplified

GOLD = (Gold("rules/returns.md", "第三条"),)


def case(question: str, id: str = "q1", **request: object) -> Case:
    return Case(id, Request(question, **request), GOLD, True, "set", "refund", "standard")  # type: ignore[arg-type]


def outcomes(text: str, kind: str, seeds: int = 30) -> set[str | None]:
    return {vary(text, kind, Random(seed)) for seed in range(seeds)}


# --- what must not change ---


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("7天内能退吗", "七天内能退吗", True),
        ("7天内能退吗", "７天内 能退吗！！", True),
        ("7天内能退吗", "15天内能退吗", False),
        ("7天内能退吗", "7小时内能退吗", False),
        ("三个月没用", "三个月用", False),
        ("拆了能退吗", "拆了不能退吗", False),
        ("I don't want it", "i dont want it", True),
        ("without a receipt", "with a receipt", False),
        ("within 7 days", "within seven days", True),
        ("within 7 days", "within 17 days", False),
        ("第十二条怎么说", "第二十条怎么说", False),
        ("松烟 M87 坏了", "松烟 M78 坏了", False),
        ("sin recibo", "con recibo", False),
        ("返品できません", "返品できます", False),
        ("能退吗", " ", False),
    ],
)
def test_what_counts_as_the_same_question(before: str, after: str, same: bool) -> None:
    assert same_meaning(before, after) is same


PIECES = st.sampled_from(
    [
        *(
            "七天无理由",
            "15天",
            "48小时内",
            "￥99",
            "五千元",
            "一个半月",
            "两三天",
            "去年双十一",
            "2024年3月5日",
            "百分之二十",
            "9折",
        ),
        *(
            "我不想要了",
            "没拆封",
            "运费谁出",
            "能退吗？",
            "客服一直不回",
            "买家付款后",
            "订单",
            "优惠券用了",
            "听澜 T3",
            "第八条",
        ),
        *("退貨運費由誰負擔？", "鑑賞期是7天嗎", "還沒收到"),
        *("I paid $50 ", "within 14 days ", "my parcel never arrived. ", "Can I return it? ", "don't ", "two items "),
        *("no me devuelven el dinero ", "¿Cuántos días tengo? ", "hace 3 días "),
        *(
            "7日以内に返品できますか。",
            "届いていません。",
            "キャンセル",
            "환불이 안 되나요? ",
            "3일 전에 샀는데 ",
            "있나요? ",
        ),
        *("，", "。", "? ", " ", "\n", "😂", "！"),
    ]
)
TEXTS = st.one_of(st.lists(PIECES, min_size=1, max_size=6).map("".join), st.text(max_size=40))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@given(text=TEXTS, seed=st.integers(0, 1000))
@example("7天无理由，我不想要了，能退吗？", 1)
@example("", 1)
def test_no_kind_changes_numbers_or_negations_or_leaves_nothing(kind: str, text: str, seed: int) -> None:
    other = vary(text, kind, Random(seed))
    assert other == vary(text, kind, Random(seed))
    if other is None:
        return
    assert other.strip()
    assert other != text
    if kind == "pasted":  # times and order numbers come along; the message stays whole
        assert text in other
    else:
        assert Counter(q.value for q in quantities(other)) == Counter(q.value for q in quantities(text))
        assert same_meaning(text, other)


# --- by ear ---


def test_hanzi_are_replaced_by_what_sounds_alike() -> None:
    assert outcomes("订单", "homophones") >= {"定单"}
    assert outcomes("尺码", "homophones") >= {"尺马"}
    # "qing" and, for those who do not tell n from ng, "qin": nothing else.
    assert {o[0] for o in outcomes("请回", "homophones", 80) if o and o[1] == "回"} <= set(
        "轻清青情倾庆氢晴侵勤亲琴禽钦"
    )


def test_a_slip_never_makes_another_word_of_a_contract() -> None:
    for text, other in (("订金能退吗", "定金"), ("买家拒收", "卖家"), ("保价期内", "报价")):
        assert all(other not in (wrong or "") for wrong in outcomes(text, "homophones", 100))


def test_a_slip_in_traditional_text_is_traditional() -> None:
    assert all(to_simplified(wrong) != wrong for wrong in outcomes("訂單還沒發貨", "homophones") if wrong)


def test_a_word_is_typed_in_letters() -> None:
    assert outcomes("退款和运费", "pinyin") == {"tuikuan和运费", "退款和yunfei"}


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("Did you receive it", "Did u receive it"),
        ("환불이 언제 되나요", "환불이 언재 되나요"),
        ("있어요", "잇어요"),
        ("¿Qué pasó?", "Que paso?"),
        ("いくらですか", "幾らですか"),
    ],
)
def test_other_languages_are_written_by_ear(text: str, among: str) -> None:
    assert among in outcomes(text, "homophones")


# --- by hand ---


def test_the_wrong_key_is_the_one_beside() -> None:
    neighbours = {"e": "wrsd", "f": "drtgcv", "u": "yihj", "n": "bhjm", "d": "serfxc"}
    wrongs = outcomes("refund", "keyboard", 40) - {None}
    assert wrongs
    for wrong in wrongs:
        assert wrong is not None
        changed = [(a, b) for a, b in zip("refund", wrong, strict=True) if a != b]
        assert len(changed) == 1
        assert changed[0][1] in neighbours[changed[0][0]]


def test_names_codes_and_telling_words_are_typed_right() -> None:
    assert outcomes("Is it without Tongli M87X2 before Monday", "keyboard") == {None}
    assert outcomes("Is it without Tongli M87X2 before Monday", "letters") == {None}


def test_letters_are_lost_doubled_or_changed_about() -> None:
    found = outcomes("parcel", "letters", 80)
    assert {"pacel", "paarcel", "pracel"} <= found
    assert outcomes("退货的", "letters") == {"退货", "退退货的", "退货货的", "货退的"}


# --- how it looks ---


def test_punctuation_goes_but_not_inside_a_number() -> None:
    assert vary("重2.5公斤，10:30到，能退吗？", "punctuation", Random(1)) in (
        "重2.5公斤10:30到能退吗",
        "重2.5公斤 10:30到 能退吗",
    )
    assert outcomes("It's 2.5 kg, isn't it?", "punctuation") == {"It's 2.5 kg isn't it", "Its 2.5 kg isnt it"}
    assert outcomes("能退吗", "punctuation") == {None}


def test_width_is_the_only_thing_that_width_changes() -> None:
    found = outcomes("T3 的7天，能退？", "width") - {None}
    assert "T３ 的７天，能退？" in found
    assert "T3 的7天,能退?" in found
    for text in found:
        assert unicodedata.normalize("NFKC", text or "") == "T3 的7天,能退?"
    assert "ｶﾞﾗｽｹｰｽ は" in outcomes("ガラスケース は", "width")
    assert outcomes("Can I return it?", "width") == {None}


def test_the_other_script_is_that_of_the_words_not_of_their_letters() -> None:
    assert outcomes("买家私下发货后", "traditional") <= {"買家私下發貨後"}
    assert outcomes("收貨後幾天內", "traditional") == {"收货后几天内"}
    assert outcomes("返品できますか、退款", "traditional") == {None}


def test_korean_loses_its_spaces() -> None:
    assert "환불언제되나요" in outcomes("환불 언제 되나요", "spacing")


def test_a_message_comes_in_pieces() -> None:
    assert "昨天买的\n没拆\n能退吗？" in outcomes("昨天买的，没拆，能退吗？", "spacing")


def test_capitals_are_a_matter_of_letters_that_have_them() -> None:
    assert outcomes("Can I return my K2?", "case") == {"can i return my k2?", "CAN I RETURN MY K2?"}
    assert outcomes("能退吗", "case") == {None}


# --- numbers ---


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("7天内", {"七天内", "７天内"}),
        ("七天内", {"7天内"}),
        ("满2个月", {"满两个月", "满２个月"}),
        ("两三天能到", {None}),
        ("花了99元", {"花了九十九元", "花了９９元", "花了99块"}),
        ("第3代", {None}),
        ("within 7 days", {"within seven days"}),
        ("within seven days", {"within 7 days"}),
        ("I paid $50", {"I paid 50 dollars"}),
        ("llegó hace 3 días y no va", {"llegó hace tres días y no va"}),
        ("7일 안에", {"일주일 안에"}),
    ],
)
def test_a_number_is_written_otherwise(text: str, others: set[str | None]) -> None:
    assert outcomes(text, "numerals") == others


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (2, "天", "两"),
        (2, "月", "二"),
        (10, "天", "十"),
        (12, "天", "十二"),
        (20, "天", "二十"),
        (105, "元", "一百零五"),
    ]
    + [
        (110, "元", "一百一十"),
        (1000, "元", "一千"),
        (1010, "元", "一千零一十"),
        (3005, "元", "三千零五"),
        (0, "元", "零"),
    ],
)
def test_numbers_in_hanzi(value: int, unit: str, written: str) -> None:
    assert in_han(value, unit) == written


# --- order ---


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("我昨天买的，没拆，能退吗？", "能退吗？我昨天买的，没拆"),
        ("手机坏了 怎么修", "怎么修，手机坏了"),
        ("运费谁出？", "谁出，运费？"),
        ("My parcel is late. Can I cancel it?", "Can I cancel it? My parcel is late."),
        ("If the box is open, can I return it?", "Can I return it if the box is open?"),
        ("Si no llega, ¿me devuelven el dinero?", "¿Me devuelven el dinero si no llega?"),
        ("送料は誰が払いますか。", "誰が払いますか、送料は。"),
        ("상자를 버렸는데 반품되나요?", "반품되나요, 상자를 버렸는데?"),
        ("什么时候发货，多久能到？", None),  # two questions
        ("能退吗，那运费谁出？", None),  # goes on from what came before
        ("Do you know if it works?", None),
        ("我可以退吗？", None),  # a pronoun is no topic
    ],
)
def test_another_order(text: str, other: str | None) -> None:
    assert outcomes(text, "order", 20) == {other}


# --- pasted chats ---


@pytest.mark.parametrize(
    "question", ["7天内能退吗？", "還能退嗎", "Can I return it?", "¿Puedo devolverlo?", "返品できますか", "환불되나요?"]
)
def test_a_pasted_message_stays_whole_among_what_came_along(question: str) -> None:
    found = outcomes(question, "pasted")
    assert len(found) > 20
    for text in found:
        assert text is not None
        assert question in text
        assert len(text) > len(question)


def test_a_chat_is_pasted_in_one_piece() -> None:
    history = (Turn("customer", "包裹到了"), Turn("agent", "好的"))
    (pasted,) = noisy([case("那运费呢？", history=history)], 1, ["pasted"])
    lines = pasted.request.question
    assert pasted.request.history == ()
    assert lines.index("包裹到了") < lines.index("好的") < lines.index("那运费呢？")


# --- question sets ---


def test_wordings_keep_everything_but_the_words() -> None:
    history = (Turn("customer", "包裹到了"),)
    given = case("7天内能退吗？运费谁出？", as_of=None, scope={"platform": "桐里"}, history=history)
    for wording in noisy([given], 1):
        kind = wording.id.removeprefix("q1~")
        assert original(wording.id) == "q1"
        assert wording.style == f"noise:{kind}"
        assert (wording.intent, wording.gold, wording.answerable, wording.suite) == ("refund", GOLD, True, "set")
        assert wording.request.scope == {"platform": "桐里"}
        assert wording.request.history == (() if kind == "pasted" else history)
        assert wording.request.question != given.request.question


def test_a_case_without_an_intent_gives_its_id_as_the_intent() -> None:
    alone = Case("q9", Request("能退吗？"), (), False, "set")
    assert {wording.intent for wording in noisy([alone], 1)} == {"q9"}


def test_a_wording_depends_on_nothing_but_seed_case_and_kind() -> None:
    cases = [case("我昨天买的，能退吗？", "a"), case("I paid 3 days ago. Where is my parcel?", "b")]
    everything = {wording.id: wording for wording in noisy(cases, 7)}
    for kind in KINDS:
        for wording in noisy(reversed(cases), 7, [kind]):
            assert everything[wording.id] == wording
    assert noisy(cases, 7) != noisy(cases, 8)


def test_several_wordings_of_a_kind_differ() -> None:
    wordings = noisy([case("请问我昨天买的东西什么时候能退款？")], 1, ["homophones"], each=4)
    assert len(wordings) > 1
    assert len({wording.request.question for wording in wordings}) == len({w.id for w in wordings}) == len(wordings)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(EvalError, match="no noise called typos; the kinds are homophones, "):
        noisy([], 1, ["typos"])


def test_the_command_writes_cases_that_are_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "set.jsonl"
    row = {
        "id": "q1",
        "question": "7天内能退吗？",
        "as_of": "2026-01-05",
        "gold": [{"document": "a.md", "label": "第一条"}],
    }
    file.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    assert main([str(file), "--seed", "3", "--kinds", "numerals,fillers"]) == 0
    out = tmp_path / "set.noisy.jsonl"
    out.write_text(capsys.readouterr().out, "utf-8")
    written = suites.load([str(out)])
    made = noisy(suites.load([str(file)]), 3, ["numerals", "fillers"])
    assert [(c.id, c.request, c.gold, c.intent, c.style) for c in written] == [
        (c.id, c.request, c.gold, c.intent, c.style) for c in made
    ]
    assert len(written) == 2


def test_in_a_pasted_chat_only_the_question_is_changed() -> None:
    asked = case("客服：您好\n客户：订单能退吗？")
    wordings = noisy([asked], 1)
    assert {wording.id for wording in wordings} >= {"q1~fillers", "q1~emoji"}
    assert "q1~pasted" not in {wording.id for wording in wordings}
    assert all(wording.request.question.startswith("客服：您好\n客户：") for wording in wordings)


def test_an_unreadable_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-file.jsonl"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


# --- what the analysis takes away ---


def test_what_is_taken_away_is_told_from_what_stays() -> None:
    asked = [case("退货要7天内申请吗？", "a"), case("订单能改地址吗？", "b")]
    rows = dict(undone(asked, 1, ["width", "pinyin", "keyboard"]))
    assert [one.same for one in rows["width"]] == [True, True]
    assert [one.same for one in rows["pinyin"]] == [False, False]
    assert all(0 < one.shared < 1 and not one.other_day for one in rows["pinyin"])
    lines = table(list(rows.items())).splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [["width", "2", "1.000"], ["pinyin", "2", "0.000"]]
