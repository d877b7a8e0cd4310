"""Cars, their surroundings and their backend, for tests in Python.

    def test_a_call_stops_slow_data(pcm_car):
        car = pcm_car("some-profile", "JP")
        car.do(ignition="on")
        car.do(radio={"access": "lte"})
        car.expect(connection="connected", within="1 min")

What is done and expected is what a scenario's steps say, with the same keys, values and checks. All of it happens in a
thread with an event loop of its own, so that a test may itself be a coroutine; each call returns when it is done.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pcm_agent.core.state import VehicleState
from simulator.backend.desk import Desk
from simulator.choice import CarChoice, equipment_of, market_of
from simulator.clock import IdleLoop
from simulator.failures import line
from simulator.lab import Lab, LabCar, Means, running
from simulator.pytest_plugin.beside import Beside, say_nothing
from simulator.scenario import expectations
from simulator.scenario.cells import step_of
from simulator.scenario.doing import Doing
from simulator.scenario.expectations import Judge
from simulator.scenario.model import Step, duration, given
from simulator.scenario.verdict import story
from simulator.scenario.waits import Alone
from simulator.session import Options, header, opened_means
from simulator.trace import Record, Trace
from simulator.traces.writing import opened as opened_trace

T = TypeVar("T")


class World:
    """One lab in a thread of its own; made by `opened`.

    Attributes:
        lab: for whatever nothing here does; it belongs to the other thread.
        backend: My Porsche, the store and support.
        on_car: has each new car.
        own: the functions that were ordered as the test's own, besides those of the store's catalogue.
        again: the command that runs the test again; "": nobody knows it.
    """

    def __init__(self, beside: Beside, lab: Lab, name: str) -> None:
        self._beside, self.lab, self._name = beside, lab, name
        self.backend = Backend(self)
        self.on_car: Callable[[Car], None] = lambda _: None
        self.own: frozenset[str] = frozenset()
        self.again = ""

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done in the world's thread, and wait for it."""
        return self._beside.call(work)

    def add_car(
        self,
        profile: str,
        country: str,
        *,
        language: str = "en",
        equipment: tuple[str, ...] = (),
        vin: str | None = None,
    ) -> "Car":
        """A car that is parked and asleep, as at the beginning of a scenario.

        Raises:
            LocalError, ProfileError: there is no such car, country or equipment.
        """
        facts = CarChoice(profile).resolve()
        ordered = equipment_of(facts, equipment)

        async def add() -> LabCar:
            number = vin or self.lab.new_vin(market_of(country), f"{self._name} car {len(self.lab.cars)}")
            return self.lab.add_car(facts, country, language, number, ordered)

        car = Car(self, self.call(add()))
        self.on_car(car)
        return car

    @property
    def now(self) -> datetime:
        """What the clock says (UTC)."""
        return self.call(self._now())

    async def _now(self) -> datetime:
        return self.lab.clock.now()

    @property
    def records(self) -> list[Record]:
        """The trace so far."""
        return list(self.lab.trace.records)

    def wait(self, span: str) -> None:
        """Let time pass, such as `10 min`; it jumps from timer to timer."""
        self.call(self.lab.pass_time(duration(span)))


class Backend:
    """What My Porsche, the store and support can do; the actions are those of scenarios, and name their car."""

    def __init__(self, world: World) -> None:
        self._world = world

    def ask(self, question: Callable[[Desk], T]) -> T:
        """What no expectation tells, of the backend's own interface: `backend.ask(lambda desk: desk.order_of(...))`."""

        async def asked() -> T:
            return question(self._world.lab.desk)

        return self._world.call(asked())

    def do(self, car: "Car", **action: object) -> None:
        """What is done for a car, as `Car.do`: `backend.do(car, order={"function": "x", "size": "5 MB"})`."""
        car.do(**action)


