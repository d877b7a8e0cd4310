from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.states import SelectorLever
from pcm_agent.core.updates import GONE
from pcm_agent.protocol.messages import PackageReported, PackageState, WithdrawPackage

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver

FOD = "fod-1"
FUNCTION = "intelligent-range-manager"


def page(car: "Driver") -> list[tuple[str, object]]:
    """What the Updates page shows: texts, each with its state, its reasons, or how much is there."""
    car.feed(on.UpdatesOpened())
    return [(show.text, _told(show)) for show in car.of(do.Show)]


def _told(show: do.Show) -> object:
    return next(
        (show.arguments[name] for name in ("state", "reasons", "percent", "code") if name in show.arguments), None
    )


def fail(car: "Driver") -> None:
    """An activation that fails while the car is left alone."""
    car.stage()
    car.leave()
    car.wait(minutes=10)
    car.feed(on.InstallationFailed(FOD, "disk-full"))


def installs(car: "Driver") -> int:
    return len(car.of(do.InstallPackage))


# --- the page ---


@pytest.mark.requirement("FOD-05", "FOD-16")
@pytest.mark.parametrize("state", PackageState)
def test_the_page_shows_the_state_of_every_installation(taycan: "Driver", state: PackageState) -> None:
    taycan.go_online()
    taycan.order(taycan.offer(consent="ask"))
    taycan.job().state = state
    expected: list[tuple[str, object]] = [("updates-none", None)]
    if state not in GONE:
        expected = [("updates-state", state.value)]
    if state in (PackageState.DOWNLOADING, PackageState.PAUSED):
        expected.append(("updates-progress", 0))
    assert page(taycan) == expected


@pytest.mark.requirement("FOD-05", "FOD-16")
def test_the_page_says_how_far_it_is_what_it_waits_for_and_how_it_ended_last(taycan: "Driver") -> None:
    taycan.download()
    taycan.feed(on.DownloadProgressed(FOD, taycan.job().assignment.length // 4), on.PrivateModeEnabled())
    waiting = [("updates-state", "paused"), ("updates-progress", 25), ("updates-waiting", ("private-mode",))]
    assert page(taycan) == [*waiting, ("updates-check", ("private-mode",))]
    taycan.feed(on.PrivateModeDisabled(), on.DownloadCompleted(FOD))
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.InstallationFailed(FOD, "disk-full"))
    assert page(taycan) == [("updates-state", "rolled-back"), ("updates-last", "disk-full")]


@pytest.mark.requirement("FOD-05", "FOD-16")
def test_the_page_says_what_was_not_accepted_as_long_as_it_is_listed(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.order(taycan.offer(consent="ask"))
    taycan.take(taycan.offer(sha256="1" * 64), taycan.offer("over", function="another", not_after=taycan.now))
    taycan.feed(on.PackageDiscarded(FOD))
    assert page(taycan) == [("refused-offer-changed", None), ("refused-offer-expired", None)]
    assert taycan.last[0] == do.Show("refused-offer-changed", {"function": FUNCTION})
    taycan.take()
    assert page(taycan) == [("updates-none", None)]


@pytest.mark.requirement("FOD-05")
def test_what_is_available_is_installed_from_the_page(taycan: "Driver") -> None:
    taycan.go_online()
    taycan.order(taycan.offer(consent="ask"))
    assert page(taycan) == [("updates-state", "offered")]
    taycan.feed(on.PackageConsented(FOD))
    assert taycan.of(do.StartDownload)
    assert page(taycan) == [("updates-state", "downloading"), ("updates-progress", 0)]


@pytest.mark.requirement("FOD-16")
@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (on.CellChanged("JP", None), "no-data"),
        (on.PrivateModeEnabled(), "private-mode"),
        (on.BatteryLevelMeasured(10), "battery-low"),
    ],
)
def test_without_a_message_the_page_says_what_to_check(taycan: "Driver", event: Event, reason: str) -> None:
    taycan.go_online()
    assert page(taycan) == [("updates-none", None)]
    taycan.feed(event)
    assert page(taycan) == [("updates-check", (reason,))]


def test_looking_changes_nothing(taycan: "Driver") -> None:
    taycan.download()
    before = taycan.vehicle.snapshot()
    taycan.feed(on.UpdatesOpened())
    assert taycan.vehicle.snapshot() == before
    assert [type(effect) for effect in taycan.last] == [do.Show, do.Show]


