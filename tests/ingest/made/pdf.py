"""PDF: columns, running lines, hard line breaks, tables, notes, locked files, pictures of pages."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.settings import ReadingSettings
from tests.ingest.made.expected import Clause, Made
from tests.ingest.made.soffice import converted

SIZE = (595, 842)
SLIP = (595, 260)  # of a scan: a slip of paper is recognised in a third of the time
FONTS = (  # where a Chinese font that can be drawn with usually lies
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)


def font_file() -> str | None:
    return next((path for path in FONTS if Path(path).exists()), None)


@dataclass(frozen=True, slots=True)
class Line:
    x: float
    y: float
    text: str
    size: float = 11


def column(lines: Sequence[str], x: float = 60, y: float = 770, size: float = 11, leading: float = 18) -> list[Line]:
    return [Line(x, y - i * leading, line, size) for i, line in enumerate(lines)]


def wrap(text: str, width: int) -> list[str]:
    """Every paragraph broken after `width` characters, wherever that is."""
    return [part[i : i + width] for part in text.split("\n") for i in range(0, len(part), width)]


def canvas(buffer: io.BytesIO, font: str = "STSong-Light") -> Canvas:
    if font == "STSong-Light":
        pdfmetrics.registerFont(UnicodeCIDFont(font))
    return Canvas(buffer, pagesize=SIZE)


def pdf(*pages: Sequence[Line], font: str = "STSong-Light") -> bytes:
    buffer = io.BytesIO()
    sheet = canvas(buffer, font)
    for lines in pages:
        for line in lines:
            sheet.setFont(font, line.size)
            sheet.drawString(line.x, line.y, line.text)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def edited(data: bytes, change: Any) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    change(writer)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def coded(*pages: Sequence[Line], mapped: bool = True) -> bytes:
    """Text in a font whose codes mean nothing by themselves; `mapped`: whether it says what they mean."""
    letters = sorted({c for lines in pages for line in lines for c in line.text})
    codes = {c: i + 3 for i, c in enumerate(letters)}
    writer = pypdf.PdfWriter()
    description = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/FontDescriptor"),
            NameObject("/FontName"): NameObject("/AAAAAA+Made"),
            NameObject("/Flags"): NumberObject(4),
            NameObject("/FontBBox"): ArrayObject([NumberObject(n) for n in (0, -200, 1000, 900)]),
            NameObject("/ItalicAngle"): NumberObject(0),
            NameObject("/Ascent"): NumberObject(880),
            NameObject("/Descent"): NumberObject(-120),
            NameObject("/CapHeight"): NumberObject(700),
            NameObject("/StemV"): NumberObject(80),
        }
    )
    system = DictionaryObject(
        {
            NameObject("/Registry"): TextStringObject("Adobe"),
            NameObject("/Ordering"): TextStringObject("Identity"),
            NameObject("/Supplement"): NumberObject(0),
        }
    )
    inner = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/CIDFontType2"),
            NameObject("/BaseFont"): NameObject("/AAAAAA+Made"),
            NameObject("/CIDSystemInfo"): system,
            NameObject("/FontDescriptor"): writer._add_object(description),
            NameObject("/DW"): NumberObject(1000),
        }
    )
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type0"),
            NameObject("/BaseFont"): NameObject("/AAAAAA+Made"),
            NameObject("/Encoding"): NameObject("/Identity-H"),
            NameObject("/DescendantFonts"): ArrayObject([writer._add_object(inner)]),
        }
    )
    if mapped:
        rows = "\n".join(f"<{code:04x}> <{c.encode('utf-16-be').hex()}>" for c, code in codes.items())
        stream = StreamObject()
        stream.set_data(
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
            b"1 begincodespacerange <0000> <ffff> endcodespacerange\n"
            + f"{len(codes)} beginbfchar\n{rows}\nendbfchar endcmap end end".encode()
        )
        font[NameObject("/ToUnicode")] = writer._add_object(stream)
    reference = writer._add_object(font)
    for lines in pages:
        page = writer.add_blank_page(*SIZE)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): reference})}
        )
        content = StreamObject()
        content.set_data(
            "\n".join(
                f"BT /F1 {line.size} Tf {line.x} {line.y} Td <{''.join(f'{codes[c]:04x}' for c in line.text)}> Tj ET"
                for line in lines
            ).encode()
        )
        page[NameObject("/Contents")] = writer._add_object(content)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def picture(lines: Sequence[str], noise: float = 0, degrees: float = 0, dpi: int = 200) -> Image.Image:
    """A page as a scanner gives it. `noise`: share of specks, with blur and grey paper."""
    scale = dpi / 72
    image = Image.new("L", (int(SLIP[0] * scale), int(SLIP[1] * scale)), 255)
    draw = ImageDraw.Draw(image)
    for i, line in enumerate(lines):
        size = 18 if i == 0 else 13
        font = ImageFont.truetype(font_file() or "", int(size * scale))
        draw.text((60 * scale, (70 + i * 28) * scale), line, fill=0, font=font)
    if degrees:
        image = image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)
    if noise:
        random = np.random.default_rng(7)
        grey = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32) * 0.85 + 20
        grey += random.normal(0, 12, grey.shape)
        specks = random.random(grey.shape)
        grey[specks < noise / 2], grey[specks > 1 - noise / 2] = 40, 235
        image = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    return image


def scanned(*pictures: Image.Image, before: Sequence[Line] = ()) -> bytes:
    buffer = io.BytesIO()
    sheet = canvas(buffer)
    sheet.setPageSize(SLIP)
    if before:
        for line in before:
            sheet.setFont("STSong-Light", line.size)
            sheet.drawString(line.x, line.y, line.text)
        sheet.showPage()
    for image in pictures:
        sheet.drawImage(ImageReader(image), 0, 0, *SLIP)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


# --- the files -------------------------------------------------------------------------------------------------

_TITLE = "清和超市售后服务规则"
_LONG = (
    "第一条 顾客自购买之日起七日内，凭小票可以申请无理由退货，商品应当保持完好，不影响再次销售，配件和赠品应当一并退回。",
    "第二条 生鲜商品不适用前条规定，但是顾客在购买当日发现变质、短缺或者与标签不符的，可以凭小票和商品实物退换，门店不得推诿。",
    "第三条 退款按照原来的支付方式退回；使用现金支付的，当场退还现金；使用购物卡支付的，退回原卡或者换发等额新卡。",
    "第四条 顾客对处理结果不满意的，可以向总部客服中心投诉，客服中心应当在三日内答复顾客并且记录在案，以备查询和考核。",
)
_LONG_CLAUSES = tuple(Clause(text[:3], text, (text[:3],)) for text in _LONG)
_EIGHT = tuple(
    f"第{n}条 {what}，由{who}在{days}日内处理完毕，并且将处理的结果用短信或者电话告知申请的顾客。"
    for n, what, who, days in [
        ("一", "顾客申请退货的", "门店前台", "一"),
        ("二", "顾客申请换货的", "门店前台", "二"),
        ("三", "顾客申请维修的", "维修中心", "七"),
        ("四", "顾客申请开票的", "财务窗口", "三"),
        ("五", "顾客投诉员工的", "门店店长", "三"),
        ("六", "顾客申请补差的", "门店店长", "五"),
        ("七", "顾客遗失物品的", "安保人员", "一"),
        ("八", "顾客建议改进的", "客服中心", "九"),
    ]
)
_EIGHT_CLAUSES = tuple(Clause(text[:3], text, (text[:3],)) for text in _EIGHT)


def _single() -> bytes:
    return pdf(column([_TITLE, *(part for text in _LONG for part in wrap(text, 40))]))


def _two_columns() -> bytes:
    left = [part for text in _EIGHT[:4] for part in wrap(text, 18)]
    right = [part for text in _EIGHT[4:] for part in wrap(text, 18)]
    return pdf([Line(200, 790, _TITLE, 16), *column(left, 60, 740), *column(right, 320, 740)])


def _two_columns_by_rows() -> bytes:
    """Drawn line by line across both columns, as programs that recognise scans do."""
    left = [part for text in _LONG[:2] for part in wrap(text, 18)]
    right = [part for text in _LONG[2:] for part in wrap(text, 18)]
    lines = [Line(200, 790, _TITLE, 16), *column(left, 60, 740), *column(right, 320, 740)]
    return pdf(sorted(lines, key=lambda line: -line.y))


def _running() -> bytes:
    pages = []
    parts = [part for text in _EIGHT for part in wrap(text, 34)]
    for n in range(4):
        body = parts[n * 4 : n * 4 + 4] if n < 3 else parts[12:]
        head = [_TITLE] if n == 0 else []
        pages.append(
            [
                Line(60, 810, "清和超市有限公司内部规章", 9),
                *column([*head, *body], y=760),
                Line(280, 30, f"第 {n + 1} 页 共 4 页", 9),
            ]
        )
    return pdf(*pages)


def _dashes() -> bytes:
    """Page numbers between dashes and a header that alternates between odd and even pages."""
    pages = []
    for n, text in enumerate(_EIGHT):
        header = "清和超市售后服务规则" if n % 2 else "客服中心编"
        # not at the same height on every page, or the last line would look like a running one
        body = column(wrap(text, 34), y=760 - 18 * (n % 3))
        pages.append([Line(60, 810, header, 9), *body, Line(290, 30, f"- {n + 1} -", 9)])
    return pdf(*pages)


def _radicals() -> bytes:
    lines = (
        "⾦额与⽇期说明",
        "第一条 ⾦额以订单⻚⾯为准。",
        "第二条 ⽣鲜⻝品的⽇期以⼩票为准。",
        "第三条 ⽆⼩票的不予退货。",
    )
    return coded(column(lines))


def _ruled(sheet: Canvas, rows: Sequence[Sequence[str]], top: float, widths: Sequence[float] = (150, 120, 180)) -> None:
    """A table with drawn lines whose upper edge is at `top`."""
    edges = [60.0]
    for width in widths:
        edges.append(edges[-1] + width)
    levels = [top - 24 * i for i in range(len(rows) + 1)]
    sheet.grid(edges, levels)
    sheet.setFont("STSong-Light", 10)
    for i, row in enumerate(rows):
        for x, text in zip(edges, row, strict=False):
            sheet.drawString(x + 5, levels[i + 1] + 8, text)


_TABLE_HEAD = ("品类", "退货期", "运费")
_TABLE = tuple((f"{kind}类商品", f"{days}天", f"{who}承担") for kind, days, who in [
    ("服饰", 7, "顾客"), ("鞋靴", 15, "顾客"), ("图书", 3, "门店"), ("家电", 7, "门店"), ("玩具", 7, "顾客"), ("文具", 30, "顾客"),
])  # fmt: skip


def _table() -> bytes:
    buffer = io.BytesIO()
    sheet = canvas(buffer)
    sheet.setFont("STSong-Light", 11)
    sheet.drawString(60, 790, "退货期限表")
    sheet.drawString(60, 760, "第一条 各类商品的退货期限和运费如下：")
    _ruled(sheet, (_TABLE_HEAD, *_TABLE[:3]), 740)
    sheet.showPage()
    _ruled(sheet, (_TABLE_HEAD, *_TABLE[3:]), 790)
    sheet.setFont("STSong-Light", 11)
    sheet.drawString(60, 660, "第二条 表中没有的商品，退货期限为七天。")
    sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def _footnotes() -> bytes:
    pages = []
    for n, (body, note) in enumerate(
        [
            (("第一条 顾客购买满一百元的，送停车券一张", "，当日有效。"), "停车券限地下停车场使用。"),
            (("第二条 顾客购买满三百元的，送货上门", "，不另收费。"), "以门店五公里之内为限。"),
        ],
        1,
    ):
        width = 60 + 11 * len(body[0])
        pages.append(
            [
                Line(60, 760, body[0]),
                Line(width, 765, str(n), 6),
                Line(width + 5, 760, body[1]),
                Line(60, 742, "本条由门店执行。"),
                Line(60, 80, str(n), 5),
                Line(66, 76, note, 8),
            ]
        )
    return pdf(*pages)


def _bookmarks() -> bytes:
    buffer = io.BytesIO()
    sheet = canvas(buffer)
    for n, (heading, text) in enumerate(
        [
            ("会员等级", "顾客一年内消费满五千元，成为金卡会员。"),
            ("会员权益", "金卡会员退货免运费，并且享受专线客服。"),
            ("会员注销", "顾客可以随时注销会员，积分同时清零。"),
        ]
    ):
        sheet.setFont("STSong-Light", 11)
        sheet.bookmarkHorizontal(f"b{n}", 0, 790)
        sheet.addOutlineEntry(heading, f"b{n}", 0)
        sheet.drawString(60, 780, heading)
        sheet.drawString(60, 756, text)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def _rotated() -> bytes:
    """The sheet is turned by a quarter, and so is what is drawn on it: a reader sees it upright."""
    buffer = io.BytesIO()
    sheet = canvas(buffer)
    sheet.translate(SIZE[0], 0)
    sheet.rotate(90)
    for line in column([_TITLE, *(part for text in _LONG for part in wrap(text, 48))], y=500):
        sheet.setFont("STSong-Light", line.size)
        sheet.drawString(line.x, line.y, line.text)
    sheet.showPage()
    sheet.save()

    def turn(writer: pypdf.PdfWriter) -> None:
        writer.pages[0].rotate(90)

    return edited(buffer.getvalue(), turn)


def _locked() -> bytes:
    return edited(_single(), lambda writer: writer.encrypt("qinghe-2024", algorithm="AES-256"))


def _english() -> bytes:
    return pdf(
        column(
            [
                "Brookside Tools - Hire Terms",
                "Section 1 Deposit",
                "1.1 We take a deposit of fifty pounds for every tool and return it when the",
                "tool comes back clean and complete.",
                "1.2 A card is held, not charged, until com-",
                "pensation for damage is agreed.",
                "Section 2 Damage",
                "2.1 You pay for repairs, except for ordinary wear.",
            ]
        ),
        font="Helvetica",
    )


def _contents() -> bytes:
    chapters = ("第一章 退货", "第二章 换货", "第三章 维修")
    toc = [Line(60, 780, "目录", 14)]
    toc += [Line(60, 750 - i * 20, f"{chapter}{'.' * 60}{i + 2}") for i, chapter in enumerate(chapters)]
    pages = [toc]
    for i, chapter in enumerate(chapters):
        pages.append([Line(60, 780, chapter, 14), *column(wrap(_LONG[i], 40), y=750)])
    return pdf(*pages)


_SCAN = ("门店退换须知", "第一条 商品售出七日内可以退货。", "第二条 退货须携带小票。", "第三条 特价商品不退不换。")
_SCAN_CLAUSES = tuple(Clause(text[:3], text, (text[:3],)) for text in _SCAN[1:])
_OCR = ReadingSettings(ocr=True)


def made() -> list[Made]:
    table = tuple(Clause("第一条", " | ".join(row)) for row in _TABLE)
    with_title = {"title": _TITLE, "language": "zh-Hans"}
    return [
        Made("single-column.pdf", _single, _LONG_CLAUSES, with_title, pages=(1,) * 4),
        Made("two-columns.pdf", _two_columns, _EIGHT_CLAUSES, with_title),
        Made("two-columns-drawn-by-rows.pdf", _two_columns_by_rows, _LONG_CLAUSES, with_title),
        Made(
            "running-lines.pdf",
            _running,
            _EIGHT_CLAUSES,
            with_title,
            removed=("清和超市有限公司内部规章", "第 1 页 共 4 页"),
        ),
        Made(
            "odd-even-headers.pdf",
            _dashes,
            _EIGHT_CLAUSES,
            removed=("客服中心编", "- 3 -"),
            pages=(1, 2, 3, 4, 5, 6, 7, 8),
        ),
        Made(
            "radicals.pdf",
            _radicals,
            (
                Clause("第一条", "第一条 金额以订单页面为准。", ("第一条",)),
                Clause("第二条", "第二条 生鲜食品的日期以小票为准。", ("第二条",)),
                Clause("第三条", "第三条 无小票的不予退货。", ("第三条",)),
            ),
            {"title": "金额与日期说明"},
        ),
        Made(
            "table-over-two-pages.pdf",
            _table,
            (
                Clause("第一条", "第一条 各类商品的退货期限和运费如下：", ("第一条",)),
                *table,
                Clause("第二条", "第二条 表中没有的商品，退货期限为七天。", ("第二条",)),
            ),
            left_out=("品类",),
        ),
        Made(
            "footnotes.pdf",
            _footnotes,
            (
                Clause("第一条", "第一条 顾客购买满一百元的，送停车券一张¹，当日有效。本条由门店执行。"),
                Clause("第二条", "第二条 顾客购买满三百元的，送货上门²，不另收费。本条由门店执行。"),
            ),
            footnotes=("停车券限地下停车场使用。", "以门店五公里之内为限。"),
        ),
        Made(
            "bookmarks.pdf",
            _bookmarks,
            (
                Clause("会员等级", "顾客一年内消费满五千元，成为金卡会员。", ("会员等级",)),
                Clause("会员权益", "金卡会员退货免运费，并且享受专线客服。", ("会员权益",)),
                Clause("会员注销", "顾客可以随时注销会员，积分同时清零。", ("会员注销",)),
            ),
            pages=(1, 2, 3),
        ),
        Made("rotated.pdf", _rotated, _LONG_CLAUSES, with_title),
        Made(
            "locked.pdf",
            _locked,
            _LONG_CLAUSES,
            with_title,
            settings=ReadingSettings(ocr=False, passwords=("wrong", "qinghe-2024")),
        ),
        Made("locked-without-password.pdf", _locked, refused="password"),
        Made(
            "hire-terms.pdf",
            _english,
            (
                Clause(
                    "1.1",
                    "1.1 We take a deposit of fifty pounds for every tool and return it when the tool comes back clean "
                    "and complete.",
                ),
                Clause("1.2", "1.2 A card is held, not charged, until compensation for damage is agreed."),
                Clause("2.1", "2.1 You pay for repairs, except for ordinary wear."),
            ),
            {"language": "en"},
        ),
        Made(
            "contents-page.pdf",
            _contents,
            tuple(
                Clause(text[:3], text, (chapter, text[:3]))
                for text, chapter in zip(_LONG, ("第一章 退货", "第二章 换货", "第三章 维修"), strict=False)
            ),
            pages=(2, 3, 4),
        ),
        Made(
            "fonts-without-mapping.pdf",
            lambda: coded(column(_SCAN), mapped=False),
            refused="font|letters|text layer|glyph",
        ),
        Made(
            "embedded-font.pdf",
            lambda: converted("rules.txt", ("\n".join((_TITLE, *_LONG))).encode("utf-8-sig"), "pdf"),
            _LONG_CLAUSES,
            with_title,
            needs=("soffice", "font"),
        ),
        Made(
            "text-and-scan-unread.pdf",
            lambda: scanned(picture(_SCAN), before=column(wrap(_LONG[0], 40), y=220)),
            _LONG_CLAUSES[:1],
            unread=("page 2",),
            needs=("font",),
        ),
        Made(
            "text-and-scan.pdf",
            lambda: scanned(picture(_SCAN[1:]), before=column(wrap("第零条 凭小票退换。", 40), y=220)),
            (Clause("第零条", "第零条 凭小票退换。"), *_SCAN_CLAUSES),
            needs=("font", "ocr"),
            settings=_OCR,
            share=0.95,
        ),
        Made(
            "scan.pdf", lambda: scanned(picture(_SCAN)), _SCAN_CLAUSES, needs=("font", "ocr"), settings=_OCR, share=0.98
        ),
        Made(
            "scan-noise.pdf",
            lambda: scanned(picture(_SCAN, noise=0.01)),
            _SCAN_CLAUSES,
            needs=("font", "ocr"),
            settings=_OCR,
            share=0.95,
        ),
        Made(
            "scan-skew.pdf",
            lambda: scanned(picture(_SCAN, degrees=2.5)),
            _SCAN_CLAUSES,
            needs=("font", "ocr"),
            settings=_OCR,
            share=0.95,
        ),
        Made("scan-unread.pdf", lambda: scanned(picture(_SCAN)), refused="text layer|picture|ocr", needs=("font",)),
    ]
