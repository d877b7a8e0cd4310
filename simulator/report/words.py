"""Records of a trace in plain words, for the timeline, the page and the test report."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from firmware_profiles import Way, load_countries, load_labels
from simulator.report.figures import size
from simulator.trace import Record

Render = Callable[[str, str, Mapping[str, str | int | Sequence[str]]], str]
"""`pcm_agent.texts.render`: language, text id, arguments."""


class CarLabel(NamedTuple):
    """How people call a car, and which language its PCM speaks (ISO 639-1)."""

    name: str
    language: str


class Offer(NamedTuple):
    """A package on its way: the function's name and the length in bytes."""

    function: str
    length: int


EVENTS = {
    "PcmStarted": "the PCM starts",
    "IgnitionTurnedOn": "ignition on",
    "IgnitionTurnedOff": "ignition off",
    "SelectorLeverMoved": "selector lever in {position}",
    "ParkingBrakeApplied": "parking brake on",
    "ParkingBrakeReleased": "parking brake off",
    "CarLocked": "the car is locked",
    "CarUnlocked": "the car is unlocked",
    "CarEntered": "somebody gets in",
    "CarLeft": "the car is left",
    "ChargingCableConnected": "charging cable in",
    "ChargingCableDisconnected": "charging cable out",
    "BatteryLevelMeasured": "battery at {percent} %",
    "CellChanged": "radio cell: {country}, {access}",
    "SimInserted": "a SIM from {home_country} is put in",
    "SimRemoved": "the SIM is taken out",
    "SimPinRejected": "the SIM rejects the PIN, tries left: {tries_left}",
    "SimPukRejected": "the SIM rejects the PUK, tries left: {tries_left}",
    "HotspotJoined": "in the WiFi network {ssid}",
    "HotspotRefused": "the WiFi network {ssid} lets nobody in",
    "HotspotsFound": "WiFi networks found: {ssids}",
    "HotspotLost": "the WiFi network is gone",
    "BearerRejected": "the network gives no data over the {way}: {reason}",
    "BearerLost": "the network takes the data bearer away",
    "MenuTapped": "the driver taps {path}",
    "RoamingEnabled": "the driver switches roaming on",
    "RoamingDisabled": "the driver switches roaming off",
    "MobileDataEnabled": "the driver switches mobile data on",
    "MobileDataDisabled": "the driver switches mobile data off",
    "PrivateModeEnabled": "the driver switches private mode on",
    "PrivateModeDisabled": "the driver switches private mode off",
    "SimPinEntered": "the driver types the PIN of the SIM",
    "SimPukEntered": "the driver types the PUK and a new PIN",
    "ApnEntered": "the driver sets the APN {apn}",
    "HotspotScanStarted": "the driver looks for WiFi networks",
    "WayOrderChosen": "the driver wants data over, in this order: {ways}",
    "PhoneConnected": "Bluetooth: {phone} is connected",
    "PhoneDisconnected": "Bluetooth: no phone is connected any more",
    "CarPlayStarted": "CarPlay starts with {phone}",
    "CarPlayEnded": "CarPlay ends",
    "CallStarted": "a call begins over the {line}",
    "CallEnded": "the call ends",
    "HotspotChosen": "the driver chooses the WiFi network {ssid}",
    "SharingEnabled": "the driver shares the data connection",
    "SharingDisabled": "the driver shares the data connection no more",
    "DeviceJoined": "a passenger's phone: {name}, {platform}",
    "DeviceLeft": "a passenger's phone is gone: {name}",
    "DataUsed": "data is used for {purpose}: {size}",
    "MapUpdateOffered": "a newer map is there: {version}, {size}",
    "MapUpdatesOverMobileAllowed": "the driver lets map updates use mobile data",
    "MapUpdatesOverMobileForbidden": "the driver has map updates wait for WiFi",
    "PairingCodeEntered": "the driver types a pairing code",
    "PorscheIdEntered": "the driver logs in as {porsche_id}",
    "LoggedOut": "the driver logs out",
    "GuestChosen": "the driver goes on as a guest",
    "KeyRecognised": "the car knows the key {key}",
    "SettingChanged": "the driver sets {name}: {value}",
    "RemoteAccessAllowed": "the driver allows remote access",
    "RemoteAccessWithdrawn": "the driver switches remote access off",
    "FactoryResetConfirmed": "the driver resets the PCM to its factory settings",
    "ClimateStarted": "the air conditioning runs",
    "ClimateStopped": "the air conditioning stops",
    "ChargingStarted": "the car is charging",
    "ChargingStopped": "the car stops charging",
    "PackageConsented": "the driver agrees to the package",
    "MetadataAccepted": "the repositories agree on what the car is to have",
    "MetadataRefused": "what the repositories say is not believed: {code}",
    "MetadataInterrupted": "the repositories can't be read: {code}",
    "DeltaUnusable": "the delta is of no use ({code}): the package is fetched whole",
    "DownloadInterrupted": "the transfer breaks off: {code}",
    "DownloadFailed": "the transfer fails: {code}",
    "InstallationFailed": "the installation fails: {code}",
    "TrafficEnabled": "the driver switches real-time traffic on",
    "TrafficDisabled": "the driver switches real-time traffic off",
    "AppConnected": "the app is connected to the car",
    "AppDisconnected": "the app is not connected to the car any more",
    "AppConnectionOpened": "the driver looks whether the app is connected",
    "UpdatesOpened": "the driver opens the Updates page",
    "DriverCardDetected": "a driver card is in the car",
    "DriverCardLost": "no driver card is in the car any more",
    "CarMoved": "the car moves",
    "TheftSensorTripped": "a theft sensor trips: {sensor}",
    "ServiceModeEnabled": "service mode is switched on",
    "ServiceModeDisabled": "service mode is switched off",
    "SecurityPackageDisabled": "somebody wants the security package off",
}
COMMANDS = {
    "report-state": "the backend asks for the state",
    "configure-reporting": "the backend wants a heartbeat every {heartbeat_seconds} s",
    "look": "the backend says: look at the repositories",
    "withdraw-package": "the backend withdraws the package",
    "unlink": "the backend says that {porsche_id} is no user of the car any more",
    "apply-settings": "the backend sends the settings of {porsche_id}",
    "reset-security-code": "the backend says that {porsche_id} reset the security code",
    "remote": "{porsche_id} wants from afar: {action}",
    "provide-service": "the backend provides {service} until {until}",
    "cancel-service": "the backend ends {service}",
    "close-alarm": "the security operations centre closes the alarm",
    "book-data-package": "the backend has a data package until {until}",
}
TIMERS = {
    "look": "the pause before the next look is over",
    "confirm": "what is to be installed is to be confirmed",
    "expiry": "the time for the download is over",
    "settle": "the car was left alone long enough",
    "retry": "the pause before the next try is over",
    "attach-retry": "the network is tried again",
    "data-package": "the data package's time is over",
    "link": "the backend has not answered in time",
    "term": "the term of a service is over",
    "service-mode": "the time of the service mode is over",
}
TOLD_OTHERWISE = frozenset((
    "BearerAttached", "DownloadCompleted", "DownloadProgressed", "MapUpdateLoaded", "MapUpdateProgressed",
    "PackageDiscarded", "PackageInstalled",
    "PackageRemoved", "PackageVerified", "SimUnlocked",
))  # fmt: skip
"""Events whose transitions, or whose progress, say it all."""
ECHOES = frozenset((
    "ignition", "selector_lever", "parking_brake", "lock", "occupancy", "charging", "private_mode", "climate", "charge",
    "personal", "traffic", "driver_card", "service_mode", "app", "sharing", "metadata",
))  # fmt: skip
"""Regions whose transitions only repeat the event that caused them."""

