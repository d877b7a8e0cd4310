"""What the shipped files say, pinned to what the seeds say."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from firmware_profiles import (
    CodePlace,
    Corner,
    DataOff,
    Equipment,
    Linking,
    Menu,
    Profile,
    Reading,
    Registrar,
    RoamingControl,
    Source,
    Way,
    load_countries,
    load_disputes,
    load_labels,
    load_profile,
    load_services,
    load_usage,
    profile_names,
)

# Lines of the two seed documents.
SEED_LENGTHS = {"A": 282, "B": 271}
PROFILES = {name: load_profile(name) for name in profile_names()}

CLASSIC = ("911-gen7", "718", "macan-pre-facelift", "cayenne-gen2")
PANA = ("panamera-gen2-2017",)
MODERN = ("panamera-gen2-2020", "cayenne-gen3", "macan-facelift", "911-gen8")
ID = ("911-gen8-2022", "cayenne-gen3-2022", "panamera-gen2-2022")
TAYCAN = ("taycan",)
WITH_SLOT = (*CLASSIC, *PANA, *MODERN, *ID)

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def all_sources() -> Iterator[tuple[str, Source]]:
    usage = load_usage()
    owners: list[tuple[str, Mapping[str, Source]]] = [
        *((name, profile.sources) for name, profile in PROFILES.items()),
        *((code, country.sources) for code, country in load_countries().items()),
        *((label_id, label.sources) for label_id, label in load_labels().items()),
        *((service_id, service.sources) for service_id, service in load_services().items()),
        *((band.id, band.sources) for band in usage.bands),
        ("rates", usage.rate_sources),
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


def menu_in(language: str, profile: Profile, menu: Menu) -> str:
    return " > ".join(load_labels()[label].in_(language) for label in profile.menus[menu])


def only(names: tuple[str, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("profile", [PROFILES[name] for name in names], ids=names)


# --- the form ---


@every_profile
def test_every_value_has_a_source_and_every_source_a_value(profile: Profile) -> None:
    facts = msgspec.to_builtins(profile, enc_hook=dict)
    del facts["name"], facts["sources"], facts["assumed"], facts["file"]
    may_be_absent = {"car.generation", "car.note", "car.model_years.last", "account.code_places"}
    values = {key for key in leaf_keys(facts) if key in profile.sources or key not in may_be_absent}

    assert values == set(profile.sources)


def test_every_source_is_a_line_of_the_seeds_or_a_reason() -> None:
    cited = [
        (point, list(told.source)) for point, dispute in load_disputes().items() for told in dispute.readings.values()
    ]
    for where, source in all_sources():
        assert bool(source.seeds) != bool(source.assumed), where
        lines = [*source.seeds, *(seed for reading in source.disputed for seed in reading.seeds)]
        cited.append((where, lines + re.findall(r"\b[AB]\d+\b", source.assumed)))
    for where, lines in cited:
        for seed in lines:
            assert 1 <= int(seed[1:]) <= SEED_LENGTHS[seed[0]], where


# --- the cars ---


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


# --- menus ---

DEVICE_MANAGER = "Settings > Device manager > Options"


@pytest.mark.requirement("CON-09")
@pytest.mark.parametrize(
    ("names", "path"),
    [
        (CLASSIC, "PHONE > OPT > Phone settings > Roaming"),
        (PANA, f"{DEVICE_MANAGER} > Data connection > Roaming"),
        ((*MODERN, *ID), f"{DEVICE_MANAGER} > Mobile data > Roaming"),
    ],
    ids=["classic", "pana", "modern and id"],
)
def test_roaming_switch_is_where_the_generation_has_it(names: tuple[str, ...], path: str) -> None:
    assert {menu_in("en", PROFILES[name], Menu.ROAMING) for name in names} == {path}
    assert Menu.ROAMING not in PROFILES["taycan"].menus


@pytest.mark.requirement("PRV-03")
@only(TAYCAN)
def test_private_mode_for_all_services_is_where_the_car_has_it(profile: Profile) -> None:
    path = "Settings > Privacy and Porsche Connect settings > Private mode > Enable private mode for all services"

    assert menu_in("en", profile, Menu.PRIVATE_MODE) == path
    assert profile.menus[Menu.DATA_OFF] == profile.menus[Menu.PRIVATE_MODE]


@pytest.mark.parametrize(
    ("menu", "names", "path"),
    [
        (Menu.DATA_OFF, CLASSIC, "PHONE > OPT > Phone settings > Data connection > Data connection > Off"),
        (Menu.DATA_OFF, PANA, f"{DEVICE_MANAGER} > Data connection > Data connection > Off"),
        (Menu.DATA_OFF, (*MODERN, *ID), f"{DEVICE_MANAGER} > Mobile data > Mobile data > Off"),
        (Menu.SIM_PIN, CLASSIC, "PHONE > OPT > Phone settings > Phone > SIM card > Save PIN"),
        (Menu.SIM_PIN, (*PANA, *MODERN, *ID), f"{DEVICE_MANAGER} > Phone > SIM card > Save PIN"),
        (Menu.HOTSPOT_SCAN, WITH_SLOT, "Device manager > Data connection"),
        (
            Menu.IN_CAR_HOTSPOT,
            WITH_SLOT,
            "Device manager > Enable mobile data > Share data connection > Enable data connection for WiFi devices",
        ),
        (Menu.IN_CAR_HOTSPOT, TAYCAN, "Devices > Options > WiFi settings > Enable internet access"),
        (Menu.TRAFFIC, profile_names(), "Map > Real-time traffic"),
        (Menu.UPDATES, profile_names(), "Updates"),
        (Menu.APP_CONNECTION, profile_names(), "My account > PCM services > Connection to the vehicle"),
    ],
)
def test_other_menus_are_where_the_seeds_have_them(menu: Menu, names: tuple[str, ...], path: str) -> None:
    assert {menu_in("en", PROFILES[name], menu) for name in names} == {path}
    assert all(PROFILES[name].sources[f"menus.{menu}"].seeds for name in names)


@pytest.mark.parametrize(
    ("name", "menu", "path"),
    [
        ("718", Menu.ROAMING, "PHONE > OPT > PHONE 設定 > ローミング"),
        ("718", Menu.DATA_OFF, "PHONE > OPT > PHONE 設定 > データ接続 > データ接続 > OFF"),
        ("718", Menu.SIM_PIN, "PHONE > OPT > PHONE 設定 > 電話 > SIM カード > PIN を保存"),
        ("718", Menu.LINK_ACCOUNT, "アプリ > オプション > ポルシェ コネクトへのログイン"),
        ("panamera-gen2-2017", Menu.ROAMING, "設定 > デバイス マネージャー > オプション > データ接続 > ローミング"),
        ("cayenne-gen3", Menu.ROAMING, "設定 > デバイス マネージャー > オプション > モバイル データ > ローミング"),
        ("cayenne-gen3-2022", Menu.LINK_ACCOUNT, "設定 > アカウント > アカウントの設定"),
        ("taycan", Menu.IN_CAR_HOTSPOT, "デバイス > オプション > wifi 設定 > インターネット アクセスを有効にする"),
        ("taycan", Menu.APP_CONNECTION, "マイ アカウント > PCM サービス > 車両への接続"),
    ],
)
def test_menus_read_as_in_the_seeds_in_japanese(name: str, menu: Menu, path: str) -> None:
    assert menu_in("ja", PROFILES[name], menu) == path


def test_settings_or_devices_by_model_year_is_kept_as_another_reading() -> None:
    told = {
        (name, menu)
        for name, profile in PROFILES.items()
        for menu in (Menu.ROAMING, Menu.DATA_OFF, Menu.SIM_PIN)
        for reading in (profile.sources[f"menus.{menu}"].disputed if menu in profile.menus else ())
        if isinstance(reading.value, tuple) and reading.value == ("devices", *profile.menus[menu][1:])
    }

    assert told == {(PANA[0], Menu.ROAMING), (PANA[0], Menu.DATA_OFF)} | {
        (name, Menu.SIM_PIN) for name in (*PANA, *MODERN, *ID)
    }


def test_where_the_seeds_disagree_both_readings_are_kept() -> None:
    sources = PROFILES["cayenne-gen3"].sources

    assert sources["car.model_years.first"].disputed == (
        Reading(value=2018, seeds=("A130",), when="pairing-start=my2018"),
        Reading(value=2018, seeds=("A188", "B87"), when="cayenne-my2017=generation-2"),
    )
    assert sources["car.model_years.last"].disputed == (
        Reading(value=2020, seeds=("A221", "A225"), when="my2021=porsche-id"),
    )


def test_every_label_is_used_and_has_three_languages() -> None:
    used = {label for profile in PROFILES.values() for path in profile.menus.values() for label in path}
    for profile in PROFILES.values():
        for key, source in profile.sources.items():
            for reading in source.disputed if key.startswith("menus.") else ():
                assert isinstance(reading.value, tuple)
                used.update(reading.value)

    assert used | {"on"} == set(load_labels())  # which stands beside each "off"
    for label_id, label in load_labels().items():
        assert label.id == label_id
        assert set(label.sources) == {"ja", "en", "de"}


@pytest.mark.parametrize("language", ["ja", "en", "de"])
@every_profile
def test_no_two_entries_of_one_menu_read_alike(profile: Profile, language: str) -> None:
    labels = load_labels()
    entries = {path[: length + 1] for path in profile.menus.values() for length in range(len(path))}
    entries |= {(*path[:-1], "on") for path in profile.menus.values() if path[-1] == "off"}
    shown = {(entry[:-1], labels[entry[-1]].in_(language).casefold()) for entry in entries}

    assert len(shown) == len(entries)


# --- countries ---

ADDRESSES = {
    19: "AL", 20: "AD", 21: "AU", 22: "AT", 23: "BE", 24: "BA", 25: "BG", 26: "CA", 27: "CN", 28: "HR", 29: "CY",
    30: "CZ", 31: "DK", 32: "EE", 33: "FI", 34: "FR", 35: "DE", 36: "GI", 37: "GB", 38: "GR", 39: "HK", 40: "HU",
    41: "IS", 42: "IE", 43: "IT", 44: "JP", 45: "LV", 46: "LI", 47: "LT", 48: "LU", 49: "MT", 50: "MC", 51: "NL",
    52: "NO", 53: "PL", 54: "PT", 55: "RO", 56: "RU", 57: "SK", 58: "SI", 59: "ES", 60: "SE", 61: "CH", 62: "TW",
    63: "US",
}  # fmt: skip
ASSUMED_COLUMNS = (
    "embedded_sim", "inserted_sim_calls", "hotspot", "wireless_carplay", "functions_on_demand", "security_code",
    "service_booking", "services_unavailable", "vin_check_digit",
)  # fmt: skip


def test_the_countries_are_those_of_the_seeds_in_their_order() -> None:
    countries = load_countries()

    assert list(countries) == list(ADDRESSES.values())
    for line, code in ADDRESSES.items():
        country = countries[code]
        assert country.code == code
        assert country.sources["name.ja"].seeds == country.sources["support_address"].seeds == (f"A{line}", f"B{line}")
        assert all(country.sources[column].assumed for column in ASSUMED_COLUMNS)
        assert len({country.name.en for country in countries.values()}) == len(countries)


@pytest.mark.parametrize(
    ("code", "ja", "en", "de", "address"),
    [
        ("AT", "オーストリア", "Austria", "Österreich", "smartmobility@at.porsche.com"),
        ("AU", "オーストラリア", "Australia", "Australien", "connect@porsche.com.au"),
        ("CA", "カナダ", "Canada", "Kanada", "connect@porsche.ca"),
        ("DE", "ドイツ", "Germany", "Deutschland", "smartmobility@de.porsche.com"),
        ("GB", "イギリス", "United Kingdom", "Vereinigtes Königreich", "smartmobility@uk.porsche.com"),
        ("HK", "香港", "Hong Kong", "Hongkong", "connect@cn.porsche.com"),
        ("JP", "日本", "Japan", "Japan", "connect@jp.porsche.com"),
        ("TW", "台湾", "Taiwan", "Taiwan", "connect@porsche.tw"),
        ("US", "米国", "United States", "Vereinigte Staaten", "connect@porsche.us"),
    ],
)
def test_country(code: str, ja: str, en: str, de: str, address: str) -> None:
    country = load_countries()[code]

    assert (country.name.ja, country.name.en, country.name.de) == (ja, en, de)
    assert country.support_address == address


def test_a_country_has_what_is_usual_unless_it_says_otherwise() -> None:
    countries = load_countries()

    assert countries["DE"].embedded_sim
    assert not countries["AL"].embedded_sim
    assert {code for code, country in countries.items() if country.vin_check_digit} == {"CA", "US"}
    assert {code for code, country in countries.items() if country.services_unavailable} == {"CN", "US"}
    assert countries["DE"].service_booking
    assert not countries["JP"].service_booking


def test_services_that_a_country_lacks_are_services() -> None:
    for country in load_countries().values():
        assert set(country.services_unavailable) <= set(load_services())


# --- services, use, disputes ---


def test_services() -> None:
    services = load_services()

    assert services["real-time-traffic"].switch is Menu.TRAFFIC
    assert services["real-time-traffic"].needs_data
    assert [service.id for service in services.values() if service.switch] == ["real-time-traffic"]
    assert [service.id for service in services.values() if service.remote] == ["remote-access", "vodafone-car-connect"]
    assert not services["calendar"].needs_data
    assert services["calendar"].needs_link
    assert all(service.sources["name.ja"].seeds for service in services.values())
    assert {service_id: service.id for service_id, service in services.items()} == {name: name for name in services}


def test_typical_lives_take_what_the_seeds_say() -> None:
    usage = load_usage()

    assert [band.id for band in usage.bands] == ["moderate", "frequent", "much"]
    for band in usage.bands:
        assert band.monthly_bytes_from <= usage.month_of(band.life) <= band.monthly_bytes_to
        assert band.yearly_km_from <= band.life.yearly_km <= (band.yearly_km_to or band.life.yearly_km)
    assert [band.monthly_bytes_to for band in usage.bands] == [1_000_000_000, 2_000_000_000, 5_000_000_000]


def test_the_points_on_which_the_seeds_disagree() -> None:
    assert {point: (dispute.default, *dispute.readings) for point, dispute in load_disputes().items()} == {
        "my2021": ("pairing-code", "pairing-code", "porsche-id"),
        "911-gen7-end": ("my2019", "my2019", "my2018"),
        "macan-my2018": ("both", "both", "classic", "modern"),
        "pairing-start": ("my2017", "my2017", "my2018"),
        "cayenne-my2017": ("both", "both", "generation-2", "generation-3"),
        "code-place": ("both", "both", "connect-app", "my-porsche-app"),
    }


def test_each_side_but_the_default_changes_some_car() -> None:
    for point, dispute in load_disputes().items():
        for reading in dispute.readings:
            assumed = {name: load_profile(name, {point: reading}) for name in profile_names()}
            changed = [name for name, car in assumed.items() if replace(car, assumed={}) != PROFILES[name]]
            assert bool(changed) is (reading != dispute.default), (point, reading)


def test_no_code_names_a_car() -> None:
    names = {*profile_names(), *(profile.car.line for profile in PROFILES.values())}
    quoted = re.compile("|".join(rf"[\"']{re.escape(name)}[\"']" if name.isdigit() else name for name in names), re.I)
    root = Path(__file__).parents[2]
    code = [
        path for folder in ("firmware_profiles", "pcm_agent", "simulator") for path in (root / folder).rglob("*.py")
    ]

    assert len(code) > 50
    assert [str(path) for path in code if quoted.search(path.read_text(encoding="utf-8"))] == []
