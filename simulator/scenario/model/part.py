"""What all parts of a scenario have in common."""

from typing import Any

from msgspec import Struct


class Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all parts: unknown keys are errors."""


def given(part: Part) -> dict[str, Any]:
    """The keys of a part that are set, with their values."""
    return {name: value for name in part.__struct_fields__ if (value := getattr(part, name)) is not None}
