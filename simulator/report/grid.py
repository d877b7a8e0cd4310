"""The matrix of a run: scenarios as rows, profiles as columns, and how each cell ended."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from simulator.report.endings import Ending, Untold
from simulator.report.story import Scenario, Story

SUFFIX = ".pcm.yaml"
UNKNOWN = "car not known"
"""The column of cells that were not run, where nothing says which car they are about."""
FEW = 6
"""More cells than this in one place are counted."""
_PROFILE = "profile"


class Chip(NamedTuple):
    """One cell.

    Attributes:
        ending: how it ended.
        text: what tells it from its neighbours, "" where it has none.
        hint: all of it, in words.
        anchor: where the page tells of it, "" where it does not.
    """

    ending: Ending
    text: str
    hint: str
    anchor: str


class Crossing(list[Chip]):
    """The cells of one scenario with one profile."""

    @property
    def many(self) -> bool:
        """Whether they are counted rather than shown one by one."""
        return len(self) > FEW

    @property
    def wrong(self) -> list[Chip]:
        """Those that somebody has to look at."""
        return [chip for chip in self if chip.ending.wrong]

    @property
    def counts(self) -> list[tuple[Ending, int]]:
        """How many ended how, the worst first."""
        found = Counter(chip.ending for chip in self)
        return [(ending, found[ending]) for ending in Ending if found[ending]]


@dataclass
class Line:
    """A scenario's row: its file, the title where all cells have one, and its cells by profile."""

    name: str
    titles: set[str] = field(default_factory=set)
    crossings: dict[str, Crossing] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is called, "" where each cell is called differently."""
        return next(iter(self.titles)) if len(self.titles) == 1 else ""

    def add(self, profile: str, chip: Chip) -> None:
        """Put a cell where it belongs."""
        self.crossings.setdefault(profile, Crossing()).append(chip)


@dataclass
class Grid:
    """The whole matrix."""

    profiles: list[str]
    lines: list[Line]


def grid(story: Story) -> Grid:
    """The matrix of a run, scenarios in their order, profiles by name."""
    lines: dict[str, Line] = {}
    for scenario in story.scenarios:
        line = lines.setdefault(scenario.file, Line(stem(scenario.file)))
        line.titles.add(str(scenario.data.get("title", "")))
        line.add(str(scenario.data.get(_PROFILE, UNKNOWN)), _ran(scenario))
    for untold in story.not_run:
        file, cell = file_and_cell(untold.name)
        line = lines.setdefault(file, Line(stem(file)))
        line.add(_profile(cell, line), _did_not_run(untold, cell))
    return Grid(_columns(lines.values()), list(lines.values()))


def _columns(lines: Iterable[Line]) -> list[str]:
    profiles = sorted({profile for line in lines for profile in line.crossings})
    return sorted(profiles, key=lambda profile: profile == UNKNOWN)


def file_and_cell(name: str) -> tuple[str, dict[str, str]]:
    """The file and the cell's values of what a cell is run by: `trip.pcm.yaml[country=JP]`."""
    parts = re.fullmatch(r"(.*?)(?:\[([^\[\]]*)\])?", name, re.DOTALL)
    assert parts is not None
    values = (value.partition("=") for value in (parts[2] or "").split(",") if value)
    return parts[1], {key: value for key, _, value in values}


def stem(file: str) -> str:
    """A scenario's file without folder and suffix."""
    return PurePath(file).name.removesuffix(SUFFIX) or "scenario"


def _text(cell: Mapping[str, str]) -> str:
    return " ".join(value for key, value in cell.items() if key != _PROFILE)


def _profile(cell: Mapping[str, str], line: Line) -> str:
    """Of a cell that was not run: its own, or that of all others of its scenario."""
    if _PROFILE in cell:
        return PurePath(cell[_PROFILE]).stem
    known = [profile for profile in line.crossings if profile != UNKNOWN]
    return known[0] if len(known) == 1 else UNKNOWN


def _ran(scenario: Scenario) -> Chip:
    cell = file_and_cell(f"[{scenario.data.get('cell', '')}]")[1]
    hint = f"{scenario.ending}: {scenario.title}"
    return Chip(scenario.ending, _text(cell), hint, f"s{scenario.number}")


def _did_not_run(untold: Untold, cell: Mapping[str, str]) -> Chip:
    return Chip(untold.ending, _text(cell), f"{untold.ending}: {untold.name}: {untold.why}", "")
