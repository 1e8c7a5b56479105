"""Every format read, and every file that cannot be read refused with its reason."""

from __future__ import annotations

import io
import re

import docx
import openpyxl
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import IngestError, InvalidMetadata, UnreadableFile
from ingest.loaders import load
from ingest.loaders.assembly import Assembly
from ingest.loaders.tables import Cell
from ingest.structure import cut
from kb.types import ClauseKind

RULES = (
    "退货规则\n第一条 买家可以在七日内申请退货，商家应当在收到商品之后的四十八小时内退款。\n第二条 运费由买家承担。\n"
)


def pdf(*pages: list[str], size: int = 12, password: str | None = None) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    for lines in pages:
        canvas.setFont("STSong-Light", size)
        for i, line in enumerate(lines):
            canvas.drawString(60, 790 - i * 20, line)
        canvas.showPage()
    canvas.save()
    if password is None:
        return buffer.getvalue()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(buffer.getvalue()))
    writer.encrypt(password)
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


def labelled(data: bytes, name: str) -> list[tuple[str, str]]:
    extract = load(data, name)
    return [(d.label, extract.text[d.start : d.end]) for d in cut(extract).drafts]


# --- text and encodings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_chinese_text_is_read_in_any_usual_encoding(encoding: str) -> None:
    assert load(RULES.encode(encoding), "a.txt").text == RULES


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "退貨規則\n第一條 買家可以在七日內申請退貨，商家應當在收到商品之後退款，運費由買家承擔。\n"),
        (
            "shift_jis",
            "返品規約\n第1条 お客様は商品の到着から七日以内に返品することができます。送料はお客様の負担となります。\n",
        ),
        (
            "euc_jp",
            "返品規約\n第1条 お客様は商品の到着から七日以内に返品することができます。送料はお客様の負担となります。\n",
        ),
        (
            "euc_kr",
            "제1조 상품을 받은 날부터 칠일 이내에 교환 또는 환불을 요청하실 수 있습니다. 배송비는 고객이 부담합니다.\n",
        ),
    ],
)
def test_other_east_asian_encodings_are_told_apart_and_named(encoding: str, text: str) -> None:
    extract = load(text.encode(encoding), "a.txt")
    assert extract.text == text
    assert extract.notes and extract.notes[0].startswith("read as ")


def test_a_file_in_two_encodings_is_read_line_by_line() -> None:
    extract = load(RULES.encode("gb18030") + RULES.encode(), "a.txt")
    assert extract.text == RULES * 2
    assert "gb18030" in extract.notes[0]


