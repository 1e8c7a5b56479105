"""Builds the Word, PDF and Excel files of the sample corpus from their sources in this folder.

A source is named after the file it becomes, in the same subfolder:

    service/x.docx.md   Markdown       -> documents/service/x.docx
    products/y.pdf.md   Markdown       -> documents/products/y.pdf
    products/z.xlsx/    one CSV a sheet -> documents/products/z.xlsx

The Markdown understood here is what the sources use: `#` to `###` headings, paragraphs (one a line), pipe
tables. CSV files are sheets in the order of their names, called "1-NAME.csv"; the cell "<" is merged with the
one on its left and "^" with the one above it, and rows that begin with "!" are header rows.

    python corpus/sources/build.py [PATTERN…]     builds all, or those whose key matches a pattern

The same sources give the same bytes: dates inside the files are fixed.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from html import escape
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
DOCUMENTS = SOURCES.parent / "documents"
STAMP = "2026-01-01T00:00:00Z"
OWNER = "桐里集市"
PDF_FONT = "STSong-Light"  # a CID font every PDF reader knows by name, so nothing is embedded


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a Markdown source: `level` 1 to 3 for a heading, 0 for a paragraph, or the rows of a table."""

    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(markdown: str) -> Iterator[Block]:
    rows: list[tuple[str, ...]] = []
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("|"):
            cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                rows.append(cells)
            continue
        if rows:
            yield Block(rows=tuple(rows))
            rows = []
        if heading := re.match(r"(#{1,3}) +(.+)", line):
            yield Block(heading[2].strip(), level=len(heading[1]))
        elif line.strip():
            yield Block(line.strip())


def build_docx(source: Path, target: Path) -> None:
    from docx import Document
    from docx.oxml.ns import qn

    document = Document()
    normal = document.styles["Normal"]
    normal.font.name = "Times New Roman"
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    for block in blocks(source.read_text(encoding="utf-8")):
        if block.rows:
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, value in zip(table.add_row().cells, row, strict=True):
                    cell.text = value
        elif block.level == 1:
            document.add_paragraph(block.text, style="Title")
            document.core_properties.title = block.text
        elif block.level:
            document.add_heading(block.text, level=block.level - 1)
        else:
            document.add_paragraph(block.text)
    document.core_properties.author = OWNER
    buffer = io.BytesIO()
    document.save(buffer)
    target.write_bytes(with_fixed_dates(buffer.getvalue()))


def build_pdf(source: Path, target: Path) -> None:
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

    pdfmetrics.registerFont(UnicodeCIDFont(PDF_FONT))
    body = ParagraphStyle("body", fontName=PDF_FONT, fontSize=10.5, leading=17, wordWrap="CJK", spaceAfter=4)
    cell = ParagraphStyle("cell", parent=body, fontSize=9, leading=13, spaceAfter=0)
    headings = {
        1: ParagraphStyle("title", parent=body, fontSize=17, leading=26, alignment=1, spaceAfter=10),
        2: ParagraphStyle("chapter", parent=body, fontSize=13, leading=22, alignment=1, spaceBefore=10, spaceAfter=6),
        3: ParagraphStyle("section", parent=body, fontSize=11.5, leading=19, spaceBefore=6),
    }
    grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")])
    story: list[Flowable] = []
    title = source.stem
    for block in blocks(source.read_text(encoding="utf-8")):
        if block.rows:
            rows = [[Paragraph(escape(value), cell) for value in row] for row in block.rows]
            story += [Table(rows, repeatRows=1, style=grid), Spacer(1, 4 * mm)]
        else:
            title = block.text if block.level == 1 else title
            story.append(Paragraph(escape(block.text), headings.get(block.level, body)))

    def furniture(canvas, template) -> None:  # type: ignore[no-untyped-def]
        canvas.setFont(PDF_FONT, 8)
        canvas.drawString(20 * mm, 287 * mm, f"{OWNER}  {title}")
        canvas.drawCentredString(105 * mm, 10 * mm, f"第 {template.page} 页")

    template = SimpleDocTemplate(
        str(target),
        pagesize=A4,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=22 * mm,
        bottomMargin=20 * mm,
        title=title,
        author=OWNER,
        invariant=1,
    )
    template.build(story, onFirstPage=furniture, onLaterPages=furniture)


def build_xlsx(source: Path, target: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    for path in sorted(source.glob("*.csv")):
        sheet = book.create_sheet(path.stem.partition("-")[2])
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        headers = {r for r, line in enumerate(lines, 1) if line[0].startswith("!")}
        grid = [[line[0].removeprefix("!"), *line[1:]] for line in lines]
        for r, row in enumerate(grid, 1):
            for c, value in enumerate(row, 1):
                if value not in ("<", "^", ""):
                    cell = sheet.cell(r, c, int(value) if re.fullmatch(r"[1-9]\d{0,6}|0", value) else value)
                    cell.alignment = Alignment(wrap_text=True, vertical="center")
                    cell.font = Font(bold=r in headers)
        for top, left, bottom, right in merged_areas(grid):
            sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        for c in range(1, len(grid[0]) + 1):
            sheet.column_dimensions[get_column_letter(c)].width = 20
    book.properties.creator = OWNER
    buffer = io.BytesIO()
    book.save(buffer)
    target.write_bytes(with_fixed_dates(buffer.getvalue()))


def merged_areas(grid: list[list[str]]) -> Iterator[tuple[int, int, int, int]]:
    """First row, first column, last row, last column of each merged area, counted from 1."""
    for r, row in enumerate(grid):
        for c, value in enumerate(row):
            if value in ("<", "^"):
                continue
            right = c
            while right + 1 < len(row) and row[right + 1] == "<":
                right += 1
            down = r
            while down + 1 < len(grid) and grid[down + 1][c] == "^":
                down += 1
            if (right, down) != (c, r):
                yield r + 1, c + 1, down + 1, right + 1


def with_fixed_dates(package: bytes) -> bytes:
    """An Office file with the clock taken out: of the zip entries and of docProps/core.xml."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", STAMP.encode(), data)
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


BUILDERS = {".docx.md": build_docx, ".pdf.md": build_pdf, ".xlsx": build_xlsx}


def main(patterns: list[str]) -> None:
    for source in sorted(SOURCES.rglob("*")):
        for ending, build in BUILDERS.items():
            if source.name.endswith(ending):
                key = source.relative_to(SOURCES).as_posix().removesuffix(".md")
                if not patterns or any(fnmatch(key, pattern) for pattern in patterns):
                    target = DOCUMENTS / key
                    target.parent.mkdir(parents=True, exist_ok=True)
                    build(source, target)
                    print(key)


if __name__ == "__main__":
    main(sys.argv[1:])
