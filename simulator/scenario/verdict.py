"""How a scenario ended, and what led to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from simulator.trace import Record

LAST = 5
"""So many of the last events are told."""
_TOLD = frozenset(("event", "transition", "refusal", "shown", "backend"))
_NOT_TOLD = frozenset(("DownloadProgressed", "TimerFired"))


class Happened(NamedTuple):
    """Something that happened before a failure.

    Attributes:
        record: what.
        causes: what led to it, the nearest first; a step of the scenario is the last.
    """

    record: Record
    causes: tuple[Record, ...]


@dataclass(frozen=True)
class Failure:
    """An expectation that did not hold, or a `do` that could not be done.

    Attributes:
        file: where the step was written.
        line: counted from 1.
        expected: in words.
        found: in words.
        cell: of the matrix, "" without one.
        story: the last that happened to the car, in order.
        law: the name of the law that was broken; "": it was no law.
        step: how many steps had begun.
        via: where the file was included, the nearest first, as `trip.pcm.yaml:7`.
    """

    file: str
    line: int
    expected: str
    found: str
    cell: str = ""
    story: tuple[Happened, ...] = ()
    law: str = ""
    step: int = 0
    via: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """File and line, with where that was included and the cell."""
        return place_of({"file": self.file, "line": self.line, "via": self.via}, self.cell)


def place_of(step: Mapping[str, Any], cell: str = "") -> str:
    """Where a step was written, as people read it: `file`, `line`, and where that was included, `via`; and the cell."""
    named = f" [{cell}]" if cell else ""
    return f"{step.get('file', '')}:{step.get('line', '')}{included(step.get('via', ()))}{named}"


def included(via: Sequence[str]) -> str:
    """Where a file was included from, in words; nothing where it was not."""
    return f" (included from {', from '.join(via)})" if via else ""


class Refused(NamedTuple):
    """A refusal that nothing expected.

    Attributes:
        code: of the refusal.
        place: file and line of the step that led to it; only the file where none did.
    """

    code: str
    place: str


class Taken(NamedTuple):
    """The real time that something took, which differs from run to run: so it stands in no trace."""

    begun: datetime
    seconds: float


@dataclass
class Verdict:
    """How a scenario ended.

    Attributes:
        title: the scenario's.
        held: how many expectations did.
        failures: what did not hold, or could not be done.
        unexpected: what the car refused, and no step expected it after that `do`; how often.
        declined: the steps that could not be done, counted from 0, with the code; only where that fails none.
        again: the arguments of `pcm-sim` that give the same run again.
        taken: when it was run and how long that took, in real time; None: nobody looked.
    """

    title: str
    held: int = 0
    failures: list[Failure] = field(default_factory=list)
    unexpected: Counter[Refused] = field(default_factory=Counter)
    declined: dict[int, str] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    taken: Taken | None = None

    @property
    def passed(self) -> bool:
        """Whether all held."""
        return not self.failures


def story(records: Sequence[Record], vin: str) -> tuple[Happened, ...]:
    """The last that happened to a car and at its backend; an event that something else came of is told as its cause.

    Args:
        records: of the trace, all of them.
        vin: of the car.
    """
    told: list[Happened] = []
    causes: set[int | None] = set()
    for record in reversed(records):
        if len(told) == LAST or (record.kind == "scenario" and record.car == vin):
            break
        if record.car == vin and record.kind in _TOLD and record.name not in _NOT_TOLD and record.seq not in causes:
            told.append(Happened(record, tuple(_causes(records, record))))
            causes |= {cause.seq for cause in told[-1].causes}
    return tuple(reversed(told))


def _causes(records: Sequence[Record], record: Record) -> list[Record]:
    found: list[Record] = []
    while record.cause is not None:
        record = records[record.cause]
        found.append(record)
    return found
