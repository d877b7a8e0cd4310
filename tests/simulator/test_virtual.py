import hashlib
import socket
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.errors import PeerError, TransportError
from pcm_agent.ports import Fetcher, Journal, PackageFiles
from pcm_agent.transport import Incoming, Outgoing
from simulator.backend.http import serving
from simulator.clock import SimClock
from simulator.lab import START, seeded_depot
from simulator.repository import FolderStore
from simulator.virtual import Bus, BusSession, MemoryFetcher, MemoryJournal, MemoryPackageFiles
from tests.waiting import one_turn

OLD, NEW = b"old" * 100_000, b"new" * 100_000
OFFER, FUNCTION = "order-1.1", "active-lane-keeping"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def message(topic: str, payload: bytes = b"x", *, retain: bool = False) -> Outgoing:
    return Outgoing(topic=topic, payload=payload, id="1", retain=retain, correlation="7")


async def first(count: int, session: BusSession) -> list[bytes]:
    """The payloads of so many messages, as they come."""
    messages = session.messages()
    return [(await anext(messages)).payload for _ in range(count)]


async def heard(session: BusSession) -> list[Incoming]:
    """Everything that arrived until now; ends the session."""
    session.cut()
    found: list[Incoming] = []
    messages = session.messages()
    with suppress(TransportError):
        while True:  # the error at the end is how it ends
            found.append(await anext(messages))
    return found


# --- the bus ---


@pytest.mark.parametrize(
    ("subscriptions", "topic", "taken"),
    [
        (["a/b"], "a/b", True),
        (["a/b"], "a/c", False),
        (["a/+"], "a/b", True),
        (["a/+"], "a/b/c", False),
        (["a/+"], "a", False),
        (["+/b/+"], "a/b/c", True),
        (["x", "a/b"], "a/b", True),
        (["a/+", "a/b"], "a/b", True),
        ([], "a/b", False),
    ],
)
async def test_a_session_gets_what_it_subscribed_to_and_each_once(
    subscriptions: Sequence[str], topic: str, taken: bool
) -> None:
    bus = Bus()
    session = bus.open("me", None, subscriptions)
    bus.deliver(message(topic))
    expected = [Incoming(topic=topic, payload=b"x", correlation="7")] if taken else []
    assert await heard(session) == expected


async def test_who_comes_later_gets_the_newest_retained_message() -> None:
    bus = Bus()
    for payload in (b"1", b"2"):
        bus.deliver(message("a/b", payload, retain=True))
    bus.deliver(message("a/c"))
    found = await heard(bus.open("me", None, ["a/+"]))
    assert [item.payload for item in found] == [b"2"]


async def test_sessions_that_come_and_go_get_what_is_theirs() -> None:
    bus = Bus()
    first = bus.open("first", None, ["a"])
    bus.deliver(message("a", b"1"))
    second = bus.open("second", None, ["a"])
    bus.deliver(message("a", b"2"))
    bus.close(first, farewell=True)
    bus.deliver(message("a", b"3"))
    assert [item.payload for item in await heard(first)] == [b"1", b"2"]
    assert [item.payload for item in await heard(second)] == [b"2", b"3"]


async def test_a_cut_connection_lets_the_will_speak() -> None:
    bus = Bus()
    listener = bus.open("listener", None, ["will"])
    async with bus.client("me").connect(message("will", b"gone"), []) as session:
        session.cut()
        session.cut()
        with pytest.raises(TransportError, match="session-lost"):
            await session.publish(message("a"))
        assert await heard(session) == []
    assert [item.payload for item in await heard(listener)] == [b"gone"]


async def test_a_farewell_keeps_the_will_silent() -> None:
    bus = Bus()
    listener = bus.open("listener", None, ["will"])
    async with bus.client("me").connect(message("will"), []) as session:
        await session.publish(message("other"))
    assert await heard(listener) == []


