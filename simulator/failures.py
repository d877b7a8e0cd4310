"""What the terminal says of a failure: where, what was expected and found, and what led there."""

from collections.abc import Callable, Iterator, Mapping

from simulator.report.words import backend_words, event_words, refusal_words, transition_words
from simulator.report.wrap import wrapped
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

NARROWEST = 20
"""So much room a text has at least, however narrow the terminal is."""
_INDENT = " " * 6


def told(failure: Failure, width: int, *, known: bool = False) -> Iterator[str]:
    """The lines, the first one about the failure itself.

    Args:
        failure: what did not hold.
        width: of the terminal; what is longer is broken, and hangs under its beginning.
        known: what was expected and found stands just above.
    """
    place = f"  {failure.place}"
    whole = f"{place}: expected {failure.expected}; found {failure.found}"
    if known:
        yield f"{place}: what led there" if failure.story else place
    elif len(whole) <= width:
        yield whole
    else:
        yield place
        yield from _hanging(f"{_INDENT}expected  ", failure.expected, width)
        yield from _hanging(f"{_INDENT}found     ", failure.found, width)
    for happened in failure.story:
        yield from _hanging(f"{_INDENT}{_when(happened)}", _what(happened), width)


def _hanging(head: str, text: str, width: int) -> Iterator[str]:
    """A head, and a text that is broken beside it."""
    for number, piece in enumerate(wrapped(text, max(width - len(head), NARROWEST))):
        yield f"{' ' * len(head) if number else head}{piece}"


def line(happened: Happened) -> str:
    """When, what, and what led to it."""
    return f"{_when(happened)}{_what(happened)}"


def _when(happened: Happened) -> str:
    return f"{happened.record.time:%H:%M:%S}  "


def _what(happened: Happened) -> str:
    causes = "".join(f" ← {_words(cause)}" for cause in happened.causes)
    return f"{_words(happened.record)}{causes}"


def _words(record: Record) -> str:
    """A record in words; where others would tell it, what it is called."""
    region = f"{record.name}: {record.data['source']} → {record.data['target']}" if record.kind == "transition" else ""
    return _SAID[record.kind](record) or region or record.name if record.kind in _SAID else record.name
