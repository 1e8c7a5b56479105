"""Keeping the base in step with its sources: incremental equals full, and nothing is lost in silence."""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import InvalidMetadata, SourceError
from ingest.series import families
from kb.errors import Busy, DamagedSnapshot, HomeError, SettingsError
from kb.moments import show_from
from tests.support import RETURNS, SHIPPING, WARRANTY, Base, at, comparable, flip_byte, front_matter, heed_interrupts

QUESTIONS = ("无理由退货的运费由谁承担", "多久发货", "电池保修多久", "进水了保修吗")
PROGRAM = Path(__file__).parent.parent / "tiny_kb.py"


def test_a_second_ingest_reads_nothing_embeds_nothing_and_builds_nothing(shop: Base) -> None:
    before = shop.home.require_current()
    embedded = len(shop.embedder.embedded)
    report = shop.ingest()
    assert (len(report.plan.unchanged), report.embedded, report.snapshot) == (2, 0, before)
    assert len(shop.embedder.embedded) == embedded
    assert report.published and report.clauses_reused == 5


def test_only_the_changed_clause_is_embedded_again(shop: Base) -> None:
    shop.embedder.embedded.clear()
    shop.write("shipping.md", SHIPPING.replace("三日内", "两日内"))
    report = shop.ingest()
    assert report.plan.updated == ("shipping.md",)
    assert (report.clauses_added, report.clauses_reused, report.clauses_retired) == (1, 4, 1)
    assert report.embedded == len(shop.embedder.embedded) > 0
    assert all("两日内" in text for text in shop.embedder.embedded)  # the clause and its sentences, nothing else


def test_a_document_added_again_after_it_was_retired_is_not_embedded_again(shop: Base) -> None:
    (shop.sources / "shipping.md").unlink()
    assert shop.ingest().plan.retired == ("shipping.md",)
    shop.write("shipping.md", SHIPPING)
    report = shop.ingest()
    assert report.plan.added == ("shipping.md",) and report.embedded == 0


def test_the_same_text_in_two_files_is_two_documents_embedded_once(base: Base) -> None:
    base.write("a.md", RETURNS)
    base.write("b.md", RETURNS)
    base.ingest()
    assert len(set(base.clause_ids())) == 6
    assert len(base.embedder.embedded) == len(set(base.embedder.embedded))


def test_a_file_that_is_gone_retires_its_document(shop: Base) -> None:
    (shop.sources / "shipping.md").unlink()
    report = shop.ingest()
    assert report.plan.retired == ("shipping.md",) and report.clauses_retired == 2
    assert {clause.document for clause in shop.snapshot().clauses} == {"returns.md"}


def test_another_folder_leaves_the_first_ones_documents_alone(shop: Base, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "warranty.md").write_text(WARRANTY)
    assert shop.ingest(other).plan.retired == ()
    assert len({clause.document for clause in shop.snapshot().clauses}) == 3


def test_an_emptied_folder_is_refused_and_forced_only_with_a_reason(shop: Base) -> None:
    before = shop.home.require_current()
    shutil.rmtree(shop.sources)
    shop.sources.mkdir()
    refused = shop.ingest()
    assert not refused.published and "retire all 2 documents" in refused.refused_because[0]
    assert shop.home.require_current() == before
    assert shop.ingest(force="the shop is closed").published
    assert shop.clause_ids() == []


def test_a_file_that_broke_keeps_its_old_version_and_is_named(shop: Base) -> None:
    before = shop.ask(QUESTIONS[1])
    shop.write("shipping.md", b"\x00\x01\x02" * 50)
    report = shop.ingest()
    (failure,) = report.plan.failed
    assert failure.path == "shipping.md" and "last good version stays" in failure.reason
    assert shop.ask(QUESTIONS[1]).citation == before.citation


