from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.jobs.transfer import MOST_ATTEMPTS, MOST_FETCHED, MOST_TOLD, WORTHWHILE
from pcm_agent.core.states import Access
from pcm_agent.protocol.messages import PackageReported, PackageState, WithdrawPackage

if TYPE_CHECKING:
    from pcm_agent.trust.images import Assignment
    from tests.pcm_agent.core.conftest import Driver

FOD = "fod-1"


def states(car: "Driver") -> list[PackageState]:
    """The states that the backend was told of."""
    return [body.state for body in car.said() if isinstance(body, PackageReported)]


# --- transfer ---


@pytest.mark.requirement("FOD-02")
def test_an_ordered_package_is_downloaded_at_once_where_nothing_blocks(taycan: "Driver") -> None:
    taycan.download()
    assert taycan.steps("package") == ["consented", "downloading"]
    assert taycan.of(do.StartDownload) == [do.StartDownload(FOD)]
    assert taycan.shown() == ["package-downloading"]
    assert states(taycan) == ["offered", "consented", "downloading"]
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
    assert states(taycan) == ["paused"]
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
    shown, told = [], len(states(taycan))
    for number in range(100):
        taycan.feed(on.DownloadInterrupted(FOD, "server-error", number, 1))
        shown += taycan.shown()
        told += len(states(taycan))
        taycan.wait(minutes=8)
        shown += taycan.shown()
        told += len(states(taycan))
    assert shown == []
    assert told == 2 + MOST_TOLD, "offered and consented besides"
    taycan.feed(on.DownloadCompleted(FOD))
    assert states(taycan) == ["staged", "waiting"], "what comes of it is told all the same"


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
    assert states(taycan) == ["expired"]


def test_a_downloaded_package_does_not_expire(taycan: "Driver") -> None:
    taycan.speak_seldom()
    taycan.stage()
    taycan.wait(days=29)
    assert taycan.job().state is PackageState.WAITING
    taycan.leave()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage)


# --- installation ---


@pytest.mark.requirement("FOD-04", "FOD-06")
def test_a_function_is_activated_by_itself_once_the_car_is_left_and_locked(taycan: "Driver") -> None:
    taycan.stage()
    assert taycan.shown() == ["package-ready", "package-waiting"]
    assert taycan.job().blocked_by == ("car-on",)
    taycan.leave()
    assert "package-settling" in taycan.shown()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == [do.InstallPackage(FOD)]
    taycan.feed(on.PackageInstalled(FOD))
    assert taycan.of(do.VerifyPackage) == [do.VerifyPackage(FOD)]
    taycan.feed(on.PackageVerified(FOD))
    assert taycan.shown() == ["package-active"]
    assert states(taycan) == ["active"]


@pytest.mark.requirement("FOD-06")
def test_each_change_of_what_blocks_is_named(taycan: "Driver") -> None:
    taycan.stage()
    taycan.feed(on.ChargingCableConnected())
    assert taycan.of(do.Show) == [
        do.Show(
            "package-waiting", {"function": taycan.job().assignment.function, "reasons": ("car-on", "charging-cable")}
        )
    ]
    taycan.leave()
    assert [report.blocked_by for report in taycan.said() if isinstance(report, PackageReported)] == [
        ("charging-cable",)
    ]


@pytest.mark.parametrize("switched", [False, True])
def test_a_failed_installation_keeps_the_old_version(taycan: "Driver", switched: bool) -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    if switched:
        taycan.feed(on.PackageInstalled(FOD))
    taycan.feed(on.InstallationFailed(FOD, "disk-full"))
    assert taycan.job().state is PackageState.ROLLED_BACK
    assert taycan.job().code == "disk-full"
    assert taycan.shown() == ["package-failed"]
    taycan.wait(hours=1)
    assert taycan.of(do.InstallPackage) == []


# --- power cuts ---


def test_a_restart_takes_up_the_step_that_was_not_finished(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.restart()
    assert taycan.of(do.InstallPackage) == []
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage)
    taycan.restart()
    assert taycan.of(do.InstallPackage) == [do.InstallPackage(FOD)]
    taycan.feed(on.PackageInstalled(FOD))
    taycan.restart()
    assert taycan.of(do.VerifyPackage) == [do.VerifyPackage(FOD)]
    assert taycan.of(do.InstallPackage) == []
    taycan.feed(on.PackageVerified(FOD))
    taycan.restart()
    assert taycan.of(do.VerifyPackage) == []


