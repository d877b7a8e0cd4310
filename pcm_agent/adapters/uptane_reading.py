"""Reads and verifies one repository with the reference client of TUF; nothing else in the agent knows it.

The client's `Updater` fetches while it verifies, without awaiting, and keeps a cache on disk. Ours has to await on a
link that may be slow or gone, and works on a full disk too; what must not be forgotten stands in the journal
(`pcm_agent.trust.floors`). So this module drives what the updater itself is built on: `TrustedMetadataSet`, which takes
bytes in the order of TUF's client workflow (5.3 to 5.6), refuses any other order, and decides on signatures,
thresholds, expiry, versions, lengths and hashes. Here stands only which file is next, how long it may be, what time it
is, and what is known already.

That class is private to `tuf`: its version is pinned, and the tests hold this module against the `Updater` itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import cast
from urllib.parse import quote

from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import MetaFile, Role, Signed, TargetFile, Targets
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from pcm_agent.adapters.uptane_codes import refusals
from pcm_agent.errors import PeerError
from pcm_agent.tasks import cancel_and_wait, side_by_side
from pcm_agent.trust.metadata import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, Target, VerifiedRepository, VerifiedRole

CAPS: Mapping[str, int] = {ROOT: 64 * 1024, TIMESTAMP: 8 * 1024, SNAPSHOT: 64 * 1024, TARGETS: 512 * 1024}
"""Bytes that a role's metadata may have, whatever is signed; what is signed may only say less."""
MOST_ROOTS = 32
"""So many newer roots are taken in one check, at most; the next check goes on from there."""
MOST_DELEGATIONS = 64
"""So many roles of functions are fetched in one check, at most."""

Fetch = Callable[[str, int], Awaitable[bytes | None]]


