"""Messages that come twice, late, or in another order, for whoever receives them.

MQTT promises of QoS 1 that a message comes at least once, and within a topic in order. Between two topics, over a
broker in several parts, or through a session that is taken up again, neither time nor order is promised.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

from pcm_agent.transport import Broker, Clock, Incoming, Outgoing, Session, Timer

PATIENCE = timedelta(seconds=5)
"""So long those that are to change their order wait for the rest of them."""
AGAIN = timedelta(seconds=1)
"""Until somebody who was away is looked for again."""


class MessageFaults:
    """What happens to the next messages of one car, in one direction.

    Args:
        clock: what is late waits for it.
        hand_over: gives a late one to whoever is to have it; whether somebody was there.
    """

    def __init__(self, clock: Clock, hand_over: Callable[[Incoming], bool]) -> None:
        self._clock, self._hand_over = clock, hand_over
        self._doubled, self._delayed, self._by, self._reversed = 0, 0, PATIENCE, 0
        self._kept: list[Incoming] = []
        self._patience: Timer | None = None
        self._late = 0
        self.met = 0
        """Messages to which something has happened."""

    @property
    def holds(self) -> bool:
        """Whether messages wait for the clock."""
        return bool(self._kept or self._late)

    def double(self, count: int) -> None:
        """Let so many of the next ones come twice."""
        self._doubled = count

    def delay(self, count: int, by: timedelta) -> None:
        """Let so many of the next ones be late by so much."""
        self._delayed, self._by = count, by

    def turn_round(self, count: int) -> None:
        """Let so many of the next ones come in the reverse of their order."""
        self._reversed = count

    def coming(self, message: Incoming) -> Sequence[Incoming]:
        """What comes now, where this message would."""
        if not (self._doubled or self._delayed or self._reversed):
            return (message,)
        self.met += 1
        if self._reversed:
            return self._turned(message)
        if self._delayed:
            self._delayed -= 1
            self._late += 1
            self._clock.call_at(self._clock.now() + self._by, lambda: self._give([message]))
            return ()
        self._doubled -= 1
        return (message, message)

    def _turned(self, message: Incoming) -> Sequence[Incoming]:
        self._kept.append(message)
        if len(self._kept) >= self._reversed:
            return self._released()
        if len(self._kept) == 1:
            self._patience = self._clock.call_at(self._clock.now() + PATIENCE, self._give_up)
        return ()

    def _give_up(self) -> None:
        """No more of them come."""
        self._late += len(self._kept)
        self._give(self._released())

    def _released(self) -> list[Incoming]:
        if self._patience is not None:
            self._patience.cancel()
        kept, self._kept, self._reversed = self._kept[::-1], [], 0
        return kept

    def _give(self, messages: Sequence[Incoming]) -> None:
        """Hand over what is late; whoever is away has it when he is back."""
        rest = [message for message in messages if not self._hand_over(message)]
        self._late -= len(messages) - len(rest)
        if rest:
            self._clock.call_at(self._clock.now() + AGAIN, lambda: self._give(rest))


class FaultyBroker:
    """A broker of which some messages come in another way; see `pcm_agent.transport.Broker`.

    Args:
        broker: the one that is well.
        coming: takes each message that arrives, and gives what comes in its place.
    """

    def __init__(self, broker: Broker, coming: Callable[[Incoming], Sequence[Incoming]]) -> None:
        self._broker, self._coming = broker, coming

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[Session]:
        """A session with this last will."""
        async with self._broker.connect(will, subscriptions) as session:
            yield _FaultySession(session, self._coming)


class _FaultySession:
    """See `pcm_agent.transport.Session`."""

    def __init__(self, session: Session, coming: Callable[[Incoming], Sequence[Incoming]]) -> None:
        self._session, self._coming = session, coming
        self.publish, self.cut = session.publish, session.cut

    async def messages(self) -> AsyncGenerator[Incoming]:
        """What arrives, with what has happened to it."""
        async with aclosing(self._session.messages()) as messages:
            async for message in messages:
                for each in self._coming(message):
                    yield each