def test_line_ends_become_one_kind_and_control_characters_go() -> None:
    assert load("第一条 甲。\r\n第二条\x07 乙。\r".encode(), "a.txt").text == "第一条 甲。\n第二条 乙。\n"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.md", "empty"),
        (b" \n ", "a.txt", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "scan.pdf", "picture"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 50, "a.jpg", "picture"),
        (b"not a pdf at all", "a.pdf", "no PDF file"),
        (b"%PDF-1.7\n%broken", "a.pdf", "broken"),
        (b"PK\x03\x04 broken", "a.docx", "broken"),
        (b"not a zip", "a.xlsx", "no XLSX file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 50, "a.doc", "old Office format"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "a.docx", "locked"),
        (bytes(range(1, 256)) * 20, "a.txt", "binary"),
        (b"some text", "a.exe", ".exe are not read"),
        ("退\ufffd规\ufffd\ufffd，\ufffd家\ufffd\ufffd".encode(), "a.txt", "letters are lost"),
        ("锟斤拷锟斤拷锟斤拷规则".encode(), "a.txt", "letters are lost"),
        ("\ue000\ue001\ue002 规则".encode(), "a.txt", "letters are lost"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as caught:
        load(data, name)
    assert str(caught.value).startswith(f"{name}: ")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.md", "a.txt", "a.html", "a.csv", "a.pdf", "a.docx", "a.xlsx", "a"]))
def test_any_bytes_give_text_or_a_known_error(data: bytes, name: str) -> None:
    try:
        cut(load(data, name))
    except IngestError as error:
        assert str(error)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_damaged_office_and_pdf_files_give_text_or_a_known_error(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(_SOUND)))
    sound = bytearray(_SOUND[name])
    for _ in range(data.draw(st.integers(1, 8))):
        sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    try:
        cut(load(bytes(sound[: data.draw(st.integers(1, len(sound)))]), name))
    except IngestError as error:
        assert str(error)


# --- Markdown and HTML -----------------------------------------------------------------------------------------


def test_front_matter_becomes_fields_and_leaves_the_text() -> None:
    extract = load(
        "---\ntitle: 规则\nscope:\n  platform: 京东\neffective_from: 2024-07-01\n---\n\n正文。".encode(), "a.md"
    )
    assert extract.fields == {"title": "规则", "scope.platform": "京东", "effective_from": "2024-07-01"}
    assert extract.text.strip() == "正文。"


def test_broken_front_matter_is_refused() -> None:
    with pytest.raises(InvalidMetadata, match="front matter"):
        load(b"---\ntitle: [\n---\nText.", "a.md")


def test_a_hash_inside_a_code_fence_is_no_heading() -> None:
    extract = load(b"# Title\n\n```\n# comment\n```\n\nUnder\n-----\n", "a.md")
    assert [(extract.text[h.start : h.end], h.level) for h in extract.headings] == [("Title", 1), ("Under", 2)]


def test_html_gives_its_main_text_only() -> None:
    page = """<html><head><title>帮助中心</title><style>p{}</style></head><body><nav>首页</nav><header>登录</header>
    <main><h1>退货说明</h1><h2>期限</h2><p>收货后<b>七日</b>内<br>可以退货。</p><script>x()</script>
    <table><tr><th>品类</th><th>天数</th></tr><tr><td rowspan="2">生鲜</td><td>1</td></tr><tr><td>2</td></tr></table>
    <form>订阅</form></main><footer>版权</footer></body></html>"""
    extract = load(page.encode(), "a.html")
    assert extract.text.split("\n") == [
        "退货说明",
        "期限",
        "收货后七日内",
        "可以退货。",
        "品类 | 天数",
        "生鲜 | 1",
        "生鲜 | 2",
    ]
    assert extract.title == "退货说明"
    assert [(extract.text[r.start : r.end], r.header) for r in extract.rows] == [
        ("生鲜 | 1", "品类 | 天数"),
        ("生鲜 | 2", "品类 | 天数"),
    ]
    assert ("订阅", "form") in [(removed.text, removed.reason) for removed in extract.removed]


def test_html_says_its_own_encoding() -> None:
    page = '<html><head><meta charset="gbk"></head><body><p>可以退。</p></body></html>'
    assert load(page.encode("gbk"), "a.html").text == "可以退。"


# --- PDF -------------------------------------------------------------------------------------------------------


def test_a_pdf_sentence_broken_across_lines_and_pages_is_one_again() -> None:
    first = [
        "退货规则",
        "第一条 买家自签收商品之日起七日内可以申请无理",
        "由退货，商家应当在收到退回商品之后四十八小时内",
        "退还货款。",
        "第二条 运费由",
    ]
    first[-1] = "第二条 因商品存在质量问题而退货的，往返运费全部由"
    extract = load(pdf(first, ["商家承担。", "（一）破损；", "（二）错发。", "第三条 其他。"]), "a.pdf")
    assert extract.text.split("\n") == [
        "退货规则",
        "第一条 买家自签收商品之日起七日内可以申请无理由退货，商家应当在收到退回商品之后四十八小时内退还货款。",
        "第二条 因商品存在质量问题而退货的，往返运费全部由商家承担。",
        "（一）破损；",
        "（二）错发。",
        "第三条 其他。",
    ]
    assert extract.text[extract.page_starts[1] :].startswith("商家承担。")


def test_running_headers_and_page_numbers_go() -> None:
    pages = [["云店规则 2024 版", f"第{n}条 买家可以退货，商家应当退款。", f"第 {n} 页 共 4 页"] for n in range(1, 5)]
    extract = load(pdf(*pages), "a.pdf")
    assert extract.text == "\n".join(f"第{n}条 买家可以退货，商家应当退款。" for n in range(1, 5))
    assert "left out" in extract.notes[0]


def test_the_running_header_of_a_second_page_is_no_heading_of_its_articles() -> None:
    pages = [["云店　保修条款", "第一章 保修", "第一条 整机保修一年。"], ["云店　保修条款", "第二条 电池保修半年。"]]
    assert [d.path for d in cut(load(pdf(*pages), "a.pdf")).drafts] == [("第一章 保修", f"第{n}条") for n in "一二"]


def test_a_page_without_text_is_named() -> None:
    extract = load(pdf(["第一条 买家可以退货。"], [], ["第二条 商家应当退款。"]), "a.pdf")
    assert len(extract.unread) == 1 and extract.unread[0].startswith("page 2: no text layer")
    assert len(extract.page_starts) == 3


def test_a_scanned_and_a_locked_pdf_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="without a text layer"):
        load(pdf([], []), "scan.pdf")
    with pytest.raises(UnreadableFile, match="password"):
        load(pdf(["第一条 甲。"], password="secret"), "locked.pdf")


