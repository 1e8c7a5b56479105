"""How the number at a line's start is read."""

from __future__ import annotations

import pytest

from ingest.numbering import Style, follows, read, to_int


@pytest.mark.parametrize(
    ("line", "style", "number", "label"),
    [
        ("第一编 总则", Style.PART, (1,), "第一编"),
        ("第二分编 合同", Style.SUBPART, (2,), "第二分编"),
        ("第十二章　退货", Style.CHAPTER, (12,), "第十二章"),
        ("第三节 运费", Style.DIVISION, (3,), "第三节"),
        ("第二十条 买家", Style.ARTICLE, (20,), "第二十条"),
        ("第２０条 买家", Style.ARTICLE, (20,), "第２０条"),
        ("第 20 条 买家", Style.ARTICLE, (20,), "第20条"),
        ("第九條之一 買家", Style.ARTICLE, (9, 1), "第九條之一"),
        ("第二款 买家", Style.PARAGRAPH, (2,), "第二款"),
        ("第（三）项 买家", Style.POINT, (3,), "第（三）项"),
        ("壹、總則", Style.FORMAL, (1,), "壹"),
        ("拾贰、附则", Style.FORMAL, (12,), "拾贰"),
        ("甲、適用範圍", Style.STEM, (1,), "甲"),
        ("一、总则", Style.HAN, (1,), "一"),
        ("二　期間", Style.HAN, (2,), "二"),
        ("（十一）其他", Style.HAN_PAREN, (11,), "（十一）"),
        ("〔一〕其他", Style.HAN_PAREN, (1,), "〔一〕"),
        ("1、打开", Style.ARABIC, (1,), "1"),
        ("1. Open it", Style.ARABIC, (1,), "1"),
        ("1）打开", Style.ARABIC_PAREN, (1,), "1）"),
        ("（１）打开", Style.ARABIC_PAREN, (1,), "（１）"),
        ("【1】适用", Style.BRACKETED, (1,), "【1】"),
        ("④其他", Style.CIRCLED, (4,), "④"),
        ("Ⅲ、费用", Style.ROMAN_UPPER, (3,), "Ⅲ"),
        ("IV. Fees", Style.ROMAN_UPPER, (4,), "IV"),
        ("B. Fees", Style.UPPER, (2,), "B"),
        ("c) fees", Style.LETTER, (3,), "c)"),
        ("(iii) fees", Style.ROMAN, (3,), "(iii)"),
        ("3.2.1 Fees", Style.DECIMAL, (3, 2, 1), "3.2.1"),
        ("规则三：不得代收", Style.CODE, (3,), "规则三"),
        ("步骤二：提交申请", Style.STEP, (2,), "步骤二"),
        ("第三步：等待", Style.STEP, (3,), "第三步"),
        ("Step 3: Wait", Style.STEP, (3,), "Step 3"),
        ("附件一 收费标准", Style.ANNEX, (1,), "附件一"),
        ("附录A 表格", Style.ANNEX, (1,), "附录A"),
        ("附表2：费率", Style.ANNEX, (2,), "附表2"),
        ("Article IV Returns", Style.NAMED, (4,), "Article IV"),
        ("Section 2.3(a)(ii) Returns", Style.NAMED, (2, 3, 1, 2), "Section 2.3(a)(ii)"),
        ("§ 7 Returns", Style.NAMED, (7,), "§ 7"),
        ("Schedule 2 Fees", Style.ANNEX, (2,), "Schedule 2"),
        ("第１条（目的）", Style.ARTICLE, (1,), "第１条"),
        ("第2項　前項の", Style.PARAGRAPH, (2,), "第2項"),
        ("２　お客様は", Style.PARAGRAPH, (2,), "２"),
        ("イ　開封した商品", Style.KANA, (2,), "イ"),
        ("別表第一", Style.ANNEX, (1,), "別表第一"),
        ("제12조(환불)", Style.ARTICLE, (12,), "제12조"),
        ("제2장 반품", Style.CHAPTER, (2,), "제2장"),
        ("나. 신선식품", Style.HANGUL, (2,), "나"),
        ("별표 1", Style.ANNEX, (1,), "별표1"),
        ("Artículo 5.º Devoluciones", Style.NAMED, (5,), "Artículo 5.º"),
        ("Cláusula tercera. Precio", Style.NAMED, (3,), "Cláusula tercera"),
        ("PRIMERA.- Objeto", Style.NAMED, (1,), "PRIMERA"),
        ("Capítulo II Pagos", Style.CHAPTER, (2,), "Capítulo II"),
        ("Anexo I", Style.ANNEX, (1,), "Anexo I"),
    ],
)
def test_numbers_are_read_as_people_write_them(line: str, style: Style, number: tuple[int, ...], label: str) -> None:
    mark = read(line)
    assert mark is not None
    assert (mark.style, mark.number, mark.label) == (style, number, label)


@pytest.mark.parametrize(
    "line",
    [
        "2024.07.01起执行",
        "2024年7月1日",
        "400-123-4567",
        "第一款规定的商品",
        "第五届大会",
        "附件中的表格",
        "壹佰元整",
        "12306",
        "Secondly, you pay",
        "I am a buyer",
        "商品可以退货",
        "",
    ],
)
def test_dates_telephones_amounts_and_words_are_no_numbers(line: str) -> None:
    assert read(line) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("一百二十", 120), ("一二〇", 120), ("十", 10), ("２３", 23), ("Ⅻ", 12), ("贰拾叁", 23), ("xiv", 14), ("⑳", 20)],
)
def test_whole_numbers_in_every_writing(text: str, value: int) -> None:
    assert to_int(text) == value


def test_the_next_number_may_go_deeper_or_rise_on_any_level() -> None:
    assert follows((3, 2), (3, 3)) and follows((3, 2), (3, 2, 1)) and follows((3, 2), (4,)) and follows((3, 2), (4, 1))
    assert not follows((3, 2), (3, 4)) and not follows((3, 2), (3, 2)) and not follows((3, 2), (2,))
