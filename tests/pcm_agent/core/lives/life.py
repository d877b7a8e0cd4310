"""One life: a car, the judge that watches it, and the surroundings that answer it."""

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from firmware_profiles import Equipment, load_countries
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.events import Event
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import Command, ConfigureReporting
from tests.pcm_agent.core.conftest import Driver
from tests.pcm_agent.core.lives.judge import Judge
from tests.pcm_agent.core.lives.laws import Law, hold

if TYPE_CHECKING:
    from pcm_agent.trust.images import Assignment

AYUMI, HIRO, EVE = "ayumi@example.com", "hiro@example.com", "eve@example.com"
KEYS = ("red-key", "blue-key")
TASTES = ("Kyoto", "Nara")
CODE = "87654321"
MARKS = (AYUMI, HIRO, EVE, *KEYS, *TASTES, CODE)
"""What says something of people, wherever it stands."""
ASKED = (do.UnlockSim, do.UnblockSim, do.JoinHotspot, do.ScanHotspots, do.Operate)
WORK = (do.InstallPackage, do.VerifyPackage, do.DiscardPackage, do.RemovePackage)


class Life:
    """A car that has just left the factory, and been started once."""

    def __init__(
        self, profile: str, country: str, equipment: frozenset[Equipment], *, embedded_sim: bool = True
    ) -> None:
        embedded_sim = embedded_sim and load_countries()[country].embedded_sim
        self.car = Driver(profile, country, embedded_sim=embedded_sim, equipment=equipment)
        self.judge = Judge(self.car.profile, self.car.market, self.car.equipment, self.car.now, MARKS)
        self.journal = self.car.vehicle.snapshot()
        """What a power cut leaves."""
        self.asked: list[do.Effect] = []
        """What the surroundings have not answered yet."""
        self.work: list[do.Effect] = []
        """What is to be done with package files."""
        self.commands: list[on.CommandReceived] = []
        self.director: dict[str, Assignment] = {}
        """What the Director lists for this car, by offer."""
        self.removals: dict[str, None] = {}
        """What it has the car take out, by offer."""
        self.offers = 0
        """How many there have ever been."""
        self.feed(on.PcmStarted())
        self.command(ConfigureReporting(heartbeat_seconds=86_400))

    # --- what happens ---

    def feed(self, *events: Event) -> list[do.Effect]:
        """Let something happen, to the car and to a twin that is restored from its snapshot; the last one's effects."""
        effects: list[do.Effect] = []
        for event in events:
            effects = self._handled(event)
            if isinstance(event, on.PcmStarted):
                self.asked, self.work = [], []
            self.asked += [effect for effect in effects if isinstance(effect, ASKED)]
            self.work += [effect for effect in effects if isinstance(effect, WORK)]
            self.judge.see(event, effects, self.car.state, self.car.now)
        return effects

    def _handled(self, event: Event) -> list[do.Effect]:
        vehicle = self.car.vehicle
        before = vehicle.snapshot()
        twin = self._restored(before)
        hold(Law.RESTORED, twin.state == vehicle.state, "restored as another state")
        effects = vehicle.handle(event, self.car.now)
        hold(Law.RESTORED, twin.handle(event, self.car.now) == effects, f"another answer to {event}")
        hold(Law.RESTORED, twin.state == vehicle.state, f"another state after {event}")
        after = vehicle.snapshot()
        if do.Persist() in effects:
            hold(Law.COMMITTED, effects[-1] == do.Persist(), effects)
            self.journal = after
        elif after != before:
            hold(Law.COMMITTED, _lasting(after) == _lasting(before), event)
        return effects

    def _restored(self, snapshot: bytes) -> Vehicle:
        car = self.car
        return Vehicle.restore(snapshot, car.profile, car.market, car.equipment)

    def command(self, body: Command, *, expired: bool = False) -> list[do.Effect]:
        """The backend's command, under an id of its own."""
        expires = self.car.now if expired else None
        event = on.CommandReceived(f"c-{len(self.commands)}", type(body).__name__, body, expires)
        self.commands.append(event)
        return self.feed(event)

    def wait(self, span: timedelta) -> None:
        """Let time pass; each timer fires when it is due."""
        end = self.car.now + span
        while due := [(at, key) for key, at in self.judge.timers.items() if at <= end]:
            at, key = min(due)
            self.car.now = max(at, self.car.now)
            self.feed(on.TimerFired(key))
        self.car.now = end

    def cut_power(self) -> None:
        """The PCM goes down, and comes up again with what was committed."""
        self.car.vehicle = self._restored(self.journal)
        self.feed(on.PcmStarted())


def _lasting(snapshot: bytes) -> dict[str, object]:
    """What a snapshot says, but for the clock and the heartbeat, which go on by themselves."""
    said: dict[str, object] = msgspec.json.decode(snapshot)
    timers = said["timers"]
    assert isinstance(timers, dict)
    timers.pop("heartbeat", None)
    return said | {"clock": None}
