"""A carrier between real sockets: an in-process proxy before the broker and the repositories of one car.

TCP arrives here and goes on from here, so nothing of it is lost or doubled: latency, rate and loss only let it come
later, on the simulation's clock, and a cut aborts both sides at once.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple, cast

from pcm_agent.tasks import cancel_and_wait
from simulator.faults.carrier import Carrier
from simulator.faults.pipe import Flow, Pipe
from simulator.faults.uplink import never

HOST = "127.0.0.1"
WINDOW = 256 * 1024
"""Bytes of a connection that are under way at most; then its sender has to wait, as with TCP."""
STILL = 0.02
"""Real seconds without a byte after which what is held is taken to wait for the clock, and for nothing else."""


class Target(NamedTuple):
    """Where a relay's connections go on to."""

    host: str
    port: int


class Relay:
    """Listens on loopback for one car, from when it is made until it is closed. Needs a running event loop.

    Args:
        carrier: what the bytes go over.
        targets: where they go on to.
        beyond: whether somebody behind a target holds something for the clock.

    Attributes:
        ports: where to connect to, in the order of the targets.
        passed: bytes that came through, both ways.
    """

    def __init__(self, carrier: Carrier, *targets: Target, beyond: Callable[[], bool] = never) -> None:
        self.passed = 0
        self._carrier, self._beyond = carrier, beyond
        self._loop = asyncio.get_running_loop()
        self._moved = self._loop.time()
        self._sockets = [socket.create_server((HOST, 0)) for _ in targets]
        self.ports = [int(listener.getsockname()[1]) for listener in self._sockets]
        self._servers: list[asyncio.Server] = []
        self.sides: set[Side] = set()
        """Of all connections that are open."""
        self._tasks = {
            asyncio.ensure_future(self._serve(*listening)) for listening in zip(self._sockets, targets, strict=True)
        }

    @property
    def waits(self) -> bool:
        """Whether something is held for the clock, here or beyond, and nothing has moved for a while."""
        return (self._carrier.holding or self._beyond()) and self._loop.time() - self._moved >= STILL

    def moved(self, length: int = 0) -> None:
        """Something came in, or so many bytes came through."""
        self.passed += length
        self._moved = self._loop.time()

    async def close(self) -> None:
        """Be gone, with all connections."""
        await cancel_and_wait(*self._tasks)
        for server in self._servers:
            server.close()
        for listener in self._sockets:
            listener.close()
        for side in list(self.sides):
            side.abort()
        await asyncio.sleep(0)

    async def _serve(self, listener: socket.socket, target: Target) -> None:
        """Accept what is connected, also before this began: it waits in the listener's queue."""
        server = await self._loop.create_server(partial(self._accept, target), sock=listener)
        self._servers.append(server)

    def _accept(self, target: Target) -> "Side":
        near, far = Side(self), Side(self)
        connection = self._carrier.open(near.abort_both)
        near.joins(far, connection.up, self._carrier.up, connection.close)
        far.joins(near, connection.down, self._carrier.down, connection.close)
        if self._carrier.cut:
            near.abort_both()
        else:
            task = asyncio.ensure_future(self._reach(target, far))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return near

    async def _reach(self, target: Target, far: "Side") -> None:
        with suppress(OSError):
            await self._loop.create_connection(lambda: far, *target)
            return
        far.abort_both()


class Side(asyncio.Protocol):
    """One of a connection's two sockets: what comes in here goes into a flow, and comes out at the other one.

    An end goes the same way, behind all that was sent before it; a connection that is open in one direction only is
    not kept.

    Args:
        relay: whose it is.
    """

    _other: "Side"
    _flow: Flow
    _pipe: Pipe
    _close: Callable[[], None]

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes | None] = []
        """What came through before there was a socket to write it to; None: the end."""
        self._ended = False
        """Nothing more comes in."""
        self._gone = False
        self._full = False
        """More was written than the socket takes."""

    def joins(self, other: "Side", flow: Flow, pipe: Pipe, close: Callable[[], None]) -> None:
        """Know the other side, the way there, and how to end both ways."""
        self._other, self._flow, self._pipe, self._close = other, flow, pipe, close

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)
        self._relay.sides.add(self)
        if self._gone:
            self._transport.abort()
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self._write(data)
        self._other.hold_back()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._relay.moved()
        for start, end in self._pipe.pieces(len(data)):
            self._flow.put(end - start, partial(self._come_through, data[start:end]), of=len(data))
        self.hold_back()

    def eof_received(self) -> bool:
        """See `asyncio.Protocol`; the socket stays until the other side has ended as well."""
        self._end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._relay.sides.discard(self)
        self._gone = True
        self._end()
        if self._other._gone:
            self._close()

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._full = True
        self._other.hold_back()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._full = False
        self._other.hold_back()

    def abort_both(self) -> None:
        """The connection is gone, without a farewell."""
        self._close()
        self.abort()
        self._other.abort()

    def abort(self) -> None:
        """Have no socket any more."""
        self._gone = True
        if self._transport is not None:
            self._transport.abort()

    def hold_back(self) -> None:
        """Read on only as long as what is under way is not too much."""
        if self._transport is None or self._transport.is_closing() or self._ended:
            return
        if self._flow.length >= WINDOW or self._other._full or self._other._transport is None:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._flow.put(0, partial(self._come_through, None))

    def _come_through(self, data: bytes | None) -> None:
        self._relay.moved(len(data or b""))
        self._other._write(data)
        self.hold_back()

    def _write(self, data: bytes | None) -> None:
        if self._transport is None:
            self._waiting.append(data)
        elif data is None:
            self._transport.close()
        elif not self._transport.is_closing():
            self._transport.write(data)
