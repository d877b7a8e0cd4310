"""A lab: one backend, and cars with a world around each. It knows neither sockets nor files."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from firmware_profiles import Country, Equipment, Profile, load_countries, load_profile
from pcm_agent import __version__
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.core.effects import Effect
from pcm_agent.core.events import Event
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import TransportError
from pcm_agent.ports import Ports
from pcm_agent.protocol.topics import parse_topic
from pcm_agent.runtime import Agent
from pcm_agent.runtime.link import FAREWELL
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.transport import Incoming, Outgoing
from pcm_agent.trust.unit import unit_with
from simulator.backend.catalogue import Build
from simulator.backend.desk import Desk
from simulator.backend.orders import built
from simulator.backend.service import Backend
from simulator.faults.clock import CarClock
from simulator.faults.disk import DamagingFetcher, FaultyFiles
from simulator.faults.line import Line
from simulator.faults.messages import FaultyBroker, MessageFaults
from simulator.keys import seeded_key
from simulator.lab import passing
from simulator.lab.car import LabCar
from simulator.lab.means import BACKEND, Means
from simulator.lab.naps import Naps, SeenSource
from simulator.lab.vins import drawn_vin
from simulator.lab.wills import WillWatch
from simulator.trace import Trace
from simulator.traces.car import present
from simulator.under_way import UnderWay
from simulator.units import record_of
from simulator.watch import AgentWatch
from simulator.world import World
from simulator.world.relay import AppRelay
from simulator.world.world import PacedFetcher, PacedSource

FIRST_SESSION = timedelta(minutes=1)
"""So long a backend tries to reach its broker before a lab is given up; a few tries, each after a longer pause."""


class Witness(Protocol):
    """Judges what happens in a lab."""

    @property
    def broken(self) -> bool:
        """Whether something happened that must not; then no more time passes."""

    def handled(self, car: LabCar, event: Event, effects: Sequence[Effect], at: datetime) -> None:
        """A core has let an event happen, at an instant by the lab's clock; its effects come next."""

    def quiet(self) -> None:
        """Nothing is left to do at this instant."""


