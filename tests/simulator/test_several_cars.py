"""A scenario of several cars: whom each step is about, and what is wrong with them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.scenario.loader import parse_scenario
from tests.simulator.language import TWO_CARS, RunVirtual, fails, faults


def test_a_step_is_about_the_car_that_it_names_else_the_first(run_virtual: RunVirtual) -> None:
    outcome = run_virtual(parse_scenario(TWO_CARS, "two.pcm.yaml"))
    assert outcome.verdicts[0].failures == []
    assert outcome.verdicts[0].held == 4
    [head] = [record for record in outcome.records if record.kind == "scenario"]
    assert [car["profile"] for car in head.data["cars"].values()] == ["taycan", "cayenne-gen3"]
    assert head.car == head.data["cars"]["first"]["vin"] != head.data["cars"]["second"]["vin"]


def test_what_one_car_shows_is_not_expected_of_the_other(run_virtual: RunVirtual) -> None:
    text = TWO_CARS.replace("{car: second, expect: {shown: roaming-free}}", "expect: {shown: roaming-free}")
    assert fails(run_virtual(parse_scenario(text, "two.pcm.yaml")))[0] == 13


def test_a_failure_tells_the_story_of_its_own_car(run_virtual: RunVirtual) -> None:
    text = TWO_CARS.replace('{car: second, expect: {ignition: "off"}}', '{car: second, expect: {ignition: "on"}}')
    outcome = run_virtual(parse_scenario(text, "two.pcm.yaml"))
    [failure] = outcome.verdicts[0].failures
    assert {happened.record.car for happened in failure.story} == {
        record.data["cars"]["second"]["vin"] for record in outcome.records if record.kind == "scenario"
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("{car: second, do: {charging", "{car: sekond, do: {charging", 8, "steps[1].car", "did you mean 'second'?"),
        ("profile: cayenne-gen3", "profile: cayenne", 5, "cars.second.profile", "no such profile"),
        ("  first: {", "  First: {", 3, "cars", "small letters"),
        ("cars:\n", "car: {profile: taycan, country: JP}\ncars:\n", 4, "cars", "either a car or cars"),
    ],
)
def test_what_is_wrong_with_cars_is_named(old: str, new: str, line: int, key: str, message: str) -> None:
    found = faults(TWO_CARS.replace(old, new, 1))
    assert [(at, where) for at, where, said in found if message in said] == [(line, key)]


def test_the_terminal_calls_each_car_by_its_name(pcm_sim: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "two.pcm.yaml"
    path.write_text(TWO_CARS, "utf-8")
    out = pcm_sim("run", path, "--virtual").out
    assert "first: Taycan · Japan · WP0ZZZ" in out
    assert "second: Cayenne · Germany" in out
