"""The shipped profiles say of each car what the seeds say."""

import re
from pathlib import Path

import pytest

from firmware_profiles import (
    CodePlace,
    Corner,
    DataOff,
    Equipment,
    Linking,
    Menu,
    Profile,
    Registrar,
    RoamingControl,
    Way,
    load_countries,
    profile_names,
)
from tests.firmware_profiles.shipped import (
    CLASSIC,
    ID,
    MODERN,
    PANA,
    PROFILES,
    TAYCAN,
    WITH_SLOT,
    every_profile,
    menu_in,
    only,
)


@pytest.mark.parametrize(
    ("name", "line", "generation", "first", "last"),
    [
        ("911-gen7", "911", 7, 2012, 2019),
        ("718", "718", None, 2017, None),
        ("macan-pre-facelift", "Macan", None, 2014, 2018),
        ("cayenne-gen2", "Cayenne", 2, 2011, 2017),
        ("panamera-gen2-2017", "Panamera", 2, 2017, 2019),
        ("panamera-gen2-2020", "Panamera", 2, 2020, 2021),
        ("cayenne-gen3", "Cayenne", 3, 2017, 2021),
        ("macan-facelift", "Macan", None, 2018, None),
        ("911-gen8", "911", 8, 2019, 2021),
        ("911-gen8-2022", "911", 8, 2022, None),
        ("cayenne-gen3-2022", "Cayenne", 3, 2022, None),
        ("panamera-gen2-2022", "Panamera", 2, 2022, None),
        ("taycan", "Taycan", None, 2020, None),
    ],
)
def test_cars(name: str, line: str, generation: int | None, first: int, last: int | None) -> None:
    car = PROFILES[name].car

    assert PROFILES[name].name == name
    assert (car.line, car.generation) == (line, generation)
    assert (car.model_years.first, car.model_years.last) == (first, last)


def test_each_car_is_of_the_family_that_it_stands_in_here() -> None:
    families = {"classic": CLASSIC, "pana": PANA, "modern": MODERN, "id": ID, "taycan": TAYCAN}

    assert {name: profile.car.family for name, profile in PROFILES.items()} == {
        name: family for family, names in families.items() for name in names
    }


@only(WITH_SLOT)
def test_cars_with_a_slot_for_a_sim(profile: Profile) -> None:
    assert profile.data.ways == (Way.EMBEDDED_SIM, Way.INSERTED_SIM, Way.HOTSPOT)
    assert profile.data.parked_ways == (Way.EMBEDDED_SIM,)
    assert profile.data.roaming is RoamingControl.SWITCH
    assert profile.data.data_off is DataOff.MOBILE_DATA_SWITCH
    assert profile.data.sim_pin
    assert not profile.account.guest_mode
    assert not profile.account.key_memory


@only(TAYCAN)
def test_the_car_without_a_slot(profile: Profile) -> None:
    assert profile.data.ways == (Way.EMBEDDED_SIM,)
    assert profile.data.parked_ways == (Way.EMBEDDED_SIM,)
    assert profile.data.roaming is RoamingControl.AUTOMATIC
    assert profile.data.data_off is DataOff.PRIVATE_MODE
    assert not profile.data.sim_pin
    assert profile.account.guest_mode
    assert profile.account.key_memory


@pytest.mark.requirement("IDN-04")
@pytest.mark.parametrize(
    ("names", "linking", "path"),
    [
        (CLASSIC, Linking.PAIRING_CODE, "Apps > Options > Log in to Porsche Connect"),
        ((*PANA, *MODERN), Linking.PAIRING_CODE, "Porsche Connect settings"),
        ((*ID, *TAYCAN), Linking.PORSCHE_ID, "Settings > Account > Account settings"),
    ],
    ids=["classic", "pana and modern", "id and taycan"],
)
def test_how_and_where_a_car_is_linked(names: tuple[str, ...], linking: Linking, path: str) -> None:
    for name in names:
        assert PROFILES[name].account.linking is linking
        assert menu_in("en", PROFILES[name], Menu.LINK_ACCOUNT) == path


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (CLASSIC, (CodePlace.MY_PORSCHE, CodePlace.MY_PORSCHE_APP)),
        ((*PANA, *MODERN), (CodePlace.MY_PORSCHE, CodePlace.CONNECT_APP, CodePlace.MY_PORSCHE_APP)),
        ((*ID, *TAYCAN), ()),
    ],
)
def test_where_the_code_is_seen(names: tuple[str, ...], places: tuple[CodePlace, ...]) -> None:
    assert {PROFILES[name].account.code_places for name in names} == {places}


@pytest.mark.parametrize(
    ("names", "corner"), [(CLASSIC, Corner.BOTTOM_LEFT), ((*PANA, *MODERN, *ID, *TAYCAN), Corner.TOP_RIGHT)]
)
def test_corner_of_the_symbol(names: tuple[str, ...], corner: Corner) -> None:
    assert {PROFILES[name].status.symbol_corner for name in names} == {corner}


@pytest.mark.requirement("AFT-03")
@pytest.mark.parametrize(("names", "exists"), [(CLASSIC, False), ((*PANA, *MODERN, *ID, *TAYCAN), True)])
def test_digital_manual(names: tuple[str, ...], exists: bool) -> None:
    assert {PROFILES[name].digital_manual for name in names} == {exists}


@every_profile
def test_installation(profile: Profile) -> None:
    assert profile.installation.settle_minutes == 10
    assert profile.installation.minimum_battery_percent == 50


@pytest.mark.requirement("CON-23")
def test_wireless_carplay_differs_by_model_country_and_equipment() -> None:
    with_it = {name for name, profile in PROFILES.items() if profile.phone.wireless_carplay}

    assert with_it == {*MODERN, *ID, *TAYCAN}
    for name, profile in PROFILES.items():
        assert profile.phone.carplay
        assert (Equipment.WIRELESS_CARPLAY in profile.equipment.options) is (name in with_it)
    assert {country.wireless_carplay for country in load_countries().values()} == {True, False}


@pytest.mark.requirement("SEC-02")
@every_profile
def test_driver_card_needs_the_vehicle_tracking_system_plus_and_a_dealer(profile: Profile) -> None:
    assert profile.security.driver_card is Equipment.VEHICLE_TRACKING_SYSTEM_PLUS
    assert profile.security.driver_card in profile.equipment.options
    assert profile.security.card_registered_by is Registrar.DEALER
    assert profile.sources["security.driver_card"].seeds == ("B177",)


def test_remote_access_is_allowed_in_the_pcm_where_no_pairing_code_allows_it() -> None:
    assert {name for name, profile in PROFILES.items() if profile.remote.allowed_in_pcm} == {*ID, *TAYCAN}


def test_no_code_names_a_car() -> None:
    names = {*profile_names(), *(profile.car.line for profile in PROFILES.values())}
    quoted = re.compile("|".join(rf"[\"']{re.escape(name)}[\"']" if name.isdigit() else name for name in names), re.I)
    root = Path(__file__).parents[2]
    code = [
        path for folder in ("firmware_profiles", "pcm_agent", "simulator") for path in (root / folder).rglob("*.py")
    ]

    assert len(code) > 50
    assert [str(path) for path in code if quoted.search(path.read_text(encoding="utf-8"))] == []
