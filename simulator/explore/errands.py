"""Errands: moves that belong together, so that lives come to what single moves would hardly ever make."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from firmware_profiles import Linking
from simulator.explore.draft import CODE, OWNER, PARTNER, PASSWORDS, STRANGER, Draft
from simulator.explore.moves import AWAY, HOTSPOTS, LONG, SERVICES, SHORT, SIMS
from simulator.scenario.functions import with_own

Errand = Callable[[Draft], None]
ACTIONS = ("lock", "unlock", "honk-and-flash", "climate-on", "climate-off", "charge-start", "charge-stop")
ENDS: Mapping[str, Sequence[str]] = {
    "perpetual": ("revoke", "cancel_order", "offer_again"),
    "monthly": ("give_notice", "give_notice", "end_subscription", "cancel_order"),
    "trial": ("end_subscription", "cancel_order"),
}
"""How one parts with what was bought, by its terms."""
ACCESS = ("lte", "lte", "3g", "edge")


def go_online(draft: Draft) -> None:
    """The car is switched on at home, in a network; where it needs one's own SIM, with one."""
    draft.do("ignition", "on")
    if draft.chance(0.4):
        draft.do("seats", "occupied")
    if draft.chance(0.5) or not draft.market.embedded_sim:
        sim = draft.dice.choice(SIMS)
        draft.do("insert_sim", sim)
        if "pin" in sim:
            draft.do("sim_pin", {"pin": sim["pin"], "store": draft.chance(0.5)})
        draft.do("apn", sim.get("apns", ["internet"])[0])
    draft.do("radio", {"access": draft.some(*ACCESS), "country": draft.market.code})
    draft.wait("3 s", "10 s", "30 s")


def join_hotspot(draft: Draft) -> None:
    """A phone opens its WiFi, and the car joins it."""
    network = draft.dice.choice(HOTSPOTS)
    draft.do("open_hotspot", network)
    draft.do("join_hotspot", {"ssid": network["ssid"], "password": network["password"]})
    draft.wait("3 s", "10 s")
    if draft.chance(0.3):
        draft.do("connect_phone", "a phone")
        draft.do("call", "phone")
        draft.wait(*SHORT)


def register(draft: Draft) -> None:
    """Somebody has the car in My Porsche."""
    draft.do("register", {"porsche_id": OWNER, "password": PASSWORDS[OWNER]})
    if draft.chance(0.5):
        draft.do("security_code", {"porsche_id": OWNER, "code": CODE})


def link(draft: Draft) -> None:
    """The owner, or somebody else, links the car, online or not."""
    if draft.profile.account.linking is Linking.PAIRING_CODE and draft.chance(0.95):
        draft.do("pairing_code", "from-my-porsche")
    else:
        who = draft.some(OWNER, OWNER, OWNER, PARTNER, STRANGER)
        code = {"security_code": CODE} if draft.chance(0.6) else {}
        wrong = draft.chance(0.05)
        draft.do("log_in", {"porsche_id": who, "password": "wrong-password" if wrong else PASSWORDS[who], **code})
    draft.wait("1 s", "5 s", "30 s", "2 min")


def second_user(draft: Draft) -> None:
    """The partner may use the car, too."""
    draft.do("add_user", {"porsche_id": PARTNER, "password": PASSWORDS[PARTNER]})
    if draft.chance(0.5):
        draft.do("security_code", {"porsche_id": PARTNER, "code": CODE})
    if draft.chance(0.6):
        draft.do("grant", PARTNER)
    if draft.chance(0.7):
        draft.do("key", "blue key")
        code = {"security_code": CODE} if draft.chance(0.6) else {}
        draft.do("log_in", {"porsche_id": PARTNER, "password": PASSWORDS[PARTNER], **code})
        draft.wait("5 s", "30 s")