PLAIN = frozenset(("function", "kind", "porsche_id", "reason"))
"""Details of the backend's records that need no name."""

_UNZONED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
"""An instant as the backend's records have it."""


def event_words(record: Record) -> str | None:
    """An event as a sentence; None where other records tell it."""
    if record.name in TOLD_OTHERWISE:
        return None
    if record.name == "CommandReceived":
        return _command_words(record.data)
    if record.name == "TimerFired":
        kind = str(record.data.get("key", "")).partition(":")[0]
        return TIMERS.get(kind, f"timer: {kind}")
    template = EVENTS.get(record.name)
    facts = {**record.data, "size": size(record.data.get("bytes", 0))}
    return _spaced(record.name) if template is None else _filled(template, facts)


def _command_words(data: Mapping[str, Any]) -> str | None:
    """What the backend orders; the answer to a link is told by the account's transition."""
    if data.get("kind") in {"confirm-link", "refuse-link"}:
        return None
    words = _filled(
        COMMANDS.get(str(data.get("kind")), f"the backend orders: {data.get('kind')}"), data.get("body", {})
    )
    return f"{words}, over the phone" if data.get("over_app") else words


def _filled(template: str, facts: Mapping[str, Any]) -> str:
    return template.format_map(defaultdict(lambda: "none", {key: _said(key, value) for key, value in facts.items()}))


