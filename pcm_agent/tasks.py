"""Ending tasks for certain."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
LONGEST_END = 15.0
"""Real seconds that the end of a task may take, farewells and all; then it did not hear that it was cancelled."""


async def cancel_and_wait(*tasks: asyncio.Future[Any], again_after: float = LONGEST_END) -> None:
    """Cancel them in their order and wait until they are over; what they raise while ending is of no interest any more.

    Once is not always enough: before Python 3.12 `asyncio.wait_for`, which the MQTT client uses, loses a cancellation
    that comes in the moment in which its own future is done. Twice is too much while a task is still cleaning up.

    Args:
        tasks: what is to end.
        again_after: real seconds until those that go on are cancelled once more; longer than any clean-up takes.
    """
    pending = list(tasks)
    while pending:
        for task in pending:
            task.cancel()
        done, _ = await asyncio.wait(pending, timeout=again_after)
        pending = [task for task in pending if task not in done]
    await asyncio.gather(*tasks, return_exceptions=True)


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Run until the first of them ends, then end the others.

    Raises:
        Exception: what the one that ended raised.
    """
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task in done:
                task.result()
    finally:
        await cancel_and_wait(*tasks)


async def side_by_side(*work: Coroutine[Any, Any, T]) -> list[T]:
    """Run all of them at once; what they give, in their order. The first error ends the others.

    Raises:
        Exception: what the first one that failed raised.
    """
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        await cancel_and_wait(*tasks)
        raise