def buy(draft: Draft, kind: str = "") -> None:
    """A function is ordered, on any terms, or on those that are named."""
    order: dict[str, Any] = with_own(
        {
            "function": draft.dice.choice(draft.functions),
            "size": draft.some("64 kB", "300 kB", "2 MB", "5 MB"),
            "price": "99.00 EUR",
        }
    )
    any_terms = draft.some({}, {}, {"kind": "monthly"}, {"kind": "monthly"}, {"kind": "trial"}, {"consent": "ask"})
    order |= {"kind": kind} if kind else any_terms
    draft.do("order", order)
    draft.bought.append((order["function"], order.get("kind", "perpetual")))
    if order.get("consent") == "ask":
        draft.wait("5 s", "30 s")
        draft.do("agree_to", order["function"])
    if draft.chance(0.7):
        draft.wait(*SHORT)


def park(draft: Draft) -> None:
    """The car is left as an installation needs it, and stays so."""
    left = [("ignition", "off"), ("seats", "vacant"), ("lock", "locked")]
    if draft.chance(0.25):
        left.pop(draft.dice.randrange(len(left)))
    for move in left:
        draft.do(*move)
    touched = {name for step in draft.steps for name in step["do"]}
    for name, right in (
        ("charging_cable", "disconnected"),
        ("selector_lever", "P"),
        ("parking_brake", "applied"),
        ("battery", 90),
    ):
        if name in touched and draft.chance(0.9):
            draft.do(name, right)
    draft.wait("9 min", "11 min", "11 min", "11 min", "30 min")


def park_badly(draft: Draft) -> None:
    """The car is left, but something that an installation needs is missing, or comes later."""
    moves = [
        ("ignition", "off"),
        ("seats", "vacant"),
        ("lock", "locked"),
        ("charging_cable", "disconnected"),
        ("selector_lever", "P"),
        ("parking_brake", "applied"),
        ("battery", 85),
    ]
    missing = draft.dice.randrange(len(moves))
    name, right = moves[missing]
    wrong = {"on": "off", "off": "on", "vacant": "occupied", "locked": "unlocked", "P": "N", 85: 10}
    wrong |= {"disconnected": "connected", "applied": "released"}
    for other in (*moves[:missing], *moves[missing + 1 :]):
        if other[0] in ("ignition", "seats", "lock") or draft.chance(0.2):
            draft.do(*other)
    draft.do(name, wrong[right])
    draft.wait("2 min", "11 min", "11 min")
    if draft.chance(0.5):
        draft.do(name, right)
        draft.wait("5 min", "11 min")


def come_back(draft: Draft) -> None:
    """Somebody comes to the car, and perhaps drives."""
    draft.do("lock", "unlocked")
    draft.do("seats", "occupied")
    draft.do("ignition", "on")
    if draft.chance(0.3):
        draft.do("parking_brake", "released")
        draft.do("selector_lever", "D")
    draft.wait(*SHORT)


def own_a_function(draft: Draft) -> None:
    """From the order to the function, mostly."""
    buy(draft)
    park(draft)
    if draft.chance(0.4):
        come_back(draft)


def part_with_it(draft: Draft) -> None:
    """What was bought is ended, in one way or another."""
    if not draft.bought:
        buy(draft)
    function, kind = draft.dice.choice(draft.bought)
    fitting = ENDS[kind] if draft.chance(0.9) else draft.dice.choice(sorted(ENDS.items()))[1]
    draft.do(draft.dice.choice(fitting), function)
    if draft.chance(0.5):
        draft.wait(*SHORT)


def live_out_a_contract(draft: Draft) -> None:
    """A function for some months, with or without notice, while the car stands somewhere."""
    buy(draft, draft.some("monthly", "monthly", "trial"))
    park(draft)
    if draft.chance(0.7):
        part_with_it(draft)
    draft.do("radio", {"access": "none"})
    draft.wait("32 d", "63 d", "95 d")
    if draft.chance(0.8):
        draft.do("radio", {"access": "lte"})
        draft.wait(*SHORT)