def test_a_restart_has_no_data_yet_so_the_download_pauses(taycan: "Driver") -> None:
    taycan.download()
    taycan.restart()
    assert taycan.job().state is PackageState.PAUSED
    taycan.feed(on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))
    assert taycan.job().state is PackageState.DOWNLOADING


@pytest.mark.requirement("FOD-06")
@pytest.mark.parametrize(("timer", "blocked_by"), [("retry", ()), ("settle", ("charging-cable",))])
def test_nothing_is_installed_before_its_time_or_against_a_block(
    taycan: "Driver", timer: str, blocked_by: tuple[str, ...]
) -> None:
    taycan.stage()
    taycan.leave()
    taycan.state.timers[f"{timer}:{FOD}"] = taycan.now
    taycan.job().blocked_by = blocked_by
    taycan.reload()
    taycan.feed(on.TimerFired(f"{timer}:{FOD}"))
    assert taycan.job().state is PackageState.WAITING
    assert not taycan.of(do.InstallPackage)


def test_a_restart_does_not_begin_the_ten_minutes_anew(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=6)
    taycan.restart()
    taycan.wait(minutes=4)
    assert taycan.of(do.InstallPackage)


# --- cancelling ---


@pytest.mark.parametrize("consent", ["ask", "ordered"])
def test_a_package_can_be_withdrawn_before_it_is_downloaded(taycan: "Driver", consent: str) -> None:
    taycan.go_online()
    taycan.feed(on.PrivateModeEnabled())
    taycan.order(taycan.offer(consent=consent))
    assert taycan.command(WithdrawPackage(offer_id=FOD)).stage == "done"
    assert taycan.of(do.DiscardPackage) == []
    taycan.feed(on.PackageWithdrawn(FOD))
    assert taycan.of(do.StopDownload) == []
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage(FOD)]
    assert not [key for key in taycan.state.timers if FOD in key]
    taycan.feed(on.PackageDiscarded(FOD))
    assert taycan.job().state is PackageState.CANCELLED
    assert taycan.shown() == ["package-cancelled"]


@pytest.mark.requirement("FOD-04")
def test_a_word_that_nobody_has_signed_cancels_nothing(taycan: "Driver") -> None:
    taycan.stage()
    before = taycan.job().state
    assert taycan.command(WithdrawPackage(offer_id=FOD)).stage == "done"
    assert taycan.job().state is before
    taycan.leave()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == [do.InstallPackage(FOD)]


def test_withdrawing_stops_a_running_download(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.PackageWithdrawn(FOD))
    assert taycan.of(do.StopDownload) == [do.StopDownload(FOD)]
    taycan.restart()
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage(FOD)]


def test_a_waiting_package_can_be_withdrawn_within_the_ten_minutes(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=9)
    taycan.feed(on.PackageWithdrawn(FOD))
    taycan.wait(hours=1)
    assert taycan.of(do.InstallPackage) == []
    assert taycan.job().state is PackageState.CANCELLING


def test_an_installation_can_not_be_withdrawn(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    for event in (on.PackageInstalled(FOD), on.PackageVerified(FOD)):
        reply = taycan.command(WithdrawPackage(offer_id=FOD))
        assert (reply.stage, reply.code) == ("refused", "installation-in-progress")
        taycan.feed(event)
    assert taycan.job().state is PackageState.ACTIVE
    reply = taycan.command(WithdrawPackage(offer_id=FOD))
    assert (reply.code, reply.requirement) == ("already-active", "FOD-10")


def test_what_cannot_be_discarded_is_tried_again_after_a_pause(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.PackageWithdrawn(FOD))
    taycan.feed(on.InstallationFailed(FOD, "disk-full"))
    taycan.state.timers[f"another:{FOD}"] = taycan.now
    taycan.reload()
    taycan.feed(on.TimerFired(f"another:{FOD}"))
    assert taycan.of(do.DiscardPackage) == []
    taycan.wait(seconds=1)
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage(FOD)]
    taycan.feed(on.PackageDiscarded(FOD))
    assert taycan.job().state is PackageState.CANCELLED


