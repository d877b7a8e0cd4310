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
    load_services(), load_usage()                     # Connect services by id, and how much data a life takes

    load_disputes()                                   # where the sources disagree, and which sides there are
    load_profile("my.toml", {"my2021": "porsche-id"}) # with another side taken
    profile_for("718", 2020)                          # by model line and model year, where that leaves one car
    check_vin("WP0ZZZ98ZKS200001", load_countries()["DE"])

A profile of your own is a TOML file in the form of those in `data/`; with `extends = "name"` on top it says only what
is different from a shipped profile, a family or another file. What is wrong with it is a `ProfileError` that names
the file, the line and the key::

    my.toml:12: data.roaming: expected one of 'automatic', 'switch', got 'on' [profile-invalid]

Mappings in the results are read-only views: to write them as JSON, give msgspec `enc_hook=dict`; to hand a profile to
another process, hand over its name or path.
"""

from firmware_profiles.assumptions import assumptions, check_assumptions
from firmware_profiles.choice import profile_for
from firmware_profiles.errors import ProfileError, ProfileErrorCode, VinError
from firmware_profiles.loader import is_profile_path, load_profile
from firmware_profiles.reference import Band, Country, Dispute, Label, Life, Rates, Service, Told, Translated, Usage
from firmware_profiles.schema import (
    Account,
    Car,
    Data,
    Installation,
    ModelYears,
    Orderable,
    Phone,
    Profile,
    Reading,
    Remote,
    Security,
    Source,
    Status,
)
from firmware_profiles.shipped import family_names, profile_names
from firmware_profiles.tables import load_countries, load_disputes, load_labels, load_services, load_usage
from firmware_profiles.vin import check_vin, for_market
from firmware_profiles.vocabulary import CodePlace, Corner, DataOff, Equipment, Linking, Menu, RoamingControl, Way

__all__ = [
    "Account",
    "Band",
    "Car",
    "CodePlace",
    "Corner",
    "Country",
    "Data",
    "DataOff",
    "Dispute",
    "Equipment",
    "Installation",
    "Label",
    "Life",
    "Linking",
    "Menu",
    "ModelYears",
    "Orderable",
    "Phone",
    "Profile",
    "ProfileError",
    "ProfileErrorCode",
    "Rates",
    "Reading",
    "Remote",
    "RoamingControl",
    "Security",
    "Service",
    "Source",
    "Status",
    "Told",
    "Translated",
    "Usage",
    "VinError",
    "Way",
    "assumptions",
    "check_assumptions",
    "check_vin",
    "family_names",
    "for_market",
    "is_profile_path",
    "load_countries",
    "load_disputes",
    "load_labels",
    "load_profile",
    "load_services",
    "load_usage",
    "profile_for",
    "profile_names",
]
