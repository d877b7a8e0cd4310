"""What a message on the bus or the broker says."""

from pcm_agent.protocol.envelope import Envelope, body_type, decode, decode_body
from pcm_agent.protocol.topics import parse_topic
from pcm_agent.transport import Incoming


def open_envelope(message: Incoming) -> Envelope:
    topic = parse_topic(message.topic)
    assert topic is not None
    return decode(message.payload, topic)


def typed(message: Incoming) -> object:
    topic = parse_topic(message.topic)
    assert topic is not None
    body = body_type(topic)
    assert body is not None
    return decode_body(open_envelope(message), body)
