"""What a rule between regions is: a condition that must hold, or something that follows. Each bears its requirement."""

from collections.abc import Callable
from typing import NamedTuple

from pcm_agent.core.events import Event
from pcm_agent.core.region import Turn


class Condition(NamedTuple):
    """Something that must hold; `code` names it to people and machines when it does not."""

    code: str
    requirement: str
    holds: Callable[[Turn], bool]


def blocking(turn: Turn, conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    """The codes of the conditions that do not hold, in the order of the table."""
    return tuple([condition.code for condition in conditions if not condition.holds(turn)])


class Rule(NamedTuple):
    """What follows in one region from the state of others: `raises` gives the event, or None."""

    name: str
    requirement: str
    raises: Callable[[Turn], Event | None]
