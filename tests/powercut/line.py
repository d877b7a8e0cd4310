"""What joins an agent that may die at any moment to the side that survives it: questions over a pipe.

Each question blocks until it is answered, so that both sides take turns and a run can be repeated point by point.
"""

import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, NamedTuple

from pcm_agent.transport import Incoming, Outgoing
from simulator.clock import SimClock
from simulator.virtual import Bus, BusSession

if TYPE_CHECKING:
    Ear = Connection[Any, Any]
else:
    Ear = Connection

CHUNK = 4096
CHUNK_S = 1.0
"""Seconds of the car's clock that a chunk is on its way."""


class Said(NamedTuple):
    """One thing that an agent's process says to the side that survives it."""

    at: datetime
    name: str
    args: tuple[Any, ...]
    asks: bool
    """It waits for an answer."""


class Answer(NamedTuple):
    value: object
    messages: list[Incoming]
    """For the car, from the broker."""


class Line:
    """The agent's end of the pipe.

    Args:
        pipe: to the other process.
        clock: of the car.
        before: called before anything is asked, with what it is.
    """

    def __init__(self, pipe: Ear, clock: SimClock, before: Callable[[str], None]) -> None:
        self._pipe, self._clock, self._before = pipe, clock, before
        self._alone = threading.Lock()
        """Threads tell of what they do to files while the event loop asks."""
        self.bus = FarBus(self)

    def tell(self, name: str, *args: object) -> None:
        with self._alone:
            self._pipe.send(Said(self._clock.now(), name, args, asks=False))

    def ask(self, name: str, *args: object) -> object:
        if name != "tick":
            self._before(f"ask {name}")
        with self._alone:
            self._pipe.send(Said(self._clock.now(), name, args, asks=True))
            answer: Answer = self._pipe.recv()
        self.bus.arrived(answer.messages)
        return answer.value


class FarBus(Bus):
    """The broker, which is in the other process."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def open(
        self, client_id: str, will: Outgoing | None, subscriptions: Sequence[str], *, lasting: bool = False
    ) -> BusSession:
        session = super().open(client_id, will, subscriptions, lasting=lasting)
        self._line.ask("connect", client_id, will, list(subscriptions))
        return session

    def deliver(self, message: Outgoing) -> None:
        self._line.ask("publish", message)

    def close(self, session: BusSession, *, farewell: bool) -> None:
        if self._sessions.get(session.client_id) is session:
            del self._sessions[session.client_id]
            self._line.ask("leave", farewell)

    def arrived(self, messages: list[Incoming]) -> None:
        for session in self._sessions.values():
            for message in messages:
                session.offer(message)


class FarFetcher:
    """A fetcher that asks for one chunk at a time; it is on its way for a while, and lost if the agent dies then."""

    def __init__(self, line: Line, clock: SimClock) -> None:
        self._line, self._clock = line, clock

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        for start in range(offset, length, CHUNK):
            chunk = self._line.ask("chunk", url, start, min(CHUNK, length - start))
            assert isinstance(chunk, bytes)
            await self._clock.sleep(CHUNK_S)
            yield chunk
