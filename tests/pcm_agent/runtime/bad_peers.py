"""A broker and a package server that misbehave as told."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from pcm_agent.errors import PeerError, TransportError
from pcm_agent.transport import Broker, Clock, Incoming, Outgoing, Session
from simulator.backend.depot import Depot

Behaviour = Callable[[bytes, int], AsyncGenerator[bytes]]


class Scripted:
    """A fetcher that behaves as told, one behaviour a fetch, and well afterwards."""

    def __init__(self, depot: Depot, behaviours: Sequence[Behaviour]) -> None:
        self._depot = depot
        self._behaviours = list(behaviours)
        self.offsets: list[int] = []
        self.closed = 0
        self.skipped: Callable[[int], None] = lambda _: None
        """What the last fetch was told to tell of bytes that are there already."""

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        self.offsets.append(offset)
        self.skipped = skipped
        content = self._depot.lookup(url) or b""
        behave = self._behaviours.pop(0) if self._behaviours else self.well
        try:
            async for chunk in behave(content, offset):
                yield chunk
        finally:
            self.closed += 1

    def behave_next(self, behaviour: Behaviour) -> None:
        """Add a behaviour at the end."""
        self._behaviours.append(behaviour)

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
    async def changed(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        for _ in ():
            yield content
        raise TransportError("package-changed", "another file")

    @staticmethod
    async def a_little(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        yield content[offset : offset + 2500]
        raise TransportError("transfer-interrupted", "connection reset")

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


def trickle(clock: Clock) -> Behaviour:
    """Enough for a minute at once, and then next to nothing, for ever."""

    async def trickle(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        there = offset + 80_000
        yield content[offset:there]
        while True:
            await clock.sleep(1)
            yield content[there : there + 10]
            there += 10

    return trickle


class OtherwisePublishing:
    """A session that publishes in another way; all the rest is that of the session behind it."""

    def __init__(self, session: Session, publish: Callable[[Outgoing], asyncio.Future[None]]) -> None:
        self._session, self._publish = session, publish

    def publish(self, message: Outgoing) -> asyncio.Future[None]:
        return self._publish(message)

    def messages(self) -> AsyncGenerator[Incoming]:
        return self._session.messages()

    def cut(self) -> None:
        self._session.cut()


class Silent:
    """A broker that takes messages and acknowledges none, until it works."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.works = False
        self.swallowed: list[Outgoing] = []

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[Session]:
        async with self._broker.connect(will, subscriptions) as session:

            def swallow(message: Outgoing) -> asyncio.Future[None]:
                self.swallowed.append(message)
                if "/presence" in message.topic:
                    return session.publish(message)
                return asyncio.get_running_loop().create_future()

            yield session if self.works else OtherwisePublishing(session, swallow)


class Dropping:
    """A broker that lets everybody in and drops them before it has acknowledged anything."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[Session]:
        async with self._broker.connect(will, subscriptions) as session:
            session.cut()
            yield session


class Slow:
    """A broker that takes most of a second of real time to hear a farewell."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.closed = False
        """Whether the connection ended only after the farewell was heard."""
        self.hearing: asyncio.Future[None] | None = None

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[Session]:
        async with self._broker.connect(will, subscriptions) as session:

            def slowly(message: Outgoing) -> asyncio.Future[None]:
                if b"offline" not in message.payload:
                    return session.publish(message)
                self.hearing = asyncio.ensure_future(self._hear())
                return self.hearing

            try:
                yield OtherwisePublishing(session, slowly)
            finally:
                self.closed = not self.hearing or self.hearing.done()

    @staticmethod
    async def _hear() -> None:
        heard = asyncio.Event()
        asyncio.get_running_loop().call_later(0.8, heard.set)
        await heard.wait()
