"""The journal port on SQLite: write-ahead log, `synchronous=FULL`, so that what is committed survives a power cut."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pcm_agent.errors import TransportError
from pcm_agent.ports import Saved
from pcm_agent.transport import Outgoing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS snapshot (only INTEGER PRIMARY KEY CHECK (only = 1), state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, message BLOB NOT NULL);
"""
_FULL = ("full", "no space")


class SqliteJournal:
    """One file, for one process at a time: it is locked as long as it is open.

    Args:
        path: made if there is none, readable by its owner only, for it holds secrets.

    Raises:
        TransportError: `journal-in-use`, `journal-unreadable`, `journal-unwritable`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Outgoing)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=1)
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except OSError as error:
            raise TransportError("journal-unwritable", f"{path}: {error.strerror}") from error
        except sqlite3.Error as error:
            code = "journal-in-use" if "locked" in str(error) else "journal-unreadable"
            raise self._error(code, error) from error

    def load(self) -> Saved:
        """What was committed last."""
        try:
            row = self._db.execute("SELECT state FROM snapshot").fetchone()
            rows = self._db.execute("SELECT number, message FROM outbox ORDER BY number").fetchall()
            outbox = [(number, self._decoder.decode(message)) for number, message in rows]
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise self._error("journal-unreadable", error) from error
        return Saved(row[0] if row else None, outbox)

    def commit(self, snapshot: bytes | None, add: Sequence[tuple[int, Outgoing]], remove: Sequence[int]) -> None:
        """All of it, on disk, or nothing."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            if snapshot is not None:
                self._db.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?)", (snapshot,))
            for number, message in add:
                self._db.execute("INSERT OR REPLACE INTO outbox VALUES (?, ?)", (number, self._encoder.encode(message)))
            self._db.executemany("DELETE FROM outbox WHERE number = ?", [(number,) for number in remove])
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            full = any(word in str(error) for word in _FULL)
            raise self._error("disk-full" if full else "journal-unwritable", error) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _error(self, code: str, error: Exception) -> TransportError:
        return TransportError(code, f"{self._path}: {error}")
