"""What can happen to a vehicle. Past tense, frozen; each event is a fact, never a wish that must be granted."""

from datetime import datetime

from msgspec import Struct

from firmware_profiles import Way
from pcm_agent.core.state import Access, SelectorLever
from pcm_agent.protocol.messages import Command, OfferPackage
from pcm_agent.protocol.secret import Secret


class Event(Struct, frozen=True, tag_field="event", tag=True, gc=False):
    """Base of all events."""


# --- life of the PCM ---


class PcmStarted(Event, frozen=True):
    """The PCM booted: fresh, after a restart or after a power cut."""


class TimerFired(Event, frozen=True):
    """A timer that the core had set is due."""

    key: str


# --- power and body ---


class IgnitionTurnedOn(Event, frozen=True):
    """The power button made the car ready to drive."""


class IgnitionTurnedOff(Event, frozen=True):
    """The power button ended the readiness to drive."""


class SelectorLeverMoved(Event, frozen=True):
    """The selector lever is in another position."""

    position: SelectorLever


class ParkingBrakeApplied(Event, frozen=True):
    """The parking brake holds."""


class ParkingBrakeReleased(Event, frozen=True):
    """The parking brake is free."""


class CarLocked(Event, frozen=True):
    """The car was locked."""


class CarUnlocked(Event, frozen=True):
    """The car was unlocked."""


class CarEntered(Event, frozen=True):
    """Somebody sits in the car."""


class CarLeft(Event, frozen=True):
    """Nobody sits in the car any more."""


class ChargingCableConnected(Event, frozen=True):
    """A charging cable is plugged in."""


class ChargingCableDisconnected(Event, frozen=True):
    """No charging cable is plugged in."""


class BatteryLevelMeasured(Event, frozen=True):
    """State of charge of the battery that an installation lives on."""

    percent: int


# --- radio, SIM, hotspot ---


class CellChanged(Event, frozen=True):
    """Another radio cell serves the car, or none (`access` is None)."""

    country: str
    access: Access | None


class SimInserted(Event, frozen=True):
    """A SIM is in the slot."""

    home_country: str
    pin_required: bool = True


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


# --- the driver's taps ---


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


class PackageConsented(Event, frozen=True):
    """The driver agreed to a package in the PCM."""

    offer_id: str


# --- the backend ---


class CommandReceived(Event, frozen=True):
    """A command arrived, well-formed and for this car."""

    id: str
    kind: str
    body: Command
    expires: datetime | None = None


class LinkConfirmed(Event, frozen=True):
    """The backend linked the car to a Porsche ID."""

    request_id: str
    porsche_id: str


class LinkRefused(Event, frozen=True):
    """The backend did not link the car."""

    request_id: str
    reason: str


class PackageOffered(Event, frozen=True):
    """A package with a good signature is offered to this car."""

    offer: OfferPackage


class PackageWithdrawn(Event, frozen=True):
    """The backend wants a package cancelled."""

    offer_id: str


class PackageRemovalOrdered(Event, frozen=True):
    """The backend wants an active function taken out."""

    offer_id: str


# --- transfer and installation ---


class DownloadProgressed(Event, frozen=True):
    """So many bytes are on disk now; at most once a second."""

    offer_id: str
    received: int


class DownloadCompleted(Event, frozen=True):
    """All bytes are on disk and their hash is right."""

    offer_id: str


class DownloadInterrupted(Event, frozen=True):
    """The transfer broke off; what is on disk stays there."""

    offer_id: str
    code: str


class DownloadFailed(Event, frozen=True):
    """The transfer can't succeed: wrong hash, wrong length, gone from the server."""

    offer_id: str
    code: str


class PackageInstalled(Event, frozen=True):
    """The function's pointer was switched to the new version."""

    offer_id: str


class PackageVerified(Event, frozen=True):
    """The installed version passed its health check."""

    offer_id: str


class InstallationFailed(Event, frozen=True):
    """Switching or checking failed; the old version is in place."""

    offer_id: str
    code: str


class PackageDiscarded(Event, frozen=True):
    """A cancelled package's files are gone."""

    offer_id: str


class PackageRemoved(Event, frozen=True):
    """An active function's files are gone."""

    offer_id: str


# --- what one region tells another; raised by the rules in `rules.py` ---


class WayFound(Event, frozen=True):
    """There is a way to data that may be used."""

    way: Way


class WayLost(Event, frozen=True):
    """The way to data in use may not be used any longer, or another one is to be used."""


class RoamingChanged(Event, frozen=True):
    """Home or abroad, allowed or not: the registration is to be judged anew."""


class DownloadAllowed(Event, frozen=True):
    """Nothing stands against downloading."""

    offer_id: str


class DownloadBlocked(Event, frozen=True):
    """Something stands against downloading."""

    offer_id: str
    blocked_by: tuple[str, ...]


class PreconditionsChanged(Event, frozen=True):
    """What stands against the installation (or removal) is now this; nothing if empty."""

    offer_id: str
    blocked_by: tuple[str, ...]
