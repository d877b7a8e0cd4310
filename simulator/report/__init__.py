"""The report of a run: one page of HTML in one file, without scripts and without anything from the network."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from simulator.files import write_atomically
from simulator.report.figures import day, printable, size, span
from simulator.report.story import Story
from simulator.report.words import CarLabel, Render, backend_words
from simulator.trace import Record

__all__ = ["CarLabel", "Render", "write_report"]


def write_report(
    path: Path, records: Sequence[Record], *, title: str, cars: Mapping[str, CarLabel], render: Render
) -> None:
    """Write the report of a run.

    Args:
        path: where; what stood there is replaced once the new page is whole.
        records: the run's trace.
        title: of the page.
        cars: by VIN, how the cars are called and which language they speak.
        render: gives the text that the driver reads; `pcm_agent.texts.render`.

    Raises:
        TransportError: `report-unwritable`.
    """
    write_atomically(path, page(Story.of(records, cars, render), title))


def page(story: Story, title: str) -> str:
    """The page as text."""
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
    return environment.get_template("report.html.j2").render(title=title, story=story, draw=draw)
