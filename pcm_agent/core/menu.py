"""The menus of a car as a tree, and what a way through them means (CON-09, CON-13, CON-17, PRV-03, IDN-04).

A way that ends at a setting means that setting's event, and the vehicle handles this event as if it had been fed. One
that ends before shows what can be tapped next. One that leaves the menus is refused, and the PCM shows where it ended.
"""

from typing import NamedTuple

from firmware_profiles import Menu, Profile
from pcm_agent.core.effects import Show
from pcm_agent.core.events import Event, MenuTapped
from pcm_agent.core.region import Turn
from pcm_agent.core.settings import SETTINGS, Page, Setting, Switch, setting_of
from pcm_agent.protocol.secret import Secret

ON, OFF = "on", "off"
"""Labels that say what a switch is set to; the seeds name OFF alone, ON stands beside it."""


class Leaf(NamedTuple):
    """A setting, where a way ends; `wanted` where the way itself says on or off."""

    menu: Menu
    wanted: bool | None = None


Tree = dict[str, "Tree | Leaf"]
"""What can be tapped, by label id, in the order of the profile."""


class Place(NamedTuple):
    """How far a way led, and what is there; `missing` is the first label that is not."""

    way: tuple[str, ...]
    here: Tree | Leaf
    missing: str | None = None

    @property
    def entries(self) -> tuple[str, ...]:
        """What can be tapped next."""
        return tuple(self.here) if isinstance(self.here, dict) else ()


def menu_tree(profile: Profile) -> Tree:
    """All settings of a car at their places."""
    root: Tree = {}
    for menu, path in profile.menus.items():
        if menu in SETTINGS:
            node = root
            for label in path[:-1]:
                below = node.setdefault(label, {})
                assert isinstance(below, dict)  # profiles are checked: no setting stands where a menu opens
                node = below
            node |= {ON: Leaf(menu, True), OFF: Leaf(menu, False)} if path[-1] == OFF else {path[-1]: Leaf(menu)}
    return root


def walk(profile: Profile, path: tuple[str, ...]) -> Place:
    """Go as far as a way leads."""
    here: Tree | Leaf = menu_tree(profile)
    for depth, label in enumerate(path):
        below = here.get(label) if isinstance(here, dict) else None
        if below is None:
            return Place(path[:depth], here, label)
        here = below
    return Place(path, here)


def meaning(turn: Turn, tapped: MenuTapped) -> Event | None:
    """The event that a tap means; None where the PCM only shows something, or refuses."""
    place = walk(turn.car.profile, tapped.path)
    if place.missing is not None:
        turn.refuse("menu-path-unknown", "CON-09")
    elif isinstance(place.here, Leaf):
        return _meant(turn, setting_of(place.here.menu, turn.car.profile), place.here.wanted, tapped)
    elif tapped.entry:
        turn.refuse("menu-entry-wrong", "CON-09")
    _show(turn, place)
    return None


def _meant(turn: Turn, setting: Setting, wanted: bool | None, tapped: MenuTapped) -> Event | None:
    if tapped.entry:
        event = _typed(setting, tapped.entry)
        if event is None:
            turn.refuse("menu-entry-wrong", "CON-09")
        return event
    if isinstance(setting, Switch):
        on = not setting.is_on(turn.state) if wanted is None else wanted
        return setting.turned_on if on else setting.turned_off
    if isinstance(setting.opened, Event):
        return setting.opened
    turn.add(setting.opened)
    return None


def _typed(setting: Setting, entry: tuple[Secret, ...]) -> Event | None:
    """The event of what was typed; None where that can't be typed there."""
    made = setting.typed.get(len(entry)) if isinstance(setting, Page) else None
    try:
        return made(*entry) if made else None
    except ValueError:
        return None


def _show(turn: Turn, place: Place) -> None:
    if not place.way:
        turn.add(Show("menu-top", {"entries": place.entries}))
    elif place.entries:
        turn.add(Show("menu-open", {"menu": place.way[-1], "entries": place.entries}))
    else:
        turn.add(Show("menu-end", {"menu": place.way[-1]}))
