"""`pcm-sim profiles`, `diagram`, `schema`, `--version`: what is there."""

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from firmware_profiles import load_profile, profile_names
from pcm_agent import __version__
from pcm_agent.errors import LocalError


class SchemaName(StrEnum):
    """What there is a schema of."""

    SCENARIO = "scenario"
    ASYNCAPI = "asyncapi"


def version(value: bool) -> None:
    """Print the version."""
    if value:
        typer.echo(f"pcm-sim {__version__}")
        raise typer.Exit


def profiles() -> None:
    """List the cars that can be simulated, with what the sources disagree about."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("profile", "car", "model years", "ways to data", "linked by", "roaming"):
        table.add_column(column)
    disputes: list[str] = []
    for name in profile_names():
        profile = load_profile(name)
        car, years = profile.car, profile.car.model_years
        table.add_row(
            name,
            f"{car.line}{f' generation {car.generation}' if car.generation else ''}",
            f"{years.first} to {years.last or 'now'}",
            ", ".join(profile.data.ways),
            profile.account.linking,
            profile.data.roaming,
        )
        for key, source in profile.sources.items():
            disputes += [
                f"{name}: {key}: {', '.join(source.seeds)} against {reading.value} ({', '.join(reading.seeds)})"
                for reading in source.disputed
            ]
    console = Console(highlight=False)
    console.print(table)
    if disputes:
        console.print("\n[bold]where the sources disagree[/]")
        for dispute in disputes:
            console.print(dispute, markup=False)


def diagram(
    region: Annotated[str | None, typer.Argument(help="One region; all of them where it is left out.")] = None,
    *,
    table: Annotated[bool, typer.Option("--table", help="Every state and event in a table (Markdown).")] = False,
) -> None:
    """Draw the state diagram of a region from its table (Mermaid)."""
    from pcm_agent.core import diagram as drawn
    from pcm_agent.core.regions import REGIONS

    if region is not None and region not in REGIONS:
        raise LocalError("region-unknown", f"there is no region {region!r}; known are: {', '.join(REGIONS)}")
    for name in [region] if region else REGIONS:
        typer.echo(f"### {name}\n\n{drawn.table(REGIONS[name])}" if table else drawn.mermaid(REGIONS[name]))


def schema(
    name: Annotated[SchemaName, typer.Argument(help="What to describe.")] = SchemaName.SCENARIO,
) -> None:
    """Print the JSON Schema of scenario files, or the AsyncAPI document of the protocol."""
    from pcm_agent.protocol.asyncapi import document
    from simulator.scenario.schema import json_schema

    typer.echo(json.dumps(json_schema() if name is SchemaName.SCENARIO else document(), indent=2, ensure_ascii=False))
