"""What may break around the car, as data, and how it is mended; each is mended at the latest before a life ends."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from simulator.explore.draft import Draft


class Fault(NamedTuple):
    """Something that breaks.

    Attributes:
        weight: how often it is drawn, beside the others.
        name: key of `do`.
        values: one of them is drawn.
        heals: key and value of the `do` that mends it; None: it is over by itself.
    """

    weight: float
    name: str
    values: Sequence[Any]
    heals: tuple[str, Any] | None = None


FAULTS: Sequence[Fault] = (
    Fault(1, "fail_next_installation", ("now",)),
    Fault(1, "fail_next_health_check", ("now",)),
)
"""All of them; one more is one more line."""


def breaks(draft: Draft) -> None:
    """Something breaks; how it is mended is kept."""
    fault = draft.dice.choices(FAULTS, [fault.weight for fault in FAULTS])[0]
    draft.do(fault.name, draft.dice.choice(fault.values))
    if fault.heals is not None:
        draft.heals[fault.name] = fault.heals


def mends(draft: Draft) -> None:
    """One of the things that are broken is mended."""
    if draft.heals:
        draft.do(*draft.heals.pop(draft.dice.choice(sorted(draft.heals))))


def mends_all(draft: Draft) -> None:
    """Nothing stays broken."""
    while draft.heals:
        mends(draft)
