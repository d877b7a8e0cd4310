"""What both repositories have in common: a root with its roles' keys, and signed states of targets below it.

Files are published in an order in which no reader ever sees half a state: targets, snapshot, and the timestamp that
names them last (TUF 6.2, consistent snapshots).
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from msgspec import Struct
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Role, Root, Signed, Snapshot, Targets, Timestamp

from pcm_agent.errors import LocalError, PeerError
from pcm_agent.trust.metadata import ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from simulator.repository.keys import KeyRing
from simulator.repository.store import Store

S = TypeVar("S", bound=Signed)

OFFLINE_LIFE = timedelta(days=365)
"""How long what offline keys sign is good for."""
ONLINE_LIFE: Mapping[str, timedelta] = {
    TIMESTAMP: timedelta(days=1),
    SNAPSHOT: timedelta(days=7),
    TARGETS: timedelta(days=7),
}
"""The same for online keys; it is signed anew when half of it is over."""
_KEPT_VERSIONS = 8
"""So many versions stay, the newest among them, for cars that are in the middle of a check."""


class RoleKeys(Struct, frozen=True):
    """How many keys a role has, how many of them must sign, and where they are kept."""

    count: int
    threshold: int
    offline: bool


class State(Struct, frozen=True):
    """What a timestamp names, or nothing yet: version numbers by file, as MetaFiles of TUF."""

    timestamp: int = 0
    snapshot: int = 0
    listed: Mapping[str, MetaFile] = {}
    fresh_until: datetime = datetime.min.replace(tzinfo=UTC)

    def fresh_at(self, now: datetime) -> bool:
        """Whether timestamp and snapshot need not be signed anew yet."""
        return now < self.fresh_until


class Repository:
    """The root of a repository, its keys and its files.

    Args:
        name: the folder of its files in the store, and the first part of its keys' names.
        store: where its files are kept.
        keys: of its roles.
        roles: the four top-level ones.
    """

    def __init__(self, name: str, store: Store, keys: KeyRing, roles: Mapping[str, RoleKeys]) -> None:
        self.name, self.store, self.keys, self.roles = name, store, keys, roles

    def create(self, now: datetime) -> None:
        """Make the keys and the first root.

        Raises:
            LocalError: `repository-exists`.
            TransportError: `key-unwritable`, `repository-unwritable`.
        """
        if self._root_versions():
            where = self.store.where(f"{self.name}/1.root.json")
            raise LocalError("repository-exists", f"{where} is there already; take another folder")
        root = Root(version=1, expires=now + OFFLINE_LIFE, consistent_snapshot=True)
        for role in self.roles:
            self._give_keys(root, role)
        self._write_root(root, self._signers(root, ROOT))

    def rotate(self, role: str, now: datetime) -> None:
        """Replace all keys of a top-level role: root N + 1 is signed by the thresholds of N and N + 1 (TUF 6.1).

        What the role itself has signed must be signed anew by the caller.

        Raises:
            PeerError: `key-missing`, `key-wrong`: an offline key is not there; `repository-broken`.
            TransportError: as `create`.
        """
        root = self.root
        old = self._signers(root, ROOT)
        for key_id in list(root.roles[role].keyids):
            root.revoke_key(key_id, role)
        self._give_keys(root, role)
        self._write_next_root(root, old, now)

    def renew(self, now: datetime) -> None:
        """Sign the root anew before it expires, with the same keys.

        Raises:
            As `rotate`.
        """
        self._write_next_root(self.root, [], now)

    @property
    def root(self) -> Root:
        """The newest root.

        Raises:
            PeerError: `repository-broken`.
        """
        return self.load(f"{self.name}/{self._newest()}.root.json", Root)

    def root_bytes(self, version: int | None = None) -> bytes:
        """A root as a car is given it: the newest, or that of a version.

        Raises:
            PeerError: `repository-broken`.
        """
        return self._bytes(f"{self.name}/{version or self._newest()}.root.json")

    def online_keys(self) -> dict[str, str]:
        """The keys that a running backend signs with: id → role, with the repository's name.

        Raises:
            PeerError: `repository-broken`.
        """
        online = [role for role, keys in self.roles.items() if not keys.offline]
        return {key_id: f"{self.name}/{role}" for role in online for key_id in self.root.roles[role].keyids}

    def sign(self, role: str, signed: Signed) -> bytes:
        """Metadata with the signatures of all keys of a top-level role."""
        return signed_by(self._signers(self.root, role), signed)

    def state(self, base: str) -> State:
        """What the timestamp below `base` names.

        Raises:
            PeerError: `repository-broken`.
        """
        timestamp = self.load(f"{base}/timestamp.json", Timestamp)
        version = timestamp.snapshot_meta.version
        name = f"{base}/{version}.snapshot.json"
        if self.store.read(name) is None:
            where = self.store.where(f"{base}/timestamp.json")
            raise _broken(where, f"it names {self.store.where(name)}, which is missing")
        snapshot = self.load(name, Snapshot)
        due = min(timestamp.expires - ONLINE_LIFE[TIMESTAMP] / 2, snapshot.expires - ONLINE_LIFE[SNAPSHOT] / 2)
        listed = {name.removesuffix(".json"): meta for name, meta in snapshot.meta.items()}
        return State(timestamp.version, version, listed, due)

    def files(self, base: str, state: State, *roles: str) -> list[str]:
        """The files that say what a state is: timestamp, snapshot, and those of some targets roles."""
        listed = [f"{base}/{state.listed[role].version}.{role}.json" for role in roles]
        return [f"{base}/timestamp.json", f"{base}/{state.snapshot}.snapshot.json", *listed]

    def targets(self, base: str, role: str, state: State) -> Targets:
        """The metadata of a targets role in a state.

        Raises:
            PeerError: `repository-broken`.
        """
        if role not in state.listed:
            raise _broken(self.store.where(f"{base}/{state.snapshot}.snapshot.json"), f"it does not list {role}")
        return self.load(f"{base}/{state.listed[role].version}.{role}.json", Targets)

    def publish(self, base: str, state: State, changed: Mapping[str, tuple[int, bytes]], now: datetime) -> None:
        """Write the next state: some targets roles as version and signed bytes, then snapshot and timestamp.

        Raises:
            TransportError: `repository-unwritable`: the state before it is still the one in force.
        """
        for role, (version, content) in changed.items():
            self.store.write(f"{base}/{version}.{role}.json", content)
        listed = dict(state.listed) | {role: _meta(*change) for role, change in changed.items()}
        version = state.snapshot + 1
        meta = {f"{role}.json": listed[role] for role in sorted(listed)}
        snapshot = self.sign(SNAPSHOT, Snapshot(version=version, expires=now + ONLINE_LIFE[SNAPSHOT], meta=meta))
        self.store.write(f"{base}/{version}.snapshot.json", snapshot)
        timestamp = Timestamp(
            version=state.timestamp + 1,
            expires=now + ONLINE_LIFE[TIMESTAMP],
            snapshot_meta=_meta(version, snapshot),
        )
        self.store.write(f"{base}/timestamp.json", self.sign(TIMESTAMP, timestamp))
        for role, newest in ((SNAPSHOT, version), *((role, change[0]) for role, change in changed.items())):
            self.store.remove(f"{base}/{newest - _KEPT_VERSIONS}.{role}.json")

    def load(self, name: str, kind: type[S]) -> S:
        """The signed part of a metadata file of our own.

        Raises:
            PeerError: `repository-broken`: says which file, and what to do.
        """
        content = self._bytes(name)
        try:
            signed = Metadata[Any].from_bytes(content).signed
        except RepositoryError as error:
            raise _broken(self.store.where(name), "it is no metadata") from error
        if not isinstance(signed, kind):
            raise _broken(self.store.where(name), f"it is metadata of the role {signed.type}, not {kind.type}")
        return signed

    def _bytes(self, name: str) -> bytes:
        content = self.store.read(name)
        if content is None:
            raise _broken(self.store.where(name), "it is missing")
        return content

    def _root_versions(self) -> list[int]:
        names = (name.removesuffix(".root.json") for name in self.store.names(self.name) if name.endswith(".root.json"))
        return sorted(int(name) for name in names if name.isdecimal())

    def _newest(self) -> int:
        return max(self._root_versions(), default=1)

    def _give_keys(self, root: Root, role: str) -> None:
        wanted = self.roles[role]
        root.roles[role] = Role([], wanted.threshold)
        for _ in range(wanted.count):
            root.add_key(self.keys.make(f"{self.name}/{role}", offline=wanted.offline).public_key, role)

    def _signers(self, root: Root, role: str) -> list[CryptoSigner]:
        return [self.keys.signer(key_id, f"{self.name}/{role}") for key_id in root.roles[role].keyids]

    def _write_next_root(self, root: Root, old: Iterable[CryptoSigner], now: datetime) -> None:
        root.version += 1
        root.expires = now + OFFLINE_LIFE
        self._write_root(root, [*old, *self._signers(root, ROOT)])

    def _write_root(self, root: Root, signers: Iterable[CryptoSigner]) -> None:
        self.store.write(f"{self.name}/{root.version}.root.json", signed_by(signers, root))


def signed_by(signers: Iterable[CryptoSigner], signed: Signed) -> bytes:
    """Metadata with signatures, each key once."""
    metadata = Metadata[Any](signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def content_hashes(content: bytes) -> dict[str, str]:
    """The hashes of a file as metadata names them."""
    return {"sha256": hashlib.sha256(content).hexdigest()}


def _meta(version: int, content: bytes) -> MetaFile:
    return MetaFile(version, len(content), content_hashes(content))


def _broken(where: str, what: str) -> PeerError:
    return PeerError("repository-broken", f"{where}: {what}; restore it from a copy, or make new repositories")
