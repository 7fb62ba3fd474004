"""The station's SQLite file: how it is opened, kept durable and brought to the newest form."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError

from ballot.errors import StationError, UsageError

_BUSY_TIMEOUT_MS = 30_000  # a scan run and the web pages write to the same file


class Database:
    """A connection pool that knows reading from writing.

    Writers begin with ``BEGIN IMMEDIATE``: they wait for each other at the start instead of
    failing in the middle, so what they have read is still true when they write.
    """

    def __init__(self, path: Path) -> None:
        self._engine = _engine(path)
        self._writer = self._engine.execution_options(write=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment and changes nothing."""
        with _plain_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is on disk when the block has ended, or has not happened."""
        with _plain_errors(), self._writer.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Brings the file to the newest form of the tables; does nothing when it has it."""
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def form(self) -> str | None:
        """The revision of the tables; None for an empty file."""
        from alembic.migration import MigrationContext

        with self.reading() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def close(self) -> None:
        """Lets go of the file."""
        self._engine.dispose()


def newest_form() -> str | None:
    """The revision of the tables that this version of the program writes."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head()


def _engine(path: Path) -> Engine:
    # Not as text, in which a folder's «?» would end the name and «%» begin a code.
    engine = create_engine(URL.create("sqlite", database=str(path)))

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where `_begin` says, not before
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise StationError(
            f"The station's database refused the work: {error.orig}.",
            "Nothing of this step was kept. Check the disk and that the file is whole, and run the command "
            "again; «valgskann verify DIR» checks the station.",
        ) from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise UsageError(
            f"The station's database cannot hold what was given: {error}.",
            "Nothing of this step was kept. Give numbers of at most 18 digits, and text in UTF-8.",
        ) from error
