"""The agent on ports in memory and in virtual time: what it sends, keeps, refuses and survives."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import wraps
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from firmware_profiles import Way, load_countries, load_profile
from pcm_agent.core import events as on
from pcm_agent.core.state import Access, PackageJob
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import PeerError, TransportError
from pcm_agent.ports import Ports
from pcm_agent.protocol.envelope import (
    CONTENT_TYPE,
    MAX_BYTES,
    Envelope,
    body_type,
    decode,
    decode_body,
    encode,
    encode_body,
)
from pcm_agent.protocol.messages import (
    KIND_OF,
    Command,
    ConfigureReporting,
    MessagesLost,
    OfferPackage,
    PackageReported,
    PackageState,
    PairingRequested,
    Presence,
    RefusalReported,
    Reply,
    ReportState,
    WithdrawPackage,
)
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.topics import parse_topic
from pcm_agent.runtime import Agent
from pcm_agent.runtime.link import IN_FLIGHT, LONGEST_PAUSE
from pcm_agent.transport import Broker, Incoming, Outgoing
from simulator.backend.depot import Depot
from simulator.clock import IdleLoop, SimClock
from simulator.keys import seeded_key
from simulator.lab import START, Lab, VirtualMeans, running
from simulator.trace import Record, Trace
from simulator.virtual import Bus, BusSession, MemoryFetcher, MemoryJournal, MemoryPackageFiles
from simulator.watch import AgentWatch

if TYPE_CHECKING:
    from pcm_agent.ports import Fetcher, Journal, PackageFiles

VIN = "WP0ZZZY1ZSA000001"
OTHER_VIN = "WP0ZZZY1ZSA000002"
FUNCTION = "intelligent-range-manager"
LENGTH = 1_000_000
OPEN_ENDED = START + timedelta(days=28)


# --- the bench ------------------------------------------------------------------------------------------------------


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test in virtual time: on a loop that knows when nothing is left to do."""

    @wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        with asyncio.Runner(loop_factory=IdleLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


class Modem:
    """Keeps what it was asked for, and answers nothing by itself."""

    def __init__(self) -> None:
        self.asked: list[str] = []

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


class Tries:
    """A broker that notes when somebody tries to connect."""

    def __init__(self, broker: Broker, clock: SimClock) -> None:
        self.inner, self._clock = broker, clock
        self.at: list[datetime] = []

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[BusSession]:
        self.at.append(self._clock.now())
        async with self.inner.connect(will, subscriptions) as session:
            assert isinstance(session, BusSession)
            yield session

    @property
    def pauses(self) -> list[float]:
        return [(later - earlier).total_seconds() for earlier, later in pairwise(self.at)]


class Bench:
    """One agent, a bus, and an ear on the bus that stands for the backend."""

    def __init__(self, profile: str = "taycan", jitter: Callable[[], float] = lambda: 1.0) -> None:
        self.clock = SimClock(START)
        self.bus = Bus()
        self.broker = Tries(self.bus.client(f"pcm-{VIN}"), self.clock)
        self.depot = Depot(seeded_key(1), "http://backend.virtual")
        self.journal: Journal = MemoryJournal()
        self.files: PackageFiles = MemoryPackageFiles()
        self.fetcher: Fetcher = MemoryFetcher(self.depot.lookup)
        self.modem = Modem()
        self.trace = Trace(self.clock)
        self.heard: list[Incoming] = []
        self.agent: Agent
        self.task: asyncio.Task[None]
        self._profile, self._jitter = profile, jitter
        self._ids = 0
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
        key = self.depot.public_key
        vehicle = (
            Vehicle.new(VIN, profile, market, key)
            if saved.snapshot is None
            else Vehicle.restore(saved.snapshot, profile, market, key)
        )
        ports = Ports(
            clock=self.clock,
            broker=self.broker,
            journal=self.journal,
            modem=self.modem,
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

    async def offer(self, number: str = "c-1", **changes: object) -> OfferPackage:
        package = self.depot.make(FUNCTION, "1.0", LENGTH)
        if changes:
            package = msgspec.structs.replace(package, **changes)
        offer = self.depot.offer(package, VIN, "order-1.1", OPEN_ENDED, ask=False)
        await self.send(offer, number=number)
        return offer

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


async def idle() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, IdleLoop)
    await loop.idle()


def envelope(
    body: object, number: str = "c-1", *, vin: str = VIN, kind: str = "", expires: datetime | None = None
) -> bytes:
    kind = kind or KIND_OF[type(body)]
    return encode(Envelope(id=number, vin=vin, kind=kind, time=START, body=encode_body(body), expires=expires))


def open_envelope(message: Incoming) -> Envelope:
    topic = parse_topic(message.topic)
    assert topic is not None
    return decode(message.payload, topic)


def typed(message: Incoming) -> object:
    topic = parse_topic(message.topic)
    assert topic is not None
    body = body_type(topic)
    assert body is not None
    return decode_body(open_envelope(message), body)


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


# --- connection and queue -------------------------------------------------------------------------------------------


@pytest.mark.requirement("FOD-02")
@virtual
async def test_nothing_is_published_while_there_is_no_data_and_all_of_it_afterwards_in_order() -> None:
    bench = Bench()
    bench.boot()
    wanted = refused_taps(bench.agent, 50)
    await bench.pass_time(3600)
    assert bench.broker.at == []
    assert bench.heard == []
    assert not any(record.kind == "sent" for record in bench.trace.records)

    await bench.get_online()

    assert isinstance(bench.bodies()[0], Presence)
    assert refusals(bench) == wanted
    ids = [open_envelope(message).id for message in bench.heard]
    assert len(ids) == len(set(ids))


@virtual
async def test_queue_survives_a_power_cut() -> None:
    bench = Bench()
    bench.boot()
    wanted = refused_taps(bench.agent, 30)
    await bench.crash()
    bench.boot()
    wanted += refused_taps(bench.agent, 5)
    await bench.get_online()
    assert refusals(bench) == wanted


@virtual
async def test_what_a_cut_connection_swallowed_is_sent_again_under_the_same_id() -> None:
    bench = Bench()
    bench.boot()
    silent = bench.broker.inner = Silent(bench.broker.inner)
    await bench.get_online()
    wanted = refused_taps(bench.agent, 30)
    await idle()
    assert sum("/event/" in message.topic for message in silent.swallowed) == IN_FLIGHT
    silent.works = True
    await bench.lose_data()
    await bench.find_data()
    assert refusals(bench) == wanted
    heard = [open_envelope(message).id for message in bench.heard]
    again = [message.id for message in silent.swallowed if "/event/" in message.topic]
    assert [number for number in heard if number in again] == again


class Silent:
    """A broker that takes messages and acknowledges none, until it works."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.works = False
        self.swallowed: list[Outgoing] = []

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[BusSession]:
        async with self._broker.connect(will, subscriptions) as session:
            assert isinstance(session, BusSession)
            if not self.works:
                publish = session.publish

                def swallow(message: Outgoing) -> asyncio.Future[None]:
                    self.swallowed.append(message)
                    if "/presence" in message.topic:
                        return publish(message)
                    return asyncio.get_running_loop().create_future()

                session.publish = swallow  # type: ignore[method-assign]
            yield session


@virtual
async def test_full_queue_gives_up_the_oldest_and_says_how_many() -> None:
    bench = Bench()
    bench.boot()
    bench.agent._outbox._limit = 10
    wanted = refused_taps(bench.agent, 25)
    await bench.get_online()
    assert refusals(bench)[-5:] == wanted[-5:]
    await bench.lose_data()
    await bench.find_data()
    lost = [body.count for body in bench.bodies() if isinstance(body, MessagesLost)]
    assert lost == [25 + 1 - 10, 1]  # one more gave way to the first of these two messages
    assert sum(lost) + len(refusals(bench)) == 25
    assert len(bench.journal.load().outbox) <= 10


@virtual
async def test_stopped_agent_says_farewell_and_its_will_stays_unread() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.stop()
    presences = [body for body in bench.bodies() if isinstance(body, Presence)]
    assert [presence.status for presence in presences] == ["online", "offline"]
    assert len({presence.session_id for presence in presences}) == 1
    assert presences[0].profile == "taycan"
    assert bench.bus._retained[f"pcm/v1/{VIN}/presence"] == bench.heard[-1]
    assert not bench.agent.online


@virtual
async def test_car_without_data_says_nothing_itself_so_that_its_will_speaks() -> None:
    bench = Bench()
    await bench.get_online()
    sent = sum(record.kind == "sent" for record in bench.trace.records)
    await bench.lose_data()
    assert sum(record.kind == "sent" for record in bench.trace.records) == sent
    presence = bench.bodies()[-1]
    assert isinstance(presence, Presence)
    assert presence.status == "offline"
    assert not bench.agent.online
    await bench.find_data()
    sessions = {body.session_id for body in bench.bodies() if isinstance(body, Presence)}
    assert len(sessions) == 2


# --- broker down ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_broker_that_is_down_is_told_once_and_tried_ever_more_rarely(jitter: float) -> None:
    @virtual
    async def test() -> None:
        bench = Bench(jitter=lambda: jitter)
        bench.bus.up = False
        bench.boot()
        bench.agent.feed(on.CellChanged("JP", Access.LTE))
        bench.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
        wanted = refused_taps(bench.agent, 12)
        await bench.pass_time(1800)
        factor = 0.5 + jitter / 2
        pauses = bench.broker.pauses
        assert pauses[:8] == pytest.approx([factor * min(2**n, LONGEST_PAUSE) for n in range(8)], abs=1e-3)
        assert max(pauses) == pytest.approx(LONGEST_PAUSE * factor, abs=1e-3)
        assert len(bench.notes("broker-unreachable")) == 1
        assert bench.notes("broker-back") == []

        bench.bus.up = True
        await bench.pass_time(LONGEST_PAUSE)
        assert len(bench.notes("broker-back")) == 1
        assert refusals(bench) == wanted

    test()


@virtual
async def test_jitter_keeps_cars_from_coming_back_all_at_once() -> None:
    draws = iter([0.0, 0.9, 0.1, 0.7, 0.3] * 40)
    bench = Bench(jitter=lambda: next(draws))
    bench.bus.up = False
    bench.boot()
    bench.agent.feed(on.CellChanged("JP", Access.LTE))
    bench.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
    await bench.pass_time(900)
    longest = bench.broker.pauses[7:12]
    assert len(set(longest)) == 5
    assert all(LONGEST_PAUSE / 2 <= pause <= LONGEST_PAUSE for pause in longest)


@virtual
async def test_broker_that_goes_down_and_comes_back_loses_nothing() -> None:
    bench = Bench()
    await bench.get_online()
    bench.bus.stop()
    await idle()
    wanted = refused_taps(bench.agent, 40)
    await bench.pass_time(100)
    assert [record.name for record in bench.trace.records if record.kind == "note"].count("session-lost") == 1
    bench.bus.up = True
    ear = Bench._listen
    bench._ear = bench.bus.open("ear", None, [f"pcm/v1/{VIN}/{end}" for end in ("presence", "state", "+/+")])
    again = asyncio.ensure_future(ear(bench))
    await bench.pass_time(LONGEST_PAUSE)
    assert len(bench.notes("broker-back")) == 1
    assert refusals(bench) == wanted
    again.cancel()


# --- commit before perform ------------------------------------------------------------------------------------------


class Brittle(MemoryJournal):
    """A journal that fails at one commit, and works before and after."""

    def __init__(self) -> None:
        super().__init__()
        self.works = True
        self.commits = 0

    def commit(self, snapshot: bytes | None, add: Sequence[tuple[int, Outgoing]], remove: Sequence[int]) -> None:
        self.commits += 1
        if not self.works:
            self.works = True
            raise TransportError("disk-full", "no space left on device")
        super().commit(snapshot, add, remove)


@virtual
async def test_what_could_not_be_committed_is_not_done_either() -> None:
    bench = Bench()
    bench.journal = journal = Brittle()
    bench.boot()
    await idle()
    before = journal.load()
    journal.works = False
    bench.agent.feed(on.CellChanged("JP", Access.LTE))  # would ask the modem for a bearer
    bench.agent.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))  # would open the session
    with pytest.raises(TransportError) as caught:
        await bench.task
    assert caught.value.code == "disk-full"
    assert bench.modem.asked == []
    assert bench.broker.at == []
    assert bench.clock.next_due() is None
    assert journal.load() == before
    assert len(bench.notes("disk-full")) == 1

    bench.boot()
    await bench.get_online()
    assert bench.modem.asked == ["attach"]


@virtual
async def test_message_that_follows_a_failed_commit_at_once_changes_nothing() -> None:
    bench = Bench()
    bench.journal = journal = Brittle()
    await bench.get_online()
    before, asked = journal.load(), journal.commits
    heard = len(bench.heard)
    journal.works = False
    for number in ("c-1", "c-2", "c-3"):
        topic = f"pcm/v1/{VIN}/command/configure-reporting"
        payload = envelope(ConfigureReporting(heartbeat_seconds=5), number)
        bench.bus.deliver(Outgoing(topic=topic, payload=payload, id=number))
    with pytest.raises(TransportError):
        await bench.task
    await idle()
    assert journal.commits == asked + 1
    assert journal.load() == before
    assert not any(isinstance(body, Reply) for body in bench.bodies()[heard:])

    bench.boot()
    await bench.get_online()
    for number in ("c-1", "c-2", "c-3"):  # the backend keeps them until their result is in
        await bench.send(ConfigureReporting(heartbeat_seconds=5), number=number)
    assert [reply for reply in bench.replies() if reply[1] == "done"] == [(f"c-{n}", "done", None) for n in (1, 2, 3)]


@virtual
async def test_journal_that_fails_at_the_boot_ends_it() -> None:
    bench = Bench()
    bench.journal = journal = Brittle()
    journal.works = False
    with pytest.raises(TransportError) as caught:
        bench.boot()
    assert caught.value.code == "disk-full"
    assert journal.load().snapshot is None


# --- messages that are wrong ----------------------------------------------------------------------------------------

GOOD = envelope(ReportState(), "c-7")
DEEP = GOOD[:-3] + b"[" * 50_000 + b"]" * 50_000 + b"}"
CONFIGURE = "configure-reporting"


@pytest.mark.parametrize(
    ("kind", "payload", "code", "correlation"),
    [
        pytest.param("report-state", b"", "message-malformed", None, id="empty"),
        pytest.param("report-state", b"\xff\xfe\x00", "message-malformed", None, id="no-text"),
        pytest.param("report-state", b"[]", "message-malformed", None, id="no-object"),
        pytest.param("report-state", b'{"id": "c-7"}', "message-malformed", "c-7", id="id-only"),
        pytest.param("report-state", GOOD[:-1], "message-malformed", None, id="cut-off"),
        pytest.param("report-state", DEEP, "message-malformed", None, id="nested"),
        pytest.param("report-state", GOOD + b" " * MAX_BYTES, "message-oversized", None, id="oversized"),
        pytest.param("report-state", envelope(ReportState(), "c-7", vin=OTHER_VIN), "message-foreign-vin", "c-7"),
        pytest.param("report-state", envelope({}, "c-7", kind=CONFIGURE), "message-kind-mismatch", "c-7", id="kind"),
        pytest.param("self-destruct", envelope({}, "c-7", kind="self-destruct"), "command-unknown", "c-7"),
        pytest.param(CONFIGURE, envelope({}, "c-7", kind=CONFIGURE), "message-invalid", "c-7", id="field-missing"),
        pytest.param(
            CONFIGURE,
            envelope({"heartbeat_seconds": 0}, "c-7", kind=CONFIGURE),
            "message-invalid",
            "c-7",
            id="out-of-range",
        ),
        pytest.param(
            "withdraw-package",
            envelope({"offer_id": "../../etc"}, "c-7", kind="withdraw-package"),
            "message-invalid",
            "c-7",
            id="path-in-a-name",
        ),
    ],
)
def test_wrong_command_is_counted_noted_and_refused(
    kind: str, payload: bytes, code: str, correlation: str | None
) -> None:
    @virtual
    async def test() -> None:
        bench = Bench()
        await bench.get_online()
        before = bench.agent.vehicle.snapshot()
        await bench.send_raw(f"command/{kind}", payload)
        assert bench.agent.rejected == {code: 1}
        assert len(bench.notes(code)) == 1
        assert bench.agent.vehicle.snapshot() == before
        assert bench.replies() == [(correlation, "refused", code)]
        assert bench.heard[-1].topic == f"pcm/v1/{VIN}/reply/{kind}"
        await bench.send(ReportState(), number="c-8")
        assert bench.replies()[-2:] == [("c-8", "received", None), ("c-8", "done", None)]

    test()


@virtual
async def test_sender_of_an_unreadable_message_is_found_by_its_mqtt5_correlation() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.send_raw("command/report-state", b"\x00" * (MAX_BYTES + 1), correlation="from-mqtt5")
    assert bench.replies() == [("from-mqtt5", "refused", "message-oversized")]


@virtual
async def test_largest_message_that_is_allowed_is_read() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.send_raw("command/report-state", GOOD + b" " * (MAX_BYTES - len(GOOD)))
    assert bench.replies() == [("c-7", "received", None), ("c-7", "done", None)]


@pytest.mark.parametrize(
    "topic",
    [
        f"pcm/v1/{VIN}/state",
        f"pcm/v1/{VIN}/event/heartbeat",
        f"pcm/v2/{VIN}/command/report-state",
        "",
        "/" * 100,
        f"sim/v1/{VIN}/world/ignition",
        f"pcm/v1/{OTHER_VIN}/command/report-state",
    ],
)
def test_message_on_a_topic_that_is_none_of_ours_is_counted_and_answered_to_nobody(topic: str) -> None:
    @virtual
    async def test() -> None:
        bench = Bench()
        await bench.get_online()
        heard = len(bench.heard)
        foreign = topic.startswith(f"pcm/v1/{OTHER_VIN}")
        session = bench.bus._sessions[f"pcm-{VIN}"]
        session.offer(Incoming(topic=topic, payload=envelope(ReportState(), vin=OTHER_VIN)))
        await idle()
        assert bench.agent.rejected == {"message-foreign-vin" if foreign else "topic-unexpected": 1}
        assert len(bench.heard) == heard
        assert bench.agent.online

    test()


# --- commands -------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("FOD-02")
@virtual
async def test_command_that_comes_twice_acts_once_and_is_answered_twice_alike() -> None:
    bench = Bench()
    bench.fetcher = Scripted(bench.depot, [Scripted.hang] * 9)
    await bench.get_online()
    await bench.offer()
    await bench.offer()
    assert bench.replies() == [("c-1", "received", None), ("c-1", "done", None)] * 2
    assert bench.states() == ["offered", "consented", "downloading"]
    await bench.crash()
    bench.boot()
    await bench.get_online()
    await bench.offer()
    assert bench.replies()[-2:] == [("c-1", "received", None), ("c-1", "done", None)]
    await bench.offer(number="c-2")  # another command for the same offer: no second job either
    assert bench.replies()[-2:] == [("c-2", "received", None), ("c-2", "done", None)]
    assert bench.states().count("offered") == 1
    assert list(bench.agent.vehicle.state.jobs) == ["order-1.1"]


@virtual
async def test_refused_command_that_comes_twice_is_refused_twice_alike() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.send(WithdrawPackage(offer_id="order-9.9"))
    await bench.send(WithdrawPackage(offer_id="order-9.9"))
    assert bench.replies() == [("c-1", "received", None), ("c-1", "refused", "offer-unknown")] * 2


@virtual
async def test_expired_command_takes_no_effect() -> None:
    bench = Bench()
    await bench.get_online()
    await bench.send(ConfigureReporting(heartbeat_seconds=5), expires=START)
    assert bench.replies() == [("c-1", "received", None), ("c-1", "refused", "command-expired")]
    assert bench.agent.vehicle.state.heartbeat_seconds == 60
    later = START + timedelta(seconds=1)
    await bench.send(ConfigureReporting(heartbeat_seconds=5), number="c-2", expires=later)
    assert bench.agent.vehicle.state.heartbeat_seconds == 5


@virtual
async def test_answer_that_must_last_is_given_after_the_connection_is_back() -> None:
    bench = Bench()
    bench.boot()
    silent = bench.broker.inner = Silent(bench.broker.inner)
    await bench.get_online()
    await bench.send(ConfigureReporting(heartbeat_seconds=5))
    assert bench.replies() == []
    silent.works = True
    await bench.lose_data()
    await bench.find_data()
    assert bench.replies() == [("c-1", "done", None)]


# --- downloads ------------------------------------------------------------------------------------------------------

Behaviour = Callable[[bytes, int], AsyncGenerator[bytes]]


class Scripted:
    """A fetcher that behaves as told, one behaviour a fetch, and well afterwards."""

    def __init__(self, depot: Depot, behaviours: Sequence[Behaviour]) -> None:
        self._depot = depot
        self._behaviours = list(behaviours)
        self.offsets: list[int] = []
        self.closed = 0

    async def fetch(self, url: str, offset: int, length: int) -> AsyncGenerator[bytes]:
        self.offsets.append(offset)
        content = self._depot.lookup(url) or b""
        behave = self._behaviours.pop(0) if self._behaviours else self.well
        try:
            async for chunk in behave(content, offset):
                yield chunk
        finally:
            self.closed += 1

    @staticmethod
    async def well(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        for start in range(offset, len(content), 100_000):
            yield content[start : start + 100_000]

    @staticmethod
    async def break_off(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        yield content[offset : offset + 300_000]
        raise TransportError("transfer-interrupted", "connection reset")

    @staticmethod
    async def break_off_at_once(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        for _ in ():
            yield content
        raise TransportError("transfer-interrupted", "connection refused")

    @staticmethod
    async def hang(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        yield content[offset : offset + 300_000]
        await asyncio.Event().wait()

    @staticmethod
    async def other_bytes(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        yield bytes(len(content) - offset)

    @staticmethod
    async def too_few_bytes(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        yield content[offset:-1]

    @staticmethod
    async def gone(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        yield content[offset : offset + 300_000]
        raise PeerError("package-gone", "404")


@pytest.mark.requirement("FOD-02", "FOD-04")
@virtual
async def test_download_that_breaks_off_goes_on_where_it_was() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.break_off, Scripted.break_off])
    await bench.get_online()
    await bench.offer()
    assert bench.where() is PackageState.PAUSED
    assert (bench.job.code, bench.job.blocked_by) == ("transfer-interrupted", ("transfer-interrupted",))
    assert len(bench.notes("transfer-interrupted")) == 1
    await bench.pass_time(10)
    assert fetcher.offsets == [0, 300_000, 600_000]
    assert bench.where() is PackageState.WAITING
    assert bench.states()[-2:] == ["staged", "waiting"]


@virtual
async def test_download_that_fails_again_and_again_is_tried_ever_more_rarely() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.break_off_at_once] * 14)
    await bench.get_online()
    starts: list[datetime] = []
    bench.trace.listen(
        lambda record: starts.append(record.time) if record.data.get("target") == "downloading" else None
    )
    await bench.offer()
    await bench.pass_time(3600)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(starts)]
    assert pauses == [min(2**n, 300) for n in range(14)]
    assert bench.where() is PackageState.WAITING
    assert len(fetcher.offsets) == 15


@pytest.mark.requirement("FOD-02")
@virtual
async def test_download_stops_without_data_and_goes_on_with_it() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    assert bench.where() is PackageState.DOWNLOADING
    await bench.lose_data()
    assert (bench.where(), bench.job.blocked_by) == (PackageState.PAUSED, ("no-data",))
    assert fetcher.closed == 1
    await bench.find_data()
    assert fetcher.offsets == [0, 300_000]
    assert bench.where() is PackageState.WAITING


@pytest.mark.requirement("PRV-02")
@virtual
async def test_download_stops_in_private_mode_and_goes_on_without_it() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    bench.agent.feed(on.PrivateModeEnabled())
    await idle()
    assert (bench.where(), bench.job.blocked_by) == (PackageState.PAUSED, ("private-mode",))
    assert fetcher.closed == 1
    await bench.pass_time(3600)
    assert fetcher.offsets == [0]
    bench.agent.feed(on.PrivateModeDisabled())
    await idle()
    assert fetcher.offsets == [0, 300_000]
    assert bench.where() is PackageState.WAITING


@virtual
async def test_download_goes_on_after_a_power_cut() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    await bench.crash()
    bench.boot()
    await bench.get_online()
    assert fetcher.offsets[0] == 0
    assert set(fetcher.offsets[1:]) == {300_000}
    assert bench.where() is PackageState.WAITING


@pytest.mark.requirement("FOD-04")
@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (Scripted.other_bytes, "package-hash"),
        (Scripted.too_few_bytes, "package-length"),
        (Scripted.gone, "package-gone"),
    ],
    ids=["hash", "length", "gone"],
)
def test_download_that_cannot_succeed_fails_with_its_code_and_leaves_nothing(behaviour: Behaviour, code: str) -> None:
    @virtual
    async def test() -> None:
        bench = Bench()
        bench.files = files = MemoryPackageFiles()
        bench.fetcher = Scripted(bench.depot, [behaviour])
        await bench.get_online()
        await bench.offer()
        assert (bench.where(), bench.job.code) == (PackageState.FAILED, code)
        last = bench.bodies()[-2]
        assert isinstance(last, PackageReported)
        assert (last.state, last.code) == (PackageState.FAILED, code)
        assert len(bench.notes(code)) == 1
        assert files.received("order-1.1") == 0
        assert files._versions == {}
        await bench.pass_time(3600)
        assert bench.where() is PackageState.FAILED

    test()


@pytest.mark.requirement("FOD-04", "FOD-09")
@virtual
async def test_order_stays_open_when_its_package_fails_and_can_be_offered_again() -> None:
    means = VirtualMeans(1)
    lab = Lab(means, Trace(means.clock), 1)
    async with running(lab):
        car = lab.add_car("taycan", "JP")
        lab.desk.register(car.vin, "hanako@example.com", "sakura-2026", "JP")
        lab.wake(car)
        car.world.happens(on.IgnitionTurnedOn())
        car.world.enter_cell("JP", Access.LTE)
        assert await lab.until(lambda: car.agent.online, timedelta(seconds=30))
        lab.desk.order(car.vin, FUNCTION, LENGTH, version="1.0", price_cents=1, currency="JPY", ask=False)
        package = means.depot.make(FUNCTION, "1.0", LENGTH)
        means.depot.put(package.sha256, bytes(LENGTH))  # somebody tampered with it
        lab.backend.send_to(car.vin)
        jobs = car.agent.vehicle.state.jobs
        assert await lab.until(lambda: bool(jobs) and jobs["order-1.1"].code == "package-hash", timedelta(minutes=1))
        await means.settle(lab)
        assert lab.desk.order_of(car.vin, FUNCTION) == ("open", "package-hash", 0)
        lab.desk.offer_again(car.vin, FUNCTION)
        lab.backend.send_to(car.vin)
        assert await lab.until(
            lambda: "order-1.2" in jobs and jobs["order-1.2"].state is PackageState.WAITING, timedelta(minutes=1)
        )
        await means.settle(lab)
        assert lab.desk.order_of(car.vin, FUNCTION) == ("downloaded", None, 0)


class FullDisk(MemoryPackageFiles):
    """A disk with so many bytes left."""

    def __init__(self, space: int) -> None:
        super().__init__()
        self.space = space

    async def append(self, offer_id: str, chunk: bytes) -> None:
        if len(chunk) > self.space:
            raise TransportError("disk-full", "packages: no space left on device")
        self.space -= len(chunk)
        await super().append(offer_id, chunk)


@virtual
async def test_full_disk_pauses_the_download_until_there_is_space() -> None:
    bench = Bench()
    bench.files = disk = FullDisk(450_000)
    bench.fetcher = fetcher = Scripted(bench.depot, [])
    await bench.get_online()
    await bench.offer()
    assert (bench.where(), bench.job.code) == (PackageState.PAUSED, "disk-full")
    assert len(bench.notes("disk-full")) == 1
    await bench.pass_time(60)
    assert (bench.where(), bench.job.code) == (PackageState.PAUSED, "disk-full")
    disk.space = 10 * LENGTH
    await bench.pass_time(120)
    assert bench.where() is PackageState.WAITING
    assert bench.job.code is None
    assert set(fetcher.offsets) == {0, 400_000}
    assert hashlib.sha256(disk._versions[bench.job.manifest.sha256]).hexdigest() == bench.job.manifest.sha256


@virtual
async def test_download_can_be_cancelled_while_it_runs() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    assert files.received("order-1.1") == 300_000
    await bench.send(WithdrawPackage(offer_id="order-1.1"), number="c-2")
    assert bench.where() is PackageState.CANCELLED
    assert bench.states()[-2:] == ["cancelling", "cancelled"]
    assert files.received("order-1.1") == 0
    assert fetcher.closed == 1
    await bench.pass_time(3600)
    assert fetcher.offsets == [0]


@pytest.mark.requirement("FOD-04", "FOD-06")
@virtual
async def test_version_that_is_not_well_after_the_switch_is_rolled_back() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    offer = await bench.offer()
    files._versions[offer.manifest.sha256] = b"rotten"
    for event in (on.IgnitionTurnedOff(), on.CarLeft(), on.CarLocked()):
        bench.agent.feed(event)
    await bench.pass_time(600)
    assert (bench.where(), bench.job.code) == (PackageState.ROLLED_BACK, "package-hash")
    assert files._active == {}


# --- secrets --------------------------------------------------------------------------------------------------------

PAIRING_CODE, PIN, PUK, NEW_PIN, WIFI, PASSWORD = (
    "86420975",
    "7913",
    "31415926",
    "2718",
    "wifi-s3cret",
    "p0rsche-s3cret",
)


@pytest.mark.parametrize("profile", ["taycan", "cayenne-gen3"])
@pytest.mark.requirement("IDN-04")
def test_secrets_stand_in_no_trace_no_note_and_no_message_but_the_pairing_code_on_the_wire(profile: str) -> None:
    @virtual
    async def test() -> None:
        bench = Bench(profile)
        bench.boot()
        for event in (
            on.IgnitionTurnedOn(),
            on.CellChanged("JP", Access.LTE),
            on.SimInserted("JP"),
            on.SimPinEntered(Secret(PIN), store=True),
            on.SimPinRejected(0),
            on.SimPukEntered(Secret(PUK), Secret(NEW_PIN)),
            on.SimUnlocked(),
            on.ApnEntered("internet"),
            on.BearerAttached(Way.INSERTED_SIM, Access.LTE),
            on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE),
            on.HotspotChosen("phone", Secret(WIFI)),
            on.PairingCodeEntered(Secret(PAIRING_CODE)),
            on.PorscheIdEntered("hanako@example.com", Secret(PASSWORD)),
        ):
            bench.agent.feed(event)
        await idle()
        assert bench.agent.online
        for number, body in enumerate(({"pin": PIN}, {"pairing_code": PAIRING_CODE})):
            await bench.send_raw("command/report-state", envelope(body, f"c-{number}", kind="report-state")[:-1])
        written = b"\n".join(msgspec.json.encode(record) for record in bench.trace.records).decode()
        spoken = [message for message in bench.heard if not isinstance(typed(message), PairingRequested)]
        heard = b"\n".join(message.payload for message in spoken).decode()
        for secret in (PAIRING_CODE, PIN, PUK, NEW_PIN, WIFI, PASSWORD):
            assert f'"{secret}"' not in written + heard
            if len(secret) > 4:  # four digits may stand in an id or a time by chance
                assert secret not in written + heard
        asked = [body for body in bench.bodies() if isinstance(body, PairingRequested)]
        expected = [] if profile == "taycan" else [PAIRING_CODE]
        assert [body.pairing_code.reveal() for body in asked] == expected
        assert ('"***"' in written) is True

    test()


@virtual
async def test_every_envelope_names_car_time_and_content_type() -> None:
    bench = Bench()
    await bench.get_online()
    for message in bench.heard:
        opened = open_envelope(message)
        assert (opened.content_type, opened.vin, opened.time) == (CONTENT_TYPE, VIN, START)
