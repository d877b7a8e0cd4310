"""`pcm-sim profiles` and `pcm-sim profile`: which cars there are, and what one of them is like."""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from firmware_profiles import Dispute, Profile, Way, load_disputes, load_profile, profile_names
from simulator.cars import as_json, facts, menus, model_years, name_of, page, paths, said, title
from simulator.cli.options import Assume, Line, ModelYear, car_choice, check_language


class ListFormat(StrEnum):
    """How the cars are listed."""

    TEXT = "text"
    MARKDOWN = "markdown"


class CarFormat(StrEnum):
    """How one car is shown."""

    TEXT = "text"
    JSON = "json"


def profiles(
    form: Annotated[ListFormat, typer.Option("--format", help="For a terminal, or as a page.")] = ListFormat.TEXT,
) -> None:
    """List the cars that can be simulated, with what the sources disagree about."""
    if form is ListFormat.MARKDOWN:
        typer.echo(page(), nl=False)
        return
    console = Console(highlight=False)
    console.print(_cars())
    console.print("\n[bold]where the sources disagree[/], and how to take another side")
    for dispute in load_disputes().values():
        console.print(f"\n{dispute.question}", markup=False)
        console.print(_sides(dispute))


def profile(
    name: Annotated[str | None, typer.Argument(help="A profile (see `profiles`), or a file of your own.")] = None,
    *,
    line: Line = None,
    model_year: ModelYear = None,
    assume: Assume = None,
    language: Annotated[str, typer.Option(help="What the menus read: ja, en or de.")] = "en",
    form: Annotated[CarFormat, typer.Option("--format", help="For a terminal, or for a program.")] = CarFormat.TEXT,
) -> None:
    """Show one car: what it has, where its settings are, and who says so."""
    check_language(language)
    choice = car_choice(name, line, model_year, assume)
    car = choice.resolve()
    if form is CarFormat.JSON:
        typer.echo(json.dumps(as_json(car, language, choice.assume), indent=2, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print(f"[bold]{title(car)}[/]  [dim]{car.name}[/]")
    if car.car.note:
        console.print(f"{car.car.note} [dim]({said(car.sources['car.note'])})[/]")
    console.print()
    console.print(_facts(car))
    console.print("\n[bold]menus[/]")
    console.print(_menus(car, language))


def _cars() -> Table:
    columns = ("profile", "car", "years", "ways to data", "linked by", "roaming")
    table = _table(*columns, whole=("profile", "years", "linked by", "roaming"))
    table.padding = (0, 1, 0, 0)
    for name in profile_names():
        car = load_profile(name)
        table.add_row(name, name_of(car), model_years(car), _ways(car), car.account.linking, car.data.roaming)
    table.caption = "all three: embedded SIM, inserted SIM, hotspot; which of them exist depends on the country too"
    table.caption_justify = "left"
    return table


def _ways(car: Profile) -> str:
    return (
        "all three"
        if set(car.data.ways) == set(Way)
        else ", ".join(way.replace("-sim", " SIM") for way in car.data.ways)
    )


def _sides(dispute: Dispute) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=2)
    table.add_column(width=38, no_wrap=True)
    table.add_column()
    for reading, told in dispute.readings.items():
        taken = reading == dispute.default
        how = "[dim]taken where nothing is said[/]" if taken else f"--assume {dispute.id}={reading}"
        table.add_row("", how, f"{told.says} [dim]({', '.join(told.source)})[/]")
    return table


def _facts(car: Profile) -> Table:
    table = _table("what", "value", "source")
    for fact in facts(car):
        table.add_row(fact.title, fact.value, _source(fact.source))
        for reading, source in fact.others:
            table.add_row("", f"[dim]or {reading}[/]", f"[dim]{source}[/]")
    return table


def _menus(car: Profile, language: str) -> Table:
    table = _table("setting", "path", "source")
    for menu, path in menus(car, language):
        key = f"menus.{menu}"
        table.add_row(menu, path, _source(said(car.sources[key])))
        for other, source in paths(car, key, language):
            table.add_row("", f"[dim]or {other}[/]", f"[dim]{source}[/]")
    return table


def _source(text: str) -> str:
    return f"[yellow]{text}[/]" if text.startswith("assumed") else text


def _table(*columns: str, whole: Sequence[str] = ()) -> Table:
    """A plain table; on a narrow terminal lines are broken, but not in the columns that are to stay whole."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=column in whole, overflow="fold")
    return table
