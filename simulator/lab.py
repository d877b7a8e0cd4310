"""A lab: one backend, and cars with a world around each, on ports that are live or virtual.

`Lab` knows neither sockets nor files; whoever opens it (`virtual_lab`, `live.live_lab`) gives it the means.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Engine

from firmware_profiles import Country, Equipment, Profile, for_market, load_countries, load_profile
from pcm_agent import __version__
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.core.effects import Effect
from pcm_agent.core.events import Event
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.ports import Fetcher, Journal, MetadataSource, PackageFiles, Ports
from pcm_agent.protocol.envelope import id_in
from pcm_agent.runtime import Agent
from pcm_agent.tasks import cancel_and_wait, together
from pcm_agent.transport import Broker, Clock, Incoming, Outgoing
from pcm_agent.trust.unit import unit_with
from simulator.backend.catalogue import Build
from simulator.backend.depot import Depot
from simulator.backend.desk import Desk
from simulator.backend.orders import built
from simulator.backend.records import give_back, open_in_memory
from simulator.backend.service import Backend
from simulator.clock import IdleLoop, SimClock, later
from simulator.keys import seeded_key
from simulator.repository import MemoryStore, PackageRepositories, SeededKeys, Store
from simulator.trace import Trace
from simulator.traces.car import present
from simulator.units import MemoryUnits, record_of
from simulator.virtual import Bus, MemoryFetcher, MemoryJournal, MemoryPackageFiles, MemorySource
from simulator.watch import AgentWatch
from simulator.world import World
from simulator.world.disk import FaultyFiles
from simulator.world.relay import AppRelay
from simulator.world.world import PacedFetcher, PacedSource

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""First instant of every simulation, so that the same seed gives the same trace."""
QUIET_SECONDS = 2.0
"""Real seconds that a live lab waits for messages under way before time jumps."""
LOOK_AGAIN = 0.005
"""Real seconds between two looks whether everything is quiet."""
LOOK_SECONDS = 0.1
"""Real seconds after which a live lab looks again whether something holds."""
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


class Means(Protocol):
    """What a lab is built on."""

    live: bool
    clock: SimClock
    depot: Depot

    def open_books(self) -> Engine:
        """The backend's database, as it is at first."""

    def close_books(self, engine: Engine) -> None:
        """It is needed no more."""

    def broker(self, client_id: str) -> Broker:
        """The broker, for one client."""

    def fetcher(self) -> Fetcher:
        """What gets packages."""

    def source(self) -> MetadataSource:
        """What gets metadata."""

    def journal(self, vin: str) -> Journal:
        """A car's journal."""

    def files(self, vin: str) -> PackageFiles:
        """A car's disk."""

    async def settle(self, lab: "Lab") -> None:
        """Return when nothing is under way at this instant."""

    async def whenever_quiet(self, lab: "Lab", step: Callable[[], bool]) -> None:
        """Call `step` each time that nothing is under way, until it says False."""


@dataclass
class LabCar:
    """One car in the lab: what it is, the world around it, the agent in it."""

    vin: str
    profile: Profile
    market: Country
    language: str
    world: World
    agent: Agent
    relay: AppRelay
    task: "asyncio.Task[None] | None" = None


class Witness(Protocol):
    """Judges what happens in a lab."""

    @property
    def broken(self) -> bool:
        """Whether something happened that must not; then no more time passes."""

    def handled(self, car: LabCar, event: Event, effects: Sequence[Effect]) -> None:
        """A core has let an event happen; its effects come next."""

    def quiet(self) -> None:
        """Nothing is left to do at this instant."""


