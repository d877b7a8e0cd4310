"""For all tests: golden files, hypothesis profiles, the need for a broker, and the table of requirements."""

import os
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from ruamel.yaml import YAML

from simulator.broker.mosquitto import find_mosquitto

ROWS = Path(__file__).parents[1] / "docs" / "requirements.yaml"
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")
PROPERTY = "requirement"

# No deadline and no judgement of speed: how busy the machine is proves nothing.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, database=None, print_blob=True)
settings.register_profile("nightly", settings.get_profile("dev"), max_examples=5000, print_blob=True)
settings.load_profile("ci" if IN_CI else "dev")  # --hypothesis-profile nightly takes the place of either


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew instead of comparing them")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with the file that pins it; with --update-golden writes the file."""

    def golden(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing; write it with --update-golden"
        assert text == path.read_text(encoding="utf-8"), f"{path} is not current; write it anew with --update-golden"

    return golden


# --- coverage ---


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is slow goes again and again where quick tests have been: it is not measured, which would make it slower."""
    for item in items:
        if item.get_closest_marker("slow") is not None:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(autouse=True)
def no_cover_in_other_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are the processes that it starts."""
    if request.node.get_closest_marker("slow") is not None:
        for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
            monkeypatch.delenv(name)


# --- what tests need ---


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("live") is None or find_mosquitto() is not None:
        return
    if IN_CI:  # nothing may be left out there unseen
        pytest.fail("this test needs Mosquitto, and CI is to have it: apt-get install mosquitto", pytrace=False)
    # One of two skips (CONTRIBUTING.md): pip does not give this broker; who can't install it can still try the rest.
    pytest.skip("needs Mosquitto: apt-get install mosquitto")


# --- requirements ---


@cache
def known_rows() -> tuple[str, ...]:
    areas = YAML(typ="safe", pure=True).load(ROWS.read_text(encoding="utf-8"))
    return tuple(row["id"] for rows in areas.values() for row in rows)


def rows_of(item: pytest.Item) -> list[str]:
    """The rows that a test names, each once."""
    return list(dict.fromkeys(row for marker in item.iter_markers("requirement") for row in marker.args))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let a row that does not exist be an error of the file that names it."""
    report = yield
    items = [node for node in report.result or () if isinstance(node, pytest.Item)]
    wrong = [(item.name, row) for item in items for row in rows_of(item) if row not in known_rows()]
    if wrong:
        report.outcome = "failed"
        report.longrepr = "\n".join(f"{name}: docs/requirements.yaml has no row {row!r}" for name, row in wrong)
        report.result = []
    return report


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the rows travel with the reports, which come from other processes with --numprocesses."""
    item.user_properties.extend((PROPERTY, row) for row in rows_of(item))


class RequirementTable:
    """Counts, for each row, the tests that name it and passed in all their phases."""

    def __init__(self) -> None:
        self._passed: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, row in report.user_properties:
            if name == PROPERTY and report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
                self._passed[str(row)].add(report.nodeid)
            elif name == PROPERTY and report.failed:
                self._passed[str(row)].discard(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        tests = Counter({row: len(nodes) for row, nodes in self._passed.items() if nodes})
        if not tests:
            return
        rows = known_rows()
        terminalreporter.section(f"requirement rows: {len(tests)} proven, {len(rows) - len(tests)} open")
        for line in table(rows, tests):
            terminalreporter.line(line)


def table(rows: Iterable[str], tests: Counter[str]) -> list[str]:
    """Two entries an area: the rows proven, with the number of tests where it is not one, and those open."""
    areas: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        areas[row.partition("-")[0]].append(row)
    lines: list[str] = []
    for area, members in areas.items():
        missing = [_short(row) for row in members if not tests[row]]
        proven = [_short(row) + (f"×{tests[row]}" if tests[row] > 1 else "") for row in members if tests[row]]
        lines += _entry(f"{area}  proven {len(proven):2}:", proven)
        lines += _entry(f"{'' if proven else area:3}  open   {len(missing):2}:", missing)
    return lines


def _short(row: str) -> str:
    return row.partition("-")[2]


def _entry(label: str, words: list[str]) -> list[str]:
    if not words:
        return []
    return textwrap.wrap(" ".join(words), 100, initial_indent=f"{label} ", subsequent_indent=" " * (len(label) + 1))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the workers' reports all come to the one process that prints
        config.pluginmanager.register(RequirementTable(), "requirement-table")
