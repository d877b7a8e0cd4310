"""Names in a scenario stand for its parameters and for what `let` found."""

import pytest

from simulator.scenario.loader import parse_scenario
from tests.simulator.conftest import CAR
from tests.simulator.language import ONLINE, RunVirtual, Steps, fails, faults

# --- parameters ---


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
