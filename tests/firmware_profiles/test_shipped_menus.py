"""Each setting is where the seeds have it in the menus, in three languages."""

import pytest

from firmware_profiles import Menu, Profile, load_labels, profile_names
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
