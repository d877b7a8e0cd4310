"""The relay between real sockets; its clock stands still and is moved by the tests."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from firmware_profiles import Way
from simulator.clock import SimClock
from simulator.faults.carrier import Carrier
from simulator.faults.line import CLEAR, CUT, Line
from simulator.faults.lines import Lines
from simulator.faults.relay import HOST, WINDOW, Relay, Target
from simulator.lab import START
from tests.waiting import eventually

DATA = random.Random(1).randbytes(300_000)
READ_AT_ONCE = 256 * 1024
"""What asyncio reads from a socket in one go."""
MUCH = 16 * 1024 * 1024
"""More than all buffers of the system take."""


class Ground:
    """A relay before a server that keeps what it reads, and sends it back if it is to."""

    relay: Relay

    def __init__(self) -> None:
        self.clock, self.lines, self.got = SimClock(START), Lines(), bytearray()
        self.lines.use(Way.HOTSPOT)
        self.carrier = Carrier(self.lines, self.clock, random.Random(2).random)
        self.ended, self.reads, self.echoes = asyncio.Event(), asyncio.Event(), True
        self.reads.set()
        self.serving = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving += 1
        with suppress(ConnectionError):
            while data := await self._next(reader):
                self.got += data
                if self.echoes:
                    writer.write(data)
                    await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        self.serving -= 1
        self.ended.set()

    async def _next(self, reader: asyncio.StreamReader) -> bytes:
        await self.reads.wait()
        return await reader.read(READ_AT_ONCE)

    def change(self, line: Line) -> None:
        self.lines.change(Way, line)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Move the clock from timer to timer until something holds."""

        def look() -> bool:
            due = self.clock.next_due()
            if due is not None:
                self.clock.jump(due)
            return holds()

        await eventually(look)

    @property
    def seconds(self) -> float:
        return (self.clock.now() - START).total_seconds()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(HOST, self.relay.ports[0])
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@pytest.fixture
async def ground() -> AsyncGenerator[Ground]:
    ground = Ground()
    server = await asyncio.start_server(ground.serve, HOST, 0)
    ground.relay = Relay(ground.carrier, Target(HOST, server.sockets[0].getsockname()[1]))
    yield ground
    ground.reads.set()
    await ground.relay.close()
    await eventually(lambda: not ground.serving)
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("line", "at_least"),
    [
        (CLEAR, 0),
        (Line(latency=2.0), 2),
        (Line(bits_per_second=400e3), len(DATA) * 8 / 400e3),
        (Line(loss=0.2), 60),
        (Line(latency=0.3, bits_per_second=1e6, loss=0.05), 10),
    ],
)
async def test_what_goes_there_and_back_is_the_same_and_takes_its_time(
    ground: Ground, line: Line, at_least: float
) -> None:
    ground.change(line)
    async with ground.connected() as (reader, writer):
        writer.write(DATA)
        back = asyncio.ensure_future(reader.readexactly(len(DATA)))
        await ground.until(back.done)
        assert back.result() == DATA
        assert ground.relay.passed == 2 * len(DATA)
    assert ground.seconds >= 0.99 * at_least
    assert ground.carrier.holding is False


async def test_an_end_comes_behind_all_that_was_sent(ground: Ground) -> None:
    ground.change(Line(bits_per_second=400e3))
    ground.echoes = False
    async with ground.connected() as (_, writer):
        writer.write(DATA)
    await ground.until(ground.ended.is_set)
    assert ground.got == DATA
    await ground.until(lambda: not ground.relay.sides)
    assert ground.carrier.connections == {}


async def test_a_cut_breaks_both_sides_and_lets_nothing_new_through_until_the_line_is_well(ground: Ground) -> None:
    ground.change(Line(bits_per_second=400e3))
    async with ground.connected() as (reader, writer):
        writer.write(DATA)
        await ground.until(lambda: len(ground.got) > 50_000)
        ground.change(CUT)
        with suppress(ConnectionError):
            while await reader.read(READ_AT_ONCE):
                pass
        await ground.ended.wait()
    assert 50_000 < len(ground.got) < len(DATA)
    assert not ground.carrier.holding
    async with ground.connected() as (reader, _):
        with suppress(ConnectionError):
            assert await reader.read(1) == b""
    ground.change(CLEAR)
    async with ground.connected() as (reader, writer):
        writer.write(b"well")
        assert await reader.readexactly(4) == b"well"


async def test_who_sends_more_than_the_line_takes_has_to_wait(ground: Ground) -> None:
    ground.change(Line(bits_per_second=64e3))
    ground.echoes = False
    async with ground.connected() as (_, writer):
        writer.write(bytes(MUCH))
        await eventually(lambda: _held(ground) >= WINDOW)
        assert WINDOW <= _held(ground) <= WINDOW + READ_AT_ONCE
        assert len(ground.got) == 0, "the clock stands still"
        assert ground.carrier.holding
        await eventually(lambda: ground.relay.waits)
        ground.change(CLEAR)
        await ground.until(lambda: len(ground.got) == MUCH)
        assert not ground.relay.waits


async def test_who_sends_more_than_the_other_side_reads_has_to_wait(ground: Ground) -> None:
    ground.reads.clear()
    ground.echoes = False
    async with ground.connected() as (_, writer):
        writer.write(bytes(MUCH))
        await eventually(lambda: any(side._full for side in ground.relay.sides))
        assert ground.relay.passed < MUCH
        ground.reads.set()
        await eventually(lambda: len(ground.got) == MUCH)


def _held(ground: Ground) -> int:
    return sum(connection.up.length for connection in ground.carrier.connections)


async def test_where_nobody_listens_behind_it_a_connection_ends(ground: Ground) -> None:
    with_nobody = Relay(ground.carrier, Target(HOST, 1))
    reader, writer = await asyncio.open_connection(HOST, with_nobody.ports[0])
    with suppress(ConnectionError):
        assert await reader.read(1) == b""
    writer.close()
    await with_nobody.close()
    assert ground.carrier.connections == {}


async def test_a_relay_that_is_closed_is_gone_with_all_connections(ground: Ground) -> None:
    async with ground.connected() as (reader, writer):
        writer.write(b"x")
        await reader.readexactly(1)
        await ground.relay.close()
        with suppress(ConnectionError):
            assert await reader.read(1) == b""
        with pytest.raises(ConnectionError):
            await asyncio.open_connection(HOST, ground.relay.ports[0])
