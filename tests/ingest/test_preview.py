"""What a preview says of a file: the same clauses as an ingest, every character accounted for, who overrules whom."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest.errors import InvalidMetadata, SourceError, UnreadableFile
from ingest.preview import MAX_PICTURE_SIDE, PICTURE_SCALE, Member, Preview, boxes_between, look, pictures
from ingest.preview import preview as preview_of
from ingest.sources import Source
from kb.home import Home
from kb.settings import BaseSettings
from kb.types import Box
from tests.support import Base

RULES = """# 青禾集市换货规则

（2025年3月1日公布）

第一条 本规则自2025年4月1日起施行。

第二条 买家签收后七日内可以申请换货，依照本规则第三条办理。

第三条 换货的运费由卖家承担。
"""


def read(text: str | bytes, key: str = "rules.md", given: Mapping[str, str] | None = None, **source: Mapping[str, str]) -> Preview:  # fmt: skip
    layers = {"rules": {}, "defaults": {}, **source}
    data = text.encode() if isinstance(text, str) else text
    return preview_of(Source(key, Path(key), key, **layers), data, given or {}, BaseSettings())


def stated(found: Preview, field: str):
    return next(row for row in found.metadata if row.field == field)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def only(members: tuple[Member, ...]) -> Preview:
    (member,) = members
    assert member.preview is not None, member.reason
    return member.preview


# --- one document -----------------------------------------------------------------------------------------------


def test_clauses_and_gaps_account_for_every_character_that_is_not_blank() -> None:
    found = read(RULES)
    counts = found.counts
    assert counts.stored == len("".join(found.content.version.text.split()))
    assert counts.in_clauses == sum(len("".join(clause.text.split())) for clause in found.content.clauses)
    assert sum(counts.in_gaps.values()) == sum(
        len("".join(found.content.version.text[gap.start : gap.end].split())) for gap in found.gaps
    )
    assert [clause.label for clause in found.content.clauses] == ["第一条", "第二条", "第三条"]


def test_evidence_points_at_its_words_in_the_stored_text() -> None:
    found = read(RULES)
    row = stated(found, "effective_from")
    assert row.value == "2025-04-01" and row.span is not None
    assert "2025年4月1日" in found.content.version.text[slice(*row.span)]


def test_what_is_said_elsewhere_is_shown_with_who_overrules_whom() -> None:
    found = read(
        RULES,
        given={"effective_from": "2025-05-01"},
        rules={"effective_from": "2025-06-01", "authority": "law"},
        defaults={"authority": "script"},
    )
    row = stated(found, "effective_from")
    assert (row.value, row.evidence, row.span) == ("2025-05-01", "--set", None)
    assert [other.value for other in row.overruled] == ["2025-04-01", "2025-06-01"]
    authority = stated(found, "authority")
    assert authority.value == "law"
    assert [(o.value, o.evidence) for o in authority.overruled] == [("script", "[defaults] of koujing.toml")]


def test_a_value_from_outside_is_no_evidence_in_the_text_even_where_the_text_holds_it() -> None:
    found = read(RULES, given={"title": "换货规则"})
    assert "换货规则" in found.content.version.text
    assert stated(found, "title").span is None


def test_an_unknown_rank_in_the_text_is_no_obstacle_once_it_is_overruled() -> None:
    unranked = "---\nauthority: house_rule\n---\n" + RULES
    with pytest.raises(InvalidMetadata, match="house_rule"):
        read(unranked)
    assert stated(read(unranked, given={"authority": "law"}), "authority").value == "law"


def test_a_file_without_a_clause_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        read("…… —— ……")


# --- boxes ------------------------------------------------------------------------------------------------------


def box(start: int, end: int, x0: float, x1: float, y0: float = 10, page: int = 1) -> Box:
    return Box(start, end, page, x0, y0, x1, y0 + 12)


def test_a_box_reaching_over_the_edge_is_cut_in_proportion() -> None:
    line = box(0, 10, x0=100, x1=200)  # ten points a character
    (part,) = boxes_between([line], 3, 7)
    assert (part.x0, part.x1) == (100 + 3 * 10, 100 + 7 * 10)


def test_words_of_a_line_become_one_box_and_lines_stay_apart() -> None:
    words = [box(0, 4, 10, 50), box(5, 9, 54, 94), box(10, 14, 10, 50, y0=30)]
    found = boxes_between(words, 0, 14)
    assert [(b.start, b.end, b.x0, b.x1, b.y0) for b in found] == [(0, 9, 10, 94, 10), (10, 14, 10, 50, 30)]


def test_columns_and_pages_stay_apart() -> None:
    found = boxes_between([box(0, 4, 10, 50), box(4, 8, 300, 340), box(8, 12, 342, 380, page=2)], 0, 12)
    assert [(b.page, b.x0, b.x1) for b in found] == [(1, 10, 50), (1, 300, 340), (2, 342, 380)]


def test_boxes_that_only_touch_the_span_are_none_of_its() -> None:
    line = [box(0, 5, 0, 50), box(5, 9, 50, 90), box(9, 12, 90, 120)]
    assert [(b.start, b.end) for b in boxes_between(line, 5, 9)] == [(5, 9)]
    assert boxes_between(line, 12, 20) == []


# --- a file on the disk -----------------------------------------------------------------------------------------


def test_a_preview_has_the_ids_and_the_text_that_an_ingest_then_has(base: Base) -> None:
    base.write("koujing.toml", '[defaults]\nauthority = "category_rule"\n')
    file = base.write("shop/rules.md", RULES)
    foreseen = only(look(file, base.home, {}))
    base.ingest()
    snapshot = base.snapshot()
    assert [(c.id, c.sha256, c.references) for c in foreseen.content.clauses] == [
        (c.id, c.sha256, c.references) for c in snapshot.clauses
    ]
    assert foreseen.content.version.id == snapshot.versions[0].id
    assert foreseen.content.version.authority == "category_rule"
    assert foreseen.rules_from.endswith("koujing.toml")


def test_a_preview_changes_nothing_and_needs_no_base(base: Base) -> None:
    file = base.write("rules.md", RULES)
    before = sorted(base.path.parent.rglob("*"))
    only(look(file, base.home, {}))
    assert sorted(base.path.parent.rglob("*")) == before


def test_what_was_set_when_it_was_ingested_counts_again(base: Base) -> None:
    file = base.write("rules.md", RULES)
    base.ingest(given=["owner=售后组"])
    found = only(look(file, base.home, {"authority": "law"}))
    assert (stated(found, "owner").value, stated(found, "authority").value) == ("售后组", "law")


def test_a_document_ingested_under_a_prefix_keeps_its_key(base: Base) -> None:
    file = base.write("rules.md", RULES)
    base.ingest(prefix="shop")
    assert only(look(file, base.home, {})).content.version.document == "shop/rules.md"


def test_a_notice_that_the_folder_shares_is_left_out_here_too(base: Base) -> None:
    notice = "版权所有 青禾集市 未经许可不得转载 浏览次数：12"
    for number in range(4):
        base.write(f"{number}.md", f"# 规则{number}\n\n第一条 第{number}类商品七日内可以换货。\n\n{notice}\n")
    file = base.sources / "0.md"
    base.ingest()
    found = only(look(file, base.home, {}))
    assert [clause.text for clause in found.content.clauses] == [
        clause.text for clause in base.snapshot().clauses if clause.document == "0.md"
    ]
    assert not any("浏览次数" in clause.text for clause in found.content.clauses)
    assert any(notice in found.content.version.text[gap.start : gap.end] for gap in found.gaps)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "no.md", "no such file"),
        (lambda folder: folder, "Name one file in it"),
        (lambda folder: Path("/dev/null"), "device"),
    ],
)
def test_what_is_no_file_is_refused_with_the_next_step(make, words: str, tmp_path: Path, home: Home) -> None:
    with pytest.raises(UnreadableFile, match=words):
        look(make(tmp_path), home, {})


def test_an_unreadable_file_is_refused_with_its_reason(tmp_path: Path, home: Home) -> None:
    file = tmp_path / "cut.pdf"
    file.write_bytes(b"%PDF-1.7\nnothing more")
    with pytest.raises(UnreadableFile, match="cut.pdf"):
        look(file, home, {})


def test_a_value_that_cannot_be_meant_is_refused_before_anything_is_read(tmp_path: Path, home: Home) -> None:
    file = tmp_path / "rules.md"
    file.write_text(RULES)
    with pytest.raises(InvalidMetadata, match="--set"):
        look(file, home, {"effective_from": "soon"})


# --- archives ---------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "rules.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("a/rules.md", RULES)
        packed.writestr("b/rules.md", RULES.replace("七日", "十日"))
        packed.writestr("faq.md", "# 问答\n\n第一条 包装拆开也可以换货。\n")
        packed.writestr("empty.md", "")
        packed.writestr(".hidden", "x")
    return file


def test_every_member_is_previewed_or_named_with_its_reason(archive: Path, home: Home) -> None:
    members = look(archive, home, {})
    assert {m.name: m.preview is not None for m in members[:4]} == {
        "a/rules.md": True, "b/rules.md": True, "faq.md": True, "empty.md": False,
    }  # fmt: skip
    assert "empty" in members[3].reason
    assert len(members) == 5 and "hidden" in members[4].reason
    assert all(member.inside for member in members)
    assert members[0].preview and members[0].preview.content.version.document == "rules.zip/a/rules.md"


def test_a_member_is_chosen_by_its_path_or_by_a_name_that_only_one_has(archive: Path, home: Home) -> None:
    (member,) = look(archive, home, {}, member="b/rules.md")
    assert member.name == "b/rules.md" and member.preview and not member.inside
    with pytest.raises(SourceError, match="several.*a/rules.md, b/rules.md"):
        look(archive, home, {}, member="rules.md")


def test_the_rules_of_the_folder_reach_into_an_archive(archive: Path, home: Home) -> None:
    (archive.parent / "koujing.toml").write_text('[[files]]\nmatch = "rules.zip/a/*"\nauthority = "law"\n')
    (member,) = look(archive, home, {}, member="a/rules.md")
    assert member.preview and member.preview.content.version.authority == "law"


def test_the_only_member_of_an_archive_is_still_a_member(tmp_path: Path, home: Home) -> None:
    file = tmp_path / "one.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("rules.md", RULES)
    (member,) = look(file, home, {})
    assert member.inside and member.name == "rules.md" and member.preview


# --- pictures ---------------------------------------------------------------------------------------------------


def pdf_of(pages: int, width: float = 300, height: float = 200) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    drawn = io.BytesIO()
    canvas = Canvas(drawn, pagesize=(width, height))
    for number in range(1, pages + 1):
        canvas.drawString(40, height - 60, f"{number}.1 Goods are exchanged within {number} days.")
        canvas.showPage()
    canvas.save()
    return drawn.getvalue()


def test_pictures_have_the_size_of_their_pages_in_points(tmp_path: Path, home: Home) -> None:
    from PIL import Image

    file = tmp_path / "rules.pdf"
    file.write_bytes(pdf_of(3))
    found = only(look(file, home, {}, picture_pages=range(2, 30)))
    assert [(p.page, round(p.width), round(p.height)) for p in found.pictures] == [(2, 300, 200), (3, 300, 200)]
    with Image.open(io.BytesIO(found.pictures[0].data)) as image:
        assert image.format == "WEBP" and image.width == round(300 * PICTURE_SCALE)
    clause = found.content.clauses[1]
    (place,) = boxes_between(found.content.boxes, clause.start, clause.end)
    assert place.page == 2 and 35 < place.x0 < 45 and 45 < place.y0 < 60  # the line stands 60 points from the top


def test_a_poster_s_picture_is_shrunk_and_keeps_its_size_in_points() -> None:
    from PIL import Image

    (picture,) = pictures(pdf_of(1, width=4000, height=1000), [1])
    assert (round(picture.width), round(picture.height)) == (4000, 1000)
    with Image.open(io.BytesIO(picture.data)) as image:
        assert max(image.size) == MAX_PICTURE_SIDE


def test_pages_that_are_not_there_have_no_picture() -> None:
    assert [picture.page for picture in pictures(pdf_of(1), [1, 2, 99])] == [1]
