"""Which records of a trace somebody wants to see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from fnmatch import fnmatchcase
from typing import get_args

from pcm_agent.errors import LocalError
from simulator.scenario.words import nearest
from simulator.trace import Kind, Record


@dataclass(frozen=True)
class Filter:
    """What is wanted; all that is given must hold, of several cars, kinds or names one.

    Attributes:
        cars: VINs, or their ends.
        kinds: of records.
        names: patterns as a shell has them, such as `*Changed` or `*/event/package`.
        since: the first instant.
        until: the last one.
        related: numbers of records that belong to a cause; None: all.
    """

    cars: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    related: frozenset[int] | None = None

    def wants(self, record: Record) -> bool:
        """Whether it is one of those."""
        return (
            (not self.cars or any(record.car.endswith(car) for car in self.cars))
            and (not self.kinds or record.kind in self.kinds)
            and (not self.names or any(fnmatchcase(record.name, name) for name in self.names))
            and (self.since is None or record.time >= self.since)
            and (self.until is None or record.time <= self.until)
            and (self.related is None or record.seq in self.related)
        )


def check_kinds(kinds: Iterable[str], records: Sequence[Record]) -> None:
    """Let no kind pass that could only be mistyped; a trace of another version may have kinds of its own.

    Raises:
        LocalError: `kind-unknown`.
    """
    known = dict.fromkeys((*get_args(Kind), *(record.kind for record in records)))
    for kind in kinds:
        if kind not in known:
            said = f"there is no kind of record {kind!r}{nearest(kind, known)}; there are: {', '.join(known)}"
            raise LocalError("kind-unknown", said)


def there_is(records: Sequence[Record]) -> str:
    """What a trace has that could be asked for: its cars, its kinds, and its time."""
    cars = dict.fromkeys(record.car for record in records if record.car)
    kinds = dict.fromkeys(record.kind for record in records)
    times = f"{records[0].time:%Y-%m-%d %H:%M:%S} to {records[-1].time:%Y-%m-%d %H:%M:%S}"
    return f"cars: {', '.join(cars) or 'none'}; kinds: {', '.join(kinds)}; from {times}"


def instant(text: str, records: Sequence[Record]) -> datetime:
    """A time as somebody types it: an instant (ISO 8601, UTC where it says no zone), or a time of the first day.

    Raises:
        LocalError: `time-unreadable`.
    """
    first = records[0].time
    try:
        found = datetime.combine(first.date(), time.fromisoformat(text))
    except ValueError:
        found = _moment(text)
    return found if found.tzinfo else found.replace(tzinfo=first.tzinfo)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        said = f"{text!r} is no time; write 08:05, 08:05:30 or 2026-03-02T08:05:30Z"
        raise LocalError("time-unreadable", said) from None


def related_to(number: int, records: Sequence[Record]) -> frozenset[int]:
    """The numbers of what led to a record, of itself, and of all that followed from it.

    Raises:
        LocalError: `record-unknown`.
    """
    by_number = {record.seq: record for record in records}
    if number not in by_number:
        raise LocalError("record-unknown", f"there is no record {number}; they are numbered up to {records[-1].seq}")
    led = {number}
    cause = by_number[number].cause
    while cause in by_number and cause not in led:
        led.add(cause)
        cause = by_number[cause].cause
    followed = {number}
    for record in records:
        if record.cause in followed:
            followed.add(record.seq)
    return frozenset(led | followed)
