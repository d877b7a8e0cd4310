"""The broker port over `aiomqtt`: MQTT 5 first, then 3.1.1; no Nagle; a socket that can really be cut."""

import asyncio
import logging
import math
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any, cast

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties, VariableByteIntegers

from pcm_agent.errors import TransportError
from pcm_agent.protocol.envelope import CONTENT_TYPE
from pcm_agent.tasks import cancel_and_wait
from pcm_agent.transport import Incoming, Outgoing

NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Without it each small message waits for the acknowledgement of the one before: 44 ms in place of 0.5."""
CONNECT_TIMEOUT = 5.0
ACKNOWLEDGE_TIMEOUT = 30.0
"""Real seconds after which a broker that acknowledges nothing counts as gone."""
KEEPALIVE = 30
"""Seconds without traffic after which both sides make sure that the other is there."""

LASTS = 7 * 24 * 3600
"""Seconds for which a broker keeps a lasting session whose client is away."""

_MESSAGE_EXPIRY, _CONTENT_TYPE, _RESPONSE_TOPIC, _CORRELATION_DATA = b"\x02", b"\x03", b"\x08", b"\x09"
"""Identifiers of MQTT 5 properties (2.2.2.2)."""
_LONGEST_PROPERTY = 0xFFFF

_NUMBERS = re.compile(r"\[(?:Errno|code)[: ]?-?\d+\] ")

_logger = logging.getLogger("pcm_agent.mqtt")
_logger.addHandler(logging.NullHandler())
_logger.propagate = False


class MqttBroker:
    """A broker at one address.

    Args:
        host: name or address.
        port: TCP port.
        client_id: stable, so that a new session takes over from a dead one.
        username: None where the broker asks for none.
        password: never logged.
        version: the protocol to speak, None to find out (MQTT 5, then 3.1.1).
        lasting: the broker keeps the session while the client is away, and what comes for it (QoS 1) waits there,
            where both speak MQTT 5. A message is acknowledged when the next one is asked for: one that was not worked
            on comes again.
    """

    def __init__(
        self,
        host: str,
        port: int,
        client_id: str,
        *,
        username: str | None = None,
        password: str | None = None,
        version: aiomqtt.ProtocolVersion | None = None,
        lasting: bool = False,
    ) -> None:
        self._lasting = lasting
        self._settings: dict[str, Any] = {
            "hostname": host,
            "port": port,
            "identifier": client_id,
            "username": username,
            "password": password,
            "keepalive": KEEPALIVE,
            "timeout": CONNECT_TIMEOUT,
            "logger": _logger,
            "max_inflight_messages": 1000,
            "socket_options": NO_DELAY,
        }
        self._address = f"{host}:{port}"
        self._wanted = version
        self._found: aiomqtt.ProtocolVersion | None = None
        """The version that worked last; forgotten when it does not any more, for another broker may have come."""

    @asynccontextmanager
    async def connect(self, will: Outgoing | None, subscriptions: Sequence[str]) -> AsyncIterator["MqttSession"]:
        """A session with this last will; see `pcm_agent.transport.Broker`."""
        client, version = await self._open(will)
        session = MqttSession(client, version, subscriptions, lasting=self._lasts(version))
        try:
            for subscription in subscriptions:
                await client.subscribe(subscription, qos=1)
            yield session
        except aiomqtt.MqttError as error:
            raise TransportError("session-lost", f"the broker at {self._address}: {_plain(error)}") from error
        finally:
            await session.close()

    async def _open(self, will: Outgoing | None) -> tuple[aiomqtt.Client, aiomqtt.ProtocolVersion]:
        """Connect with the version that works, and remember it."""
        known = self._wanted or self._found
        versions = [known] if known else [aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311]
        self._found = None
        for version in versions:
            client = self._client(version, will)
            try:
                await client.__aenter__()
            except aiomqtt.MqttCodeError as error:
                if version is versions[-1]:
                    raise TransportError("broker-refused", f"the broker at {self._address}: {_plain(error)}") from error
            except aiomqtt.MqttError as error:
                if version is versions[-1] or "refused" in str(error).lower():
                    raise TransportError(
                        "broker-unreachable", f"no broker at {self._address}: {_plain(error)}"
                    ) from error
            else:
                _hear(client._disconnected)  # another one, where the first connection broke at once
                self._found = version
                return client, version
        raise TransportError("broker-unreachable", f"no broker at {self._address}")

    def _lasts(self, version: aiomqtt.ProtocolVersion) -> bool:
        """Whether a session is kept. MQTT 3.1.1 has no expiry: one that nobody takes up would be kept for ever."""
        return self._lasting and version is aiomqtt.ProtocolVersion.V5

    def _client(self, version: aiomqtt.ProtocolVersion, will: Outgoing | None) -> aiomqtt.Client:
        settings = dict(self._settings, protocol=version)
        if version is not aiomqtt.ProtocolVersion.V5:
            settings["clean_session"] = True
        elif self._lasts(version):
            settings |= {"clean_start": False, "properties": _lasting_properties()}
        if will is not None:
            settings["will"] = aiomqtt.Will(will.topic, will.payload, will.qos, will.retain)
        client = aiomqtt.Client(**settings)
        client._client.manual_ack_set(self._lasts(version))
        _hear(client._connected)
        _hear(client._disconnected)
        _notice_breaks(client)
        return client


class MqttSession:
    """One open connection; see `pcm_agent.transport.Session`."""

    def __init__(
        self,
        client: aiomqtt.Client,
        version: aiomqtt.ProtocolVersion,
        subscriptions: Sequence[str] = (),
        *,
        lasting: bool = False,
    ) -> None:
        self._client, self._lasting = client, lasting
        self._subscriptions = subscriptions
        self.version = version
        self._cut = False
        self._publishing: set[asyncio.Task[None]] = set()

    def publish(self, message: Outgoing) -> asyncio.Future[None]:
        """Hand a message to the broker; tasks start in the order in which they were made, and so do messages."""
        task = asyncio.ensure_future(self._publish(message))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)
        return task

    async def _publish(self, message: Outgoing) -> None:
        if self._cut:
            raise TransportError("session-lost", "the connection was cut")
        properties: Any = None  # ours, which pack themselves, where the client declares paho's
        if self.version is aiomqtt.ProtocolVersion.V5:
            properties = _properties(message.correlation, message.reply_to, message.lifetime)
        try:
            async with asyncio.timeout(ACKNOWLEDGE_TIMEOUT):  # the client's own would cost a task for each message
                await self._client.publish(
                    message.topic, message.payload, message.qos, message.retain, properties, timeout=math.inf
                )
        except TimeoutError as error:
            raise TransportError("session-lost", "the broker acknowledges nothing any more") from error
        except aiomqtt.MqttError as error:
            raise TransportError("session-lost", str(error)) from error

    async def messages(self) -> AsyncGenerator[Incoming]:
        """What arrives."""
        try:
            async for message in self._client.messages:
                if self._asked_for(message):
                    yield _incoming(message)
                if self._lasting:
                    self._client._client.ack(message.mid, message.qos)
        except aiomqtt.MqttError as error:
            raise TransportError("session-lost", str(error)) from error

    def _asked_for(self, message: aiomqtt.Message) -> bool:
        """Whether it is ours: amqtt 0.12 gives a client that comes back what is retained for any other client too."""
        if self.version is aiomqtt.ProtocolVersion.V5:
            return True
        return any(message.topic.matches(subscription) for subscription in self._subscriptions)

    def cut(self) -> None:
        """Lose the network: both directions of the socket are shut, nothing is said."""
        self._cut = True
        connection = self._client._client.socket()
        if isinstance(connection, socket.socket):
            with suppress(OSError):  # the other side was faster
                connection.shutdown(socket.SHUT_RDWR)

    async def close(self) -> None:
        """Say farewell, unless the network is gone; then only wait until the client has noticed."""
        await cancel_and_wait(*self._publishing, again_after=0.5)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                if self._cut:
                    async for _ in self._client.messages:
                        pass
                await self._client.__aexit__(None, None, None)
        except (aiomqtt.MqttError, TimeoutError):
            return


def _plain(error: Exception) -> str:
    """What the library says, without the numbers before it."""
    return _NUMBERS.sub("", str(error))


_new_properties: Callable[[int], Properties] = Properties


def _lasting_properties() -> Properties:
    properties = _new_properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = LASTS
    return properties


def _hear(future: asyncio.Future[None]) -> None:
    """Ask how it ended as soon as it does: asyncio complains of errors that nobody asked for.

    The client keeps such futures, and nobody does where broker and PCM stop at the same time.
    """
    future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())


def _notice_breaks(client: aiomqtt.Client) -> None:
    """Have a connection that breaks before the broker has answered fail then; alone it would wait for its time-out.

    It does where something else than the broker listens at its address, such as a proxy before one that is down.
    """
    told = cast("Callable[..., None]", client._client.on_disconnect)

    def broken(*how: object) -> None:
        if not client._connected.done():
            client._connected.set_exception(aiomqtt.MqttError("Disconnected before it answered"))
        told(*how)

    client._client.on_disconnect = broken


class _Packed:
    """Properties as bytes; packing themselves is all that paho asks of a message's properties."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def pack(self) -> bytes:
        return self._packed


