"""`pcm-sim packages`: the keys and repositories that cars believe."""

import asyncio
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from firmware_profiles import check_vin
from pcm_agent.errors import LocalError, TransportError
from simulator.cli.functions import note_unknown
from simulator.cli.options import Form
from simulator.cli.processes import state_folder, trust_file
from simulator.cli.refusing import at_work

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.repository import Release
    from simulator.repository.image import ImageRepository


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
    from simulator.cli.package_words import show_rows
    from simulator.packages import deltas_from, open_repositories

    image, content = open_repositories(folder or _default()).image, _content(file)
    with at_work():
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
    show_rows([told, *_deltas(release)], release, form)
    _warn_of_unknown(precondition or ())
    note_unknown(function)


def _deltas(release: "Release") -> list[str]:
    told = "{}: {} bytes, {} % of the image"
    return [told.format(it.path, it.length, 100 * it.length // release.length) for it in release.custom.deltas]


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
    from simulator.units import units_beside

    check_vin(vin)
    repositories = open_repositories(folder or _default())
    units = units_beside(trust or trust_file())
    _check_name(offer)
    with at_work():
        release = _release(repositories.image, function, version)
        ecu, warnings = unit_meant(repositories, units, vin, ecu_serial, hardware_id)
        if ecu.hardware_id not in release.custom.hardware_ids:
            known = ", ".join(release.custom.hardware_ids)
            raise LocalError("hardware-unknown", f"{release.path} is for {known}, not for {ecu.hardware_id}")
        repositories.director.register(ecu, _now())
        until = _now() + timedelta(days=days)
        repositories.director.assign(vin, release, offer, until, _now(), consent="ask" if ask else "ordered")
    typer.echo(f"{vin}: {release.path} for {ecu.serial}, until {until:%Y-%m-%d %H:%M} UTC")
    for warning in warnings:
        typer.echo(warning, err=True)


@app.command()
def remove(
    vin: Annotated[str, typer.Argument(help="The car.")],
    offer: Annotated[str, typer.Argument(help="Name of the order.")],
    *,
    unlisted: Annotated[
        bool, typer.Option("--unlisted", help="Though the Director lists it no longer: another one took its place.")
    ] = False,
    folder: FolderOption = None,
) -> None:
    """Let the Director say that a car is to take out what an order brought."""
    from simulator.packages import open_repositories

    check_vin(vin)
    _check_name(offer)
    director = open_repositories(folder or _default()).director
    with at_work():
        if not unlisted and offer not in director.offers(vin):
            there = ", ".join(sorted(director.offers(vin))) or "none"
            raise LocalError(
                "order-not-listed",
                f"the Director says nothing of {offer} for {vin}; there is: {there}. Where the car has it of old, "
                "say --unlisted",
            )
        new = director.remove(vin, offer, _now())
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
    from simulator.cli.package_words import answer_rows, show_rows
    from simulator.packages import answer_for, open_repositories

    place = folder or _default()
    with at_work():
        answer = asyncio.run(answer_for(open_repositories(place), vin, _instant(at)))
    show_rows([*answer_rows(answer, shlex.quote(str(place)))], answer, form)
    if answer.refusal is not None:
        raise typer.Exit(1)


@app.command()
def check(*, at: AtOption = None, folder: FolderOption = None, form: FormOption = Form.TEXT) -> None:
    """Check all signatures, dates and images, and each car's view of them; status 1 if anything is wrong."""
    from simulator.cli.package_words import finding_rows, show_rows
    from simulator.packages import examine, open_repositories

    findings = asyncio.run(examine(open_repositories(folder or _default()), _instant(at)))
    show_rows([*finding_rows(findings)], findings, form)
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
        raise LocalError(
            "name-unusable", f"{offer!r} can't be the name of an order: small letters, digits, dots and hyphens"
        ) from error


def _release(image: "ImageRepository", function: str, version: str | None) -> "Release":
    """As `ImageRepository.release`; of a function that it does not know, those that it does are named."""
    from simulator.scenario.words import nearest

    known = sorted({release.custom.function for release in image.releases()})
    if function not in known:
        there = f"; there are: {', '.join(known)}" if known else ""
        raise LocalError("release-unknown", f"the Image repository has no {function}{nearest(function, known)}{there}")
    return image.release(function, version)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TransportError("image-unreadable", f"{file}: {error.strerror}") from error
