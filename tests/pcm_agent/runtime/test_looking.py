"""What a look costs is counted, whatever comes of it (CON-29); and whatever comes of it, the agent goes on."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from pcm_agent.core import events as on
from pcm_agent.core.states import Metadata, Purpose
from pcm_agent.errors import TransportError
from simulator.clock import SimClock, SimTimer
from simulator.virtual import MemorySource
from tests.pcm_agent.runtime.bench import Bench
from tests.waiting import virtual

pytestmark = pytest.mark.requirement("CON-29")


class Road(MemorySource):
    """Counts what it brings; it may lose a file, break off in the middle of one, or stand still there.

    Args:
        bench: whose files it brings.
        fails: how; "": not at all.
    """

    def __init__(self, bench: Bench, fails: str = "") -> None:
        super().__init__(bench.depot.lookup)
        self.fails, self.brought = fails, 0

    async def fetch(self, url: str, limit: int, came: Callable[[int], None] = lambda _: None) -> bytes | None:
        content = await super().fetch(url, limit)
        ends_here = "/image/" in url and "targets" in url
        if ends_here and self.fails == "loses":
            return None
        part = content or b""
        if ends_here and self.fails:
            part = part[: len(part) // 2]
        self.brought += len(part)
        came(len(part))
        if ends_here and self.fails == "breaks off":
            raise TransportError("transfer-interrupted", url)
        if ends_here and self.fails == "is in a way that nobody thought of":
            raise OverflowError("too large for a float")
        if ends_here and self.fails == "stands still":
            await asyncio.Event().wait()
        return content


def where(bench: Bench) -> Metadata:
    return bench.agent.vehicle.state.metadata


def metered(bench: Bench) -> int:
    return sum(use.bytes for use in bench.agent.vehicle.state.usage if use.purpose is Purpose.METADATA)


@pytest.mark.parametrize(("fails", "code"), [("", ""), ("loses", "metadata-missing"), ("breaks off", "interrupted")])
@virtual
async def test_a_look_is_counted_to_the_byte_whatever_came_of_it(fails: str, code: str) -> None:
    bench = Bench()
    bench.source = road = Road(bench, fails)
    await bench.get_online()
    await bench.offer()
    assert bool(bench.notes("transfer-interrupted" if code == "interrupted" else code)) is bool(fails)
    assert metered(bench) == road.brought > 1000
    before = road.brought
    await bench.look()
    assert metered(bench) == road.brought > before, "each look is counted, and none twice"


@virtual
async def test_what_a_look_fetched_before_the_data_ended_is_counted_with_the_next() -> None:
    bench = Bench()
    bench.source = road = Road(bench, "stands still")
    await bench.get_online()
    await bench.offer()
    await bench.lose_data()
    assert where(bench) is Metadata.DUE
    assert (metered(bench), road.brought > 1000) == (0, True)
    road.fails = ""
    await bench.find_data()
    assert where(bench) is Metadata.CURRENT
    assert metered(bench) == road.brought


@virtual
async def test_what_nobody_expected_of_metadata_is_a_refusal_and_the_agent_goes_on() -> None:
    bench = Bench()
    bench.source = road = Road(bench, "is in a way that nobody thought of")
    await bench.get_online()
    await bench.offer()
    assert bench.notes("metadata-malformed")
    assert not bench.task.done()
    assert metered(bench) == road.brought > 1000
    road.fails = ""
    await bench.look()
    assert bench.agent.vehicle.state.metadata_refused is None
    assert bench.agent.vehicle.state.jobs


class Ahead:
    """A clock that may be ahead of the one that all others go by; see `pcm_agent.transport.Clock`."""

    def __init__(self, right: SimClock) -> None:
        self._right, self.ahead = right, timedelta()

    def now(self) -> datetime:
        return self._right.now() + self.ahead

    def call_at(self, when: datetime, callback: Callable[[], None]) -> SimTimer:
        return self._right.call_at(when - self.ahead, callback)

    async def sleep(self, seconds: float) -> None:
        await self._right.sleep(seconds)


@pytest.mark.requirement("FOD-04")
@virtual
async def test_a_clock_that_was_a_year_ahead_for_a_moment_locks_nobody_out() -> None:
    bench = Bench()
    bench.shown = clock = Ahead(bench.clock)
    await bench.get_online()
    await bench.offer()
    clock.ahead = timedelta(days=400)
    bench.agent.feed(on.CarUnlocked())
    assert "confirmation-due" in (bench.job.blocked_by or ())
    clock.ahead = timedelta()
    await bench.pass_time(13 * 3600)
    bench.depot.repositories.refresh(bench.clock.now())
    await bench.look()
    assert bench.agent.vehicle.state.metadata_refused is None
    assert "confirmation-due" not in (bench.job.blocked_by or ())
