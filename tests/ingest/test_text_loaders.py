"""Text, Markdown and CSV in every encoding, as people save them."""

from __future__ import annotations

import contextlib
import time

import pytest

from ingest import encodings
from ingest.errors import UnreadableFile
from ingest.loaders import load

TEXTS = {
    "zh-Hans": "退货规则\n第一条 买家可以在七日内申请退货，运费由卖家承担。\n",
    "zh-Hant": "退貨規則\n第一條 買家可以在七日內申請退貨，運費由賣家負擔。\n",
    "ja": "返品規約\n第1条 お客様は商品の到着から七日以内に返品することができます。\n",
    "ko": "반품 규정\n제1조 상품을 받은 날부터 7일 이내에 환불을 요청하실 수 있습니다.\n",
    "es": "Devolución de artículos\nEl envío está incluido; ¿cuándo llegará mañana?\n",
    "en": "Returns – what you’re owed\nWe’ll refund “every” unopened item.\n",
}
WIDE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
OWN = {
    "zh-Hans": ["gbk", "gb18030"],
    "zh-Hant": ["big5", "big5hkscs", "gb18030"],
    "ja": ["cp932", "euc_jp", "iso2022_jp"],
    "ko": ["cp949", "euc_kr"],
    "es": ["cp1252", "latin-1"],
    "en": ["cp1252"],
}
CASES = [(language, encoding) for language in TEXTS for encoding in (*WIDE, *OWN[language])]


@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_a_text_is_read_in_every_encoding_that_has_its_letters(language: str, encoding: str) -> None:
    assert load(TEXTS[language].encode(encoding), "a.txt").text == TEXTS[language]


@pytest.mark.parametrize(
    ("language", "encoding"), [case for case in CASES if case[0] in ("zh-Hans", "zh-Hant", "ja", "ko")]
)
def test_one_short_line_is_enough(language: str, encoding: str) -> None:
    line = TEXTS[language].split("\n")[1][:14]
    found = encodings.decode(line.encode(encoding))
    assert found is not None and found.text == line


def test_what_a_file_declares_does_not_overrule_its_bytes() -> None:
    page = '<html><head><meta charset="{}"></head><body><p>买家可以在七日内申请退货。</p></body></html>'
    for declared, real in (("gb2312", "utf-8"), ("utf-8", "gbk"), ("big5", "gbk"), ("iso-8859-1", "gbk")):
        assert load(page.format(declared).encode(real), "a.html").text == "买家可以在七日内申请退货。"


def test_lines_in_two_encodings_are_each_read_as_their_own() -> None:
    lines = ["第一条 买家可以退货。", "第二条 运费由卖家承担。", "第三条 本规则自公布之日起施行。"]
    data = b"\n".join(line.encode(e) for line, e in zip(lines, ("gbk", "utf-8", "gbk"), strict=True))
    extract = load(data, "a.txt")
    assert extract.text.split("\n") == lines
    assert "different encodings (utf-8 and gb18030)" in extract.notes[0]


def test_nul_bytes_inside_and_behind_a_text_go() -> None:
    text = TEXTS["zh-Hans"]
    assert load(text.encode() + b"\x00" * 5000, "a.txt").text == text
    assert load(text.encode("gbk").replace(b"\n", b"\x00\n"), "a.txt").text == text
    with pytest.raises(UnreadableFile, match="NUL bytes only"):
        load(b"\x00" * 100, "a.txt")


@pytest.mark.parametrize(
    ("damaged", "text"),
    [
        ("第一条 鍟嗗搧 可以退", "第一条 商品 可以退"),
        ("devoluciÃ³n de artÃ­culos", "devolución de artículos"),
        ("ÍË»õ¹æÔò", "退货规则"),
        ("规则：ÍË»õ¹æÔò", "规则：退货规则"),
    ],
)
def test_a_wrong_decoding_is_undone_where_the_way_back_proves_it(damaged: str, text: str) -> None:
    extract = load(damaged.encode(), "a.txt")
    assert extract.text == text
    assert any("restored" in note for note in extract.notes)


def test_private_glyphs_are_never_restored_to_anything() -> None:
    assert encodings.undo("\ue000\ue001\ue002 规则").text == "\ue000\ue001\ue002 规则"


def test_form_feeds_end_pages() -> None:
    extract = load("第一条 甲可以退货。\f第二条 乙可以换货。\n".encode(), "a.txt")
    assert [extract.text[start : start + 3] for start in extract.page_starts] == ["第一条", "第二条"]


def test_a_drawn_table_becomes_rows_and_its_rules_are_listed() -> None:
    drawn = "运费\n┌────┬────┐\n│地区│运费│\n├────┼────┤\n│华东│6元 │\n│西南│8元 │\n└────┴────┘\n"
    extract = load(drawn.encode(), "a.txt")
    assert [(extract.text[r.start : r.end], r.header) for r in extract.rows] == [
        ("华东 | 6元", "地区 | 运费"),
        ("西南 | 8元", "地区 | 运费"),
    ]
    assert "┌────┬────┐" in extract.removed[0].text


def test_markdown_notes_stand_behind_the_text() -> None:
    extract = load(
        "# 规则\n\n七日内可退[^1]。\n\n[^1]: 自签收次日起算。\n\n## 运费 ##\n\n买家承担。\n".encode(), "a.md"
    )
    (note,) = extract.footnotes
    assert (note.mark, extract.text[note.start : note.end]) == ("1", "自签收次日起算。")
    assert note.end == len(extract.text)
    assert [extract.text[h.start : h.end] for h in extract.headings] == ["规则", "运费"]


def test_a_csv_from_excel_names_its_delimiter() -> None:
    extract = load('sep=;\r\n品类;天数;说明\r\n生鲜;1;"当日，\r\n有效"\r\n'.encode("gbk"), "a.csv")
    assert extract.text.split("\n") == ["品类 | 天数 | 说明", "生鲜 | 1 | 当日， 有效"]


def test_an_open_quotation_mark_does_not_swallow_the_rows_below_it() -> None:
    rows = "".join(f"商品{i},{i}\n" for i in range(80))
    extract = load(f'名称,天数\n"甲,3\n{rows}'.encode(), "a.csv")
    assert len(extract.rows) == 81
    assert any("never closed" in note for note in extract.notes)


@pytest.mark.parametrize("piece", [" ", "[", "<", "|", "【", "1", "-", "# ", "(", "服(fú)", "Ã©", "a|b\n"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.csv"])
def test_long_lines_of_one_sign_take_no_more_than_linear_time(piece: str, name: str) -> None:
    data = (piece * (50_000 // len(piece)) + "\n退货规则可以").encode()
    before = time.process_time()
    with contextlib.suppress(UnreadableFile):  # one sign over and over is no text
        load(data, name)
    assert time.process_time() - before < 5  # seconds; a square of the length takes minutes
