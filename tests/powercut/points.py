"""Fault points: before each thing that an agent's process does to its disk or says to anybody, it may die.

To die after one step is to die before the next; and some steps may be done by half. Nothing is cleaned up: the process
gets the signal that no process can catch.
"""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ParamSpec, TypeVar

from pcm_agent.adapters.part import Part
from tests.powercut.losses import Change

if TYPE_CHECKING:
    from sqlite3 import _Parameters

Tell = Callable[..., None]
P = ParamSpec("P")
T = TypeVar("T")


def put(owner: object, name: str, value: object) -> None:
    """Change what is not meant to be changed; in a process that ends soon."""
    setattr(owner, name, value)


class Points:
    """Counts the points as they are passed, and dies at one.

    Args:
        dies_at: its number, from 1, or its name; None: at none.
    """

    def __init__(self, dies_at: int | str | None) -> None:
        self.passed: list[str] = []
        self.tell: Tell = lambda *_: None
        """Tells the side that survives."""
        self._dies_at = dies_at

    def reached(self, name: str) -> None:
        if self.dies_next(name):
            self.die()

    def dies_next(self, name: str) -> bool:
        """Count a point; whether it is the one, and the caller is to die by half."""
        self.passed.append(name)
        return self._dies_at in (len(self.passed), name)

    def die(self) -> None:
        self.tell("dying", self.passed[-1])
        os.kill(os.getpid(), signal.SIGKILL)


class Disk:
    """Puts points before what the adapters ask of the system, and tells what a power cut could still undo.

    For this process only, and for good.
    """

    def __init__(self, folder: Path, points: Points) -> None:
        self._folder, self._points = folder, points
        self._kept = 0

    def watch(self) -> None:
        for name in ("mkdir", "open", "rename", "replace", "symlink", "unlink"):
            put(os, name, partial(self._path_call, name, getattr(os, name)))
        put(os, "fsync", partial(self._fsync, os.fsync))
        opened = Part._opened
        put(Part, "_opened", lambda part: TornFile(opened(part), self._points))
        connection = type("_Connection", (TornConnection,), {"points": self._points})
        put(sqlite3, "connect", partial(sqlite3.connect, factory=connection))

    def _path_call(self, name: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        paths = [Path(arg) for arg in args[:2] if isinstance(arg, str | Path)]
        if not any(self._folder in path.parents for path in paths):
            return call(*args, **kwargs)
        self._points.reached(f"{name} {' '.join(self._short(paths))}")
        undo = self._undo_of(name, paths)
        result = call(*args, **kwargs)
        if undo is not None:
            self._points.tell("changed", undo)
        return result

    def _undo_of(self, name: str, paths: list[Path]) -> Change | None:
        """What is to be known to undo a change of a folder: what stood there before, and where it went."""
        path = paths[-1]
        if name in ("mkdir", "open") or (name == "unlink" and not os.path.lexists(path)):
            return None
        link = path.readlink() if path.is_symlink() else None
        kept = None
        if link is None and path.exists():
            kept = self._folder.with_name(f"{self._folder.name}-kept") / f"{os.getpid()}-{self._kept}"
            self._kept += 1
            os.link(path, kept)
        return Change(name, paths[0], path, link, kept)

    def _short(self, paths: Iterable[Path]) -> list[str]:
        inside = (path for path in paths if self._folder in path.parents)
        return ["/".join(part[:12] for part in path.relative_to(self._folder).parts) for path in inside]

    def _fsync(self, call: Callable[[int], None], descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        self._points.reached(f"fsync {' '.join(self._short([path]))}")
        call(descriptor)
        there = os.fstat(descriptor)
        self._points.tell("synced", path, there.st_ino, there.st_size)


class TornFile:
    """A partial file of which a write may be done by half."""

    def __init__(self, file: BinaryIO, points: Points) -> None:
        self._file, self._points = file, points

    def write(self, chunk: bytes) -> int:
        self._points.reached("write")
        if self._points.dies_next("half a write"):
            os.write(self._file.fileno(), chunk[: len(chunk) // 2])
            self._points.die()
        return self._file.write(chunk)

    def flush(self) -> None:
        self._points.reached("flush")
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()

    @property
    def closed(self) -> bool:
        return self._file.closed


class TornConnection(sqlite3.Connection):
    """A database with a point before each statement, and with commits of which only half came to the log."""

    points: Points

    def __init__(self, database: Path, *, isolation_level: None, timeout: float, factory: object) -> None:
        del factory  # this class
        self.points.reached("connect")
        super().__init__(database, isolation_level=isolation_level, timeout=timeout)
        self._log = database.with_name(f"{database.name}-wal")

    def execute(self, sql: str, values: "_Parameters" = (), /) -> sqlite3.Cursor:
        if sql.startswith("SELECT"):
            return super().execute(sql, values)
        self.points.reached(f"sql {sql[:24]}")
        if sql == "COMMIT" and self.points.dies_next("half a COMMIT"):
            before = self._log.read_bytes()
            super().execute(sql, values)
            self._tear(before, self._log.read_bytes())
            self.points.die()
        return super().execute(sql, values)

    def _tear(self, before: bytes, after: bytes) -> None:
        """Let only the first half of what was written be there."""
        padded = before.ljust(len(after), b"\0")
        differs = [at for at, (old, new) in enumerate(zip(padded, after, strict=True)) if old != new]
        if not differs:
            return
        middle = (differs[0] + differs[-1]) // 2
        self._log.write_bytes(after[:middle] + before[middle:])

    def executemany(self, sql: str, rows: "Iterable[_Parameters]", /) -> sqlite3.Cursor:
        self.points.reached(f"sql {sql[:24]}")
        return super().executemany(sql, rows)

    def executescript(self, sql: str, /) -> sqlite3.Cursor:
        self.points.reached("sql schema")
        return super().executescript(sql)
