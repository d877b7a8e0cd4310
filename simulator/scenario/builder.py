"""Scenarios in Python: typed, with the same model and the same checks as files.

    story = Story("A drive", car=CarPart(profile="some-car", country="JP"))
    story.do(Do(ignition="on"), say="The driver sets off.").do(Do(radio=Radio(access="lte")))
    story.expect(Expect(connection="connected"), within="1 min")
    loaded = story.build()

`Steps` are those of a `repeat`, or of a lane of `parallel`. An error, and a step that fails, names the line of Python
where the step was added.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec

from simulator.scenario.loader import Cells, LoadedScenario, only, read_cells
from simulator.scenario.model import CarPart, Do, Expect, Include, Repeat, Step
from simulator.scenario.places import Place, Source

_HERE = __file__


class Steps:
    """Steps one after the other; every method adds one and gives the same steps back."""

    def __init__(self) -> None:
        self.plain: list[dict[str, Any]] = []
        self.places: dict[str, Place] = {}
        """By key below the list, such as `[2]` or `[1].repeat.steps[0]`."""

    def say(self, text: str) -> Self:
        """Only words."""
        return self._add(Step(say=text))

    def do(self, do: Do, *, car: str | None = None, say: str | None = None) -> Self:
        """One thing that happens."""
        return self._add(Step(do=do, car=car, say=say))

    def wait(self, span: str, *, say: str | None = None) -> Self:
        """Let time pass, such as `10 min`."""
        return self._add(Step(do=Do(wait=span), say=say))

    def expect(
        self,
        expect: Expect,
        *,
        within: str | None = None,
        until: Expect | None = None,
        car: str | None = None,
        say: str | None = None,
        requirements: Sequence[str] = (),
    ) -> Self:
        """What must hold, at once or within a time; or all the time until something else does."""
        rows = tuple(requirements)
        return self._add(Step(expect=expect, within=within, until=until, car=car, say=say, requirements=rows))

    def never(
        self,
        never: Expect,
        *,
        during: str | None = None,
        meanwhile: Expect | None = None,
        within: str | None = None,
        car: str | None = None,
        say: str | None = None,
        requirements: Sequence[str] = (),
    ) -> Self:
        """What must not become true for a time, or as long as something else holds (`while` in a file)."""
        step = Step(never=never, during=during, while_=meanwhile, within=within, car=car, say=say)
        return self._add(msgspec.structs.replace(step, requirements=tuple(requirements)))

    def let(self, *, car: str | None = None, say: str | None = None, **names: str) -> Self:
        """Names for what is found now, for `${name}` in later steps."""
        return self._add(Step(let=names, car=car, say=say))

    def include(
        self, scenario: str, values: Mapping[str, Any] | None = None, *, car: str | None = None, say: str | None = None
    ) -> Self:
        """The steps of another scenario: a shipped one by name, or a file as seen from this one's folder."""
        return self._add(Step(include=Include(scenario=scenario, with_=dict(values or {})), car=car, say=say))

    def repeat(self, times: int, steps: "Steps", *, car: str | None = None, say: str | None = None) -> Self:
        """The same steps several times."""
        added = self._add(Step(repeat=Repeat(times=times, steps=()), car=car, say=say))
        self.plain[-1]["repeat"]["steps"] = steps.plain
        self._take_places(steps, ".repeat.steps")
        return added

    def parallel(self, *lanes: "Steps", say: str | None = None) -> Self:
        """Lists of steps that go on at the same time."""
        added = self._add(Step(parallel=(), say=say))
        self.plain[-1]["parallel"] = [lane.plain for lane in lanes]
        for number, lane in enumerate(lanes):
            self._take_places(lane, f".parallel[{number}]")
        return added

    def _add(self, step: Step) -> Self:
        self.places[f"[{len(self.plain)}]"] = _caller()
        self.plain.append(_plain(step))
        return self

    def _take_places(self, steps: "Steps", key: str) -> None:
        for below, place in steps.places.items():
            self.places[f"[{len(self.plain) - 1}]{key}{below}"] = place


class Story(Steps):
    """A scenario.

    Args:
        title: what it is called in reports.
        car: the only car; `cars` where there are several, by name.
        cars: in place of `car`.
        description: what it is for.
        requirements: the rows that it proves.
        tags: whatever sorts it.
        parameters: names for values.
        matrix: several values for a parameter or the car.
    """

    def __init__(
        self,
        title: str,
        *,
        car: CarPart | None = None,
        cars: Mapping[str, CarPart] | None = None,
        description: str = "",
        requirements: Sequence[str] = (),
        tags: Sequence[str] = (),
        parameters: Mapping[str, Any] | None = None,
        matrix: Mapping[str, Sequence[Any]] | None = None,
    ) -> None:
        super().__init__()
        self._place = _caller()
        self._head = {
            "version": 1,
            "title": title,
            "description": description,
            "requirements": list(requirements),
            "tags": list(tags),
            "parameters": dict(parameters or {}),
            "matrix": {name: list(values) for name, values in (matrix or {}).items()},
            "car": _plain(car) if car is not None else None,
            "cars": {name: _plain(part) for name, part in (cars or {}).items()},
        }

    def build(self) -> LoadedScenario:
        """The scenario, which has one cell.

        Raises:
            ScenarioError: what is wrong with it, or that it has several cells.
        """
        return only(self.cells())

    def cells(self) -> Cells:
        """All cells of the scenario.

        Raises:
            ScenarioError: what is wrong with it.
        """
        head = {name: value for name, value in self._head.items() if value not in (None, {})}
        places = {"": self._place, **{f"steps{key}": place for key, place in self.places.items()}}
        return read_cells(Source(self._place.file, {**head, "steps": self.plain}, places))


def _plain(part: msgspec.Struct) -> dict[str, Any]:
    """A part as a file would have it: without what was left out."""
    plain: dict[str, Any] = msgspec.to_builtins(part)
    return {
        name: _without_nothing(value)
        for field in msgspec.structs.fields(part)
        if (value := plain[(name := field.encode_name)]) is not None and getattr(part, field.name) != field.default
    }


def _without_nothing(plain: object) -> object:
    if isinstance(plain, dict):
        return {name: _without_nothing(value) for name, value in plain.items() if value is not None}
    return [_without_nothing(value) for value in plain] if isinstance(plain, (list, tuple)) else plain


def _caller() -> Place:
    """The line outside of this file that is at work."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename == _HERE and frame.f_back is not None:
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno, 1)
