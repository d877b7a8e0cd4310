"""The agent on ports in memory and in virtual time, and an ear on the bus that stands for the backend."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from firmware_profiles import Way, load_countries, load_profile
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.core import events as on
from pcm_agent.core.state import PackageJob
from pcm_agent.core.states import Access
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.ports import Ports
from pcm_agent.protocol.envelope import Envelope, encode, encode_body
from pcm_agent.protocol.messages import (
    KIND_OF,
    Command,
    Look,
    PackageReported,
    PackageState,
    RefusalReported,
    Reply,
)
from pcm_agent.protocol.people import RemoteAction
from pcm_agent.protocol.secret import Secret
from pcm_agent.runtime import Agent
from pcm_agent.transport import Broker, Clock, Incoming, Outgoing, Session
from pcm_agent.trust.unit import unit_with
from simulator.backend.depot import Wanted
from simulator.clock import SimClock
from simulator.keys import seeded_key
from simulator.lab import START, seeded_depot
from simulator.repository import MemoryStore, Release
from simulator.trace import Record, Trace
from simulator.units import record_of
from simulator.virtual import Bus, MemoryFetcher, MemoryJournal, MemoryPackageFiles, MemorySource
from simulator.watch import AgentWatch
from tests.messages import open_envelope, typed
from tests.waiting import idle

if TYPE_CHECKING:
    from pcm_agent.ports import Fetcher, Journal, MetadataSource, PackageFiles, Repositories

VIN = "WP0ZZZY1ZSA000001"
OTHER_VIN = "WP0ZZZY1ZSA000002"
FUNCTION = "intelligent-range-manager"
LENGTH = 1_000_000
OPEN_ENDED = START + timedelta(days=28)


class Modem:
    """Keeps what it was asked for, and what it is to carry, and answers nothing by itself."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.carried: list[Outgoing] = []
        self.carries = True
        self.come_up: Callable[[str], Awaitable[bool]] = self._come_up
        """Whether a function that was installed works."""

    async def _come_up(self, function: str) -> bool:
        return bool(function)

    async def comes_up(self, function: str) -> bool:
        return await self.come_up(function)

    def operate(self, action: RemoteAction) -> None:
        self.asked.append(f"operate {action}")

    def carry(self, message: Outgoing) -> bool:
        if self.carries:
            self.carried.append(message)
        return self.carries

    def attach(self, way: Way, apn: str | None) -> None:
        self.asked.append("attach")

    def detach(self, way: Way) -> None:
        self.asked.append("detach")

    def unlock_sim(self, pin: Secret) -> None:
        self.asked.append("unlock")

    def unblock_sim(self, puk: Secret, new_pin: Secret) -> None:
        self.asked.append("unblock")

    def join_hotspot(self, ssid: str, password: Secret) -> None:
        self.asked.append("join")

    def scan_hotspots(self) -> None:
        self.asked.append("scan")

    def start_map(self, version: str, received: int, length: int) -> None:
        self.asked.append("start map")

    def stop_map(self) -> None:
        self.asked.append("stop map")


class Tries:
    """A broker that notes when somebody tries to connect."""

    def __init__(self, broker: Broker, clock: SimClock) -> None:
        self.inner, self._clock = broker, clock
        self.at: list[datetime] = []

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[Session]:
        self.at.append(self._clock.now())
        async with self.inner.connect(will, subscriptions) as session:
            yield session

    @property
    def pauses(self) -> list[float]:
        return [(later - earlier).total_seconds() for earlier, later in pairwise(self.at)]


