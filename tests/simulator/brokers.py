"""Clients of a broker that was started, and what is left of it on this machine."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from simulator.broker import RunningBroker

LIMIT_S = 10.0
V311 = aiomqtt.ProtocolVersion.V311
V5 = aiomqtt.ProtocolVersion.V5
TOPIC = "pcm/v1/WP0TEST/presence"
LISTEN = "0A"


class Notes(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)


@asynccontextmanager
async def client(broker: RunningBroker, version: aiomqtt.ProtocolVersion) -> AsyncIterator[aiomqtt.Client]:
    async with asyncio.timeout(LIMIT_S):
        async with aiomqtt.Client(broker.address.host, broker.address.port, protocol=version, timeout=LIMIT_S) as it:
            yield it


async def publish(broker: RunningBroker, payload: bytes, version: aiomqtt.ProtocolVersion, topic: str = TOPIC) -> None:
    async with client(broker, version) as it:
        await it.publish(topic, payload, qos=1, retain=True)


async def receive(broker: RunningBroker, version: aiomqtt.ProtocolVersion, topic: str = TOPIC) -> aiomqtt.Message:
    async with client(broker, version) as it:
        await it.subscribe(topic, qos=1)
        return await anext(aiter(it.messages))


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # ended, and nobody has asked for its status yet


def listening_on(port: int) -> set[str]:
    tables = [Path(f"/proc/net/{name}") for name in ("tcp", "tcp6")]
    rows = [row.split() for table in tables if table.exists() for row in table.read_text().splitlines()[1:]]
    places = [row[1].split(":") for row in rows if row[3] == LISTEN]
    return {host for host, number in places if int(number, 16) == port}


def fake_mosquitto(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "mosquitto"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
