import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.cli import main
from simulator.scenario.loader import LoadedScenario, parse_scenario
from simulator.session import Options, Outcome, run

SCENARIOS = Path(__file__).parent / "scenarios"
CAR = "version: 1\ntitle: A test\ncar: {profile: taycan, country: JP}\n"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


@pytest.fixture
def pcm_sim(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs `pcm-sim` in this process, on a wide terminal without colours."""
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("NO_COLOR", "1")

    def pcm_sim(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["pcm-sim", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    return pcm_sim


@pytest.fixture
def steps() -> Callable[[str], LoadedScenario]:
    """A scenario with these steps (YAML) for a Taycan in Japan, in the file `test.pcm.yaml`."""

    def steps(text: str) -> LoadedScenario:
        return parse_scenario(f"{CAR}steps:\n{text}", "test.pcm.yaml")

    return steps


@pytest.fixture
def run_virtual() -> Callable[..., Outcome]:
    """Runs scenarios in virtual time."""

    def run_virtual(*scenarios: LoadedScenario, seed: int = 1, trace: Path | None = None) -> Outcome:
        return run(scenarios, Options(live=False, seed=seed, trace=trace))

    return run_virtual
