"""MQTT over a carrier, in virtual time: sessions with the broker that a line slows down, and breaks when it is cut."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial

from pcm_agent.errors import TransportError
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.transport import Broker, Incoming, Outgoing, Session
from simulator.faults.carrier import Carrier
from simulator.faults.exchange import Exchange

GREETING, HEAD, ACKNOWLEDGEMENT = 64, 10, 4
"""Bytes of a packet besides topics and payloads, about: to connect, to publish, and to acknowledge."""


class CarriedBroker:
    """See `pcm_agent.transport.Broker`.

    Args:
        broker: at the other end.
        carrier: the way there.
    """

    def __init__(self, broker: Broker, carrier: Carrier) -> None:
        self._broker, self._carrier = broker, carrier

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator["CarriedSession"]:
        """A session with this last will, once the packets have come through."""
        with Exchange(self._carrier, "broker-unreachable", "nothing comes through to the broker") as exchange:
            await exchange.up(GREETING + (len(will.topic) + len(will.payload) if will else 0))
            await exchange.down(ACKNOWLEDGEMENT)
            await exchange.up(HEAD + sum(map(len, subscriptions)))
            await exchange.down(ACKNOWLEDGEMENT)
        async with self._broker.connect(will, subscriptions) as session:
            carried = CarriedSession(session, self._carrier)
            try:
                yield carried
            finally:
                carried.end()


class CarriedSession:
    """See `pcm_agent.transport.Session`; on a clear line it adds next to nothing.

    Args:
        session: at the other end.
        carrier: the way there.
    """

    def __init__(self, session: Session, carrier: Carrier) -> None:
        self._session, self._carrier = session, carrier
        self._connection = carrier.open(self.cut)
        self._ended = False
        self._unanswered: dict[asyncio.Future[None], None] = {}
        self._arrived: deque[Incoming] = deque()
        self._waiter: asyncio.Future[None] | None = None

    def publish(self, message: Outgoing) -> asyncio.Future[None]:
        """Let a message come to the broker, and its word back."""
        if self._ended or (self._carrier.up.clear and not self._unanswered):
            return self._session.publish(message)
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unanswered[answer] = None
        length = HEAD + len(message.topic) + len(message.payload)
        self._connection.up.put(length, partial(self._comes_out, message, answer))
        return answer

    def _comes_out(self, message: Outgoing, answer: asyncio.Future[None]) -> None:
        self._session.publish(message).add_done_callback(partial(self._acknowledged, answer))

    def _acknowledged(self, answer: asyncio.Future[None], delivery: asyncio.Future[None]) -> None:
        error = None if delivery.cancelled() else delivery.exception()
        if error is not None:
            self._settle(answer, error)
        elif not delivery.cancelled():
            self._connection.down.put(ACKNOWLEDGEMENT, partial(self._settle, answer))

    def _settle(self, answer: asyncio.Future[None], error: BaseException | None = None) -> None:
        self._unanswered.pop(answer, None)
        if not answer.done():
            answer.set_result(None) if error is None else answer.set_exception(error)

    async def messages(self) -> AsyncGenerator[Incoming]:
        """What arrives."""
        async with aclosing(self._session.messages()) as arriving:
            async for message in arriving:
                if not self._carrier.down.clear:
                    self._put(message)
                    break
                yield message
            async with aclosing(self._slowly(arriving)) as slowly:
                async for message in slowly:
                    yield message

    def _put(self, message: Incoming) -> None:
        self._connection.down.put(HEAD + len(message.topic) + len(message.payload), partial(self._arrive, message))

    def _arrive(self, message: Incoming) -> None:
        self._arrived.append(message)
        self._wake()

    async def _slowly(self, arriving: AsyncGenerator[Incoming]) -> AsyncGenerator[Incoming]:
        """What arrives by way of a line that is not clear, or was not: read on while others are under way."""

        async def read_on() -> None:
            async for message in arriving:
                self._put(message)

        reading = asyncio.create_task(read_on())
        reading.add_done_callback(lambda _: self._wake())
        try:
            while True:
                while self._arrived:
                    yield self._arrived.popleft()
                if reading.done():
                    reading.result()
                    return
                self._waiter = asyncio.get_running_loop().create_future()
                await self._waiter
        finally:
            await cancel_and_wait(reading)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def cut(self) -> None:
        """Lose the network."""
        self._session.cut()
        self.end()

    def end(self) -> None:
        """Have nothing under way any more."""
        self._ended = True
        self._connection.close()
        for answer in list(self._unanswered):
            self._settle(answer, TransportError("session-lost", "the connection was cut"))
