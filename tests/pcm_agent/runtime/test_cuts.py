"""A download that is cut a thousand times: whole and right in the end, and nearly nothing is fetched twice."""

import hashlib
from pathlib import Path

import pytest

from pcm_agent.adapters.files import DiskPackageFiles
from tests.pcm_agent.runtime.bench import FUNCTION
from tests.pcm_agent.runtime.journey import Journey, Threads
from tests.waiting import virtual


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    return Threads(monkeypatch)


@pytest.mark.slow
@pytest.mark.requirement("FOD-02", "FOD-04", "PRV-02")
@pytest.mark.parametrize("seed", range(3))
def test_a_download_that_is_cut_a_thousand_times_is_whole_and_hardly_anything_is_fetched_twice(
    threads: Threads, seed: int
) -> None:
    @virtual
    async def test() -> None:
        journey = Journey(threads, chunks=1500, seed=seed)
        await journey.begin()
        while journey.road.cuts < 1000:
            await journey.cut()
        await journey.arrive()
        await journey.check()
        journey.check_nothing_came_twice()

    test()


@pytest.mark.requirement("FOD-02", "FOD-04")
@pytest.mark.parametrize("loses", [False, True], ids=["all is synced", "bytes are lost"])
@pytest.mark.parametrize("seed", range(2))
def test_a_download_to_a_real_disk_outlasts_cuts_and_restarts_of_the_pcm(
    tmp_path: Path, threads: Threads, seed: int, loses: bool
) -> None:
    @virtual
    async def test() -> None:
        journey = Journey(threads, chunks=150, seed=seed)
        journey.bench.files = DiskPackageFiles(tmp_path)
        await journey.begin()
        while journey.road.cuts < 50:
            await journey.cut()
            if journey.rng.random() < 0.3:
                await journey.restart(tmp_path, loses=loses)
        await journey.arrive()
        await journey.check()
        if not loses:
            journey.check_nothing_came_twice()
        content = (tmp_path / "active" / FUNCTION).read_bytes()
        assert hashlib.sha256(content).hexdigest() == journey.bench.job.assignment.sha256

    test()
