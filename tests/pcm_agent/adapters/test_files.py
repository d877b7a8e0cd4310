"""Packages on a real disk: whole or not at all, old until the new one is well."""

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path
from random import Random
from typing import BinaryIO

import bsdiff4
import pytest
from msgspec.structs import replace

from pcm_agent.adapters import part as module
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.errors import PcmError, PeerError, TransportError
from pcm_agent.trust.images import Delta
from tests.waiting import one_turn

OFFER, FUNCTION = "order-1.1", "range-manager"
ONE, TWO = b"version one" * 50_000, b"version two" * 50_000


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "packages"


@pytest.fixture
def files(root: Path) -> DiskPackageFiles:
    return DiskPackageFiles(root)


def on_disk(root: Path) -> dict[str, list[str]]:
    return {folder.name: sorted(path.name for path in folder.iterdir()) for folder in sorted(root.iterdir())}


async def download(files: DiskPackageFiles, content: bytes, offer: str = OFFER) -> None:
    for start in range(0, len(content), 100_000):
        await files.append(offer, content[start : start + 100_000])
    await files.complete(offer, len(content), sha(content))


async def bring(files: DiskPackageFiles, content: bytes, offer: str = OFFER) -> None:
    await download(files, content, offer)
    await files.install(FUNCTION, sha(content))
    await files.verify(FUNCTION, sha(content))


async def code_of(work: Awaitable[object]) -> str:
    with pytest.raises(PcmError) as caught:
        await work
    return caught.value.code


async def test_complete_download_becomes_a_version(files: DiskPackageFiles, root: Path) -> None:
    assert await files.received(OFFER) == 0
    await download(files, ONE)
    assert on_disk(root) == {"active": [], "parts": [], "versions": [sha(ONE)]}
    assert (root / "versions" / sha(ONE)).read_bytes() == ONE
    assert await files.received(OFFER) == 0


@pytest.mark.requirement("FOD-04")
@pytest.mark.parametrize(
    ("content", "code"),
    [(ONE[:-1], "package-length"), (ONE + b"!", "package-length"), (bytes(len(ONE)), "package-hash")],
    ids=["short", "long", "other"],
)
async def test_download_that_is_not_what_was_signed_is_deleted(
    files: DiskPackageFiles, root: Path, content: bytes, code: str
) -> None:
    await files.append(OFFER, content)
    with pytest.raises(PeerError) as caught:
        await files.complete(OFFER, len(ONE), sha(ONE))
    assert caught.value.code == code
    assert on_disk(root) == {"active": [], "parts": [], "versions": []}
    await download(files, ONE)
    assert on_disk(root)["versions"] == [sha(ONE)]


async def test_download_goes_on_after_the_files_were_opened_again(files: DiskPackageFiles, root: Path) -> None:
    await files.append(OFFER, ONE[:300_000])
    assert await files.received(OFFER) == 300_000
    again = DiskPackageFiles(root)
    assert await again.received(OFFER) == 300_000
    await again.append(OFFER, ONE[300_000:])
    await again.complete(OFFER, len(ONE), sha(ONE))
    assert (root / "versions" / sha(ONE)).read_bytes() == ONE


async def test_download_that_was_whole_before_a_restart_can_be_completed_after_it(
    files: DiskPackageFiles, root: Path
) -> None:
    await files.append(OFFER, ONE)
    assert await files.received(OFFER) == len(ONE)
    again = DiskPackageFiles(root)
    await again.complete(OFFER, len(ONE), sha(ONE))
    assert on_disk(root)["versions"] == [sha(ONE)]


async def test_two_downloads_do_not_mix(files: DiskPackageFiles, root: Path) -> None:
    for start in range(0, len(ONE), 50_000):
        await asyncio.gather(
            files.append("a", ONE[start : start + 50_000]), files.append("b", TWO[start : start + 50_000])
        )
    await files.complete("a", len(ONE), sha(ONE))
    await files.complete("b", len(TWO), sha(TWO))
    assert on_disk(root)["versions"] == sorted((sha(ONE), sha(TWO)))


async def test_installed_function_points_to_its_version(files: DiskPackageFiles, root: Path) -> None:
    await bring(files, ONE)
    pointer = root / "active" / FUNCTION
    assert pointer.is_symlink()
    assert pointer.read_bytes() == ONE


