"""What becomes of a download whose server, bytes or speed are not as they should be."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from pcm_agent.core.backoff import JITTER
from pcm_agent.core.states import Purpose
from pcm_agent.errors import TransportError
from pcm_agent.protocol.messages import PackageState
from pcm_agent.runtime.transfer import PROGRESS_STEPS
from simulator.faults.clock import CarClock
from simulator.virtual import MemoryPackageFiles
from tests.pcm_agent.runtime.bad_peers import Scripted, trickle
from tests.pcm_agent.runtime.bench import Bench
from tests.waiting import virtual


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
    bench.shown = clock = CarClock(bench.clock)
    bench.fetcher = Scripted(bench.depot, [trickle(bench.clock)])
    await bench.get_online()
    await bench.offer()
    await bench.pass_time(90)
    clock.set_ahead(timedelta(hours=-1))
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
