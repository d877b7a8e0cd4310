"""A life while it is being made up: the car, the dice, and the steps so far."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from firmware_profiles import Country, Profile

T = TypeVar("T")
OWNER, PARTNER, STRANGER = "owner@example.com", "partner@example.com", "stranger@example.com"
PASSWORDS = {OWNER: "a-long-password", PARTNER: "another-password", STRANGER: "a-third-password"}
CODE = "4711"
PlainStep = dict[str, Any]


@dataclass
class Draft:
    """A life, as far as it is made up.

    Attributes:
        dice: drawn from the seed.
        profile: what kind of car it is.
        market: where it was sold.
        neighbour: a country to drive to.
        functions: on demand, that may be bought for it.
        steps: as they stand in a scenario file.
        bought: function and terms of what was ordered.
        heals: how what has been broken is mended again, by what was broken.
    """

    dice: Random
    profile: Profile
    market: Country
    neighbour: str
    functions: tuple[str, ...]
    steps: list[PlainStep] = field(default_factory=list)
    bought: list[tuple[str, str]] = field(default_factory=list)
    heals: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def do(self, name: str, value: object = "now") -> None:
        """One thing happens."""
        self.steps.append({"do": {name: value}})

    def wait(self, *spans: str) -> None:
        """One of these spans passes."""
        self.do("wait", self.dice.choice(spans))

    def mend(self, name: str) -> None:
        """Whatever of this name is broken is mended."""
        if name in self.heals:
            self.do(*self.heals.pop(name))

    def chance(self, odds: float) -> bool:
        """Whether something happens that does so this often."""
        return self.dice.random() < odds

    def some(self, *values: T) -> T:
        """One of them."""
        return self.dice.choice(values)