_length: Callable[[int], bytes] = VariableByteIntegers.encode


@lru_cache(maxsize=32)
def _properties(correlation: str | None, reply_to: str | None, lifetime: float | None) -> _Packed:
    """What the envelope says, for brokers and tools that look at MQTT 5 properties only (MQTT 5, 3.3.2.3).

    Packed here, because paho's own way takes 30 µs, a third of all that it does for a message.
    """
    fields = _field(_CONTENT_TYPE, CONTENT_TYPE)
    if correlation:
        fields += _field(_CORRELATION_DATA, correlation)
    if reply_to:
        fields += _field(_RESPONSE_TOPIC, reply_to)
    if lifetime is not None:
        fields += _MESSAGE_EXPIRY + max(0, math.ceil(lifetime)).to_bytes(4, "big")
    return _Packed(_length(len(fields)) + fields)


def _field(identifier: bytes, text: str) -> bytes:
    """One property; nothing where the text is longer than a property may be, for it stands in the envelope too."""
    data = text.encode()
    return identifier + len(data).to_bytes(2, "big") + data if len(data) <= _LONGEST_PROPERTY else b""


def _incoming(message: aiomqtt.Message) -> Incoming:
    correlation = getattr(message.properties, "CorrelationData", None)
    return Incoming(
        topic=message.topic.value,
        payload=bytes(message.payload),
        correlation=correlation.decode("utf-8", "replace") if isinstance(correlation, bytes) else None,
    )
