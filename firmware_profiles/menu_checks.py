"""What must hold between a car's menus and its other facts, and among the menus themselves."""

from collections.abc import Callable, Collection, Iterator
from itertools import combinations
from typing import NamedTuple

from firmware_profiles.positions import KeyPath
from firmware_profiles.schema import Profile
from firmware_profiles.vocabulary import DataOff, Linking, Menu, MenuPath, RoamingControl, Way


class Contradiction(NamedTuple):
    """Two values that cannot both be true: the key to look at, and why."""

    path: KeyPath
    message: str


class _Goes(NamedTuple):
    """A setting that there is if, and only if, something else is said."""

    menu: Menu
    key: str
    says: Callable[[Profile], bool]


_GOES_WITH = (
    _Goes(Menu.SIM_PIN, "data.sim_pin", lambda profile: profile.data.sim_pin),
    _Goes(Menu.ROAMING, "data.roaming", lambda profile: profile.data.roaming is RoamingControl.SWITCH),
    _Goes(Menu.APN, "data.ways", lambda profile: Way.INSERTED_SIM in profile.data.ways),
    _Goes(Menu.HOTSPOT_SCAN, "data.ways", lambda profile: Way.HOTSPOT in profile.data.ways),
    _Goes(Menu.WAY_ORDER, "data.ways", lambda profile: len(profile.data.ways) > 1),
    _Goes(Menu.LOG_OUT, "account.linking", lambda profile: profile.account.linking is Linking.PORSCHE_ID),
    _Goes(Menu.GUEST, "account.guest_mode", lambda profile: profile.account.guest_mode),
    _Goes(Menu.REMOTE_ACCESS, "remote.allowed_in_pcm", lambda profile: profile.remote.allowed_in_pcm),
)
_OF_EVERY_CAR = [menu for menu in Menu if menu not in {goes.menu for goes in _GOES_WITH}]


def menu_contradictions(profile: Profile, labels: Collection[str]) -> Iterator[Contradiction]:
    """Yield what is wrong with a car's menus.

    Args:
        profile: A profile whose values have the right types.
        labels: The label ids that menus may use.
    """
    yield from _present(profile)
    yield from _labels(profile, labels)
    yield from _private_mode(profile)
    yield from _tree(profile)


def _present(profile: Profile) -> Iterator[Contradiction]:
    for menu, key, says in _GOES_WITH:
        if says(profile) and menu not in profile.menus:
            yield _at(menu, f"missing key: {key} says that there is such a setting")
        if not says(profile) and menu in profile.menus:
            yield _at(menu, f"{key} says that there is no such setting")
    for menu in _OF_EVERY_CAR:
        if menu not in profile.menus:
            yield _at(menu, "missing key: every car has this setting")


def _labels(profile: Profile, labels: Collection[str]) -> Iterator[Contradiction]:
    for menu, path in profile.menus.items():
        for label in path:
            if label not in labels:
                yield _at(menu, f"unknown label '{label}'")


def _private_mode(profile: Profile) -> Iterator[Contradiction]:
    one = profile.menus.get(Menu.DATA_OFF) == profile.menus.get(Menu.PRIVATE_MODE)
    if profile.data.data_off is DataOff.PRIVATE_MODE and not one:
        yield _at(Menu.DATA_OFF, "data.data_off says that this is the setting of menus.private-mode")


def _tree(profile: Profile) -> Iterator[Contradiction]:
    """No setting may stand where another one stands, or where a menu with others opens."""
    for (menu, path), (other, longer) in combinations(sorted(profile.menus.items(), key=_length), 2):
        if longer[: len(path)] != path or _are_one(profile, menu, other):
            continue
        place = "at the same place as" if len(path) == len(longer) else "behind"
        yield _at(other, f"stands {place} menus.{menu}")


def _length(entry: tuple[Menu, MenuPath]) -> int:
    return len(entry[1])


def _are_one(profile: Profile, menu: Menu, other: Menu) -> bool:
    same = {menu, other} == {Menu.DATA_OFF, Menu.PRIVATE_MODE} and profile.menus[menu] == profile.menus[other]
    return same and profile.data.data_off is DataOff.PRIVATE_MODE


def _at(menu: Menu, message: str) -> Contradiction:
    return Contradiction(("menus", menu.value), message)
