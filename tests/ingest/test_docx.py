"""Word files as a reader sees them: each built with known answers."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.errors import UnreadableFile
from ingest.loaders import load
from ingest.loaders.docx_numbers import number
from ingest.settings import Reading, ReadingSettings
from ingest.types import Extract

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml"
_NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{R}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def word(body: str, main: str = "word/document.xml", **parts: str) -> bytes:
    """A Word file with this body. `parts`: further parts by kind: numbering, styles, footnotes, comments, header …"""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("_rels/.rels", _relations({"rId1": ("officeDocument", main)}))
        package.writestr(main, f"<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>")
        relations = {f"r-{kind}": (kind, f"{kind}.xml") for kind in parts}
        folder, file = main.rsplit("/", 1)
        package.writestr(f"{folder}/_rels/{file}.rels", _relations(relations))
        for kind, content in parts.items():
            package.writestr(f"{folder}/{kind}.xml", _root(kind, content))
    return buffer.getvalue()


def _root(kind: str, content: str) -> str:
    tag = {"header": "hdr", "footer": "ftr"}.get(kind, kind)
    return f"<w:{tag} {_NAMESPACES}>{content}</w:{tag}>"


def _relations(relations: dict[str, tuple[str, str]]) -> str:
    rows = (f'<Relationship Id="{i}" Type="{R}/{kind}" Target="{to}"/>' for i, (kind, to) in relations.items())
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(rows)}</Relationships>'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*content: str, properties: str = "") -> str:
    inner = "".join(part if part.startswith("<") else run(part) for part in content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def item(text: str, level: int = 0, number_id: int = 1) -> str:
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number_id}"/></w:numPr>'
    return paragraph(text, properties=place) if text else paragraph(properties=place)


def level(depth: int, form: str, text: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*levels: str, numbers: str = '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>') -> str:
    return f'<w:abstractNum w:abstractNumId="7">{"".join(levels)}</w:abstractNum>{numbers}'


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(content: str, properties: str = "") -> str:
    inner = content if content.startswith("<w:p>") or content.startswith("<w:tbl>") else paragraph(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def read(data: bytes, name: str = "规则.docx") -> Extract:
    return load(data, name)


def lines(body: str, **parts: str) -> list[str]:
    return read(word(body, **parts)).text.split("\n")


def rows(extract: Extract) -> list[tuple[str, str]]:
    return [(extract.text[row.start : row.end], row.header) for row in extract.rows]


# --- automatic numbers -----------------------------------------------------------------------------------------


def test_numbers_are_the_ones_a_reader_sees_and_deeper_levels_begin_anew() -> None:
    levels = [
        level(0, "chineseCountingThousand", "第%1条"),
        level(1, "chineseCounting", "（%2）", '<w:suff w:val="nothing"/>'),
        level(2, "decimal", "%1.%3", "<w:isLgl/>"),
        level(3, "decimal", "%1.%4"),
    ]
    body = "".join(
        item(text, depth)
        for text, depth in [
            ("甲。", 0),
            ("子项；", 1),
            ("丑项。", 1),
            ("乙。", 0),
            ("寅项。", 1),
            ("深。", 2),
            ("更深。", 3),
        ]
    )
    assert lines(body, numbering=numbering(*levels)) == [
        "第一条 甲。",
        "（一）子项；",
        "（二）丑项。",
        "第二条 乙。",
        "（一）寅项。",
        "2.1 深。",  # w:isLgl: all in digits
        "二.1 更深。",  # without it an outer number keeps its form
    ]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "chineseCountingThousand",
            {1: "一", 10: "十", 11: "十一", 20: "二十", 101: "一百零一", 110: "一百一十", 1001: "一千零一"},
        ),
        ("japaneseCounting", {10: "十", 101: "百一", 120: "百二十"}),
        ("ideographDigital", {10: "一〇", 21: "二一"}),
        ("chineseLegalSimplified", {2: "贰", 10: "壹拾", 21: "贰拾壹"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {1: "子", 12: "亥"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "㉑"}),
        ("decimalEnclosedCircleChinese", {3: "③"}),
        ("decimalFullWidth", {12: "１２"}),
        ("aiueoFullWidth", {1: "ア", 3: "ウ"}),
        ("iroha", {1: "イ", 2: "ロ"}),
        ("ganada", {1: "가", 2: "나"}),
        ("koreanCounting", {10: "십", 21: "이십일"}),
        ("koreanDigital", {21: "이일"}),
        ("lowerLetter", {1: "a", 26: "z", 27: "aa"}),
        ("upperRoman", {4: "IV", 1999: "MCMXCIX"}),
        ("ordinal", {1: "1st", 2: "2nd", 11: "11th", 23: "23rd"}),
        ("ordinalText", {1: "First", 12: "Twelfth", 30: "Thirtieth"}),
        ("decimalZero", {7: "07", 10: "10"}),
        ("001, 002, 003, ...", {7: "007"}),
        ("numberInDash", {3: "- 3 -"}),
        ("none", {3: ""}),
        ("a form of the future", {3: "3"}),
    ],
)
def test_every_number_format_counts_in_its_own_signs(form: str, expected: dict[int, str]) -> None:
    assert {n: number(n, form) for n in expected} == expected


def test_lists_of_one_kind_count_on_unless_one_says_that_it_begins_anew() -> None:
    numbers = (
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="7"/></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
        "</w:lvlOverride></w:num>"
    )
    body = item("甲") + paragraph("其间") + item("乙", number_id=2) + item("丙", number_id=3) + item("丁", number_id=3)
    assert lines(body + item("戊"), numbering=numbering(level(0, "decimal", "%1."), numbers=numbers)) == [
        "1. 甲",
        "其间",
        "2. 乙",
        "5. 丙",
        "6. 丁",
        "7. 戊",
    ]


def test_an_override_can_change_the_form_of_a_level() -> None:
    numbers = (
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0">'
        f"{level(0, 'upperLetter', '%1)')}</w:lvlOverride></w:num>"
    )
    assert lines(item("甲"), numbering=numbering(level(0, "decimal", "%1."), numbers=numbers)) == ["A) 甲"]


def test_a_level_left_out_counts_as_used() -> None:
    levels = [level(0, "decimal", "%1"), level(1, "lowerLetter", "%1.%2"), level(2, "upperRoman", "%1.%2.%3")]
    assert lines(item("甲") + item("丙", 2) + item("乙", 1), numbering=numbering(*levels)) == [
        "1 甲",
        "1.a.I 丙",
        "1.b 乙",
    ]


def test_a_level_can_count_on_through_the_levels_above_it() -> None:
    levels = [level(0, "chineseCounting", "第%1章"), level(1, "chineseCounting", "第%2条", '<w:lvlRestart w:val="0"/>')]
    body = item("总则") + item("甲。", 1) + item("乙。", 1) + item("附则") + item("丙。", 1)
    assert lines(body, numbering=numbering(*levels)) == [
        "第一章 总则",
        "第一条 甲。",
        "第二条 乙。",
        "第二章 附则",
        "第三条 丙。",
    ]


def test_numbers_come_from_the_style_and_stand_on_the_level_that_names_it() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="Tiao"><w:name w:val="条"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
        '</w:pPr></w:style><w:style w:type="paragraph" w:styleId="Kuan"><w:name w:val="款"/><w:basedOn w:val="Tiao"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Ohne"><w:name w:val="无"/><w:basedOn w:val="Tiao"/><w:pPr><w:numPr>'
        '<w:numId w:val="0"/></w:numPr></w:pPr></w:style>'
    )
    levels = [
        level(0, "decimal", "%1."),
        level(1, "chineseCounting", "第%2条", '<w:pStyle w:val="Tiao"/>'),
    ]
    body = "".join(
        paragraph(text, properties=f'<w:pStyle w:val="{style}"/>')
        for text, style in [("甲", "Tiao"), ("乙", "Kuan"), ("丙", "Ohne")]
    )
    assert lines(body, numbering=numbering(*levels), styles=styles) == ["第一条 甲", "第二条 乙", "丙"]


def test_an_empty_numbered_paragraph_counts_and_shows_its_number_in_a_table() -> None:
    list_ = numbering(level(0, "decimal", "%1"))
    assert lines(item("甲") + item("") + item("乙"), numbering=list_) == ["1 甲", "3 乙"]
    grid = table(cell("序号") + cell("品类"), cell(item("")) + cell("生鲜"), cell(item("")) + cell("服饰"))
    assert lines(grid, numbering=list_) == ["序号 | 品类", "1 | 生鲜", "2 | 服饰"]


def test_bullets_stand_as_the_signs_that_a_reader_sees() -> None:
    dot = '<w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr>'
    arrow = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
    levels = [
        level(0, "bullet", "\uf0b7").replace("</w:lvl>", f"{dot}</w:lvl>"),
        level(1, "bullet", "\uf0d8").replace("</w:lvl>", f"{arrow}</w:lvl>"),
    ]
    assert lines(item("甲") + item("乙", 1), numbering=numbering(*levels)) == ["• 甲", "➢ 乙"]


def test_the_number_that_a_tracked_change_took_away_is_not_shown() -> None:
    old = '<w:pPrChange w:author="a"><w:pPr><w:outlineLvl w:val="0"/><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:pPrChange>'
    extract = read(word(paragraph("甲", properties=old), numbering=numbering(level(0, "decimal", "%1."))))
    assert (extract.text, extract.headings) == ("甲", ())


def test_a_long_sentence_in_the_style_of_a_heading_is_text() -> None:
    head = '<w:outlineLvl w:val="0"/>'
    long = "买家自签收商品之日起七日内可以申请退货，商家应当在收到退回商品之后的四十八小时内退款，运费由责任方承担。"
    extract = read(word(paragraph("退货规则", properties=head) + paragraph(long, properties=head)))
    assert [extract.text[h.start : h.end] for h in extract.headings] == ["退货规则"]


# --- tables ----------------------------------------------------------------------------------------------------


def test_paragraphs_and_tables_keep_their_order() -> None:
    document = docx.Document()
    document.add_heading("退货规则", 0)
    document.add_heading("第一章 总则", 1)
    document.add_paragraph("第一条 生鲜按下表退货：")
    grid = document.add_table(rows=3, cols=2)
    for line, texts in zip(grid.rows, [("品类", "天数"), ("生鲜", "1"), ("", "2")], strict=True):
        for place, text in zip(line.cells, texts, strict=True):
            place.text = text
    grid.cell(1, 0).merge(grid.cell(2, 0))
    document.add_paragraph("第二条 商家应当退款。")
    buffer = io.BytesIO()
    document.save(buffer)
    extract = read(buffer.getvalue())
    assert extract.title == "退货规则"
    assert extract.text.split("\n") == [
        "退货规则",
        "第一章 总则",
        "第一条 生鲜按下表退货：",
        "品类 | 天数",
        "生鲜 | 1",
        "生鲜 | 2",
        "第二条 商家应当退款。",
    ]
    assert [(extract.text[h.start : h.end], h.level) for h in extract.headings] == [("退货规则", 1), ("第一章 总则", 1)]
    assert rows(extract) == [("生鲜 | 1", "品类 | 天数"), ("生鲜 | 2", "品类 | 天数")]


def test_a_header_of_two_rows_names_every_column_with_the_words_of_both() -> None:
    grid = table(
        cell("等级", '<w:vMerge w:val="restart"/>') + cell("费用", '<w:gridSpan w:val="2"/>'),
        cell("", "<w:vMerge/>") + cell("月卡") + cell("年卡"),
        cell("青桐") + cell("9") + cell("68"),
    )
    assert rows(read(word(grid))) == [("青桐 | 9 | 68", "等级 | 费用 月卡 | 费用 年卡")]


def test_the_rows_of_a_nested_table_follow_the_row_they_stand_in() -> None:
    inner = table(cell("情形") + cell("期限"), cell("破损") + cell("24小时"), cell("变质") + cell("48小时"))
    grid = table(
        cell("品类") + cell("规则"),
        cell("生鲜") + cell(paragraph("按情形：") + inner + paragraph("")),
        cell("服饰") + cell("7天"),
    )
    extract = read(word(grid))
    assert extract.text.split("\n") == [
        "品类 | 规则",
        "生鲜 | 按情形：",
        "情形 | 期限",
        "破损 | 24小时",
        "变质 | 48小时",
        "服饰 | 7天",
    ]
    assert rows(extract)[1:] == [
        ("破损 | 24小时", "情形 | 期限"),
        ("变质 | 48小时", "情形 | 期限"),
        ("服饰 | 7天", "品类 | 规则"),
    ]
    assert [row.table for row in extract.rows] == ["", "生鲜", "生鲜", ""]


def test_a_table_around_a_single_column_is_a_frame_and_its_text_keeps_headings_and_tables() -> None:
    grid = table(cell("品类") + cell("天数"), cell("生鲜") + cell("1"))
    heading = paragraph("第一章 总则", properties='<w:outlineLvl w:val="0"/>')
    extract = read(word(table(cell(heading + paragraph("第一条 甲。") + grid + paragraph("")))))
    assert extract.text.split("\n") == ["第一章 总则", "第一条 甲。", "品类 | 天数", "生鲜 | 1"]
    assert [extract.text[h.start : h.end] for h in extract.headings] == ["第一章 总则"]
    assert rows(extract) == [("生鲜 | 1", "品类 | 天数")]


def test_two_tables_with_nothing_between_them_are_one() -> None:
    grid = "<w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>"
    first = table(cell("品类") + cell("天数"), cell("生鲜") + cell("1")).replace("<w:tblPr/>", f"<w:tblPr/>{grid}")
    second = table(cell("服饰") + cell("7")).replace("<w:tblPr/>", f"<w:tblPr/>{grid}")
    assert rows(read(word(first + second))) == [("生鲜 | 1", "品类 | 天数"), ("服饰 | 7", "品类 | 天数")]


# --- what stands beside the text -------------------------------------------------------------------------------


def box(text: str) -> str:
    inner = f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inner}</wps:txbx></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{inner}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_a_text_box_is_read_once_below_its_paragraph() -> None:
    vml = f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{paragraph('旧框。')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    body = paragraph("第一条 ", box("框内文字。"), "买家可以退货。") + paragraph(vml) + paragraph("第二条 乙。")
    assert lines(body) == ["第一条 买家可以退货。", "框内文字。", "旧框。", "第二条 乙。"]


def note(kind: str, number_: int, text: str) -> str:
    return f'<w:{kind} w:id="{number_}">{paragraph(f"<w:r><w:{kind}Ref/></w:r>", text)}</w:{kind}>'


def mark(kind: str, number_: int) -> str:
    return f'<w:r><w:{kind}Reference w:id="{number_}"/></w:r>'


def test_notes_stand_behind_the_text_and_their_marks_stay_where_they_are_printed() -> None:
    footnotes = '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>' + note("footnote", 2, "仅限自营商品。")
    footnotes += note("footnote", 3, "以签收时间为准。") + note("footnote", 9, "无人引用。")
    body = paragraph("全场包邮", mark("footnote", 2), "。") + paragraph("期限为7", mark("footnote", 3), "天。")
    body += paragraph("详见说明", mark("endnote", 1), "。")
    extract = read(word(body, footnotes=footnotes, endnotes=note("endnote", 1, "尾注。")))
    assert extract.text.split("\n") == [
        "全场包邮¹。",
        "期限为7天。",  # behind a digit the mark would make another number
        "详见说明ⁱ。",
        "¹ 仅限自营商品。",
        "² 以签收时间为准。",
        "ⁱ 尾注。",
    ]
    assert [(extract.text[n.start : n.end], n.mark) for n in extract.footnotes] == [
        ("¹ 仅限自营商品。", "1"),
        ("² 以签收时间为准。", "2"),
        ("ⁱ 尾注。", "i"),
    ]
    assert [(r.text, r.reason) for r in extract.removed] == [("无人引用。", "footnote that nothing refers to")]


def test_a_note_can_have_a_mark_of_its_own() -> None:
    own = '<w:r><w:footnoteReference w:id="2" w:customMarkFollows="1"/><w:t>※</w:t></w:r>'
    extract = read(
        word(paragraph("全场包邮", own), footnotes=f'<w:footnote w:id="2">{paragraph("※ 限自营。")}</w:footnote>')
    )
    assert extract.text == "全场包邮※\n※ 限自营。"
    assert extract.footnotes[0].mark == "※"


def change(tag: str, text: str, who: str = "张三", day: str = "2024-05-06T08:00:00Z") -> str:
    words = f"<w:delText>{text}</w:delText>" if tag in ("del", "moveFrom") else f"<w:t>{text}</w:t>"
    return f'<w:{tag} w:id="1" w:author="{who}" w:date="{day}"><w:r>{words}</w:r></w:{tag}>'


def test_tracked_changes_are_read_as_accepted_and_what_was_deleted_is_listed() -> None:
    extract = read(
        word(
            paragraph(
                "可以", change("ins", "七日内"), change("del", "三日内", "李四", "2024-05-09T08:00:00Z"), "退货。"
            )
        )
    )
    assert extract.text == "可以七日内退货。"
    assert [(r.text, r.reason) for r in extract.removed] == [
        ("三日内", "deleted in the document (tracked change by 李四)")
    ]
    assert extract.notes == (
        "tracked changes: 2 are undecided (by 张三, 李四, 2024-05-06 to 2024-05-09); read as if all were accepted",
    )


def test_a_paragraph_whose_mark_was_deleted_goes_on_in_the_next_one() -> None:
    body = paragraph("买家可以", properties='<w:rPr><w:del w:author="张三"/></w:rPr>') + paragraph("退货。")
    assert lines(body) == ["买家可以退货。"]


def test_a_deleted_table_row_is_listed_and_not_read() -> None:
    gone = f'<w:trPr><w:del w:author="张三"/></w:trPr>{cell("服饰")}{cell("7")}'
    extract = read(word(table(cell("品类") + cell("天数"), cell("生鲜") + cell("1"), gone)))
    assert [text for text, _ in rows(extract)] == ["生鲜 | 1"]
    assert [r.text for r in extract.removed] == ["服饰\n7"]


def test_hidden_text_is_listed_and_not_read_whether_the_run_or_a_style_hides_it() -> None:
    styles = '<w:style w:type="character" w:styleId="H"><w:name w:val="内部"/><w:rPr><w:vanish/></w:rPr></w:style>'
    body = paragraph("甲", run("成本价9元", "<w:vanish/>"), run("内部", '<w:rStyle w:val="H"/>'))
    body += paragraph(run("仍可见", '<w:rStyle w:val="H"/><w:vanish w:val="0"/>'))
    extract = read(word(body, styles=styles))
    assert extract.text == "甲\n仍可见"
    assert [(r.text, r.reason) for r in extract.removed] == [("成本价9元内部", "hidden text")]


def test_comments_and_running_headers_are_listed() -> None:
    comments = f'<w:comment w:id="0" w:author="王五">{paragraph("这里要改")}</w:comment>'
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="r-header"/><w:footerReference r:id="r-footer"/></w:sectPr>'
    )
    body = paragraph("第一条 甲。", '<w:r><w:commentReference w:id="0"/></w:r>') + section
    extract = read(word(body, comments=comments, header=paragraph("某公司 内部资料"), footer=paragraph("第 1 页")))
    assert extract.text == "第一条 甲。"
    assert [(r.text, r.reason, r.where) for r in extract.removed] == [
        ("某公司 内部资料", "running header", "section 1"),
        ("第 1 页", "running footer", "section 1"),
        ("这里要改", "comment by 王五", "beside “第一条 甲。”"),
    ]


# --- fields, controls, signs -----------------------------------------------------------------------------------


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def instruction(text: str) -> str:
    return f"<w:r><w:instrText>{text}</w:instrText></w:r>"


def test_a_field_shows_its_result_and_not_its_instruction() -> None:
    nested = field("begin") + instruction(" PAGE ") + field("separate") + run("3") + field("end")
    link = field("begin") + instruction(" HYPERLINK ") + nested + field("separate") + run("退货规则") + field("end")
    body = paragraph("参见《", link, "》", f'<w:fldSimple w:instr=" REF a ">{run("第三条")}</w:fldSimple>')
    assert lines(body) == ["参见《退货规则》第三条"]


def test_a_field_that_never_ends_hides_nothing() -> None:
    body = paragraph(field("begin") + instruction(" TOC ") + run("甲")) + paragraph("第一条 乙。")
    assert lines(body) == ["甲", "第一条 乙。"]


def test_a_table_of_contents_is_listed_and_gives_no_headings() -> None:
    start = field("begin") + instruction(r' TOC \o "1-3" ') + field("separate")
    body = paragraph("目 录") + paragraph(start, "第一章 总则", "<w:r><w:tab/></w:r>", "1")
    body += paragraph("第二章 附则 2") + paragraph(field("end"))
    body += paragraph("第一章 总则", properties='<w:outlineLvl w:val="0"/>') + paragraph("第一条 甲。")
    extract = read(word(body))
    assert extract.text == "第一章 总则\n第一条 甲。"
    assert len(extract.headings) == 1
    assert [(r.text, r.reason) for r in extract.removed] == [
        ("目 录\n第一章 总则 1\n第二章 附则 2", "table of contents")
    ]


def test_contents_by_style_are_listed_too_and_a_line_that_only_says_contents_stays() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="T1"><w:name w:val="toc 1"/></w:style>'
    body = (
        paragraph("第一章 总则 1", properties='<w:pStyle w:val="T1"/>') + paragraph("目录") + paragraph("第一条 甲。")
    )
    extract = read(word(body, styles=styles))
    assert extract.text == "目录\n第一条 甲。"
    assert [r.text for r in extract.removed] == ["第一章 总则 1"]


def test_form_fields_show_what_is_chosen() -> None:
    ticked = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>'
    ticked += instruction(" FORMCHECKBOX ") + field("end")
    circled = field("begin") + instruction(r" eq \o\ac(○,3)") + field("end")
    unknown = field("begin") + instruction(r" LISTNUM ") + field("end")
    extract = read(word(paragraph(ticked, "同意", circled, unknown)))
    assert extract.text == "☒同意③"
    assert extract.unread == ("a field without a stored result (LISTNUM); update the fields and save the file",)


def test_content_controls_are_read_and_their_prompts_are_listed() -> None:
    filled = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('七天')}</w:sdtContent></w:sdt>"
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('单击此处')}</w:sdtContent></w:sdt>"
    block = f"<w:sdt><w:sdtContent>{paragraph('块。')}</w:sdtContent></w:sdt>"
    smart = f"<w:smartTag>{run('北京')}</w:smartTag><w:hyperlink>{run('链接')}</w:hyperlink>"
    extract = read(word(paragraph("期限", filled, prompt, smart) + block))
    assert extract.text == "期限七天北京链接\n块。"
    assert [(r.text, r.reason) for r in extract.removed] == [("单击此处", "prompt of an empty form field")]


def test_signs_breaks_raised_figures_and_formulas_keep_their_meaning() -> None:
    body = paragraph(
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>',
        run("\uf0b7", '<w:rFonts w:ascii="Symbol"/>'),
        "面积5m",
        run("2", '<w:vertAlign w:val="superscript"/>'),
        "<w:r><w:br/></w:r>",
        "A",
        "<w:r><w:tab/><w:noBreakHyphen/></w:r>",
        "<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>",
    )
    assert lines(body) == ["☑•面积5m²", "A -(a+b)/2"]


def test_the_reading_above_a_word_is_listed() -> None:
    ruby = f"<w:ruby><w:rt>{run('へんぴん')}</w:rt><w:rubyBase>{run('返品')}</w:rubyBase></w:ruby>"
    extract = read(word(paragraph(f"<w:r>{ruby}</w:r>", "できます。")))
    assert extract.text == "返品できます。"
    assert [r.text for r in extract.removed] == ["へんぴん"]


def test_what_is_embedded_is_named() -> None:
    body = paragraph("甲。", '<w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r>')
    extract = read(word(body + '<w:altChunk r:id="r-aFChunk"/>', aFChunk=""))
    assert extract.unread == (
        "an embedded object (Excel.Sheet.12) was not read; move its text into the document",
        "an inserted document (word/aFChunk.xml) was not read; move its text into this one",
    )


# --- packages --------------------------------------------------------------------------------------------------


def test_the_strict_form_and_a_main_part_of_another_name_are_read() -> None:
    body = paragraph("第一章 总则", properties='<w:outlineLvl w:val="0"/>') + item("甲。")
    ordinary = word(body, main="word/document2.xml", numbering=numbering(level(0, "decimal", "%1.")))
    strict = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ordinary)) as source, zipfile.ZipFile(strict, "w") as target:
        for part in source.namelist():
            content = source.read(part).decode()
            content = content.replace(W, f"{STRICT}/wordprocessingml/main").replace(
                R, f"{STRICT}/officeDocument/relationships"
            )
            target.writestr(part, content)
    assert read(ordinary).text == read(strict.getvalue()).text == "第一章 总则\n1. 甲。"
    assert len(read(strict.getvalue()).headings) == 1


@pytest.mark.parametrize("name", ["a.docm", "a.dotx", "a.docx"])
def test_macro_files_and_templates_are_read_without_a_remark_on_their_name(name: str) -> None:
    assert read(word(paragraph("甲。")), name).notes == ()


def test_a_part_that_declares_entities_is_not_opened() -> None:
    bomb = (
        '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        + f'<w:document xmlns:w="{W}"><w:body>&b;</w:body></w:document>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", bomb)
    with pytest.raises(UnreadableFile, match="entities"):
        read(buffer.getvalue())


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    bomb = word(paragraph("甲" * 2_000_000))
    small = Reading(ReadingSettings(unpacked_mb=4))
    with pytest.raises(UnreadableFile, match="unpacks to|more than the"):
        load(bomb, "a.docx", small)


def test_a_file_of_pictures_only_says_so() -> None:
    with pytest.raises(UnreadableFile, match="holds 1 picture and no text. Save it as PDF"):
        read(word(paragraph("<w:r><w:drawing><a:blip/></w:drawing></w:r>")))


def test_a_file_without_a_body_is_broken_not_empty() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", f'<w:document xmlns:w="{W}"/>')
    with pytest.raises(UnreadableFile, match="broken"):
        read(buffer.getvalue())


def test_properties_are_given_where_they_say_something() -> None:
    document = docx.Document()
    document.add_paragraph("第一条 甲。")
    document.core_properties.title, document.core_properties.author = "Microsoft Word - 文档1.docx", "法务部"
    document.element.body.append(parse_xml(f"<w:sectPr {nsdecls('w')}/>"))
    buffer = io.BytesIO()
    document.save(buffer)
    extract = read(buffer.getvalue())
    assert extract.title is None
    assert extract.fields["author"] == "法务部"
