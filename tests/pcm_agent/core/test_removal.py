"""The end of a subscription: the function is taken out of the car (FOD-13)."""

from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.protocol.messages import PackageReported, PackageState
from tests.pcm_agent.core.conftest import FOD

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver


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
    assert taycan.job_states() == ["removed"]


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
