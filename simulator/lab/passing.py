"""How time passes in a lab: it jumps where all is quiet, or it is waited for what must come."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.clock import later

if TYPE_CHECKING:
    from simulator.lab.lab import Lab

LOOK_SECONDS = 0.1
"""Real seconds after which a live lab looks again whether something holds."""


async def until(lab: "Lab", holds: Callable[[], bool], within: timedelta) -> bool:
    """Let time pass until something holds; whether it did within that time."""
    if lab.means.live:
        return await _watch(lab, holds, within)
    end = later(lab.clock.now(), within)
    await lab.means.whenever_quiet(lab, lambda: _goes_on(lab) and not holds() and _jump(lab, end))
    if not holds():
        lab.clock.jump(end)
    return holds()


async def let_end(lab: "Lab", task: "asyncio.Task[None]", within: timedelta) -> None:
    """Let time pass until a task is over that is ending, whatever else has failed."""
    end = later(lab.clock.now(), within)
    await lab.means.whenever_quiet(lab, lambda: not task.done() and _jump(lab, end))


async def pass_time(lab: "Lab", span: timedelta, broken: Callable[[], bool]) -> bool:
    """Let time pass by jumping from timer to timer; False as soon as `broken` holds."""
    end = later(lab.clock.now(), span)
    lab.clock.call_at(end, lambda: None)
    await lab.means.whenever_quiet(lab, lambda: _goes_on(lab) and not broken() and _jump(lab, end))
    return not broken()


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


def _jump(lab: "Lab", end: datetime) -> bool:
    """Jump to the next timer that is due by `end`; whether there was one."""
    due = lab.clock.next_due()
    if due is None or due > end:
        return False
    lab.clock.jump(due)
    return True


async def _watch(lab: "Lab", holds: Callable[[], bool], within: timedelta) -> bool:
    """Look whenever the trace has grown, and now and then besides, until the time is over."""
    changed = asyncio.Event()
    forget = lab.trace.listen(lambda _: changed.set())
    alarm = lab.clock.call_at(lab.clock.now() + within, changed.set)
    end = lab.clock.now() + within
    try:
        while not holds():
            lab.raise_failures()
            if lab.clock.now() >= end:
                return False
            changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await changed.wait()
        return True
    finally:
        alarm.cancel()
        forget()
