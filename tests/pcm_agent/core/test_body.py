from enum import StrEnum
from typing import TYPE_CHECKING

import pytest

from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.states import (
    Battery,
    Charging,
    Ignition,
    Lock,
    Occupancy,
    ParkingBrake,
    SelectorLever,
)

if TYPE_CHECKING:
    from tests.pcm_agent.core.conftest import Driver


@pytest.mark.parametrize(
    ("region", "initial", "away", "back"),
    [
        ("ignition", Ignition.OFF, on.IgnitionTurnedOn(), on.IgnitionTurnedOff()),
        ("parking_brake", ParkingBrake.APPLIED, on.ParkingBrakeReleased(), on.ParkingBrakeApplied()),
        ("lock", Lock.LOCKED, on.CarUnlocked(), on.CarLocked()),
        ("occupancy", Occupancy.VACANT, on.CarEntered(), on.CarLeft()),
        ("charging", Charging.DISCONNECTED, on.ChargingCableConnected(), on.ChargingCableDisconnected()),
    ],
)
def test_sensor_has_two_states(taycan: "Driver", region: str, initial: StrEnum, away: Event, back: Event) -> None:
    taycan.feed(on.PcmStarted())
    assert getattr(taycan.state, region) is initial
    assert taycan.feed(back) == []
    changed = taycan.feed(away)
    other = getattr(taycan.state, region)
    assert other is not initial
    assert changed == [do.Transition(region, initial, other, type(away).__name__), do.ReportState(), do.Persist()]
    assert taycan.feed(away) == []
    assert taycan.feed(back)[0] == do.Transition(region, other, initial, type(back).__name__)
    assert getattr(taycan.state, region) is initial


@pytest.mark.parametrize("target", SelectorLever)
@pytest.mark.parametrize("source", SelectorLever)
def test_selector_lever_goes_from_any_position_to_any(
    taycan: "Driver", source: SelectorLever, target: SelectorLever
) -> None:
    taycan.feed(on.SelectorLeverMoved(source))
    taycan.feed(on.SelectorLeverMoved(target))
    assert taycan.state.selector_lever is target
    assert taycan.steps("selector_lever") == ([] if source is target else [target])


def test_battery_is_sufficient_from_the_profiles_level_on(taycan: "Driver") -> None:
    enough = taycan.profile.installation.minimum_battery_percent
    for percent, battery, steps in (
        (enough, Battery.SUFFICIENT, []),
        (enough - 1, Battery.LOW, ["low"]),
        (0, Battery.LOW, []),
        (enough, Battery.SUFFICIENT, ["sufficient"]),
        (100, Battery.SUFFICIENT, []),
    ):
        taycan.feed(on.BatteryLevelMeasured(percent))
        assert taycan.at("battery") is battery
        assert taycan.state.battery_percent == percent
        assert taycan.steps("battery") == steps


def test_same_level_again_is_no_new_report(taycan: "Driver") -> None:
    taycan.feed(on.BatteryLevelMeasured(70))
    version = taycan.state.version
    taycan.feed(on.BatteryLevelMeasured(70))
    assert taycan.state.version == version
    assert taycan.of(do.ReportState) == []
