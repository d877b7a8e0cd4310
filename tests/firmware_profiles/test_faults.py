"""Each kind of fault in a file of the user's: its code, line and key, and what is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_profiles import (
    Menu,
    ProfileError,
    ProfileErrorCode,
    load_countries,
    load_disputes,
    load_labels,
    load_profile,
    load_services,
    load_usage,
    profile_names,
)

FaultOf = Callable[[str, str], ProfileError]


def place(error: ProfileError) -> tuple[str, int | None, str]:
    return error.code.value, error.line, error.key


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        pytest.param(
            '"switch"', '"on"', 12, "data.roaming", "expected one of 'automatic', 'switch', got 'on'", id="bad-choice"
        ),
        pytest.param(
            '"switch"', "3", 12, "data.roaming", "expected one of 'automatic', 'switch', got integer", id="no-text"
        ),
        pytest.param(
            '"hotspot"]',
            '"wifi"]',
            10,
            "data.ways[1]",
            "expected one of 'embedded-sim', 'hotspot', 'inserted-sim', got 'wifi'",
            id="bad-choice-in-array",
        ),
        pytest.param("= 10,", '= "ten",', 22, "installation.settle_minutes", "expected integer, got string", id="type"),
        pytest.param("= 10,", "= true,", 22, "installation.settle_minutes", "expected integer, got boolean", id="bool"),
        pytest.param("= 10,", "= 0,", 22, "installation.settle_minutes", "expected integer >= 1", id="below"),
        pytest.param("= 2020,", '= "now",', 8, "car.model_years.last", "expected integer, got string", id="optional"),
        pytest.param('= "Roadster"', '= ""', 3, "car.line", "expected string of length >= 1", id="empty-text"),
        pytest.param(
            '["inserted-sim", "hotspot"]', "[]", 10, "data.ways", "expected array of length >= 1", id="empty-array"
        ),
        pytest.param("= true, source = [\"B251\"]", '= 1979-05-27, source = ["B251"]', 1, "digital_manual",
                     "expected boolean, got date", id="date"),
        pytest.param(
            'roaming = { value = "switch"', 'rooming = { value = "switch"', 12, "data.rooming",
            "unknown key, expected one of 'data_off', 'parked_ways', 'roaming', 'sim_pin', 'ways'", id="unknown-key",
        ),
        pytest.param("[status]", "[[status]]", 19, "status", "expected table, got array", id="array-of-tables"),
        pytest.param(
            'symbol_corner = { value = "bottom-left", source = ["B109"] }', "", 19, "status.symbol_corner",
            "missing key", id="missing-key",
        ),
        pytest.param("[status]\nsymbol_corner", "[data.status]\nsymbol_corner", 19, "data.status",
                     "unknown key, expected one of 'data_off', 'parked_ways', 'roaming', 'sim_pin', 'ways'",
                     id="unknown-table"),
        pytest.param(
            "data-off = {", "data_off_menu = {", 26, "menus.data_off_menu",
            f"expected one of {', '.join(repr(menu.value) for menu in sorted(Menu))}, got 'data_off_menu'",
            id="unknown-menu",
        ),
        pytest.param('["settings", "off"]', '"off"', 26, "menus.data-off", "expected array, got string",
                     id="menu-type"),
        pytest.param('["settings", "off"]', "[]", 26, "menus.data-off", "expected array of length >= 1", id="no-path"),
        pytest.param('"off"]', "1]", 26, "menus.data-off[1]", "expected string, got integer", id="label-type"),
        pytest.param(
            "value = 2019,", 'value = "2019",', 7, "car.model_years.first", "expected integer, got string",
            id="disputed-reading-of-another-type",
        ),
        pytest.param(
            "value = 2019,", "value = [1],", 7, "car.model_years.first.disputed[0].value[0]",
            "expected string, got integer", id="disputed-reading-that-no-value-can-be",
        ),
        pytest.param(
            '"A264"', '"C264"', 22, "installation.settle_minutes.source[0]",
            "expected string matching regex '^[AB][0-9]+$'", id="source-that-no-seed-has",
        ),
        pytest.param(
            'value = "switch",', 'value = "switch", because = "x",', 12, "data.roaming.because",
            "unknown key, expected one of 'assumed', 'disputed', 'source', 'value'", id="unknown-word-beside-value",
        ),
        pytest.param('value = "switch",', "", 12, "data.roaming.value", "missing key", id="source-without-value"),
        pytest.param(
            'symbol_corner = { value = "bottom-left", source = ["B109"] }', 'value = { symbol_corner = "x" }', 19,
            "status", "expected a plain value, got table", id="one-source-for-a-table",
        ),
    ],
)  # fmt: skip
def test_invalid_value_is_named_with_its_place_and_what_was_expected(
    fault_of: FaultOf, *, old: str, new: str, line: int, key: str, message: str
) -> None:
    error = fault_of(old, new)

    assert place(error) == ("profile-invalid", line, key)
    assert error.message == message


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        pytest.param(
            '{ value = "switch", source = ["A192"] }', '"switch"', 12, "data.roaming",
            'a value needs `source = [...]` or `assumed = "reason"` beside it', id="bare-value",
        ),
        pytest.param(
            '"switch", source = ["A192"] }', '"switch" }', 12, "data.roaming",
            'a value needs `source = [...]` or `assumed = "reason"`', id="neither",
        ),
        pytest.param(
            '"switch", source = ["A192"] }', '"switch", source = [], assumed = "" }', 12, "data.roaming",
            'a value needs `source = [...]` or `assumed = "reason"`', id="both-empty",
        ),
        pytest.param(
            '"switch", source = ["A192"] }', '"switch", source = ["A192"], assumed = "too" }', 12, "data.roaming",
            'a value needs `source = [...]` or `assumed = "reason"`, not both', id="both",
        ),
    ],
)  # fmt: skip
def test_value_without_a_source_is_refused(
    fault_of: FaultOf, *, old: str, new: str, line: int, key: str, message: str
) -> None:
    error = fault_of(old, new)

    assert place(error) == ("profile-source-missing", line, key)
    assert error.message == message


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        pytest.param("= 2020,", "= 2017,", 8, "car.model_years.last", "2017 is before the first, 2018", id="years"),
        pytest.param(
            "value = []", 'value = ["embedded-sim"]', 11, "data.parked_ways", "'embedded-sim' is not among data.ways",
            id="parked-way-that-the-car-lacks",
        ),
        pytest.param(
            '"inserted-sim", "hotspot"]', '"inserted-sim", "inserted-sim"]', 10, "data.ways",
            "'inserted-sim' stands there twice", id="way-twice",
        ),
        pytest.param(
            "value = []", 'value = ["hotspot", "hotspot"]', 11, "data.parked_ways", "'hotspot' stands there twice",
            id="parked-way-twice",
        ),
        pytest.param(
            '"inserted-sim", "hotspot"]', '"hotspot"]', 14, "data.sim_pin",
            "there is no 'inserted-sim' among data.ways that could ask for a PIN", id="pin-without-sim",
        ),
        pytest.param(
            'true, source = ["A210"]', 'false, source = ["A210"]', 27, "menus.sim-pin",
            "data.sim_pin says that there is no such setting", id="pin-menu-without-pin",
        ),
        pytest.param(
            'sim-pin = { value = ["settings", "save-pin"], source = ["A210"] }', "", 24, "menus.sim-pin",
            "missing key: data.sim_pin says that there is such a setting", id="pin-without-menu",
        ),
        pytest.param(
            '"switch"', '"automatic"', 25, "menus.roaming", "data.roaming says that there is no such setting",
            id="roaming-menu-without-switch",
        ),
        pytest.param(
            'roaming = { value = ["settings", "roaming"], source = ["A192"] }', "", 24, "menus.roaming",
            "missing key: data.roaming says that there is such a setting", id="switch-without-roaming-menu",
        ),
        pytest.param(
            'data-off = { value = ["settings", "off"], source = ["A204"] }', "", 24, "menus.data-off",
            "missing key: every car has this setting", id="no-way-to-switch-data-off",
        ),
        pytest.param(
            'link-account = { value = ["porsche-connect-settings"], source = ["A132"] }', "", 24, "menus.link-account",
            "missing key: every car has this setting", id="no-way-to-link",
        ),
        pytest.param(
            'apn = { value = ["settings", "access-point-name"], assumed = "not told" }', "", 24, "menus.apn",
            "missing key: data.ways says that there is such a setting", id="slot-without-apn-menu",
        ),
        pytest.param(
            'hotspot-scan = {', 'guest = {', 24, "menus.hotspot-scan",
            "missing key: data.ways says that there is such a setting", id="hotspot-without-menu",
        ),
        pytest.param(
            '[account.code_places]', 'log-out = { value = ["apps"], assumed = "x" }\n[account.code_places]', 41,
            "menus.log-out", "account.linking says that there is no such setting", id="log-out-without-a-login",
        ),
        pytest.param(
            '[account.code_places]', 'guest = { value = ["apps"], assumed = "x" }\n[account.code_places]', 41,
            "menus.guest", "account.guest_mode says that there is no such setting", id="guest-menu-without-guests",
        ),
        pytest.param(
            "allowed_in_pcm = { value = true", "allowed_in_pcm = { value = false", 34, "menus.remote-access",
            "remote.allowed_in_pcm says that there is no such setting", id="remote-menu-that-nothing-needs",
        ),
        pytest.param(
            '["settings", "service-mode"]', '["settings", "off"]', 38, "menus.service-mode",
            "stands at the same place as menus.data-off", id="two-settings-at-one-place",
        ),
        pytest.param(
            '["settings", "private-mode"]', '["settings", "off"]', 33, "menus.private-mode",
            "stands at the same place as menus.data-off", id="private-mode-in-place-of-another-switch",
        ),
        pytest.param(
            '["settings", "factory-settings"]', '["settings", "off", "factory-settings"]', 39, "menus.factory-reset",
            "stands behind menus.data-off", id="setting-behind-a-setting",
        ),
        pytest.param(
            '"mobile-data-switch"', '"private-mode"', 26, "menus.data-off",
            "data.data_off says that this is the setting of menus.private-mode", id="two-private-modes",
        ),
        pytest.param(
            '[account.code_places]\nvalue = ["my-porsche"]\nsource = ["A160"]', "", 15, "account.code_places",
            "missing key: account.linking says that there is a code", id="code-that-nobody-sees",
        ),
        pytest.param(
            '"pairing-code"', '"porsche-id"', 41, "account.code_places",
            "account.linking says that there is no code", id="place-for-no-code",
        ),
        pytest.param(
            '[phone]\ncarplay = { value = true', '[phone]\ncarplay = { value = false', 46, "phone.wireless_carplay",
            "phone.carplay says that there is none", id="wireless-nothing",
        ),
        pytest.param(
            '"wireless-carplay", "vehicle', '"vehicle', 53, "equipment.options",
            "phone.wireless_carplay says otherwise about 'wireless-carplay'", id="equipment-that-cannot-be-ordered",
        ),
        pytest.param(
            'card = { value = "vehicle-tracking-system-plus"', 'card = { value = "vehicle-tracking-system"', 50,
            "security.driver_card", "'vehicle-tracking-system' is not among equipment.options", id="no-card-reader",
        ),
        pytest.param(
            'card_registered_by = { value = "dealer", source = ["B177"] }', "", 49, "security.card_registered_by",
            "stands with security.driver_card, or not at all", id="card-that-nobody-registers",
        ),
        pytest.param('"off"]', '"of"]', 26, "menus.data-off", "unknown label 'of'", id="unknown-label"),
    ],
)  # fmt: skip
def test_profile_that_contradicts_itself_is_refused(
    fault_of: FaultOf, *, old: str, new: str, line: int, key: str, message: str
) -> None:
    error = fault_of(old, new)

    assert place(error) == ("profile-invalid", line, key)
    assert error.message == message


def test_unknown_key_is_better_news_than_its_missing_source(fault_of: FaultOf) -> None:
    error = fault_of("[status]", 'colour = "red"\n[status]')

    assert place(error) == ("profile-invalid", 19, "account.colour")


@pytest.mark.parametrize(
    "text",
    ["value = 1", "value = { car = 1 }\nassumed = 'all of it'", "menus = 1", "menus = { value = 1, assumed = 'x' }"],
)
def test_file_of_another_shape_is_refused_without_a_crash(own_file: Path, text: str) -> None:
    own_file.write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_profile(own_file)

    assert caught.value.code is ProfileErrorCode.INVALID
    assert caught.value.line == 1


def test_fault_of_an_empty_file_is_the_first_missing_key(own_file: Path) -> None:
    own_file.write_text("", encoding="utf-8")

    with pytest.raises(ProfileError, match=r"my\.toml:1: \w+: missing key \[profile-invalid\]$"):
        load_profile(own_file)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param("a = 1\nb = = 2\n", 2, "Invalid value", id="in-a-line"),
        pytest.param("a = 1\nb = [", 2, "Invalid value", id="at-the-end"),
        pytest.param("a", 1, "Expected '=' after a key in a key/value pair", id="at-the-end-of-one-line"),
        pytest.param("a = " + "1" * 5000, None, "Exceeds the limit", id="beyond-what-python-reads"),
        pytest.param("a = " + "[" * 20_000, None, "nested too deeply", id="too-deep"),
        pytest.param("a." * 40 + "a = 1", None, "nested too deeply", id="too-deep-by-dots"),
    ],
)
def test_text_that_is_not_toml_is_refused(own_file: Path, text: str, line: int | None, message: str) -> None:
    own_file.write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_profile(own_file)

    assert place(caught.value) == ("profile-syntax", line, "")
    assert caught.value.message.startswith(message)


def test_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"

    with pytest.raises(ProfileError) as caught:
        load_profile(str(missing))

    assert place(caught.value) == ("profile-unreadable", None, "")
    assert str(caught.value) == f"{missing}: cannot be read: No such file or directory [profile-unreadable]"


def test_file_that_is_not_utf8_is_unreadable(own_file: Path) -> None:
    own_file.write_bytes(b"\xff\xfe")

    with pytest.raises(ProfileError, match="can't decode byte 0xff") as caught:
        load_profile(own_file)

    assert place(caught.value) == ("profile-unreadable", None, "")


@pytest.mark.parametrize("name", ["no\0such.toml", "no/\0such"])
def test_path_that_no_system_allows_is_unreadable(name: str) -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile(name)

    assert caught.value.code is ProfileErrorCode.UNREADABLE


def test_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile("taycn")

    assert place(caught.value) == ("profile-unknown", None, "")
    assert str(caught.value) == (
        f"taycn: no such profile, known are {', '.join(profile_names())}; did you mean taycan? [profile-unknown]"
    )


def test_unknown_name_unlike_all_others_gets_no_guess() -> None:
    with pytest.raises(ProfileError, match=r"known are 718, .*, taycan \[profile-unknown\]$"):
        load_profile("x")


@pytest.mark.parametrize("name", ["labels", "countries", "services", "usage", "disputes", "modern", ""])
def test_other_data_files_are_no_profiles(name: str) -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile(name)

    assert caught.value.code is ProfileErrorCode.UNKNOWN


COUNTRY = """\
[XK]
name.ja = { value = "コソボ", assumed = "x" }
name.en = { value = "Kosovo", assumed = "x" }
name.de = { value = "Kosovo", assumed = "x" }
support_address = { value = "help@example.org", assumed = "x" }
embedded_sim = { value = false, assumed = "x" }
functions_on_demand = { value = false, assumed = "x" }
security_code = { value = false, assumed = "x" }
service_booking = { value = false, assumed = "x" }
inserted_sim_calls = { value = false, assumed = "x" }
hotspot = { value = false, assumed = "x" }
wireless_carplay = { value = false, assumed = "x" }
services_unavailable = { value = [], assumed = "x" }
vin_check_digit = { value = false, assumed = "x" }
"""


def test_countries_of_ones_own_are_read(tmp_path: Path) -> None:
    path = tmp_path / "countries.toml"
    path.write_text(COUNTRY, encoding="utf-8")

    countries = load_countries(path)

    assert list(countries) == ["XK"]
    assert countries["XK"].name.en == "Kosovo"
    assert countries["XK"].sources["name.de"].assumed == "x"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[XK]", "[kosovo]", ("profile-invalid", 1, "kosovo")),
        ("[XK]", "US = 1\n[XK]", ("profile-invalid", 1, "US")),
        ('"help@example.org"', '"help"', ("profile-invalid", 5, "XK.support_address")),
        ("embedded_sim = { value = false", "embedded_sim = { value = 0", ("profile-invalid", 6, "XK.embedded_sim")),
        (', assumed = "x" }\nfunctions', " }\nfunctions", ("profile-source-missing", 6, "XK.embedded_sim")),
        ("name.en =", "name.fr =", ("profile-invalid", 3, "XK.name.fr")),
    ],
)
def test_fault_in_a_country_names_the_country(
    tmp_path: Path, old: str, new: str, expected: tuple[str, int, str]
) -> None:
    path = tmp_path / "countries.toml"
    path.write_text(COUNTRY.replace(old, new), encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_countries(path)

    assert place(caught.value) == expected


def test_labels_of_ones_own_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "labels.toml"
    languages = 'ja = { value = "音", assumed = "x" }\nen = { value = "Sound", assumed = "x" }\n'
    path.write_text(f'[sound]\n{languages}de = {{ value = "Klang", assumed = "x" }}\n', encoding="utf-8")
    assert load_labels(path)["sound"].de == "Klang"

    path.write_text(f"[sound]\n{languages}", encoding="utf-8")
    with pytest.raises(ProfileError) as missing:
        load_labels(path)
    assert place(missing.value) == ("profile-invalid", 1, "sound.de")

    path.write_text(f"['Sound 1']\n{languages}", encoding="utf-8")
    with pytest.raises(ProfileError) as misnamed:
        load_labels(path)
    assert place(misnamed.value) == ("profile-invalid", 1, '"Sound 1"')


SERVICE = """\
[weather]
name.ja = { value = "天気", assumed = "x" }
name.en = { value = "Weather", assumed = "x" }
name.de = { value = "Wetter", assumed = "x" }
needs_data = { value = true, assumed = "x" }
needs_link = { value = true, assumed = "x" }
remote = { value = false, assumed = "x" }
"""


def test_services_of_ones_own_are_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text(SERVICE, encoding="utf-8")
    assert load_services(path)["weather"].name.de == "Wetter"
    assert load_services(path)["weather"].switch is None

    path.write_text(SERVICE + 'switch = { value = "weather", assumed = "x" }\n', encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_services(path)
    assert place(caught.value) == ("profile-invalid", 8, "weather.switch")


USAGE = """\
[rates]
traffic_bytes_per_km = { value = 1, assumed = "x" }
navigation_bytes_per_km = { value = 2, assumed = "x" }
music_bytes_per_hour = { value = 1000, assumed = "x" }
weather_bytes_per_day = { value = 10, assumed = "x" }
passenger_bytes_per_hour = { value = 1, assumed = "x" }
map_update_bytes = { value = 1, assumed = "x" }
[bands.one]
yearly_km_from = { value = 0, assumed = "x" }
monthly_bytes_from = { value = 0, assumed = "x" }
monthly_bytes_to = { value = 1, assumed = "x" }
life.yearly_km = { value = 12000, assumed = "x" }
life.average_kmh = { value = 50, assumed = "x" }
life.music_percent = { value = 25, assumed = "x" }
"""


def test_use_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "usage.toml"
    path.write_text(USAGE, encoding="utf-8")

    usage = load_usage(path)

    assert usage.bands[0].yearly_km_to is None
    # 1000 km a month at 3 bytes, a quarter of 20 hours with music at 1000 bytes, and 30 days at 10 bytes.
    assert usage.month_of(usage.bands[0].life) == 3000 + 5000 + 300


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[rates]", "[speeds]", ("profile-invalid", 1, "speeds")),
        ("[bands.one]", "[bands.One]", ("profile-invalid", 8, "bands.One")),
        (
            "average_kmh = { value = 50",
            "average_kmh = { value = 0",
            ("profile-invalid", 13, "bands.one.life.average_kmh"),
        ),
        (
            'traffic_bytes_per_km = { value = 1, assumed = "x" }',
            "",
            ("profile-invalid", 1, "rates.traffic_bytes_per_km"),
        ),
        (USAGE, "rates = 1\nbands = 2\n", ("profile-invalid", 1, "rates")),
    ],
)
def test_fault_in_the_file_of_use_is_named(tmp_path: Path, old: str, new: str, expected: tuple[str, int, str]) -> None:
    path = tmp_path / "usage.toml"
    path.write_text(USAGE.replace(old, new), encoding="utf-8")

    with pytest.raises(ProfileError) as caught:
        load_usage(path)

    assert place(caught.value) == expected


DISPUTE = """\
[tea]
question = "Milk first?"
default = "yes"
[tea.readings]
yes = { says = "milk first", source = ["A1"] }
no = { says = "tea first", source = ["B1"] }
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"yes"', '"maybe"', ("profile-invalid", 3, "tea.default")),
        ("[tea]", "[Tea]", ("profile-invalid", 1, "Tea")),
        ("no = {", "No = {", ("profile-invalid", 6, "tea.readings.No")),
        ('"B1"', '"C1"', ("profile-invalid", 6, "tea.readings.no.source[0]")),
        ('says = "tea first", ', "", ("profile-invalid", 6, "tea.readings.no.says")),
        (DISPUTE, "tea = 1\n", ("profile-invalid", 1, "tea")),
        (DISPUTE, "tea.readings = 1\n", ("profile-invalid", 1, "tea.readings")),
    ],
)
def test_fault_in_a_dispute_is_named(tmp_path: Path, old: str, new: str, expected: tuple[str, int, str]) -> None:
    path = tmp_path / "disputes.toml"
    path.write_text(DISPUTE, encoding="utf-8")
    assert load_disputes(path)["tea"].readings["no"].says == "tea first"

    path.write_text(DISPUTE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_disputes(path)

    assert place(caught.value) == expected


def test_what_is_usual_need_not_be_said_by_each_country(tmp_path: Path) -> None:
    path = tmp_path / "countries.toml"
    lines = COUNTRY.splitlines(keepends=True)
    head, usual = "".join(lines[:5]), "[usual]\n" + "".join(lines[5:])
    path.write_text(usual + head + 'hotspot = { value = true, assumed = "y" }\n', encoding="utf-8")

    country = load_countries(path)["XK"]
    assert list(load_countries(path)) == ["XK"]
    assert (country.hotspot, country.embedded_sim) == (True, False)
    assert (country.sources["hotspot"].assumed, country.sources["embedded_sim"].assumed) == ("y", "x")

    path.write_text(usual.replace("= false", "= 0", 1) + head, encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load_countries(path)
    assert place(caught.value) == ("profile-invalid", 2, "usual.embedded_sim")
