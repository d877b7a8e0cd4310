"""The first difference of two traces: in what happened to each car and at its backend, whatever carried it."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

from simulator.trace import Record, details, domain_records
from simulator.traces.reading import TraceFile


class Parting(NamedTuple):
    """Where two traces part, in one lane: a car, or a car's backend.

    Attributes:
        lane: VIN, with ` backend` where it is about what the backend did.
        before: how many records of the lane are alike.
        one: of the first trace, None where it has no more.
        other: of the second one.
    """

    lane: str
    before: int
    one: Record | None
    other: Record | None


def partings(one: TraceFile, other: TraceFile) -> list[Parting]:
    """The first difference of each lane that has one, in the order of the first trace; what it has not comes last.

    Where the traces have as many cars and none in common, the cars are taken in their order, the first for the first.
    """
    renamed = dict(zip(_cars(other), _cars(one), strict=True)) if _are_strangers(one, other) else {}
    ours, theirs = domain_records(one.records), _renamed(domain_records(other.records), renamed)
    lanes = dict.fromkeys((*ours, *theirs))
    found = [it for lane in lanes if (it := _parting(lane, ours.get(lane, []), theirs.get(lane, []), renamed))]
    return sorted(found, key=lambda it: it.one.seq if it.one else len(one.records))


def _parting(lane: str, ours: list[Record], theirs: list[Record], renamed: dict[str, str]) -> Parting | None:
    for number, (mine, its) in enumerate(zip_longest(ours, theirs)):
        if mine is None or its is None or _what(mine) != _what(its, renamed):
            return Parting(lane, number, mine, its)
    return None


def _are_strangers(one: TraceFile, other: TraceFile) -> bool:
    ours, theirs = _cars(one), _cars(other)
    return len(ours) == len(theirs) and not set(ours) & set(theirs)


def _cars(trace: TraceFile) -> list[str]:
    return list(dict.fromkeys(record.car for record in trace.records if record.car))


def _renamed(lanes: dict[str, list[Record]], names: dict[str, str]) -> dict[str, list[Record]]:
    return {_with_names(lane, names.items()): records for lane, records in lanes.items()}


def _what(record: Record, names: dict[str, str] | None = None) -> tuple[str, str, str]:
    return record.kind, record.name, _with_names(details(record.data), (names or {}).items())


def _with_names(text: str, names: Iterable[tuple[str, str]]) -> str:
    for old, new in names:
        text = text.replace(old, new)
    return text