def test_what_a_restart_discards_within_the_pause_is_not_tried_again(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.PackageWithdrawn(FOD))
    taycan.feed(on.InstallationFailed(FOD, "disk-full"))
    taycan.restart()
    assert taycan.of(do.DiscardPackage) == [do.DiscardPackage(FOD)]
    taycan.feed(on.PackageDiscarded(FOD))
    assert f"retry:{FOD}" not in taycan.state.timers


# --- the end of a subscription ---


@pytest.mark.requirement("FOD-13")
def test_an_ended_subscription_is_removed_once_the_car_is_left_and_locked(taycan: "Driver") -> None:
    taycan.activate()
    taycan.feed(on.IgnitionTurnedOn(), on.CarEntered(), on.CarUnlocked(), on.ChargingCableConnected())
    taycan.remove()
    assert taycan.shown()[0] == "package-removing"
    assert taycan.job().blocked_by == ("car-on", "car-occupied", "car-unlocked", "charging-cable")
    taycan.leave()
    taycan.wait(hours=1)
    assert taycan.of(do.RemovePackage) == []
    taycan.feed(on.ChargingCableDisconnected())
    taycan.wait(minutes=9, seconds=59)
    assert taycan.of(do.RemovePackage) == []
    taycan.wait(seconds=1)
    assert taycan.of(do.RemovePackage) == [do.RemovePackage(FOD)]
    taycan.feed(on.PackageRemoved(FOD))
    assert taycan.shown() == ["package-removed"]
    assert states(taycan) == ["removed"]


@pytest.mark.requirement("FOD-13")
@pytest.mark.parametrize(("timer", "blocked_by"), [("another", ()), ("settle", ("charging-cable",))])
def test_nothing_is_removed_before_its_time_or_against_a_block(
    taycan: "Driver", timer: str, blocked_by: tuple[str, ...]
) -> None:
    taycan.activate()
    taycan.remove()
    taycan.state.timers[f"{timer}:{FOD}"] = taycan.now
    taycan.job().blocked_by = blocked_by
    taycan.reload()
    taycan.feed(on.TimerFired(f"{timer}:{FOD}"))
    assert taycan.of(do.RemovePackage) == []
    assert taycan.job().state is PackageState.REMOVING


def test_what_cannot_be_removed_is_tried_again_after_a_pause(taycan: "Driver") -> None:
    taycan.activate()
    taycan.remove()
    taycan.wait(minutes=10)
    taycan.feed(on.InstallationFailed(FOD, "disk-full"))
    taycan.state.timers[f"another:{FOD}"] = taycan.now
    taycan.reload()
    taycan.feed(on.TimerFired(f"another:{FOD}"))
    assert taycan.of(do.RemovePackage) == []
    taycan.wait(seconds=1)
    assert taycan.of(do.RemovePackage) == [do.RemovePackage(FOD)]


def test_a_removal_is_not_tried_again_while_somebody_is_at_the_car(taycan: "Driver") -> None:
    taycan.activate()
    taycan.remove()
    taycan.wait(minutes=10)
    taycan.feed(on.InstallationFailed(FOD, "disk-full"), on.CarUnlocked())
    taycan.wait(minutes=1)
    assert taycan.of(do.RemovePackage) == []
    taycan.feed(on.CarLocked())
    taycan.wait(minutes=10)
    assert taycan.of(do.RemovePackage) == [do.RemovePackage(FOD)]


def test_what_blocked_the_installation_is_not_carried_to_the_removal(taycan: "Driver") -> None:
    taycan.activate()
    taycan.remove()
    assert "package-settling" in taycan.shown()
    taycan.wait(minutes=10)
    assert taycan.of(do.RemovePackage)


def test_a_restart_repeats_a_removal_that_had_begun(taycan: "Driver") -> None:
    taycan.activate()
    taycan.remove()
    taycan.restart()
    assert taycan.of(do.RemovePackage) == []
    taycan.wait(minutes=10)
    taycan.restart()
    assert taycan.of(do.RemovePackage) == [do.RemovePackage(FOD)]


