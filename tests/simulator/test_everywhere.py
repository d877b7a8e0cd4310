"""The library is the same wherever it is run: by `run --virtual`, by `run --live`, and by pytest.

Every scenario is run, in its first cell: the others are the same steps with another car. Live means a broker of its
own, HTTP, files and sockets; only the clock waits for nobody (`--speed inf`), for it goes on when all is quiet and not
before. Compared are the verdict, all that happened by car and by car's backend (see `simulator.trace.domain_events`),
and when it happened by the scenario's clock. The two virtual runs agree in every record.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from simulator import pytest_plugin
from simulator.pytest_plugin.collecting import ScenarioFile
from simulator.scenario.library import shipped_scenarios
from simulator.scenario.loaded import LoadedScenario
from simulator.scenario.loader import load_scenarios
from simulator.session import Options, again
from simulator.trace import Record, domain_events, domain_records, read_trace

SCENARIOS = Path(pytest_plugin.__file__).parents[1] / "scenarios"
EXACT = timedelta(milliseconds=1)
"""So much later or sooner something may happen live: a download's pieces are others, and each is rounded."""
TROUBLED = timedelta(seconds=1)
"""The same where lines, disks and power fail: real packets and pieces have other lengths."""
SLOW = {"lossy-link": timedelta(seconds=10), "slow-link": timedelta(seconds=10)}
"""The same where what is told is told over a line that keeps each piece waiting for seconds."""


class Ended(NamedTuple):
    """How a scenario ended, one way."""

    passed: bool
    records: list[Record]

    @property
    def verdict(self) -> list[tuple[str, str, object]]:
        """Each expectation in order; what was found besides stands in the events, and some of it bears an instant."""
        judged = [record for record in self.records if record.kind in ("held", "failed")]
        return [(record.kind, record.name, record.data["text"]) for record in judged]


def first_cell(name: str) -> LoadedScenario:
    return load_scenarios(name).there[0]


@pytest.fixture
def by_command(pcm_sim: Callable[..., Any], tmp_path: Path) -> Callable[[str, bool], Ended]:
    """Runs a scenario by the command."""

    def by_command(name: str, live: bool) -> Ended:
        trace = tmp_path / f"{live}.jsonl"
        arguments = again([first_cell(name)], Options(live=live))
        ended = pcm_sim(*arguments, "--quiet", "--trace", trace, *(("--speed", "inf") if live else ()))
        return Ended(ended.status == 0, read_trace(trace))

    return by_command


@pytest.fixture
def by_pytest(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Ended]:
    """Has the plugin collect a scenario's file, and run the test that it makes of a cell."""

    def by_pytest(name: str) -> Ended:
        monkeypatch.setattr(request.config.option, "pcm_trace_dir", tmp_path / "pytest")
        (path,) = SCENARIOS.rglob(f"{name}.pcm.yaml")
        cell = first_cell(name).cell
        items = ScenarioFile.from_parent(request.session, path=path).collect()
        item = next(item for item in items if item.name == (f"scenario[{cell}]" if cell else "scenario"))
        passed = True
        try:
            item.runtest()
        except pytest.fail.Exception:
            passed = False
        (trace,) = (tmp_path / "pytest").iterdir()
        return Ended(passed, read_trace(trace))

    return by_pytest


def plain(records: Sequence[Record]) -> list[Record]:
    """All but the first, which says how the run was begun; files by their names, as each way is given other paths."""
    return [replace(record, data={**record.data, **_names(record.data)}) for record in records[1:]]


def _names(data: dict[str, Any]) -> dict[str, object]:
    paths = [data.get("file") or "", *data.get("via", ())]
    return {"file": [Path(path).name for path in paths], "via": None}


def apart(one: Ended, other: Ended) -> timedelta:
    """How far the same events lie apart at most."""
    first, second = domain_records(one.records), domain_records(other.records)
    pairs = [pair for lane, told in first.items() for pair in zip(told, second[lane], strict=True)]
    return max(abs(one.time - other.time) for one, other in pairs)


def allowed(name: str) -> timedelta:
    """So far they may."""
    return SLOW.get(name, TROUBLED if "faults" in first_cell(name).scenario.tags else EXACT)


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_scenario_ends_the_same_way_and_the_same_happens_in_it(
    name: str, by_command: Callable[[str, bool], Ended], by_pytest: Callable[[str], Ended]
) -> None:
    live, virtual, tested = by_command(name, True), by_command(name, False), by_pytest(name)
    assert live.passed
    assert virtual.passed
    assert tested.passed
    assert live.verdict == virtual.verdict == tested.verdict
    assert domain_events(live.records) == domain_events(virtual.records) == domain_events(tested.records)
    assert plain(virtual.records) == plain(tested.records)
    assert apart(live, virtual) <= allowed(name)
    assert [record for record in live.records if record.name == "never-quiet"] == []
