"""Where the files of repositories are kept: in memory for a run, in a folder for everything else."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import wraps
from pathlib import Path
from typing import IO, Concatenate, ParamSpec, Protocol, TypeVar

from pcm_agent.errors import TransportError
from simulator.repository.locks import IMPATIENT, PATIENCE, take

P = ParamSpec("P")
R = TypeVar("R")
_ABSENT = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class Store(Protocol):
    """Files by name; a name is a path with slashes. A file is there whole, or not at all."""

    def alone(self) -> AbstractContextManager[None]:
        """Let no other process change anything meanwhile. May be nested.

        Raises:
            TransportError: `repository-busy`, `repository-unwritable`.
        """

    def read(self, name: str) -> bytes | None:
        """A file's content; None if there is none.

        Raises:
            TransportError: `repository-unreadable`.
        """

    def write(self, name: str, content: bytes) -> None:
        """Keep a file in place of any other of that name.

        Raises:
            TransportError: `repository-unwritable`.
        """

    def remove(self, name: str) -> None:
        """Forget a file, if it is there.

        Raises:
            TransportError: `repository-unwritable`.
        """

    def names(self, folder: str) -> list[str]:
        """What stands directly in a folder, sorted; nothing if there is no such folder.

        Raises:
            TransportError: `repository-unreadable`.
        """

    def where(self, name: str) -> str:
        """How an error names a file."""


class MemoryStore:
    """See `Store`."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def alone(self) -> AbstractContextManager[None]:
        """No other process knows it."""
        return nullcontext()

    def read(self, name: str) -> bytes | None:
        """A file's content."""
        return self._files.get(name)

    def write(self, name: str, content: bytes) -> None:
        """Keep a file."""
        self._files[name] = content

    def remove(self, name: str) -> None:
        """Forget a file."""
        self._files.pop(name, None)

    def names(self, folder: str) -> list[str]:
        """What stands in a folder."""
        start = f"{folder}/"
        return sorted({name.removeprefix(start).partition("/")[0] for name in self._files if name.startswith(start)})

    def where(self, name: str) -> str:
        """A file's name."""
        return name


class FolderStore:
    """See `Store`.

    Args:
        folder: made if there is none, once something is written.
        patience: seconds at most that another process is waited for.
    """

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self.folder, self.patience = folder, patience
        self._depth = 0
        self._impatient_until = 0.0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process change anything meanwhile; one that does is waited for, but not for long."""
        if self._depth:
            yield
            return
        path = self.folder / ".lock"
        with _errors(path, "repository-unwritable"):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = path.open("w", encoding="ascii")
        with lock:
            self._take(lock, path)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    def _take(self, lock: IO[str], path: Path) -> None:
        """Wait for the lock; who has just done so in vain does not again, so that many calls don't add up."""
        if time.monotonic() < self._impatient_until:
            take(lock, path, 0.0)
            return
        try:
            take(lock, path, self.patience)
        except TransportError:
            self._impatient_until = time.monotonic() + IMPATIENT
            raise

    def read(self, name: str) -> bytes | None:
        """A file's content."""
        path = self._path(name)
        if path is None:
            return None
        with _errors(path, "repository-unreadable"), suppress(*_ABSENT):
            return path.read_bytes()
        return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file beside its place, then move it there."""
        path = self.folder / name
        fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
        with _errors(path, "repository-unwritable"):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with fresh.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Delete a file."""
        path = self.folder / name
        with _errors(path, "repository-unwritable"):
            path.unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        """What stands in a folder."""
        path = self.folder / folder
        with _errors(path, "repository-unreadable"), suppress(*_ABSENT):
            return sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
        return []

    def where(self, name: str) -> str:
        """A file's path."""
        return str(self.folder / name)

    def path_of(self, name: str) -> Path | None:
        """Where a file is that is there; None if it is not."""
        path = self._path(name)
        return path if path is not None and path.is_file() else None

    def _path(self, name: str) -> Path | None:
        """A file's path, as long as it stays in the folder: names come from requests too."""
        parts = name.split("/")
        if "\0" in name or any(part in ("", ".", "..") for part in parts):
            return None
        return self.folder.joinpath(*parts)


class _Stored(Protocol):
    store: Store


S = TypeVar("S", bound=_Stored)


def alone(change: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """A method that reads what there is and writes the next state, without another process in between."""

    @wraps(change)
    def locked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.store.alone():
            return change(self, *args, **kwargs)

    return locked


@contextmanager
def _errors(path: Path, code: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TransportError(code, f"{path}: {error.strerror or error}") from error
