"""The ports with real sockets, files and processes: a broker, an HTTP server for packages, a folder for each car."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiomqtt
from sqlalchemy import Engine

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.adapters.mqtt import MqttBroker
from pcm_agent.ports import Fetcher, Journal, MetadataSource, PackageFiles
from pcm_agent.transport import Broker
from simulator.backend.depot import Depot
from simulator.backend.http import listening_socket, serving
from simulator.backend.records import open_database
from simulator.broker import BrokerAddress, RunningBroker, start_broker
from simulator.clock import SimClock
from simulator.lab import QUIET_SECONDS, START, Lab, seeded_depot
from simulator.repository import FolderStore


class Http(NamedTuple):
    """What gets files over HTTP."""

    fetcher: HttpFetcher
    source: HttpMetadataSource


Serve = Callable[[Depot, FolderStore, socket.socket], AbstractAsyncContextManager[None]]
"""Serves repositories on a socket."""


class LiveMeans:
    """See `simulator.lab.Means`; made by `live_means`."""

    live = True

    def __init__(self, clock: SimClock, broker: RunningBroker, http: Http, depot: Depot, folder: Path) -> None:
        self.clock, self.depot = clock, depot
        self.folder = folder
        """Of all that is kept: by VIN what is a car's."""
        self._broker, self._http = broker, http

    def open_books(self) -> Engine:
        """A file in the folder."""
        return open_database(f"sqlite:///{self.folder / 'backend.sqlite'}")

    def close_books(self, engine: Engine) -> None:
        """The file stays as long as the folder."""
        engine.dispose()

    def broker(self, client_id: str) -> Broker:
        """The running broker."""
        return mqtt_client(self._broker, client_id)

    def fetcher(self) -> Fetcher:
        """HTTP."""
        return self._http.fetcher

    def source(self) -> MetadataSource:
        """HTTP."""
        return self._http.source

    def journal(self, vin: str) -> Journal:
        """SQLite, in the car's folder."""
        return SqliteJournal(self.folder / vin / "journal.sqlite")

    def files(self, vin: str) -> PackageFiles:
        """The car's folder."""
        return DiskPackageFiles(self.folder / vin / "packages")

    async def settle(self, lab: Lab) -> None:
        """Wait until no message is under way; give up on those that a cut connection has swallowed."""
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                await lab.becomes_quiet()
        except TimeoutError:
            if lab.under_way is not None:
                lab.under_way.clear()

    async def whenever_quiet(self, lab: Lab, step: Callable[[], bool]) -> None:
        """See `simulator.lab.Means`."""
        await self.settle(lab)
        while step():
            await self.settle(lab)


def mqtt_client(broker: RunningBroker, client_id: str) -> MqttBroker:
    """The broker port for one client; a broker that is known not to speak MQTT 5 is spared the try."""
    version = aiomqtt.ProtocolVersion.V311 if broker.supports_mqtt5 is False else None
    return mqtt_client_at(broker.address, client_id, version)


def mqtt_client_at(
    address: BrokerAddress, client_id: str, version: aiomqtt.ProtocolVersion | None = None
) -> MqttBroker:
    """The broker port for one client, at an address."""
    return MqttBroker(
        address.host,
        address.port,
        client_id,
        username=address.username,
        password=address.password,
        version=version,
    )


@asynccontextmanager
async def live_means(
    seed: int,
    speed: float,
    broker_choice: str,
    log: Callable[[str], None],
    *,
    serve: Serve = serving,
    metadata: Callable[[], HttpMetadataSource] = HttpMetadataSource,
) -> AsyncIterator[LiveMeans]:
    """Start what a live lab needs; all of it is gone when the block is left.

    Args:
        seed: of the keys.
        speed: seconds of the simulation in a real one.
        broker_choice: as `simulator.broker.start_broker` takes it.
        log: takes one plain sentence about what was started.
        serve: the server that cars read.
        metadata: what cars read metadata with.

    Raises:
        TransportError: something outside could not be had.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pcm-sim-")))
        broker = await stack.enter_async_context(start_broker(broker_choice, log=log))
        fetcher = await stack.enter_async_context(HttpFetcher())
        source = await stack.enter_async_context(metadata())
        listener = listening_socket("127.0.0.1", 0)
        clock, store = SimClock(START, speed), FolderStore(folder / "repositories")
        depot = seeded_depot(seed, store, f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
        await stack.enter_async_context(serve(depot, store, listener))
        yield LiveMeans(clock, broker, Http(fetcher, source), depot, folder)
