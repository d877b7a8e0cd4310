"""Opens the file that a trace is written to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pcm_agent.errors import TransportError
from simulator.files import why_unwritable


@contextmanager
def opened(path: Path | None, *, by_line: bool = False) -> Iterator[TextIO | None]:
    """The trace's file, in place of what stood there; None where no trace is wanted.

    Args:
        path: where, in a folder that there is.
        by_line: have each record on the disk at once, so that a process that is killed leaves all of them.

    Raises:
        TransportError: `trace-unwritable`.
    """
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8", buffering=1 if by_line else -1)
    except OSError as error:
        raise TransportError("trace-unwritable", why_unwritable(path, error)) from error
    try:
        with file:
            yield file
    except OSError as error:
        raise TransportError("trace-unwritable", f"{path}: {error.strerror}") from error
