"""Which car a scenario may name, and that it expects of one only what some car says."""

from pathlib import Path

import pytest

import firmware_profiles
from simulator.scenario.loader import load_scenario, parse_scenario
from tests.simulator.sound import changed, fault, with_step


def test_a_profile_of_ones_own_is_found_from_the_folder_of_the_scenario(tmp_path: Path) -> None:
    shipped = (Path(firmware_profiles.__file__).parent / "data" / "taycan.toml").read_text("utf-8")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.toml").write_text(shipped, "utf-8")
    (tmp_path / "own.pcm.yaml").write_text(changed("profile: taycan", "profile: profiles/mine.toml"), "utf-8")
    loaded = load_scenario(str(tmp_path / "own.pcm.yaml"))
    assert loaded.car.choice.resolve().name == "mine"


def test_a_car_may_be_given_by_line_and_model_year() -> None:
    text = changed("profile: taycan", "line: Cayenne\n  model_year: 2021\n  assume: {my2021: porsche-id}")
    assert parse_scenario(text, "test.pcm.yaml").car.choice.resolve().name == "cayenne-gen3-2022"
    assert parse_scenario(text.replace("porsche-id", "pairing-code"), "x").car.choice.resolve().name == ("cayenne-gen3")


def test_a_vin_with_the_check_digit_of_its_market_is_taken() -> None:
    text = changed("country: JP", "country: US\n  vin: WP0ZZZY10PSA00001")
    assert parse_scenario(text, "test.pcm.yaml").car.vin == "WP0ZZZY10PSA00001"


@pytest.mark.parametrize(
    ("step", "column", "key", "expected"),
    [
        (
            "never: {refused: sim-blockd}\n    during: 1 s",
            13,
            "never.refused",
            "no car refuses anything with 'sim-blockd'; did you mean 'sim-blocked'?; also near: no-sim-slot; all",
        ),
        (
            "expect: {refused: nonsense}",
            14,
            "expect.refused",
            "no car refuses anything with 'nonsense'; all 86 stand in docs/scenarios.md",
        ),
        (
            "expect: {package: {function: power-steering-plus, state: paused, blocked_by: [no-data, privat-mode]}}",
            92,
            "expect.package.blocked_by[1]",
            "'privat-mode' is no condition; did you mean 'private-mode'?; ",
        ),
        (
            "never: {service: {service: remote-access, state: unavailable, blocked_by: [offline]}}\n    during: 1 s",
            80,
            "never.service.blocked_by[0]",
            "'offline' is no condition; all 48 stand in docs/scenarios.md",
        ),
        (
            "expect: {cluster: package-fault}",
            14,
            "expect.cluster",
            "the instrument cluster never says 'package-fault'; did you mean 'package-faulty'?; known are: package-fa",
        ),
        ("expect: {cluster: package-ready}", 14, "expect.cluster", "the instrument cluster never says 'package-ready'"),
        (
            "expect: {remote_reply: no-dat}",
            14,
            "expect.remote_reply",
            "no car answers the app with 'no-dat'; did you mean 'no-data'?; all 15 stand in docs/scenarios.md",
        ),
    ],
)
def test_a_code_that_no_car_ever_says_is_refused_before_the_run(
    step: str, column: int, key: str, expected: str
) -> None:
    error = fault(with_step(step))
    assert (error.code, error.line, error.column, error.key) == ("scenario-invalid", 14, column, f"steps[3].{key}")
    assert str(error).startswith(f"test.pcm.yaml:14:{column}: step 4: {key}: {expected}")


@pytest.mark.parametrize(
    "step",
    [
        "expect: {refused: no-data}",
        "expect: {refused: offer-expired}",
        "expect: {refused: sim-blocked}",
        "expect: {cluster: package-faulty}",
        "expect: {remote_reply: done}",
        "expect: {remote_reply: command-expired}",
        "expect: {package: {function: power-steering-plus, state: paused, blocked_by: []}}",
        "expect: {service: {service: radio, state: ended}}",
    ],
)
def test_codes_that_a_car_says_are_taken(step: str) -> None:
    assert len(parse_scenario(with_step(step), "test.pcm.yaml").scenario.steps) == 4
