"""The AsyncAPI 3 document of the protocol, generated from the typed messages."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pcm_agent.protocol.envelope import CONTENT_TYPE, MAX_BYTES, Envelope
from pcm_agent.protocol.messages import APP_COMMANDS, COMMANDS, EVENTS, Presence, Reply, StateReported
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.services import AppPresence

_REF = "#/components/schemas/{name}"
_CHANNELS: tuple[tuple[str, str, dict[str, type], str], ...] = (
    ("presence", "pcm/v1/{vin}/presence", {"presence": Presence}, "send"),
    ("state", "pcm/v1/{vin}/state", {"state": StateReported}, "send"),
    ("event", "pcm/v1/{vin}/event/{kind}", dict(EVENTS), "send"),
    ("command", "pcm/v1/{vin}/command/{kind}", dict(COMMANDS), "receive"),
    ("reply", "pcm/v1/{vin}/reply/{kind}", dict.fromkeys(("reply",), Reply), "send"),
    ("app-presence", "app/v1/{vin}/presence", {"presence": AppPresence}, "send"),
    ("app-command", "app/v1/{vin}/command/{kind}", dict(APP_COMMANDS), "receive"),
    ("app-reply", "app/v1/{vin}/reply/{kind}", dict.fromkeys(("reply",), Reply), "send"),
)
"""Name, topic, bodies by kind, and what the PCM, or the app that is connected to it, does with it."""
_KINDS = {"reply": COMMANDS, "app-reply": APP_COMMANDS}
"""The kinds of what is answered, where the bodies do not say them."""


def document() -> dict[str, Any]:
    """The protocol as seen by the PCM: it receives commands and sends all the rest."""
    bodies = {body for _, _, kinds, _ in _CHANNELS for body in kinds.values()}
    ordered = sorted(bodies, key=lambda body: body.__name__)
    _, schemas = msgspec.json.schema_components([Envelope, *ordered], schema_hook=_secret, ref_template=_REF)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "pcm-sim",
            "version": "1",
            "description": "Head unit and backend of a simulated connected car, over MQTT 5 or 3.1.1. "
            f"Payloads are JSON of at most {MAX_BYTES} bytes in one envelope; unknown fields are ignored.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {name: _channel(address, kinds, _KINDS.get(name, kinds)) for name, address, kinds, _ in _CHANNELS},
        "operations": {name: _operation(name, action) for name, _, _, action in _CHANNELS},
        "components": {"messages": _messages(), "schemas": dict(sorted(schemas.items()))},
    }


def _channel(address: str, bodies: Mapping[str, type], kinds: Iterable[str]) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": address,
        "messages": {body.__name__: {"$ref": f"#/components/messages/{body.__name__}"} for body in bodies.values()},
        "parameters": {"vin": {"description": "Vehicle identification number (ISO 3779)."}},
    }
    if "{kind}" in address:
        channel["parameters"]["kind"] = {"enum": sorted(kinds), "description": "Kind of the body."}
    return channel


def _operation(name: str, action: str) -> dict[str, Any]:
    operation: dict[str, Any] = {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
    if name.endswith("command"):
        operation["reply"] = {"channel": {"$ref": f"#/channels/{name.replace('command', 'reply')}"}}
    return operation


def _messages() -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for _, _, kinds, _ in _CHANNELS:
        for kind, body in kinds.items():
            messages[body.__name__] = {
                "name": kind,
                "summary": (body.__doc__ or "").strip().splitlines()[0],
                "contentType": CONTENT_TYPE,
                "correlationId": {"location": "$message.payload#/correlation"},
                "payload": {
                    "allOf": [
                        {"$ref": _REF.format(name="Envelope")},
                        {"properties": {"body": {"$ref": _REF.format(name=body.__name__)}}},
                    ]
                },
            }
    return messages


def _secret(kind: type) -> dict[str, Any]:
    """`msgspec` schema hook, for the one type of ours that it does not know."""
    if kind is Secret:
        return {"type": "string", "format": "password"}
    raise TypeError(f"no schema for {kind.__name__}")
