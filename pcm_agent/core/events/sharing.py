"""The in-car hotspot, its data package, and the phones that use it."""

from datetime import datetime

from pcm_agent.core.events.base import Event
from pcm_agent.core.states import Platform


class SharingEnabled(Event, frozen=True):
    """The driver lets WiFi devices use the data connection."""


class SharingDisabled(Event, frozen=True):
    """The driver lets no WiFi device use the data connection any more."""


class DeviceJoined(Event, frozen=True):
    """A passenger's phone knows the car's WiFi and is in the car.

    With `stays` it keeps to that WiFi even where there is no data for it.
    """

    name: str
    platform: Platform
    stays: bool = False


class DeviceLeft(Event, frozen=True):
    """A passenger's phone is gone."""

    name: str


class DataPackageBooked(Event, frozen=True):
    """The backend says that a data package was booked; with `days` it is renewed by itself for so long each time."""

    until: datetime
    days: int | None = None
