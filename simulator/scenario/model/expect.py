"""What may be expected in a scenario."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from simulator.scenario.model.part import Part
from simulator.scenario.model.values import (
    CodePlaceName,
    FunctionName,
    PackageStateName,
    PorscheId,
    PurposeName,
    SettingName,
    SizeOrNothing,
    Sum,
    Switch,
    WayName,
)


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
    kind: Literal["perpetual", "monthly", "trial", "update"] | None = None
    contract: Literal["waiting", "running", "ending", "ended", "revoked"] | None = None
    """`waiting` until the function is active, `ending` once its end is known."""
    billed: Sum | None = None
    """All bills together."""
    refunds: int | None = None
    refunded: Sum | None = None
    """All that was paid back."""
    ends: Annotated[datetime, Meta(tz=True)] | None = None
    """When a trial ends, or a subscription to which notice was given."""
    buyer: PorscheId | None = None
    """Who ordered it."""


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


class ExpectMessage(Part, frozen=True, kw_only=True):
    """Messages on the wire since the last `do`, from the car or to it; at least one where no count is given."""

    topic: str
    """Channel and kind, such as `event/connection`; `app/` before it for what goes by the app."""
    count: Annotated[int, Meta(ge=0)] | None = None
    body: dict[str, Any] = field(default_factory=dict)
    """What must stand in it; more may."""


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
    pairing_code_seen_in: tuple[CodePlaceName, ...] | None = None
    """Where My Porsche and the apps show one to the main user, in any order; `[]` once the car is linked."""
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
    metadata: Literal["current", "due", "checking"] | None = None
    """Whether the car knows what the repositories say of it now."""
    attested: tuple[FunctionName, ...] | None = None
    """The functions that the car has by its own signed word, as the backend checked it, in any order."""
    attack: str | None = None
    """Code with which the car refused the repositories last, by the same word; `none`: it did not."""
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
    message: ExpectMessage | None = None
    cluster: str | None = None
    """Id of a message that the instrument cluster has shown since the last `do`."""
    shown: str | None = None
    """Id of a message that the PCM has shown since the last `do`."""
    refused: str | None = None
    """Code with which the PCM has refused something since the last `do`."""
    declined: str | None = None
    """Code with which My Porsche, the store or support has declined the last `do`; without it such a step fails."""
    updates_for_car: tuple[FunctionName, ...] | None = None
    """Which online software updates there are for the car, in any order; `[]` where they are not enabled."""
