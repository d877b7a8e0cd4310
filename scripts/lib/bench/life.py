"""A piece of a car's life as a list of events with their times, to be handled again and again."""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from firmware_profiles import load_countries, load_profile
from pcm_agent.core import effects as do
from pcm_agent.core import events as on
from pcm_agent.core.states import Access, SelectorLever
from pcm_agent.core.vehicle import Vehicle
from pcm_agent.protocol.messages import (
    KIND_OF,
    Command,
    ConfigureReporting,
    Look,
    ReportState,
)
from pcm_agent.trust.floors import Floor, Floors
from pcm_agent.trust.images import Assignment

Happened = tuple[on.Event, datetime]

VIN = "WP0ZZZBENCH000001"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LENGTH = 40_000_000
LISTS = ((1,), (1, 2), (1,), ())
"""The orders that the Director lists, one look after the other; the first one is removed once it is not listed."""
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

LEAVING_HOME = (
    on.CarUnlocked(),
    on.CarEntered(),
    on.IgnitionTurnedOn(),
    on.ParkingBrakeReleased(),
    on.SelectorLeverMoved(SelectorLever.DRIVE),
)
PARKING = (
    on.SelectorLeverMoved(SelectorLever.PARK),
    on.ParkingBrakeApplied(),
    on.IgnitionTurnedOff(),
    on.ChargingCableConnected(),
    on.CarLeft(),
    on.CarLocked(),
    on.BatteryLevelMeasured(70),
    on.ChargingCableDisconnected(),
)


FLOORS = Floors(
    {
        f"{repository}/{role}": Floor(number, "0" * 32)
        for repository in ("director", "image")
        for number, role in enumerate(("root", "timestamp", "snapshot", "snapshot/targets", "targets"), 1)
    }
)
"""As many as a car keeps of two repositories without delegations."""


def assignment(number: int) -> Assignment:
    """An image that the car is to have."""
    function = "intelligent-range-manager"
    return Assignment(
        offer_id=f"order-{number}.1",
        function=function,
        version="1.0",
        path=f"{function}/{function}-1.0",
        length=LENGTH,
        sha256="0" * 64,
        release_counter=1,
        not_after=START + timedelta(days=28),
        consent="ordered",
    )


def new_car() -> Vehicle:
    """The car that lives this life, as it left the factory."""
    return Vehicle.new(VIN, load_profile("taycan"), load_countries()["JP"])


def two_drives() -> list[Happened]:
    """What happens to the car on two drives with a stop after each.

    On the first one a function is ordered, downloaded after a tunnel and private mode, and installed once the car is
    left; on the second one an order is withdrawn and the function is taken out again. Each time that the order changes
    the car is told to look, and reads the repositories. Heartbeats come every ten minutes only, so that they, the
    cheapest of all events, don't make the mean.
    """
    return list(_Life(new_car()).lived(_plan()))


def _plan() -> list[Happened]:
    """What does not follow from anything that the car does."""
    second = START + 60 * MINUTE
    return [
        (on.PcmStarted(), START),
        (on.CellChanged("JP", Access.UMTS), START),
        *_drive(START + MINUTE, [ConfigureReporting(heartbeat_seconds=600), Look(), ReportState()]),
        *_drive(second, [ReportState(), Look(), Look()]),
        (_command(100, Look()), second + 50 * MINUTE),
        (on.BatteryLevelMeasured(68), second + 61 * MINUTE),
    ]


def _drive(start: datetime, commands: list[Command]) -> Iterator[Happened]:
    """A drive of half an hour through changing cells, with a stretch in private mode."""
    yield from ((event, start + index * SECOND) for index, event in enumerate(LEAVING_HOME))
    yield on.PrivateModeEnabled(), start + 2 * MINUTE
    for index, command in enumerate(commands):
        yield _command(start.hour * 10 + index, command), start + (3 + index) * MINUTE
    yield on.PrivateModeDisabled(), start + 6 * MINUTE
    cells = (Access.LTE, None, Access.EDGE, Access.UMTS, Access.LTE)
    yield from (
        (on.CellChanged("JP", access), start + 7 * MINUTE + index * SECOND) for index, access in enumerate(cells)
    )
    yield from ((on.BatteryLevelMeasured(80 - index), start + (10 + 4 * index) * MINUTE) for index in range(5))
    yield from ((event, start + 30 * MINUTE + index * SECOND) for index, event in enumerate(PARKING))


def _command(number: int, body: Command) -> on.CommandReceived:
    return on.CommandReceived(f"command-{number}", KIND_OF[type(body)], body)


class _Life:
    """Lets a plan happen to a car together with all that follows from it: timers, bearers, downloads, installations."""

    def __init__(self, car: Vehicle) -> None:
        self._car = car
        self._coming: list[tuple[datetime, int, on.Event]] = []
        self._order = count()
        self._lists = iter(LISTS)

    def lived(self, plan: list[Happened]) -> Iterator[Happened]:
        """All that happened, in order; it ends with the last entry of the plan."""
        for event, at in plan:
            self._expect(event, at)
        end = max(at for _, at in plan)
        while self._coming and self._coming[0][0] <= end:
            at, _, event = heapq.heappop(self._coming)
            if isinstance(event, on.TimerFired) and self._car.state.timers.get(event.key) != at:
                continue
            yield event, at
            for effect in self._car.handle(event, at):
                self._follow(effect, at)

    def _expect(self, event: on.Event, at: datetime) -> None:
        heapq.heappush(self._coming, (at, next(self._order), event))

    def _follow(self, effect: do.Effect, now: datetime) -> None:
        match effect:
            case do.SetTimer(key, at):
                self._expect(on.TimerFired(key), at)
            case do.AttachBearer(way):
                access = self._car.state.cell.access if self._car.state.cell else None
                self._expect(on.BearerAttached(way, access), now + 1.5 * SECOND)
            case do.CheckMetadata():
                listed = tuple(map(assignment, next(self._lists)))
                removals = () if listed else ("order-1.1",)
                found = on.MetadataAccepted(listed, FLOORS, now + timedelta(days=3), removals=removals)
                self._expect(found, now + 2 * SECOND)
            case do.StartDownload(offer_id):
                for second in range(1, 7):
                    self._expect(on.DownloadProgressed(offer_id, second * LENGTH // 7), now + second * SECOND)
                self._expect(on.DownloadCompleted(offer_id), now + 7 * SECOND)
            case do.InstallPackage(offer_id):
                self._expect(on.PackageInstalled(offer_id), now)
            case do.VerifyPackage(offer_id):
                self._expect(on.PackageVerified(offer_id), now)
            case do.DiscardPackage(offer_id):
                self._expect(on.PackageDiscarded(offer_id), now)
            case do.RemovePackage(offer_id):
                self._expect(on.PackageRemoved(offer_id), now)
