"""Messages between car and backend, as scenarios speak of them: `event/connection`, `app/reply/remote`."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from pcm_agent.protocol.envelope import body_type
from pcm_agent.protocol.messages import APP_COMMANDS, COMMANDS, EVENTS
from pcm_agent.protocol.topics import Topic, parse_topic
from simulator.scenario.model import ExpectMessage
from simulator.trace import Record


@cache
def topics() -> tuple[str, ...]:
    """All that a car sends and hears, over its own connection and by the app."""
    kinds: Mapping[str, Iterable[str]] = {
        "event": EVENTS,
        "command": COMMANDS,
        "reply": COMMANDS,
        "app/command": APP_COMMANDS,
        "app/reply": APP_COMMANDS,
    }
    named = tuple(f"{channel}/{kind}" for channel, known in kinds.items() for kind in known)
    return ("presence", "state", "app/presence", *named)


def body_keys(topic: str) -> tuple[str, ...]:
    """The keys of what a topic carries."""
    root, rest = ("app", topic.removeprefix("app/")) if topic.startswith("app/") else ("pcm", topic)
    parsed = parse_topic(f"{root}/v1/x/{rest}")
    body = body_type(parsed) if parsed else None
    return tuple(field.encode_name for field in msgspec.structs.fields(body)) if body else ()


def found(records: Iterable[Record], wanted: ExpectMessage) -> Mapping[str, Any]:
    """How many there were, and of the last one on this topic what was asked for."""
    bodies = list(_bodies(records, wanted.topic))
    count = sum(fits(body, wanted.body) for body in bodies)
    last = bodies[-1] if bodies else {}
    return {"topic": wanted.topic, "count": count, "body": {key: last.get(key) for key in wanted.body}}


def _bodies(records: Iterable[Record], topic: str) -> Iterator[Mapping[str, Any]]:
    for record in records:
        parsed = parse_topic(record.name)
        if parsed is not None and _said(parsed) == topic:
            yield record.data.get("body") or {}


def _said(topic: Topic) -> str:
    kind = "" if topic.kind == topic.channel else f"/{topic.kind}"
    return f"{'app/' if topic.root == 'app' else ''}{topic.channel}{kind}"


def fits(there: object, wanted: object) -> bool:
    """Whether all that is wanted is there; in mappings more may be."""
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        return all(key in there and fits(there[key], value) for key, value in wanted.items())
    if isinstance(wanted, (list, tuple)) and isinstance(there, (list, tuple)):
        return len(wanted) == len(there) and all(map(fits, there, wanted))
    return there == wanted
