"""The JSON Schema of scenario files, made from the typed model; `scenario.schema.json` is its published form."""

from typing import Any, cast

import msgspec

from simulator.scenario.checks import PARTS
from simulator.scenario.model import Scenario

_NAMED = {"type": "string", "pattern": r"\$\{[^{}]*\}"}
"""A value may be left to a name."""
_NO_CAR = {"profile": False, "line": False, "model_year": False}
_RULES: dict[str, dict[str, Any]] = {
    "CarPart": {
        "required": [],  # country and profile may come from the matrix
        "oneOf": [
            {"required": ["profile"], "properties": {"line": False, "model_year": False}},
            {"required": ["line", "model_year"], "properties": {"profile": False}},
            {"properties": _NO_CAR},
        ],
    },
    "Do": {"minProperties": 1, "maxProperties": 1},
    "Expect": {"minProperties": 1},
    "Step": {
        "oneOf": [
            *({"required": [part]} for part in PARTS),
            {"required": ["say"], "properties": dict.fromkeys(PARTS, False)},
        ],
        "dependentRequired": {"until": ["expect"], "during": ["never"], "while": ["never"]},
        "dependentSchemas": {
            "within": {"anyOf": [{"required": ["expect"]}, {"required": ["while"]}]},
            "never": {"oneOf": [{"required": ["during"]}, {"required": ["while"]}]},
        },
    },
    "Scenario": {"not": {"required": ["car", "cars"]}},  # a part, which others include, has neither
}
"""What the types cannot say: the loader's rules for cars and steps."""
_WITHOUT_NAMES = frozenset(("Scenario", "Step"))


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a scenario file."""
    schema = cast("dict[str, Any]", _without_null(msgspec.json.schema(Scenario)))  # an object stays one
    for name, part in schema["$defs"].items():
        part["properties"] = {key: _or_named(key, value, name) for key, value in part.get("properties", {}).items()}
        part.update(_RULES.get(name, {}))
    schema["$defs"]["Named"] = {"description": "A name from `parameters`, `matrix` or `let`.", **_NAMED}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:pcm-sim:scenario:1",
        "title": "pcm-sim scenario, version 1",
        **schema,
    }


def _or_named(key: str, schema: dict[str, Any], part: str) -> dict[str, Any]:
    """A value, or a name for it; not where the form of the file itself is said."""
    if (part in _WITHOUT_NAMES and key not in ("within", "during")) or key in ("steps", "with"):
        return schema
    if "items" in schema:
        schema = {**schema, "items": _or_named("", schema["items"], part)}
    if schema.get("type") == "string" and not {"pattern", "enum"} & schema.keys():
        return schema  # any text can hold a name
    rest = {key: value for key, value in schema.items() if key not in ("default", "description")}
    told = {key: value for key, value in schema.items() if key in ("default", "description")}
    return {"anyOf": [rest, {"$ref": "#/$defs/Named"}], **told} if rest else schema


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
