"""What a scenario can say beyond single steps of one car: several cars, names, other files, lanes, spans."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.scenario.loader import LoadedScenario, ScenarioError, load_scenario, load_scenarios, parse_scenario
from simulator.session import Outcome

RunVirtual = Callable[..., Outcome]
Steps = Callable[[str], LoadedScenario]
CAR = "version: 1\ntitle: A test\ncar: {profile: taycan, country: JP}\n"
ONLINE = '- do: {ignition: "on"}\n- do: {radio: {access: lte}}\n- expect: {session: open}\n'
TWO_CARS = """\
version: 1
title: Two cars
cars:
  first: {profile: taycan, country: JP}
  second: {profile: cayenne-gen3, country: DE, language: de}
steps:
  - do: {ignition: "on"}
  - {car: second, do: {charging_cable: connected}}
  - expect: {ignition: "on"}
  - {car: second, expect: {ignition: "off"}}
  - {car: second, do: {ignition: "on"}}
  - {car: second, do: {roaming: "on"}}
  - {car: second, expect: {shown: roaming-free}}
  - never: {shown: roaming-free}
    during: 1 s
"""


def faults(text: str, file: str = "test.pcm.yaml") -> list[tuple[int, str, str]]:
    """Line, key and message of all that is wrong."""
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, file)
    return [(it.place.line if it.place else 0, it.key, it.message) for it in caught.value.problems]


def fails(outcome: Outcome) -> tuple[int, str, str]:
    """Line, expected and found of the only failure."""
    [failure] = [failure for verdict in outcome.verdicts for failure in verdict.failures]
    return failure.line, failure.expected, failure.found


# --- several cars ---


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


def test_a_step_may_prove_rows_of_its_own(steps: Steps, run_virtual: RunVirtual) -> None:
    loaded = steps("- expect: {lock: locked}\n  requirements: [CON-01]\n- expect: {lock: locked}\n")
    held = [record for record in run_virtual(loaded).records if record.kind == "held"]
    assert [record.data["requirements"] for record in held] == [["CON-01"], []]


# --- names ---


def test_a_name_that_stands_alone_keeps_its_type_and_is_text_inside_of_a_text() -> None:
    text = CAR.replace("A test", "Battery at ${level} %") + (
        "parameters: {level: 40, ways: [embedded-sim], sure: true}\n"
        'steps:\n- do: {battery: "${level}"}\n- do: {way_order: "${ways}"}\n- say: "${level} ${sure} ${country}"\n'
    )
    scenario = parse_scenario(text, "test.pcm.yaml").scenario
    first, second, third = scenario.steps
    assert scenario.title == "Battery at 40 %"
    assert first.do is not None
    assert first.do.battery == 40
    assert second.do is not None
    assert second.do.way_order == ("embedded-sim",)
    assert third.say == "40 true JP"


@pytest.mark.parametrize(
    ("steps", "line", "key", "message"),
    [
        ('- say: "${lebel}"', 6, "steps[0].say", "did you mean 'level'?"),
        ('- do: {battery: "${word}"}', 6, "steps[0].do.battery", "a whole number must stand here"),
        ('- expect: {ignition: "${word}"}', 6, "steps[0].expect.ignition", "none of on, off"),
    ],
)
def test_a_name_is_checked_like_what_it_stands_for(steps: str, line: int, key: str, message: str) -> None:
    [(at, where, said)] = faults(f"{CAR}parameters: {{level: 40, word: full}}\nsteps:\n{steps}\n")
    assert (at, where) == (line, key)
    assert message in said


# --- let ---

LINKED = f"""\
- do: {{register: {{porsche_id: hanako@example.com, password: sakura-2026}}}}
{ONLINE}- do: {{log_in: {{porsche_id: hanako@example.com, password: sakura-2026}}}}
- expect: {{account: linked}}
- let: {{who: porsche_id, since: time, used-way: way, alarms: centre.alarms, state: service.radio.state}}
"""


def test_what_let_found_stands_in_later_steps(steps: Steps, run_virtual: RunVirtual) -> None:
    text = (
        LINKED + '- do: {security_code: {porsche_id: "${who}", code: "1234"}}\n'
        '- expect: {account: linked, porsche_id: "${who}", way: "${used-way}"}\n'
        '- expect: {centre: {alarms: "${alarms}"}, service: {service: radio, state: "${state}"}}\n'
        '- say: "${who} since ${since} over ${used-way}"\n'
    )
    outcome = run_virtual(steps(text))
    assert outcome.verdicts[0].failures == []
    assert outcome.verdicts[0].held == 4
    said = [record.data["text"] for record in outcome.records if record.kind == "step"][-1]
    assert said.startswith("hanako@example.com since 2026-03-02T08:00:")
    assert said.endswith("Z over embedded-sim")


def test_a_pairing_code_and_what_was_shown_can_be_captured(run_virtual: RunVirtual) -> None:
    text = (
        CAR.replace("taycan", "cayenne-gen3") + f"steps:\n{ONLINE}"
        "- do: {register: {porsche_id: max@example.com, password: a long password}}\n"
        "- let: {digits: pairing_code}\n"
        '- do: {pairing_code: "${digits}"}\n'
        "- expect: {shown: account-linked}\n"
        "- let: {shown: shown}\n"
        "- say: ${shown}\n"
    )
    outcome = run_virtual(parse_scenario(text, "t.pcm.yaml"))
    assert outcome.verdicts[0].failures == []
    assert [record.data["text"] for record in outcome.records if record.kind == "step"][-1] == "account-linked"


def test_an_expectation_of_what_let_found_can_fail(steps: Steps, run_virtual: RunVirtual) -> None:
    text = '- let: {was: way}\n- do: {radio: {access: none}}\n- expect: {way: "${was}"}\n  within: 1 min\n'
    text = ONLINE + text
    assert fails(run_virtual(steps(text))) == (10, "way: embedded-sim", "way: none")


def test_what_let_found_must_fit_where_it_stands(steps: Steps, run_virtual: RunVirtual) -> None:
    line, expected, found = fails(run_virtual(steps('- let: {now: time}\n- do: {battery: "${now}"}\n')))
    assert (line, expected) == (6, "the step")
    assert "do.battery: a whole number must stand here" in found


def test_where_let_finds_nothing_the_step_fails(steps: Steps, run_virtual: RunVirtual) -> None:
    line, _, found = fails(run_virtual(steps("- let: {bills: order.voice-control.bills}\n")))
    assert line == 5
    assert found == "not done: there is no order.voice-control.bills now [nothing-captured]"


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("porsche_di", "did you mean 'porsche_id'?"),
        ("order.voice-control.bils", "did you mean 'bills'?"),
        ("order.bills", "order.NAME.DETAIL is expected"),
        ("centre.f.alarms", "centre.DETAIL is expected"),
        ("used", "nothing that can be captured"),
    ],
)
def test_what_let_cannot_take_is_named_before_the_run(what: str, message: str) -> None:
    [(line, key, said)] = faults(f"{CAR}steps:\n- let: {{it: {what}}}\n")
    assert (line, key) == (5, "steps[0].let.it")
    assert message in said


def test_a_name_is_known_only_after_its_let() -> None:
    [(line, key, said)] = faults(f'{CAR}steps:\n- say: "${{now}}"\n- let: {{now: time}}\n')
    assert (line, key) == (5, "steps[0].say")
    assert "nothing is called 'now' here" in said


def test_a_step_with_such_a_name_is_checked_as_far_as_it_is_known() -> None:
    text = f'{CAR}steps:\n- let: {{who: porsche_id}}\n- do: {{log_in: {{porsche_id: "${{who}}", passwort: x}}}}\n'
    assert [(line, key) for line, key, _ in faults(text)] == [(6, "steps[1].do.log_in.passwort")]


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


# --- until, while ---


def test_expect_until_holds_where_it_is_so_up_to_then(steps: Steps, run_virtual: RunVirtual) -> None:
    text = (
        '- do: {ignition: "on"}\n- do: {radio: {access: lte}}\n- expect: {ignition: "on"}\n  until: {session: open}\n'
    )
    outcome = run_virtual(steps(text))
    assert outcome.passed
    assert [record.data["text"] for record in outcome.records if record.kind == "held"] == [
        "ignition: on until session: open"
    ]


@pytest.mark.parametrize(
    ("expect", "until", "found"),
    [
        ("{connection: connecting}", "{account: linked}", "connection: connected; account: unlinked"),
        ('{ignition: "on"}', "{account: linked}", "ignition: on; account: unlinked"),
        ('{ignition: "off"}', "{session: open}", "ignition: on; session: closed"),
    ],
)
def test_expect_until_fails_where_it_ends_too_early_or_never(
    steps: Steps, run_virtual: RunVirtual, expect: str, until: str, found: str
) -> None:
    text = '- do: {ignition: "on"}\n- do: {radio: {access: lte}}\n'
    text += f"- expect: {expect}\n  until: {until}\n  within: 1 min\n"
    line, _, there = fails(run_virtual(steps(text)))
    assert (line, there) == (7, found)


NOT_WHILE = f"""\
{ONLINE}- do: {{private_mode: "on"}}
- parallel:
  - - do: {{wait: 10 min}}
    - do: {{private_mode: "off"}}
  - - never: {{NEVER}}
      while: {{WHILE}}
      within: WITHIN
