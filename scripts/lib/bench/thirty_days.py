"""`thirty-days`: a month of one car, its backend and the bus between them, in virtual time."""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta

from pcm_agent.core import events as on
from pcm_agent.core.states import Access
from scripts.lib.bench.figure import Aim, Figure, figure, side_by_side
from scripts.lib.bench.life import LEAVING_HOME, PARKING
from simulator.clock import IdleLoop, SimClock
from simulator.lab import START, Lab, LabCar, VirtualMeans, running
from simulator.trace import Record, Trace

AIM = Aim("ours", "<=", 2.0)
DRIVES_A_DAY = 4
DRIVE, PAUSE = timedelta(minutes=30), timedelta(hours=5, minutes=30)
Counts = Counter[str]


def thirty_days(*, quick: bool) -> Figure:
    """Real seconds for 30 virtual days, and for as many sleeps of one task as there were heartbeats."""
    counts: Counts = Counter()

    def month() -> float:
        counts.clear()
        return _timed(lambda: _month(counts))

    def sleeps() -> float:
        return _timed(lambda: _sleeps(counts["heartbeat"]))

    pairs = side_by_side(month, sleeps, 3 if quick else 7)
    conditions = {
        "ours": f"agent, backend, bus and world; {DRIVES_A_DAY} drives of 30 min a day, one change of cell in each",
        "reference": "one task that sleeps a minute as often as there were heartbeats, on an empty SimClock",
        "trace": "records are made and handed to a listener that counts them; none is kept",
        "counts": {name: counts[name] for name in ("heartbeat", "event", "transition", "sent", "arrived")},
    }
    return figure("thirty-days", pairs, "s", AIM, conditions)


def _timed(work: Callable[[], Coroutine[None, None, None]]) -> float:
    gc.collect()
    start = time.perf_counter()
    with asyncio.Runner(loop_factory=IdleLoop) as runner:
        runner.run(work())
    return time.perf_counter() - start


async def _month(counts: Counts) -> None:
    means = VirtualMeans(1)
    trace = Trace(means.clock, keep=False)

    def count(record: Record) -> None:
        counts["heartbeat" if record.name == "heartbeat" else record.kind] += 1

    trace.listen(count)
    async with running(Lab(means, trace, 1)) as lab:
        car = lab.add_car("taycan", "JP")
        lab.desk.register(car.vin, "hanako@example.com", "sakura-2026", "JP")
        lab.wake(car)
        car.world.enter_cell("JP", Access.LTE)
        for number in range(30 * DRIVES_A_DAY):
            await _drive(lab, car, Access.UMTS if number % 2 else Access.LTE)
            await lab.pass_time(PAUSE)


async def _drive(lab: Lab, car: LabCar, access: Access) -> None:
    await _happens(lab, car, LEAVING_HOME)
    await lab.pass_time(DRIVE / 2)
    car.world.enter_cell("JP", access)
    await lab.pass_time(DRIVE / 2)
    await _happens(lab, car, PARKING)


async def _happens(lab: Lab, car: LabCar, events: tuple[on.Event, ...]) -> None:
    for event in events:
        car.world.happens(event)
    await lab.means.settle(lab)


async def _sleeps(number: int) -> None:
    clock = SimClock(START)
    task = asyncio.create_task(_sleeper(clock, number))
    loop = asyncio.get_running_loop()
    assert isinstance(loop, IdleLoop)
    await loop.idle()
    while (due := clock.next_due()) is not None:
        clock.jump(due)
        await loop.idle()
    await task


async def _sleeper(clock: SimClock, number: int) -> None:
    for _ in range(number):
        await clock.sleep(60)
