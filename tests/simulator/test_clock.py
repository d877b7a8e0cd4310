import asyncio
import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from simulator.clock import SimClock
from tests.waiting import PuppetLoop, idle, one_turn, puppet, virtual

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


# --- a clock that stands still ---


def test_time_stands_still_until_it_jumps() -> None:
    clock = SimClock(START)
    assert clock.now() == clock.now() == START
    clock.jump(after(28 * 86_400))
    assert clock.now() == after(28 * 86_400)


def test_time_never_goes_back() -> None:
    clock = SimClock(START)
    clock.jump(after(10))
    clock.jump(after(5))
    assert clock.now() == after(10)


def test_timers_come_by_time_and_those_of_one_instant_in_the_order_in_which_they_were_set() -> None:
    clock = SimClock(START)
    called: list[str] = []
    for seconds, name in [(3, "c"), (1, "a"), (3, "d"), (2, "b"), (3, "e"), (4, "never")]:
        clock.call_at(after(seconds), partial(called.append, name))
    clock.jump(after(3))
    assert called == ["a", "b", "c", "d", "e"]
    assert clock.next_due() == after(4)


def test_a_timer_that_was_cancelled_does_not_come() -> None:
    clock = SimClock(START)
    called: list[str] = []
    first = clock.call_at(after(1), lambda: called.append("first"))
    clock.call_at(after(2), lambda: called.append("second"))
    first.cancel()
    first.cancel()
    assert clock.next_due() == after(2)
    clock.jump(after(2))
    assert called == ["second"]
    assert clock.next_due() is None


def test_a_timer_may_cancel_and_set_others() -> None:
    clock = SimClock(START)
    called: list[str] = []
    late = clock.call_at(after(2), lambda: called.append("late"))

    def first() -> None:
        late.cancel()
        clock.call_at(after(1), lambda: called.append("same instant"))
        clock.call_at(after(3), lambda: called.append("later"))

    clock.call_at(after(1), first)
    clock.jump(after(2))
    assert called == ["same instant"]
    clock.jump(after(3))
    assert called == ["same instant", "later"]


def test_a_timer_in_the_past_comes_with_the_next_jump() -> None:
    clock = SimClock(START)
    called: list[str] = []
    clock.call_at(after(-10), lambda: called.append("overdue"))
    clock.jump(START)
    assert called == ["overdue"]


@virtual
async def test_sleeping_ends_with_its_time_and_leaves_no_timer() -> None:
    clock = SimClock(START)
    slept = asyncio.create_task(clock.sleep(10))
    await idle()
    clock.jump(after(9))
    await idle()
    assert not slept.done()
    clock.jump(after(10))
    await idle()
    assert slept.done()

    cancelled = asyncio.create_task(clock.sleep(10))
    await idle()
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    assert clock.next_due() is None


# --- a clock that follows the event loop's ---


def loop_of_test() -> PuppetLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, PuppetLoop)
    return loop


@pytest.mark.parametrize("rate", [1.0, 0.5, 60.0])
@puppet
async def test_a_clock_runs_at_its_rate(rate: float) -> None:
    clock = SimClock(START, rate)
    await loop_of_test().passes(10)
    assert clock.now() == after(10 * rate)


@puppet
async def test_timers_of_a_running_clock_come_by_themselves() -> None:
    loop, clock = loop_of_test(), SimClock(START, 60)
    called: list[str] = []
    clock.call_at(after(120), lambda: called.append("second"))
    clock.call_at(after(60), lambda: called.append("first"))
    await loop.passes(0.5)
    assert called == []
    await loop.passes(0.5)
    assert called == ["first"]
    await loop.passes(1)
    assert called == ["first", "second"]


@puppet
async def test_a_jump_of_a_running_clock_calls_what_is_due_and_goes_on_from_there() -> None:
    loop, clock = loop_of_test(), SimClock(START, 2)
    called: list[str] = []
    clock.call_at(after(600), lambda: called.append("jumped over"))
    clock.call_at(after(610), lambda: called.append("soon"))
    clock.jump(after(600))
    assert called == ["jumped over"]
    assert clock.now() == after(600)
    await loop.passes(4)
    assert called == ["jumped over"]
    await loop.passes(1)
    assert called == ["jumped over", "soon"]
    clock.jump(after(1))
    assert clock.now() == after(610)


# --- an event loop that knows when it is idle ---


@virtual
async def test_idle_returns_when_every_task_waits() -> None:
    done: list[int] = []
    gate = asyncio.Event()

    async def work() -> None:
        for step in range(200):
            await one_turn()
            done.append(step)
        await gate.wait()
        done.append(-1)

    task = asyncio.create_task(work())
    await idle()
    assert done == list(range(200))
    gate.set()
    await idle()
    assert done[-1] == -1
    assert task.done()
    await idle()


@virtual
async def test_idle_can_be_cancelled() -> None:
    waiting = asyncio.create_task(idle())
    await one_turn()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await idle()


@virtual
async def test_a_busy_loop_still_hears_from_threads() -> None:
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(heard.set))
    thread.start()
    thread.join()
    while not heard.is_set():  # a loop that always has something to do is what is tried
        await one_turn()


@virtual
async def test_other_timers_of_the_loop_still_come() -> None:
    woken = asyncio.Event()
    asyncio.get_running_loop().call_later(0.001, woken.set)
    await woken.wait()
