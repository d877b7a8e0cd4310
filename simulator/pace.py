"""How fast the clock of a live lab goes: real time is waited for, and never runs ahead of what happens."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime

from simulator.clock import SimClock

LOOK = 0.05
"""Real seconds after which a wait looks whether something has happened by itself."""
LATE = 0.25
"""Real seconds that may be made up for when something took longer than the clock allows; the rest is lost."""


class Pace:
    """Reaches instants of a clock that stands still, no sooner than so many seconds of it in a real one allow.

    Args:
        clock: whose.
        speed: seconds of the clock in a real one; infinity waits for nothing.
    """

    def __init__(self, clock: SimClock, speed: float) -> None:
        self.clock, self._speed = clock, speed
        self._reached: tuple[datetime, float] | None = None
        """The instant that was reached last, and the real one at which it was to be."""

    async def reach(self, instant: datetime, disturbed: Callable[[], bool]) -> bool:
        """Wait until the clock may be at an instant; False if something happens meanwhile."""
        if math.isinf(self._speed):
            return True
        loop, at = asyncio.get_running_loop(), self._due(instant)
        while (left := at - loop.time()) > 0:
            await asyncio.sleep(min(left, LOOK))
            if disturbed():
                return False
        self._reached = instant, at
        return True

    def _due(self, instant: datetime) -> float:
        """When in real time; what was jumped over took none."""
        now, here = asyncio.get_running_loop().time(), self.clock.now()
        last = now
        if self._reached is not None and self._reached[0] == here:
            last = max(self._reached[1], now - LATE)
        self._reached = here, last
        return last + (instant - here).total_seconds() / self._speed
