"""The scenario form, version 1: one typed model behind the files and their JSON Schema (`schema`)."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from firmware_profiles import Equipment
from pcm_agent.core.states import TheftSensor
from simulator.choice import CarChoice

Duration = Annotated[
    str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]+)? ?(ms|s|min|h|d)$", description="such as 500 ms, 30 s, 10 min, 2 h, 28 d")
]
Size = Annotated[
    str,
    Meta(
        pattern="^([1-9][0-9]{0,8} ?B|[1-9][0-9]{0,5} ?kB|[1-9][0-9]{0,2} ?MB)$",
        description="such as 300 B, 64 kB, 40 MB; decimal, below 1 GB",
    ),
]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
PorscheId = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$", description="an e-mail address")]
FunctionName = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9.-]*$", max_length=64, description="small letters, digits, dots and hyphens")
]
Requirement = Annotated[str, Meta(pattern="^[A-Z]{3}-[0-9]{2}$", description="such as CON-01")]
Vin = Annotated[
    str, Meta(description="ISO 3779", extra_json_schema={"pattern": "^[A-HJ-NPR-Z0-9]{17}$"})
]  # what is wrong with one, and where, is said by `check_vin` better than by a pattern
Switch = Literal["on", "off"]
WayName = Literal["embedded-sim", "inserted-sim", "hotspot"]
PurposeName = Literal["traffic", "navigation", "music", "weather", "passengers", "package", "map-update"]
SelectorPosition = Literal["P", "R", "N", "D"]
PackageStateName = Literal[
    "offered", "consented", "downloading", "paused", "staged", "waiting", "activating", "verifying", "active",
    "cancelling", "cancelled", "expired", "rolled-back", "failed", "removing", "removed",
]  # fmt: skip


class Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of all parts: unknown keys are errors."""


class CarPart(Part, frozen=True, kw_only=True):
    """The car that the scenario is about: by profile, or by line and model year."""

    profile: str | None = None
    line: str | None = None
    """Model line, as it is written on the car."""
    model_year: int | None = None
    assume: dict[str, str] = field(default_factory=dict)
    """Which reading to take by point, where the sources disagree about cars."""
    country: Country
    language: Literal["ja", "en", "de"] = "en"
    """What the driver reads."""
    equipment: tuple[Equipment, ...] = ()
    """What was ordered with it."""
    vin: Vin | None = None
    """Drawn from the seed where it is left out."""

    @property
    def choice(self) -> CarChoice:
        """Which car it is."""
        return CarChoice(self.profile, self.line, self.model_year, self.assume)


class Radio(Part, frozen=True, kw_only=True):
    """The cell that serves the car; the country stays the same where it is left out."""

    access: Literal["lte", "3g", "edge", "none"]
    country: Country | None = None


class InsertSim(Part, frozen=True, kw_only=True):
    """Put a SIM of one's own into the slot."""

    country: Country
    pin: str | None = None
    puk: str | None = None
    apns: tuple[str, ...] = ("internet",)
    keeps_data: bool = True
    """Whether its provider lets data go on beside a call on LTE."""


class EnterPin(Part, frozen=True, kw_only=True):
    """Type the SIM's PIN."""

    pin: str
    store: bool = False


class EnterPuk(Part, frozen=True, kw_only=True):
    """Type the SIM's PUK and a new PIN."""

    puk: str
    new_pin: str


class Network(Part, frozen=True, kw_only=True):
    """A phone's WiFi network, to be joined."""

    ssid: str
    password: str


class OpenHotspot(Part, frozen=True, kw_only=True):
    """A phone opens its WiFi network."""

    ssid: str
    password: str
    phone: str | None = None
    """Which phone it is; a call with the same one may stop its data."""
    keeps_data: bool = True
    """Whether its provider lets data go on beside a call on LTE."""


class StartCarPlay(Part, frozen=True, kw_only=True):
    """A phone shows itself on the PCM's screen."""

    phone: str
    over: Literal["cable", "wireless"] = "cable"


MenuWay = Annotated[
    tuple[str, ...],
    Meta(min_length=1, description="labels from the top of the menus, in Japanese, English or German, or their ids"),
]


class MenuEntry(Part, frozen=True, kw_only=True):
    """Tap a way through the menus and type what is asked for there."""

    path: MenuWay
    enter: str | tuple[str, ...]
    """Field by field; `from-my-porsche` for the pairing code that My Porsche shows."""