@pytest.mark.requirement("FOD-04")
async def test_old_version_stays_until_the_new_one_is_verified(files: DiskPackageFiles, root: Path) -> None:
    await bring(files, ONE)
    await download(files, TWO, "order-2.1")
    assert (root / "active" / FUNCTION).read_bytes() == ONE
    await files.install(FUNCTION, sha(TWO))
    assert (root / "active" / FUNCTION).read_bytes() == TWO
    assert on_disk(root)["versions"] == sorted((sha(ONE), sha(TWO)))
    await files.verify(FUNCTION, sha(TWO))
    await files.sweep([])
    assert on_disk(root) == {"active": [FUNCTION], "parts": [], "versions": [sha(TWO)]}


@pytest.mark.requirement("FOD-04")
async def test_damaged_new_version_gives_way_to_the_old_one(files: DiskPackageFiles, root: Path) -> None:
    await bring(files, ONE)
    await download(files, TWO, "order-2.1")
    await files.install(FUNCTION, sha(TWO))
    (root / "versions" / sha(TWO)).write_bytes(b"rotten")
    assert await code_of(files.verify(FUNCTION, sha(TWO))) == "package-hash"
    assert (root / "active" / FUNCTION).read_bytes() == ONE
    assert on_disk(root)["active"] == [FUNCTION]


# --- deltas ---

OLDER = Random(1).randbytes(300_000)
NEWER = OLDER[:100_000] + Random(2).randbytes(30_000) + OLDER[120_000:]


def delta_to(new: bytes = NEWER, content: bytes | None = None) -> tuple[Delta, bytes]:
    content = bsdiff4.diff(OLDER, new) if content is None else content
    return Delta(base_sha256=sha(OLDER), path="f/2.from", length=len(content), sha256=sha(content)), content


async def fetch_delta(files: DiskPackageFiles, content: bytes) -> None:
    for start in range(0, len(content), 7000):
        await files.append(f"{OFFER}~delta", content[start : start + 7000])


@pytest.mark.requirement("FOD-04")
async def test_a_delta_makes_the_version_and_leaves_nothing_else(files: DiskPackageFiles, root: Path) -> None:
    await bring(files, OLDER)
    delta, content = delta_to()
    await fetch_delta(files, content[:20_000])
    assert await files.received(f"{OFFER}~delta") == 20_000
    await fetch_delta(files, content[20_000:])
    for _ in range(2):  # a power cut may come before anybody has heard of it
        await files.patch(OFFER, delta, len(NEWER), sha(NEWER))
    assert on_disk(root)["parts"] == []
    assert (root / "versions" / sha(NEWER)).read_bytes() == NEWER
    await files.install(FUNCTION, sha(NEWER))
    await files.verify(FUNCTION, sha(NEWER))


@pytest.mark.requirement("FOD-04")
async def test_whatever_is_wrong_with_a_delta_leaves_the_old_version_and_nothing_else(
    files: DiskPackageFiles, root: Path
) -> None:
    await bring(files, OLDER)
    right, content = delta_to()
    length, wanted = len(NEWER), sha(NEWER)
    for delta, came, code in (
        (right, content[:-1], "package-length"),
        (right, bytes([0]) + content[1:], "package-hash"),
        (right, b"", "package-length"),
        (*delta_to(content=b"garbage"), "delta-unusable"),
        (*delta_to(NEWER[:-1] + b"x"), "package-hash"),
        (*delta_to(NEWER + b"x"), "delta-unusable"),
        (replace(right, base_sha256="9" * 64), content, "delta-base-missing"),
    ):
        await fetch_delta(files, came)
        assert await code_of(files.patch(OFFER, delta, length, wanted)) == code
        assert on_disk(root) == {"active": [FUNCTION], "parts": [], "versions": [sha(OLDER)]}


async def test_a_version_before_that_cannot_be_read_is_no_reason_to_wait(files: DiskPackageFiles, root: Path) -> None:
    await bring(files, OLDER)
    delta, content = delta_to()
    await fetch_delta(files, content)
    (root / "versions" / sha(OLDER)).unlink()
    (root / "versions" / sha(OLDER)).mkdir()
    assert await code_of(files.patch(OFFER, delta, len(NEWER), sha(NEWER))) == "delta-base-missing"


