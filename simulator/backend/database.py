"""The backend's database: SQLite by default, kept safe over a power cut, with errors in our own terms."""

import sqlite3
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, String, TypeDecorator, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import StaticPool

from pcm_agent.errors import PeerError, TransportError


class DatabaseError(TransportError):
    """The backend's database can't be used, or its disk is full; nothing of the transaction was done."""


class Utc(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite itself keeps no zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map: ClassVar = {datetime: Utc, str: String(255)}


def added(db: Session, row: Base) -> bool:
    """Add a row unless its key is there already; whether it was added."""
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        return False
    return True


def connected(url: str) -> Engine:
    """An engine.

    Args:
        url: as SQLAlchemy takes it; `sqlite://` is kept in memory.

    Raises:
        DatabaseError: `database-unusable`, here and from all that is done with the engine.
    """
    shared = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}} if url == "sqlite://" else {}
    engine = create_engine(url, hide_parameters=True, **shared)
    where = named(engine.url)
    event.listen(engine, "handle_error", partial(_explain, where))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", partial(_safe_sqlite, where))
        event.listen(engine, "begin", _begin)
    return engine


def named(url: URL) -> str:
    """What a database is called where people read it: a file by its path, a server by its URL without the password."""
    file = url.database if url.get_backend_name() == "sqlite" else None
    return file or url.render_as_string(hide_password=True)


def _explain(where: str, context: ExceptionContext) -> None:
    """What the database can't do, in our own terms; that a key is there already is for the caller.

    What can't be stored, such as a date before all calendars, is the fault of whoever said it, and no reason to end.
    What else no database has said, such as an interruption or a mistake of our own, stays what it is.
    """
    error, found = context.original_exception, context.sqlalchemy_exception
    if isinstance(found, DataError) or isinstance(error, (OverflowError, ValueError)):
        raise PeerError("content-unusable", f"it can't be stored: {error}") from error
    if isinstance(found, DBAPIError) and not isinstance(found, IntegrityError):
        raise _unusable(where, error) from error


def _unusable(where: str, error: BaseException) -> DatabaseError:
    return DatabaseError("database-unusable", f"the database {where}: {error}; check its rights, its room and its disk")


def _safe_sqlite(where: str, connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # else the driver begins late, and the end of the first savepoint commits
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error as error:
        raise _unusable(where, error) from error


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