MenuTap = MenuWay | MenuEntry


class JoinDevice(Part, frozen=True, kw_only=True):
    """A passenger's phone knows the car's WiFi and is in the car."""

    name: str
    platform: Literal["ios", "android"]
    stays: bool = False
    """It stays in that WiFi even where there is no data for it."""


class BookPackage(Part, frozen=True, kw_only=True):
    """Book a data package for passengers, from now on."""

    days: Annotated[int, Meta(ge=1, le=366)] = 30
    renewal: Switch = "off"
    """On: renewed by itself, for as long each time."""


class UseData(Part, frozen=True, kw_only=True):
    """Let something use the data connection."""

    purpose: PurposeName
    size: Size


class OfferMap(Part, frozen=True, kw_only=True):
    """Offer a newer map."""

    version: str
    size: Size


class LogIn(Part, frozen=True, kw_only=True):
    """Log in to the car with a Porsche ID."""

    porsche_id: PorscheId
    password: str
    security_code: str | None = None


class Setting(Part, frozen=True, kw_only=True):
    """A personal setting, and what it is set to."""

    name: Literal["favourites", "radio-stations", "weather", "seats", "climate"]
    value: str


class SecurityCode(Part, frozen=True, kw_only=True):
    """Set or change the security code in My Porsche."""

    porsche_id: PorscheId
    code: str


class Remote(Part, frozen=True, kw_only=True):
    """Have the car do something from the app."""

    action: Literal["lock", "unlock", "honk-and-flash", "climate-on", "climate-off", "charge-start", "charge-stop"]
    by: PorscheId
    security_code: str | None = None


class Register(Part, frozen=True, kw_only=True):
    """Add the car to somebody's profile in My Porsche; the account is made where there is none."""

    porsche_id: PorscheId
    password: str


class NewAccount(Part, frozen=True, kw_only=True):
    """Make a Porsche ID; with `add_user`, let the main user add it to the car."""

    porsche_id: PorscheId
    password: str


class Order(Part, frozen=True, kw_only=True):
    """Buy a function on demand for the car."""

    function: FunctionName
    size: Size = "40 MB"
    version: str = "1.0"
    price: Annotated[str, Meta(pattern=r"^[0-9]{1,9}\.[0-9]{2} [A-Z]{3}$", description="such as 249.00 EUR")] = (
        "0.00 EUR"
    )
    consent: Literal["ordered", "ask"] = "ordered"


class OrderService(Part, frozen=True, kw_only=True):
    """Buy a service for the car, or prolong it."""

    service: FunctionName
    days: Annotated[int, Meta(ge=1, le=36_500)] = 365
    """Its term, where no `until` is given."""
    until: Annotated[datetime, Meta(tz=True)] | None = None
    phone: str | None = None
    """For the security package: the number that the security operations centre calls."""


class ConnectApp(Part, frozen=True, kw_only=True):
    """Connect the app on a phone to the car."""

    language: Literal["ja", "en", "de"] | None = None
    """To which the phone is set from now on."""
    online: bool = True
    """Whether the phone has internet of its own."""


