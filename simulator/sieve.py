"""A way to the broker on which somebody holds back messages."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from pcm_agent.transport import Broker, Incoming, Outgoing, Session

if TYPE_CHECKING:
    import asyncio


class SieveBroker:
    """See `pcm_agent.transport.Broker`: all goes out, and not all comes in.

    Args:
        broker: the true one.
        held_back: whether a message that came is handed to nobody.
    """

    def __init__(self, broker: Broker, held_back: Callable[[Incoming], bool]) -> None:
        self._broker, self._held_back = broker, held_back

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[Session]:
        """A session with the true broker, through the sieve."""
        async with self._broker.connect(will, subscriptions) as session:
            yield _SieveSession(session, self._held_back)


class _SieveSession:
    def __init__(self, session: Session, held_back: Callable[[Incoming], bool]) -> None:
        self._session, self._held_back = session, held_back

    def publish(self, message: Outgoing) -> "asyncio.Future[None]":
        return self._session.publish(message)

    async def messages(self) -> AsyncGenerator[Incoming]:
        async with aclosing(self._session.messages()) as messages:
            async for message in messages:
                if not self._held_back(message):
                    yield message

    def cut(self) -> None:
        self._session.cut()
