"""Steps that are repeated, and those of another file, stand at their place and keep their own."""

from pathlib import Path

import pytest

from simulator.scenario.loader import ScenarioError, load_scenario, load_scenarios, parse_scenario
from tests.simulator.conftest import CAR
from tests.simulator.language import RunVirtual, Steps, faults

# --- repeat ---


def test_steps_are_repeated_at_their_place(steps: Steps, run_virtual: RunVirtual) -> None:
    text = (
        '- repeat:\n    times: 3\n    steps:\n    - do: {ignition: "on"}\n    - do: {ignition: "off"}\n- say: Done.\n'
    )
    loaded = steps(text)
    assert loaded.lines == (8, 9, 8, 9, 8, 9, 10)
    events = [record.name for record in run_virtual(loaded).records if record.kind == "event"]
    assert (events.count("IgnitionTurnedOn"), events.count("IgnitionTurnedOff")) == (3, 3)


def test_how_often_may_be_a_name() -> None:
    text = f'{CAR}parameters: {{n: 4}}\nsteps:\n- repeat: {{times: "${{n}}", steps: [{{say: Again.}}]}}\n'
    assert len(parse_scenario(text, "t").plan) == 4


@pytest.mark.parametrize(
    ("repeat", "key", "message"),
    [
        ("{times: 0, steps: [{say: a}]}", "repeat.times", "at least 1 must stand here"),
        ("{times: 2, steps: []}", "repeat.steps", "at least 1 item must stand here"),
        ("{times: 2}", "repeat", "the key `steps` is missing"),
        ("{times: 2, stps: [{say: a}]}", "repeat.stps", "did you mean 'steps'?"),
        ("{times: 2, steps: [{do: {lock: open}}]}", "repeat.steps[0].do.lock", "none of locked, unlocked"),
        ("7", "repeat", "keys with values must stand here"),
        (
            "{times: 1000, steps: [{repeat: {times: 1000, steps: [{say: a}]}}]}",
            "repeat.steps[0].repeat.steps[0]",
            "more than 20000",
        ),
    ],
)
def test_what_is_wrong_with_a_repeat_is_told_once(repeat: str, key: str, message: str) -> None:
    [(_, where, said)] = faults(f"{CAR}steps:\n- repeat: {repeat}\n")
    assert where == f"steps[0].{key}"
    assert message in said


# --- include ---


SIGN_IN = """\
version: 1
title: Somebody signs in
parameters: {user: max@example.com, password: a long password}
steps:
  - do: {register: {porsche_id: "${user}", password: "${password}"}}
  - do: {log_in: {porsche_id: "${user}", password: "${password}"}}
  - expect: {account: linked, porsche_id: "${user}"}
"""
INCLUDING = f"""\
{CAR}parameters: {{who: hanako@example.com}}
steps:
  - do: {{ignition: "on"}}
  - do: {{radio: {{access: lte}}}}
  - expect: {{session: open}}
  - say: Signing in.
    include: {{scenario: parts/sign-in.pcm.yaml, with: {{user: "${{who}}"}}}}
  - expect: {{porsche_id: "${{who}}"}}
"""


@pytest.fixture
def including(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "sign-in.pcm.yaml").write_text(SIGN_IN, "utf-8")
    path = tmp_path / "main.pcm.yaml"
    path.write_text(INCLUDING, "utf-8")
    return path


def test_the_steps_of_another_file_are_spliced_in_with_their_places(including: Path, run_virtual: RunVirtual) -> None:
    loaded = load_scenario(str(including))
    part = str(including.parent / "parts" / "sign-in.pcm.yaml")
    assert [(step.file, step.line) for step in loaded.plan][3:7] == [
        (str(including), 9), (part, 5), (part, 6), (part, 7),
    ]  # fmt: skip
    outcome = run_virtual(loaded)
    assert outcome.verdicts[0].failures == []
    assert outcome.verdicts[0].held == 3


def test_a_failure_in_an_included_file_names_its_place(including: Path, run_virtual: RunVirtual) -> None:
    part = including.parent / "parts" / "sign-in.pcm.yaml"
    part.write_text(SIGN_IN.replace("account: linked", "account: unlinked"), "utf-8")
    [failure] = run_virtual(load_scenario(str(including))).verdicts[0].failures
    assert (failure.file, failure.line) == (str(part), 7)


def test_an_error_in_an_included_file_names_its_place(including: Path) -> None:
    part = including.parent / "parts" / "sign-in.pcm.yaml"
    part.write_text(SIGN_IN.replace("account: linked", "account: lnked"), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(including))
    [problem] = caught.value.problems
    assert str(problem).startswith(f"{part}:7:14: step 3: expect.account: 'lnked' is none of")


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        (
            "parts/sign-in.pcm.yaml",
            "parts/sign-on.pcm.yaml",
            "include.scenario",
            "did you mean 'parts/sign-in.pcm.yaml'?",
        ),
        ("with: {user", "with: {usr", "include.with.usr", "has no parameter 'usr'; did you mean 'user'?"),
        ("scenario: parts", "scenari: parts", "include.scenari", "unknown key; did you mean 'scenario'?"),
    ],
)
def test_what_is_wrong_with_an_include_is_named(including: Path, old: str, new: str, key: str, message: str) -> None:
    including.write_text(INCLUDING.replace(old, new), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(including))
    assert (caught.value.key, caught.value.line) == (f"steps[3].{key}", 10)
    assert message in caught.value.message


def test_files_that_include_each_other_are_refused(including: Path) -> None:
    part = including.parent / "parts" / "sign-in.pcm.yaml"
    part.write_text(f"{SIGN_IN}  - include: {{scenario: ../main.pcm.yaml}}\n", "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenarios(str(including))
    [problem] = caught.value.problems
    assert problem.place is not None
    assert (problem.place.file, problem.place.line) == (str(part), 8)
    circle = "this scenario includes itself: main.pcm.yaml → sign-in.pcm.yaml → main.pcm.yaml"
    assert problem.message == f"{circle} (included from {including}:10)"


def test_steps_that_are_included_are_about_the_car_that_stands_beside(including: Path) -> None:
    text = INCLUDING.replace("    include:", "    car: other\n    include:").replace(
        "car: {profile: taycan, country: JP}",
        "cars: {one: {profile: taycan, country: JP}, other: {profile: taycan, country: JP}}",
    )
    including.write_text(text, "utf-8")
    assert [step.step.car for step in load_scenario(str(including)).plan] == [None] * 3 + ["other"] * 4 + [None]
