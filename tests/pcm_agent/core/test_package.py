"""A package is installed, interrupted, withdrawn; and several at once."""

from typing import TYPE_CHECKING

import pytest

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Access
from pcm_agent.protocol.messages import PackageReported, PackageState, WithdrawPackage
from tests.pcm_agent.core.conftest import FOD

if TYPE_CHECKING:
    from pcm_agent.trust.images import Assignment
    from tests.pcm_agent.core.conftest import Driver


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
    assert taycan.job_states() == ["active"]


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


# --- several ---


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
