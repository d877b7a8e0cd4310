"""What one region tells another; raised by the rules (`pcm_agent.core.rules`) alone."""

from firmware_profiles import Way
from pcm_agent.core.events.base import Event


class WayFound(Event, frozen=True):
    """There is a way to data that may be used."""

    way: Way


class WayLost(Event, frozen=True):
    """The way to data in use may not be used any longer, or another one is to be used."""


class RoamingChanged(Event, frozen=True):
    """Home or abroad, allowed or not: the registration is to be judged anew."""


class MapUpdateAllowed(Event, frozen=True):
    """Nothing stands against loading the map."""


class MapUpdateBlocked(Event, frozen=True):
    """Something stands against loading the map."""

    blocked_by: tuple[str, ...]


class DownloadAllowed(Event, frozen=True):
    """Nothing stands against downloading."""

    offer_id: str


class DownloadBlocked(Event, frozen=True):
    """Something stands against downloading."""

    offer_id: str
    blocked_by: tuple[str, ...]


class MetadataCheckAllowed(Event, frozen=True):
    """Nothing stands against looking at the repositories."""


class MetadataCheckBlocked(Event, frozen=True):
    """Something stands against looking at the repositories."""


class PersonalNewsDue(Event, frozen=True):
    """The backend can be told what it does not know yet of the people in the car."""


class PreconditionsChanged(Event, frozen=True):
    """What stands against the installation (or removal) is now this; nothing if empty."""

    offer_id: str
    blocked_by: tuple[str, ...]
