"""What is seen of an attack: in the car, on its disk, at its backend, and in the trace."""

from collections.abc import Mapping

from msgspec import Struct

from pcm_agent.core.state import PackageJob
from pcm_agent.core.states import Metadata
from pcm_agent.protocol.manifest import InstalledImage
from pcm_agent.protocol.messages import PackageState
from pcm_agent.trust.floors import Floors
from simulator.attacks.middle import Ground
from simulator.attacks.places import place_of
from simulator.backend.manifests import Attested, attested
from simulator.backend.records import OrderState
from simulator.lab import Lab, LabCar
from simulator.trace import Record

HAS, WANTS, OTHER = "park-assist", "seat-heating", "lane-keeping"
"""The function that the car has before the attack, the one that is ordered while it lasts, and one of other cars."""


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


class Seen:
    """What there is to be seen of one car.

    Args:
        ground: with somebody in the middle.
        lab: with the car.

    Attributes:
        car: the one that is attacked.
        since: the records of the trace before the attack began.
    """

    car: LabCar

    def __init__(self, ground: Ground, lab: Lab) -> None:
        self.lab, self.middle, self._ground = lab, ground.middle, ground
        self.since = 0
        self._extra: list[tuple[str, str]] = []

    @property
    def vin(self) -> str:
        """Of the car."""
        return self.car.vin

    @property
    def jobs(self) -> Mapping[str, PackageJob]:
        """Of the car, by offer."""
        return self.car.agent.vehicle.state.jobs

    def job(self, function: str = WANTS) -> PackageJob | None:
        """The newest job of a function."""
        found = [job for job in self.jobs.values() if job.assignment.function == function]
        return found[-1] if found else None

    def knows_all(self) -> bool:
        """Whether there is nothing that the car still has to look at."""
        return self.car.agent.vehicle.state.metadata is Metadata.CURRENT

    def is_in(self, function: str, state: PackageState) -> bool:
        """Whether the newest job of a function is in a state."""
        job = self.job(function)
        return job is not None and job.state is state

    def is_told(self, function: str) -> bool:
        """Whether the backend knows that a function is active, and that the car believes the repositories."""
        order, known = self.lab.desk.order_of(self.vin, function), self.attested()
        told = known is not None and known.attack is None and function in {it.function for it in known.installed}
        return told and order == (OrderState.ACTIVE, None, 1)

    def is_whole(self, function: str) -> bool:
        """Whether the bytes in the car are those that the owner of the repositories has made."""
        job = self.job(function)
        if job is None:
            return False
        made = self.middle.depot.repositories.image.release(function, job.assignment.version)
        return self._ground.installed(self.vin).get(function) == made.sha256

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
        base = f"{self.car.uplink.base_url}/"
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
        return self.lab.trace.records[self.since :]
