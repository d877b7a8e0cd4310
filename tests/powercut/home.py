"""The side that survives: the backend with its books, the broker, and the packages' server.

It lives in a process of its own, from which the agent's is forked; and it can be forked itself, so that what was set up
once is lived through many times.
"""

import asyncio
import os
from collections.abc import Coroutine
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from firmware_profiles import load_countries, load_profile
from pcm_agent.protocol.messages import PackageReported, PackageState
from pcm_agent.transport import Incoming, Outgoing
from pcm_agent.trust.unit import unit_with
from simulator.clock import IdleLoop
from simulator.keys import seeded_key
from simulator.lab import Lab, VirtualMeans
from simulator.trace import Trace
from simulator.units import record_of
from tests.messages import open_envelope, typed
from tests.powercut.disk import CarDisk
from tests.powercut.life import PROFILE, VIN, Start, live
from tests.powercut.line import Answer, Ear, Said
from tests.powercut.losses import Losses

if TYPE_CHECKING:
    from simulator.virtual import BusSession

T = TypeVar("T")


class Act(NamedTuple):
    """What is to happen to the function.

    Attributes:
        offer: whose job it is.
        until: what is to become of it.
        old: the version at the beginning.
        new: the one at the end; None: the function is to be gone.
        comes: somebody comes to the car whenever an installation has just begun.
    """

    offer: str
    until: PackageState
    old: str | None
    new: str | None
    comes: bool = False


class Home:
    """All that survives the agent.

    Args:
        folder: for the agent's disk.
    """

    act: Act

    def __init__(self, folder: Path) -> None:
        load_countries()  # here once, and in no process that is forked from this one
        self.loop = IdleLoop()
        self.means = VirtualMeans(1)
        self.lab = Lab(self.means, Trace(self.means.clock), 1)
        self.reports: list[tuple[str, PackageReported]] = []
        """Message ids and reports that came from the car."""
        self.points: list[str] = []
        """What the last life passed that did not die."""
        self.died: list[str] = []
        """Where lives ended too early in this act."""
        self.sent = 0
        """Bytes of packages that were sent in this act."""
        self._dying = ""
        self._session: BusSession | None = None
        self._used = True
        self._lives = 0
        self.use(folder)
        self.do(self._open())

    def use(self, folder: Path) -> None:
        """Have the agent live on another disk."""
        self.folder, self.disk, self.losses = folder, CarDisk(folder), Losses(folder / "packages")
        folder.mkdir(parents=True, exist_ok=True)
        folder.with_name(f"{folder.name}-kept").mkdir()
        self.losses.all_is_sure()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something, and all that follows from it at this instant."""
        return self.loop.run_until_complete(self._done(work))

    async def _done(self, work: Coroutine[Any, Any, T]) -> T:
        value = await work
        await self.loop.idle()
        return value

    async def _open(self) -> None:
        self._backend = asyncio.ensure_future(self.lab.backend.run())
        self.means.depot.units.keep(record_of(VIN, load_profile(PROFILE).hardware_id, unit_with(seeded_key(VIN))))
        self.lab.desk.register(VIN, "hanako@example.com", "sakura-2026", "JP")

    # --- the agent's lives ---

    def live(self, dies_at: int | str | None = None, dies_after: float | None = None) -> bool:
        """Let the agent live once; whether it lived to the end of the act.

        Args:
            dies_at: number or name of the fault point at which it dies.
            dies_after: real seconds after which it dies.
        """
        here, there = Pipe()
        self._lives += 1
        pid = os.fork()
        if pid == 0:
            here.close()
            live(self._start(dies_at, dies_after), there)
        there.close()
        try:
            over = self._attend(here)
        finally:
            here.close()
            os.waitpid(pid, 0)
        self.do(self._leave())
        if not over:
            self.died.append(self._dying or "any moment")
        return over

    def _start(self, dies_at: int | str | None, dies_after: float | None) -> Start:
        depot = self.means.depot
        return Start(
            folder=self.folder,
            now=self.means.clock.now(),
            used=self._used,
            offer=self.act.offer,
            until=self.act.until,
            old=self.act.old,
            comes=self.act.comes,
            base_url=depot.base_url,
            roots=depot.repositories.roots(),
            number=self._lives,
            dies_at=dies_at,
            dies_after=dies_after,
        )

    def _attend(self, pipe: Ear) -> bool:
        """Answer and take note, until nobody is there any more."""
        self._dying, over = "", False
        while True:
            try:
                said: Said = pipe.recv()
                if said.asks:
                    pipe.send(Answer(self.do(self._answer(said)), self._for_car()))
            except (EOFError, OSError):
                return over
            if not said.asks:
                self._note(said)
                over = said.name == "over"

    def _note(self, said: Said) -> None:
        match said.name:
            case "changed":
                self.losses.changed(*said.args)
            case "synced":
                self.losses.synced(*said.args)
            case "used":
                (self._used,) = said.args
            case "dying":
                (self._dying,) = said.args
            case "over":
                (self.points,) = said.args
            case _:
                raise AssertionError(*said.args)

    # --- what it asks ---

    async def _answer(self, said: Said) -> object:
        self.means.clock.jump(said.at)
        match said.name:
            case "connect":
                self._session = self.means.bus.open(*said.args)
            case "publish":
                self._publish(*said.args)
            case "leave":
                await self._leave(farewell=said.args[0])
            case "lookup":
                return self.means.depot.lookup(*said.args)
            case "chunk":
                return self._chunk(*said.args)
        return None

    def _publish(self, message: Outgoing) -> None:
        arrived = Incoming(topic=message.topic, payload=message.payload)
        report = typed(arrived)
        if isinstance(report, PackageReported):
            self.reports.append((open_envelope(arrived).id, report))
        self.means.bus.deliver(message)

    def _chunk(self, url: str, start: int, size: int) -> bytes:
        self.sent += size
        content = self.means.depot.lookup(url)
        assert content is not None, f"{url} is not there"
        return content[start : start + size]

    async def _leave(self, *, farewell: bool = False) -> None:
        session, self._session = self._session, None
        if session is not None:
            self.means.bus.close(session, farewell=farewell)

    def _for_car(self) -> list[Incoming]:
        """What came to the broker for the car since it last asked anything."""
        if self._session is None:
            return []
        messages = list(self._session._arrived)
        self._session._arrived.clear()
        return messages
