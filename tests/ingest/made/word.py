"""Word files: numbering that Word does itself, tables, what stands beside the text, and the old formats."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.ingest.made.expected import Clause, Made
from tests.ingest.made.soffice import converted

_W = nsdecls("w")


def saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def with_members(data: bytes, members: dict[str, str], edits: dict[str, Callable[[str], str]]) -> bytes:
    """The package with parts added and parts edited."""
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, edits[name](content.decode()).encode() if name in edits else content)
        for name, text in members.items():
            new.writestr(name, text)
    return buffer.getvalue()


def numbering(document: Any, number: int, levels: Sequence[tuple[str, str]], restart_of: int | None = None) -> None:
    """Defines list `number` with these (format, text) levels; or as `restart_of` begun again at one."""
    root = document.part.numbering_part.element
    if restart_of is None:
        rows = "".join(
            f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for i, (form, text) in enumerate(levels)
        )
        root.insert(0, parse_xml(f'<w:abstractNum {_W} w:abstractNumId="{number}">{rows}</w:abstractNum>'))
        root.append(parse_xml(f'<w:num {_W} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'))
        return
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    root.append(parse_xml(f'<w:num {_W} w:numId="{number}"><w:abstractNumId w:val="{restart_of}"/>{again}</w:num>'))


def numbered(document: Any, number: int, level: int, text: str, style: str | None = None) -> Any:
    paragraph = document.add_paragraph(text, style=style)
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = number
    return paragraph


def table(document: Any, rows: Sequence[Sequence[str]]) -> Any:
    grid = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, cells in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    return grid


def _articles() -> bytes:
    document = docx.Document()
    document.add_heading("听涛海鲜售后规则", 0)
    numbering(document, 71, [("chineseCountingThousand", "第%1章 ")])
    numbering(document, 72, [("chineseCountingThousand", "第%1条 "), ("chineseCounting", "（%2）")])
    numbered(document, 71, 0, "收货", "Heading 1")
    numbered(document, 72, 0, "买家应当当面开箱查验。")
    numbered(document, 72, 0, "下列情形由商家赔付：")
    numbered(document, 72, 1, "到货时已经死亡；")
    numbered(document, 72, 1, "重量不足。")
    numbered(document, 71, 0, "赔付", "Heading 1")
    numbered(document, 72, 0, "赔付以原价为限。")
    return saved(document)


def _decimals() -> bytes:
    document = docx.Document()
    document.add_heading("北麓家具保修条款", 0)
    numbering(document, 73, [("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")])
    for level, text in [
        (0, "期限"),
        (1, "实木家具保修三年。"),
        (1, "板式家具保修一年，其中："),
        (2, "柜门保修两年；"),
        (2, "滑轨保修五年。"),
        (0, "范围"),
        (1, "人为损坏的不在保修之列。"),
    ]:
        numbered(document, 73, level, text)
    return saved(document)


def _restarts() -> bytes:
    document = docx.Document()
    document.add_heading("门店接待流程", 0)
    numbering(document, 74, [("decimal", "%1."), ("lowerLetter", "%2)")])
    numbering(document, 75, [], restart_of=74)
    document.add_heading("迎客", 1)
    for text in ("问好。", "请客人就座。"):
        numbered(document, 74, 0, text)
    numbered(document, 74, 1, "倒水。")
    document.add_heading("送客", 1)
    for text in ("递上小票。", "送到门口。"):
        numbered(document, 75, 0, text)
    return saved(document)


def _style_numbers() -> bytes:
    """The number stands in the style, not in the paragraph."""
    document = docx.Document()
    numbering(document, 76, [("chineseCountingThousand", "第%1条 ")])
    style = document.styles.add_style("条款", 1)
    style.element.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {_W}><w:ilvl w:val="0"/><w:numId w:val="76"/></w:numPr>')
    )
    document.add_heading("借阅规则", 0)
    for text in ("每人最多借五册。", "借期三十日。", "逾期每册每日一角。"):
        document.add_paragraph(text, style="条款")
    return saved(document)


def _nested_table() -> bytes:
    document = docx.Document()
    document.add_heading("配件价目", 0)
    document.add_paragraph("第一条 配件按下表收费。")
    grid = table(document, [("品类", "价目"), ("灯具", ""), ("窗帘", "每米12元")])
    inner = grid.cell(1, 1).add_table(rows=3, cols=2)
    for row, cells in zip(inner.rows, [("配件", "单价"), ("灯泡", "15元"), ("灯罩", "40元")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("第二条 上门费另计。")
    return saved(document)


def _merged() -> bytes:
    document = docx.Document()
    document.add_heading("退货期限一览", 0)
    grid = table(
        document,
        [
            ("大类", "小类", "期限"),
            ("食品", "生鲜", "24小时"),
            ("", "零食", "7天"),
            ("服饰", "鞋", "15天"),
            ("合计", "", "3类"),
        ],
    )
    grid.cell(1, 0).merge(grid.cell(2, 0))
    grid.cell(4, 0).merge(grid.cell(4, 1))
    return saved(document)


def _text_box() -> bytes:
    document = docx.Document()
    document.add_heading("门店营业须知", 0)
    document.add_paragraph("第一条 门店每日九点开门。")
    box = (
        f'<w:p {_W} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape style="width:200pt;height:60pt">'
        "<v:textbox><w:txbxContent><w:p><w:r><w:t>节假日门店十点开门，另行公告。</w:t></w:r></w:p></w:txbxContent>"
        "</v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    document.element.body.insert(2, parse_xml(box))
    document.add_paragraph("第二条 门店每日二十一点关门。")
    return saved(document)


_NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_NOTES_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def _footnotes() -> bytes:
    document = docx.Document()
    document.add_heading("积分规则", 0)
    for n, text in enumerate(("第一条 消费一元积一分", "第二条 积分可以兑换礼品"), 1):
        paragraph = document.add_paragraph(text)
        paragraph._p.append(parse_xml(f'<w:r {_W}><w:footnoteReference w:id="{n}"/></w:r>'))
        paragraph.add_run("。")
    notes = "".join(
        f'<w:footnote w:id="{n}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote>'
        for n, text in enumerate(("不满一元的部分不计。", "礼品以兑换页面为准。"), 1)
    )
    return with_members(
        saved(document),
        {"word/footnotes.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes {_W}>{notes}</w:footnotes>'},
        {
            "[Content_Types].xml": lambda text: text.replace(
                "</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{_NOTES_TYPE}"/></Types>'
            ),
            "word/_rels/document.xml.rels": lambda text: text.replace(
                "</Relationships>",
                f'<Relationship Id="rIdNotes" Type="{_NOTES_LINK}" Target="footnotes.xml"/></Relationships>',
            ),
        },
    )


def _tracked() -> bytes:
    document = docx.Document()
    document.add_heading("换货期限", 0)
    change = 'w:id="9" w:author="李" w:date="2024-01-01T00:00:00Z"'
    document.element.body.insert(
        1,
        parse_xml(
            f"<w:p {_W}><w:r><w:t>第一条 换货期限为</w:t></w:r>"
            f"<w:del {change}><w:r><w:delText>七日</w:delText></w:r></w:del>"
            f"<w:ins {change}><w:r><w:t>十五日</w:t></w:r></w:ins><w:r><w:t>。</w:t></w:r></w:p>"
        ),
    )
    document.add_paragraph("第二条 换货不收运费。")
    return saved(document)


def _field(instruction: str, *inside: str) -> str:
    """A Word field around whole paragraphs."""
    first = (
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{inside[0]}</w:t></w:r></w:p>'
    )
    middle = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in inside[1:])
    return f'{first}{middle}<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'


def _contents() -> bytes:
    document = docx.Document()
    document.add_heading("客服手册", 0)
    body = document.element.body
    block = f"<w:sdt {_W}><w:sdtContent>{_field('TOC', '接待 1', '记录 2', '升级 3')}</w:sdtContent></w:sdt>"
    body.insert(1, parse_xml(block))
    for heading, text in [
        ("接待", "三十秒内应答。"),
        ("记录", "每次来电都要登记。"),
        ("升级", "三次没有解决的，转主管。"),
    ]:
        document.add_heading(heading, 1)
        document.add_paragraph(text)
    return saved(document)


def _header_footer() -> bytes:
    document = docx.Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "云岭商城内部文件　严禁外传"
    section.footer.paragraphs[0].text = "客服部　2024 版"
    document.add_heading("赔付标准", 0)
    document.add_paragraph("第一条 迟延发货的，每单赔付五元。")
    document.add_paragraph("第二条 缺货的，每单赔付十元。")
    return saved(document)


def _hidden() -> bytes:
    document = docx.Document()
    document.add_heading("试用规则", 0)
    document.add_paragraph("第一条 试用期为十日。")
    run = document.add_paragraph().add_run("审稿意见：试用期是否改为七日？")
    run.font.hidden = True
    document.add_paragraph("第二条 试用商品损坏的照价赔偿。")
    return saved(document)


def _title_page() -> bytes:
    document = docx.Document()
    document.add_heading("鹿野户外退款管理办法", 0)
    table(
        document,
        [("文件编号", "LY-KF-008"), ("版本", "V2.1"), ("施行日期", "2024年9月1日"), ("责任部门", "客户服务部")],
    )
    document.add_paragraph("第一条 退款由客服专员发起。")
    document.add_paragraph("第二条 五百元以上的退款由主管批准。")
    return saved(document)


def _content_control() -> bytes:
    document = docx.Document()
    document.add_heading("安装服务说明", 0)
    document.element.body.insert(
        1,
        parse_xml(
            f"<w:sdt {_W}><w:sdtContent><w:p><w:r><w:t>第一条 大件商品</w:t></w:r>"
            "<w:sdt><w:sdtContent><w:r><w:t>免费安装</w:t></w:r></w:sdtContent></w:sdt>"
            "<w:smartTag><w:r><w:t>一次。</w:t></w:r></w:smartTag></w:p></w:sdtContent></w:sdt>"
        ),
    )
    document.add_paragraph("第二条 再次安装按次收费。")
    return saved(document)


_PLAIN_LINES = ("第一条 雨具售出后三十日内可以退货。", "第二条 使用过的雨具不退。", "第三条 退款原路退回。")
_PLAIN = tuple(Clause(line[:3], line, (line[:3],)) for line in _PLAIN_LINES)


def plain_document() -> bytes:
    document = docx.Document()
    document.add_heading("檐下雨具退货规则", 0)
    for line in _PLAIN_LINES:
        document.add_paragraph(line)
    return saved(document)


def _rtf() -> bytes:
    def escaped(text: str) -> str:
        return "".join(c if ord(c) < 128 else f"\\u{ord(c) - 65536 if ord(c) > 32767 else ord(c)}?" for c in text)

    lines = "\\par\n".join(escaped(line) for line in ("檐下雨具退货规则", *_PLAIN_LINES))
    return f"{{\\rtf1\\ansi\\uc1\\deff0{{\\fonttbl{{\\f0 SimSun;}}}}\\f0\\fs24 {lines}\\par}}".encode("ascii")


_SLIDES = (
    ("退款要点", "未发货的订单直接退款。", "已发货的订单先拦截。"),
    (
        "赔付要点",
        "错发的赔付十元。",
    ),
)


def _pptx() -> bytes:
    """Two slides with a title and lines each; only the parts that a reader needs."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    space = (
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="' + office + '" '
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    )
    types = "application/vnd.openxmlformats-officedocument.presentationml"

    def shape(n: int, kind: str, lines: Sequence[str], y: int) -> str:
        text = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
        place = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind == "title" else "<p:nvPr/>"
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{n}" name="s{n}"/><p:cNvSpPr/>{place}</p:nvSpPr><p:spPr><a:xfrm>'
            f'<a:off x="500000" y="{y}"/><a:ext cx="8000000" cy="1500000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            f"</a:prstGeom></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/>{text}</p:txBody></p:sp>"
        )

    def relations(*items: tuple[str, str, str]) -> str:
        rows = "".join(f'<Relationship Id="{i}" Type="{office}/{kind}" Target="{to}"/>' for i, kind, to in items)
        return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'

    tree = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    numbers = range(1, len(_SLIDES) + 1)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/ppt/presentation.xml" ContentType="{types}.presentation.main+xml"/>'
        + "".join(f'<Override PartName="/ppt/slides/slide{n}.xml" ContentType="{types}.slide+xml"/>' for n in numbers)
        + "</Types>",
        "_rels/.rels": relations(("r1", "officeDocument", "ppt/presentation.xml")),
        "ppt/_rels/presentation.xml.rels": relations(*((f"r{n}", "slide", f"slides/slide{n}.xml") for n in numbers)),
        "ppt/presentation.xml": f"<p:presentation {space}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in numbers)
        + '</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
    }
    for n, (title, *lines) in enumerate(_SLIDES, 1):
        shapes = shape(2, "title", [title], 300000) + shape(3, "body", lines, 2000000)
        parts[f"ppt/slides/slide{n}.xml"] = (
            f"<p:sld {space}><p:cSld><p:spTree>{tree}{shapes}</p:spTree></p:cSld></p:sld>"
        )
        parts[f"ppt/slides/_rels/slide{n}.xml.rels"] = relations()
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + text)
    return buffer.getvalue()


