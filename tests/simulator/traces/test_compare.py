from collections.abc import Callable

from simulator.scenario.loader import LoadedScenario, load_scenario
from simulator.traces.compare import partings
from simulator.traces.reading import TraceFile

Steps = Callable[[str], LoadedScenario]
DRIVE = """
  - do: {ignition: "on"}
  - do: {lock: unlocked}
"""


def test_the_same_story_has_no_difference_whatever_the_seed(traced: Callable[..., TraceFile]) -> None:
    story = load_scenario("cayenne-roaming")
    one, other = (traced(story, seed=seed, name=f"{seed}.jsonl") for seed in (1, 2))
    assert one.records[1].car != other.records[1].car
    assert partings(one, other) == []


def test_the_first_difference_of_each_lane_is_found(traced: Callable[..., TraceFile], steps: Steps) -> None:
    one = traced(steps(DRIVE), name="one.jsonl")
    other = traced(steps(DRIVE.replace("unlocked", "locked") + "  - do: {lock: unlocked}"), name="other.jsonl")
    (found,) = partings(one, other)
    assert found.lane == one.records[1].car
    assert found.one is not None
    assert found.other is not None
    assert (found.one.name, found.other.name) == ("CarUnlocked", "CarLocked")
    assert found.before == len(
        [it for it in one.records[: found.one.seq] if it.kind in ("event", "transition", "symbol")]
    )


def test_what_ends_early_and_whom_only_one_has_are_differences(traced: Callable[..., TraceFile], steps: Steps) -> None:
    one = traced(steps(DRIVE), name="one.jsonl")
    more = traced(steps(DRIVE + "  - do: {lock: locked}"), name="more.jsonl")
    (found,) = partings(one, more)
    assert (found.one, found.other and found.other.name) == (None, "CarLocked")
    both = traced(steps(DRIVE), load_scenario("cayenne-roaming"), name="both.jsonl")
    assert {it.lane.removesuffix(" backend") for it in partings(one, both)} == {both.records[-1].car}
    assert all(it.one is None for it in partings(one, both))
