"""A backend as a process: `pcm-sim backend`."""

import hashlib
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from pcm_agent.errors import LocalError
from pcm_agent.tasks import together
from simulator.backend.depot import Depot
from simulator.backend.desk import Desk
from simulator.backend.http import listening_socket, serving
from simulator.backend.opening import open_database
from simulator.backend.service import Backend
from simulator.broker import BrokerAddress
from simulator.broker.client import client_at
from simulator.clock import SimClock
from simulator.files import claimed
from simulator.packages import make_repositories, open_repositories
from simulator.repository import FolderStore, PackageRepositories
from simulator.repository.audit import audit
from simulator.repository.locks import MOMENT
from simulator.rig import RigLink
from simulator.scenario import visits
from simulator.trace import Trace
from simulator.traces.streaming import Streamer
from simulator.trust_file import check_ours, write_trust
from simulator.units import units_beside


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
        tell = partial(trace.noted, "")
        depot = Depot(repositories, units_beside(options.trust), f"http://{host}:{port}", clock, tell)
        write_trust(options.trust, depot.base_url, repositories.roots())
        watch(trace)

        desk = Desk(engine, depot, clock, random.SystemRandom(), partial(_did, trace))
        desk.publish_all()
        await stack.enter_async_context(serving(depot, store, listener, tell))
        log(f"the repositories are served at {depot.base_url}")
        backend = Backend(desk, client_at(broker, _client_id(repositories), lasting=True), tell)

        rig = client_at(broker, f"sim-backend-{uuid4().hex[:8]}")
        link = RigLink(rig, "+", "backend", partial(_do, backend), tell)
        streamer = Streamer(client_at(broker, f"trace-backend-{uuid4().hex[:8]}"), trace, "backend")
        await together(backend.run(), link.run(), streamer.run())


def _client_id(repositories: PackageRepositories) -> str:
    """Under which a backend's session lasts: the same as long as it has its repositories, and nobody else's."""
    return f"backend-{hashlib.sha256(repositories.roots(1).director).hexdigest()[:12]}"


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


def _did(trace: Trace, vin: str, name: str, details: dict[str, Any]) -> None:
    trace.add("backend", name, details, vin)


def _do(backend: Backend, vin: str, name: str, value: object) -> dict[str, Any]:
    """Do what a person does in My Porsche; a registration answers with the pairing code, as does who asks for it."""
    if name == "pairing_code":
        return {"pairing_code": visits.shown_pairing_code(backend.desk, vin, str(value))}
    if not visits.visit_my_porsche(backend.desk, vin, "", name, value):
        raise LocalError("action-unknown", f"{name} is nothing that a backend can do")
    backend.send_to(vin)
    if name != "register":
        return {}
    try:
        return {"pairing_code": backend.desk.pairing_code(vin)}
    except LocalError:
        return {}
