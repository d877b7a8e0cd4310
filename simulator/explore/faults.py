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


LINKS: Sequence[dict[str, Any]] = (
    {"latency": "2 s"},
    {"rate": "64 kbit/s"},
    {"loss": 20},
    {"way": "embedded-sim", "cut": True},
)
MESSAGES: Sequence[dict[str, Any]] = tuple(
    {"to": to, **trouble}
    for to in ("car", "backend")
    for trouble in ({"doubled": 5}, {"delayed": 3, "by": "30 s"}, {"reversed": 3})
)
CLOCKS: Sequence[dict[str, Any]] = (
    {"ahead": "1 h"},
    {"behind": "1 h"},
    {"ahead": "3 d"},
    {"behind": "400 d"},
    {"drift": 60},
)
FAULTS: Sequence[Fault] = (
    Fault(1, "fail_next_installation", ("now",)),
    Fault(1, "fail_next_health_check", ("now",)),
    Fault(1, "corrupt_next_download", ("now",)),
    Fault(3, "link", (*LINKS, "cut"), ("link", "restored")),
    Fault(2, "messages", MESSAGES),
    Fault(1, "broker", ("down",), ("broker", "up")),
    Fault(1, "broker", ("restarted",)),
    Fault(1, "backend", ("crashed",), ("backend", "started")),
    Fault(1, "backend", ("crashes-at-next-message",), ("backend", "started")),
    Fault(2, "power", ("cut",), ("power", "back")),
    Fault(1, "disk", ("full", "slow"), ("disk", "well")),
    Fault(1, "clock", CLOCKS, ("clock", "right")),
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
