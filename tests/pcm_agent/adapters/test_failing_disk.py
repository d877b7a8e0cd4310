"""A disk that is full, or that refuses to sync: named, and nothing half done is left."""

import asyncio
import os
from errno import ENOSPC
from pathlib import Path
from typing import BinaryIO

import pytest

from pcm_agent.adapters import part as module
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.errors import TransportError
from tests.pcm_agent.adapters.packages import FUNCTION, OFFER, ONE, TWO, code_of, download, on_disk, sha
from tests.waiting import one_turn


class FullDisk:
    """A file on a disk with so many bytes left."""

    def __init__(self, file: BinaryIO, space: list[int]) -> None:
        self._file, self._space = file, space

    def write(self, chunk: bytes) -> int:
        fits = chunk[: self._space[0]]
        self._file.write(fits)
        self._space[0] -= len(fits)
        if len(fits) < len(chunk):
            raise OSError(ENOSPC, "No space left on device")
        return len(fits)

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


@pytest.fixture
def space(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes left on the disk; to be set."""
    space = [10**9]
    opened = module.Part._opened

    def limited(part: module.Part) -> FullDisk:
        return FullDisk(opened(part), space)

    monkeypatch.setattr(module.Part, "_opened", limited)
    return space


async def test_download_that_became_a_version_is_there_as_a_whole(files: DiskPackageFiles) -> None:
    await files.append(OFFER, ONE)
    completing = asyncio.ensure_future(files.complete(OFFER, len(ONE), sha(ONE)))
    await one_turn()
    completing.cancel()  # the car is switched off; the thread that renames it is not
    await asyncio.gather(completing, return_exceptions=True)
    assert await files.received(OFFER, sha(ONE)) == len(ONE)
    await files.complete(OFFER, len(ONE), sha(ONE))
    assert await files.received("another order", sha(ONE)) == len(ONE)
    assert await files.received("another order", sha(b"another version")) == 0


async def test_full_disk_is_named_and_the_download_goes_on_when_there_is_space(
    files: DiskPackageFiles, root: Path, space: list[int]
) -> None:
    space[0] = 250_000
    await files.append(OFFER, ONE[:200_000])
    with pytest.raises(TransportError) as caught:
        await files.append(OFFER, ONE[200_000:400_000])
    assert caught.value.code == "disk-full"
    assert str(root / "parts" / OFFER) in caught.value.message
    space[0] = 10**9
    received = await files.received(OFFER)
    assert 200_000 <= received <= 250_000
    await files.append(OFFER, ONE[received:])
    await files.complete(OFFER, len(ONE), sha(ONE))
    assert (root / "versions" / sha(ONE)).read_bytes() == ONE


async def test_device_that_is_always_full_is_named_and_its_file_closed(
    files: DiskPackageFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = await asyncio.to_thread(Path("/dev/full").open, "ab")
    monkeypatch.setattr(module.Part, "_opened", lambda _part: device)
    assert await code_of(files.append(OFFER, b"short enough to wait in a buffer")) == "disk-full"
    assert device.closed


async def test_download_is_synced_as_it_grows(
    files: DiskPackageFiles, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SYNC_EVERY", 300_000)
    synced: list[int] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    await download(files, ONE)
    assert len(ONE) // 300_000 < len(synced)
    assert (root / "versions" / sha(ONE)).read_bytes() == ONE


async def test_what_nobody_would_delete_again_is_not_brought_back_by_a_power_cut(
    files: DiskPackageFiles, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    for content in (ONE, TWO):
        await files.append(OFFER, content)
        await files.complete(OFFER, len(content), sha(content))
        await files.install(FUNCTION, sha(content))
    await files.append("order-2.1", ONE)
    monkeypatch.setattr(os, "fsync", noted)
    await files.verify(FUNCTION, sha(TWO))
    assert synced == ["active"], "the pointer to the old version is gone for good"
    await files.discard("order-2.1")
    assert synced[-1] == "parts"
    assert not on_disk(root)["parts"]


async def test_disk_that_refuses_to_sync_in_the_middle_is_named_and_the_download_goes_on(
    files: DiskPackageFiles, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SYNC_EVERY", 100_000)
    sync = os.fsync
    refusals = [OSError(ENOSPC, "No space left on device")]

    def refuse_once(descriptor: int) -> None:
        if refusals:
            raise refusals.pop()
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_once)
    assert await code_of(download(files, ONE)) == "disk-full"
    received = await files.received(OFFER)
    await files.append(OFFER, ONE[received:])
    await files.complete(OFFER, len(ONE), sha(ONE))
    assert on_disk(root)["versions"] == [sha(ONE)]


async def test_disk_that_refuses_to_sync_gives_no_version(
    files: DiskPackageFiles, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await files.append(OFFER, ONE)

    def refuse(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        assert await code_of(files.complete(OFFER, len(ONE), sha(ONE))) == "disk-unwritable"
    assert on_disk(root)["versions"] == []
    assert await files.received(OFFER) == len(ONE)
    await files.complete(OFFER, len(ONE), sha(ONE))
    assert on_disk(root)["versions"] == [sha(ONE)]
