"""Spreadsheets as a reader sees them: each built with known answers."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from ingest.loaders import load, xls
from ingest.loaders.number_formats import show
from ingest.types import Extract

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def sheet_of(rows: Sequence[Sequence[Any]], title: str = "退货期", merged: Sequence[str] = ()) -> Worksheet:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    return sheet


def read(sheet: Worksheet) -> Extract:
    assert sheet.parent is not None
    return load(saved(sheet.parent), "规则.xlsx")


def rows(extract: Extract) -> list[tuple[str, str, str]]:
    return [(extract.text[row.start : row.end], row.header, row.table) for row in extract.rows]


def raw(sheet_xml: str) -> bytes:
    """A workbook with one sheet of this XML."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="表" r:id="r1"/></sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/a.xml"/></Relationships>',
        )
        package.writestr("xl/worksheets/a.xml", f'<worksheet xmlns="{MAIN}">{sheet_xml}</worksheet>')
    return buffer.getvalue()


# --- tables ----------------------------------------------------------------------------------------------------


def test_rows_are_lines_under_their_header_with_merged_cells_filled() -> None:
    cells = [["退货期一览"], ["品类", "天数", "费率"], ["生鲜", 1, 0.05], [None, 2, 0.1], ["服饰", 7, None]]
    sheet = sheet_of(cells, merged=["A1:C1", "A3:A4"])
    sheet["C3"].number_format = "0%"
    extract = read(sheet)
    assert rows(extract) == [
        ("生鲜 | 1 | 5%", "品类 | 天数 | 费率", "退货期一览"),
        ("生鲜 | 2 | 0.1", "品类 | 天数 | 费率", "退货期一览"),
        ("服饰 | 7 |", "品类 | 天数 | 费率", "退货期一览"),
    ]
    assert [extract.text[h.start : h.end] for h in extract.headings] == ["退货期"]


def test_a_header_of_two_rows_names_every_column_with_the_words_of_both() -> None:
    cells = [
        ["权益", "会员等级", None, None, "说明"],
        [None, "青桐", "银桐", "金桐", None],
        ["包邮", "不享有", "享有", "享有", "按月发放"],
        ["生日礼", "不享有", "不享有", "享有", None],
    ]
    header = "权益 | 会员等级 青桐 | 会员等级 银桐 | 会员等级 金桐 | 说明"
    assert [row[:2] for row in rows(read(sheet_of(cells, merged=["A1:A2", "B1:D1", "E1:E2"])))] == [
        ("包邮 | 不享有 | 享有 | 享有 | 按月发放", header),
        ("生日礼 | 不享有 | 不享有 | 享有 |", header),
    ]


def test_a_blank_row_parts_tables_each_with_its_own_name() -> None:
    cells = [["退货期一览"], ["品类", "天数"], ["生鲜", 1], [], ["运费一览"], ["地区", "运费"], ["华东", 8]]
    assert rows(read(sheet_of(cells))) == [
        ("生鲜 | 1", "品类 | 天数", "退货期一览"),
        ("华东 | 8", "地区 | 运费", "运费一览"),
    ]


def test_a_table_that_begins_without_a_blank_row_is_told_by_its_name_and_header() -> None:
    cells = [["退货期"], ["品类", "天数"], ["生鲜", 1], ["服饰", 7], ["运费"], ["地区", "元"], ["华东", 8], ["华北", 9]]
    assert rows(read(sheet_of(cells, merged=["A1:B1", "A5:B5"]))) == [
        ("生鲜 | 1", "品类 | 天数", "退货期"),
        ("服饰 | 7", "品类 | 天数", "退货期"),
        ("华东 | 8", "地区 | 元", "运费"),
        ("华北 | 9", "地区 | 元", "运费"),
    ]


def test_a_group_name_between_rows_begins_no_table() -> None:
    cells = [["品类", "处理"], ["生鲜", "不退"], ["服饰类"], ["内衣", "不退"], ["外套", "可退"]]
    assert [row[1] for row in rows(read(sheet_of(cells, merged=["A3:B3"])))] == ["品类 | 处理"] * 4


