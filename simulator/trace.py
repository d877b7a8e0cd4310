"""The trace: one JSON line for all that happened, with virtual time, car and cause. Secrets are masked.

The first record is of kind `run` and names format, seed, mode and scenarios. Every other one is caused by an earlier
record of the same car, or by nothing that the simulation knows.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TextIO

import msgspec
from msgspec import Struct

from pcm_agent.core import effects as do
from pcm_agent.core.answering import HEARTBEAT
from pcm_agent.core.events import DownloadProgressed, Event, TimerFired
from pcm_agent.errors import TransportError
from pcm_agent.protocol.envelope import readable
from pcm_agent.transport import Clock

FORMAT = 2
"""Of the file. Since 2 each car has a record of its own, and what the core handled bears the instant given to it."""
Kind = Literal[
    "run",  # once, first: format, seed, mode, scenarios
    "car",  # a car's PCM is there: profile, country, language, equipment, assumptions, its state if it has one already
    "scenario",  # a scenario begins: title, line
    "step",  # a step of the scenario begins: text, line
    "event",  # something happened to the car
    "transition",  # a region changed its state: region, source, target
    "refusal",  # the PCM refused: code, requirement, blocked_by
    "shown",  # the driver was shown a message: text id, arguments
    "symbol",  # the status corner changed: letter, wifi, corner
    "sent",  # car → broker: topic, bytes, body
    "arrived",  # broker → car: topic, bytes, body
    "fault",  # something was made to fail, or to be well again: text, state ("": it is over), moment
    "note",  # something for engineers: code, text
    "backend",  # the backend did something: an order, a bill, a link
    "held",  # an expectation held: text, line
    "failed",  # an expectation did not hold: text, line, found
]

DOMAIN: frozenset[str] = frozenset(("event", "transition", "refusal", "shown", "symbol", "backend"))
"""The kinds that say what happened, whatever carried it; live and virtual runs agree in them."""
_TIMED = frozenset((DownloadProgressed.__name__,))


class Record(Struct, frozen=True, kw_only=True):
    """One line of a trace.

    Attributes:
        seq: counts from 0 without a gap.
        time: of the simulation's clock (UTC).
        car: VIN, "" where it is about no car.
        kind: see `Kind`; a later version may know more.
        name: what happened, in one word: the event's class, the region, the code, the text's id, the topic.
        data: the details, by name.
        cause: `seq` of the record that led to this one, None where nothing in the simulation did.
    """

    seq: int
    time: datetime
    car: str
    kind: str
    name: str
    data: dict[str, Any]
    cause: int | None = None


class Trace:
    """Collects records, hands each to its listeners, and writes it to a file as it comes.

    Args:
        clock: where the times come from; another one may take its place.
        file: open for writing text, or None to keep the records in memory only.
        keep: False keeps none in memory, so that a long run does not grow; file and listeners still have them all.
    """

    def __init__(self, clock: Clock, file: TextIO | None = None, *, keep: bool = True) -> None:
        self.records: list[Record] = []
        self._keep = keep
        self._next = 0
        self.clock = clock
        self._file = file
        self._encoder = msgspec.json.Encoder()
        self._listeners: tuple[Callable[[Record], None], ...] = ()

    def listen(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Have every record from now on; call what is returned to have no more."""
        self._listeners += (listener,)
        return lambda: self._forget(listener)

    def _forget(self, listener: Callable[[Record], None]) -> None:
        self._listeners = tuple(other for other in self._listeners if other is not listener)

    def add(
        self,
        kind: Kind,
        name: str,
        data: dict[str, Any] | None = None,
        car: str = "",
        cause: int | None = None,
        *,
        at: datetime | None = None,
    ) -> int:
        """Add a record, of now unless `at` says when; its number, to be the cause of others.

        Raises:
            TransportError: `trace-unwritable`.
        """
        record = Record(
            seq=self._next,
            time=at or self.clock.now(),
            car=car,
            kind=kind,
            name=name,
            data=data or {},
            cause=cause,
        )
        return self._put(record)

    def noted(self, car: str, code: str, text: str) -> None:
        """Add what somebody is to know of: a code of docs/errors.md, and its sentence.

        Raises:
            TransportError: `trace-unwritable`.
        """
        self.add("note", code, {"text": text}, car)

    def adopt(self, record: Record, cause: int | None) -> int:
        """Add a record of another trace, under a number and with a cause of this one; its number here.

        Raises:
            TransportError: `trace-unwritable`.
        """
        return self._put(msgspec.structs.replace(record, seq=self._next, cause=cause))

    def _put(self, record: Record) -> int:
        self._next += 1
        if self._keep:
            self.records.append(record)
        if self._file is not None:
            self._write(self._file, record)
        for listener in self._listeners:
            listener(record)
        return record.seq

    def _write(self, file: TextIO, record: Record) -> None:
        try:
            file.write(self._encoder.encode(record).decode() + "\n")
        except OSError as error:
            raise TransportError("trace-unwritable", f"{file.name}: {error.strerror}") from error

    def handled(
        self,
        car: str,
        event: Event,
        effects: Sequence[do.Effect],
        cause: int | None = None,
        *,
        at: datetime | None = None,
    ) -> int:
        """Add an event with all that the core made of it; the event's number.

        `at` is the instant that the core was given, None: now.
        """
        if isinstance(event, TimerFired) and event.key == HEARTBEAT:
            cause = self.add("note", HEARTBEAT, {}, car, cause, at=at)
        else:
            cause = self._event(car, event, cause, at)
        number = cause
        for effect in effects:
            if isinstance(effect, do.TakeAs):
                cause = self._event(car, effect.event, cause, at)
            else:
                told = _told(effect)
                if told is not None:
                    self.add(*told, car, cause, at=at)
        return number

    def _event(self, car: str, event: Event, cause: int | None, at: datetime | None) -> int:
        data = _without_tag(readable(event), "event")
        return self.add("event", type(event).__name__, data, car, cause, at=at)


