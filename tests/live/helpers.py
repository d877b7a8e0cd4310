"""For the tests with processes of their own: programs, what stands on their disks, and an ear on the broker."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from pcm_agent.protocol.messages import PackageReported, PackageState, Presence, StateReported
from pcm_agent.transport import Incoming
from simulator.broker import BrokerAddress
from simulator.broker.client import client_at
from simulator.rig import Answer, ask
from simulator.scenario.loader import parse_scenario
from simulator.scenario.model import Do
from tests.messages import open_envelope, typed
from tests.waiting import LIMIT_S, eventually

ASK_AGAIN_S = 1.0
PROGRAM = str(Path(sys.executable).with_name("pcm-sim"))
T = TypeVar("T")


def parse_do(text: str) -> Do:
    """One `do`, as a scenario writes it."""
    head = "version: 1\ntitle: t\ncar: {profile: taycan, country: JP}\nsteps:\n"
    found = parse_scenario(f"{head}  - do: {{{text}}}\n", "test").scenario.steps[0].do
    assert found is not None
    return found


# --- processes ------------------------------------------------------------------------------------------------------


class Program:
    """`pcm-sim` with some arguments, as a process; what it says is in `log`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process, self.log = process, log
        self.ended = asyncio.ensure_future(process.wait())

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()

    async def terminate(self) -> int:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT_S):
            return await asyncio.shield(self.ended)


class Programs:
    """Starts programs with a home of their own, and ends them with the test."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.started: list[Program] = []

    async def start(self, *arguments: str) -> Program:
        log = self.home / f"{arguments[0]}-{uuid4().hex}.log"
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                PROGRAM, *arguments, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment(self.home)
            )
        program = Program(process, log)
        self.started.append(program)
        return program

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Run one to its end; its status and what it said."""
        program = await self.start(*arguments)
        async with asyncio.timeout(LIMIT_S):
            return await asyncio.shield(program.ended), program.said

    async def broker(self, kind: str) -> tuple[Program, str]:
        broker = await self.start("broker", "--port", "0", "--kind", kind)
        return broker, await eventually(lambda: address_in(broker.said))

    async def agent(self, vin: str, url: str, *more: str) -> Program:
        return await self.start("agent", "--vin", vin, "--profile", "taycan", "--country", "JP", "--broker", url, *more)


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "XDG_STATE_HOME": str(home), "COLUMNS": "200"}


def address_in(said: str) -> str:
    match = re.search(r"^ready: (mqtt://\S+)$", said, re.MULTILINE)
    return match[1] if match else ""


# --- what stands on disks -------------------------------------------------------------------------------------------


class Ledger(NamedTuple):
    """What a backend's database says of a car."""

    orders: list[str]
    bills: int
    commands: int


class Home:
    """The folder in which `pcm-sim` keeps what must last."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "pcm-sim"

    def ledger(self, vin: str) -> Ledger:
        database = self.folder / "backend" / "backend.sqlite"
        if not database.exists():
            return Ledger([], 0, 0)
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=LIMIT_S)) as db:
            orders = [str(row[0]).lower() for row in db.execute("SELECT state FROM purchase WHERE vin = ?", (vin,))]
            bills = db.execute("SELECT count(*) FROM bill WHERE vin = ?", (vin,)).fetchone()[0]
            commands = db.execute("SELECT count(*) FROM command WHERE vin = ?", (vin,)).fetchone()[0]
        return Ledger(orders, bills, commands)

    def packages(self, vin: str) -> Path:
        return self.folder / "cars" / vin / "packages"

    def image(self, function: str, sha256: str) -> bytes:
        """What the backend sells as a version of a function."""
        (path,) = (self.folder / "backend" / "repositories" / "images" / function).glob(f"{sha256}.*")
        return path.read_bytes()


# --- the broker's other end -----------------------------------------------------------------------------------------


class Ear:
    """Hears what one car says, and can have things done to it."""

    def __init__(self, url: str, vin: str) -> None:
        self.vin = vin
        self.presences: list[Presence] = []
        self.packages: list[tuple[str, PackageReported]] = []
        """Message id and report."""
        self.state: StateReported | None = None
        self._address = BrokerAddress.parse(url)
        self._news = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Ear"]:
        broker = client_at(self._address, f"ear-{self.vin}")
        car = f"pcm/v1/{self.vin}"
        async with broker.connect(None, [f"{car}/presence", f"{car}/state", f"{car}/event/package"]) as session:

            async def listen() -> None:
                async for message in session.messages():
                    self._heard(message)

            listening = asyncio.create_task(listen())
            try:
                yield self
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    def _heard(self, message: Incoming) -> None:
        match typed(message):
            case Presence() as presence:
                self.presences.append(presence)
            case StateReported() as state:
                self.state = state
            case PackageReported() as report:
                self.packages.append((open_envelope(message).id, report))
        self._news.set()

    async def until(self, holds: Callable[[], object], limit: float = LIMIT_S) -> None:
        """Return when something holds of what was heard."""
        async with asyncio.timeout(limit):
            while not holds():
                self._news.clear()
                await self._news.wait()

    def forget(self) -> None:
        """Forget the state that was heard last."""
        self.state = None

    @property
    def sessions(self) -> set[str]:
        return {presence.session_id for presence in self.presences if presence.status == "online"}

    @property
    def online(self) -> bool:
        return bool(self.presences) and self.presences[-1].status == "online"

    @property
    def package(self) -> PackageReported | None:
        return self.state.packages[-1] if self.state and self.state.packages else None

    @property
    def activations(self) -> set[str]:
        """Ids of the reports that a function became active."""
        return {number for number, report in self.packages if report.state is PackageState.ACTIVE}

    async def ask(self, text: str, limit: float = LIMIT_S) -> Answer:
        """Have one thing done, asking again until somebody answers: all of them may be done twice."""
        do = parse_do(text)
        async with asyncio.timeout(limit):
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(ASK_AGAIN_S):
                        return await ask(client_at(self._address, f"rig-{self.vin}"), self.vin, do)


async def first_of(work: Awaitable[T], end: "asyncio.Future[int]") -> T | None:
    """What `work` gives, or None if `end` comes before."""
    task = asyncio.ensure_future(work)
    try:
        either: list[asyncio.Future[Any]] = [task, end]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# --- one broker and one backend for many cars -----------------------------------------------------------------------


class Bench(NamedTuple):
    """A broker and a backend that run as processes."""

    url: str
    home: Path


def popen(home: Path, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(
            [PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment(home)
        )
