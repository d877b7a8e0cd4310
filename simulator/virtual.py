"""The ports without sockets and files: an in-process bus, a journal, a disk and a fetcher in memory.

They keep the contracts of the real ones, wills, retained messages and range requests included, so that a virtual run
takes the same path through agent and backend as a live one.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from pcm_agent.errors import PeerError, TransportError
from pcm_agent.ports import DELTA, ComesUp, Saved, surely
from pcm_agent.transport import Incoming, Outgoing
from pcm_agent.trust.delta import patched
from pcm_agent.trust.images import Delta

CHUNK = 256 * 1024


class Bus:
    """A broker inside the process: topics, wildcards, retained messages, last wills."""

    def __init__(self) -> None:
        self.up = True
        """False: nobody can connect."""
        self._sessions: dict[str, BusSession] = {}
        self._retained: dict[str, Incoming] = {}
        self._parked: dict[str, BusSession] = {}
        """Lasting sessions whose clients are away; what comes for them waits."""
        self._takers: dict[str, list[BusSession]] = {}
        """Topic → the sessions that subscribed to it, as far as it was asked for since a session came or went."""

    def client(self, client_id: str, *, lasting: bool = False) -> "BusClient":
        """The broker port for one client; a lasting session goes on where it ended."""
        return BusClient(self, client_id, lasting=lasting)

    def open(
        self, client_id: str, will: Outgoing | None, subscriptions: Sequence[str], *, lasting: bool = False
    ) -> "BusSession":
        """A session; it takes over from an older one of that client."""
        if not self.up:
            raise TransportError("broker-unreachable", "the bus is down")
        if client_id in self._sessions:
            self._sessions[client_id].cut()
        session = BusSession(self, client_id, will, tuple(item.split("/") for item in subscriptions), lasting=lasting)
        session.take_up(self._parked.pop(client_id, None))
        self._sessions[client_id] = session
        self._takers.clear()
        for topic, message in self._retained.items():
            if session.takes(topic):
                session.offer(message)
        return session

    def deliver(self, message: Outgoing) -> None:
        """Hand a message to all who subscribed to its topic."""
        incoming = Incoming(topic=message.topic, payload=message.payload, correlation=message.correlation)
        if message.retain:
            self._retained[message.topic] = incoming
        takers = self._takers.get(message.topic)
        if takers is None:
            takers = [session for session in self._sessions.values() if session.takes(message.topic)]
            self._takers[message.topic] = takers
        for session in takers:
            session.offer(incoming)
        if self._parked and message.qos:
            for session in self._parked.values():
                if session.takes(message.topic):
                    session.offer(incoming)

    def close(self, session: "BusSession", *, farewell: bool) -> None:
        """End a session; without a farewell its will is published."""
        if self._sessions.get(session.client_id) is session:
            del self._sessions[session.client_id]
            self._park(session)
            self._takers.clear()
            if not farewell and session.will is not None:
                self.deliver(session.will)

    def stop(self) -> None:
        """Go down: all sessions end without a farewell, and their wills with them."""
        self.up = False
        sessions, self._sessions = self._sessions, {}
        self._takers.clear()
        for session in sessions.values():
            self._park(session)
            session.cut()

    def speak_wills(self) -> None:
        """Take nobody any more, and say everybody's will, as a broker does that is about to go down."""
        self.up = False
        for session in list(self._sessions.values()):
            if session.will is not None:
                self.deliver(session.will)

    def _park(self, session: "BusSession") -> None:
        if session.lasting:
            self._parked[session.client_id] = session


class BusClient:
    """See `pcm_agent.transport.Broker`."""

    def __init__(self, bus: Bus, client_id: str, *, lasting: bool) -> None:
        self._bus, self._client_id, self._lasting = bus, client_id, lasting

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator["BusSession"]:
        """A session with this last will."""
        session = self._bus.open(self._client_id, will, subscriptions, lasting=self._lasting)
        try:
            yield session
        finally:
            self._bus.close(session, farewell=not session.lost)


