"""What becomes of installations, and of versions that several orders need."""

import asyncio
import hashlib

import pytest

from pcm_agent.core import events as on
from pcm_agent.errors import TransportError
from pcm_agent.protocol.messages import PackageState
from simulator.virtual import MemoryPackageFiles
from tests.pcm_agent.runtime.bench import FUNCTION, Bench
from tests.pcm_agent.runtime.orders import leave, order, where
from tests.waiting import idle, virtual


@pytest.mark.requirement("FOD-04", "FOD-06")
@virtual
async def test_version_that_is_not_well_after_the_switch_is_given_up_and_fetched_anew_when_it_is_ordered_again() -> (
    None
):
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    release = await bench.offer()
    files._versions[release.sha256] = b"rotten"
    await leave(bench)
    assert (bench.where(), bench.job.code) == (PackageState.FAILED, "package-hash")
    assert (files._active, files._versions) == ({}, {})
    bench.agent.feed(on.IgnitionTurnedOn())
    await order(bench, 2)
    await leave(bench)
    assert bench.agent.vehicle.state.jobs["order-2.1"].state is PackageState.ACTIVE
    assert hashlib.sha256(files.installed()[FUNCTION]).hexdigest() == release.sha256


@pytest.mark.requirement("FOD-04", "FOD-07")
@virtual
async def test_function_that_does_not_come_up_gives_way_to_the_old_version_and_is_tried_again_later() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    older = await order(bench, 1)
    await leave(bench)
    answers = [False]

    async def come_up(function: str) -> bool:
        assert function == FUNCTION
        return answers.pop() if answers else True

    bench.modem.come_up = come_up
    bench.agent.feed(on.IgnitionTurnedOn())
    newer = await order(bench, 2, version="2.0")
    await leave(bench)
    job = bench.agent.vehicle.state.jobs["order-2.1"]
    assert (job.state, job.code) == (PackageState.ROLLED_BACK, "function-unhealthy")
    assert (files._active, sorted(files._versions)) == ({FUNCTION: older}, sorted((older, newer)))
    assert bench.agent.vehicle.state.installed[FUNCTION].sha256 == older
    assert len(bench.notes("function-unhealthy")) == 1
    await bench.pass_time(86_400)
    assert job.state is PackageState.ROLLED_BACK
    bench.agent.feed(on.IgnitionTurnedOn())
    await leave(bench)
    assert (job.state, job.code) == (PackageState.ACTIVE, None)
    assert (files._active, list(files._versions)) == ({FUNCTION: newer}, [newer])


@pytest.mark.requirement("FOD-07")
@virtual
async def test_first_version_that_never_says_that_it_works_leaves_nothing_active() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    asked = asyncio.Event()

    async def hang(function: str) -> bool:
        asked.set()
        return await asyncio.Event().wait()

    bench.modem.come_up = hang
    await bench.get_online()
    await order(bench, 1)
    await leave(bench)
    assert asked.is_set()
    assert bench.where() is PackageState.VERIFYING
    await bench.pass_time(59)
    assert bench.where() is PackageState.VERIFYING
    await bench.pass_time(1)
    assert (bench.where(), bench.job.code) == (PackageState.ROLLED_BACK, "function-unhealthy")
    assert files._active == {}
    assert bench.agent.vehicle.state.installed == {}


@pytest.mark.requirement("FOD-04")
@virtual
async def test_function_is_asked_again_after_a_power_cut() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    asked: list[str] = []

    async def come_up(function: str) -> bool:
        asked.append(function)
        return len(asked) > 1 or await asyncio.Event().wait()

    bench.modem.come_up = come_up
    await bench.get_online()
    version = await order(bench, 1)
    await leave(bench)
    await bench.crash()
    bench.boot()
    await idle()
    assert asked == [FUNCTION, FUNCTION]
    assert bench.where() is PackageState.ACTIVE
    assert files._active == {FUNCTION: version}


