"""Verifies the metadata of both repositories with the reference client of TUF; nothing else in the agent knows it.

The client's `Updater` fetches while it verifies, without awaiting, and keeps a cache on disk. Ours has to await on a
link that may be slow or gone, works on a full disk too, and keeps nothing that could be poisoned; what must not be
forgotten stands in the journal (`pcm_agent.trust.floors`). So this module drives what the updater itself is built on:
`TrustedMetadataSet`, which takes bytes in the order of TUF's client workflow (5.3 to 5.6), refuses any other order, and
decides on signatures, thresholds, expiry, versions, lengths and hashes. Here stands only which file is next, how long
it may be, what time it is, and what a refusal is called.

That class is private to `tuf`: its version is pinned, and the tests hold this module against the `Updater` itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn, cast
from urllib.parse import quote

from tuf.api.exceptions import (
    BadVersionNumberError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Role, Signed, TargetFile, Targets
from tuf.api.serialization import DeserializationError, SerializationError
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from pcm_agent.errors import PeerError
from pcm_agent.ports import MetadataSource
from pcm_agent.tasks import side_by_side
from pcm_agent.trust.images import image_url
from pcm_agent.trust.metadata import (
    ROOT,
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    Target,
    TrustedRoots,
    Verified,
    VerifiedRepository,
    VerifiedRole,
)

CAPS: Mapping[str, int] = {ROOT: 64 * 1024, TIMESTAMP: 8 * 1024, SNAPSHOT: 64 * 1024, TARGETS: 512 * 1024}
"""Bytes that a role's metadata may have, where nothing signed says less."""
MOST_ROOTS = 32
"""So many newer roots are taken in one check, at most; the next check goes on from there."""
MOST_DELEGATIONS = 64
"""So many roles of functions are fetched in one check, at most."""

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (UnsignedMetadataError, "metadata-signature"),
    (LengthOrHashMismatchError, "metadata-mismatch"),
    (DeserializationError, "metadata-malformed"),
    (SerializationError, "metadata-malformed"),
    (RepositoryError, "metadata-mismatch"),
    (Exception, "metadata-malformed"),
)
"""What `tuf` raises → code, the more special first; `_refuse` knows those that depend on how far it came."""


class UptaneRepositories:
    """See `pcm_agent.ports.Repositories`.

    Args:
        source: gets the files.
        url: of both repositories, without a slash at the end: the Director's metadata for a car stands below
            `director/{vin}`, the Image repository's below `image`, the images below `images`.
        given: roots that the car trusts without asking.
    """

    def __init__(self, source: MetadataSource, url: str, given: TrustedRoots) -> None:
        self._source, self._url, self.given = source, url, given

    def image_url(self, path: str, sha256: str) -> str:
        """Below the address of the repositories."""
        return image_url(f"{self._url}/images", path, sha256)

    async def check(
        self, vin: str, newest: TrustedRoots | None, now: datetime, came: Callable[[int], None] = lambda _: None
    ) -> Verified:
        """Director first, then the Image repository for what the Director names."""
        roots = newest or self.given
        director = _Reading(self._source, f"{self._url}/director/{quote(vin, '')}", roots.director, now, came)
        await director.refresh()
        wanted = director.all_targets()
        image = _Reading(self._source, f"{self._url}/image", roots.image, now, came)
        await image.refresh()
        return Verified(director.verified(wanted), image.verified(await image.find(sorted(wanted))))


