"""Which profile stands for a car of which only the line and the model year are known."""

from collections.abc import Mapping

from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.loader import NOTHING, load_profile, unknown
from firmware_profiles.schema import Profile
from firmware_profiles.shipped import profile_names
from firmware_profiles.tables import load_disputes


def profile_for(line: str, model_year: int, assume: Mapping[str, str] = NOTHING) -> Profile:
    """Return the one shipped profile of a model line in a model year.

    Args:
        line: As it is written on the car, in upper or lower case.
        model_year: With four digits.
        assume: As `load_profile` takes it; it may move the spans of model years.

    Raises:
        ProfileError: `profile-unknown` where no profile stands for such a car, `profile-ambiguous` where several do,
            `assumption-unknown`. The first two name the candidates.
    """
    of_line = _of_line(line, assume)
    if not of_line:
        lines = sorted({load_profile(name).car.line for name in profile_names()})
        raise ProfileError(ProfileErrorCode.UNKNOWN, line, None, "", unknown("model line", line, lines))
    of_year = _of_year(of_line, model_year)
    if len(of_year) == 1:
        return of_year[0]
    if of_year:
        settling = _settling(line, model_year, assume)
        choice = f"choose by profile{''.join(f', or with {each}' for each in settling)}"
        code, message = ProfileErrorCode.AMBIGUOUS, f"may be {_listed(of_year)}: {choice}"
    else:
        code, message = ProfileErrorCode.UNKNOWN, f"no profile for that model year, there are {_listed(of_line)}"
    raise ProfileError(code, f"{of_line[0].car.line} {model_year}", None, "", message)


def _of_line(line: str, assume: Mapping[str, str]) -> list[Profile]:
    profiles = [load_profile(name, assume) for name in profile_names()]
    return [profile for profile in profiles if profile.car.line.casefold() == line.casefold()]


def _of_year(profiles: list[Profile], model_year: int) -> list[Profile]:
    return [profile for profile in profiles if model_year in profile.car.model_years]


def _settling(line: str, model_year: int, assume: Mapping[str, str]) -> list[str]:
    """The assumptions on points that are still open, each of which leaves one profile, with that profile's name."""
    found = []
    for point, dispute in load_disputes().items():
        for reading in dispute.readings if point not in assume else ():
            left = _of_year(_of_line(line, {**assume, point: reading}), model_year)
            if len(left) == 1:
                found.append(f"--assume {point}={reading} ({left[0].name})")
    return found


def _listed(profiles: list[Profile]) -> str:
    spans = [(profile.name, profile.car.model_years) for profile in profiles]
    return ", ".join(f"{name} ({years.first} to {years.last or 'now'})" for name, years in spans)
