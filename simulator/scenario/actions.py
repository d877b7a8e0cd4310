"""Carries out one `do` at the car: an event for it, or a change of the world around it. And all of them in words."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from firmware_profiles import Way
from pcm_agent.core import events as on
from pcm_agent.core.states import Access, CallLine, Platform, Purpose, SelectorLever, TheftSensor
from pcm_agent.errors import LocalError
from pcm_agent.protocol.secret import Secret
from simulator.scenario.menus import way_of
from simulator.scenario.model import (
    ConnectApp,
    Do,
    InsertSim,
    Link,
    MenuEntry,
    MenuTap,
    OpenHotspot,
    Radio,
    TroubledMessages,
    given,
    size,
)
from simulator.scenario.world_faults import let_world_fail
from simulator.world import World
from simulator.world.radio import Hotspot, SimCard

FROM_MY_PORSCHE = "from-my-porsche"

EVENTS: Mapping[tuple[str, str], on.Event] = {
    ("ignition", "on"): on.IgnitionTurnedOn(),
    ("ignition", "off"): on.IgnitionTurnedOff(),
    ("parking_brake", "applied"): on.ParkingBrakeApplied(),
    ("parking_brake", "released"): on.ParkingBrakeReleased(),
    ("lock", "locked"): on.CarLocked(),
    ("lock", "unlocked"): on.CarUnlocked(),
    ("seats", "occupied"): on.CarEntered(),
    ("seats", "vacant"): on.CarLeft(),
    ("charging_cable", "connected"): on.ChargingCableConnected(),
    ("charging_cable", "disconnected"): on.ChargingCableDisconnected(),
    ("private_mode", "on"): on.PrivateModeEnabled(),
    ("private_mode", "off"): on.PrivateModeDisabled(),
    ("roaming", "on"): on.RoamingEnabled(),
    ("roaming", "off"): on.RoamingDisabled(),
    ("mobile_data", "on"): on.MobileDataEnabled(),
    ("mobile_data", "off"): on.MobileDataDisabled(),
    ("scan_hotspots", "now"): on.HotspotScanStarted(),
    ("disconnect_phone", "now"): on.PhoneDisconnected(),
    ("end_carplay", "now"): on.CarPlayEnded(),
    ("call", "phone"): on.CallStarted(CallLine.PHONE),
    ("call", "inserted-sim"): on.CallStarted(CallLine.INSERTED_SIM),
    ("call", "ended"): on.CallEnded(),
    ("traffic", "on"): on.TrafficEnabled(),
    ("traffic", "off"): on.TrafficDisabled(),
    ("updates", "open"): on.UpdatesOpened(),
    ("app_connection", "open"): on.AppConnectionOpened(),
    ("driver_card", "present"): on.DriverCardDetected(),
    ("driver_card", "absent"): on.DriverCardLost(),
    ("move", "now"): on.CarMoved(),
    ("service_mode", "on"): on.ServiceModeEnabled(),
    ("service_mode", "off"): on.ServiceModeDisabled(),
    ("security_package", "off"): on.SecurityPackageDisabled(),
    ("log_out", "now"): on.LoggedOut(),
    ("guest", "now"): on.GuestChosen(),
    ("remote_access", "on"): on.RemoteAccessAllowed(),
    ("remote_access", "off"): on.RemoteAccessWithdrawn(),
    ("factory_reset", "now"): on.FactoryResetConfirmed(),
    ("share_data", "on"): on.SharingEnabled(),
    ("share_data", "off"): on.SharingDisabled(),
    ("map_updates_over_mobile", "on"): on.MapUpdatesOverMobileAllowed(),
    ("map_updates_over_mobile", "off"): on.MapUpdatesOverMobileForbidden(),
}
"""What a switch or a position means to the car."""


MADE_OF: Mapping[str, Callable[[Any], on.Event]] = {
    "selector_lever": lambda position: on.SelectorLeverMoved(SelectorLever(position)),
    "battery": on.BatteryLevelMeasured,
    "apn": on.ApnEntered,
    "connect_phone": on.PhoneConnected,
    "start_carplay": lambda entry: on.CarPlayStarted(entry.phone, entry.over == "wireless"),
    "way_order": lambda ways: on.WayOrderChosen(tuple(map(Way, ways))),
    "sim_pin": lambda entry: on.SimPinEntered(Secret(entry.pin), entry.store),
    "sim_puk": lambda entry: on.SimPukEntered(Secret(entry.puk), Secret(entry.new_pin)),
    "join_hotspot": lambda network: on.HotspotChosen(network.ssid, Secret(network.password)),
    "theft_sensor": lambda sensor: on.TheftSensorTripped(TheftSensor(sensor)),
    "log_in": lambda entry: on.PorscheIdEntered(
        entry.porsche_id, Secret(entry.password), Secret(entry.security_code) if entry.security_code else None
    ),
    "key": on.KeyRecognised,
    "setting": lambda setting: on.SettingChanged(setting.name, setting.value),
    "join_device": lambda device: on.DeviceJoined(device.name, Platform(device.platform), device.stays),
    "leave_device": on.DeviceLeft,
    "use_data": lambda use: on.DataUsed(Purpose(use.purpose), size(use.size)),
    "map_update": lambda offer: on.MapUpdateOffered(offer.version, size(offer.size)),
    "pairing_code": lambda code: on.PairingCodeEntered(Secret(code)),
}
"""What an entry or a measured value means to the car; each takes what the model lets stand at its key."""


def body_event(name: str, value: object) -> on.Event:
    """The event of a fact or a tap.

    Raises:
        LocalError: `action-unknown`: it is neither.
    """
    if name in MADE_OF:
        return MADE_OF[name](value)
    event = EVENTS.get((name, str(value)))
    if event is None:
        raise LocalError("action-unknown", f"{name} is nothing that a car can do")
    return event


def change_world(world: World, country: str, name: str, value: object) -> bool:
    """Change what surrounds the car; whether `name` is such a change.

    Args:
        world: the car's.
        country: the cell's where the action names none and the car has not been in one yet.
        name: key of `Do`.
        value: its value.

    Raises:
        LocalError: see `let_world_fail`.
    """
    match name, value:
        case "radio", Radio(access=access, country=abroad):
            here = abroad or (world.cell.country if world.cell else country)
            world.enter_cell(here, None if access == "none" else Access(access))
        case "insert_sim", InsertSim():
            pin, puk = (Secret(code) if code else None for code in (value.pin, value.puk))
            world.insert_sim(SimCard(value.country, pin, puk, value.apns, value.keeps_data, value.card))
        case "remove_sim", _:
            world.remove_sim()
        case "open_hotspot", OpenHotspot(ssid=ssid, password=password):
            world.switch_on_hotspot(Hotspot(ssid, Secret(password), value.phone, value.keeps_data))
        case "close_hotspot", str():
            world.switch_off_hotspot(value)
        case "app", ConnectApp(language=language, online=online):
            world.connect_app(language, online=online)
        case "app", "connected":
            world.connect_app()
        case "app", _:
            world.disconnect_app()
        case _:
            return let_world_fail(world, name, value)
    return True


def shown_code_in(name: str, value: object) -> str | None:
    """What is asked of My Porsche, as `shown_pairing_code` takes it, where a code is to be typed that it shows."""
    if name == "pairing_code":
        return str(value) if str(value).partition(" of ")[0] == FROM_MY_PORSCHE else None
    return FROM_MY_PORSCHE if isinstance(value, MenuEntry) and types_shown_code(value) else None


def types_shown_code(tap: MenuTap) -> bool:
    """Whether the code that My Porsche shows is typed at the end of a way through the menus."""
    return not isinstance(tap, tuple) and tap.enter in (FROM_MY_PORSCHE, (FROM_MY_PORSCHE,))


def with_code(do: Do, code: str) -> Do:
    """The same with the digits in place of `from-my-porsche`."""
    if do.menu is None or isinstance(do.menu, tuple):
        return replace(do, pairing_code=code)
    return replace(do, menu=replace(do.menu, enter=code))


def _link_in_words(link: Link | str) -> str:
    if isinstance(link, str):
        return f": {link}"
    parts = {"latency": link.latency, "rate": link.rate, "loss": f"{link.loss} %" if link.loss else None}
    told = ["cut"] * link.cut + [f"{name} {part}" for name, part in parts.items() if part]
    return f" over {link.way}: {', '.join(told) or 'restored'}"


def _troubles(messages: TroubledMessages) -> str:
    troubles = {"doubled": messages.doubled, "delayed": messages.delayed, "reversed": messages.reversed}
    return ", ".join(f"{count} {how}" for how, count in troubles.items() if count) or "none"


_IN_WORDS: Mapping[str, Callable[[Any], str]] = {
    "radio": lambda radio: f": {radio.access}" + (f" in {radio.country}" if radio.country else ""),
    "order": lambda order: f": {order.function}, {order.size}" + f", {order.kind}" * (order.kind != "perpetual"),
    "car_built": lambda car: f": {car.profile}, sold in {car.country}",
    "order_service": lambda order: f": {order.service}",
    "app": lambda app: f": {app}" if isinstance(app, str) else ": connected",
    "log_in": lambda entry: f": {entry.porsche_id}",
    "register": lambda entry: f": {entry.porsche_id}",
    "create_account": lambda entry: f": {entry.porsche_id}",
    "add_user": lambda entry: f": {entry.porsche_id}",
    "security_code": lambda entry: f": {entry.porsche_id}",
    "remote": lambda remote: f": {remote.action} by {remote.by}",
    "setting": lambda setting: f": {setting.name} {setting.value}",
    "open_hotspot": lambda network: f": {network.ssid}",
    "join_hotspot": lambda network: f": {network.ssid}",
    "start_carplay": lambda start: f": {start.phone}, {start.over}",
    "way_order": lambda ways: f": {', '.join(ways)}",
    "join_device": lambda device: f": {device.name}, {device.platform}" + (", stays" if device.stays else ""),
    "data_package": lambda booked: f": {booked.days} days, renewal {booked.renewal}",
    "use_data": lambda use: f": {use.size} for {use.purpose}",
    "map_update": lambda offer: f": {offer.version}, {offer.size}",
    "insert_sim": lambda sim: f": of {sim.country}",
    "messages": lambda messages: f": to the {messages.to}, {_troubles(messages)}",
    "clock": lambda it: (
        f": {it}" if isinstance(it, str) else f": {', '.join(f'{k} {v}' for k, v in given(it).items())}"
    ),
    "menu": lambda tap: f": {' > '.join(way_of(tap))}",
    "link": _link_in_words,
    "sim_pin": lambda _: "",
    "sim_puk": lambda _: "",
    "pairing_code": lambda _: "",
}
"""What is said of an action besides its name; of the others their value is. No secret is said."""


def describe(do: Do) -> str:
    """A `do` in words, without secrets."""
    ((name, value),) = given(do).items()
    return in_words(name, value)


def in_words(name: str, value: object) -> str:
    """What is done, by key and value of `Do`, without secrets."""
    return name.replace("_", " ") + _IN_WORDS.get(name, lambda plain: f": {plain}")(value)
