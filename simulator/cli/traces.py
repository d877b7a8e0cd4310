"""`pcm-sim trace`, `replay`: what was written down of a run or a live session."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from pcm_agent.errors import LocalError

if TYPE_CHECKING:
    from simulator.traces.filtering import Filter
    from simulator.traces.reading import TraceFile
    from simulator.traces.replay import Replay

File = Annotated[Path, typer.Argument(metavar="TRACE", help="What `--trace` or `record` wrote (JSONL).")]


class TraceFormat(StrEnum):
    """How a trace is shown."""

    TIMELINE = "timeline"
    LINES = "lines"
    JSON = "json"


class ReplayFormat(StrEnum):
    """How the result of a replay is told."""

    TEXT = "text"
    JSON = "json"


def replay(
    trace: File,
    *,
    form: Annotated[ReplayFormat, typer.Option("--format", help="For a terminal, or a program.")] = ReplayFormat.TEXT,
) -> None:
    """Feed each car's core with the events of a trace, and say where it answers otherwise than is on record.

    Exit status 1: it does. Messages are compared too, where they are the core's. Secrets are masked in traces and have
    stand-ins; what the core makes of a password's length or a pairing code's digits is taken from the trace.
    """
    from simulator.traces.reading import read
    from simulator.traces.replay import replay as play
    from simulator.traces.words import replay_words

    file = read(trace)
    result = play(file)
    if form is ReplayFormat.JSON:
        typer.echo(json.dumps(_as_json(file, result), ensure_ascii=False))
    else:
        for line in replay_words(file, result):
            typer.echo(line)
    if result.difference is not None:
        raise typer.Exit(1)


def _as_json(file: "TraceFile", result: "Replay") -> dict[str, object]:
    found = result.difference
    difference = found and {
        "line": file.records.index(found.at) + 1,
        "time": found.at.time.isoformat(),
        "car": found.at.car,
        "expected": found.expected,
        "found": found.found,
        "history": [file.records.index(record) + 1 for record in found.history],
    }
    counts = {"events": result.events, "cars": len(result.cars), "messages": result.messages}
    return {**counts, "stand_ins": result.stood_in, "cut_off": file.cut_off, "difference": difference}


def trace(
    trace: File,
    *,
    car: Annotated[list[str] | None, typer.Option(metavar="VIN", help="Only this car; its VIN's end will do.")] = None,
    kind: Annotated[list[str] | None, typer.Option(metavar="KIND", help="Only records of this kind.")] = None,
    name: Annotated[list[str] | None, typer.Option(metavar="PATTERN", help="Only names like '*Changed'.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="From this time on: 08:05 or ISO.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Up to this time.")] = None,
    cause: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="What led to a record, and what followed.")
    ] = None,
    compare: Annotated[Path | None, typer.Option(metavar="OTHER", help="Say where two traces part.")] = None,
    scenario: Annotated[bool, typer.Option("--scenario", help="Make the skeleton of a scenario of it (YAML).")] = False,
    form: Annotated[TraceFormat | None, typer.Option("--format", help="timeline, lines or json.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show messages on the wire too.")] = False,
) -> None:
    """Show a trace or a part of it, compare it with another one, or make a scenario of it.

    Exit status 1: what happened in the two traces differs. A trace of another format is shown as far as it goes.
    """
    from simulator.traces.filtering import Filter, check_kinds, instant, related_to
    from simulator.traces.reading import read
    from simulator.traces.skeleton import skeleton

    file = read(trace)
    if compare is not None:
        _compare(file, read(compare))
        return
    if scenario:
        typer.echo(skeleton(file, _one_car(file, car)), nl=False)
        return
    check_kinds(kind or (), file.records)
    wanted = Filter(
        tuple(car or ()),
        tuple(kind or ()),
        tuple(name or ()),
        instant(since, file.records) if since else None,
        instant(until, file.records) if until else None,
        related_to(cause, file.records) if cause is not None else None,
    )
    numbered = cause is not None or not file.current
    _show(file, wanted, form or (TraceFormat.LINES if numbered else TraceFormat.TIMELINE), verbose=verbose)


def _one_car(file: "TraceFile", cars: list[str] | None) -> str | None:
    """The VIN that ends so.

    Raises:
        LocalError: `car-not-in-trace`.
    """
    if not cars:
        return None
    known = list(dict.fromkeys(record.car for record in file.records if record.kind == "car"))
    found = [vin for vin in known if vin.endswith(cars[0])]
    if len(cars) == len(found) == 1:
        return found[0]
    raise LocalError("car-not-in-trace", f"a scenario is about one car of the trace; there is: {', '.join(known)}")


def _show(file: "TraceFile", wanted: "Filter", form: TraceFormat, *, verbose: bool) -> None:
    from simulator.traces.filtering import there_is
    from simulator.traces.showing import UNSAID, as_json, as_lines, as_timeline

    if not file.current:
        typer.echo(f"{file.problem}; shown as far as it is understood", err=True)
    if form is TraceFormat.TIMELINE:
        asked = verbose or bool(UNSAID & set(wanted.kinds))
        as_timeline(Console(highlight=False), file.records, wanted.wants, verbose=asked)
    else:
        records = [record for record in file.records if wanted.wants(record)]
        for line in as_json(records) if form is TraceFormat.JSON else as_lines(records):
            typer.echo(line)
    if not any(map(wanted.wants, file.records)):
        typer.echo(f"no record matches; {there_is(file.records)}", err=True)
    if file.cut_off is not None:
        typer.echo(f"{file.path} is cut off in line {file.cut_off}", err=True)


def _compare(one: "TraceFile", other: "TraceFile") -> None:
    """Say where two traces part, the first place first."""
    from simulator.traces.compare import partings
    from simulator.traces.words import parting_words

    for file in (one, other):
        if not file.current:
            typer.echo(f"{file.problem}; compared as far as it is understood", err=True)
    found = list(partings(one, other))
    for parting in found:
        for line in parting_words(one, other, parting):
            typer.echo(line)
    if found:
        raise typer.Exit(1)
    typer.echo("the same happened in both")
