"""One car's agent with a simulated world around it, as a process: `pcm-sim agent`."""

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from firmware_profiles import Country, Equipment, Profile
from pcm_agent import __version__
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import LocalError
from pcm_agent.ports import Ports
from pcm_agent.runtime import Agent
from pcm_agent.tasks import together
from pcm_agent.transport import Broker
from pcm_agent.trust.unit import unit_with
from simulator.broker import BrokerAddress
from simulator.broker.client import client_at
from simulator.clock import SimClock
from simulator.faults.disk import DamagingFetcher, FaultyFiles
from simulator.processes.asked import do_in_world, with_refusal
from simulator.rig import RigLink
from simulator.trace import FORMAT, Trace
from simulator.traces.car import present
from simulator.traces.streaming import Streamer
from simulator.traces.writing import opened
from simulator.trust_file import TrustedRepositories
from simulator.units import record_of, replaced, unit_key, units_beside
from simulator.watch import AgentWatch
from simulator.world import World
from simulator.world.relay import AppRelay
from simulator.world.world import PacedFetcher, PacedSource


@dataclass(frozen=True)
class AgentOptions:
    """How to run an agent with a simulated world around it.

    Attributes:
        vin: of the car.
        profile: what car it is.
        country: where the car was sold.
        broker: URL.
        folder: for its journal and its packages; made if there is none.
        trust: file with the repositories and their roots; the car's unit is written down beside it, in `cars`.
        speed: seconds of its clock in a real one.
        equipment: what was ordered with the car.
        language: what the driver reads.
        trace: file for all that happens; what stood there is replaced.
    """

    vin: str
    profile: Profile
    country: Country
    broker: str
    folder: Path
    trust: Path
    speed: float = 1.0
    equipment: frozenset[Equipment] = frozenset()
    language: str = "en"
    trace: Path | None = None


async def run_agent(options: AgentOptions, watch: Callable[[Trace], None]) -> None:
    """Run one car's agent until cancelled; started again, it goes on where it was.

    Raises:
        LocalError: the options can't be used.
        TransportError: the disk can't be used. A broker that is down is no error: it is tried until it is there.
    """
    async with AsyncExitStack() as stack:
        await CarProcess(options, stack, watch).run()


class CarProcess:
    """The agent and what stands around it on a desk; what it opens is closed with `stack`.

    Raises:
        LocalError, TransportError: as `run_agent`.
    """

    def __init__(self, options: AgentOptions, stack: AsyncExitStack, watch: Callable[[Trace], None]) -> None:
        self._options, self._stack = options, stack
        self._broker = BrokerAddress.parse(options.broker)
        self._journal = SqliteJournal(options.folder / "journal.sqlite")
        stack.callback(self._journal.close)
        self._saved = self._journal.load()
        self._vehicle = _vehicle(options, self._saved.snapshot)
        self._unit = unit_with(unit_key(options.folder / "unit.key"))
        now = datetime.now(UTC)
        self._clock = SimClock(max(now, self._vehicle.state.clock or now), options.speed)
        self._trace = Trace(self._clock, stack.enter_context(opened(options.trace, by_line=True)), keep=False)
        self._trace.add("run", "run", {"format": FORMAT, "version": __version__, "mode": "agent"})
        watch(self._trace)
        self._keep_unit()
        self._world = World(self._clock)

    def _client(self, role: str) -> Broker:
        """A client of the car's broker, one for each role."""
        return client_at(self._broker, f"{role}-{self._options.vin}")

    def _keep_unit(self) -> None:
        """Write down the unit's record, for the backend; that it is another one than before is noted."""
        options = self._options
        units, record = units_beside(options.trust), record_of(options.vin, options.profile.hardware_id, self._unit)
        other = replaced(units, record)
        units.keep(record)
        if other is not None:
            self._trace.noted(options.vin, "unit-replaced", other)

    async def run(self) -> None:
        """Run until cancelled."""
        options, world, trace = self._options, self._world, self._trace
        agent = Agent(self._vehicle, await self._ports(), f"pcm-sim {__version__}", self._saved.outbox)
        world.relay = relay = AppRelay(options.vin, self._client("app"), self._clock, lambda: uuid4().hex)
        world.connect(agent.feed)
        introduce = partial(present, trace, self._vehicle, options.language)
        introduce(lived=self._saved.snapshot is not None)
        streamer = Streamer(self._client("trace"), trace, "agent", partial(introduce, lived=True))
        agent.boot()
        world.resume(self._vehicle.state, options.country.code)
        await together(agent.run(), relay.run(agent.hear), self._link(agent).run(), streamer.run())

    async def _ports(self) -> Ports:
        options, world, clock = self._options, self._world, self._clock
        fetcher = await self._stack.enter_async_context(HttpFetcher())
        source = await self._stack.enter_async_context(HttpMetadataSource())
        return Ports(
            clock=clock,
            broker=self._client("pcm"),
            journal=self._journal,
            modem=world,
            body=world,
            app=world,
            unit=self._unit,
            repositories=TrustedRepositories(PacedSource(source, world, clock), options.trust),
            fetcher=DamagingFetcher(PacedFetcher(fetcher, world, clock), world.disk),
            files=FaultyFiles(DiskPackageFiles(options.folder / "packages"), world.disk, clock),
            observer=AgentWatch(self._trace, options.vin),
            new_id=lambda: uuid4().hex,
            jitter=random.random,
        )

    def _link(self, agent: Agent) -> RigLink:
        """The wire on which a rig asks for what is to happen in the world."""
        trace, vin = self._trace, self._options.vin
        do = partial(do_in_world, self._world, agent, self._clock)
        return RigLink(
            self._client("sim"),
            vin,
            "world",
            lambda _, name, value: with_refusal(trace, lambda: do(name, value)),
            partial(trace.noted, vin),
        )


def _vehicle(options: AgentOptions, snapshot: bytes | None) -> Vehicle:
    vin, profile, market = options.vin, options.profile, options.country
    if snapshot is None:
        return Vehicle.new(vin, profile, market, options.equipment)
    vehicle = Vehicle.restore(snapshot, profile, market, options.equipment)
    if vehicle.state.vin != vin:
        raise LocalError("folder-of-another-car", f"the journal is that of {vehicle.state.vin}, not of {vin}")
    if (vehicle.state.profile, vehicle.state.market) != (profile.name, market.code):
        was = f"a {vehicle.state.profile} sold in {vehicle.state.market}"
        raise LocalError("folder-of-another-car", f"{vin} is {was}; a changed car needs a folder of its own")
    return vehicle
