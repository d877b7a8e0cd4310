"""Agent and backend as processes of their own, on one broker: what `pcm-sim agent` and `pcm-sim backend` run."""

import hashlib
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from firmware_profiles import Country, Equipment, Profile
from pcm_agent import __version__
from pcm_agent.adapters.files import DiskPackageFiles
from pcm_agent.adapters.http import HttpFetcher
from pcm_agent.adapters.http_metadata import HttpMetadataSource
from pcm_agent.adapters.journal import SqliteJournal
from pcm_agent.core import events as on
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.errors import LocalError
from pcm_agent.ports import Ports
from pcm_agent.runtime import Agent
from pcm_agent.tasks import together
from pcm_agent.trust.unit import unit_with
from simulator.backend.depot import Depot
from simulator.backend.desk import Desk
from simulator.backend.http import listening_socket, serving
from simulator.backend.records import open_database
from simulator.backend.service import Backend
from simulator.broker import BrokerAddress
from simulator.clock import SimClock, later
from simulator.faults.disk import DamagingFetcher, FaultyFiles
from simulator.files import claimed
from simulator.live import mqtt_client_at
from simulator.packages import make_repositories, open_repositories
from simulator.repository import FolderStore, PackageRepositories
from simulator.repository.audit import audit
from simulator.repository.locks import MOMENT
from simulator.rig import RigLink
from simulator.scenario import actions
from simulator.scenario.menus import menu_event, read_way, way_of
from simulator.scenario.model import MenuTap, duration
from simulator.trace import FORMAT, Trace
from simulator.traces.car import present
from simulator.traces.streaming import Streamer
from simulator.traces.writing import opened
from simulator.trust_file import TrustedRepositories, check_ours, write_trust
from simulator.units import FolderUnits, record_of, replaced, unit_key
from simulator.watch import AgentWatch
from simulator.world import World
from simulator.world.relay import AppRelay
from simulator.world.world import PacedFetcher, PacedSource


@dataclass(frozen=True)
class AgentOptions:
    """How to run an agent with a simulated world around it.

    Attributes:
        vin: of the car.
        profile: what car it is.
        country: where the car was sold.
        broker: URL.
        folder: for its journal and its packages; made if there is none.
        trust: file with the repositories and their roots; the car's unit is written down beside it, in `cars`.
        speed: seconds of its clock in a real one.
        equipment: what was ordered with the car.
        language: what the driver reads.
        trace: file for all that happens; what stood there is replaced.
    """

    vin: str
    profile: Profile
    country: Country
    broker: str
    folder: Path
    trust: Path
    speed: float = 1.0
    equipment: frozenset[Equipment] = frozenset()
    language: str = "en"
    trace: Path | None = None


@dataclass(frozen=True)
class BackendOptions:
    """How to run a backend.

    Attributes:
        broker: URL.
        folder: for its database and its repositories; made if there is none.
        trust: file that is written for agents; the cars' units are read beside it, in `cars`.
        host: address to serve packages on.
        port: TCP port to serve packages on; 0 chooses a free one.
    """

    broker: str
    folder: Path
    trust: Path
    host: str = "127.0.0.1"
    port: int = 0


