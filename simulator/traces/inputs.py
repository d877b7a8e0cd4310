"""What the core was fed, out of a trace: each event with what came of it.

Secrets are masked in traces, so an event that carries some is fed with stand-ins. The core looks at a secret's form in
two places only, the length of a password and the digits of a pairing code; there the record says how it was judged, and
the stand-in is chosen so that it is judged alike. So a replay proves nothing of these two checks. What was typed into a
menu is taken from the event that it meant.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from pcm_agent.core import events as on
from pcm_agent.core.answering import HEARTBEAT
from pcm_agent.core.regions.account import PAIRING_CODE_LENGTH
from pcm_agent.errors import LocalError
from pcm_agent.protocol.messages import APP_COMMANDS, COMMANDS
from pcm_agent.protocol.secret import MASK, Secret
from simulator.trace import Record

Restored = Callable[[type, object], object]
OUTCOME = frozenset(("event", "transition", "refusal", "shown", "symbol"))
"""Kinds of what may come of an event; an event among them is the one that a tap meant."""
WELL_FORMED = "0" * PAIRING_CODE_LENGTH
"""Stands for a secret; long enough for a password, too."""
MALFORMED = MASK
REFUSED_FORMS = frozenset(("pairing-code-malformed", "password-too-short"))
"""Codes with which the core refuses a secret for its form alone."""
_TYPES: Mapping[str, type[on.Event]] = {
    kind.__name__: kind for kind in vars(on).values() if isinstance(kind, type) and issubclass(kind, on.Event)
}


@dataclass(frozen=True)
class Input:
    """One event that a car's core was fed, and the records of what came of it."""

    record: Record
    outcome: list[Record] = field(default_factory=list)

    @property
    def meant(self) -> Record | None:
        """The event that a tap in the menus meant."""
        return next((record for record in self.outcome if record.kind == "event"), None)


def grouped(records: Iterable[Record]) -> list[Input | Record]:
    """The records in order, each input with its outcome at the place of its event."""
    inputs: dict[str, Input] = {}
    within: dict[str, set[int]] = {}
    order: list[Input | Record] = []
    for record in records:
        if record.kind in OUTCOME and record.cause in within.get(record.car, ()):
            inputs[record.car].outcome.append(record)
            if record.kind == "event":
                within[record.car].add(record.seq)
        elif record.kind == "event" or is_heartbeat(record):
            inputs[record.car] = Input(record)
            within[record.car] = {record.seq}
            order.append(inputs[record.car])
        else:
            order.append(record)
    return order


def is_heartbeat(record: Record) -> bool:
    """Whether it stands for the heartbeat's timer, which traces note in one word."""
    return record.kind == "note" and record.name == HEARTBEAT


def event_of(given: Input) -> on.Event:
    """The event that was fed, with stand-ins for its secrets.

    Raises:
        LocalError: `trace-event-unusable`: this version has no such event, or not with these details.
    """
    record = given.record
    if is_heartbeat(record):
        return on.TimerFired(HEARTBEAT)
    try:
        return _event(given, record)
    except (msgspec.ValidationError, LookupError) as error:
        raise LocalError("trace-event-unusable", f"record {record.seq}, {record.name}: {error}") from error


def _event(given: Input, record: Record) -> on.Event:
    refused = REFUSED_FORMS & {it.name for it in given.outcome if it.kind == "refusal"}
    restored = standing_in(MALFORMED if refused else WELL_FORMED)
    kind = _TYPES.get(record.name)
    if kind is None:
        raise LookupError("there is no such event")
    data = {**_left_out(kind), **record.data}
    if kind is on.CommandReceived:
        return _command(data, restored)
    if kind is on.MenuTapped and given.meant is not None:
        typed = _fields(_event(given, given.meant))[: len(data.get("entry", ()))]
        data["entry"] = [secret.reveal() for secret in typed]
    return msgspec.convert(data, kind, dec_hook=restored)


def standing_in(stand_in: str) -> Restored:
    """A decoding hook that puts a stand-in where a secret was masked."""

    def restored(target: type, value: object) -> object:
        if target is Secret and isinstance(value, str):
            return Secret(stand_in if value == MASK else value)
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")

    return restored


def _left_out(kind: type[on.Event]) -> dict[str, Any]:
    """What a trace leaves out of an event: details that must be given, and are None."""
    return {part.encode_name: None for part in msgspec.structs.fields(kind) if part.required}


def _command(data: Mapping[str, Any], restored: Restored) -> on.CommandReceived:
    """A command's body has the type that its kind says."""
    over_app = bool(data.get("over_app"))
    body = msgspec.convert(data["body"], (APP_COMMANDS if over_app else COMMANDS)[data["kind"]], dec_hook=restored)
    expires = msgspec.convert(data.get("expires"), datetime | None)
    return on.CommandReceived(str(data["id"]), data["kind"], body, expires, over_app)


def _fields(event: on.Event) -> list[Secret]:
    """What was typed field by field, out of the event that it meant."""
    typed: list[Secret] = []
    for value in msgspec.structs.astuple(event):
        if isinstance(value, Secret):
            typed.append(value)
        elif isinstance(value, str | tuple):
            typed += [Secret(str(part)) for part in ((value,) if isinstance(value, str) else value)]
    return typed
