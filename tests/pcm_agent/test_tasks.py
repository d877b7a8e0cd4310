"""Work that is done side by side."""

import asyncio

import pytest

from pcm_agent.tasks import side_by_side


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
