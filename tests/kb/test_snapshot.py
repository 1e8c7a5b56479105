"""Snapshots: whole or not there at all, and never quoted from when a byte is off."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.errors import DamagedSnapshot, EmbedderMismatch, HomeError, KbError, NotFound
from kb.home import Home
from kb.index import VectorIndex
from kb.snapshot import Snapshot, build
from kb.types import Box, Content, Reference
from tests.support import RETURNS, Base, TinyEmbedder, flip_byte, make_content


def built(home: Home, *contents, embedder=None) -> Snapshot:
    with home.writing():
        result = build(home, contents, embedder or TinyEmbedder(), {})
        home.publish(result.id)
    return Snapshot.open(home)


def files_of(base: Base) -> list[Path]:
    """The manifest and all that it vouches for."""
    snapshot = base.snapshot()
    return [snapshot.folder / name for name in ("manifest.json", *snapshot.manifest["files"])]


def test_every_clause_is_a_slice_of_the_stored_text(shop: Base) -> None:
    snapshot = shop.snapshot()
    stored = {version.id: version.text for version in snapshot.versions}
    assert [c.label for c in snapshot.clauses if c.document == "returns.md"] == ["第一条", "第二条", "第三条"]
    assert all(stored[c.version][c.start : c.end] == c.text for c in snapshot.clauses)
    assert snapshot.verify()["clauses"] == len(snapshot.clauses) == 5


def test_a_changed_byte_in_any_file_refuses_to_open(shop: Base) -> None:
    for file in files_of(shop):
        whole = file.read_bytes()
        for at in (0, len(whole) // 2, len(whole) - 1):
            flip_byte(file, at)
            with pytest.raises(DamagedSnapshot, match="kb rollback"):
                shop.snapshot()
            file.write_bytes(whole)
    shop.snapshot().verify()


def test_a_missing_file_refuses_to_open(shop: Base) -> None:
    for file in files_of(shop):
        if file.name == "manifest.json":
            continue
        aside = file.with_name("aside")
        os.rename(file, aside)
        with pytest.raises(DamagedSnapshot, match=file.name):
            shop.snapshot()
        os.rename(aside, file)


def test_a_snapshot_without_a_manifest_is_no_snapshot(shop: Base) -> None:
    (shop.snapshot().folder / "manifest.json").unlink()
    with pytest.raises(NotFound, match="There is no snapshot"):
        shop.snapshot()


def test_a_snapshot_under_another_name_refuses_to_open(shop: Base) -> None:
    folder = shop.snapshot().folder
    os.rename(folder, folder.with_name("s-other"))
    with pytest.raises(DamagedSnapshot, match="name"):
        shop.snapshot("s-other")


def test_a_byte_changed_after_opening_is_found_by_the_quote_check(shop: Base) -> None:
    snapshot = shop.snapshot()
    flip_byte(snapshot.folder / "texts.bin")
    with pytest.raises(DamagedSnapshot, match="changed text"):
        for clause in snapshot.clauses:
            snapshot.check_quote(clause)


def test_a_text_cut_short_after_opening_is_found_by_the_quote_check(shop: Base) -> None:
    snapshot = shop.snapshot()
    os.truncate(snapshot.folder / "texts.bin", 10)
    with pytest.raises(DamagedSnapshot):
        snapshot.check_quote(snapshot.clauses[0])


def test_another_embedder_is_refused_naming_both(shop: Base) -> None:
    other = TinyEmbedder()
    other.id = "other@7"
    with pytest.raises(EmbedderMismatch, match=r"tiny@1.*other@7.*kb publish"):
        shop.snapshot().require(other)


def test_a_clause_that_is_no_slice_is_refused_and_leaves_nothing_behind(base: Base) -> None:
    content = make_content()
    object.__setattr__(content.clauses[0], "text", "第一条 三十日内可以退货。")
    with base.home.writing(), pytest.raises(KbError, match="not a slice"):
        build(base.home, [content], TinyEmbedder(), {})
    assert os.listdir(base.home.snapshots_folder) == []


def test_two_clauses_with_one_id_are_refused(base: Base) -> None:
    content = make_content(texts=("第一条 甲。", "第二条 乙。"))
    object.__setattr__(content.clauses[1], "id", content.clauses[0].id)
    with base.home.writing(), pytest.raises(KbError, match="two clauses with the id"):
        build(base.home, [content], TinyEmbedder(), {})


def test_a_document_that_supersedes_itself_is_refused(base: Base) -> None:
    with base.home.writing(), pytest.raises(KbError, match="supersede itself"):
        build(base.home, [make_content(supersedes=("a.md",))], TinyEmbedder(), {})


def test_the_id_depends_on_the_content_alone(tmp_path: Path) -> None:
    a, b = make_content("a.md"), make_content("b.md", ("第一条 三日内发货。",))
    one, two = Home(tmp_path / "one"), Home(tmp_path / "two")
    assert built(one, a, b).id == built(two, b, a).id
    assert built(one, a).id != built(two, b).id


def test_another_embedder_gives_another_snapshot(base: Base) -> None:
    other = TinyEmbedder()
    other.id = "other@7"
    content = make_content()
    assert built(base.home, content).id != built(base.home, content, embedder=other).id


def test_the_same_content_is_not_built_again(base: Base) -> None:
    embedder = TinyEmbedder()
    with base.home.writing():
        first = build(base.home, [make_content()], embedder, {})
        again = build(base.home, [make_content()], embedder, {})
    assert (again.id, again.reused, again.embedded) == (first.id, True, 0)


def test_a_damaged_snapshot_of_the_same_content_is_replaced_by_a_whole_one(base: Base) -> None:
    snapshot = built(base.home, make_content())
    flip_byte(snapshot.folder / "clauses.jsonl")
    assert built(base.home, make_content()).verify()["clauses"] == 1


def test_the_same_text_in_two_documents_stays_two_clauses(base: Base) -> None:
    snapshot = built(base.home, make_content("a.md"), make_content("b.md"))
    assert len({clause.id for clause in snapshot.clauses}) == 2
    assert len({clause.text for clause in snapshot.clauses}) == 1


@pytest.mark.parametrize(
    "step",
    [
        "kb.snapshot.VectorIndex.build",
        "kb.snapshot.LexicalIndex.build",
        "kb.snapshot.Snapshot.__init__",
        "kb.snapshot._file_record",
        "kb.parts.text_key",
        "os.fsync",
        "os.rename",
    ],
)
def test_a_build_that_breaks_anywhere_leaves_the_old_snapshot_serving(
    shop: Base, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before, on_disk = shop.ask("无理由退货的运费"), os.listdir(shop.home.snapshots_folder)
    shop.write("new.md", "# 新规则\n\n第一条 生鲜商品不退货。\n")

    def fail(*_args, **_keywords):
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as broken:
        broken.setattr(step, fail)
        with pytest.raises(RuntimeError, match="pulled the plug"):
            shop.ingest()
    assert os.listdir(shop.home.snapshots_folder) == on_disk
    assert shop.ask("无理由退货的运费").citation == before.citation
    assert shop.ingest().plan.added == ("new.md",)


@pytest.mark.parametrize("number, words", [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only")])
def test_a_disk_that_cannot_be_written_is_one_clear_line(
    shop: Base, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    current = shop.home.require_current()
    shop.write("returns.md", RETURNS.replace("七日", "八日"))

    def full(*_args, **_keywords):
        raise OSError(number, os.strerror(number), "somewhere")

    with monkeypatch.context() as broken:
        broken.setattr("kb.snapshot.np.save", full)
        with pytest.raises(HomeError, match=words):
            shop.ingest()
    assert shop.home.require_current() == current


def test_a_disk_that_gives_back_other_bytes_is_told_and_the_old_snapshot_serves(
    shop: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, write = shop.home.require_current(), VectorIndex.write

    def failing(index: VectorIndex, file: Path) -> None:
        write(index, file)
        flip_byte(file.with_name("clauses.jsonl"))

    monkeypatch.setattr(VectorIndex, "write", failing)
    shop.write("returns.md", RETURNS.replace("七日", "九日"))
    with pytest.raises(HomeError, match="clauses.jsonl reads otherwise than it was written: the disk is failing"):
        shop.ingest()
    assert shop.snapshot().id == before and shop.home.snapshots() == [before]


def test_opening_writes_nothing(shop: Base) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in shop.path.rglob("*")}

    before = state()
    shop.ask("多久可以退货")
    shop.snapshot().verify()
    assert state() == before


def test_a_deleted_snapshot_stays_readable_for_who_has_it_open(shop: Base) -> None:
    assistant = shop.assistant()
    import shutil

    from assistant import Request

    shutil.rmtree(assistant._snapshot.folder)
    assert assistant.ask(Request("无理由退货的运费由谁承担")).citation is not None


def test_contents_come_back_as_they_went_in(base: Base) -> None:
    from datetime import date

    content = make_content(
        "a.md", ("第一条 甲方。", "第二条 𠮷野家。"), scope={"platform": "桐里"}, effective_from=date(2025, 1, 2),
        supersedes=("old.md",), owner="王", notes=("少一页",), evidence={"title": "front matter"}, given={"owner": "王"},
    )  # fmt: skip
    empty = make_content("b.md", ())
    assert list(built(base.home, content, empty).contents()) == [content, empty]


def test_verify_finds_a_vector_outside_its_clause(base: Base) -> None:
    snapshot = built(base.home, make_content())
    snapshot.units = np.array([[0, 0, 10_000]], dtype=np.int32)
    with pytest.raises(DamagedSnapshot, match="outside clause"):
        snapshot.verify()


def test_what_the_reader_knew_of_the_text_comes_back_whole(tmp_path: Path) -> None:
    content = make_content(texts=("第一条 依照第二条办理。", "第二条 七日内退货。"))
    first = replace(content.clauses[0], references=(Reference(6, 9, "第二条", None, content.clauses[1].id),))
    version = replace(
        content.version, facts={"issuer": "平台"}, doubts=("两个日期不一致",), recognised={2: 0.87, 10: 0.5}
    )
    boxes = (Box(0, 12, 1, 72.0, 90.5, 300.0, 104.0), Box(13, 23, 2, 72.0, 90.5, 250.0, 104.0))
    whole = Content(version, (first, content.clauses[1]), boxes)
    assert list(built(Home(tmp_path), whole).contents()) == [whole]


def test_a_place_on_a_page_for_text_that_is_not_there_is_no_content(tmp_path: Path) -> None:
    content = make_content()
    beyond = replace(content, boxes=(Box(0, len(content.version.text) + 1, 1, 0, 0, 1, 1),))
    with pytest.raises(KbError, match="place on a page"):
        built(Home(tmp_path), beyond)
