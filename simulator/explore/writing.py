"""Writes a life down as a scenario file: one step a line."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./@+-]*[A-Za-z0-9]|[0-9]+ (?:ms|s|min|h|d|B|kB|MB)|[A-Za-z]")
_NO_TEXT = frozenset(("on", "off", "yes", "no", "true", "false", "null", "y", "n"))
"""What editors take for something else."""


def written(plain: Mapping[str, Any], said: str = "") -> str:
    """The text of a scenario file.

    Args:
        plain: what stands in it.
        said: a comment on top; "": none.
    """
    return "".join(f"{line}\n" for line in _lines(plain, said))


def _lines(plain: Mapping[str, Any], said: str) -> Iterator[str]:
    yield from (f"# {line}" for line in said.splitlines())
    for name, value in plain.items():
        if name != "steps":
            yield f"{name}: {flow(value)}"
    yield "steps:"
    for step in plain["steps"]:
        yield "  - " + ", ".join(f"{name}: {flow(value)}" for name, value in step.items())


def flow(value: object) -> str:
    """A value in one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)
