"""What all events have in common."""

from msgspec import Struct


class Event(Struct, frozen=True, tag_field="event", tag=True, gc=False):
    """Base of all events."""
