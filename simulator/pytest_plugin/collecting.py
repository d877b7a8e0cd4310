"""Scenario files as pytest collects them: a file is a collector, a cell a test."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator.scenario.files import read_source
from simulator.scenario.loaded import Absent, LoadedScenario
from simulator.scenario.loader import load_scenarios
from simulator.scenario.places import ScenarioError

if TYPE_CHECKING:
    from simulator.scenario.verdict import Verdict
    from simulator.session import Options

ONLY = "scenario"
"""The name of the test where there is no matrix."""


class FailedError(Exception):
    """A scenario did not hold.

    Args:
        verdict: how it ended.
    """

    def __init__(self, verdict: "Verdict") -> None:
        super().__init__(verdict.title)
        self.verdict = verdict


class ScenarioFile(pytest.File):
    """A file `*.pcm.yaml`. One that has no car is there to be included, and is no test."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each cell; cells that cannot exist are skipped.

        Raises:
            CollectError: all that is wrong with the file.
        """
        try:
            cells = load_scenarios(str(self.path))
        except ScenarioError as error:
            if self._is_part():
                return
            raise self.CollectError(str(error)) from error
        for loaded in cells.there:
            yield ScenarioItem.from_parent(self, name=loaded.cell or ONLY, loaded=loaded)
        for absent in cells.absent:
            yield AbsentItem.from_parent(self, name=absent.cell, absent=absent)

    def _is_part(self) -> bool:
        """Whether it has steps, but no car of its own."""
        plain = read_source(str(self.path)).plain
        return isinstance(plain, dict) and "steps" in plain and not {"car", "cars"} & plain.keys()


class ScenarioItem(pytest.Item):
    """One cell of a scenario."""

    def __init__(self, *, name: str, parent: pytest.Collector, loaded: LoadedScenario) -> None:
        super().__init__(name, parent)
        self._loaded = loaded
        self.add_marker(pytest.mark.requirement(*loaded.scenario.requirements))
        self.extra_keyword_matches.update(loaded.scenario.tags)

    def runtest(self) -> None:
        """Run it in a lab of its own.

        Raises:
            FailedError: it does not hold.
        """
        from simulator.session import Options, run

        options = Options(
            live=self.config.getoption("--pcm-mode") == "live",
            seed=self.config.getoption("--pcm-seed"),
            trace=self._trace(),
        )
        self.user_properties += self._properties(options)
        (verdict,) = run([self._loaded], options).verdicts
        if not verdict.passed:
            raise FailedError(verdict)

    def _trace(self) -> Path | None:
        folder: Path | None = self.config.getoption("--pcm-trace-dir")
        if folder is None:
            return None
        name = self.nodeid.replace("/", ".").replace("::", ".")
        return folder / f"{''.join(c if c.isalnum() or c in '.-_=,' else '-' for c in name)}.jsonl"

    def _properties(self, options: "Options") -> list[tuple[str, object]]:
        """What JUnit tells besides: all that is needed to run it again, and what it proves."""
        scenario, car = self._loaded.scenario, self._loaded.car
        told: list[tuple[str, object]] = [
            ("seed", options.seed),
            ("mode", "live" if options.live else "virtual"),
            ("profile", car.choice.resolve().name),
            ("country", car.country),
            *(("requirement", row) for row in scenario.requirements),
        ]
        return [*told, ("trace", str(options.trace))] if options.trace else told

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """What did not hold, in place of a traceback of ours."""
        if not isinstance(excinfo.value, FailedError):
            return str(super().repr_failure(excinfo))
        from simulator.failures import told

        lines = [line for failure in excinfo.value.verdict.failures for line in told(failure)]
        return "\n".join([*lines, f"  again: {self._again()}"])

    def _again(self) -> str:
        options = self.config.option
        return shlex.join(["pytest", self.nodeid, "--pcm-mode", options.pcm_mode, "--pcm-seed", str(options.pcm_seed)])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, and what it is called."""
        return self.path, self._loaded.lines[0] - 1, f"{self.path.name}[{self.name}]"


class AbsentItem(pytest.Item):
    """A cell that cannot exist, such as a card in a car without a slot."""

    def __init__(self, *, name: str, parent: pytest.Collector, absent: Absent) -> None:
        super().__init__(name, parent)
        self.add_marker(pytest.mark.skip(reason=f"not applicable: {absent.why}"))

    def runtest(self) -> None:
        """Is never run: it is skipped."""
        raise AssertionError(self.name)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, and what it is called."""
        return self.path, 0, f"{self.path.name}[{self.name}]"
