"""A car's clock, which may be wrong, or go too fast or too slowly, beside one that is right."""

from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.clock import SimClock, SimTimer, later

_ROUNDED = timedelta(microseconds=2)
"""So much later comes a timer, lest rounding makes it early."""


class CarClock:
    """See `pcm_agent.transport.Clock`. Timers are those of the right clock: they run on when this one is set.

    Args:
        right: the one that is right.
    """

    def __init__(self, right: SimClock) -> None:
        self._right = right
        self._ahead, self._drift, self._since = timedelta(), 0.0, right.now()
        self.fastest = 1.0
        """How fast it ever ran at most, beside the right one."""

    @property
    def error(self) -> timedelta:
        """So much is it ahead of the right one now; less than nothing where it is behind."""
        return self.now() - self._right.now()

    def set_ahead(self, by: timedelta) -> None:
        """Set it, ahead of the right time by so much, or behind it."""
        self._ahead, self._since = by, self._right.now()

    def let_drift(self, seconds_a_day: float) -> None:
        """From now on it gains so many seconds a day, or loses them."""
        self._ahead, self._since = self.error, self._right.now()
        self._drift = seconds_a_day / 86400
        self.fastest = max(self.fastest, 1 + self._drift)

    def set_right(self) -> None:
        """It is right again, and goes right."""
        self._ahead, self._drift = timedelta(), 0.0

    def now(self) -> datetime:
        """What it shows."""
        now = self._right.now()
        if not (self._ahead or self._drift):
            return now
        return later(now, self._ahead + (now - self._since) * self._drift)

    def call_at(self, when: datetime, callback: Callable[[], None]) -> SimTimer:
        """Call back when it shows `when`, if it is not set meanwhile."""
        if not (self._ahead or self._drift):
            return self._right.call_at(when, callback)
        span = (when - self.now()) / (1 + self._drift)
        return self._right.call_at(self._right.now() + span + _ROUNDED, callback)

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed."""
        await self._right.sleep(seconds)
