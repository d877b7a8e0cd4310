"""The Image repository: every image that there is, each signed with an offline key of its function (Uptane 5.3.1)."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, cast

import msgspec
from msgspec import Struct
from securesystemslib.signer import Key
from tuf.api.metadata import DelegatedRole, Delegations, TargetFile, Targets

from pcm_agent.errors import LocalError, PeerError
from pcm_agent.trust.images import Delta, ImageCustom, image_url
from pcm_agent.trust.metadata import ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from simulator.repository.fresh import FreshStates
from simulator.repository.keys import KeyRing
from simulator.repository.signing import OFFLINE_LIFE, Repository, RoleKeys, State, content_hashes, signed_by
from simulator.repository.store import Store, alone

NAME = "image"
IMAGES = "images"
"""Folder of the images themselves."""
ROLES: Mapping[str, RoleKeys] = {
    ROOT: RoleKeys(3, 2, offline=True),
    TARGETS: RoleKeys(2, 2, offline=True),
    SNAPSHOT: RoleKeys(1, 1, offline=False),
    TIMESTAMP: RoleKeys(1, 1, offline=False),
}
FUNCTION = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")


class Release(Struct, frozen=True):
    """An image of the repository; `path` is its name there."""

    path: str
    length: int
    sha256: str
    custom: ImageCustom


class ImageRepository:
    """Makes, keeps and signs what there is.

    Args:
        store: where its files are kept.
        keys: of its roles and functions.
    """

    def __init__(self, store: Store, keys: KeyRing) -> None:
        self.repository = Repository(NAME, store, keys, ROLES)
        """The root and the files."""
        self.store, self._keys, self._fresh = store, keys, FreshStates(store)

    @alone
    def create(self, now: datetime) -> None:
        """Make keys, a root, and an empty state.

        Raises:
            LocalError: `repository-exists`.
            TransportError: `key-unwritable`, `repository-unwritable`.
        """
        self.repository.create(now)
        targets = Targets(version=1, expires=now + OFFLINE_LIFE, delegations=Delegations({}, {}))
        self._publish(State(), {TARGETS: (1, self.repository.sign(TARGETS, targets))}, now)

    @alone
    def add(
        self,
        function: str,
        version: str,
        content: bytes,
        now: datetime,
        *,
        release_counter: int,
        hardware_ids: Sequence[str],
        preconditions: Sequence[str] = (),
        deltas: Mapping[str, bytes] | None = None,
    ) -> Release:
        """Sign a release of a function; the first one makes its delegation.

        Args:
            function: its name, which becomes the folder of its images.
            version: the release's name.
            content: of the image.
            now: trusted time (UTC).
            release_counter: must be higher than that of any release before.
            hardware_ids: what it may be installed on.
            preconditions: of its installation, besides those of every function.
            deltas: SHA-256 of an older image → what makes this one out of it.

        Raises:
            LocalError: `name-unusable`, `image-empty`, `counter-not-higher`, `release-exists`.
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `key-unwritable`, `repository-unwritable`.
        """
        _check_names(function, version, content)
        state = self.repository.state(NAME)
        top = self.repository.targets(NAME, TARGETS, state)
        role = self.repository.targets(NAME, function, state) if function in state.listed else _no_targets_yet()
        path = f"{function}/{version}.pkg"
        _check_new(role, path, release_counter)
        made = [self._delta(f"{path}.from-{base[:12]}", base, delta) for base, delta in (deltas or {}).items()]
        custom = ImageCustom(
            function=function,
            version=version,
            hardware_ids=tuple(hardware_ids),
            release_counter=release_counter,
            preconditions=tuple(preconditions),
            deltas=tuple(delta for delta, _ in made),
        )
        target = TargetFile(len(content), content_hashes(content), path, {"custom": msgspec.to_builtins(custom)})
        role.targets |= {path: target} | {file.path: file for _, file in made}
        self.store.write(_content_name(target), content)
        changed = {} if function in state.listed else {TARGETS: self._delegate(top, function, now)}
        self._publish(state, changed | {function: self._next(function, role, top, now)}, now)
        return _release(target)

    def releases(self) -> list[Release]:
        """All images that are no deltas, by function and release counter.

        Raises:
            PeerError: `repository-broken`.
        """
        state = self.repository.state(NAME)
        functions = [self.repository.targets(NAME, role, state) for role in sorted(state.listed) if role != TARGETS]
        targets = [target for role in functions for target in role.targets.values() if target.custom]
        return sorted(map(_release, targets), key=lambda release: (release.custom.function, _counter(release)))

    def release(self, function: str, version: str | None = None) -> Release:
        """A function's newest release, or that of a version.

        Raises:
            LocalError: `release-unknown`.
            PeerError: `repository-broken`.
        """
        found = [
            release
            for release in self.releases()
            if release.custom.function == function and version in (None, release.custom.version)
        ]
        if not found:
            named = function if version is None else f"{function} {version}"
            raise LocalError("release-unknown", f"the Image repository has no {named}")
        return found[-1]

    def content(self, release: Release) -> bytes:
        """The image itself.

        Raises:
            PeerError: `repository-broken`: it is not there.
        """
        content = self.store.read(image_url(IMAGES, release.path, release.sha256))
        if content is None:
            raise PeerError("repository-broken", f"the image of {release.path} is not there")
        return content

    def refresh(self, now: datetime, *, force: bool = False) -> bool:
        """Sign timestamp and snapshot anew if half of their life is over, or by force; whether it was done."""
        return (force or not self._fresh.holds(NAME, now)) and self._refresh(now, force=force)

    @alone
    def _refresh(self, now: datetime, *, force: bool) -> bool:
        state = self.repository.state(NAME)
        if not force and state.fresh_at(now):
            self._fresh.keep(NAME, self.repository.files(NAME, state), state.fresh_until)
            return False
        self._publish(state, {}, now)
        return True

    @alone
    def rotate(self, role: str, now: datetime) -> None:
        """Replace the keys of a top-level role, or of a function's delegation, and sign anew what they had signed.

        Raises:
            LocalError: `role-unknown`.
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `key-unwritable`, `repository-unwritable`.
        """
        state = self.repository.state(NAME)
        top = self.repository.targets(NAME, TARGETS, state)
        if role in ROLES:
            self.repository.rotate(role, now)
            self._publish(state, {TARGETS: self._next_top(top, now)} if role == TARGETS else {}, now)
        elif role in state.listed:
            function = self.repository.targets(NAME, role, state)
            changed = {TARGETS: self._delegate(top, role, now)}
            self._publish(state, changed | {role: self._next(role, function, top, now)}, now)
        else:
            known = ", ".join((*ROLES, *sorted(state.listed.keys() - {TARGETS})))
            raise LocalError("role-unknown", f"the Image repository has no role {role}; it has {known}")

    @alone
    def renew(self, now: datetime) -> None:
        """Sign anew all that offline keys have signed, with the same keys.

        Raises:
            PeerError: `repository-broken`, `key-missing`, `key-wrong`.
            TransportError: `repository-unwritable`.
        """
        self.repository.renew(now)
        state = self.repository.state(NAME)
        top = self.repository.targets(NAME, TARGETS, state)
        changed = {
            function: self._next(function, self.repository.targets(NAME, function, state), top, now)
            for function in sorted(state.listed.keys() - {TARGETS})
        }
        self._publish(state, changed | {TARGETS: self._next_top(top, now)}, now)

    def _publish(self, state: State, changed: Mapping[str, tuple[int, bytes]], now: datetime) -> None:
        self.repository.publish(NAME, state, changed, now)

    def _delta(self, path: str, base: str, content: bytes) -> tuple[Delta, TargetFile]:
        file = TargetFile(len(content), content_hashes(content), path)
        self.store.write(_content_name(file), content)
        return Delta(base_sha256=base, path=path, length=len(content), sha256=file.hashes["sha256"]), file

    def _delegate(self, top: Targets, function: str, now: datetime) -> tuple[int, bytes]:
        """Delegate a function's folder to a new key, in place of any older one."""
        delegations = _delegations(top)
        key = self._keys.make(f"{NAME}/{function}", offline=True).public_key
        old = delegations.roles.get(function)
        for key_id in old.keyids if old else ():
            del delegations.keys[key_id]
        delegations.keys[key.keyid] = key
        delegations.roles[function] = DelegatedRole(function, [key.keyid], 1, True, paths=[f"{function}/*"])
        return self._next_top(top, now)

    def _next_top(self, top: Targets, now: datetime) -> tuple[int, bytes]:
        top.version += 1
        top.expires = now + OFFLINE_LIFE
        return top.version, self.repository.sign(TARGETS, top)

    def _next(self, function: str, role: Targets, top: Targets, now: datetime) -> tuple[int, bytes]:
        role.version += 1
        role.expires = now + OFFLINE_LIFE
        key_ids = _delegations(top).roles[function].keyids
        return role.version, signed_by([self._keys.signer(key_id, f"{NAME}/{function}") for key_id in key_ids], role)


