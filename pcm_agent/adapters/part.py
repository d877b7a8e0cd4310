"""A download that is not whole yet: a file that grows, and the hash of all that is in it."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import BinaryIO

from pcm_agent.errors import TransportError

BLOCK = 1024 * 1024
"""Bytes read at a time when a file is checked."""
SYNC_EVERY = 8 * 1024 * 1024
"""Bytes after which a file is synced to disk: a power cut takes about so many, and no write has to wait for long."""


class Part:
    """A partial file; made, or opened and hashed, by the first who adds to it.

    Chunks go into the system's memory at once, which costs less than handing them to a thread; what really waits for
    the disk, syncing and hashing what is there already, runs in threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None
        self._closed = False
        self._busy = threading.Lock()
        """A cancelled download may leave a thread that still works on the file, which is closed after it."""
        self._unsynced = 0
        self._syncing: asyncio.Future[None] | None = None

    async def append(self, chunk: bytes) -> None:
        """Add to the file and to the hash.

        Raises:
            TransportError: `disk-full`, `disk-unwritable`; the file is closed for ever then.
        """
        try:
            if self._file is None:
                await asyncio.to_thread(self.open)
            self._write(chunk)
            if self._unsynced >= SYNC_EVERY:
                await self.synced()
                self._begin_to_sync()
        except TransportError:
            self._give_up()
            raise

    async def synced(self) -> None:
        """Return when the syncing that was begun is over; who waits may be cancelled, the syncing goes on."""
        if self._syncing is not None:
            await asyncio.shield(self._syncing)

    def open(self) -> None:
        """Open it for what is to be added, unless it is open, or closed for ever."""
        with self._busy, disk_errors(self._path):
            if self._file is None and not self._closed:
                if self._path.exists():
                    for block in blocks(self._path):
                        self._digest.update(block)
                self._file = self._opened()

    def close(self) -> str:
        """Sync and close it; the SHA-256 of all that is in it, in hexadecimal digits."""
        with self._busy, disk_errors(self._path):
            self._closed = True
            if self._file is not None and not self._file.closed:
                try:
                    os.fsync(self._file.fileno())
                finally:
                    self._file.close()
        return self._digest.hexdigest()

    def _opened(self) -> BinaryIO:
        return self._path.open("ab")

    def _write(self, chunk: bytes) -> None:
        if self._file is None or self._closed:  # it was closed while it was being opened
            return
        with disk_errors(self._path):
            self._file.write(chunk)
            self._file.flush()
        self._digest.update(chunk)
        self._unsynced += len(chunk)

    def _give_up(self) -> None:
        self._closed = True
        if self._file is not None:
            with suppress(OSError):  # closing tries to write once more
                self._file.close()

    def _begin_to_sync(self) -> None:
        self._unsynced = 0
        self._syncing = asyncio.get_running_loop().run_in_executor(None, self._sync)
        self._syncing.add_done_callback(lambda ended: ended.cancelled() or ended.exception())

    def _sync(self) -> None:
        with self._busy, disk_errors(self._path):
            if self._file is not None and not self._file.closed:
                os.fsync(self._file.fileno())


def blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, `BLOCK` at a time."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """What the disk refuses, as a `TransportError` that names the path: `disk-full` or `disk-unwritable`."""
    try:
        yield
    except OSError as error:
        code = "disk-full" if error.errno in (ENOSPC, EDQUOT) else "disk-unwritable"
        raise TransportError(code, f"{path}: {error.strerror}") from error
