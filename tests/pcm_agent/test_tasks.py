"""Work that is done side by side."""

import asyncio

import pytest

from pcm_agent.tasks import cancel_and_wait, side_by_side, together
from tests.waiting import one_turn


async def test_what_runs_side_by_side_waits_for_no_other_and_gives_its_results_in_order() -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def wait_for(other: asyncio.Event, own: asyncio.Event, result: int) -> int:
        own.set()
        await other.wait()
        return result

    assert await side_by_side(wait_for(second, first, 1), wait_for(first, second, 2)) == [1, 2]
    assert await side_by_side() == []


async def test_the_first_error_ends_the_others() -> None:
    ended: list[bool] = []

    async def fail() -> None:
        raise ZeroDivisionError

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(ZeroDivisionError):
        await side_by_side(wait(), fail(), wait())
    assert ended == [True, True]


MANY = 50
"""A set would have to be in this order by chance."""


async def until_ended(number: int, ended: list[int]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(number)


async def test_what_is_ended_ends_in_its_order() -> None:
    """Else a farewell comes before another one in one run, and after it in the next."""
    ended: list[int] = []
    tasks = [asyncio.create_task(until_ended(number, ended)) for number in range(MANY)]
    await one_turn()
    await cancel_and_wait(*tasks)
    assert ended == list(range(MANY))


async def test_of_errors_at_once_the_one_of_what_stands_first_is_raised() -> None:
    async def fail(number: int) -> None:
        raise ValueError(number)

    for _ in range(MANY):
        with pytest.raises(ValueError, match=r"^0$"):
            await together(*(fail(number) for number in range(4)))
