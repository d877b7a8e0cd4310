"""Carries out one `do`: an event for the car, a change of the world around it, or a visit to My Porsche."""

from collections.abc import Callable, Mapping
from typing import Any

from pcm_agent.core import events as on
from pcm_agent.core.states import Access, Platform, Purpose, SelectorLever
from pcm_agent.errors import LocalError
from pcm_agent.protocol.secret import Secret
from simulator.backend.desk import Desk
from simulator.backend.sharing import book_data_package
from simulator.scenario.model import BookPackage, Do, InsertSim, Network, Order, Radio, Register, given, price, size
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
    "sim_pin": lambda entry: on.SimPinEntered(Secret(entry.pin), entry.store),
    "sim_puk": lambda entry: on.SimPukEntered(Secret(entry.puk), Secret(entry.new_pin)),
    "join_hotspot": lambda network: on.HotspotChosen(network.ssid, Secret(network.password)),
    "log_in": lambda entry: on.PorscheIdEntered(entry.porsche_id, Secret(entry.password)),
    "join_device": lambda device: on.DeviceJoined(device.name, Platform(device.platform), device.stays),
    "leave_device": on.DeviceLeft,
    "use_data": lambda use: on.DataUsed(Purpose(use.purpose), size(use.size)),
    "map_update": lambda offer: on.MapUpdateOffered(offer.version, size(offer.size)),
    "pairing_code": lambda code: on.PairingCodeEntered(Secret(code)),
}
"""What an entry or a measured value means to the car."""


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
    """
    match name, value:
        case "radio", Radio(access=access, country=abroad):
            here = abroad or (world.cell.country if world.cell else country)
            world.enter_cell(here, None if access == "none" else Access(access))
        case "insert_sim", InsertSim():
            pin, puk = (Secret(code) if code else None for code in (value.pin, value.puk))
            world.insert_sim(SimCard(value.country, pin, puk, value.apns))
        case "remove_sim", _:
            world.remove_sim()
        case "open_hotspot", Network(ssid=ssid, password=password):
            world.switch_on_hotspot(Hotspot(ssid, Secret(password)))
        case "close_hotspot", str():
            world.switch_off_hotspot(value)
        case _:
            return False
    return True


def visit_my_porsche(desk: Desk, vin: str, country: str, name: str, value: object) -> bool:
    """Do something at the backend; whether `name` is such a thing.

    Raises:
        LocalError: the backend does not know the car or the order.
    """
    match name, value:
        case "register", Register(porsche_id=porsche_id, password=password):
            desk.register(vin, porsche_id, password, country)
        case "order", Order():
            cents, currency = price(value.price)
            desk.order(
                vin,
                value.function,
                size(value.size),
                version=value.version,
                price_cents=cents,
                currency=currency,
                ask=value.consent == "ask",
            )
        case "offer_again", str():
            desk.offer_again(vin, value)
        case "cancel_order", str():
            desk.withdraw(vin, value)
        case "end_subscription", str():
            desk.remove(vin, value)
        case "data_package", BookPackage(days=days, renewal=renewal):
            book_data_package(desk, vin, days, renews=renewal == "on")
        case _:
            return False
    return True


_IN_WORDS: Mapping[str, Callable[[Any], str]] = {
    "radio": lambda radio: f": {radio.access}" + (f" in {radio.country}" if radio.country else ""),
    "order": lambda order: f": {order.function}, {order.size}",
    "log_in": lambda entry: f": {entry.porsche_id}",
    "register": lambda entry: f": {entry.porsche_id}",
    "open_hotspot": lambda network: f": {network.ssid}",
    "join_hotspot": lambda network: f": {network.ssid}",
    "join_device": lambda device: f": {device.name}, {device.platform}" + (", stays" if device.stays else ""),
    "data_package": lambda booked: f": {booked.days} days, renewal {booked.renewal}",
    "use_data": lambda use: f": {use.size} for {use.purpose}",
    "map_update": lambda offer: f": {offer.version}, {offer.size}",
    "insert_sim": lambda sim: f": of {sim.country}",
    "sim_pin": lambda _: "",
    "sim_puk": lambda _: "",
    "pairing_code": lambda _: "",
}
"""What is said of an action besides its name; of the others their value is. No secret is said."""


def describe(do: Do) -> str:
    """A `do` in words, without secrets."""
    ((name, value),) = given(do).items()
    return name.replace("_", " ") + _IN_WORDS.get(name, lambda plain: f": {plain}")(value)
