"""What all message bodies have in common: their base, and the kinds of values that stand in several of them."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="lower-case hexadecimal SHA-256")]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[a-z0-9][a-z0-9.-]*$")]
"""A function's or an offer's name: it becomes part of a file name, so it can't hold a path."""
Instant = Annotated[datetime, Meta(tz=True)]
"""A point in time with its offset; without one it can't be compared with any other."""


class Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all message bodies: frozen, by keyword, defaults left out on the wire."""
