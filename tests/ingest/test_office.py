"""Office files of every age: told apart, opened, converted, or refused with what to do."""

from __future__ import annotations

import io
import os
import stat
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl
import pytest

from ingest.errors import UnreadableFile
from ingest.loaders import load, office
from ingest.loaders.office import kind
from ingest.settings import Reading, ReadingSettings

P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = f'xmlns:p="{P}" xmlns:a="{A}" xmlns:r="{R}"'
needs_libreoffice = pytest.mark.skipif(office.soffice() is None, reason="LibreOffice (soffice) is not installed")


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    return saved(document)


def workbook(*rows: Sequence[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


# --- PowerPoint ------------------------------------------------------------------------------------------------


def shape(text: str, role: str = "", properties: str = "", **cell: str) -> str:
    place = f'<p:nvPr><p:ph type="{role}"/></p:nvPr>' if role else "<p:nvPr/>"
    attributes = "".join(f' {k}="{v}"' for k, v in cell.items())
    paragraphs = "".join(f"<a:p>{properties}<a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f'<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"{attributes}/>{place}</p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>'


def grid(*rows: str) -> str:
    return (
        f'<p:graphicFrame><a:graphic><a:tbl><a:tblPr firstRow="1"/>{"".join(rows)}</a:tbl></a:graphic></p:graphicFrame>'
    )


def row(*cells: str) -> str:
    return f"<a:tr>{''.join(cells)}</a:tr>"


def cell(text: str, attributes: str = "") -> str:
    return f"<a:tc {attributes}><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"


def slides(*contents: str, notes: str = "", hidden: Sequence[int] = ()) -> bytes:
    """A presentation with these slides. `notes`: speaker notes of the first one; `hidden`: slides by number."""
    buffer = io.BytesIO()
    numbers = range(1, len(contents) + 1)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        ids = "".join(f'<p:sldId id="{255 + n}" r:id="s{n}"/>' for n in numbers)
        package.writestr(
            "ppt/presentation.xml", f"<p:presentation {_NAMESPACES}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
        )
        package.writestr("_rels/.rels", relations({"r": ("officeDocument", "ppt/presentation.xml")}))
        package.writestr(
            "ppt/_rels/presentation.xml.rels", relations({f"s{n}": ("slide", f"slides/slide{n}.xml") for n in numbers})
        )
        for n, content in enumerate(contents, 1):
            shown = ' show="0"' if n in hidden else ""
            package.writestr(
                f"ppt/slides/slide{n}.xml",
                f"<p:sld {_NAMESPACES}{shown}><p:cSld><p:spTree>{content}</p:spTree></p:cSld></p:sld>",
            )
        if notes:
            package.writestr(
                "ppt/slides/_rels/slide1.xml.rels", relations({"n": ("notesSlide", "../notesSlides/notesSlide1.xml")})
            )
            package.writestr(
                "ppt/notesSlides/notesSlide1.xml",
                f"<p:notes {_NAMESPACES}><p:cSld><p:spTree>{shape(notes, 'body')}{shape('1', 'sldNum')}</p:spTree></p:cSld></p:notes>",
            )
    return buffer.getvalue()


def relations(found: dict[str, tuple[str, str]]) -> str:
    rows = (f'<Relationship Id="{i}" Type="{R}/{what}" Target="{to}"/>' for i, (what, to) in found.items())
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{"".join(rows)}</Relationships>'


def test_slides_are_pages_with_their_titles_as_headings_and_tables_as_rows() -> None:
    table = grid(
        row(cell("品类"), cell("天数")),
        row(cell("生鲜", 'rowSpan="2"'), cell("1")),
        row(cell("", 'vMerge="1"'), cell("2")),
    )
    data = slides(shape("一、定义。\n二、范围。") + shape("退货规则", "title"), shape("退货期", "title") + table)
    extract = load(data, "培训.pptx")
    assert extract.text.split("\n") == [
        "退货规则",
        "一、定义。",
        "二、范围。",
        "退货期",
        "品类 | 天数",
        "生鲜 | 1",
        "生鲜 | 2",
    ]
    assert [extract.text[h.start : h.end] for h in extract.headings] == ["退货规则", "退货期"]
    assert [(extract.text[r.start : r.end], r.header, r.table) for r in extract.rows] == [
        ("生鲜 | 1", "品类 | 天数", "退货期"),
        ("生鲜 | 2", "品类 | 天数", "退货期"),
    ]
    assert [extract.text[start:].split("\n")[0] for start in extract.page_starts] == ["退货规则", "退货期"]


def test_hidden_slides_notes_and_footers_are_listed_and_not_read() -> None:
    one = shape("甲。") + shape("某公司", "ftr") + shape("旧稿", hidden="1")
    extract = load(slides(one, shape("乙。"), shape("丙。"), notes="讲到这里停一下", hidden=[2]), "a.pptx")
    assert extract.text == "甲。\n丙。"
    assert [extract.text[start:][:2] for start in extract.page_starts] == ["甲。", "丙。", "丙。"]
    assert [(r.text, r.reason, r.where) for r in extract.removed] == [
        ("旧稿", "hidden shape", "slide 1"),
        ("讲到这里停一下", "speaker notes", "slide 1"),
        ("乙。", "hidden slide", "slide 2"),
        ("某公司", "running footer", "from slide 1 on"),
    ]


def test_numbers_and_signs_before_paragraphs_of_a_slide_are_the_ones_a_reader_sees() -> None:
    han = '<a:pPr><a:buAutoNum type="ea1ChsPeriod"/></a:pPr>'
    late = '<a:pPr lvl="1"><a:buAutoNum type="arabicParenBoth" startAt="3"/></a:pPr>'
    sign = '<a:pPr><a:buFont typeface="Wingdings"/><a:buChar char="\uf0d8"/></a:pPr>'
    data = slides(shape("甲\n乙", properties=han) + shape("丙\n丁", properties=late) + shape("戊", properties=sign))
    assert load(data, "a.pptx").text.split("\n") == ["一. 甲", "二. 乙", "(3) 丙", "(4) 丁", "➢ 戊"]


# --- what a file is --------------------------------------------------------------------------------------------


def archive(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, content in members.items():
            package.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (word("甲"), "docx"),
        (workbook(["甲"]), "xlsx"),
        (slides(shape("甲")), "pptx"),
        (archive(mimetype="application/vnd.oasis.opendocument.text"), "odt"),
        (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "ods"),
        (b"{\\rtf1\\ansi x}", "rtf"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w/>', "wordxml"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><w/>', "excelxml"),
        (archive(a="b"), None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40), None),
        ("第一条 甲。".encode(), None),
    ],
)
def test_a_file_is_known_by_its_content_whatever_its_name(data: bytes, expected: str | None) -> None:
    assert kind(data, "无名") == expected


def test_a_web_page_under_the_name_of_a_sheet_is_read_as_what_it_is() -> None:
    page = "<html><body><main><table><tr><td>品类<td>天数</tr><tr><td>生鲜<td>1</tr></table></main></body></html>"
    extract = load(page.encode(), "导出.xls")
    assert extract.rows
    assert any("read as html" in remark for remark in extract.notes)


# --- passwords -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked() -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    opened, closed = io.BytesIO(word("第一条 甲。")), io.BytesIO()
    OOXMLFile(opened).encrypt("开门", closed)
    return closed.getvalue()


def test_a_locked_file_opens_with_a_password_from_the_settings(locked: bytes) -> None:
    extract = load(locked, "a.docx", Reading(ReadingSettings(passwords=("错", "开门"))))
    assert extract.text == "第一条 甲。"
    assert extract.notes == ("opened with a password from the settings",)


@pytest.mark.parametrize(
    ("passwords", "said"), [((), "no password is in the settings"), (("错",), "no password of the settings opens it")]
)
def test_a_locked_file_without_its_password_is_reported_as_locked(
    locked: bytes, passwords: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UnreadableFile, match=f"locked with a password, and {said}"):
        load(locked, "a.docx", Reading(ReadingSettings(passwords=passwords)))


def test_a_locked_open_document_is_reported_as_locked() -> None:
    data = archive(
        mimetype="application/vnd.oasis.opendocument.text", **{"META-INF__manifest.xml": "<m:encryption-data/>"}
    )
    with pytest.raises(UnreadableFile, match="locked with a password"):
        load(data, "a.odt")


# --- LibreOffice -----------------------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for LibreOffice: a shell script that each test writes."""
    path = tmp_path / "soffice"
    monkeypatch.setattr(office, "soffice", lambda: str(path))
    monkeypatch.setattr(office, "_without_network", lambda: ())
    return path


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_without_libreoffice_the_refusal_names_what_to_install_and_what_to_save_as(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(office, "soffice", lambda: None)
    with pytest.raises(UnreadableFile, match=r"not installed.*libreoffice-writer-nogui.*save the file as \.docx"):
        load(b"{\\rtf1 x}", "a.rtf")


def test_the_converter_gets_its_own_folder_and_never_the_name_of_the_file(program: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.docx"
    made.write_bytes(word("第一条 甲。"))
    script(program, f'echo "$@" > {tmp_path}/said; env > {tmp_path}/env; cp {made} out/document.docx')
    extract = load(b"{\\rtf1 x}", "-env:x;$(touch hacked) `id`.rtf")
    said = (tmp_path / "said").read_text()
    assert extract.text == "第一条 甲。"
    assert extract.notes == ("a rich text file (.rtf): converted by LibreOffice",)
    assert "hacked" not in said
    assert "--headless" in said
    assert "HOME=/" in (tmp_path / "env").read_text()
    assert os.environ["HOME"] not in [
        line[5:] for line in (tmp_path / "env").read_text().split("\n") if line[:5] == "HOME="
    ]


def test_a_conversion_that_does_not_end_is_ended_with_what_it_started(program: Path, tmp_path: Path) -> None:
    script(program, f"sleep 60 & echo $! > {tmp_path}/child; wait")
    heard: list[str] = []
    with pytest.raises(UnreadableFile, match="within 1 seconds"):
        load(b"{\\rtf1 x}", "a.rtf", Reading(ReadingSettings(seconds_per_file=1), heard.append))
    assert any("LibreOffice" in line for line in heard)
    state = Path("/proc") / (tmp_path / "child").read_text().strip() / "stat"
    until = time.monotonic() + 10
    while state.exists() and state.read_text().split(")")[1].split()[0] != "Z":
        assert time.monotonic() < until, "what it started is still running"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exit 1", "could not open"),
        ("ln -s /etc/passwd out/document.docx", "could not open"),
        ("head -c 3000000 /dev/zero > out/document.docx", "could not open|more than allowed|broken"),
        ("echo nonsense > out/document.docx", "broken"),
    ],
)
def test_what_the_converter_leaves_is_not_trusted(program: Path, text: str, reason: str) -> None:
    script(program, text)
    with pytest.raises(UnreadableFile, match=reason):
        load(b"{\\rtf1 x}", "a.rtf", Reading(ReadingSettings(unpacked_mb=1)))


@needs_libreoffice
def test_an_old_word_file_is_read_with_its_numbers_tables_and_notes() -> None:
    rtf = (
        r"{\rtf1\ansi\ansicpg936 {\pard Article 1 Goods may be returned within 7 days.{\super\chftn}"
        r"{\footnote\pard\plain\chftn  Fresh food excepted.}\par}"
        r"{\trowd\cellx2000\cellx4000\intbl Kind\cell Days\cell\row}{\trowd\cellx2000\cellx4000\intbl Fresh\cell 1\cell\row}"
        r"\pard \u31532?\u20108?\u26465? x\par}"
    )
    extract = load(rtf.encode(), "rules.rtf")
    assert "Goods may be returned within 7 days." in extract.text
    assert "第二条 x" in extract.text
    assert [extract.text[r.start : r.end] for r in extract.rows] == ["Fresh | 1"]
    assert [extract.text[n.start : n.end] for n in extract.footnotes] == ["¹ Fresh food excepted."]
    assert extract.notes[0] == "a rich text file (.rtf): converted by LibreOffice"
