"""What the agent needs of the world outside besides `transport`; `adapters` and the simulator provide it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from firmware_profiles import Way
from pcm_agent.core.effects import Effect
from pcm_agent.core.events import Event
from pcm_agent.protocol.people import RemoteAction
from pcm_agent.protocol.secret import Secret
from pcm_agent.transport import Broker, Clock, Incoming, Outgoing
from pcm_agent.trust.images import Delta
from pcm_agent.trust.metadata import TrustedRoots, Verified
from pcm_agent.trust.unit import ControlUnit


class Saved(Struct):
    """What a journal kept."""

    snapshot: bytes | None
    outbox: list[tuple[int, Outgoing]]


class Journal(Protocol):
    """Keeps state and unsent reports over a power cut. All or nothing: a commit that raises has changed nothing."""

    def load(self) -> Saved:
        """What was committed last.

        Raises:
            TransportError: `journal-unreadable`.
        """

    def commit(self, snapshot: bytes | None, add: Sequence[tuple[int, Outgoing]], remove: Sequence[int]) -> None:
        """Keep a new snapshot (None: the old one stays), add reports by number and remove those that were sent.

        Returns when it is on disk.

        Raises:
            TransportError: `journal-unwritable`, `disk-full`.
        """


class Modem(Protocol):
    """Radio, SIM slot and WiFi; what comes of a request arrives later as an event."""

    def attach(self, way: Way, apn: str | None) -> None:
        """→ `BearerAttached` or `BearerRejected`."""

    def detach(self, way: Way) -> None:
        """Give the bearer back; nothing arrives."""

    def unlock_sim(self, pin: Secret) -> None:
        """→ `SimUnlocked` or `SimPinRejected`."""

    def unblock_sim(self, puk: Secret, new_pin: Secret) -> None:
        """→ `SimUnlocked` or `SimPukRejected`."""

    def join_hotspot(self, ssid: str, password: Secret) -> None:
        """→ `HotspotJoined` or `HotspotRefused`."""

    def scan_hotspots(self) -> None:
        """→ `HotspotsFound`."""

    def start_map(self, version: str, received: int, length: int) -> None:
        """→ `MapUpdateProgressed` now and then, and `MapUpdateLoaded`."""

    def stop_map(self) -> None:
        """Stop loading the map; nothing arrives any more."""


class CarBody(Protocol):
    """Locks, horn and lamps, air conditioning, charger; what comes of a request arrives later as an event."""

    def operate(self, action: RemoteAction) -> None:
        """→ `CarLocked`, `ClimateStarted` and the like; horn and lamps say nothing."""

    async def comes_up(self, function: str) -> bool:
        """Start the version of a function that is installed now, and say whether it works.

        Who asks waits for so long only; an answer that does not come in time is a no.
        """


class App(Protocol):
    """The app on a phone in the car: it hands commands to `Agent.hear`, and takes the answers (REM-03)."""

    def carry(self, message: Outgoing) -> bool:
        """Take an answer to the backend. It may be lost: then the command comes again, and is answered again.

        Returns:
            Whether it was taken; not without an app that has internet.
        """


class Fetcher(Protocol):
    """Gets the bytes of packages (HTTP, RFC 9110 range requests)."""

    def fetch(self, url: str, offset: int, length: int, skipped: Callable[[int], None] = ...) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on, of a file that must be `length` bytes long.

        Args:
            url: of the file.
            offset: bytes that are there already.
            length: of the whole file.
            skipped: is told of bytes before `offset` that came all the same, from a server that knows no ranges.

        Raises:
            TransportError: `transfer-interrupted`: later it may work; `package-changed`: later, and from the beginning.
            PeerError: `package-gone`, `package-length`, `url-unusable`: it will not.
        """


class MetadataSource(Protocol):
    """Gets the metadata of repositories: small files, each whole or not at all."""

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = ...) -> bytes | None:
        """The file behind an address; None if there is none (403, 404).

        Args:
            url: of the file.
            limit: bytes that it may have at most.
            came: is told of bytes as they come, also of a file that is given up.

        Raises:
            TransportError: `transfer-interrupted`: broken off, or too slow.
            PeerError: `metadata-oversized`, `url-unusable`.
        """


