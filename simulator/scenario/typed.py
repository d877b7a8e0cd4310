"""Plain values made typed: all that is wrong with them at once, in words that help."""

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from simulator.scenario.places import Plain
from simulator.scenario.words import nearest

T = TypeVar("T", bound=msgspec.Struct)
Path = tuple[str | int, ...]
MISSING = re.compile("missing required field `([^`]+)`")
ENOUGH = 500
"""Faults after which nobody reads on."""

LISTED = 30
"""So many keys are listed where one is wrong; nobody reads more."""


class Fault(NamedTuple):
    """What is wrong with a value, at its key below the whole."""

    key: str
    message: str


def convert_all(plain: object, kind: type[T]) -> tuple[T | None, list[Fault]]:
    """The typed value, and everything that is wrong with the plain one.

    Each fault is taken out of a copy before the next is looked for. With faults the value holds what is sound; None
    where nothing is left.
    """
    rest: Plain = plain
    faults, taken = list[Fault](), set[Path]()
    while len(faults) < ENOUGH:
        try:
            return msgspec.convert(rest, kind), faults
        except msgspec.ValidationError as error:
            rest = deepcopy(plain) if rest is plain else rest
            path = _path(error)
            whole = _as_written(path, taken)
            found = _faults(error, kind, rest, path, taken)
            faults += [fault for fault in found if not _written_wrongly(fault, faults)]
            if not path or not _take_out(rest, path):
                return None, faults
            taken.add(whole)
    return None, faults


def explained(error: msgspec.ValidationError, kind: type[msgspec.Struct], at: str | None = None) -> tuple[str, str]:
    """The key at fault below `kind`, and what is wrong with it: msgspec's words, or what would be allowed there.

    Args:
        error: of the conversion.
        kind: to which it was to be converted.
        at: the key, where the caller knows it better.
    """
    message, path = _told(error)
    key = path.lstrip(".")
    unknown = re.search(r"unknown field `([^`]+)`", message)
    if unknown:
        allowed = [field.encode_name for field in msgspec.structs.fields(_struct_in(_hint(key, kind)) or kind)]
        hint = nearest(unknown[1], allowed)
        return at or f"{key}.{unknown[1]}".lstrip("."), f"unknown key{hint}; {_allowed(allowed)}"
    return key if at is None else at, _of_value(message, _hint(key, kind))


def _allowed(names: Sequence[str]) -> str:
    if len(names) > LISTED:
        return f"docs/scenarios.md lists the {len(names)} that there are"
    return f"allowed here are: {', '.join(names)}"


def _of_value(message: str, hint: object) -> str:
    if "enum value" in message and (values := _literals(hint)):
        wrong = message.partition(" enum value ")[2]
        return f"{wrong} is none of {', '.join(values)}{nearest(wrong.strip(chr(39)), values)}"
    if "matching regex" in message and (examples := _description(hint)):
        return f"not of the form that is expected here: {examples}"
    message = message.replace(" | null", "")  # what is left out is left out, not null
    return message + (" (write it in quotes)" if "`str" in message and message.endswith("got `int`") else "")


def _told(error: msgspec.ValidationError) -> tuple[str, str]:
    """The message, and the path below the whole; of a wrong key its mapping's."""
    message, _, place = str(error).partition(" - at `")
    return message, place.removeprefix("key` in `").removeprefix("$").rstrip("`")


def _faults(
    error: msgspec.ValidationError, kind: type[msgspec.Struct], rest: Plain, path: Path, taken: set[Path]
) -> list[Fault]:
    """What an error tells; of missing keys all, of which msgspec names the first. What was taken out is not missing."""
    whole, message = _as_written(path, taken), str(error)
    if not MISSING.search(message):
        short = "of length" in message and any(other[:-1] == whole for other in taken)
        return [] if short else [Fault(*explained(error, kind, _key(whole)))]
    for item in path:
        rest = rest[item]
    struct = _struct_in(_hint(_key(path), kind)) or kind
    missing = [it.encode_name for it in msgspec.structs.fields(struct) if it.required and it.encode_name not in rest]
    there = [name for name in missing if (*whole, name) not in taken]
    return [Fault(_key(whole), f"Object missing required field `{name}`") for name in there]


def _written_wrongly(fault: Fault, others: Sequence[Fault]) -> bool:
    """Whether a key that is missing is there under a name that is nearly right, which was told."""
    missing = MISSING.search(fault.message)
    there = [other.message for other in others if other.key.rpartition(".")[0] == fault.key]
    return missing is not None and any(f"did you mean {missing[1]!r}" in message for message in there)


def _path(error: msgspec.ValidationError) -> Path:
    """The way to what is to be taken out, as far as msgspec tells it: into a mapping of any keys it does not."""
    message, path = _told(error)
    known = path.partition("[...]")[0]
    found: list[str | int] = [
        int(item[1:-1]) if item[0] == "[" else item for item in re.findall(r"\[\d+\]|[^.\[\]`]+", known)
    ]
    unknown = re.search(r"unknown field `([^`]+)`", message)
    return (*found, unknown[1]) if unknown else tuple(found)


def _as_written(path: Path, taken: set[Path]) -> Path:
    """The path before anything was taken out of the lists on the way."""
    whole: Path = ()
    for item in path:
        gone = sorted(last for *before, last in taken if tuple(before) == whole and isinstance(last, int))
        whole = (*whole, _counted_again(item, gone) if isinstance(item, int) else item)
    return whole


def _counted_again(index: int, gone: Sequence[int]) -> int:
    """The index in a list before some of its items were gone."""
    for other in gone:
        index += other <= index
    return index


def _key(path: Sequence[str | int]) -> str:
    return "".join(f"[{item}]" if isinstance(item, int) else f".{item}" for item in path).lstrip(".")


def _take_out(whole: Plain, path: Path) -> bool:
    """Take a value out of the plain whole; whether it was there."""
    try:
        for item in path[:-1]:
            whole = whole[item]
        del whole[path[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _hint(key: str, kind: type[msgspec.Struct]) -> object:
    """The type that a struct's field has, by its dotted key."""
    hint: object = kind
    for name in filter(None, re.sub(r"\[[^\]]*\]", "", key).split(".")):
        struct = _struct_in(hint) or kind
        fields = {field.encode_name: field.name for field in msgspec.structs.fields(struct)}
        hint = get_type_hints(struct, include_extras=True)[fields[name]]
    return hint


def _literals(hint: object) -> list[str]:
    """The values of the literals in a type hint."""
    if get_origin(hint) is Literal:
        return [str(value) for value in get_args(hint)]
    return [value for part in get_args(hint) for value in _literals(part)]


def _description(hint: object) -> str:
    """What the schema says of a type, however it is wrapped."""
    own = next((meta.description for meta in getattr(hint, "__metadata__", ()) if meta.description), "")
    return own or next((found for part in get_args(hint) if (found := _description(part))), "")


def _struct_in(hint: object) -> type[msgspec.Struct] | None:
    """The struct that a type hint speaks of, however it is wrapped."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next((found for part in get_args(hint) if (found := _struct_in(part))), None)
