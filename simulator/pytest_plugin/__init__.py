"""The pytest plugin: scenario files are tests, and tests of one's own have cars, a backend and a broker.

    pytest tests --pcm-mode live --pcm-seed 7 --pcm-trace-dir traces

Every `*.pcm.yaml` below the test paths is collected, one test a cell; errors in a file are told all at once, and then
nothing of it is run. `pcm_world` gives cars to tests in Python (see `simulator.pytest_plugin.world`); it has a thread
and an event loop of its own, so tests may be plain or `async`, in virtual time or live.

Loads no more than it needs: every pytest run of a project that has the package installed imports this module.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import pytest

if TYPE_CHECKING:
    from simulator.pytest_plugin.collecting import ScenarioFile
    from simulator.pytest_plugin.world import Backend, Car, World

SUFFIX = ".pcm.yaml"
Mode = Literal["virtual", "live"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of all scenario tests."""
    group = parser.getgroup("pcm-sim", "scenarios of pcm-sim")
    group.addoption(
        "--pcm-mode",
        choices=("virtual", "live"),
        default="virtual",
        help="run scenarios in virtual time (the default), or live with sockets, files and a broker",
    )
    group.addoption("--pcm-seed", type=int, default=1, help="for all that is drawn; the same seed gives the same run")
    group.addoption("--pcm-trace-dir", type=Path, default=None, help="write a trace of each scenario into this folder")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known that a scenario's requirements become."""
    config.addinivalue_line("markers", "requirement(*ids): the requirement rows that the test proves")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    """Take scenario files for test files."""
    if not file_path.name.endswith(SUFFIX):
        return None
    from simulator.pytest_plugin.collecting import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


def mode_of(config: pytest.Config) -> Mode:
    """How scenarios are run."""
    return cast("Mode", config.getoption("--pcm-mode"))


@pytest.fixture(scope="session")
def pcm_live_broker() -> Iterator[str]:
    """The URL of a broker on a free loopback port, for the whole session: Mosquitto, or amqtt where there is none."""
    from simulator.pytest_plugin.world import broker

    with broker() as url:
        yield url


@pytest.fixture
def pcm_world(request: pytest.FixtureRequest) -> "Iterator[World]":
    """An empty world with a backend, in the mode and with the seed that the options say."""
    from simulator.pytest_plugin.world import opened

    live = mode_of(request.config) == "live"
    url = request.getfixturevalue("pcm_live_broker") if live else ""
    with opened(request.config.getoption("--pcm-seed"), url) as world:
        yield world


@pytest.fixture
def pcm_car(pcm_world: "World") -> "Callable[..., Car]":
    """Makes cars: `pcm_car("some-profile", "JP", language="ja")`."""
    return pcm_world.add_car


@pytest.fixture
def pcm_backend(pcm_world: "World") -> "Backend":
    """The world's backend."""
    return pcm_world.backend
