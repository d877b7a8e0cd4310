"""The ports with real sockets, files and processes: a broker, an HTTP server for packages, a folder for each car."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import aiomqtt
from sqlalchemy import Engine

from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.adapters.mqtt import MqttBroker
from pcm_agent.errors import TransportError
from pcm_agent.ports import Fetcher, Journal, MetadataSource, PackageFiles
from pcm_agent.protocol.topics import kept_of
from pcm_agent.transport import Broker, Outgoing
from simulator.backend.depot import Depot
from simulator.backend.http import listening_socket, serving
from simulator.backend.opening import open_database
from simulator.broker import BrokerAddress, RunningBroker, check_ours, start_broker
from simulator.broker.client import client_at
from simulator.clock import SimClock
from simulator.faults.carrier import Carrier
from simulator.faults.lines import Lines
from simulator.faults.relay import HOST, Relay, Target
from simulator.faults.uplink import Uplink, never
from simulator.lab import START, seeded_depot
from simulator.lab.means import BACKEND, Restless, Step
from simulator.pace import Pace
from simulator.repository import FolderStore

LOOK_AGAIN = 0.0005
"""Real seconds between two looks whether everything is quiet."""
ROUNDS = 16
"""Rounds of the event loop: a task that waits for a task begins one or two of them after it."""
PATIENCE = 10.0
"""Real seconds after which a live lab waits no more for what is under way: something has swallowed it."""


class Http(NamedTuple):
    """What gets files over HTTP."""

    fetcher: HttpFetcher
    source: HttpMetadataSource


Serve = Callable[[Depot, FolderStore, socket.socket], AbstractAsyncContextManager[None]]
"""Serves repositories on a socket."""


class LiveMeans:
    """See `simulator.lab.Means`; made by `live_means`."""

    live = True

    def __init__(self, pace: Pace, broker: RunningBroker, http: Http, depot: Depot, folder: Path) -> None:
        self.clock, self.depot = pace.clock, depot
        self._pace = pace
        self.broker_runs = True
        self.folder = folder
        """Of all that is kept: by VIN what is a car's."""
        self.relays: dict[str, Relay] = {}
        """Before broker and repositories, by VIN."""
        self.beyond: Callable[[], bool] = never
        """Whether the server of the repositories lets something wait for the clock."""
        self._broker, self._http = broker, http

    def open_books(self) -> Engine:
        """A file in the folder."""
        return open_database(f"sqlite:///{self.folder / 'backend.sqlite'}")

    def close_books(self, engine: Engine) -> None:
        """The file stays as long as the folder."""
        engine.dispose()

    def broker(self, client_id: str, *, lasting: bool = False) -> Broker:
        """The running broker."""
        return mqtt_client(self._broker, client_id, lasting=lasting)

    def fetcher(self) -> Fetcher:
        """HTTP."""
        return self._http.fetcher

    def source(self) -> MetadataSource:
        """HTTP."""
        return self._http.source

    def uplink(self, vin: str, lines: Lines, draw: Callable[[], float]) -> Uplink:
        """The running broker and the HTTP server, behind a relay of the car's own."""
        carrier, address, url = Carrier(lines, self.clock, draw), self._broker.address, urlsplit(self.depot.base_url)
        targets = Target(address.host, address.port), Target(url.hostname or HOST, url.port or 80)
        relay = self.relays[vin] = Relay(carrier, *targets, beyond=self.beyond)
        mqtt, http = relay.ports
        broker = _mqtt_client(replace(address, host=HOST, port=mqtt), f"pcm-{vin}", self._broker.supports_mqtt5)
        return Uplink(broker, self.fetcher(), self.source(), f"http://{HOST}:{http}", lambda: relay.waits)

    async def close(self) -> None:
        """Have no relay any more, and leave the broker, which may go on, at work and without anything of these cars.

        Raises:
            TransportError: it was stopped, and can't be started again.
        """
        for relay in self.relays.values():
            await relay.close()
        if not self.broker_runs:
            await self.start_broker()
        if self.relays:
            with suppress(TransportError):  # a broker of somebody else that is gone is not ours to tell of
                await self._forget(*(topic for vin in self.relays for topic in kept_of(vin)))

    async def _forget(self, *topics: str) -> None:
        """Have the broker keep nothing at these topics (MQTT 5, 3.3.1.3: an empty payload), nor for the backend."""
        async with self.broker(BACKEND).connect(None, []) as session:  # a clean start ends its lasting session
            for topic in topics:
                await session.publish(Outgoing(topic=topic, payload=b"", id="", retain=True))

    def journal(self, vin: str) -> Journal:
        """SQLite, in the car's folder."""
        return SqliteJournal(self.folder / vin / "journal.sqlite")

    def files(self, vin: str) -> PackageFiles:
        """The car's folder."""
        return DiskPackageFiles(self.folder / vin / "packages")

    def check_broker(self) -> None:
        """One that was started here can."""
        check_ours(self._broker)

    async def stop_broker(self) -> None:
        """Its process, or its part of this one, ends."""
        self.check_broker()
        self.broker_runs = False  # before it ends: whoever loses his session by that has no last will to come
        await self._broker.pause()

    async def start_broker(self) -> None:
        """On the same port."""
        await self._broker.resume()
        self.broker_runs = True

    async def settle(self, lab: Restless) -> None:
        """Return when nothing is under way, for as many rounds of the event loop as it takes to begin something."""
        await self._settled(lab)

    async def _settled(self, lab: Restless) -> bool:
        """The same; False: it was given up, and something may still be under way."""
        rounds, begun = 0, asyncio.get_running_loop().time()
        while rounds < ROUNDS:
            if lab.quiet:
                rounds += 1
                await asyncio.sleep(0)
            elif asyncio.get_running_loop().time() - begun < PATIENCE:
                rounds = 0
                await _look_again()
            else:
                lab.give_up()
                return False
        return True

    async def whenever_quiet(self, lab: Restless, step: Step, *, paced: bool = False) -> None:
        """See `simulator.lab.Means`; a lab that was given up is not waited for again before the next instant."""
        quiet, reached = await self._settled(lab), None
        while (due := step()) is not None:
            if paced and self._pace.waits and due != reached:
                reached = due if await self._pace.reach(due, lambda: not lab.quiet) else None
                quiet = quiet and await self._settled(lab)
                continue  # something may have come and gone meanwhile
            self.clock.jump(due)
            quiet, reached = await self._settled(lab), None


