"""What is fetched of a package, and what is told and metered of it."""

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.fetching import MOST_DELTA
from pcm_agent.protocol.messages import PackageReported, PackageState
from pcm_agent.trust.images import Assignment, Delta
from tests.pcm_agent.core.conftest import FOD, Driver, assignment

NEW = "fod-2"
BASE = "0" * 64


def delta(length: int = 1000, base: str = BASE) -> Delta:
    return Delta(base_sha256=base, path="f/2.pkg.from-0", length=length, sha256="d" * 64)


def update(*deltas: Delta, length: int = 40_000) -> Assignment:
    return assignment(NEW, version="2.0.0", sha256="1" * 64, release_counter=2, length=length, deltas=deltas)


@pytest.fixture
def car(taycan: Driver) -> Driver:
    """The first version is installed, and the car is switched on again."""
    taycan.activate()
    taycan.feed(on.IgnitionTurnedOn())
    return taycan


def reports(car: Driver) -> list[tuple[int, int, bool]]:
    return [(it.received, it.length, it.delta) for it in car.said() if isinstance(it, PackageReported)]


def used(car: Driver) -> int:
    return sum(use.bytes for use in car.state.usage)


@pytest.mark.requirement("FOD-02")
def test_a_shorter_delta_is_fetched_reported_and_metered_as_what_it_is(car: Driver) -> None:
    before = used(car)
    car.order(update(delta()))
    assert car.job(NEW).delta == delta()
    car.feed(on.DownloadProgressed(NEW, 400))
    assert reports(car) == [(400, 1000, True)]
    car.feed(on.DownloadCompleted(NEW))
    assert reports(car)[0] == (1000, 1000, True)
    assert used(car) - before == 1000
    assert car.job(NEW).state is PackageState.WAITING


@pytest.mark.parametrize(
    ("deltas", "length"),
    [
        pytest.param((), 40_000, id="there is none"),
        pytest.param((delta(base="9" * 64),), 40_000, id="from another version"),
        pytest.param((delta(40_000),), 40_000, id="no shorter"),
        pytest.param((delta(MOST_DELTA + 1),), 2 * MOST_DELTA, id="too long for the memory"),
    ],
)
def test_without_a_delta_that_helps_the_package_is_fetched(car: Driver, deltas: tuple[Delta, ...], length: int) -> None:
    car.order(update(*deltas, length=length))
    assert (car.job(NEW).delta, car.job(NEW).whole) == (None, True)
    assert reports(car)[-1] == (0, length, False)


def test_the_longest_delta_that_is_used(car: Driver) -> None:
    car.order(update(delta(MOST_DELTA), length=2 * MOST_DELTA))
    assert car.job(NEW).delta == delta(MOST_DELTA)


@pytest.mark.requirement("FOD-02")
def test_a_delta_of_no_use_gives_way_to_the_package_once_and_for_all(car: Driver) -> None:
    before = used(car)
    car.order(update(delta()))
    car.feed(on.DeltaUnusable(NEW, "delta-unusable", 1000, 10))
    assert car.of(do.StartDownload) == [do.StartDownload(NEW)]
    assert reports(car) == [(0, 40_000, False)]
    assert used(car) - before == 1010
    car.feed(on.DownloadInterrupted(NEW, "server-error"))
    car.wait(minutes=1)
    assert car.job(NEW).state is PackageState.DOWNLOADING
    assert car.job(NEW).delta is None
    car.feed(on.DownloadCompleted(NEW))
    assert used(car) - before == 41_010
    assert car.job(NEW).code is None


def test_a_delta_goes_on_as_a_delta_after_a_break_and_a_power_cut(car: Driver) -> None:
    car.order(update(delta()))
    car.feed(on.DownloadInterrupted(NEW, "server-error", 500, 500))
    car.wait(minutes=1)
    assert (car.job(NEW).delta, car.job(NEW).received) == (delta(), 500)
    car.restart()
    car.go_online()
    assert (car.job(NEW).delta, car.job(NEW).received) == (delta(), 500)


def test_a_delta_whose_version_was_removed_gives_way_to_the_package(car: Driver) -> None:
    car.order(update(delta()))
    car.feed(on.DownloadInterrupted(NEW, "server-error", 500, 500))
    del car.state.installed[car.job(FOD).assignment.function]
    car.reload()
    car.wait(minutes=1)
    assert (car.job(NEW).delta, car.job(NEW).whole, car.job(NEW).received) == (None, True, 0)


def test_what_was_begun_whole_stays_so(car: Driver) -> None:
    car.order(update())
    car.feed(on.DownloadInterrupted(NEW, "server-error", 500, 500))
    car.order(update(delta()))
    car.wait(minutes=1)
    assert (car.job(NEW).delta, car.job(NEW).received) == (None, 500)
