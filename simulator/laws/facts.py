"""What a judge knows: the car that it watches, and what has happened to it as far as nobody else keeps it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.state import VehicleState
from pcm_agent.core.states import SelectorLever
from simulator.lab import Lab, LabCar

Break = Callable[[str, object], None]
"""Takes the name of a law, and what was seen."""


@dataclass
class Body:
    """How the car stands, by what its sensors said; as it left the factory at first."""

    on: bool = False
    park: bool = True
    brake: bool = True
    locked: bool = True
    empty: bool = True
    cable: bool = False
    percent: int = 80
    since: datetime | None = None
    """Since when it is left; None: it never was anything else."""

    def learn(self, event: Event, now: datetime) -> None:
        """Keep what a sensor says; coming to the car begins its rest anew."""
        was_left = self.left
        match event:
            case on.IgnitionTurnedOn() | on.IgnitionTurnedOff():
                self.on = isinstance(event, on.IgnitionTurnedOn)
            case on.SelectorLeverMoved():
                self.park = event.position is SelectorLever.PARK
            case on.ParkingBrakeApplied() | on.ParkingBrakeReleased():
                self.brake = isinstance(event, on.ParkingBrakeApplied)
            case on.CarLocked() | on.CarUnlocked():
                self.locked = isinstance(event, on.CarLocked)
            case on.CarEntered() | on.CarLeft():
                self.empty = isinstance(event, on.CarLeft)
            case on.ChargingCableConnected() | on.ChargingCableDisconnected():
                self.cable = isinstance(event, on.ChargingCableConnected)
            case on.BatteryLevelMeasured():
                self.percent = event.percent
        if self.left and not was_left:
            self.since = now

    @property
    def left(self) -> bool:
        """FOD-13: off, left, locked, without a cable."""
        return not self.on and self.empty and self.locked and not self.cable

    def ready(self, percent: int) -> bool:
        """FOD-06: left, in P with the brake applied, and charged enough."""
        return self.left and self.park and self.brake and self.percent >= percent


@dataclass
class Facts:
    """One car in its lab."""

    lab: Lab
    car: LabCar
    breaks: Break
    body: Body = field(default_factory=Body)

    @property
    def state(self) -> VehicleState:
        """Of the car, as it is now."""
        return self.car.agent.vehicle.state

    @property
    def now(self) -> datetime:
        """By the lab's clock."""
        return self.lab.clock.now()

    def hold(self, law: str, holds: object, detail: object) -> None:
        """Break a law where it does not hold."""
        if not holds:
            self.breaks(law, detail)
