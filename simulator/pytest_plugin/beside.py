"""An event loop beside the test's own: what is asynchronous is done there, and the test waits for it."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Beside:
    """An event loop that runs in a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._stack = loop, AsyncExitStack()
        self._thread = threading.Thread(target=loop.run_forever, name="pcm-sim", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def enter(self, context: AbstractAsyncContextManager[T]) -> T:
        """Enter something that lasts until the end."""
        return self.call(self._stack.enter_async_context(context))

    def end(self) -> None:
        """Leave what was entered, and stop."""
        try:
            self.call(self._stack.aclose())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


@contextmanager
def broker() -> Iterator[str]:
    """The URL of a broker that runs until the block is left."""
    from simulator.broker import start_broker

    beside = Beside(asyncio.new_event_loop())
    try:
        yield str(beside.enter(start_broker("auto", log=say_nothing)).address)
    finally:
        beside.end()


def say_nothing(_: str) -> None:
    """Nobody wants to know what was started."""
