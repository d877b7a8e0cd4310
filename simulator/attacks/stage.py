"""One car with a world and a backend that are honest, and somebody between them: what attacks are made of."""

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta

from msgspec import Struct

from firmware_profiles import Way, load_profile, profile_names
from pcm_agent.core import events as on
from pcm_agent.core.state import PackageJob
from pcm_agent.core.states import Access
from pcm_agent.errors import TransportError
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import Look, PackageState
from pcm_agent.transport import Outgoing
from pcm_agent.trust.floors import Floors
from simulator.attacks.forge import IMAGE, Forged, Forger
from simulator.attacks.middle import Ground
from simulator.attacks.places import place_of
from simulator.backend.manifests import Attested, attested
from simulator.backend.records import OrderState
from simulator.lab import Lab
from simulator.repository import PackageRepositories, Release
from simulator.trace import Record, Trace

HAS, WANTS, OTHER = "park-assist", "seat-heating", "lane-keeping"
"""The function that the car has before the attack, the one that is ordered while it lasts, and one of other cars."""
SIZE = 300_000
"""Bytes of an image: a transfer at the lowest rate would take minutes."""
COUNTRY = "JP"
PATIENCE = timedelta(minutes=15)
"""So long it is waited for what must come: longer than any pause between the few tries of an attack."""
OVERNIGHT = timedelta(hours=25)
"""Longer than a timestamp is good for."""
_LOOKED = frozenset(("MetadataAccepted", "MetadataRefused", "MetadataInterrupted"))
_ENTERED = (on.CarUnlocked(), on.CarEntered(), on.IgnitionTurnedOn())
_LEFT = (on.IgnitionTurnedOff(), on.CarLeft(), on.CarLocked())


class Evidence(Struct, frozen=True):
    """What a car is, as far as an attack could change it, and what its backend believes of it.

    Attributes:
        installed: by its own word.
        files: what its disk really holds; see `simulator.attacks.middle.Ground`.
        counters: release counters, by function.
        jobs: offer → state.
        floors: the lowest versions that it still takes.
        told: what the backend believes that it has.
    """

    installed: Mapping[str, InstalledImage]
    files: Mapping[str, str]
    counters: Mapping[str, int]
    jobs: Mapping[str, PackageState]
    floors: Floors
    told: tuple[InstalledImage, ...]


def _profile() -> str:
    """A car that has no way to data but its own SIM, so that nothing else comes between."""
    return next(name for name in profile_names() if load_profile(name).data.ways == (Way.EMBEDDED_SIM,))


