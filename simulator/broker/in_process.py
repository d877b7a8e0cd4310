"""amqtt inside this process: what pip alone gives, MQTT 3.1.1 only."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import metadata
from typing import TYPE_CHECKING, Any

from simulator.broker.address import BrokerAddress, BrokerError, BrokerKind, reached_from_here

if TYPE_CHECKING:
    from amqtt.broker import Broker

STOP_LIMIT_S = 3.0
# By default amqtt loads plugins that raise deprecation warnings and write a line for each packet.
PLUGINS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


class AmqttServer:
    """One amqtt broker on the running event loop.

    Args:
        host: the one address to listen on.
        port: the TCP port; 0 chooses a free one.
    """

    kind: BrokerKind = "amqtt"
    supports_mqtt5: bool | None = False
    pid: int | None = None

    def __init__(self, host: str, port: int) -> None:
        self.version = "unknown"
        self._host = host
        self._port = port
        self._broker: Broker | None = None
        self._connections: set[asyncio.Task[Any]] = set()
        self._kept: dict[str, Any] = {}
        """Retained messages, by topic, while it is stopped."""

    @property
    def address(self) -> BrokerAddress:
        """Where clients on this machine reach it."""
        return BrokerAddress(reached_from_here(self._host), self._port)

    async def start(self) -> None:
        """Start; on return clients can connect.

        Raises:
            BrokerError: `broker-not-installed` or `broker-start-failed`.
        """
        try:
            from amqtt import broker as amqtt
        except ImportError as error:
            raise BrokerError("broker-not-installed", "amqtt is not installed") from error
        _silence()
        self.version = metadata.version("amqtt")
        bind = f"{self._host}:{self._port}"  # IPv6 too: amqtt takes it without brackets, and fails with them
        broker = amqtt.Broker({"listeners": {"default": {"type": "tcp", "bind": bind}}, "plugins": PLUGINS})
        broker.stream_connected = self._followed(broker.stream_connected)
        try:
            await broker.start()
        except amqtt.BrokerError as error:
            raise BrokerError("broker-start-failed", f"amqtt did not start: {error}") from error
        self._broker = broker
        self._port = _listeners(broker)[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the port and every connection; does nothing when already stopped."""
        broker, self._broker = self._broker, None
        if broker is None:
            return
        try:
            # Since Python 3.12 this waits for all connections, also for one that never says a word.
            with suppress(TimeoutError):
                await asyncio.wait_for(broker.shutdown(), STOP_LIMIT_S)
        finally:
            for listener in _listeners(broker):
                listener.close()
            for connection in self._connections:
                connection.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    async def pause(self) -> None:
        """Stop, and keep the retained messages."""
        assert self._broker is not None
        old = self._broker
        self._kept = dict(old.retained_messages)
        await self.stop()
        self._kept |= old.retained_messages  # the last wills of those who were connected

    async def resume(self) -> None:
        """Start on the same port; retained messages have survived, sessions have not.

        Raises:
            BrokerError: `broker-start-failed`.
        """
        await self.start()
        assert self._broker is not None
        for message in self._kept.values():
            await self._broker.retain_message(None, message.topic, message.data, message.qos)

    async def restart(self) -> None:
        """Both, one after the other.

        Raises:
            BrokerError: `broker-start-failed`.
        """
        await self.pause()
        await self.resume()

    def _followed(self, serve: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        # amqtt neither remembers connections without a session nor closes them.
        async def serve_and_close(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
        ) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            try:
                await serve(reader, writer, listener_name)
            finally:
                self._connections.discard(task)
                writer.close()

        return serve_and_close


def _listeners(broker: "Broker") -> list[asyncio.Server]:
    # amqtt has no public way to learn the port that the system chose.
    return [server.instance for server in broker._servers.values()]


def _silence() -> None:
    # amqtt logs a client that merely goes away as an error; whoever sets a level for its logger still hears it.
    logger = logging.getLogger("amqtt")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.CRITICAL + 1)
