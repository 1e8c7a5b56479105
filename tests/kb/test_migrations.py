"""The database of another time: brought up to date by the first command that writes, its log still sealed."""

from __future__ import annotations

import io
import multiprocessing
import os
import sqlite3
import stat
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations

import kb.migrations
from kb.audit import Audit
from kb.decision_log import DecisionLog, new_wording
from kb.decisions import Decisions
from kb.errors import StateError
from kb.home import Home
from kb.snapshot import Snapshot, build
from kb.state import FILE, REVISION
from tests.kb.test_decision_log import LAW, SHOP, about
from tests.support import TinyEmbedder

STEPS = Path(kb.migrations.__file__).parent
TABLES = {"rulings", "asked_as", "replies"}


def migrated(folder: Path, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    engine = sa.create_engine(f"sqlite:///{folder / FILE}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A base with a published snapshot and a database from before there were decisions, one answer in its log."""
    home = Home(tmp_path)
    with home.writing():
        home.publish(build(home, [SHOP, LAW], TinyEmbedder(), {}).id)
    migrated(tmp_path, "0001")
    with sqlite3.connect(tmp_path / FILE) as database:
        from kb.audit import _sealed

        entry = _sealed(1, "2026-01-01T00:00:00.000+00:00", "answer", "old", "s-1", "a-1", {"question": "?"}, "")
        database.execute(
            "INSERT INTO audit VALUES (1, ?, 'answer', 'old', 's-1', 'a-1', '{\"question\":\"?\"}', ?)",
            (entry.at, entry.hash),
        )
        database.execute("UPDATE audit_head SET last = 1, last_hash = ?", (entry.hash,))
    return tmp_path


def tables(folder: Path) -> set[str]:
    with sqlite3.connect(folder / FILE) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def add_one(folder: str, text: str = "能退不") -> None:
    home = Home(Path(folder))
    log = DecisionLog(home)
    log.add([new_wording(about(SHOP, 1), text, "王敏")], Snapshot.open(home), approved=True)
    log.close()


def test_looking_into_an_old_database_changes_nothing(old: Path) -> None:
    log = DecisionLog(Home(old))
    assert log.decisions() == Decisions() and log.entries() == []
    assert not TABLES & tables(old)
    assert Audit(Home(old)).verify().last == 1


def test_an_old_database_is_brought_up_to_date_and_its_log_stays_sealed(old: Path) -> None:
    add_one(str(old))
    assert tables(old) >= TABLES
    audit = Audit(Home(old))
    assert audit.verify().last == 2
    assert [entry.kind for entry in audit.entries()] == ["wording", "answer"]
    assert audit.snapshots_needed() == {"s-1"}


def test_two_processes_bring_it_up_to_date_at_once(old: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=add_one, args=(str(old), text)) for text in ("能退不", "几天能退")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(DecisionLog(Home(old)).decisions().asked_as) == 2 and Audit(Home(old)).verify().last == 3


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(old: Path) -> None:
    add_one(str(old))
    with sqlite3.connect(old / FILE) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StateError, match=f"9999; this one knows {REVISION}"):
        add_one(str(old), "几天能退")
    assert len(DecisionLog(Home(old)).entries()) == 1


def test_the_tables_that_migrations_make_are_those_that_the_code_reads_and_writes(old: Path) -> None:
    add_one(str(old))
    engine = sa.create_engine(f"sqlite:///{old / FILE}")
    from kb.state import metadata

    found = sa.inspect(engine)
    for table in metadata.tables.values():
        assert {c["name"] for c in found.get_columns(table.name)} == {c.name for c in table.columns}, table.name
    engine.dispose()


def test_the_step_to_decisions_is_valid_for_postgresql() -> None:
    out = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": out})
    with Operations.context(context):
        import_module("kb.migrations.versions.0002_decisions").upgrade()
    made = out.getvalue()
    assert all(f"CREATE TABLE {table} (" in made for table in TABLES)
    assert "VARCHAR(64) NOT NULL" in made and "AUTOINCREMENT" not in made and "PRAGMA" not in made


def test_every_statement_of_the_log_compiles_for_postgresql(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.dialects import postgresql

    seen = []
    real = sa.Connection.execute

    def execute(self, statement, *rest, **options):
        if isinstance(statement, sa.sql.ClauseElement):
            seen.append(str(statement.compile(dialect=postgresql.dialect())))
        return real(self, statement, *rest, **options)

    monkeypatch.setattr(sa.Connection, "execute", execute)
    add_one(str(old))
    log = DecisionLog(Home(old))
    log.withdraw([log.decisions().asked_as[0].id], "李华")
    assert any("FOR UPDATE" in statement for statement in seen) and any("DELETE FROM" in s for s in seen)


def test_a_database_on_a_read_only_disk_can_be_looked_into(old: Path) -> None:
    """By another user, since the one that runs the tests may write everywhere."""
    add_one(str(old))
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    for path in [old, *old.rglob("*"), *old.parents]:
        path.chmod(path.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0))
    assert len(DecisionLog(Home(old)).decisions().asked_as) == 1
    assert (child := os.fork()) or _count_as_nobody(old)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def _count_as_nobody(folder: Path) -> None:
    """Ends the process with the number of decisions that are seen."""
    seen = 99
    try:
        os.setgid(65534)
        os.setuid(65534)
        seen = len(DecisionLog(Home(folder)).decisions().asked_as)
    finally:
        os._exit(seen)
