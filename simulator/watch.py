"""Writes what an agent does into a trace."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pcm_agent.core.effects import CloseSession, Effect
from pcm_agent.core.events import AppConnected, AppDisconnected, Event
from pcm_agent.errors import PeerError
from pcm_agent.protocol.envelope import body_type, decode, decode_body, readable
from pcm_agent.protocol.topics import parse_topic
from pcm_agent.transport import Incoming, Outgoing
from simulator.trace import Trace
from simulator.under_way import UNCOUNTED, UnderWay


class AgentWatch:
    """See `pcm_agent.ports.Observer`.

    Args:
        trace: where to write.
        vin: of the agent's car.
        cause: gives the record that what happens now follows from.
        under_way: messages that were sent and not worked on yet; kept up to date.
        handled: told of each event, what the core made of it, and when, once both are in the trace.
    """

    def __init__(
        self,
        trace: Trace,
        vin: str,
        cause: Callable[[], int | None] = lambda: None,
        under_way: UnderWay = UNCOUNTED,
        handled: Callable[[Event, Sequence[Effect], datetime | None], None] = lambda *_: None,
    ) -> None:
        self._trace, self._vin, self._cause = trace, vin, cause
        self._under_way, self._also = under_way, handled

    def handled(self, event: Event, effects: Sequence[Effect], now: datetime | None = None) -> None:
        """The core let an event happen; a connection that is cut swallows what was under way on it."""
        if CloseSession in map(type, effects):
            self._under_way.session_gone(self._vin)
        if isinstance(event, AppDisconnected) or (isinstance(event, AppConnected) and not event.online):
            self._under_way.app_gone(self._vin)
        self._trace.handled(self._vin, event, effects, self._cause(), at=now)
        self._also(event, effects, now)

    def sent(self, message: Outgoing) -> None:
        """A message went to the broker, over the car's session or the app's."""
        self._under_way.sent(self._vin, message)
        data = _readable_message(message.topic, message.payload)
        self._trace.add("sent", message.topic, data, self._vin, self._cause())

    def arrived(self, message: Incoming) -> None:
        """A message came from the broker."""
        self._under_way.done(message)
        data = _readable_message(message.topic, message.payload)
        self._trace.add("arrived", message.topic, data, self._vin, self._cause())

    def noted(self, code: str, text: str) -> None:
        """Something an engineer should know."""
        self._trace.noted(self._vin, code, text)


def _readable_message(topic: str, payload: bytes) -> dict[str, Any]:
    """A message decoded, so that secrets are masked; of one that can't be decoded only the size and the problem."""
    data: dict[str, Any] = {"bytes": len(payload)}
    parsed = parse_topic(topic)
    body = body_type(parsed) if parsed else None
    if parsed is None or body is None:
        return data
    try:
        envelope = decode(payload, parsed)
        data["id"], data["body"] = envelope.id, readable(decode_body(envelope, body))
    except PeerError as error:
        data["problem"] = error.code
    return data
