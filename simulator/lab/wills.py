"""A broker's word for those who are gone: whoever loses a session can tell that a last will is coming."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager

from pcm_agent.errors import TransportError
from pcm_agent.transport import Broker, Incoming, Outgoing, Session


class WillWatch:
    """A broker of which it is told when it has a last will to say; see `pcm_agent.transport.Broker`.

    Args:
        broker: the same without that.
        comes: told of the will of a session that was lost, once.
    """

    def __init__(self, broker: Broker, comes: Callable[[Outgoing], None]) -> None:
        self._broker, self._comes = broker, comes

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator[Session]:
        """A session with this last will."""
        async with self._broker.connect(will, subscriptions) as session:
            yield _WatchedSession(session, will, self._comes)


class _WatchedSession:
    """See `pcm_agent.transport.Session`."""

    def __init__(self, session: Session, will: Outgoing | None, comes: Callable[[Outgoing], None]) -> None:
        self._session, self._will, self._comes = session, will, comes
        self.publish = session.publish

    async def messages(self) -> AsyncGenerator[Incoming]:
        """What arrives."""
        try:
            async with aclosing(self._session.messages()) as messages:
                async for message in messages:
                    yield message
        except TransportError:
            self._lost()
            raise

    def cut(self) -> None:
        """Lose the network."""
        self._session.cut()
        self._lost()

    def _lost(self) -> None:
        will, self._will = self._will, None
        if will is not None:
            self._comes(will)
