"""Spreadsheets and lists of values."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import openpyxl

from tests.ingest.made.expected import Clause, Made
from tests.ingest.made.soffice import converted


def saved(workbook: Any) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _workbook(*rows: tuple[Any, ...], name: str = "运费") -> Any:
    workbook = openpyxl.Workbook()
    workbook.active.title = name
    for row in rows:
        workbook.active.append(row)
    return workbook


def _merged() -> bytes:
    workbook = _workbook(
        ("地区", "重量", "运费"), ("华东", "1公斤内", "6元"), (None, "5公斤内", "12元"), ("西南", "1公斤内", "8元")
    )
    workbook.active.merge_cells("A2:A3")
    return saved(workbook)


def _hidden() -> bytes:
    workbook = _workbook(("商品", "退货期"), ("雨伞", "7天"), ("旧款雨伞", "3天"), ("雨衣", "15天"), name="退货期")
    workbook.active.row_dimensions[3].hidden = True
    draft = workbook.create_sheet("草稿")
    draft.append(("商品", "退货期"))
    draft.append(("雨靴", "90天"))
    draft.sheet_state = "hidden"
    return saved(workbook)


def _two_tables() -> bytes:
    return saved(
        _workbook(
            ("品类", "退货期"),
            ("生鲜", "1天"),
            ("服饰", "7天"),
            (),
            (),
            ("地区", "运费", "时效"),
            ("华东", "6元", "次日"),
            ("西北", "12元", "三日"),
            name="一览",
        )
    )


def _side_by_side() -> bytes:
    return saved(
        _workbook(
            ("品类", "退货期", None, "地区", "运费"),
            ("生鲜", "1天", None, "华东", "6元"),
            ("服饰", "7天", None, "西北", "12元"),
            name="一览",
        )
    )


def _two_heads() -> bytes:
    workbook = _workbook(
        ("门店", "工作日", None, "周末", None),
        (None, "开门", "关门", "开门", "关门"),
        ("南门店", "9点", "21点", "10点", "22点"),
        ("北门店", "8点", "20点", "9点", "21点"),
        name="营业时间",
    )
    for cells in ("A1:A2", "B1:C1", "D1:E1"):
        workbook.active.merge_cells(cells)
    return saved(workbook)


def _formulas() -> bytes:
    """B2 has its value saved beside the formula, as a spreadsheet program does; B3 has none."""
    data = saved(_workbook(("项目", "金额"), ("押金", "=100*5"), ("租金", "=30*2"), ("清洁费", 25), name="费用"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            content = old.read(member)
            if member == "xl/worksheets/sheet1.xml":
                before = content
                content = content.replace(b"<f>100*5</f><v></v>", b"<f>100*5</f><v>500</v>")
                content = content.replace(b"<f>100*5</f><v />", b"<f>100*5</f><v>500</v>")
                content = content.replace(b"<f>100*5</f><v/>", b"<f>100*5</f><v>500</v>")
                assert content != before
            new.writestr(member, content)
    return buffer.getvalue()


def _formats() -> bytes:
    workbook = _workbook(
        ("活动", "开始", "折扣", "门槛"),
        ("春季", date(2024, 3, 1), 0.15, 99.5),
        ("秋季", date(2024, 9, 10), 0.2, 200),
        name="活动",
    )
    for cell in workbook.active["C"][1:]:
        cell.number_format = "0%"
    for cell in workbook.active["B"][1:]:
        cell.number_format = "yyyy-mm-dd"
    return saved(workbook)


def _three_sheets() -> bytes:
    workbook = _workbook(("等级", "折扣"), ("银卡", "9.5折"), name="会员")
    other = workbook.create_sheet("运费")
    other.append(("地区", "运费"))
    other.append(("海南", "18元"))
    workbook.create_sheet("空表")
    return saved(workbook)


def _strange() -> bytes:
    """A title over the table, a blank column at the left, a remark below."""
    return saved(
        _workbook(
            (None, "二〇二四年赔付标准"),
            (None, "情形", "赔付"),
            (None, "少发", "补发并赔五元"),
            (None, "错发", "换货并赔十元"),
            (),
            (None, "注：以上不含预售商品。"),
            name="Sheet1",
        )
    )


_FREIGHT = '地区;运费;备注\n华东;6,5元;含"上门"\n西南;8元;不含偏远\n'
_RULES = '问题,答复\n能改地址吗,出库之前可以\n"发票, 收据都有吗","都有，\n请在下单时注明"\n'


def made() -> list[Made]:
    merged = (
        Clause("运费", "华东 | 1公斤内 | 6元"),
        Clause("运费", "华东 | 5公斤内 | 12元"),
        Clause("运费", "西南 | 1公斤内 | 8元"),
    )
    return [
        Made("freight.xlsx", _merged, merged, left_out=("重量",)),
        Made(
            "hidden-parts.xlsx",
            _hidden,
            (Clause("退货期", "雨伞 | 7天"), Clause("退货期", "雨衣 | 15天")),
            removed=("旧款雨伞", "雨靴"),
            notes=("草稿",),
        ),
        Made(
            "two-tables.xlsx",
            _two_tables,
            (
                Clause("一览", "生鲜 | 1天"),
                Clause("一览", "服饰 | 7天"),
                Clause("一览", "华东 | 6元 | 次日"),
                Clause("一览", "西北 | 12元 | 三日"),
            ),
            left_out=("地区 | 运费 | 时效", "品类 | 退货期"),
        ),
        Made(
            "tables-side-by-side.xlsx",
            _side_by_side,
            (
                Clause("一览", "生鲜 | 1天"),
                Clause("一览", "服饰 | 7天"),
                Clause("一览", "华东 | 6元"),
                Clause("一览", "西北 | 12元"),
            ),
        ),
        Made(
            "two-header-rows.xlsx",
            _two_heads,
            (
                Clause("营业时间", "南门店 | 9点 | 21点 | 10点 | 22点"),
                Clause("营业时间", "北门店 | 8点 | 20点 | 9点 | 21点"),
            ),
        ),
        Made(
            "formulas.xlsx",
            _formulas,
            (Clause("费用", "押金 | 500"), Clause("费用", "租金 |"), Clause("费用", "清洁费 | 25")),
            notes=("formula",),
        ),
        Made(
            "percent-and-dates.xlsx",
            _formats,
            (
                Clause("活动", "春季 | 2024-03-01 | 15% | 99.5"),
                Clause("活动", "秋季 | 2024-09-10 | 20% | 200"),
            ),
        ),
        Made(
            "three-sheets.xlsx",
            _three_sheets,
            (Clause("会员", "银卡 | 9.5折", None), Clause("运费", "海南 | 18元", None)),
            {"title": "three-sheets"},
        ),
        Made(
            "title-above.xlsx",
            _strange,
            (
                Clause("二〇二四年赔付标准", "少发 | 补发并赔五元"),
                Clause("二〇二四年赔付标准", "错发 | 换货并赔十元"),
                Clause("二〇二四年赔付标准", "注：以上不含预售商品。"),
            ),
        ),
        Made("freight.xls", lambda: converted("freight.xlsx", _merged(), "xls"), merged, needs=("soffice",)),
        Made(
            "freight-semicolon.csv",
            lambda: _FREIGHT.encode("gbk"),
            (Clause(None, '华东 | 6,5元 | 含"上门"'), Clause(None, "西南 | 8元 | 不含偏远")),
            left_out=("地区 | 运费 | 备注",),
        ),
        Made(
            "answers.csv",
            lambda: _RULES.encode("utf-8-sig"),
            (
                Clause(None, "能改地址吗 | 出库之前可以"),
                Clause(None, "发票, 收据都有吗 | 都有，请在下单时注明"),
            ),
        ),
        Made(
            "levels.tsv",
            lambda: "等级\t门槛\t折扣\n银卡\t满1000元\t9.5折\n金卡\t满5000元\t9折\n".encode("utf-16"),
            (Clause(None, "银卡 | 满1000元 | 9.5折"), Clause(None, "金卡 | 满5000元 | 9折")),
        ),
    ]
