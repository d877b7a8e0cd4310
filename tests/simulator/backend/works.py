"""A backend at work on a bus, with one car, in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from pcm_agent.protocol.envelope import Envelope, decode
from pcm_agent.protocol.messages import Reply
from pcm_agent.protocol.topics import Channel, commands_of, parse_topic
from pcm_agent.transport import Outgoing
from simulator.backend.service import Backend
from simulator.virtual import Bus
from tests.simulator.backend.office import VIN, Office, presence
from tests.waiting import idle


class Car:
    """A car's end of the wire, driven by the test."""

    def __init__(self, bus: Bus, office: Office) -> None:
        self.arrived: list[Envelope] = []
        self._bus, self._office = bus, office
        self._number = 0

    async def comes_online(self) -> None:
        self._number += 1
        self.session = self._bus.open(f"pcm-{VIN}", self._presence("offline"), [commands_of(VIN)])
        self._reader = asyncio.create_task(self._read())
        await self.session.publish(self._presence("online"))
        await idle()

    async def loses_the_network(self) -> None:
        self.session.cut()
        await asyncio.gather(self._reader, return_exceptions=True)
        await idle()

    async def says(
        self, body: object, *, channel: Channel = "event", kind: str | None = None, correlation: str | None = None
    ) -> None:
        message = self._office.message(body, channel=channel, kind=kind, correlation=correlation)
        await self.session.publish(Outgoing(topic=message.topic, payload=message.payload, id=""))
        await idle()

    async def answers(self, envelope: Envelope, reply: Reply) -> None:
        await self.says(reply, channel="reply", kind=envelope.kind, correlation=envelope.id)

    @property
    def heard(self) -> list[str]:
        return [envelope.kind for envelope in self.arrived]

    def _presence(self, status: Literal["online", "offline"]) -> Outgoing:
        body = presence(status, f"session-{self._number}")
        message = self._office.message(body, channel="presence", kind="presence")
        return Outgoing(topic=message.topic, payload=message.payload, id="", retain=True)

    async def _read(self) -> None:
        async for message in self.session.messages():
            topic = parse_topic(message.topic)
            assert topic is not None
            self.arrived.append(decode(message.payload, topic))


class Works:
    """A backend at work, a bus, and one car."""

    def __init__(self, office: Office, bus: Bus | None = None) -> None:
        self.office, self.bus = office, bus or Bus()
        self.told: list[str] = []
        self.backend = Backend(
            office.desk, self.bus.client("backend", lasting=True), lambda code, _: self.told.append(code)
        )
        self.car = Car(self.bus, office)


@asynccontextmanager
async def at_work(office: Office, bus: Bus | None = None) -> AsyncIterator[Works]:
    works = Works(office, bus)
    task = asyncio.create_task(works.backend.run())
    await idle()
    try:
        yield works
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
