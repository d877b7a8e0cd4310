import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import simulator
from simulator.cli import main
from simulator.scenario.loader import LoadedScenario, parse_scenario
from simulator.session import Options, Outcome, run
from tests.simulator.plugin_project import INI, LATE, PLUGINS, Run

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


@pytest.fixture
def project(pytester: pytest.Pytester) -> Run:
    """Runs pytest in a project that has nothing but these files; `apart` in a process of its own."""

    for name in (*LATE, *(module.name for module in walk_packages(simulator.__path__, "simulator."))):
        import_module(name)  # pytester forgets what a run inside this process has imported

    def project(*arguments: object, apart: bool = False, **files: str) -> pytest.RunResult:
        for name, text in {"pytest__ini": INI, **files}.items():
            (pytester.path / name.replace("__", ".")).write_text(text, "utf-8")
        run = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
        return run(*PLUGINS, *map(str, arguments))

    return project
