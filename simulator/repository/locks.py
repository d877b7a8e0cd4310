"""Locks between processes: one that another process has is waited for, but not for ever."""

import fcntl
import time
from pathlib import Path
from typing import IO

from pcm_agent.errors import TransportError

PATIENCE = 5.0
"""So many seconds a program waits; each change takes a fraction of one."""
MOMENT = 0.2
"""The same of a backend, which nothing may keep from its cars; it tries again later."""
IMPATIENT = 1.0
"""So many seconds after it waited in vain nobody waits again."""
BUSY = "repository-busy"
_PAUSE = 0.02


def take(lock: IO[str] | int, path: Path, patience: float) -> None:
    """Take a lock, which the system takes back with the process.

    Args:
        lock: an open file, or its descriptor.
        path: what is locked, for the message.
        patience: seconds at most.

    Raises:
        TransportError: `repository-busy`.
    """
    last = time.monotonic() + patience
    while not _taken(lock):
        if time.monotonic() >= last:
            raise TransportError(
                "repository-busy", f"{path}: another process is at work there; try again when it has ended"
            )
        time.sleep(_PAUSE)


def _taken(lock: IO[str] | int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
