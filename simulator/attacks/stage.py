"""One car with a world and a backend that are honest, and somebody between them: what attacks are made of."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta

from firmware_profiles import Way, load_profile, profile_names
from pcm_agent.core import events as on
from pcm_agent.core.states import Access
from pcm_agent.errors import TransportError
from pcm_agent.protocol.manifest import SignedVehicleManifest
from pcm_agent.protocol.messages import Look, PackageState
from pcm_agent.transport import Outgoing
from simulator.attacks.forge import IMAGE, Forged, Forger
from simulator.attacks.middle import Ground
from simulator.attacks.seen import HAS, OTHER, WANTS, Seen
from simulator.backend.records import OrderKind
from simulator.lab import Lab
from simulator.repository import PackageRepositories, Release
from simulator.trace import Trace

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


def _profile() -> str:
    """A car that has no way to data but its own SIM, so that nothing else comes between."""
    return next(name for name in profile_names() if load_profile(name).data.ways == (Way.EMBEDDED_SIM,))


class Stage(Seen):
    """Where an attack is made.

    Args:
        ground: with somebody in the middle.
        seed: for everything that is drawn.

    Attributes:
        forger: what the attacker can reach.
        past: metadata as it stood before the car looked last.
        held_back: what the car has signed and its backend has not heard.
    """

    forger: Forger
    past: Mapping[str, bytes | None]
    held_back: SignedVehicleManifest

    def __init__(self, ground: Ground, seed: int) -> None:
        swallowed = ground.middle.swallowed
        lab = Lab(ground.means, Trace(ground.means.clock), seed, swallowed=lambda message: message.topic in swallowed)
        super().__init__(ground, lab)
        self._ids = random.Random(f"{seed} attacker")

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
        self.since = len(self.lab.trace.records)

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

    def order(self, function: str = WANTS, version: str = "1.0", kind: OrderKind = OrderKind.PERPETUAL) -> None:
        """Buy a function; nobody has told the car yet."""
        self.lab.desk.order(
            self.vin, function, SIZE, version=version, price_cents=100, currency="EUR", ask=False, kind=kind
        )

    def offer(self, function: str) -> str:
        """Under which id the honest Director has the car have a function."""
        assigned = self.middle.depot.repositories.director.assigned(self.vin)
        return next(it.offer_id for path, it in assigned.items() if path.startswith(f"{function}/"))

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

    async def comes_through(self, function: str = WANTS) -> bool:
        """Download and install what was ordered; whether the car has it, by everybody's word and byte by byte.

        Nobody leaves the car while it looks: another offer would begin anew in a car that is off.
        """
        await self.until(lambda: self.is_in(function, PackageState.WAITING) and self.knows_all())
        await self.leave()
        await self.until(lambda: self.is_told(function), timedelta(minutes=1))
        return self.is_in(function, PackageState.ACTIVE) and self.is_told(function) and self.is_whole(function)

    # --- what an attacker does besides ---

    def new_id(self) -> str:
        """An id that nobody has used."""
        return f"{self._ids.getrandbits(128):032x}"

    async def publish(self, topic: str, *payloads: bytes) -> None:
        """Have the broker deliver what nobody but the attacker has sent."""
        messages = [Outgoing(topic=topic, payload=payload, id=self.new_id()) for payload in payloads]
        async with self.lab.means.broker("attacker").connect(None, []) as session:
            await asyncio.gather(*(session.publish(message) for message in messages))

    def set_clock_back(self, by: timedelta) -> None:
        """Let the car's own clock, and nobody else's, be behind by so much."""
        self.car.clock.set_ahead(-by)


Move = Callable[[Stage], Awaitable[None]]
"""Something that is done on a stage."""
