"""What a lab is built on: broker, repositories, disks and time; here without sockets and files."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Engine

from pcm_agent.ports import Fetcher, Journal, MetadataSource, PackageFiles
from pcm_agent.transport import Broker
from simulator.backend.depot import Depot
from simulator.backend.opening import give_back, open_in_memory
from simulator.clock import IdleLoop, SimClock
from simulator.faults.carrier import Carrier
from simulator.faults.exchange import CarriedFetcher, CarriedSource
from simulator.faults.lines import Lines
from simulator.faults.session import CarriedBroker
from simulator.faults.uplink import Uplink
from simulator.repository import MemoryStore, PackageRepositories, SeededKeys, Store
from simulator.units import MemoryUnits
from simulator.virtual import Bus, MemoryFetcher, MemoryJournal, MemoryPackageFiles, MemorySource

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""First instant of every simulation, so that the same seed gives the same trace."""
BACKEND = "backend"
"""Client id of a lab's backend, whose session outlasts it."""
Step = Callable[[], datetime | None]
"""Gives the instant that comes next, None: no more time is to pass."""


class Restless(Protocol):
    """A lab, as far as its means need it."""

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way."""

    def give_up(self) -> None:
        """Wait no more for what was under way: it does not come."""


class Means(Protocol):
    """What a lab is built on."""

    live: bool
    clock: SimClock
    depot: Depot

    @property
    def broker_runs(self) -> bool:
        """Whether the broker is there."""

    def open_books(self) -> Engine:
        """The backend's database, as it is at first."""

    def close_books(self, engine: Engine) -> None:
        """It is needed no more."""

    def broker(self, client_id: str, *, lasting: bool = False) -> Broker:
        """The broker, for one client, whose session lasts or does not; see `pcm_agent.transport.Session`."""

    def fetcher(self) -> Fetcher:
        """What gets packages."""

    def source(self) -> MetadataSource:
        """What gets metadata."""

    def uplink(self, vin: str, lines: Lines, draw: Callable[[], float]) -> Uplink:
        """What a car has over its ways to data; `draw` says, with numbers from 0 to below 1, what is lost."""

    def journal(self, vin: str) -> Journal:
        """A car's journal."""

    def files(self, vin: str) -> PackageFiles:
        """A car's disk."""

    def check_broker(self) -> None:
        """Whether the broker can be stopped, and started again.

        Raises:
            TransportError: `broker-not-ours`: it was not started here.
        """

    async def stop_broker(self) -> None:
        """Let the broker end; it forgets nothing that it is to keep.

        Raises:
            TransportError: as `check_broker`.
        """

    async def start_broker(self) -> None:
        """Let it be there again; nobody connects before time passes.

        Raises:
            TransportError: as `check_broker`; or it can't be started.
        """

    async def settle(self, lab: Restless) -> None:
        """Return when nothing is under way at this instant."""

    async def whenever_quiet(self, lab: Restless, step: Step, *, paced: bool = False) -> None:
        """Call `step` each time that nothing is under way, and be at the instant that it gives; until it gives none.

        Live, and if it is `paced`, that instant is not there before as much real time has passed as the speed demands.
        """


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

    @property
    def broker_runs(self) -> bool:
        """The bus is up."""
        return self.bus.up

    def broker(self, client_id: str, *, lasting: bool = False) -> Broker:
        """The bus."""
        return self.bus.client(client_id, lasting=lasting)

    def fetcher(self) -> Fetcher:
        """The depot's memory."""
        return MemoryFetcher(self.depot.lookup)

    def source(self) -> MetadataSource:
        """The depot's memory."""
        return MemorySource(self.depot.lookup)

    def uplink(self, vin: str, lines: Lines, draw: Callable[[], float]) -> Uplink:
        """The bus and the depot's memory, at the other end of a line."""
        carrier = Carrier(lines, self.clock, draw)
        broker = CarriedBroker(self.broker(f"pcm-{vin}"), carrier)
        fetcher, source = CarriedFetcher(self.fetcher(), carrier), CarriedSource(self.source(), carrier)
        return Uplink(broker, fetcher, source, self.depot.base_url, lambda: carrier.holding)

    def journal(self, vin: str) -> Journal:
        """In memory."""
        return MemoryJournal()

    def files(self, vin: str) -> PackageFiles:
        """In memory."""
        return MemoryPackageFiles()

    def check_broker(self) -> None:
        """The bus always can."""

    async def stop_broker(self) -> None:
        """All sessions end, once their wills are said and heard."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, IdleLoop)
        self.bus.speak_wills()
        await loop.idle()
        self.bus.stop()

    async def start_broker(self) -> None:
        """The bus is there again."""
        self.bus.up = True

    async def settle(self, lab: Restless) -> None:
        """Nothing comes from outside: the event loop itself knows."""
        await self.whenever_quiet(lab, lambda: None)

    async def whenever_quiet(self, lab: Restless, step: Step, *, paced: bool = False) -> None:
        """See `Means`."""
        del lab, paced  # nothing is waited for

        def go_on() -> bool:
            due = step()
            if due is not None:
                self.clock.jump(due)
            return due is not None

        loop = asyncio.get_running_loop()
        assert isinstance(loop, IdleLoop)
        await loop.whenever_idle(go_on)
