"""MQTT and HTTP over a carrier, in virtual time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta

import pytest

from firmware_profiles import Way
from pcm_agent.errors import TransportError
from pcm_agent.transport import Incoming, Outgoing, Session
from simulator.clock import IdleLoop, SimClock
from simulator.faults.carrier import Carrier
from simulator.faults.exchange import CarriedFetcher, CarriedSource
from simulator.faults.line import CLEAR, CUT, Line
from simulator.faults.lines import Lines
from simulator.faults.session import CarriedBroker
from simulator.lab import START
from simulator.virtual import Bus, MemoryFetcher, MemorySource
from tests.waiting import virtual

CONTENT = bytes(range(256)) * 2_000
SLOW, FAR = Line(bits_per_second=64e3), Line(latency=4.0)


def message(topic: str, payload: bytes = b"x") -> Outgoing:
    return Outgoing(topic=topic, payload=payload, id="1")


class Ground:
    """A bus and a server at the other end of a line."""

    def __init__(self) -> None:
        self.clock, self.bus, self.lines = SimClock(START), Bus(), Lines()
        self.lines.use(Way.EMBEDDED_SIM)
        self.carrier = Carrier(self.lines, self.clock, lambda: 1.0)
        self.broker = CarriedBroker(self.bus.client("car"), self.carrier)
        self.fetcher = CarriedFetcher(MemoryFetcher({"/a": CONTENT}.get), self.carrier)
        self.source = CarriedSource(MemorySource({"/a": CONTENT}.get), self.carrier)
        self.backend = self.bus.open("backend", None, ["from-car", "will"])
        self.heard: list[tuple[str, bytes]] = []

    def change(self, line: Line) -> None:
        self.lines.change(Way, line)

    async def wait(self, seconds: float) -> None:
        loop, end = asyncio.get_running_loop(), self.clock.now() + timedelta(seconds=seconds)
        assert isinstance(loop, IdleLoop)
        self.clock.call_at(end, lambda: None)

        def jump() -> bool:
            due = self.clock.next_due()
            if due is None or due > end:
                return False
            self.clock.jump(due)
            return True

        await loop.whenever_idle(jump)

    @property
    def seconds(self) -> float:
        return (self.clock.now() - START).total_seconds()

    async def at_backend(self) -> list[str]:
        """What has arrived there; ends that session."""
        self.backend.cut()
        found: list[str] = []
        with pytest.raises(TransportError, match="session-lost"):
            await hear(self.backend, lambda it: found.append(it.payload.decode()))
        return found


async def hear(session: Session, heard: Callable[[Incoming], object]) -> None:
    async with aclosing(session.messages()) as messages:
        async for it in messages:
            heard(it)


async def all_of(chunks: AsyncGenerator[bytes], into: bytearray) -> None:
    async with aclosing(chunks):
        async for chunk in chunks:
            into += chunk


@virtual
async def test_on_a_clear_line_a_message_is_there_at_once() -> None:
    ground = Ground()
    async with ground.broker.connect(None, []) as session:
        assert session.publish(message("from-car", b"1")).done()
    assert await ground.at_backend() == ["1"]
    assert ground.clock.next_due() is None


@virtual
async def test_messages_come_later_over_a_line_that_is_far_and_not_one_after_the_other() -> None:
    ground, heard = Ground(), list[tuple[bytes, float]]()
    async with ground.broker.connect(None, ["to-car"]) as session:
        hearing = asyncio.create_task(hear(session, lambda it: heard.append((it.payload, ground.seconds))))
        await ground.wait(0)
        ground.bus.deliver(message("to-car", b"before"))
        await ground.wait(10)
        ground.change(FAR)
        for payload in (b"1", b"2", b"3"):
            ground.bus.deliver(message("to-car", payload))
        await ground.wait(1.9)
        assert heard == [(b"before", 0)]
        await ground.wait(10)
        ground.change(CLEAR)
        ground.bus.deliver(message("to-car", b"after"))
        await ground.wait(1)
        hearing.cancel()
    assert heard == [(b"before", 0), (b"1", 12), (b"2", 12), (b"3", 12), (b"after", 21.9)]


@virtual
async def test_a_message_is_acknowledged_after_there_and_back() -> None:
    ground = Ground()
    async with ground.broker.connect(None, []) as session:
        ground.change(FAR)
        slow = session.publish(message("from-car", b"1"))
        await ground.wait(3.9)
        assert not slow.done()
        ground.change(CLEAR)
        quick = session.publish(message("from-car", b"2"))
        await ground.wait(0.2)
        assert (slow.done(), quick.done()) == (True, True)
    assert await ground.at_backend() == ["1", "2"]


@virtual
async def test_a_connection_takes_its_time() -> None:
    ground = Ground()
    ground.change(FAR)
    connection = ground.broker.connect(None, [])
    connecting = asyncio.ensure_future(connection.__aenter__())
    await ground.wait(7.9)
    assert not connecting.done()
    await ground.wait(0.2)
    assert connecting.done()
    await connection.__aexit__(None, None, None)
    assert ground.carrier.connections == {}


@virtual
async def test_a_cut_line_breaks_the_session_and_the_last_will_speaks() -> None:
    ground = Ground()
    ground.change(SLOW)
    connection = ground.broker.connect(message("will", b"gone"), [])
    opening = asyncio.ensure_future(connection.__aenter__())
    await ground.wait(10)
    session = opening.result()
    waits = session.publish(message("from-car", b"never there"))
    ground.change(CUT)
    with pytest.raises(TransportError, match="session-lost"):
        waits.result()
    with pytest.raises(TransportError, match="session-lost"):
        session.publish(message("from-car")).result()
    with pytest.raises(TransportError, match="session-lost"):
        await hear(session, list[Incoming]().append)
    await connection.__aexit__(None, None, None)
    with pytest.raises(TransportError, match="broker-unreachable"):
        async with ground.broker.connect(None, []):
            pytest.fail("there is no line")
    assert ground.carrier.connections == {}
    assert not ground.carrier.holding
    ground.change(CLEAR)
    assert await ground.at_backend() == ["gone"]


@virtual
async def test_a_slow_download_comes_at_its_rate_and_whole() -> None:
    ground, content = Ground(), bytearray()
    ground.change(SLOW)
    task = asyncio.create_task(all_of(ground.fetcher.fetch("/a", 12_000, len(CONTENT)), content))
    await ground.wait(10)
    assert len(content) == pytest.approx(80_000, rel=0.05)
    await ground.wait(100)
    assert task.done()
    assert content == CONTENT[12_000:]


@virtual
async def test_a_cut_interrupts_a_download_and_a_look_in_the_middle_of_their_wait() -> None:
    ground, content, came = Ground(), bytearray(), list[int]()
    ground.change(SLOW)
    download = asyncio.create_task(all_of(ground.fetcher.fetch("/a", 0, len(CONTENT)), content))
    look = asyncio.create_task(ground.source.fetch("/a", len(CONTENT), came.append))
    await ground.wait(10)
    ground.change(CUT)
    for task in (download, look):
        with pytest.raises(TransportError, match="transfer-interrupted"):
            await task
    assert len(content) + sum(came) == pytest.approx(80_000, rel=0.1), "they share the line"
    assert sum(came) > 20_000
    with pytest.raises(TransportError, match="transfer-interrupted"):
        await ground.source.fetch("/a", 1)


@virtual
async def test_metadata_is_told_as_it_comes() -> None:
    ground, came = Ground(), list[int]()
    assert await ground.source.fetch("/a", len(CONTENT), came.append) == CONTENT
    assert sum(came) == len(CONTENT)
    assert await ground.source.fetch("/b", 1) is None