async def test_a_newer_session_of_a_client_takes_over_from_the_older() -> None:
    bus = Bus()
    listener = bus.open("listener", None, ["will"])
    older = bus.open("me", message("will", b"older"), ["a"])
    newer = bus.open("me", message("will", b"newer"), ["a"])
    assert older.lost
    bus.close(older, farewell=False)
    bus.deliver(message("a"))
    assert [item.payload for item in await heard(listener)] == [b"older"]
    assert len(await heard(newer)) == 1


async def test_a_lasting_session_has_what_came_while_its_client_was_away() -> None:
    bus = Bus()
    bus.close(bus.open("me", None, ["a"], lasting=True), farewell=True)
    for payload in (b"1", b"2"):
        bus.deliver(message("a", payload))
    bus.deliver(message("b"))
    bus.deliver(Outgoing(topic="a", payload=b"fleeting", id="1", qos=0))
    bus.stop()
    bus.up = True
    session = bus.open("me", None, ["a"], lasting=True)
    bus.deliver(message("a", b"3"))
    assert await first(3, session) == [b"1", b"2", b"3"]
    assert await heard(bus.open("me", None, ["a"])) == []


async def test_what_a_lasting_session_has_not_worked_on_comes_again_and_nothing_else_does() -> None:
    bus = Bus()
    session = bus.open("me", None, ["a"], lasting=True)
    for payload in (b"done", b"under way", b"not seen yet"):
        bus.deliver(message("a", payload))
    messages = session.messages()
    assert [(await anext(messages)).payload for _ in range(2)] == [b"done", b"under way"]
    session.cut()
    with pytest.raises(TransportError, match="session-lost"):
        await anext(messages)
    assert await first(2, bus.open("me", None, ["a"], lasting=True)) == [b"under way", b"not seen yet"]


async def test_a_bus_that_is_down_takes_nobody() -> None:
    bus = Bus()
    session = bus.open("me", None, [])
    bus.stop()
    assert session.lost
    with pytest.raises(TransportError, match="broker-unreachable"):
        async with bus.client("me").connect(None, []):
            pass
    bus.up = True
    async with bus.client("me").connect(None, []):
        pass


# --- package files: one contract, in memory and on disk ---


