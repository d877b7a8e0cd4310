"""A key that is unknown and a step that makes no sense are named with their place and what may stand there."""

import re

import pytest

from simulator.scenario.loader import parse_scenario
from tests.simulator.sound import SOUND, changed, fault, with_step


def test_the_sound_scenario_is_sound() -> None:
    loaded = parse_scenario(SOUND, "test.pcm.yaml")
    assert loaded.lines == (7, 9, 12)
    assert loaded.car.profile == "taycan"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "allowed"),
    [
        ("title: A test", "title: A test\nauthor: me", 3, "author", "version, title, description, requirements, tags"),
        (
            "  country: JP",
            "  country: JP\n  colour: red",
            6,
            "car.colour",
            "profile, line, model_year, assume, country, language, equipment, vin",
        ),
        (
            "    within: 10 s",
            "    witihn: 10 s",
            11,
            "steps[1].witihn",
            "say, car, do, expect, within, until, never, during",
        ),
        ('{ignition: "on"}', '{ignitoin: "on"}', 8, "steps[0].do.ignitoin", "docs/scenarios.md lists the"),
        ('      ignition: "on"', '      ignitoin: "on"', 10, "steps[1].expect.ignitoin", "docs/scenarios.md lists the"),
        ("{connection: connected}", "{data: true}", 12, "steps[2].never.data", "docs/scenarios.md lists the"),
        ('{ignition: "on"}', "{radio: {axess: lte}}", 8, "steps[0].do.radio.axess", "access, country"),
        (
            '      ignition: "on"',
            "      package:\n        function: power-steering-plus\n        status: active",
            12,
            "steps[1].expect.package.status",
            "function, state, blocked_by, code",
        ),
        (
            "{connection: connected}",
            "{order: {function: power-steering-plus, state: open, bill: 1}}",
            12,
            "steps[2].never.order.bill",
            "function, state, bills, error",
        ),
    ],
)
def test_an_unknown_key_is_named_with_its_line_and_the_allowed_ones(
    old: str, new: str, line: int, key: str, allowed: str
) -> None:
    error = fault(changed(old, new))
    assert (error.code, error.line, error.key) == ("scenario-invalid", line, key)
    said = re.sub(r"^steps\[(\d)\]\.", lambda step: f"step {int(step[1]) + 1}: ", key)
    place = f"test.pcm.yaml:{line}:{error.column}"
    assert str(error).startswith(f"{place}: {said}: unknown key")
    listed = allowed if allowed.startswith("docs") else f"allowed here are: {allowed}"
    assert f"; {listed}" in str(error)


@pytest.mark.parametrize("key", ["a.b", "car.x", "steps[0]", "a[1].b", "x y", '"`"', "1", "null", "[a]", "<<x"])
def test_a_key_may_look_like_anything(key: str) -> None:
    error = fault(f"{SOUND}? {key}\n: 1\n")
    assert error.code == "scenario-invalid"
    assert error.message.startswith("test.pcm.yaml:")


@pytest.mark.parametrize(
    ("step", "key", "message"),
    [
        ('do: {ignition: "on", lock: locked}', "steps[3].do", "exactly one thing"),
        ("do: {}", "steps[3].do", "exactly one thing"),
        ('{do: {ignition: "on"}, expect: {ignition: "on"}}', "steps[3]", "one of do, expect, never, let"),
        (
            '{expect: {ignition: "on"}, never: {ignition: "off"}, during: 1 s}',
            "steps[3]",
            "one of do, expect, never, let",
        ),
        ("expect: {}", "steps[3].expect", "something must be expected"),
        ("{never: {}, during: 1 s}", "steps[3].never", "something must be named"),
        ("never: {connection: connected}", "steps[3]", "never stands together with either during or while"),
        ('{expect: {ignition: "on"}, during: 1 s}', "steps[3]", "stand together with never"),
        ('{do: {ignition: "on"}, within: 1 s}', "steps[3].within", "within stands with expect"),
        ("{}", "steps[3]", "one of say, do, expect, never"),
    ],
)
def test_a_step_that_makes_no_sense_is_named(step: str, key: str, message: str) -> None:
    error = fault(with_step(step))
    assert (error.code, error.line, error.key) == ("scenario-invalid", 14, key)
    assert message in str(error)


def test_a_step_may_only_say_something() -> None:
    assert parse_scenario(with_step("say: The end."), "test.pcm.yaml").scenario.steps[-1].say == "The end."
