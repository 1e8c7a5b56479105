"""What an ingest says of itself: complete as JSON, brief for people."""

from __future__ import annotations

import io
import os
import zipfile

import orjson
import pytest

from tests.support import RETURNS, WARRANTY, Base
from ui.listing import report_to_json
from ui.terminal import print_ingest_report, progress

NOTICE = "本文档由桐里文库整理，仅供学习参考"


def fill(base: Base) -> None:
    for n in range(12):
        base.write(f"{n:02}.md", f"{RETURNS}\n{NOTICE}\n")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("保修.md", WARRANTY)
        archive.writestr("../out.md", WARRANTY)
    base.write("a.zip", out.getvalue())
    base.write(".hidden", "x")
    os.symlink("/nowhere", base.sources / "link.md")


def test_the_json_report_is_complete(base: Base) -> None:
    fill(base)
    report = orjson.loads(orjson.dumps(report_to_json(base.ingest())))
    assert (len(report["added"]), report["hidden"]) == (13, 1)
    assert report["skipped"] == [{"path": "link.md", "reason": "a link that leads nowhere"}]
    assert [failure["path"] for failure in report["failed"]] == ["a.zip/../out.md"]
    assert len(report["duplicates"]) == 11
    assert {d["likeness"] for d in report["duplicates"]} == {"same_file"}
    notices = [item for item in report["left_out"] if item["reason"] == "boilerplate"]
    assert [(item["document"], item["text"]) for item in notices] == [(f"{n:02}.md", NOTICE) for n in range(12)]
    assert isinstance(report["doubts"], dict) and isinstance(report["notes"], dict)


def test_people_are_told_the_first_of_each_kind_and_how_many_more(
    base: Base, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(base)
    print_ingest_report(base.ingest())
    said = capsys.readouterr().out
    assert "link.md: a link that leads nowhere" in said and "1 hidden and system files" in said
    assert said.count("same document twice") == 10 and "… and 1 more pairs" in said
    assert "left out  in 12 documents: 12 × boilerplate" in said


def test_progress_without_a_terminal_names_what_takes_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 2.0, 30.0, 31.0])
    monkeypatch.setattr("ui.terminal.time.monotonic", lambda: next(clock))
    with progress() as show:
        show("read", 0, 40, "a.pdf")
        show("read", 1, 40, "a.pdf: page 1 of 9")
        show("read", 1, 40, "a.pdf: page 2 of 9")
        show("read", 1, 40, "a.pdf: page 3 of 9")
        show("read", 40, 40, "")
    assert capsys.readouterr().err.splitlines() == [
        "Reading documents: 0 of 40 (a.pdf)",
        "Reading documents: 1 of 40, about 20 min left (a.pdf: page 3 of 9)",
        "Reading documents: 40 of 40",
    ]
