"""Typed values out of plain ones, with faults in the words of the file instead of the library's."""

import re
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import inspect

from firmware_profiles.document import Place
from firmware_profiles.errors import ProfileErrorCode
from firmware_profiles.positions import KeyPath

T = TypeVar("T")

_PLACE = re.compile(r" - at (?:`key` in )?`\$([^`]*)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_ENUM_VALUE = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_GOT = re.compile(r", got (`\w+`)$")
_TYPE_NAMES = re.compile(r"`([^`]*)`")
_TOML_WORDS = {"str": "string", "int": "integer", "bool": "boolean", "object": "table"}


class _Fault(NamedTuple):
    path: KeyPath
    message: str


def convert(place: Place, value: object, kind: type[T], base: KeyPath = ()) -> T:
    """Return the value as `kind`.

    Args:
        place: Where the value stands.
        value: Plain values as `tomllib` gives them.
        kind: A struct, an enum or an annotated type without unnamed mappings inside, whose keys could not be told.
        base: The key path of the value in that place.

    Raises:
        ProfileError: `profile-invalid`, at the key that is at fault, saying what was expected.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        fault = _fault(str(error), kind)
        raise place.error(ProfileErrorCode.INVALID, base + fault.path, fault.message) from error


def _fault(report: str, kind: object) -> _Fault:
    """Read path and reason out of what msgspec says, and add what would have been allowed there."""
    place = _PLACE.search(report)
    path = _path(place[1]) if place else ()
    reason = report[: place.start()] if place else report
    node = _type_at(inspect.type_info(kind), path)
    if unknown := _UNKNOWN.fullmatch(reason):
        return _Fault((*path, unknown[1]), f"unknown key, expected one of {_keys(node)}")
    if missing := _MISSING.fullmatch(reason):
        return _Fault((*path, missing[1]), "missing key")
    if isinstance(node, inspect.EnumType):
        return _Fault(path, f"expected one of {_members(node)}, got {_found(reason)}")
    return _Fault(path, _in_toml_words(reason))


def _path(text: str) -> KeyPath:
    return tuple(name or int(place) for name, place in _STEP.findall(text))


def _type_at(node: inspect.Type, path: KeyPath) -> inspect.Type:
    for step in path:
        if isinstance(node, inspect.StructType):
            node = next(field.type for field in node.fields if field.encode_name == step)
        elif isinstance(node, inspect.VarTupleType):
            node = node.item_type
    return node


def _keys(node: inspect.Type) -> str:
    fields = node.fields if isinstance(node, inspect.StructType) else ()
    return ", ".join(repr(name) for name in sorted(field.encode_name for field in fields))


def _members(node: inspect.EnumType) -> str:
    return ", ".join(repr(value) for value in sorted(str(member.value) for member in node.cls))


def _found(reason: str) -> str:
    if value := _ENUM_VALUE.fullmatch(reason):
        return value[1]
    wrong_type = _GOT.search(reason)
    return _in_toml_words(wrong_type[1] if wrong_type else reason)


def _in_toml_words(reason: str) -> str:
    """Name types as TOML does. An absent key is TOML's null, so null is never something to write."""

    def words(match: re.Match[str]) -> str:
        names = [name for name in match[1].split(" | ") if name != "null"]
        return " or ".join(_TOML_WORDS.get(name, name) for name in names)

    text = _TYPE_NAMES.sub(words, reason)
    return text[:1].lower() + text[1:]
