"""A run in several processes is the same as one in a single one: verdicts, stories, and the bytes of the trace."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firmware_profiles import ProfileError
from simulator.choice import CarChoice
from simulator.scenario.loader import LoadedScenario, load_scenarios
from simulator.session import Options, Outcome, run
from simulator.workers import in_order

FAILS = """\
- do: {ignition: "on"}
- do: {radio: {access: lte}}
- expect: {session: open}
- expect: {ignition: "off"}
"""


@pytest.fixture
def cells(steps: Callable[[str], LoadedScenario]) -> list[LoadedScenario]:
    """A matrix, with a scenario in the middle that fails and is run twice, so that it has two cars."""
    some = load_scenarios("status-symbol").there[:6]
    return [*some[:3], steps(FAILS), *some[3:], steps(FAILS)]


def ran(cells: list[LoadedScenario], jobs: int, path: Path) -> Outcome:
    outcome = run(cells, Options(live=False, trace=path, jobs=jobs))
    return replace(outcome, verdicts=[replace(verdict, taken=None) for verdict in outcome.verdicts])


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many processes each run that is not done here was given to."""
    asked: list[int] = []

    def spy(work: Callable[[Any], Any], items: Sequence[Any], number: int) -> Iterator[Any]:
        asked.append(number)
        return in_order(work, items, number)

    monkeypatch.setattr("simulator.session.side_by_side.in_order", spy)
    return asked


def test_it_is_the_same_with_one_process_and_with_two(
    cells: list[LoadedScenario], jobs: list[int], tmp_path: Path
) -> None:
    alone, together = ran(cells, 1, tmp_path / "alone.jsonl"), ran(cells, 2, tmp_path / "together.jsonl")
    assert jobs == [2]
    assert together == alone
    assert (tmp_path / "together.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()
    failed = [verdict for verdict in together.verdicts if verdict.failures]
    assert [verdict.failures[0].story != () for verdict in failed] == [True, True]
    assert len({record.car for record in together.records if record.kind == "scenario"}) == len(cells)


def test_a_record_that_a_story_tells_is_the_one_of_the_trace(cells: list[LoadedScenario], tmp_path: Path) -> None:
    outcome = ran(cells, 2, tmp_path / "t.jsonl")
    told = [happened for verdict in outcome.verdicts for failure in verdict.failures for happened in failure.story]
    assert told
    assert all(outcome.records[it.seq] is it for happened in told for it in (happened.record, *happened.causes))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_ends_a_scenario_ends_the_run_and_leaves_what_came_before(cells: list[LoadedScenario], jobs: int) -> None:
    outcome = Outcome([], [])
    options = Options(live=False, car=CarChoice("no-such-car"), jobs=jobs)
    with pytest.raises(ProfileError, match="no-such-car") as caught:
        run(cells, options, outcome=outcome)
    trace = "".join([*getattr(caught.value, "__notes__", ()), *traceback.format_exception(caught.value)])
    assert "in load_profile" in trace  # and so where, if it was in another process
    assert [record.kind for record in outcome.records] == ["run"]
    assert outcome.verdicts == []  # it did not begin, so it has neither passed nor failed


def test_live_scenarios_take_no_number_of_processes(pcm_sim: Callable[..., Any]) -> None:
    ended = pcm_sim("run", "status-symbol", "--live", "--jobs", "2")
    assert (ended.status, "option-without-use" in ended.err) == (2, True)


@pytest.mark.parametrize(("worth", "asked"), [(2, [3]), (100, [])])
def test_a_run_of_many_takes_as_many_processes_as_there_are_cores(
    pcm_sim: Callable[..., Any], jobs: list[int], monkeypatch: pytest.MonkeyPatch, worth: int, asked: list[int]
) -> None:
    monkeypatch.setattr("simulator.cli.running.WORTH_WORKERS", worth)
    monkeypatch.setattr("simulator.workers.cores", lambda: 3)
    assert pcm_sim("run", "status-symbol", "--virtual", "--quiet").status == 0
    assert jobs == asked


def test_the_command_says_the_same_with_two_processes(pcm_sim: Callable[..., Any], jobs: list[int]) -> None:
    alone, together = (pcm_sim("run", "status-symbol", "--virtual", "--jobs", number) for number in (1, 2))
    assert jobs == [2]
    assert (alone.status, together.status) == (0, 0)
    assert together.out == alone.out
