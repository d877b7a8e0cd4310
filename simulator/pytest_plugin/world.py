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
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from pcm_agent.core.state import VehicleState
from simulator.backend.desk import Desk
from simulator.choice import CarChoice, equipment_of, market_of
from simulator.clock import IdleLoop
from simulator.lab import Lab, LabCar, Means, running
from simulator.scenario import expectations
from simulator.scenario.doing import Doing
from simulator.scenario.expectations import Judge
from simulator.scenario.model import Do, Expect, duration, given
from simulator.scenario.model.part import Part
from simulator.scenario.typed import explained
from simulator.scenario.waits import Alone
from simulator.session import Options, opened_means
from simulator.trace import Record, Trace

T = TypeVar("T")
P = TypeVar("P", bound=Part)


class World:
    """One lab in a thread of its own; made by `opened`."""

    def __init__(self, beside: "Beside", lab: Lab) -> None:
        self._beside, self.lab = beside, lab
        self.backend = Backend(self)

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
            number = vin or self.lab.new_vin(market_of(country), f"car {len(self.lab.cars)}")
            return self.lab.add_car(facts, country, language, number, ordered)

        return Car(self, self.call(add()))

    @property
    def now(self) -> datetime:
        """What the clock says (UTC)."""
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

    @property
    def desk(self) -> Desk:
        """The backend's own interface, for whatever no action does."""
        return self._world.lab.desk

    def do(self, car: "Car", **action: object) -> None:
        """As `Car.do`, without waking the car: `backend.do(car, order={"function": "x", "size": "5 MB"})`."""
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
            TypeError: there is no such action, or not exactly one.
            LocalError: it can't be done, or the backend declines it.
        """
        wanted = given(_typed(action, Do))
        if len(wanted) != 1:
            raise TypeError("exactly one thing is done at a time")
        ((name, value),) = wanted.items()
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
        expect = _typed(what, Expect)
        held = self._world.call(self._waiting.wait(lambda: self._judge.holds(expect), duration(within)))
        if not held:
            raise AssertionError(f"expected {expectations.describe(expect)}; found {self._judge.found(expect)}")

    def never(self, *, during: str, **what: object) -> None:
        """Let time pass in which it must not become so.

        Raises:
            AssertionError: it does, with what was found.
            TypeError: there is no such thing.
        """
        never = _typed(what, Expect)
        wait = self._waiting.wait(lambda: self._judge.holds(never), duration(during), jumps=True)
        if self._world.call(wait):
            raise AssertionError(f"expected never {expectations.describe(never)}; found {self._judge.found(never)}")


def _typed(plain: dict[str, object], kind: type[P]) -> P:
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise TypeError(": ".join(filter(None, explained(error, kind)))) from None


class Beside:
    """An event loop that runs in a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._stack = loop, AsyncExitStack()
        self._thread = threading.Thread(target=loop.run_forever, name="pcm-sim", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def enter(self, context: AbstractAsyncContextManager[T]) -> T:
        """Enter something that lasts until the end."""
        return self.call(self._stack.enter_async_context(context))

    def end(self) -> None:
        """Leave what was entered, and stop."""
        try:
            self.call(self._stack.aclose())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


@contextmanager
def opened(seed: int, url: str = "") -> Iterator[World]:
    """A world; all of it is gone when the block is left.

    Args:
        seed: of all that is drawn.
        url: live, with the broker there; "": in virtual time.
    """
    beside = Beside(asyncio.new_event_loop() if url else IdleLoop())
    try:
        means = beside.enter(opened_means(Options(live=bool(url), seed=seed, broker=url or "auto"), _say_nothing))
        yield World(beside, beside.enter(running(beside.call(_lab(means, seed)))))
    finally:
        beside.end()


async def _lab(means: Means, seed: int) -> Lab:
    return Lab(means, Trace(means.clock), seed)


@contextmanager
def broker() -> Iterator[str]:
    """The URL of a broker that runs until the block is left."""
    from simulator.broker import start_broker

    beside = Beside(asyncio.new_event_loop())
    try:
        yield str(beside.enter(start_broker("auto", log=_say_nothing)).address)
    finally:
        beside.end()


def _say_nothing(_: str) -> None:
    """Nobody wants to know what was started."""