def test_tables_side_by_side_are_told_apart() -> None:
    cells = [["品类", "天数", None, "地区", "运费"], ["生鲜", 1, None, "华东", 8], ["服饰", 7, None, None, None]]
    assert [row[:2] for row in rows(read(sheet_of(cells)))] == [
        ("生鲜 | 1", "品类 | 天数"),
        ("服饰 | 7", "品类 | 天数"),
        ("华东 | 8", "地区 | 运费"),
    ]


def test_tables_side_by_side_of_one_height_are_told_apart_by_what_their_rows_are_called() -> None:
    cells = [["品类", "天数", None, "地区", "运费"], ["生鲜", 1, None, "华东", 8], ["服饰", 7, None, "西北", 12]]
    assert [row[0] for row in rows(read(sheet_of(cells)))] == ["生鲜 | 1", "服饰 | 7", "华东 | 8", "西北 | 12"]


def test_a_gap_inside_one_table_does_not_part_it() -> None:
    cells = [["品类", "天数", None, "运费", "备注"], ["生鲜", 1, None, 8, "当日"], ["服饰", 7, None, 0, "可延"]]
    assert rows(read(sheet_of(cells)))[0][:2] == ("生鲜 | 1 | 8 | 当日", "品类 | 天数 | 运费 | 备注")


def test_a_table_that_the_file_delimits_has_its_own_name_and_leaves_the_rest() -> None:
    cells = [["品类", "天数"], ["生鲜", 1], ["以上为准", None]]
    sheet = sheet_of(cells)
    sheet.add_table(Table(displayName="退货期限", ref="A1:B2"))
    extract = read(sheet)
    assert rows(extract) == [("生鲜 | 1", "品类 | 天数", "退货期限")]
    assert extract.text.endswith("以上为准")


def test_remarks_below_a_table_are_no_rows_of_it() -> None:
    extract = read(sheet_of([["品类", "天数"], ["生鲜", 1], ["服饰", 7], ["注：自签收次日起算。", None]]))
    assert len(extract.rows) == 2
    assert extract.text.endswith("\n注：自签收次日起算。")


def test_a_single_sheet_with_the_name_that_the_program_gave_it_has_no_heading() -> None:
    assert read(sheet_of([["品类", "天数"], ["生鲜", 1]], title="Sheet1")).text == "品类 | 天数\n生鲜 | 1"


# --- what is hidden --------------------------------------------------------------------------------------------


def test_a_hidden_sheet_is_named_listed_and_left_out() -> None:
    sheet = sheet_of([["品类", "天数"], ["生鲜", 1]])
    assert sheet.parent is not None
    old = sheet.parent.create_sheet("旧表")
    old.append(["生鲜", 3])
    old.sheet_state = "hidden"
    extract = read(sheet)
    assert "生鲜 | 3" not in extract.text
    assert [(r.text, r.reason, r.where) for r in extract.removed] == [("生鲜 | 3", "hidden sheet", "sheet “旧表”")]
    assert any("旧表" in note and "hidden" in note for note in extract.notes)


def test_hidden_rows_and_columns_are_listed_and_part_no_table() -> None:
    sheet = sheet_of([["品类", "成本", "天数"], ["生鲜", 3, 1], ["停售", 4, 2], ["服饰", 5, 7]])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    extract = read(sheet)
    assert [row[:2] for row in rows(extract)] == [("生鲜 | 1", "品类 | 天数"), ("服饰 | 7", "品类 | 天数")]
    assert [(r.text, r.reason, r.where) for r in extract.removed] == [
        ("停售 | 4 | 2", "hidden row", "sheet “退货期”, row 3"),
        ("成本\n3\n5", "hidden column", "sheet “退货期”, column B"),
    ]
    assert any("hidden rows were left out: 3" in note for note in extract.notes)


