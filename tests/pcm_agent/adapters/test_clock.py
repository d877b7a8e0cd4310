import asyncio
from datetime import UTC, datetime, timedelta

from pcm_agent.adapters.clock import SystemClock


async def test_now_is_aware_and_the_machines_own() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


async def test_timer_in_the_past_fires_soon_and_one_in_the_future_after_it() -> None:
    clock = SystemClock()
    fired: list[str] = []
    both = asyncio.Event()

    def late() -> None:
        fired.append("late")
        both.set()

    clock.call_at(clock.now() + timedelta(milliseconds=20), late)
    clock.call_at(clock.now() - timedelta(days=1), lambda: fired.append("early"))
    await both.wait()
    assert fired == ["early", "late"]


async def test_cancelled_timer_does_not_fire() -> None:
    clock = SystemClock()
    fired: list[str] = []
    over = asyncio.Event()
    clock.call_at(clock.now(), lambda: fired.append("never")).cancel()
    clock.call_at(clock.now() + timedelta(milliseconds=5), over.set)
    await over.wait()
    assert fired == []


async def test_sleep_returns_after_its_time() -> None:
    clock = SystemClock()
    begun = asyncio.get_running_loop().time()
    await clock.sleep(0.01)  # that is what is tested
    assert asyncio.get_running_loop().time() - begun >= 0.009
