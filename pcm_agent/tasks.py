"""Ending tasks for certain."""

import asyncio

CANCEL_AGAIN = 0.5
"""Real seconds after which a task that did not hear its cancellation is cancelled again."""


async def cancel_and_wait(*tasks: asyncio.Future[None]) -> None:
    """Cancel and wait until they are over; what they raise while ending is of no interest any more.

    Once is not always enough: before Python 3.12 `asyncio.wait_for`, which the MQTT client uses, loses a cancellation
    that comes in the moment in which its own future is done.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
