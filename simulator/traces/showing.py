"""Shows records: as a timeline for people, one line each with its number, or as JSON."""

from collections.abc import Callable, Iterable, Sequence

import msgspec
from rich.console import Console

from firmware_profiles import load_countries
from pcm_agent.texts import LANGUAGES, render
from simulator.report.words import CarLabel
from simulator.timeline import Timeline
from simulator.trace import Record
from simulator.traces.told import told
from simulator.traces.words import moment

Wants = Callable[[Record], bool]
UNSAID = frozenset(("sent", "arrived", "note"))
"""Kinds that a timeline leaves out unless they are asked for."""


def as_timeline(console: Console, records: Sequence[Record], wants: Wants, *, verbose: bool) -> None:
    """Print those that are wanted as a run prints them; the others are read for what they say of these."""
    cars: dict[str, CarLabel] = {}
    for record in records:
        labelling(cars, record)
    timeline = Timeline(console, cars, render=render, verbose=verbose, wants=wants)
    for record in records:
        timeline(record)
    timeline.close()


def labelling(cars: dict[str, CarLabel], record: Record) -> None:
    """Learn from a car's own record how it is called; for a trace's listener."""
    if record.kind == "car":
        cars[record.car] = label_of(record)


def label_of(record: Record) -> CarLabel:
    """How the car of a `car` record is called, and which language it speaks."""
    country, language = load_countries().get(str(record.data.get("country"))), str(record.data.get("language"))
    name = str(record.data.get("model", record.name))
    return CarLabel(f"{name} · {country.name.en}" if country else name, language if language in LANGUAGES else "en")


def as_lines(records: Sequence[Record]) -> Iterable[str]:
    """One line each: number, cause, time, car and what happened; nothing of it needs a known kind."""
    width = len(str(max((record.seq for record in records), default=0)))
    for record in records:
        cause = f"← {record.cause}" if record.cause is not None else ""
        place = f"{record.seq:>{width}} {cause:<{width + 2}} {moment(record):<23} {record.car:<17}"
        yield f"{place} {told(record)}".rstrip()


def as_json(records: Iterable[Record]) -> Iterable[str]:
    """The records as they stand in a trace."""
    return (msgspec.json.encode(record).decode() for record in records)