class _Delegations(Protocol):
    """What the top-level targets hold, in the form that is used here: one role a function."""

    keys: dict[str, Key]
    roles: dict[str, DelegatedRole]


def _delegations(top: Targets) -> _Delegations:
    if top.delegations is None or top.delegations.roles is None:
        raise PeerError("repository-broken", "the top-level targets of the Image repository hold no delegations")
    return cast("_Delegations", top.delegations)


def _no_targets_yet() -> Targets:
    targets = Targets()
    targets.version = 0  # becomes 1 when it is signed
    return targets


def _check_names(function: str, version: str, content: bytes) -> None:
    if FUNCTION.fullmatch(function) is None or function in ROLES:
        raise LocalError("name-unusable", f"{function!r} is no name of a function: lower-case letters, digits, - and .")
    if VERSION.fullmatch(version) is None:
        raise LocalError("name-unusable", f"{version!r} is no version: letters, digits and . _ + -")
    if not content:
        raise LocalError("image-empty", f"the image of {function} {version} has no bytes")


def _check_new(role: Targets, path: str, counter: int) -> None:
    if path in role.targets:
        raise LocalError("release-exists", f"{path} is there already; a release never changes")
    highest = max((_counter(_release(target)) for target in role.targets.values() if target.custom), default=-1)
    if counter <= highest:
        raise LocalError("counter-not-higher", f"{path}: release counter {counter} is not higher than {highest}")


def _content_name(target: TargetFile) -> str:
    return image_url(IMAGES, target.path, target.hashes["sha256"])


def _release(target: TargetFile) -> Release:
    custom = msgspec.convert(target.custom, ImageCustom)
    return Release(target.path, target.length, target.hashes["sha256"], custom)


def _counter(release: Release) -> int:
    return release.custom.release_counter