@dataclass
class Lab:
    """Cars, their worlds, and the backend, on one clock and in one trace."""

    means: Means
    trace: Trace
    seed: int
    cars: dict[str, LabCar] = field(default_factory=dict)
    car_clock: Clock | None = None
    """Of all cars, where it may be wrong; None: the lab's own."""
    under_way: dict[str, str] | None = None
    """Messages that were sent and not worked on yet, by id with their sender (see `AgentWatch`), "" for another
    than a car; None in virtual time."""
    cause: int | None = None
    """The trace's record of the step that is being done."""
    task: "asyncio.Task[None] | None" = None
    """The backend's."""
    witness: Witness | None = None
    """Who judges what happens; None: nobody."""

    def __post_init__(self) -> None:
        self.under_way = {} if self.means.live else None
        self.clock = self.means.clock
        engine = self.means.open_books()
        self.desk = Desk(engine, self.means.depot, self.clock, random.Random(f"{self.seed} backend"), self._backend_did)
        self.backend = Backend(
            self.desk,
            self.means.broker("backend"),
            lambda code, text: self._note("", code, text),
            sent=self._backend_sent,
            handled=self._backend_handled,
        )

    def new_vin(self, market: Country, role: str = "") -> str:
        """A VIN that no car has yet (ISO 3779), with a check digit where the market demands one.

        Seed and role say which: a scenario's car is the same one whatever else is run beside it.
        """
        rng = random.Random(f"{self.seed} {role}")
        while True:
            middle = "".join(rng.choice(_VIN_LETTERS) for _ in range(7))
            vin = for_market(f"WP0ZZZ{middle}{rng.randrange(10_000):04}", market)
            if vin not in self.cars:
                return vin

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
        journal = self.means.journal(vin)
        saved = journal.load()
        vehicle = (
            Vehicle.new(vin, facts, market, equipment)
            if saved.snapshot is None
            else Vehicle.restore(saved.snapshot, facts, market, equipment)
        )
        agent = Agent(vehicle, self._ports(vin, facts, world, journal), f"pcm-sim {__version__}", saved.outbox)
        world.connect(agent.feed)
        present(self.trace, vehicle, language, lived=saved.snapshot is not None)
        built(self.desk, vin, Build(facts.name, market.code, equipment))
        car = self.cars[vin] = LabCar(vin, vehicle.car.profile, market, language, world, agent, relay)
        return car

    def _ports(self, vin: str, profile: Profile, world: World, journal: Journal) -> Ports:
        rng = random.Random(f"{self.seed} {vin}")
        depot = self.means.depot
        unit = unit_with(seeded_key(f"{self.seed} {vin}"))
        depot.units.keep(record_of(vin, profile.hardware_id, unit))
        source = PacedSource(self.means.source(), world, self.clock)
        return Ports(
            clock=self.car_clock or self.clock,
            broker=self.means.broker(f"pcm-{vin}"),
            journal=journal,
            modem=world,
            body=world,
            app=world,
            unit=unit,
            repositories=UptaneRepositories(source, depot.base_url, depot.repositories.roots()),
            fetcher=PacedFetcher(self.means.fetcher(), world, self.clock),
            files=FaultyFiles(self.means.files(vin), world),
            observer=AgentWatch(
                self.trace, vin, lambda: self.cause, self.under_way, lambda *told: self._handled(vin, *told)
            ),
            new_id=lambda: f"{rng.getrandbits(128):032x}",
            jitter=rng.random,
        )

    def _handled(self, vin: str, event: Event, effects: Sequence[Effect]) -> None:
        if self.witness is not None:
            self.witness.handled(self.cars[vin], event, effects)

    def _relay(self, vin: str) -> AppRelay:
        rng = random.Random(f"{self.seed} {vin} app")
        broker = self.means.broker(f"app-{vin}")
        return AppRelay(vin, broker, self.clock, lambda: f"{rng.getrandbits(128):032x}", self._backend_sent)

    def wake(self, car: LabCar) -> None:
        """Start the car's PCM, if it does not run yet."""
        if car.task is None:
            car.agent.boot()
            car.task = asyncio.create_task(together(car.agent.run(), car.relay.run(car.agent.hear)))

    async def put_away(self, car: LabCar) -> None:
        """Stop the car's PCM, with a farewell to the broker."""
        if car.task is not None:
            await cancel_and_wait(car.task)
        car.task = None

    @property
    def quiet(self) -> bool:
        """No message is under way, and no agent and no backend has anything to do."""
        agents = all(car.agent.quiet and car.relay.quiet for car in self.cars.values() if car.task is not None)
        return agents and self.backend.quiet and not self.under_way

    async def becomes_quiet(self) -> None:
        """Return when all is quiet; looks after whatever the event loop has been doing meanwhile."""
        loop = asyncio.get_running_loop()
        while not self.quiet:
            looked = asyncio.Event()
            loop.call_later(LOOK_AGAIN, looked.set)
            await looked.wait()

    def raise_failures(self) -> None:
        """Raise what ended an agent or the backend before its time."""
        tasks = [self.task, *[car.task for car in self.cars.values()]]
        for task in tasks:
            if task is not None and task.done() and not task.cancelled():
                task.result()

    async def until(self, holds: Callable[[], bool], within: timedelta) -> bool:
        """Let time pass until something holds; whether it did within that time."""
        return await self._pass_time(within, holds)

    async def pass_time(self, span: timedelta, broken: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass by jumping from timer to timer; False as soon as `broken` holds."""
        end = later(self.clock.now(), span)
        self.clock.call_at(end, lambda: None)

        def go_on() -> bool:
            return self._goes_on() and not broken() and self._jump(end)

        await self.means.whenever_quiet(self, go_on)
        return not broken()

    def _goes_on(self) -> bool:
        """All that works at this instant is done: whether nothing has happened that ends the run.

        Raises:
            Exception: as `raise_failures`.
        """
        self.raise_failures()
        if self.witness is None:
            return True
        self.witness.quiet()
        return not self.witness.broken

    def _jump(self, end: datetime) -> bool:
        """Jump to the next timer that is due by `end`; whether there was one."""
        due = self.clock.next_due()
        if due is None or due > end:
            return False
        self.clock.jump(due)
        return True

    async def _pass_time(self, within: timedelta, holds: Callable[[], bool]) -> bool:
        if self.means.live:
            return await self._watch(within, holds)
        end = later(self.clock.now(), within)

        def go_on() -> bool:
            return self._goes_on() and not holds() and self._jump(end)

        await self.means.whenever_quiet(self, go_on)
        if not holds():
            self.clock.jump(end)
        return holds()

    async def _watch(self, within: timedelta, holds: Callable[[], bool]) -> bool:
        """Look whenever the trace has grown, and now and then besides, until the time is over."""
        changed = asyncio.Event()
        forget = self.trace.listen(lambda _: changed.set())
        alarm = self.clock.call_at(self.clock.now() + within, changed.set)
        end = self.clock.now() + within
        try:
            while not holds():
                self.raise_failures()
                if self.clock.now() >= end:
                    return False
                changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await changed.wait()
            return True
        finally:
            alarm.cancel()
            forget()

    def _backend_sent(self, message: Outgoing) -> None:
        if self.under_way is not None:
            self.under_way[message.id] = ""

    def _backend_handled(self, message: Incoming) -> None:
        if self.under_way is not None:
            self.under_way.pop(id_in(message.payload) or "", None)

    def _backend_did(self, vin: str, name: str, details: dict[str, Any]) -> None:
        self.trace.add("backend", name, {key: value for key, value in details.items() if value is not None}, vin)

    def _note(self, vin: str, code: str, text: str) -> None:
        self.trace.add("note", code, {"text": text}, vin)


@asynccontextmanager
async def running(lab: Lab) -> AsyncIterator[Lab]:
    """The lab with its backend at work; at the end all cars are put away."""
    backend = lab.task = asyncio.create_task(lab.backend.run())
    connected = asyncio.create_task(lab.backend.connected.wait())
    await asyncio.wait((backend, connected), return_when=asyncio.FIRST_COMPLETED)
    if backend.done():
        backend.result()
    try:
        yield lab
    finally:
        for car in lab.cars.values():
            await lab.put_away(car)
        await cancel_and_wait(backend)
        lab.means.close_books(lab.desk.engine)


def seeded_depot(seed: int, store: Store, base_url: str, clock: SimClock) -> Depot:
    """The depot of one run: keys are drawn from its seed, so that traces repeat; worth nothing outside of it."""
    repositories = PackageRepositories(store, SeededKeys(seed))
    repositories.create(clock.now())
    return Depot(repositories, MemoryUnits(), base_url, clock)


class VirtualMeans:
    """No socket, no file, no process; time only jumps. Needs an `IdleLoop`."""

    live = False
    open_books = staticmethod(open_in_memory)
    close_books = staticmethod(give_back)

    def __init__(self, seed: int) -> None:
        self.clock = SimClock(START)
        self.bus = Bus()
        self.depot = seeded_depot(seed, MemoryStore(), "http://backend.virtual", self.clock)

    def broker(self, client_id: str) -> Broker:
        """The bus."""
        return self.bus.client(client_id)

    def fetcher(self) -> Fetcher:
        """The depot's memory."""
        return MemoryFetcher(self.depot.lookup)

    def source(self) -> MetadataSource:
        """The depot's memory."""
        return MemorySource(self.depot.lookup)

    def journal(self, vin: str) -> Journal:
        """In memory."""
        return MemoryJournal()

    def files(self, vin: str) -> PackageFiles:
        """In memory."""
        return MemoryPackageFiles()

    async def settle(self, lab: Lab) -> None:
        """Nothing comes from outside: the event loop itself knows."""
        await self.whenever_quiet(lab, lambda: False)

    async def whenever_quiet(self, lab: Lab, step: Callable[[], bool]) -> None:
        """See `Means`."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, IdleLoop)
        await loop.whenever_idle(step)