async def run_agent(options: AgentOptions, watch: Callable[[Trace], None]) -> None:
    """Run one car's agent until cancelled; started again, it goes on where it was.

    Raises:
        LocalError: the options can't be used.
        TransportError: the disk can't be used. A broker that is down is no error: it is tried until it is there.
    """
    market = options.country
    broker = BrokerAddress.parse(options.broker)
    async with AsyncExitStack() as stack:
        journal = SqliteJournal(options.folder / "journal.sqlite")
        stack.callback(journal.close)
        fetcher = await stack.enter_async_context(HttpFetcher())
        source = await stack.enter_async_context(HttpMetadataSource())
        saved = journal.load()
        vehicle = _vehicle(options, saved.snapshot)
        unit = unit_with(unit_key(options.folder / "unit.key"))
        units, record = _units(options.trust), record_of(options.vin, options.profile.hardware_id, unit)
        other_unit = replaced(units, record)
        units.keep(record)
        clock = SimClock(max(datetime.now(UTC), vehicle.state.clock or datetime.now(UTC)), options.speed)
        file = stack.enter_context(opened(options.trace, by_line=True))
        trace = Trace(clock, file, keep=False)
        trace.add("run", "run", {"format": FORMAT, "version": __version__, "mode": "agent"})
        watch(trace)
        if other_unit is not None:
            _note(trace, options.vin, "unit-replaced", other_unit)
        world = World(clock)
        relay = AppRelay(options.vin, mqtt_client_at(broker, f"app-{options.vin}"), clock, lambda: uuid4().hex)
        world.relay = relay
        ports = Ports(
            clock=clock,
            broker=mqtt_client_at(broker, f"pcm-{options.vin}"),
            journal=journal,
            modem=world,
            body=world,
            app=world,
            unit=unit,
            repositories=TrustedRepositories(PacedSource(source, world, clock), options.trust),
            fetcher=DamagingFetcher(PacedFetcher(fetcher, world, clock), world.disk),
            files=FaultyFiles(DiskPackageFiles(options.folder / "packages"), world.disk, clock),
            observer=AgentWatch(trace, options.vin),
            new_id=lambda: uuid4().hex,
            jitter=random.random,
        )
        agent = Agent(vehicle, ports, f"pcm-sim {__version__}", saved.outbox)
        world.connect(agent.feed)
        link = RigLink(
            mqtt_client_at(broker, f"sim-{options.vin}"),
            options.vin,
            "world",
            lambda _, name, value: _with_refusal(trace, lambda: _do_in_world(world, agent, clock, (name, value))),
            partial(_note, trace, options.vin),
        )
        introduce = partial(present, trace, vehicle, options.language)
        introduce(lived=saved.snapshot is not None)
        streamer = Streamer(
            mqtt_client_at(broker, f"trace-{options.vin}"), trace, "agent", partial(introduce, lived=True)
        )
        agent.boot()
        world.resume(vehicle.state, market.code)
        await together(agent.run(), relay.run(agent.hear), link.run(), streamer.run())


async def run_backend(options: BackendOptions, watch: Callable[[Trace], None], log: Callable[[str], None]) -> None:
    """Run a backend until cancelled; started again, it goes on where it was.

    Raises:
        LocalError, TransportError: as `run_agent`.
    """
    broker = BrokerAddress.parse(options.broker)
    async with AsyncExitStack() as stack:
        listener = listening_socket(options.host, options.port)
        host, port = listener.getsockname()[:2]
        stack.enter_context(claimed(options.folder))
        engine = open_database(f"sqlite:///{options.folder / 'backend.sqlite'}")
        stack.callback(engine.dispose)
        clock = SimClock(datetime.now(UTC), 1.0)
        store = FolderStore(options.folder / "repositories")
        repositories = _repositories(store, options.trust, clock.now(), log)
        trace = Trace(clock, keep=False)
        tell = partial(_note, trace, "")
        depot = Depot(repositories, _units(options.trust), f"http://{host}:{port}", clock, tell)
        write_trust(options.trust, depot.base_url, repositories.roots())
        watch(trace)

        desk = Desk(engine, depot, clock, random.SystemRandom(), partial(_did, trace))
        desk.publish_all()
        await stack.enter_async_context(serving(depot, store, listener, tell))
        log(f"the repositories are served at {depot.base_url}")
        backend = Backend(desk, mqtt_client_at(broker, _client_id(repositories), lasting=True), tell)

        rig = mqtt_client_at(broker, f"sim-backend-{uuid4().hex[:8]}")
        link = RigLink(rig, "+", "backend", partial(_do_at_backend, backend), tell)
        streamer = Streamer(mqtt_client_at(broker, f"trace-backend-{uuid4().hex[:8]}"), trace, "backend")
        await together(backend.run(), link.run(), streamer.run())


def _client_id(repositories: PackageRepositories) -> str:
    """Under which a backend's session lasts: the same as long as it has its repositories, and nobody else's."""
    return f"backend-{hashlib.sha256(repositories.roots(1).director).hexdigest()[:12]}"


def _units(trust: Path) -> FolderUnits:
    return FolderUnits(trust.parent / "cars")