def made() -> list[Made]:
    return [
        Made(
            "auto-articles.docx",
            _articles,
            (
                Clause("第一条", "第一条 买家应当当面开箱查验。", ("第一章 收货", "第一条")),
                Clause(
                    "第二条",
                    "第二条 下列情形由商家赔付：（一）到货时已经死亡；（二）重量不足。",
                    ("第一章 收货", "第二条"),
                ),
                Clause("第三条", "第三条 赔付以原价为限。", ("第二章 赔付", "第三条")),
            ),
            {"title": "听涛海鲜售后规则"},
        ),
        Made(
            "auto-decimals.docx",
            _decimals,
            (
                Clause("1.1", "1.1 实木家具保修三年。"),
                Clause("1.2", "1.2 板式家具保修一年，其中："),
                Clause("1.2.1", "1.2.1 柜门保修两年；"),
                Clause("1.2.2", "1.2.2 滑轨保修五年。"),
                Clause("2.1", "2.1 人为损坏的不在保修之列。"),
            ),
        ),
        Made(
            "auto-restarts.docx",
            _restarts,
            (
                Clause("迎客", "1. 问好。2. 请客人就座。a) 倒水。", ("迎客",)),
                Clause("送客", "1. 递上小票。2. 送到门口。", ("送客",)),
            ),
        ),
        Made(
            "auto-in-style.docx",
            _style_numbers,
            (
                Clause("第一条", "第一条 每人最多借五册。", ("第一条",)),
                Clause("第二条", "第二条 借期三十日。", ("第二条",)),
                Clause("第三条", "第三条 逾期每册每日一角。", ("第三条",)),
            ),
        ),
        Made(
            "merged-cells.docx",
            _merged,
            (
                Clause("退货期限一览", "食品 | 生鲜 | 24小时"),
                Clause("退货期限一览", "食品 | 零食 | 7天"),
                Clause("退货期限一览", "服饰 | 鞋 | 15天"),
                Clause("退货期限一览", "合计 | | 3类"),
            ),
            left_out=("大类",),
        ),
        Made(
            "text-box.docx",
            _text_box,
            (
                Clause("第一条", "第一条 门店每日九点开门。节假日门店十点开门，另行公告。", ("第一条",)),
                Clause("第二条", "第二条 门店每日二十一点关门。", ("第二条",)),
            ),
        ),
        Made(
            "footnotes.docx",
            _footnotes,
            (
                Clause("第一条", "第一条 消费一元积一分¹。", ("第一条",)),
                Clause("第二条", "第二条 积分可以兑换礼品²。", ("第二条",)),
            ),
            footnotes=("不满一元的部分不计。", "礼品以兑换页面为准。"),
        ),
        Made(
            "tracked-changes.docx",
            _tracked,
            (
                Clause("第一条", "第一条 换货期限为十五日。", ("第一条",)),
                Clause("第二条", "第二条 换货不收运费。", ("第二条",)),
            ),
            removed=("七日",),
            notes=("tracked",),
        ),
        Made(
            "contents-field.docx",
            _contents,
            (
                Clause("接待", "三十秒内应答。", ("接待",)),
                Clause("记录", "每次来电都要登记。", ("记录",)),
                Clause("升级", "三次没有解决的，转主管。", ("升级",)),
            ),
            left_out=("接待 1",),
        ),
        Made(
            "header-footer.docx",
            _header_footer,
            (
                Clause("第一条", "第一条 迟延发货的，每单赔付五元。", ("第一条",)),
                Clause("第二条", "第二条 缺货的，每单赔付十元。", ("第二条",)),
            ),
            removed=("云岭商城内部文件", "客服部"),
        ),
        Made(
            "hidden-text.docx",
            _hidden,
            (
                Clause("第一条", "第一条 试用期为十日。", ("第一条",)),
                Clause("第二条", "第二条 试用商品损坏的照价赔偿。", ("第二条",)),
            ),
            removed=("审稿意见：试用期是否改为七日？",),
        ),
        Made(
            "title-page-table.docx",
            _title_page,
            (
                Clause("第一条", "第一条 退款由客服专员发起。", ("第一条",)),
                Clause("第二条", "第二条 五百元以上的退款由主管批准。", ("第二条",)),
            ),
            {
                "title": "鹿野户外退款管理办法",
                "effective_from": "2024-09-01",
                "version": "V2.1",
                "owner": "客户服务部",
            },
            left_out=("LY-KF-008",),
        ),
        Made(
            "content-controls.docx",
            _content_control,
            (
                Clause("第一条", "第一条 大件商品免费安装一次。", ("第一条",)),
                Clause("第二条", "第二条 再次安装按次收费。", ("第二条",)),
            ),
        ),
        Made("plain.docx", plain_document, _PLAIN, {"title": "檐下雨具退货规则"}),
        Made("plain.doc", lambda: converted("plain.docx", plain_document(), "doc"), _PLAIN, needs=("soffice",)),
        Made("plain.rtf", _rtf, _PLAIN, needs=("soffice",)),
        Made(
            "slides.pptx",
            _pptx,
            (
                Clause("退款要点", "未发货的订单直接退款。已发货的订单先拦截。"),
                Clause("赔付要点", "错发的赔付十元。"),
            ),
            pages=(1, 2),
            needs=("soffice",),
        ),
        # the inner table's rows stand below the row that it is in, under their own header
        Made(
            "nested-table.docx",
            _nested_table,
            (
                Clause("第一条", "第一条 配件按下表收费。", ("第一条",)),
                Clause("第一条", "灯具 |"),
                Clause("第一条", "灯泡 | 15元"),
                Clause("第一条", "灯罩 | 40元"),
                Clause("第一条", "窗帘 | 每米12元"),
                Clause("第二条", "第二条 上门费另计。", ("第二条",)),
            ),
        ),
    ]
