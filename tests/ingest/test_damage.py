"""Damaged text is told from sound text, and measured."""

from __future__ import annotations

import random

import pytest

from ingest import damage
from ingest.damage import Grade
from ingest.errors import UnreadableFile
from ingest.loaders import load

ZH = (
    "第一条 为了保护消费者的合法权益，规范商品和服务的售后行为，根据有关法律的规定，制定本规则。\n"
    "第二条 消费者自收到商品之日起七日内可以申请退货，并且不需要说明理由；商品应当保持完好，附件和赠品应当一并退回。\n"
    "第三条 经营者应当自收到退回的商品之日起七日内返还消费者支付的商品价款。退回商品的运费由消费者承担，双方另有约定的，按照约定处理。\n"
    "第四条 商品存在质量问题的，消费者可以要求经营者更换、修理或者退货，由此产生的运输费用由经营者承担。\n"
    "第五条 客服人员应当在二十四小时内答复消费者的投诉，重大投诉应当在两小时内转交主管人员处理，并且记录处理结果。\n"
)
EN = (
    "You may return any item within thirty days of the day on which it was delivered to you. The item has to be unused "
    "and in the box that it came in. We will send the money back to the card that you paid with as soon as the item has "
    "been checked by our team. If the item was not what you asked for, or if it has a fault, we pay for the way back. "
    "You can ask us to send you a new one in place of a refund. This does not apply to food or to items made for you.\n"
)


def without(text: str, share: float) -> str:
    chance = random.Random(7)
    return "".join(c for c in text if not c.isalpha() or chance.random() > share)


@pytest.mark.parametrize("text", [ZH, EN, ZH + EN, "退货规则", "请问 7-11 能取件吗?可以。", "型号：RX-7 Ⅲ（黑）"])
def test_sound_text_is_sound(text: str) -> None:
    assert damage.judge(text).grade is Grade.SOUND
    assert damage.lost(text) == 0


@pytest.mark.parametrize("text", [ZH * 2, EN * 2])
def test_a_third_of_the_letters_lost_is_never_sound(text: str) -> None:
    found = damage.judge(without(text, 0.33))
    assert found.grade is not Grade.SOUND
    assert "letters seem to be missing" in found.doubts[0]


def test_the_measure_rises_with_the_damage() -> None:
    shares = [damage.pieces(without(ZH * 4, share)) for share in (0.0, 0.1, 0.2, 0.33)]
    assert shares == sorted(shares) and shares[0] < 0.02 < damage.DOUBTFUL_PIECES < shares[3]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("utf-8", "gb18030"), ("gb18030", "big5hkscs"), ("big5hkscs", "gb18030"), ("utf-8", "cp932"), ("utf-8", "cp949")],
)
def test_mojibake_is_recognised_whatever_tables_made_it(right: str, wrong: str) -> None:
    source = ZH.replace("；", "，") if right != "big5hkscs" else "消費者可以在七日內申請退貨，運費由賣家負擔。" * 5
    text = source.encode(right, "ignore").decode(wrong, "replace").replace(damage.LOST, "?")
    assert damage.judge(text).grade is Grade.UNREADABLE
    assert damage.lost(text) > 0.5


def test_a_few_lost_letters_make_a_doubt_and_many_a_refusal() -> None:
    few = load((ZH.replace("说明", "\ufffd\ufffd")).encode(), "a.txt")
    share = 2 / sum(not c.isspace() for c in ZH)
    assert any(note.startswith(f"doubtful: {share:.1%} of the letters are lost") for note in few.notes)
    with pytest.raises(UnreadableFile, match="damaged.*letters are lost"):
        load(ZH.replace("的", "\ufffd").replace("商", "\ue123").encode(), "a.txt")


def test_readings_that_a_converter_inserted_are_taken_out_listed_and_doubted() -> None:
    text = "電商平臺(tái)客服服務(wù)規(guī)范，客服人員(yuán)應當在規(guī)定的時(shí)間內(nèi)答復。\n" * 8
    extract = load(text.encode(), "a.txt")
    assert extract.text.startswith("電商平臺客服服務規范，客服人員應當在規定的時間內答復。")
    assert "(wù)" in extract.removed[0].text
    assert any("doubtful" in note and "readings" in note for note in extract.notes)


def test_a_reading_that_a_text_gives_itself_stays() -> None:
    text = "饕(tāo)餮(tiè)火锅的退款规则：未使用的套餐可以随时退款。\n"
    assert load(text.encode(), "a.txt").text == text
