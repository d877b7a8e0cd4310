"""A scenario that is ready to be run: typed, checked, and with the place of every step."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from simulator.scenario.model import CarPart, Scenario, Step

ONLY_CAR = "car"
"""What the car is called where there is only one."""


class PlannedStep(Struct, frozen=True):
    """A step, and where it stands.

    Attributes:
        step: as far as it is known before the run.
        file: where it was written, which may be an included one.
        line: counted from 1.
        late: the plain step where the run has to fill in what it captured; else None.
        lanes: of a parallel step.
        via: where its file was included, the nearest first, as `trip.pcm.yaml:7`.
    """

    step: Step
    file: str
    line: int
    late: dict[str, Any] | None = None
    lanes: tuple[tuple["PlannedStep", ...], ...] = ()
    via: tuple[str, ...] = ()


class LoadedScenario(Struct, frozen=True):
    """One cell of a scenario; without a matrix there is one.

    Attributes:
        scenario: with names filled in, repeats and included files spliced in.
        file: as the caller named it.
        plan: its steps.
        cell: such as `profile=some-car,country=JP`; "" without a matrix.
        own_functions: those that it orders as its own, besides those of the store's catalogue.
    """

    scenario: Scenario
    file: str
    plan: tuple[PlannedStep, ...]
    cell: str = ""
    own_functions: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What it is run again by: the file, with the cell."""
        return f"{self.file}[{self.cell}]" if self.cell else self.file

    @property
    def cars(self) -> Mapping[str, CarPart]:
        """The cars by name, the first one first."""
        return self.scenario.cars or {ONLY_CAR: self.car}

    @property
    def car(self) -> CarPart:
        """The first car."""
        if self.scenario.car is not None:
            return self.scenario.car
        return next(iter(self.scenario.cars.values()))

    @property
    def lines(self) -> tuple[int, ...]:
        """The line of each step, counted from 1."""
        return tuple(step.line for step in self.plan)


class Absent(NamedTuple):
    """A cell that cannot exist."""

    cell: str
    why: str


class Cells(NamedTuple):
    """The cells of a scenario file.

    Attributes:
        file: as the caller named it.
        head: what the file says of itself: title and description as written, without cars and steps.
        there: the cells.
        absent: those that cannot exist.
    """

    file: str
    head: Scenario
    there: tuple[LoadedScenario, ...]
    absent: tuple[Absent, ...] = ()
