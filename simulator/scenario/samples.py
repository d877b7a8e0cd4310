"""Examples of what may stand at a key, for the page about scenarios and for what is said of a wrong value."""

import re
import types
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from simulator.scenario.examples import SAMPLES
from simulator.scenario.model import CarPart, Do, Expect, Part, Step

SECTIONS: dict[type[Part], str] = {
    CarPart: "[the car](#the-car)",
    Step: "list of [steps](#steps)",
    Do: "[what is done](#what-is-done-do)",
    Expect: "[what must hold](#what-must-hold-expect-and-never)",
}
"""Parts that have a section of their own on the page."""


def example(name: str, hint: object) -> object:
    """A value that a key may have: of a choice the first, of a part its required keys."""
    few = [] if "tuple" in str(hint) else words_in(hint)
    part = part_in(hint)
    if part is None or few or name == "menu":
        return few[0] if few else SAMPLES.get(name)
    hints = get_type_hints(part, include_extras=True)
    required = [field.encode_name for field in msgspec.structs.fields(part) if field.required]
    return {key: example(key, hints[key]) for key in required}


def words_in(hint: object) -> list[object]:
    """The few words that a value may be, if it is one of them."""
    if isinstance(hint, type) and issubclass(hint, str) and hasattr(hint, "__members__"):
        return [str(member.value) for member in hint.__members__.values()]
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    wrapped = get_origin(hint) in (Annotated, Union, types.UnionType, tuple)
    return [word for inner in get_args(hint) for word in words_in(inner)] if wrapped else []


def part_in(hint: object) -> type[Part] | None:
    """The part that a value is made of, where that has no section of its own."""
    if isinstance(hint, type) and issubclass(hint, Part):
        return hint if hint not in SECTIONS else None
    found = [part for inner in get_args(hint) if (part := part_in(inner)) is not None]
    return found[0] if found else None


def sample(name: str, hint: object, mark: str = "`") -> str:
    """A key with an example of its value; nothing where there is none."""
    found = None if name == "car" and CarPart.__name__ in str(hint) else example(name, hint)
    return "" if found is None else f"{mark}{name}: {as_yaml(found)}{mark}"


def as_yaml(value: object) -> str:
    """A value in one line of YAML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {as_yaml(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(as_yaml, value))}]"
    quoted = value in ("on", "off") or (isinstance(value, str) and re.fullmatch(r"[0-9.]+", value))
    return f'"{value}"' if quoted else str(value)
