"""`pcm-sim scenarios`: which there are, and what they prove. What `run` and it have in common: which are meant."""

import json
from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby
from textwrap import wrap
from typing import Annotated, TypedDict

import typer
from rich.console import Console

from pcm_agent.errors import LocalError
from simulator.scenario.filling import PLACEHOLDER
from simulator.scenario.library import load_library, topics_by_name
from simulator.scenario.loader import SUFFIX, Cells, load_all, shipped_scenarios
from simulator.scenario.words import nearest


class Row(TypedDict):
    """What is told of a scenario."""

    name: str
    topic: str
    """Of a shipped one; "" of another."""
    title: str
    tags: list[str]
    requirements: list[str]
    cells: list[str]
    not_applicable: dict[str, str]


class Format(StrEnum):
    """How to print."""

    TABLE = "table"
    JSON = "json"


def _shipped(incomplete: str) -> list[str]:
    return [name for name in shipped_scenarios() if name.startswith(incomplete)]


Names = Annotated[
    list[str] | None,
    typer.Argument(
        help=(
            "Shipped scenarios by name, or files of your own; with \\[name=value,...] only these cells of the matrix."
        ),
        autocompletion=_shipped,
    ),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", help="Only scenarios with this tag; of all shipped ones where none is named."),
]


def chosen(names: Sequence[str] | None, tags: Sequence[str] | None) -> list[Cells]:
    """The scenarios that are meant.

    Raises:
        ScenarioError: what is wrong with any of them.
        LocalError: `tag-unknown`: none of them has such a tag.
    """
    found = load_all(names or shipped_scenarios())
    known = {tag for cells in found for tag in cells.head.tags}
    for tag in tags or ():
        if tag not in known:
            there = f"; there are: {', '.join(sorted(known))}" if known else ""
            raise LocalError("tag-unknown", f"no scenario has the tag {tag!r}{nearest(tag, known)}{there}")
    return [cells for cells in found if not tags or set(tags) & set(cells.head.tags)]


def scenarios(
    names: Names = None,
    *,
    tag: Tags = None,
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TABLE,
) -> None:
    """List scenarios, topic by topic, with their tags, the requirement rows that they prove, and their cells."""
    rows = [_row(cells) for cells in chosen(names, tag)]
    if form is Format.JSON:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False, soft_wrap=True)
    for topic, group in groupby(rows, key=lambda row: row["topic"]):
        console.print(f"[bold]{load_library().topics.get(topic, 'Of your own')}[/]\n")
        for row in group:
            _tell(console, row)


def _tell(console: Console, row: Row) -> None:
    """A scenario in a few lines: name and title, then what it is about and how many cells it has, then the rows."""
    absent = f" (+{len(row['not_applicable'])} n/a)" if row["not_applicable"] else ""
    count = f"{len(row['cells'])}{absent} {'cell' if len(row['cells']) == 1 else 'cells'}"
    console.print(row["name"], style="cyan", markup=False)
    for text in (readable(row["title"]), f"{count}: {', '.join(row['tags'])}", " ".join(row["requirements"])):
        for line in wrap(text, max(20, console.width - 4), break_long_words=False, break_on_hyphens=False):
            console.print(f"    {line}", markup=False)
    console.print()


def readable(title: str) -> str:
    """A title in which a name stands for the values of its cells: `On the road in a <profile>`."""
    return PLACEHOLDER.sub(r"<\1>", title)


def _row(cells: Cells) -> Row:
    head, name = cells.head, cells.file.removesuffix(SUFFIX)
    return Row(
        name=name if name in topics_by_name() else cells.file,
        topic=topics_by_name().get(name, ""),
        title=head.title,
        tags=list(head.tags),
        requirements=sorted(_requirements(cells)),
        cells=[cell.cell for cell in cells.there],
        not_applicable={absent.cell: absent.why for absent in cells.absent},
    )


def _requirements(cells: Cells) -> set[str]:
    """The rows of the scenario and of its steps, wherever they stand."""
    rows = set(cells.head.requirements)
    steps = [step for cell in cells.there for step in cell.scenario.steps]
    while steps:
        step = steps.pop()
        rows |= set(step.requirements)
        steps += [other for lane in step.parallel or () for other in lane]
    return rows
