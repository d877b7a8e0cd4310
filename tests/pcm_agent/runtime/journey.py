"""A car on a road on which its download is cut again and again, at random, and laws that hold at the end."""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from firmware_profiles import Way
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.core import events as on
from pcm_agent.core.states import Access, Connection, Purpose
from pcm_agent.errors import TransportError
from pcm_agent.protocol.messages import PackageState
from pcm_agent.runtime.transfer import PROGRESS_STEPS
from pcm_agent.transport import Clock
from simulator.backend.depot import Depot, Wanted
from tests.pcm_agent.runtime.bench import FUNCTION, OPEN_ENDED, Bench
from tests.waiting import idle, one_turn

CHUNK = 4096
CHUNK_S = 1.0
"""Seconds that a chunk is on its way."""
P = ParamSpec("P")
T = TypeVar("T")
Trouble = tuple[tuple[on.Event, ...], tuple[on.Event, ...]]

TROUBLES: Sequence[Trouble] = (
    ((on.CellChanged("JP", None),), (on.CellChanged("JP", Access.LTE),)),
    ((on.CellChanged("KR", Access.LTE),), (on.CellChanged("JP", Access.LTE),)),
    ((on.CellChanged("JP", Access.UMTS),), (on.CellChanged("JP", Access.LTE),)),
    ((on.HotspotJoined("phone"),), (on.HotspotLost(),)),
    ((on.HotspotJoined("phone"), on.CellChanged("JP", None)), (on.CellChanged("JP", Access.LTE), on.HotspotLost())),
    ((on.HotspotJoined("phone"), on.MobileDataDisabled()), (on.MobileDataEnabled(), on.HotspotLost())),
    ((on.MobileDataDisabled(),), (on.MobileDataEnabled(),)),
    ((on.BearerLost(Way.EMBEDDED_SIM),), ()),
    ((on.PrivateModeEnabled(),), (on.PrivateModeDisabled(),)),
    ((on.IgnitionTurnedOff(),), (on.IgnitionTurnedOn(),)),
)
"""What cuts a transfer or leads it another way, and what ends that."""


class SlowRoad:
    """A fetcher whose chunks take their time, and that counts what it sends again."""

    def __init__(self, depot: Depot, clock: Clock) -> None:
        self._depot, self._clock = depot, clock
        self._reached = 0
        self.sent = 0
        """Bytes that were on their way, whether they arrived or not."""
        self.breaks_off = False
        """The server breaks off before the next chunk."""
        self.cuts = 0
        self.again: list[int] = []
        """For each try, how many bytes were on their way before that are sent once more."""

    async def fetch(
        self, url: str, offset: int, length: int, skipped: Callable[[int], None] = lambda _: None
    ) -> AsyncGenerator[bytes]:
        content = self._depot.lookup(url) or b""
        self.again.append(self._reached - offset)
        whole = False
        try:
            for start in range(offset, length, CHUNK):
                if self.breaks_off:
                    self.breaks_off = False
                    raise TransportError("transfer-interrupted", "connection reset")
                self._reached = min(start + CHUNK, length)
                self.sent += self._reached - start
                await self._clock.sleep(CHUNK_S)
                yield content[start : self._reached]
            whole = True
        finally:
            self.cuts += not whole


