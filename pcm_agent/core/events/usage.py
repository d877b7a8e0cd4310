"""Data that the car uses, and map updates."""

from pcm_agent.core.events.base import Event
from pcm_agent.core.states import Purpose


class DataUsed(Event, frozen=True):
    """A service, or a passenger, used so many bytes of the data connection."""

    purpose: Purpose
    bytes: int


class MapUpdateOffered(Event, frozen=True):
    """There is a newer map, so many bytes long."""

    version: str
    bytes: int


class MapUpdateProgressed(Event, frozen=True):
    """So many bytes of the map are there."""

    received: int


class MapUpdateLoaded(Event, frozen=True):
    """The whole map is there."""


class MapUpdatesOverMobileAllowed(Event, frozen=True):
    """The driver lets map updates use mobile data too."""


class MapUpdatesOverMobileForbidden(Event, frozen=True):
    """The driver has map updates wait for WiFi."""
