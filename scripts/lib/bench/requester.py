"""Sends commands to two peers in turns and measures how long each takes to answer; the same code for both."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiomqtt

from pcm_agent.adapters.mqtt import NO_DELAY
from pcm_agent.protocol.envelope import Envelope, encode, encode_body
from pcm_agent.protocol.messages import KIND_OF, Command
from pcm_agent.protocol.topics import Topic
from simulator.broker import RunningBroker

LIMIT = 10.0
"""Seconds in which an answer must have come."""


class Requester:
    """One MQTT client that asks."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._answers = client.messages

    async def ask(self, vin: str, command_id: str, body: Command, final: bytes) -> float:
        """Send a command and wait for the answer that names it and holds `final`; seconds that it took."""
        kind = KIND_OF[type(body)]
        envelope = Envelope(id=command_id, vin=vin, kind=kind, time=datetime.now(UTC), body=encode_body(body))
        payload, named = encode(envelope), command_id.encode()
        async with asyncio.timeout(LIMIT):
            start = time.perf_counter()
            await self._client.publish(str(Topic(vin, "command", kind)), payload, qos=1)
            while True:
                answer = bytes((await anext(self._answers)).payload)
                if named in answer and final in answer:
                    return time.perf_counter() - start

    async def is_there(self, vin: str, body: Callable[[], Command], final: bytes) -> None:
        """Wait until a peer answers."""
        for number in range(100):
            try:
                async with asyncio.timeout(0.2):
                    await self.ask(vin, f"hello-{number}", body(), final)
            except TimeoutError:
                continue
            else:
                return
        raise TimeoutError(f"{vin} does not answer")


@asynccontextmanager
async def requester(broker: RunningBroker) -> AsyncIterator[Requester]:
    """A requester that hears all answers of all peers."""
    async with plain_client(
        broker.address.host, broker.address.port, mqtt5=broker.supports_mqtt5 is not False
    ) as client:
        await client.subscribe("pcm/v1/+/reply/+", qos=1)
        yield Requester(client)


def plain_client(host: str, port: int, *, mqtt5: bool) -> aiomqtt.Client:
    """A client of `aiomqtt` as anybody would write it, without Nagle's algorithm."""
    version = aiomqtt.ProtocolVersion.V5 if mqtt5 else aiomqtt.ProtocolVersion.V311
    return aiomqtt.Client(host, port, protocol=version, socket_options=NO_DELAY)