@pytest.mark.requirement("FOD-16")
def test_the_power_button_tries_again_what_broke_off(taycan: "Driver") -> None:
    taycan.download()
    for _ in range(9):
        taycan.feed(on.DownloadInterrupted(FOD, "server-error"))
        taycan.wait(minutes=5)
    taycan.feed(on.DownloadInterrupted(FOD, "server-error"), on.IgnitionTurnedOff())
    assert f"retry:{FOD}" in taycan.state.timers
    taycan.feed(on.IgnitionTurnedOn())
    assert taycan.of(do.StartDownload) == [do.StartDownload(FOD)]
    assert f"retry:{FOD}" not in taycan.state.timers


# --- an activation that failed ---


@pytest.mark.requirement("FOD-07")
def test_a_failed_activation_works_the_next_time_the_car_is_left(taycan: "Driver") -> None:
    fail(taycan)
    assert taycan.shown() == ["package-failed"]
    taycan.feed(on.CarUnlocked(), on.CarEntered(), on.IgnitionTurnedOn(), on.ChargingCableConnected())
    assert ("updates-state", "waiting") in page(taycan)
    taycan.leave()
    taycan.wait(hours=1)
    assert installs(taycan) == 0  # the cable is still in
    taycan.feed(on.ChargingCableDisconnected())
    taycan.wait(minutes=9, seconds=59)
    assert installs(taycan) == 0
    taycan.wait(seconds=1)
    assert installs(taycan) == 1
    taycan.feed(on.PackageInstalled(FOD), on.PackageVerified(FOD))
    assert taycan.job().code is None
    taycan.feed(on.IgnitionTurnedOn())
    assert ("updates-state", "active") in page(taycan)


@pytest.mark.requirement("FOD-07")
def test_it_is_tried_once_each_time_and_not_for_ever(taycan: "Driver") -> None:
    taycan.speak_seldom()
    fail(taycan)
    taycan.wait(days=7)
    assert installs(taycan) == 0
    for _ in range(3):
        taycan.feed(on.CarUnlocked(), on.CarLocked())
        taycan.wait(minutes=10)
        assert installs(taycan) == 1
        taycan.feed(on.InstallationFailed(FOD, "disk-full"))
        assert taycan.shown() == ["package-failed"]
        taycan.wait(days=1)
        assert installs(taycan) == 0


def test_a_failure_while_somebody_is_at_the_car_waits_at_once(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.CarUnlocked(), on.InstallationFailed(FOD, "disk-full"))
    assert taycan.steps("package") == ["rolled-back", "waiting"]
    assert [report.code for report in taycan.said() if isinstance(report, PackageReported)] == ["disk-full"] * 2


def test_a_failed_package_can_be_withdrawn(taycan: "Driver") -> None:
    fail(taycan)
    assert taycan.command(WithdrawPackage(offer_id=FOD)).stage == "done"
    taycan.feed(on.PackageWithdrawn(FOD))
    assert taycan.job().state is PackageState.CANCELLING


# --- where an error stands ---


@pytest.mark.requirement("FOD-08")
@pytest.mark.parametrize(
    ("driving", "display"),
    [
        ((), "pcm"),
        ((on.SelectorLeverMoved(SelectorLever.DRIVE),), "cluster"),
        ((on.ParkingBrakeReleased(),), "cluster"),
        ((on.ParkingBrakeReleased(), on.SelectorLeverMoved(SelectorLever.DRIVE)), "cluster"),
    ],
)
def test_an_error_stands_before_the_driver_while_driving(
    taycan: "Driver", driving: tuple[Event, ...], display: str
) -> None:
    taycan.download()
    taycan.feed(*driving, on.DownloadFailed(FOD, "hash-mismatch"))
    arguments: dict[str, do.Argument] = {"function": FUNCTION, "cause": "hash-mismatch", "code": "hash-mismatch"}
    assert [show for show in taycan.of(do.Show) if show.text == "package-faulty"] == [
        do.Show("package-faulty", arguments, "cluster" if display == "cluster" else "pcm")
    ]


def test_an_error_in_a_car_that_is_off_stands_in_the_pcm(taycan: "Driver") -> None:
    taycan.stage()
    taycan.leave()
    taycan.wait(minutes=10)
    taycan.feed(on.ParkingBrakeReleased(), on.InstallationFailed(FOD, "disk-full"))
    assert [show.display for show in taycan.of(do.Show) if show.text == "package-failed"] == ["pcm"]