class _Reading:
    """One repository, read once from the root up.

    Args:
        source: gets the files.
        url: of the repository's metadata.
        root: trusted, whatever its age.
        now: what expiry is judged by (UTC).
        came: is told of bytes as they come.

    Raises:
        PeerError: `metadata-malformed`, `metadata-signature`: of the trusted root.
    """

    def __init__(
        self, source: MetadataSource, url: str, root: bytes, now: datetime, came: Callable[[int], None]
    ) -> None:
        self._source, self._url, self._root, self._came = source, url, root, came
        with _refusals(f"{url}: the trusted root", None):
            self._trusted = TrustedMetadataSet(root, EnvelopeType.METADATA)
        self._trusted.reference_time = now

    async def refresh(self) -> None:
        """Read the four top-level roles, in the order of TUF's client workflow (5.3 to 5.6).

        Raises:
            PeerError, TransportError: see `pcm_agent.ports.Repositories.check`.
        """
        await self._newer_roots()
        await self._load("timestamp.json", CAPS[TIMESTAMP], self._trusted.update_timestamp)
        snapshot = self._trusted.timestamp.snapshot_meta
        limit = snapshot.length or CAPS[SNAPSHOT]
        await self._load(f"{snapshot.version}.snapshot.json", limit, self._trusted.update_snapshot)
        self._accept_targets(TARGETS, ROOT, *await self._listed(TARGETS))

    def all_targets(self) -> dict[str, Target]:
        """What the top-level targets name."""
        return {path: _target(target) for path, target in self._trusted.targets.targets.items()}

    async def find(self, paths: Sequence[str]) -> dict[str, Target]:
        """What is said of images, by the top-level targets or by the delegation of their names (TUF 5.6.7).

        The files of the delegations are fetched side by side and verified one after the other. Delegations of
        delegations are not followed: functions have none.

        Raises:
            PeerError, TransportError: see `pcm_agent.ports.Repositories.check`.
        """
        delegations = {path: self._delegations(path) for path in paths}
        needed = dict.fromkeys(role for roles in delegations.values() for role in roles)
        if len(needed) > MOST_DELEGATIONS:
            raise PeerError("metadata-oversized", f"{self._url}: more than {MOST_DELEGATIONS} roles are named")
        files = await side_by_side(*(self._listed(role) for role in needed))
        for role, (name, content) in zip(needed, files, strict=True):
            self._accept_targets(role, TARGETS, name, content)
        found = {path: self._look_up(path, roles) for path, roles in delegations.items()}
        return {path: target for path, target in found.items() if target is not None}

    def _delegations(self, path: str) -> list[str]:
        """The roles that may name an image, in their order, up to the first that has the last word."""
        targets = self._trusted.targets
        named: list[str] = []
        if path not in targets.targets and targets.delegations is not None:
            for role, terminating in targets.delegations.get_roles_for_target(path):
                named.append(role)
                if terminating:
                    break
        return named

    def _look_up(self, path: str, roles: Sequence[str]) -> Target | None:
        for role in (TARGETS, *roles):
            found = cast("Targets", self._trusted[role]).targets.get(path)
            if found is not None:
                return _target(found)
        return None

    def verified(self, targets: Mapping[str, Target]) -> VerifiedRepository:
        """What was read, as a value.

        Args:
            targets: those that matter to the car.
        """
        trusted, signed = self._trusted, self._trusted.targets
        delegated = (signed.delegations.roles or {}) if signed.delegations else {}
        names = (ROOT, TIMESTAMP, SNAPSHOT, TARGETS)
        roles = {name: _role(trusted[name], trusted.root.get_delegated_role(name)) for name in names}
        roles |= {name: _role(trusted[name], role) for name, role in sorted(delegated.items()) if name in trusted}
        listed = {name.removesuffix(".json"): meta.version for name, meta in sorted(trusted.snapshot.meta.items())}
        custom = dict(signed.unrecognized_fields)
        return VerifiedRepository(self._root, roles, listed, custom, tuple(sorted(delegated)), targets)

    async def _newer_roots(self) -> None:
        """Follow the chain of roots, one version at a time (TUF 5.3)."""
        for _ in range(MOST_ROOTS):
            name = f"{self._trusted.root.version + 1}.root.json"
            content = await self._fetch(name, CAPS[ROOT])
            if content is None:
                return
            self._accept(name, content, self._trusted.update_root)
            self._root = content

    async def _listed(self, role: str) -> tuple[str, bytes]:
        """The targets metadata of a role as the snapshot lists it: name of the file, and content."""
        listed = self._trusted.snapshot.meta.get(f"{role}.json")
        if listed is None:
            raise PeerError("metadata-mismatch", f"{self._url}: the snapshot does not list {role}")
        name = f"{listed.version}.{quote(role, '')}.json"
        return name, await self._there(name, listed.length or CAPS[TARGETS])

    def _accept_targets(self, role: str, delegator: str, name: str, content: bytes) -> None:
        self._accept(name, content, lambda data: self._trusted.update_delegated_targets(data, role, delegator))

    async def _load(self, name: str, limit: int, accept: Callable[[bytes], object]) -> None:
        self._accept(name, await self._there(name, limit), accept)

    async def _there(self, name: str, limit: int) -> bytes:
        """A file that must be there."""
        content = await self._fetch(name, limit)
        if content is None:
            raise PeerError("metadata-missing", f"{self._url}/{name}: there is no such file")
        return content

    async def _fetch(self, name: str, limit: int) -> bytes | None:
        content = await self._source.fetch(f"{self._url}/{name}", limit, self._came)
        if content is not None and len(content) > limit:
            raise PeerError("metadata-oversized", f"{self._url}/{name}: {len(content)} bytes, {limit} at most")
        return content

    def _accept(self, name: str, content: bytes, accept: Callable[[bytes], object]) -> None:
        with _refusals(f"{self._url}/{name}", self._trusted):
            accept(content)


@contextmanager
def _refusals(where: str, trusted: TrustedMetadataSet | None) -> Iterator[None]:
    """Give whatever verifying some bytes raises a stable code; the bytes are to blame for all of it."""
    try:
        yield
    except Exception as error:
        _refuse(error, where, trusted)


def _refuse(error: Exception, where: str, trusted: TrustedMetadataSet | None) -> NoReturn:
    code = next(code for kind, code in (*_special(trusted), *_CODES) if isinstance(error, kind))
    if trusted is not None and code == "root-expired":  # it shows when the timestamp is read
        where = f"{where.rpartition('/')[0]}/{trusted.root.version}.root.json"
    raise PeerError(code, f"{where}: {str(error) or type(error).__name__}") from error


def _special(trusted: TrustedMetadataSet | None) -> Iterator[tuple[type[Exception], str]]:
    """The codes that depend on how far it came."""
    if trusted is None:
        return
    at_root = TIMESTAMP not in trusted
    old_root = at_root and trusted.root.is_expired(trusted.reference_time)
    yield ExpiredMetadataError, "root-expired" if old_root else "metadata-expired"
    yield BadVersionNumberError, "metadata-rollback" if at_root else "metadata-mismatch"


def _target(target: TargetFile) -> Target:
    custom = target.custom if isinstance(target.custom, dict) else {}
    return Target(target.path, target.length, dict(target.hashes), custom)


def _role(signed: Signed, role: Role) -> VerifiedRole:
    return VerifiedRole(signed.version, tuple(sorted(role.keyids)), role.threshold, signed.expires)