class Threads:
    """Knows whether anything is at work beside the event loop, of which virtual time knows nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._to_thread = asyncio.to_thread
        self._working = 0
        self._free = asyncio.Event()
        monkeypatch.setattr(asyncio, "to_thread", self._counted)

    async def _counted(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._working += 1
        self._free.clear()
        try:
            return await self._to_thread(work, *args, **kwargs)
        finally:
            self._working -= 1
            self._free.set()

    async def settle(self) -> None:
        """Return when nothing is left to do, here or in threads."""
        await idle()
        while self._working:
            await self._free.wait()
            await idle()


class Journey:
    """A car on a road on which its transfer is cut again and again, at random, until it is whole."""

    def __init__(self, threads: Threads, *, chunks: int, seed: int) -> None:
        self.bench = Bench("cayenne-gen3")
        self.rng = random.Random(seed)
        self.road = SlowRoad(self.bench.depot, self.bench.clock)
        self.length = chunks * CHUNK - self.rng.randrange(CHUNK)
        self.told: list[int] = []
        self.states: set[str] = set()
        self.lost = 0
        """Bytes that power cuts took."""
        self._threads = threads
        self.bench.fetcher = self.road
        self.bench.trace.listen(
            lambda record: self.told.append(record.data["received"]) if record.name == "DownloadProgressed" else None
        )
        self.bench.trace.listen(
            lambda record: (
                self.states.add(record.data["target"])
                if (record.kind, record.name) == ("transition", "package")
                else None
            )
        )

    async def begin(self) -> None:
        """A car that is online is offered a package."""
        await self.bench.get_online()
        self.bench.depot.stock(FUNCTION, "1.0", self.length)
        self.bench.listed = {"order-1.1": Wanted(FUNCTION, "1.0", OPEN_ENDED, "ordered")}
        await self.bench.look()

    async def cut(self) -> None:
        """Something comes between, for a while."""
        trouble, end = self.rng.choice(TROUBLES)
        await self.pass_time(self.rng.uniform(0, 2 * CHUNK_S))
        self.road.breaks_off = self.rng.random() < 0.1
        for events in (trouble, end):
            for event in events:
                await self.happens(event)
            await self.pass_time(self.rng.choice([0, self.rng.uniform(0, 2 * CHUNK_S)]))

    async def happens(self, event: on.Event) -> None:
        """It happens, whatever the PCM is at; then the network gives what is asked of it."""
        assert not self.bench.task.done(), "the agent is at work"
        for _ in range(self.rng.randrange(4)):
            await one_turn()
        self.bench.agent.feed(event)
        state = self.bench.agent.vehicle.state
        if state.connection is Connection.CONNECTING and state.way is not None:
            access = state.cell.access if state.cell is not None and state.way is not Way.HOTSPOT else None
            self.bench.agent.feed(on.BearerAttached(state.way, access))

    async def restart(self, disk: Path, *, loses: bool) -> None:
        """A power cut, which may take what was not synced; another PCM goes on from what is on the disk."""
        await self.pass_time(self.rng.uniform(0, 2 * CHUNK_S))
        await self.bench.crash()
        await self._threads.settle()
        self._close_files()
        part = disk / "parts" / "order-1.1"
        if loses and part.exists():
            size = part.stat().st_size
            kept = self.rng.randrange(max(size - 5 * CHUNK, 0), size + 1)
            os.truncate(part, kept)
            self.lost += size - kept
        self.bench.files = DiskPackageFiles(disk)
        self.bench.boot()
        await self.happens(on.CellChanged("JP", Access.LTE))

    def _close_files(self) -> None:
        """As the system does for a process that is gone."""
        assert isinstance(self.bench.files, DiskPackageFiles)
        for part in self.bench.files._open.values():
            part.close()

    async def pass_time(self, seconds: float) -> None:
        clock = self.bench.clock
        end = clock.now() + timedelta(seconds=seconds)
        await self._threads.settle()
        while clock.now() < end:
            clock.jump(min(clock.next_due() or end, end))
            await self._threads.settle()

    async def arrive(self) -> None:
        """Nothing comes between any more, and the car is left."""
        assert self.bench.where() in (PackageState.DOWNLOADING, PackageState.PAUSED), "it was cut while it ran"
        await self.pass_time(2 * self.length / CHUNK * CHUNK_S)
        for event in (on.IgnitionTurnedOff(), on.CarLeft(), on.CarLocked()):
            await self.happens(event)
        await self.pass_time(600)

    async def check(self) -> None:
        """It is whole, right and installed; nothing was given up, and little more sent than what had to be."""
        assert self.bench.where() is PackageState.ACTIVE
        await self.bench.files.verify(FUNCTION, self.bench.job.assignment.sha256)
        assert not self.states & {"failed", "expired", "rolled-back", "cancelling"}
        assert self.road.sent - self.length <= self.road.cuts * CHUNK + self.lost

    def check_nothing_came_twice(self) -> None:
        """What was on the disk was not fetched, told or metered again."""
        assert max(self.road.again) <= CHUNK
        assert self.told == sorted(set(self.told))
        assert 0 < len(self.told) <= PROGRESS_STEPS
        usage = self.bench.agent.vehicle.state.usage
        assert sum(use.bytes for use in usage if use.purpose is Purpose.PACKAGE) == self.length
