"""The horizontal axis of a timeline: how wide each moment is, where a strip ends, and which times stand below it."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

from simulator.report.figures import day, short_day, span
from simulator.report.lanes import COLUMN, Column, Lane
from simulator.report.shapes import Mark, Strip

LETTER = 6.3
"""Width of a letter in a span, and of what surrounds them."""
PADDING = 10.0
SIGN = 14.0
"""Width of a tick for what held."""
FAILED = 72.0
"""Width of the words for what failed."""
MOST_TICKS = 12
"""More moments than this stand closer together."""
STRETCH = 1.5
JUMP = timedelta(minutes=1)
"""A longer time in which nothing happened is told."""
CLOCK, DATE = 60.0, 80.0
"""Widths of a time and of a date."""
POINTS = ("shown", "refusal", "backend", "sent", "arrived")
"""Kinds of records that are single moments."""


def widen(columns: Sequence[Column], lanes: Sequence[Lane]) -> None:
    """Make room for the names of the states, the messages, what was expected, and the time that passed."""
    for index, column in enumerate(columns):
        ticks = min(MOST_TICKS, len(column.of(*POINTS)))
        signs = len(column.of("held")) * SIGN + len(column.of("failed")) * FAILED
        late = len(_later(columns, index)) * LETTER
        date = DATE if not index or column.time.date() != columns[index - 1].time.date() else 0.0
        column.width = max(COLUMN, ticks * 6 + 10, step_width(column) + signs + 6, late, date)
    for lane in lanes:
        for state in lane.spans:
            covered = columns[state.first : state.end]
            lack = len(state.state) * LETTER + PADDING - sum(column.width for column in covered)
            for column in covered:
                column.width += max(0.0, lack / len(covered))


def step_width(column: Column) -> float:
    """Of the number of the step that begins here; a little even where none does."""
    return sum(max(18.0, len(record.name) * 7 + 8) for record in column.of("step")) + 8


def parts_of(columns: Sequence[Column], most: float) -> list[range]:
    """The columns of each strip; strips are about equally long, and a short one is stretched.

    Args:
        columns: all of them.
        most: greatest width of a strip; only a single moment that needs more has more.
    """
    total = sum(column.width for column in columns)
    parts = _cut(columns, most, total / max(1, ceil(total / most)))
    parts = _cut(columns, most, total / len(parts))
    for part in parts:
        _stretch([columns[index] for index in part], most)
    return parts


def _cut(columns: Sequence[Column], most: float, wanted: float) -> list[range]:
    """Strips of at most a width, which end as soon as they are as wide as wanted."""
    parts: list[range] = []
    begin, width = 0, 0.0
    for index, column in enumerate(columns):
        if index > begin and (width + column.width > most or width >= wanted):
            parts.append(range(begin, index))
            begin, width = index, 0.0
        width += column.width
    return [*parts, range(begin, len(columns))]


def _stretch(columns: Sequence[Column], most: float) -> None:
    width = sum(column.width for column in columns)
    factor = min(STRETCH, most / width) if width else 1.0
    for column in columns:
        column.width *= factor


def tell_time(strip: Strip, columns: Sequence[Column], index: int, x: float) -> None:
    """Write below a moment how late it is where there is room, the date where it changed, and what passed before."""
    column, y = columns[index], strip.floor
    later = _later(columns, index)
    if later:
        strip.jumps.append(Mark(x + 3, y + 41, "jump", later, ""))
    clock, date = f"{column.time:%H:%M:%S}", short_day(column.time)
    clocks = [mark for mark in strip.times if mark.kind == "time"]
    new_day = [mark.text for mark in strip.times if mark.kind == "date"][-1:] != [date]
    if new_day or later:
        _make_room(strip, x)
    at = min(x, max(0.0, strip.width - CLOCK))
    if _free(strip, at) and (new_day or later or clocks[-1].text != clock):
        strip.times.append(Mark(at + 3, y + 14, "time", clock, f"{day(column.time)}, {clock} UTC"))
        if new_day:
            strip.times.append(Mark(at + 3, y + 27, "date", date, ""))


def _make_room(strip: Strip, x: float) -> None:
    """Take a clock away that a more telling one would overlap; one with a date stays."""
    if strip.times and strip.times[-1].kind == "time" and x - strip.times[-1].x < CLOCK:
        strip.times.pop()


def _free(strip: Strip, x: float) -> bool:
    room = {"time": CLOCK, "date": DATE}
    return all(x - mark.x >= room[mark.kind] for mark in strip.times[-2:])


def _later(columns: Sequence[Column], index: int) -> str:
    """How long nothing happened before a moment, "" where that was short."""
    gap = columns[index].time - columns[index - 1].time if index else timedelta()
    return f"{span(gap)} later" if gap >= JUMP else ""