class Do(Part, frozen=True, kw_only=True):
    """One thing that happens: in the car, around it, or at the backend. Exactly one key."""

    # power and body
    ignition: Switch | None = None
    selector_lever: SelectorPosition | None = None
    parking_brake: Literal["applied", "released"] | None = None
    lock: Literal["locked", "unlocked"] | None = None
    seats: Literal["occupied", "vacant"] | None = None
    charging_cable: Literal["connected", "disconnected"] | None = None
    battery: Annotated[int, Meta(ge=0, le=100, description="percent")] | None = None
    # radio, SIM, phone
    radio: Radio | None = None
    insert_sim: InsertSim | None = None
    remove_sim: Literal["now"] | None = None
    open_hotspot: OpenHotspot | None = None
    close_hotspot: str | None = None
    connect_phone: str | None = None
    """Over Bluetooth; the phone's name."""
    disconnect_phone: Literal["now"] | None = None
    start_carplay: StartCarPlay | None = None
    end_carplay: Literal["now"] | None = None
    call: Literal["phone", "inserted-sim", "ended"] | None = None
    # the driver's taps
    scan_hotspots: Literal["now"] | None = None
    way_order: tuple[WayName, ...] | None = None
    """All of the car's ways to data, in the order in which they are to be tried."""
    menu: MenuTap | None = None
    join_device: JoinDevice | None = None
    leave_device: str | None = None
    use_data: UseData | None = None
    map_update: OfferMap | None = None
    # the driver's taps
    share_data: Switch | None = None
    map_updates_over_mobile: Switch | None = None
    private_mode: Switch | None = None
    roaming: Switch | None = None
    mobile_data: Switch | None = None
    sim_pin: EnterPin | None = None
    sim_puk: EnterPuk | None = None
    apn: str | None = None
    join_hotspot: Network | None = None
    pairing_code: str | None = None
    """The digits, or `from-my-porsche` for the one that My Porsche shows; ` of somebody@example.com` may follow."""
    log_in: LogIn | None = None
    log_out: Literal["now"] | None = None
    guest: Literal["now"] | None = None
    """Go on as a guest, without logging out."""
    key: str | None = None
    """Open the car with this key."""
    setting: Setting | None = None
    remote_access: Switch | None = None
    factory_reset: Literal["now"] | None = None
    agree_to: FunctionName | None = None
    traffic: Switch | None = None
    updates: Literal["open"] | None = None
    app_connection: Literal["open"] | None = None
    service_mode: Switch | None = None
    security_package: Literal["off"] | None = None
    # security, and the app on a phone
    driver_card: Literal["present", "absent"] | None = None
    move: Literal["now"] | None = None
    theft_sensor: TheftSensor | None = None
    app: ConnectApp | Literal["connected", "disconnected"] | None = None
    fail_next_installation: Literal["now"] | None = None
    # My Porsche, the store, and the security operations centre
    register: Register | None = None
    create_account: NewAccount | None = None
    add_user: NewAccount | None = None
    grant: PorscheId | None = None
    """Let an additional user use remote services."""
    security_code: SecurityCode | None = None
    reset_security_code: PorscheId | None = None
    sell_car: Literal["now"] | None = None
    delete_account: PorscheId | None = None
    remote: Remote | None = None
    order: Order | None = None
    offer_again: FunctionName | None = None
    cancel_order: FunctionName | None = None
    end_subscription: FunctionName | None = None
    order_service: OrderService | None = None
    cancel_service: FunctionName | None = None
    close_alarm: Literal["now"] | None = None
    data_package: BookPackage | None = None
    # time
    wait: Duration | None = None


class ExpectPackage(Part, frozen=True, kw_only=True):
    """Where a function's package stands in the car."""

    function: FunctionName
    state: PackageStateName
    blocked_by: tuple[str, ...] | None = None
    """Exactly these conditions, in any order."""
    code: str | None = None


class ExpectOrder(Part, frozen=True, kw_only=True):
    """Where a function's order stands at the backend."""

    function: FunctionName
    state: Literal["open", "downloaded", "active", "cancelled", "removed"]
    bills: int | None = None
    error: str | None = None


class ExpectService(Part, frozen=True, kw_only=True):
    """Where a service stands in the car; one that was never provided is `ended`."""

    service: FunctionName
    state: Literal["ended", "ordered", "unavailable", "available"]
    blocked_by: tuple[str, ...] | None = None
    """Exactly these conditions, in any order."""


class ExpectUpdate(Part, frozen=True, kw_only=True):
    """What the Updates page has shown of a function since the last `do`."""

    function: FunctionName
    state: PackageStateName


class ExpectCentre(Part, frozen=True, kw_only=True):
    """What the security operations centre has."""

    alarms: int
    calls: int | None = None
    """How often the number given at purchase was called."""
    alarm: Literal["silent", "theft"] | None = None
    """The last alarm."""
    cause: str | None = None


class ExpectSetting(Part, frozen=True, kw_only=True):
    """What a personal setting is in the car; none where it is not set."""

    name: str
    value: str = "none"


class ExpectDevice(Part, frozen=True, kw_only=True):
    """Where a passenger's phone has its data from."""

    name: str
    route: Literal["car", "own", "none"]
    app_data: bool | None = None
    """Whether its apps, a calendar say, reach the PCM."""


class ExpectUsed(Part, frozen=True, kw_only=True):
    """What the meter counted this month, of all purposes and ways that are not ruled out."""

    size: Size | Literal["nothing"]
    purpose: PurposeName | None = None
    way: WayName | None = None
    charged: bool | None = None
    """With a roaming charge, or without."""


