"""One try to fetch the rest of a package: what came, when that is told, and whether it came fast enough."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any, Self

from pcm_agent.core.state import PackageJob
from pcm_agent.errors import TransportError
from pcm_agent.ports import DELTA, Ports
from pcm_agent.transport import Clock, Timer

PROGRESS_INTERVAL = timedelta(seconds=1)
"""Progress is told no more often,"""
PROGRESS_STEPS = 100
"""and no more often than so many times a package, however often its transfer breaks off."""
SLOWEST = 1024
"""Bytes a second that must come: a sender of fewer would keep the car from trying elsewhere (slow retrieval)."""
LOOK_EVERY = timedelta(seconds=60)
"""So long the rate is measured before it is judged."""


class Transfer:
    """Fetches from where the last try ended.

    Args:
        ports: the world outside.
        job: what is to be fetched.
        progressed: is given the bytes on disk now and then.
    """

    def __init__(self, ports: Ports, job: PackageJob, progressed: Callable[[int], None]) -> None:
        self._ports, self._job, self._progressed = ports, job, progressed
        self._wanted = job.delta or job.assignment
        """What is fetched."""
        self._part = job.assignment.offer_id + (DELTA if job.delta else "")
        self._told_at, self._told = ports.clock.now(), job.received
        self.received: int | None = None
        """Bytes on disk; None: nobody has looked yet."""
        self.fetched = 0
        """New bytes that this try brought."""
        self.skipped = 0
        """Bytes that came though they were there already."""
        self.resumed = False
        """Something was there before."""
        self._guard = RateGuard(ports.clock)

    async def run(self) -> None:
        """Return when all bytes are on disk.

        Raises:
            PeerError, TransportError: as `Fetcher` and `PackageFiles` do; and `transfer-slow`.
        """
        files, fetcher, it = self._ports.files, self._ports.fetcher, self._wanted
        received = self.received = await self._there()
        self.resumed = received > 0
        if received >= it.length:
            return
        url = self._ports.repositories.image_url(it.path, it.sha256)
        fetching = aclosing(fetcher.fetch(url, received, it.length, self._skip))
        async with fetching as chunks, self._guard:
            while (chunk := await self._guard.next(chunks)) is not None:
                await files.append(self._part, chunk)
                self.fetched += len(chunk)
                received = self.received = received + len(chunk)
                self._tell(received)

    async def _there(self) -> int:
        """Bytes on disk; all of them where a power cut came after the version was kept."""
        files, it = self._ports.files, self._job.assignment
        if self._job.delta is None:
            return await files.received(it.offer_id, it.sha256)
        kept = await files.received(it.offer_id, it.sha256) >= it.length
        return self._job.delta.length if kept else await files.received(self._part)

    def _skip(self, size: int) -> None:
        self.skipped += size
        self._guard.count(size)

    def _tell(self, received: int) -> None:
        """Tell the progress, unless it is none worth telling."""
        now, step = self._ports.clock.now(), self._wanted.length / PROGRESS_STEPS
        if now - self._told_at >= PROGRESS_INTERVAL and received // step > self._told // step:
            self._told_at, self._told = now, received
            self._progressed(received)


class RateGuard:
    """Waits for chunks, and no longer than they come fast enough; what is done between them takes the time it takes.

    Use it as a context manager. One timer serves many chunks: setting one for each would cost as much as storing it.

    Args:
        clock: measures the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bytes = 0
        self._waited = timedelta()
        """Since the rate was judged last, without the present wait."""
        self._since = clock.now()
        self._waiting: asyncio.Task[Any] | None = None
        self._timer: Timer | None = None
        self._slow = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def count(self, size: int) -> None:
        """So many bytes came."""
        self._bytes += size

    async def next(self, chunks: AsyncGenerator[bytes]) -> bytes | None:
        """The next chunk, None after the last.

        Raises:
            TransportError: `transfer-slow`.
        """
        task = self._waiting = asyncio.current_task()
        assert task is not None
        self._since = self._clock.now()
        if self._timer is None:
            self._watch()
        try:
            chunk = await anext(chunks, None)
        except asyncio.CancelledError as error:
            if self._slow and task.uncancel() == 0:
                raise TransportError("transfer-slow", f"fewer than {SLOWEST} bytes a second came") from error
            raise
        finally:
            self._waiting = None
        self._waited += max(self._clock.now() - self._since, timedelta())  # its clock may be set back
        self.count(len(chunk or b""))
        return chunk

    def _watch(self) -> None:
        """Look again when so much time was waited that the rate can be judged."""
        left = max(LOOK_EVERY - self._waited, timedelta())
        self._timer = self._clock.call_at(self._since + left, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiting is None:  # whoever waits next has it looked again
            return
        now = self._clock.now()
        self._since = min(self._since, now)
        if self._waited + (now - self._since) < LOOK_EVERY:
            self._watch()
            return
        if self._bytes < SLOWEST * LOOK_EVERY.total_seconds():
            self._slow = True
            self._waiting.cancel()
            return
        self._bytes, self._waited, self._since = 0, timedelta(), now
        self._watch()
