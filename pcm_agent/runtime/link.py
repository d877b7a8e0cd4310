"""The PCM's link to its backend: there whenever there is data, whatever happens to broker and network."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from datetime import timedelta
from functools import partial

from pcm_agent.errors import TransportError
from pcm_agent.outbox import Held, Outbox
from pcm_agent.ports import Ports
from pcm_agent.protocol.messages import MessagesLost
from pcm_agent.protocol.topics import commands_of
from pcm_agent.runtime.wire import Wire
from pcm_agent.transport import Incoming, Outgoing, Session

LONGEST_PAUSE = 60.0
"""Seconds between two tries to reach the broker, at most."""
FAREWELL = 2.0
"""Real seconds that the last message may take when the agent is stopped."""
IN_FLIGHT = 20
"""Messages that may be on their way to the broker at once."""


class Link:
    """Sends what is in the outbox, in order, and the state when it has changed; hands on what arrives.

    Args:
        ports: the world outside.
        wire: makes the messages that the link itself sends.
        outbox: what is to be said.
        heard: takes each message that arrives.
        held: says of a message whether it has to wait, however long it has waited already.
    """

    def __init__(self, ports: Ports, wire: Wire, outbox: Outbox, heard: Callable[[Incoming], None], held: Held) -> None:
        self._ports, self._wire, self._outbox, self._heard, self._held = ports, wire, outbox, heard, held
        self._data = asyncio.Event()
        self._session: Session | None = None
        self._session_id = ""
        self._under_way = 0
        self._state_due = False
        self._reporting: asyncio.Handle | None = None
        self._silent_since: str | None = None
        self._failures = 0
        """Tries in a row that ended before the broker acknowledged anything."""
        self._pausing: asyncio.Future[None] | None = None

    @property
    def online(self) -> bool:
        """Whether a session with the broker is open."""
        return self._session is not None

    @property
    def quiet(self) -> bool:
        """Whether nothing is to be sent that could be sent, and no try to reach the broker is under way."""
        if self._session is None:
            return not self._data.is_set() or self._pausing is not None
        return not (self._under_way or self._outbox.waits(self._held) or self._state_due)

    def open(self) -> None:
        """There is data from now on; whatever failed over the connection before says nothing of this one."""
        self._data.set()
        self._failures = 0
        self._go_on()

    def close(self) -> None:
        """There is no data any more: the socket is closed, nothing is said."""
        self._data.clear()
        self._cut()

    def say(self, message: Outgoing, *, durable: bool) -> None:
        """Put a message into the outbox; what is not durable is dropped while there is nobody to hear it."""
        if durable or self.online:
            self._outbox.add(message, durable=durable)

    def state_changed(self) -> None:
        """The state is to be published, once for all that happens in this round of the event loop."""
        self._state_due = True

    def flush(self) -> None:
        """Hand to the broker what waits; the state after all else, for it is the newest that counts."""
        while self._session is not None and self._under_way < IN_FLIGHT:
            entry = self._outbox.unsent(self._held)
            if entry is None:
                break
            self._hand_over(self._session, entry[1], entry[0])
        if self._state_due and self._reporting is None:
            self._reporting = asyncio.get_running_loop().call_soon(self._report_state)

    def _report_state(self) -> None:
        self._reporting = None
        if self._state_due and self._session is not None and not self._under_way:
            self._state_due = False
            self._hand_over(self._session, self._wire.state())

    def _hand_over(self, session: Session, message: Outgoing, number: int | None = None) -> None:
        self._under_way += 1
        self._ports.observer.sent(message)
        delivery = session.publish(message)
        if delivery.done():
            self._settle(session, number, delivery)
        else:
            delivery.add_done_callback(partial(self._delivered, session, number))

    def _delivered(self, session: Session, number: int | None, delivery: asyncio.Future[None]) -> None:
        self._settle(session, number, delivery)
        self.flush()

    def _settle(self, session: Session, number: int | None, delivery: asyncio.Future[None]) -> None:
        """Take note of how a message fared; one that did not arrive ends the session and is sent again in the next."""
        error = None if delivery.cancelled() else delivery.exception()
        if session is not self._session:
            return
        self._under_way -= 1
        if error is None and not delivery.cancelled():
            self._acknowledged()
            if number is not None:
                self._outbox.acknowledged(number)
            return
        self._cut()
        if error is not None and not isinstance(error, TransportError):
            raise error

    def _cut(self) -> None:
        """End the session without a word; `_serve` notices."""
        if self._session is not None:
            self._session.cut()
        self._session = None

    async def run(self) -> None:
        """Whenever there is data, be connected; after a failure wait, longer each time. Ends by being cancelled."""
        while True:
            await self._data.wait()
            self._session_id = self._ports.new_id()
            will = self._wire.presence(self._session_id, online=False)
            try:
                async with self._ports.broker.connect(will, [commands_of(self._wire.vin)]) as session:
                    await self._serve(session)
            except TransportError as error:
                if not self._data.is_set():
                    continue
                self._disconnected(error)
                pause = min(2.0**self._failures, LONGEST_PAUSE)
                self._failures = min(self._failures + 1, 10)
                await self._pause(timedelta(seconds=pause * (0.5 + self._ports.jitter() / 2)))

    async def _pause(self, span: timedelta) -> None:
        """Let time pass, or until there is data anew."""
        self._pausing = asyncio.get_running_loop().create_future()
        timer = self._ports.clock.call_at(self._ports.clock.now() + span, self._go_on)
        try:
            await self._pausing
        finally:
            timer.cancel()
            self._pausing = None

    def _go_on(self) -> None:
        if self._pausing is not None and not self._pausing.done():
            self._pausing.set_result(None)

    def _acknowledged(self) -> None:
        """The broker has taken something: the link is well."""
        self._failures = 0
        if self._silent_since is not None:
            self._ports.observer.noted("broker-back", "connected again; sending what had to wait")
        self._silent_since = None

    def _disconnected(self, error: TransportError) -> None:
        """Say so once, not at every try."""
        if self._silent_since is None:
            self._ports.observer.noted(error.code, f"{error.message}; trying again until it works")
        self._silent_since = error.code

    async def _serve(self, session: Session) -> None:
        """Send and receive until the session ends or its socket is cut."""
        self._session, self._under_way = session, 0
        try:
            if self._data.is_set():
                self._greet(session)
            else:
                self._cut()
            async with aclosing(session.messages()) as messages:
                async for message in messages:
                    self._heard(message)
        except asyncio.CancelledError:
            with suppress(TransportError, TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await self._farewell()
            raise
        finally:
            self._session = None
            self._outbox.session_ended()

    def _greet(self, session: Session) -> None:
        """Be there, tell what was lost, then all that had to wait, then the state."""
        self._hand_over(session, self._wire.presence(self._session_id, online=True))
        lost, self._outbox.lost = self._outbox.lost, 0
        if lost:  # in a full queue this makes one more give way, which is told next time
            self._outbox.add(self._wire.event(MessagesLost(count=lost)), durable=True)
        self._state_due = True
        self.flush()

    async def _farewell(self) -> None:
        session = self._session
        if session is None:  # cut: nobody hears it
            return
        message = self._wire.presence(self._session_id, online=False)
        self._ports.observer.sent(message)
        await session.publish(message)
