"""One life of an agent in a process of its own: from boot until its story is over, or it dies."""

import asyncio
import os
import signal
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar, cast

from firmware_profiles import Way, load_countries, load_profile
from pcm_agent.adapters import part
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.core import events as on
from pcm_agent.core.state import PackageJob
from pcm_agent.core.states import Access, Lock
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.ports import Ports
from pcm_agent.protocol.messages import PackageState
from pcm_agent.runtime import Agent
from pcm_agent.trust.metadata import TrustedRoots
from pcm_agent.trust.unit import unit_with
from simulator.clock import IdleLoop, SimClock
from simulator.keys import seeded_key
from simulator.trace import Trace
from simulator.virtual import MemorySource
from simulator.watch import AgentWatch
from tests.pcm_agent.runtime.bench import Modem
from tests.powercut.line import CHUNK, Ear, FarFetcher, Line, Said
from tests.powercut.points import Disk, Points

VIN = "WP0ZZZY1ZSA000001"
PROFILE, MARKET = "taycan", "JP"
MOST_STEPS = 300
"""Jumps of the clock after which a story that is not over never will be."""
USED = (on.CarUnlocked(), on.CarEntered(), on.IgnitionTurnedOn())
LEFT = (on.IgnitionTurnedOff(), on.CarLeft(), on.CarLocked())
_TO_BE_LEFT = (PackageState.WAITING, PackageState.REMOVING)
_LEFT_ALONE = (*_TO_BE_LEFT, PackageState.ACTIVATING, PackageState.VERIFYING)
P = ParamSpec("P")
T = TypeVar("T")


class Start(NamedTuple):
    """What an agent begins its life with.

    Attributes:
        folder: its disk.
        now: by its clock.
        used: whether somebody is in the car.
        offer: whose job it is all about;
        until: and what is to become of it.
        old: the version that the function has as long as nothing has become of it.
        comes: somebody comes to the car whenever an installation has just begun.
        number: of the life, from 1.
        dies_at: number or name of the fault point at which it dies; None: at none.
        dies_after: real seconds after which it dies, wherever it is; None: never. Files are written in threads then.
    """

    folder: Path
    now: datetime
    used: bool
    offer: str
    until: PackageState
    old: str | None
    comes: bool
    base_url: str
    roots: TrustedRoots
    number: int = 1
    dies_at: int | str | None = None
    dies_after: float | None = None


class Workers(ThreadPoolExecutor):
    """Threads of which virtual time knows; or none at all, so that a run can be repeated point by point."""

    def __init__(self, *, beside: bool) -> None:
        super().__init__()
        self._beside = beside
        self._loop = asyncio.get_running_loop()
        self._working = 0
        self._free = asyncio.Event()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        if self._beside:
            self._working += 1
            self._free.clear()
            future = super().submit(fn, *args, **kwargs)
            future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._ended))
            return future
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future

    def _ended(self) -> None:
        self._working -= 1
        self._free.set()

    async def settle(self) -> None:
        """Return when nothing is left to do, here or in threads."""
        assert isinstance(self._loop, IdleLoop)
        await self._loop.idle()
        while self._working:
            await self._free.wait()
            await self._loop.idle()


class WatchedFiles(DiskPackageFiles):
    """Tells when an installation begins.

    Args:
        root: folder of the packages.
        begins: called before anything of it is done.
    """

    def __init__(self, root: Path, begins: Callable[[], None]) -> None:
        super().__init__(root)
        self._begins = begins

    async def install(self, function: str, sha256: str) -> None:
        self._begins()
        await super().install(function, sha256)


