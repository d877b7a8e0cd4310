"""What a car on a desk is given to trust, in a file: the repositories' address, and a root of each (Uptane 5.4.1).

The backend writes it at every start; an agent reads it at every look, so either may be started first.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from pcm_agent.adapters.uptane import UptaneRepositories
from pcm_agent.errors import LocalError, PeerError, TransportError
from pcm_agent.ports import MetadataSource
from pcm_agent.trust.metadata import TrustedRoots, Verified
from simulator.files import reason, write_atomically
from simulator.repository import PackageRepositories
from simulator.repository.signing import Repository


class Trust(Struct, frozen=True):
    """The file's content; roots are metadata of TUF, as JSON."""

    repositories: str
    director: msgspec.Raw
    image: msgspec.Raw

    @property
    def roots(self) -> TrustedRoots:
        """Both roots."""
        return TrustedRoots(bytes(self.director), bytes(self.image))


def write_trust(path: Path, url: str, roots: TrustedRoots) -> None:
    """Write the file.

    Raises:
        TransportError: `trust-unwritable`.
    """
    trust = Trust(url, msgspec.Raw(roots.director), msgspec.Raw(roots.image))
    write_atomically(path, msgspec.json.encode(trust).decode() + "\n", code="trust-unwritable", parents=True)


def read_trust(path: Path) -> Trust:
    """Read the file.

    Raises:
        TransportError: `trust-missing`, `trust-unreadable`.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Trust)
    except FileNotFoundError as error:
        raise TransportError("trust-missing", f"{path}: start the backend, or copy its file here") from error
    except (OSError, msgspec.DecodeError) as error:
        why = reason(error)
        raise TransportError("trust-unreadable", f"{path}: {why}; start the backend again: it writes it") from error


def check_ours(path: Path, folder: Path, repositories: PackageRepositories | None) -> None:
    """Let nobody change by accident whom the cars on a desk trust: a file that names other roots stays as it is.

    One that can't be read names none, and may be replaced. Roots that were ours before a rotation are ours.

    Args:
        path: of the file.
        folder: where the repositories are, or will be.
        repositories: which are there; None: they are yet to be made.

    Raises:
        LocalError: `trust-of-others`.
    """
    try:
        trust = read_trust(path)
    except TransportError:
        return
    if repositories is None or not _same(trust, repositories):
        raise LocalError(
            "trust-of-others",
            f"{path} has cars trust the repositories that were served at {trust.repositories}, not those in {folder}; "
            f"name a file of their own with --trust, for the agents too, or remove {path}",
        )


def _same(trust: Trust, repositories: PackageRepositories) -> bool:
    """Whether both roots of the file are versions of ours."""
    given = (trust.director, repositories.director.repository), (trust.image, repositories.image.repository)
    return all(_is_version(root, repository) for root, repository in given)


def _is_version(root: msgspec.Raw, repository: Repository) -> bool:
    try:
        plain = msgspec.json.decode(root)
        return bool(plain == msgspec.json.decode(repository.root_bytes(plain["signed"]["version"])))
    except (msgspec.DecodeError, KeyError, TypeError, PeerError):
        return False


class TrustedRepositories:
    """See `pcm_agent.ports.Repositories`: those that a file names.

    Args:
        source: gets the files.
        path: of the file.
    """

    def __init__(self, source: MetadataSource, path: Path) -> None:
        self._source, self._path = source, path
        self._last: tuple[Trust, UptaneRepositories] | None = None
        """What the file said last, and who may hold files since."""

    @property
    def given(self) -> TrustedRoots:
        """The roots in the file."""
        return read_trust(self._path).roots

    def image_url(self, path: str, sha256: str) -> str:
        """Below the address in the file."""
        return self._now().image_url(path, sha256)

    async def check(
        self, vin: str, newest: TrustedRoots | None, now: datetime, came: Callable[[int], None] = lambda _: None
    ) -> Verified:
        """What both say now."""
        return await self._now().check(vin, newest, now, came)

    def _now(self) -> UptaneRepositories:
        trust = read_trust(self._path)
        if self._last is None or self._last[0] != trust:
            self._last = trust, UptaneRepositories(self._source, trust.repositories, trust.roots)
        return self._last[1]