async def _look_again() -> None:
    """Let whoever is at work go on."""
    looked = asyncio.Event()
    asyncio.get_running_loop().call_later(LOOK_AGAIN, looked.set)
    await looked.wait()


def mqtt_client(broker: RunningBroker, client_id: str, *, lasting: bool = False) -> MqttBroker:
    """The broker port for one client."""
    return _mqtt_client(broker.address, client_id, broker.supports_mqtt5, lasting=lasting)


def _mqtt_client(
    address: BrokerAddress, client_id: str, supports_mqtt5: bool | None, *, lasting: bool = False
) -> MqttBroker:
    """The same, of a broker of which it may be known whether it speaks MQTT 5: then the other is not tried."""
    versions = {None: None, True: aiomqtt.ProtocolVersion.V5, False: aiomqtt.ProtocolVersion.V311}
    return client_at(address, client_id, versions[supports_mqtt5], lasting=lasting)


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
    async with (
        start_broker(broker_choice, log=log) as broker,
        means_beside(broker, seed, speed, serve=serve, metadata=metadata) as means,
    ):
        yield means


@asynccontextmanager
async def means_beside(
    broker: RunningBroker,
    seed: int,
    speed: float,
    *,
    serve: Serve = serving,
    metadata: Callable[[], HttpMetadataSource] = HttpMetadataSource,
) -> AsyncIterator[LiveMeans]:
    """As `live_means`, with a broker that runs and goes on afterwards."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pcm-sim-")))
        fetcher = await stack.enter_async_context(HttpFetcher())
        source = await stack.enter_async_context(metadata())
        listener = listening_socket("127.0.0.1", 0)
        clock, store = SimClock(START), FolderStore(folder / "repositories")
        depot = seeded_depot(seed, store, f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
        await stack.enter_async_context(serve(depot, store, listener))
        means = LiveMeans(Pace(clock, speed), broker, Http(fetcher, source), depot, folder)
        stack.push_async_callback(means.close)
        yield means
