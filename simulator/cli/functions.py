"""A note where the store's catalogue lacks the name of a function; it may be one of the user's own."""

import typer

from simulator.scenario.functions import PAGE, sold
from simulator.scenario.words import nearest


def note_unknown(function: str) -> None:
    """Say on standard error that the catalogue does not have a name, and which of its names is nearest."""
    known = sold()
    if function not in known:
        typer.echo(f"{function}: nothing in {PAGE} is called so{nearest(function, known)}", err=True)
