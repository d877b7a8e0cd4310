"""`pcm-sim diagram`, `schema`, `--version`: what is there."""

import json
from enum import StrEnum
from typing import Annotated

import typer

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
