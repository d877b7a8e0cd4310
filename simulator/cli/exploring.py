"""`pcm-sim explore`: random lives of random cars, judged by all laws."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from simulator.cli.running import command
from simulator.failures import told

if TYPE_CHECKING:
    from simulator.explore.exploring import Findings
    from simulator.explore.living import Lived

TELL_EVERY = 500
"""Lives after which a line is said where nobody sees a progress bar."""


def explore(
    seeds: Annotated[int, typer.Option(help="How many lives.", min=1)] = 1000,
    first: Annotated[int, typer.Option("--seed", help="Of the first life; the others follow.", min=0)] = 1,
    jobs: Annotated[int, typer.Option(help="Processes that live them side by side; 0: as many as cores.", min=0)] = 0,
    out: Annotated[Path, typer.Option(help="Folder for the scenario file of a life that breaks a law.")] = Path("out"),
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Live all of them; the first life that breaks each law is written.")
    ] = False,
) -> None:
    """Live random lives of random cars in virtual time, and see whether any breaks a law (docs/invariants.md).

    The first life that does is made short and written as a scenario; the same seed gives the same life.
    """
    from simulator.explore.exploring import Findings
    from simulator.workers import cores

    console, findings = Console(highlight=False), Findings()
    try:
        _live(console, range(first, first + seeds), jobs or cores(), findings, keep_going=keep_going)
    finally:
        _conclude(console, findings, out)
    if findings.broken:
        raise typer.Exit(1)


def _live(console: Console, seeds: range, jobs: int, findings: "Findings", *, keep_going: bool) -> None:
    from simulator.explore.exploring import explore as explore_all

    with console.status("") as status:

        def tell(_: "Lived") -> None:
            words = f"{findings.lives} of {len(seeds)} lives, {len(findings.broken)} broke a law"
            if console.is_terminal:
                status.update(words)
            elif findings.lives % TELL_EVERY == 0:
                console.print(words, soft_wrap=True)

        explore_all(seeds, jobs, findings, tell, go_on=keep_going)


def _conclude(console: Console, findings: "Findings", out: Path) -> None:
    from simulator.explore.exploring import firsts

    for one in firsts(findings):
        _tell(console, one, out)
    number = len(findings.broken)
    colour = "red" if number else "green"
    console.print(
        f"[bold {colour}]{number} of {findings.lives} lives broke a law[/], {findings.steps} steps, "
        f"digest {findings.digest}",
        soft_wrap=True,
    )


def _tell(console: Console, one: "Lived", out: Path) -> None:
    """Make a life short, write it, and tell what it breaks and how to see that again."""
    from simulator.explore.exploring import lived_again, shrunk, write

    short = shrunk(one)
    path = write(short, out)
    console.print(f"[bold red]life {one.seed} breaks the law {one.law or '?'}[/]")
    for failure in lived_again(path, one.seed).failures or filter(None, [one.failure]):
        for line in told(failure, console.width):
            console.print(line, markup=False, soft_wrap=True)
    count = len(short.plain["steps"])
    console.print(f"  written: {path}, {count} steps of {one.steps}, after {short.runs} lives", markup=False)
    again = shlex.join([*command(), "run", str(path), "--virtual", "--seed", str(one.seed)])
    console.print(f"  again: {again}", markup=False, soft_wrap=True)
