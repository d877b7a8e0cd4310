"""A car on a desk: every event is also given to a twin restored from its snapshot, which must answer the same."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

import pytest
from msgspec.structs import replace

from firmware_profiles import Equipment, Way, load_countries, load_profile
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.effects import Effect
from pcm_agent.core.events import Event
from pcm_agent.core.state import PackageJob, VehicleState
from pcm_agent.core.states import Access, Connection, Metadata, SelectorLever
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import Command, ConfigureReporting, PackageReported, PackageState, Reply
from pcm_agent.trust.floors import Floors
from pcm_agent.trust.images import Assignment

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
VIN = "WP0ZZZY1ZTSA00001"
FOD = "fod-1"
FUNCTION = "intelligent-range-manager"
FAR = NOW + timedelta(days=3650)
"""So long what the repositories say is fresh, where a test does not say otherwise."""
E = TypeVar("E", bound=Effect)


def assignment(offer_id: str = FOD, **changes: object) -> Assignment:
    """What a car may be to have."""
    it = Assignment(
        offer_id=offer_id,
        function=FUNCTION,
        version="1.0.0",
        path=f"{FUNCTION}/1.0.0",
        length=40_000_000,
        sha256="0" * 64,
        release_counter=1,
        not_after=NOW + timedelta(days=28),
        consent="ordered",
    )
    return replace(it, **changes)


def found(*assignments: Assignment, good_until: datetime = FAR, removals: Iterable[str] = ()) -> tuple[Event, Event]:
    """Told to look, the car finds that these, and no others, are what it is to have, and what it is to take out."""
    return on.LookOrdered(), on.MetadataAccepted(assignments, Floors(), good_until, removals=tuple(removals))


def refused(code: str) -> tuple[Event, Event]:
    """Told to look, the car does not believe what it finds."""
    return on.LookOrdered(), on.MetadataRefused(code)


class Driver:
    """Drives one vehicle; `last` holds the effects of the last call."""

    def __init__(
        self,
        profile: str,
        market: str,
        *,
        embedded_sim: bool = True,
        equipment: Iterable[Equipment] = (),
        **data: object,
    ) -> None:
        facts = load_profile(profile)
        self.profile = replace(facts, data=replace(facts.data, **data))
        self.market = replace(load_countries()[market], embedded_sim=embedded_sim)
        self.equipment = frozenset(equipment)
        self.vehicle = Vehicle.new(VIN, self.profile, self.market, self.equipment)
        self.now = NOW
        self.last: list[Effect] = []
        self.listed: dict[str, Assignment] = {}
        """What the Director says that the car is to have, by offer."""
        self._commands = 0

    @property
    def state(self) -> VehicleState:
        return self.vehicle.state

    def online(self) -> bool:
        return self.state.connection is Connection.CONNECTED

    def job(self, offer_id: str = FOD) -> PackageJob:
        return self.state.jobs[offer_id]

    def at(self, region: str) -> StrEnum:
        """The state of a region of the vehicle."""
        state: StrEnum = getattr(self.state, region)
        return state

    # --- what happens ---

    def feed(self, *events: Event) -> list[Effect]:
        self.last = []
        for event in events:
            twin = self.twin()
            assert twin.state == self.state
            effects = self.vehicle.handle(event, self.now)
            assert twin.handle(event, self.now) == effects
            assert twin.state == self.state
            self.last += effects
        return self.last

    def wait(self, **duration: float) -> list[Effect]:
        """Let time pass; each timer fires when it is due."""
        effects: list[Effect] = []
        end = self.now + timedelta(**duration)
        while due := [(at, key) for key, at in self.state.timers.items() if at <= end]:
            at, key = min(due)
            self.now = max(at, self.now)
            effects += self.feed(on.TimerFired(key))
        self.now = end
        self.last = effects
        return effects

    def twin(self) -> Vehicle:
        """The same car, restored from its snapshot."""
        return Vehicle.restore(self.vehicle.snapshot(), self.profile, self.market, self.equipment)

    def reload(self) -> None:
        """Go on from the snapshot; to be called after a state was put in by hand."""
        self.vehicle = self.twin()

    def restart(self) -> list[Effect]:
        self.reload()
        return self.feed(on.PcmStarted())

    def command(self, body: Command, command_id: str | None = None, expires: datetime | None = None) -> Reply:
        """The backend's command; the PCM's second answer."""
        self._commands += 1
        self.feed(on.CommandReceived(command_id or f"c-{self._commands}", type(body).__name__, body, expires))
        received, answer = self.of(do.Answer)
        assert received.reply == Reply(stage="received")
        assert not received.durable
        return answer.reply

    # --- stretches of the way ---

    def speak_seldom(self) -> None:
        """One heartbeat a day, where a test lets weeks pass."""
        self.command(ConfigureReporting(heartbeat_seconds=86_400))

    def go_online(self, access: Access = Access.LTE) -> list[Effect]:
        """Switched on at home, data over the first way that can be used."""
        self.feed(on.IgnitionTurnedOn(), on.CellChanged(self.market.code, access))
        way = self.state.way
        assert way is not None
        return self.feed(on.BearerAttached(way, None if way is Way.HOTSPOT else access))

    @staticmethod
    def offer(offer_id: str = FOD, **changes: object) -> Assignment:
        """What the Director may list for this car."""
        return assignment(offer_id, **changes)

    def take(self, *assignments: Assignment, good_until: datetime = FAR, removals: Iterable[str] = ()) -> list[Effect]:
        """These, and no others, are what the car is to have, and what it is to take out; it must be online."""
        self.listed = {it.offer_id: it for it in assignments}
        return self.look(found(*assignments, good_until=good_until, removals=removals))

    def order(self, *assignments: Assignment, good_until: datetime = FAR) -> list[Effect]:
        """These are added to what the car is to have."""
        return self.take(*(self.listed | {it.offer_id: it for it in assignments}).values(), good_until=good_until)

    def remove(self, offer_id: str = FOD) -> list[Effect]:
        """This one is no longer what the car is to have, but what it is to take out; it must be online."""
        left = [it for it in self.listed.values() if it.offer_id != offer_id]
        return self.take(*left, removals=[offer_id])

    def look(self, told_and_found: tuple[Event, Event]) -> list[Effect]:
        """Look, and find that; it must be online."""
        told, what = told_and_found
        looked = list(self.feed(told))
        assert self.at("metadata") is Metadata.CHECKING
        self.last = looked + self.feed(what)
        return self.last

    def download(self, offer_id: str = FOD) -> list[Effect]:
        """Online, with a package that is being downloaded."""
        self.go_online()
        return self.order(self.offer(offer_id))

    def stage(self, offer_id: str = FOD) -> list[Effect]:
        self.download(offer_id)
        return self.feed(on.DownloadCompleted(offer_id))

    def leave(self) -> list[Effect]:
        """Park, switch off, get out and lock: all that an installation needs."""
        return self.feed(
            on.SelectorLeverMoved(SelectorLever.PARK),
            on.ParkingBrakeApplied(),
            on.IgnitionTurnedOff(),
            on.CarLeft(),
            on.CarLocked(),
        )

    def activate(self, offer_id: str = FOD) -> list[Effect]:
        self.stage(offer_id)
        self.leave()
        self.wait(minutes=10)
        return self.feed(on.PackageInstalled(offer_id), on.PackageVerified(offer_id))

    # --- what came of it ---

    def of(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.last if isinstance(effect, kind)]

    def shown(self) -> list[str]:
        return [effect.text for effect in self.of(do.Show)]

    def said(self) -> list[object]:
        return [effect.body for effect in self.of(do.Publish)]

    def job_states(self) -> list[PackageState]:
        """The states of jobs that the backend was told of."""
        return [body.state for body in self.said() if isinstance(body, PackageReported)]

    def steps(self, region: str) -> list[str]:
        """The states that a region went through."""
        return [effect.target for effect in self.of(do.Transition) if effect.region == region]

    def refusals(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(effect.code, effect.requirement, effect.blocked_by) for effect in self.of(do.Refuse)]


@pytest.fixture
def make_car() -> Callable[..., Driver]:
    return Driver


@pytest.fixture
def taycan() -> Driver:
    return Driver("taycan", "JP")


@pytest.fixture
def cayenne() -> Driver:
    return Driver("cayenne-gen3", "DE")
