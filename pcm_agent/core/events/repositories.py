"""What comes of looking at the repositories, as far as it was believed."""

from datetime import datetime

from pcm_agent.core.events.base import Event
from pcm_agent.trust.floors import Floors
from pcm_agent.trust.images import Assignment
from pcm_agent.trust.metadata import TrustedRoots


class MetadataAccepted(Event, frozen=True):
    """Both repositories were verified and agree: this is all that the car is to have, and to have no longer."""

    assignments: tuple[Assignment, ...]
    floors: Floors
    good_until: datetime
    """From then on it is too old to begin anything by it."""
    roots: TrustedRoots | None = None
    """The newest ones; None: still those that the car was given."""
    removals: tuple[str, ...] = ()
    """Offers whose functions are to be taken out."""
    fetched: int = 0
    """Bytes that were fetched since the last answer."""
    vouched_until: datetime | None = None
    """When the later of both timestamps expires; None: the car's clock counts alone."""


class PackageRemovalOrdered(Event, frozen=True):
    """The Director wants an active function taken out."""

    offer_id: str


class MetadataRefused(Event, frozen=True):
    """What a repository says is not to be believed; all that was believed before still holds."""

    code: str
    """One of `pcm_agent.trust.refusals.REFUSALS`."""
    floors: Floors | None = None
    """Where the metadata is authentic and only what it says is refused."""
    roots: TrustedRoots | None = None
    jitter: float = 0.0
    """A random number from 0 to 1, as with `DownloadInterrupted`."""
    fetched: int = 0
    """As with `MetadataAccepted`: what is not believed has been paid for all the same."""


class MetadataInterrupted(Event, frozen=True):
    """The repositories could not be read; it says nothing about them."""

    code: str
    jitter: float = 0.0
    fetched: int = 0
