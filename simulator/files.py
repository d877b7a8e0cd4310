"""Files that people keep: either the whole new text stands there, or what stood there before."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pcm_agent.errors import TransportError


def reason(error: Exception) -> str:
    """Why a file can't be used, in a few words: the system's, or that its content is not what belongs there."""
    return (error.strerror or "it can't be read") if isinstance(error, OSError) else "it is damaged, or something else"


def why_unwritable(path: Path, error: OSError) -> str:
    """Why a file can't be written, in a sentence: mostly its folder is not there, which nobody but the user makes."""
    if not path.parent.exists():
        return f"{path}: the folder {path.parent} does not exist; make it first, or name another"
    return f"{path}: {error.strerror or error}"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Have a folder to oneself: of two processes that write into one, neither would know what it has.

    Raises:
        TransportError: `folder-in-use`, `disk-unwritable`.
    """
    path = folder / ".lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = path.open("w", encoding="ascii")
    except OSError as error:
        raise TransportError("disk-unwritable", f"{path}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system takes it back with the process
        except BlockingIOError as error:
            raise TransportError(
                "folder-in-use", f"{folder}: another process works there; stop that one first"
            ) from error
        yield


def write_atomically(path: Path, text: str, *, code: str = "report-unwritable", parents: bool = False) -> None:
    """Write a text file (UTF-8) beside its place, then move it there.

    What is not a regular file, such as a pipe or `/dev/stdout`, is written directly.

    Args:
        path: where it is to stand.
        text: all of it.
        code: of the error.
        parents: make the folder where there is none.

    Raises:
        TransportError: `code`, with the system's reason; a file that stood there is unchanged.
    """
    try:
        if parents:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise TransportError(code, why_unwritable(path, error)) from error


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
