"""Plain values made typed: all that is wrong with them at once, in words that help."""

import re
from collections.abc import Sequence
from copy import deepcopy
from typing import NamedTuple, TypeVar, get_args, get_type_hints

import msgspec

from simulator.scenario.expected import missing, of_value
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
    """What is wrong with a value, at its key below the whole; `lacks`: something that is not there."""

    key: str
    message: str
    lacks: bool = False

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.key, self.message)))


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
    """The key at fault below `kind`, and what is wrong with it: what belongs there.

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
    lacking = MISSING.search(message)
    name = "" if key.endswith("]") else key.rpartition(".")[2]
    told = missing(lacking[1]) if lacking else of_value(message, _hint(key, kind), name)
    return key if at is None else at, told


def _allowed(names: Sequence[str]) -> str:
    if len(names) > LISTED:
        return f"docs/scenarios.md lists the {len(names)} that there are"
    return f"allowed here are: {', '.join(names)}"


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
        return [] if short else [Fault(*explained(error, kind, _key(whole)), "of length" in message)]
    for item in path:
        rest = rest[item]
    struct = _struct_in(_hint(_key(path), kind)) or kind
    absent = [it.encode_name for it in msgspec.structs.fields(struct) if it.required and it.encode_name not in rest]
    there = [name for name in absent if (*whole, name) not in taken]
    return [Fault(_key(whole), missing(name), lacks=True) for name in there]


def _written_wrongly(fault: Fault, others: Sequence[Fault]) -> bool:
    """Whether a key that is missing is there under a name that is nearly right, which was told."""
    there = [other.message for other in others if other.key.rpartition(".")[0] == fault.key]
    names = [message.partition("did you mean ")[2].partition("?")[0].strip("'") for message in there]
    return any(fault.message == missing(name) for name in names)


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


def _struct_in(hint: object) -> type[msgspec.Struct] | None:
    """The struct that a type hint speaks of, however it is wrapped."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next((found for part in get_args(hint) if (found := _struct_in(part))), None)
