"""Expectations until or while something else is so, of messages on the wire, and for rows of their own."""

import pytest

from tests.simulator.conftest import CAR
from tests.simulator.language import ONLINE, RunVirtual, Steps, fails, faults

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
    ("story", "found"),
    [
        (not_while("lock: locked", 'private_mode: "on"'), "lock: locked; private_mode: on"),
        (
            not_while("lock: unlocked", 'private_mode: "on"', "1 min"),
            "lock: locked; private_mode: on (which does not end)",
        ),
        (not_while("lock: unlocked", 'private_mode: "off"'), "lock: locked; private_mode: on"),
    ],
    ids=["it happens", "the other does not end in time", "the other never was"],
)
def test_never_while_fails(steps: Steps, run_virtual: RunVirtual, story: str, found: str) -> None:
    line, _, there = fails(run_virtual(steps(story)))
    assert (line, there) == (12, found)


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


# --- rows of its own ---


def test_a_step_may_prove_rows_of_its_own(steps: Steps, run_virtual: RunVirtual) -> None:
    loaded = steps("- expect: {lock: locked}\n  requirements: [CON-01]\n- expect: {lock: locked}\n")
    held = [record for record in run_virtual(loaded).records if record.kind == "held"]
    assert [record.data["requirements"] for record in held] == [["CON-01"], []]
