"""Countries, services and typical use are those of the seeds."""

import pytest

from firmware_profiles import Menu, load_countries, load_services, load_usage

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