def test_nothing_blocks_a_removal_that_is_done(taycan: "Driver") -> None:
    taycan.activate()
    taycan.remove()
    taycan.wait(minutes=10)
    taycan.feed(on.CarUnlocked(), on.PackageRemoved(FOD))
    (told,) = [body for body in taycan.said() if isinstance(body, PackageReported) and body.state == "removed"]
    assert told.blocked_by == ()


def test_two_jobs_go_their_own_ways(taycan: "Driver") -> None:
    taycan.download("fod-1")
    taycan.order(taycan.offer("fod-2"))
    taycan.feed(on.DownloadCompleted("fod-1"))
    assert taycan.job("fod-1").state is PackageState.WAITING
    assert taycan.job("fod-2").state is PackageState.DOWNLOADING
    taycan.leave()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == [do.InstallPackage("fod-1")]
    assert taycan.job("fod-2").state is PackageState.PAUSED


def wait_to_be_installed(car: "Driver", *offers: "Assignment") -> None:
    """All that is there is settled at the same time."""
    car.go_online()
    car.take(*offers)
    for offer in offers:
        car.feed(on.DownloadCompleted(offer.offer_id))
    car.leave()
    car.wait(minutes=10)


@pytest.mark.requirement("FOD-04")
def test_two_versions_of_one_function_are_installed_one_after_the_other(taycan: "Driver") -> None:
    newer = taycan.offer("newer", sha256="1" * 64, release_counter=2)
    wait_to_be_installed(taycan, taycan.offer(), newer)
    for step, answer in (("activating", on.PackageInstalled(FOD)), ("verifying", on.PackageVerified(FOD))):
        assert (taycan.job().state, taycan.job("newer").state) == (step, PackageState.WAITING)
        assert taycan.job("newer").blocked_by == ("another-installation",)
        taycan.wait(minutes=30)
        taycan.feed(answer)
    assert taycan.job("newer").blocked_by == ()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == [do.InstallPackage("newer")]


@pytest.mark.requirement("FOD-04")
def test_what_waited_for_another_installation_goes_on_though_that_failed(taycan: "Driver") -> None:
    wait_to_be_installed(taycan, taycan.offer(), taycan.offer("newer", sha256="1" * 64, release_counter=2))
    taycan.feed(on.InstallationFailed(FOD, "disk-full"))
    taycan.wait(minutes=10)
    assert (taycan.job().state, taycan.job("newer").state) == (PackageState.ROLLED_BACK, PackageState.ACTIVATING)


def test_two_functions_are_installed_at_the_same_time(taycan: "Driver") -> None:
    wait_to_be_installed(taycan, taycan.offer(), taycan.offer("other", function="other", sha256="1" * 64))
    assert (taycan.job().state, taycan.job("other").state) == (PackageState.ACTIVATING, PackageState.ACTIVATING)


@pytest.mark.requirement("FOD-06")
def test_nothing_is_left_of_an_installation_that_goes_back(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.CarUnlocked())
    for _ in range(2):
        taycan.restart()
        assert (taycan.job().state, taycan.of(do.RevertPackage)) == (PackageState.WAITING, [do.RevertPackage(FOD)])
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.PackageInstalled(FOD), on.InstallationFailed(FOD, "disk-full"))
    assert taycan.of(do.RevertPackage) == [do.RevertPackage(FOD)]
    taycan.restart()
    assert (taycan.job().state, taycan.of(do.RevertPackage)) == (PackageState.ROLLED_BACK, [do.RevertPackage(FOD)])


@pytest.mark.requirement("FOD-06")
def test_an_installation_that_a_power_cut_interrupted_waits_where_somebody_has_come(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.CarUnlocked(), on.CarEntered())
    taycan.restart()
    assert not taycan.of(do.InstallPackage)
    assert (taycan.job().state, taycan.job().blocked_by) == (PackageState.WAITING, ("car-occupied", "car-unlocked"))
    taycan.leave()
    taycan.wait(minutes=10)
    assert taycan.of(do.InstallPackage) == [do.InstallPackage(FOD)]
