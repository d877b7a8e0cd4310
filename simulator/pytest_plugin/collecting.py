"""Scenario files as pytest collects them: a file is a collector, a cell a test.

    trip.pcm.yaml::scenario                  all cells, or the scenario itself where there is no matrix
    trip.pcm.yaml::scenario[country=JP]      one cell

Cells that cannot exist are skipped, and counted as not applicable; one that is asked for by name is an error. So is a
file with mistakes: one test that tells all of them, while other files are run.
"""

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pcm_agent.errors import PcmError
from simulator.pytest_plugin.telling import NOT_APPLICABLE, again, is_live, note, seed_of, trace_of
from simulator.scenario.files import read_source
from simulator.scenario.loaded import Absent, LoadedScenario
from simulator.scenario.loader import load_scenarios
from simulator.scenario.model import Scenario
from simulator.scenario.places import ScenarioError
from simulator.scenario.words import instead_of

if TYPE_CHECKING:
    from simulator.scenario.verdict import Verdict

NAME = "scenario"


class ScenarioFile(pytest.File):
    """A file `*.pcm.yaml`. One that has no car is there to be included, and is no test."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each cell.

        Raises:
            CollectError: what is wrong with a file that is only looked at, or of which a test is asked for; or why
                there is no such cell as is asked for.
        """
        file = os.path.relpath(self.path, self.config.invocation_params.dir)
        try:
            cells = load_scenarios(file)
        except ScenarioError as error:
            if _is_part(file):
                return
            if self.config.option.collectonly or self.asked:
                raise self.CollectError(str(error)) from None
            yield WrongItem.from_parent(self, name=NAME, error=error)
            return
        absent_names = {_name(absent.cell) for absent in cells.absent}
        self._check_asked({_name(loaded.cell) for loaded in cells.there}, absent_names, file)
        for loaded in cells.there:
            yield ScenarioItem.from_parent(self, name=_name(loaded.cell), loaded=loaded)
        for absent in cells.absent:
            if _name(absent.cell) in self.asked:
                raise self.CollectError(f"{file}: there is no cell {absent.cell}: {absent.why}")
            yield AbsentItem.from_parent(self, name=_name(absent.cell), absent=absent)

    def _check_asked(self, names: set[str], absent: set[str], file: str) -> None:
        """Let a cell of the command line that is none be told with those that there are.

        Those that cannot exist are not among these; who asks for one is told why there is none.

        Raises:
            CollectError: there is no such cell.
        """
        for name in sorted(self.asked - names - absent - {NAME}):
            there = sorted(names)
            raise self.CollectError(
                f"{file}: there is no test {name}{instead_of(name, there, 'pytest --collect-only')}"
            )

    @cached_property
    def asked(self) -> frozenset[str]:
        """The names of its tests on the command line."""
        folder, path = self.config.invocation_params.dir, self.path.resolve()
        named = [argument.partition("::") for argument in self.config.args]
        return frozenset(name for file, _, name in named if name and (folder / file).resolve() == path)


WIDTH = 10_000
"""Letters in a line of what pytest is told: it breaks none itself, so that all can be searched."""


def _is_part(file: str) -> bool:
    """Whether it has steps, but no car of its own; a car whose key is mistyped counts as one."""
    try:
        plain = read_source(file).plain
    except ScenarioError:
        return False
    keys = plain.keys() if isinstance(plain, dict) else frozenset()
    return "steps" in keys and not {"car", "cars"} & keys and keys <= set(Scenario.__struct_encode_fields__)


def _name(cell: str) -> str:
    return f"{NAME}[{cell}]" if cell else NAME


class ScenarioItem(pytest.Item):
    """One cell of a scenario."""

    def __init__(self, *, name: str, parent: pytest.Collector, loaded: LoadedScenario) -> None:
        super().__init__(name, parent)
        self._loaded = loaded
        self.add_marker(pytest.mark.requirement(*loaded.scenario.requirements))
        self.extra_keyword_matches.update(loaded.scenario.tags)

    def runtest(self) -> None:
        """Run it in a lab of its own; what does not hold is told in words, without a traceback."""
        from simulator.session import Options, run

        options = Options(live=is_live(self.config), seed=seed_of(self.config), trace=trace_of(self))
        self._note(options.trace)
        try:
            (verdict,) = run([self._loaded], options).verdicts
        except PcmError as error:
            pytest.fail(str(error), pytrace=False)
        if not verdict.passed:
            pytest.fail(self._told(verdict), pytrace=False)

    def _note(self, trace: Path | None) -> None:
        """What JUnit tells besides: all that is needed to run it again, and what it proves."""
        note(self, seed=[seed_of(self.config)], mode=[self.config.getoption("--pcm-mode")])
        for car in self._loaded.cars.values():
            note(self, profile=[car.choice.resolve().name], country=[car.country])
        note(self, requirement=self._loaded.scenario.requirements, trace=[trace] if trace else [])

    def _told(self, verdict: "Verdict") -> str:
        """What did not hold: where, what was expected and found, what led there, and how to see it again."""
        from simulator.failures import told

        lines = [line for failure in verdict.failures for line in told(failure, WIDTH)]
        trace = trace_of(self)
        return "\n".join([*lines, f"  again: {again(self)}", *([f"  trace: {trace}"] if trace else [])]).lstrip()

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, and what it is called."""
        first = self._loaded.plan[0]
        line = int(first.via[-1].rpartition(":")[2]) if first.via else first.line
        return self.path, line - 1, f"{self.path.name}: {self.name}"


class AbsentItem(pytest.Item):
    """A cell that cannot exist, such as a card in a car without a slot.

    It is skipped, not left out: whoever reads the result sees that the matrix asks for it, and why there is none.
    No test of a car that exists is ever skipped here.
    """

    def __init__(self, *, name: str, parent: pytest.Collector, absent: Absent) -> None:
        super().__init__(name, parent)
        self.add_marker(pytest.mark.skip(reason=f"{NOT_APPLICABLE}: {absent.why}"))

    def runtest(self) -> None:
        """Is never reached."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, and what it is called."""
        return self.path, 0, f"{self.path.name}: {self.name}"


class WrongItem(pytest.Item):
    """A file with mistakes."""

    def __init__(self, *, name: str, parent: pytest.Collector, error: ScenarioError) -> None:
        super().__init__(name, parent)
        self._error = error

    def setup(self) -> None:
        """Tell all of them."""
        pytest.fail(str(self._error), pytrace=False)

    def runtest(self) -> None:
        """Is never reached."""

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the first of them stands, and what it is called."""
        return self.path, (self._error.line or 1) - 1, f"{self.path.name}: {self.name}"