class Expect(Part, frozen=True, kw_only=True):
    """What must hold; all of the keys together."""

    ignition: Switch | None = None
    connection: Literal["disconnected", "connecting", "connected"] | None = None
    way: WayName | Literal["none"] | None = None
    access: Literal["lte", "3g", "edge"] | None = None
    symbol: Literal["LTE", "3G", "E", "wifi", "none"] | None = None
    roaming: Literal["home", "barred", "roaming"] | None = None
    sim: Literal["absent", "pin-required", "ready", "puk-required", "blocked"] | None = None
    bluetooth: Literal["disconnected", "connected"] | None = None
    carplay: Literal["off", "cable", "wireless"] | None = None
    call: Literal["none", "phone", "inserted-sim"] | None = None
    hotspots: tuple[str, ...] | None = None
    """What the last scan found, in any order."""
    private_mode: Switch | None = None
    account: Literal["unlinked", "linking", "linked"] | None = None
    porsche_id: PorscheId | None = None
    user: Literal["main", "additional", "visitor", "guest", "nobody"] | None = None
    """Who uses the car."""
    setting: ExpectSetting | None = None
    remote: Literal["off", "allowed", "suspended"] | None = None
    """Remote access."""
    remote_reply: str | None = None
    """How the last command from the app ended: `done`, or the code with which the car refused it."""
    climate: Switch | None = None
    charge: Literal["idle", "flowing"] | None = None
    lock: Literal["locked", "unlocked"] | None = None
    session: Literal["open", "closed"] | None = None
    """Whether the agent has a connection to the broker."""
    share_data: Switch | None = None
    data_package: Literal["none", "valid", "expired"] | None = None
    device: ExpectDevice | None = None
    used: ExpectUsed | None = None
    map_update: Literal["none", "waiting", "loading", "loaded"] | None = None
    map_updates_over_mobile: Switch | None = None
    package: ExpectPackage | None = None
    order: ExpectOrder | None = None
    service: ExpectService | None = None
    traffic: Switch | None = None
    updates: ExpectUpdate | None = None
    app: Literal["connected", "disconnected"] | None = None
    app_language: Literal["ja", "en", "de"] | None = None
    """In which the app speaks."""
    driver_card: Literal["present", "absent"] | None = None
    alarm: Literal["quiet", "silent", "theft"] | None = None
    service_mode: Switch | None = None
    centre: ExpectCentre | None = None
    certificate: Literal["available", "none"] | None = None
    """Of the security package, in My Porsche."""
    cluster: str | None = None
    """Id of a message that the instrument cluster has shown since the last `do`."""
    shown: str | None = None
    """Id of a message that the PCM has shown since the last `do`."""
    refused: str | None = None
    """Code with which the PCM has refused something since the last `do`."""


class Step(Part, frozen=True, kw_only=True):
    """One step: something said, something done, or something expected. `say` may stand with each."""

    say: str | None = None
    do: Do | None = None
    expect: Expect | None = None
    within: Duration | None = None
    """With `expect`: how long it may take to become true; 30 s where it is left out."""
    never: Expect | None = None
    during: Duration | None = None
    """With `never`: for how long it must not become true; time passes as with `wait`."""


class Scenario(Part, frozen=True, kw_only=True):
    """A scenario file."""

    version: Literal[1]
    title: str
    description: str = ""
    requirements: tuple[Requirement, ...] = ()
    tags: tuple[str, ...] = ()
    car: CarPart
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]


_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "kB": 1000, "MB": 1_000_000}


def duration(text: Duration) -> timedelta:
    """`10 min` as a timedelta."""
    number, unit = _number_and_unit(text)
    return timedelta(seconds=float(number) * _UNITS[unit])


def size(text: Size) -> int:
    """`40 MB` in bytes."""
    number, unit = _number_and_unit(text)
    return int(number) * _BYTES[unit]


def price(text: str) -> tuple[int, str]:
    """`249.00 EUR` in cents, and the currency."""
    amount, currency = text.split()
    return int(amount.replace(".", "")), currency


def _number_and_unit(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"([0-9.]+) ?([a-zA-Z]+)", text)
    if match is None:
        raise ValueError(text)
    return match[1], match[2]


def given(part: Part) -> dict[str, Any]:
    """The keys of a part that are set, with their values."""
    return {name: value for name in part.__struct_fields__ if (value := getattr(part, name)) is not None}
