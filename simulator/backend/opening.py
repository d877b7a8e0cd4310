"""Opens the backend's database: of a file or a server, or one in memory for a lab."""

import sqlite3
from collections.abc import Iterator

from sqlalchemy import Engine, PoolProxiedConnection, inspect

from simulator.backend.database import DatabaseError, connected, named
from simulator.backend.records import CarRow

_TABLES = CarRow.metadata
"""All of them."""


def open_database(url: str) -> Engine:
    """An engine with all tables made; see `database.connected`.

    Raises:
        DatabaseError: `database-unusable`; `database-outdated`: another version made it.
    """
    engine = connected(url)
    try:
        _check(engine)
        _TABLES.create_all(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _check(engine: Engine) -> None:
    """Refuse what another version made, before anything is put into it."""
    missing = next(_missing(engine), None)
    if missing is not None:
        raise DatabaseError("database-outdated", f"the database {named(engine.url)} is of another version: {missing}")


def _missing(engine: Engine) -> Iterator[str]:
    """What the tables that are there would have to have: what lacks would show only when somebody needs it."""
    made = inspect(engine)
    names = set(made.get_table_names())
    for table in (table for table in _TABLES.sorted_tables if table.name in names):
        there = {column["name"] for column in made.get_columns(table.name)}
        yield from (
            f"its table {table.name} has no {column.name}" for column in table.columns if column.name not in there
        )


_spare: list[Engine] = []
_empty: list[bytes] = []
"""A database without a row, as SQLite keeps it, once one was made."""


def open_in_memory() -> Engine:
    """The same, for a database in memory that nobody else sees.

    An engine that was given back is used again, for what it has learnt of the statements is dear; of the rows that it
    had nothing is left.
    """
    if not _spare:
        return open_database("sqlite://")
    engine = _spare.pop()
    connection = engine.raw_connection()
    try:
        if not _empty:
            _TABLES.create_all(engine)
            _empty.append(_sqlite(connection).serialize())
        else:
            _sqlite(connection).deserialize(_empty[0])
    finally:
        connection.close()
    return engine


def give_back(engine: Engine) -> None:
    """Let a database in memory go; its engine is for `open_in_memory` to use."""
    engine.dispose()
    _spare.append(engine)


def _sqlite(connection: PoolProxiedConnection) -> sqlite3.Connection:
    driver = connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
