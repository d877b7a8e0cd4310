"""Who in a car waits for the clock, and for nothing else."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pcm_agent.ports import MetadataSource
from pcm_agent.transport import Clock, Timer


class Naps:
    """A clock that knows who sleeps by it; see `pcm_agent.transport.Clock`. One a car.

    What slows a car down sleeps by it, so that a lab sees that a transfer only waits for time to pass, and lets it.

    Args:
        clock: the lab's.

    Attributes:
        asleep: tasks that wait until their time has come.
        reading: tasks that read metadata, asleep or not.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.asleep: set[asyncio.Task[Any]] = set()
        self.reading: set[asyncio.Task[Any]] = set()

    def now(self) -> datetime:
        """The present instant."""
        return self._clock.now()

    def call_at(self, when: datetime, callback: Callable[[], None]) -> Timer:
        """Call back at `when`."""
        return self._clock.call_at(when, callback)

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed; whoever is called counts as awake before he moves."""
        task, woken = _current(), asyncio.Event()

        def wake() -> None:
            self.asleep.discard(task)
            woken.set()

        timer = self._clock.call_at(self._clock.now() + timedelta(seconds=seconds), wake)
        self.asleep.add(task)
        try:
            await woken.wait()
        finally:
            self.asleep.discard(task)
            timer.cancel()


class SeenSource:
    """A source of metadata of which it is known who reads it; see `pcm_agent.ports.MetadataSource`."""

    def __init__(self, source: MetadataSource, naps: Naps) -> None:
        self._source, self._naps = source, naps

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        """The file."""
        task = _current()
        self._naps.reading.add(task)
        try:
            return await self._source.fetch(url, limit, came)
        finally:
            self._naps.reading.discard(task)


def _current() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task
