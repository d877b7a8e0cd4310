"""What the PCM says as messages for the broker, and what it is told as events for the core. Awaits nothing."""

from collections.abc import Callable

from msgspec import Struct

from pcm_agent.core.events import CommandReceived
from pcm_agent.core.report import installed_report, state_report
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import PeerError
from pcm_agent.protocol.envelope import Envelope, body_type, decode, decode_body, encode, encode_body, id_in
from pcm_agent.protocol.manifest import VehicleManifest
from pcm_agent.protocol.messages import EVENTS, KIND_OF, Presence, Reply
from pcm_agent.protocol.privacy import PERSONAL_REPORTS
from pcm_agent.protocol.topics import Channel, Root, Topic, parse_topic
from pcm_agent.transport import Clock, Incoming, Outgoing
from pcm_agent.trust.unit import ControlUnit
from pcm_agent.trust.vehicle_manifest import sign


class Wire:
    """The words of one car.

    Args:
        vehicle: the core.
        firmware: what presence says of the program.
        unit: signs what is installed.
        clock: dates the messages.
        new_id: gives message ids that are unique for ever.
    """

    def __init__(
        self, vehicle: Vehicle, firmware: str, unit: ControlUnit, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._vehicle, self._firmware, self._unit, self._clock, self._new_id = vehicle, firmware, unit, clock, new_id
        self.vin = vehicle.state.vin
        self._topics: dict[tuple[Channel, str], str] = {
            ("event", kind): str(Topic(self.vin, "event", kind)) for kind in EVENTS
        }
        self.personal = frozenset(self._topics["event", KIND_OF[body]] for body in PERSONAL_REPORTS)
        """Topics of the reports that private mode keeps back."""

    def event(self, body: Struct, message_id: str | None = None) -> Outgoing:
        """Something happened in the car."""
        return self._message("event", KIND_OF[type(body)], body, message_id=message_id)

    def reply(self, command_id: str | None, kind: str, reply: Reply, *, over_app: bool = False) -> Outgoing:
        """The answer to a command, for the broker or for the app on a phone."""
        return self._message("reply", kind, reply, correlation=command_id, root="app" if over_app else "pcm")

    def state(self) -> Outgoing:
        """The car as it is now; retained."""
        return self._message("state", "state", state_report(self._vehicle.state), retain=True)

    def installed(self, number: int) -> Outgoing:
        """What is installed, and how the last look at the repositories ended; signed, under a number of its own."""
        state = self._vehicle.state
        manifest = VehicleManifest(
            vin=self.vin,
            ecu_serial=self._unit.serial,
            number=number,
            time=self._clock.now(),
            installed=installed_report(state),
            attack=state.metadata_refused,
        )
        return self.event(sign(manifest, self._unit.key))

    def presence(self, session_id: str, *, online: bool) -> Outgoing:
        """Whether this session is there; retained."""
        body = Presence(
            status="online" if online else "offline",
            session_id=session_id,
            firmware=self._firmware,
            profile=self._vehicle.car.profile.name,
        )
        return self._message("presence", "presence", body, retain=True)

    def command(self, message: Incoming) -> CommandReceived:
        """The command in a message.

        Raises:
            PeerError: `topic-unexpected`, `command-unknown`, or as `decode` and `decode_body`.
        """
        topic = parse_topic(message.topic)
        if topic is None or topic.channel != "command":
            raise PeerError("topic-unexpected", message.topic)
        envelope = decode(message.payload, topic)
        if topic.vin != self.vin:
            raise PeerError("message-foreign-vin", f"{topic} is another car's")
        body = body_type(topic)
        if body is None:
            raise PeerError("command-unknown", f"there is no command {topic.kind!r}")
        content = decode_body(envelope, body)
        return CommandReceived(envelope.id, topic.kind, content, envelope.expires, over_app=topic.root == "app")

    def refusal(self, message: Incoming, code: str) -> Outgoing | None:
        """The answer to what should have been a command; None where its sender can't be found."""
        topic = parse_topic(message.topic)
        if topic is None or topic.channel != "command" or topic.vin != self.vin:
            return None
        command_id, refused = message.correlation or id_in(message.payload), Reply(stage="refused", code=code)
        return self.reply(command_id, topic.kind, refused, over_app=topic.root == "app")

    def _message(
        self,
        channel: Channel,
        kind: str,
        body: Struct,
        *,
        message_id: str | None = None,
        correlation: str | None = None,
        retain: bool = False,
        root: Root = "pcm",
    ) -> Outgoing:
        envelope = Envelope(
            id=message_id or self._new_id(),
            vin=self.vin,
            kind=kind,
            time=self._clock.now(),
            body=encode_body(body),
            correlation=correlation,
        )
        topic = self._topics.get((channel, kind)) or str(Topic(self.vin, channel, kind, root))
        return Outgoing(topic=topic, payload=encode(envelope), id=envelope.id, retain=retain, correlation=correlation)
