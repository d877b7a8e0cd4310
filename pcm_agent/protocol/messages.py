"""The bodies of all messages, one frozen struct a kind; the tables at the end say which kind travels where.

Unknown fields are ignored, so that a newer peer can add some; a missing or wrong one is refused.
Sizes are in bytes, percentages are whole numbers, instants are UTC (RFC 3339).
"""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from pcm_agent.protocol.body import Body, Instant, Name
from pcm_agent.protocol.manifest import SignedVehicleManifest
from pcm_agent.protocol.people import (
    ApplySettings,
    PeopleReported,
    RemoteCommand,
    RemoteReported,
    ResetSecurityCode,
    Role,
    SettingsReported,
    Unlink,
    UserLeft,
)
from pcm_agent.protocol.secret import Secret
from pcm_agent.protocol.security import AlarmRaised, CloseAlarm, SecurityReported
from pcm_agent.protocol.services import CancelService, ProvideService, ServiceReported, ServicesReported
from pcm_agent.protocol.sharing import (
    BookDataPackage,
    DataPackageReported,
    DataUsageReported,
    MapUpdateReported,
    SharingReported,
)

# --- backend → PCM: commands ----------------------------------------------------------------------------------------


class ReportState(Body, frozen=True, kw_only=True):
    """Publish the state of all regions now; changes nothing."""


class ConfigureReporting(Body, frozen=True, kw_only=True):
    """Set how often an online PCM sends a heartbeat."""

    heartbeat_seconds: Annotated[int, Meta(ge=1, le=86_400)]


class Look(Body, frozen=True, kw_only=True):
    """The repositories say something new of this car: look there. What they say is not said here, nor where."""


class WithdrawPackage(Body, frozen=True, kw_only=True):
    """Ask whether a package can still be cancelled; if so, it is once the Director lists it no longer."""

    offer_id: Name


class ConfirmLink(Body, frozen=True, kw_only=True):
    """The car is now linked to this Porsche ID (IDN-06)."""

    request_id: str
    porsche_id: str
    role: Role = Role.MAIN
    """What this Porsche ID is to the car (IDN-08, IDN-13)."""
    secured: bool = False
    """Whether the security code was proven too (IDN-07)."""


LinkRefusal = Literal[
    "pairing-code-unknown",
    "pairing-code-expired",
    "pairing-code-used",
    "no-data-connection",
    "login-rejected",
    "security-code-required",
    "security-code-wrong",
]


class RefuseLink(Body, frozen=True, kw_only=True):
    """The pairing code or the login was not accepted."""

    request_id: str
    reason: LinkRefusal
    """`no-data-connection` is what an additional user's pairing code is answered with (IDN-09)."""


Command = (
    ReportState
    | ConfigureReporting
    | Look
    | WithdrawPackage
    | ConfirmLink
    | RefuseLink
    | ProvideService
    | CancelService
    | CloseAlarm
    | Unlink
    | ApplySettings
    | ResetSecurityCode
    | RemoteCommand
    | BookDataPackage
)


# --- PCM → backend --------------------------------------------------------------------------------------------------


class Presence(Body, frozen=True, kw_only=True, omit_defaults=False):
    """Retained. `offline` is also the last will, so that a cut connection speaks for itself."""

    status: Literal["online", "offline"]
    session_id: str
    firmware: str
    profile: str


class ConnectionReported(Body, frozen=True, kw_only=True):
    """What the data connection is now."""

    state: Literal["disconnected", "connecting", "connected"]
    way: Literal["embedded-sim", "inserted-sim", "hotspot"] | None = None
    access: Literal["lte", "3g", "edge"] | None = None
    symbol: Literal["LTE", "3G", "E"] | None = None
    """The letter in the status corner; none means that there is no data connection over a SIM (CON-15)."""
    wifi: bool = False


class PhoneReported(Body, frozen=True, kw_only=True):
    """Phones in the car, and the call that goes on."""

    bluetooth: Literal["disconnected", "connected"] = "disconnected"
    carplay: Literal["off", "cable", "wireless"] = "off"
    call: Literal["none", "phone", "inserted-sim"] = "none"


class PackageState(StrEnum):
    """Where a package job stands."""

    OFFERED = "offered"
    CONSENTED = "consented"
    DOWNLOADING = "downloading"
    PAUSED = "paused"
    STAGED = "staged"
    WAITING = "waiting"
    ACTIVATING = "activating"
    VERIFYING = "verifying"
    ACTIVE = "active"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ROLLED_BACK = "rolled-back"
    FAILED = "failed"
    REMOVING = "removing"
    REMOVED = "removed"