"""


def not_while(never: str, meanwhile: str, within: str = "1 h") -> str:
    return NOT_WHILE.replace("NEVER", never).replace("WHILE", meanwhile).replace("WITHIN", within)


def test_never_while_holds_until_the_other_ends(steps: Steps, run_virtual: RunVirtual) -> None:
    outcome = run_virtual(steps(not_while("lock: unlocked", 'private_mode: "on"')))
    assert outcome.verdicts[0].failures == []
    held = [record for record in outcome.records if record.kind == "held"]
    assert (held[-1].time - held[0].time).total_seconds() == pytest.approx(600, abs=5)


@pytest.mark.parametrize(
    ("never", "meanwhile", "within"),
    [
        ("lock: locked", 'private_mode: "on"', "1 h"),  # it happens
        ("lock: unlocked", 'private_mode: "on"', "1 min"),  # the other does not end in time
        ("lock: unlocked", 'private_mode: "off"', "1 h"),  # the other never was
    ],
)
def test_never_while_fails(steps: Steps, run_virtual: RunVirtual, never: str, meanwhile: str, within: str) -> None:
    assert fails(run_virtual(steps(not_while(never, meanwhile, within))))[0] == 12


# --- messages ---


def test_messages_on_the_wire_are_counted_since_the_last_do(steps: Steps, run_virtual: RunVirtual) -> None:
    text = (
        ONLINE + "- expect: {message: {topic: event/connection, count: 1, body: {state: connected, access: lte}}}\n"
        "- do: {radio: {access: 3g}}\n"
        "- expect: {message: {topic: event/connection, body: {access: 3g}}}\n"
        "- never: {message: {topic: event/connection, body: {access: lte}}}\n  during: 1 min\n"
        "- expect: {message: {topic: command/look, count: 0}}\n"
    )
    outcome = run_virtual(steps(text))
    assert outcome.verdicts[0].failures == []
    assert outcome.verdicts[0].held == 5


def test_a_message_that_never_came_fails_and_says_what_came(steps: Steps, run_virtual: RunVirtual) -> None:
    text = f"{ONLINE}- expect: {{message: {{topic: event/connection, body: {{way: hotspot}}}}}}\n"
    _, expected, found = fails(run_virtual(steps(text)))
    assert expected == "message: topic event/connection body way hotspot"
    assert found == "message: topic event/connection count 0 body way embedded-sim"


@pytest.mark.parametrize(
    ("message", "key", "said"),
    [
        ("{topic: event/konnection}", "topic", "did you mean 'event/connection'?"),
        ("{topic: event/connection, body: {wai: hotspot}}", "body.wai", "did you mean 'way'?"),
        ("{topic: state, count: -1}", "count", "at least 0 must stand here"),
    ],
)
def test_a_message_that_nobody_sends_is_named(message: str, key: str, said: str) -> None:
    [(_, where, what)] = faults(f"{CAR}steps:\n- expect: {{message: {message}}}\n")
    assert where == f"steps[0].expect.message.{key}"
    assert said in what
