"""Power and body: what sensors and switches of the car report."""

from pcm_agent.core.events.base import Event
from pcm_agent.core.states import SelectorLever


class IgnitionTurnedOn(Event, frozen=True):
    """The power button made the car ready to drive."""


class IgnitionTurnedOff(Event, frozen=True):
    """The power button ended the readiness to drive."""


class SelectorLeverMoved(Event, frozen=True):
    """The selector lever is in another position."""

    position: SelectorLever


class ParkingBrakeApplied(Event, frozen=True):
    """The parking brake holds."""


class ParkingBrakeReleased(Event, frozen=True):
    """The parking brake is free."""


class CarLocked(Event, frozen=True):
    """The car was locked."""


class CarUnlocked(Event, frozen=True):
    """The car was unlocked."""


class CarEntered(Event, frozen=True):
    """Somebody sits in the car."""


class CarLeft(Event, frozen=True):
    """Nobody sits in the car any more."""


class ChargingCableConnected(Event, frozen=True):
    """A charging cable is plugged in."""


class ChargingCableDisconnected(Event, frozen=True):
    """No charging cable is plugged in."""


class BatteryLevelMeasured(Event, frozen=True):
    """State of charge of the battery that an installation lives on."""

    percent: int


class ClimateStarted(Event, frozen=True):
    """The air conditioning of the parked car runs."""


class ClimateStopped(Event, frozen=True):
    """The air conditioning of the parked car stands still."""


class ChargingStarted(Event, frozen=True):
    """Current flows through the charging cable."""


class ChargingStopped(Event, frozen=True):
    """No current flows through the charging cable any more."""
