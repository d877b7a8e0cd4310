"""What becomes of downloads and installations."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Collection
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.core import events as on
from pcm_agent.core.backoff import JITTER
from pcm_agent.core.states import Access, Purpose
from pcm_agent.errors import TransportError
from pcm_agent.protocol.messages import PackageReported, PackageState
from pcm_agent.runtime.transfer import PROGRESS_STEPS
from pcm_agent.trust.images import image_url
from simulator.clock import ClockBehind
from simulator.lab import Lab, VirtualMeans, running
from simulator.trace import Trace
from simulator.virtual import MemoryPackageFiles
from tests.pcm_agent.runtime.bad_peers import Behaviour, Scripted, trickle
from tests.pcm_agent.runtime.bench import FUNCTION, LENGTH, Bench
from tests.waiting import idle, virtual


@pytest.mark.requirement("FOD-02", "FOD-04")
@virtual
async def test_download_that_breaks_off_goes_on_where_it_was() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.break_off, Scripted.break_off])
    await bench.get_online()
    await bench.offer()
    assert bench.where() is PackageState.PAUSED
    assert (bench.job.code, bench.job.blocked_by) == ("transfer-interrupted", ("transfer-interrupted",))
    assert len(bench.notes("transfer-interrupted")) == 1
    await bench.pass_time(10)
    assert fetcher.offsets == [0, 300_000, 600_000]
    assert bench.where() is PackageState.WAITING
    assert bench.states()[-2:] == ["staged", "waiting"]


@pytest.mark.requirement("FOD-04")
@virtual
async def test_download_of_a_file_that_has_changed_begins_anew() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.break_off, Scripted.changed])
    await bench.get_online()
    await bench.offer()
    await bench.pass_time(10)
    assert fetcher.offsets == [0, 300_000, 0]
    assert bench.where() is PackageState.WAITING


@virtual
async def test_download_that_fails_again_and_again_is_tried_ever_more_rarely() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.break_off_at_once] * 14)
    await bench.get_online()
    starts: list[datetime] = []
    bench.trace.listen(
        lambda record: starts.append(record.time) if record.data.get("target") == "downloading" else None
    )
    await bench.offer()
    await bench.pass_time(5400)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(starts)]
    assert pauses == [min(2**n, 300) * (1 + JITTER) for n in range(14)]  # the bench draws the most that there is
    assert bench.where() is PackageState.WAITING
    assert len(fetcher.offsets) == 15


@virtual
async def test_download_that_comes_too_slowly_is_broken_off_and_tried_again() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [trickle(bench.clock)])
    await bench.get_online()
    await bench.offer()
    await bench.pass_time(119)
    assert bench.where() is PackageState.DOWNLOADING, "enough came in the first minute"
    await bench.pass_time(1)
    assert (bench.where(), bench.job.code) == (PackageState.PAUSED, "transfer-slow")
    assert fetcher.closed == 1
    await bench.pass_time(2)
    assert fetcher.offsets == [0, 80_000 + 119 * 10]
    assert bench.where() is PackageState.WAITING


@virtual
async def test_a_slow_download_is_broken_off_though_the_clock_was_set_back() -> None:
    bench = Bench()
    bench.shown = clock = ClockBehind(bench.clock)
    bench.fetcher = Scripted(bench.depot, [trickle(bench.clock)])
    await bench.get_online()
    await bench.offer()
    await bench.pass_time(90)
    clock.behind = timedelta(hours=1)
    assert not bench.notes("transfer-slow")
    await bench.pass_time(60)
    assert bench.notes("transfer-slow")


@virtual
async def test_time_that_the_disk_takes_is_not_held_against_the_sender() -> None:
    bench = Bench()

    class SlowFiles(MemoryPackageFiles):
        async def append(self, offer_id: str, chunk: bytes) -> None:
            await bench.clock.sleep(600)
            await super().append(offer_id, chunk)

    bench.files = SlowFiles()
    bench.fetcher = fetcher = Scripted(bench.depot, [])
    await bench.get_online()
    await bench.offer()
    await bench.pass_time(6001)
    assert bench.where() is PackageState.WAITING
    assert fetcher.offsets == [0]


@virtual
async def test_bytes_that_come_again_count_for_the_rate_the_meter_and_the_budget() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.break_off])

    async def knows_no_ranges(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        for _ in range(offset // 1000):
            await bench.clock.sleep(0.9)
            fetcher.skipped(1000)
        yield content[offset : offset + 1000]
        raise TransportError("transfer-interrupted", "connection reset")

    fetcher.behave_next(knows_no_ranges)
    await bench.get_online()
    await bench.offer()
    await bench.pass_time(1 + 270 + 0.6)
    assert (bench.where(), bench.job.code) == (PackageState.PAUSED, "transfer-interrupted")
    assert bench.job.fetched == 300_000 + 300_000 + 1000
    assert (
        sum(use.bytes for use in bench.agent.vehicle.state.usage if use.purpose is Purpose.PACKAGE) == bench.job.fetched
    )


@pytest.mark.requirement("FOD-04")
@virtual
async def test_resumed_download_with_a_wrong_hash_may_be_of_two_files_and_begins_anew_once() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.break_off, Scripted.other_bytes, Scripted.other_bytes])
    await bench.get_online()
    await bench.offer()
    await bench.pass_time(20)
    assert fetcher.offsets == [0, 300_000, 0]
    assert (bench.where(), bench.job.code) == (PackageState.FAILED, "package-hash")


@virtual
async def test_progress_is_told_a_hundred_times_at_most_however_often_the_transfer_breaks_off() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.a_little] * 400)
    await bench.get_online()
    told: list[int] = []
    bench.trace.listen(
        lambda record: told.append(record.data["received"]) if record.name == "DownloadProgressed" else None
    )
    await bench.offer()
    await bench.pass_time(400 * 450)
    assert bench.where() is PackageState.WAITING
    assert len(fetcher.offsets) == 400
    assert told == sorted(set(told))
    assert len(told) <= PROGRESS_STEPS


@pytest.mark.requirement("FOD-02")
@virtual
async def test_download_stops_without_data_and_goes_on_with_it() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    assert bench.where() is PackageState.DOWNLOADING
    await bench.lose_data()
    assert (bench.where(), bench.job.blocked_by) == (PackageState.PAUSED, ("no-data",))
    assert fetcher.closed == 1
    await bench.find_data()
    assert fetcher.offsets == [0, 300_000]
    assert bench.where() is PackageState.WAITING


@pytest.mark.requirement("PRV-02")
@virtual
async def test_download_stops_in_private_mode_and_goes_on_without_it() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    bench.agent.feed(on.PrivateModeEnabled())
    await idle()
    assert (bench.where(), bench.job.blocked_by) == (PackageState.PAUSED, ("private-mode",))
    assert fetcher.closed == 1
    await bench.pass_time(3600)
    assert fetcher.offsets == [0]
    bench.agent.feed(on.PrivateModeDisabled())
    await idle()
    assert fetcher.offsets == [0, 300_000]
    assert bench.where() is PackageState.WAITING


@virtual
async def test_download_goes_on_after_a_power_cut() -> None:
    bench = Bench()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    await bench.crash()
    bench.boot()
    await bench.get_online()
    assert fetcher.offsets[0] == 0
    assert set(fetcher.offsets[1:]) == {300_000}
    assert bench.where() is PackageState.WAITING


@pytest.mark.requirement("FOD-04")
@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (Scripted.other_bytes, "package-hash"),
        (Scripted.too_few_bytes, "package-length"),
        (Scripted.gone, "package-gone"),
    ],
    ids=["hash", "length", "gone"],
)
def test_download_that_cannot_succeed_fails_with_its_code_and_leaves_nothing(behaviour: Behaviour, code: str) -> None:
    @virtual
    async def test() -> None:
        bench = Bench()
        bench.files = files = MemoryPackageFiles()
        bench.fetcher = Scripted(bench.depot, [behaviour])
        await bench.get_online()
        await bench.offer()
        assert (bench.where(), bench.job.code) == (PackageState.FAILED, code)
        last = bench.bodies()[-2]
        assert isinstance(last, PackageReported)
        assert (last.state, last.code) == (PackageState.FAILED, code)
        assert len(bench.notes(code)) == 1
        assert await files.received("order-1.1") == 0
        assert files._versions == {}
        await bench.pass_time(3600)
        assert bench.where() is PackageState.FAILED

    test()


@pytest.mark.requirement("FOD-04", "FOD-09")
@virtual
async def test_order_stays_open_when_its_package_fails_and_can_be_offered_again() -> None:
    means = VirtualMeans(1)
    lab = Lab(means, Trace(means.clock), 1)
    async with running(lab):
        car = lab.add_car("taycan", "JP")
        lab.desk.register(car.vin, "hanako@example.com", "sakura-2026", "JP")
        lab.wake(car)
        car.world.happens(on.IgnitionTurnedOn())
        car.world.enter_cell("JP", Access.LTE)
        assert await lab.until(lambda: car.agent.online, timedelta(seconds=30))
        lab.desk.order(car.vin, FUNCTION, LENGTH, version="1.0", price_cents=1, currency="JPY", ask=False)
        image = means.depot.repositories.image.release(FUNCTION)
        name = image_url("images", image.path, image.sha256)
        right = means.depot.repositories.store.read(name)
        means.depot.repositories.store.write(name, bytes(LENGTH))  # somebody tampered with it
        lab.backend.send_to(car.vin)
        jobs = car.agent.vehicle.state.jobs
        assert await lab.until(lambda: bool(jobs) and jobs["order-1.1"].code == "package-hash", timedelta(minutes=1))
        await means.settle(lab)
        assert lab.desk.order_of(car.vin, FUNCTION) == ("open", "package-hash", 0)
        means.depot.repositories.store.write(name, right or b"")
        lab.desk.offer_again(car.vin, FUNCTION)
        lab.backend.send_to(car.vin)
        assert await lab.until(
            lambda: "order-1.2" in jobs and jobs["order-1.2"].state is PackageState.WAITING, timedelta(minutes=1)
        )
        await means.settle(lab)
        assert lab.desk.order_of(car.vin, FUNCTION) == ("downloaded", None, 0)


class FullDisk(MemoryPackageFiles):
    """A disk with so many bytes left."""

    def __init__(self, space: int) -> None:
        super().__init__()
        self.space = space

    async def append(self, offer_id: str, chunk: bytes) -> None:
        if len(chunk) > self.space:
            raise TransportError("disk-full", "packages: no space left on device")
        self.space -= len(chunk)
        await super().append(offer_id, chunk)


@virtual
async def test_full_disk_pauses_the_download_until_there_is_space() -> None:
    bench = Bench()
    bench.files = disk = FullDisk(450_000)
    bench.fetcher = fetcher = Scripted(bench.depot, [])
    await bench.get_online()
    await bench.offer()
    assert (bench.where(), bench.job.code) == (PackageState.PAUSED, "disk-full")
    assert len(bench.notes("disk-full")) == 1
    await bench.pass_time(60)
    assert (bench.where(), bench.job.code) == (PackageState.PAUSED, "disk-full")
    disk.space = 10 * LENGTH
    await bench.pass_time(120)
    assert bench.where() is PackageState.WAITING
    assert bench.job.code is None
    assert set(fetcher.offsets) == {0, 400_000}
    assert hashlib.sha256(disk._versions[bench.job.assignment.sha256]).hexdigest() == bench.job.assignment.sha256


@virtual
async def test_download_can_be_cancelled_while_it_runs() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    bench.fetcher = fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    assert await files.received("order-1.1") == 300_000
    await bench.withdraw("order-1.1")
    assert bench.where() is PackageState.CANCELLED
    assert bench.states()[-2:] == ["cancelling", "cancelled"]
    assert await files.received("order-1.1") == 0
    assert fetcher.closed == 1
    await bench.pass_time(3600)
    assert fetcher.offsets == [0]


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


async def leave(bench: Bench) -> None:
    """Park, and let the time pass after which functions are installed or removed."""
    for event in (on.IgnitionTurnedOff(), on.CarLeft(), on.CarLocked()):
        bench.agent.feed(event)
    await bench.pass_time(600)


async def order(bench: Bench, number: int, *, version: str = "1.0", function: str = FUNCTION) -> str:
    """Have the Director list an order; the SHA-256 of its version."""
    return (await bench.offer(function, version, number=number)).sha256


def where(bench: Bench) -> list[PackageState]:
    return [job.state for job in bench.agent.vehicle.state.jobs.values()]


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


@pytest.mark.requirement("FOD-13")
@virtual
async def test_version_that_two_orders_brought_is_removed_with_the_last_of_them() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    version = await order(bench, 1)
    await leave(bench)
    bench.agent.feed(on.IgnitionTurnedOn())
    await order(bench, 2)
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
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    version = await order(bench, 1)
    await leave(bench)
    bench.agent.feed(on.IgnitionTurnedOn())
    await order(bench, 2)
    await order(bench, 3, function="power-steering-plus")
    assert where(bench) == [PackageState.ACTIVE, PackageState.WAITING, PackageState.WAITING]
    await bench.withdraw("order-2.1")
    assert len(files._versions) == 2
    await bench.withdraw("order-3.1")
    assert where(bench) == [PackageState.ACTIVE, PackageState.CANCELLED, PackageState.CANCELLED]
    assert list(files._versions) == [version]


@virtual
async def test_order_that_takes_the_place_of_another_ends_it() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    await order(bench, 1)
    newer = await order(bench, 2, version="2.0")
    assert where(bench) == [PackageState.CANCELLED, PackageState.WAITING]
    assert list(files._versions) == [newer]


@virtual
async def test_start_sweeps_away_what_a_power_cut_left_and_keeps_what_waits() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    await bench.get_online()
    version = await order(bench, 1)
    await bench.crash()
    files._versions["0" * 64] = b"left behind"
    bench.boot()
    await idle()
    assert list(files._versions) == [version]


@virtual
async def test_start_discards_a_download_that_was_over_when_the_power_was_cut() -> None:
    bench = Bench()
    bench.files = files = MemoryPackageFiles()
    bench.fetcher = Scripted(bench.depot, [Scripted.hang])
    await bench.get_online()
    await bench.offer()
    part = bytes(files._parts["order-1.1"])
    await bench.lose_data()
    await bench.pass_time(timedelta(days=29).total_seconds())
    assert bench.where() is PackageState.EXPIRED
    await bench.crash()
    files._parts["order-1.1"] = bytearray(part)  # as if it had come before it was discarded
    bench.boot()
    await idle()
    assert files._parts == {}


class Unsweepable(MemoryPackageFiles):
    """A disk that lets nothing be deleted, for once."""

    refusals = 1

    async def sweep(self, needed: Collection[str]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise TransportError("disk-unwritable", "packages: read-only")
        await super().sweep(needed)


@virtual
async def test_sweeping_that_fails_is_noted_and_done_the_next_time() -> None:
    bench = Bench()
    bench.files = files = Unsweepable()
    files._versions["0" * 64] = b"left behind"
    await bench.get_online()
    assert len(bench.notes("disk-unwritable")) == 1
    version = await order(bench, 1)
    await leave(bench)
    assert list(files._versions) == [version]


@virtual
async def test_package_from_an_address_that_can_be_none_fails() -> None:
    bench = Bench()

    class Misled(UptaneRepositories):
        def image_url(self, path: str, sha256: str) -> str:
            return "http://a..b/package"

    bench.repositories = Misled(bench.source, bench.depot.base_url, bench.depot.repositories.roots())
    await bench.get_online()
    await bench.offer()
    assert (bench.where(), bench.job.code) == (PackageState.FAILED, "url-unusable")


@virtual
async def test_error_that_nobody_expected_ends_the_agent() -> None:
    async def absurd(content: bytes, offset: int) -> AsyncGenerator[bytes]:
        yield content[offset:1000]
        raise ZeroDivisionError

    bench = Bench()
    bench.fetcher = Scripted(bench.depot, [absurd])
    await bench.get_online()
    await bench.offer()
    assert bench.task.done()
    with pytest.raises(ZeroDivisionError):
        await bench.task
