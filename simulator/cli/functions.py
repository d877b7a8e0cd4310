"""A hint where the name of a function is nearly one that the store knows; any other name may be meant."""

import typer

from simulator.scenario.words import nearest


def warn_of_typo(function: str) -> None:
    """Say on standard error that a name that the catalogue does not have is nearly one that it has."""
    from simulator.backend.catalogue import load_catalogue

    known = load_catalogue().functions
    hint = "" if function in known else nearest(function, known)
    if hint:
        typer.echo(f"{function}: the store's catalogue has no such function{hint}", err=True)
