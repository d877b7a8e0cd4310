"""What the terminal says of a failure: where, what was expected and found, and what led there."""

from collections.abc import Callable, Iterator, Mapping

from simulator.report.words import backend_words, event_words, refusal_words, transition_words
from simulator.scenario.verdict import Failure, Happened
from simulator.trace import Record

_SAID: Mapping[str, Callable[[Record], str | None]] = {
    "event": event_words,
    "transition": lambda record: transition_words(record, None, {}),
    "refusal": refusal_words,
    "shown": lambda record: f"the driver reads {record.name}",
    "backend": lambda record: f"backend: {backend_words(record)}",
    "step": lambda record: f"step {record.name}: {record.data['text']}",
}


def told(failure: Failure) -> Iterator[str]:
    """The lines, the first one about the failure itself."""
    cell = f" [{failure.cell}]" if failure.cell else ""
    yield f"  {failure.file}:{failure.line}{cell}: expected {failure.expected}; found {failure.found}"
    for happened in failure.story:
        yield f"      {line(happened)}"


def line(happened: Happened) -> str:
    """When, what, and what led to it."""
    causes = "".join(f" ← {_words(cause)}" for cause in happened.causes)
    return f"{happened.record.time:%H:%M:%S}  {_words(happened.record)}{causes}"


def _words(record: Record) -> str:
    """A record in words; where others would tell it, what it is called."""
    region = f"{record.name}: {record.data['source']} → {record.data['target']}" if record.kind == "transition" else ""
    return _SAID[record.kind](record) or region or record.name if record.kind in _SAID else record.name
