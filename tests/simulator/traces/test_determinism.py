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


@pytest.mark.parametrize("name", STORIES)
def test_two_runs_write_the_same_bytes(name: str, traced: Callable[..., TraceFile]) -> None:
    first, again = (traced(load_scenario(name), name=f"{run}.jsonl").path.read_bytes() for run in (1, 2))
    assert first == again


@pytest.mark.slow
def test_each_of_many_seeds_gives_a_trace_of_its_own_and_the_same_bytes_again(
    traced: Callable[..., TraceFile], steps: Callable[[str], LoadedScenario]
) -> None:
    loaded = steps(SHORT)
    written = {seed: traced(loaded, seed=seed).path.read_bytes() for seed in range(SEEDS)}
    assert len(set(written.values())) == SEEDS
    for seed, content in written.items():
        assert traced(loaded, seed=seed).path.read_bytes() == content
