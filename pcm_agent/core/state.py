"""The state of one vehicle as a plain value: one field a region, and the facts that the regions' rules look at."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from firmware_profiles import Way
from pcm_agent.core.states import (
    Access,
    Account,
    Alarm,
    App,
    Battery,
    Bluetooth,
    Call,
    CarPlay,
    Charge,
    Charging,
    Climate,
    Connection,
    DataPackage,
    DriverCard,
    Ignition,
    Lock,
    MapUpdate,
    Metadata,
    Occupancy,
    ParkingBrake,
    Personal,
    Platform,
    PrivateMode,
    Purpose,
    Remote,
    Roaming,
    SelectorLever,
    ServiceMode,
    ServiceState,
    Sharing,
    Sim,
    Traffic,
)
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageState, Reply
from pcm_agent.protocol.people import Role
from pcm_agent.protocol.secret import Secret
from pcm_agent.trust.floors import Floors
from pcm_agent.trust.images import Assignment, Delta
from pcm_agent.trust.metadata import TrustedRoots


class Cell(Struct, frozen=True):
    """The radio cell that serves the car; `access` is None where there is no coverage."""

    country: str
    access: Access | None


class Symbol(Struct, frozen=True):
    """What the status corner shows (CON-15, CON-16)."""

    letter: Literal["LTE", "3G", "E"] | None = None
    wifi: bool = False
    corner: str = ""


class Device(Struct, frozen=True):
    """A passenger's phone that knows the car's WiFi."""

    platform: Platform
    stays: bool
    """It stays in the car's WiFi even where that has no data for it."""


class Use(Struct):
    """So many bytes went over one way for one purpose."""

    purpose: Purpose
    way: Way
    charged: bool
    """They carry a roaming charge (CON-12)."""
    bytes: int = 0


class PackageJob(Struct, kw_only=True):
    """One package on its way into the car, or out of it."""

    assignment: Assignment
    good_until: datetime
    """Until then what the repositories said of it is fresh enough to begin something by it."""
    state: PackageState = PackageState.OFFERED
    received: int = 0
    """Bytes on disk of what is fetched."""
    delta: Delta | None = None
    """What is fetched in place of the package; None: the package itself."""
    whole: bool = False
    """The package is fetched itself, whatever deltas there are."""
    blocked_by: tuple[str, ...] | None = None
    """The conditions that fail, by code; None: not judged yet."""
    attempts: int = 0
    """Transfers in a row that broke off and brought next to nothing; sets the pause before the next one."""
    fetched: int = 0
    """Bytes that all transfers brought that broke off."""
    told: int = 0
    """How often the backend was told of the transfer."""
    code: str | None = None
    """Why it failed, for good or for now."""


class RefusedOffer(Struct, frozen=True):
    """An entry of the last list that was not followed."""

    function: str
    code: Literal["offer-changed", "offer-expired"]


class Service(Struct, kw_only=True):
    """One service that was ordered for the car."""

    id: str
    state: ServiceState = ServiceState.ENDED
    until: datetime | None = None
    """The end of its term; None: none has begun."""
    ordered_at_restart: int = 0
    """How often the car had been restarted when it was provided."""
    blocked_by: tuple[str, ...] | None = None
    """The conditions that fail, by code; None: not judged yet."""


class User(Struct, kw_only=True):
    """Somebody who logged in to this car and did not log out (IDN-11)."""

    role: Role
    secured: bool = False
    """The security code was proven at the login (IDN-07)."""
    settings: dict[str, str] = field(default_factory=dict)
    untold: bool = False
    """The settings were changed here, and the backend does not know yet."""


