"""Countries, labels, services, use and disputes of one's own are read, and their faults named with their place."""

from pathlib import Path

import pytest

from firmware_profiles import ProfileError, load_countries, load_disputes, load_labels, load_services, load_usage
from tests.firmware_profiles.faults import place

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
