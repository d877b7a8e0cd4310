"""What must hold between the values of one profile, beyond the type of each.

Each check yields the key path at fault and a sentence; `contradictions` runs them all. They are rules of
the form, not of a car: what a car has and lacks is said by its file alone.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from firmware_profiles.positions import KeyPath
from firmware_profiles.schema import Menu, Profile, RoamingControl, Way


class Contradiction(NamedTuple):
    """Two values that cannot both be true: the key to look at, and why."""

    path: KeyPath
    message: str


def contradictions(profile: Profile, labels: Collection[str]) -> Iterator[Contradiction]:
    """Yield what contradicts itself in a profile, in the order of its tables.

    Args:
        profile: A profile whose values have the right types.
        labels: The label ids that menus may use.
    """
    yield from _model_years(profile)
    yield from _ways(profile)
    yield from _sim_pin(profile)
    yield from _roaming(profile)
    yield from _menus_that_every_car_has(profile)
    yield from _labels(profile, labels)


def _model_years(profile: Profile) -> Iterator[Contradiction]:
    years = profile.car.model_years
    if years.last is not None and years.last < years.first:
        yield Contradiction(("car", "model_years", "last"), f"{years.last} is before the first, {years.first}")


def _ways(profile: Profile) -> Iterator[Contradiction]:
    yield from _twice("ways", profile.data.ways)
    yield from _twice("parked_ways", profile.data.parked_ways)
    for way in profile.data.parked_ways:
        if way not in profile.data.ways:
            yield Contradiction(("data", "parked_ways"), f"'{way}' is not among data.ways")


def _twice(key: str, ways: Sequence[Way]) -> Iterator[Contradiction]:
    for place, way in enumerate(ways):
        if way in ways[:place]:
            yield Contradiction(("data", key), f"'{way}' stands there twice")


def _sim_pin(profile: Profile) -> Iterator[Contradiction]:
    if profile.data.sim_pin and Way.INSERTED_SIM not in profile.data.ways:
        yield Contradiction(("data", "sim_pin"), "there is no 'inserted-sim' among data.ways that could ask for a PIN")
    yield from _menu_goes_with(profile, Menu.SIM_PIN, profile.data.sim_pin, "data.sim_pin")


def _roaming(profile: Profile) -> Iterator[Contradiction]:
    has_switch = profile.data.roaming is RoamingControl.SWITCH
    yield from _menu_goes_with(profile, Menu.ROAMING, has_switch, "data.roaming")


def _menu_goes_with(profile: Profile, menu: Menu, expected: bool, key: str) -> Iterator[Contradiction]:
    if expected and menu not in profile.menus:
        yield Contradiction(("menus", menu.value), f"missing key: {key} says that there is such a setting")
    if not expected and menu in profile.menus:
        yield Contradiction(("menus", menu.value), f"{key} says that there is no such setting")


def _menus_that_every_car_has(profile: Profile) -> Iterator[Contradiction]:
    for menu in (Menu.DATA_OFF, Menu.LINK_ACCOUNT):
        if menu not in profile.menus:
            yield Contradiction(("menus", menu.value), "missing key: every car has this setting")


def _labels(profile: Profile, labels: Collection[str]) -> Iterator[Contradiction]:
    for menu, path in profile.menus.items():
        for label in path:
            if label not in labels:
                yield Contradiction(("menus", menu.value), f"unknown label '{label}'")
