"""Broker, backend and PCM that end in the middle and begin again; and that each fault of the library was there."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pcm_agent.core.states import Access
from simulator.backend.records import OrderState
from simulator.lab import Lab, LabCar, VirtualMeans, running
from simulator.scenario.loader import load_scenario, parse_scenario
from simulator.scenario.runner import run_scenario
from simulator.trace import Record, Trace
from tests.simulator.faults.test_link import NAMES as OF_LINKS
from tests.waiting import virtual

FAULTS = Path(__file__).parents[3] / "simulator" / "scenarios" / "faults"
VIN = "WP0ZZZY1ZPSA00001"
HEAD = "version: 1\ntitle: t\ncar: {profile: taycan, country: JP}\nsteps:\n"


@dataclass
class Seen:
    """What a fault leaves behind."""

    car: LabCar
    records: list[Record]

    def notes(self, code: str) -> int:
        return sum(it.kind == "note" and it.name == code for it in self.records)

    def lives(self) -> int:
        """How often the car came up with what it had kept."""
        return sum(it.kind == "car" and "state" in it.data for it in self.records)

    def off(self) -> list[timedelta]:
        """How far ahead the car's clock was, each time that the car signed."""
        sent = [it for it in self.records if it.kind == "sent" and "manifest" in it.data["body"]]
        return [datetime.fromisoformat(it.data["body"]["manifest"]["time"]) - it.time for it in sent]


BITES: dict[str, Callable[[Seen], object]] = {
    "backend-crash": lambda seen: (seen.notes("backend-crashed"), seen.notes("backend-started")) == (3, 3),
    "broker-gone": lambda seen: seen.notes("session-lost") + seen.notes("broker-unreachable") >= 2,
    "clock-set-back": lambda seen: {timedelta(days=-400), timedelta(hours=10)} <= set(seen.off()),
    "damaged-package": lambda seen: (seen.car.world.disk.met, seen.notes("package-hash")) == (1, 1),
    "full-disk": lambda seen: seen.notes("disk-full") >= 1 and seen.car.world.disk.met > seen.notes("disk-full"),
    "power-cut": lambda seen: (seen.lives(), seen.car.lives) == (2, 2),
    "troubled-messages": lambda seen: seen.car.to_car.met >= 1 and seen.car.to_backend.met >= 9,
    "wrong-clock": lambda seen: (
        any(it.name == "MetadataRefused" for it in seen.records)
        and seen.off()[0] == timedelta(days=60)
        and timedelta(minutes=14) < seen.off()[-1] < timedelta(minutes=16)
    ),
}
"""By scenario: what shows that its fault was there; those of links are judged by `test_link`."""


@asynccontextmanager
async def lab() -> AsyncIterator[tuple[Lab, LabCar]]:
    """A lab with one car that is on and has data."""
    means = VirtualMeans(1)
    async with running(Lab(means, Trace(means.clock), 1)) as lab:
        car = lab.add_car("taycan", "JP", "ja", VIN)
        lab.desk.register(VIN, "hanako@example.com", "sakura-2026", "JP")
        yield lab, car


async def do(lab: Lab, car: LabCar, *steps: str) -> list[str]:
    """Do some things; what was not done, in words."""
    text = HEAD + "".join(f"  - do: {{{step}}}\n" for step in steps)
    verdict = await run_scenario(lab, parse_scenario(text, "test"), car)
    return [failure.found for failure in verdict.failures]


@pytest.mark.parametrize("name", sorted(BITES))
@virtual
async def test_each_fault_was_there_and_is_made_up_for(name: str) -> None:
    means = VirtualMeans(1)
    async with running(Lab(means, Trace(means.clock), 1)) as lab:
        car = lab.add_car("taycan", "JP", "ja")
        verdict = await run_scenario(lab, load_scenario(str(FAULTS / f"{name}.pcm.yaml")), car)
        assert verdict.failures == []
        assert BITES[name](Seen(car, lab.trace.records))


