"""All that is wrong with a scenario is said at once, and nothing is run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.loader import ScenarioError, parse_scenario
from simulator.scenario.model import Scenario, Step
from simulator.scenario.places import counted
from simulator.scenario.typed import convert_all

WRONG = """\
version: 1
titlle: Many things are wrong
car: {profile: tycan, country: JPN, colour: red}
requirements: [CON-1, CON-02, CON-3]
steps:
  - do: {ignitoin: "on"}
  - do: {radio: {access: ltee, countri: JP}}
  - on
  - expect: {shown: private-mod-on, package: {function: F}}
    within: soon
  - repeat: {times: 2, steps: [{do: {lock: open}}, {expect: {}}]}
  - {car: anna, do: {lock: locked}}
"""
ALL = [
    (2, "titlle", "did you mean 'title'?"),
    (3, "car.profile", "no such profile"),
    (3, "car.country", "ISO 3166-1"),
    (3, "car.colour", "allowed here are: profile, line"),
    (4, "requirements[0]", "such as CON-01"),
    (4, "requirements[2]", "such as CON-01"),
    (6, "steps[0].do.ignitoin", "did you mean 'ignition'?"),
    (7, "steps[1].do.radio.access", "did you mean 'lte'?"),
    (7, "steps[1].do.radio.countri", "did you mean 'country'?"),
    (8, "steps[2]", "keys with values must stand here, not text"),
    (9, "steps[3].expect.shown", "did you mean 'private-mode-on'?"),
    (9, "steps[3].expect.package", "the key `state` is missing"),
    (9, "steps[3].expect.package.function", "small letters"),
    (10, "steps[3].within", "such as 500 ms"),
    (11, "steps[4].repeat.steps[0].do.lock", "none of locked, unlocked"),
    (11, "steps[4].repeat.steps[1].expect", "something must be expected"),
    (12, "steps[5].car", "no car is called 'anna'"),
]


def test_everything_is_told_in_the_order_of_the_file() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(WRONG, "test.pcm.yaml")
    problems = caught.value.problems
    assert [(it.place.line if it.place else 0, it.key) for it in problems] == [(line, key) for line, key, _ in ALL]
    assert all(message in it.message for it, (_, _, message) in zip(problems, ALL, strict=True))
    assert str(caught.value).count("\n") == len(ALL) - 1


def test_each_is_a_line_for_people_and_nothing_starts(
    pcm_sim: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*_: object) -> None:
        raise AssertionError("started")

    monkeypatch.setattr("simulator.session.run", start)
    path = tmp_path / "wrong.pcm.yaml"
    path.write_text(WRONG, "utf-8")
    ended = pcm_sim("run", path, "--virtual")
    assert (ended.status, ended.out) == (2, "")
    lines = ended.err.splitlines()
    assert [line.removeprefix("pcm-sim: ").split(":")[:2] for line in lines] == [
        [str(path), str(line)] for line, _, _ in ALL
    ]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("steps[3].do.ignition", "step 4: do.ignition"),
        ("steps[0]", "step 1"),
        ("steps[2].repeat.steps[1].do", "step 3: repeat: step 2: do"),
        ("steps[2].parallel[1][0].do.lock", "step 3: lane 2: step 1: do.lock"),
        ("car.country", "car.country"),
    ],
)
def test_keys_are_counted_from_one(key: str, said: str) -> None:
    assert counted(key) == said


# --- one fault after the other ---


def keys(plain: object) -> list[str]:
    return [fault.key for fault in convert_all(plain, Scenario)[1]]


def test_items_keep_their_number_when_others_are_wrong() -> None:
    sound = {"version": 1, "title": "t", "steps": [{}]}
    assert keys({**sound, "tags": [1, "a", 2, "b", 3]}) == ["tags[0]", "tags[2]", "tags[4]"]
    assert keys({**sound, "steps": [{}, {"do": 1}, 5, {"within": "x"}]}) == [
        "steps[1].do",
        "steps[2]",
        "steps[3].within",
    ]


def test_what_is_missing_is_told_once_for_each_key() -> None:
    _, faults = convert_all({"expect": {"order": {}}}, Step)
    assert [fault.message for fault in faults] == [
        "the key `function` is missing",
        "the key `state` is missing",
    ]


def test_what_is_sound_remains() -> None:
    step, faults = convert_all({"say": "a", "within": "soon", "do": {"lock": "locked", "battery": 200}}, Step)
    assert [fault.key for fault in faults] == ["do.battery", "within"] or len(faults) == 2
    assert step is not None
    assert step.say == "a"
    assert step.do is not None
    assert step.do.lock == "locked"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*Scenario.__struct_fields__, *Step.__struct_fields__, "x"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(plain)
def test_whatever_is_there_ends_in_faults_or_a_scenario(value: object) -> None:
    scenario, faults = convert_all(value, Scenario)
    assert scenario is not None or faults
