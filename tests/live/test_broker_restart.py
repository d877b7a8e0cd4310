"""The broker is restarted in the middle of the Taycan's story: the story does not mind.

No step of a scenario does that while messages are under way, and so no lab knows which of them a broker has swallowed:
it is told here, else it would wait for them in vain.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec
import pytest

from pcm_agent.protocol.envelope import Envelope
from pcm_agent.protocol.messages import PackageReported
from pcm_agent.transport import Incoming
from simulator.lab import Lab, running
from simulator.lab.car import LabCar
from simulator.live import live_means
from simulator.scenario.loader import load_scenario
from simulator.scenario.runner import run_scenario
from simulator.trace import Record, Trace
from tests.waiting import eventually

SPEED = 4.0
GONE = frozenset(("session-lost", "broker-unreachable", "broker-refused"))

MOMENTS: dict[str, Callable[[Record], bool]] = {
    "before the order": lambda record: record.kind == "shown" and record.name == "private-mode-on",
    "during the download": lambda record: record.name == "package" and record.data.get("target") == "downloading",
    "while waiting": lambda record: record.kind == "shown" and record.name == "package-settling",
}


@dataclass
class Arrivals:
    """The package reports that reach the backend, each at its first arrival."""

    states: dict[str, str] = field(default_factory=dict)

    def note(self, message: Incoming) -> None:
        if message.topic.endswith("/event/package"):
            envelope = msgspec.json.decode(message.payload, type=Envelope)
            report = msgspec.json.decode(envelope.body, type=PackageReported)
            self.states.setdefault(envelope.id, report.state)


def lasting(states: Iterable[str]) -> list[str]:
    """The states in their order; `downloading` is repeated for its progress, which is worth nothing once it is old."""
    changes: list[str] = []
    for state in states:
        if changes[-1:] != [state]:
            changes.append(state)
    return changes


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.requirement("FOD-02", "FOD-04", "FOD-09", "PRV-02")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
async def test_story_does_not_mind_a_broker_that_is_restarted(moment: str, kind: str) -> None:
    loaded = load_scenario("taycan-function-on-demand")
    arrivals = Arrivals()
    restarts: list[asyncio.Task[None]] = []
    async with live_means(1, SPEED, kind, lambda _: None) as means:
        trace = Trace(means.clock)
        lab = Lab(means, trace, 1)

        def noted(message: Incoming) -> bool:
            arrivals.note(message)
            return False

        async def restarted(car: LabCar) -> None:
            await means.stop_broker()
            await eventually(lambda: not (car.agent.online or lab.backend.connected.is_set()))
            lab.under_way.give_up()  # what the broker had is gone, or comes in a lasting session: none is waited for
            await means.start_broker()

        def restart(record: Record) -> None:
            if MOMENTS[moment](record) and not restarts:
                restarts.append(asyncio.create_task(restarted(car)))

        lab.swallowed = noted
        async with running(lab):
            car = lab.add_car(loaded.car.choice.resolve(), loaded.car.country)
            trace.listen(restart)
            verdict = await run_scenario(lab, loaded, car)
            await asyncio.gather(*restarts)
            await eventually(lambda: car.agent.online and lab.quiet)
            await lab.put_away(car)

    assert verdict.failures == []
    assert len(restarts) == 1
    names = [record.name for record in trace.records if record.kind == "backend" and record.name.startswith("order-")]
    assert names == ["order-placed", "order-downloaded", "order-active", "order-billed"]
    assert list(arrivals.states.values()).count("active") == 1
    entered = [str(it.data["target"]) for it in trace.records if it.kind == "transition" and it.name == "package"]
    assert lasting(arrivals.states.values()) == lasting(["offered", *entered])
    assert [record for record in trace.records if record.name == "never-quiet"] == []
    notes = [record.name for record in trace.records if record.kind == "note" and record.car == car.vin]
    assert [name for name in notes if name in GONE | {"broker-back"}] == [
        next(name for name in notes if name in GONE),
        "broker-back",
    ]
