"""What holds for every text in every format: slices are exact, nothing overlaps, nothing is lost, the same again."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import subprocess
import sys
from collections import Counter
from html import escape
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ingest import cleaning, metadata
from ingest.errors import IngestError
from ingest.loaders import load
from ingest.structure import cut
from ingest.types import Extract
from tests.ingest.fuzz.runner import BLANK, broken_promise

ROOT = Path(__file__).parents[2]
KINDS = ("txt", "md", "html", "csv", "docx", "xlsx")

_HAN = "零一二三四五六七八九十百"
_WORDS = (
    "买家",
    "商家",
    "退货",
    "运费",
    "签收",
    "七日",
    "24小时",
    "refund",
    "should",
    "返品",
    "반품",
    "¥99.5",
    "３０％",
)
_SIGNS = ("，", "。", "；", "：", "、", "（", "）", "“", "”", "?", "？", ".", " ", "　", "\t", "|", "-")
# what real files carry along: no width, marks, rare planes, compatibility forms
_ODD = ("\u200b", "\u200d", "\u00a0", "\u0301", "⽇", "𠮷", "🙂", "ﬁ", "①", "Ⅳ", "½", "ß", "İ", "٣", "\u202e", "\u2028")


def _joined(parts: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=1, max_size=most).map("".join)


_number = st.one_of(st.integers(0, 130).map(str), st.text(_HAN, min_size=1, max_size=3))
_words = st.sampled_from(_WORDS)
_sentence = _joined(st.one_of(_words, _words, _words, st.sampled_from(_SIGNS)), 12)
_wild = _joined(
    st.one_of(_words, st.sampled_from(_SIGNS), st.sampled_from(_ODD), st.text("甲乙丙丁abcXYZ019", max_size=3)), 12
)
_opening = st.one_of(
    _number.map(lambda n: f"第{n}条 "),
    _number.map(lambda n: f"第{n}条"),
    _number.map(lambda n: f"第{n}章 "),
    _number.map(lambda n: f"{n}、"),
    _number.map(lambda n: f"（{n}）"),
    st.lists(st.integers(0, 12), min_size=2, max_size=4).map(lambda ns: ".".join(map(str, ns)) + " "),
    st.integers(1, 20).map(lambda n: f"Section {n}. "),
    st.sampled_from(
        ("问：", "答：", "Q: ", "A: ", "附件一 ", "附则", "目录", "# ", "## ", "- ", "* ", "> ", "```", "【退货】")
    ),
    st.sampled_from(
        ("甲方：", "自2024年7月1日起施行", "【施行日期】2025-07-04", "---", "| a | b |", "<!-- x -->", "¹ ")
    ),
)
_line = st.one_of(
    _sentence, _wild, st.builds("".join, st.tuples(_opening, _sentence)), _opening, st.just(""), st.just("  ")
)
_lines = st.lists(_line, min_size=1, max_size=25)
_table = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(_sentence, min_size=n, max_size=n), min_size=1, max_size=6)
)


def _txt(lines: list[str], rows: list[list[str]]) -> bytes:
    return "\n".join([*lines, *("\t".join(row) for row in rows)]).encode()


def _md(lines: list[str], rows: list[list[str]]) -> bytes:
    cells = [[cell.replace("|", "/").replace("\n", " ") for cell in row] for row in rows]
    table = ["", *("| " + " | ".join(row) + " |" for row in cells)]
    table.insert(2, "|" + " --- |" * len(cells[0]))
    return "\n".join([*lines, *table]).encode()


def _html(lines: list[str], rows: list[list[str]]) -> bytes:
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    table = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<html><head><meta charset="utf-8"></head><body>{body}<table>{table}</table></body></html>'.encode()


def _csv(lines: list[str], rows: list[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    width = len(rows[0])
    # a list of values has one width; other lines stand in its first column
    csv.writer(buffer).writerows([*rows, *([line, *[""] * (width - 1)] for line in lines)])
    return buffer.getvalue().encode("utf-8-sig")


def _docx(lines: list[str], rows: list[list[str]]) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(len(rows), len(rows[0]))
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _xlsx(lines: list[str], rows: list[list[str]]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in [*rows, [], *([line] for line in lines)]:
        workbook.active.append(row)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


_MAKE = {"txt": _txt, "md": _md, "html": _html, "csv": _csv, "docx": _docx, "xlsx": _xlsx}


def _letters(text: str) -> Counter[str]:
    return Counter(c for c in cleaning.fold_radicals(text) if c.isalnum())


def _listed(extract: Extract) -> str:
    """All that a reader of the file is shown, wherever it went."""
    removed = (removed.text for removed in extract.removed)
    fields = (part for pair in extract.fields.items() for part in pair)
    return "\n".join((extract.text, *removed, *extract.unread, *extract.notes, extract.title or "", *fields))


_EVERY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.mark.parametrize("kind", KINDS)
def test_slices_reproduce_the_text_and_nothing_is_lost(kind: str) -> None:
    @_EVERY
    @given(_lines, _table)
    def holds(lines: list[str], rows: list[list[str]]) -> None:
        data, name = _MAKE[kind](lines, rows), f"a.{kind}"
        try:
            extract = load(data, name)
        except IngestError:
            assume(False)  # nothing but signs, or broken front matter: refused, not lost
            return
        divided = cut(extract)
        assert broken_promise(extract, divided) == ""
        for draft in divided.drafts:
            clause = extract.text[draft.start : draft.end]
            assert clause and clause == clause.strip(BLANK)
            assert clause.encode().decode() == clause
        lost = _letters("\n".join([*lines, *(cell for row in rows for cell in row)])) - _letters(_listed(extract))
        assert not lost, (lost, extract.text)

    holds()


@pytest.mark.parametrize("kind", KINDS)
def test_reading_again_gives_the_same(kind: str) -> None:
    @settings(_EVERY, max_examples=12)
    @given(_lines, _table)
    def holds(lines: list[str], rows: list[list[str]]) -> None:
        data, name = _MAKE[kind](lines, rows), f"a.{kind}"
        try:
            first = load(data, name)
        except IngestError as error:
            with pytest.raises(type(error), match="."):
                load(data, name)
            return
        assert load(data, name) == first
        assert cut(first) == cut(load(data, name))

    holds()


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), _lines.map("\n".join)))
def test_any_text_at_all_is_divided_without_loss(text: str) -> None:
    extract = Extract(text)
    divided = cut(extract)
    assert broken_promise(extract, divided) == ""
    metadata.find(extract, "a.txt", divided.drafts)


@settings(max_examples=100, deadline=None)
@given(_lines, st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "gb18030")))
def test_the_encoding_changes_nothing(lines: list[str], code: str) -> None:
    text = "各位买家和商家，请按照下面的规则办理退货。\n" + "\n".join(lines)
    try:
        plain = load(text.encode(), "a.txt")
    except IngestError:
        assume(False)
        return
    assert load(text.encode(code), "a.txt").text == plain.text


@settings(max_examples=60, deadline=None)
@given(_lines, st.sampled_from(("\r\n", "\r")))
def test_the_line_ends_change_nothing(lines: list[str], end: str) -> None:
    try:
        plain = load("\n".join(lines).encode(), "a.txt")
    except IngestError:
        assume(False)
        return
    other = load(end.join(lines).encode(), "a.txt")
    assert (other.text, cut(other)) == (plain.text, cut(plain))


_DIGEST = """
import hashlib, sys
from ingest.loaders import load
from ingest.structure import cut
from tests.ingest.made import text, web
total = hashlib.sha256()
for made in (*text.made(), *web.made()):
    if not made.refused:
        extract = load(made.build(), made.name, made.reading)
        total.update(repr((extract, cut(extract))).encode())
print(total.hexdigest())
"""


def test_every_process_cuts_alike() -> None:
    def digest(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", _DIGEST]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    first, second = digest("1"), digest("77")
    assert first == second
    assert len(first.strip()) == hashlib.sha256().digest_size * 2
