"""What the driver taps and types in the PCM."""

from firmware_profiles import Way
from pcm_agent.core.events.base import Event
from pcm_agent.protocol.secret import Secret


class RoamingEnabled(Event, frozen=True):
    """The roaming box was ticked."""


class RoamingDisabled(Event, frozen=True):
    """The tick was taken out of the roaming box."""


class MobileDataEnabled(Event, frozen=True):
    """Data was switched on in the PCM."""


class MobileDataDisabled(Event, frozen=True):
    """Data was switched off in the PCM."""


class PrivateModeEnabled(Event, frozen=True):
    """Private mode for all services was switched on."""


class PrivateModeDisabled(Event, frozen=True):
    """Private mode was switched off."""


class SimPinEntered(Event, frozen=True):
    """The driver typed the SIM's PIN, with or without the wish to store it."""

    pin: Secret
    store: bool = False


class SimPukEntered(Event, frozen=True):
    """The driver typed the SIM's PUK and a new PIN."""

    puk: Secret
    new_pin: Secret


class ApnEntered(Event, frozen=True):
    """The driver set the access point name of the provider."""

    apn: str


class HotspotScanStarted(Event, frozen=True):
    """The driver looks for WiFi hotspots, in the data connection's menu or by a tap on the symbol."""


class WayOrderChosen(Event, frozen=True):
    """The driver chose the order in which the car's ways to data are tried."""

    ways: tuple[Way, ...]


class HotspotChosen(Event, frozen=True):
    """The driver chose a WiFi hotspot from the scan and typed its password."""

    ssid: str
    password: Secret


class PairingCodeEntered(Event, frozen=True):
    """The driver typed a pairing code."""

    code: Secret


class PorscheIdEntered(Event, frozen=True):
    """The driver logged in with a Porsche ID."""

    porsche_id: str
    password: Secret
    security_code: Secret | None = None


class PackageConsented(Event, frozen=True):
    """The driver agreed to a package in the PCM."""

    offer_id: str
