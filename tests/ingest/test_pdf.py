"""PDFs made with known answers: order, places, tables, notes, headings, what is left out, what cannot be read."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pypdf
import pypdf.annotations
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from ingest.errors import UnreadableFile
from ingest.loaders import load, ocr, pdf_pages
from ingest.settings import PLAIN, Reading, ReadingSettings
from ingest.types import Extract

pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
CJK = "STSong-Light"
WITHOUT_OCR = Reading(ReadingSettings(ocr=False))
WIDTH, HEIGHT = 595, 842

Draw = Callable[[Canvas], object]


def made(*pages: Draw, **info: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT))
    if "title" in info:
        canvas.setTitle(info["title"])
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def write(canvas: Canvas, x: float, y: float, text: str, size: float = 12, font: str = CJK) -> None:
    """`y` from the top of the page."""
    canvas.setFont(font, size)
    canvas.drawString(x, HEIGHT - y, text)


def lines(
    *texts: str, x: float = 60, y: float = 80, step: float = 20, size: float = 12, font: str = CJK
) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for i, text in enumerate(texts):
            write(canvas, x, y + i * step, text, size, font)

    return draw


def all_of(*parts: Draw) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for part in parts:
            part(canvas)

    return draw


def read(data: bytes, reading: Reading = WITHOUT_OCR) -> Extract:
    return load(data, "a.pdf", reading)


def boxed(extract: Extract, wanted: str, nth: int = 0) -> list[tuple[int, float, float, float, float]]:
    """Page and rounded box of the runs that `wanted` touches."""
    at = -1
    for _ in range(nth + 1):
        at = extract.text.index(wanted, at + 1)
    return [
        (b.page, round(b.x0), round(b.y0), round(b.x1), round(b.y1))
        for b in extract.boxes
        if b.start < at + len(wanted) and b.end > at
    ]


def assert_every_letter_has_one_place(extract: Extract, bars: bool = False) -> None:
    places = [0] * len(extract.text)
    for box in extract.boxes:
        assert box.x0 <= box.x1 and box.y0 <= box.y1
        for i in range(box.start, box.end):
            places[i] += 1
    for char, count in zip(extract.text, places, strict=True):
        if not (bars and char == "|"):
            assert count == (0 if char.isspace() else 1), (char, count)
    assert [b.start for b in extract.boxes] == sorted(b.start for b in extract.boxes)


# --- lines and paragraphs ------------------------------------------------------------------------------------------


def test_a_first_line_indent_begins_a_paragraph_and_a_full_line_goes_on() -> None:
    full = "买家自签收商品之日起七日内可以申请退货而无须说明理由"
    data = made(
        all_of(
            lines("　" * 0 + full[:24], x=84, y=80),
            lines(full[24:] + "，商家应当在收到退回的商品之后退还货款。", y=100),
            lines("运费由买家承担，但是商品存在质量问题的除外，这一", x=84, y=120),
            lines("点不因促销活动而改变。", y=140),
        )
    )
    assert read(data).text.split("\n") == [
        full + "，商家应当在收到退回的商品之后退还货款。",
        "运费由买家承担，但是商品存在质量问题的除外，这一点不因促销活动而改变。",
    ]


def test_an_english_sentence_that_ends_at_the_margin_goes_on_and_a_gap_ends_the_paragraph() -> None:
    style = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=14)
    first = "We refund every unopened item that is sent back to us. " * 9
    second = "Shipping is free. " * 20

    def draw(canvas: Canvas) -> None:
        top = HEIGHT - 80
        for text in (first, second):
            paragraph = Paragraph(text, style)
            _, height = paragraph.wrap(400, 600)
            paragraph.drawOn(canvas, 60, top - height)
            top -= height + 8

    assert read(made(draw)).text.split("\n") == [first.strip(), second.strip()]


def test_a_hyphen_at_a_lines_end_is_taken_out_and_told() -> None:
    data = made(lines("Please keep the ship-", "ping label for us.", font="Helvetica"))
    extract = read(data)
    assert extract.text == "Please keep the shipping label for us."
    assert [(r.text, r.where) for r in extract.removed] == [("-", "page 1")]
    assert_every_letter_has_one_place(extract)


def test_items_that_hang_stay_apart_and_whole() -> None:
    data = made(
        all_of(
            lines("Items that we exclude from every refund under these terms are:", font="Helvetica"),
            lines("(a)", "(b)", y=100, step=40, font="Helvetica"),
            lines(
                "goods that were made to the customer's own order and that bear their",
                "name;",
                x=84,
                y=100,
                font="Helvetica",
            ),
            lines("perishable goods.", x=84, y=140, font="Helvetica"),
        )
    )
    assert read(data).text.split("\n")[1:] == [
        "(a) goods that were made to the customer's own order and that bear their name;",
        "(b) perishable goods.",
    ]


def test_a_number_inside_a_broken_sentence_begins_no_clause() -> None:
    data = made(
        lines("第一条 商家办理退款的时限和方式应当一律遵守本规则", "第十二条的规定，不得拖延。", "第二条 其他。")
    )
    assert read(data).text.split("\n") == [
        "第一条 商家办理退款的时限和方式应当一律遵守本规则第十二条的规定，不得拖延。",
        "第二条 其他。",
    ]


def test_radicals_are_folded_and_boxes_stay_aligned() -> None:
    extract = read(made(lines("⽇⾦⻝品 退货")))
    assert extract.text == "日金食品 退货"
    assert_every_letter_has_one_place(extract)


def test_a_raised_figure_does_not_become_part_of_the_number_before_it() -> None:
    def draw(canvas: Canvas) -> None:
        write(canvas, 60, 80, "The fee is 15", font="Helvetica")
        write(canvas, 60 + pdfmetrics.stringWidth("The fee is 15", "Helvetica", 12), 75, "2", 7, "Helvetica")
        write(canvas, 140, 80, "dollars.", font="Helvetica")

    assert read(made(draw)).text == "The fee is 15² dollars."


def test_hanzi_and_figures_set_a_little_apart_get_no_space() -> None:
    def draw(canvas: Canvas) -> None:
        x = 60.0
        for word in ("自", "2024", "年", "7", "月", "1", "日起施行。"):
            write(canvas, x, 80, word)
            x += pdfmetrics.stringWidth(word, CJK, 12) + 3

    assert read(made(draw)).text == "自2024年7月1日起施行。"


# --- order ---------------------------------------------------------------------------------------------------------

LEFT = [f"left column line {n} runs on to its right margin" for n in range(8)]
RIGHT = [f"right column line {n} runs on to the page margin" for n in range(8)]


def test_two_columns_are_read_one_after_the_other_between_headings_that_cross_them() -> None:
    data = made(
        all_of(
            lines(
                "A heading that stands across both of the two columns of this page, from margin to margin",
                font="Helvetica",
            ),
            lines(*LEFT, y=120, font="Helvetica", size=10, step=14),
            lines(*RIGHT, x=320, y=120, font="Helvetica", size=10, step=14),
            lines(
                "And a closing line that stands across both columns of the page again, margin to margin.",
                y=300,
                font="Helvetica",
            ),
        )
    )
    text = read(data).text.replace("\n", " ")
    assert text.index("A heading") < text.index(LEFT[0]) < text.index(LEFT[7]) < text.index(RIGHT[0])
    assert text.index(RIGHT[7]) < text.index("And a closing")


def test_three_columns_are_read_one_after_the_other() -> None:
    texts = [[f"{name} has line {n} and goes on" for n in range(6)] for name in ("one", "two", "three")]
    data = made(all_of(*(lines(*t, x=50 + i * 180, font="Helvetica", size=10, step=14) for i, t in enumerate(texts))))
    text = read(data).text.replace("\n", " ")
    assert text == " ".join(line for column in texts for line in column)


def test_cells_that_stand_under_each_other_without_rules_are_rows_of_a_table() -> None:
    rows = [("商品", "退货期", "运费"), ("手机", "七天", "买家"), ("食品", "不退", "商家"), ("衣服", "十五天", "买家")]

    def draw(canvas: Canvas) -> None:
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                write(canvas, 60 + j * 150, 80 + i * 20, cell)

    extract = read(made(draw))
    assert extract.text.split("\n") == [" | ".join(row) for row in rows]
    assert [r.header for r in extract.rows] == ["商品 | 退货期 | 运费"] * 3
    assert_every_letter_has_one_place(extract, bars=True)


def test_vertical_text_is_read_downwards_and_from_right_to_left() -> None:
    columns = ["买家可以申请退货。", "商家应当退还货款。"]

    def draw(canvas: Canvas) -> None:
        for i, column in enumerate(columns):
            for j, char in enumerate(column):
                write(canvas, 500 - i * 30, 80 + j * 13, char)

    extract = read(made(draw))
    assert extract.text.split("\n") == columns
    assert_every_letter_has_one_place(extract)
    assert boxed(extract, "买")[0][1] == 500


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_and_its_boxes_are_those_of_the_page_as_shown(turn: int) -> None:
    document = pdfium.PdfDocument(made(lines("第一条 买家可以退货。", "第二条 商家应当退款。")))
    document[0].set_rotation(turn)
    buffer = io.BytesIO()
    document.save(buffer)
    extract = read(buffer.getvalue())
    assert extract.text.split("\n") == ["第一条 买家可以退货。", "第二条 商家应当退款。"]
    assert_every_letter_has_one_place(extract)
    width, height = (HEIGHT, WIDTH) if turn in (90, 270) else (WIDTH, HEIGHT)
    assert all(0 <= b.x0 <= b.x1 <= width and 0 <= b.y0 <= b.y1 <= height for b in extract.boxes)
    picture = Image.open(io.BytesIO(pdf_pages.page_picture(buffer.getvalue(), 1, 1.0)))
    assert picture.size == (width, height)


def test_boxes_are_counted_from_the_corner_of_the_visible_page_and_hidden_text_is_listed() -> None:
    document = pdfium.PdfDocument(made(lines("outside", "within the page", y=30, step=100, font="Helvetica")))
    document[0].set_cropbox(50, 100, 500, HEIGHT - 100)
    buffer = io.BytesIO()
    document.save(buffer)
    extract = read(buffer.getvalue())
    assert extract.text == "within the page"
    assert [(r.text, r.where) for r in extract.removed] == [("outside", "page 1")]
    [(page, x0, _, _, y1), *_] = boxed(extract, "within")
    assert (page, x0) == (1, 60 - 50) and abs(y1 - 30) <= 4  # the base line is 130 points from the top, 100 are cropped


# --- left out ------------------------------------------------------------------------------------------------------


def test_running_lines_are_listed_once_with_their_pages() -> None:
    def page(n: int) -> Callable[[Canvas], None]:
        return all_of(
            lines("云店规则 2024 版", y=30),
            lines(f"第{n}条 买家可以退货，理由见附表之{n}。", "商家应当退款。"),
            lines(f"- {n} -", x=290, y=810),
        )

    extract = read(made(*(page(n) for n in range(1, 6))))
    assert "云店规则" not in extract.text and "- 3 -" not in extract.text
    assert [(r.text, r.reason, r.where) for r in extract.removed] == [
        ("云店规则 2024 版", "running header", "pages 1-5"),
        ("\n".join(f"- {n} -" for n in range(1, 6)), "page number", "pages 1-5"),
    ]
    for n, start in enumerate(extract.page_starts, 1):
        assert extract.text[start:].startswith(f"第{n}条")


def test_a_title_in_the_headers_words_stays() -> None:
    pages = [
        all_of(lines("退货规则", y=30, size=9), lines(f"正文说明之{'甲乙丙丁'[n]}，买家可以退货。"))
        for n in range(1, 4)
    ]
    data = made(all_of(lines("退货规则", y=34, size=20), lines("正文说明之甲，买家可以退货。")), *pages)
    extract = read(data)
    assert extract.text.split("\n")[0] == "退货规则"
    assert [r.where for r in extract.removed] == ["pages 2-4"]


def test_a_watermark_is_taken_out() -> None:
    def page(n: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            lines(f"第{n}条 买家可以退货。", "商家应当退款。")(canvas)
            canvas.saveState()
            canvas.translate(200, 300)
            canvas.rotate(45)
            canvas.setFont(CJK, 40)
            canvas.drawString(0, 0, "内部资料")
            canvas.restoreState()

        return draw

    extract = read(made(*(page(n) for n in range(1, 4))))
    assert "内部资料" not in extract.text
    assert [(r.text, r.where) for r in extract.removed] == [("内部资料", "pages 1-3")]


# --- tables --------------------------------------------------------------------------------------------------------


def grid(rows: Sequence[Sequence[str]], *style: tuple[object, ...], y: float = 120) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        table = Table(rows, colWidths=120)
        look = [("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("FONT", (0, 0), (-1, -1), CJK, 11), *style]
        table.setStyle(TableStyle(look))
        _, height = table.wrap(500, 700)
        table.drawOn(canvas, 60, HEIGHT - y - height)

    return draw


def test_a_ruled_table_is_read_as_rows_under_their_header_and_once() -> None:
    rows = [["商品", "退货期", "运费"], ["手机", "七天", "买家\n承担"], ["食品", "不退", "商家承担"]]
    extract = read(made(all_of(lines("退货期如下："), grid(rows), lines("以上由商家解释。", y=300))))
    assert extract.text.split("\n") == [
        "退货期如下：",
        "商品 | 退货期 | 运费",
        "手机 | 七天 | 买家承担",
        "食品 | 不退 | 商家承担",
        "以上由商家解释。",
    ]
    assert [(extract.text[r.start : r.end], r.header) for r in extract.rows] == [
        ("手机 | 七天 | 买家承担", "商品 | 退货期 | 运费"),
        ("食品 | 不退 | 商家承担", "商品 | 退货期 | 运费"),
    ]
    assert_every_letter_has_one_place(extract, bars=True)


def test_a_merged_cell_is_said_in_every_row_it_covers() -> None:
    rows = [["类目", "商品", "退货期"], ["电器", "手机", "七天"], ["", "电视", "十五天"]]
    extract = read(made(all_of(lines("表："), grid(rows, ("SPAN", (0, 1), (0, 2))))))
    assert [extract.text[r.start : r.end] for r in extract.rows] == ["电器 | 手机 | 七天", "电器 | 电视 | 十五天"]


def test_a_table_that_goes_on_over_the_page_is_one_and_its_header_is_told_once() -> None:
    head = ["商品", "退货期", "运费"]
    first = [head, *([f"甲{n}", f"{n}天", "买家"] for n in range(1, 4))]
    second = [head, *([f"乙{n}", f"{n}天", "商家"] for n in range(1, 3))]
    extract = read(made(all_of(lines("表："), grid(first, y=700)), grid(second, y=60)))
    assert extract.text.count("退货期") == 1
    assert [r.header for r in extract.rows] == ["商品 | 退货期 | 运费"] * 5
    assert [(r.text, r.where) for r in extract.removed] == [("商品 | 退货期 | 运费", "page 2")]
    assert extract.text[extract.page_starts[1] :].startswith("乙1")


def test_a_frame_around_text_is_no_table() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(50, HEIGHT - 140, 400, 80)
        lines("第一条 买家可以退货。", "第二条 商家应当退款。")(canvas)

    extract = read(made(draw))
    assert not extract.rows and extract.text.split("\n") == ["第一条 买家可以退货。", "第二条 商家应当退款。"]


# --- footnotes -----------------------------------------------------------------------------------------------------


def test_notes_below_a_short_rule_stand_behind_the_text() -> None:
    def page(n: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            lines(f"第{n}条 买家自签收之日起七日内可以退货，并应当保持商品完好", "，不影响二次销售。")(canvas)
            write(canvas, 60 + 12 * 9, 135, "运费由商家承担")
            write(canvas, 60 + 12 * 16, 130, str(n), 6)
            canvas.line(60, HEIGHT - 740, 200, HEIGHT - 740)
            write(canvas, 60, 750, str(n), 6)
            write(canvas, 66, 753, f"运费指首重费用，第{n}款另有规定的除外。", 9)

        return draw

    extract = read(made(page(1), page(2)))
    assert [(f.mark, extract.text[f.start : f.end]) for f in extract.footnotes] == [
        ("1", "¹运费指首重费用，第1款另有规定的除外。"),
        ("2", "²运费指首重费用，第2款另有规定的除外。"),
    ]
    assert extract.text.endswith(extract.text[extract.footnotes[0].start :])
    assert extract.text.index("第2条") < extract.footnotes[0].start
    assert_every_letter_has_one_place(extract)
    assert {b.page for b in extract.boxes if b.start >= extract.footnotes[1].start} == {2}


# --- headings and title --------------------------------------------------------------------------------------------


def test_bookmarks_mark_headings_with_their_levels() -> None:
    def one(canvas: Canvas) -> None:
        for key, title, level in (("a", "总则", 0), ("b", "适用范围", 1)):
            canvas.bookmarkPage(key)
            canvas.addOutlineEntry(title, key, level)
        lines("一、总则", "1.1 适用范围", "本规则适用于全部商品，总则的规定优先。")(canvas)

    def two(canvas: Canvas) -> None:
        canvas.bookmarkPage("c")
        canvas.addOutlineEntry("退货", "c", 0)
        lines("退货", "买家可以退货。")(canvas)

    extract = read(made(one, two))
    assert [(extract.text[h.start : h.end], h.level) for h in extract.headings] == [
        ("一、总则", 1),
        ("1.1 适用范围", 2),
        ("退货", 1),
    ]


def test_larger_type_marks_headings_and_the_title_where_there_are_no_bookmarks() -> None:
    body = "本店商品自签收之日起七日内可以退货，商家应当在收到退货之后四十八小时之内退款。"
    page = all_of(
        lines("云店退货", "规则", x=200, y=60, step=28, size=22),
        lines("适用范围", y=130, size=15),
        lines(body, body, y=160),
        lines("退款时限", y=230, size=15),
        lines(body, body, body, y=260),
    )
    extract = read(made(page, title="Microsoft Word - 规则.doc"))
    assert extract.title == "云店退货规则"
    assert [(extract.text[h.start : h.end], h.level) for h in extract.headings] == [
        ("云店退货规则", 1),
        ("适用范围", 2),
        ("退款时限", 2),
    ]


@pytest.mark.parametrize(
    ("stated", "title"),
    [("退货规则", "退货规则"), ("rules-v3-FINAL.docx", None), ("untitled", None), ("别的文件", None)],
)
def test_a_stated_title_counts_only_where_the_text_bears_it(stated: str, title: str | None) -> None:
    assert read(made(lines("退货规则", "第一条 买家可以退货。"), title=stated)).title == title


# --- what is not plain text ----------------------------------------------------------------------------------------


def test_what_was_filled_into_a_form_is_read() -> None:
    def draw(canvas: Canvas) -> None:
        lines("Name of the customer:", font="Helvetica")(canvas)
        canvas.acroForm.textfield(name="n", value="Jane Doe", x=200, y=HEIGHT - 86, width=200, height=18)

    extract = read(made(draw))
    assert "Name of the customer:" in extract.text and "Jane Doe" in extract.text


def test_comments_are_listed_and_attachments_named() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made(lines("第一条 买家可以退货。"))))
    note = pypdf.annotations.Text(text="改为十五天？", rect=(50, 500, 70, 520))
    writer.add_annotation(0, note)
    writer.add_attachment("价目表.xlsx", b"PK")
    buffer = io.BytesIO()
    writer.write(buffer)
    extract = read(buffer.getvalue())
    assert [(r.text, r.reason, r.where) for r in extract.removed] == [("改为十五天？", "comment", "page 1")]
    assert extract.unread == ("attached file 价目表.xlsx: not read; bring it in by itself",)


# --- what cannot be read -------------------------------------------------------------------------------------------


def locked(password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made(lines("第一条 买家可以退货。"))))
    writer.encrypt(password, algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_locked_file_opens_with_any_of_the_passwords_in_the_settings() -> None:
    reading = Reading(ReadingSettings(passwords=("wrong", "密码"), ocr=False))
    assert read(locked("密码"), reading).text == "第一条 买家可以退货。"
    with pytest.raises(UnreadableFile, match="None of the 2 passwords"):
        read(locked("other"), reading)
    with pytest.raises(UnreadableFile, match="locked with a password"):
        read(locked("other"))


def private_glyphs() -> bytes:
    """One page of twenty letters that the file itself maps to private codes."""
    maps = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange "
    maps += b"1 beginbfrange <41> <54> <E141> endbfrange endcmap end"
    words = b"BT /F1 12 Tf 60 700 Td (ABCDEFGHIJKLMNOPQRST) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 4 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(words), words),
        b"<</Length %d>>stream\n%s\nendstream" % (len(maps), maps),
    ]
    body = b"".join(b"%d 0 obj%s endobj\n" % (n, text) for n, text in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF"


def test_a_page_of_glyphs_without_characters_is_named_and_not_kept() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made(lines("第一条 买家可以退货。"))))
    writer.append(io.BytesIO(private_glyphs()))
    buffer = io.BytesIO()
    writer.write(buffer)
    extract = read(buffer.getvalue())
    assert extract.text == "第一条 买家可以退货。"
    [said] = extract.unread
    assert said.startswith("page 2: 100% of its letters have no readable character")
    with pytest.raises(UnreadableFile, match="no readable character"):
        read(private_glyphs())


def test_a_page_without_text_names_what_would_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "missing", lambda: ocr.INSTALL)

    def picture(canvas: Canvas) -> None:
        canvas.drawInlineImage(Image.new("L", (40, 40), 120), 50, 50, 400, 600)

    extract = read(made(lines("第一条 买家可以退货。"), picture), PLAIN)
    [said] = extract.unread
    assert said.startswith("page 2: no text layer") and said.endswith("make install-ocr")
    with pytest.raises(UnreadableFile, match="make install-ocr"):
        read(made(picture), PLAIN)


def test_every_page_is_told_of() -> None:
    heard: list[str] = []
    read(made(*[lines("第一条 买家可以退货。")] * 3), replace(WITHOUT_OCR, tell=heard.append))
    assert heard == ["page 1 of 3", "page 2 of 3", "page 3 of 3"]


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes_or_refused(cut: float) -> None:
    data = made(*[lines(f"第{n}条 买家可以退货。") for n in range(1, 9)])
    try:
        extract = read(data[: int(len(data) * cut)])
    except UnreadableFile as error:
        assert "broken" in error.reason or "no pages" in error.reason or "could be read" in error.reason
    else:
        assert "买家可以退货" in extract.text


def test_pages_that_lead_in_a_circle_end() -> None:
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R]/Count 9>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )
    with pytest.raises(UnreadableFile):
        read(data)


# --- places --------------------------------------------------------------------------------------------------------


def test_a_run_stands_where_it_is_printed() -> None:
    extract = read(made(lines("refund within seven days", font="Helvetica", x=60, y=80)))
    start = 60 + pdfmetrics.stringWidth("refund within ", "Helvetica", 12)
    [(page, x0, y0, x1, y1)] = boxed(extract, "seven")
    assert page == 1 and abs(x0 - start) <= 1
    assert abs(x1 - start - pdfmetrics.stringWidth("seven", "Helvetica", 12)) <= 1
    assert y0 < 80 < y1 and y1 - y0 <= 18


_words = st.text("买家可以退货refund 07，。；()第条一二", min_size=1, max_size=30)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.tuples(_words, st.integers(0, 200), st.sampled_from([8, 12, 20])), max_size=6), max_size=3))
def test_nothing_on_a_page_is_lost_or_placed_twice(pages: list[list[tuple[str, int, int]]]) -> None:
    def draw(texts: list[tuple[str, int, int]], canvas: Canvas) -> None:
        for i, (text, x, size) in enumerate(texts):
            write(canvas, 20 + x, 60 + i * 30, text, size)

    try:
        extract = read(made(*(partial(draw, texts) for texts in pages), lines("退货")))
    except UnreadableFile:
        return
    assert_every_letter_has_one_place(extract, bars=True)
    letters = sorted(c for page in pages for text, _, _ in page for c in text if c.isalpha())
    kept = sorted(c for c in extract.text + "".join(r.text for r in extract.removed) if c.isalpha())
    repeated = any(" " in r.where and "-" in r.where for r in extract.removed)
    assert repeated or [*letters, *"退货"] and kept == sorted([*letters, *"退货"])


def test_large_letters_above_small_ones_are_not_taken_for_the_same_ones_printed_twice() -> None:
    data = made(
        lines(
            *["Penetration testing, see the section about Penetration testing in these terms."] * 8, size=11, step=13
        ),
        lines(*["Penetration testing of our own applications and servers"] * 8, size=16, step=19, font="Helvetica"),
    )
    text = read(data).text
    assert text.count("Penetration testing") == 8 * 2 + 8


def test_letters_that_a_false_bold_prints_twice_are_read_once() -> None:
    data = made(all_of(*(lines("第一条 买家可以退货。All goods.", x=60 + shift) for shift in (0, 0.4))))
    assert read(data).text == "第一条 买家可以退货。All goods."


def test_the_title_in_large_type_that_runs_on_every_page_is_still_the_title() -> None:
    data = made(*[all_of(lines("云店安全说明", y=40, size=24), lines(*[f"正文{n}。" * 9] * 4)) for n in "甲乙丙"])
    extract = read(data)
    assert extract.title == "云店安全说明"
    assert [(r.text, r.where) for r in extract.removed] == [("云店安全说明", "pages 1-3")]


def test_pages_that_hold_nothing_but_a_number_keep_it() -> None:
    extract = read(made(lines("1"), lines("2")))
    assert extract.text.split() == ["1", "2"] and extract.removed == ()