class BusSession:
    """See `pcm_agent.transport.Session`."""

    def __init__(
        self,
        bus: Bus,
        client_id: str,
        will: Outgoing | None,
        subscriptions: tuple[list[str], ...],
        *,
        lasting: bool = False,
    ) -> None:
        self.client_id, self.will, self.lasting, self.lost = client_id, will, lasting, False
        self._bus, self._subscriptions = bus, subscriptions
        self._arrived: deque[Incoming] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._delivered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._delivered.set_result(None)

    def publish(self, message: Outgoing) -> asyncio.Future[None]:
        """Hand a message to the bus, which has it at once."""
        if self.lost:
            refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            refused.set_exception(TransportError("session-lost", "the connection was cut"))
            return refused
        self._bus.deliver(message)
        return self._delivered

    async def messages(self) -> AsyncGenerator[Incoming]:
        """What arrives. In a lasting session a message is taken when the next one is asked for."""
        while True:
            while self._arrived and not (self.lasting and self.lost):
                if not self.lasting:
                    yield self._arrived.popleft()
                    continue
                yield self._arrived[0]
                if not self.lost:
                    self._arrived.popleft()
            if self.lost:
                raise TransportError("session-lost", "the connection was cut")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    def cut(self) -> None:
        """Lose the network."""
        if not self.lost:
            self.lost = True
            self._wake()
            self._bus.close(self, farewell=False)

    def take_up(self, ended: "BusSession | None") -> None:
        """Have what waited in the session that ended."""
        if ended is not None and self.lasting:
            self._arrived.extend(ended._arrived)

    def takes(self, topic: str) -> bool:
        """Whether this client subscribed to a topic."""
        levels = topic.split("/")
        return any(_matches(levels, subscription) for subscription in self._subscriptions)

    def offer(self, message: Incoming) -> None:
        """Queue a message."""
        self._arrived.append(message)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _matches(topic: list[str], subscription: list[str]) -> bool:
    if len(topic) != len(subscription):
        return False
    return all(wanted in ("+", level) for level, wanted in zip(topic, subscription, strict=True))


class MemoryJournal:
    """See `pcm_agent.ports.Journal`; survives the agent, not the process."""

    def __init__(self) -> None:
        self._snapshot: bytes | None = None
        self._outbox: dict[int, Outgoing] = {}

    def load(self) -> Saved:
        """What was committed last."""
        return Saved(self._snapshot, list(self._outbox.items()))

    def commit(self, snapshot: bytes | None, add: Sequence[tuple[int, Outgoing]], remove: Sequence[int]) -> None:
        """Keep it."""
        self._snapshot = snapshot or self._snapshot
        self._outbox.update(add)
        for number in remove:
            self._outbox.pop(number, None)