def _said(key: str, value: object) -> str:
    if key in {"country", "home_country"}:
        return country_name(str(value))
    if key == "way" or value in tuple(Way):
        return way_name(value)
    if key == "path" and isinstance(value, (list, tuple)):
        return way_through(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(_said("", item) for item in value) or "none"
    return access_name(value) if key == "access" else str(value)


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def access_name(access: object) -> str:
    """A radio access technology as people write it."""
    return {"lte": "LTE", "3g": "3G", "edge": "EDGE"}.get(str(access), str(access))


def way_through(path: Sequence[str]) -> str:
    """A way through the menus in English; what is no label stands as it is."""
    labels = load_labels()
    return " > ".join(labels[label].en if label in labels else label for label in path)


@cache
def country_name(code: str) -> str:
    """A country in English, or its code where it is not in the data."""
    country = load_countries().get(code)
    return country.name.en if country else code


def offers_in(record: Record) -> dict[str, Offer]:
    """The package jobs that a record tells of, by id: what the car is to have, or its report of its state."""
    if record.kind == "event":
        told = record.data.get("assignments", ())
    else:
        body = record.data.get("body")
        told = body.get("packages", ()) if record.kind == "sent" and isinstance(body, dict) else ()
    return {job["offer_id"]: Offer(job["function"], job["length"]) for job in told}


def region_name(record: Record, offers: Mapping[str, Offer]) -> str:
    """The region of a transition; a package is called by its function."""
    offer_id = record.data.get("offer_id")
    if "service" in record.data:
        return str(record.data["service"])
    if offer_id is None:
        return record.name.replace("_", " ")
    return offers[offer_id].function if offer_id in offers else f"{record.name} {offer_id}"


def transition_words(record: Record, event: Record | None, offers: Mapping[str, Offer]) -> str | None:
    """A transition as a short line; None where it only repeats the event."""
    data = record.data
    consent = (data["source"], data["target"]) == ("offered", "consented")
    if record.name in ECHOES or (record.name == "package" and consent):
        return None
    return f"{region_name(record, offers)}: {data['source']} → {data['target']}{_bearer(event)}"


def _bearer(event: Record | None) -> str:
    if event is None or event.name != "BearerAttached":
        return ""
    access = event.data.get("access")
    return f" over the {way_name(event.data.get('way'))}" + (f", {access_name(access)}" if access else "")


def way_name(way: object) -> str:
    """A way to data as people write it."""
    return str(way).replace("-sim", " SIM")


def symbol_words(record: Record) -> str:
    """The status corner: `[LTE]`, `[WiFi]`, `[–]`."""
    return f"[{record.data.get('letter') or ('WiFi' if record.data.get('wifi') else '–')}]"


def refusal_words(record: Record) -> str:
    """What the PCM refused: code, requirement and what blocks."""
    blocked_by = ", ".join(record.data.get("blocked_by", ()))
    return f"refused: {record.name} ({record.data.get('requirement')})" + (
        f", blocked by {blocked_by}" if blocked_by else ""
    )


def backend_words(record: Record) -> str:
    """What the backend did, with the details that people ask for."""
    data = dict(record.data)
    entries = data.pop("entries", None)
    amount, currency = data.pop("amount", None), data.pop("currency", "")
    details = [_detail(key, value) for key, value in data.items() if value not in (None, "")]
    if amount is not None:
        details.append(f"{amount} {currency}".strip())
    return _headline(record.name, entries) + (f" · {', '.join(details)}" if details else "")


def _headline(name: str, entries: object) -> str:
    said = name.replace("-", " ")
    if entries is None:
        return said
    if name == "order-billed":
        said = "billed once" if entries == 1 else "billed"
    return f"{said}: {entries} {'entry' if entries == 1 else 'entries'}"


def _detail(key: str, value: object) -> str:
    """A detail; what explains itself stands without its name."""
    if isinstance(value, (list, tuple)):
        value = ", ".join(map(str, value))
    if isinstance(value, str) and _UNZONED.fullmatch(value):
        value = f"{value} UTC"
    if key == "bytes" and isinstance(value, int):
        return size(value)
    return str(value) if key in PLAIN else f"{key.removesuffix('_id').replace('_', ' ')} {value}"
