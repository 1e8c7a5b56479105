"""`kb`, in process with the tiny embedder: what it prints, and its exit status in every kind of trouble."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import shlex
import sqlite3
import subprocess
import sys
import termios
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support import RETURNS, WARRANTY, ZONE, Base, TinyEmbedder, flip_byte, front_matter, heed_interrupts
from ui import cli

ROOT = Path(__file__).parent.parent.parent
KB = ROOT / ".venv" / "bin" / "kb"
TINY = ROOT / "tests" / "tiny_kb.py"
QUESTION = "无理由退货的运费由谁承担"

CLAUSE_KEYS = {"id", "document", "title", "label", "path", "text", "context", "start", "end", "page", "sha256", "version",
               "effective_from", "effective_to", "authority", "scope", "language"}  # fmt: skip
ANSWER_KEYS = {"id", "question", "status", "reason", "clause", "quote", "highlights", "confidence", "why",
               "alternatives", "reply", "escalate", "snapshot", "timings_ms"}  # fmt: skip
REPORT_KEYS = {"added", "updated", "unchanged", "retired", "failed", "clauses", "embedded", "conflicts", "snapshot",
               "published", "refused_because", "seconds"}  # fmt: skip


class Ran(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def kb(base: Base, tiny_by_default: TinyEmbedder, monkeypatch: pytest.MonkeyPatch, capfdbinary) -> Run:
    """Runs a command on the base's home as `kb` would, and returns what it printed."""

    def run(*arguments: object, home: Path | None = base.path) -> Ran:
        where = ["--home", str(home)] if home else []
        monkeypatch.setattr(sys, "argv", ["kb", *where, *map(str, arguments)])
        capfdbinary.readouterr()
        status = 0
        try:
            cli.main()
        except SystemExit as exited:
            status = exited.code if isinstance(exited.code, int) else 0
        out, err = (stream.decode() for stream in capfdbinary.readouterr())
        assert "Traceback" not in out + err
        return Ran(status, out, err)

    return run


def one_line(error: str) -> bool:
    return len(error.strip().splitlines()) == 1


# --- the whole way ---------------------------------------------------------------------------------------------


