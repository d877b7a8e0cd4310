"""Every way that a package job can take, explored breadth first over all that decides how it goes on."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from firmware_profiles import Way
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.effects import Effect
from pcm_agent.core.events import Event
from pcm_agent.core.regions.package import PACKAGE
from pcm_agent.core.states import Access, Ignition, Lock
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import PackageReported, PackageState

if TYPE_CHECKING:
    from datetime import datetime

    from tests.pcm_agent.core.conftest import Driver

FOD = "fod-1"
RESTART = "the PCM restarts"
WITHDRAWAL = "the order is withdrawn"
Asked = frozenset[type[Effect]]


class Move(NamedTuple):
    """Something that may happen: events, or time that passes until a timer of the job is due."""

    name: str
    events: tuple[Event, ...] = ()
    timer: str | None = None


WORLD = (
    Move("the car is switched on", (on.IgnitionTurnedOn(),)),
    Move("the car is switched off", (on.IgnitionTurnedOff(),)),
    Move("the car is locked", (on.CarLocked(),)),
    Move("the car is unlocked", (on.CarUnlocked(),)),
    Move("data is gone", (on.CellChanged("JP", None),)),
    Move("data is back", (on.CellChanged("JP", Access.LTE), on.BearerAttached(Way.EMBEDDED_SIM, Access.LTE))),
    Move(RESTART, (on.PcmStarted(),)),
)
"""The lock stands for all that an installation needs besides the car being off."""
PEOPLE = (
    Move("the driver agrees", (on.PackageConsented(FOD),)),
    Move(WITHDRAWAL, (on.WithdrawalAsked(FOD), on.PackageWithdrawn(FOD))),
    Move("the subscription ends", (on.PackageRemovalOrdered(FOD),)),
)
ANSWERS: Mapping[type[Effect], tuple[Event, ...]] = {
    do.StartDownload: (
        on.DownloadProgressed(FOD, 1000),
        on.DownloadInterrupted(FOD, "server-error"),
        on.DownloadInterrupted(FOD, "package-changed", 0, 10**12),
        on.DownloadFailed(FOD, "package-hash"),
        on.DownloadCompleted(FOD),
    ),
    do.InstallPackage: (
        on.PackageInstalled(FOD),
        on.InstallationFailed(FOD, "disk-full"),
        on.InstallationFailed(FOD, "package-missing"),
    ),
    do.VerifyPackage: (
        on.PackageVerified(FOD),
        on.InstallationFailed(FOD, "function-unhealthy"),
        on.InstallationFailed(FOD, "package-hash"),
    ),
    do.DiscardPackage: (on.PackageDiscarded(FOD), on.InstallationFailed(FOD, "disk-unwritable")),
    do.RemovePackage: (on.PackageRemoved(FOD), on.InstallationFailed(FOD, "disk-unwritable")),
}
"""What may come of the work that the core asks for."""
ENDS = {kind: {type(it) for it in answers} - {on.DownloadProgressed} for kind, answers in ANSWERS.items()}
"""The events after which nothing more is to come of it."""


class Node(NamedTuple):
    """All that decides how a job goes on."""

    state: PackageState
    blocked_by: tuple[str, ...] | None
    timers: frozenset[str]
    tried_before: bool
    ignition: str
    lock: str
    connection: str
    asked: Asked
    """The work that the core asked for, as long as it is not answered."""
    told_active: bool
    """The backend was told that the function is active."""


@dataclass
class Paths:
    """All that can be reached, and how."""

    moves: dict[Node, dict[str, Node]] = field(default_factory=dict)
    came_by: dict[Node, tuple[Node, str] | None] = field(default_factory=dict)
    refusals: dict[tuple[Node, str], str] = field(default_factory=dict)
    """The codes with which moves were refused."""
    wrongs: list[str] = field(default_factory=list)
    """What was done twice, or at a time at which it must not be done."""
    steps: set[tuple[str, str, str]] = field(default_factory=set)
    """Source, target and cause of all changes of the job's state."""

    def way_to(self, node: Node) -> str:
        """How the node was reached, for people."""
        moves: list[str] = []
        before = self.came_by[node]
        while before is not None:
            moves.insert(0, before[1])
            before = self.came_by[before[0]]
        return f"{node.state}, after: {', '.join(moves)}"

    def away_from(self, goals: Iterable[PackageState], without: Iterable[Move] = ()) -> list[str]:
        """The nodes from which none of these states can be reached, without moves that nobody may hope for."""
        wanted, forbidden = set(goals), {move.name for move in without}
        origins: dict[Node, list[Node]] = {node: [] for node in self.moves}
        for node, moves in self.moves.items():
            for move, target in moves.items():
                if move not in forbidden:
                    origins[target].append(node)
        found, queue = set[Node](), deque(node for node in self.moves if node.state in wanted)
        while queue:
            node = queue.popleft()
            if node not in found:
                found.add(node)
                queue.extend(origins[node])
        return [self.way_to(node) for node in self.moves if node not in found]


