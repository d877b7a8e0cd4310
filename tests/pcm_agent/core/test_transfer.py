"""The download of a package, whatever comes between (FOD-02, CON-29)."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.jobs.transfer import MOST_ATTEMPTS, MOST_FETCHED, MOST_TOLD, WORTHWHILE
from pcm_agent.protocol.messages import PackageState
from tests.pcm_agent.core.conftest import FOD

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver


@pytest.mark.requirement("FOD-02")
def test_an_ordered_package_is_downloaded_at_once_where_nothing_blocks(taycan: "Driver") -> None:
    taycan.download()
    assert taycan.steps("package") == ["consented", "downloading"]
    assert taycan.of(do.StartDownload) == [do.StartDownload(FOD)]
    assert taycan.shown() == ["package-downloading"]
    assert taycan.job_states() == ["offered", "consented", "downloading"]
    assert do.SetTimer(f"expiry:{FOD}", taycan.now + timedelta(days=28)) in taycan.last


def test_a_package_that_is_to_be_asked_for_waits_for_the_driver(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.order(taycan.offer(consent="ask"))
    assert taycan.shown() == ["package-consent"]
    assert taycan.of(do.StartDownload) == []
    taycan.restart()
    taycan.go_online()
    assert taycan.job().state is PackageState.OFFERED
    taycan.feed(on.PackageConsented(FOD))
    assert taycan.of(do.StartDownload)
    assert taycan.feed(on.PackageConsented(FOD)) == []


@pytest.mark.requirement("FOD-02")
def test_no_data_stops_a_download_and_data_resumes_it(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.DownloadProgressed(FOD, 1000), on.CellChanged("JP", None))
    assert taycan.of(do.StopDownload) == [do.StopDownload(FOD)]
    assert taycan.job().blocked_by == ("no-data",)
    assert taycan.job().received == 1000
    taycan.go_online()
    assert taycan.of(do.StartDownload) == [do.StartDownload(FOD)]
    assert taycan.job().blocked_by == ()


@pytest.mark.requirement("FOD-02")
def test_a_download_goes_on_over_another_bearer(cayenne: "Driver") -> None:
    cayenne.feed(on.HotspotJoined("phone"))
    cayenne.download()
    cayenne.feed(on.MobileDataDisabled())
    assert cayenne.job().state is PackageState.PAUSED
    cayenne.feed(on.BearerAttached(Way.HOTSPOT, None))
    assert cayenne.job().state is PackageState.DOWNLOADING


def test_a_download_needs_the_car_on(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.IgnitionTurnedOff())
    assert taycan.online()
    assert taycan.job().blocked_by == ("car-off",)
    taycan.feed(on.PrivateModeEnabled())
    assert taycan.job().blocked_by == ("private-mode", "car-off")
    assert taycan.job_states() == ["paused"]
    assert taycan.of(do.StopDownload) == []


def test_a_broken_transfer_is_tried_again_after_a_growing_pause(taycan: "Driver") -> None:
    taycan.download()
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
        taycan.feed(on.DownloadInterrupted(FOD, "server-error"))
        assert taycan.job().state is PackageState.PAUSED
        assert taycan.job().blocked_by == ("transfer-interrupted",)
        assert taycan.job().code == "server-error"
        assert taycan.state.timers[f"retry:{FOD}"] == taycan.now + timedelta(seconds=seconds)
        taycan.wait(seconds=seconds - 0.001)
        assert taycan.of(do.StartDownload) == []
        taycan.wait(seconds=0.001)
        assert taycan.of(do.StartDownload) == [do.StartDownload(FOD)]
        assert taycan.job().code is None


def test_progress_ends_the_growth_of_the_pause(taycan: "Driver") -> None:
    taycan.download()
    for _ in range(5):
        taycan.feed(on.DownloadInterrupted(FOD, "server-error"))
        taycan.wait(minutes=5)
    taycan.feed(on.DownloadProgressed(FOD, 5), on.DownloadInterrupted(FOD, "server-error"))
    assert taycan.state.timers[f"retry:{FOD}"] == taycan.now + timedelta(seconds=1)


@pytest.mark.parametrize(("fetched", "seconds"), [(0, 32), (1, 32), (WORTHWHILE - 1, 32), (WORTHWHILE, 1)])
def test_enough_new_bytes_end_the_growth_of_the_pause_too(taycan: "Driver", fetched: int, seconds: int) -> None:
    taycan.download()
    for _ in range(5):
        taycan.feed(on.DownloadInterrupted(FOD, "server-error"))
        taycan.wait(minutes=5)
    taycan.feed(on.DownloadInterrupted(FOD, "server-error", fetched, fetched))
    assert taycan.state.timers[f"retry:{FOD}"] == taycan.now + timedelta(seconds=seconds)


def test_a_break_that_mends_itself_is_not_shown_and_told_a_hundred_times_at_most(taycan: "Driver") -> None:
    taycan.download()
    shown, told = [], len(taycan.job_states())
    for number in range(100):
        taycan.feed(on.DownloadInterrupted(FOD, "server-error", number, 1))
        shown += taycan.shown()
        told += len(taycan.job_states())
        taycan.wait(minutes=8)
        shown += taycan.shown()
        told += len(taycan.job_states())
    assert shown == []
    assert told == 2 + MOST_TOLD, "offered and consented besides"
    taycan.feed(on.DownloadCompleted(FOD))
    assert taycan.job_states() == ["staged", "waiting"], "what comes of it is told all the same"


def test_cars_that_lost_one_server_do_not_come_back_together(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.DownloadInterrupted(FOD, "server-error", jitter=0.5))
    assert taycan.state.timers[f"retry:{FOD}"] == taycan.now + timedelta(seconds=1.25)


@pytest.mark.requirement("FOD-08")
def test_a_transfer_that_never_brings_a_byte_is_given_up_some_day(taycan: "Driver") -> None:
    taycan.download()
    taycan.job().attempts = MOST_ATTEMPTS - 1
    taycan.feed(on.DownloadInterrupted(FOD, "server-error"))
    taycan.wait(minutes=8)
    assert taycan.job().state is PackageState.DOWNLOADING
    taycan.feed(on.DownloadInterrupted(FOD, "server-error"))
    assert (taycan.job().state, taycan.job().code) == (PackageState.FAILED, "server-error")
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage(FOD)]
    assert taycan.shown() == ["package-faulty"]
    taycan.order(taycan.offer("another"))
    assert taycan.job("another").state is PackageState.DOWNLOADING, "it poisons nothing"


def test_a_transfer_that_brings_the_same_bytes_again_and_again_is_given_up(taycan: "Driver") -> None:
    taycan.download()
    length = taycan.job().assignment.length
    for number in range(1, 2 * MOST_FETCHED + 1):
        taycan.feed(on.DownloadInterrupted(FOD, "package-changed", number, length // 4, length // 4))
        assert taycan.job().state is PackageState.PAUSED
        taycan.wait(minutes=8)
    taycan.feed(on.DownloadInterrupted(FOD, "package-changed", 1000, 1))
    assert taycan.job().state is PackageState.FAILED
    assert taycan.job().received == 0, "nothing is kept of it"


@pytest.mark.requirement("CON-29")
def test_what_came_is_metered_whatever_becomes_of_it(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.DownloadProgressed(FOD, 100), on.DownloadInterrupted(FOD, "server-error", 150, 150, 7))
    assert [use.bytes for use in taycan.state.usage] == [157]
    taycan.wait(minutes=8)
    taycan.feed(on.DownloadFailed(FOD, "package-hash", 400, 3))
    assert [use.bytes for use in taycan.state.usage] == [410]


@pytest.mark.requirement("FOD-02")
def test_packages_are_downloaded_one_after_the_other(taycan: "Driver") -> None:
    taycan.download()
    for offer_id in ("second", "third"):
        taycan.order(taycan.offer(offer_id))
        assert taycan.job(offer_id).blocked_by == ("another-download",)
    taycan.feed(on.DownloadCompleted(FOD))
    assert taycan.of(do.StartDownload) == [do.StartDownload("second")]
    taycan.feed(on.DownloadInterrupted("second", "server-error"))
    assert taycan.of(do.StartDownload) == [do.StartDownload("third")], "who breaks off lets the others go first"
    taycan.wait(minutes=8)
    assert taycan.job("second").blocked_by == ("another-download",)
    taycan.feed(on.CellChanged("JP", None))
    assert [taycan.job(it).blocked_by for it in ("second", "third")] == [("no-data",), ("no-data",)]
    taycan.go_online()
    assert taycan.of(do.StartDownload) == [do.StartDownload("second")]
    taycan.feed(on.DownloadFailed("second", "package-gone"))
    assert taycan.of(do.StartDownload) == [do.StartDownload("third")]


def test_progress_is_told_only_while_it_is_news(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.DownloadProgressed(FOD, 5))
    assert [(effect.durable, getattr(effect.body, "received", None)) for effect in taycan.of(do.Publish)] == [
        (False, 5)
    ]


@pytest.mark.requirement("FOD-04")
def test_a_bad_download_raises_no_message_and_is_never_installed(taycan: "Driver") -> None:
    taycan.speak_seldom()
    taycan.download()
    taycan.feed(on.DownloadFailed(FOD, "hash-mismatch"))
    assert taycan.shown() == ["package-faulty"]
    assert taycan.job().state is PackageState.FAILED
    assert taycan.job().code == "hash-mismatch"
    assert taycan.feed(on.DownloadCompleted(FOD)) == []
    taycan.leave()
    taycan.wait(days=30)
    assert taycan.of(do.InstallPackage) == []


@pytest.mark.requirement("FOD-04")
def test_only_a_complete_download_raises_the_message(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.DownloadProgressed(FOD, 39_999_999))
    assert taycan.shown() == []
    taycan.feed(on.DownloadCompleted(FOD))
    assert taycan.shown()[0] == "package-ready"
    assert taycan.job().received == taycan.job().assignment.length


def test_after_its_28_days_a_package_is_no_more_downloaded(taycan: "Driver") -> None:
    taycan.speak_seldom()
    taycan.download()
    taycan.feed(on.IgnitionTurnedOff())
    taycan.wait(days=28)
    assert taycan.job().state is PackageState.EXPIRED
    taycan.feed(on.IgnitionTurnedOn())
    assert taycan.of(do.StartDownload) == []
    assert f"expiry:{FOD}" not in taycan.state.timers


def test_expiry_stops_and_discards(taycan: "Driver") -> None:
    taycan.download()
    taycan.now += timedelta(days=28)
    taycan.feed(on.TimerFired(f"expiry:{FOD}"))
    assert taycan.of(do.StopDownload)
    assert taycan.of(do.DiscardPackage)
    assert taycan.shown() == ["package-expired"]
    assert taycan.job_states() == ["expired"]


def test_a_downloaded_package_does_not_expire(taycan: "Driver") -> None:
    taycan.speak_seldom()
    taycan.stage()
    taycan.wait(days=29)
    assert taycan.job().state is PackageState.WAITING
    taycan.leave()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage)
