"""Versions on a real disk: old until the new one is well."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.errors import PcmError, PeerError
from tests.pcm_agent.adapters.packages import FUNCTION, OFFER, ONE, TWO, bring, code_of, download, on_disk, sha


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
