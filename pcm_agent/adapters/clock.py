"""The clock port on the machine's own time, for an agent on a bench."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime


class SystemClock:
    """UTC as the machine has it; timers follow its monotonic clock."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)

    def call_at(self, when: datetime, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back at `when`."""
        delay = max(0.0, (when - self.now()).total_seconds())
        return asyncio.get_running_loop().call_later(delay, callback)

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        await asyncio.sleep(seconds)
