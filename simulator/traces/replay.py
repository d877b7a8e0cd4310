"""Plays the inputs of a trace against the core as it is now, and finds the first thing that comes out otherwise.

    for car in ...: vehicle.handle(event, time of the event)   →   transitions, refusals, texts, symbol, messages

Nothing else runs: no world, no backend, no clock. What they did is in the trace as events.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

import msgspec

from pcm_agent.errors import LocalError
from pcm_agent.protocol.secret import MASK
from simulator.clock import SimClock
from simulator.trace import Record, Trace, details
from simulator.traces.car import vehicle_of
from simulator.traces.inputs import WELL_FORMED, Input, event_of, grouped, is_heartbeat, standing_in
from simulator.traces.reading import LONG_AGO, TraceFile
from simulator.traces.said import Said
from simulator.traces.told import told

REMEMBERED = 5
"""So many events that led to a difference are told."""
NOTHING = "nothing"


class Difference(NamedTuple):
    """Where the core answers otherwise than the trace says.

    Attributes:
        at: the record that is otherwise; where the core does more than is on record, the event that it follows from.
        expected: what the trace says, in words.
        found: what the core does now.
        history: the last events of the car, the one that led to the difference at the end.
    """

    at: Record
    expected: str
    found: str
    history: Sequence[Record]


@dataclass
class Replay:
    """What a replay gave."""

    events: int = 0
    cars: set[str] = field(default_factory=set)
    messages: int = 0
    stood_in: int = 0
    """Events whose secrets had stand-ins."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Events by car that stand before the car's own record."""
    unfinished: list[Record] = field(default_factory=list)
    """Events of which the trace does not say all that came of them: it ends there, or the car's process did."""
    difference: Difference | None = None


def replay(trace: TraceFile) -> Replay:
    """Replay a trace up to the first difference, or to its end.

    Raises:
        LocalError: `trace-format-unknown`, `trace-not-replayable`: it has no car with an event, `trace-car-unusable`.
        ProfileError: a car's profile is gone.
    """
    trace.check()
    playing = _Playing(trace)
    for item in grouped(trace.records):
        playing.take(item)
        if playing.result.difference is not None:
            break
    result = playing.finish()
    if not result.events and result.difference is None:
        raise LocalError("trace-not-replayable", f"{trace.path}: no car in it has a record of its own and events")
    return result


class _Player:
    """One car."""

    def __init__(self, record: Record) -> None:
        self.vehicle = vehicle_of(record, standing_in(WELL_FORMED))
        self.said = Said(lived="state" in record.data)
        self.history: list[Record] = []

    def handle(self, given: Input) -> list[Record]:
        """Let an event happen; what the core makes of it, as a trace would have it."""
        time = given.record.time
        event = event_of(given)
        effects = self.vehicle.handle(event, time)
        self.said.hear(effects)
        memory = Trace(SimClock(LONG_AGO))
        memory.handled(given.record.car, event, effects, at=time)
        return memory.records[1:]


class _Playing:
    """All cars of one trace."""

    def __init__(self, trace: TraceFile) -> None:
        self.result = Replay()
        self._trace = trace
        self._last = frozenset(_last_before_a_restart(trace))
        self._players: dict[str, _Player] = {}
        self._gone = 0
        """Messages that were compared for cars that began anew."""

    def finish(self) -> Replay:
        """The result, counted."""
        self.result.messages = self._gone + sum(player.said.compared for player in self._players.values())
        return self.result

    def take(self, item: Input | Record) -> None:
        """Play what a trace has next."""
        record = item.record if isinstance(item, Input) else item
        player = self._players.get(record.car)
        if record.kind == "car":
            self._begin(record)
        elif isinstance(item, Input):
            self._feed(player, item)
        elif player is not None:
            self._hear(player, record)

    def _begin(self, record: Record) -> None:
        before = self._players.get(record.car)
        self._gone += before.said.compared if before else 0
        self._players[record.car] = _Player(record)

    def _feed(self, player: _Player | None, given: Input) -> None:
        record = given.record
        if player is None:
            self.result.left_out[record.car] += 1
            return
        self._count(record)
        player.history = [*(it for it in player.history if not is_heartbeat(it)), record][-REMEMBERED:]
        try:
            found = player.handle(given)
        except Exception as error:  # whatever the core raises now is what it does now
            self._differs(player, record, told(record), f"{type(error).__name__}: {error}")
        else:
            self._compare(player, given, found)

    def _count(self, record: Record) -> None:
        self.result.events += 1
        self.result.cars.add(record.car)
        self.result.stood_in += f'"{MASK}"' in details(record.data)

    def _compare(self, player: _Player, given: Input, found: list[Record]) -> None:
        """Compare what came of an event, record by record."""
        for expected, now in zip_longest(given.outcome, found):
            if expected is None and self._ends_within(given):
                self.result.unfinished.append(given.record)
                return
            if expected is None or now is None or _what(expected) != _what(now):
                sides = (told(side) if side else NOTHING for side in (expected, now))
                self._differs(player, expected or given.record, *sides)
                return

    def _ends_within(self, given: Input) -> bool:
        """Whether the trace was stopped right after this event, or the car's process, so that more may have come."""
        stopped = self._trace.stopped and (given.outcome or [given.record])[-1] is self._trace.records[-1]
        return stopped or given.record.seq in self._last

    def _hear(self, player: _Player, record: Record) -> None:
        if record.kind == "note":
            player.said.noted(record.name)
        elif record.kind == "sent":
            mismatch = player.said.check(record, player.vehicle.state)
            if mismatch is not None:
                self._differs(player, record, f"sent {mismatch.expected}", f"to be sent: {mismatch.found}")

    def _differs(self, player: _Player, at: Record, expected: str, found: str) -> None:
        self.result.difference = Difference(at, expected, found, tuple(player.history))


def _last_before_a_restart(trace: TraceFile) -> Iterator[int]:
    """The number of each event after which a car's process began anew, as it does that was killed."""
    last: dict[str, int] = {}
    for item in grouped(trace.records):
        if isinstance(item, Input):
            last[item.record.car] = item.record.seq
        elif item.kind == "car" and item.car in last:
            yield last.pop(item.car)


def _what(record: Record) -> tuple[str, str, str]:
    return record.kind, record.name, msgspec.json.encode(record.data, order="sorted").decode()
