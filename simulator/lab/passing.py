"""How time passes in a lab: it stands still while anything is under way, and else jumps from timer to timer.

So what happens, and in which order, is the same in virtual time and live, however long real sockets and files take. In
a live lab it is also waited as long as the clock says, unless a scenario only wants the time to be over.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.clock import later

if TYPE_CHECKING:
    import asyncio

    from simulator.lab.lab import Lab


async def until(lab: "Lab", holds: Callable[[], bool], within: timedelta) -> bool:
    """Let time pass until something holds; whether it did within that time."""
    end = later(lab.clock.now(), within)
    await _pass(lab, end, holds, paced=True)
    if not holds():
        lab.clock.jump(end)
    return holds()


async def let_end(lab: "Lab", task: "asyncio.Task[None]", within: timedelta) -> None:
    """Let time pass until a task is over that is ending, whatever else has failed."""
    end = later(lab.clock.now(), within)
    await lab.means.whenever_quiet(lab, lambda: None if task.done() else _next(lab, end))


async def pass_time(lab: "Lab", span: timedelta, broken: Callable[[], bool]) -> bool:
    """Let time pass without waiting for it; False as soon as `broken` holds."""
    await _pass(lab, later(lab.clock.now(), span), broken, paced=False)
    return not broken()


async def _pass(lab: "Lab", end: datetime, over: Callable[[], bool], *, paced: bool) -> None:
    """Let time pass up to an instant, or until it is over."""
    alarm = lab.clock.call_at(end, lambda: None)
    try:
        await lab.means.whenever_quiet(
            lab, lambda: _next(lab, end) if _goes_on(lab) and not over() else None, paced=paced
        )
    finally:
        alarm.cancel()


def _goes_on(lab: "Lab") -> bool:
    """All that works at this instant is done: whether nothing has happened that ends the run.

    Raises:
        Exception: as `Lab.raise_failures`.
    """
    lab.raise_failures()
    if lab.witness is None:
        return True
    lab.witness.quiet()
    return not lab.witness.broken


def _next(lab: "Lab", end: datetime) -> datetime | None:
    """When the next timer is due, None: not by `end`."""
    due = lab.clock.next_due()
    return None if due is None or due > end else due
