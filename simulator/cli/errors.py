"""`pcm-sim errors`: what a code means, and what to do about it."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pcm_agent.texts import LANGUAGES

if TYPE_CHECKING:
    from simulator.errors import Meaning


class ErrorFormat(StrEnum):
    """How codes are shown."""

    TEXT = "text"
    JSON = "json"


WHO = {"driver": "the driver", "peer": "car and backend", "engineer": "whoever runs pcm-sim"}


def errors(
    code: Annotated[str | None, typer.Argument(help="One code; all of them where it is left out.")] = None,
    *,
    form: Annotated[ErrorFormat, typer.Option("--format", help="For a terminal, or a program.")] = ErrorFormat.TEXT,
) -> None:
    """Say what the code of an error, refusal or condition means, and what to do."""
    from simulator.errors import as_json, meaning, meanings

    one = None if code is None else meaning(code)
    if form is ErrorFormat.JSON:
        told = as_json(one) if one else [as_json(it) for it in meanings().values()]
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif one:
        _show(one)
    else:
        _list()


def _show(it: "Meaning") -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{it.code}[/]  [dim]{it.group}[/]")
    table = _grid()
    rows = {"what happened": it.means, "what to do": it.do, "who meets it": WHO[it.who], "rule": ", ".join(it.rule)}
    rows |= {f"on the screen, {language}": "\n".join(it.sentences(language)) for language in LANGUAGES}
    for name, text in rows.items():
        if text:
            table.add_row(f"[dim]{name}[/]", text)
    console.print(table)


def _list() -> None:
    from simulator.errors import groups

    console = Console(highlight=False)
    for title, codes in groups():
        console.print(f"\n[bold]{title}[/]")
        table = _grid()
        for it in codes:
            table.add_row(it.code, it.means)
        console.print(table)


def _grid() -> Table:
    """Two columns; on a narrow terminal the second one is broken, wherever its language has no blanks too."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
