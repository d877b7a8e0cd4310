"""What the car is to have becomes package jobs, and ends with them."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.assignments import FINISHED, JOBS_KEPT
from pcm_agent.core.jobs.job import BUSY, NOT_YET_ACTIVATING, NOT_YET_STAGED
from pcm_agent.protocol.messages import PackageState, WithdrawPackage
from pcm_agent.trust.images import Delta
from tests.pcm_agent.core.by_hand import DAY, put
from tests.pcm_agent.core.conftest import FAR, FOD, FUNCTION, NOW, found

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

FETCHED_BY_THEN = (PackageState.CONSENTED, PackageState.PAUSED, PackageState.DOWNLOADING)
"""Where nothing blocks, such a job is being downloaded by the time that the list is there."""
GOES_ON = [state for state in PackageState if state not in NOT_YET_ACTIVATING]


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