class VehicleState(Struct, kw_only=True):
    """Everything that must outlast a power cut, and nothing else."""

    vin: str
    profile: str
    """Name of the profile of which the car is."""
    market: str
    """Country (ISO 3166-1 alpha-2) in which the car was sold; home of the embedded SIM."""

    ignition: Ignition = Ignition.OFF
    selector_lever: SelectorLever = SelectorLever.PARK
    parking_brake: ParkingBrake = ParkingBrake.APPLIED
    lock: Lock = Lock.LOCKED
    occupancy: Occupancy = Occupancy.VACANT
    charging: Charging = Charging.DISCONNECTED
    battery: Battery = Battery.SUFFICIENT
    battery_percent: int = 80

    connection: Connection = Connection.DISCONNECTED
    way: Way | None = None
    access: Access | None = None
    roaming: Roaming = Roaming.HOME
    sim: Sim = Sim.ABSENT
    bluetooth: Bluetooth = Bluetooth.DISCONNECTED
    carplay: CarPlay = CarPlay.OFF
    call: Call = Call.NONE
    private_mode: PrivateMode = PrivateMode.OFF
    remote: Remote = Remote.OFF
    climate: Climate = Climate.OFF
    charge: Charge = Charge.IDLE
    personal: Personal = Personal.TOLD
    account: Account = Account.UNLINKED
    traffic: Traffic = Traffic.OFF
    app: App = App.DISCONNECTED
    alarm: Alarm = Alarm.QUIET
    driver_card: DriverCard = DriverCard.ABSENT
    service_mode: ServiceMode = ServiceMode.OFF
    sharing: Sharing = Sharing.OFF
    data_package: DataPackage = DataPackage.NONE
    map_update: MapUpdate = MapUpdate.NONE
    metadata: Metadata = Metadata.CURRENT

    cell: Cell | None = None
    sim_country: str | None = None
    sim_card: str | None = None
    """Which SIM is in the slot."""
    stored_pin: Secret | None = None
    stored_pin_of: str | None = None
    """The SIM to which the stored PIN belongs; no other one is given it (CON-17)."""
    pending_pin: Secret | None = None
    """Entered with the wish to store it; kept once the SIM has taken it."""
    apn: str | None = None
    sim_keeps_data: bool = True
    """Whether the inserted SIM's provider lets data go on beside a call on LTE."""
    hotspot: str | None = None
    hotspots_found: tuple[str, ...] | None = None
    """What the last scan found; None: not scanned yet."""
    hotspot_phone: str | None = None
    """The phone that is the hotspot."""
    hotspot_keeps_data: bool = True
    """As `sim_keeps_data`, of the hotspot's provider."""
    phone: str | None = None
    """The phone that was connected last, over Bluetooth or in CarPlay."""
    calling_phone: str | None = None
    """The phone with which somebody called last."""
    way_order: tuple[Way, ...] = ()
    """The ways to data as the driver wants them tried; empty: in the profile's order."""
    mobile_data_allowed: bool = True
    roaming_allowed: bool = False
    rejected_ways: dict[Way, str] = field(default_factory=dict)
    """Ways that the network turned down, with its reason; tried again when something about them changes."""
    data_package_until: datetime | None = None
    data_package_days: int | None = None
    """So long each renewal lasts; None: it is not renewed."""
    devices: dict[str, Device] = field(default_factory=dict)
    """Passengers' phones by name."""
    usage_month: str | None = None
    """The month (UTC, such as 2026-03) in which `usage` was counted; None: nothing was used yet."""
    usage: list[Use] = field(default_factory=list)
    map_version: str | None = None
    map_length: int = 0
    map_received: int = 0
    map_over_mobile: bool = False
    """The driver lets map updates use mobile data too."""
    porsche_id: str | None = None
    """Whose settings hold now; None: a guest's, or nobody's."""
    users: dict[str, User] = field(default_factory=dict)
    """By Porsche ID, all who are logged in; a key may recall any of them."""
    departed: list[str] = field(default_factory=list)
    """Who left, as long as the backend has not been told."""
    key: str | None = None
    """The key that was recognised last."""
    keys: dict[str, str | None] = field(default_factory=dict)
    """Which Porsche ID used a key last; None: a guest. A key holds nothing else (IDN-11)."""
    shared_settings: dict[str, str] = field(default_factory=dict)
    """A guest's, for this drive; the car's own where there is no guest mode."""
    link_request: str | None = None
    """Id of the last pairing or login that the driver asked for; None: it was answered."""
    lost_requests: dict[str, str | None] = field(default_factory=dict)
    """Ids of the newest pairings and logins that were given up unanswered → whom the backend has linked by them all
    the same, as long as it has not been told; None: nobody so far."""
    link_requests: int = 0
    proved_at: datetime | None = None
    """The instant that the last login proof names; each names a later one, whatever the clock shows."""
    symbol: Symbol = Symbol()
    heartbeat_seconds: int = 60
    restarts: int = 0
    """How often the PCM was started or the car switched on."""
    app_online: bool = False
    """Whether the phone with the app has internet of its own."""

    floors: Floors = Floors()
    """The highest metadata versions that were ever trusted."""
    roots: TrustedRoots | None = None
    """The newest roots that were verified; None: those that the car was given."""
    metadata_refused: str | None = None
    """Why the last look at the repositories was refused; None: it was not."""
    look_again: bool = False
    """The car was told to look while it looked already, which may have been too early to see what is new."""
    look_interrupted: bool = False
    """The last look broke off: the link is to blame, and not the repositories."""
    metadata_attempts: int = 0
    """Looks in a row that came to nothing; sets the pause before the next one."""
    installed: dict[str, InstalledImage] = field(default_factory=dict)
    """By function."""
    counters: dict[str, int] = field(default_factory=dict)
    """Function → release counter of the highest version that was ever installed; outlasts the function."""
    jobs: dict[str, PackageJob] = field(default_factory=dict)
    refused_offers: dict[str, RefusedOffer] = field(default_factory=dict)
    """What the last list names and the car does not follow, by offer; the driver has been told."""
    services: dict[str, Service] = field(default_factory=dict)
    timers: dict[str, datetime] = field(default_factory=dict)
    answered: dict[str, Reply] = field(default_factory=dict)
    """The last commands and what was answered, so that a repeated command takes effect once."""
    clock: datetime | None = None
    """The latest instant at which any event was handled since a look was accepted; see `pcm_agent.core.age`."""
    vouched_until: datetime | None = None
    """When the timestamps that were accepted last expire, the later of both; None: none were."""
    version: int = 0
    """Grows by one with each change of the reported state."""
    manifests: int = 0
    """How many manifests were ever signed; the number of the last one, by which a Director knows a replay."""
