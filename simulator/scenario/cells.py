"""One cell of a scenario: cars and steps with its values, typed and checked."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from firmware_profiles import Profile, ProfileError
from pcm_agent.errors import LocalError
from simulator.scenario.capturable import fault_of_capture
from simulator.scenario.checks import fault_of_name, fault_of_step, faults_of_car, faults_of_choice
from simulator.scenario.filling import fill, names_in, without_names
from simulator.scenario.functions import own_in, unknown_names
from simulator.scenario.loaded import ONLY_CAR, Absent, LoadedScenario, PlannedStep
from simulator.scenario.matrix import OF_THE_CAR, Cell, cell_name, why_not
from simulator.scenario.model import CarPart, Scenario, Step
from simulator.scenario.places import Plain, Problem, Source
from simulator.scenario.typed import Fault, convert_all
from simulator.scenario.unfold import Raw, Scope, Unfolder
from simulator.scenario.verdict import included
from simulator.scenario.words import unknown_words

Open = Callable[[str, Path], Source]
"""Gives an included scenario by name and folder; raises LookupError with a message."""


class _Plan(NamedTuple):
    """The steps of a cell, and the functions that they order as the scenario's own."""

    steps: tuple[PlannedStep, ...]
    own: frozenset[str]


@dataclass
class CellReader:
    """Reads the cells of one source.

    Attributes:
        source: the file.
        plain: what stands in it, a mapping.
        frame: the typed scenario without cars and steps; None where something is wrong with it.
        note: told of what is wrong.
        open: for included files.
        plans: the steps of the cells so far, by what of a cell they depend on: mostly all cells have the same.
    """

    source: Source
    plain: Mapping[str, Any]
    frame: Scenario | None
    note: Callable[[Problem], None]
    open: Open
    plans: dict[str, _Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._named = names_in(self.plain.get("steps"))

    def read(self, cell: Cell) -> LoadedScenario | Absent | None:
        """A cell; None where it is not sound, which has been told."""
        values = {**self._parameters(), **cell}
        cars = {name: self._filled(car, self._key(name), values) for name, car in self._plain_cars().items()}
        first = next(iter(cars.values()), None)
        if isinstance(first, dict):
            self._put_in(first, cell)
            values = {**{name: first[name] for name in OF_THE_CAR if isinstance(first.get(name), str)}, **values}
        parts = {name: self._car(name, car, cell) for name, car in cars.items()}
        absent = next((part for part in parts.values() if isinstance(part, Absent)), None)
        if absent is not None:
            return absent
        plan = self._plan(values, frozenset(parts))
        known = {name: part for name, part in parts.items() if isinstance(part, CarPart)}
        head = {name: self._filled(self.plain.get(name, ""), name, values) for name in ("title", "description")}
        if self.frame is None or len(known) < len(parts) or not parts:
            return None
        return LoadedScenario(
            self._whole(head, known, plan.steps), self.source.file, plan.steps, cell_name(cell), plan.own
        )

    def _whole(self, head: dict[str, Any], cars: dict[str, CarPart], plan: tuple[PlannedStep, ...]) -> Scenario:
        assert self.frame is not None
        head = {name: text if isinstance(text, str) else str(text) for name, text in head.items()}
        only = cars if self._several else {}
        one = None if self._several else cars[ONLY_CAR]
        steps = tuple(planned.step for planned in plan)
        return replace(self.frame, **head, parameters={}, matrix={}, car=one, cars=only, steps=steps)

    @property
    def _several(self) -> bool:
        return isinstance(self.plain.get("cars"), dict)

    def _plain_cars(self) -> dict[str, Any]:
        if self._several:
            return {str(name): car for name, car in self.plain["cars"].items()}
        return {ONLY_CAR: self.plain["car"]} if self.plain.get("car") is not None else {}

    def _parameters(self) -> dict[str, Any]:
        parameters = self.plain.get("parameters")
        return parameters if isinstance(parameters, dict) else {}

    def _key(self, name: str) -> str:
        return f"cars.{name}" if self._several else "car"

    def _filled(self, plain: Plain, key: str, values: Mapping[str, Any]) -> Plain:
        return fill(plain, values, (), key, lambda at, message: self.note(self.source.problem(at, message)))

    @staticmethod
    def _put_in(car: dict[str, Any], cell: Cell) -> None:
        """What the matrix says of the car, where the car does not say it itself."""
        named = "line" in car or "model_year" in car
        for name in OF_THE_CAR:
            if name in cell and not (named and name == "profile"):
                car.setdefault(name, cell[name])

    def _car(self, name: str, plain: Plain, cell: Cell) -> CarPart | Absent | None:
        part, faults = convert_all(plain, CarPart)
        if part is not None and not faults:
            part = replace(part, profile=part.choice.seen_from(self.source.folder).profile)
            first = name == next(iter(self._plain_cars()))
            reason = _reason(cell, part) if first else None
            if reason is not None:
                return Absent(cell_name(cell), reason)
            faults = list(faults_of_car(part))
        elif isinstance(plain, dict):
            faults += faults_of_choice(plain)
        for fault in faults:
            self._tell(fault, name, cell)
        return None if faults else part

    def _tell(self, fault: Fault, name: str, cell: Cell) -> None:
        """A car's fault, at the matrix if the value comes from there."""
        key = f"{self._key(name)}.{fault.key}".rstrip(".")
        written = self._plain_cars()[name]
        from_matrix = fault.key in cell and fault.key in OF_THE_CAR and fault.key not in written
        self.note(self.source.problem(f"matrix.{fault.key}" if from_matrix else key, fault.message))

    def _plan(self, values: Mapping[str, Any], cars: frozenset[str]) -> _Plan:
        """The steps with these values; what is wrong with steps that another cell has too was told there."""
        told = repr((sorted(values), [(name, values[name]) for name in sorted(self._named & values.keys())]))
        if told not in self.plans:
            self.plans[told] = self._planned_anew(values, cars)
        return self.plans[told]

    def _planned_anew(self, values: Mapping[str, Any], cars: frozenset[str]) -> _Plan:
        unfolder = Unfolder(self.note, self.open)
        start = Scope(self.source, values, files=(str(Path(self.source.file).resolve()),))
        raws = tuple(unfolder.steps(self.plain.get("steps"), "steps", start))
        own = frozenset().union(*map(_own, raws))
        return _Plan(tuple(self._planned(raw, cars, own) for raw in raws), own)

    def _planned(self, raw: Raw, cars: frozenset[str], own: frozenset[str]) -> PlannedStep:
        late = raw.late
        step, faults = step_of(raw.plain, cars, own, late=bool(late))
        for fault in faults:
            between = "" if fault.key[:1] in ("", "[") else "."
            message = f"{fault.message}{included(raw.via)}"
            self.note(raw.source.problem(f"{raw.key}{between}{fault.key}", message))
        lanes = tuple(tuple(self._planned(other, cars, own) for other in lane) for lane in raw.lanes)
        if lanes:
            step = replace(step, parallel=tuple(tuple(planned.step for planned in lane) for lane in lanes))
        place = raw.source.at(raw.key)
        return PlannedStep(step, place.file, place.line, raw.plain if late else None, lanes, raw.via)


def _own(raw: Raw) -> frozenset[str]:
    """The functions of one's own that a step orders, or those in it."""
    return own_in(raw.plain).union(*(_own(other) for lane in raw.lanes for other in lane))


def step_of(
    plain: Plain, cars: frozenset[str], own: frozenset[str] = frozenset(), *, late: bool = False
) -> tuple[Step, list[Fault]]:
    """A plain step typed, as far as it is sound, and all that is wrong with it.

    Args:
        plain: the step.
        cars: names of the cars that there are.
        own: the functions that the scenario orders as its own.
        late: names in it are still to be filled in; what lacks them is not wrong for that.
    """
    step, faults = convert_all(without_names(plain) if late else plain, Step)
    faults = [fault for fault in faults if not late or not fault.lacks]
    if isinstance(plain, dict):
        wrong = (fault_of_step(plain), fault_of_name(plain.get("car"), dict.fromkeys(cars)))
        faults += [fault for fault in wrong if fault is not None]
    if step is not None:
        faults += [Fault(*word) for word in (*unknown_words(step), *unknown_names(step, own))]
        named = {name: fault_of_capture(what) for name, what in (step.let or {}).items()}
        faults += [Fault(f"let.{name}", message) for name, message in named.items() if message is not None]
    return step or Step(), faults


def _reason(cell: Cell, car: CarPart) -> str | None:
    """Why there is no such cell, if there is none; of a car that nobody knows something else is told."""
    profile: Profile | None = None
    with suppress(ProfileError, LocalError):
        profile = car.choice.resolve()
    return why_not(cell, car, profile) if cell and profile is not None else None
