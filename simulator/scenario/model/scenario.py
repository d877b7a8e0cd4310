"""A scenario file: its steps, and what it says of itself."""

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from simulator.scenario.model.car import CarPart
from simulator.scenario.model.do import Do
from simulator.scenario.model.expect import Expect
from simulator.scenario.model.part import Part
from simulator.scenario.model.values import Duration, Name, Requirement, Switch


class Include(Part, frozen=True, kw_only=True):
    """The steps of another scenario, in place of this one."""

    scenario: str
    """A shipped one or a [part](#the-library) by name, or a path as seen from this one's folder; without its car."""
    with_: dict[Name, Any] = field(name="with", default_factory=dict)
    """Values for its parameters."""


class Repeat(Part, frozen=True, kw_only=True):
    """Steps that are gone through several times."""

    times: Annotated[int, Meta(ge=1, le=1000)]
    steps: Annotated[tuple["Step", ...], Meta(min_length=1)]


class Step(Part, frozen=True, kw_only=True):
    """One step: something said, something done, or something expected. `say` may stand with each."""

    say: str | None = None
    """What the step is about, in words; a heading in timeline and report."""
    car: Name | None = None
    """Which car it is about, where there are several; the first where it is left out."""
    do: Do | None = None
    """One thing that happens."""
    expect: Expect | None = None
    """What must hold, at once or within a time."""
    within: Duration | None = None
    """With `expect`: how long it may take to become true; with `while`: how long that may last. 30 s if left out."""
    until: Expect | None = None
    """With `expect`: it must hold all the time until this becomes true, which it must do `within` a time."""
    never: Expect | None = None
    """What must not become true."""
    during: Duration | None = None
    """With `never`: for how long it must not become true; time passes as with `wait`."""
    while_: Expect | None = field(name="while", default=None)
    """With `never`, in place of `during`: it must not become true as long as this holds, which ends `within` a time."""
    let: dict[Name, str] | None = None
    """Names for what is found now, for `${name}` in later steps: see [names](#names)."""
    include: Include | None = None
    """The steps of another scenario."""
    repeat: Repeat | None = None
    """The same steps several times."""
    parallel: Annotated[tuple[Annotated[tuple["Step", ...], Meta(min_length=1)], ...], Meta(min_length=2)] | None = None
    """Lists of steps that go on at the same time; the next step begins when all of them are through."""
    requirements: tuple[Requirement, ...] = ()
    """The rows that the step proves; the scenario's where none are named."""


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
    invariants: Switch = "off"
    """On: all that must hold in every life is watched, see [invariants](invariants.md); a breach ends the scenario."""
    parameters: dict[Name, Any] = field(default_factory=dict)
    """Names for values; `${name}` stands for the value anywhere in title, cars and steps: see [names](#names)."""
    matrix: dict[Name, Annotated[tuple[Any, ...], Meta(min_length=1)]] = field(default_factory=dict)
    """Several values for a parameter, or for the car: the scenario is run with each: see [matrix](#matrix)."""
    car: CarPart | None = None
    """The car that it is about."""
    cars: dict[Name, CarPart] = field(default_factory=dict)
    """In place of `car`: several, by name; a step says with `car` which one it is about."""
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]
    """In order; the first expectation that does not hold ends the scenario."""
