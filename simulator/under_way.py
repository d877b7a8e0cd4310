"""What is under way in a live lab: messages that were sent and not worked on yet, with who has sent each.

A sender's name says which line it goes over: a car's own session bears its VIN, its app `app/VIN`. What the backend
says to either, and the app of itself, has `for/` before that, and a last will `will/`.
"""

from collections.abc import Iterable

from pcm_agent.protocol.envelope import id_in
from pcm_agent.protocol.topics import OVER_APP, parse_topic
from pcm_agent.transport import Incoming, Outgoing

_FOR, _WILL = "for/", "will/"


class UnderWay:
    """Messages that were sent and not worked on yet.

    Args:
        counted: whether anybody asks for them; else nothing is kept.
    """

    def __init__(self, *, counted: bool = True) -> None:
        self._counted = counted
        self._senders: dict[str, str] = {}
        """By the id of what was sent."""

    def sent(self, vin: str, message: Outgoing) -> None:
        """By a car, over its own session or the app's."""
        self._put(message, _over(message, vin))

    def sent_from_outside(self, message: Outgoing) -> None:
        """By the backend to a car or its app, or by the app of itself."""
        self._put(message, _FOR + _way(message))

    def will_comes(self, will: Outgoing) -> None:
        """The broker says it for somebody who is gone."""
        self._put(will, _WILL + _way(will))

    def done(self, message: Incoming) -> None:
        """It was worked on, or does not come, or waits for nothing but the clock."""
        if self._senders:
            self._senders.pop(id_in(message.payload) or "", None)

    def session_gone(self, vin: str) -> None:
        """What a car has sent over its own session does not come any more."""
        self._swallow(vin)

    def app_gone(self, vin: str) -> None:
        """What it has sent over the app does not come any more."""
        self._swallow(OVER_APP + vin)

    def line_gone(self, vin: str) -> None:
        """Nothing to a car and from it comes any more: its line is cut, or its power."""
        self._swallow(vin, _FOR + vin, _FOR + OVER_APP + vin)

    def is_only_over(self, vins: Iterable[str]) -> bool:
        """Whether all of it goes over the lines of these cars, their wills included, which wait for a session's end."""
        if not self._senders:
            return True
        lines = {kind + vin for vin in vins for kind in ("", _FOR, _WILL)}
        return lines.issuperset(self._senders.values())

    def give_up(self) -> list[str]:
        """Nothing of it comes any more; the ids of what was to."""
        given_up = list(self._senders)
        self._senders.clear()
        return given_up

    def _put(self, message: Outgoing, sender: str) -> None:
        if self._counted:
            self._senders[message.id] = sender

    def _swallow(self, *gone: str) -> None:
        for number in [number for number, sender in self._senders.items() if sender in gone]:
            del self._senders[number]


UNCOUNTED = UnderWay(counted=False)
"""For whoever is not asked."""


def _way(message: Outgoing) -> str:
    topic = parse_topic(message.topic)
    return _over(message, topic.vin if topic else "")


def _over(message: Outgoing, vin: str) -> str:
    return OVER_APP + vin if message.topic.startswith(OVER_APP) else vin
