"""Power and body: facts that sensors report, so every one of them is accepted (FOD-06 looks at them)."""

from enum import StrEnum
from typing import cast

from pcm_agent.core.events import (
    BatteryLevelMeasured,
    CarEntered,
    CarLeft,
    CarLocked,
    CarUnlocked,
    ChargingCableConnected,
    ChargingCableDisconnected,
    ChargingStarted,
    ChargingStopped,
    ClimateStarted,
    ClimateStopped,
    Event,
    IgnitionTurnedOff,
    IgnitionTurnedOn,
    ParkingBrakeApplied,
    ParkingBrakeReleased,
    SelectorLeverMoved,
)
from pcm_agent.core.region import Action, Guard, Region, Row, Turn, refuse
from pcm_agent.core.states import (
    Battery,
    Charge,
    Charging,
    Climate,
    Ignition,
    Lock,
    Occupancy,
    ParkingBrake,
    SelectorLever,
)


def _two_states(
    name: str, there: tuple[type[Event], StrEnum], back: tuple[type[Event], StrEnum], then: tuple[Action, ...] = ()
) -> Region:
    """A region with two states and one event for each way; `then` is done on leaving the initial, first one."""
    rows = (Row(back[0], there[1], back[1], (), then), Row(there[0], back[1], there[1]))
    otherwise = dict.fromkeys((there[0], back[0]), "it is so already")
    return Region(name, type(there[1]), there[1], rows, field=name, otherwise=otherwise)


def count_restart(turn: Turn) -> None:
    """The car was restarted; what waits for that goes on (CON-25)."""
    turn.state.restarts += 1


IGNITION = _two_states("ignition", (IgnitionTurnedOff, Ignition.OFF), (IgnitionTurnedOn, Ignition.ON), (count_restart,))
PARKING_BRAKE = _two_states(
    "parking_brake", (ParkingBrakeApplied, ParkingBrake.APPLIED), (ParkingBrakeReleased, ParkingBrake.RELEASED)
)
LOCK = _two_states("lock", (CarLocked, Lock.LOCKED), (CarUnlocked, Lock.UNLOCKED))
OCCUPANCY = _two_states("occupancy", (CarLeft, Occupancy.VACANT), (CarEntered, Occupancy.OCCUPIED))
CHARGING = _two_states(
    "charging",
    (ChargingCableDisconnected, Charging.DISCONNECTED),
    (ChargingCableConnected, Charging.CONNECTED),
)

CLIMATE = _two_states("climate", (ClimateStopped, Climate.OFF), (ClimateStarted, Climate.ON))


def on_cable(turn: Turn) -> bool:
    """The charging cable is plugged in."""
    return turn.state.charging is Charging.CONNECTED


CHARGE = Region(
    "charge",
    Charge,
    Charge.IDLE,
    (
        Row(ChargingStarted, Charge.IDLE, Charge.FLOWING, (on_cable,)),
        Row(ChargingStarted, Charge.IDLE, None, (), (refuse("no-charging-cable", "REM-01"),)),
        Row(ChargingStopped, Charge.FLOWING, Charge.IDLE),
        Row(ChargingCableDisconnected, Charge.FLOWING, Charge.IDLE),
    ),
    field="charge",
    otherwise={
        ChargingStarted: "it flows already",
        **dict.fromkeys((ChargingStopped, ChargingCableDisconnected), "nothing flows"),
    },
)


def _to(position: SelectorLever) -> Guard:
    def to(turn: Turn) -> bool:
        return cast("SelectorLeverMoved", turn.event).position is position

    to.__name__ = f"to {position}"
    return to


SELECTOR_LEVER = Region(
    "selector_lever",
    SelectorLever,
    SelectorLever.PARK,
    [
        Row(SelectorLeverMoved, [source for source in SelectorLever if source is not target], target, (_to(target),))
        for target in SelectorLever
    ],
    field="selector_lever",
    otherwise={SelectorLeverMoved: "it is there already"},
)


def enough(turn: Turn) -> bool:
    """The measured level lets an installation begin."""
    percent = cast("BatteryLevelMeasured", turn.event).percent
    return percent >= turn.car.profile.installation.minimum_battery_percent


def too_low(turn: Turn) -> bool:
    """The measured level does not let an installation begin."""
    return not enough(turn)


def keep_level(turn: Turn) -> None:
    """Keep the measured level."""
    turn.state.battery_percent = cast("BatteryLevelMeasured", turn.event).percent


BATTERY = Region(
    "battery",
    Battery,
    Battery.SUFFICIENT,
    (
        Row(BatteryLevelMeasured, Battery.LOW, Battery.SUFFICIENT, (enough,), (keep_level,)),
        Row(BatteryLevelMeasured, Battery.SUFFICIENT, Battery.LOW, (too_low,), (keep_level,)),
        Row(BatteryLevelMeasured, tuple(Battery), None, (), (keep_level,)),
    ),
    field="battery",
)
