"""Packages are fetched and kept alike in memory, over HTTP and on disk: one contract for both."""

import hashlib
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.errors import PeerError
from pcm_agent.ports import Fetcher, PackageFiles
from simulator.backend.http import serving
from simulator.clock import SimClock
from simulator.lab import START, seeded_depot
from simulator.repository import FolderStore
from simulator.virtual import MemoryFetcher, MemoryPackageFiles
from tests.waiting import one_turn

OLD, NEW = b"old" * 100_000, b"new" * 100_000
OFFER, FUNCTION = "order-1.1", "active-lane-keeping"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- package files: in memory and on disk ---


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


# --- the fetcher: in memory and over HTTP ---


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