def test_rows_that_a_filter_or_a_folded_group_hides_are_read_and_named() -> None:
    sheet = sheet_of([["品类", "天数"], ["生鲜", 1], ["服饰", 7], ["图书", 9]])
    sheet.auto_filter.ref = "A1:B3"
    sheet.auto_filter.add_filter_column(0, ["服饰"])
    sheet.row_dimensions[2].hidden = True
    sheet.row_dimensions[4].hidden = True
    sheet.row_dimensions[4].outlineLevel = 1
    extract = read(sheet)
    assert [row[0] for row in rows(extract)] == ["生鲜 | 1", "服饰 | 7", "图书 | 9"]
    assert any("filter" in note and note.endswith("2, 4") for note in extract.notes)


# --- values ----------------------------------------------------------------------------------------------------


def test_formulas_without_a_value_and_errors_are_named_by_their_cells() -> None:
    cells = '<c r="A1" t="str"><f>B1</f><v>好</v></c><c r="B1"><f>1/0</f></c><c r="C1" t="e"><f>X</f><v>#REF!</v></c>'
    extract = load(raw(f'<sheetData><row r="1">{cells}</row></sheetData>'), "a.xlsx")
    assert extract.text == "表\n好\n#REF!"
    assert extract.unread == (
        "sheet “表”, cell B1: a formula without a stored value; open the file in a spreadsheet program and save it",
        "sheet “表”, cell C1 (#REF!): the formula gives an error; mend it",
    )


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.5, "0%", "50%"),
        (0.055, "0.0%", "5.5%"),
        (1234.5, '"¥"#,##0.00', "¥1,234.50"),
        (1234.5, "[$¥-804]#,##0.00", "¥1,234.50"),
        (12.5, '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "¥12.50"),
        (-3, "0.00_);[Red](0.00)", "(3.00)"),
        (0, '#,##0;-#,##0;"免费"', "免费"),
        (7, '0"天"', "7天"),
        (7, 'G/通用格式"天"', "7天"),
        (5, "00000", "00005"),
        (13812345678, "000-0000-0000", "138-1234-5678"),
        (12345678, '0!.0,"万"', "1234.6万"),
        (2_500_000, '0.0,,"百万"', "2.5百万"),
        (0.5, '[>=1]0"元";0.0"角"', "0.5角"),
        (1.5, "# ?/?", "1 1/2"),
        (198356388, "0.00E+00", "1.98E+08"),
        (0.1 + 0.2, "General", "0.3"),
        (440106198001011234, "General", "440106198001011234"),
        (45474, 'yyyy"年"m"月"d"日"', "2024年7月1日"),
        (45474, "yyyy/m/d;@", "2024/7/1"),
        (45474, "mm-dd-yy", "2024-07-01"),
        (45474.75, "m/d/yy h:mm", "2024-07-01 18:00"),
        (45474, 'm"月"d"日"', "7月1日"),
        (0.75, "h:mm", "18:00"),
        (0.75, "上午/下午h:mm", "下午6:00"),
        (1.5, "[h]:mm", "36:00"),
        (True, "General", "TRUE"),
        (datetime(2024, 7, 1), 'yyyy"年"m"月"d"日"', "2024年7月1日"),
        (date(2024, 7, 1), "General", "2024-07-01"),
        (-1, "yyyy-mm-dd", "-1"),
    ],
)
def test_numbers_and_dates_stand_as_the_sheet_shows_them(value: object, code: str, shown: str) -> None:
    assert show(value, code) == shown


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    assert show(45474 - 1462, "yyyy-mm-dd", mac=True) == "2024-07-01"


def test_rich_text_is_read_whole_and_comments_are_listed() -> None:
    sheet = sheet_of(
        [["品类", "规则"], ["生鲜", CellRichText("不支持", TextBlock(InlineFont(b=True), "七日"), "退货")]]
    )
    sheet["A2"].comment = Comment("内部：可放宽", "张三")
    extract = read(sheet)
    assert rows(extract)[0][0] == "生鲜 | 不支持七日退货"
    assert [(r.text, r.reason, r.where) for r in extract.removed] == [
        ("内部：可放宽", "comment by 张三", "sheet “退货期”, cell A2")
    ]


