"""Downloads on a real disk: whole or not at all."""

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from pcm_agent.adapters import part as module
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.errors import PeerError, TransportError
from tests.pcm_agent.adapters.packages import FUNCTION, OFFER, ONE, TWO, bring, code_of, download, on_disk, sha
from tests.waiting import one_turn


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
