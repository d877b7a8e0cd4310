"""Countries, labels, services, use and disputes of one's own are read, and their faults named with their place."""

from collections.abc import Callable
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


LABEL = """\
[sound]
ja = { value = "音", assumed = "x" }
en = { value = "Sound", assumed = "x" }
de = { value = "Klang", assumed = "x" }
"""


def test_labels_of_ones_own_are_read(tmp_path: Path) -> None:
    path = tmp_path / "labels.toml"
    path.write_text(LABEL, encoding="utf-8")

    assert load_labels(path)["sound"].de == "Klang"


SERVICE = """\
[weather]
name.ja = { value = "天気", assumed = "x" }
name.en = { value = "Weather", assumed = "x" }
name.de = { value = "Wetter", assumed = "x" }
needs_data = { value = true, assumed = "x" }
needs_link = { value = true, assumed = "x" }
remote = { value = false, assumed = "x" }
"""


def test_services_of_ones_own_are_read(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    path.write_text(SERVICE, encoding="utf-8")

    assert load_services(path)["weather"].name.de == "Wetter"
    assert load_services(path)["weather"].switch is None


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


def test_disputes_of_ones_own_are_read(tmp_path: Path) -> None:
    path = tmp_path / "disputes.toml"
    path.write_text(DISPUTE, encoding="utf-8")

    assert load_disputes(path)["tea"].readings["no"].says == "tea first"


# --- their faults ---


def fault(load: Callable[[Path], object], path: Path, sound: str, old: str, new: str) -> ProfileError:
    """Return the fault that a sound file has after one replacement."""
    assert sound.count(old) == 1, f"{old!r} must name one place"
    path.write_text(sound.replace(old, new), encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        load(path)
    return caught.value


@pytest.mark.parametrize(
    ("load", "sound", "old", "new", "line", "key"),
    [
        pytest.param(load_countries, COUNTRY, "[XK]", "[kosovo]", 1, "kosovo", id="country-code"),
        pytest.param(load_countries, COUNTRY, "[XK]", "US = 1\n[XK]", 1, "US", id="country-no-table"),
        pytest.param(
            load_countries, COUNTRY, '"help@example.org"', '"help"', 5, "XK.support_address", id="country-address"
        ),
        pytest.param(
            load_countries, COUNTRY, "embedded_sim = { value = false", "embedded_sim = { value = 0", 6,
            "XK.embedded_sim", id="country-type",
        ),
        pytest.param(load_countries, COUNTRY, "name.en =", "name.fr =", 3, "XK.name.fr", id="country-language"),
        pytest.param(
            load_labels, LABEL, 'de = { value = "Klang", assumed = "x" }', "", 1, "sound.de", id="label-language"
        ),
        pytest.param(load_labels, LABEL, "[sound]", "['Sound 1']", 1, '"Sound 1"', id="label-id"),
        pytest.param(
            load_services, SERVICE, "[weather]\n", '[weather]\nswitch = { value = "weather", assumed = "x" }\n', 2,
            "weather.switch", id="service-switch",
        ),
        pytest.param(load_usage, USAGE, "[rates]", "[speeds]", 1, "speeds", id="use-table"),
        pytest.param(load_usage, USAGE, "[bands.one]", "[bands.One]", 8, "bands.One", id="use-band"),
        pytest.param(
            load_usage, USAGE, "average_kmh = { value = 50", "average_kmh = { value = 0", 13,
            "bands.one.life.average_kmh", id="use-below",
        ),
        pytest.param(
            load_usage, USAGE, 'traffic_bytes_per_km = { value = 1, assumed = "x" }', "", 1,
            "rates.traffic_bytes_per_km", id="use-missing",
        ),
        pytest.param(load_usage, USAGE, USAGE, "rates = 1\nbands = 2\n", 1, "rates", id="use-no-tables"),
        pytest.param(load_disputes, DISPUTE, '"yes"', '"maybe"', 3, "tea.default", id="dispute-default"),
        pytest.param(load_disputes, DISPUTE, "[tea]", "[Tea]", 1, "Tea", id="dispute-id"),
        pytest.param(load_disputes, DISPUTE, "no = {", "No = {", 6, "tea.readings.No", id="dispute-reading"),
        pytest.param(load_disputes, DISPUTE, '"B1"', '"C1"', 6, "tea.readings.no.source[0]", id="dispute-source"),
        pytest.param(
            load_disputes, DISPUTE, 'says = "tea first", ', "", 6, "tea.readings.no.says", id="dispute-missing"
        ),
        pytest.param(load_disputes, DISPUTE, DISPUTE, "tea = 1\n", 1, "tea", id="dispute-no-table"),
        pytest.param(
            load_disputes, DISPUTE, DISPUTE, "tea.readings = 1\n", 1, "tea.readings", id="dispute-no-readings"
        ),
    ],
)  # fmt: skip
def test_fault_in_such_a_file_is_named_with_its_place(
    tmp_path: Path, *, load: Callable[[Path], object], sound: str, old: str, new: str, line: int, key: str
) -> None:
    error = fault(load, tmp_path / "my.toml", sound, old, new)

    assert place(error) == ("profile-invalid", line, key)


def test_value_without_a_source_in_a_country_is_refused(tmp_path: Path) -> None:
    error = fault(load_countries, tmp_path / "my.toml", COUNTRY, ', assumed = "x" }\nfunctions', " }\nfunctions")

    assert place(error) == ("profile-source-missing", 6, "XK.embedded_sim")
