"""What is wrong with a value, in plain words: what belongs there, with an example, in place of msgspec's sentences."""

import re
from typing import get_args

from simulator.scenario.model import Do, Expect
from simulator.scenario.samples import sample, words_in
from simulator.scenario.words import listed, nearest

KINDS = {
    "array": "a list",
    "object": "keys with values",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "datetime": "an instant",
    "null": "nothing",
}
"""msgspec's names of what YAML can say."""
NUMBERS = ("int", "float")
INSTANT = "an instant belongs here, such as 2027-03-01T00:00:00Z"
_SENTENCE = re.compile(r"Expected `([^`]+)`(?: (of length )?(>=|<=|>|<) (\S+?))?(?:, got `(\w+)`)?$")
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_PIECES = {"array": "item", "object": "key", "str": "letter"}
_OF_SECTIONS = {Do: 'do: {ignition: "on"}', Expect: "expect: {session: open}"}


def missing(name: str) -> str:
    """That a key is not there."""
    return f"the key `{name}` is missing"


def of_value(message: str, hint: object, name: str) -> str:
    """What is wrong with a value, and what belongs in its place.

    Args:
        message: msgspec's.
        hint: the type that the value has to have.
        name: the key; "" of an item in a list.
    """
    if "enum value" in message and (values := [*map(str, words_in(hint))]):
        wrong = message.partition(" enum value ")[2].strip("'")
        return f"{wrong!r} is none of {', '.join(values)}{nearest(wrong, values)}"
    if "RFC3339" in message or "timezone" in message:
        return INSTANT
    form = description(hint)
    if "matching regex" in message and form:
        return f"not of the form that is expected here: {form}"
    found = _SENTENCE.match(message)
    return message if found is None else _of_kind(found, hint, name, form)


def _of_kind(found: re.Match[str], hint: object, name: str, form: str) -> str:
    wanted, length, bound, limit, got = found.groups()
    kinds = [kind for kind in wanted.split(" | ") if kind != "null"]  # what is left out is left out, not null
    if bound:
        piece = _PIECES.get(kinds[0], "letter")
        pieces = f" {piece}{'' if limit == '1' else 's'}" if length else ""
        return f"{_BOUNDS[bound]} {limit}{pieces} must stand here" + (f" ({form})" if form and not length else "")
    if got in NUMBERS and "str" in kinds and form:
        return f"not of the form that is expected here: {form}"
    if "str" in kinds and (values := [*map(str, words_in(hint))]):
        return f"{KINDS.get(got, 'that')} can't stand here; allowed are: {listed(values)}"
    instead = "" if got is None else f", not {KINDS.get(got, got)}"
    told = f"{' or '.join(KINDS.get(kind, kind) for kind in kinds)} must stand here{instead}"
    if got in (*NUMBERS, "bool") and "str" in kinds:
        return f"{told}; write it in quotes"
    example = _example(name, hint)
    return f"{told}; such as {example}" if example else told


def _example(name: str, hint: object) -> str:
    known = next((text for part, text in _OF_SECTIONS.items() if f".{part.__name__}" in str(hint)), "")
    return known if known.startswith(f"{name}:") else sample(name, hint, mark="") if name else ""


def description(hint: object) -> str:
    """What the schema says of a type, however it is wrapped."""
    own = next((meta.description for meta in getattr(hint, "__metadata__", ()) if meta.description), "")
    return own or next((found for part in get_args(hint) if (found := description(part))), "")
