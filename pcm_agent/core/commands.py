"""Commands of the backend, turned into events of the vehicle."""

from collections.abc import Callable
from typing import Any

from pcm_agent.core.effects import ReportState
from pcm_agent.core.events import (
    AlarmClosed,
    DataPackageBooked,
    Event,
    LinkConfirmed,
    LinkRefused,
    LookOrdered,
    RemoteCommanded,
    SecurityCodeReset,
    ServiceCancelled,
    ServiceProvided,
    SettingsReceived,
    UserUnlinked,
    WithdrawalAsked,
)
from pcm_agent.core.region import Turn
from pcm_agent.protocol.messages import (
    Command,
    ConfigureReporting,
    ConfirmLink,
    Look,
    RefuseLink,
    WithdrawPackage,
)
from pcm_agent.protocol.messages import (
    ReportState as ReportStateCommand,
)
from pcm_agent.protocol.people import ApplySettings, RemoteCommand, ResetSecurityCode, Unlink
from pcm_agent.protocol.security import CloseAlarm
from pcm_agent.protocol.services import CancelService, ProvideService
from pcm_agent.protocol.sharing import BookDataPackage

HEARTBEAT = "heartbeat"
"""Key of the timer that runs while the car is online; the vehicle sets it anew where it is missing."""

MEANINGS: dict[type[Command], Callable[[Any], Event]] = {
    ConfirmLink: lambda it: LinkConfirmed(it.request_id, it.porsche_id, it.role, it.secured),
    RefuseLink: lambda it: LinkRefused(it.request_id, it.reason),
    Unlink: lambda it: UserUnlinked(it.porsche_id, it.role),
    ApplySettings: lambda it: SettingsReceived(it.porsche_id, it.settings),
    ResetSecurityCode: lambda it: SecurityCodeReset(it.porsche_id, it.role),
    RemoteCommand: RemoteCommanded,
    Look: lambda _: LookOrdered(),
    WithdrawPackage: lambda it: WithdrawalAsked(it.offer_id),
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
