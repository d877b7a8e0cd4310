"""Who has sent what is under way in a live lab; a sender's name says which line it goes over.

A car's own session bears its VIN, its app `app/VIN` (see `simulator.watch.AgentWatch`); here are the others.
"""

from pcm_agent.protocol.topics import OVER_APP, parse_topic
from pcm_agent.transport import Outgoing

_FOR, _WILL = "for/", "will/"


def from_outside(message: Outgoing) -> str:
    """The sender of what the backend says to a car or its app, or the app of itself."""
    return _FOR + _way(message)


def of_will(will: Outgoing) -> str:
    """The sender of what the broker says for somebody who is gone."""
    return _WILL + _way(will)


def on_line(vin: str) -> frozenset[str]:
    """The senders of all that goes over a car's line: both ways, and its will, which waits for the end of a session."""
    return frozenset((vin, _FOR + vin, _WILL + vin))


def gone_with(vin: str) -> frozenset[str]:
    """The senders of what does not come any more when a car's line is cut, or its power."""
    return frozenset((vin, _FOR + vin, _FOR + OVER_APP + vin))


def _way(message: Outgoing) -> str:
    topic = parse_topic(message.topic)
    vin = topic.vin if topic else ""
    return OVER_APP + vin if message.topic.startswith(OVER_APP) else vin