class Repositories(Protocol):
    """The Director and the Image repository, as Uptane has them; what they say is verified, but not yet judged."""

    def image_url(self, path: str, sha256: str) -> str:
        """Where an image is fetched.

        Args:
            path: its name in both repositories.
            sha256: its hash.
        """

    @property
    def given(self) -> TrustedRoots:
        """The roots that the car was given, in its profile or configuration.

        Raises:
            TransportError: they can't be read.
        """

    async def check(
        self, vin: str, newest: TrustedRoots | None, now: datetime, came: Callable[[int], None] = ...
    ) -> Verified:
        """What both say now of this car; whatever is remembered of it, no check can spoil the next.

        Args:
            vin: this car's.
            newest: roots to start from; None: those that the car was given.
            now: trusted time (UTC).
            came: is told of bytes as they come, whatever becomes of the check.

        Raises:
            TransportError: `transfer-interrupted`.
            PeerError: one of `pcm_agent.trust.refusals.REFUSALS`, or `url-unusable`.
        """


ComesUp = Callable[[], Awaitable[bool]]
"""Whether what has just been installed works."""


async def surely() -> bool:
    """Whatever is installed is taken to work."""
    return True


DELTA = "~delta"
"""Ends the name of an offer's partial file that holds a delta; no offer's own name holds it."""


class PackageFiles(Protocol):
    """The packages on the car's disk: one partial file a job, one file a version, one pointer a function.

    A delta is a download of its own, under the offer's name with `DELTA` at its end.
    Functions, and jobs, whose bytes are equal share a version; only `sweep` deletes any.
    """

    async def received(self, offer_id: str, sha256: str = "") -> int:
        """Bytes on disk of a download; all of them where it is kept as the version `sha256` already, and well.

        Raises:
            TransportError: as `append`.
        """

    async def append(self, offer_id: str, chunk: bytes) -> None:
        """Add to a download.

        Raises:
            TransportError: `disk-full`, `disk-unwritable`.
        """

    async def complete(self, offer_id: str, length: int, sha256: str) -> None:
        """Check length and hash of a download and keep it as a version.

        Raises:
            PeerError: `package-length`, `package-hash`: the download is deleted.
            TransportError: as `append`.
        """

    async def patch(self, offer_id: str, delta: Delta, length: int, sha256: str) -> None:
        """Check an offer's delta, make the version with it, and keep that if length and hash are right.

        Raises:
            PeerError: `package-length`, `package-hash`: of the delta or of what it makes; `delta-unusable`: it makes
                nothing, or too much; `delta-base-missing`: the version before can't be read. The delta is deleted.
            TransportError: as `append`.
        """

    async def install(self, function: str, sha256: str) -> None:
        """Point the function to the version, atomically; may be repeated.

        Raises:
            PeerError: `package-missing`.
            TransportError: as `append`.
        """

    async def verify(self, function: str, sha256: str, comes_up: ComesUp = surely) -> None:
        """Check that the function points to the version, that its bytes are right, and that it works.

        Until then the old version is kept. May be repeated.

        Args:
            function: its name.
            sha256: of the version.
            comes_up: asked once the bytes are right.

        Raises:
            PeerError: `package-hash`, `function-unhealthy`: the function points to the old version again, if there was
                one, else to none; `package-missing`: it points to another version, or to none, and goes on doing so.
            TransportError: as `append`.
        """

    async def revert(self, function: str, sha256: str) -> None:
        """Point the function to the old version, or to none, if it points to this one, which never proved itself.

        May be repeated.

        Raises:
            TransportError: as `append`.
        """

    async def discard(self, offer_id: str) -> None:
        """Delete a download, if there is any, and its delta.

        Raises:
            TransportError: as `append`.
        """

    async def remove(self, function: str, sha256: str) -> None:
        """Delete the function's pointer if it names this version; may be repeated.

        Raises:
            TransportError: as `append`.
        """

    async def sweep(self, needed: Collection[str]) -> None:
        """Delete each version that no function points to, or would have to go back to, and that is not `needed`.

        Args:
            needed: SHA-256 of the versions that are still to be installed.

        Raises:
            TransportError: as `append`.
        """


class Observer(Protocol):
    """Whoever wants to see what the agent does: a trace, a terminal, a log."""

    def handled(self, event: Event, effects: Sequence[Effect], now: datetime) -> None:
        """The core let an event happen at this instant."""

    def sent(self, message: Outgoing) -> None:
        """A message went to the broker."""

    def arrived(self, message: Incoming) -> None:
        """A message came from the broker."""

    def noted(self, code: str, text: str) -> None:
        """Something an engineer should know: a message that was refused, a broker that is down, a disk that is full."""


class Ports(Struct, frozen=True):
    """All that an agent needs of the world outside.

    `new_id` gives message ids and nonces that are unique for ever; `jitter` gives numbers from 0 to 1.
    """

    clock: Clock
    broker: Broker
    journal: Journal
    modem: Modem
    body: CarBody
    app: App
    unit: ControlUnit
    repositories: Repositories
    fetcher: Fetcher
    files: PackageFiles
    observer: Observer
    new_id: Callable[[], str]
    jitter: Callable[[], float]
