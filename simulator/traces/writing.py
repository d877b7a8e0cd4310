"""Opens the file that a trace is written to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pcm_agent.errors import TransportError


@contextmanager
def opened(path: Path | None, *, by_line: bool = False) -> Iterator[TextIO | None]:
    """The trace's file, in place of what stood there; None where no trace is wanted.

    Args:
        path: where; its folder is made if there is none.
        by_line: have each record on the disk at once, so that a process that is killed leaves all of them.

    Raises:
        TransportError: `trace-unwritable`.
    """
    if path is None:
        yield None
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w", encoding="utf-8", buffering=1 if by_line else -1)
    except OSError as error:
        raise TransportError("trace-unwritable", f"{path}: {error.strerror}") from error
    try:
        with file:
            yield file
    except OSError as error:
        raise TransportError("trace-unwritable", f"{path}: {error.strerror}") from error
