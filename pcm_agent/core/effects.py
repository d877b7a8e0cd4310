"""What the core wants done, and what it tells about itself. Imperative, frozen; performed by the runtime in order."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from firmware_profiles import Way
from pcm_agent.core.events.base import Event
from pcm_agent.core.state import Symbol
from pcm_agent.protocol.messages import Reply, Report
from pcm_agent.protocol.people import RemoteAction
from pcm_agent.protocol.secret import Secret

Argument = str | int | tuple[str, ...]


class Effect(Struct, frozen=True, tag_field="effect", tag=True, gc=False):
    """Base of all effects."""


class Transition(Effect, frozen=True):
    """A region changed its state. Nothing is to be done; it is told so that people can follow."""

    region: str
    source: str
    target: str
    cause: str
    """The event that the region's table answered."""
    offer_id: str | None = None
    service: str | None = None


class Refuse(Effect, frozen=True):
    """The rules do not allow what was asked. `code` is stable, `blocked_by` names the conditions that fail."""

    event: str
    code: str
    requirement: str
    blocked_by: tuple[str, ...] = ()


class TakeAs(Effect, frozen=True):
    """A tap in the menus means this event; its effects follow. Nothing is to be done: it is told like a transition."""

    event: Event


class Show(Effect, frozen=True):
    """Show the driver a message from the catalogue, in the PCM's language; on which display, FOD-08 says."""

    text: str
    arguments: dict[str, Argument] = {}
    display: Literal["pcm", "cluster"] = "pcm"


class ShowSymbol(Effect, frozen=True):
    """Show this in the status corner (CON-15, CON-16)."""

    symbol: Symbol


class SetTimer(Effect, frozen=True):
    """Feed `TimerFired(key)` at `at` (UTC); replaces a timer of that key."""

    key: str
    at: datetime


class CancelTimer(Effect, frozen=True):
    """Forget the timer of that key."""

    key: str


class Publish(Effect, frozen=True):
    """Tell the backend. `durable` reports survive a power cut and are sent in order; others only if online now."""

    body: Report
    durable: bool = True
    id: str | None = None
    """The message's id where the answer must name it."""


class Answer(Effect, frozen=True):
    """Answer a command of the backend."""

    command_id: str
    kind: str
    reply: Reply
    durable: bool
    over_app: bool = False
    """By the app on a phone, as the command came; nothing waits there: it comes again, and is answered again."""


class ReportState(Effect, frozen=True):
    """Publish the state of all regions, retained; only the newest matters."""


class AttachBearer(Effect, frozen=True):
    """Ask the network for a data bearer (3GPP TS 27.007 `+CGDCONT`, `+CGACT`)."""

    way: Way
    apn: str | None


class DetachBearer(Effect, frozen=True):
    """Give the data bearer back."""

    way: Way


class UnlockSim(Effect, frozen=True):
    """Give the SIM this PIN."""

    pin: Secret


class UnblockSim(Effect, frozen=True):
    """Give the SIM this PUK and the new PIN."""

    puk: Secret
    new_pin: Secret


class JoinHotspot(Effect, frozen=True):
    """Join this WiFi network."""

    ssid: str
    password: Secret


class ScanHotspots(Effect, frozen=True):
    """Look which WiFi networks are there."""


class StartMapUpdate(Effect, frozen=True):
    """Load the map from byte `received` on."""

    version: str
    received: int
    length: int


class StopMapUpdate(Effect, frozen=True):
    """Stop loading the map; what is there stays."""


class OpenSession(Effect, frozen=True):
    """There is data: connect to the broker, and stay connected."""


class CloseSession(Effect, frozen=True):
    """There is no data any more: the socket is dead at once, without a farewell."""


class Operate(Effect, frozen=True):
    """Have the car do what a user wants from afar (REM-01)."""

    action: RemoteAction


class CheckMetadata(Effect, frozen=True):
    """Look at both repositories, from the floors and counters of the state."""


class StopMetadataCheck(Effect, frozen=True):
    """Stop looking; nothing of it is kept."""


class ReportInstalled(Effect, frozen=True):
    """Tell the backend, signed, what is installed and how the last look at the repositories ended.

    Attributes:
        number: of the manifest; no other one ever has it.
    """

    number: int


class StartDownload(Effect, frozen=True):
    """Fetch the package's bytes from where they ended last time."""

    offer_id: str


class StopDownload(Effect, frozen=True):
    """Stop fetching; keep what is on disk."""

    offer_id: str


class InstallPackage(Effect, frozen=True):
    """Switch the function's pointer to the downloaded version, atomically."""

    offer_id: str


class VerifyPackage(Effect, frozen=True):
    """Check the health of the installed version; back to the old one if it is not well."""

    offer_id: str


class RevertPackage(Effect, frozen=True):
    """Back to the version before, where a version is pointed to that never proved itself; may be repeated."""

    offer_id: str


class DiscardPackage(Effect, frozen=True):
    """Delete what was downloaded of a cancelled package, after `RevertPackage`."""

    offer_id: str


class RemovePackage(Effect, frozen=True):
    """Delete an active function."""

    offer_id: str


class Persist(Effect, frozen=True):
    """Commit the state, with the durable messages of this turn, before anything of it is performed."""
