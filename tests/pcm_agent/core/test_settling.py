"""The rules are applied again only when a fact that they look at has changed; so those facts must be all of them.

That nothing is left out shows in every other test of the core too: each car has a twin which is restored before every
event, knows of no earlier facts and so applies all rules (`conftest.Driver`).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast

import pytest

from firmware_profiles import Way
from pcm_agent.core import events as on
from pcm_agent.core import settling
from pcm_agent.core.region import Turn
from pcm_agent.core.rules import JOB_RULES, VEHICLE_FACTS, VEHICLE_RULES, VEHICLE_TIMER
from pcm_agent.core.rules.packages import JOB_FACTS
from pcm_agent.core.rules.preconditions import BY_NAME
from pcm_agent.core.rules.rule import Rule
from pcm_agent.core.state import VehicleState
from pcm_agent.core.states import Access, CallLine
from pcm_agent.protocol.messages import PackageState
from tests.pcm_agent.core.conftest import Driver
from tests.pcm_agent.core.test_table import samples

SPECIAL = {"market", "rejected_ways", "timers"}
"""It never changes; its keys are looked at; some of its keys are."""

OWN_FIRST = (Way.HOTSPOT, Way.INSERTED_SIM, Way.EMBEDDED_SIM)
"""Calls matter for data over what the driver brings along."""


class Timers:
    """Keeps the keys of the timers that are asked for; nothing but whether they run may be asked."""

    def __init__(self, timers: Mapping[str, datetime], names: set[str]) -> None:
        self._timers, self._names = timers, names

    def __contains__(self, key: str) -> bool:
        self._names.add(f"timer {key}")
        return key in self._timers


class Read:
    """A state that keeps the names of what is read from it."""

    def __init__(self, state: VehicleState, names: set[str]) -> None:
        self._state, self._names = state, names

    def __getattr__(self, name: str) -> object:
        self._names.add(name)
        return Timers(self._state.timers, self._names) if name == "timers" else getattr(self._state, name)


class Watched(Turn):
    """A turn that keeps the names of what is read from its state, and whether anybody asks what time it is."""

    __slots__ = ("_names",)

    def __init__(self, turn: Turn, names: set[str]) -> None:
        super().__init__(turn.car, turn.state, turn.event, turn.now)
        self.state = cast("VehicleState", Read(turn.state, names))
        self.job, self.service = turn.job, turn.service
        self._names = names

    def __getattribute__(self, name: str) -> object:
        if name == "now":
            self._names.add(name)
        return super().__getattribute__(name)


def watched(rules: tuple[Rule, ...], names: set[str]) -> tuple[Rule, ...]:
    def watch(rule: Rule) -> Rule:
        def raises(turn: Turn) -> on.Event | None:
            return rule.raises(Watched(turn, names))

        return rule._replace(raises=raises)

    return tuple(map(watch, rules))


def life(car: Driver) -> Iterator[on.Event]:
    """Calls on the lines of the data, then each event that comes from outside, in a car that is online."""
    yield from (on.IgnitionTurnedOn(), on.CellChanged(car.state.market, Access.LTE))
    yield from (on.SimInserted("DE", pin_required=False, keeps_data=False), on.ApnEntered("internet"))
    yield on.WayOrderChosen(tuple(sorted(car.profile.data.ways, key=OWN_FIRST.index)))
    yield from (
        on.CallStarted(CallLine.INSERTED_SIM),
        on.CallEnded(),
        on.HotspotJoined("phone", "mine", keeps_data=False),
    )
    yield from (
        on.PhoneConnected("mine"),
        on.CallStarted(CallLine.PHONE),
        on.CellChanged(car.state.market, Access.UMTS),
    )
    yield from (on.CellChanged(car.state.market, Access.LTE), on.PhoneDisconnected(), on.HotspotLost())
    for kind in sorted(on.Event.__subclasses__(), key=str):
        if not kind.__module__.endswith(".internal"):
            yield from samples(kind, car.offer())


def test_the_rules_look_at_their_facts_and_at_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    monkeypatch.setattr(settling, "VEHICLE_RULES", watched(VEHICLE_RULES, read))
    for profile in ("taycan", "cayenne-gen3", "718"):
        car = Driver(profile, "DE")
        for event in life(car):
            car.feed(event)
    assert read - SPECIAL == {*VEHICLE_FACTS, f"timer {VEHICLE_TIMER}"}


def test_a_rule_that_asks_for_the_time_is_noticed(taycan: Driver) -> None:
    """One of the vehicle would have to be judged as time passes; one of a job may, if its facts do too."""
    rule = Rule("late", "CON-01", lambda turn: on.PcmStarted() if turn.now.year else None)
    read: set[str] = set()
    (watching,) = watched((rule,), read)
    watching.raises(Turn(taycan.vehicle.car, taycan.state, on.PcmStarted(), taycan.now))
    assert read == {"now"}
    assert "now" not in VEHICLE_FACTS


@pytest.mark.parametrize("demanded", [(), tuple(BY_NAME)], ids=["plain", "demanding"])
def test_the_rules_of_a_job_look_at_nothing_but_their_facts(taycan: Driver, demanded: tuple[str, ...]) -> None:
    taycan.go_online()
    taycan.order(taycan.offer(preconditions=demanded))
    turn = Turn(taycan.vehicle.car, taycan.state, on.PcmStarted(), taycan.now)
    turn.job = taycan.job()
    for turn.job.state in PackageState:
        read: set[str] = set()
        looked_at: set[str] = set()
        for rule in watched(JOB_RULES, read):
            rule.raises(turn)
        if turn.job.state in JOB_FACTS:
            JOB_FACTS[turn.job.state](Watched(turn, looked_at))
        assert read <= looked_at


def test_the_rules_are_not_asked_again_before_a_fact_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[on.Event] = []
    car = Driver("taycan", "DE")
    car.feed(on.IgnitionTurnedOn())
    monkeypatch.setattr(settling, "VEHICLE_RULES", (Rule("spy", "CON-01", lambda turn: asked.append(turn.event)),))
    car.vehicle.handle(on.BatteryLevelMeasured(60), car.now)
    assert not asked
    car.vehicle.handle(on.CellChanged("DE", Access.LTE), car.now)
    assert asked == [on.CellChanged("DE", Access.LTE)]
