"""One try to fetch the rest of a package: what came, when that is told, and whether it came fast enough."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from types import TracebackType
from typing import Self

from pcm_agent.core.state import PackageJob
from pcm_agent.errors import TransportError
from pcm_agent.ports import Ports
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
        self._told_at, self._told = ports.clock.now(), job.received
        self.received: int | None = None
        """Bytes on disk; None: nobody has looked yet."""
        self.fetched = 0
        """Bytes that this try brought."""

    async def run(self) -> None:
        """Return when all bytes are on disk.

        Raises:
            PeerError, TransportError: as `Fetcher` and `PackageFiles` do; and `transfer-slow`.
        """
        offer_id, length = self._job.manifest.offer_id, self._job.manifest.length
        received = self.received = await self._ports.files.received(offer_id)
        if received >= length:
            return
        with RateGuard(self._ports.clock) as guard:
            async with aclosing(self._ports.fetcher.fetch(self._job.url, received, length)) as chunks:
                async for chunk in chunks:
                    guard.count(len(chunk))
                    await self._ports.files.append(offer_id, chunk)
                    self.fetched += len(chunk)
                    received = self.received = received + len(chunk)
                    self._tell(received)

    def _tell(self, received: int) -> None:
        """Tell the progress, unless it is none worth telling."""
        now, step = self._ports.clock.now(), self._job.manifest.length / PROGRESS_STEPS
        if now - self._told_at >= PROGRESS_INTERVAL and received // step > self._told // step:
            self._told_at, self._told = now, received
            self._progressed(received)


class RateGuard:
    """A context manager that ends its body with `transfer-slow` where too few bytes are counted in it.

    Args:
        clock: measures the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bytes = 0
        self._slow = False
        self._timer: Timer | None = None

    def count(self, size: int) -> None:
        """So many bytes came."""
        self._bytes += size

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        self._look_later()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._slow and self._task is not None and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise TransportError("transfer-slow", f"fewer than {SLOWEST} bytes a second came") from error

    def _look_later(self) -> None:
        self._timer = self._clock.call_at(self._clock.now() + LOOK_EVERY, self._look)

    def _look(self) -> None:
        if self._bytes < SLOWEST * LOOK_EVERY.total_seconds() and self._task is not None:
            self._slow = True
            self._task.cancel()
            return
        self._bytes = 0
        self._look_later()
