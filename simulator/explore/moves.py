"""Single moves as data: how often each is drawn, and the values that it may have."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from simulator.explore.draft import CODE, OWNER, PARTNER, PASSWORDS, STRANGER, Draft

SIMS: Sequence[dict[str, Any]] = (
    {"country": "DE"},
    {"country": "JP", "card": "red", "pin": "1111", "puk": "11111111"},
    {"country": "DE", "card": "blue", "pin": "2222", "puk": "22222222", "keeps_data": False},
    {"country": "FR", "card": "green", "pin": "3333", "puk": "33333333", "apns": ["web"]},
)
HOTSPOTS: Sequence[dict[str, Any]] = (
    {"ssid": "a phone", "password": "phone-password", "phone": "a phone"},
    {"ssid": "a tablet", "password": "tablet-password", "keeps_data": False},
)
SERVICES = (
    "remote-access",
    "real-time-traffic",
    "online-navigation",
    "music-streaming",
    "online-map-updates",
    "car-security-package",
)
SHORT = ("1 s", "3 s", "10 s", "30 s", "1 min", "2 min", "5 min")
LONG = ("11 min", "30 min", "1 h")
"""While the car may be online; each minute it says that it is there."""
AWAY = ("6 h", "2 d", "8 d", "14 d", "27 d", "29 d", "32 d", "63 d", "95 d")
"""Where there is no network."""


class Move(NamedTuple):
    """Something that may happen at any time.

    Attributes:
        weight: how often it is drawn, beside the others.
        name: key of `do`.
        values: one of them is drawn.
    """

    weight: float
    name: str
    values: Sequence[Any]


SWITCH = ("on", "off")
MOVES: Sequence[Move] = (
    Move(6, "ignition", SWITCH),
    Move(1.5, "selector_lever", ("P", "P", "R", "N", "D")),
    Move(1.5, "parking_brake", ("applied", "released")),
    Move(3, "lock", ("locked", "unlocked")),
    Move(3, "seats", ("occupied", "vacant")),
    Move(2, "charging_cable", ("connected", "disconnected")),
    Move(1.5, "battery", (5, 20, 60, 79, 80, 100)),
    Move(1, "remove_sim", ("now",)),
    Move(2, "insert_sim", SIMS),
    Move(1.5, "sim_pin", [{"pin": pin, "store": store} for pin in ("1111", "2222", "3333") for store in (True, False)]),
    Move(0.5, "sim_puk", [{"puk": "11111111", "new_pin": "1111"}, {"puk": "22222222", "new_pin": "9999"}]),
    Move(1.5, "apn", ("internet", "web")),
    Move(2, "open_hotspot", HOTSPOTS),
    Move(1, "close_hotspot", ("a phone", "a tablet")),
    Move(1, "scan_hotspots", ("now",)),
    Move(2, "join_hotspot", [{"ssid": it["ssid"], "password": it["password"]} for it in HOTSPOTS]),
    Move(1, "connect_phone", ("a phone", "another phone")),
    Move(0.5, "disconnect_phone", ("now",)),
    Move(1, "start_carplay", [{"phone": "a phone"}, {"phone": "a phone", "over": "wireless"}]),
    Move(0.5, "end_carplay", ("now",)),
    Move(2, "call", ("phone", "inserted-sim", "ended", "ended")),
    Move(0.7, "join_device", [{"name": "iPhone", "platform": "ios"}, {"name": "Pixel", "platform": "android"}]),
    Move(0.4, "leave_device", ("iPhone", "Pixel")),
    Move(1, "use_data", [{"purpose": use, "size": "1 MB"} for use in ("traffic", "music", "passengers", "weather")]),
    Move(0.7, "map_update", [{"version": "2026.2", "size": "8 MB"}, {"version": "2026.3", "size": "3 MB"}]),
    Move(0.7, "share_data", SWITCH),
    Move(0.5, "map_updates_over_mobile", SWITCH),
    Move(3, "private_mode", SWITCH),
    Move(2, "roaming", SWITCH),
    Move(2, "mobile_data", SWITCH),
    Move(1, "log_out", ("now",)),
    Move(1, "guest", ("now",)),
    Move(1.5, "key", ("red key", "blue key")),
    Move(1.5, "setting", [{"name": name, "value": value} for name in ("seats", "weather") for value in ("a", "b")]),
    Move(1.5, "remote_access", SWITCH),
    Move(0.4, "factory_reset", ("now",)),
    Move(0.7, "traffic", SWITCH),
    Move(0.7, "updates", ("open",)),
    Move(0.4, "app_connection", ("open",)),
    Move(0.5, "service_mode", SWITCH),
    Move(0.2, "security_package", ("off",)),
    Move(0.5, "driver_card", ("present", "absent")),
    Move(0.5, "move", ("now",)),
    Move(0.5, "theft_sensor", ("tilt", "tampering")),
    Move(1, "app", ("connected", "disconnected", {"online": False})),
    Move(0.5, "security_code", [{"porsche_id": who, "code": CODE} for who in (OWNER, PARTNER)]),
    Move(0.3, "reset_security_code", (OWNER, PARTNER)),
    Move(0.4, "sell_car", ("now",)),
    Move(0.2, "delete_account", (OWNER, PARTNER)),
    Move(0.4, "grant", (PARTNER,)),
    Move(0.4, "create_account", [{"porsche_id": STRANGER, "password": PASSWORDS[STRANGER]}]),
    Move(1, "order_service", [{"service": name, "days": days} for name in SERVICES for days in (1, 30, 365)]),
    Move(0.4, "cancel_service", SERVICES),
    Move(0.3, "close_alarm", ("now",)),
    Move(0.5, "data_package", [{"days": 1}, {}, {"renewal": "on"}]),
    Move(0.3, "online_updates", SWITCH),
)
"""All that takes no more than a value; what belongs together stands in `errands`."""


def single(draft: Draft) -> None:
    """One move of the table."""
    move = draft.dice.choices(MOVES, [move.weight for move in MOVES])[0]
    draft.do(move.name, draft.dice.choice(move.values))


def pause(draft: Draft) -> None:
    """Some time passes."""
    draft.wait(*SHORT)


def long_pause(draft: Draft) -> None:
    """More time passes."""
    draft.wait(*LONG)