class Explorer:
    """Leads one car through all that can happen.

    Args:
        car: fresh from the factory.
        honest: whether only what was asked for is answered, as the runtime does; else any answer may come at any time.
    """

    def __init__(self, car: "Driver", *, honest: bool) -> None:
        self.paths = Paths()
        self._car, self._honest = car, honest
        self._queue: deque[Node] = deque()
        self._there: dict[Node, tuple[bytes, datetime]] = {}

    def explore(self) -> Paths:
        """All that follows from the offer of a package to a car that is online."""
        self._car.speak_seldom()
        self._car.go_online()
        self._car.order(self._car.offer(consent="ask"))
        self._arrive(self._node(frozenset(), told_active=False), None)
        while self._queue:
            node = self._queue.popleft()
            self.paths.moves[node] = {}
            for move in self._moves(node):
                self._make(node, move)
        return self.paths

    def _moves(self, node: Node) -> Iterator[Move]:
        yield from WORLD
        yield from PEOPLE
        for kind, answers in ANSWERS.items():
            if kind in node.asked or not self._honest:
                for answer in answers:
                    yield Move(f"{kind.__name__} brings {answer}", (answer,))
        for timer in sorted(node.timers):
            yield Move(f"time passes until {timer}", timer=timer)

    def _make(self, node: Node, move: Move) -> None:
        car = self._car
        snapshot, car.now = self._there[node]
        car.vehicle = Vehicle.restore(snapshot, car.profile, car.market, car.equipment)
        if move.timer is None:
            car.feed(*move.events)
        else:
            car.wait(seconds=(car.state.timers[f"{move.timer}:{FOD}"] - car.now).total_seconds())
        ended = {kind for kind in node.asked if move.name == RESTART or ENDS[kind] & {*map(type, move.events)}}
        after = self._judge(node, move, set(node.asked - ended))
        self.paths.moves[node][move.name] = after
        self._arrive(after, (node, move.name))

    def _judge(self, node: Node, move: Move, asked: set[type[Effect]]) -> Node:
        """Keep what was done; where the move led."""
        told_active = node.told_active
        for effect in self._car.last:
            match effect:
                case do.Publish(PackageReported(state=PackageState.ACTIVE)):
                    self._law(not told_active, node, move, "the function is reported active twice")
                    told_active = True
                case do.StopDownload():
                    asked.discard(do.StartDownload)
                case do.InstallPackage():
                    self._law(do.InstallPackage not in asked, node, move, "it is installed twice at a time")
                    self._law(not told_active, node, move, "it is installed again, though it is active")
                case do.Refuse(code=code):
                    self.paths.refusals[node, move.name] = code
                case do.Transition(PACKAGE.name, source, target, cause):
                    self.paths.steps.add((source, target, cause))
            if isinstance(effect, do.InstallPackage | do.RemovePackage):
                parked = (self._car.state.ignition, self._car.state.lock) == (Ignition.OFF, Lock.LOCKED)
                self._law(parked, node, move, "the car is changed while it is used")
            if type(effect) in ANSWERS:
                asked.add(type(effect))
        return self._node(frozenset(asked), told_active=told_active)

    def _law(self, holds: bool, node: Node, move: Move, wrong: str) -> None:
        if not holds:
            self.paths.wrongs.append(f"{self.paths.way_to(node)}, {move.name}: {wrong}")

    def _node(self, asked: Asked, *, told_active: bool) -> Node:
        job, state = self._car.job(), self._car.state
        return Node(
            job.state,
            job.blocked_by,
            frozenset(key.partition(":")[0] for key in state.timers if key.endswith(f":{FOD}")),
            job.attempts > 0,
            state.ignition,
            state.lock,
            state.connection,
            asked,
            told_active,
        )

    def _arrive(self, node: Node, came_by: tuple[Node, str] | None) -> None:
        if node not in self._there:
            self._there[node] = (self._car.vehicle.snapshot(), self._car.now)
            self.paths.came_by[node] = came_by
            self._queue.append(node)
