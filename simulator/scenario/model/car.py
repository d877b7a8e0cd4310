"""The car of a scenario."""

from typing import Literal

from msgspec import field

from firmware_profiles import Equipment
from simulator.choice import CarChoice
from simulator.scenario.model.part import Part
from simulator.scenario.model.values import Country, Vin


class CarPart(Part, frozen=True, kw_only=True):
    """The car that the scenario is about: by profile, or by line and model year."""

    profile: str | None = None
    """Its name, or the path of a file of your own, as seen from the scenario's folder."""
    line: str | None = None
    """Model line, as it is written on the car."""
    model_year: int | None = None
    """With `line`, in place of a profile."""
    assume: dict[str, str] = field(default_factory=dict)
    """Which reading to take by point, where the sources disagree about cars."""
    country: Country
    """Where it was sold."""
    language: Literal["ja", "en", "de"] = "en"
    """What the driver reads."""
    equipment: tuple[Equipment, ...] = ()
    """What was ordered with it."""
    vin: Vin | None = None
    """Drawn from the seed where it is left out."""

    @property
    def choice(self) -> CarChoice:
        """Which car it is."""
        return CarChoice(self.profile, self.line, self.model_year, self.assume)
