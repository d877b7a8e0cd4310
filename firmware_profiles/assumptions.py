"""Taking a side where the seeds disagree: `my2021=porsche-id` is one side of one point of `data/disputes.toml`."""

from collections.abc import Iterable, Mapping

from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.tables import load_disputes


def assumptions(texts: Iterable[str]) -> dict[str, str]:
    """Return the readings by point, from texts such as `my2021=porsche-id`; of two on one point the later one holds.

    Raises:
        ProfileError: `assumption-unknown`, naming what there is.
    """
    assumed = {}
    for text in texts:
        point, _, reading = text.partition("=")
        check_assumptions({point: reading})
        assumed[point] = reading
    return assumed


def check_assumptions(assumed: Mapping[str, str]) -> None:
    """Let assumptions pass that bear on a known point, and take a known reading of it.

    Raises:
        ProfileError: `assumption-unknown`, naming what there is.
    """
    for point, reading in assumed.items():
        if fault := assumption_fault(point, reading):
            text = f"{point}={reading}"
            raise ProfileError(ProfileErrorCode.ASSUMPTION_UNKNOWN, text, None, "", fault)


def assumption_fault(point: str, reading: str) -> str:
    """What is wrong with an assumption; "" for nothing."""
    disputes = load_disputes()
    if point not in disputes:
        return f"no such point of dispute, known are {', '.join(disputes)}"
    readings = disputes[point].readings
    return "" if reading in readings else f"no such reading of {point}, known are {', '.join(readings)}"