def _repositories(store: FolderStore, trust: Path, now: datetime, log: Callable[[str], None]) -> PackageRepositories:
    """Those in the folder, made where there are none, signed anew where that is due; what is wrong with them is said.

    Raises:
        PeerError: `repository-broken`, `key-missing`, `key-wrong`: with the file, and what to do.
        LocalError: `trust-of-others`; the folder can't be used.
        TransportError: the folder can't be used.
    """
    if not store.folder.exists():
        check_ours(trust, store.folder, None)
        return make_repositories(store.folder, now, MOMENT)
    repositories = open_repositories(store.folder, MOMENT)
    check_ours(trust, store.folder, repositories)
    repositories.refresh(now)
    for finding in audit(repositories, now):
        if finding.problem is not None:
            log(f"{finding.what}: {finding.problem}")
    return repositories


def _vehicle(options: AgentOptions, snapshot: bytes | None) -> Vehicle:
    vin, profile, market = options.vin, options.profile, options.country
    if snapshot is None:
        return Vehicle.new(vin, profile, market, options.equipment)
    vehicle = Vehicle.restore(snapshot, profile, market, options.equipment)
    if vehicle.state.vin != vin:
        raise LocalError("folder-of-another-car", f"the journal is that of {vehicle.state.vin}, not of {vin}")
    if (vehicle.state.profile, vehicle.state.market) != (profile.name, market.code):
        was = f"a {vehicle.state.profile} sold in {vehicle.state.market}"
        raise LocalError("folder-of-another-car", f"{vin} is {was}; a changed car needs a folder of its own")
    return vehicle


def _note(trace: Trace, vin: str, code: str, text: str) -> None:
    trace.add("note", code, {"text": text}, vin)


def _did(trace: Trace, vin: str, name: str, details: dict[str, Any]) -> None:
    trace.add("backend", name, details, vin)


def _with_refusal(trace: Trace, perform: Callable[[], None]) -> dict[str, Any]:
    """Do something, and say with which code the car refused it at once, if it did."""
    refused: list[str] = []
    forget = trace.listen(lambda record: refused.append(record.name) if record.kind == "refusal" else None)
    try:
        perform()
    finally:
        forget()
    return {"refused": refused[0]} if refused else {}


def _do_in_world(world: World, agent: Agent, clock: SimClock, action: tuple[str, object]) -> None:
    """Do what a rig asks of the world around the car."""
    name, value = action
    if actions.shown_code_in(name, value) is not None:
        raise LocalError("action-invalid", "the car does not know what My Porsche shows; type the digits")
    if name == "wait":
        clock.jump(later(clock.now(), duration(str(value))))
    elif name == "agree_to":
        jobs = agent.vehicle.state.jobs.values()
        for offer_id in [job.assignment.offer_id for job in jobs if job.assignment.function == value]:
            world.happens(on.PackageConsented(offer_id))
    elif name == "menu":
        _tap(world, agent, cast("MenuTap", value))  # the model lets nothing else stand at `menu`
    elif not actions.change_world(world, agent.vehicle.state.market, name, value):
        world.happens(actions.body_event(name, value))


def _tap(world: World, agent: Agent, tap: MenuTap) -> None:
    """Tap through the menus; whoever asked is told more of a wrong way than the PCM shows."""
    profile = agent.vehicle.car.profile
    world.happens(menu_event(profile, tap))
    problem = read_way(profile, way_of(tap)).problem
    if problem:
        raise LocalError("menu-path-unknown", problem)


def _do_at_backend(backend: Backend, vin: str, name: str, value: object) -> dict[str, Any]:
    """Do what a person does in My Porsche; a registration answers with the pairing code, as does who asks for it."""
    if name == "pairing_code":
        return {"pairing_code": actions.shown_pairing_code(backend.desk, vin, str(value))}
    if not actions.visit_my_porsche(backend.desk, vin, "", name, value):
        raise LocalError("action-unknown", f"{name} is nothing that a backend can do")
    backend.send_to(vin)
    if name != "register":
        return {}
    try:
        return {"pairing_code": backend.desk.pairing_code(vin)}
    except LocalError:
        return {}
