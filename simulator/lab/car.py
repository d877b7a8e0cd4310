"""One car in a lab."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firmware_profiles import Country, Equipment, Profile
from pcm_agent.ports import Journal
from pcm_agent.runtime import Agent
from pcm_agent.tasks import together
from simulator.faults.clock import CarClock
from simulator.faults.disk import FaultyFiles
from simulator.faults.line import CLEAR
from simulator.faults.messages import MessageFaults
from simulator.faults.uplink import Uplink
from simulator.lab.naps import Naps
from simulator.world import World
from simulator.world.relay import AppRelay

if TYPE_CHECKING:
    import asyncio


@dataclass
class LabCar:
    """One car in the lab: what it is, the world around it, the agent in it.

    Attributes:
        journal, files: what outlives the agent.
        clock: the car's own.
        naps: who waits for nothing but the lab's.
        to_car, to_backend: what happens to messages on their way.
        lives: how often its PCM was without power.
        powered: whether it is not now.
        wakes: whether its PCM starts when its power is back.
    """

    vin: str
    facts: Profile
    market: Country
    language: str
    equipment: frozenset[Equipment]
    world: World
    relay: AppRelay
    uplink: Uplink
    journal: Journal
    files: FaultyFiles
    clock: CarClock
    naps: Naps
    to_car: MessageFaults
    to_backend: MessageFaults
    agent: Agent = field(init=False)
    lives: int = 0
    powered: bool = True
    wakes: bool = False
    task: "asyncio.Task[None] | None" = None

    async def run(self) -> None:
        """The PCM at work, and the app beside it, until one of them ends or the task is cancelled."""
        await together(self.agent.run(), self.relay.run(self.agent.hear))

    @property
    def profile(self) -> Profile:
        """What the car is."""
        return self.agent.vehicle.car.profile

    @property
    def waits(self) -> bool:
        """Whether something that is under way on its line waits for nothing but the clock."""
        return self.uplink.waits()

    @property
    def rests(self) -> bool:
        """Whether it has nothing to do but wait for the clock."""
        return self.relay.quiet and (self.agent.rests(self.naps.asleep, self.naps.reading) or self.waits)

    @property
    def troubled(self) -> bool:
        """Whether a fault stands between the car and its backend, or between the car and the right time."""
        held = self.waits or self.to_car.holds or self.to_backend.holds
        return not self.powered or held or self.world.lines.current != CLEAR or bool(self.clock.error)
