"""What the backend says, as commands that this car accepted."""

from datetime import datetime

from pcm_agent.core.events.base import Event
from pcm_agent.protocol.messages import Command
from pcm_agent.protocol.people import RemoteCommand, Role


class CommandReceived(Event, frozen=True):
    """A command arrived, well-formed and for this car."""

    id: str
    kind: str
    body: Command
    expires: datetime | None = None
    over_app: bool = False
    """It came by the app on a phone, which takes the answers back (REM-03)."""


class LinkConfirmed(Event, frozen=True):
    """The backend linked the car to a Porsche ID."""

    request_id: str
    porsche_id: str
    role: Role = Role.MAIN
    secured: bool = False


class LinkRefused(Event, frozen=True):
    """The backend did not link the car."""

    request_id: str
    reason: str


class LookOrdered(Event, frozen=True):
    """The repositories say something new of this car."""


class WithdrawalAsked(Event, frozen=True):
    """The backend asks whether a package can still be cancelled; what the Director lists no longer then is."""

    offer_id: str


class PackageWithdrawn(Event, frozen=True):
    """The Director lists a package no longer."""

    offer_id: str


class UserUnlinked(Event, frozen=True):
    """The car is no longer in somebody's profile."""

    porsche_id: str
    role: Role


class SettingsReceived(Event, frozen=True):
    """The backend knows these settings of a Porsche ID."""

    porsche_id: str
    settings: dict[str, str]


class SecurityCodeReset(Event, frozen=True):
    """A user's security code was reset in My Porsche."""

    porsche_id: str
    role: Role


class RemoteCommanded(Event, frozen=True):
    """Somebody wants the car to do something from afar."""

    command: RemoteCommand
