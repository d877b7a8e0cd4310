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
        self._at: dict[datetime, float] = {}
        """Where the clock stands and where it may be next, with the real instants at which it was to be there."""
        self._here, self._waited = clock.now(), 0.0
        """Where the clock stood last, and the real seconds for which it was waited there."""

    @property
    def waits(self) -> bool:
        """Whether there is anything to wait for."""
        return not math.isinf(self._speed)

    async def reach(self, instant: datetime, disturbed: Callable[[], bool]) -> bool:
        """Wait until the clock may be at an instant; False if something happens meanwhile.

        What was waited in vain counts for the next instant, as long as the clock stands where it stood.
        """
        if not self.waits:
            return True
        loop, at = asyncio.get_running_loop(), self._due(instant)
        begun = loop.time()
        try:
            while (left := at - loop.time()) > 0:
                await asyncio.sleep(min(left, LOOK))
                if disturbed():
                    return False
        finally:
            self._waited += loop.time() - begun
        self._at[instant] = at
        return True

    def _due(self, instant: datetime) -> float:
        """When in real time; what was jumped over took none."""
        now, here = asyncio.get_running_loop().time(), self.clock.now()
        if here != self._here:
            self._here, self._waited = here, 0.0
        last = max(self._at.get(here, now), now - LATE - self._waited)
        self._at = {here: last}
        return last + (instant - here).total_seconds() / self._speed
