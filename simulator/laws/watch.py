"""Watches a lab: each event of its cars is judged, each message, and how all stands whenever it is quiet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pcm_agent.core import effects as do
from pcm_agent.core.events import Event
from pcm_agent.core.vehicle import Vehicle
from simulator.lab import Lab, LabCar
from simulator.laws.body import BodyJudge
from simulator.laws.facts import Facts
from simulator.laws.office import OfficeJudge
from simulator.laws.radio import RadioJudge
from simulator.laws.table import LAWS, Law
from simulator.laws.wire import NOT_ALIKE, WireJudge
from simulator.trace import Record


class Breach(NamedTuple):
    """A law that was broken.

    Attributes:
        law: which.
        car: VIN; "": the backend alone.
        seen: what was seen, in words.
        at: so many records were in the trace then.
    """

    law: Law
    car: str
    seen: str
    at: int


class Watch:
    """See `simulator.lab.Witness`: judges some cars of a lab by all laws; the first breach is the one that counts.

    Args:
        lab: with the backend.
        cars: those that are watched.
        most: so many records the trace may have before the life is taken for sound and left; None: any number.

    Attributes:
        breach: the first one; None: there is none.
    """

    def __init__(self, lab: Lab, cars: Sequence[LabCar], most: int | None = None) -> None:
        self.breach: Breach | None = None
        self._lab, self._most = lab, most
        self._cars: Mapping[str, CarWatch] = {car.vin: CarWatch(lab, car, self) for car in cars}
        self._forget = lab.trace.listen(self._seen)

    @property
    def broken(self) -> bool:
        """Whether a law was broken, or enough was seen."""
        enough = self._most is not None and len(self._lab.trace.records) > self._most
        return enough or self.breach is not None

    def end(self) -> None:
        """Watch no longer."""
        self._forget()

    def break_law(self, name: str, car: str, seen: object) -> None:
        """Take note of a breach, if it is the first."""
        if self.breach is None:
            self.breach = Breach(LAWS[name], car, str(seen), len(self._lab.trace.records))

    def _seen(self, record: Record) -> None:
        if record.car in self._cars and not self.broken:
            self._cars[record.car].seen(record)

    def handled(self, car: LabCar, event: Event, effects: Sequence[do.Effect], at: datetime) -> None:
        """A core has let an event happen, at an instant by the lab's clock; its effects come next."""
        if car.vin in self._cars and not self.broken:
            self._cars[car.vin].handled(event, effects, at)

    def quiet(self) -> None:
        """Nothing is left to do at this instant."""
        for watched in () if self.broken else self._cars.values():
            if self._is_well(watched):
                watched.wire.quiet()
            else:
                watched.wire.excuse()

    def _is_well(self, watched: "CarWatch") -> bool:
        """Whether nothing is broken that would excuse a car, or its backend, for being late."""
        return self._lab.backend.connected.is_set() and self._lab.task is not None and not watched.facts.car.troubled

    def settled(self) -> None:
        """The same, before the next step is done, and at the end."""
        self.quiet()
        if self.broken:
            return
        refused = {code: count for code, count in self._lab.backend.rejected.items() if code not in NOT_ALIKE}
        if refused:
            self.break_law("understood", "", f"the backend refused what a car said: {refused}")
        for watched in filter(self._is_well, self._cars.values()):
            watched.settled()

    def ended(self) -> None:
        """Nothing more happens: whoever is not well now was not judged, and may have broken any law."""
        unwell = [vin for vin, watched in self._cars.items() if not self._is_well(watched)]
        if unwell and not self.broken:
            backend = "is there" if self._lab.backend.connected.is_set() else "is not there"
            self.break_law("judged", unwell[0], f"something is still broken at the end; the backend {backend}")


class CarWatch:
    """The judges of one car."""

    def __init__(self, lab: Lab, car: LabCar, watch: Watch) -> None:
        self.facts = Facts(lab, car, lambda law, seen: watch.break_law(law, car.vin, seen))
        self._radio, self._body = RadioJudge(self.facts), BodyJudge(self.facts)
        self.wire, self._office = WireJudge(self.facts), OfficeJudge(self.facts, self._body)

    def seen(self, record: Record) -> None:
        """Judge a record of the trace about this car."""
        self.wire.seen(record)
        self._office.seen(record)

    def handled(self, event: Event, effects: Sequence[do.Effect], at: datetime) -> None:
        """Judge an event."""
        self._body.handled(event, effects, at)
        self.wire.handled(event, effects)
        self._radio.handled(event, effects)
        for effect in effects:
            if isinstance(effect, do.RemovePackage):
                self._office.removing(effect.offer_id)

    def settled(self) -> None:
        """Judge how all stands."""
        self.wire.settled()
        self._office.settled()
        car, vehicle = self.facts.car, self.facts.car.agent.vehicle
        twin = Vehicle.restore(vehicle.snapshot(), car.profile, car.market, vehicle.car.equipment)
        self.facts.hold("restored", twin.state == vehicle.state, "restored as another state")
