from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.scenario.loader import LoadedScenario
from simulator.session import Options, run
from simulator.traces.reading import TraceFile, read

STORIES = ("cayenne-roaming", "in-car-hotspot", "taycan-function-on-demand")
"""Shipped ones that together have a bit of everything."""


@pytest.fixture
def traced(tmp_path: Path) -> Callable[..., TraceFile]:
    """Runs scenarios in virtual time, and reads the trace that was written of them."""

    def traced(*scenarios: LoadedScenario, seed: int = 1, name: str = "trace.jsonl") -> TraceFile:
        path = tmp_path / name
        run(scenarios, Options(live=False, seed=seed, trace=path))
        return read(path)

    return traced
