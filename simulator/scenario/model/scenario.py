"""A scenario file: its steps, and what it says of itself."""

from typing import Annotated, Literal

from msgspec import Meta

from simulator.scenario.model.car import CarPart
from simulator.scenario.model.do import Do
from simulator.scenario.model.expect import Expect
from simulator.scenario.model.part import Part
from simulator.scenario.model.values import Duration, Requirement


class Step(Part, frozen=True, kw_only=True):
    """One step: something said, something done, or something expected. `say` may stand with each."""

    say: str | None = None
    """What the step is about, in words; a heading in timeline and report."""
    do: Do | None = None
    """One thing that happens."""
    expect: Expect | None = None
    """What must hold, at once or within a time."""
    within: Duration | None = None
    """With `expect`: how long it may take to become true; 30 s where it is left out."""
    never: Expect | None = None
    """What must not become true."""
    during: Duration | None = None
    """With `never`: for how long it must not become true; time passes as with `wait`."""


class Scenario(Part, frozen=True, kw_only=True):
    """A scenario file."""

    version: Literal[1]
    """Of this form of file."""
    title: str
    """What it is called in reports."""
    description: str = ""
    """What it is for."""
    requirements: tuple[Requirement, ...] = ()
    """The rows that it proves."""
    tags: tuple[str, ...] = ()
    """Whatever sorts your scenarios."""
    car: CarPart
    """The car that it is about."""
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]
    """In order; the first expectation that does not hold ends the scenario."""
