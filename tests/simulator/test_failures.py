"""What is said of an expectation that does not hold: the place, what led there, and the command that repeats it."""

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import pytest

from simulator.scenario.loader import LoadedScenario, load_scenario, load_scenarios
from simulator.session import Options, Outcome, again, run

Steps = Callable[[str], LoadedScenario]
FAILING = """\
- do: {ignition: "on"}
- do: {radio: {access: lte}}
- expect: {session: open, connection: connecting}
  within: 1 min
"""


def test_a_failure_knows_the_last_events_and_their_causes(steps: Steps, run_virtual: Callable[..., Outcome]) -> None:
    [failure] = run_virtual(steps(FAILING)).verdicts[0].failures
    assert 0 < len(failure.story) <= 5
    times = [happened.record.time for happened in failure.story]
    assert times == sorted(times)
    last = failure.story[-1]
    assert (last.record.kind, last.record.data["target"]) == ("transition", "connected")
    assert [(cause.kind, cause.name) for cause in last.causes] == [("event", "BearerAttached"), ("step", "2")]


def test_an_event_stands_as_the_cause_of_what_came_of_it_only(
    steps: Steps, run_virtual: Callable[..., Outcome]
) -> None:
    [failure] = run_virtual(steps(FAILING)).verdicts[0].failures
    causes = {cause.seq for happened in failure.story for cause in happened.causes}
    assert causes.isdisjoint(happened.record.seq for happened in failure.story)


def test_the_story_ends_at_the_beginning_of_the_scenario(steps: Steps, run_virtual: Callable[..., Outcome]) -> None:
    [failure] = run_virtual(steps('- expect: {ignition: "on"}\n  within: 1 s\n')).verdicts[0].failures
    assert failure.story == ()


def test_a_verdict_knows_the_command_of_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "cells.pcm.yaml"
    path.write_text(
        "version: 1\ntitle: t\nmatrix: {country: [JP, DE]}\ncar: {profile: taycan}\n"
        'steps: [{expect: {ignition: "on"}, within: 1 s}]\n',
        "utf-8",
    )
    outcome = run(load_scenarios(str(path)).there, Options(live=False, seed=7))
    assert [verdict.again for verdict in outcome.verdicts] == [
        ("run", f"{path}[country={country}]", "--virtual", "--seed", "7") for country in ("JP", "DE")
    ]
    assert [verdict.failures[0].cell for verdict in outcome.verdicts] == ["country=JP", "country=DE"]
    repeated = load_scenarios(outcome.verdicts[1].again[1])
    assert [cell.cell for cell in repeated.there] == ["country=DE"]


def test_what_is_found_is_what_was_asked_for_and_why_it_is_so(
    steps: Steps, run_virtual: Callable[..., Outcome]
) -> None:
    text = """\
- do: {register: {porsche_id: max@example.com, password: alpenpass-1}}
- do: {ignition: "on"}
- do: {radio: {access: lte}}
- do: {private_mode: "on"}
- do: {order: {function: active-lane-keeping}}
- expect:
    package: {function: active-lane-keeping, state: downloading}
    order: {function: active-lane-keeping, state: open, bills: 2}
  within: 1 min
"""
    [failure] = run_virtual(steps(text)).verdicts[0].failures
    assert failure.found == (
        "package: function active-lane-keeping state paused blocked_by private-mode, "
        "order: function active-lane-keeping state open bills 0"
    )


@pytest.mark.parametrize(
    ("options", "more"),
    [
        (Options(live=True, speed=inf), ["--live", "--seed", "1", "--speed", "inf"]),
        (
            Options(live=True, speed=0.5, broker="amqtt"),
            ["--live", "--seed", "1", "--speed", "0.5", "--broker", "amqtt"],
        ),
        (Options(live=True, broker="mqtt://me:secret@host"), ["--live", "--seed", "1"]),
        (Options(live=False, seed=7, jobs=2), ["--virtual", "--seed", "7"]),
    ],
    ids=["speed", "broker", "password", "virtual"],
)
def test_a_run_is_had_again_with_all_that_it_was_made_with(options: Options, more: list[str]) -> None:
    loaded = load_scenario("never-downloaded")
    assert again([loaded], options) == ("run", "never-downloaded", *more)


@pytest.fixture
def told(pcm_sim: Callable[..., Any], tmp_path: Path) -> list[str]:
    """What the terminal says of a failure, after the verdict."""
    path = tmp_path / "failing.pcm.yaml"
    path.write_text(f"version: 1\ntitle: t\ncar: {{profile: taycan, country: JP}}\nsteps:\n{FAILING}", "utf-8")
    out = pcm_sim("run", path, "--virtual", "--quiet").out.strip().splitlines()
    assert out[0].startswith("0 of 1 scenarios passed")
    return [line.replace(str(path), "FILE") for line in out[1:]]


@pytest.mark.parametrize("columns", [80, 120])
def test_what_is_too_long_for_the_terminal_is_broken(
    pcm_sim: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    path = tmp_path / "failing.pcm.yaml"
    head = "version: 1\ntitle: t\ncar: {profile: taycan, country: JP}\nsteps:\n"
    expected = "connection: connecting, symbol: 3G, roaming: roaming, account: linked, way: hotspot, access: 3g"
    path.write_text(f"{head}{FAILING.replace('session: open, connection: connecting', expected)}", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = pcm_sim("run", path.name, "--virtual", "--quiet").out.strip().splitlines()[1:-1]
    assert lines[0] == "  failing.pcm.yaml:7"
    assert max(map(len, lines)) <= columns
    assert [line[6:14] for line in lines[1:] if line[6:14].strip()][:2] == ["expected", "found   "]
    said = pcm_sim("run", path.name, "--virtual").out
    assert said.count("way: hotspot") == 1, "once, where it happened"
    assert "  failing.pcm.yaml:7: what led there\n" in said


def test_one_expectation_is_one(pcm_sim: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "one.pcm.yaml"
    steps = 'steps:\n- do: {ignition: "on"}\n- expect: {ignition: "on"}\n  within: 1 min\n'
    path.write_text(f"version: 1\ntitle: t\ncar: {{profile: taycan, country: JP}}\n{steps}", "utf-8")
    assert "passed, 1 expectation held, 0 failed" in pcm_sim("run", path, "--virtual", "--quiet").out


def test_the_terminal_tells_the_story(told: list[str]) -> None:
    head, *story, again = told
    assert head == (
        "  FILE:7: expected connection: connecting, session: open; found connection: connected, session: open"
    )
    assert story[-1] == "      08:00:01  connection: connecting → connected ← BearerAttached ← step 2: radio: lte"
    assert again.endswith(" run FILE --virtual --seed 1")
