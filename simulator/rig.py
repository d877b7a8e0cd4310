"""How a rig or a test drives a world or a backend that runs as a process of its own: `sim/v1/{vin}/...` over MQTT.

The kinds are the keys of a scenario's `do`, the bodies their values. Every action is answered: done, or refused with
a code. These topics exist only while the simulator's world or backend is running; a bare agent has none of them.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec

from pcm_agent.errors import PcmError, PeerError, TransportError
from pcm_agent.protocol.envelope import Envelope, decode, encode
from pcm_agent.protocol.topics import SimChannel, Topic, parse_topic
from pcm_agent.transport import Broker, Incoming, Outgoing, Session
from simulator.scenario.model import Do, Part, given
from simulator.scenario.typed import explained

BACKEND_ACTIONS = frozenset((
    "register", "order", "offer_again", "cancel_order", "end_subscription", "give_notice", "revoke", "online_updates",
    "offer_update", "car_built", "order_service", "cancel_service", "close_alarm", "create_account", "add_user",
    "grant", "security_code", "reset_security_code", "sell_car", "delete_account", "remote", "data_package",
))  # fmt: skip
"""The keys of `do` that are for the backend; all others are for the car's world, or for scenarios alone."""
SCENARIO_ACTIONS = frozenset(("broker", "backend", "power", "messages", "clock", "link"))
"""The keys of `do` that only a scenario can have done: they are about what it has started itself."""
PAUSE = 1.0
ANSWER_TIME = 5.0
Perform = Callable[[str, str, Any], dict[str, Any]]
"""Takes VIN, key of `do` and its value; gives what the answer says besides `done`."""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of an action."""

    done: bool
    code: str | None = None
    text: str = ""
    result: dict[str, Any] = {}


class RigLink:
    """Hears actions on one channel and has them done.

    Args:
        broker: a client of its own: the rig's wire is there even when the car has no data.
        vin: of the car, or `+` for all.
        channel: `world` or `backend`.
        perform: does it.
        tell: told, once, when the broker is gone.
    """

    def __init__(
        self, broker: Broker, vin: str, channel: SimChannel, perform: Perform, tell: Callable[[str, str], None]
    ) -> None:
        self._broker, self._perform, self._tell = broker, perform, tell
        self._subscription = f"sim/v1/{vin}/{channel}/+"
        self.connected = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        down = False
        while True:
            try:
                async with self._broker.connect(None, [self._subscription]) as session:
                    down = False
                    self.connected.set()
                    async with aclosing(session.messages()) as messages:
                        async for message in messages:
                            await self._answer(session, message)
            except TransportError as error:
                self.connected.clear()
                if not down:
                    self._tell(error.code, f"the rig's wire: {error.message}; trying again until it works")
                down = True
                await asyncio.sleep(PAUSE)  # real time: a rig's broker does not come back sooner with a faster clock

    async def _answer(self, session: Session, message: Incoming) -> None:
        topic = parse_topic(message.topic)
        if topic is None:
            return
        correlation: str | None = None
        try:
            envelope = decode(message.payload, topic)
            correlation = envelope.id
            answer = Answer(done=True, result=self._perform(topic.vin, *action(topic.kind, envelope.body)))
        except PcmError as error:
            answer = Answer(done=False, code=error.code, text=error.message)
            self._tell(error.code, error.message)
        await session.publish(_message(Topic(topic.vin, "answer", topic.kind, "sim"), answer, correlation))


def action(kind: str, body: bytes) -> tuple[str, Any]:
    """Key and typed value of one `do`.

    Raises:
        PeerError: `action-invalid`, with what is wrong.
    """
    try:
        do = msgspec.json.decode(b'{"%s":%s}' % (kind.encode(), bytes(body)), type=Do)
        ((name, value),) = given(do).items()
    except msgspec.ValidationError as error:
        raise PeerError("action-invalid", ": ".join(filter(None, explained(error, Do)))) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise PeerError("action-invalid", f"{kind}: its body is no JSON, or more than one action") from error
    return name, value


async def ask(broker: Broker, vin: str, do: Do, channel: SimChannel | None = None) -> Answer:
    """Have one action done by a world or backend that runs elsewhere.

    Args:
        broker: a client of it.
        vin: of the car.
        do: one action.
        channel: who is asked, where it is not who has it done: the backend tells a `pairing_code` that a car is given.

    Raises:
        TransportError: `no-answer`, or the broker can't be reached.
    """
    ((name, value),) = given(do).items()
    channel = channel or ("backend" if name in BACKEND_ACTIONS else "world")
    topic = Topic(vin, channel, name, "sim")
    question = _message(topic, given(value) if isinstance(value, Part) else value)
    async with broker.connect(None, [f"sim/v1/{vin}/answer/{name}"]) as session:
        await session.publish(question)
        try:
            async with asyncio.timeout(ANSWER_TIME), aclosing(session.messages()) as messages:
                async for message in messages:
                    envelope = decode(message.payload, Topic(vin, "answer", name, "sim"))
                    if envelope.correlation == question.id:
                        return msgspec.json.decode(envelope.body, type=Answer)
        except TimeoutError:
            pass
    who = "backend" if channel == "backend" else f"agent for {vin}"
    raise TransportError("no-answer", f"no {who} answered within {ANSWER_TIME:.0f} s; is it running on this broker?")


def _message(topic: Topic, body: object, correlation: str | None = None) -> Outgoing:
    envelope = Envelope(
        id=uuid4().hex,
        vin=topic.vin,
        kind=topic.kind,
        time=datetime.now(UTC),
        body=msgspec.Raw(msgspec.json.encode(body)),
        correlation=correlation,
    )
    return Outgoing(topic=str(topic), payload=encode(envelope), id=envelope.id, correlation=correlation)
