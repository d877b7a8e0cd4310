"""How a live run gets its MQTT broker.

One function, `start_broker`, gives a `RunningBroker` for as long as its block lasts: the installed Mosquitto as a child
process, amqtt inside this process, or one that somebody else runs. What is started here listens on loopback unless
the caller names another host, and is gone when the block is left, however it is left.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from simulator.broker.address import BrokerAddress, BrokerError, BrokerKind, check_answers, check_free
from simulator.broker.in_process import AmqttServer
from simulator.broker.mosquitto import MosquittoServer, find_mosquitto

__all__ = ["BrokerAddress", "BrokerError", "BrokerKind", "RunningBroker", "check_ours", "start_broker"]


class RunningBroker(Protocol):
    """A broker that clients can connect to now."""

    @property
    def address(self) -> BrokerAddress:
        """Where clients on this machine reach it."""

    @property
    def kind(self) -> BrokerKind:
        """Who runs it."""

    @property
    def version(self) -> str:
        """Its version as it names itself, or "unknown"."""

    @property
    def supports_mqtt5(self) -> bool | None:
        """Whether it speaks MQTT 5; None when only a client can find out."""

    @property
    def pid(self) -> int | None:
        """The id of its own process, if it has one that was started here."""

    async def pause(self) -> None:
        """Stop it for a time.

        Raises:
            BrokerError: `broker-not-ours` for one that was not started here.
        """

    async def resume(self) -> None:
        """Start it again on the same port; retained messages have survived.

        Raises:
            BrokerError: `broker-start-failed`, or `broker-not-ours`.
        """

    async def restart(self) -> None:
        """Both, one after the other.

        Raises:
            BrokerError: as `resume` does.
        """


def check_ours(broker: RunningBroker) -> None:
    """Whether it can be stopped, and started again.

    Raises:
        BrokerError: `broker-not-ours`: it was not started here.
    """
    if broker.kind == "external":
        raise BrokerError("broker-not-ours", f"the broker at {broker.address} was not started here")


@asynccontextmanager
async def start_broker(
    choice: str, *, port: int = 0, host: str = "127.0.0.1", log: Callable[[str], None]
) -> AsyncIterator[RunningBroker]:
    """Provide a broker while the block lasts.

    Args:
        choice: "mosquitto", "amqtt", "auto" (Mosquitto when it is installed and starts, otherwise amqtt), or the URL
            of a broker that already runs, as `BrokerAddress.parse` takes it.
        port: the TCP port to listen on; 0 chooses a free one. A URL brings its own.
        host: the one address to listen on. A URL brings its own.
        log: takes one plain sentence about what was started or found; it never holds a password.

    Raises:
        BrokerError: `broker-url-invalid`, `broker-unreachable`, `broker-port-unusable`, `broker-not-installed` or
            `broker-start-failed`.
    """
    if choice not in ("auto", "mosquitto", "amqtt"):
        yield await _find(choice, log)
        return
    check_free(host, port)
    server = await _start(choice, host, port, log)
    try:
        log(f"{server.kind} {server.version} listens on {host}, port {server.address.port}")
        yield server
    finally:
        await server.stop()


async def _start(choice: str, host: str, port: int, log: Callable[[str], None]) -> MosquittoServer | AmqttServer:
    if choice != "amqtt":
        try:
            return await _start_mosquitto(host, port)
        except BrokerError as error:
            if choice == "mosquitto":
                raise
            log(f"{error.message}; amqtt is used instead, which speaks MQTT 3.1.1 only")
    server = AmqttServer(host, port)
    await server.start()
    return server


async def _start_mosquitto(host: str, port: int) -> MosquittoServer:
    executable = find_mosquitto()
    if executable is None:
        raise BrokerError("broker-not-installed", "mosquitto is not installed")
    server = MosquittoServer(executable, host, port)
    await server.start()
    return server


async def _find(choice: str, log: Callable[[str], None]) -> RunningBroker:
    if "://" not in choice:
        raise BrokerError("broker-url-invalid", "a broker is auto, mosquitto, amqtt or a URL like mqtt://host:1883")
    address = BrokerAddress.parse(choice)
    await check_answers(address)
    log(f"a broker answers at {address}")
    return _ExternalBroker(address)


@dataclass(frozen=True)
class _ExternalBroker:
    address: BrokerAddress
    kind: BrokerKind = "external"
    version: str = "unknown"
    supports_mqtt5: bool | None = None
    pid: int | None = None

    async def pause(self) -> None:
        check_ours(self)

    resume = restart = pause