def test_every_page_start_lies_at_its_page_for_many_pages() -> None:
    extract = load(pdf(*[[f"第{n}条 买家可以退货。", "商家应当退款。"] for n in range(1, 12)]), "a.pdf")
    for n, start in enumerate(extract.page_starts, 1):
        assert extract.text[start:].startswith(f"第{n}条")


# --- tables ----------------------------------------------------------------------------------------------------


def test_csv_finds_its_delimiter_and_its_header() -> None:
    extract = load('品类;天数;说明\n生鲜;1;"当日，\n有效"\n服饰;7;可延\n'.encode("gb18030"), "a.csv")
    assert extract.text.split("\n") == ["品类 | 天数 | 说明", "生鲜 | 1 | 当日， 有效", "服饰 | 7 | 可延"]
    assert [r.header for r in extract.rows] == ["品类 | 天数 | 说明"] * 2


def read_rows(data: bytes, name: str) -> list[tuple[str, str]]:
    extract = load(data, name)
    return [(extract.text[r.start : r.end], r.header) for r in extract.rows]


def table_page(rows: str) -> bytes:
    return f"<html><body><main><h1>规则</h1><table>{rows}</table></main></body></html>".encode()


def test_a_cell_merged_over_columns_of_figures_holds_for_each_of_them() -> None:
    head = "<tr><th>地区</th><th>普通</th><th>加急</th></tr>"
    rows = "<tr><td>港澳台</td><td colspan=2>45元</td></tr><tr><td colspan=2>合计</td><td>90元</td></tr>"
    header = "地区 | 普通 | 加急"
    assert read_rows(table_page(head + rows), "a.html") == [
        ("港澳台 | 45元 | 45元", header),
        ("合计 |  | 90元", header),
    ]
    long = "按实际重量和体积重量中较大的一个计费，" * 3
    page = table_page(head + f"<tr><td>海外</td><td colspan=2>{long}</td></tr>")
    assert read_rows(page, "a.html") == [(f"海外 | {long} |", header)]


@pytest.mark.parametrize("tag", ["th", "td"])
def test_an_html_header_of_two_rows_is_found_with_and_without_its_marks(tag: str) -> None:
    head = "<tr><td rowspan=2>权益</td><td colspan=2>等级</td></tr><tr><td>青桐</td><td>银桐</td></tr>"
    page = table_page(head.replace("td", tag) + "<tr><td>包邮</td><td colspan=2>享有</td></tr>")
    assert read_rows(page, "a.html") == [("包邮 | 享有 | 享有", "权益 | 等级 青桐 | 等级 银桐")]


def test_a_csv_header_of_two_rows_is_found_by_the_gaps_it_fills_above_figures() -> None:
    text = "等级,费用,,成长,\n,月卡,年卡,升级,保级\n青桐,9,68,0,0\n金桐,不设,398,12000,6000\n"
    header = "等级 | 费用 月卡 | 费用 年卡 | 成长 升级 | 成长 保级"
    assert read_rows(text.encode(), "a.csv") == [
        ("青桐 | 9 | 68 | 0 | 0", header),
        ("金桐 | 不设 | 398 | 12000 | 6000", header),
    ]


@pytest.mark.parametrize(
    ("data", "name", "rows"),
    [
        ("品类,处理\n生鲜,不退\n服饰,可退\n".encode(), "a.csv", ["生鲜 | 不退", "服饰 | 可退"]),
        ("品类,期限,备注\n生鲜,不退,\n服饰,7,可延\n".encode(), "a.csv", ["生鲜 | 不退 |", "服饰 | 7 | 可延"]),
        ("品类,,说明\n生鲜,当日,甲\n服饰,3日,乙\n".encode(), "a.csv", ["生鲜 | 当日 | 甲", "服饰 | 3日 | 乙"]),
        (
            table_page("<tr><th colspan=2>商品</th><th>处理</th></tr><tr><td>生鲜<td>西瓜<td>不退</tr>"),
            "a.html",
            ["生鲜 | 西瓜 | 不退"],
        ),
        (
            table_page("<tr><td rowspan=2>生鲜<td>当日退</tr><tr><td>次日换</tr><tr><td>服饰<td>可退</tr>"),
            "a.html",
            ["生鲜 | 当日退", "生鲜 | 次日换", "服饰 | 可退"],
        ),
    ],
)
def test_a_row_of_words_below_the_header_stays_a_row(data: bytes, name: str, rows: list[str]) -> None:
    assert [text for text, _ in read_rows(data, name)] == rows


