"""What the car is to have becomes package jobs; what was said of them must be fresh; what is installed is kept."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.assignments import FINISHED, JOBS_KEPT, SOONEST
from pcm_agent.core.jobs.job import BUSY, NOT_YET_ACTIVATING, NOT_YET_STAGED
from pcm_agent.core.states import Metadata
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageReported, PackageState, WithdrawPackage
from pcm_agent.trust.images import Delta
from tests.pcm_agent.core.conftest import FAR, FOD, FUNCTION, NOW, found

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.pcm_agent.core.conftest import Driver

DAY = timedelta(days=1)
FETCHED_BY_THEN = (PackageState.CONSENTED, PackageState.PAUSED, PackageState.DOWNLOADING)
"""Where nothing blocks, such a job is being downloaded by the time that the list is there."""
GOES_ON = [state for state in PackageState if state not in NOT_YET_ACTIVATING]


def put(car: "Driver", state: PackageState, offer_id: str = FOD) -> None:
    """Put a job into a state by hand."""
    car.job(offer_id).state = state
    car.reload()


# --- the list becomes jobs ---


@pytest.mark.requirement("FOD-02")
def test_all_that_is_listed_becomes_jobs_at_once(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.take(taycan.offer(), taycan.offer("asked", consent="ask"))
    assert {offer_id: job.state for offer_id, job in taycan.state.jobs.items()} == {
        FOD: PackageState.DOWNLOADING,
        "asked": PackageState.OFFERED,
    }
    assert taycan.job().good_until == FAR
    assert do.Show("package-consent", {"function": FUNCTION}) in taycan.last
    assert {key for key in taycan.state.timers if key.startswith("expiry:")} == {f"expiry:{FOD}", "expiry:asked"}


@pytest.mark.parametrize("consent", ["ordered", "ask"])
def test_a_job_is_told_before_anything_comes_of_it(taycan: "Driver", consent: str) -> None:
    taycan.go_online()
    taycan.take(taycan.offer(consent=consent))
    told = [getattr(body, "state", None) for body in taycan.said()]
    assert told == (["offered"] if consent == "ask" else ["offered", "consented", "downloading"])


@pytest.mark.parametrize("state", PackageState)
def test_an_offer_that_is_listed_again_is_the_same_job_wherever_it_stands(
    taycan: "Driver", state: PackageState
) -> None:
    taycan.download()
    taycan.feed(on.DownloadProgressed(FOD, 7), on.DownloadInterrupted(FOD, "server-error", 9, 2))
    put(taycan, state)
    again = taycan.offer(deltas=(Delta(base_sha256="2" * 64, path="p", length=1, sha256="3" * 64),), version="1.0.1")
    taycan.take(again, good_until=FAR - DAY)
    assert list(taycan.state.jobs) == [FOD]
    assert (taycan.job().assignment, taycan.job().good_until) == (again, FAR - DAY)
    assert (taycan.job().received, taycan.job().fetched) == (9, 2)
    assert not [text for text in taycan.shown() if text == "package-consent"]
    assert taycan.refusals() == []
    assert not [it for it in taycan.of(do.SetTimer) if it.key.startswith("expiry:")]


@pytest.mark.requirement("FOD-02")
def test_what_was_to_be_asked_for_and_is_ordered_after_all_is_downloaded_without_a_word(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.take(taycan.offer(consent="ask"))
    taycan.take(taycan.offer(consent="ask"))
    assert taycan.job().state is PackageState.OFFERED, "it has been listed again, and not been ordered"
    taycan.take(taycan.offer(consent="ordered"))
    assert taycan.steps("package") == ["consented", "downloading"]
    assert taycan.of(do.StartDownload) == [do.StartDownload(FOD)]


def test_what_was_agreed_to_is_not_asked_for_again_though_the_list_does_so(taycan: "Driver") -> None:
    taycan.download()
    taycan.take(taycan.offer(consent="ask"))
    assert (taycan.job().state, taycan.shown()) == (PackageState.DOWNLOADING, [])


@pytest.mark.requirement("FOD-01")
@pytest.mark.parametrize("state", PackageState)
def test_a_new_end_of_the_28_days_counts_until_the_package_is_there(taycan: "Driver", state: PackageState) -> None:
    taycan.download()
    put(taycan, state)
    taycan.take(taycan.offer(not_after=NOW + timedelta(days=3)))
    ends = [it.at for it in taycan.of(do.SetTimer) if it.key == f"expiry:{FOD}"]
    assert ends == ([NOW + timedelta(days=3)] if state in NOT_YET_STAGED else [])


@pytest.mark.requirement("FOD-04")
@pytest.mark.parametrize("changes", [{"sha256": "1" * 64}, {"function": "another"}])
@pytest.mark.parametrize("state", PackageState)
def test_an_offer_of_other_bytes_is_refused_and_what_it_stood_for_is_withdrawn(
    taycan: "Driver", state: PackageState, changes: dict[str, str]
) -> None:
    taycan.download()
    put(taycan, state)
    before = taycan.job().assignment
    taycan.take(taycan.offer(**changes), good_until=FAR - DAY)
    assert taycan.refusals() == [("offer-changed", "FOD-04", ())]
    good_until = taycan.now if state in BUSY else FAR
    assert (taycan.job().assignment, taycan.job().good_until) == (before, good_until)
    assert taycan.job().state is (PackageState.CANCELLING if state in NOT_YET_ACTIVATING else state)


@pytest.mark.requirement("FOD-01")
def test_an_offer_whose_28_days_are_over_is_no_job(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.take(taycan.offer("over", not_after=taycan.now))
    assert taycan.refusals() == [("offer-expired", "FOD-01", ())]
    assert (taycan.state.jobs, [key for key in taycan.state.timers if "over" in key]) == ({}, [])
    taycan.take(taycan.offer("just", not_after=taycan.now + timedelta(microseconds=1)))
    assert taycan.refusals() == []
    assert list(taycan.state.jobs) == ["just"]


def refused_offers(car: "Driver") -> list[str]:
    return [text for text in car.shown() if text.startswith("refused-offer")]


@pytest.mark.requirement("FOD-08")
def test_what_is_not_followed_of_a_list_is_told_once_while_the_list_says_the_same(taycan: "Driver") -> None:
    taycan.download()
    over, other = taycan.offer("over", not_after=taycan.now), taycan.offer(sha256="1" * 64)
    taycan.take(over, other)
    assert refused_offers(taycan) == ["refused-offer-expired", "refused-offer-changed"]
    taycan.reload()
    taycan.take(other, over)
    assert (refused_offers(taycan), len(taycan.refusals())) == ([], 2)
    taycan.take(other)
    assert refused_offers(taycan) == []
    taycan.take(other, over)
    assert refused_offers(taycan) == ["refused-offer-expired"]


@pytest.mark.requirement("FOD-08")
def test_what_is_not_followed_of_a_list_stands_before_the_driver_while_driving(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.ParkingBrakeReleased())
    taycan.take(taycan.offer(sha256="1" * 64, function="another"))
    assert do.Show("refused-offer-changed", {"function": FUNCTION}, "cluster") in taycan.last


# --- what is no longer listed ---


@pytest.mark.parametrize("state", NOT_YET_ACTIVATING)
def test_what_is_no_longer_listed_is_withdrawn_before_it_is_activated(taycan: "Driver", state: PackageState) -> None:
    taycan.download()
    put(taycan, state)
    taycan.take()
    assert taycan.job().state is PackageState.CANCELLING
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage(FOD)]
    assert bool(taycan.of(do.StopDownload)) is (state in FETCHED_BY_THEN)
    assert not [key for key in taycan.state.timers if FOD in key or key == "confirm"]


@pytest.mark.requirement("FOD-10")
@pytest.mark.parametrize("state", GOES_ON)
def test_what_is_no_longer_listed_stays_once_it_is_being_activated(taycan: "Driver", state: PackageState) -> None:
    taycan.download()
    put(taycan, state)
    taycan.take()
    assert taycan.job().state is state
    assert taycan.refusals() == []
    assert taycan.steps("package") == []
    assert taycan.of(do.DiscardPackage) == []


@pytest.mark.requirement("FOD-04", "FOD-07")
@pytest.mark.parametrize("lists", [(), ({"sha256": "1" * 64},)], ids=["nothing", "other bytes"])
def test_an_installation_that_is_interrupted_is_not_begun_again_where_it_is_not_listed_any_more(
    taycan: "Driver", lists: tuple[dict[str, str], ...]
) -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    assert taycan.job().state is PackageState.ACTIVATING
    taycan.take(*(taycan.offer(**changes) for changes in lists))
    taycan.feed(on.CarUnlocked(), on.PcmStarted(), on.CarLocked())
    taycan.go_online()
    assert taycan.wait(minutes=11).count(do.CheckMetadata()) == 1
    assert taycan.job().state is PackageState.WAITING
    assert taycan.of(do.InstallPackage) == []
    taycan.feed(*found())
    assert taycan.job().state is PackageState.CANCELLING


def test_only_what_is_no_longer_listed_is_withdrawn(taycan: "Driver") -> None:
    taycan.download()
    taycan.order(taycan.offer("second"), taycan.offer("third"))
    taycan.take(taycan.offer("second"), taycan.offer("new"))
    assert {offer_id: job.state for offer_id, job in taycan.state.jobs.items()} == {
        FOD: PackageState.CANCELLING,
        "second": PackageState.DOWNLOADING,
        "third": PackageState.CANCELLING,
        "new": PackageState.PAUSED,
    }


def test_what_was_withdrawn_is_not_begun_anew_by_the_same_offer(taycan: "Driver") -> None:
    taycan.download()
    taycan.take()
    taycan.feed(on.PackageDiscarded(FOD))
    taycan.take(taycan.offer())
    assert taycan.job().state is PackageState.CANCELLED
    assert taycan.of(do.StartDownload) == []


@pytest.mark.requirement("FOD-04")
def test_withdrawn_by_command_alone_it_goes_on_while_it_is_listed_still(taycan: "Driver") -> None:
    taycan.download()
    assert taycan.command(WithdrawPackage(offer_id=FOD)).stage == "done"
    taycan.take(taycan.offer())
    assert taycan.job().state is PackageState.DOWNLOADING
    taycan.take()
    assert taycan.job().state is PackageState.CANCELLING


# --- finished jobs ---


def many(car: "Driver", count: int) -> None:
    """So many finished jobs, all of which are listed."""
    car.go_online()
    car.take(*[car.offer(f"fod-{number}") for number in range(count)])
    for number in range(count):
        car.job(f"fod-{number}").state = sorted(FINISHED)[number % len(FINISHED)]
    car.reload()


def test_what_is_finished_and_still_listed_is_never_begun_anew_however_much_it_is(taycan: "Driver") -> None:
    count = 2 * JOBS_KEPT + 3
    many(taycan, count)
    for _ in range(3):
        taycan.order(taycan.offer("one-more"))
        taycan.take(*(it for it in taycan.listed.values() if it.offer_id != "one-more"))
        taycan.feed(on.PackageDiscarded("one-more"))
        assert all(taycan.job(f"fod-{number}").state in FINISHED for number in range(count))
    assert taycan.of(do.StartDownload) == []


def test_the_oldest_finished_jobs_that_are_no_longer_listed_make_room_and_no_others(taycan: "Driver") -> None:
    many(taycan, JOBS_KEPT + 3)
    unfinished = [state for state in PackageState if state not in FINISHED]
    taycan.order(*[taycan.offer(f"kept-{state}") for state in unfinished])
    for state in unfinished:
        taycan.job(f"kept-{state}").state = state
    taycan.reload()
    listed = taycan.offer("fod-1")
    taycan.take(listed)
    gone = {f"fod-{number}" for number in range(3)} - {"fod-1"}
    expected = [f"fod-{number}" for number in range(JOBS_KEPT + 3)] + [f"kept-{state}" for state in unfinished]
    assert list(taycan.state.jobs) == [offer_id for offer_id in expected if offer_id not in gone]


def test_so_many_finished_jobs_are_remembered_though_nothing_is_listed(taycan: "Driver") -> None:
    many(taycan, JOBS_KEPT)
    taycan.take()
    assert len(taycan.state.jobs) == JOBS_KEPT
    many(taycan, JOBS_KEPT + 1)
    taycan.take()
    assert len(taycan.state.jobs) == JOBS_KEPT


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


# --- what is to be removed ---


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize("state", PackageState)
def test_only_what_is_active_is_removed_and_whatever_else_is_listed_as_removed_goes_its_way(
    make_car: "Callable[..., Driver]", state: PackageState
) -> None:
    unlisted, removed = make_car("taycan", "JP"), make_car("taycan", "JP")
    for car in (unlisted, removed):
        car.download()
        put(car, state)
    unlisted.take()
    removed.remove()
    if state is PackageState.ACTIVE:
        assert removed.job().state is PackageState.REMOVING
        assert "package-removing" in removed.shown()
    else:
        assert removed.last == unlisted.last
        assert removed.state == unlisted.state
    assert removed.refusals() == []


@pytest.mark.requirement("FOD-13")
def test_a_removal_that_is_listed_again_changes_nothing(taycan: "Driver") -> None:
    taycan.activate()
    taycan.remove()
    for state in (PackageState.REMOVING, PackageState.REMOVED):
        assert taycan.job().state is state
        taycan.take(removals=[FOD, FOD])
        assert taycan.steps("package") == []
        assert taycan.refusals() == []
        taycan.wait(minutes=10)
        taycan.feed(on.PackageRemoved(FOD))
    assert taycan.state.installed == {}


def test_what_is_to_be_removed_and_was_never_heard_of_means_nothing(taycan: "Driver") -> None:
    taycan.activate()
    taycan.take(taycan.offer(), removals=["another"])
    assert taycan.job().state is PackageState.ACTIVE
    assert (list(taycan.state.jobs), taycan.refusals()) == ([FOD], [])


@pytest.mark.requirement("FOD-13")
def test_what_is_being_installed_when_it_is_to_be_removed_is_removed_after_the_next_look(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.take(removals=[FOD], good_until=taycan.now + DAY)
    assert taycan.job().state is PackageState.ACTIVATING
    taycan.feed(on.PackageInstalled(FOD), on.PackageVerified(FOD))
    assert taycan.job().state is PackageState.ACTIVE
    taycan.wait(days=1)
    assert taycan.at("metadata") is Metadata.CHECKING, "it looks by itself"
    taycan.feed(on.MetadataAccepted((), taycan.state.floors, FAR, removals=(FOD,)))
    assert taycan.job().state is PackageState.REMOVING


# --- what is installed ---

IMAGE = InstalledImage(function=FUNCTION, version="1.0.0", sha256="0" * 64, release_counter=1, offer_id=FOD)


def activate(car: "Driver", offer_id: str, **changes: object) -> None:
    """One more package, from the list to the active function."""
    car.go_online()
    car.order(car.offer(offer_id, **changes))
    car.feed(on.DownloadCompleted(offer_id))
    car.leave()
    car.wait(minutes=10)
    car.feed(on.PackageInstalled(offer_id), on.PackageVerified(offer_id))


def remove(car: "Driver", offer_id: str = FOD) -> None:
    car.remove(offer_id)
    car.wait(minutes=10)
    car.feed(on.PackageRemoved(offer_id))


@pytest.mark.requirement("FOD-04")
def test_the_counter_rises_once_the_new_version_has_proven_itself_and_not_before(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.PackageInstalled(FOD))
    assert (taycan.state.installed, taycan.state.counters) == ({}, {})
    assert taycan.of(do.ReportInstalled) == []
    taycan.feed(on.PackageVerified(FOD))
    assert (taycan.state.installed, taycan.state.counters) == ({FUNCTION: IMAGE}, {FUNCTION: 1})
    assert taycan.of(do.ReportInstalled) == [do.ReportInstalled()]


def test_a_version_that_does_not_prove_itself_is_not_installed(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.PackageInstalled(FOD), on.InstallationFailed(FOD, "package-hash"), on.PackageVerified(FOD))
    assert (taycan.state.installed, taycan.state.counters) == ({}, {})


@pytest.mark.requirement("FOD-13")
def test_the_counter_outlasts_the_function(taycan: "Driver") -> None:
    taycan.activate()
    taycan.take()
    remove(taycan)
    assert taycan.of(do.ReportInstalled) == [do.ReportInstalled()]
    assert (taycan.state.installed, taycan.state.counters) == ({}, {FUNCTION: 1})
    taycan.restart()
    assert taycan.state.counters == {FUNCTION: 1}


def test_a_counter_rises_with_each_newer_version_and_never_falls(taycan: "Driver") -> None:
    seen = []
    for number, counter in enumerate((2, 5, 5, 3, 7)):
        activate(taycan, f"offer-{number}", sha256=str(number) * 64, version=f"{number}", release_counter=counter)
        seen.append((taycan.state.installed[FUNCTION].version, taycan.state.counters[FUNCTION]))
    assert seen == [("0", 2), ("1", 5), ("2", 5), ("2", 5), ("4", 7)]


@pytest.mark.requirement("FOD-04")
def test_an_older_release_that_waited_is_given_up_once_a_newer_one_is_installed(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.feed(on.CarUnlocked())
    older = taycan.offer("older", sha256="1" * 64)
    taycan.order(older)
    taycan.feed(on.DownloadCompleted("older"))
    taycan.leave()
    taycan.state.counters[FUNCTION] = 2  # a newer one of the same list came first
    taycan.reload()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == []
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage("older")]
    assert (taycan.job("older").state, taycan.job("older").code) == (PackageState.FAILED, "release-rollback")
    (told,) = [body for body in taycan.said() if isinstance(body, PackageReported)]
    assert (told.state, told.code) == (PackageState.FAILED, "release-rollback")
    assert "package-faulty" in taycan.shown()
    assert not [key for key in taycan.state.timers if "older" in key]


def test_each_function_has_a_counter_of_its_own(taycan: "Driver") -> None:
    taycan.activate()
    activate(taycan, "other", function="another", sha256="1" * 64, release_counter=9)
    assert taycan.state.counters == {FUNCTION: 1, "another": 9}
    assert sorted(taycan.state.installed) == ["another", FUNCTION]


@pytest.mark.requirement("FOD-13")
def test_an_older_version_that_is_taken_out_leaves_the_newer_one(taycan: "Driver") -> None:
    taycan.activate()
    activate(taycan, "newer", sha256="1" * 64, version="2.0.0", release_counter=2)
    remove(taycan)
    assert taycan.state.installed[FUNCTION].version == "2.0.0"
    remove(taycan, "newer")
    assert taycan.state.installed == {}


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize(("first", "second"), [(FOD, "twin"), ("twin", FOD)])
def test_the_same_version_from_two_orders_is_out_once_both_are(taycan: "Driver", first: str, second: str) -> None:
    taycan.activate()
    activate(taycan, "twin")
    assert taycan.state.installed == {FUNCTION: replace(IMAGE, offer_id="twin")}
    remove(taycan, first)
    assert taycan.state.installed == {FUNCTION: replace(IMAGE, offer_id=second)}
    remove(taycan, second)
    assert taycan.state.installed == {}


def test_what_the_car_no_longer_knows_to_be_installed_can_be_taken_out_all_the_same(taycan: "Driver") -> None:
    taycan.activate()
    taycan.state.installed.clear()
    taycan.reload()
    remove(taycan)
    assert taycan.job().state is PackageState.REMOVED
