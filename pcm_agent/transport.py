"""What carries messages and time, for both sides: the agent and the backend use the same two ports."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class Outgoing(Struct, frozen=True, kw_only=True):
    """A message ready for the broker."""

    topic: str
    payload: bytes
    id: str
    retain: bool = False
    qos: int = 1
    correlation: str | None = None
    reply_to: str | None = None
    lifetime: float | None = None
    """Seconds after which the broker may drop it, None: never."""


class Incoming(Struct, frozen=True, kw_only=True):
    """A message as the broker delivered it."""

    topic: str
    payload: bytes
    correlation: str | None = None
    """Of the MQTT 5 properties; lets a refusal find its sender when the payload can't be read."""


class Timer(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """Have it not come."""


class Clock(Protocol):
    """The one source of time; a simulated one may run faster and jump."""

    def now(self) -> datetime:
        """The present instant (aware, UTC)."""

    def call_at(self, when: datetime, callback: Callable[[], None]) -> Timer:
        """Call back at `when`, or soon where that has passed."""

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds of this clock have passed."""


class Session(Protocol):
    """One open connection to the broker."""

    def publish(self, message: Outgoing) -> asyncio.Future[None]:
        """Hand a message to the broker, after all that were handed to it before.

        Returns:
            Is done when the broker has it (QoS 1) or it has left (QoS 0), and fails with `TransportError`
            `session-lost` when the session ended before.
        """

    def messages(self) -> AsyncGenerator[Incoming]:
        """What arrives, as it comes; ends with the session.

        A client whose sessions last has worked on a message when it asks for the next: one that it has not comes again
        in its next session, and so does what came for it meanwhile.

        Raises:
            TransportError: `session-lost`.
        """

    def cut(self) -> None:
        """Lose the network: no farewell is sent, so that the broker's last will speaks."""


class Broker(Protocol):
    """Where to connect to."""

    def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AbstractAsyncContextManager[Session]:
        """A session with this last will; leaving the context says farewell.

        Raises:
            TransportError: `broker-unreachable` or `broker-refused`.
        """
