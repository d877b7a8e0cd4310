"""What a scenario would have to do for a record to come about: the reverse of `simulator.scenario.actions`.

What follows by itself, such as a bearer that the network gives, needs nothing done. Secrets are masked in traces; in
their place stand placeholders, the same one for the same kind of secret, so that a login fits its account.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pcm_agent.protocol.envelope import readable
from pcm_agent.protocol.secret import MASK
from simulator.scenario.actions import EVENTS, FROM_MY_PORSCHE
from simulator.scenario.functions import with_own
from simulator.trace import Record, details

RIGHT = {
    "password": "placeholder", "pin": "0000", "new_pin": "0000", "puk": "00000000", "security_code": "0000",
    "code": FROM_MY_PORSCHE,
}  # fmt: skip
"""By the detail that is a secret, where it was taken."""
WRONG = {"password": "another-one", "pin": "9999", "puk": "99999999", "security_code": "9999", "code": "00000000"}
"""And where it was not."""
REJECTED = frozenset((
    "link-refused", "SimPinRejected", "SimPukRejected", "HotspotRefused", "pairing-code-malformed",
    "password-too-short",
))  # fmt: skip
"""Names of records that say that a secret was wrong."""
Data = Mapping[str, Any]
Doing = tuple[str, object]
"""The key of a `do`, and its value."""

_SWITCHES: Mapping[tuple[str, str], Doing] = {
    (type(event).__name__, details({key: value for key, value in readable(event).items() if key != "event"})): doing
    for doing, event in EVENTS.items()
}


def doing_of(record: Record, followed: Sequence[Record], offers: Mapping[str, str]) -> Doing | None:
    """What is to be done for an event or for something at the backend; None where it comes by itself, or can't be done.

    Args:
        record: of kind `event` or `backend`.
        followed: the car's records from there up to the next thing that was done.
        offers: the functions by offer that the car has heard of.
    """
    if record.kind == "backend":
        made = None if record.name == "service-ordered" and "until" not in record.data else _AT_BACKEND.get(record.name)
        return made(record.data) if made else None  # without a term it is a state that the car reported
    switch = _SWITCHES.get((record.name, details(record.data)))
    if switch is not None:
        return switch
    secrets = RIGHT | WRONG if any(it.name in REJECTED for it in followed) else RIGHT
    match record.name:
        case "PackageConsented":
            function = offers.get(str(record.data["offer_id"]))
            return ("agree_to", function) if function else None
        case "MenuTapped":
            meant = next((it for it in followed if it.kind == "event" and it.cause == record.seq), None)
            return "menu", _tap(record.data, _with(secrets, meant.data) if meant else {})
    plain = _IN_CAR.get(record.name)
    return plain(_with(secrets, record.data)) if plain else None


def _with(secrets: Mapping[str, str], data: Data) -> Data:
    """The details with placeholders for what is masked."""
    return {key: secrets.get(key, value) if value == MASK else value for key, value in data.items()}


def _tap(data: Data, meant: Data) -> object:
    """A way through the menus; what was typed stands field by field in the event that it meant."""
    entry = data.get("entry", ())
    if not entry:
        return data["path"]
    typed: list[str] = []
    for value in meant.values():
        typed += [] if isinstance(value, bool) else value if isinstance(value, list) else [str(value)]
    return {"path": data["path"], "enter": typed[: len(entry)] or [RIGHT["password"]] * len(entry)}


def _part(name: str, *keys: str) -> Callable[[Data], Doing]:
    """A `do` whose value has details of the event."""
    return lambda data: (name, {key: data[key] for key in keys if key in data})


def _value(name: str, key: str) -> Callable[[Data], Doing]:
    """A `do` whose value is one detail of the event."""
    return lambda data: (name, data[key])


def _said(name: str, value: str) -> Callable[[Data], Doing]:
    return lambda _: (name, value)


def _sized(name: str, *keys: str) -> Callable[[Data], Doing]:
    """As `_part`, with a number of bytes."""
    return lambda data: (name, {**{key: data[key] for key in keys}, "size": f"{data['bytes']} B"})


def _account(name: str) -> Callable[[Data], Doing]:
    """Whatever is done for a Porsche ID with its password."""
    return lambda data: (name, {"porsche_id": data["porsche_id"], "password": RIGHT["password"]})


def _sim(data: Data) -> Doing:
    codes = {key: RIGHT[key] for key in ("pin", "puk") if data["pin_required"]}
    kept = {"keeps_data": data["keeps_data"], "card": data["card"]}
    return "insert_sim", {"country": data["home_country"], **codes, **kept}


_IN_CAR: Mapping[str, Callable[[Data], Doing]] = {
    "SelectorLeverMoved": _value("selector_lever", "position"),
    "BatteryLevelMeasured": _value("battery", "percent"),
    "ApnEntered": _value("apn", "apn"),
    "PhoneConnected": _value("connect_phone", "phone"),
    "CarPlayStarted": lambda data: (
        "start_carplay", {"phone": data["phone"], "over": "wireless" if data["wireless"] else "cable"}
    ),
    "WayOrderChosen": _value("way_order", "ways"),
    "SimPinEntered": _part("sim_pin", "pin", "store"),
    "SimPukEntered": _part("sim_puk", "puk", "new_pin"),
    "HotspotChosen": _part("join_hotspot", "ssid", "password"),
    "TheftSensorTripped": _value("theft_sensor", "sensor"),
    "PorscheIdEntered": _part("log_in", "porsche_id", "password", "security_code"),
    "PairingCodeEntered": _value("pairing_code", "code"),
    "KeyRecognised": _value("key", "key"),
    "SettingChanged": _part("setting", "name", "value"),
    "DeviceJoined": _part("join_device", "name", "platform", "stays"),
    "DeviceLeft": _value("leave_device", "name"),
    "DataUsed": _sized("use_data", "purpose"),
    "MapUpdateOffered": _sized("map_update", "version"),
    "CellChanged": lambda data: ("radio", {"access": data.get("access", "none"), "country": data["country"]}),
    "SimInserted": _sim,
    "SimRemoved": _said("remove_sim", "now"),
    "AppConnected": _part("app", "online"),
    "AppDisconnected": _said("app", "disconnected"),
}  # fmt: skip
"""What is done in the car or around it, by the event that comes of it."""


def _terms(data: Data) -> dict[str, object]:
    """What differs from a plain order; price and consent stand in other records (`skeleton`)."""
    given = {"kind": data.get("terms"), "price": data.get("price"), "consent": data.get("consent")}
    return {key: value for key, value in given.items() if value is not None}


_AT_BACKEND: Mapping[str, Callable[[Data], Doing]] = {
    "account-registered": _account("register"),
    "user-added": _account("add_user"),
    "right-granted": _value("grant", "porsche_id"),
    "security-code-reset": _value("reset_security_code", "porsche_id"),
    "order-placed": lambda data: (
        "order", with_own({"function": data["function"], "size": f"{data['bytes']} B"}) | _terms(data)
    ),
    "order-revoked": _value("revoke", "function"),
    "notice-given": _value("give_notice", "function"),
    "service-ordered": _part("order_service", "service", "until"),
    "data-package-booked": lambda data: (
        "data_package", {"days": data["days"], "renewal": "on" if "renewed" in data else "off"}
    ),
    "remote-asked": lambda data: ("remote", {"action": data["action"], "by": data["porsche_id"]}),
    "updates-enabled": _said("online_updates", "on"),
    "updates-disabled": _said("online_updates", "off"),
    "car-removed": _said("sell_car", "now"),
    "account-deleted": _value("delete_account", "porsche_id"),
}  # fmt: skip
"""What is done in My Porsche, the store or the app, by what the backend noted of it."""
