"""`pcm-sim packages`: the keys and repositories that cars believe."""

import asyncio
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from firmware_profiles import check_vin
from pcm_agent.errors import LocalError, TransportError
from simulator.cli.processes import state_folder, trust_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Group
    from rich.table import Table

    from simulator.packages import Answer
    from simulator.repository import Release
    from simulator.repository.audit import Finding


class Form(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"


FolderOption = Annotated[Path | None, typer.Option("--folder", help="Where the repositories are.", show_default=False)]
FormOption = Annotated[Form, typer.Option("--format", help="For a terminal, or for a program.")]
AtOption = Annotated[
    datetime | None,
    typer.Option("--at", help="Look as of this instant (UTC).", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
]

app = typer.Typer(no_args_is_help=True, help="Make keys and repositories, sign functions, see what a car would get.")


@app.command()
def init(
    folder: Annotated[Path | None, typer.Argument(help="An empty or new folder.", show_default=False)] = None,
) -> None:
    """Make all keys, both roots, and an Image repository without images."""
    from simulator.packages import make_repositories

    place = folder or _default()
    make_repositories(place, _now())
    typer.echo(f"{place}: Director and Image repository are ready.")
    typer.echo(f"{place / 'keys' / 'offline'}: lock these keys away; a running backend needs online/ only.")


@app.command()
def add(
    function: Annotated[str, typer.Argument(help="The function's name.")],
    file: Annotated[Path, typer.Argument(help="The image.")],
    *,
    version: Annotated[str, typer.Option("--version", help="Name of the release.")],
    counter: Annotated[int, typer.Option("--counter", help="Release counter: higher than any before.", min=0)],
    hardware_id: Annotated[list[str], typer.Option("--hardware-id", help="What it may be installed on; repeatable.")],
    precondition: Annotated[
        list[str] | None, typer.Option(help="Of the installation, as docs/packages.md names them; repeatable.")
    ] = None,
    delta_from: Annotated[
        list[str] | None, typer.Option(help="Version from which cars may take a delta; repeatable.")
    ] = None,
    folder: FolderOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Sign a release of a function with the function's offline key."""
    from simulator.packages import deltas_from, open_repositories

    image, content = open_repositories(folder or _default()).image, _content(file)
    release = image.add(
        function,
        version,
        content,
        _now(),
        release_counter=counter,
        hardware_ids=hardware_id,
        preconditions=precondition or (),
        deltas=deltas_from(image, function, delta_from or (), content),
    )
    told = f"{release.path}: release {counter}, {release.length} bytes, SHA-256 {release.sha256}"
    _print(told, release, form)
    if form is Form.TEXT:
        _tell_deltas(release)
    _warn_of_unknown(precondition or ())


def _tell_deltas(release: "Release") -> None:
    for delta in release.custom.deltas:
        typer.echo(f"{delta.path}: {delta.length} bytes, {100 * delta.length // release.length} % of the image")


def _warn_of_unknown(preconditions: "Iterable[str]") -> None:
    from pcm_agent.core.rules.preconditions import BY_NAME

    for name in sorted(set(preconditions) - BY_NAME.keys()):
        typer.echo(f"{name}: cars of this version do not know it and will never install the release", err=True)


@app.command()
def assign(
    vin: Annotated[str, typer.Argument(help="The car.")],
    function: Annotated[str, typer.Argument(help="The function.")],
    *,
    offer: Annotated[str, typer.Option("--offer", help="Name of the order.")],
    version: Annotated[str | None, typer.Option("--version", help="Another release than the newest.")] = None,
    days: Annotated[int, typer.Option("--days", help="How long it can be downloaded.", min=1)] = 28,
    ecu_serial: Annotated[
        str | None, typer.Option("--ecu-serial", help="Another control unit than the one that the car has.")
    ] = None,
    hardware_id: Annotated[
        str | None, typer.Option("--hardware-id", help="Of a car that nobody knows yet.", show_default=False)
    ] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Let the driver agree first.")] = False,
    trust: Annotated[
        Path | None,
        typer.Option(help="File of what cars trust; beside it, in `cars`, stands which unit is in which car."),
    ] = None,
    folder: FolderOption = None,
) -> None:
    """Let the Director say that a car is to have a function; it is for the unit that the car's agent has recorded."""
    from simulator.assigning import unit_meant
    from simulator.packages import open_repositories
    from simulator.units import FolderUnits

    check_vin(vin)
    repositories = open_repositories(folder or _default())
    release = repositories.image.release(function, version)
    units = FolderUnits((trust or trust_file()).parent / "cars")
    ecu, warnings = unit_meant(repositories, units, vin, ecu_serial, hardware_id)
    if ecu.hardware_id not in release.custom.hardware_ids:
        known = ", ".join(release.custom.hardware_ids)
        raise LocalError("hardware-unknown", f"{release.path} is for {known}, not for {ecu.hardware_id}")
    repositories.director.register(ecu, _now())
    until = _now() + timedelta(days=days)
    repositories.director.assign(vin, release, offer, until, _now(), consent="ask" if ask else "ordered")
    typer.echo(f"{vin}: {release.path} for {ecu.serial}, until {until:%Y-%m-%d}")
    for warning in warnings:
        typer.echo(warning, err=True)


@app.command()
def remove(
    vin: Annotated[str, typer.Argument(help="The car.")],
    offer: Annotated[str, typer.Argument(help="Name of the order.")],
    *,
    folder: FolderOption = None,
) -> None:
    """Let the Director say that a car is to take out what an order brought."""
    from simulator.packages import open_repositories

    _check_name(offer)
    new = open_repositories(folder or _default()).director.remove(vin, offer, _now())
    typer.echo(f"{vin}: {offer} is to be removed" + ("" if new else ", as before"))


@app.command()
def sign(
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="And, for another year, all that offline keys sign.")
    ] = False,
    folder: FolderOption = None,
) -> None:
    """Sign anew, for another day, all that online keys have signed."""
    from simulator.packages import open_repositories

    repositories = open_repositories(folder or _default())
    if offline:
        repositories.renew(_now())
        typer.echo("roots, targets and functions: signed")
    for name in repositories.refresh(_now(), force=True):
        typer.echo(f"{name}: signed")


@app.command()
def rotate(
    role: Annotated[str, typer.Argument(help="image/ROLE, image/FUNCTION or director/ROLE.")],
    *,
    folder: FolderOption = None,
) -> None:
    """Replace the keys of a role; a new root bears the thresholds of the old and of the new keys."""
    from simulator.packages import open_repositories

    open_repositories(folder or _default()).rotate(role, _now())
    typer.echo(f"{role}: new keys; the old ones sign nothing any more")


@app.command()
def show(
    vin: Annotated[str, typer.Argument(help="The car.")],
    *,
    at: AtOption = None,
    folder: FolderOption = None,
    form: FormOption = Form.TEXT,
) -> None:
    """Show what a car would get, seen with the car's own eyes; status 1 if it would refuse."""
    from simulator.packages import answer_for, open_repositories

    answer = asyncio.run(answer_for(open_repositories(folder or _default()), vin, _instant(at)))
    _print(_answer(answer), answer, form)
    if answer.refusal is not None:
        raise typer.Exit(1)


@app.command()
def check(*, at: AtOption = None, folder: FolderOption = None, form: FormOption = Form.TEXT) -> None:
    """Check all signatures, dates and images, and each car's view of them; status 1 if anything is wrong."""
    from simulator.packages import examine, open_repositories

    findings = asyncio.run(examine(open_repositories(folder or _default()), _instant(at)))
    _print(_findings(findings), findings, form)
    if any(finding.problem for finding in findings):
        raise typer.Exit(1)


def _default() -> Path:
    return state_folder() / "backend" / "repositories"


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _instant(at: datetime | None) -> datetime:
    return _now() if at is None else at.replace(tzinfo=UTC)


def _check_name(offer: str) -> None:
    from pcm_agent.protocol.body import Name

    try:
        msgspec.convert(offer, Name)
    except msgspec.ValidationError as error:
        raise LocalError("name-unusable", f"{offer!r} can't be the name of an order: {error}") from error


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TransportError("image-unreadable", f"{file}: {error.strerror}") from error


def _print(text: "str | Group | Table", value: object, form: Form) -> None:
    from rich.console import Console

    if form is Form.JSON:
        typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
    else:
        Console(highlight=False, markup=False, soft_wrap=isinstance(text, str)).print(text)


def _answer(answer: "Answer") -> "str | Group | Table":
    from rich.console import Group

    removed = f"to be removed: {', '.join(answer.removals)}"
    return Group(_assigned(answer), removed) if answer.removals else _assigned(answer)


def _assigned(answer: "Answer") -> "str | Table":
    car = f"{answer.vin} · {answer.ecu_serial} · {answer.hardware_id}"
    if answer.refusal is not None:
        return f"{car}: would refuse: {answer.refusal[1]} [{answer.refusal[0]}]"
    if not answer.assignments:
        return f"{car}: nothing is assigned"
    table = _table(car, "function", "version", "release", "bytes", "SHA-256", "order", "until", "consent")
    for each in answer.assignments:
        numbers = (str(each.release_counter), str(each.length), each.sha256[:16])
        until = f"{each.not_after:%Y-%m-%d}"
        table.add_row(each.function, each.version, *numbers, each.offer_id, until, each.consent)
    return table


def _findings(findings: "list[Finding]") -> "Group":
    from rich.console import Group

    table = _table("", "what", "version", "keys", "expires", "")
    for each in findings:
        keys = f"{each.threshold} of {each.keys}" if each.keys is not None else ""
        expires = f"{each.expires:%Y-%m-%d %H:%M}" if each.expires is not None else ""
        note = "wrong" if each.problem else "soon" if each.due else ""
        table.add_row(each.what, str(each.version or ""), keys, expires, note)
    wrong = [f"\n{each.what}\n  {each.problem}" for each in findings if each.problem]
    return Group(table, *wrong, "" if wrong else "\nall is well")


def _table(title: str, *columns: str) -> "Table":
    from rich.table import Table

    table = Table(
        title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="bold"
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
