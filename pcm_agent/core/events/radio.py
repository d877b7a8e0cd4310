"""Radio, SIM and hotspot: what modem, SIM and WiFi report."""

from firmware_profiles import Way
from pcm_agent.core.events.base import Event
from pcm_agent.core.states import Access


class CellChanged(Event, frozen=True):
    """Another radio cell serves the car, or none (`access` is None)."""

    country: str
    access: Access | None


class SimInserted(Event, frozen=True):
    """A SIM is in the slot."""

    home_country: str
    pin_required: bool = True
    keeps_data: bool = True
    """Whether its provider lets data go on beside a call on LTE."""
    card: str = ""
    """Which SIM it is (ICCID, ITU-T E.118); it tells that before it has its PIN. Empty: not known, never the same."""


class SimRemoved(Event, frozen=True):
    """The slot is empty."""


class SimUnlocked(Event, frozen=True):
    """The SIM took a PIN, or a PUK with a new PIN."""


class SimPinRejected(Event, frozen=True):
    """The SIM did not take the PIN; with no tries left it asks for the PUK."""

    tries_left: int


class SimPukRejected(Event, frozen=True):
    """The SIM did not take the PUK; with no tries left it is blocked for good."""

    tries_left: int


class HotspotJoined(Event, frozen=True):
    """The PCM is in a phone's WiFi network."""

    ssid: str
    phone: str | None = None
    """The phone's name, where it is known."""
    keeps_data: bool = True
    """Whether the phone's provider lets data go on beside a call on LTE."""


class HotspotsFound(Event, frozen=True):
    """The scan is over: these WiFi networks are there."""

    ssids: tuple[str, ...]


class HotspotRefused(Event, frozen=True):
    """The phone did not let the PCM in."""

    ssid: str


class HotspotLost(Event, frozen=True):
    """The phone's WiFi network is gone."""


class BearerAttached(Event, frozen=True):
    """The network gave the PCM a data bearer."""

    way: Way
    access: Access | None


class BearerRejected(Event, frozen=True):
    """The network gave no data bearer; `reason` is `apn-unknown` or the network's own word."""

    way: Way
    reason: str


class BearerLost(Event, frozen=True):
    """The network took the data bearer away."""

    way: Way
