"""How transfer and installation of a package go on."""

from pcm_agent.core.events.base import Event


class DownloadProgressed(Event, frozen=True):
    """So many bytes are on disk now; at most once a second, and a hundred times a package."""

    offer_id: str
    received: int


class DownloadCompleted(Event, frozen=True):
    """All bytes are on disk and their hash is right."""

    offer_id: str
    skipped: int = 0
    """Bytes that came though they were there already."""


class DownloadInterrupted(Event, frozen=True):
    """The transfer broke off; what is on disk stays there."""

    offer_id: str
    code: str
    received: int | None = None
    """Bytes on disk now; None: as many as were told last."""
    fetched: int = 0
    """New bytes that this try brought, kept or not."""
    skipped: int = 0
    """Bytes that came though they were there already."""
    jitter: float = 0.0
    """A random number from 0 to 1: cars that lost one server together do not come back together."""


class DeltaUnusable(Event, frozen=True):
    """The delta can't be had, or does not make the package; nothing of it is on disk any more."""

    offer_id: str
    code: str
    received: int | None = None
    """Bytes that were on disk in the end; None: as many as were told last."""
    skipped: int = 0
    """Bytes that came though they were there already."""


class DownloadFailed(Event, frozen=True):
    """The transfer can't succeed: wrong hash, wrong length, gone from the server."""

    offer_id: str
    code: str
    received: int | None = None
    """Bytes that were on disk in the end; None: as many as were told last."""
    skipped: int = 0
    """Bytes that came though they were there already."""


class PackageInstalled(Event, frozen=True):
    """The function's pointer was switched to the new version."""

    offer_id: str


class PackageVerified(Event, frozen=True):
    """The installed version passed its health check."""

    offer_id: str


class InstallationFailed(Event, frozen=True):
    """Switching or checking failed; the old version is in place."""

    offer_id: str
    code: str


class PackageDiscarded(Event, frozen=True):
    """A cancelled package's files are gone."""

    offer_id: str


class PackageRemoved(Event, frozen=True):
    """An active function's files are gone."""

    offer_id: str
