from collections.abc import Callable

import pytest

from simulator.scenario.loader import LoadedScenario, load_scenario
from simulator.traces.reading import TraceFile
from tests.simulator.traces.conftest import STORIES

SEEDS = 200
SHORT = """
  - do: {register: {porsche_id: max@example.com, password: alpenpass-1}}
  - do: {ignition: "on"}
  - do: {radio: {access: lte}}
  - expect: {session: open}
  - do: {log_in: {porsche_id: max@example.com, password: alpenpass-1}}
  - expect: {account: linked}
"""


def test_two_runs_write_the_same_bytes(traced: Callable[..., TraceFile]) -> None:
    """Of several stories, so that none leaves anything behind that would make the next one another."""
    stories = [load_scenario(name) for name in STORIES]
    first, again = (traced(*stories, name=f"{run}.jsonl").path.read_bytes() for run in (1, 2))
    assert first == again
    assert len(first.splitlines()) > 300


@pytest.mark.slow
def test_each_of_many_seeds_gives_a_trace_of_its_own_and_the_same_bytes_again(
    traced: Callable[..., TraceFile], steps: Callable[[str], LoadedScenario]
) -> None:
    loaded = steps(SHORT)
    written = {seed: traced(loaded, seed=seed).path.read_bytes() for seed in range(SEEDS)}
    assert len(set(written.values())) == SEEDS
    for seed, content in written.items():
        assert traced(loaded, seed=seed).path.read_bytes() == content
