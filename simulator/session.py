"""Runs scenarios from the first word to the report: what `pcm-sim run` does."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from firmware_profiles import load_countries
from pcm_agent import __version__
from simulator.choice import CarChoice
from simulator.clock import IdleLoop, SimClock
from simulator.lab import START, Lab, LabCar, Means, VirtualMeans, running
from simulator.scenario.loader import SUFFIX, LoadedScenario, shipped_scenarios
from simulator.scenario.runner import Verdict, run_scenario
from simulator.scenario.verdict import Taken
from simulator.trace import FORMAT, Record, Trace
from simulator.traces.writing import opened

Listener = Callable[[Record], None]


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes:
        live: with sockets, files and a broker; else in virtual time.
        seed: for everything that is drawn.
        speed: seconds of the simulation in a real one, infinity waits for nothing; live only.
        broker: as `simulator.broker.start_broker` takes it, live only.
        car: in place of the scenario's, if it names one; what it assumes holds in any case.
        country: in place of the scenario's.
        trace: file for the records, as they come.
        takes_no: what can't be done is taken note of, and fails no step.
        absent: cells that cannot exist, with the reason; they are told in the trace.
    """

    live: bool = True
    seed: int = 1
    speed: float = 1.0
    broker: str = "auto"
    car: CarChoice = field(default_factory=CarChoice)
    country: str | None = None
    trace: Path | None = None
    takes_no: bool = False
    absent: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What a run gave: a verdict a scenario, as far as it got, and all records."""

    verdicts: list[Verdict]
    records: list[Record]

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return all(verdict.passed for verdict in self.verdicts)


def run(
    scenarios: Sequence[LoadedScenario],
    options: Options,
    listeners: Sequence[Listener] = (),
    log: Callable[[str], None] = lambda _: None,
    outcome: Outcome | None = None,
) -> Outcome:
    """Run scenarios one after the other, each in a lab of its own: what comes of one is nothing to the next.

    Args:
        scenarios: what to run.
        options: how.
        listeners: have every record of the trace as it comes.
        log: takes one plain sentence about what was started.
        outcome: filled as the run goes on, so that the caller has something when it is interrupted.

    Raises:
        ProfileError: no such car.
        TransportError: something outside failed: broker, port, disk.
    """
    outcome = outcome or Outcome([], [])
    loop_factory = asyncio.new_event_loop if options.live else IdleLoop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_run(scenarios, options, listeners, log, outcome))
    return outcome


async def _run(
    scenarios: Sequence[LoadedScenario],
    options: Options,
    listeners: Sequence[Listener],
    log: Callable[[str], None],
    outcome: Outcome,
) -> None:
    with opened(options.trace) as file:
        async with _ground(options, log) as ground:
            trace = Trace(SimClock(START), file)
            outcome.records = trace.records
            for listener in listeners:
                trace.listen(listener)
            trace.add("run", "run", header([loaded.name for loaded in scenarios], options))
            vins: set[str] = set()
            for loaded in scenarios:
                verdict = Verdict(loaded.scenario.title, again=again([loaded], options))
                outcome.verdicts.append(verdict)
                with _timed(verdict):
                    async with ground() as means:
                        trace.clock = means.clock
                        async with running(Lab(means, trace, options.seed, name=_role(loaded))) as lab:
                            await _run_one(lab, loaded, options, verdict, vins)


@contextmanager
def _timed(verdict: Verdict) -> Iterator[None]:
    """Take the real time of what is done, however it ends."""
    begun, since = datetime.now(UTC), time.monotonic()
    try:
        yield
    finally:
        verdict.taken = Taken(begun, time.monotonic() - since)


async def _run_one(lab: Lab, loaded: LoadedScenario, options: Options, verdict: Verdict, vins: set[str]) -> None:
    cars = [_car(lab, loaded, name, options, vins) for name in loaded.cars]
    vins |= lab.cars.keys()
    try:
        await run_scenario(lab, loaded, *cars, verdict=verdict, takes_no=options.takes_no)
    finally:
        for car in cars:
            await lab.put_away(car)
    await lab.means.settle(lab)  # their farewells are heard before anything else begins


def _role(loaded: LoadedScenario, *more: str) -> str:
    return " ".join(filter(None, (loaded.scenario.title, loaded.cell, *more)))


def _car(lab: Lab, loaded: LoadedScenario, name: str, options: Options, vins: Collection[str]) -> LabCar:
    """One of the scenario's cars; the options are about the first. The role makes its VIN the same in any run."""
    wanted, first = loaded.cars[name], name == next(iter(loaded.cars))
    profile = (options.car.over(wanted.choice) if first else wanted.choice).resolve()
    country = (options.country if first else None) or wanted.country
    role = _role(loaded, *([] if first else [name]))
    vin = wanted.vin or lab.new_vin(load_countries()[country], role, vins)
    return lab.add_car(profile, country, wanted.language, vin, frozenset(wanted.equipment))


def again(scenarios: Sequence[LoadedScenario], options: Options) -> tuple[str, ...]:
    """The arguments of `pcm-sim` that give the same cars the same scenarios again."""
    names = [_name(loaded) for loaded in scenarios]
    car = options.car
    arguments = ["run", *names, "--live" if options.live else "--virtual", "--seed", str(options.seed)]
    for option, value in (
        ("--profile", car.profile),
        ("--line", car.line),
        ("--model-year", car.model_year),
        *(("--assume", f"{point}={reading}") for point, reading in car.assume.items()),
        ("--country", options.country),
    ):
        arguments += [option, str(value)] if value is not None else []
    return tuple(arguments)


def _name(loaded: LoadedScenario) -> str:
    """What a cell is run by: a shipped scenario by its name, another one by its file."""
    short = loaded.file.removesuffix(SUFFIX)
    return f"{short}{loaded.name.removeprefix(loaded.file)}" if short in shipped_scenarios() else loaded.name


def header(names: list[str], options: Options) -> dict[str, object]:
    """The first record of a trace: what is run, and how."""
    return {
        "format": FORMAT,
        "version": __version__,
        "seed": options.seed,
        "mode": "live" if options.live else "virtual",
        "scenarios": names,
        **({"assume": dict(options.car.assume)} if options.car.assume else {}),
        **({"not_applicable": dict(options.absent)} if options.absent else {}),
    }


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
