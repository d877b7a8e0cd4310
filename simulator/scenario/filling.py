"""Puts values in the place of `${name}`."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from simulator.scenario.places import Plain
from simulator.scenario.words import nearest

PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")

Note = Callable[[str, str], None]
"""Takes a key and what is wrong there."""


def fill(plain: Plain, values: Mapping[str, Any], later: Collection[str], key: str, note: Note) -> Plain:
    """A plain value with every name in it filled in; one that stands alone keeps the type of its value.

    Args:
        plain: as it was written.
        values: by name.
        later: names whose values only the run will know; they stay as they are.
        key: of the value.
        note: told of names that nobody knows.
    """
    if isinstance(plain, dict):
        return {name: fill(value, values, later, f"{key}.{name}".lstrip("."), note) for name, value in plain.items()}
    if isinstance(plain, list):
        return [fill(value, values, later, f"{key}[{index}]", note) for index, value in enumerate(plain)]
    return _filled(plain, values, later, key, note) if isinstance(plain, str) else plain


def _filled(text: str, values: Mapping[str, Any], later: Collection[str], key: str, note: Note) -> Plain:
    alone = PLACEHOLDER.fullmatch(text)
    if alone and alone[1] in values:
        return values[alone[1]]

    def value(found: re.Match[str]) -> str:
        if found[1] in values:
            return plain_text(values[found[1]])
        if found[1] not in later:
            known = [*values, *later]
            there = f"; known are: {', '.join(known)}" if known else ""
            note(key, f"nothing is called {found[1]!r} here{nearest(found[1], known)}{there}")
        return found[0]

    return PLACEHOLDER.sub(value, text)


def plain_text(value: object) -> str:
    """A value inside of a text, as YAML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "+".join(map(plain_text, value))
    return str(value)


def names_in(plain: object) -> frozenset[str]:
    """The names that are still to be filled in."""
    if isinstance(plain, dict):
        return frozenset().union(*map(names_in, plain.values()))
    if isinstance(plain, list):
        return frozenset().union(*map(names_in, plain))
    return frozenset(PLACEHOLDER.findall(plain)) if isinstance(plain, str) else frozenset()


def without_names(plain: Plain) -> Plain:
    """A plain value without the keys and items whose value is still to be filled in."""
    if isinstance(plain, dict):
        return {key: without_names(value) for key, value in plain.items() if not _names_itself(value)}
    if isinstance(plain, list):
        return [without_names(value) for value in plain if not _names_itself(value)]
    return plain


def _names_itself(value: object) -> bool:
    return isinstance(value, str) and PLACEHOLDER.search(value) is not None
