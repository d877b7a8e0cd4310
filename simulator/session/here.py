"""Runs scenarios in this process, one after the other, each in a lab of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime

from simulator.clock import IdleLoop
from simulator.lab import Lab, LabCar, Means, VirtualMeans, running
from simulator.scenario.runner import run_scenario
from simulator.scenario.verdict import Taken, Verdict
from simulator.session.options import Options, again
from simulator.session.planned import Planned, country_of, is_first, role
from simulator.trace import Trace


def run_here(
    plan: Sequence[Planned],
    options: Options,
    trace: Trace,
    verdicts: list[Verdict],
    *,
    log: Callable[[str], None] = lambda _: None,
    ready: Callable[[], object] = lambda: None,
) -> None:
    """Run scenarios; what comes of them is added to trace and verdicts as it goes on.

    Args:
        plan: what to run.
        options: how.
        trace: has all that happens.
        verdicts: one a scenario that has begun, as far as it gets.
        log: takes one plain sentence about what was started.
        ready: called when what all of them need is there.
    """
    loop_factory = asyncio.new_event_loop if options.live else IdleLoop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_run(plan, options, trace, verdicts, log=log, ready=ready))


async def _run(
    plan: Sequence[Planned],
    options: Options,
    trace: Trace,
    verdicts: list[Verdict],
    *,
    log: Callable[[str], None],
    ready: Callable[[], object],
) -> None:
    async with _ground(options, log) as ground:
        ready()
        for one in plan:
            verdict = Verdict(one.loaded.scenario.title, again=again([one.loaded], options))
            with _timed(verdict):
                async with ground() as means:
                    trace.clock = means.clock
                    async with running(Lab(means, trace, options.seed, name=role(one.loaded))) as lab:
                        verdicts.append(verdict)
                        await _run_one(lab, one, options, verdict)


@contextmanager
def _timed(verdict: Verdict) -> Iterator[None]:
    """Take the real time of what is done, however it ends."""
    begun, since = datetime.now(UTC), time.monotonic()
    try:
        yield
    finally:
        verdict.taken = Taken(begun, time.monotonic() - since)


async def _run_one(lab: Lab, one: Planned, options: Options, verdict: Verdict) -> None:
    cars = [_car(lab, one, name, options) for name in one.loaded.cars]
    try:
        await run_scenario(lab, one.loaded, *cars, verdict=verdict, takes_no=options.takes_no)
    finally:
        for car in cars:
            await lab.put_away(car)
    await lab.means.settle(lab)  # their farewells are heard before anything else begins


def _car(lab: Lab, one: Planned, name: str, options: Options) -> LabCar:
    """One of the scenario's cars; the options are about the first."""
    wanted = one.loaded.cars[name]
    choice = options.car.over(wanted.choice) if is_first(one.loaded, name) else wanted.choice
    country = country_of(one.loaded, name, options)
    return lab.add_car(choice.resolve(), country, wanted.language, one.vins[name], frozenset(wanted.equipment))


@asynccontextmanager
async def opened_means(options: Options, log: Callable[[str], None]) -> AsyncIterator[Means]:
    """What one lab is built on, as the options say; `log` takes a sentence about what was started."""
    async with _ground(options, log) as ground, ground() as means:
        yield means


@asynccontextmanager
async def _ground(
    options: Options, log: Callable[[str], None]
) -> AsyncIterator[Callable[[], AbstractAsyncContextManager[Means]]]:
    """Gives each scenario the means of a lab of its own; a broker runs beside all of them."""
    if not options.live:
        yield lambda: nullcontext(VirtualMeans(options.seed))
        return
    from simulator.broker import start_broker
    from simulator.live import means_beside

    async with start_broker(options.broker, log=log) as broker:
        yield lambda: means_beside(broker, options.seed, options.speed)
