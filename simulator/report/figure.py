"""The timeline of a scenario as a drawing: where every lane, span and mark stands. The template only paints it.

A long scenario is drawn in strips below each other, so that each fits on a page; the names of the lanes stand in a
drawing of their own that stays in place while the strip is scrolled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import NamedTuple

from simulator.report.figures import printable, span
from simulator.report.lanes import COLUMN, Column, Lane, Span, columns_of, lanes_of
from simulator.report.story import Scenario, Story, topic_kind
from simulator.report.words import backend_words, refusal_words
from simulator.trace import Record

LABELS = 170.0
"""Width of the lanes' names."""
WIDTH = 870.0
"""Greatest width of a strip."""
ROW = 22.0
HEAD = 30.0
"""Height above the first lane: the steps, and what was expected."""
FOOT = 34.0
LETTER = 6.3
"""Width of a letter in a span, and of what surrounds them."""
PADDING = 10.0
SIGN = 14
MOST_TICKS = 10
"""More moments than this stand closer together."""
TIME_WIDTH = 54.0
JUMP_SECONDS = 60
STRETCH = 1.5
POINTS = {
    "shown": "driver reads",
    "refusal": "refused",
    "backend": "backend",
    "sent": "car sends",
    "arrived": "car gets",
}
"""Lanes of single moments, below the states."""


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


class Label(NamedTuple):
    """A name at the left."""

    y: float
    kind: str
    text: str


