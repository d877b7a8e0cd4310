"""Which car is meant, and where it was sold, as options and scenarios say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from firmware_profiles import Country, Equipment, Profile, is_profile_path, load_countries, load_profile, profile_for
from pcm_agent.errors import LocalError


@dataclass(frozen=True)
class CarChoice:
    """A car by its profile, or by its model line and model year.

    Attributes:
        profile: name, or path of a file of one's own.
        line: model line, as it is written on the car.
        model_year: with four digits.
        assume: readings by point, where the sources disagree about cars.
    """

    profile: str | None = None
    line: str | None = None
    model_year: int | None = None
    assume: Mapping[str, str] = field(default_factory=dict)

    @property
    def names_a_car(self) -> bool:
        """Whether any car is named, be it well or badly."""
        return (self.profile, self.line, self.model_year) != (None, None, None)

    def over(self, other: "CarChoice") -> "CarChoice":
        """This choice where it names a car, else the other one; what this one assumes outweighs the other."""
        return replace(self if self.names_a_car else other, assume={**other.assume, **self.assume})

    def seen_from(self, folder: Path) -> "CarChoice":
        """The choice with its profile's path as it is from here, where it is written as seen from a folder."""
        if self.profile is None or not is_profile_path(self.profile):
            return self
        return replace(self, profile=str(folder / self.profile))

    def resolve(self) -> Profile:
        """The profile of the car.

        Raises:
            LocalError: `car-incomplete`: neither a profile, nor a line with a model year; or both.
            ProfileError: no such car, more than one, or no such assumption.
        """
        match self.profile, self.line, self.model_year:
            case str(profile), None, None:
                return load_profile(profile, self.assume)
            case None, str(line), int(year):
                return profile_for(line, year, self.assume)
        both = self.profile is not None
        raise LocalError(
            "car-incomplete",
            f"a car is given by its profile, or by its line and model year{', not by both' if both else ' together'}",
        )


def equipment_of(profile: Profile, names: Iterable[str]) -> frozenset[Equipment]:
    """What was ordered with a car.

    Raises:
        LocalError: `equipment-unknown`: this car can't have it.
    """
    options = profile.equipment.options
    wanted = list(names)
    wrong = next((name for name in wanted if name not in options), None)
    if wrong is not None:
        there = ", ".join(options) or "nothing"
        raise LocalError("equipment-unknown", f"'{wrong}' can't be ordered for this car; it may have: {there}")
    return frozenset(map(Equipment, wanted))


def market_of(code: str) -> Country:
    """The country with an ISO 3166-1 alpha-2 code.

    Raises:
        LocalError: `country-unknown`.
    """
    countries = load_countries()
    if code not in countries:
        raise LocalError(
            "country-unknown", f"{code!r} is not known; docs/profiles.md has the {len(countries)} that are"
        )
    return countries[code]