class Bench:
    """One agent, a bus, and an ear on the bus that stands for the backend."""

    def __init__(self, profile: str = "taycan", jitter: Callable[[], float] = lambda: 1.0) -> None:
        self.clock = SimClock(START)
        self.shown: Clock | None = None
        """The car's own clock; None: it is right."""
        self.bus = Bus()
        self.broker = Tries(self.bus.client(f"pcm-{VIN}"), self.clock)
        self.depot = seeded_depot(1, MemoryStore(), "http://backend.virtual", self.clock)
        self.unit = unit_with(seeded_key(VIN))
        self.depot.units.keep(record_of(VIN, load_profile(profile).hardware_id, self.unit))
        self.listed: dict[str, Wanted] = {}
        """What the Director has the car have, by offer."""
        self.removed: set[str] = set()
        """What it has the car take out."""
        self.source: MetadataSource = MemorySource(self.depot.lookup)
        self.repositories: Repositories | None = None
        """None: the depot's."""
        self.journal: Journal = MemoryJournal()
        self.files: PackageFiles = MemoryPackageFiles()
        self.fetcher: Fetcher = MemoryFetcher(self.depot.lookup)
        self.modem = Modem()
        self.trace = Trace(self.clock)
        self.heard: list[Incoming] = []
        self.agent: Agent
        self.task: asyncio.Task[None]
        self._profile, self._jitter = profile, jitter
        self._ids = self._looks = 0
        self._ear = self.bus.open("ear", None, [f"pcm/v1/{VIN}/{end}" for end in ("presence", "state", "+/+")])
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        async for message in self._ear.messages():
            if "/command/" not in message.topic:
                self.heard.append(message)

    def _new_id(self) -> str:
        self._ids += 1
        return f"id-{self._ids}"

    def boot(self) -> None:
        """A new agent, from what the journal holds."""
        saved = self.journal.load()
        profile, market = load_profile(self._profile), load_countries()["JP"]
        vehicle = (
            Vehicle.new(VIN, profile, market)
            if saved.snapshot is None
            else Vehicle.restore(saved.snapshot, profile, market)
        )
        given = self.depot.repositories.roots()
        ports = Ports(
            clock=self.shown or self.clock,
            broker=self.broker,
            journal=self.journal,
            modem=self.modem,
            body=self.modem,
            app=self.modem,
            unit=self.unit,
            repositories=self.repositories or UptaneRepositories(self.source, self.depot.base_url, given),
            fetcher=self.fetcher,
            files=self.files,
            observer=AgentWatch(self.trace, VIN),
            new_id=self._new_id,
            jitter=self._jitter,
        )
        self.agent = Agent(vehicle, ports, "test 1.0", saved.outbox)
        self.agent.boot()
        self.task = asyncio.create_task(self.agent.run())

    async def get_online(self) -> None:
        if not hasattr(self, "agent"):
            self.boot()
        self.agent.feed(on.IgnitionTurnedOn())
        self.agent.feed(on.CellChanged("JP", Access.LTE))
        self.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
        await idle()
        assert self.agent.online

    async def lose_data(self) -> None:
        self.agent.feed(on.CellChanged("JP", None))
        await idle()

    async def find_data(self) -> None:
        self.agent.feed(on.CellChanged("JP", Access.LTE))
        self.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
        await idle()

    async def stop(self) -> None:
        """In order, as with SIGTERM."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await idle()

    async def crash(self) -> None:
        """As with a power cut: nothing is said, what was not committed is gone."""
        session = self.bus._sessions.get(f"pcm-{VIN}")
        if session is not None:
            session.cut()
        await self.stop()

    async def pass_time(self, seconds: float) -> None:
        end = self.clock.now() + timedelta(seconds=seconds)
        await idle()
        while self.clock.now() < end:
            self.clock.jump(min(self.clock.next_due() or end, end))
            await idle()

    async def send(self, body: Command, *, number: str = "c-1", expires: datetime | None = None) -> None:
        await self.send_raw(f"command/{KIND_OF[type(body)]}", envelope(body, number, expires=expires))

    async def send_raw(self, topic: str, payload: bytes, correlation: str | None = None) -> None:
        message = Outgoing(topic=f"pcm/v1/{VIN}/{topic}", payload=payload, id="raw", correlation=correlation)
        self.bus.deliver(message)
        await idle()

    async def offer(self, function: str = FUNCTION, version: str = "1.0", *, number: int = 1) -> Release:
        """Have the Director list an order of this number, in place of another one of the function, and say so."""
        release = self.depot.stock(function, version, LENGTH)
        self.listed = {offer: it for offer, it in self.listed.items() if it.function != function}
        self.listed[f"order-{number}.1"] = Wanted(function, version, OPEN_ENDED, "ordered")
        await self.look()
        return release

    async def remove(self, offer_id: str) -> None:
        """Have the Director list an order as to be removed, and say so."""
        self.listed.pop(offer_id, None)
        self.removed.add(offer_id)
        await self.look()

    async def withdraw(self, offer_id: str) -> None:
        """Have the Director list an order no longer, and say so."""
        self.listed.pop(offer_id)
        await self.look()

    async def look(self) -> None:
        """Have the Director list what is listed, and tell the car to look."""
        self.depot.publish(VIN, self.listed, self.removed)
        self._looks += 1
        await self.send(Look(), number=f"look-{self._looks}")

    def bodies(self) -> list[object]:
        """What was heard, typed."""
        return [typed(message) for message in self.heard]

    def replies(self) -> list[tuple[str | None, str, str | None]]:
        """Correlation, stage and code of the answers."""
        found = [msgspec.json.decode(it.payload, type=Envelope) for it in self.heard if "/reply/" in it.topic]
        answers = [(it.correlation, msgspec.json.decode(it.body, type=Reply)) for it in found]
        return [(correlation, reply.stage, reply.code) for correlation, reply in answers]

    def states(self) -> list[str]:
        """Where the package stood, as it was reported; a report that came again after a restart counts once."""
        reports = {open_envelope(it).id: typed(it) for it in self.heard if it.topic.endswith("/event/package")}
        return [report.state.value for report in reports.values() if isinstance(report, PackageReported)]

    @property
    def job(self) -> PackageJob:
        return self.agent.vehicle.state.jobs["order-1.1"]

    def where(self) -> PackageState:
        return self.job.state

    def notes(self, code: str) -> list[Record]:
        return [record for record in self.trace.records if record.kind == "note" and record.name == code]


def envelope(
    body: object, number: str = "c-1", *, vin: str = VIN, kind: str = "", expires: datetime | None = None
) -> bytes:
    kind = kind or KIND_OF[type(body)]
    return encode(Envelope(id=number, vin=vin, kind=kind, time=START, body=encode_body(body), expires=expires))


def refused_taps(agent: Agent, times: int) -> list[str]:
    """Let the driver do what the rules refuse, each time something else; the refusals that are to be reported."""
    taps: list[tuple[on.Event, str]] = [
        (on.MobileDataEnabled(), "MobileDataEnabled"),
        (on.ApnEntered("internet"), "ApnEntered"),
        (on.HotspotChosen("phone", Secret("hunter2-hunter2")), "HotspotChosen"),
        (on.PairingCodeEntered(Secret("12345678")), "PairingCodeEntered"),
    ]
    wanted: list[str] = []
    for number in range(times):
        tap, name = taps[number * number % len(taps) if number % 3 else number % len(taps)]
        agent.feed(tap)
        wanted.append(name)
    return wanted


def refusals(bench: Bench) -> list[str]:
    return [body.event for body in bench.bodies() if isinstance(body, RefusalReported)]
