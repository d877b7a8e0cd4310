"""Lists of steps that go on at the same time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.scenario.loader import LoadedScenario, ScenarioError, parse_scenario
from simulator.session import Options, Outcome, run
from simulator.trace import domain_events

RunVirtual = Callable[..., Outcome]
Steps = Callable[[str], LoadedScenario]
LANES = """\
- do: {ignition: "on"}
- parallel:
  - - do: {wait: 10 min}
    - do: {radio: {access: lte}}
    - expect: {session: open}
  - - expect: {session: open}
      within: 11 min
    - do: {private_mode: "on"}
  - - never: {private_mode: "on"}
      during: 5 min
    - let: {middle: time}
- expect: {private_mode: "on"}
- say: "In the middle it was ${middle}."
"""


def names(outcome: Outcome, kind: str) -> list[tuple[str, float]]:
    """The names of records with the seconds since the beginning."""
    begin = outcome.records[0].time
    return [(it.name, (it.time - begin).total_seconds()) for it in outcome.records if it.kind == kind]


def test_lanes_go_on_at_the_same_time_and_the_next_step_when_all_are_through(
    steps: Steps, run_virtual: RunVirtual
) -> None:
    outcome = run_virtual(steps(LANES))
    assert outcome.verdicts[0].failures == []
    assert [name for name, _ in names(outcome, "step")] == ["1", "2.1.1", "2.1.2", "2.2.2", "4"]
    held = names(outcome, "held")
    assert [name for name, _ in held] == ["2.3.1", "2.1.3", "2.2.1", "3"]
    assert [time for _, time in held] == pytest.approx([300, 602, 602, 602], abs=2)
    assert [it.data["text"] for it in outcome.records if it.kind == "step"][-1].startswith(
        "In the middle it was 2026-03-02T08:05:00"
    )


def test_the_same_seed_gives_the_same_bytes(steps: Steps, run_virtual: RunVirtual, tmp_path: Path) -> None:
    for name in ("first", "second"):
        run_virtual(steps(LANES), seed=5, trace=tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


@pytest.mark.live
@pytest.mark.slow
def test_live_and_virtual_give_the_same_domain_events(steps: Steps, run_virtual: RunVirtual) -> None:
    live = run([steps(LANES)], Options(live=True, speed=5.0))
    assert live.verdicts[0].failures == []
    assert domain_events(live.records) == domain_events(run_virtual(steps(LANES)).records)


def test_a_lane_that_fails_ends_the_others(steps: Steps, run_virtual: RunVirtual) -> None:
    outcome = run_virtual(steps(LANES.replace("within: 11 min", "within: 1 min")))
    [failure] = outcome.verdicts[0].failures
    assert (failure.line, failure.expected) == (10, "session: open")
    assert outcome.records[-1].time - outcome.records[0].time < outcome.records[0].time.resolution * 120_000_000
    assert [name for name, _ in names(outcome, "step")] == ["1", "2.1.1"]


def test_lanes_within_lanes(steps: Steps, run_virtual: RunVirtual) -> None:
    text = """\
- parallel:
  - - parallel:
      - - do: {wait: 1 min}
        - do: {ignition: "on"}
      - - do: {wait: 3 min}
        - do: {lock: unlocked}
  - - expect: {ignition: "on"}
      within: 2 min
    - expect: {lock: locked}
      until: {ignition: "off"}
      within: 1 min
"""
    outcome = run_virtual(steps(text))
    [failure] = outcome.verdicts[0].failures
    assert failure.line == 13
    outcome = run_virtual(steps(text.replace('until: {ignition: "off"}\n      within: 1 min', "within: 1 s")))
    assert outcome.verdicts[0].failures == []
    assert [name for name, _ in names(outcome, "held")] == ["1.2.1", "1.2.2"]
    assert (outcome.records[-1].time - outcome.records[0].time).total_seconds() == pytest.approx(180, abs=1)


def test_a_lane_looks_back_to_its_own_last_do(steps: Steps, run_virtual: RunVirtual) -> None:
    text = """\
- do: {ignition: "on"}
- parallel:
  - - do: {sim_pin: {pin: "1"}}
    - expect: {refused: no-sim-slot}
      within: 1 s
  - - do: {move: now}
"""
    assert run_virtual(steps(text)).verdicts[0].failures == []


def test_a_refusal_in_lanes_is_unexpected_once_and_only_if_no_lane_expects_it(
    steps: Steps, run_virtual: RunVirtual
) -> None:
    text = """\
- do: {ignition: "on"}
- parallel:
  - - do: {sim_pin: {pin: "1"}}
  - - do: {wait: 1 s}
    - say: Nothing.
"""
    assert run_virtual(steps(text)).verdicts[0].unexpected.total() == 1
    expected = text.replace("- say: Nothing.", '- expect: {ignition: "on"}').replace(
        '{pin: "1"}}\n', '{pin: "1"}}\n    - expect: {refused: no-sim-slot}\n'
    )
    assert run_virtual(steps(expected)).verdicts[0].unexpected.total() == 0


@pytest.mark.parametrize(
    ("parallel", "key", "message"),
    [
        ("[[{say: a}]]", "parallel", "at least 2 items"),
        ("[[{say: a}], []]", "parallel[1]", "at least 1 item"),
        ("[[{say: a}], [{do: {lock: open}}]]", "parallel[1][0].do.lock", "none of locked, unlocked"),
        ("[[{say: a}], {say: b}]", "parallel[1]", "a list must stand here"),
        ('[[{let: {now: time}}], [{say: "${now}"}]]', "parallel[1][0].say", "nothing is called 'now' here"),
    ],
)
def test_what_is_wrong_with_lanes_is_named(parallel: str, key: str, message: str) -> None:
    text = f"version: 1\ntitle: t\ncar: {{profile: taycan, country: JP}}\nsteps:\n- parallel: {parallel}\n"
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "t.pcm.yaml")
    [problem] = caught.value.problems
    assert problem.key == f"steps[0].{key}"
    assert message in problem.message
