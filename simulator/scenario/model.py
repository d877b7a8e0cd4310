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
_SIZE = "[1-9][0-9]{0,8} ?B|[1-9][0-9]{0,5} ?kB|[1-9][0-9]{0,2} ?MB"
Size = Annotated[str, Meta(pattern=f"^({_SIZE})$", description="such as 300 B, 64 kB, 40 MB; decimal, below 1 GB")]
SizeOrNothing = Annotated[
    str, Meta(pattern=f"^(nothing|{_SIZE})$", description="such as 300 B, 64 kB, 40 MB; or nothing")
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
SettingName = Literal["favourites", "radio-stations", "weather", "seats", "climate"]
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
    """Its name, or the path of a file of your own, as seen from the scenario's folder."""
    line: str | None = None
    """Model line, as it is written on the car."""
    model_year: int | None = None
    """With `line`, in place of a profile."""
    assume: dict[str, str] = field(default_factory=dict)
    """Which reading to take by point, where the sources disagree about cars."""
    country: Country
    """Where it was sold."""
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

    name: SettingName
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
    """The power button."""
    selector_lever: SelectorPosition | None = None
    """Move it there."""
    parking_brake: Literal["applied", "released"] | None = None
    """Apply it, or release it."""
    lock: Literal["locked", "unlocked"] | None = None
    """Lock or unlock the car with its key."""
    seats: Literal["occupied", "vacant"] | None = None
    """Somebody gets in, or the car is left."""
    charging_cable: Literal["connected", "disconnected"] | None = None
    """Plug it in, or unplug it."""
    battery: Annotated[int, Meta(ge=0, le=100, description="percent")] | None = None
    """The high-voltage battery is measured, in percent."""
    # radio, SIM, phone
    radio: Radio | None = None
    insert_sim: InsertSim | None = None
    remove_sim: Literal["now"] | None = None
    """Take the SIM out of the slot."""
    open_hotspot: OpenHotspot | None = None
    close_hotspot: str | None = None
    """A phone closes its WiFi network; its name (SSID)."""
    connect_phone: str | None = None
    """Over Bluetooth; the phone's name."""
    disconnect_phone: Literal["now"] | None = None
    """No phone is connected over Bluetooth any more."""
    start_carplay: StartCarPlay | None = None
    end_carplay: Literal["now"] | None = None
    """The phone leaves the screen."""
    call: Literal["phone", "inserted-sim", "ended"] | None = None
    """A call begins over this line, or the call ends."""
    # passengers, data and maps
    join_device: JoinDevice | None = None
    leave_device: str | None = None
    """A passenger's phone leaves the car's WiFi; its name."""
    use_data: UseData | None = None
    map_update: OfferMap | None = None
    # the driver's taps
    scan_hotspots: Literal["now"] | None = None
    """Look for WiFi networks."""
    way_order: tuple[WayName, ...] | None = None
    """All of the car's ways to data, in the order in which they are to be tried."""
    menu: MenuTap | None = None
    """Tap a way through the menus of this car: see [menus](#menus)."""
    share_data: Switch | None = None
    """Share the car's data connection with passengers."""
    map_updates_over_mobile: Switch | None = None
    """Let map updates use mobile data, or have them wait for WiFi."""
    private_mode: Switch | None = None
    """For all services."""
    roaming: Switch | None = None
    """The switch; cars without one refuse it."""
    mobile_data: Switch | None = None
    """The switch; cars without one refuse it."""
    sim_pin: EnterPin | None = None
    sim_puk: EnterPuk | None = None
    apn: str | None = None
    """Set the access point name of one's own SIM."""
    join_hotspot: Network | None = None
    pairing_code: str | None = None
    """The digits, or `from-my-porsche` for the one that My Porsche shows; ` of somebody@example.com` may follow."""
    log_in: LogIn | None = None
    log_out: Literal["now"] | None = None
    """Log out in the car."""
    guest: Literal["now"] | None = None
    """Go on as a guest, without logging out."""
    key: str | None = None
    """Open the car with this key."""
    setting: Setting | None = None
    remote_access: Switch | None = None
    """Allow it in the PCM, or switch it off."""
    factory_reset: Literal["now"] | None = None
    """Reset the PCM to its factory settings."""
    agree_to: FunctionName | None = None
    """Agree to a package that was offered; its function."""
    traffic: Switch | None = None
    """Real-time traffic, in the map view."""
    updates: Literal["open"] | None = None
    """Look at the Updates page."""
    app_connection: Literal["open"] | None = None
    """Look whether the app is connected."""
    service_mode: Switch | None = None
    """Suspends parts of the alarm for a time."""
    security_package: Literal["off"] | None = None
    """Try to switch it off."""
    # security, and the app on a phone
    driver_card: Literal["present", "absent"] | None = None
    """A driver card comes into the car, or leaves it."""
    move: Literal["now"] | None = None
    """The car moves."""
    theft_sensor: TheftSensor | None = None
    """A theft sensor trips."""
    app: ConnectApp | Literal["connected", "disconnected"] | None = None
    """The app on a phone: connected as its last phone was, in a language, or not any more."""
    fail_next_installation: Literal["now"] | None = None
    """The disk will refuse the next installation."""
    # My Porsche, the store, and the security operations centre
    register: Register | None = None
    create_account: NewAccount | None = None
    """Make a Porsche ID."""
    add_user: NewAccount | None = None
    """Make a Porsche ID, and let the main user add it to the car."""
    grant: PorscheId | None = None
    """Let an additional user use remote services."""
    security_code: SecurityCode | None = None
    reset_security_code: PorscheId | None = None
    """Reset the security code of this Porsche ID, in My Porsche."""
    sell_car: Literal["now"] | None = None
    """The main user sells the car."""
    delete_account: PorscheId | None = None
    """Delete the account of this Porsche ID."""
    remote: Remote | None = None
    order: Order | None = None
    offer_again: FunctionName | None = None
    """Offer the function of an order again."""
    cancel_order: FunctionName | None = None
    """Cancel the order of a function."""
    end_subscription: FunctionName | None = None
    """End the subscription of a function: it is removed from the car."""
    order_service: OrderService | None = None
    cancel_service: FunctionName | None = None
    """End a service before its term."""
    close_alarm: Literal["now"] | None = None
    """The security operations centre closes the alarm."""
    data_package: BookPackage | None = None
    # time
    wait: Duration | None = None
    """Let time pass: it jumps from timer to timer, in a live run too. With `pcm-sim do` it passes for the car alone."""


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

    name: SettingName
    value: str = "none"


class ExpectDevice(Part, frozen=True, kw_only=True):
    """Where a passenger's phone has its data from."""

    name: str
    route: Literal["car", "own", "none"]
    app_data: bool | None = None
    """Whether its apps, a calendar say, reach the PCM."""


class ExpectUsed(Part, frozen=True, kw_only=True):
    """What the meter counted this month, of all purposes and ways that are not ruled out."""

    size: SizeOrNothing
    purpose: PurposeName | None = None
    way: WayName | None = None
    charged: bool | None = None
    """With a roaming charge, or without."""


class Expect(Part, frozen=True, kw_only=True):
    """What must hold; all of the keys together."""

    ignition: Switch | None = None
    """Whether the car is switched on."""
    connection: Literal["disconnected", "connecting", "connected"] | None = None
    """The data connection."""
    way: WayName | Literal["none"] | None = None
    """Over what the data goes."""
    access: Literal["lte", "3g", "edge"] | None = None
    """The radio access of the data connection."""
    symbol: Literal["LTE", "3G", "E", "wifi", "none"] | None = None
    """What the status corner shows."""
    roaming: Literal["home", "barred", "roaming"] | None = None
    """Where the car is, and whether it may use data there."""
    sim: Literal["absent", "pin-required", "ready", "puk-required", "blocked"] | None = None
    """The SIM in the slot."""
    bluetooth: Literal["connected", "disconnected"] | None = None
    """Whether a phone is connected."""
    carplay: Literal["off", "cable", "wireless"] | None = None
    """Whether a phone is on the screen, and how."""
    call: Literal["none", "phone", "inserted-sim"] | None = None
    """Over which line somebody talks."""
    hotspots: tuple[str, ...] | None = None
    """What the last scan found, in any order."""
    private_mode: Switch | None = None
    """Private mode for all services."""
    account: Literal["unlinked", "linking", "linked"] | None = None
    """Whether the car is linked to a Porsche ID."""
    porsche_id: PorscheId | None = None
    """To which one it is linked."""
    user: Literal["main", "additional", "visitor", "guest", "nobody"] | None = None
    """Who uses the car."""
    setting: ExpectSetting | None = None
    remote: Literal["off", "allowed", "suspended"] | None = None
    """Remote access."""
    remote_reply: str | None = None
    """How the last command from the app ended: `done`, or the code with which the car refused it."""
    climate: Switch | None = None
    """The air conditioning."""
    charge: Literal["idle", "flowing"] | None = None
    """Whether the car is being charged."""
    lock: Literal["locked", "unlocked"] | None = None
    """Whether the car is locked."""
    session: Literal["open", "closed"] | None = None
    """Whether the agent has a connection to the broker."""
    share_data: Switch | None = None
    """Whether passengers share the data connection."""
    data_package: Literal["none", "valid", "expired"] | None = None
    """The passengers' data package."""
    device: ExpectDevice | None = None
    used: ExpectUsed | None = None
    map_update: Literal["none", "waiting", "loading", "loaded"] | None = None
    """Where the newest map stands."""
    map_updates_over_mobile: Switch | None = None
    """Whether maps may use mobile data."""
    package: ExpectPackage | None = None
    order: ExpectOrder | None = None
    service: ExpectService | None = None
    traffic: Switch | None = None
    """The switch of real-time traffic."""
    updates: ExpectUpdate | None = None
    app: Literal["connected", "disconnected"] | None = None
    """Whether the app is connected to the car."""
    app_language: Literal["ja", "en", "de"] | None = None
    """In which the app speaks."""
    driver_card: Literal["present", "absent"] | None = None
    """Whether one is in the car."""
    alarm: Literal["quiet", "silent", "theft"] | None = None
    """What alarm the car has."""
    service_mode: Switch | None = None
    """Whether parts of the alarm are suspended."""
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
    """What the step is about, in words; a heading in timeline and report."""
    do: Do | None = None
    """One thing that happens."""
    expect: Expect | None = None
    """What must hold, at once or within a time."""
    within: Duration | None = None
    """With `expect`: how long it may take to become true; 30 s where it is left out."""
    never: Expect | None = None
    """What must not become true."""
    during: Duration | None = None
    """With `never`: for how long it must not become true; time passes as with `wait`."""


class Scenario(Part, frozen=True, kw_only=True):
    """A scenario file."""

    version: Literal[1]
    """Of this form of file."""
    title: str
    """What it is called in reports."""
    description: str = ""
    """What it is for."""
    requirements: tuple[Requirement, ...] = ()
    """The rows that it proves."""
    tags: tuple[str, ...] = ()
    """Whatever sorts your scenarios."""
    car: CarPart
    """The car that it is about."""
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]
    """In order; the first expectation that does not hold ends the scenario."""


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
