"""Replays and comparisons in words, for a terminal."""

from collections.abc import Iterator, Sequence

from simulator.trace import Record
from simulator.traces.compare import Parting
from simulator.traces.reading import TraceFile
from simulator.traces.replay import Difference, Replay
from simulator.traces.told import told


def replay_words(trace: TraceFile, result: Replay) -> Iterator[str]:
    """How a replay ended, line by line."""
    if result.difference is not None:
        yield from _difference(trace, result.difference)
    yield from _notes(trace, result)
    events, messages = _count(result.events, "event"), _count(result.messages, "message")
    played = f"{events} of {_count(len(result.cars), 'car')} replayed, {messages} compared"
    yield f"{played}: {'the first difference is above' if result.difference else 'no difference'}"


def _difference(trace: TraceFile, it: Difference) -> Iterator[str]:
    yield f"{trace.line(it.at)}: {moment(it.at)}, {it.at.car}"
    yield f"  on record: {it.expected}"
    yield f"  now:       {it.found}"
    yield "what led there:"
    yield from (f"  {line}" for line in story(trace, it.history))
    yield ""


def _notes(trace: TraceFile, result: Replay) -> Iterator[str]:
    if trace.cut_off is not None:
        yield f"the trace is cut off in line {trace.cut_off}; it was replayed up to there"
    for event in result.unfinished:
        line = trace.records.index(event) + 1
        yield f"the trace ends within what came of the event in line {line}, or the process did; no more is compared"
    for car, count in result.left_out.items():
        yield f"left out: {_count(count, 'event')} of {car}, since the trace does not say before them what car it is"
    if result.stood_in:
        yield f"{_count(result.stood_in, 'event')} with secrets, which a trace masks: replayed with stand-ins"


def story(trace: TraceFile, history: Sequence[Record]) -> Iterator[str]:
    """Events with their lines and times, each below what caused it where that is told."""
    by_number = {record.seq: record for record in trace.records}
    cause: Record | None = None
    for record in history:
        before, cause = cause, by_number.get(record.cause) if record.cause is not None else None
        if cause is not None and cause is not before:
            yield f"line {trace.records.index(cause) + 1}, {told(cause)}"
        yield f"line {trace.records.index(record) + 1}, {moment(record)}, {told(record)}"


def parting_words(one: TraceFile, other: TraceFile, it: Parting) -> Iterator[str]:
    """Where two traces part, line by line."""
    yield f"{it.lane}: {_count(it.before, 'record')} alike, then"
    for trace, record in ((one, it.one), (other, it.other)):
        yield f"  {_place(trace, record)}"


def _place(trace: TraceFile, record: Record | None) -> str:
    return f"{trace.line(record)}: {moment(record)}, {told(record)}" if record else f"{trace.path}: nothing more"


def moment(record: Record) -> str:
    """Date and time of a record, to the millisecond where it is not a whole second."""
    return record.time.isoformat(" ", "milliseconds" if record.time.microsecond else "seconds").replace("+00:00", "")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
