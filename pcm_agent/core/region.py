"""A region: one independent machine of the vehicle, given as a table and carried by `transitions`.

The table is the code and the diagram. One `Machine` a region is shared by all vehicles; a vehicle's state is a plain
attribute of its state value. Guards and actions take the turn; actions do no more than keep facts and add effects.

Which events a guard or an action is called with, and what a state implies of the facts, is said by the table, where no
type checker sees it: there a `cast` says what the table makes sure of.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from transitions import Machine, State

from firmware_profiles import Country, Equipment, Profile
from pcm_agent.core.effects import CancelTimer, Effect, Refuse, SetTimer, Show, Transition
from pcm_agent.core.events import Event
from pcm_agent.core.state import PackageJob, Service, VehicleState


class Car(NamedTuple):
    """What one vehicle is and stays: its profile, the country it was sold in, its equipment."""

    profile: Profile
    market: Country
    equipment: frozenset[Equipment] = frozenset()


class Turn:
    """One event being handled: what guards look at, and where actions leave their effects."""

    __slots__ = ("car", "changed", "effects", "event", "job", "now", "refusals", "service", "state")

    def __init__(self, car: Car, state: VehicleState, event: Event, now: datetime) -> None:
        self.car = car
        self.state = state
        self.event: Event = event
        self.now = now
        self.effects: list[Effect] = []
        self.refusals: list[Refuse] = []
        """Those of the effects that refuse the event."""
        self.job: PackageJob | None = None
        self.service: Service | None = None
        self.changed = False
        """Whether anything changed that must outlast a power cut."""

    def add(self, effect: Effect) -> None:
        """Leave an effect for the caller of the core."""
        self.effects.append(effect)

    def set_timer(self, key: str, at: datetime) -> None:
        """Have `TimerFired(key)` come at `at`."""
        self.state.timers[key] = at
        self.add(SetTimer(key, at))

    def cancel_timer(self, key: str) -> None:
        """Have no `TimerFired(key)` come any more."""
        if self.state.timers.pop(key, None):
            self.add(CancelTimer(key))

    def refuse(self, code: str, requirement: str, blocked_by: tuple[str, ...] = ()) -> None:
        """Say that the rules do not allow the event, to the caller and to the driver."""
        refusal = Refuse(type(self.event).__name__, code, requirement, blocked_by)
        self.refusals.append(refusal)
        self.add(refusal)


Guard = Callable[[Turn], bool]
Action = Callable[[Turn], None]


class Row(NamedTuple):
    """One row of a region's table: in `source`, on `event`, if all of `when` hold, do `then` and go to `target`.

    The first row that fits is taken. `target` None stays in the state.
    """

    event: type[Event]
    source: StrEnum | Sequence[StrEnum]
    target: StrEnum | None
    when: tuple[Guard, ...] = ()
    then: tuple[Action, ...] = ()

    def act(self, turn: Turn) -> None:
        """Do all actions."""
        for action in self.then:
            action(turn)

    def sources(self) -> tuple[StrEnum, ...]:
        """The states in which the row applies."""
        return (self.source,) if isinstance(self.source, StrEnum) else tuple(self.source)


class _State(State):
    """A state of an enum that is asked for its name only once: that costs more than the rest of a transition."""

    @cached_property
    def name(self) -> str:
        return super().name


class _Machine(Machine):
    state_cls = _State


class Region:
    """A table of rows over an enum of states; the state stands in the attribute `field` of the model.

    The model is the vehicle's state, or the turn's package job or service where `per_job` or `per_service` is set.

    The state × event table is total. Where no row is sure to be taken the event has no effect, `fire` returns False,
    and `otherwise` says why, one sentence an event.

    Raises:
        ValueError: a cell neither has a row nor is explained, or an event is explained that never needs it.
    """

    def __init__(
        self,
        name: str,
        states: type[StrEnum],
        initial: StrEnum,
        rows: Sequence[Row],
        *,
        field: str,
        otherwise: Mapping[type[Event], str] | None = None,
        per_job: bool = False,
        per_service: bool = False,
    ) -> None:
        self.name = name
        self.states = states
        self.initial = initial
        self.rows = tuple(rows)
        self.otherwise = dict(otherwise or {})
        self.field = field
        self.per_job = per_job
        self.per_service = per_service
        self.machine = self._machine(initial)
        self.events = {row.event: self.machine.events[row.event.__name__] for row in self.rows}
        self._sources = {
            event: frozenset(source for row in self.rows if row.event is event for source in row.sources())
            for event in self.events
        }
        if (unsure := self._unsure()) != set(self.otherwise):
            names = ", ".join(sorted(event.__name__ for event in unsure ^ set(self.otherwise)))
            raise ValueError(f"region {name}: say in `otherwise` of which events some have no effect: {names}")

    def _machine(self, initial: StrEnum) -> Machine:
        """The table as `transitions` has it."""
        machine = _Machine(
            model=None,
            states=self.states,
            initial=initial,
            name=self.name,
            auto_transitions=False,
            ignore_invalid_triggers=True,
            model_attribute=self.field,
            model_override=True,
        )
        for row in self.rows:
            machine.add_transition(
                row.event.__name__,
                list(row.sources()),
                row.target,
                conditions=list(row.when),
                after=[row.act] if row.then else [],
            )
        return machine

    def cell(self, state: StrEnum, event: type[Event]) -> tuple[Row, ...]:
        """The rows that may be taken in `state` on `event`, in order; without a guard the last of them surely is."""
        return tuple(row for row in self.rows if row.event is event and state in row.sources())

    def _unsure(self) -> set[type[Event]]:
        """The events that have no effect in some state, or may have none."""
        cells = {(state, event): self.cell(state, event) for state in self.states for event in self.events}
        return {event for (_, event), rows in cells.items() if all(row.when for row in rows)}

    def fire(self, turn: Turn) -> bool:
        """Answer the turn's event; whether a row was taken."""
        model = turn.job if self.per_job else turn.service if self.per_service else turn.state
        event = turn.event.__class__
        before: StrEnum = getattr(model, self.field)
        if before not in self._sources[event]:
            return False
        mark = len(turn.effects)
        taken: bool = self.events[event].trigger(model, turn)
        if taken:
            turn.changed = True
            after: StrEnum = getattr(model, self.field)
            if after is not before:
                offer_id = turn.job.assignment.offer_id if self.per_job and turn.job else None
                service = turn.service.id if self.per_service and turn.service else None
                change = Transition(self.name, before, after, event.__name__, offer_id, service)
                turn.effects.insert(mark, change)
        return taken


def refuse(code: str, requirement: str) -> Action:
    """An action that refuses the event."""

    def refuse(turn: Turn) -> None:
        turn.refuse(code, requirement)

    refuse.__name__ = f"refuse {code}"
    return refuse


def show(text: str) -> Action:
    """An action that shows the driver a message without arguments."""

    def show(turn: Turn) -> None:
        turn.add(Show(text))

    show.__name__ = f"show {text}"
    return show
