"""The shipped profiles by family, and what their menus read."""

import pytest

from firmware_profiles import Menu, Profile, load_labels, load_profile, profile_names

PROFILES = {name: load_profile(name) for name in profile_names()}
CLASSIC = ("911-gen7", "718", "macan-pre-facelift", "cayenne-gen2")
PANA = ("panamera-gen2-2017",)
MODERN = ("panamera-gen2-2020", "cayenne-gen3", "macan-facelift", "911-gen8")
ID = ("911-gen8-2022", "cayenne-gen3-2022", "panamera-gen2-2022")
TAYCAN = ("taycan",)
WITH_SLOT = (*CLASSIC, *PANA, *MODERN, *ID)
every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def menu_in(language: str, profile: Profile, menu: Menu) -> str:
    return " > ".join(load_labels()[label].in_(language) for label in profile.menus[menu])


def only(names: tuple[str, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("profile", [PROFILES[name] for name in names], ids=names)
