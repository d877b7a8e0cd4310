"""The app on a phone as the way round: the backend's commands to the car, the car's answers to the backend (REM-03).

The phone has internet of its own. It reads nothing of what it carries.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

from pcm_agent.errors import TransportError
from pcm_agent.protocol.envelope import Envelope, encode, encode_body
from pcm_agent.protocol.services import AppPresence
from pcm_agent.protocol.topics import Topic, commands_of
from pcm_agent.transport import Broker, Clock, Incoming, Outgoing, Session

PAUSE = 1.0
"""Seconds until a broker that is gone is tried again."""


class AppRelay:
    """One session of the app with the broker, for as long as it has internet and is connected to the car.

    Args:
        vin: of the car.
        broker: a client of its own.
        clock: dates its messages.
        new_id: gives message ids that are unique for ever.
        sent: told of every message of its own.
    """

    def __init__(
        self,
        vin: str,
        broker: Broker,
        clock: Clock,
        new_id: Callable[[], str],
        sent: Callable[[Outgoing], None] = lambda _: None,
    ) -> None:
        self._vin, self._broker, self._clock, self._new_id, self._sent = vin, broker, clock, new_id, sent
        self._way = asyncio.Event()
        self._session: Session | None = None
        self._changed = asyncio.Event()
        """The way was opened or closed since the broker was tried last."""
        self._down = False
        """The broker could not be reached, and is tried again after a pause."""

    @property
    def quiet(self) -> bool:
        """Whether it is where it wants to be: in a session, or in none; a broker that is down is waited for."""
        return self._session is not None or self._down or not self._way.is_set()

    def open(self) -> None:
        """The phone has internet, and the app is connected to the car."""
        if not self._way.is_set():
            self._way.set()
            self._try_anew()

    def close(self) -> None:
        """One of the two is no more so: the last will says it."""
        self._way.clear()
        self._try_anew()
        if self._session is not None:
            self._session.cut()
            self._session = None

    def _try_anew(self) -> None:
        """What the broker was found to be before says nothing any more."""
        self._changed.set()
        self._down = False

    def carry(self, message: Outgoing) -> bool:
        """See `pcm_agent.ports.App`."""
        if self._session is None:
            return False
        delivery = self._session.publish(message)
        delivery.add_done_callback(lambda it: it.cancelled() or it.exception())
        return not delivery.done() or (not delivery.cancelled() and delivery.exception() is None)

    async def run(self, hand_over: Callable[[Incoming], None]) -> None:
        """Work until cancelled.

        Args:
            hand_over: takes each command for the car.
        """
        while True:
            await self._way.wait()
            self._changed.clear()
            session_id = self._new_id()
            will = self._presence(AppPresence(status="offline", session_id=session_id))
            try:
                async with self._broker.connect(will, [commands_of(self._vin, "app")]) as session:
                    await self._serve(session, session_id, hand_over)
            except TransportError:
                if not self._changed.is_set():
                    await self._pause()

    async def _pause(self) -> None:
        """Let time pass, or until the way is opened or closed."""
        self._down = True
        timer = self._clock.call_at(self._clock.now() + timedelta(seconds=PAUSE), self._changed.set)
        try:
            await self._changed.wait()
        finally:
            timer.cancel()
            self._down = False

    async def _serve(self, session: Session, session_id: str, hand_over: Callable[[Incoming], None]) -> None:
        try:
            if self._way.is_set():
                self._session = session
                online = self._presence(AppPresence(status="online", session_id=session_id))
                self._sent(online)
                self.carry(online)
            else:
                session.cut()
            async with aclosing(session.messages()) as messages:
                async for message in messages:
                    hand_over(message)
        finally:
            self._session = None
            session.cut()

    def _presence(self, body: AppPresence) -> Outgoing:
        topic = Topic(self._vin, "presence", "presence", "app")
        envelope = Envelope(
            id=self._new_id(), vin=self._vin, kind=topic.kind, time=self._clock.now(), body=encode_body(body)
        )
        return Outgoing(topic=str(topic), payload=encode(envelope), id=envelope.id, retain=True)
