"""Which profile stands for a car of which only the line and the model year are known."""

from collections.abc import Mapping

from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.loader import NOTHING, load_profile, unknown
from firmware_profiles.schema import Profile
from firmware_profiles.shipped import profile_names


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
    profiles = [load_profile(name, assume) for name in profile_names()]
    of_line = [profile for profile in profiles if profile.car.line.casefold() == line.casefold()]
    if not of_line:
        lines = sorted({profile.car.line for profile in profiles})
        raise ProfileError(ProfileErrorCode.UNKNOWN, line, None, "", unknown("model line", line, lines))
    of_year = [profile for profile in of_line if model_year in profile.car.model_years]
    if len(of_year) == 1:
        return of_year[0]
    if of_year:
        code, message = ProfileErrorCode.AMBIGUOUS, f"may be {_listed(of_year)}: choose by profile"
    else:
        code, message = ProfileErrorCode.UNKNOWN, f"no profile for that model year, there are {_listed(of_line)}"
    raise ProfileError(code, f"{of_line[0].car.line} {model_year}", None, "", message)


def _listed(profiles: list[Profile]) -> str:
    spans = [(profile.name, profile.car.model_years) for profile in profiles]
    return ", ".join(f"{name} ({years.first} to {years.last or 'now'})" for name, years in spans)
