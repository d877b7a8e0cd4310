"""The frame around every message, and the one place where bytes become messages and back.

The envelope is complete on its own, so that an MQTT 3.1.1 broker loses nothing; adapters mirror correlation, reply
topic, content type and expiry as MQTT 5 properties.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from pcm_agent.errors import PeerError
from pcm_agent.protocol.body import Instant
from pcm_agent.protocol.messages import APP_COMMANDS, COMMANDS, EVENTS, Presence, Reply, StateReported
from pcm_agent.protocol.secret import masked, restored, revealed
from pcm_agent.protocol.services import AppPresence
from pcm_agent.protocol.topics import Topic

MAX_BYTES = 256 * 1024
"""A larger message is refused unread."""
CONTENT_TYPE = "application/vnd.pcm-sim.v1+json"

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises: on wrong JSON or types, on bytes that are no UTF-8, on nesting without end."""

B = TypeVar("B")


class Envelope(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message: who, what, when, and how to answer.

    Attributes:
        id: unique per sender; a repeated id is the same message again.
        vin: the car that sends or is meant.
        kind: the body's kind, equal to the last level of the topic.
        time: the sender's clock when it was made (UTC).
        body: the typed body, still undecoded.
        correlation: the id of the message that this one answers.
        reply_to: the topic on which an answer is expected.
        expires: after this instant the message must not take effect any more.
    """

    id: str
    vin: str
    kind: str
    time: Instant
    body: msgspec.Raw
    correlation: str | None = None
    reply_to: str | None = None
    expires: Instant | None = None
    content_type: str = CONTENT_TYPE


class _Named(Struct, frozen=True):
    id: str


_NAMED = msgspec.json.Decoder(_Named)
_ENVELOPE = msgspec.json.Decoder(Envelope)
_WIRE = msgspec.json.Encoder(enc_hook=revealed)


def encode_body(body: object) -> msgspec.Raw:
    """A typed body as the JSON that goes into an envelope; secrets are revealed, for the wire only."""
    return msgspec.Raw(_WIRE.encode(body))


def encode(envelope: Envelope) -> bytes:
    """An envelope as the bytes of an MQTT payload."""
    return _WIRE.encode(envelope)


def decode(payload: bytes, topic: Topic) -> Envelope:
    """The envelope in a payload that arrived on `topic`.

    Raises:
        PeerError: `message-oversized`, `message-malformed`, `message-foreign-vin` (another car's) or
            `message-kind-mismatch` (topic and envelope disagree).
    """
    if len(payload) > MAX_BYTES:
        raise PeerError("message-oversized", f"{len(payload)} bytes on {topic}, allowed are {MAX_BYTES}")
    try:
        envelope = _ENVELOPE.decode(payload)
    except _UNREADABLE as error:
        raise PeerError("message-malformed", f"on {topic}: {error}") from error
    if envelope.vin != topic.vin:
        raise PeerError("message-foreign-vin", f"on {topic}: the envelope names another car")
    if envelope.kind != topic.kind:
        raise PeerError("message-kind-mismatch", f"on {topic}: the envelope says {envelope.kind!r}")
    return envelope


def id_in(payload: bytes) -> str | None:
    """The id of a message that is otherwise unusable, so that its sender can be told; None where there is none."""
    if len(payload) > MAX_BYTES:
        return None
    try:
        return _NAMED.decode(payload).id
    except _UNREADABLE:
        return None


_BODIES: dict[tuple[str, str], Mapping[str, type[Any]]] = {
    ("pcm", "command"): COMMANDS,
    ("pcm", "event"): EVENTS,
    ("pcm", "reply"): dict.fromkeys(COMMANDS, Reply),
    ("pcm", "presence"): {"presence": Presence},
    ("pcm", "state"): {"state": StateReported},
    ("app", "command"): APP_COMMANDS,
    ("app", "reply"): dict.fromkeys(APP_COMMANDS, Reply),
    ("app", "presence"): {"presence": AppPresence},
}


def body_type(topic: Topic) -> type[Any] | None:
    """The struct that a topic carries, None where the kind is unknown."""
    return _BODIES.get((topic.root, topic.channel), {}).get(topic.kind)


_DECODERS: dict[type, msgspec.json.Decoder[Any]] = {
    body: msgspec.json.Decoder(body, dec_hook=restored) for bodies in _BODIES.values() for body in bodies.values()
}


def decode_body(envelope: Envelope, body: type[B]) -> B:
    """The typed body of an envelope.

    Raises:
        PeerError: `message-invalid`, with the path of the wrong field.
    """
    try:
        decoded: B = _DECODERS[body].decode(envelope.body)
    except _UNREADABLE as error:
        raise PeerError("message-invalid", f"{envelope.kind}: {error}") from error
    return decoded


def readable(body: object) -> dict[str, Any]:
    """A body, event or effect as plain builtins for traces and logs: secrets are masked."""
    plain: dict[str, Any] = msgspec.to_builtins(body, enc_hook=masked)
    return plain
