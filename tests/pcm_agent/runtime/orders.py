"""A car with several orders."""

from pcm_agent.core import events as on
from pcm_agent.protocol.messages import PackageState
from tests.pcm_agent.runtime.bench import FUNCTION, Bench


async def leave(bench: Bench) -> None:
    """Park, and let the time pass after which functions are installed or removed."""
    for event in (on.IgnitionTurnedOff(), on.CarLeft(), on.CarLocked()):
        bench.agent.feed(event)
    await bench.pass_time(600)


async def order(bench: Bench, number: int, *, version: str = "1.0", function: str = FUNCTION) -> str:
    """Have the Director list an order; the SHA-256 of its version."""
    return (await bench.offer(function, version, number=number)).sha256


def where(bench: Bench) -> list[PackageState]:
    return [job.state for job in bench.agent.vehicle.state.jobs.values()]