@dataclass
class Lab:
    """Cars, their worlds, and the backend, on one clock and in one trace."""

    means: Means
    trace: Trace
    seed: int
    cars: dict[str, LabCar] = field(default_factory=dict)
    swallowed: Callable[[Incoming], bool] | None = None
    """Whether somebody holds back a message on its way to the backend; None: nobody does."""
    under_way: UnderWay = field(init=False)
    """Messages that were sent and not worked on yet; in virtual time nobody asks for them."""
    name: str = ""
    """Makes the backend's ids others than those of another lab with the same seed."""
    cause: int | None = None
    """The trace's record of the step that is being done."""
    task: "asyncio.Task[None] | None" = None
    """The backend's; None while it is down."""
    crash_at_next_message: bool = False
    """Whether the backend crashes when it has worked on one more message, and has said nothing of it yet."""
    witness: Witness | None = None
    """Who judges what happens; None: nobody."""

    def __post_init__(self) -> None:
        self.under_way = UnderWay(counted=self.means.live)
        self.clock = self.means.clock
        self.engine = self.means.open_books()
        self._ended: list[asyncio.Task[None]] = []
        """Of backends and cars that were ended in the middle."""
        self._leaving: dict[asyncio.Task[None], LabCar] = {}
        """Cars that are saying farewell."""
        self._backends = 0
        self._new_backend()

    def _new_backend(self) -> None:
        """A backend that knows what stands in the database."""
        rng = random.Random(" ".join(filter(None, (f"{self.seed} {self.name} backend", str(self._backends or "")))))
        self._backends += 1
        self.desk = Desk(self.engine, self.means.depot, self.clock, rng, self._backend_did)
        self.backend = Backend(
            self.desk,
            FaultyBroker(self.means.broker(BACKEND, lasting=True), self._coming_to_backend),
            lambda code, text: self._tell("", code, text),
            sent=self.under_way.sent_from_outside,
            handled=self._backend_handled,
        )

    def new_vin(self, market: Country, role: str = "") -> str:
        """A VIN that no car here has yet; the role says which (see `drawn_vin`)."""
        return drawn_vin(self.seed, role, market, self.cars)

    def add_car(
        self,
        profile: str | Profile,
        country: str,
        language: str = "en",
        vin: str | None = None,
        equipment: frozenset[Equipment] = frozenset(),
    ) -> LabCar:
        """A car, parked and asleep; `wake` starts its PCM.

        Raises:
            ProfileError: no such profile.
        """
        market = load_countries()[country]
        vin = vin or self.new_vin(market)
        facts = load_profile(profile) if isinstance(profile, str) else profile
        world = World(self.clock)
        world.relay = relay = self._relay(vin)
        uplink = self.means.uplink(vin, world.lines, random.Random(f"{self.seed} {vin} line").random)
        naps = Naps(self.clock)
        world.lines.watch(lambda line: self._line_changed(vin, line))
        car = self.cars[vin] = LabCar(
            vin,
            facts,
            market,
            language,
            equipment,
            world,
            relay,
            uplink,
            journal=self.means.journal(vin),
            files=FaultyFiles(self.means.files(vin), world.disk, naps),
            clock=CarClock(self.clock),
            naps=naps,
            to_car=MessageFaults(self.clock, lambda message: self._late_for_car(vin, message)),
            to_backend=MessageFaults(self.clock, self._late_for_backend),
        )
        self._new_agent(car)
        built(self.desk, vin, Build(facts.name, market.code, equipment))
        return car

    def _new_agent(self, car: LabCar) -> None:
        """A PCM that knows what stands in the journal."""
        saved = car.journal.load()
        what = (car.facts, car.market, car.equipment)
        vehicle = Vehicle.new(car.vin, *what) if saved.snapshot is None else Vehicle.restore(saved.snapshot, *what)
        car.agent = Agent(vehicle, self._ports(car), f"pcm-sim {__version__}", saved.outbox)
        car.world.connect(car.agent.feed)
        present(self.trace, vehicle, car.language, lived=saved.snapshot is not None)

    def _ports(self, car: LabCar) -> Ports:
        vin, world, uplink, depot = car.vin, car.world, car.uplink, self.means.depot
        rng = random.Random(f"{self.seed} {vin} {car.lives}" if car.lives else f"{self.seed} {vin}")
        unit = unit_with(seeded_key(f"{self.seed} {vin}"))
        depot.units.keep(record_of(vin, car.facts.hardware_id, unit))
        source = SeenSource(PacedSource(uplink.source, world, car.naps), car.naps)
        return Ports(
            clock=car.clock,
            broker=WillWatch(
                FaultyBroker(uplink.broker, lambda message: self._coming(car.to_car, message)), self._will_comes
            ),
            journal=car.journal,
            modem=world,
            body=world,
            app=world,
            unit=unit,
            repositories=UptaneRepositories(source, uplink.base_url, depot.repositories.roots()),
            fetcher=DamagingFetcher(PacedFetcher(uplink.fetcher, world, car.naps), world.disk),
            files=car.files,
            observer=AgentWatch(
                self.trace, vin, lambda: self.cause, self.under_way, lambda *told: self._handled(vin, *told)
            ),
            new_id=lambda: f"{rng.getrandbits(128):032x}",
            jitter=rng.random,
        )

    def _handled(self, vin: str, event: Event, effects: Sequence[Effect], now: datetime | None) -> None:
        if self.witness is not None:
            car = self.cars[vin]
            self.witness.handled(car, event, effects, (now or car.clock.now()) - car.clock.error)

    def _relay(self, vin: str) -> AppRelay:
        rng = random.Random(f"{self.seed} {vin} app")
        broker = WillWatch(self.means.broker(f"app-{vin}"), self._will_comes)
        return AppRelay(
            vin, broker, self.clock, lambda: f"{rng.getrandbits(128):032x}", self.under_way.sent_from_outside
        )

    def wake(self, car: LabCar) -> None:
        """Start the car's PCM, if it does not run yet; without power it starts as soon as that is back."""
        if not car.powered:
            car.wakes = True
        elif car.task is None:
            car.agent.boot()
            car.task = asyncio.create_task(car.run())

    async def put_away(self, car: LabCar) -> None:
        """Stop the car's PCM, with a farewell to the broker."""
        task, car.task = car.task, None
        if task is None:
            return
        task.cancel()
        self._leaving[task] = car
        await passing.let_end(self, task, timedelta(seconds=FAREWELL))  # on a slow line it takes its time
        del self._leaving[task]
        await cancel_and_wait(task)

    # --- what ends in the middle, and begins again ---

    def cut_power(self, car: LabCar) -> None:
        """The PCM is without power, now: nothing is said any more, and what does not stand in the journal is gone."""
        car.powered, car.wakes = False, car.task is not None
        car.agent.lose_power()
        car.world.lose_power()
        self.under_way.line_gone(car.vin)
        if car.task is not None:
            car.task.cancel()
            self._ended.append(car.task)
        car.task = None

    def restore_power(self, car: LabCar) -> None:
        """The PCM has what stands in its journal, and is told what is the case around it by now.

        It starts if it was awake, or if something has happened meanwhile that would have woken it; else it sleeps on.
        """
        car.powered = True
        car.lives += 1
        self._new_agent(car)
        if car.wakes:
            self.wake(car)
        car.world.catch_up()

    def crash_backend(self) -> None:
        """The backend ends, now: what it has not worked on waits at the broker."""
        self._tell("", "backend-crashed", "it ended in the middle of its work")
        self.crash_at_next_message = False
        self.backend.crash()
        if self.task is not None:
            self.task.cancel()
            self._ended.append(self.task)
        self.task = None

    def start_backend(self) -> None:
        """A backend goes on from the database."""
        self._new_backend()
        self._tell("", "backend-started", "it goes on with what its database has")
        self.desk.publish_all()
        self.task = asyncio.create_task(self.backend.run())

    def _late_for_car(self, vin: str, message: Incoming) -> bool:
        """A command that is late; in a session that is over, it is the backend that says it again."""
        car = self.cars[vin]
        if car.agent.online and car.task is not None:
            car.agent.hear(message)
        else:
            self.under_way.done(message)
        return True

    def _late_for_backend(self, message: Incoming) -> bool:
        if self.task is None:
            return False
        self.backend.hear(message)
        return True

    def _coming_to_backend(self, message: Incoming) -> Sequence[Incoming]:
        if self.swallowed is not None and self.swallowed(message):
            self._backend_handled(message)  # nobody else will work on it
            return ()
        topic = parse_topic(message.topic)
        car = self.cars.get(topic.vin) if topic else None
        return self._coming(car.to_backend, message) if car else (message,)

    def _coming(self, faults: MessageFaults, message: Incoming) -> Sequence[Incoming]:
        """What comes in place of a message; one that is held is not under way, but waits for the clock."""
        come = faults.coming(message)
        if not come:
            self.under_way.done(message)
        return come

    async def over(self) -> None:
        """Return when what was ended in the middle is over."""
        ended, self._ended = self._ended, []
        await cancel_and_wait(*ended)

    @property
    def quiet(self) -> bool:
        """No message is under way, and no agent and no backend has anything to do but wait for the clock."""
        running = [car for car in self.cars.values() if car.task is not None]
        cars = all(car.rests for car in running) and all(
            task.done() or car.waits for task, car in self._leaving.items()
        )
        backend = self.task is None or self.task.done() or self.backend.quiet
        return cars and backend and self._arrived and (self.means.broker_runs or not self._connected)

    @property
    def _arrived(self) -> bool:
        """No message is under way but to a backend that is away, and over lines on which all waits for the clock."""
        if self.task is None or self.backend.away:
            return True
        return self.under_way.is_only_over(car.vin for car in self.cars.values() if car.waits)

    @property
    def _connected(self) -> bool:
        """Whether somebody has not noticed yet that there is no broker."""
        cars = any(car.task is not None and car.agent.online for car in self.cars.values())
        return cars or (self.task is not None and self.backend.connected.is_set())

    def give_up(self) -> None:
        """What was under way has been swallowed, and does not come."""
        self._tell("", "never-quiet", f"given up: {', '.join(self.under_way.give_up()) or 'nobody says for what'}")

    def _will_comes(self, will: Outgoing) -> None:
        """The broker, if there is one, says a last will to the backend."""
        if self.means.broker_runs:
            self.under_way.will_comes(will)

    def raise_failures(self) -> None:
        """Raise what ended an agent or the backend before its time."""
        tasks = [self.task, *[car.task for car in self.cars.values()]]
        for task in tasks:
            if task is not None and task.done() and not task.cancelled():
                task.result()

    async def until(self, holds: Callable[[], bool], within: timedelta) -> bool:
        """Let time pass until something holds; whether it did within that time."""
        return await passing.until(self, holds, within)

    async def pass_time(self, span: timedelta, broken: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass by jumping from timer to timer; False as soon as `broken` holds."""
        return await passing.pass_time(self, span, broken)

    def _backend_handled(self, message: Incoming) -> None:
        self.under_way.done(message)
        if self.crash_at_next_message:
            self.crash_backend()

    def _line_changed(self, vin: str, line: Line) -> None:
        """A line that is cut swallows what was under way on it."""
        if line.cut:
            self.under_way.line_gone(vin)

    def _backend_did(self, vin: str, name: str, details: dict[str, Any]) -> None:
        self.trace.add("backend", name, {key: value for key, value in details.items() if value is not None}, vin)

    def _tell(self, vin: str, code: str, text: str) -> None:
        self.trace.noted(vin, code, text)


@asynccontextmanager
async def running(lab: Lab) -> AsyncIterator[Lab]:
    """The lab with its backend at work; at the end all cars are put away.

    Raises:
        TransportError: the backend did not get its first session within `FIRST_SESSION`; with the code of its last try.
        DatabaseError: nothing can be kept.
    """
    lab.task = asyncio.create_task(lab.backend.run())
    try:
        await _connected(lab)
        yield lab
    finally:
        for car in lab.cars.values():
            await lab.put_away(car)
        if lab.task is not None:
            await cancel_and_wait(lab.task)
        await lab.over()
        lab.means.close_books(lab.engine)


async def _connected(lab: Lab) -> None:
    """Let time pass until the backend has a session: its tries wait for the lab's clock."""
    if not await lab.until(lab.backend.connected.is_set, FIRST_SESSION):
        raise lab.backend.out_of_reach or TransportError("broker-unreachable", "the broker does not answer the backend")
