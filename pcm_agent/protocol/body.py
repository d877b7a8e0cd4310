"""What all message bodies have in common."""

from msgspec import Struct


class Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all message bodies: frozen, by keyword, defaults left out on the wire."""
