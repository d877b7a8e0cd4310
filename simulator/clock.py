"""Business time: a heap of timers on a clock that follows real time at some rate, stands still, or jumps.

Only the simulation's own timers live here. Event loop and sockets stay on real time, so that nothing real times out
because the simulation jumped.
"""

import asyncio
import heapq
import selectors
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from pcm_agent.errors import LocalError


def later(now: datetime, span: timedelta) -> datetime:
    """The instant after a span.

    Raises:
        LocalError: `time-out-of-range`: the calendar ends with the year 9999.
    """
    try:
        return now + span
    except OverflowError:
        raise LocalError("time-out-of-range", f"{span.days} days from {now:%Y-%m-%d} are beyond the calendar") from None


class SimTimer:
    """A call that is to come; see `pcm_agent.transport.Timer`."""

    __slots__ = ("callback", "when")

    def __init__(self, when: datetime, callback: Callable[[], None]) -> None:
        self.when = when
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Have it not come."""
        self.callback = None


class SimClock:
    """See `pcm_agent.transport.Clock`.

    Args:
        start: the first instant (UTC).
        rate: seconds of this clock in a real second; 0 stands still and only jumps.
    """

    def __init__(self, start: datetime, rate: float = 0.0) -> None:
        self._base = start
        self._rate = rate
        self._real = asyncio.get_running_loop().time() if rate else 0.0
        self._heap: list[tuple[datetime, int, SimTimer]] = []
        self._order = count()
        self._alarm: asyncio.TimerHandle | None = None

    def now(self) -> datetime:
        """The present instant."""
        if not self._rate:
            return self._base
        return self._base + timedelta(seconds=(asyncio.get_running_loop().time() - self._real) * self._rate)

    def call_at(self, when: datetime, callback: Callable[[], None]) -> SimTimer:
        """Call back at `when`; timers of one instant come in the order in which they were set."""
        timer = SimTimer(when, callback)
        heapq.heappush(self._heap, (when, next(self._order), timer))
        if self._rate:
            self._arm()
        return timer

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds of this clock have passed."""
        woken = asyncio.Event()
        timer = self.call_at(self.now() + timedelta(seconds=seconds), woken.set)
        try:
            await woken.wait()
        finally:
            timer.cancel()

    def next_due(self) -> datetime | None:
        """When the next timer is due."""
        while self._heap and self._heap[0][2].callback is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def jump(self, to: datetime) -> None:
        """Be at `to` (never back), and call what is due by then."""
        self._base, self._real = max(to, self.now()), asyncio.get_running_loop().time() if self._rate else 0.0
        self._call_due()

    def _call_due(self) -> None:
        while (due := self.next_due()) is not None and due <= self.now():
            callback = heapq.heappop(self._heap)[2].callback
            if callback is not None:
                callback()
        if self._rate:
            self._arm()

    def _arm(self) -> None:
        """Have the event loop wake this clock for its next timer."""
        if self._alarm is not None:
            self._alarm.cancel()
        due = self.next_due()
        if due is not None:
            delay = max(0.0, (due - self.now()).total_seconds() / self._rate)
            self._alarm = asyncio.get_running_loop().call_later(delay, self._call_due)


LOOK_OUTSIDE_EVERY = 64
"""Rounds of a busy virtual event loop after which it looks for signals and results of threads."""


class IdleLoop(asyncio.SelectorEventLoop):
    """An event loop that knows when nothing is left to do; for virtual time, where nothing comes from outside.

    Idle means that every task waits for something that only a timer of `SimClock` or another jump can bring. No
    counting of work in progress, so nothing can be counted wrong.
    """

    def __init__(self) -> None:
        self._idle_selector = _IdleSelector()
        super().__init__(self._idle_selector)

    async def idle(self) -> None:
        """Return when nothing is left to do at this instant."""
        await self.whenever_idle(lambda: False)

    async def whenever_idle(self, step: Callable[[], bool]) -> None:
        """Call `step` each time that nothing is left to do; return when it says False, raise what it raises."""
        over = self.create_future()

        def take_step() -> None:
            try:
                if step():
                    return
            except BaseException as error:
                over.set_exception(error)
            else:
                over.set_result(None)
            self._idle_selector.step = None

        self._idle_selector.step = take_step
        try:
            await over
        finally:
            if self._idle_selector.step is take_step:
                self._idle_selector.step = None


class _IdleSelector(selectors.SelectSelector):
    """The loop asks it to wait only when no callback is ready: that is what being idle means.

    Asking the system costs more than most callbacks do, so as long as there is something to do without it, it is
    asked now and then only.
    """

    step: Callable[[], None] | None = None
    _passed_over = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.step is not None and (timeout is None or timeout > 0):
            self.step()
            timeout = 0
        if timeout == 0 and self._passed_over < LOOK_OUTSIDE_EVERY:
            self._passed_over += 1
            return []
        self._passed_over = 0
        return super().select(timeout)
