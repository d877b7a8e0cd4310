"""The pytest plugin: scenario files are tests, and tests of one's own have cars, a backend and a broker.

    pytest tests --pcm-mode live --pcm-seed 7 --pcm-trace-dir traces

Every `*.pcm.yaml` below the test paths is collected, one test a cell: `trip.pcm.yaml::scenario[country=JP]`. What is
wrong with a file is told all at once, and other files are run all the same (see `simulator.pytest_plugin.collecting`).
`pcm_world` gives cars to tests in Python (see `simulator.pytest_plugin.world`); it has a thread and an event loop of
its own, so tests may be plain or `async`, in virtual time or live.

Loads no more than it needs: every pytest run of a project that has the package installed imports this module.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator.pytest_plugin.telling import NOT_APPLICABLE, again, is_live, note, seed_of, trace_of, why_not_applicable

if TYPE_CHECKING:
    from simulator.pytest_plugin.collecting import ScenarioFile
    from simulator.pytest_plugin.world import Backend, Car, World

SUFFIX = ".pcm.yaml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of all that runs cars."""
    group = parser.getgroup("pcm-sim", "scenarios of pcm-sim")
    group.addoption(
        "--pcm-mode",
        choices=("virtual", "live"),
        default="virtual",
        help="run scenarios in virtual time (the default), or live with sockets, files and a broker",
    )
    group.addoption("--pcm-seed", type=int, default=1, help="for all that is drawn; the same seed gives the same run")
    group.addoption("--pcm-trace-dir", type=Path, default=None, help="write a trace of each test into this folder")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known that a scenario's requirements become."""
    config.addinivalue_line("markers", "requirement(*ids): the requirement rows that the test proves")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    """Take scenario files for test files."""
    if not file_path.name.endswith(SUFFIX):
        return None
    from simulator.pytest_plugin.collecting import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Count cells that cannot exist by themselves, beside what was skipped."""
    return (NOT_APPLICABLE, "n", NOT_APPLICABLE.upper()) if why_not_applicable(report) else None


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    """With `-rs`, say which cells cannot exist, and why."""
    absent = terminalreporter.stats.get(NOT_APPLICABLE, [])
    if absent and terminalreporter.hasopt("skipped"):
        terminalreporter.section(NOT_APPLICABLE)
        for report in absent:
            terminalreporter.line(f"{report.nodeid}: {why_not_applicable(report)}")


@pytest.fixture
def pcm_live_broker() -> Iterator[str]:
    """The URL of a broker of the test's own on a free loopback port: Mosquitto, or amqtt where there is none.

    Whoever wants another one for `--pcm-mode live` gives a fixture of this name that returns its URL.
    """
    from simulator.pytest_plugin.beside import broker

    with broker() as url:
        yield url


@pytest.fixture
def pcm_world(request: pytest.FixtureRequest) -> "Iterator[World]":
    """An empty world with a backend, in the mode and with the seed that the options say."""
    from simulator.pytest_plugin.world import opened

    item: pytest.Item = request.node
    live, seed, trace = is_live(request.config), seed_of(request.config), trace_of(item)
    rows = [row for marker in item.iter_markers("requirement") for row in marker.args]
    note(item, seed=[seed], mode=["live" if live else "virtual"], requirement=rows, trace=[trace] if trace else [])
    url = request.getfixturevalue("pcm_live_broker") if live else ""
    with opened(item.nodeid, seed, url, trace) as world:
        world.again = again(item)
        world.on_car = lambda car: note(item, profile=[car.car.profile.name], country=[car.car.market.code])
        yield world


@pytest.fixture
def pcm_car(pcm_world: "World") -> "Callable[..., Car]":
    """Makes cars: `pcm_car("some-profile", "JP", language="ja")`."""
    return pcm_world.add_car


@pytest.fixture
def pcm_backend(pcm_world: "World") -> "Backend":
    """The world's backend."""
    return pcm_world.backend
