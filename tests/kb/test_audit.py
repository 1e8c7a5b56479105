"""The audit log: sealed, searchable, kept as long as the settings say, whole after kills and with many writers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from kb.audit import Audit, record_change
from kb.errors import SettingsError, StateError
from kb.home import Home
from kb.retention import tidy
from kb.state import FILE
from tests.support import Base

ROOT = Path(__file__).parent.parent.parent


def filled(folder: Path, count: int = 5) -> Audit:
    audit = Audit(Home(folder))
    for n in range(1, count + 1):
        audit.append("answer", {"question": f"第{n}问：能退吗？"}, snapshot=f"s-{n % 2}", subject=f"a-{n}")
    return audit


def tamper(folder: Path, *statements: str) -> None:
    """As someone would who has the file and knows about the triggers."""
    with sqlite3.connect(folder / FILE) as database:
        for name in ("audit_is_not_rewritten", "audit_is_kept"):
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)


def test_what_is_appended_comes_back_newest_first_and_the_chain_holds(tmp_path: Path) -> None:
    audit = filled(tmp_path)
    entries = audit.entries()
    assert [entry.seq for entry in entries] == [5, 4, 3, 2, 1]
    assert entries[0].body == {"question": "第5问：能退吗？"}
    chain = audit.verify()
    assert (chain.first, chain.last, chain.hash) == (0, 5, entries[0].hash)


def test_looking_into_a_base_without_a_log_makes_no_file(tmp_path: Path) -> None:
    audit = Audit(Home(tmp_path / "none"))
    assert audit.entries() == [] and audit.verify().last == 0 and audit.snapshots_needed() == set()
    assert not (tmp_path / "none").exists()


def test_entries_are_found_by_kind_subject_words_and_day(tmp_path: Path) -> None:
    audit = filled(tmp_path)
    audit.append("publish", {"note": "100%_sure"}, snapshot="s-9")
    now, hour, shanghai = datetime.now(UTC), timedelta(hours=1), timezone(timedelta(hours=8))
    assert [e.seq for e in audit.entries(kind="publish")] == [6]
    assert [e.seq for e in audit.entries(subject="a-3")] == [3]
    assert [e.seq for e in audit.entries(text="第4问")] == [4]
    assert [e.seq for e in audit.entries(text="100%_s")] == [6] and audit.entries(text="100__s") == []
    assert len(audit.entries(since=now - hour, until=(now + hour).astimezone(shanghai))) == 6
    assert audit.entries(until=now - hour) == audit.entries(since=(now + hour).astimezone(shanghai)) == []
    assert [e.seq for e in audit.entries(limit=2)] == [6, 5]


def test_the_database_itself_refuses_to_rewrite_or_shorten_the_log(tmp_path: Path) -> None:
    filled(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as database:
        for statement in ("UPDATE audit SET body = '{}' WHERE seq = 2", "DELETE FROM audit WHERE seq = 5"):
            with pytest.raises(sqlite3.IntegrityError, match="audit log is not"):
                database.execute(statement)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE audit SET body = replace(body, '能退', '不能退') WHERE seq = 3", "entry 3"),
        ("UPDATE audit SET at = '2020-01-01T00:00:00.000+00:00' WHERE seq = 1", "entry 1"),
        ("UPDATE audit SET body = 'no json' WHERE seq = 2", "entry 2"),
        ("DELETE FROM audit WHERE seq = 2", "entry 3"),
        ("DELETE FROM audit WHERE seq = 5", "cut short: it ends at entry 4"),
        ("UPDATE audit SET actor = 'someone else' WHERE seq = 5", "entry 5"),
    ],
)
def test_whatever_is_altered_is_found(tmp_path: Path, statement: str, named: str) -> None:
    audit = filled(tmp_path)
    tamper(tmp_path, statement)
    with pytest.raises(StateError, match=named):
        audit.verify()


def test_old_entries_go_after_their_time_and_the_rest_still_holds(tmp_path: Path) -> None:
    audit = filled(tmp_path)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert audit.forget_before(datetime.now(UTC).date()) == 0
    assert audit.forget_before(tomorrow) == 5
    [left] = audit.entries()
    assert (left.kind, left.seq, left.body["entries"]) == ("retention", 6, 5)
    audit.append("answer", {}, subject="a-7")
    assert (audit.verify().first, audit.verify().last) == (5, 7)


def _append_many(folder: str, count: int) -> None:
    audit = Audit(Home(Path(folder)))
    for n in range(count):
        audit.append("answer", {"n": n}, subject=f"{os.getpid()}-{n}")


def test_many_processes_write_one_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)  # a spawned process finds this module by its name
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_append_many, args=(str(tmp_path), 25)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    audit = Audit(Home(tmp_path))
    assert audit.verify().last == 100
    assert len({entry.subject for entry in audit.entries()}) == 100


def test_a_killed_writer_leaves_a_whole_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    writer = multiprocessing.get_context("spawn").Process(target=_append_many, args=(str(tmp_path), 100_000))
    writer.start()
    audit = Audit(Home(tmp_path))
    deadline = time.monotonic() + 60
    while not audit.entries(limit=1) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(writer.pid, signal.SIGKILL)  # type: ignore[arg-type]
    writer.join()
    found = audit.verify().last
    assert found >= 1
    assert audit.append("answer", {}).seq == found + 1


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    filled(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StateError, match="newer version"):
        Audit(Home(tmp_path)).append("answer", {})


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(StateError, match=FILE):
        Audit(Home(tmp_path)).append("answer", {})


def test_an_address_that_names_no_database_is_named_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[base]\ndatabase = "nosuch://me:secret@host/x"\n')
    with pytest.raises(StateError) as raised:
        Audit(Home(tmp_path))
    assert "nosuch://me" in str(raised.value) and "secret" not in str(raised.value)
    (tmp_path / "settings.toml").write_text("[base]\naudit_days = 0\n")
    with pytest.raises(SettingsError, match="audit_days"):
        Home(tmp_path)


def test_the_database_can_be_elsewhere(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "settings.toml").write_text(f'[base]\ndatabase = "sqlite:///{tmp_path}/elsewhere.db"\n')
    record_change(Home(base), "publish", "s-1")
    assert (tmp_path / "elsewhere.db").is_file() and not (base / FILE).exists()


def test_snapshots_that_answers_were_given_from_stay(shop: Base) -> None:
    (shop.path / "settings.toml").write_text("[base]\nkeep_snapshots = 1\n")
    answered = shop.home.require_current()
    Audit(shop.home).append("answer", {}, snapshot=answered)
    unasked = []
    for day in ("八日", "九日", "十日"):
        shop.write("returns.md", f"# 退货规则\n\n第一条 {day}内可以退货。\n")
        unasked.append(shop.ingest().snapshot)
    assert shop.home.snapshots() == [answered, *unasked[-2:]]
    with shop.home.writing():
        Audit(shop.home).forget_before(datetime.now(UTC).date() + timedelta(days=1))
        assert tidy(shop.home) == [answered]
