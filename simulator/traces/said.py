"""What one car's core has to say to its backend, and whether that is what its trace says was sent.

What is durable is sent in its order, the state after all else. What is not may be dropped, and what was under way when
a session ended is sent again. Presence, and the answer to what is no command, are not the core's.
"""

from collections.abc import Iterable
from typing import NamedTuple

from pcm_agent.core import effects as do
from pcm_agent.core.report import state_report
from pcm_agent.core.state import VehicleState
from pcm_agent.protocol.envelope import readable
from pcm_agent.protocol.manifest import SignedVehicleManifest
from pcm_agent.protocol.messages import KIND_OF, MessagesLost
from pcm_agent.protocol.privacy import PERSONAL_REPORTS
from pcm_agent.protocol.topics import Topic, parse_topic
from simulator.trace import Record, details

PERSONAL = frozenset(KIND_OF[body] for body in PERSONAL_REPORTS)
"""Kinds of reports that private mode may keep back though others go on."""
SIGNED = KIND_OF[SignedVehicleManifest]
"""The kind whose content is another one each time it is made."""


class Message(NamedTuple):
    """One message without what only the transport knows."""

    place: str
    """Root, channel and kind."""
    body: str

    def __str__(self) -> str:
        return f"{self.place} {self.body}".strip()


class Mismatch(NamedTuple):
    """What was sent by the trace, and what the core had to say instead."""

    expected: str
    found: str


class Said:
    """Hears what the core says, and compares it with what was sent.

    Args:
        lived: the car was there before its trace: it may send first what it had to say before.
    """

    def __init__(self, *, lived: bool) -> None:
        self.compared = 0
        """Messages that were found to be what the core says."""
        self._ever: set[Message] = set()
        self._waiting: list[Message] = []
        self._before = lived
        self._ordered = True
        self._refused: str | None = None

    def hear(self, effects: Iterable[do.Effect]) -> None:
        """The core says this."""
        for effect in effects:
            match effect:
                case do.Publish(body, durable):
                    self._say(_message("pcm", "event", KIND_OF[type(body)], readable(body)), durable=durable)
                case do.ReportInstalled():
                    self._say(_message("pcm", "event", SIGNED, {}), durable=True)
                case do.Answer(_, kind, reply, durable, over_app):
                    root = "app" if over_app else "pcm"
                    self._say(_message(root, "reply", kind, readable(reply)), durable=durable)

    def _say(self, message: Message, *, durable: bool) -> None:
        self._ever.add(message)
        if durable and message.place.rpartition("/")[2] not in PERSONAL:
            self._waiting.append(message)

    def noted(self, code: str) -> None:
        """The agent noted this; a message that is no command is noted before it is answered."""
        self._refused = code

    def check(self, sent: Record, state: VehicleState) -> Mismatch | None:
        """Compare one message that was sent; None where it is as it should be, or not the core's."""
        topic = parse_topic(sent.name)
        body = sent.data.get("body")
        if topic is None or topic.channel == "presence" or not isinstance(body, dict):
            return None
        mismatch = self._state(body, state) if topic.channel == "state" else self._other(topic, body)
        self.compared += mismatch is None
        return mismatch

    def _state(self, body: dict[str, object], state: VehicleState) -> Mismatch | None:
        now = readable(state_report(state))
        if details(now) != details(body):
            keys = [key for key in {**body, **now} if details(body.get(key)) != details(now.get(key))]
            return Mismatch(*(details({key: side.get(key) for key in keys}) for side in (body, now)))
        return self._overtaken("the state") if self._waiting else None

    def _other(self, topic: Topic, body: dict[str, object]) -> Mismatch | None:
        if topic.kind == KIND_OF[MessagesLost]:
            self._ordered = False
            return None
        if body.get("stage") == "refused" and body.get("code") == self._refused:
            return None
        message = _message(topic.root, topic.channel, topic.kind, {} if topic.kind == SIGNED else body)
        if message not in self._ever:
            return None if self._before else Mismatch(str(message), self._instead(message))
        self._before = False
        if message not in self._waiting:
            return None
        if self._waiting[0] != message and self._ordered:
            return self._overtaken(str(message))
        self._waiting.remove(message)
        return None

    def _instead(self, message: Message) -> str:
        same = [other for other in self._waiting if other.place == message.place]
        return str(same[0]) if same else "nothing like it"

    def _overtaken(self, sent: str) -> Mismatch | None:
        """Something that was to be sent before was not, unless too much was waiting and some was given up."""
        return Mismatch(sent, f"{self._waiting[0]} before it") if self._ordered and not self._before else None


def _message(root: str, channel: str, kind: str, body: object) -> Message:
    return Message(f"{root}/{channel}/{kind}", details(body) if body else "")
