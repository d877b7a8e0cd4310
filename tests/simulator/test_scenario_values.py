"""A value that can't be is named with its line and what was expected there, before anything starts."""

import pytest

from simulator.scenario.model import duration, price, size
from tests.simulator.sound import changed, fault


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "expected"),
    [
        ("version: 1", "version: 2", 1, "version", "'2' is none of 1"),
        ("version: 1", 'version: "1"', 1, "version", "a whole number must stand here, not text"),
        ("version: 1\n", "", 1, "", "the key `version` is missing"),
        ("title: A test", "title: 7", 2, "title", "text must stand here, not a whole number; write it in quotes"),
        ("title: A test", "title: [A, test]", 2, "title", "text must stand here, not a list"),
        ("title: A test", "title: t\nrequirements: CON-01", 3, "requirements", "a list must stand here, not text"),
        ("title: A test", "title: t\nrequirements: [CON-1]", 3, "requirements[0]", "not of the form"),
        ("  profile: taycan\n", "", 3, "car", "a car is given by its profile, or by"),
        ("country: JP", "country: Japan", 5, "car.country", "not of the form"),
        ("country: JP", "country: JP\n  language: fr", 6, "car.language", "'fr' is none of ja, en, de"),
        ("country: JP", "country: JP\n  equipment: [carplay]", 6, "car.equipment[0]", "'wireless-carplay'?"),
        ("country: JP", "country: JP\n  vin: WP0ZZZ", 6, "car.vin", "expected 17 characters, got 6"),
        ("country: JP", "country: JP\n  vin: WP0ZZZY1ZPSA0000I", 6, "car.vin", "position 17"),
        ("within: 10 s", "within: soon", 11, "steps[1].within", "not of the form"),
        ("during: 1 min", "during: 1 m", 13, "steps[2].during", "not of the form"),
        (
            "connection: connected",
            "connection: up",
            12,
            "steps[2].never.connection",
            "'up' is none of disconnected, connecting",
        ),
        ("profile: taycan", "profile: tycan", 4, "car.profile", "known are"),
        (
            "connection: connected",
            "shown: private-mod-on",
            12,
            "steps[2].never.shown",
            "did you mean 'private-mode-on'",
        ),
        ("connection: connected", "shown: xyzzy", 12, "steps[2].never.shown", "the PCM never says 'xyzzy'"),
        ("profile: taycan", "profile: ./nowhere.toml", 4, "car.profile", "nowhere.toml: cannot be read"),
        (
            "country: JP",
            "country: US\n  vin: WP0ZZZY1ZPSA00001",
            6,
            "car.vin",
            "position 9: expected the check digit '0'",
        ),
        ("profile: taycan", "line: Macan", 3, "car", "by its line and model year"),
        ("profile: taycan", 'profile: "718"\n  line: "718"', 3, "car", "not by both"),
        ("profile: taycan", "line: Carrera\n  model_year: 2020", 4, "car.line", "known are 718, 911"),
        ("profile: taycan", "line: Macan\n  model_year: 2018", 5, "car.model_year", "[profile-ambiguous]"),
        ("profile: taycan", "line: Macan\n  model_year: 1999", 5, "car.model_year", "[profile-unknown]"),
        ("country: JP", "country: JP\n  assume: {my2021: fax}", 6, "car.assume.my2021", "[assumption-unknown]"),
        ("country: JP", "country: JP\n  assume: [my2021]", 6, "car.assume", "such as assume: {my2021: porsche-id}"),
        ("country: JP", "country: XX", 5, "car.country", "unknown country; all 45 stand in docs/profiles.md"),
        ("profile: taycan", "profile: 718", 4, "car.profile", "write it in quotes"),
        (
            "  profile: taycan\n  country: JP",
            "  country: JP\n  profile: macan-pre-facelift\n  equipment: [wireless-carplay]",
            6,
            "car.equipment",
            "'wireless-carplay' can't be ordered for this car; it may have: vehicle-tracking-system",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_what_was_expected(
    old: str, new: str, line: int, key: str, expected: str
) -> None:
    error = fault(changed(old, new))
    assert (error.code, error.line, error.key) == ("scenario-invalid", line, key)
    assert expected in str(error).partition(": ")[2]


@pytest.mark.parametrize(
    ("do", "key", "expected"),
    [
        ("{ignition: start}", "do.ignition", "'start' is none of"),
        ("{ignition: true}", "do.ignition", "true or false can't stand here; allowed are: on, off"),
        ("on", "do", "keys with values must stand here, not text; such as do: {ignition"),
        ("{battery: 101}", "do.battery", "at most 100 must stand here (percent)"),
        ("{battery: full}", "do.battery", "a whole number must stand here, not text; such as battery: 40"),
        ("{sim_pin: {pin: 4711}}", "do.sim_pin.pin", "write it in quotes"),
        ("{wait: 10}", "do.wait", "expected here: such as 500 ms"),
        ("{wait: 10 minutes}", "do.wait", "not of the form"),
        ("{wait: -1 s}", "do.wait", "not of the form"),
        ("{wait: 99999999999 d}", "do.wait", "not of the form"),
        ("{theft_sensor: tlt}", "do.theft_sensor", "'tlt' is none of tilt, towing, glass"),
        ("{theft_sensor: 7}", "do.theft_sensor", "a whole number can't stand here; allowed are: tilt, towing"),
        ("{use_data: {purpose: metadata, size: 1 kB}}", "do.use_data.purpose", "'metadata' is none of"),
        ("{order: {function: Ö}}", "do.order.function", "not of the form"),
        ("{order: {function: ../x}}", "do.order.function", "not of the form"),
        ("{order: {function: power-steering-plus, size: 40}}", "do.order.size", "not of the form"),
        ("{order: {function: power-steering-plus, size: 40 GB}}", "do.order.size", "not of the form"),
        ("{order: {function: power-steering-plus, size: 0 B}}", "do.order.size", "not of the form"),
        ("{order: {function: power-steering-plus, size: 99999 MB}}", "do.order.size", "not of the form"),
        ("{order: {function: power-steering-plus, price: 249 EUR}}", "do.order.price", "not of the form"),
        (
            "{order: {function: power-steering-plus, price: 249.00}}",
            "do.order.price",
            "expected here: such as 249.00 EUR",
        ),
        (
            f"{{order: {{function: power-steering-plus, price: {'9' * 30}.00 EUR}}}}",
            "do.order.price",
            "not of the form",
        ),
        ("{register: {porsche_id: max, password: p}}", "do.register.porsche_id", "not of the form"),
        ("{radio: {access: lte, country: QQ}}", "do.radio.country", "no country"),
        (
            "{order_service: {service: fax, days: 1}}",
            "do.order_service.service",
            "there is no service 'fax'; known are:",
        ),
    ],
)
def test_a_wrong_value_in_what_is_done_is_named_and_what_was_expected(do: str, key: str, expected: str) -> None:
    error = fault(changed('{ignition: "on"}', do))
    assert (error.code, error.line, error.key) == ("scenario-invalid", 8, f"steps[0].{key}")
    assert expected in str(error).partition(": ")[2]


@pytest.mark.parametrize(
    ("text", "seconds"), [("500 ms", 0.5), ("30s", 30), ("1.5 min", 90), ("2 h", 7200), ("28 d", 28 * 86400)]
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text).total_seconds() == seconds


def test_sizes_and_prices() -> None:
    assert [size(text) for text in ("300 B", "64 kB", "40MB")] == [300, 64_000, 40_000_000]
    assert price("249.00 EUR") == (24_900, "EUR")