class Stuck(MemoryPackageFiles):
    """Breaks off after the switch to a new version, the first time."""

    def __init__(self, error: TransportError | None) -> None:
        super().__init__()
        self._errors = [error]

    async def install(self, function: str, sha256: str) -> None:
        await super().install(function, sha256)
        if self._errors:
            error = self._errors.pop()
            if error is None:
                await asyncio.Event().wait()
            else:
                raise error


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize("withdrawn", [False, True])
@virtual
async def test_nothing_is_left_of_an_installation_that_a_power_cut_and_a_driver_interrupted(*, withdrawn: bool) -> None:
    bench = Bench()
    bench.files = files = Stuck(None)
    await bench.get_online()
    version = await order(bench, 1)
    await leave(bench)
    assert (bench.where(), files._active) == (PackageState.ACTIVATING, {FUNCTION: version})
    bench.agent.feed(on.CarUnlocked())
    await bench.crash()
    bench.boot()
    await idle()
    assert (bench.where(), files._active) == (PackageState.WAITING, {})
    if withdrawn:
        bench.agent.feed(on.PackageWithdrawn("order-1.1"))
    await leave(bench)
    end = (PackageState.CANCELLED, {}) if withdrawn else (PackageState.ACTIVE, {FUNCTION: version})
    assert (bench.where(), files._active) == end


@virtual
async def test_nothing_is_left_of_an_installation_that_the_disk_broke_off_and_what_others_brought_stays() -> None:
    bench = Bench()
    bench.files = files = Stuck(TransportError("disk-unwritable", "no"))
    await bench.get_online()
    version = await order(bench, 1)
    await leave(bench)
    assert (bench.where(), files._active) == (PackageState.ROLLED_BACK, {})
    bench.agent.feed(on.CarUnlocked())
    await leave(bench)
    assert (bench.where(), files._active) == (PackageState.ACTIVE, {FUNCTION: version})
    bench.agent.feed(on.IgnitionTurnedOn())
    await order(bench, 2)
    bench.agent.feed(on.PackageWithdrawn("order-2.1"))
    await idle()
    assert bench.agent.vehicle.state.jobs["order-2.1"].state is PackageState.CANCELLED
    assert files._active == {FUNCTION: version}


@pytest.mark.requirement("FOD-13")
@virtual
async def test_end_of_an_old_subscription_leaves_the_newer_version_in_the_car() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    await order(bench, 1)
    await leave(bench)
    bench.agent.feed(on.IgnitionTurnedOn())
    newer = await order(bench, 2, version="2.0")
    await leave(bench)
    assert (files._active, list(files._versions)) == ({FUNCTION: newer}, [newer])
    await bench.remove("order-1.1")
    await bench.pass_time(600)
    assert where(bench) == [PackageState.REMOVED, PackageState.ACTIVE]
    assert (files._active, list(files._versions)) == ({FUNCTION: newer}, [newer])


async def ordered_twice() -> tuple[Bench, MemoryPackageFiles, str]:
    """A car that has a version by one order, and is about to have it by another one, too; and its hash."""
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    version = await order(bench, 1)
    await leave(bench)
    bench.agent.feed(on.IgnitionTurnedOn())
    await order(bench, 2)
    return bench, files, version


@pytest.mark.requirement("FOD-13")
@virtual
async def test_version_that_two_orders_brought_is_removed_with_the_last_of_them() -> None:
    bench, files, version = await ordered_twice()
    await leave(bench)
    assert where(bench) == [PackageState.ACTIVE] * 2
    await bench.remove("order-1.1")
    await bench.pass_time(600)
    assert where(bench) == [PackageState.REMOVED, PackageState.ACTIVE]
    assert (files._active, list(files._versions)) == ({FUNCTION: version}, [version])
    await bench.remove("order-2.1")
    await bench.pass_time(600)
    assert where(bench) == [PackageState.REMOVED] * 2
    assert (files._active, files._versions) == ({}, {})


@virtual
async def test_package_that_is_cancelled_while_it_waits_leaves_its_version_to_who_needs_it_and_nobody_else() -> None:
    bench, files, version = await ordered_twice()
    await order(bench, 3, function="power-steering-plus")
    assert where(bench) == [PackageState.ACTIVE, PackageState.WAITING, PackageState.WAITING]
    await bench.withdraw("order-2.1")
    assert len(files._versions) == 2
    await bench.withdraw("order-3.1")
    assert where(bench) == [PackageState.ACTIVE, PackageState.CANCELLED, PackageState.CANCELLED]
    assert list(files._versions) == [version]