class Car:
    """One car, and whoever is in and around it."""

    def __init__(self, world: World, car: LabCar) -> None:
        self._world, self.car = world, car
        self._judge = Judge(world.lab, car)
        self._waiting = Alone(world.lab)

    @property
    def vin(self) -> str:
        """Vehicle identification number (ISO 3779)."""
        return self.car.vin

    @property
    def state(self) -> VehicleState:
        """The head unit's own state; for reading."""
        return self.car.agent.vehicle.state

    def do(self, **action: object) -> None:
        """Do one thing, as a step of a scenario: `car.do(ignition="on")`, `car.do(wait="10 min")`.

        Raises:
            TypeError: there is no such action, with all that is wrong with it; or not exactly one.
            LocalError: it can't be done, or the backend declines it.
        """
        __tracebackhide__ = True
        done = _step(self._world.own, do=action).do
        assert done is not None
        ((name, value),) = given(done).items()
        if done.order is not None and done.order.own:
            self._world.own |= {done.order.function}
        self._world.call(self._do(name, value))

    async def _do(self, name: str, value: object) -> None:
        lab = self._world.lab
        await lab.means.settle(lab)
        self._judge.since = len(lab.trace.records)
        await Doing(lab, self.car, self._waiting, lambda _: False).carry_out(name, value)

    def expect(self, *, within: str = "30 s", **what: object) -> None:
        """Let time pass until all of it is so: `car.expect(connection="connected", within="1 min")`.

        Raises:
            AssertionError: it is not, with what was found instead.
            TypeError: there is no such thing to be expected.
        """
        __tracebackhide__ = True
        expect = _step(self._world.own, expect=what, within=within).expect
        assert expect is not None
        held = self._world.call(self._waiting.wait(lambda: self._judge.holds(expect), duration(within)))
        if not held:
            raise AssertionError(self._told(expectations.describe(expect), self._judge.found(expect)))

    def never(self, *, during: str, **what: object) -> None:
        """Let time pass in which it must not become so.

        Raises:
            AssertionError: it does, with what was found.
            TypeError: there is no such thing.
        """
        __tracebackhide__ = True
        never = _step(self._world.own, never=what, during=during).never
        assert never is not None
        wait = self._waiting.wait(lambda: self._judge.holds(never), duration(during), jumps=True)
        if self._world.call(wait):
            raise AssertionError(self._told(f"never {expectations.describe(never)}", self._judge.found(never)))

    def _told(self, expected: str, found: str) -> str:
        led_there = [f"  {line(happened)}" for happened in story(self._world.records, self.vin)]
        again = [f"  again: {self._world.again}"] if self._world.again else []
        return "\n".join([f"expected {expected}; found {found}", *led_there, *again])


def _step(own: frozenset[str], **plain: object) -> Step:
    """A step of a scenario, with all that is wrong with it as an error of the one who wrote it."""
    __tracebackhide__ = True
    step, faults = step_of(plain, frozenset(), own)
    if faults:
        raise TypeError("\n".join(map(str, faults)))
    return step


@contextmanager
def opened(name: str, seed: int, url: str = "", trace: Path | None = None) -> Iterator[World]:
    """A world; all of it is gone when the block is left.

    Args:
        name: of the test; the same name and seed give the same cars.
        seed: of all that is drawn.
        url: live, with the broker there; "": in virtual time.
        trace: file for the records, as they come.
    """
    options = Options(live=bool(url), seed=seed, broker=url or "auto", trace=trace)
    with opened_trace(trace) as file:
        beside = Beside(asyncio.new_event_loop() if url else IdleLoop())
        try:
            means = beside.enter(opened_means(options, say_nothing))
            records = Trace(means.clock, file)
            lab = beside.call(_lab(means, records, header([name], options), seed))
            yield World(beside, beside.enter(running(lab)), name)
        finally:
            beside.end()


async def _lab(means: Means, trace: Trace, first: dict[str, object], seed: int) -> Lab:
    trace.add("run", "run", first)
    return Lab(means, trace, seed)
