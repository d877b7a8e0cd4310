"""`pcm-sim attack`: attacks on a running car, and whether each was stopped."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pcm_agent.errors import LocalError
from simulator.cli.options import Live, Virtual, is_live

if TYPE_CHECKING:
    from simulator.attacks.attack import Attack
    from simulator.attacks.report import Result

ALL = "all"
NAMES = 25
"""So wide is the longest name of an attack."""


class AttackFormat(StrEnum):
    """How results are shown."""

    TEXT = "text"
    JSON = "json"


def _known(incomplete: str) -> list[str]:
    from simulator.attacks.table import ATTACKS

    return [name for name in (ALL, *ATTACKS) if name.startswith(incomplete)]


def attack(
    name: Annotated[
        str | None, typer.Argument(help="One attack, or `all`; a list where it is left out.", autocompletion=_known)
    ] = None,
    *,
    live: Live = False,
    virtual: Virtual = False,
    seed: Annotated[int, typer.Option(help="For everything that is drawn; the same seed gives the same run.")] = 1,
    broker: Annotated[str, typer.Option(help="auto, mosquitto, amqtt, or the URL of one of your own (live).")] = "auto",
    listed: Annotated[bool, typer.Option("--list", help="List them all, in a line each; none is made.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show what went wrong, and the verdict, only.")] = False,
    form: Annotated[AttackFormat, typer.Option("--format", help="For a terminal, or a program.")] = AttackFormat.TEXT,
) -> None:
    """Attack a running car, its packages and their way to it; status 1 if an attack was not stopped."""
    from simulator.attacks.report import Conditions, make_all

    live = is_live(live=live, virtual=virtual, default=False)
    if not live and broker != "auto":
        raise LocalError("option-without-use", "--broker is for live runs; virtual time needs none")
    if listed and name is not None:
        raise LocalError("options-exclude", f"--list makes no attack: leave {name} out, or --list")
    if name is None:
        _list(form, short=listed)
        return
    wanted, left_out = _chosen(name, live=live)
    results: list[Result] = []
    with Console(stderr=True, highlight=False).status("attacking …") as status:
        for result in make_all(wanted, Conditions(live, seed, broker, status.update)):
            results.append(result)
            if form is AttackFormat.TEXT and not (quiet and result.passed):
                _tell(result)
            status.update(f"attacking … {len(results)} of {len(wanted)}")
    _print(results, left_out, form, quiet=quiet)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _chosen(name: str, *, live: bool) -> "tuple[list[Attack], list[Attack]]":
    """The attacks that are made, and those that can't be made so."""
    from simulator.attacks.table import ATTACKS, attack_named

    if name == ALL:
        return (
            [attack for attack in ATTACKS.values() if live or not attack.live_only],
            [attack for attack in ATTACKS.values() if not live and attack.live_only],
        )
    one = attack_named(name)
    if one.live_only and not live:
        raise LocalError("attack-live-only", f"{name} needs real sockets: say --live too")
    return [one], []


def _list(form: AttackFormat, *, short: bool) -> None:
    if form is AttackFormat.JSON:
        told = [{field: getattr(it, field) for field in ("name", "tried", "stopped_at", "code")} for it in _all()]
        typer.echo(msgspec.json.format(msgspec.json.encode(told), indent=2))
        return
    for it in _all():
        if short:
            _entry(it.name, _place(it.stopped_at, it.code))
        else:
            _entry(it.name, it.tried, f"must be stopped at {_place(it.stopped_at, it.code)}")


def _all() -> "Iterable[Attack]":
    from simulator.attacks.table import ATTACKS

    return ATTACKS.values()


def _print(results: "list[Result]", left_out: "list[Attack]", form: AttackFormat, *, quiet: bool) -> None:
    if form is AttackFormat.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(results), indent=2))
        return
    _conclude(Console(highlight=False, markup=False), results, left_out, quiet=quiet)


def _tell(it: "Result") -> None:
    """One attack, as soon as it is over."""
    where = f"stopped at {_place(it.stopped_at, it.code)}" if it.stopped else "NOT STOPPED"
    healed = "the car healed" if it.healed else "the car did NOT heal"
    _entry(it.name, it.tried, f"{where}; {healed}", *it.problems, style=None if it.passed else "red")


def _entry(name: str, *rows: str, style: str | None = None) -> None:
    """A name, and beside it what is said of it, broken where the terminal is narrow."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, width=NAMES)
    table.add_column(overflow="fold")
    for number, row in enumerate(rows):
        table.add_row("" if number else name, row, style=style)
    Console(highlight=False, markup=False).print(table)


def _place(where: str, code: str) -> str:
    return f"{where} [{code}]" if code else where


def _conclude(console: Console, results: "list[Result]", left_out: "list[Attack]", *, quiet: bool) -> None:
    stopped, well = sum(it.stopped for it in results), sum(it.healed for it in results)
    console.print(
        f"{'' if quiet else chr(10)}{stopped} of {len(results)} attacks stopped, {well} of {len(results)} cars healed"
    )
    for one in () if quiet else left_out:
        console.print(f"left out: {one.name}, which needs --live", style="dim")
