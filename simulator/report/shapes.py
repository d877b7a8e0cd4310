"""What the drawing of a timeline consists of. The template paints it."""

from dataclasses import dataclass, field
from typing import NamedTuple

WIDTH = 1000.0
"""Greatest width of a strip with the names at its left."""
ROW = 22.0
HEAD = 30.0
"""Height above the first lane: the steps, and what was expected."""
FOOT = 46.0
"""Height below the last lane: clock, date, and how long nothing happened."""
WIRE = 26.0
"""Height between the rails of car and backend, where the messages are."""


class Box(NamedTuple):
    """A state in its lane."""

    x: float
    y: float
    width: float
    tone: str
    text: str
    hint: str


class Mark(NamedTuple):
    """A single moment."""

    x: float
    y: float
    kind: str
    text: str
    hint: str
    anchor: str = ""
    width: float = 0.0


class Label(NamedTuple):
    """A name at the left."""

    y: float
    kind: str
    text: str


@dataclass
class Strip:
    """A part of the timeline that is drawn in one piece.

    Attributes:
        width: of the whole.
        height: of the whole.
        skipped: how many moments are left out before it.
        boxes: states.
        marks: what the driver read, messages, refusals, what the backend did, and what held or failed.
        steps: where each begins.
        times: below the lanes: clock and date.
        jumps: where a long time passed.
    """

    width: float
    height: float
    skipped: int = 0
    boxes: list[Box] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    steps: list[Mark] = field(default_factory=list)
    times: list[Mark] = field(default_factory=list)
    jumps: list[Mark] = field(default_factory=list)

    @property
    def failed(self) -> list[Mark]:
        """The expectations that did not hold."""
        return [mark for mark in self.marks if mark.kind == "failed"]

    @property
    def floor(self) -> float:
        """Where the lanes end."""
        return self.height - FOOT


@dataclass
class Figure:
    """The whole timeline: the names at the left, as wide as they need, and the strips.

    `skipped` counts the moments that are left out at the end.
    """

    labels: list[Label]
    strips: list[Strip]
    label_width: float
    skipped: int = 0
