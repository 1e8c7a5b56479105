"""What an ingest says of itself: complete as JSON, brief for people."""

from __future__ import annotations

import io
import os
import zipfile

import orjson
import pytest

from tests.support import RETURNS, SHIPPING, WARRANTY, Base, front_matter
from ui.listing import clause_with_history, documents_to_json, report_to_json
from ui.terminal import print_clause, print_documents, print_ingest_report, progress

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


def test_a_document_that_replaces_what_is_not_there_is_pointed_out(
    base: Base, capsys: pytest.CaptureFixture[str]
) -> None:
    base.write("a.md", front_matter(RETURNS, supersedes="旧规则"))
    report = base.ingest()
    (doubt,) = report_to_json(report)["doubts"]["a.md"]
    assert "supersedes 旧规则, which the base does not have" in doubt
    print_ingest_report(report)
    assert doubt in capsys.readouterr().out.replace("\n", " ")


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


# --- versions -----------------------------------------------------------------------------------------------------

LATER = RETURNS.replace("七日", "十五日")


def versions_of(base: Base) -> Base:
    base.write("退货规则_20200101.md", RETURNS)
    base.write("退货规则_20240101.md", LATER)
    base.write("发货-v1.md", SHIPPING)
    base.write("发货-v2.md", SHIPPING.replace("三日", "两日"))
    base.write("保修.md", front_matter(WARRANTY, status="draft"))
    return base


def test_the_report_says_which_files_were_taken_for_versions_and_their_days(
    base: Base, capsys: pytest.CaptureFixture[str]
) -> None:
    made = versions_of(base).ingest()
    shipping, returns = report_to_json(made)["versions"]
    assert (returns["series"], returns["title"], returns["notes"]) == ("退货规则.md", "退货规则", [])
    assert [(v["document"], v["state"], v["effective_from"], v["effective_to"]) for v in returns["versions"]] == [
        ("退货规则_20200101.md", "expired", "2020-01-01", "2023-12-31"),
        ("退货规则_20240101.md", "in_force", "2024-01-01", None),
    ]
    assert {v["evidence"] for v in returns["versions"]} == {"the date in the file's name"}
    assert "发货-v2.md alone is in force" in shipping["notes"][0]
    assert [v["never_in_force"] for v in shipping["versions"]] == [True, False]
    print_ingest_report(made)
    said = capsys.readouterr().out
    assert "退货规则.md: 2 versions, taken for one document" in said
    assert "退货规则_20200101.md  2020-01-01 – 2023-12-31" in said and "发货-v1.md  on no day" in said
    assert "supersedes" not in said, "what is taken for versions is not proposed as such"

    again = base.ingest()
    assert len(report_to_json(again)["versions"]) == 2
    print_ingest_report(again)
    assert "versions" not in capsys.readouterr().out, "it is no news the second time"


def test_each_file_has_an_entry_that_lists_all_versions_of_its_document(
    base: Base, capsys: pytest.CaptureFixture[str]
) -> None:
    versions_of(base).ingest()
    listing = documents_to_json(base.snapshot(), base.home.settings, True)
    orjson.dumps(listing)
    entries = {entry["document"]: entry for entry in listing["documents"]}
    assert len(entries) == 5
    old, new = entries["退货规则_20200101.md"], entries["退货规则_20240101.md"]
    assert old["series"] == new["series"] == "退货规则.md"
    assert [v["document"] for v in old["versions"]] == [v["document"] for v in new["versions"]]
    assert [clause["id"] for clause in old["clauses"]] == [clause["id"] for clause in new["clauses"]]
    assert old["versions"][0]["replaced_by"] == "退货规则_20240101.md"
    assert (entries["保修.md"]["status"], entries["保修.md"]["series"]) == ("draft", None)
    assert entries["保修.md"]["versions"][0]["state"] == "draft"
    print_documents(listing)
    said = capsys.readouterr().out
    assert "退货规则.md  《退货规则》  2 versions" in said
    assert said.count(new["clauses"][0]["id"]) == 1, "versions share their clauses: each is listed once"


def test_a_file_whose_next_text_waits_lists_both_and_the_clauses_in_force(base: Base) -> None:
    base.write("returns.md", front_matter(RETURNS, effective_from="2020-01-01"))
    base.ingest()
    base.write("returns.md", front_matter("# 退货规则\n\n第一条 全部改了。\n", effective_from="2999-01-01T20:00"))
    report = report_to_json(base.ingest())
    (entry,) = documents_to_json(base.snapshot(), base.home.settings, True)["documents"]
    assert [(v["state"], v["effective_from"], v["effective_to"]) for v in entry["versions"]] == [
        ("in_force", "2020-01-01", "2999-01-01T20:00+08:00"),
        ("pending", "2999-01-01T20:00+08:00", None),
    ]
    assert len(entry["clauses"]) == 3
    assert [family["series"] for family in report["versions"]] == ["returns.md"]


def test_a_clause_is_shown_as_it_is_in_force_with_its_wording_in_each_version(
    base: Base, capsys: pytest.CaptureFixture[str]
) -> None:
    versions_of(base).ingest()
    clause = next(c for c in base.snapshot().clauses if "七日" in c.text)
    record = clause_with_history(base.snapshot(), base.home.settings, clause.id)
    assert (record["document"], record["state"]) == ("退货规则_20240101.md", "in_force")
    assert "十五日" in record["text"]
    assert [("七日" in h["clause"]["text"], h["state"]) for h in record["history"]] == [
        (True, "expired"), (False, "in_force"),
    ]  # fmt: skip
    print_clause(record)
    said = capsys.readouterr().out
    assert said.count("十五日") == 2 and said.count("七日") == 1


def test_a_clause_that_the_version_in_force_no_longer_has_is_shown_as_it_was(
    base: Base, capsys: pytest.CaptureFixture[str]
) -> None:
    base.write("退货规则_20200101.md", RETURNS)
    base.write("退货规则_20240101.md", RETURNS.partition("第三条")[0])
    base.ingest()
    clause = next(c for c in base.snapshot().clauses if c.label == "第三条")
    record = clause_with_history(base.snapshot(), base.home.settings, clause.id)
    assert (record["state"], [h["clause"] is None for h in record["history"]]) == ("expired", [False, True])
    print_clause(record)
    assert "not in force: expired" in (said := capsys.readouterr().out) and "not in it" in said
