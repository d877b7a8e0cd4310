"""What differs from car to car, and from country to country, as data with a source for every value.

A profile says what a car has and where its menus are; no other package names a model::

    from firmware_profiles import Menu, Way, load_countries, load_labels, load_profile, profile_names

    profile_names()                                   # every shipped profile
    profile = load_profile(profile_names()[0])        # by name, or load_profile("my.toml")
    Way.HOTSPOT in profile.data.ways                  # plain, typed, frozen values
    profile.sources["data.ways"].seeds                # where that was said, such as ("A176", "B75")
    profile.sources["data.parked_ways"].assumed       # or the reason for an assumption

    labels = load_labels()
    [labels[label].en for label in profile.menus[Menu.DATA_OFF]]      # the way through the menus, in English

    load_countries()["JP"].support_address            # countries by ISO 3166-1 alpha-2 code

A profile of your own is a TOML file in the form of those in `data/`. What is wrong with it is a `ProfileError`
that names the file, the line and the key::

    my.toml:12: data.roaming: expected one of 'automatic', 'switch', got 'on' [profile-invalid]

Mappings in the results are read-only views: to write them as JSON, give msgspec `enc_hook=dict`; to hand a profile to
another process, hand over its name or path.
"""

from firmware_profiles.errors import ProfileError, ProfileErrorCode
from firmware_profiles.loader import is_profile_path, load_countries, load_labels, load_profile, profile_names
from firmware_profiles.schema import (
    Account,
    Car,
    Corner,
    Country,
    Data,
    DataOff,
    Installation,
    Label,
    Linking,
    Menu,
    ModelYears,
    Profile,
    Reading,
    RoamingControl,
    Source,
    Status,
    Translated,
    Way,
)

__all__ = [
    "Account",
    "Car",
    "Corner",
    "Country",
    "Data",
    "DataOff",
    "Installation",
    "Label",
    "Linking",
    "Menu",
    "ModelYears",
    "Profile",
    "ProfileError",
    "ProfileErrorCode",
    "Reading",
    "RoamingControl",
    "Source",
    "Status",
    "Translated",
    "Way",
    "is_profile_path",
    "load_countries",
    "load_labels",
    "load_profile",
    "profile_names",
]