@dataclass
class Strip:
    """A part of the timeline that is drawn in one piece."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    failed: list[Mark] = field(default_factory=list)
    steps: list[Mark] = field(default_factory=list)
    times: list[Mark] = field(default_factory=list)
    jumps: list[Mark] = field(default_factory=list)


@dataclass
class Figure:
    """The whole timeline."""

    labels: list[Label]
    strips: list[Strip]
    label_width: float = LABELS


def draw(story: Story, scenario: Scenario) -> Figure:
    """The timeline of a scenario."""
    columns = columns_of(scenario.records)
    lanes = lanes_of(columns)
    _widen(columns, lanes)
    labels, rows = _labels(story, columns, lanes)
    height = HEAD + len(labels) * ROW + FOOT
    strips = [_strip(columns, part, lanes, rows, height) for part in _parts(columns)]
    return Figure(labels, strips)


def _widen(columns: Sequence[Column], lanes: Sequence[Lane]) -> None:
    """Make room for the names of the states, for the messages and for what was expected."""
    for column in columns:
        crowd = min(MOST_TICKS, max(len(column.of(kind)) for kind in POINTS))
        column.width = max(COLUMN, crowd * 5 + 8, len(column.of("held", "failed")) * SIGN + 26)
    for lane in lanes:
        for state in lane.spans:
            covered = columns[state.first : state.end]
            lack = len(state.state) * LETTER + PADDING - sum(column.width for column in covered)
            for column in covered:
                column.width += max(0.0, lack / len(covered))


def _parts(columns: Sequence[Column]) -> list[range]:
    """The columns of each strip; strips are about equally long, and a short one is stretched."""
    total = sum(column.width for column in columns)
    wanted = total / max(1, ceil(total / WIDTH))
    parts: list[range] = []
    begin, width = 0, 0.0
    for index, column in enumerate(columns):
        if index > begin and (width + column.width > WIDTH or width >= wanted):
            parts.append(range(begin, index))
            begin, width = index, 0.0
        width += column.width
    parts.append(range(begin, len(columns)))
    for part in parts:
        _stretch([columns[index] for index in part])
    return parts


def _stretch(columns: Sequence[Column]) -> None:
    width = sum(column.width for column in columns)
    factor = min(STRETCH, WIDTH / width) if width else 1.0
    for column in columns:
        column.width *= factor


def _labels(story: Story, columns: Sequence[Column], lanes: Sequence[Lane]) -> tuple[list[Label], dict[str, float]]:
    """The names at the left, and the height at which each lane stands."""
    labels: list[Label] = []
    rows: dict[str, float] = {}
    cars = {lane.car for lane in lanes}
    last = ""
    for lane in lanes:
        if len(cars) > 1 and lane.car != last:
            labels.append(Label(HEAD + len(labels) * ROW, "car", story.car(lane.car)))
            last = lane.car
        rows[f"{lane.car} {lane.key}"] = HEAD + len(labels) * ROW
        labels.append(Label(HEAD + len(labels) * ROW, "lane", _short(lane.name)))
    for kind, name in POINTS.items():
        if any(column.of(kind) for column in columns):
            rows[kind] = HEAD + len(labels) * ROW
            labels.append(Label(HEAD + len(labels) * ROW, "point", name))
    return labels, rows


def _short(name: str) -> str:
    return name if len(name) <= 26 else f"{name[:25]}…"


def _strip(
    columns: Sequence[Column], part: range, lanes: Sequence[Lane], rows: dict[str, float], height: float
) -> Strip:
    edges = [0.0]
    for index in part:
        edges.append(edges[-1] + columns[index].width)
    strip = Strip(edges[-1], height)
    for lane in lanes:
        y = rows[f"{lane.car} {lane.key}"]
        strip.boxes += [_box(state, lane, part, edges, y) for state in lane.spans if _meets(state, part)]
    for index in part:
        _moment(strip, columns[index], edges[index - part.start], rows)
        before = columns[index - 1] if index else None
        _time(strip, columns[index], before, edges[index - part.start])
    return strip


def _meets(state: Span, part: range) -> bool:
    return state.first < part.stop and state.end > part.start


def _box(state: Span, lane: Lane, part: range, edges: Sequence[float], y: float) -> Box:
    begin = edges[max(state.first, part.start) - part.start]
    width = edges[min(state.end, part.stop) - part.start] - begin
    fits = len(state.state) * LETTER + PADDING / 2 <= width
    text = state.state if fits else ""
    return Box(begin, y, width, state.tone, printable(text), printable(f"{lane.name}: {state.state}"))


def _moment(strip: Strip, column: Column, x: float, rows: dict[str, float]) -> None:
    """All marks of one column."""
    for kind in POINTS:
        found = column.of(kind)
        gap = min(7.0, (column.width - 6) / max(1, len(found)))
        strip.marks += [
            Mark(x + 5 + number * gap, rows[kind] + ROW / 2, kind, "", printable(_hint(record)))
            for number, record in enumerate(found)
        ]
    for record in column.of("step"):
        strip.steps.append(Mark(x, 11, "step", record.name, printable(record.data["text"])))
    for number, record in enumerate(column.of("held", "failed")):
        sign = "✓" if record.kind == "held" else "✗"
        mark = Mark(x + 26 + number * SIGN, 15, record.kind, sign, printable(record.data["text"]))
        strip.marks.append(mark)
        if record.kind == "failed":
            strip.failed.append(mark)


def _hint(record: Record) -> str:
    match record.kind:
        case "refusal":
            return refusal_words(record)
        case "backend":
            return backend_words(record)
        case "sent" | "arrived":
            return topic_kind(record.name)
    return record.name


def _time(strip: Strip, column: Column, before: Column | None, x: float) -> None:
    """The time below a column where there is room, and how long nothing happened before it."""
    y = strip.height - FOOT
    gap = column.time - before.time if before else timedelta()
    if gap.total_seconds() >= JUMP_SECONDS:
        strip.jumps.append(Mark(x, y + 27, "jump", f"{span(gap)} later", ""))
        if strip.times and x - strip.times[-1].x < TIME_WIDTH:
            strip.times.pop()
    clock = f"{column.time:%H:%M:%S}"
    room = not strip.times or (x - strip.times[-1].x >= TIME_WIDTH and strip.times[-1].text != clock)
    if room and x + TIME_WIDTH <= max(strip.width, TIME_WIDTH):
        strip.times.append(Mark(x, y + 14, "time", clock, ""))
