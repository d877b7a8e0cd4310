"""The two peers that answer commands, each in a process of its own: `python -m scripts.lib.bench.peer ROLE ...`."""

import argparse
import asyncio
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import aiomqtt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firmware_profiles import load_countries, load_profile
from pcm_agent.adapters.clock import SystemClock
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.adapters.mqtt import MqttBroker
from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.core.effects import Effect
from pcm_agent.core.events import Event
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.ports import Ports
from pcm_agent.protocol.topics import commands_of
from pcm_agent.runtime import Agent
from pcm_agent.transport import Incoming, Outgoing
from pcm_agent.trust.metadata import TrustedRoots
from pcm_agent.trust.unit import unit_with
from scripts.lib.bench.requester import plain_client
from simulator.world import World


class _Nobody:
    """See `pcm_agent.ports.Observer`: nobody watches."""

    def handled(self, event: Event, effects: Sequence[Effect], now: datetime) -> None:
        """An event."""

    def sent(self, message: Outgoing) -> None:
        """A message."""

    def arrived(self, message: Incoming) -> None:
        """A message."""

    def noted(self, code: str, text: str) -> None:
        """A note."""


async def agent(options: argparse.Namespace) -> None:
    """The agent as it runs on a bench: real broker, real journal, real clock; its modem is the simulated world."""
    clock = SystemClock()
    world = World(clock)
    market = load_countries()["JP"]
    vehicle = Vehicle.new(options.vin, load_profile("taycan"), market)
    version = aiomqtt.ProtocolVersion.V5 if options.mqtt5 else aiomqtt.ProtocolVersion.V311
    with closing(SqliteJournal(options.folder / "journal.sqlite")) as journal:
        ports = Ports(
            clock=clock,
            broker=MqttBroker(options.host, options.port, f"pcm-{options.vin}", version=version),
            journal=journal,
            modem=world,
            body=world,
            app=world,
            unit=unit_with(Ed25519PrivateKey.generate()),
            repositories=UptaneRepositories(HttpMetadataSource(), "", TrustedRoots(b"", b"")),
            fetcher=HttpFetcher(),
            files=DiskPackageFiles(options.folder / "packages"),
            observer=_Nobody(),
            new_id=lambda: uuid4().hex,
            jitter=random.random,
        )
        pcm = Agent(vehicle, ports, "bench", [])
        world.connect(pcm.feed)
        pcm.boot()
        world.resume(vehicle.state, market.code)
        await pcm.run()


async def echo(options: argparse.Namespace) -> None:
    """Answers each command with its own payload, with `--row N` after one commit of a row of so many bytes."""
    keep = _keeper(options.folder / "echo.sqlite", options.row) if options.row else lambda: None
    async with plain_client(options.host, options.port, mqtt5=options.mqtt5) as client:
        await client.subscribe(commands_of(options.vin), qos=1)
        async for message in client.messages:
            keep()
            await client.publish(message.topic.value.replace("/command/", "/reply/"), message.payload, qos=1)


def _keeper(path: Path, size: int) -> Callable[[], None]:
    """What commits one row of so many bytes, on disk when it returns."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE kept (only INTEGER PRIMARY KEY, state BLOB NOT NULL)")

    def keep() -> None:
        db.execute("INSERT OR REPLACE INTO kept VALUES (1, ?)", (random.randbytes(size),))

    return keep


def main() -> None:
    """Run one peer until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("agent", "echo"))
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--vin", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--mqtt5", action="store_true")
    parser.add_argument("--row", type=int, default=0)
    options = parser.parse_args()
    asyncio.run({"agent": agent, "echo": echo}[options.role](options))


if __name__ == "__main__":
    main()
