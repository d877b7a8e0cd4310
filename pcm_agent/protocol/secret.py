"""Strings that must never stand in a log, a trace or a report: PINs, passwords, codes."""

import hmac
from typing import Any

MASK = "***"


class Secret:
    """A string that shows itself only when asked with `reveal`.

    `str`, `repr`, f-strings and pickling by accident all give a mask.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return (Secret, (MASK,))


def masked(value: object) -> str:
    """`msgspec` encoding hook for everything that people read: secrets come out as a mask."""
    if isinstance(value, Secret):
        return MASK
    raise TypeError(f"cannot encode {type(value).__name__}")


def revealed(value: object) -> str:
    """`msgspec` encoding hook for the wire and the journal, the two places that carry secrets."""
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"cannot encode {type(value).__name__}")


def restored(target: type, value: object) -> object:
    """`msgspec` decoding hook, the counterpart of `revealed`; msgspec adds the path to its TypeError."""
    if target is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError(f"Expected `str`, got `{type(value).__name__}`")