async def test_a_download_that_is_discarded_takes_its_delta_along(files: DiskPackageFiles, root: Path) -> None:
    await files.append(OFFER, ONE)
    await fetch_delta(files, TWO)
    await files.discard(OFFER)
    assert on_disk(root)["parts"] == []


async def test_a_whole_download_sweeps_a_delta_away_that_was_begun_before(files: DiskPackageFiles, root: Path) -> None:
    await fetch_delta(files, TWO)
    await download(files, ONE)
    assert on_disk(root) == {"active": [], "parts": [], "versions": [sha(ONE)]}


async def test_a_full_disk_while_a_version_is_made_keeps_the_delta(
    files: DiskPackageFiles, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(ENOSPC, "no space left on device")

    await bring(files, OLDER)
    delta, content = delta_to()
    await fetch_delta(files, content)
    assert await files.received(f"{OFFER}~delta") == len(content)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert await code_of(files.patch(OFFER, delta, len(NEWER), sha(NEWER))) == "disk-full"
    assert on_disk(root)["parts"] == [f"{OFFER}~delta"]
    await files.patch(OFFER, delta, len(NEWER), sha(NEWER))
    assert (root / "versions" / sha(NEWER)).read_bytes() == NEWER


async def sick() -> bool:
    return False


@pytest.mark.requirement("FOD-04", "FOD-07")
async def test_new_version_that_does_not_work_gives_way_to_the_old_one_and_can_be_tried_again(
    files: DiskPackageFiles, root: Path
) -> None:
    await bring(files, ONE)
    await download(files, TWO, "order-2.1")
    await files.install(FUNCTION, sha(TWO))
    assert await code_of(files.verify(FUNCTION, sha(TWO), sick)) == "function-unhealthy"
    assert (root / "active" / FUNCTION).read_bytes() == ONE
    assert on_disk(root)["active"] == [FUNCTION]
    await files.sweep([sha(TWO)])
    await files.install(FUNCTION, sha(TWO))
    await files.verify(FUNCTION, sha(TWO))
    await files.sweep([])
    assert on_disk(root) == {"active": [FUNCTION], "parts": [], "versions": [sha(TWO)]}


@pytest.mark.requirement("FOD-07")
async def test_first_version_that_does_not_work_leaves_nothing_active(files: DiskPackageFiles, root: Path) -> None:
    await download(files, ONE)
    await files.install(FUNCTION, sha(ONE))
    assert await code_of(files.verify(FUNCTION, sha(ONE), sick)) == "function-unhealthy"
    assert on_disk(root)["active"] == []
    assert await code_of(files.verify(FUNCTION, sha(ONE), sick)) == "package-missing"


@pytest.mark.parametrize("works", [True, False])
async def test_old_version_is_kept_until_the_new_one_is_known_to_work(
    files: DiskPackageFiles, root: Path, works: bool
) -> None:
    await bring(files, ONE)
    await download(files, TWO, "order-2.1")
    await files.install(FUNCTION, sha(TWO))

    async def cut_off() -> bool:
        await DiskPackageFiles(root).sweep([])
        assert on_disk(root)["versions"] == sorted((sha(ONE), sha(TWO)))
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await files.verify(FUNCTION, sha(TWO), cut_off)
    again = DiskPackageFiles(root)
    await (again.verify(FUNCTION, sha(TWO)) if works else code_of(again.verify(FUNCTION, sha(TWO), sick)))
    assert (root / "active" / FUNCTION).read_bytes() == (TWO if works else ONE)


async def test_function_that_was_removed_while_it_was_asked_stays_removed(files: DiskPackageFiles, root: Path) -> None:
    await bring(files, ONE)
    for answer in (True, False):
        await files.install(FUNCTION, sha(ONE))

        async def removed(answer: bool = answer) -> bool:
            await files.remove(FUNCTION, sha(ONE))
            return answer

        with suppress(PeerError):
            await files.verify(FUNCTION, sha(ONE), removed)
        assert on_disk(root)["active"] == []


async def test_what_was_begun_of_an_installation_is_undone_and_that_may_be_repeated(
    files: DiskPackageFiles, root: Path
) -> None:
    await download(files, TWO, "order-2.1")
    await files.install(FUNCTION, sha(TWO))
    for _ in range(2):
        await files.revert(FUNCTION, sha(TWO))
        assert on_disk(root)["active"] == []
    await bring(files, ONE)
    await files.install(FUNCTION, sha(TWO))
    for _ in range(2):
        await files.revert(FUNCTION, sha(TWO))
        assert on_disk(root)["active"] == [FUNCTION]
        assert (root / "active" / FUNCTION).read_bytes() == ONE


async def test_an_installation_that_was_cut_off_before_the_switch_leaves_nothing(
    files: DiskPackageFiles, root: Path
) -> None:
    await bring(files, ONE)
    (root / "active" / f".old-{FUNCTION}").symlink_to(Path("..", "versions", sha(ONE)))
    await files.revert(FUNCTION, sha(TWO))
    assert on_disk(root)["active"] == [FUNCTION]
    assert (root / "active" / FUNCTION).read_bytes() == ONE


async def test_damaged_version_that_others_need_is_not_taken_over_but_replaced(
    files: DiskPackageFiles, root: Path
) -> None:
    await bring(files, ONE)
    (root / "versions" / sha(ONE)).write_bytes(b"x" * len(ONE))
    assert await files.received("order-2.1", sha(ONE)) == 0
    await download(files, ONE, "order-2.1")
    assert (root / "active" / FUNCTION).read_bytes() == ONE
    assert await files.received("order-3.1", sha(ONE)) == len(ONE)
    (root / "versions" / sha(ONE)).write_bytes(b"x" * len(ONE))
    assert await code_of(files.complete("order-3.1", len(ONE), sha(ONE))) == "package-length"


async def test_damaged_first_version_is_taken_out(files: DiskPackageFiles, root: Path) -> None:
    await download(files, ONE)
    await files.install(FUNCTION, sha(ONE))
    (root / "versions" / sha(ONE)).write_bytes(b"rotten")
    assert await code_of(files.verify(FUNCTION, sha(ONE))) == "package-hash"
    assert on_disk(root)["active"] == []


async def test_version_that_is_missing_can_be_neither_installed_nor_verified(
    files: DiskPackageFiles, root: Path
) -> None:
    assert await code_of(files.install(FUNCTION, sha(ONE))) == "package-missing"
    assert await code_of(files.verify(FUNCTION, sha(ONE))) in ("package-missing", "package-hash")
    assert on_disk(root)["active"] == []


async def test_version_that_vanishes_after_the_switch_gives_way_to_the_old_one(
    files: DiskPackageFiles, root: Path
) -> None:
    await bring(files, ONE)
    await download(files, TWO, "order-2.1")
    await files.install(FUNCTION, sha(TWO))
    (root / "versions" / sha(TWO)).unlink()
    with pytest.raises(PcmError):
        await files.verify(FUNCTION, sha(TWO))
    assert (root / "active" / FUNCTION).read_bytes() == ONE


async def test_every_step_may_be_repeated_by_whoever_was_cut_off_in_it(files: DiskPackageFiles, root: Path) -> None:
    await bring(files, ONE)
    await download(files, TWO, "order-2.1")
    for _ in range(3):
        files = DiskPackageFiles(root)
        await files.install(FUNCTION, sha(TWO))
    for _ in range(3):
        files = DiskPackageFiles(root)
        await files.verify(FUNCTION, sha(TWO))
    await files.sweep([])
    assert on_disk(root) == {"active": [FUNCTION], "parts": [], "versions": [sha(TWO)]}
    for _ in range(3):
        await files.remove(FUNCTION, sha(TWO))
        await files.sweep([])
    assert on_disk(root) == {"active": [], "parts": [], "versions": []}
    await files.append(OFFER, ONE)
    for _ in range(3):
        await files.discard(OFFER)
    assert on_disk(root) == {"active": [], "parts": [], "versions": []}


async def test_switch_that_was_cut_off_in_its_middle_is_done_again(files: DiskPackageFiles, root: Path) -> None:
    await bring(files, ONE)
    await download(files, TWO, "order-2.1")
    active = root / "active"
    (active / f".new-{FUNCTION}").symlink_to("../versions/rubbish")  # made, and not yet renamed
    (active / f".old-{FUNCTION}").symlink_to(f"../versions/{sha(ONE)}")
    await files.install(FUNCTION, sha(TWO))
    await files.verify(FUNCTION, sha(TWO))
    await files.sweep([])
    assert on_disk(root) == {"active": [FUNCTION], "parts": [], "versions": [sha(TWO)]}


async def test_switch_that_was_cut_off_and_is_never_done_again_keeps_no_version(
    files: DiskPackageFiles, root: Path
) -> None:
    await download(files, ONE)
    (root / "active" / f".new-{FUNCTION}").symlink_to(f"../versions/{sha(ONE)}")
    await files.sweep([])
    assert on_disk(root) == {"active": [], "parts": [], "versions": []}


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


async def test_download_that_cannot_be_looked_at_is_named(files: DiskPackageFiles, root: Path) -> None:
    (root / "parts" / OFFER).symlink_to(OFFER)
    assert await code_of(files.received(OFFER)) == "disk-unwritable"


async def test_event_loop_never_waits_for_the_disk(files: DiskPackageFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[threading.Thread] = []
    monkeypatch.setattr(os, "fsync", lambda _descriptor: waiting.append(threading.current_thread()))
    await files.append(OFFER, ONE[:1000])
    assert await files.received(OFFER) == 1000
    assert len(waiting) == 1
    await files.append(OFFER, ONE[1000:])
    await files.discard(OFFER)
    assert len(waiting) == 3
    await bring(files, ONE)
    await files.remove(FUNCTION, sha(ONE))
    assert threading.main_thread() not in waiting


async def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TransportError) as caught:
        DiskPackageFiles(tmp_path / "file" / "packages")
    assert caught.value.code == "disk-unwritable"
    assert str(tmp_path / "file") in caught.value.message


async def test_download_that_is_cancelled_while_it_is_written_can_be_discarded(
    files: DiskPackageFiles, root: Path
) -> None:
    for _ in range(20):
        writing = asyncio.ensure_future(download(files, ONE * 10))
        await one_turn()  # the download begins
        writing.cancel()
        await files.discard(OFFER)
        await asyncio.gather(writing, return_exceptions=True)
        assert await files.received(OFFER) == 0
        assert on_disk(root)["parts"] == []


async def test_download_that_is_cancelled_before_its_file_is_open_leaves_none(
    files: DiskPackageFiles, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, go_on, over = threading.Event(), threading.Event(), threading.Event()
    opened = module.Part.open

    def late(part: module.Part) -> None:
        at_work.set()
        go_on.wait()
        opened(part)
        over.set()

    monkeypatch.setattr(module.Part, "open", late)
    writing = asyncio.ensure_future(files.append(OFFER, ONE))
    await asyncio.to_thread(at_work.wait)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await files.discard(OFFER)
    go_on.set()
    await asyncio.to_thread(over.wait)
    assert on_disk(root)["parts"] == []


@pytest.fixture
async def half_done(files: DiskPackageFiles, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Callable[[], None]]:
    """A download that was cancelled while it was being checked; what lets the thread go on with it."""
    at_work, go_on = threading.Event(), threading.Event()
    closed = module.Part.close

    def late(part: module.Part) -> str:
        at_work.set()
        go_on.wait()
        return closed(part)

    monkeypatch.setattr(module.Part, "close", late)
    await files.append(OFFER, ONE)
    checking = asyncio.ensure_future(files.complete(OFFER, len(ONE), sha(ONE)))
    await asyncio.to_thread(at_work.wait)
    checking.cancel()
    await asyncio.gather(checking, return_exceptions=True)
    yield go_on.set
    go_on.set()


async def test_download_that_is_cancelled_while_it_is_checked_can_be_completed_again(
    files: DiskPackageFiles, root: Path, half_done: Callable[[], None]
) -> None:
    again = asyncio.ensure_future(files.complete(OFFER, len(ONE), sha(ONE)))
    half_done()
    await again
    assert on_disk(root) == {"active": [], "parts": [], "versions": [sha(ONE)]}


async def test_download_that_is_cancelled_while_it_is_checked_leaves_nothing_behind(
    files: DiskPackageFiles, root: Path, half_done: Callable[[], None]
) -> None:
    looking = asyncio.ensure_future(files.received(OFFER))
    await one_turn()  # it begins, and has to wait for the thread
    half_done()
    assert await looking == 0
    await files.discard(OFFER)
    await files.sweep([])
    assert on_disk(root) == {"active": [], "parts": [], "versions": []}