@given(st.lists(st.lists(st.sampled_from(["", "甲", "乙 | 丙", "7", "a|b"]), min_size=2, max_size=5), max_size=6))
def test_every_row_has_as_many_parts_as_its_header(grid: list[list[str]]) -> None:
    assembly = Assembly()
    assembly.table([[Cell(text) for text in row] for row in grid])
    extract = assembly.extract()
    for row in extract.rows:
        parts = re.split(r"(?:^| )\|(?: |$)", extract.text[row.start : row.end])
        assert not row.header or len(parts) == len(row.header.split(" | "))


def test_a_markdown_header_has_as_many_parts_as_the_row_below_it() -> None:
    extract = load("| | 月卡 | 年卡 |\n| - | - | - |\n| 青桐 | 9 | 68 |\n| 银桐 | 19 |\n".encode(), "a.md")
    assert [r.header for r in extract.rows] == [" | 月卡 | 年卡", " | 月卡"]
    assert [d.kind for d in cut(extract).drafts] == [ClauseKind.ROW] * 2


def test_a_file_of_another_kind_than_its_name_says_is_read_with_a_note() -> None:
    extract = load(pdf(["第一条 买家可以退货。"]), "rules.txt")
    assert extract.text == "第一条 买家可以退货。"
    assert any("read as pdf" in note for note in extract.notes)


def word() -> docx.document.Document:
    document = docx.Document()
    document.add_heading("退货规则", 0)
    document.add_paragraph("规则部　2025年4月28日公布　2025年6月1日起施行")
    document.add_heading("第一章 总则", 1)
    document.add_paragraph("第一条 买家可以退货。")
    table = document.add_table(rows=3, cols=2)
    for row, cells in zip(table.rows, [("品类", "天数"), ("生鲜", "1"), ("", "2")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_paragraph("第二条 商家应当退款。")
    return document


def workbook() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "退货期"
    for row in [
        ["退货期一览", None, None],
        ["品类", "天数", "费率"],
        ["生鲜", 1, 0.05],
        [None, 2, 0.1],
        ["服饰", 7, None],
    ]:
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A4")
    sheet["C3"].number_format = "0%"
    sheet["C5"] = "=B5/100"
    hidden = book.create_sheet("旧表")
    hidden.append(["甲", "乙"])
    hidden.append(["丙", "丁"])
    hidden.sheet_state = "hidden"
    return book


_SOUND = {
    "a.pdf": pdf(["第一条 买家可以退货。", "第二条 商家应当退款。"]),
    "a.docx": saved(word()),
    "a.xlsx": saved(workbook()),
}


def test_front_matter_with_a_stray_quotation_mark_is_read_line_by_line() -> None:
    extract = load(b"---\ntitle: 'Refunds'\nowner: 'Here's the desk'\n---\n\n# Refunds\n\nWe refund.\n", "a.md")
    assert extract.fields == {"title": "Refunds", "owner": "Here's the desk"}
    assert "no YAML" in extract.notes[0] and extract.text.strip().startswith("# Refunds")
    with pytest.raises(InvalidMetadata, match="front matter"):
        load(b"---\ntitle: 'Here's one'\nscope:\n  platform: x\n---\nText.", "a.md")


def test_front_matter_with_full_width_colons_is_read_and_said() -> None:
    extract = load(
        "---\ntitle：退货规则\neffective_from：2027-06-01\n---\n\n# 退货规则\n\n七天内可退。\n".encode(), "a.md"
    )
    assert extract.fields == {"title": "退货规则", "effective_from": "2027-06-01"}
    assert "：" in extract.notes[0] and extract.text.strip().startswith("# 退货规则")
    rule = load("---\n客服：您好\n---\n\n七天内可退。\n".encode(), "a.md")  # a line drawn above and below a text
    assert not rule.fields and "您好" in rule.text


@pytest.mark.parametrize("scope", ["scope.category: [生鲜, 水果]", "scope:\n  category: [生鲜, 水果]"])
def test_a_scope_of_several_values_is_refused(scope: str) -> None:
    with pytest.raises(InvalidMetadata, match="scope.category: found '生鲜, 水果'.*Divide"):
        load(f"---\n{scope}\n---\n\n七天内可退。\n".encode(), "a.md")