def test_bold_names_of_columns_are_told_from_words_below_them() -> None:
    sheet = sheet_of([["品类", "处理"], ["生鲜", "不退"]])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    assert rows(read(sheet))[0][1] == "品类 | 处理"


def test_cells_and_rows_need_not_say_where_they_stand() -> None:
    def text(words: str) -> str:
        return f'<c t="inlineStr"><is><t>{words}</t></is></c>'

    body = f"<row>{text('品类')}{text('天数')}</row><row>{text('生鲜')}<c><v>1</v></c></row>"
    assert load(raw(f"<sheetData>{body}</sheetData>"), "a.xlsx").text == "表\n品类 | 天数\n生鲜 | 1"


# --- size and form ---------------------------------------------------------------------------------------------


def test_a_million_formatted_empty_rows_take_seconds_not_minutes() -> None:
    empty = "".join(f'<row r="{r}"><c r="A{r}" s="1"/><c r="B{r}" s="1"/></row>' for r in range(2, 100_000))
    first = '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c></row>'
    last = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>乙</t></is></c></row>'
    data = raw(f'<sheetData>{first}{empty}{last}</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    began = time.monotonic()
    extract = load(data, "a.xlsx")
    assert "甲" in extract.text
    assert time.monotonic() - began < 20


def test_what_lies_beyond_the_limit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.loaders.xlsx.MAX_CELLS", 4)
    extract = read(sheet_of([["品类", "天数"], ["生鲜", 1], ["服饰", 7]]))
    assert "服饰" not in extract.text
    assert extract.unread == ("sheet “退货期”: not read below row 2: more than 4 cells; split the workbook",)


def test_the_strict_form_is_read_like_the_usual_one() -> None:
    usual = saved(_parent(sheet_of([["品类", "日期"], ["生鲜", date(2024, 7, 1)]])))
    strict = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(usual)) as source, zipfile.ZipFile(strict, "w") as target:
        for part in source.namelist():
            content = source.read(part).decode()
            content = content.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
            target.writestr(part, content.replace(RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/relationships"))
    assert load(strict.getvalue(), "a.xlsx") == load(usual, "a.xlsx")


def _parent(sheet: Worksheet) -> openpyxl.Workbook:
    assert sheet.parent is not None
    return sheet.parent


# --- before 2007 -----------------------------------------------------------------------------------------------


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def test_formats_and_hidden_parts_of_an_old_workbook_come_from_its_records() -> None:
    begin, end = _record(0x0809, b"\x00\x06\x05\x00" + bytes(12)), _record(0x000A, b"")
    font = _record(0x0031, struct.pack("<HHHH", 200, 0, 0, 700) + bytes(8))
    forms = [_record(0x00E0, struct.pack("<HH", 0, code) + bytes(16)) for code in (0, 9)]
    body = begin
    body += _record(0x0208, struct.pack("<HHHHHHHH", 3, 0, 2, 0, 0, 0, 0x20, 0))
    body += _record(0x007D, struct.pack("<HHHHHH", 2, 2, 0, 0, 1, 0))
    body += _record(0x0203, struct.pack("<HHHd", 1, 1, 1, 0.05))
    body += _record(0x00BD, struct.pack("<HHHIHIH", 2, 0, 0, 0, 1, 0, 1))
    body += _record(0x0205, struct.pack("<HHHBB", 4, 0, 0, 0x17, 1)) + end
    head = begin + font + b"".join(forms)
    sheet_at = len(head) + 4 + 6 + 2 + len("价目".encode("utf-16-le")) + len(end)
    name = struct.pack("<BB", 2, 1) + "价目".encode("utf-16-le")
    book = xls._read_book(head + _record(0x0085, struct.pack("<IH", sheet_at, 0) + name) + end + body)
    looks = book.looks["价目"]
    assert (book.codes, book.strong) == (["General", "0%"], [True, True])
    assert looks.form == {(1, 1): 1, (2, 0): 0, (2, 1): 1, (4, 0): 0}
    assert (looks.hidden_rows, looks.hidden_columns, looks.errors) == ({3}, [(2, 2)], {(4, 0): "#REF!"})