@pytest.fixture(params=["memory", "disk"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> PackageFiles:
    return MemoryPackageFiles() if request.param == "memory" else DiskPackageFiles(tmp_path)


async def download(files: PackageFiles, content: bytes, offer_id: str = OFFER) -> None:
    await files.append(offer_id, content[:1000])
    await files.append(offer_id, content[1000:])
    await files.complete(offer_id, len(content), sha256(content))


async def test_a_download_grows_and_is_checked(files: PackageFiles) -> None:
    assert await files.received(OFFER) == 0
    await files.append(OFFER, NEW[:1000])
    assert await files.received(OFFER) == 1000
    await files.append(OFFER, NEW[1000:])
    assert await files.received(OFFER) == len(NEW)
    await files.complete(OFFER, len(NEW), sha256(NEW))
    assert await files.received(OFFER) == 0


@pytest.mark.parametrize(
    ("length", "digest", "code"), [(7, sha256(NEW), "package-length"), (len(NEW), sha256(OLD), "package-hash")]
)
async def test_a_wrong_download_is_refused_and_deleted(
    files: PackageFiles, length: int, digest: str, code: str
) -> None:
    await files.append(OFFER, NEW)
    with pytest.raises(PeerError) as caught:
        await files.complete(OFFER, length, digest)
    assert caught.value.code == code
    assert await files.received(OFFER) == 0
    with pytest.raises(PeerError, match="package-missing"):
        await files.install(FUNCTION, digest)


async def test_a_version_is_installed_and_verified_as_often_as_one_likes(files: PackageFiles) -> None:
    await download(files, NEW)
    for _ in range(2):
        await files.install(FUNCTION, sha256(NEW))
    for _ in range(2):
        await files.verify(FUNCTION, sha256(NEW))


async def test_a_version_that_is_not_there_is_neither_installed_nor_well(files: PackageFiles) -> None:
    with pytest.raises(PeerError, match="package-missing"):
        await files.install(FUNCTION, sha256(NEW))
    with pytest.raises(PeerError, match="package-missing"):
        await files.verify(FUNCTION, sha256(NEW))


async def bring(files: PackageFiles, content: bytes, function: str = FUNCTION) -> None:
    await download(files, content)
    await files.install(function, sha256(content))
    await files.verify(function, sha256(content))


def spoil(files: PackageFiles, content: bytes) -> None:
    if isinstance(files, MemoryPackageFiles):
        files._versions[sha256(content)] = b"rotten"
    else:
        assert isinstance(files, DiskPackageFiles)
        (files._versions / sha256(content)).write_bytes(b"rotten")


async def is_kept(files: PackageFiles, content: bytes) -> bool:
    """Whether a version is there to be installed."""
    try:
        await files.install("probe", sha256(content))
    except PeerError:
        return False
    await files.remove("probe", sha256(content))
    return True


@pytest.mark.requirement("FOD-04")
async def test_when_the_new_version_is_not_well_the_old_one_is_back(files: PackageFiles) -> None:
    await bring(files, OLD)
    await download(files, NEW)
    await files.install(FUNCTION, sha256(NEW))
    spoil(files, NEW)
    await files.sweep([])
    with pytest.raises(PeerError, match="package-hash"):
        await files.verify(FUNCTION, sha256(NEW))
    await files.verify(FUNCTION, sha256(OLD))
    await files.sweep([])
    assert not await is_kept(files, NEW)


async def test_a_version_that_was_replaced_before_it_was_verified_takes_nothing_back(files: PackageFiles) -> None:
    await download(files, OLD)
    await download(files, NEW)
    await files.install(FUNCTION, sha256(OLD))
    await files.install(FUNCTION, sha256(NEW))
    with pytest.raises(PeerError, match="package-missing"):
        await files.verify(FUNCTION, sha256(OLD))
    await files.verify(FUNCTION, sha256(NEW))


@pytest.mark.requirement("FOD-13")
async def test_removing_the_old_version_leaves_the_new_one_in_the_car(files: PackageFiles) -> None:
    await bring(files, OLD)
    await bring(files, NEW)
    await files.remove(FUNCTION, sha256(OLD))
    await files.sweep([])
    await files.verify(FUNCTION, sha256(NEW))


async def test_old_version_that_was_removed_does_not_come_back(files: PackageFiles) -> None:
    await bring(files, OLD)
    await download(files, NEW)
    await files.install(FUNCTION, sha256(NEW))
    await files.remove(FUNCTION, sha256(OLD))
    spoil(files, NEW)
    with pytest.raises(PeerError, match="package-hash"):
        await files.verify(FUNCTION, sha256(NEW))
    with pytest.raises(PeerError, match="package-missing"):
        await files.verify(FUNCTION, sha256(OLD))


async def test_functions_with_equal_bytes_do_not_lose_them_to_each_other(files: PackageFiles) -> None:
    for function in ("one", "two", "three"):
        await bring(files, OLD, function)
    await files.remove("one", sha256(OLD))
    await bring(files, NEW, "two")
    await files.sweep([])
    await files.verify("three", sha256(OLD))
    await files.verify("two", sha256(NEW))


async def test_versions_that_nobody_needs_are_swept_away(files: PackageFiles) -> None:
    await bring(files, OLD)
    await download(files, NEW)
    await files.sweep([sha256(NEW), "0" * 64])
    assert await is_kept(files, NEW)
    await files.append(OFFER, NEW[:1000])
    for _ in range(2):
        await files.sweep([])
    assert not await is_kept(files, NEW)
    await files.verify(FUNCTION, sha256(OLD))
    assert await files.received(OFFER) == 1000


async def test_what_is_discarded_or_removed_is_gone(files: PackageFiles) -> None:
    await files.append(OFFER, NEW)
    for _ in range(2):
        await files.discard(OFFER)
    assert await files.received(OFFER) == 0
    await download(files, NEW)
    await files.install(FUNCTION, sha256(NEW))
    for _ in range(2):
        await files.remove(FUNCTION, sha256(NEW))
        await files.sweep([])
    with pytest.raises(PeerError, match="package-missing"):
        await files.verify(FUNCTION, sha256(NEW))
    with pytest.raises(PeerError, match="package-missing"):
        await files.install(FUNCTION, sha256(NEW))


# --- the journal: one contract, in memory and on disk ---


@pytest.fixture(params=["memory", "disk"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Callable[[], Journal]]:
    memory = MemoryJournal()
    opened: list[SqliteJournal] = []

    def reopen() -> Journal:
        if request.param == "memory":
            return memory
        if opened:
            opened[-1].close()
        opened.append(SqliteJournal(tmp_path / "journal.sqlite"))
        return opened[-1]

    yield reopen
    for journal in opened:
        journal.close()


def test_a_journal_gives_back_what_was_committed(reopen: Callable[[], Journal]) -> None:
    first, second, third = (message(topic) for topic in "abc")
    journal = reopen()
    assert journal.load().snapshot is None
    assert journal.load().outbox == []
    journal.commit(b"one", [(1, first), (2, second)], [])
    journal.commit(None, [(3, third)], [1, 99])
    journal = reopen()
    saved = journal.load()
    assert saved.snapshot == b"one"
    assert saved.outbox == [(2, second), (3, third)]
    journal.commit(b"two", [], [2, 3])
    saved = reopen().load()
    assert (saved.snapshot, saved.outbox) == (b"two", [])


# --- the fetcher: one contract, in memory and over HTTP ---


NAME = f"{sha256(NEW)}.1.0.pkg"


@pytest.fixture(params=["memory", "http"])
async def fetcher(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[tuple[Fetcher, str]]:
    if request.param == "memory":
        yield MemoryFetcher({f"http://test/images/f/{NAME}": NEW}.get), "http://test/images/f"
        return
    store = FolderStore(tmp_path)
    depot = seeded_depot(1, store, "http://test", SimClock(START))
    store.write(f"images/f/{NAME}", NEW)
    listener = socket.create_server(("127.0.0.1", 0))
    async with serving(depot, store, listener), HttpFetcher() as http:
        yield http, f"http://127.0.0.1:{listener.getsockname()[1]}/images/f"


@pytest.mark.parametrize("offset", [0, 1, 262_144, len(NEW) - 1])
async def test_a_fetcher_gives_the_bytes_from_the_offset_on(fetcher: tuple[Fetcher, str], offset: int) -> None:
    port, url = fetcher
    chunks = [chunk async for chunk in port.fetch(f"{url}/{NAME}", offset, len(NEW))]
    assert b"".join(chunks) == NEW[offset:]
    assert all(chunks)


async def test_a_fetcher_says_what_can_never_work(fetcher: tuple[Fetcher, str]) -> None:
    port, url = fetcher
    for path, length, code in [("0" * 64, len(NEW), "package-gone"), (NAME, len(NEW) + 1, "package-length")]:
        with pytest.raises(PeerError) as caught:
            [chunk async for chunk in port.fetch(f"{url}/{path}", 0, length)]
        assert caught.value.code == code


@pytest.mark.parametrize("host", ["a..b", "a" * 64, "[::1"])
async def test_a_fetcher_refuses_for_good_what_is_no_address(fetcher: tuple[Fetcher, str], host: str) -> None:
    with pytest.raises(PeerError) as caught:
        [chunk async for chunk in fetcher[0].fetch(f"http://{host}/package", 0, len(NEW))]
    assert caught.value.code == "url-unusable"


async def test_a_fetch_can_be_left_in_the_middle(fetcher: tuple[Fetcher, str]) -> None:
    port, url = fetcher
    async with aclosing(port.fetch(f"{url}/{NAME}", 0, len(NEW))) as chunks:
        assert NEW.startswith(await anext(chunks))
    await one_turn()