class Reading:
    """One repository, read once from the root up.

    Args:
        fetch: gets a file by its address, with so many bytes at most; see `pcm_agent.ports.MetadataSource`.
        url: of both repositories.
        base: folder of the repository's metadata.
        root: trusted, whatever its age.
        now: what expiry is judged by (UTC).
        last: what was read here before; its files are not fetched again where what is signed names their hashes.

    Raises:
        PeerError: `metadata-malformed`, `metadata-signature`: of the trusted root.
    """

    def __init__(
        self, fetch: Fetch, url: str, base: str, root: bytes, now: datetime, *, last: "Reading | None"
    ) -> None:
        self._get, self._url, self.base, self._root, self._now = fetch, f"{url}/{base}", base, root, now
        self._last, self._files = last, dict[str, bytes]()
        self._needed: tuple[str, ...] = ()
        """Delegations that name what was looked for."""
        self._given, self._rooted = root, self._verified_root(root)
        self._trusted = _copied(self._rooted)
        self._trusted.reference_time = now

    @property
    def length(self) -> int:
        """Bytes of all files that were read."""
        return sum(map(len, self._files.values()))

    def _verified_root(self, root: bytes) -> TrustedMetadataSet:
        """What begins with these bytes: nothing but they decide on it, so the same ones are verified once."""
        if self._last is not None and self._last._given == root:
            return self._last._rooted
        with refusals(f"{self._url}: the trusted root", None):
            return TrustedMetadataSet(root, EnvelopeType.METADATA)

    async def refresh(self) -> None:
        """Read the four top-level roles, in the order of TUF's client workflow (5.3 to 5.6).

        Raises:
            PeerError, TransportError: see `pcm_agent.ports.Repositories.check`.
        """
        timestamp = self._files["timestamp.json"] = await self._newest_timestamp()
        if self._last is not None and self._last.holds(self._root, timestamp, self._now):
            self._trusted, self._files = _copied(self._last._trusted), dict(self._last._files)
            self._trusted.reference_time = self._now
            return
        self._accept("timestamp.json", timestamp, self._trusted.update_timestamp)
        snapshot = self._trusted.timestamp.snapshot_meta
        name = f"{snapshot.version}.snapshot.json"
        self._accept(name, await self._named(name, snapshot, CAPS[SNAPSHOT]), self._trusted.update_snapshot)
        self._accept_targets(TARGETS, ROOT, *await self._listed(TARGETS))

    def holds(self, root: bytes, timestamp: bytes, now: datetime) -> bool:
        """Whether nothing else would be read below this root and this timestamp: all is named by hash, and fresh."""
        trusted = self._trusted
        named = (trusted.timestamp.snapshot_meta, *trusted.snapshot.meta.values())
        return (
            (root, timestamp) == (self._root, self._files["timestamp.json"])
            and all(each.hashes for each in named)
            and not any(signed.is_expired(now) for signed in trusted)
        )

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
        needed = self._needed = tuple(dict.fromkeys(role for roles in delegations.values() for role in roles))
        if len(needed) > MOST_DELEGATIONS:
            raise PeerError("metadata-oversized", f"{self._url}: more than {MOST_DELEGATIONS} roles are named")
        missing = [role for role in needed if not self._trusted.contains(role, TARGETS)]
        files = await side_by_side(*(self._listed(role) for role in missing))
        for role, (name, content) in zip(missing, files, strict=True):
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
        """What was needed of what was read, as a value: the same, whatever was needed before.

        Args:
            targets: those that matter to the car.
        """
        trusted, signed = self._trusted, self._trusted.targets
        delegated = (signed.delegations.roles or {}) if signed.delegations else {}
        names = (ROOT, TIMESTAMP, SNAPSHOT, TARGETS)
        roles = {name: _role(trusted[name], trusted.root.get_delegated_role(name)) for name in names}
        roles |= {name: _role(trusted[name], role) for name, role in sorted(delegated.items()) if name in self._needed}
        listed = {name.removesuffix(".json"): meta.version for name, meta in sorted(trusted.snapshot.meta.items())}
        custom = dict(signed.unrecognized_fields)
        return VerifiedRepository(self._root, roles, listed, custom, tuple(sorted(delegated)), targets)

    async def _newest_timestamp(self) -> bytes:
        """Follow the chain of roots, then get the timestamp (TUF 5.3, 5.4.1).

        Mostly there is no newer root: so both are asked for at once. A timestamp that a newer root has overtaken is
        dropped unread, and asked for again.
        """
        ahead = asyncio.ensure_future(self._there("timestamp.json", CAPS[TIMESTAMP]))
        try:
            newer = await self._newer_roots()
        except BaseException:
            await cancel_and_wait(ahead)
            raise
        if not newer:
            return await ahead
        await cancel_and_wait(ahead)
        return await self._there("timestamp.json", CAPS[TIMESTAMP])

    async def _newer_roots(self) -> bool:
        """Follow the chain of roots, one version at a time; whether there was a newer one."""
        first = self._trusted.root.version
        for version in range(first + 1, first + 1 + MOST_ROOTS):
            name = f"{version}.root.json"
            content = await self._fetch(name, CAPS[ROOT])
            if content is None:
                break
            self._accept(name, content, self._trusted.update_root)
            self._root = content
        return self._trusted.root.version > first

    async def _listed(self, role: str) -> tuple[str, bytes]:
        """The targets metadata of a role as the snapshot lists it: name of the file, and content."""
        listed = self._trusted.snapshot.meta.get(f"{role}.json")
        if listed is None:
            raise PeerError("metadata-mismatch", f"{self._url}: the snapshot does not list {role}")
        name = f"{listed.version}.{quote(role, '')}.json"
        return name, await self._named(name, listed, CAPS[TARGETS])

    def _accept_targets(self, role: str, delegator: str, name: str, content: bytes) -> None:
        self._accept(name, content, lambda data: self._trusted.update_delegated_targets(data, role, delegator))

    async def _named(self, name: str, listed: MetaFile, cap: int) -> bytes:
        """A file as what is signed names it: the one that is held, if it is the very same."""
        content = self._last._files.get(name) if self._last is not None else None
        if content is None or not _is(content, listed):
            content = await self._there(name, self._announced(name, listed, cap))
        self._files[name] = content
        return content

    def _announced(self, name: str, listed: MetaFile, cap: int) -> int:
        """How long a file may be; whoever announces more than any may have, with however good a key, is refused."""
        length = cap if listed.length is None else listed.length
        if length > cap:
            raise PeerError("metadata-oversized", f"{self._url}/{name}: more than {cap} bytes are announced")
        return length

    async def _there(self, name: str, limit: int) -> bytes:
        """A file that must be there."""
        content = await self._fetch(name, limit)
        if content is None:
            raise PeerError("metadata-missing", f"{self._url}/{name}: there is no such file")
        return content

    async def _fetch(self, name: str, limit: int) -> bytes | None:
        content = await self._get(f"{self._url}/{name}", limit)
        if content is not None and len(content) > limit:
            raise PeerError("metadata-oversized", f"{self._url}/{name}: {len(content)} bytes, {limit} at most")
        return content

    def _accept(self, name: str, content: bytes, accept: Callable[[bytes], object]) -> None:
        with refusals(f"{self._url}/{name}", self._trusted):
            accept(content)


def _target(target: TargetFile) -> Target:
    custom = target.custom if isinstance(target.custom, dict) else {}
    return Target(target.path, target.length, dict(target.hashes), custom)


def _role(signed: Signed, role: Role) -> VerifiedRole:
    return VerifiedRole(signed.version, tuple(sorted(role.keyids)), role.threshold, signed.expires)


def _copied(trusted: TrustedMetadataSet) -> TrustedMetadataSet:
    """One that may take in more, while what it has in common with the other is read only."""
    copied = copy(trusted)
    vars(copied).update({name: copy(each) for name, each in vars(trusted).items() if isinstance(each, dict | set)})
    return copied


def _is(content: bytes, listed: MetaFile) -> bool:
    """Whether these are the bytes that are meant; without a hash nobody knows."""
    try:
        listed.verify_length_and_hashes(content)
    except LengthOrHashMismatchError:
        return False
    return bool(listed.hashes)