def _told(effect: do.Effect) -> tuple[Kind, str, dict[str, Any]] | None:
    """Kind, name and data of what an effect tells people; None where it tells them nothing."""
    match effect:
        case do.Transition():
            return "transition", effect.region, _without_tag(readable(effect), "effect", "region")
        case do.Refuse():
            return "refusal", effect.code, _without_tag(readable(effect), "effect", "code")
        case do.Show():
            where = {} if effect.display == "pcm" else {"display": effect.display}
            return "shown", effect.text, {**readable(effect.arguments), **where}
        case do.ShowSymbol():
            return "symbol", effect.symbol.letter or "none", readable(effect.symbol)
    return None


def _without_tag(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in names and value is not None}


def domain_events(records: Iterable[Record]) -> dict[str, list[tuple[str, str, str]]]:
    """What happened, without times and transport: by car, and by car's backend, (kind, name, details) in order.

    Two runs of one scenario agree in it, live or virtual. Car and backend are two peers, so the order between them is
    nobody's. Progress of a download is left out: it is told once a second, and how many seconds a download takes is
    the transport's matter. So are instants, ids of messages, versions and lengths of metadata, how far a transfer was
    when it broke off, and by how much chance then made the pause longer.
    """
    return {
        lane: [(record.kind, record.name, details(record.data)) for record in told]
        for lane, told in domain_records(records).items()
    }


def domain_records(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records that `domain_events` tells of, by the same lanes."""
    lanes: dict[str, list[Record]] = {}
    for record in records:
        if record.kind in DOMAIN and record.name not in _TIMED:
            lane = f"{record.car} backend" if record.kind == "backend" else record.car
            lanes.setdefault(lane, []).append(record)
    return lanes


_TRANSPORT = frozenset((
    "id", "at", "request_id", "not_after", "good_until", "vouched_until", "floors", "fetched", "signature", "proof",
    "received", "jitter",
))  # fmt: skip


def details(data: object) -> str:
    """A record's data as one text, without what only the transport knows."""
    return msgspec.json.encode(_stripped(data), order="sorted").decode()


def _stripped(data: object) -> object:
    if isinstance(data, dict):
        return {key: _stripped(value) for key, value in data.items() if key not in _TRANSPORT}
    if isinstance(data, (list, tuple)):
        return [_stripped(value) for value in data]
    return data


def read_trace(path: Path) -> list[Record]:
    """The records of a trace file.

    Raises:
        TransportError: `trace-unreadable`, with the line.
    """
    decoder = msgspec.json.Decoder(Record)
    records: list[Record] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise TransportError("trace-unreadable", f"{path}: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        try:
            records.append(decoder.decode(line))
        except msgspec.DecodeError as error:
            raise TransportError("trace-unreadable", f"{path}:{number}: no line of a trace: {error}") from error
    return records