def be_away(draft: Draft) -> None:
    """The car stands where there is no network, for hours or months."""
    for network in HOTSPOTS:
        draft.do("close_hotspot", network["ssid"])
    draft.do("radio", {"access": "none"})
    if draft.chance(0.3):
        draft.do("private_mode", draft.some("on", "off"))
    if draft.chance(0.3):
        part_with_it(draft)
    draft.mend("broker")  # or it is tried again each minute, and nothing else happens
    draft.wait(*AWAY)
    if draft.chance(0.8):
        draft.do("radio", {"access": draft.some(*ACCESS)})
        draft.wait(*SHORT)


def drive_abroad(draft: Draft) -> None:
    """Across a border, and perhaps back."""
    draft.do("radio", {"access": draft.some(*ACCESS), "country": draft.neighbour})
    draft.wait("1 s", "10 s", "2 min")
    if draft.chance(0.5):
        draft.do("roaming", draft.some("on", "off"))
        draft.wait("1 s", "10 s")
    if draft.chance(0.6):
        draft.do("radio", {"access": draft.some(*ACCESS), "country": draft.market.code})
        draft.wait("1 s", "10 s")


def tunnel(draft: Draft) -> None:
    """The network goes, at any moment, and comes back."""
    draft.do("radio", {"access": "none"})
    draft.wait("1 s", "30 s", "5 min")
    draft.do("radio", {"access": draft.some(*ACCESS)})
    if draft.chance(0.7):
        draft.wait("1 s", "3 s", "30 s")


def cell_changes(draft: Draft) -> None:
    """The next cell is slower or faster."""
    draft.do("radio", {"access": draft.some(*ACCESS)})
    if draft.chance(0.5):
        draft.wait(*SHORT)


def from_afar(draft: Draft) -> None:
    """Somebody has the car do something from the app."""
    if draft.chance(0.3):
        draft.do("order_service", {"service": "remote-access"})
        draft.do("ignition", "on")
        draft.do("remote_access", "on")
    if draft.chance(0.2):
        draft.do("app", "connected")
    code = {"security_code": draft.some(CODE, CODE, CODE, "0000")} if draft.chance(0.7) else {}
    draft.do(
        "remote", {"action": draft.dice.choice(ACTIONS), "by": draft.some(OWNER, OWNER, PARTNER, STRANGER), **code}
    )
    draft.wait("1 s", "10 s", "3 min")


def share_remote_access(draft: Draft) -> None:
    """All that remote access takes, for the owner and for the partner, who may lack the right."""
    for who in (OWNER, PARTNER):
        if who == PARTNER:
            draft.do("add_user", {"porsche_id": who, "password": PASSWORDS[who]})
        draft.do("security_code", {"porsche_id": who, "code": CODE})
    draft.do("order_service", {"service": "remote-access"})
    draft.wait("5 s", "30 s")
    draft.do("ignition", "off")
    draft.do("ignition", "on")
    draft.wait("5 s", "10 s")
    if draft.profile.account.linking is Linking.PAIRING_CODE:
        draft.do("pairing_code", "from-my-porsche")
    else:
        draft.do("log_in", {"porsche_id": OWNER, "password": PASSWORDS[OWNER], "security_code": CODE})
    draft.wait("5 s", "30 s")
    draft.do("remote_access", "on")
    if draft.chance(0.5):
        draft.do("grant", PARTNER)
    for _ in range(2):
        who = draft.some(OWNER, PARTNER)
        draft.do("remote", {"action": draft.dice.choice(ACTIONS), "by": who, "security_code": CODE})
        draft.wait("1 s", "10 s")


def leave_offline(draft: Draft) -> None:
    """Something about people happens without a network, and is to be told when there is one."""
    draft.do("radio", {"access": "none"})
    draft.do("setting", {"name": "seats", "value": draft.some("low", "high")})
    draft.do(*draft.some(("log_out", "now"), ("log_out", "now"), ("ignition", "off"), ("key", "red key")))
    if draft.chance(0.5):
        draft.do("private_mode", "on")
    draft.do("radio", {"access": draft.some(*ACCESS)})
    draft.wait("5 s", "30 s")


