"""`state-command` and `durable-command`: from a command to its result, over a real broker, beside a bare echo."""

import asyncio
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pcm_agent.core.answering import ANSWERS_KEPT
from pcm_agent.protocol.messages import Command, ConfigureReporting, ReportState
from scripts.lib.bench.figure import Aim, Figure, Pair, figure, rounded
from scripts.lib.bench.requester import Requester, requester
from simulator.broker import RunningBroker, start_broker

AIM = Aim("ratio", "<=", 1.5)
AGENT, ECHO = "WP0ZZZBENCHAGENT1", "WP0ZZZBENCHECHO01"
DONE, ANYTHING = b'"stage":"done"', b""


PAUSE = 0.002
"""Seconds before each command, in which a peer ends whatever it does after its answer."""
_Ask = Callable[[int], Awaitable[float]]


class _Plan(NamedTuple):
    rounds: int
    asked: int
    """Commands to each peer in a round."""
    warm_up: int


class _Peers(NamedTuple):
    """Where a bench starts its peers."""

    broker: RunningBroker
    folder: Path


def state_command(*, quick: bool) -> Figure:
    """p50 of `report-state` → `done`."""
    plan = _Plan(5, 100, 100) if quick else _Plan(15, 200, 300)
    return asyncio.run(_measured("state-command", plan, lambda _: ReportState(), durable=False))


def durable_command(*, quick: bool) -> Figure:
    """p50 of `configure-reporting` → `done`, which says that it outlasts a power cut."""
    # The snapshot holds the last answers: it has its full size only after that many commands.
    plan = _Plan(5, 40, ANSWERS_KEPT) if quick else _Plan(15, 60, ANSWERS_KEPT)
    return asyncio.run(
        _measured("durable-command", plan, lambda n: ConfigureReporting(heartbeat_seconds=3600 + n % 2), durable=True)
    )


async def _measured(name: str, plan: _Plan, body: Callable[[int], Command], *, durable: bool) -> Figure:
    with tempfile.TemporaryDirectory(prefix="pcm-sim-bench-") as folder:
        async with start_broker("auto", log=lambda _: None) as broker, requester(broker) as asking:
            peers = _Peers(broker, Path(folder))
            async with _peer(peers, "agent", AGENT):
                ask_agent = _asker(asking, AGENT, body, DONE)
                await asking.is_there(AGENT, ReportState, DONE)
                await _in_turns((ask_agent,), plan.warm_up)
                row = _kept_bytes(peers.folder / "journal.sqlite") if durable else 0
                async with _peer(peers, "echo", ECHO, "--row", str(row)):
                    ask_echo = _asker(asking, ECHO, body, ANYTHING)
                    await asking.is_there(ECHO, ReportState, ANYTHING)
                    await _in_turns((ask_agent, ask_echo), plan.warm_up // 4)
                    pairs = [Pair(*await _in_turns((ask_agent, ask_echo), plan.asked)) for _ in range(plan.rounds)]
                    conditions = {
                        "ours": "Agent with MqttBroker and SqliteJournal in a process of its own, nobody watching",
                        "reference": "aiomqtt echo in a process of its own"
                        + (f", after one commit of {row} bytes (WAL, FULL)" if durable else ""),
                        "broker": f"{broker.kind} {broker.version}",
                        "asked": f"{plan.asked} a round and peer, in turns, QoS 1, TCP_NODELAY; p50 of each round",
                        "added_us": rounded(statistics.median(pair.ours - pair.reference for pair in pairs)),
                    }
                    return figure(name, pairs, "us", AIM, conditions)


def _asker(asking: Requester, vin: str, body: Callable[[int], Command], final: bytes) -> _Ask:
    async def ask(number: int) -> float:
        return await asking.ask(vin, f"{number:032x}", body(number), final)

    return ask


_numbers = iter(range(1, 1_000_000_000))


async def _in_turns(asks: Sequence[_Ask], times: int) -> list[float]:
    """Median, in microseconds, of so many commands to each peer; each has an id of its own."""
    taken: list[list[float]] = [[] for _ in asks]
    for _ in range(times):
        for ask, seconds in zip(asks, taken, strict=True):
            await asyncio.sleep(PAUSE)
            seconds.append(await ask(next(_numbers)))
    return [statistics.median(seconds) * 1e6 for seconds in taken]


def _kept_bytes(journal: Path) -> int:
    """Size of the row that the agent rewrites in each commit, from a copy: the journal itself is the agent's alone."""
    with TemporaryDirectory() as folder:
        for file in journal.parent.glob(f"{journal.name}*"):
            shutil.copy(file, folder)
        with closing(sqlite3.connect(Path(folder) / journal.name)) as db:
            size: int = db.execute("SELECT length(state) FROM snapshot").fetchone()[0]
            return size


@asynccontextmanager
async def _peer(peers: _Peers, role: str, vin: str, *more: str) -> AsyncIterator[None]:
    """A peer in a process of its own, ended with the block."""
    address = peers.broker.address
    where = ["--host", address.host, "--port", str(address.port), "--vin", vin, "--folder", str(peers.folder), *more]
    if peers.broker.supports_mqtt5 is not False:
        where.append("--mqtt5")
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "scripts.lib.bench.peer", role, *where)
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
