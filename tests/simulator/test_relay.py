"""The app on a phone as the way round: when it is there, and what it does with a broker that is not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

import pytest

from pcm_agent.protocol.envelope import decode, decode_body
from pcm_agent.protocol.services import AppPresence
from pcm_agent.protocol.topics import parse_topic
from pcm_agent.transport import Incoming, Outgoing
from simulator.clock import SimClock
from simulator.lab import START
from simulator.virtual import Bus
from simulator.world import World
from simulator.world.relay import PAUSE, AppRelay
from tests.waiting import idle, virtual

VIN = "WP0ZZZY1ZPSA00001"


class Phone:
    """A phone in a car, a bus, and an ear for what the app says of itself."""

    def __init__(self) -> None:
        self.clock, self.bus = SimClock(START), Bus()
        self.world = World(self.clock)
        numbers = count(1)
        self.relay = AppRelay(VIN, self.bus.client("app"), self.clock, lambda: f"id-{next(numbers)}")
        self.world.relay = self.relay
        self.handed: list[Incoming] = []
        self._ear = self.bus.open("ear", None, ["app/v1/+/presence", "app/v1/+/reply/+"])

    def quiet(self) -> bool:
        return self.relay.quiet

    def heard(self) -> list[str]:
        """What was heard since the last time: the status of an app, or the topic."""
        messages = list(self._ear._arrived)
        self._ear._arrived.clear()
        return [_status(message) if message.topic.endswith("presence") else message.topic for message in messages]


def _status(message: Incoming) -> str:
    topic = parse_topic(message.topic)
    assert topic is not None
    return decode_body(decode(message.payload, topic), AppPresence).status


@asynccontextmanager
async def at_work() -> AsyncIterator[Phone]:
    phone = Phone()
    task = asyncio.create_task(phone.relay.run(phone.handed.append))
    await idle()
    try:
        yield phone
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.requirement("REM-03")
@virtual
async def test_app_is_there_while_it_is_connected_to_the_car_and_has_internet() -> None:
    async with at_work() as phone:
        phone.world.connect_app(online=False)
        await idle()
        assert phone.heard() == []
        phone.world.connect_app(online=True)
        await idle()
        assert phone.heard() == ["online"]
        phone.world.connect_app(online=True)
        phone.world.disconnect_app()
        await idle()
        assert phone.heard() == ["offline"]
        phone.world.connect_app()
        phone.world.connect_app(online=False)
        await idle()
        assert phone.heard() == ["offline"], "of a session in which nothing was said"
        assert phone.quiet()


@virtual
async def test_app_carries_both_ways_while_it_is_there_and_loses_what_comes_otherwise() -> None:
    async with at_work() as phone:
        answer = Outgoing(topic=f"app/v1/{VIN}/reply/remote", payload=b"{}", id="a")
        assert not phone.world.carry(answer)
        phone.world.connect_app()
        await idle()
        phone.bus.deliver(Outgoing(topic=f"app/v1/{VIN}/command/remote", payload=b"{}", id="c"))
        phone.bus.deliver(Outgoing(topic=f"pcm/v1/{VIN}/command/remote", payload=b"{}", id="c"))
        assert phone.world.carry(answer)
        await idle()
        assert [message.topic for message in phone.handed] == [f"app/v1/{VIN}/command/remote"]
        assert phone.heard() == ["online", answer.topic]
        phone.bus.stop()
        assert not phone.world.carry(answer), "the session is lost, though the app does not know it yet"


@virtual
async def test_broker_that_is_down_is_tried_again() -> None:
    async with at_work() as phone:
        phone.bus.up = False
        phone.world.connect_app()
        await idle()
        assert phone.quiet()
        phone.bus.up = True
        phone.clock.jump(START + timedelta(seconds=PAUSE))
        await idle()
        assert phone.heard() == ["online"]


@virtual
async def test_app_that_is_connected_anew_tries_the_broker_at_once() -> None:
    async with at_work() as phone:
        phone.bus.up = False
        phone.world.connect_app()
        await idle()
        phone.world.disconnect_app()
        await idle()
        assert phone.quiet()
        phone.bus.up = True
        phone.world.connect_app()
        assert not phone.quiet(), "it is about to connect"
        await idle()
        assert phone.quiet()
        assert phone.heard() == ["online"]


@virtual
async def test_app_that_goes_and_comes_at_once_has_a_session_of_its_own_each_time() -> None:
    async with at_work() as phone:
        phone.world.connect_app()
        await idle()
        phone.world.disconnect_app()
        phone.world.connect_app()
        assert not phone.quiet(), "the session was cut"
        await idle()
        assert phone.quiet()
        assert phone.heard() == ["online", "offline", "online"]


@virtual
async def test_app_that_is_put_away_says_so_by_its_will() -> None:
    async with at_work() as phone:
        phone.world.connect_app()
        await idle()
    await idle()
    assert phone.heard() == ["online", "offline"]


def test_world_without_a_phone_carries_nothing() -> None:
    world = World(SimClock(START))
    world.connect_app()
    assert not world.carry(Outgoing(topic="x", payload=b"", id="a"))