class PackageReported(Body, frozen=True, kw_only=True):
    """A package job's state, and why it waits or failed."""

    offer_id: str
    function: str
    version: str
    state: PackageState
    received: int = 0
    length: int
    """Bytes of what is fetched: the package, or a delta."""
    delta: bool = False
    """Not the package is fetched, but what makes it out of the installed version."""
    blocked_by: tuple[str, ...] = ()
    code: str | None = None


class StateReported(Body, frozen=True, kw_only=True, omit_defaults=False):
    """Retained: the state of all regions. `version` grows by one with each change."""

    version: int
    ignition: str
    selector_lever: str
    parking_brake: str
    lock: str
    occupancy: str
    charging: str
    battery: str
    battery_percent: int
    connection: ConnectionReported
    roaming: str
    sim: str
    private_mode: str
    account: str
    porsche_id: str | None
    phone: PhoneReported = PhoneReported()
    packages: tuple[PackageReported, ...]
    services: ServicesReported | None = None
    security: SecurityReported | None = None
    remote: RemoteReported | None = None
    people: PeopleReported | None = None
    sharing: SharingReported | None = None
    data_usage: DataUsageReported | None = None
    map_update: MapUpdateReported | None = None


class PairingRequested(Body, frozen=True, kw_only=True):
    """The driver entered an 8-digit pairing code (IDN-04)."""

    pairing_code: Secret


class LoginRequested(Body, frozen=True, kw_only=True):
    """The driver logged in with a Porsche ID; the password itself never leaves the car."""

    porsche_id: str
    at: Instant
    proof: Secret
    """`pcm_agent.trust.login.login_proof`, hex."""
    code_proof: Secret | None = None
    """The same, made with the security code; none where the driver typed none (IDN-07)."""


class RefusalReported(Body, frozen=True, kw_only=True):
    """The PCM did not do what the driver asked."""

    event: str
    code: str
    requirement: str
    blocked_by: tuple[str, ...] = ()


class Heartbeat(Body, frozen=True, kw_only=True):
    """Sent at a steady interval while online; never queued."""

    state_version: int


class MessagesLost(Body, frozen=True, kw_only=True):
    """The queue of reports was full while offline: so many of the oldest were given up."""

    count: int


Report = (
    ConnectionReported
    | PackageReported
    | PairingRequested
    | LoginRequested
    | RefusalReported
    | DataPackageReported
    | DataUsageReported
    | Heartbeat
    | MessagesLost
    | ServiceReported
    | AlarmRaised
    | SettingsReported
    | UserLeft
    | SignedVehicleManifest
)


class Reply(Body, frozen=True, kw_only=True):
    """The answer to a command: `received` at once, then `done` or `refused` with the reason."""

    stage: Literal["received", "done", "refused"]
    code: str | None = None
    requirement: str | None = None
    blocked_by: tuple[str, ...] = ()
    state_version: int | None = None
    """With `done`: the version of the reported state that holds the result."""


COMMANDS: dict[str, type[Command]] = {
    "report-state": ReportState,
    "configure-reporting": ConfigureReporting,
    "look": Look,
    "withdraw-package": WithdrawPackage,
    "confirm-link": ConfirmLink,
    "refuse-link": RefuseLink,
    "provide-service": ProvideService,
    "cancel-service": CancelService,
    "close-alarm": CloseAlarm,
    "unlink": Unlink,
    "apply-settings": ApplySettings,
    "reset-security-code": ResetSecurityCode,
    "remote": RemoteCommand,
    "book-data-package": BookDataPackage,
}
"""Kind → body of `command/{kind}`; every kind is answered on `reply/{kind}` with a `Reply`."""

APP_COMMANDS: dict[str, type[Command]] = {"remote": RemoteCommand}
"""The commands that the app on a phone may hand to the car besides: what somebody asks for with the app (REM-03)."""

EVENTS: dict[str, type[Report]] = {
    "connection": ConnectionReported,
    "package": PackageReported,
    "pairing-requested": PairingRequested,
    "login-requested": LoginRequested,
    "refusal": RefusalReported,
    "data-package": DataPackageReported,
    "data-usage": DataUsageReported,
    "heartbeat": Heartbeat,
    "messages-lost": MessagesLost,
    "service": ServiceReported,
    "alarm": AlarmRaised,
    "settings": SettingsReported,
    "user-left": UserLeft,
    "vehicle-manifest": SignedVehicleManifest,
}
"""Kind → body of `event/{kind}`."""

KIND_OF: dict[type, str] = {body: kind for table in (COMMANDS, EVENTS) for kind, body in table.items()}
"""Body → kind, the two tables turned round."""
