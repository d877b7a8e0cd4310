"""Commands of the backend, turned into events of the vehicle."""

from collections.abc import Callable
from typing import Any

from pcm_agent.core.effects import Publish, ReportState, Show
from pcm_agent.core.events import (
    AlarmClosed,
    DataPackageBooked,
    Event,
    LinkConfirmed,
    LinkRefused,
    PackageConsented,
    PackageOffered,
    PackageRemovalOrdered,
    PackageWithdrawn,
    RemoteCommanded,
    SecurityCodeReset,
    ServiceCancelled,
    ServiceProvided,
    SettingsReceived,
    UserUnlinked,
)
from pcm_agent.core.region import Turn
from pcm_agent.core.report import package_report
from pcm_agent.core.state import PackageJob
from pcm_agent.errors import PeerError
from pcm_agent.protocol.messages import (
    Command,
    ConfigureReporting,
    ConfirmLink,
    OfferPackage,
    PackageState,
    RefuseLink,
    RemovePackage,
    WithdrawPackage,
)
from pcm_agent.protocol.messages import (
    ReportState as ReportStateCommand,
)
from pcm_agent.protocol.people import ApplySettings, RemoteCommand, ResetSecurityCode, Unlink
from pcm_agent.protocol.security import CloseAlarm
from pcm_agent.protocol.services import CancelService, ProvideService
from pcm_agent.protocol.sharing import BookDataPackage
from pcm_agent.trust.manifest import check_offer

FINISHED = frozenset(
    (
        PackageState.CANCELLED,
        PackageState.EXPIRED,
        PackageState.FAILED,
        PackageState.REMOVED,
    )
)
"""What nothing follows any more; a job that was rolled back is tried again (FOD-07)."""
HEARTBEAT = "heartbeat"
"""Key of the timer that runs while the car is online; the vehicle sets it anew where it is missing."""
JOBS_KEPT = 32
"""So many finished jobs are remembered; older ones make room."""


MEANINGS: dict[type[Command], Callable[[Any], Event]] = {
    ConfirmLink: lambda it: LinkConfirmed(it.request_id, it.porsche_id, it.role, it.secured),
    RefuseLink: lambda it: LinkRefused(it.request_id, it.reason),
    Unlink: lambda it: UserUnlinked(it.porsche_id, it.role),
    ApplySettings: lambda it: SettingsReceived(it.porsche_id, it.settings),
    ResetSecurityCode: lambda it: SecurityCodeReset(it.porsche_id, it.role),
    RemoteCommand: RemoteCommanded,
    OfferPackage: PackageOffered,
    WithdrawPackage: lambda it: PackageWithdrawn(it.offer_id),
    RemovePackage: lambda it: PackageRemovalOrdered(it.offer_id),
    ProvideService: lambda it: ServiceProvided(it.service, it.until),
    CancelService: lambda it: ServiceCancelled(it.service),
    CloseAlarm: lambda _: AlarmClosed(),
    BookDataPackage: lambda it: DataPackageBooked(it.until, it.renewed_days),
}
"""What a command means to the vehicle's regions; each takes the command beside it, which no type of a mapping says."""


def interpret(command: Command, turn: Turn) -> Event | None:
    """The event that a command means to the vehicle's regions; None where it is carried out here."""
    match command:
        case ReportStateCommand():
            turn.add(ReportState())
        case ConfigureReporting():
            turn.state.heartbeat_seconds = command.heartbeat_seconds
            turn.cancel_timer(HEARTBEAT)
        case _:
            return MEANINGS[type(command)](command)
    return None


def open_job(turn: Turn, offer: OfferPackage) -> Event | None:
    """Begin a package job for an offer that can be trusted (FOD-02).

    An offer that came before is no second job: it says where the package is now, and nothing else.
    """
    manifest = offer.manifest
    known = turn.state.jobs.get(manifest.offer_id)
    if known is not None and known.manifest != manifest:
        turn.refuse("offer-changed", "FOD-04")
        return None
    try:
        check_offer(offer, turn.state.vin, turn.car.trusted_key)
    except PeerError as error:
        turn.refuse(error.code, "FOD-04")
        return None
    if known is not None:
        known.url, turn.changed = offer.url, True
        return None
    if turn.now >= manifest.not_after:
        turn.refuse("offer-expired", "FOD-01")
        return None
    _make_room(turn)
    job = turn.job = turn.state.jobs[manifest.offer_id] = PackageJob(manifest=manifest, url=offer.url)
    turn.changed = True
    turn.set_timer(f"expiry:{manifest.offer_id}", manifest.not_after)
    turn.add(Publish(package_report(job)))
    if offer.consent == "ordered":
        return PackageConsented(manifest.offer_id)
    turn.add(Show("package-consent", {"function": manifest.function}))
    return None


def _make_room(turn: Turn) -> None:
    finished = [offer_id for offer_id, job in turn.state.jobs.items() if job.state in FINISHED]
    for offer_id in finished[: max(0, len(finished) - JOBS_KEPT + 1)]:
        del turn.state.jobs[offer_id]
