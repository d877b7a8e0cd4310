"""How tests wait: on loops of their own, and never by guessing how long something takes."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

from simulator.clock import IdleLoop

LIMIT_S = 60.0
"""Nothing takes so long, however busy the machine is."""
LOOK_AGAIN_S = 0.01
T = TypeVar("T")
AsyncTest = Callable[..., Coroutine[Any, Any, None]]


def on_loop(kind: Callable[[], asyncio.AbstractEventLoop]) -> Callable[[AsyncTest], Callable[..., None]]:
    """A decorator: the test runs on an event loop of this kind."""

    def decorated(test: AsyncTest) -> Callable[..., None]:
        @wraps(test)
        def run(*args: object, **kwargs: object) -> None:
            with asyncio.Runner(loop_factory=kind) as runner:
                runner.run(test(*args, **kwargs))

        return run

    return decorated


virtual = on_loop(IdleLoop)
"""A test in virtual time: on a loop that knows when nothing is left to do."""


async def idle() -> None:
    """Return when nothing is left to do, in virtual time."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, IdleLoop)
    await loop.idle()


async def one_turn() -> None:
    """Let everything else that is ready go on once. That is a turn of the loop, not a time."""
    await asyncio.sleep(0)


class PuppetLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is the test's."""

    instant = 1000.0

    def time(self) -> float:
        return self.instant

    async def passes(self, seconds: float) -> None:
        self.instant += seconds
        for _ in range(5):
            await one_turn()


puppet = on_loop(PuppetLoop)


async def eventually(condition: Callable[[], T], limit: float = LIMIT_S) -> T:
    """What `condition` gives as soon as it is true; for what no event tells of: files and processes of others."""
    async with asyncio.timeout(limit):
        while True:
            found = condition()
            if found:
                return found
            await asyncio.sleep(LOOK_AGAIN_S)  # the pace of asking, not a guess at how long it takes