def private_for_a_while(draft: Draft) -> None:
    """Private mode, with something going on in it."""
    draft.do("private_mode", "on")
    for _ in range(draft.dice.randint(0, 2)):
        draft.some(part_with_it, tunnel, buy, log_out_and_in)(draft)
    draft.wait(*SHORT, *LONG)
    draft.do("private_mode", "off")
    draft.wait("1 s", "10 s")


def log_out_and_in(draft: Draft) -> None:
    """Somebody leaves, somebody comes."""
    draft.do(*draft.some(("log_out", "now"), ("guest", "now"), ("key", "red key"), ("key", "blue key")))
    if draft.chance(0.5):
        draft.do("setting", {"name": "seats", "value": draft.some("low", "high")})
    if draft.chance(0.6):
        link(draft)


def update(draft: Draft) -> None:
    """An online software update is offered, and agreed to."""
    name = draft.some("charging-planner", "voice-control")
    draft.do("online_updates", "on")
    draft.do("offer_update", name)
    draft.wait("5 s", "30 s")
    draft.do("agree_to", name)
    draft.wait(*SHORT)


def change_sims(draft: Draft) -> None:
    """One SIM after the other, with a PIN that is stored."""
    first, second = draft.dice.sample([sim for sim in SIMS if "pin" in sim], 2)
    draft.do("insert_sim", first)
    draft.do("sim_pin", {"pin": first["pin"], "store": True})
    draft.wait("1 s", "5 s")
    if draft.chance(0.5):
        draft.do("remove_sim")
    draft.do("insert_sim", second)
    draft.wait("1 s", "5 s")


def order_ways(draft: Draft) -> None:
    """The driver prefers one way to data over another."""
    ways = [way.value for way in draft.profile.data.ways]
    draft.dice.shuffle(ways)
    draft.do("way_order", ways)
    if draft.chance(0.5):
        join_hotspot(draft)


def change_hands(draft: Draft) -> None:
    """The car is sold, and somebody else has it."""
    draft.do("sell_car")
    if draft.chance(0.5):
        draft.wait(*SHORT)
    draft.do("register", {"porsche_id": STRANGER, "password": PASSWORDS[STRANGER]})


def serve(draft: Draft) -> None:
    """A service is sold, and appears at the next restart."""
    draft.do("order_service", {"service": draft.dice.choice(SERVICES), "days": draft.some(1, 7, 365)})
    draft.wait("5 s", "30 s")
    draft.do("ignition", "off")
    draft.do("ignition", "on")


Weighted = Sequence[tuple[float, Errand]]
"""How often each is drawn, beside the others."""
THEMES: Sequence[tuple[float, Weighted]] = (
    (5, (
        (5, own_a_function), (4, live_out_a_contract), (1.5, buy), (4, park), (2, park_badly), (3, come_back),
        (4, part_with_it), (3, be_away),
        (1, tunnel), (1, private_for_a_while), (0.7, update), (0.4, change_hands),
    )),
    (3, (
        (2, go_online), (2, join_hotspot), (2, drive_abroad), (2, tunnel), (2, cell_changes), (2, change_sims),
        (2, order_ways), (1, private_for_a_while), (0.5, buy), (1, come_back), (1, park_badly),
    )),
    (3, (
        (4, link), (2, second_user), (2, from_afar), (3, share_remote_access), (3, leave_offline),
        (2, private_for_a_while), (4, log_out_and_in), (1, change_hands),
        (2, serve), (2, tunnel), (0.5, be_away), (1, come_back), (1, park_badly),
    )),
)  # fmt: skip
"""What a life is mostly about: functions on demand, ways to data, or people."""
ERRANDS: Weighted = tuple({errand: (weight, errand) for _, theme in THEMES for weight, errand in theme}.values())
"""All of them."""