def test_a_file_that_cannot_be_opened_is_named_and_keeps_its_old_version(
    shop: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = os.open

    def closed(path, *arguments):
        if str(path).endswith("shipping.md"):
            raise PermissionError(13, "Permission denied")
        return opening(path, *arguments)

    with monkeypatch.context() as broken:
        broken.setattr("ingest.sources.os.open", closed)
        report = shop.ingest()
    assert [f.path for f in report.plan.failed] == ["shipping.md"]
    assert "Permission denied" in report.plan.failed[0].reason
    assert report.plan.retired == ()


def test_when_no_file_gives_text_there_is_no_snapshot(base: Base) -> None:
    base.write("empty.md", "")
    report = base.ingest()
    assert (report.snapshot, report.published, len(report.plan.failed)) == (None, False, 1)
    assert base.home.current() is None


def test_a_draft_is_built_and_not_published(shop: Base) -> None:
    before = shop.home.require_current()
    shop.write("warranty.md", WARRANTY)
    report = shop.ingest(draft=True)
    assert not report.published and report.snapshot in shop.home.snapshots()
    assert shop.home.require_current() == before


def test_a_draft_can_be_made_current_later_without_embedding(shop: Base) -> None:
    shop.write("warranty.md", WARRANTY)
    draft = shop.ingest(draft=True).snapshot
    report = shop.ingest()
    assert (report.snapshot, report.embedded, report.published) == (draft, 0, True)


# --- keys, places, metadata -----------------------------------------------------------------------------------


def test_a_second_source_for_a_key_is_refused_naming_both_unless_set_apart(shop: Base, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "returns.md").write_text(WARRANTY)
    with pytest.raises(SourceError, match=f"{shop.sources}/returns.md; {other}/returns.md.*--as PREFIX"):
        shop.ingest(other)
    assert shop.ingest(other, prefix="phones").plan.added == ("phones/returns.md",)


def test_a_second_source_for_a_key_with_a_prefix_is_refused_too(base: Base, tmp_path: Path) -> None:
    base.write("a.md", RETURNS)
    base.ingest(prefix="shop")
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text(WARRANTY)
    with pytest.raises(SourceError, match="already comes from"):
        base.ingest(other, prefix="shop")


def test_a_folder_that_moved_keeps_its_documents_and_embeds_nothing(shop: Base, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    os.rename(shop.sources, elsewhere)
    report = shop.ingest(elsewhere)
    assert report.plan.moved == ("returns.md", "shipping.md") and report.embedded == 0
    (elsewhere / "shipping.md").unlink()
    assert shop.ingest(elsewhere).plan.retired == ("shipping.md",)


def test_what_was_set_by_hand_outlives_an_edit_and_is_taken_back_by_an_empty_value(shop: Base) -> None:
    shop.ingest(given=["authority=law"])
    shop.write("shipping.md", SHIPPING.replace("三日", "四日"))
    shop.ingest()
    assert {v.authority for v in shop.snapshot().versions} == {"law"}
    shop.ingest(given=["authority="])
    assert {v.authority for v in shop.snapshot().versions} == {"script"}


def test_changed_rules_in_the_folder_are_followed_though_no_document_changed(shop: Base) -> None:
    shop.write("koujing.toml", '[defaults]\nauthority = "platform_rule"\n')
    report = shop.ingest()
    assert report.plan.updated == ("returns.md", "shipping.md") and report.embedded == 0


def test_metadata_that_cannot_be_meant_fails_its_file_alone(shop: Base) -> None:
    shop.write("warranty.md", front_matter(WARRANTY, authority="king"))
    shop.write("other.md", RETURNS)
    plan = shop.ingest().plan
    assert [(f.path, "king" in f.reason) for f in plan.failed] == [("warranty.md", True)]
    assert plan.added == ("other.md",)


def test_a_document_that_would_end_before_it_begins_fails(shop: Base) -> None:
    shop.write("warranty.md", front_matter(WARRANTY, effective_from="2025-01-01", effective_to="2024-01-01"))
    (failure,) = shop.ingest().plan.failed
    assert "effective_to" in failure.reason and "2024-01-01" in failure.reason


def test_a_given_value_that_cannot_be_meant_stops_before_anything_is_read(shop: Base) -> None:
    with pytest.raises(InvalidMetadata, match=r"2025-13-01.*--set"):
        shop.ingest(given=["effective_from=2025-13-01"])


def test_a_file_ingested_by_itself_stays_its_folders(shop: Base) -> None:
    shop.ingest(shop.sources / "shipping.md")
    (shop.sources / "shipping.md").unlink()
    assert shop.ingest().plan.retired == ("shipping.md",)


# --- incremental equals full -----------------------------------------------------------------------------------

TEXTS = (RETURNS, SHIPPING, WARRANTY, RETURNS.replace("七日", "十五日"), WARRANTY + "\n第三条 换机保修九十天。\n")
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([*TEXTS, None])), min_size=1, max_size=6)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_an_incremental_ingest_equals_a_full_rebuild(steps: list[tuple[str, str | None]], tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("bases")
    incremental = Base(folder)
    incremental.write("always.md", SHIPPING)
    for name, text in steps:
        file = incremental.sources / f"{name}.md"
        if text is None:
            file.unlink(missing_ok=True)
        else:
            incremental.write(file.name, text)
        incremental.ingest()
    assert len(incremental.embedder.embedded) == len(set(incremental.embedder.embedded))

    full = Base(folder)
    full.path = folder / "rebuilt"
    full.ingest()
    assert full.home.require_current() == incremental.home.require_current()
    assert full.clause_ids() == incremental.clause_ids()
    for question in QUESTIONS:
        assert comparable(full.ask(question)) == comparable(incremental.ask(question))


def test_reading_everything_again_changes_nothing(shop: Base) -> None:
    before = shop.home.require_current()
    report = shop.ingest(full=True)
    assert (report.snapshot, report.embedded, len(report.plan.unchanged)) == (before, 0, 2)


# --- interruptions --------------------------------------------------------------------------------------------


def test_a_second_ingest_at_the_same_time_is_told(shop: Base) -> None:
    with shop.home.writing(), pytest.raises(Busy):
        shop.ingest()


def test_a_damaged_base_is_refused_and_rebuilt_by_full(shop: Base) -> None:
    flip_byte(shop.snapshot().folder / "texts.bin")
    shop.write("warranty.md", WARRANTY)
    with pytest.raises(DamagedSnapshot, match="kb ingest --full"):
        shop.ingest()
    assert shop.ingest(full=True).published
    shop.snapshot().verify()


@pytest.mark.parametrize("step", ["kb.home.Home.publish", "kb.home.os.replace", "ingest.reindex.build"])
def test_a_publish_that_breaks_leaves_the_old_snapshot_serving(
    shop: Base, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = shop.home.require_current()
    shop.write("warranty.md", WARRANTY)

    def fail(*_args, **_keywords):
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as broken:
        broken.setattr(step, fail)
        with pytest.raises(RuntimeError):
            shop.ingest()
    assert shop.home.require_current() == before
    shop.snapshot().verify()
    assert shop.ingest().plan.added == ("warranty.md",)


def test_an_ingest_killed_at_any_moment_leaves_the_old_base_or_the_new(shop: Base) -> None:
    before = shop.home.require_current()
    for n in range(30):
        shop.write(f"more/{n}.md", RETURNS.replace("七日", f"{n + 10}日"))
    expected = Base(shop.path.parent / "expected")
    expected.sources = shop.sources
    after = expected.ingest().snapshot

    moments = random.Random(7)
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, PROGRAM, "--home", shop.path, "ingest", shop.sources, "--json"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_writer(shop, process)
        time.sleep(moments.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        assert shop.home.require_current() in (before, after)
        shop.snapshot().verify()
        assert shop.ask(QUESTIONS[1]).citation is not None
    shop.ingest()
    assert shop.home.require_current() == after
    assert not list(shop.home.snapshots_folder.glob(".building-*"))


def wait_for_writer(base: Base, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        held = (base.path / "write.lock").read_text()
        if f"process {process.pid}\n" in held:
            return
        time.sleep(0.005)


def test_a_file_whose_name_is_no_text_fails_alone(shop: Base) -> None:
    (shop.sources / os.fsdecode(b"bad\xff.md")).write_text(WARRANTY)
    report = shop.ingest()
    assert [failure.path for failure in report.plan.failed] == ["bad\\udcff.md"]
    assert (len(report.plan.unchanged), report.published) == (2, True)


def test_vectors_of_texts_that_no_snapshot_holds_are_forgotten(shop: Base) -> None:
    shop.path.joinpath("settings.toml").write_text("[base]\nkeep_snapshots = 1\n")
    for days in ("十日", "十一日", "十二日", "十三日"):
        shop.write("warranty.md", WARRANTY.replace("第一条", f"第一条 {days}"))
        assert shop.ingest().published
    shop.write("warranty.md", WARRANTY.replace("第一条", "第一条 十日"))
    assert shop.ingest().embedded > 0, "its snapshot was pruned, and its vectors with it"


# --- archives ---------------------------------------------------------------------------------------------------


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def documents(base: Base) -> list[str]:
    return sorted({version.document for version in base.snapshot().versions})


def test_members_of_an_archive_are_documents_and_follow_it(base: Base) -> None:
    base.write("a.zip", zipped({"退货.md": RETURNS, "inner.zip": zipped({"发货.md": SHIPPING})}))
    assert base.ingest().plan.added == ("a.zip/inner.zip/发货.md", "a.zip/退货.md")
    (version,) = [v for v in base.snapshot().versions if v.document == "a.zip/退货.md"]
    assert version.source == f"{base.sources}/a.zip!/退货.md"

    again = base.ingest()
    assert (len(again.plan.unchanged), again.embedded, again.plan.failed) == (2, 0, ())

    base.write("a.zip", zipped({"退货.md": RETURNS.replace("七日", "十日"), "保修.md": WARRANTY}))
    plan = base.ingest().plan
    assert (plan.added, plan.updated, plan.retired) == (
        ("a.zip/保修.md",), ("a.zip/退货.md",), ("a.zip/inner.zip/发货.md",)
    )  # fmt: skip

    base.write("b.md", WARRANTY)
    (base.sources / "a.zip").unlink()
    assert base.ingest().plan.retired == ("a.zip/保修.md", "a.zip/退货.md")


@pytest.mark.parametrize("spoilt", [b"PK\x03\x04 cut off", b"PK\x05\x06"])
def test_an_archive_that_broke_keeps_its_documents_and_is_named(base: Base, spoilt: bytes) -> None:
    base.write("a.zip", zipped({"退货.md": RETURNS}))
    base.ingest()
    base.write("a.zip", spoilt)
    plan = base.ingest().plan
    (failure,) = plan.failed
    assert failure.path == "a.zip" and "last good version stays" in failure.reason
    assert plan.retired == () and documents(base) == ["a.zip/退货.md"]


def test_a_member_that_broke_keeps_its_document_while_the_others_are_read(base: Base) -> None:
    base.write("a.zip", zipped({"inner.zip": zipped({"退货.md": RETURNS}), "b.md": SHIPPING}))
    base.ingest()
    base.write("a.zip", zipped({"inner.zip": b"PK\x03\x04 cut off", "b.md": SHIPPING.replace("三日", "四日")}))
    plan = base.ingest().plan
    assert [f.path for f in plan.failed] == ["a.zip/inner.zip"]
    assert (plan.updated, plan.retired) == (("a.zip/b.md",), ())
    assert documents(base) == ["a.zip/b.md", "a.zip/inner.zip/退货.md"]


def test_an_archive_ingested_by_itself_and_moved_keeps_its_documents(base: Base, tmp_path: Path) -> None:
    archive = base.write("a.zip", zipped({"退货.md": RETURNS}))
    base.ingest(archive)
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(archive, tmp_path / "elsewhere" / "a.zip")
    with pytest.raises(SourceError, match=f"already comes from {archive}"):
        base.ingest(tmp_path / "elsewhere")
    archive.unlink()
    report = base.ingest(tmp_path / "elsewhere")
    assert report.plan.moved == ("a.zip/退货.md",) and report.embedded == 0


def test_an_archive_of_a_kept_folder_ingested_by_itself_stays_that_folders(base: Base) -> None:
    archive = base.write("a.zip", zipped({"退货.md": RETURNS}))
    base.write("b.md", SHIPPING)
    base.ingest()
    base.ingest(archive)
    archive.unlink()
    assert base.ingest().plan.retired == ("a.zip/退货.md",)


def test_what_an_archive_holds_beside_documents_is_in_the_report(base: Base) -> None:
    base.write(
        "a.zip", zipped({"退货.md": RETURNS, "__MACOSX/._退货.md": "x", "../out.md": SHIPPING, "x.png": b"\x89PNG"})
    )
    plan = base.ingest().plan
    assert (plan.added, plan.hidden) == (("a.zip/退货.md",), 1)
    assert sorted(f.path for f in plan.failed) == ["a.zip/../out.md", "a.zip/x.png"]


# --- notices that many documents share --------------------------------------------------------------------------

NOTICE = "技术支持：桐里科技有限公司"  # by itself it might be a rule of the shop


def noted(text: str) -> str:
    return f"{text}\n{NOTICE}\n"


def test_a_notice_in_many_documents_leaves_the_clauses_of_all_once_it_is_known(base: Base) -> None:
    base.write("a.md", noted(RETURNS))
    base.write("b.md", noted(SHIPPING))
    base.ingest()
    assert NOTICE in "".join(c.text for c in base.snapshot().clauses)
    base.write("c.md", noted(WARRANTY))
    report = base.ingest()
    assert (report.plan.added, report.plan.updated) == (("c.md",), ("a.md", "b.md"))
    assert NOTICE not in "".join(c.text for c in base.snapshot().clauses)
    left_out = [(item.document, item.text) for item in report.plan.left_out if item.reason == "boilerplate"]
    assert left_out == [("a.md", NOTICE), ("b.md", NOTICE), ("c.md", NOTICE)]

    full = Base(base.path.parent / "again")
    full.sources = base.sources
    assert full.ingest().snapshot == report.snapshot
    assert base.ingest().snapshot == report.snapshot  # and it stays so

    (base.sources / "c.md").unlink()
    base.ingest()
    assert NOTICE in "".join(c.text for c in base.snapshot().clauses)  # two documents prove nothing


# --- reading in processes of their own ----------------------------------------------------------------------------


def test_what_comes_of_it_does_not_depend_on_how_many_read(tmp_path: Path) -> None:
    snapshots = set()
    for workers in (1, 3):
        base = Base(tmp_path / str(workers))
        base.sources = tmp_path / "sources"
        base.sources.mkdir(exist_ok=True)
        for n in range(12):
            base.write(f"{n}.md", noted(RETURNS.replace("七日", f"{n + 10}日")))
        base.write("x.html", f"<html><body><h1>发货规则</h1><p>{SHIPPING}</p></body></html>")
        base.write("a.zip", zipped({"退货.md": RETURNS, "broken.docx": b"PK\x03\x04"}))
        base.path.mkdir(parents=True)
        (base.path / "settings.toml").write_text(f"[ingest]\nworkers = {workers}\n")
        report = base.ingest()
        snapshots.add((report.snapshot, report.plan.added, report.plan.failed))
    assert len(snapshots) == 1


def hostile(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Files called hostile.md are read by `code`, in the process that reads."""
    folder.mkdir()
    (folder / "readers_of_tests.py").write_text(
        "import os, time\nfrom ingest import readers\n"
        "def read(job, tell):\n"
        "    if job.source.key.endswith('hostile.md'):\n"
        f"        {code}\n"
        "    return readers.read(job, tell)\n"
    )
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr("ingest.reindex.READ", "readers_of_tests:read")


@pytest.mark.parametrize(
    "code, words",
    [
        ("tell('page 3 of 40'); time.sleep(60)", "longer than 3 s at page 3 of 40"),
        ("os._exit(9)", "its reader crashed"),
        ("bytearray(2 ** 40)", "needed more than 500 MiB"),
    ],
)
def test_a_file_that_takes_its_reader_down_is_named_and_the_others_are_read(
    base: Base, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, words: str
) -> None:
    for name in ("a.md", "hostile.md", "z.md"):
        base.write(name, RETURNS)
    base.ingest()
    (base.path / "settings.toml").write_text("[ingest]\nworkers = 2\nseconds_per_file = 3\nmemory_mb = 500\n")
    hostile(monkeypatch, tmp_path / "code", code)
    base.write("hostile.md", SHIPPING)
    base.write("z.md", WARRANTY)
    report = base.ingest()
    (failure,) = report.plan.failed
    assert failure.path == "hostile.md" and words in failure.reason and "last good version stays" in failure.reason
    assert report.published and report.plan.updated == ("z.md",)
    assert len(documents(base)) == 3


def test_a_disk_that_is_full_is_no_fault_of_the_file_that_was_read(
    base: Base, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    base.write("a.md", RETURNS)
    before = base.ingest().snapshot
    (base.path / "settings.toml").write_text("[ingest]\nmemory_mb = 501\n")  # else a process that knows no hostile code
    hostile(monkeypatch, tmp_path / "code", "raise OSError(28, 'No space left on device')")
    base.write("hostile.md", SHIPPING)
    with pytest.raises(HomeError, match="the disk is full.*The base is as it was"):
        base.ingest()
    assert base.snapshot().id == before


def test_a_file_that_is_gone_when_its_turn_comes_is_named(shop: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    file = shop.write("warranty.md", WARRANTY)
    opening = os.open

    def late(path, *arguments):
        if str(path) == str(file):
            file.unlink(missing_ok=True)
        return opening(path, *arguments)

    monkeypatch.setattr("ingest.sources.os.open", late)
    (failure,) = shop.ingest().plan.failed
    assert failure.path == "warranty.md" and "gone now" in failure.reason


def test_a_file_above_the_limit_is_named_and_a_wrong_limit_is_refused(shop: Base) -> None:
    shop.path.joinpath("settings.toml").write_text("[ingest]\nfile_mb = 1\n")
    shop.write("large.txt", b" " * (2 << 20))
    (failure,) = shop.ingest().plan.failed
    assert failure.path == "large.txt" and "more than the 1 allowed" in failure.reason
    shop.path.joinpath("settings.toml").write_text("[ingest]\nfile_mb = 0\n")
    with pytest.raises(SettingsError, match=r"ingest\.file_mb is 0"):
        shop.ingest()


def test_the_report_names_what_is_alike_where_something_was_read(shop: Base) -> None:
    shop.write("copy of returns.md", RETURNS)
    (found,) = shop.ingest().plan.duplicates
    assert {found.first, found.second} == {"returns.md", "copy of returns.md"}
    assert shop.ingest().plan.duplicates == ()


def test_progress_names_files_and_reaches_its_end(shop: Base) -> None:
    shop.write("a.zip", zipped({f"{n}.md": RETURNS + str(n) for n in range(3)}))
    heard: list[tuple[str, int, int, str]] = []
    shop.ingest(progress=lambda *what: heard.append(what))
    assert [stage for stage, _, _, _ in heard if stage != "embed"][-1] == "read"
    assert {"unpack", "read", "embed"} <= {stage for stage, _, _, _ in heard}
    read = [what for what in heard if what[0] == "read"]
    assert read[-1][1:3] == (5, 5) and all(0 <= done <= total for _, done, total, _ in heard)
    assert any(detail.startswith("a.zip/1.md") for *_, detail in read)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_ingest_that_is_told_to_stop_leaves_the_base_as_it_was_and_no_process(
    shop: Base, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sent: signal.Signals
) -> None:
    before = shop.home.require_current()
    pid_file = tmp_path / "pid"
    hostile(monkeypatch, tmp_path / "code", f"open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, runpy\n"
        f"sys.path[:0] = [{str(tmp_path / 'code')!r}]\n"
        "import ingest.reindex\n"
        "ingest.reindex.READ = 'readers_of_tests:read'\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    shop.write("hostile.md", WARRANTY)
    process = subprocess.Popen(
        [sys.executable, program, PROGRAM, "--home", shop.path, "ingest", shop.sources],
        preexec_fn=heed_interrupts,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (pid_file.exists() and pid_file.read_text()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(sent)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "kb: stopped; the base is as it was."
    assert "Traceback" not in said
    assert not Path(f"/proc/{pid_file.read_text()}").exists()
    assert shop.home.require_current() == before
    assert not list(shop.home.snapshots_folder.glob(".building-*"))


# --- versions -----------------------------------------------------------------------------------------------------


def dated(text: str, first: str) -> str:
    return front_matter(text, effective_from=first)


def states(base: Base, day: str) -> dict[str, str]:
    """Version id -> its state, with the first moment of each."""
    snapshot = base.snapshot()
    return {
        f"{v.document} {show_from(v.effective_from)}": snapshot.validity[v.id].state(at(day)).value
        for v in snapshot.versions
    }


NEXT_YEAR = RETURNS.replace("七日", "十五日")


def test_dated_copies_are_versions_and_a_new_one_takes_over_by_itself(base: Base) -> None:
    base.write("退货规则_20240101.md", RETURNS)
    first = base.ingest()
    ids = base.clause_ids()
    base.write("退货规则_20260101.md", NEXT_YEAR)
    report = base.ingest()
    assert (report.plan.added, report.plan.updated) == (("退货规则_20260101.md",), ())
    assert report.clauses_added == 1, "what both say is not embedded again"
    assert base.clause_ids() == ids * 2 and first.snapshot != report.snapshot
    assert states(base, "2025-12-31") == {
        "退货规则_20240101.md 2024-01-01": "in_force",
        "退货规则_20260101.md 2026-01-01": "pending",
    }
    assert states(base, "2026-01-01")["退货规则_20260101.md 2026-01-01"] == "in_force"
    again = base.ingest()
    assert (again.embedded, len(again.plan.unchanged), again.snapshot) == (0, 2, report.snapshot)

    (base.sources / "退货规则_20260101.md").unlink()
    assert base.ingest().plan.retired == ("退货规则_20260101.md",)
    assert base.home.require_current() == first.snapshot, "the base is what it was before the copy came"


def test_an_edit_that_begins_later_waits_beside_the_text_that_is_in_force(base: Base) -> None:
    base.write("returns.md", dated(RETURNS, "2024-01-01"))
    base.ingest()
    base.write("returns.md", dated(NEXT_YEAR, "2026-01-01"))
    report = base.ingest()
    assert report.plan.updated == ("returns.md",)
    waiting = {"returns.md 2024-01-01": "in_force", "returns.md 2026-01-01": "pending"}
    assert states(base, "2025-12-31") == waiting
    assert [f.name for f in families(report.plan.contents)] == ["returns.md"]

    for unchanged in (base.ingest(), base.ingest(full=True)):
        assert (unchanged.embedded, len(unchanged.plan.unchanged), unchanged.snapshot) == (0, 1, report.snapshot)
    base.write("returns.md", b"\x00\x01\x02" * 50)
    assert [f.path for f in base.ingest().plan.failed] == ["returns.md"]
    assert states(base, "2025-12-31") == waiting, "a broken file takes none of its versions away"

    base.write("returns.md", dated(NEXT_YEAR.replace("运费由买家", "运费由商家"), "2027-01-01"))
    base.ingest()
    assert states(base, "2026-06-01") == {
        "returns.md 2024-01-01": "expired", "returns.md 2026-01-01": "in_force", "returns.md 2027-01-01": "pending",
    }  # fmt: skip
    base.write("returns.md", dated(NEXT_YEAR, "2025-01-01"))
    base.ingest()
    assert set(states(base, "2025-06-01")) == {"returns.md 2024-01-01", "returns.md 2025-01-01"}

    os.rename(base.sources, moved := base.sources.parent / "moved")
    assert base.ingest(moved).plan.moved == ("returns.md",)
    assert len(states(base, "2025-06-01")) == 2
    (moved / "returns.md").unlink()
    (moved / "other.md").write_text(WARRANTY)
    assert base.ingest(moved).plan.retired == ("returns.md",)
    assert {v.document for v in base.snapshot().versions} == {"other.md"}


def test_an_edit_of_the_day_alone_moves_the_day_and_one_without_a_day_replaces_all(base: Base) -> None:
    base.write("returns.md", dated(RETURNS, "2024-01-01"))
    base.ingest()
    base.write("returns.md", dated(NEXT_YEAR, "2026-01-01"))
    base.ingest()
    base.write("returns.md", dated(NEXT_YEAR, "2026-03-01"))
    assert base.ingest().embedded == 0
    assert set(states(base, "2026-02-01")) == {"returns.md 2024-01-01", "returns.md 2026-03-01"}
    base.write("returns.md", NEXT_YEAR)
    base.ingest()
    assert states(base, "2020-01-01") == {"returns.md None": "in_force"}


def test_a_draft_is_in_the_base_and_ends_nothing(base: Base) -> None:
    base.write("规则_2024-01-01.md", RETURNS)
    base.write("规则_2025-01-01.md", front_matter(NEXT_YEAR, status="草稿"))
    base.write("规则_2020-01-01.md", front_matter(RETURNS.replace("七日", "三日"), status="已废止"))
    base.ingest()
    assert list(states(base, "2025-06-01").values()) == ["retired", "in_force", "draft"]


COPIES = tuple(f"{name}_202{n}-01-01.md" for name in ("a", "b") for n in range(3))
COPY_TEXTS = (RETURNS, NEXT_YEAR, RETURNS.replace("买家承担", "商家承担"), WARRANTY)
COPY_STEPS = st.lists(st.tuples(st.sampled_from((*COPIES, "a.md")), st.sampled_from([*COPY_TEXTS, None])), max_size=7)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=COPY_STEPS)
def test_copies_that_come_and_go_leave_what_a_rebuild_gives(
    steps: list[tuple[str, str | None]], tmp_path_factory
) -> None:
    folder = tmp_path_factory.mktemp("bases")
    incremental = Base(folder)
    incremental.write("always.md", SHIPPING)
    for name, text in steps:
        if text is None:
            (incremental.sources / name).unlink(missing_ok=True)
        else:
            incremental.write(name, text)
        incremental.ingest()
    incremental.ingest()
    full = Base(folder)
    full.path = folder / "rebuilt"
    full.ingest()
    assert full.home.require_current() == incremental.home.require_current()
