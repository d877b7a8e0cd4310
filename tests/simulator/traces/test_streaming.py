import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from pcm_agent.errors import TransportError
from pcm_agent.protocol.topics import Topic
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.transport import Broker, Outgoing, Session
from simulator.clock import SimClock
from simulator.trace import FORMAT, Trace
from simulator.traces import recording, streaming
from simulator.traces.recording import Recorder
from simulator.traces.streaming import RECORDERS, RECORDS, Streamer
from simulator.virtual import Bus
from tests.waiting import eventually, one_turn

VIN = "WP0ZZZY1ZPSA00001"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Gate:
    """A client that is let through to its broker, or waits."""

    def __init__(self, client: Broker) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self._client = client

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[Session]:
        await self.open.wait()
        async with self._client.connect(will, subscriptions) as session:
            yield session


class Stand:
    """A bus with one process that has a trace, and a recorder."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.trace, self.recorded = Trace(SimClock(START)), Trace(SimClock(START))
        self.told: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.streamer = Streamer(self.bus.client("trace-1"), self.trace, "agent", self.begin)
        self.gate = Gate(self.bus.client("record-1"))
        self.recorder = Recorder(self.gate, "record-1", self.recorded, self.told.append)

    def begin(self) -> None:
        self.trace.add("car", "roadster", {"state": {}}, VIN)

    def start(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        self.tasks.append(asyncio.ensure_future(work))
        return self.tasks[-1]

    async def has(self, *names: str) -> None:
        await eventually(lambda: [record.name for record in self.recorded.records[1:]] == list(names))


@pytest.fixture
async def stand(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Stand]:
    for module in (streaming, recording):
        monkeypatch.setattr(module, "PAUSE", 0.001)
    stand = Stand()
    yield stand
    await cancel_and_wait(*stand.tasks)


async def test_what_happens_while_somebody_records_is_recorded(stand: Stand) -> None:
    stand.trace.add("note", "unheard")
    stand.start(stand.streamer.run())
    recorder = stand.start(stand.recorder.run())
    await stand.has("roadster")
    event = stand.trace.add("event", "CarLocked", {}, VIN)
    stand.trace.add("transition", "lock", {"source": "unlocked", "target": "locked"}, VIN, event)
    stand.trace.add("backend", "account-deleted", {"porsche_id": "max@example.com"})
    await stand.has("roadster", "CarLocked", "lock", "account-deleted")
    run, _, locked, lock, deleted = stand.recorded.records
    assert (run.data["format"], run.data["mode"]) == (FORMAT, "recorded")
    assert (locked.seq, locked.car, locked.cause, lock.cause, deleted.car) == (2, VIN, None, 2, "")
    assert lock.data == {"source": "unlocked", "target": "locked"}
    assert locked.time == START
    await cancel_and_wait(recorder)
    await eventually(lambda: not stand.streamer.heard)
    stand.trace.add("note", "unheard")
    assert len(stand.recorded.records) == 5


async def test_who_comes_while_somebody_records_begins_with_its_state(stand: Stand) -> None:
    stand.start(stand.recorder.run())
    for _ in range(5):
        await one_turn()
    stand.start(stand.streamer.run())
    await stand.has("roadster")


async def test_after_the_broker_was_gone_a_stream_begins_anew(stand: Stand) -> None:
    stand.start(stand.streamer.run())
    stand.start(stand.recorder.run())
    await stand.has("roadster")
    stand.bus.stop()
    await eventually(lambda: stand.told)
    stand.trace.add("note", "unheard")
    stand.bus.up = True
    await eventually(lambda: len(stand.recorded.records) >= 3)
    assert {record.name for record in stand.recorded.records[1:]} == {"roadster"}


async def test_a_stream_begins_anew_for_a_recorder_that_is_back_later_than_the_stream(stand: Stand) -> None:
    """The broker still says that it is there, so it is sent what it can't hear."""
    stand.start(stand.streamer.run())
    stand.start(stand.recorder.run())
    await stand.has("roadster")
    stand.gate.open.clear()
    stand.bus.stop()
    stand.bus.up = True
    await eventually(lambda: len(stand.trace.records) == 2)
    stand.gate.open.set()
    await stand.has("roadster", "roadster")
    assert len(stand.trace.records) == 3


async def test_a_stream_that_can_not_keep_up_begins_anew(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LIMIT", 3)
    stand.start(stand.streamer.run())
    stand.start(stand.recorder.run())
    await stand.has("roadster")
    for number in range(5):
        stand.trace.add("note", f"note-{number}")
    await stand.has("roadster", "roadster")
    stand.trace.add("note", "heard")
    await stand.has("roadster", "roadster", "heard")


async def test_what_is_no_record_is_noted_and_what_nobody_sent_has_no_cause(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "REMEMBERED", 1)
    stand.start(stand.streamer.run())
    stand.start(stand.recorder.run())
    await stand.has("roadster")
    async with stand.bus.client("stranger").connect(None, []) as session:
        topic = str(Topic(VIN, "trace", "agent", "sim"))
        await session.publish(Outgoing(topic=topic, payload=b"{", id="1"))
    await stand.has("roadster", "record-unreadable")
    first = stand.trace.add("note", "first")
    stand.trace.add("note", "second")
    stand.trace.add("note", "third", cause=first)
    await stand.has("roadster", "record-unreadable", "first", "second", "third")
    assert stand.recorded.records[-1].cause is None


async def test_without_a_broker_at_the_beginning_nothing_is_recorded(stand: Stand) -> None:
    stand.bus.stop()
    with pytest.raises(TransportError, match="the bus is down"):
        await stand.recorder.run()


def test_the_subscriptions_are_topics_of_the_rig() -> None:
    for subscription, channel in ((RECORDERS, "recorder"), (RECORDS, "trace")):
        assert subscription.split("/")[:4] == ["sim", "v1", "+", channel]
