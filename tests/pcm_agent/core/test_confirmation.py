"""What was said of a package must be fresh when it is begun, and may be old when it is finished."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.assignments import SOONEST
from pcm_agent.core.jobs.job import BUSY, NOT_YET_ACTIVATING
from pcm_agent.core.states import Metadata
from pcm_agent.protocol.messages import PackageState
from tests.pcm_agent.core.by_hand import DAY, put
from tests.pcm_agent.core.conftest import FAR, FOD, FUNCTION, found

if TYPE_CHECKING:
    from datetime import datetime

    from tests.pcm_agent.core.conftest import Driver


# --- confirmation ---


def test_the_car_looks_again_at_half_of_the_time_while_something_is_to_be_done(taycan: "Driver") -> None:
    taycan.speak_seldom()
    taycan.go_online()
    taycan.take(taycan.offer(), good_until=taycan.now + 4 * DAY)
    assert taycan.state.timers["confirm"] == taycan.now + 2 * DAY
    taycan.wait(days=2)
    assert taycan.of(do.CheckMetadata) == [do.CheckMetadata()]
    taycan.feed(on.MetadataAccepted((taycan.offer(),), taycan.state.floors, taycan.now + DAY))
    assert taycan.state.timers["confirm"] == taycan.now + DAY / 2
    assert taycan.job().good_until == taycan.now + DAY


@pytest.mark.parametrize("state", PackageState)
def test_only_what_is_yet_to_become_active_has_to_be_confirmed(taycan: "Driver", state: PackageState) -> None:
    taycan.download()
    put(taycan, state)
    taycan.take(taycan.offer())
    assert ("confirm" in taycan.state.timers) is (state in (*NOT_YET_ACTIVATING, *BUSY))


@pytest.mark.parametrize("left", [timedelta(-5), timedelta(0), timedelta(microseconds=1), SOONEST, 2 * SOONEST])
def test_looks_do_not_come_ever_faster_where_nobody_signs_anew(taycan: "Driver", left: timedelta) -> None:
    taycan.go_online()
    taycan.take(taycan.offer(), good_until=taycan.now + left)
    assert taycan.state.timers["confirm"] == taycan.now + SOONEST


def test_a_confirmation_that_is_due_while_the_car_looks_already_is_no_second_look(taycan: "Driver") -> None:
    for event in (on.LookOrdered(), on.MetadataInterrupted("lost")):
        taycan.go_online()
        taycan.feed(*found(taycan.offer(), good_until=taycan.now + timedelta(hours=1)), on.LookOrdered())
        taycan.feed(event)
        region = taycan.at("metadata")
        taycan.now = taycan.state.timers["confirm"]
        taycan.feed(on.TimerFired("confirm"))
        assert (taycan.at("metadata"), taycan.steps("metadata")) == (region, [])
        taycan.feed(on.IgnitionTurnedOn())


def test_another_timer_has_nobody_look(taycan: "Driver") -> None:
    taycan.download()
    taycan.wait(minutes=1)
    assert taycan.at("metadata") is Metadata.CURRENT
    taycan.feed(on.MetadataAccepted((), taycan.state.floors, FAR))
    taycan.state.timers["another"] = taycan.now
    taycan.feed(on.TimerFired("another"))
    assert taycan.at("metadata") is Metadata.CURRENT


def outdated(car: "Driver", until: "datetime") -> None:
    """Offline, so that nothing can be confirmed, until what was said is too old."""
    car.feed(on.CellChanged("JP", None))
    car.wait(seconds=(until - car.now).total_seconds())


def held_back_for_a_day(car: "Driver") -> None:
    """Private mode keeps a package from being fetched until what was said of it is too old."""
    car.speak_seldom()
    car.go_online()
    car.feed(on.PrivateModeEnabled())
    car.take(car.offer(), good_until=car.now + DAY)
    car.wait(days=1)


@pytest.mark.requirement("FOD-04")
def test_what_is_too_old_is_not_begun_before_it_is_confirmed(taycan: "Driver") -> None:
    held_back_for_a_day(taycan)
    taycan.feed(on.PrivateModeDisabled())
    assert (taycan.of(do.StartDownload), taycan.job().blocked_by) == ([], ("confirmation-due",))
    assert taycan.at("metadata") is Metadata.CHECKING, "it has been looking since half of the time was over"
    taycan.feed(on.MetadataAccepted((taycan.offer(),), taycan.state.floors, taycan.now + DAY))
    assert taycan.of(do.StartDownload) == [do.StartDownload(FOD)]


@pytest.mark.requirement("FOD-04")
def test_a_clock_that_is_set_back_makes_nothing_fresh_again(taycan: "Driver") -> None:
    held_back_for_a_day(taycan)
    taycan.feed(on.CarUnlocked())
    taycan.now -= 2 * DAY
    taycan.feed(on.PrivateModeDisabled())
    assert (taycan.of(do.StartDownload), taycan.job().blocked_by) == ([], ("confirmation-due",))


def test_fresh_to_the_last_microsecond(taycan: "Driver") -> None:
    for early, states in ((timedelta(microseconds=1), PackageState.DOWNLOADING), (timedelta(0), PackageState.PAUSED)):
        taycan.go_online()
        taycan.take(taycan.offer(states), good_until=taycan.now + timedelta(seconds=30))
        assert taycan.job(states).state is PackageState.DOWNLOADING
        taycan.feed(on.PrivateModeEnabled())
        taycan.now = taycan.job(states).good_until - early
        taycan.feed(on.PrivateModeDisabled())
        assert taycan.job(states).state is states


@pytest.mark.requirement("FOD-02")
def test_a_download_that_has_begun_is_finished_however_old_all_has_become(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.take(taycan.offer(), good_until=taycan.now + timedelta(minutes=5))
    taycan.wait(minutes=10)
    taycan.feed(on.DownloadProgressed(FOD, 7))
    assert (taycan.job().state, taycan.of(do.StopDownload)) == (PackageState.DOWNLOADING, [])
    taycan.feed(on.DownloadCompleted(FOD))
    assert taycan.job().blocked_by == ("car-on", "confirmation-due")


@pytest.mark.requirement("FOD-04")
def test_what_is_too_old_is_not_activated_before_it_is_confirmed(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.take(taycan.offer(), good_until=taycan.now + timedelta(minutes=30))
    taycan.feed(on.DownloadCompleted(FOD))
    taycan.wait(minutes=25)
    taycan.leave()
    assert taycan.job().blocked_by == ()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == []
    assert (taycan.job().state, taycan.job().blocked_by) == (PackageState.WAITING, ("confirmation-due",))
    assert do.Show("package-waiting", {"function": FUNCTION, "reasons": ("confirmation-due",)}) in taycan.last
    taycan.wait(hours=1)
    assert taycan.of(do.InstallPackage) == []
    taycan.feed(on.MetadataAccepted((taycan.offer(),), taycan.state.floors, taycan.now + DAY))
    assert taycan.job().blocked_by == ()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == [do.InstallPackage(FOD)]


def test_an_installation_that_has_begun_is_finished_after_a_power_cut_however_old_all_has_become(
    taycan: "Driver",
) -> None:
    taycan.stage()
    taycan.leave()
    taycan.take(taycan.offer(), good_until=taycan.now + timedelta(minutes=30))
    taycan.wait(minutes=10)
    outdated(taycan, taycan.job().good_until)
    taycan.restart()
    assert taycan.of(do.InstallPackage) == [do.InstallPackage(FOD)]
    assert taycan.job().state is PackageState.ACTIVATING


@pytest.mark.requirement("FOD-07")
def test_what_failed_is_not_tried_again_in_the_same_stay_because_it_was_confirmed(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.take(taycan.offer(), good_until=taycan.now + timedelta(minutes=30))
    taycan.wait(minutes=10)
    taycan.feed(on.InstallationFailed(FOD, "disk-full"))
    taycan.wait(hours=1)
    assert (taycan.job().state, taycan.shown()) == (PackageState.ROLLED_BACK, [])
    taycan.take(taycan.offer())
    taycan.wait(hours=1)
    assert (taycan.job().state, taycan.of(do.InstallPackage)) == (PackageState.ROLLED_BACK, [])
    taycan.feed(on.CarUnlocked(), on.CarLocked())
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == [do.InstallPackage(FOD)]


@pytest.mark.requirement("FOD-07")
def test_what_was_being_installed_as_the_car_looked_is_confirmed_once_it_has_failed(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.take(taycan.offer(), good_until=taycan.now + DAY)
    taycan.feed(on.InstallationFailed(FOD, "disk-full"))
    taycan.wait(days=1)
    assert taycan.of(do.CheckMetadata) == [do.CheckMetadata()]


@pytest.mark.requirement("FOD-13")
def test_a_removal_needs_nothing_to_be_confirmed(taycan: "Driver") -> None:
    taycan.activate()
    taycan.take(taycan.offer(), good_until=taycan.now)
    taycan.remove()
    taycan.wait(minutes=10)
    assert taycan.of(do.RemovePackage) == [do.RemovePackage(FOD)]
