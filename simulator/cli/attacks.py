"""`pcm-sim attack`: attacks on a running car, and whether each was stopped."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pcm_agent.errors import LocalError

if TYPE_CHECKING:
    from simulator.attacks.attack import Attack
    from simulator.attacks.report import Result

ALL = "all"


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
    live: Annotated[
        bool, typer.Option("--live/--virtual", help="With sockets, files and a broker; or in virtual time.")
    ] = False,
    seed: Annotated[int, typer.Option(help="For everything that is drawn; the same seed gives the same run.")] = 1,
    broker: Annotated[str, typer.Option(help="auto, mosquitto, amqtt, or the URL of one of your own (live).")] = "auto",
    form: Annotated[AttackFormat, typer.Option("--format", help="For a terminal, or a program.")] = AttackFormat.TEXT,
) -> None:
    """Attack a running car, its packages and their way to it; status 1 if an attack was not stopped."""
    from simulator.attacks.report import Conditions, make_all

    if not live and broker != "auto":
        raise LocalError("option-without-use", "--broker is for live runs; virtual time needs none")
    if name is None:
        _list(form)
        return
    wanted, left_out = _chosen(name, live=live)
    results: list[Result] = []
    with Console(stderr=True, highlight=False).status("attacking …") as status:
        for result in make_all(wanted, Conditions(live, seed, broker, status.update)):
            results.append(result)
            status.update(f"attacking … {len(results)} of {len(wanted)}")
    _print(results, left_out, form)
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


def _list(form: AttackFormat) -> None:
    if form is AttackFormat.JSON:
        told = [{field: getattr(it, field) for field in ("name", "tried", "stopped_at", "code")} for it in _all()]
        typer.echo(msgspec.json.format(msgspec.json.encode(told), indent=2))
        return
    table = _table("attack", "what is tried", "must be stopped at", "code")
    for it in _all():
        table.add_row(it.name, it.tried, it.stopped_at, it.code or "–")
    Console(highlight=False, markup=False).print(table)


def _all() -> "Iterable[Attack]":
    from simulator.attacks.table import ATTACKS

    return ATTACKS.values()


def _print(results: "list[Result]", left_out: "list[Attack]", form: AttackFormat) -> None:
    if form is AttackFormat.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(results), indent=2))
        return
    console = Console(highlight=False, markup=False)
    table = _table("attack", "what was tried", "stopped at", "code", "healed")
    for it in results:
        where, healed = it.stopped_at if it.stopped else "NOT STOPPED", "yes" if it.healed else "NO"
        table.add_row(it.name, it.tried, where, it.code or "–", healed, style=None if it.passed else "red")
    console.print(table)
    for it in results:
        for problem in it.problems:
            console.print(f"{it.name}: {problem}", style="red", soft_wrap=True)
    _conclude(console, results, left_out)


def _conclude(console: Console, results: "list[Result]", left_out: "list[Attack]") -> None:
    stopped, well = sum(it.stopped for it in results), sum(it.healed for it in results)
    console.print(f"\n{stopped} of {len(results)} attacks stopped, {well} of {len(results)} cars healed")
    for one in left_out:
        console.print(f"left out: {one.name}, which needs --live", style="dim")


def _table(*columns: str) -> Table:
    """Without lines; on a narrow terminal each column is broken."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
