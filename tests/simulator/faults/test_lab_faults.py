"""What ends in the middle and begins again: broker, backend, PCM; and that each fault of the library was really there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pcm_agent.core.states import Access
from simulator.lab import Lab, LabCar, VirtualMeans, running
from simulator.scenario.loader import load_scenario, parse_scenario
from simulator.scenario.runner import run_scenario
from simulator.session import Options, run
from simulator.trace import Record, Trace, domain_events
from tests.waiting import idle, virtual

FAULTS = Path(__file__).parents[3] / "simulator" / "scenarios" / "faults"
OTHERS = sorted(path.name.removesuffix(".pcm.yaml") for path in FAULTS.glob("*.pcm.yaml"))
HEAD = "version: 1\ntitle: t\ncar: {profile: taycan, country: JP}\nsteps:\n"


@dataclass
class Seen:
    """What a fault leaves behind."""

    car: LabCar
    lab: Lab
    records: list[Record]

    def notes(self, code: str) -> int:
        return sum(it.kind == "note" and it.name == code for it in self.records)

    def closed(self) -> int:
        """How often the backend heard that the car was gone."""
        return sum(it.kind == "backend" and it.name == "car-offline" for it in self.records)

    def lives(self) -> int:
        """How often the car came up with what it had kept."""
        return sum(it.kind == "car" and "state" in it.data for it in self.records)


BITES: dict[str, Callable[[Seen], object]] = {
    "backend-crash": lambda seen: seen.lab.desk is not seen.lab.backend and seen.closed() >= 0,
    "broker-gone": lambda seen: seen.notes("session-lost") + seen.notes("broker-unreachable") >= 2,
    "damaged-package": lambda seen: (seen.car.world.disk.met, seen.notes("package-hash")) == (1, 1),
    "full-disk": lambda seen: seen.notes("disk-full") >= 1 and seen.car.world.disk.met > seen.notes("disk-full"),
    "power-cut": lambda seen: (seen.lives(), seen.car.lives) == (2, 2),
    "troubled-messages": lambda seen: seen.car.to_car.met >= 1 and seen.car.to_backend.met >= 9,
    "wrong-clock": lambda seen: any(it.name == "MetadataRefused" for it in seen.records),
}
"""By scenario: what shows that its fault was there."""


@pytest.mark.parametrize("name", OTHERS)
@virtual
async def test_each_fault_was_there_and_is_made_up_for(name: str) -> None:
    async with running(Lab(VirtualMeans(1), trace := Trace(VirtualMeans(1).clock), 1)) as lab:
        del trace
        loaded = load_scenario(str(FAULTS / f"{name}.pcm.yaml"))
        car = lab.add_car("taycan", "JP", "ja")
        verdict = await run_scenario(lab, loaded, car)
        assert verdict.failures == []
        assert BITES[name](Seen(car, lab, lab.trace.records))