def test_each_fault_of_the_library_is_looked_for() -> None:
    assert {path.name.partition(".")[0] for path in FAULTS.iterdir()} == {*BITES, *OF_LINKS}


@virtual
async def test_without_power_a_pcm_says_nothing_not_even_farewell() -> None:
    async with lab() as (it, car):
        assert await do(it, car, 'ignition: "on"', "radio: {access: lte}", "wait: 1 min") == []
        sent = sum(record.kind == "sent" for record in it.trace.records)
        assert await do(it, car, "power: cut", "wait: 1 h") == []
        assert sum(record.kind == "sent" for record in it.trace.records) == sent
        assert [record.name for record in it.trace.records if record.kind == "backend"][-1] == "car-offline"
        assert not car.agent.online


@virtual
async def test_what_happened_meanwhile_is_told_when_the_power_is_back() -> None:
    async with lab() as (it, car):
        steps = ("lock: unlocked", 'ignition: "on"', "radio: {access: lte}", "wait: 1 min", "power: cut")
        assert await do(it, car, *steps, "radio: {access: 3g}", "lock: locked", "seats: vacant", "wait: 1 min") == []
        state = car.agent.vehicle.state
        assert (state.cell and state.cell.access, state.lock) == (Access.LTE, "unlocked")
        assert await do(it, car, "power: back", "wait: 1 min") == []
        state = car.agent.vehicle.state
        assert (state.cell and state.cell.access, state.lock) == (Access.UMTS, "locked")
        assert car.agent.online


@virtual
async def test_a_pcm_that_slept_sleeps_on_when_its_power_is_back() -> None:
    async with lab() as (it, car):
        assert await do(it, car, "power: cut", "wait: 1 h", "power: back", "wait: 1 h") == []
        assert car.task is None
        assert [record.name for record in it.trace.records if record.kind == "event"] == []


@virtual
async def test_what_would_have_woken_a_pcm_without_power_wakes_it_when_that_is_back() -> None:
    async with lab() as (it, car):
        assert await do(it, car, "power: cut", "radio: {access: lte}", "power: back", "wait: 1 min") == []
        events = [record.name for record in it.trace.records if record.kind == "event"]
        assert events[:2] == ["PcmStarted", "CellChanged"]
        assert car.task is not None


@virtual
async def test_ids_of_two_lives_are_different() -> None:
    async with lab() as (it, car):
        on = ('ignition: "on"', "radio: {access: lte}", "wait: 1 min")
        assert await do(it, car, *on, "power: cut", "power: back", "wait: 1 min") == []
        sent = {(record.data["id"], record.name) for record in it.trace.records if record.kind == "sent"}
        assert len({message_id for message_id, _ in sent}) == len(sent) > 5


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (("power: back",), "the PCM has power"),
        (("power: cut", "power: cut"), "the PCM has no power already"),
        (("power: cut", 'private_mode: "on"'), "private_mode: the PCM is without power"),
        (("backend: started",), "the backend runs"),
        (("backend: crashed", "backend: crashed"), "the backend has crashed already"),
        (("backend: crashed", "sell_car: now"), "sell_car: the backend has crashed, and was not started again"),
    ],
)
@virtual
async def test_what_cannot_be_done_fails_the_step_and_says_why(steps: tuple[str, ...], code: str) -> None:
    async with lab() as (it, car):
        found = await do(it, car, 'ignition: "on"', *steps)
        assert len(found) == 1
        assert code in found[0]


@virtual
async def test_a_backend_that_crashes_with_a_message_has_it_again() -> None:
    async with lab() as (it, car):
        on = ('ignition: "on"', "radio: {access: lte}", "wait: 1 min")
        order = "order: {function: intelligent-range-manager, size: 1 MB}"
        assert await do(it, car, *on, "backend: crashes-at-next-message", order, "wait: 1 min") == []
        assert it.task is None
        assert await do(it, car, "backend: started", "wait: 1 min") == []
        order_row = it.desk.order_of(VIN, "intelligent-range-manager")
        assert order_row is not None
        assert order_row[0] is OrderState.DOWNLOADED
