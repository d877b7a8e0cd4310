"""The JSON Schema of scenario files, made from the typed model; `scenario.schema.json` is its published form."""

from typing import Any, cast

import msgspec

from simulator.scenario.model import Scenario

_RULES: dict[str, dict[str, Any]] = {
    "CarPart": {
        "oneOf": [
            {"required": ["profile"], "properties": {"line": False, "model_year": False}},
            {"required": ["line", "model_year"], "properties": {"profile": False}},
        ],
    },
    "Do": {"minProperties": 1, "maxProperties": 1},
    "Expect": {"minProperties": 1},
    "Step": {
        "oneOf": [
            {"required": ["do"]},
            {"required": ["expect"]},
            {"required": ["never"]},
            {"required": ["say"], "properties": {"do": False, "expect": False, "never": False}},
        ],
        "dependentRequired": {"within": ["expect"], "during": ["never"], "never": ["during"]},
    },
}
"""What the types cannot say: the loader's rules for cars and steps."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a scenario file."""
    schema = cast("dict[str, Any]", _without_null(msgspec.json.schema(Scenario)))  # an object stays one
    for name, rules in _RULES.items():
        schema["$defs"][name] |= rules
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:pcm-sim:scenario:1",
        "title": "pcm-sim scenario, version 1",
        **schema,
    }


def _without_null(node: object) -> object:
    """A key that may be left out is left out, not null."""
    if isinstance(node, list):
        return [_without_null(part) for part in node]
    if not isinstance(node, dict):
        return node
    schema = dict(node)
    if schema.get("default", ...) is None:
        del schema["default"]
    kinds = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema |= kinds[0]
    elif kinds:
        schema["anyOf"] = kinds
    elif None in schema.get("enum", ()):
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    return {key: _without_null(value) for key, value in schema.items()}
