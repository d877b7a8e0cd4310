import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from pcm_agent.protocol.asyncapi import _secret, document
from pcm_agent.protocol.messages import APP_COMMANDS, COMMANDS, EVENTS

DOCS = Path(__file__).parents[3] / "docs"
WIRE = Path(__file__).parents[2] / "golden" / "wire"


def test_the_published_document_is_current(golden: Callable[[Path, str], None]) -> None:
    golden(DOCS / "asyncapi.json", json.dumps(document(), indent=2, ensure_ascii=False) + "\n")


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def resolve(whole: dict[str, Any], reference: str) -> object:
    assert reference.startswith("#/")
    node: Any = whole
    for part in reference[2:].split("/"):
        node = node[part]
    return node


def test_every_reference_resolves() -> None:
    whole = document()
    found = set(references(whole))
    assert found
    for reference in found:
        assert resolve(whole, reference)


def test_it_has_the_form_of_asyncapi_3() -> None:
    whole = document()
    assert whole["asyncapi"] == "3.0.0"
    assert set(whole) == {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    assert {"title", "version"} <= set(whole["info"])
    assert {name: it["action"] for name, it in whole["operations"].items()} == {
        "presence": "send",
        "state": "send",
        "event": "send",
        "command": "receive",
        "reply": "send",
        "app-presence": "send",
        "app-command": "receive",
        "app-reply": "send",
    }
    for operation in whole["operations"].values():
        assert set(operation) <= {"action", "channel", "reply"}
    for channel in whole["channels"].values():
        named = {part[1:-1] for part in channel["address"].split("/") if part.startswith("{")}
        assert named == set(channel["parameters"])
        assert channel["messages"]
    for message in whole["components"]["messages"].values():
        assert message["summary"].endswith((".", ":")) or message["summary"]
        assert {"name", "contentType", "correlationId", "payload"} <= set(message)


def test_every_kind_is_in_it() -> None:
    channels = document()["channels"]
    assert channels["command"]["parameters"]["kind"]["enum"] == sorted(COMMANDS)
    assert channels["reply"]["parameters"]["kind"]["enum"] == sorted(COMMANDS)
    assert channels["event"]["parameters"]["kind"]["enum"] == sorted(EVENTS)
    assert channels["app-command"]["parameters"]["kind"]["enum"] == sorted(APP_COMMANDS)
    assert channels["app-reply"]["parameters"]["kind"]["enum"] == sorted(APP_COMMANDS)
    assert set(channels["command"]["messages"]) == {body.__name__ for body in COMMANDS.values()}


def test_it_is_the_same_each_time() -> None:
    assert json.dumps(document()) == json.dumps(document())


@pytest.mark.parametrize("path", sorted(WIRE.glob("*.json")), ids=lambda path: path.stem)
def test_what_is_on_the_wire_fits_its_schema(path: Path) -> None:
    whole = document()
    channel, _, kind = path.stem.partition(".")
    names = [ref.rsplit("/", 1)[1] for ref in references(whole["channels"][channel]["messages"])]
    messages = whole["components"]["messages"]
    [name] = [name for name in names if channel == "reply" or messages[name]["name"] == kind]
    schema = {"components": whole["components"]} | messages[name]["payload"]
    jsonschema.Draft202012Validator(schema).validate(msgspec.json.decode(path.read_bytes()))


def test_only_secrets_have_a_schema_of_our_own() -> None:
    with pytest.raises(TypeError, match="no schema for"):
        _secret(complex)