class Life:
    """The agent, its driver and its clock."""

    def __init__(self, start: Start, pipe: Ear) -> None:
        self._start = start
        self._clock = SimClock(start.now)
        self._trace = Trace(self._clock)
        self._points = Points(start.dies_at)
        self._line = Line(pipe, self._clock, self._points.reached)
        self._points.tell = self._line.tell
        self._used = self._known_used = start.used

    async def run(self) -> None:
        """Live until the story is over."""
        Disk(self._start.folder, self._points).watch()
        part.SYNC_EVERY = 2 * CHUNK
        loop = asyncio.get_running_loop()
        workers = Workers(beside=self._start.dies_after is not None)
        loop.set_default_executor(workers)
        if self._start.dies_after is not None:
            signal.setitimer(signal.ITIMER_REAL, self._start.dies_after)
        self._agent = self._booted()
        task = asyncio.create_task(self._agent.run())
        self._happen(USED if self._used else LEFT)
        self._happen((on.CellChanged("JP", Access.LTE), on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE)))
        for _ in range(MOST_STEPS):
            await workers.settle()
            if task.done():
                task.result()
            if self._over():
                self._line.tell("over", self._points.passed)
                return
            self._go_on()
        notes = [record for record in self._trace.records if record.kind == "note" and record.name != "heartbeat"]
        raise AssertionError(f"it never ends: {self._job}; {notes[-3:]}")

    def _booted(self) -> Agent:
        start = self._start
        journal = SqliteJournal(start.folder / "journal.sqlite")
        saved = journal.load()
        profile, market = load_profile(PROFILE), load_countries()[MARKET]
        vehicle = (
            Vehicle.new(VIN, profile, market)
            if saved.snapshot is None
            else Vehicle.restore(saved.snapshot, profile, market)
        )
        self._known_used = self._used and vehicle.state.lock is Lock.UNLOCKED
        agent = Agent(vehicle, self._ports(journal), "test 1.0", saved.outbox)
        agent.boot()
        return agent

    def _ports(self, journal: SqliteJournal) -> Ports:
        start, line, modem, ids = self._start, self._line, Modem(), count(1)
        source = MemorySource(lambda url: cast("bytes | None", line.ask("lookup", url)))
        return Ports(
            clock=self._clock,
            broker=line.bus.client(f"pcm-{VIN}"),
            journal=journal,
            modem=modem,
            body=modem,
            app=modem,
            unit=unit_with(seeded_key(VIN)),
            repositories=UptaneRepositories(source, start.base_url, start.roots),
            fetcher=FarFetcher(line, self._clock),
            files=WatchedFiles(start.folder / "packages", self._installation_begins),
            observer=AgentWatch(self._trace, VIN),
            new_id=lambda: f"id-{start.number}-{next(ids)}",
            jitter=lambda: 0.5,
        )

    def _happen(self, events: tuple[on.Event, ...]) -> None:
        for event in events:
            self._agent.feed(event)

    def _installation_begins(self) -> None:
        """What the car had not kept of somebody's coming when the power was cut, it can't know when it starts."""
        assert not self._known_used, "it is installed though somebody is known to use the car"
        if self._start.comes and not self._used:
            self._change_use()

    def _version(self) -> str | None:
        """What the function is, by its pointer."""
        function = self._agent.vehicle.state.jobs[self._start.offer].assignment.function
        pointer = self._start.folder / "packages" / "active" / function
        return pointer.readlink().name if pointer.is_symlink() else None

    def _change_use(self) -> None:
        """Whoever is in the car leaves it, or somebody comes."""
        self._used = self._known_used = not self._used
        self._line.tell("used", self._used)
        self._happen(USED if self._used else LEFT)

    @property
    def _job(self) -> PackageJob | None:
        return self._agent.vehicle.state.jobs.get(self._start.offer)

    @property
    def _where(self) -> PackageState | None:
        return self._job.state if self._job else None

    def _over(self) -> bool:
        """What was to happen has, and the backend has been told."""
        return self._used and self._where is self._start.until and self._agent.quiet

    def _go_on(self) -> None:
        """The driver leaves the car when it has to be left, and comes back; else time passes."""
        if self._used is (self._where in (_TO_BE_LEFT if self._used else _LEFT_ALONE)):
            if self._where is PackageState.WAITING:
                assert self._version() == self._start.old, "half of an installation was left"
            self._change_use()
            return
        due = self._clock.next_due()
        assert due is not None
        self._clock.jump(due)
        self._line.ask("tick")


def live(start: Start, pipe: Ear) -> None:
    """Live in this process, which ends with it."""
    try:
        life = Life(start, pipe)
        with asyncio.Runner(loop_factory=IdleLoop) as runner:
            runner.run(life.run())
    except BaseException:
        pipe.send(Said(start.now, "failed", (traceback.format_exc(),), asks=False))
    finally:
        os._exit(0)
