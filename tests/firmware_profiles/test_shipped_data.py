"""What the shipped files say, pinned to what the seeds say."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources

import msgspec
import pytest

from firmware_profiles import (
    Corner,
    DataOff,
    Linking,
    Menu,
    Profile,
    Reading,
    RoamingControl,
    Source,
    Way,
    load_countries,
    load_labels,
    load_profile,
    profile_names,
)

# Lines of the two seed documents.
SEED_LENGTHS = {"A": 282, "B": 271}

every_profile = pytest.mark.parametrize(
    "profile", [load_profile(name) for name in profile_names()], ids=profile_names()
)


def all_sources() -> Iterator[tuple[str, Source]]:
    owners: list[tuple[str, Mapping[str, Source]]] = [
        *((name, load_profile(name).sources) for name in profile_names()),
        *((code, country.sources) for code, country in load_countries().items()),
        *((label_id, label.sources) for label_id, label in load_labels().items()),
    ]
    for owner, sources in owners:
        for key, source in sources.items():
            yield f"{owner}: {key}", source


def leaf_keys(value: object, path: str = "") -> Iterator[str]:
    if not isinstance(value, dict):
        yield path
        return
    for key, child in value.items():
        yield from leaf_keys(child, f"{path}.{key}" if path else key)


def menu_in_english(profile: Profile, menu: Menu) -> str:
    return " > ".join(load_labels()[label].en for label in profile.menus[menu])


@every_profile
def test_every_value_has_a_source_and_every_source_a_value(profile: Profile) -> None:
    facts = msgspec.to_builtins(profile, enc_hook=dict)
    del facts["name"], facts["sources"]
    absent = {"car.generation": None, "car.note": "", "car.model_years.last": None}
    values = {key for key in leaf_keys(facts) if key in profile.sources or key not in absent}

    assert values == set(profile.sources)


def test_every_source_is_a_line_of_the_seeds_or_a_reason() -> None:
    for where, source in all_sources():
        assert bool(source.seeds) != bool(source.assumed), where
        cited = [*source.seeds, *(seed for reading in source.disputed for seed in reading.seeds)]
        cited += re.findall(r"\b[AB]\d+\b", source.assumed)
        for seed in cited:
            assert 1 <= int(seed[1:]) <= SEED_LENGTHS[seed[0]], where


def test_shipped_files_hold_no_key_that_is_not_loaded() -> None:
    data = resources.files("firmware_profiles") / "data"
    raw = tomllib.loads((data / "labels.toml").read_text(encoding="utf-8"))

    assert set(raw) == set(load_labels())


def test_shipped_profiles() -> None:
    assert profile_names() == ("cayenne-gen3", "taycan")


@pytest.mark.requirement("IDN-04")
def test_taycan() -> None:
    profile = load_profile("taycan")

    assert (profile.name, profile.car.line, profile.car.generation) == ("taycan", "Taycan", None)
    assert (profile.car.model_years.first, profile.car.model_years.last) == (2020, None)
    assert profile.data.ways == (Way.EMBEDDED_SIM,)
    assert profile.data.parked_ways == (Way.EMBEDDED_SIM,)
    assert profile.data.roaming is RoamingControl.AUTOMATIC
    assert profile.data.data_off is DataOff.PRIVATE_MODE
    assert not profile.data.sim_pin
    assert profile.account.linking is Linking.PORSCHE_ID
    assert profile.account.guest_mode
    assert profile.account.key_memory
    assert menu_in_english(profile, Menu.LINK_ACCOUNT) == "Settings > Account > Account settings"


@pytest.mark.requirement("IDN-04")
def test_cayenne_of_generation_3() -> None:
    profile = load_profile("cayenne-gen3")

    assert (profile.name, profile.car.line, profile.car.generation) == ("cayenne-gen3", "Cayenne", 3)
    assert (profile.car.model_years.first, profile.car.model_years.last) == (2017, 2021)
    assert profile.data.ways == (Way.EMBEDDED_SIM, Way.INSERTED_SIM, Way.HOTSPOT)
    assert profile.data.parked_ways == (Way.EMBEDDED_SIM,)
    assert profile.data.roaming is RoamingControl.SWITCH
    assert profile.data.data_off is DataOff.MOBILE_DATA_SWITCH
    assert profile.data.sim_pin
    assert profile.account.linking is Linking.PAIRING_CODE
    assert not profile.account.guest_mode
    assert not profile.account.key_memory
    assert menu_in_english(profile, Menu.LINK_ACCOUNT) == "Porsche Connect settings"


@pytest.mark.requirement("CON-09")
def test_roaming_switch_is_where_the_generation_has_it() -> None:
    cayenne, taycan = load_profile("cayenne-gen3"), load_profile("taycan")

    assert menu_in_english(cayenne, Menu.ROAMING) == "Settings > Device manager > Options > Mobile data > Roaming"
    assert Menu.ROAMING not in taycan.menus


@pytest.mark.requirement("PRV-03")
def test_private_mode_for_all_services_is_where_the_taycan_has_it() -> None:
    assert menu_in_english(load_profile("taycan"), Menu.DATA_OFF) == (
        "Settings > Privacy and Porsche Connect settings > Private mode > Enable private mode for all services"
    )


def test_other_menus_are_where_the_generation_has_them() -> None:
    cayenne, taycan = load_profile("cayenne-gen3"), load_profile("taycan")

    assert menu_in_english(cayenne, Menu.DATA_OFF) == (
        "Settings > Device manager > Options > Mobile data > Mobile data > Off"
    )
    assert menu_in_english(cayenne, Menu.SIM_PIN) == (
        "Settings > Device manager > Options > Phone > SIM card > Save PIN"
    )
    assert menu_in_english(cayenne, Menu.IN_CAR_HOTSPOT) == (
        "Device manager > Enable mobile data > Share data connection > Enable data connection for WiFi devices"
    )
    assert Menu.SIM_PIN not in taycan.menus
    assert menu_in_english(taycan, Menu.IN_CAR_HOTSPOT) == "Devices > Options > WiFi settings > Enable internet access"


@pytest.mark.requirement("AFT-03")
@every_profile
def test_digital_manual_exists(profile: Profile) -> None:
    assert profile.digital_manual


@every_profile
def test_symbol_and_installation(profile: Profile) -> None:
    assert profile.status.symbol_corner is Corner.TOP_RIGHT
    assert profile.installation.settle_minutes == 10
    assert profile.installation.minimum_battery_percent == 50


def test_where_the_seeds_disagree_both_readings_are_kept() -> None:
    sources = load_profile("cayenne-gen3").sources

    assert sources["car.model_years.first"].disputed == (Reading(value=2018, seeds=("A130",)),)
    assert sources["car.model_years.last"].disputed == (Reading(value=2020, seeds=("A221", "A225")),)
    (other_menu,) = sources["menus.sim-pin"].disputed
    assert isinstance(other_menu.value, tuple)
    assert other_menu.value[:2] == ("devices", "device-manager")
    assert set(other_menu.value) <= set(load_labels())


def test_menus_read_as_in_the_seeds_in_japanese() -> None:
    labels = load_labels()
    path = load_profile("cayenne-gen3").menus[Menu.ROAMING]

    assert [labels[label].ja for label in path] == [
        "設定", "デバイス マネージャー", "オプション", "モバイル データ", "ローミング",
    ]  # fmt: skip


def test_every_label_is_used_by_a_menu_and_has_three_languages() -> None:
    paths = [path for name in profile_names() for path in load_profile(name).menus.values()]
    used = {label for path in paths for label in path}

    # "Devices" stands in a disputed reading too, but the menus alone must account for every label.
    assert used == set(load_labels())
    for label_id, label in load_labels().items():
        assert label.id == label_id
        assert set(label.sources) == {"ja", "en", "de"}
        assert label.sources["ja"].seeds


@pytest.mark.parametrize(
    ("code", "ja", "en", "de", "address"),
    [
        ("AT", "オーストリア", "Austria", "Österreich", "smartmobility@at.porsche.com"),
        ("CH", "スイス", "Switzerland", "Schweiz", "smartmobility@ch.porsche.com"),
        ("DE", "ドイツ", "Germany", "Deutschland", "smartmobility@de.porsche.com"),
        ("FR", "フランス", "France", "Frankreich", "smartmobility@fr.porsche.com"),
        ("JP", "日本", "Japan", "Japan", "connect@jp.porsche.com"),
    ],
)
def test_country(code: str, ja: str, en: str, de: str, address: str) -> None:
    country = load_countries()[code]

    assert country.code == code
    assert (country.name.ja, country.name.en, country.name.de) == (ja, en, de)
    assert country.support_address == address
    assert country.embedded_sim
    assert country.functions_on_demand
    assert country.security_code
    assert country.service_booking is (code != "JP")
    for column in ("embedded_sim", "functions_on_demand", "security_code", "service_booking"):
        assert country.sources[column].assumed
    assert country.sources["support_address"].seeds
