"""What the backend says, as commands that this car accepted."""

from datetime import datetime

from pcm_agent.core.events.base import Event
from pcm_agent.protocol.messages import Command, OfferPackage


class CommandReceived(Event, frozen=True):
    """A command arrived, well-formed and for this car."""

    id: str
    kind: str
    body: Command
    expires: datetime | None = None


class LinkConfirmed(Event, frozen=True):
    """The backend linked the car to a Porsche ID."""

    request_id: str
    porsche_id: str


class LinkRefused(Event, frozen=True):
    """The backend did not link the car."""

    request_id: str
    reason: str


class PackageOffered(Event, frozen=True):
    """A package with a good signature is offered to this car."""

    offer: OfferPackage


class PackageWithdrawn(Event, frozen=True):
    """The backend wants a package cancelled."""

    offer_id: str


class PackageRemovalOrdered(Event, frozen=True):
    """The backend wants an active function taken out."""

    offer_id: str
