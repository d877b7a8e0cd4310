"""The report of a run: one page of HTML in one file, without scripts and without anything from the network.

What failed comes first. Sections of scenarios are folded where there are many. A page that would grow too large leaves
pictures and tables out, of scenarios that held before those that failed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.files import write_atomically
from simulator.report.catalogue import catalogue
from simulator.report.coverage import Proof, coverage
from simulator.report.endings import Ending
from simulator.report.figures import clock, day, printable, size, span
from simulator.report.grid import FEW, grid
from simulator.report.story import Scenario, Story
from simulator.report.words import CarLabel, Render, backend_words
from simulator.scenario.verdict import place_of
from simulator.trace import Record

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["CarLabel", "Render", "write_report"]

BUDGET = 4_000_000
"""Letters that all pictures and tables together may have."""
LONG = 200
"""Longer tables are cut in the middle."""
FEW_SCENARIOS = 3
"""More of them are folded, but for those that failed."""
MOST_OPEN = 10
SHORT = 8
"""More rows of requirements are folded, but for topics where one failed."""
MOST_WITNESSES = 6
_TONES: Mapping[str, str] = {
    Ending.HELD: "right",
    Proof.PROVED: "right",
    Ending.FAILED: "wrong",
    Ending.BROKEN_OFF: "wrong",
    Ending.NOT_BEGUN: "wait",
    Proof.UNSETTLED: "wait",
}
"""Class of colour of an ending, or of what is said of a requirement."""


def write_report(
    path: Path,
    records: Sequence[Record],
    *,
    title: str,
    cars: Mapping[str, CarLabel],
    render: Render,
    again: Sequence[str] = (),
) -> None:
    """Write the report of a run.

    Args:
        path: where; what stood there is replaced once the new page is whole.
        records: the run's trace.
        title: of the page.
        cars: by VIN, how the cars are called and which language they speak.
        render: gives the text that the driver reads; `pcm_agent.texts.render`.
        again: for each scenario the command that gives the same once more.

    Raises:
        TransportError: `report-unwritable`.
    """
    write_atomically(path, page(Story.of(records, cars, render, again), title))


def page(story: Story, title: str, budget: int = BUDGET) -> str:
    """The page as text."""
    environment = _environment()
    return environment.get_template("report.html.j2").render(
        title=title,
        story=story,
        grid=grid(story),
        topics=coverage(story.scenarios, catalogue()),
        sections=_sections(environment, story, budget),
    )


def _sections(environment: "Environment", story: Story, budget: int) -> list[str]:
    """What is told of each scenario, in their order, as HTML; what failed has the first claim on the room there is."""
    wrong = {scenario.number for scenario in story.wrong[:MOST_OPEN]}
    few = len(story.scenarios) <= FEW_SCENARIOS
    told: dict[int, str] = {}
    for scenario in sorted(story.scenarios, key=lambda scenario: not scenario.ending.wrong):
        opened = few or scenario.number in wrong
        section = told[scenario.number] = _section(environment, story, scenario, opened=opened, short=budget <= 0)
        budget -= len(section)
    return [told[scenario.number] for scenario in story.scenarios]


def _section(environment: "Environment", story: Story, scenario: Scenario, *, opened: bool, short: bool) -> str:
    template = environment.get_template("scenario.html.j2")
    return template.render(story=story, scenario=scenario, open=opened, short=short)


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from simulator.report.figure import draw

    environment = Environment(
        loader=PackageLoader("simulator.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"size": size, "span": span, "day": day, "backend": backend_words, "printable": printable}
    environment.filters |= {"clock": clock, "tone": _tone, "ends": _ends, "place": place_of}
    environment.globals |= {"Ending": Ending, "Proof": Proof, "draw": draw, "FEW": FEW, "LONG": LONG}
    environment.globals |= {"SHORT": SHORT, "MOST_WITNESSES": MOST_WITNESSES}
    return environment


def _tone(ending: Ending | Proof) -> str:
    """The class of colour of an ending."""
    return _TONES.get(ending, "still")


def _ends(items: Sequence[object], limit: int) -> Sequence[object]:
    """At most so many: the first half and the last half."""
    half = limit // 2
    return items if len(items) <= limit else [*items[:half], *items[-half:]]