def test_from_a_folder_to_an_answer_and_back(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    first = kb("ingest", base.sources, "--json")
    assert (first.status, first.json["added"], first.json["published"]) == (0, ["returns.md"], True)
    assert set(first.json) >= REPORT_KEYS and set(first.json["clauses"]) == {"added", "reused", "retired"}

    answer = kb("ask", QUESTION, "--json")
    assert answer.status == 0 and set(answer.json) >= ANSWER_KEYS and set(answer.json["clause"]) == CLAUSE_KEYS
    clause = answer.json["clause"]
    assert clause["label"] == "第二条" and RETURNS[clause["start"] : clause["end"]] == clause["text"]
    assert [set(a) for a in answer.json["alternatives"]] == [{"clause", "score", "lost_because"}] * 2

    base.write("warranty.md", WARRANTY)
    second = kb("ingest", base.sources, "--json").json
    assert second["unchanged"] == 1 and second["snapshot"] != first.json["snapshot"]
    rolled = kb("rollback", "--json").json
    assert rolled == {"snapshot": first.json["snapshot"], "left": second["snapshot"]}
    assert kb("ask", QUESTION, "--json").json["snapshot"] == first.json["snapshot"]
    left = next(s for s in kb("snapshots", "--json").json["snapshots"] if s["id"] == second["snapshot"])
    assert left["published_before"], "no draft: it answered once"
    assert kb("publish", second["snapshot"], "--json").json["published"]
    listed = kb("snapshots", "--json").json["snapshots"]
    assert [(s["id"], s["current"]) for s in listed] == [(second["snapshot"], True), (first.json["snapshot"], False)]


def test_json_is_one_object_on_standard_output_and_nothing_else(kb: Run, shop: Base) -> None:
    clause = shop.clause_ids()[0]
    for command in (
        ("ingest", shop.sources), ("ask", QUESTION), ("ask", "在吗"), ("search", "运费"), ("documents",),
        ("documents", "--clauses"), ("show", clause), ("snapshots",), ("verify",), ("doctor",), ("rollback",),
    ):  # fmt: skip
        ran = kb(*command, "--json")
        assert ran.out == "" or isinstance(ran.json, dict), command
        assert ran.out.count("\n") <= 1, command


def test_for_people_every_command_prints_plain_words(kb: Run, shop: Base) -> None:
    clause = shop.clause_ids()[0]
    for command, words in (
        (("ask", QUESTION), "运费由买家承担"),
        (("ask", "在吗"), "没有看出客户要问什么"),
        (("search", "运费"), "退货规则"),
        (("documents", "--clauses"), clause),
        (("show", clause), "第一条"),
        (("snapshots",), "current"),
        (("verify",), "sound; 2 documents, 5 clauses"),
        (("ingest", shop.sources), "unchanged 2 documents"),
    ):
        ran = kb(*command)
        assert ran.status == 0 and words in ran.out + ran.err, command


def test_documents_list_every_clause_as_the_contract_says(kb: Run, shop: Base) -> None:
    listing = kb("documents", "--clauses", "--json").json["documents"]
    assert [d["document"] for d in listing] == ["returns.md", "shipping.md"]
    assert set(listing[0]) >= {"document", "title", "status", "versions", "clauses"}
    assert [set(c) >= {"id", "label", "path", "start", "end", "page"} for c in listing[0]["clauses"]] == [True] * 3
    assert "clauses" not in kb("documents", "--json").json["documents"][0]


def test_a_clause_is_shown_with_its_documents_history(kb: Run, shop: Base) -> None:
    shown = kb("show", shop.clause_ids()[0], "--json").json
    assert shown["text"] in RETURNS + (shop.sources / "shipping.md").read_text()
    assert len(shown["history"]) == 1 and shown["history"][0]["state"] == "in_force"


def test_search_gives_each_stages_score(kb: Run, shop: Base) -> None:
    hits = kb("search", "运费", "--top", 2, "--json").json["hits"]
    assert len(hits) == 2 and set(hits[0]["stages"]) == {"dense", "sentence", "lexical"}
    assert hits[0]["score"] >= hits[1]["score"]


def test_the_home_comes_from_the_option_then_the_environment_then_the_folder(
    kb: Run, shop: Base, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KB_HOME", str(shop.path))
    assert kb("ask", QUESTION, "--json", home=None).status == 0
    assert kb("ask", QUESTION, "--home", shop.path, "--json", home=None).status == 0
    monkeypatch.delenv("KB_HOME")
    monkeypatch.chdir(tmp_path)
    refused = kb("ask", QUESTION, home=None)
    assert refused.status == 1 and str(tmp_path / ".kb") in refused.err


def test_a_chat_before_the_question_is_read_from_a_file(kb: Run, shop: Base, tmp_path: Path) -> None:
    for name, text in (
        ("chat.txt", "客户：我要无理由退货\n客服：好的"),
        ("chat.json", '[{"role": "customer", "text": "我要无理由退货"}, {"role": "agent", "text": "好的"}]'),
    ):
        (tmp_path / name).write_text(text)
        answer = kb("ask", "那运费呢，由谁承担", "--history", tmp_path / name, "--json")
        assert answer.json["clause"]["label"] == "第二条", name


def test_what_is_set_reaches_the_clause(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    kb(
        "ingest",
        base.sources,
        "--set",
        "authority=law",
        "--set",
        "scope.platform=桐里",
        "--set",
        "effective_from=2024-07-01",
    )
    clause = kb("ask", QUESTION, "--json").json["clause"]
    assert (clause["authority"], clause["scope"], clause["effective_from"]) == (
        "law",
        {"platform": "桐里"},
        "2024-07-01",
    )
    outside = kb("ask", QUESTION, "--scope", "platform=别处", "--json").json
    assert outside["clause"] is None and outside["status"] == "abstained"
    for named in ("平台=别处", "Platform＝别处", " platform = 别处 "):
        assert kb("ask", QUESTION, "--scope", named, "--json").json["understood"]["scope"] == {"platform": "别处"}
    early = kb("ask", QUESTION, "--as-of", "2024-06-30", "--json").json
    assert early["clause"] is None


# --- exit status -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command, words",
    [
        (("ask", QUESTION, "--as-of", "2024-02-30"), "2024-02-30"),
        (("ask", QUESTION, "--as-of", "tomorrow"), "tomorrow"),
        (("ask", QUESTION, "--scope", "platform"), "KEY=VALUE"),
        (("ask", QUESTION, "--scope", "planet=Mars"), "'planet' is unknown; expected one of"),
        (("ask", QUESTION, "--history", "/nowhere.txt"), "/nowhere.txt cannot be read"),
        (("ask", ""), "empty"),
        (("ask",), "Expected one QUESTION"),
        (("ask", QUESTION, "--batch", "in.jsonl"), "belong together"),
        (("ask", QUESTION, "--top", "99"), "--top"),
        (("ask", QUESTION, "--tops", "3"), "--tops"),
        (("ask", "--batch", "/nowhere.jsonl", "--out", "/tmp/out.jsonl"), "cannot be read"),
        (("ingest", "/nowhere"), "/nowhere does not exist"),
        (("ingest", ".", "--set", "authorty=law"), "authorty"),
        (("ingest", ".", "--set", "authority"), "key=value"),
        (("ingest",), "PATH"),
        (("forget",), "forget"),
        (("serve", "--port", "99999"), "--port"),
    ],
)
def test_wrong_use_is_status_2_with_what_was_found(kb: Run, shop: Base, command: tuple, words: str) -> None:
    ran = kb(*command)
    assert ran.status == 2 and words in ran.err and ran.out == ""


@pytest.mark.parametrize("setting", ["authority=king", "effective_from=soon", "effective_to=2025-13-01"])
def test_metadata_that_cannot_be_meant_is_status_2_and_changes_nothing(kb: Run, shop: Base, setting: str) -> None:
    before = shop.home.require_current()
    ran = kb("ingest", shop.sources, "--set", setting)
    assert ran.status == 2 and setting.split("=")[1] in ran.err
    assert shop.home.require_current() == before


def test_broken_rules_in_the_folder_are_status_2(kb: Run, shop: Base) -> None:
    shop.write("koujing.toml", "[defaults")
    ran = kb("ingest", shop.sources)
    assert ran.status == 2 and "koujing.toml" in ran.err and "valid TOML" in ran.err


def test_a_bad_date_in_a_document_names_it(kb: Run, shop: Base) -> None:
    shop.write("warranty.md", front_matter(WARRANTY, effective_from="2025-13-45"))
    ran = kb("ingest", shop.sources)
    assert ran.status == 1 and "warranty.md: effective_from" in ran.out


def test_files_that_cannot_be_read_are_named_and_the_rest_is_published(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    base.write("empty.md", "")
    base.write("photo.pdf", b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    ran = kb("ingest", base.sources, "--json")
    assert ran.status == 1 and ran.json["published"]
    assert {f["path"] for f in ran.json["failed"]} == {"empty.md", "photo.pdf"}
    assert all(f["reason"] for f in ran.json["failed"])


def test_an_emptied_folder_is_status_1_until_it_is_forced(kb: Run, shop: Base) -> None:
    for file in shop.sources.iterdir():
        file.unlink()
    refused = kb("ingest", shop.sources, "--json")
    assert refused.status == 1 and not refused.json["published"] and refused.json["refused_because"]
    forced = kb("ingest", shop.sources, "--force", "--because", "closed", "--json")
    assert forced.status == 0 and forced.json["published"]


def test_a_draft_is_status_0(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    ran = kb("ingest", base.sources, "--draft", "--json")
    assert ran.status == 0 and not ran.json["published"]
    assert "kb publish" in kb("ingest", base.sources, "--draft").out


def test_two_sources_with_one_key_are_status_2_and_set_apart_by_a_prefix(kb: Run, shop: Base, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "returns.md").write_text(WARRANTY)
    refused = kb("ingest", other)
    assert refused.status == 2 and str(shop.sources) in refused.err and str(other) in refused.err
    assert kb("ingest", other, "--as", "phones", "--json").json["added"] == ["phones/returns.md"]


@pytest.mark.parametrize("command", [("ask", QUESTION), ("search", "运费"), ("documents",), ("verify",), ("rollback",)])
def test_an_empty_base_is_status_1_and_says_how_to_begin(kb: Run, base: Base, command: tuple) -> None:
    ran = kb(*command)
    assert ran.status == 1 and one_line(ran.err) and ran.out == ""
    assert command[0] == "rollback" or "kb ingest PATH" in ran.err


@pytest.mark.parametrize("command", [("publish", "s-nothing"), ("rollback", "s-nothing"), ("show", "c-nothing")])
def test_a_name_that_is_not_there_is_status_1_and_says_what_is(kb: Run, shop: Base, command: tuple) -> None:
    ran = kb(*command)
    assert ran.status == 1 and one_line(ran.err) and command[1] in ran.err


def test_a_second_writer_is_status_1(kb: Run, shop: Base) -> None:
    with shop.home.writing():
        ran = kb("ingest", shop.sources)
    assert ran.status == 1 and "Another process" in ran.err


def test_another_embedder_is_status_1_and_names_both(kb: Run, shop: Base, tiny_by_default: TinyEmbedder) -> None:
    tiny_by_default.id = "other@7"
    ran = kb("ask", QUESTION)
    assert ran.status == 1 and "tiny@1" in ran.err and "other@7" in ran.err and "kb publish" in ran.err


def test_a_changed_byte_in_any_file_is_status_1_and_found_by_verify(kb: Run, shop: Base) -> None:
    snapshot = shop.snapshot()
    for name in ("manifest.json", *snapshot.manifest["files"]):
        file = snapshot.folder / name
        whole = file.read_bytes()
        flip_byte(file)
        ran = kb("ask", QUESTION, "--json")
        assert ran.status == 1 and ran.out == "" and one_line(ran.err), name
        verified = kb("verify", "--json")
        assert verified.status == 1 and not verified.json["ok"], name
        file.write_bytes(whole)
    assert kb("verify", "--json").json["ok"]


def test_settings_that_cannot_be_meant_are_status_1(kb: Run, shop: Base) -> None:
    (shop.path / "settings.toml").write_text("[base]\nkeep_snapshot = 3\n")
    ran = kb("ask", QUESTION)
    assert ran.status == 1 and "base.keep_snapshot" in ran.err and one_line(ran.err)


def test_a_home_that_is_a_file_is_status_1(kb: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = kb("ask", QUESTION, home=tmp_path / "file")
    assert ran.status == 1 and one_line(ran.err)


def test_rollback_without_an_earlier_snapshot_is_status_1(kb: Run, shop: Base) -> None:
    ran = kb("rollback")
    assert ran.status == 1 and "no earlier snapshot" in ran.err


def test_publishing_a_damaged_snapshot_is_refused(kb: Run, shop: Base) -> None:
    current = shop.home.require_current()
    shop.write("warranty.md", WARRANTY)
    draft = kb("ingest", shop.sources, "--draft", "--json").json["snapshot"]
    flip_byte(shop.home.snapshots_folder / draft / "texts.bin")
    assert kb("publish", draft).status == 1
    assert shop.home.require_current() == current


# --- as a program ----------------------------------------------------------------------------------------------


def program(*command: object, **environment: str) -> Ran:
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    helped = program(KB, "--help")
    assert helped.status == 0
    assert all(word in helped.out for word in ("ingest", "ask", "search", "rollback", "doctor"))
    code = (
        "import sys, ui.cli; print([m for m in ('torch', 'faiss', 'numpy', 'gradio', 'fastapi') if m in sys.modules])"
    )
    assert program(sys.executable, "-c", code).out.strip() == "[]"


def test_wrong_use_of_the_program_is_status_2() -> None:
    wrong = program(KB, "ask", "--as-off", "x")
    assert wrong.status == 2 and "--as-off" in wrong.err and "Traceback" not in wrong.err


def test_two_processes_print_the_same_bytes(shop: Base) -> None:
    def printed(seed: str) -> str:
        ran = program(sys.executable, TINY, "--home", shop.path, "ask", QUESTION, "--json", PYTHONHASHSEED=seed)
        answer = ran.json
        del answer["timings_ms"]
        return json.dumps(answer)  # keeps the order of the keys

    assert printed("1") == printed("2")


def test_a_port_in_use_is_status_1(kb: Run, shop: Base) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = kb("serve", "--port", taken.getsockname()[1])
    assert ran.status == 1 and "Cannot listen" in ran.err and "--port" in ran.err


def test_a_snapshot_of_another_embedder_is_neither_published_nor_gone_back_to(kb: Run, shop: Base) -> None:
    first = shop.home.require_current()
    shop.write("warranty.md", WARRANTY)
    second = shop.ingest().snapshot
    (shop.path / "settings.toml").write_text('[embedding]\nmodel = "another/model"\n')
    for command in (("publish", first), ("rollback",), ("rollback", first)):
        ran = kb(*command)
        assert ran.status == 1 and "another/model" in ran.err
    assert shop.home.require_current() == second


def test_going_back_to_a_damaged_snapshot_is_refused(kb: Run, shop: Base) -> None:
    first = shop.home.require_current()
    shop.write("warranty.md", WARRANTY)
    second = shop.ingest().snapshot
    flip_byte(shop.path / "snapshots" / first / "clauses.jsonl")
    assert kb("rollback").status == 1
    assert shop.home.require_current() == second


def test_a_folder_without_a_manifest_is_listed_as_damaged(kb: Run, shop: Base) -> None:
    (shop.path / "snapshots" / "s-half").mkdir()
    listed = kb("snapshots", "--json")
    assert listed.status == 0 and [row["id"] for row in listed.json["snapshots"] if "damaged" in row] == ["s-half"]


@pytest.mark.parametrize("command", [("publish", "s-nothing"), ("rollback",)])
def test_a_refused_publish_makes_no_folder(kb: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    assert kb(*command, home=tmp_path / "none").status == 1
    assert not (tmp_path / "none").exists()


def test_a_batch_takes_no_options_of_one_question(kb: Run, shop: Base, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("{}")
    ran = kb("ask", "--batch", tmp_path / "in.jsonl", "--out", tmp_path / "out.jsonl", "--as-of", "2025-01-01")
    assert ran.status == 2 and not (tmp_path / "out.jsonl").exists()


def test_a_deeply_nested_history_is_status_2(kb: Run, shop: Base, tmp_path: Path) -> None:
    (tmp_path / "history").write_text("[" * 100_000)
    assert kb("ask", QUESTION, "--history", tmp_path / "history").status == 2


@pytest.mark.parametrize("text", ['[{"role": "customer", "text": "x"}', '{"role": ', "[{'role': 'customer'}]"])
def test_a_history_of_broken_json_is_no_chat_but_status_2(kb: Run, shop: Base, tmp_path: Path, text: str) -> None:
    (tmp_path / "history").write_text(text)
    ran = kb("ask", QUESTION, "--history", tmp_path / "history")
    assert ran.status == 2 and "begins like JSON" in ran.err and "\n" not in ran.err.strip()


def test_a_chat_may_begin_with_a_bracket(kb: Run, shop: Base, tmp_path: Path) -> None:
    (tmp_path / "history").write_text("[10:02:11] 客户：我要无理由退货\n[10:02:30] 客服：好的")
    assert kb("ask", "那运费呢，由谁承担", "--history", tmp_path / "history").status == 0


def test_the_doctor_reads_the_assistant_settings_too(kb: Run, shop: Base) -> None:
    (shop.path / "settings.toml").write_text("[assistant]\nlines = 1\n")
    ran = kb("doctor")
    assert ran.status == 1 and "assistant.lines" in ran.out


def test_the_version_needs_no_command(kb: Run) -> None:
    ran = kb("--version", home=None)
    assert ran.status == 0 and ran.out.startswith("koujing ")


@pytest.mark.parametrize("command", [("ask", QUESTION), ("snapshots",), ("doctor",)])
def test_a_disk_that_fails_is_one_line(kb: Run, shop: Base, command: tuple[str, ...]) -> None:
    (shop.path / "current.json").unlink()
    (shop.path / "current.json").mkdir()
    ran = kb(*command)
    assert ran.status == 1 and "current.json" in ran.err + ran.out


def test_a_current_snapshot_that_is_gone_is_not_sound(kb: Run, shop: Base) -> None:
    (shop.path / "current.json").write_text('{"snapshot": "s-gone", "before": []}')
    ran = kb("verify", "--json")
    assert ran.status == 1 and not ran.json["ok"]


def test_a_pointer_that_names_no_id_is_one_line(kb: Run, shop: Base) -> None:
    (shop.path / "current.json").write_text('{"snapshot": 5, "before": []}')
    ran = kb("ask", QUESTION)
    assert ran.status == 1 and "kb publish ID" in ran.err


# --- the audit log ---------------------------------------------------------------------------------------------


def test_what_was_answered_is_found_in_the_log_and_replayed(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    kb("ingest", base.sources)
    answer = kb("ask", QUESTION, "--json").json
    [entry] = kb("audit", QUESTION, "--json").json["entries"]
    assert (entry["subject"], entry["snapshot"]) == (answer["id"], answer["snapshot"])
    assert answer["id"] in kb("audit", "--kind", "answer").out
    assert kb("audit", "--until", "2020-01-01", "--json").json == {"entries": []}
    moment = datetime.fromisoformat(entry["at"]).astimezone(ZONE)
    assert f"{moment:%Y-%m-%d %H:%M:%S}" in kb("audit").out  # as the base's clocks show it
    day, next_day = moment.date().isoformat(), (moment.date() + timedelta(days=1)).isoformat()
    assert len(kb("audit", "--since", day, "--until", day, "--json").json["entries"]) == 3
    assert kb("audit", "--since", next_day, "--json").json == {"entries": []}
    again = kb("replay", answer["id"], "--json")
    assert (again.status, again.json["same"], again.json["answer"]["quote"]) == (0, True, answer["quote"])
    assert "byte for byte" in kb("replay", answer["id"]).out
    unknown = kb("replay", "a-0")
    assert unknown.status == 1 and one_line(unknown.err)
    wrong = kb("audit", "--since", "yesterday")
    assert wrong.status == 2 and "2026-01-31" in wrong.err


def test_a_log_that_was_altered_is_found_by_verify(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    kb("ingest", base.sources)
    assert kb("audit", "--verify", "--json").json["ok"] and kb("verify", "--json").json["audit"]["ok"]
    with sqlite3.connect(base.path / "state.sqlite") as database:
        database.execute("DROP TRIGGER audit_is_not_rewritten")
        database.execute("UPDATE audit SET kind = 'rollback'")
    assert kb("audit", "--verify").status == 1
    report = kb("verify", "--json")
    assert report.status == 1 and not report.json["audit"]["ok"] and report.json["snapshots"][0]["ok"]


def test_answers_are_not_logged_where_the_settings_say_so(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    kb("ingest", base.sources)
    (base.path / "settings.toml").write_text("[base]\naudit_answers = false\n")
    assert kb("ask", QUESTION).status == 0
    assert kb("audit", "--kind", "answer", "--json").json == {"entries": []}


def test_what_a_snapshot_changes_and_whose_answers(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    old = kb("ingest", base.sources, "--json").json["snapshot"]
    kb("ask", QUESTION)
    base.write("returns.md", RETURNS.replace("买家承担", "商家承担"))
    new = kb("ingest", base.sources, "--json").json["snapshot"]
    report = kb("diff", old, new, "--recent", 10, "--json").json
    assert [clause["label"] for clause in report["changed"]] == ["第二条"] and report["added"] == []
    [change] = report["answers"]
    assert (change["question"], change["cause"]) == (QUESTION, "edited")
    shown = kb("diff", old, new, "--recent", 10).out
    assert "1 of 1 answers change" in shown and "returns.md › 第二条" in shown
    assert kb("diff", old, new, "--json").json["answers"] is None
    assert kb("diff", old, "s-none").status == 1
    none = kb("diff", old, new, "--golden")
    assert none.status == 2 and "questions/golden.jsonl" in none.err and one_line(none.err)


def test_gaps_and_overdue_reviews_are_listed(kb: Run, base: Base) -> None:
    base.write("returns.md", front_matter(RETURNS, review_by="2020-01-31"))
    kb("ingest", base.sources)
    assert kb("gaps", "--json").json == {"gaps": []} and "Every logged question" in kb("gaps").out
    kb("ask", "在吗")
    [gap] = kb("gaps", "--json").json["gaps"]
    assert gap["question"] == "在吗" and gap["reasons"] == {"unclear_question": 1} and "在吗" in kb("gaps").out
    assert kb("stale", "--json").json["documents"][0]["review_by"] == "2020-01-31"
    assert "2020-01-31" in kb("stale").out


# --- publishing ------------------------------------------------------------------------------------------------

SEVEN = "# 售后手册\n\n第一条 买家自签收之日起7天内，可以申请无理由退货。\n"
FIFTEEN = "# 客服手册\n\n第一条 买家自签收之日起15天内，可以申请无理由退货。\n"


@pytest.fixture
def quarrel(base: Base) -> Base:
    """Two departments' handbooks that give different days."""
    base.write("service/a.md", SEVEN)
    base.write("desk/b.md", FIFTEEN)
    return base


def test_two_handbooks_that_contradict_each_other_are_not_published(kb: Run, quarrel: Base) -> None:
    refused = kb("ingest", quarrel.sources, "--json")
    assert refused.status == 1 and not refused.json["published"] and refused.json["conflicts"] == 1
    [reason] = refused.json["refused_because"]
    for words in ("售后手册", "客服手册", "7天", "15天", "service/a.md", "desk/b.md"):
        assert words in reason
    assert kb("ask", QUESTION).status == 1, "nothing is published"
    [conflict] = kb("conflicts", "--json").json["conflicts"]
    assert conflict["blocks"] and conflict["first"]["text"] != conflict["second"]["text"]
    shown = kb("ingest", quarrel.sources)
    assert shown.status == 1 and "[7天]" in shown.out and "[15天]" in shown.out
    ids = [conflict[side]["id"] for side in ("first", "second")]
    assert f"kb ruling add no-conflict {ids[0]} {ids[1]}" in shown.out and "supersedes=" in shown.out
    assert f"kb publish {refused.json['snapshot']} --force" in shown.out
    again = kb("publish", refused.json["snapshot"], "--json")
    assert again.status == 1 and again.json["refused_because"] == [reason]


@pytest.mark.parametrize(
    "fields", [{"supersedes": "service/a.md"}, {"scope.channel": "电话"}, {"authority": "platform_rule"}]
)
def test_settled_in_the_documents_it_is_published(kb: Run, quarrel: Base, fields: dict[str, str]) -> None:
    kb("ingest", quarrel.sources)
    quarrel.write("desk/b.md", front_matter(FIFTEEN, **fields))
    settled = kb("ingest", quarrel.sources, "--json")
    assert settled.status == 0 and settled.json["published"] and settled.json["conflicts"] == 0
    assert kb("conflicts", "--json").json["conflicts"] == []


def test_the_command_that_is_shown_settles_it(kb: Run, quarrel: Base) -> None:
    shown = kb("ingest", quarrel.sources).out
    [command] = {line.strip() for line in shown.splitlines() if "supersedes=" in line}
    assert kb(*shlex.split(command)[1:]).status == 0
    settled = kb("ingest", quarrel.sources, "--json")
    assert settled.status == 0 and settled.json["conflicts"] == 0
    assert [d["document"] for d in kb("documents", "--json").json["documents"]] == ["desk/b.md", "service/a.md"]


@pytest.mark.parametrize("kind", ["overrides", "no-conflict"])
def test_a_ruling_settles_it_and_taking_it_back_shows(kb: Run, quarrel: Base, kind: str) -> None:
    [conflict] = kb("ingest", quarrel.sources, "--json").json["checks"]["conflicts"]
    ids = [conflict[side]["id"] for side in ("second", "first")]
    assert kb("ruling", "add", kind, *ids, "--because", "客服部以15天为准").status == 0
    settled = kb("ingest", quarrel.sources, "--json")
    assert settled.status == 0 and settled.json["published"] and settled.json["conflicts"] == 0
    [listed] = kb("conflicts", "--all", "--json").json["conflicts"]
    assert listed["settled_by"] == "ruling" and listed["ruling"].startswith("r-")
    assert listed["winner"] == (ids[0] if kind == "overrides" else None)
    assert kb("publish", "--json").json["unchanged"]
    assert kb("ruling", "withdraw", listed["ruling"], "--because", "弄错了").status == 0
    back = kb("publish", "--json")
    assert back.status == 1 and not back.json["published"] and back.json["conflicts"] == 1
    gone = kb("diff", settled.json["snapshot"], back.json["snapshot"], "--json").json["decisions"]
    assert [(d["id"], d["state"]) for d in gone] == [(listed["ruling"], "withdrawn")]
    quarrel.write("desk/b.md", FIFTEEN.replace("15", "30"))
    suspended = kb("ingest", quarrel.sources, "--force", "--json").json["snapshot"]
    states = kb("diff", settled.json["snapshot"], suspended, "--json").json["decisions"]
    assert [d["state"] for d in states] == ["suspended"]
    assert "suspended" in kb("diff", settled.json["snapshot"], suspended).out


def test_forced_it_is_published_and_the_reason_is_on_record(kb: Run, quarrel: Base) -> None:
    forced = kb("ingest", quarrel.sources, "--force", "--because", "周一裁定", "--json")
    assert forced.status == 0 and forced.json["published"] and forced.json["conflicts"] == 1
    assert "周一裁定" in kb("audit", "--kind", "publish").out
    assert kb("ingest", quarrel.sources, "--json").json["conflicts"] == 1, "it still stands there"


def test_conflicts_make_a_page(kb: Run, quarrel: Base, tmp_path: Path) -> None:
    kb("ingest", quarrel.sources, "--force")
    page = tmp_path / "out.html"
    assert kb("conflicts", "--html", page, "--language", "zh").out.strip() == str(page)
    assert "<mark>7天</mark>" in page.read_text() and "<mark>15天</mark>" in page.read_text()
    assert kb("conflicts", "--language", "fr").status == 2
    assert kb("conflicts", "--snapshot", "s-none").status == 1


def test_diff_asks_the_golden_questions_and_makes_a_page(kb: Run, base: Base, tmp_path: Path) -> None:
    base.write("returns.md", RETURNS)
    old = kb("ingest", base.sources, "--json").json["snapshot"]
    (base.path / "questions").mkdir()
    (base.path / "questions" / "golden.jsonl").write_text(f"{QUESTION}\n今天天气怎么样\n")
    base.write("returns.md", RETURNS.replace("买家承担", "<商家>承担"))
    ran = kb("ingest", base.sources, "--json")
    [change] = ran.json["checks"]["answers"]["changed"]
    assert (ran.status, change["question"], change["source"], change["cause"]) == (0, QUESTION, "golden", "edited")
    page = tmp_path / "diff.html"
    report = kb("diff", old, ran.json["snapshot"], "--golden", "--html", page, "--language", "en", "--json").json
    assert report["questions"] == 2 and len(report["answers"]) == 1
    text = page.read_text()
    assert "<del>买家</del>" in text or "<del>买</del>" in text
    assert "&lt;" in text and "<商家>" not in text and "the clause was edited" in text


def test_answers_that_must_not_change_stop_an_ingest(kb: Run, base: Base) -> None:
    base.write("returns.md", RETURNS)
    kb("ingest", base.sources)
    (base.path / "questions").mkdir()
    (base.path / "questions" / "must-not-change.jsonl").write_text(json.dumps({"question": QUESTION}))
    base.write("returns.md", RETURNS.replace("买家承担", "商家承担"))
    ran = kb("ingest", base.sources, "--json")
    assert ran.status == 1 and QUESTION in ran.json["refused_because"][0]
    (base.path / "questions" / "must-not-change.jsonl").write_text("{")
    broken = kb("ingest", base.sources)
    assert broken.status == 2 and one_line(broken.err) and "line 1" in broken.err


@pytest.mark.parametrize("typed, published", [("y", True), ("n", False), ("\x03", False)])
def test_a_person_at_a_terminal_is_asked_once(kb: Run, base: Base, typed: str, published: bool) -> None:
    base.write("returns.md", RETURNS)
    kb("ingest", base.sources)
    kb("ask", QUESTION)
    base.write("returns.md", RETURNS.replace("买家承担", "商家承担"))
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, TINY, "--home", base.path, "ingest", base.sources],
        stdin=follower, stderr=follower, stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True,
        preexec_fn=lambda: (heed_interrupts(), fcntl.ioctl(0, termios.TIOCSCTTY, 0))[0],
    )  # fmt: skip
    os.close(follower)
    seen = b""
    with contextlib.suppress(OSError):  # the terminal is closed when the process has ended
        sent = False
        while True:
            silent = not select.select([leader], [], [], 2.0)[0]
            if not silent:
                seen += os.read(leader, 4096)
            # A person presses Ctrl-C again if nothing happens: it may come where Python can only report it.
            if b"Publish it?" in seen and (not sent or (silent and typed == "\x03")):
                os.write(leader, (typed if typed == "\x03" else typed + "\n").encode())
                sent = True
    out = process.communicate(timeout=60)[0].decode()
    os.close(leader)
    asked = seen.decode()
    assert "Publish it?" in asked and QUESTION in asked and "1 of 1 answers change" in asked and "商家承担" in asked
    assert (process.returncode == 0) is published and ("is published" in out) is published
    yes = kb("ingest", base.sources, "--yes", "--json")
    assert yes.status == 0 and yes.json["published"]
