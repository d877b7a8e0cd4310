"""Files that people keep: either the whole new text stands there, or what stood there before."""

import os
from contextlib import suppress
from pathlib import Path

from pcm_agent.errors import TransportError


def write_atomically(path: Path, text: str, *, code: str = "report-unwritable") -> None:
    """Write a text file (UTF-8) beside its place, then move it there.

    What is not a regular file, such as a pipe or `/dev/stdout`, is written directly.

    Args:
        path: where it is to stand; its folder must exist.
        text: all of it.
        code: of the error.

    Raises:
        TransportError: `code`, with the system's reason; a file that stood there is unchanged.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise TransportError(code, f"{path}: {error.strerror or error}") from error


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
