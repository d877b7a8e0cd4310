"""`pcm-sim run`: scenarios, live or virtual."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from firmware_profiles import check_vin, load_countries
from pcm_agent.errors import LocalError, TransportError
from pcm_agent.texts import render
from simulator.choice import CarChoice, market_of
from simulator.cli.calling import called
from simulator.cli.options import (
    Assume,
    Line,
    Live,
    ModelYear,
    OtherCountry,
    Virtual,
    car_choice,
    check_places,
    is_live,
)
from simulator.cli.scenarios import Names, Tags, chosen
from simulator.failures import told
from simulator.files import why_unwritable
from simulator.report.progress import RunBar
from simulator.scenario.loader import LoadedScenario
from simulator.scenario.verdict import Refused
from simulator.timeline import CarLabel, Timeline
from simulator.trace import Record

if TYPE_CHECKING:
    from simulator.session import Options, Outcome


MOST_REFUSALS = 10
"""So many unexpected refusals are told, each with its place."""
WORTH_WORKERS = 24
"""Fewer scenarios are over before processes have begun."""


def run(
    scenarios: Names = None,
    *,
    tag: Tags = None,
    whole: Annotated[bool, typer.Option("--all", help="All shipped scenarios.")] = False,
    live: Live = False,
    virtual: Virtual = False,
    seed: Annotated[int, typer.Option(help="For everything that is drawn; the same seed gives the same run.")] = 1,
    speed: Annotated[
        float, typer.Option(help="Seconds of the simulation in a real one (live); inf: no waiting.", min=0.01)
    ] = 1.0,
    broker: Annotated[str, typer.Option(help="auto, mosquitto, amqtt, or the URL of one of your own (live).")] = "auto",
    profile: Annotated[str | None, typer.Option(help="Take this car in place of the scenario's.")] = None,
    line: Line = None,
    model_year: ModelYear = None,
    assume: Assume = None,
    country: OtherCountry = None,
    trace: Annotated[Path | None, typer.Option(help="Write all that happens to this file (JSONL).")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page about the run to this file (HTML).")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdicts to this file (JUnit XML).")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show messages on the wire too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show the verdict only.")] = False,
    jobs: Annotated[
        int, typer.Option(help="Processes that run scenarios side by side (virtual); 0: as many as are of use.", min=0)
    ] = 0,
) -> None:
    """Run scenarios; each has a car of its own."""
    from simulator.session import Options
    from simulator.workers import cores

    live = is_live(live=live, virtual=virtual, default=True)
    check_places(trace=trace, report=report, junit=junit)
    if whole == bool(scenarios) and not tag:
        raise typer.BadParameter("name a scenario, or a --tag, or take --all", param_hint="SCENARIOS")
    cells = chosen(None if whole else scenarios, tag)
    loaded = [cell for found in cells for cell in found.there]
    absent = {f"{found.file}[{cell.cell}]": cell.why for found in cells for cell in found.absent}
    if not live and (speed, broker) != (1.0, "auto"):
        raise LocalError("option-without-use", "--speed and --broker are for live runs; virtual time needs neither")
    if live and jobs:
        raise LocalError("option-without-use", "--jobs is for virtual time; live scenarios run one after the other")
    jobs = jobs or (cores() if not live and len(loaded) >= WORTH_WORKERS else 1)
    car = car_choice(profile, line, model_year, assume)
    _check(loaded, car, country)
    options = Options(live, seed, speed, broker, car, country, trace, absent=absent, jobs=jobs)
    passed = _run(loaded, options, report, junit, verbose=verbose, quiet=quiet)
    _tell_absent(Console(highlight=False), absent, verbose=verbose)
    if not passed:
        raise typer.Exit(1)


def _run(
    loaded: list[LoadedScenario],
    options: "Options",
    report: Path | None,
    junit: Path | None,
    *,
    verbose: bool,
    quiet: bool,
) -> bool:
    """Run, show and write; whether all held."""
    from simulator.session import Outcome
    from simulator.session import run as run_session

    written = [path for path in (report, junit) if path is not None]
    for path in written:
        _prepare(path)
    console = Console(highlight=False)
    cars: dict[str, CarLabel] = {}
    timeline = Timeline(console, cars, render=render, verbose=verbose)
    outcome = Outcome([], [])
    bar = RunBar(console, len(loaded))
    listeners: list[Callable[[Record], None]] = [lambda record: _meet(cars, record), bar]
    if not quiet:
        listeners.append(timeline)
    try:
        with bar:
            run_session(loaded, options, listeners, _log(console, quiet=quiet), outcome)
    finally:
        timeline.close()
        if outcome.records:  # of a run that broke off, too
            _write(outcome, cars, loaded, report, junit)
            written = [*([options.trace] if options.trace else []), *written]
            _conclude(console, outcome, loaded, options, written, shown=not quiet)
    return outcome.passed


def _log(console: Console, *, quiet: bool) -> Callable[[str], None]:
    """What was started, in a dim line; nothing where only the verdict is wanted."""

    def log(text: str) -> None:
        if not quiet:
            console.print(text, style="dim", markup=False)

    return log


def _check(loaded: list[LoadedScenario], car: CarChoice, country: str | None) -> None:
    """Let wrong options be errors before anything is started."""
    cell = next((item for item in loaded if item.cell), None)
    if cell is not None and (car.names_a_car or country):
        said = f"{cell.file} has a matrix, which says what its cars are; name its cells, as in {cell.name!r}"
        raise LocalError("options-exclude", f"no other car or country can be chosen: {said}")
    for wanted in (item.car for item in loaded):
        car.over(wanted.choice).resolve()
        market = market_of(country or wanted.country)
        if wanted.vin is not None:
            check_vin(wanted.vin, market)


def _prepare(path: Path) -> None:
    """Let a bad place of a file that is written at the end be an error at the beginning."""
    try:
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise TransportError("report-unwritable", why_unwritable(path, error)) from error


def _meet(cars: dict[str, CarLabel], record: Record) -> None:
    """Learn a car's name and language from its scenario's record."""
    if record.kind == "scenario":
        for name, data in (record.data.get("cars") or {"": record.data}).items():
            market = load_countries()[data["country"]]
            label = f"{name}: " * bool(name) + f"{data['model']} · {market.name.en}"
            cars[data["vin"]] = CarLabel(label, data["language"])


def _write(
    outcome: "Outcome", cars: dict[str, CarLabel], loaded: list[LoadedScenario], report: Path | None, junit: Path | None
) -> None:
    """Write what there is."""
    again = [shlex.join([*command(), *verdict.again]) for verdict in outcome.verdicts]
    if report is not None:
        from simulator.report import write_report

        title = loaded[0].scenario.title if len(loaded) == 1 else f"A run of {len(loaded)} scenarios"
        write_report(report, outcome.records, title=title, cars=cars, render=render, again=again)
    if junit is not None:
        from simulator.junit import write_junit

        write_junit(junit, outcome.records, again=again, taken=[verdict.taken for verdict in outcome.verdicts])


def _conclude(
    console: Console,
    outcome: "Outcome",
    loaded: list[LoadedScenario],
    options: "Options",
    written: list[Path],
    *,
    shown: bool,
) -> None:
    from simulator.session import again as again_with

    held = sum(verdict.held for verdict in outcome.verdicts)
    failed = [failure for verdict in outcome.verdicts for failure in verdict.failures]
    passed = sum(verdict.passed for verdict in outcome.verdicts)
    colour = "green" if passed == len(loaded) else "red"
    console.print()
    console.print(
        f"[bold {colour}]{passed} of {len(loaded)} scenarios passed[/], "
        f"{held} {'expectation' if held == 1 else 'expectations'} held, {len(failed)} failed"
    )
    for verdict in outcome.verdicts:
        known = shown and len(loaded) == 1  # it stands just above
        for line in (line for failure in verdict.failures for line in told(failure, console.width, known=known)):
            console.print(line, markup=False, soft_wrap=True)
        if verdict.failures and passed < len(outcome.verdicts) - 1:
            console.print(f"      alone: {shlex.join([*command(), *verdict.again])}", markup=False, soft_wrap=True)
    unexpected = sum((verdict.unexpected for verdict in outcome.verdicts), Counter[Refused]())
    for line in _unexpected_words(unexpected) if unexpected else ():
        console.print(line, markup=False, soft_wrap=True)
    if failed:
        which = [item for item, verdict in zip(loaded, outcome.verdicts, strict=False) if not verdict.passed]
        again = shlex.join([*command(), *again_with(which, options)])
        console.print(f"  again: {again}", markup=False, soft_wrap=True)
    for path in written:
        console.print(f"[dim]written: {path}[/]")


def _tell_absent(console: Console, absent: Mapping[str, str], *, verbose: bool) -> None:
    """How many cells cannot exist, and which."""
    if absent:
        console.print(f"  not applicable: {len(absent)} {'cell' if len(absent) == 1 else 'cells'}", markup=False)
    for name, why in absent.items() if verbose else ():
        console.print(f"    {name}: {why}", markup=False, soft_wrap=True)


def _unexpected_words(refusals: Counter[Refused]) -> Iterator[str]:
    """Not a failure, but worth a look: the scenario may not do what it seems to."""
    number = refusals.total()
    yield f"  {number} {'refusal' if number == 1 else 'refusals'} that nothing expected:"
    for (code, place), count in [*refusals.items()][:MOST_REFUSALS]:
        yield f"    {place}: {code}" + (f" (×{count})" if count > 1 else "")
    if len(refusals) > MOST_REFUSALS:
        yield f"    and {len(refusals) - MOST_REFUSALS} more places; the report and the trace have all"


def command() -> list[str]:
    """How this command is called where the output is read."""
    return [called()]
