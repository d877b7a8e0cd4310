"""What becomes of downloads and orders in a car that is used, cut off, or full."""

import hashlib
from collections.abc import AsyncGenerator, Collection
from datetime import timedelta

import pytest

from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.core import events as on
from pcm_agent.core.states import Access
from pcm_agent.errors import TransportError
from pcm_agent.protocol.messages import PackageReported, PackageState
from pcm_agent.trust.images import image_url
from simulator.lab import Lab, VirtualMeans, running
from simulator.trace import Trace
from simulator.virtual import MemoryPackageFiles
from tests.pcm_agent.runtime.bad_peers import Behaviour, Scripted
from tests.pcm_agent.runtime.bench import FUNCTION, LENGTH, Bench
from tests.pcm_agent.runtime.orders import leave, order, where
from tests.waiting import idle, virtual


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