class Stage:
    """Where an attack is made.

    Args:
        ground: with somebody in the middle.
        seed: for everything that is drawn.

    Attributes:
        forger: what the attacker can reach.
        past: metadata as it stood before the car looked last.
    """

    forger: Forger
    past: Mapping[str, bytes | None]

    def __init__(self, ground: Ground, seed: int) -> None:
        self.lab = Lab(ground.means, Trace(ground.means.clock), seed)
        self.middle, self._ground = ground.middle, ground
        self._since = 0
        self._extra: list[tuple[str, str]] = []
        self._ids = random.Random(f"{seed} attacker")

    @property
    def vin(self) -> str:
        """Of the car."""
        return self.car.vin

    @property
    def jobs(self) -> Mapping[str, PackageJob]:
        """Of the car, by offer."""
        return self.car.agent.vehicle.state.jobs

    async def equip(self) -> None:
        """Let the car have a function, look once more, and be used; then the attacker takes his place.

        Raises:
            TransportError: `attack-unprepared`.
        """
        self.car = self.lab.add_car(_profile(), COUNTRY)
        self.lab.desk.register(self.vin, "owner@example.com", "of-the-car-2026", COUNTRY)
        self.lab.wake(self.car)
        self.car.world.enter_cell(COUNTRY, Access.LTE)
        await self.come()
        depot = self.middle.depot
        old = depot.stock(HAS, "1.0", SIZE)
        await self.lab.until(lambda: self.car.agent.online, PATIENCE)
        self.order(HAS, "1.1")
        self.send()
        if not await self.comes_through(HAS):
            raise TransportError("attack-unprepared", f"{HAS} did not come through, and nobody was in its way")
        await self.come()
        self.forger = self._forger(depot.stock(WANTS, "1.0", SIZE), old, depot.stock(OTHER, "1.0", SIZE))
        await self._look_once_more()
        self._since = len(self.lab.trace.records)

    def _forger(self, release: Release, old: Release, other: Release) -> Forger:
        forger = self._over(self.middle.stolen, self.middle.forged)
        forger.release, forger.old, forger.other = release, old, other
        return forger

    def _over(self, repositories: PackageRepositories, forged: Forged) -> Forger:
        ecu = self.middle.depot.units.find(self.vin).ecu
        stranger = self.lab.new_vin(self.car.market, "stranger")
        return Forger(repositories, forged, ecu, stranger, self.lab.clock.now)

    def honest(self) -> Forger:
        """The same in the hands of their owners: everybody sees what they do."""
        return self._over(self.middle.depot.repositories, {})

    async def _look_once_more(self) -> None:
        """Keep what stands there now, and let the car see a newer state of both repositories."""
        self.past = self.forger.copied(self.forger.car, IMAGE)
        self.middle.depot.repositories.refresh(self.lab.clock.now(), force=True)
        self.tell()
        await self.look()

    # --- what honest people do ---

    async def come(self) -> None:
        """Get in and switch the car on."""
        await self._happen(_ENTERED)

    async def leave(self) -> None:
        """Leave the car for so long that whatever it has downloaded is installed."""
        await self._happen(_LEFT)
        await self.lab.pass_time(PATIENCE)

    async def _happen(self, events: Iterable[on.Event]) -> None:
        for event in events:
            self.car.world.happens(event)
        await self.lab.means.settle(self.lab)

    def order(self, function: str = WANTS, version: str = "1.0") -> None:
        """Buy a function; nobody has told the car yet."""
        self.lab.desk.order(self.vin, function, SIZE, version=version, price_cents=100, currency="EUR", ask=False)

    def tell(self) -> None:
        """Leave a message for the car: that it is to look."""
        with self.lab.desk.transaction() as db:
            self.lab.desk.command(db, self.vin, Look())

    def send(self) -> None:
        """Send what waits for the car."""
        self.lab.backend.send_to(self.vin)

    async def look(self) -> None:
        """Send what waits for the car, and wait until it has looked."""
        before = len(self.lab.trace.records)
        self.send()
        await self.until(lambda: self._has_looked(before))

    async def looked_again(self) -> None:
        """Wait until the car has looked once more, whoever made it look."""
        before = len(self.lab.trace.records)
        await self.until(lambda: self._has_looked(before))

    def _has_looked(self, since: int) -> bool:
        return any(it.kind == "event" and it.name in _LOOKED for it in self.lab.trace.records[since:])

    async def until(self, holds: Callable[[], bool], within: timedelta = PATIENCE) -> bool:
        """Wait until something holds; whether it did."""
        return await self.lab.until(holds, within)

    async def overnight(self) -> None:
        """Let a night pass in one step."""
        self.lab.clock.jump(self.lab.clock.now() + OVERNIGHT)
        await self.lab.means.settle(self.lab)

    def job(self, function: str = WANTS) -> PackageJob | None:
        """The newest job of a function."""
        found = [job for job in self.jobs.values() if job.assignment.function == function]
        return found[-1] if found else None

    async def comes_through(self, function: str = WANTS) -> bool:
        """Download and install what was ordered; whether the car has it, by everybody's word and byte by byte."""
        await self.until(lambda: self._is_in(function, PackageState.WAITING))
        await self.leave()
        await self.until(lambda: self._is_told(function), timedelta(minutes=1))
        return self._is_in(function, PackageState.ACTIVE) and self._is_told(function) and self._is_whole(function)

    def _is_in(self, function: str, state: PackageState) -> bool:
        job = self.job(function)
        return job is not None and job.state is state

    def _is_told(self, function: str) -> bool:
        """Whether the backend knows that a function is active, and that the car believes the repositories."""
        order, known = self.lab.desk.order_of(self.vin, function), self.attested()
        told = known is not None and known.attack is None and function in {it.function for it in known.installed}
        return told and order == (OrderState.ACTIVE, None, 1)

    def _is_whole(self, function: str) -> bool:
        """Whether the bytes in the car are those that the owner of the repositories has made."""
        job = self.job(function)
        if job is None:
            return False
        made = self.middle.depot.repositories.image.release(function, job.assignment.version)
        return self._ground.installed(self.vin).get(function) == made.sha256

    # --- what an attacker does besides ---

    def new_id(self) -> str:
        """An id that nobody has used."""
        return f"{self._ids.getrandbits(128):032x}"

    async def publish(self, topic: str, payload: bytes) -> None:
        """Have the broker deliver what nobody but the attacker has sent."""
        async with self.lab.means.broker("attacker").connect(None, []) as session:
            await session.publish(Outgoing(topic=topic, payload=payload, id=self.new_id()))

    # --- what is seen of it ---

    def evidence(self) -> Evidence:
        """As it is now."""
        state, told = self.car.agent.vehicle.state, self.attested()
        return Evidence(
            dict(state.installed),
            dict(self._ground.installed(self.vin)),
            dict(state.counters),
            {offer: job.state for offer, job in state.jobs.items()},
            state.floors,
            told.installed if told else (),
        )

    def attested(self) -> Attested | None:
        """What the car said last, signed, of what it has."""
        return attested(self.lab.desk, self.vin)

    def note(self, place: str, code: str = "") -> None:
        """Something was stopped of which no code tells."""
        self._extra.append((place, code))

    def stopped(self) -> list[tuple[str, str]]:
        """Where something was stopped since the attack began, with the codes, each once."""
        notes = [it for it in self.records() if it.kind == "note" and it.name != "heartbeat"]
        base = f"{self.middle.depot.base_url}/"
        found = [(place_of(it.name, str(it.data.get("text", "")), base), it.name) for it in notes]
        return list(dict.fromkeys((*found, *self._extra)))

    def has_stopped(self, code: str) -> bool:
        """Whether something was stopped with a code."""
        return any(code == it for _, it in self.stopped())

    def reported(self) -> set[str]:
        """The codes of attacks that the backend heard of in signed manifests."""
        return {str(it.data["code"]) for it in self.records() if it.name == "attack-reported"}

    def records(self) -> list[Record]:
        """The trace since the attack began."""
        return self.lab.trace.records[self._since :]


Move = Callable[[Stage], Awaitable[None]]
"""Something that is done on a stage."""
