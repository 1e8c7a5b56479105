"""The database of what is not in snapshots: the audit log, and what maintainers have decided.

SQLite in the base's folder unless `base.database` names another. Its tables are made and brought up to date by
migrations (`kb/migrations`), by the first command that writes.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from kb.errors import StateError
from kb.home import Home

FILE = "state.sqlite"
REVISION = "0002"  # the newest migration; each sorts after the one before it
_WAIT_S = 30.0  # for another process's write to end
_MIGRATING = 0x6B6F756A  # of the lock that PostgreSQL holds while tables are made; the number is ours alone

metadata = sa.MetaData()


class State:
    """One base's database. Every method may be called from several threads and processes at once."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.url = home.settings.database or f"sqlite:///{home.path / FILE}"
        try:
            self._engine = _engine(self.url)
        except (SQLAlchemyError, ImportError, ValueError) as error:
            raise StateError(
                f"base.database is {_without_password(self.url)!r}, which cannot be opened ({_first_line(error)}): "
                "expected a URL such as postgresql+psycopg://user@host/name with its driver installed, or nothing."
            ) from error
        self._ready = False

    @contextlib.contextmanager
    def reading(self, since: str = "0001") -> Iterator[sa.Connection | None]:
        """A connection for reading, None where the tables of the migration `since` are not there yet: then nothing
        was written to them either. Makes no file."""
        if not self._exists():
            yield None
            return
        with self._translated("read"), self._for_reading().connect() as connection:
            connection = connection.execution_options(only_reads=True)
            found = _revision(connection)
            yield connection if found is not None and found >= since else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that no other writer overlaps; it is on disk when the block has ended."""
        with self._translated("written"):
            self._prepare()
            with self._engine.begin() as connection:
                yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _for_reading(self) -> sa.Engine:
        """On a read-only disk SQLite cannot make the file that readers and writers share. With no writer, and nothing
        written that is not in the database proper, it can do without."""
        file = Path(self.url.removeprefix("sqlite:///"))
        log = file.with_name(f"{file.name}-wal")
        if not self.url.startswith("sqlite:///") or (log.exists() and log.stat().st_size):
            return self._engine
        try:
            with self._engine.connect() as connection:
                _revision(connection.execution_options(only_reads=True))
        except sa.exc.OperationalError:
            return _engine(f"sqlite:///file:{quote(str(file))}?mode=ro&immutable=1&uri=true")
        return self._engine

    def _exists(self) -> bool:
        return not self.url.startswith("sqlite:///") or Path(self.url.removeprefix("sqlite:///")).is_file()

    def _prepare(self) -> None:
        if self._ready:
            return
        if not self.home.settings.database:
            self.home.path.mkdir(parents=True, exist_ok=True)
        with self._engine.connect() as connection:
            found = _revision(connection.execution_options(only_reads=True))
        if found != REVISION:
            from alembic import command
            from alembic.config import Config
            from alembic.util import CommandError

            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            try:
                # Another process may have been faster: then there is nothing to do.
                with self._engine.begin() as connection:
                    if (
                        connection.dialect.name == "postgresql"
                    ):  # SQLite lets one writer in; here both would make tables
                        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
                    config.attributes["connection"] = connection
                    command.upgrade(config, REVISION)
            except CommandError as error:
                raise StateError(
                    f"{_without_password(self.url)} has the state of a newer version of Koujing (revision {found}; "
                    f"this one knows {REVISION}): use that version, or another base.database."
                ) from error
        self._ready = True

    @contextlib.contextmanager
    def _translated(self, done: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError, sqlite3.Error) as error:
            raise StateError(
                f"{_without_password(self.url)} cannot be {done} ({_first_line(error)}): free some disk space, mend its "
                "permissions or correct base.database, then try again."
            ) from error


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url)
    engine = sa.create_engine(url, connect_args={"timeout": _WAIT_S})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        connection.isolation_level = None  # the driver would begin late, and two writers could pass each other
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        with contextlib.suppress(sqlite3.OperationalError):  # a read-only folder: then nobody writes either
            connection.execute("PRAGMA journal_mode = WAL")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = not connection.get_execution_options().get("only_reads")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _without_password(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True).removeprefix("sqlite:///")
    except SQLAlchemyError:
        return "base.database"


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