class MemoryPackageFiles:
    """See `pcm_agent.ports.PackageFiles`; survives the agent, not the process."""

    def __init__(self) -> None:
        self._parts: dict[str, bytearray] = {}
        self._versions: dict[str, bytes] = {}
        self._active: dict[str, str] = {}
        self._old: dict[str, str] = {}

    def installed(self) -> dict[str, bytes]:
        """What each function is now."""
        return {function: self._versions[sha256] for function, sha256 in self._active.items()}

    async def received(self, offer_id: str, sha256: str = "") -> int:
        """Bytes of a download, or of the version that it became."""
        kept = self._versions[sha256] if self._is_well(sha256) else b""
        return len(self._parts.get(offer_id, kept))

    def _is_well(self, sha256: str) -> bool:
        return hashlib.sha256(self._versions.get(sha256, b"")).hexdigest() == sha256

    async def append(self, offer_id: str, chunk: bytes) -> None:
        """Add to a download."""
        self._parts.setdefault(offer_id, bytearray()).extend(chunk)

    async def complete(self, offer_id: str, length: int, sha256: str) -> None:
        """Check a download and keep it as a version."""
        if offer_id not in self._parts and self._is_well(sha256):
            return
        part = bytes(self._parts.pop(offer_id, b""))
        if len(part) != length:
            raise PeerError("package-length", f"offer {offer_id}: the download has {len(part)} bytes, not {length}")
        digest = hashlib.sha256(part).hexdigest()
        if digest != sha256:
            raise PeerError("package-hash", f"offer {offer_id}: the download has {digest}")
        self._versions[sha256] = part
        self._parts.pop(f"{offer_id}{DELTA}", None)

    async def patch(self, offer_id: str, delta: Delta, length: int, sha256: str) -> None:
        """Make a version out of the one before, and keep it."""
        content, base = bytes(self._parts.pop(f"{offer_id}{DELTA}", b"")), self._versions.get(delta.base_sha256)
        if self._is_well(sha256):
            return
        if (len(content), hashlib.sha256(content).hexdigest()) != (delta.length, delta.sha256):
            raise PeerError("package-hash", f"{delta.path}: the delta has other bytes")
        if base is None:
            raise PeerError("delta-base-missing", f"{delta.path}: the version before is not there")
        made = b"".join(patched(lambda place, size: base[place : place + size], content, length))
        if hashlib.sha256(made).hexdigest() != sha256:
            raise PeerError("package-hash", f"{delta.path}: it makes something else")
        self._versions[sha256] = made

    async def install(self, function: str, sha256: str) -> None:
        """Point the function to the version."""
        if sha256 not in self._versions:
            raise PeerError("package-missing", f"{function}: version {sha256[:12]} is not there")
        if self._active.get(function) not in (None, sha256):
            self._old[function] = self._active[function]
        self._active[function] = sha256

    async def verify(self, function: str, sha256: str, comes_up: ComesUp = surely) -> None:
        """Check the installed version; back to the old one if it is not well, or does not work."""
        if self._active.get(function) != sha256:
            raise PeerError("package-missing", f"{function}: version {sha256[:12]} is not the installed one")
        is_well = self._is_well(sha256)
        works = is_well and await comes_up()
        old = self._old.pop(function, None)
        if works:
            return
        del self._active[function]
        if old is not None:
            self._active[function] = old
        code = "function-unhealthy" if is_well else "package-hash"
        raise PeerError(code, f"{function}: version {sha256[:12]} is not well")

    async def revert(self, function: str, sha256: str) -> None:
        """Undo what was begun of an installation."""
        if self._active.get(function) == sha256:
            del self._active[function]
            if function in self._old:
                self._active[function] = self._old.pop(function)

    async def discard(self, offer_id: str) -> None:
        """Delete a download."""
        self._parts.pop(offer_id, None)
        self._parts.pop(f"{offer_id}{DELTA}", None)

    async def remove(self, function: str, sha256: str) -> None:
        """Take the version out of the car."""
        for pointers in (self._old, self._active):
            if pointers.get(function) == sha256:
                del pointers[function]

    async def sweep(self, needed: Collection[str]) -> None:
        """Delete the versions that nobody needs."""
        used = {*self._active.values(), *self._old.values(), *needed}
        self._versions = {sha256: version for sha256, version in self._versions.items() if sha256 in used}


class MemorySource:
    """See `pcm_agent.ports.MetadataSource`.

    Args:
        lookup: URL → a whole file, None where there is none.
    """

    def __init__(self, lookup: Callable[[str], bytes | None]) -> None:
        self._lookup = lookup

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        """The file; how long it may be is judged by whoever asks."""
        del limit
        content = self._lookup(url)
        came(len(content or b""))
        return content


class MemoryFetcher:
    """See `pcm_agent.ports.Fetcher`.

    Args:
        lookup: URL → all bytes of a package, None where there is none.
    """

    def __init__(self, lookup: Callable[[str], bytes | None]) -> None:
        self._lookup = lookup

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        """The bytes from `offset` on; none comes in vain."""
        try:
            (urlsplit(url).hostname or "").encode("idna")
        except ValueError as error:
            raise PeerError("url-unusable", f"{url} is nothing to fetch from: {error}") from error
        content = self._lookup(url)
        if content is None:
            raise PeerError("package-gone", f"{url} is not there")
        if len(content) != length:
            raise PeerError("package-length", f"{url} has {len(content)} bytes, the offer says {length}")
        view = memoryview(content)
        for start in range(offset, length, CHUNK):
            yield bytes(view[start : start + CHUNK])
