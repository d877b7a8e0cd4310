"""Deltas on a real disk: the version that they make, or nothing."""

import os
from errno import ENOSPC
from pathlib import Path
from random import Random

import bsdiff4
import pytest
from msgspec.structs import replace

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.trust.images import Delta
from tests.pcm_agent.adapters.packages import FUNCTION, OFFER, ONE, TWO, bring, code_of, download, on_disk, sha

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
