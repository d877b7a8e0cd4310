"""How steps wait: alone, or several lists of steps side by side.

Only one lane runs at a time; it runs until it waits or ends. When all of them wait, time passes until the first is
ready, and those that are go on in their order. So the same seed gives the same run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pcm_agent.tasks import cancel_and_wait
from simulator.clock import later
from simulator.lab import Lab

Ready = Callable[[], bool]


class Waiting(Protocol):
    """What lets time pass for a list of steps."""

    async def wait(self, ready: Ready, within: timedelta, *, jumps: bool = False) -> bool:
        """Let time pass until something is ready; whether it was within that time.

        Args:
            ready: looked at whenever something may have changed.
            within: how long to wait at most.
            jumps: time jumps from timer to timer, in a live run too.
        """


class Alone:
    """The only list of steps: it waits by letting the lab's time pass."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    async def wait(self, ready: Ready, within: timedelta, *, jumps: bool = False) -> bool:
        """See `Waiting`."""
        if jumps:
            return not await self._lab.pass_time(within, ready)
        return await self._lab.until(ready, within)


@dataclass
class Lane:
    """One of several lists of steps, as `side_by_side` runs them; a `Waiting` for its steps."""

    lab: Lab
    task: "asyncio.Task[None] | None" = None
    ready: Ready | None = None
    end: datetime | None = None
    jumps: bool = False
    _answer: "asyncio.Future[bool] | None" = None
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, ready: Ready, within: timedelta, *, jumps: bool = False) -> bool:
        """See `Waiting`."""
        self.ready, self.end, self.jumps = ready, later(self.lab.clock.now(), within), jumps
        self._answer = asyncio.get_running_loop().create_future()
        self._stopped.set()
        return await self._answer

    @property
    def over(self) -> bool:
        """Whether its time to wait has passed."""
        return self.end is not None and self.lab.clock.now() >= self.end

    async def begin(self, steps: Awaitable[None]) -> None:
        """Run until it waits or ends."""
        self.task = asyncio.ensure_future(_awaited(steps))
        self.task.add_done_callback(lambda _: self._stopped.set())
        await self._stops()

    async def go_on(self, *, ready: bool) -> None:
        """Run on until it waits again or ends."""
        assert self._answer is not None
        self._stopped.clear()
        self._answer.set_result(ready)
        await self._stops()

    async def _stops(self) -> None:
        await self._stopped.wait()
        if self.task is not None and self.task.done():
            self.task.result()


async def _awaited(steps: Awaitable[None]) -> None:
    await steps


async def side_by_side(
    lab: Lab, around: Waiting, lanes: Sequence[Callable[[Lane], Awaitable[None]]], broken: Callable[[], bool]
) -> None:
    """Run lists of steps at the same time; return when all are through.

    Args:
        lab: where.
        around: how the step waits that they are part of.
        lanes: each runs its steps with what it is given to wait with.
        broken: whether something has failed, so that the others are given up.
    """
    running = [Lane(lab) for _ in lanes]
    try:
        for lane, steps in zip(running, lanes, strict=True):
            await lane.begin(steps(lane))
        while (living := [lane for lane in running if lane.task is not None and not lane.task.done()]) and not broken():
            await _first_ready(lab, around, living)
            due = [(lane, lane.ready is not None and lane.ready()) for lane in living]
            for lane, ready in due:
                if (ready or lane.over) and not broken():
                    await lane.go_on(ready=ready)
    finally:
        for lane in running:
            if lane.task is not None:
                await cancel_and_wait(lane.task)


async def _first_ready(lab: Lab, around: Waiting, lanes: Sequence[Lane]) -> None:
    """Let time pass until one of them can go on."""

    def ready() -> bool:
        return any(lane.ready is not None and lane.ready() for lane in lanes)

    end = min(lane.end for lane in lanes if lane.end is not None)
    left = max(end - lab.clock.now(), timedelta())
    await around.wait(ready, left, jumps=any(lane.jumps for lane in lanes))
